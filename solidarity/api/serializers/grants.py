"""A grant with its places and allocations; read alone, with its whole file. Amounts in EUR."""

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from cooperation.api.serializers.money import amount
from core.api.serializers import Reference, StrictSerializer
from core.api.verbs import MissingSerializer
from partnerships.models import Deliberation
from solidarity import models
from solidarity.api.serializers.parts import (
    GRANT_EXPANDABLE,
    AllocationSerializer,
    GrantPlaceSerializer,
    GrantSummarySerializer,
    PersonName,
    PieceSerializer,
)
from solidarity.api.serializers.payments import (
    FinancialReportSerializer,
    GrantAgreementSerializer,
    PaymentSerializer,
)

GRANT = {
    "title_fr": "Accès à l'eau à Ville-Exemple",
    "beneficiary": 12,
    "year": 2015,
    "theme": 3,
    "received_on": "2015-01-12",
    "amount_asked": "60000.00",
}


@extend_schema_serializer(examples=[OpenApiExample("An application", value=GRANT, request_only=True)])
class GrantSerializer(GrantSummarySerializer):
    instructed_by = PersonName("instructed_by")
    approved_by = PersonName("approved_by")
    places = GrantPlaceSerializer(many=True, read_only=True)
    allocations = AllocationSerializer(many=True, read_only=True)
    paid = amount("EUR paid so far.")

    class Meta(GrantSummarySerializer.Meta):
        fields = (
            *GrantSummarySerializer.Meta.fields,
            "instructed_by",
            "approved_by",
            "places",
            "allocations",
            "paid",
        )
        expandable = GRANT_EXPANDABLE


@extend_schema_serializer(examples=[OpenApiExample("An application", value=GRANT, request_only=True)])
class GrantDetailSerializer(GrantSerializer):
    pieces = PieceSerializer(many=True, read_only=True)
    agreement = GrantAgreementSerializer(read_only=True, allow_null=True)
    payments = PaymentSerializer(many=True, read_only=True)
    reports = FinancialReportSerializer(many=True, read_only=True)

    class Meta(GrantSerializer.Meta):
        fields = (*GrantSerializer.Meta.fields, "pieces", "agreement", "payments", "reports")


class GrantGateSerializer(serializers.Serializer):
    """A step ahead of the file; nothing missing = it may happen."""

    verb = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the base class has an attribute of this name
    missing = MissingSerializer(many=True)


class VoteSessionSerializer(StrictSerializer):
    """One deliberation and the grants that it votes."""

    deliberation = Reference(queryset=Deliberation.objects.all())
    grants = Reference(many=True, queryset=models.Grant.objects.all(), allow_empty=False)
    reason = serializers.CharField(
        required=False, allow_blank=True, max_length=500, help_text="Why; kept in each record's history."
    )

    class Meta:
        model = models.Grant
        fields = ("deliberation", "grants", "reason")

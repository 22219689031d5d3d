"""What follows the vote: the grant agreement with its instalments, payments, reports, published accounts. EUR."""

from django.db.models import Case, DecimalField, ExpressionWrapper, F, Q, When
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from core.api import sqljson
from core.api.serializers import RecordSerializer
from partnerships.api.serializers import OrganisationSerializer
from solidarity import models
from solidarity.api.serializers.parts import AllocationSerializer, GrantSummarySerializer


class GrantAgreementSummarySerializer(RecordSerializer):
    class Meta:
        model = models.GrantAgreement
        fields: tuple[str, ...] = ("grant", "number", "signed_on", "conditions", "allows_regranting")


class InstalmentSerializer(RecordSerializer):
    class Meta:
        model = models.Instalment
        fields = ("agreement", "number", "amount", "due_on", "condition")
        expandable = {"agreement": GrantAgreementSummarySerializer}


class GrantAgreementSerializer(GrantAgreementSummarySerializer):
    instalments = InstalmentSerializer(many=True, read_only=True)

    class Meta(GrantAgreementSummarySerializer.Meta):
        fields = (*GrantAgreementSummarySerializer.Meta.fields, "instalments")
        expandable = {"grant": GrantSummarySerializer}


PAYMENT = {
    "grant": 7,
    "allocation": 9,
    "instalment": 4,
    "paid_on": "2015-04-01",
    "amount": "40000.00",
    "reference": "MANDAT-2015-123",
}


@extend_schema_serializer(examples=[OpenApiExample("A payment", value=PAYMENT, request_only=True)])
class PaymentSerializer(RecordSerializer):
    class Meta:
        model = models.Payment
        fields = ("grant", "allocation", "instalment", "paid_on", "amount", "reference")
        expandable = {
            "grant": GrantSummarySerializer,
            "allocation": AllocationSerializer,
            "instalment": InstalmentSerializer,
        }


class FinancialReportSummarySerializer(RecordSerializer):
    class Meta:
        model = models.FinancialReport
        fields: tuple[str, ...] = ("grant", "year", "due_on", "received_on", "accepted_on", "note")


class Variance(serializers.DecimalField):
    def expression(self):
        """The same for `core.api.sqljson`."""
        return sqljson.amount(F("actual") - F("budget"), 2)


class VariancePercent(serializers.DecimalField):
    def expression(self):
        """The same for `core.api.sqljson`."""
        share = ExpressionWrapper(100 * (F("actual") - F("budget")) / F("budget"), DecimalField())
        return Case(When(~Q(budget=0), then=sqljson.amount(share, 1)))


class ReportLineSerializer(RecordSerializer):
    variance = Variance(18, 2, read_only=True, help_text="EUR: actual less budget.")
    variance_percent = VariancePercent(
        20, 1, read_only=True, allow_null=True, help_text="In % of the budget; null where nothing was budgeted."
    )

    class Meta:
        model = models.ReportLine
        fields = ("report", "label", "budget", "actual", "variance", "variance_percent")
        expandable = {"report": FinancialReportSummarySerializer}


class FinancialReportSerializer(FinancialReportSummarySerializer):
    lines = ReportLineSerializer(many=True, read_only=True)

    class Meta(FinancialReportSummarySerializer.Meta):
        fields = (*FinancialReportSummarySerializer.Meta.fields, "lines")
        expandable = {"grant": GrantSummarySerializer}


class PublicAccountsSerializer(RecordSerializer):
    class Meta:
        model = models.PublicAccounts
        fields = ("organisation", "year", "approved_on", "published_on")
        expandable = {"organisation": OrganisationSerializer}

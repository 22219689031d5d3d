"""Funds, what bounds them, and their yearly envelopes. Sums are in EUR."""

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from cooperation.api.serializers.money import amount
from core.api.serializers import RecordSerializer
from partnerships.api.serializers import DeliberationSerializer
from solidarity import models, selectors


class FundSummarySerializer(RecordSerializer):
    class Meta:
        model = models.Fund
        fields: tuple[str, ...] = ("slug", "name_fr", "name_en", "kind", "legal_basis", "purpose_fr", "purpose_en")


class FundServiceSerializer(RecordSerializer):
    class Meta:
        model = models.FundService
        fields = ("fund", "slug", "name_fr", "name_en")
        expandable = {"fund": FundSummarySerializer}


class FundParameterSerializer(RecordSerializer):
    class Meta:
        model = models.FundParameter
        fields = ("fund", "kind", "value", "since", "until")
        expandable = {"fund": FundSummarySerializer}


class FundSerializer(FundSummarySerializer):
    services = FundServiceSerializer(many=True, read_only=True)
    parameters = FundParameterSerializer(many=True, read_only=True)

    class Meta(FundSummarySerializer.Meta):
        fields = (*FundSummarySerializer.Meta.fields, "services", "parameters")


class PathYearSerializer(serializers.Serializer):
    """A year of a fund's path: what was planned, what was committed and paid."""

    year = serializers.IntegerField()
    target = amount("EUR; null where none is stated.", allow_null=True)
    committed = amount("EUR; null where the fund has no envelope for the year.", allow_null=True)
    paid = amount("EUR; null where the fund has no envelope for the year.", allow_null=True)


class LegalThresholdSerializer(RecordSerializer):
    class Meta:
        model = models.LegalThreshold
        fields = ("kind", "value", "since", "until", "legal_basis")


class EnvelopeSummarySerializer(RecordSerializer):
    class Meta:
        model = models.Envelope
        fields: tuple[str, ...] = (
            "fund",
            "year",
            "commitment_authorised",
            "payment_credits",
            "deliberation",
            "note",
        )


ENVELOPE = {"fund": 1, "year": 2015, "commitment_authorised": "100000.00", "payment_credits": "80000.00"}


@extend_schema_serializer(examples=[OpenApiExample("An envelope", value=ENVELOPE, request_only=True)])
class EnvelopeSerializer(EnvelopeSummarySerializer):
    committed = amount("EUR that voted grants take of AE.")
    proposed = amount("EUR that grants proposed to the Council would take of it.")
    paid = amount("EUR that the fund paid in the year, whatever year committed it.")
    left_to_commit = amount("AE less what is committed.")
    left_to_pay = amount("CP less what is paid.")

    class Meta(EnvelopeSummarySerializer.Meta):
        fields = (
            *EnvelopeSummarySerializer.Meta.fields,
            "committed",
            "proposed",
            "paid",
            "left_to_commit",
            "left_to_pay",
        )
        expandable = {"fund": FundSummarySerializer, "deliberation": DeliberationSerializer}


class HeadroomSerializer(serializers.Serializer):
    """What a service may still bear in the year of an envelope: each one apart, never pooled (CGCT L1115-1-1)."""

    service = FundServiceSerializer()
    own_resources = amount("EUR; null where they are not recorded.", allow_null=True)
    rate = serializers.DecimalField(
        5, 2, read_only=True, allow_null=True, help_text="The ceiling of today in % of them; null where none holds."
    )
    ceiling = amount("EUR; null where the resources or the rate are.", allow_null=True)
    committed = amount("EUR.")
    left = amount("The ceiling less what is committed; null where there is no ceiling.", allow_null=True)


@extend_schema_serializer(examples=[OpenApiExample("An envelope", value=ENVELOPE, request_only=True)])
class EnvelopeDetailSerializer(EnvelopeSerializer):
    headroom = serializers.SerializerMethodField(help_text="By service; empty where the fund is no share of services.")

    class Meta(EnvelopeSerializer.Meta):
        fields = (*EnvelopeSerializer.Meta.fields, "headroom")

    def get_headroom(self, envelope) -> HeadroomSerializer(many=True):  # type: ignore[valid-type]  # what the document reads
        found = selectors.funds.headroom(self.context["request"].user, envelope)
        return HeadroomSerializer(found, many=True).data


class FundDetailSerializer(FundSerializer):
    envelopes = EnvelopeSerializer(
        many=True, read_only=True, source="found_envelopes", help_text="The latest year first."
    )

    class Meta(FundSerializer.Meta):
        fields = (*FundSerializer.Meta.fields, "envelopes")


class ResourceBaseSerializer(RecordSerializer):
    class Meta:
        model = models.ResourceBase
        fields = ("envelope", "service", "own_resources")
        expandable = {"envelope": EnvelopeSummarySerializer, "service": FundServiceSerializer}


class DeclaredAidSerializer(RecordSerializer):
    class Meta:
        model = models.DeclaredAid
        fields = ("slug", "label_fr", "label_en", "amount", "basis", "year", "reference", "fund")
        expandable = {"fund": FundSummarySerializer}

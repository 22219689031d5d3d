"""Honours and residencies as the public knows them."""

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer

from core.api.serializers import RecordSerializer
from partnerships.api.serializers import (
    SINCE,
    UNTIL,
    CouncilGroupSerializer,
    DeliberationSerializer,
    NetworkSummarySerializer,
    OrganisationSerializer,
)
from solidarity import models


class ResidencyProgrammeSummarySerializer(RecordSerializer):
    class Meta:
        model = models.ResidencyProgramme
        fields: tuple[str, ...] = (
            "slug",
            "name_fr",
            "name_en",
            "kind",
            "network",
            "volume_per_year",
            "volume_is_about",
            "duration_months",
            *SINCE,
            "audience_fr",
            "audience_en",
            "note_fr",
            "note_en",
        )


class ProgrammeHostSerializer(RecordSerializer):
    class Meta:
        model = models.ProgrammeHost
        fields = ("programme", "organisation")
        expandable = {"programme": ResidencyProgrammeSummarySerializer, "organisation": OrganisationSerializer}


class ResidencyProgrammeSerializer(ResidencyProgrammeSummarySerializer):
    hosts = ProgrammeHostSerializer(many=True, read_only=True)

    class Meta(ResidencyProgrammeSummarySerializer.Meta):
        fields = (*ResidencyProgrammeSummarySerializer.Meta.fields, "hosts")
        expandable = {"network": NetworkSummarySerializer}


class ResidencySerializer(RecordSerializer):
    class Meta:
        model = models.Residency
        fields = (
            "programme",
            "resident",
            "host",
            "discipline",
            *SINCE,
            *UNTIL,
            "support_fr",
            "support_en",
            "follow_up_fr",
            "follow_up_en",
        )
        expandable = {"programme": ResidencyProgrammeSummarySerializer, "host": OrganisationSerializer}


class HonourSummarySerializer(RecordSerializer):
    class Meta:
        model = models.Honour
        fields: tuple[str, ...] = (
            "reference",
            "kind",
            "stage",
            "closed_reason",
            "recipient",
            "organisation",
            "year",
            "exceptional",
            "why_fr",
            "why_en",
            "nominated_on",
            "examined_on",
            "opinion_fr",
            "foreign_policy",
            "legal_opinion",
            "deliberation",
            "awarded_on",
            "awarded_on_precision",
            "follow_up_fr",
            "follow_up_en",
        )


class CommissionOpinionSerializer(RecordSerializer):
    class Meta:
        model = models.CommissionOpinion
        fields = ("honour", "group", "opinion", "note")
        expandable = {"honour": HonourSummarySerializer, "group": CouncilGroupSerializer}


HONOUR = {
    "kind": "honorary-citizenship",
    "recipient": "Exemple Inventée",
    "year": 2015,
    "why_fr": "Défense des libertés",
    "nominated_on": "2015-05-04",
}


@extend_schema_serializer(examples=[OpenApiExample("A nomination", value=HONOUR, request_only=True)])
class HonourSerializer(HonourSummarySerializer):
    opinions = CommissionOpinionSerializer(many=True, read_only=True)

    class Meta(HonourSummarySerializer.Meta):
        fields = (*HonourSummarySerializer.Meta.fields, "opinions")
        expandable = {"organisation": OrganisationSerializer, "deliberation": DeliberationSerializer}

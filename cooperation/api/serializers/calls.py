"""The funding watch: programmes, calls, what they match, and applications."""

from datetime import date

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from cooperation import models
from cooperation.api.serializers.money import FundingLineSummarySerializer
from cooperation.api.serializers.parts import ProjectSummarySerializer
from cooperation.api.serializers.reference import ThemeSerializer
from cooperation.enums import CallState
from cooperation.selectors.calls import started_by
from core.api.serializers import RecordSerializer
from core.api.verbs import MissingSerializer
from partnerships.api.serializers import CountrySummarySerializer, DeliberationSerializer, OrganisationSerializer


class FundingProgrammeSerializer(RecordSerializer):
    class Meta:
        model = models.FundingProgramme
        fields = (
            "slug",
            "name_fr",
            "name_en",
            "funder",
            "kind",
            "min_contribution",
            "max_contribution",
            "min_partners_share",
            "gates",
            "description_fr",
            "description_en",
            "website",
        )
        expandable = {"funder": OrganisationSerializer}


class FundingCallSummarySerializer(RecordSerializer):
    class Meta:
        model = models.FundingCall
        fields: tuple[str, ...] = (
            "identifier",
            "title_fr",
            "title_en",
            "programme",
            "published_status",
            "opens_on",
            "deadline_model",
            "deadlines",
            "last_deadline",
            "withdrawn_on",
            "call_budget",
            "topic_budget",
            "min_contribution",
            "max_contribution",
            "cofunding_rate",
            "min_partners_share",
            "min_partners",
            "country_scope",
            "gates",
            "keywords",
            "conditions_fr",
            "conditions_en",
            "url",
        )


class CallThemeSerializer(RecordSerializer):
    class Meta:
        model = models.CallTheme
        fields = ("call", "theme")
        expandable = {"call": FundingCallSummarySerializer, "theme": ThemeSerializer}


class CallCountrySerializer(RecordSerializer):
    class Meta:
        model = models.CallCountry
        fields = ("call", "country")
        expandable = {"call": FundingCallSummarySerializer, "country": CountrySummarySerializer}


CALL = {
    "identifier": "EXAMPLE-2016-1",
    "title_fr": "Appel d'exemple",
    "programme": 3,
    "deadline_model": "multiple-cut-off",
    "deadlines": ["2015-12-01", "2016-06-01"],
    "cofunding_rate": "75.00",
    "country_scope": "dac",
    "gates": ["aid-return"],
}


@extend_schema_serializer(examples=[OpenApiExample("A call", value=CALL, request_only=True)])
class FundingCallSerializer(FundingCallSummarySerializer):
    state = serializers.ChoiceField(choices=CallState.choices, read_only=True, help_text="Today.")
    next_deadline = serializers.DateField(
        read_only=True, allow_null=True, help_text="The first deadline today or later; null where all have passed."
    )
    council_by = serializers.SerializerMethodField(
        help_text="The last day to start the Council's file for the next deadline; null where no lead time is recorded."
    )
    fields = CallThemeSerializer(many=True, read_only=True)  # type: ignore[assignment]  # the base class has a property of this name
    places = CallCountrySerializer(many=True, read_only=True)

    class Meta(FundingCallSummarySerializer.Meta):
        fields = (
            *FundingCallSummarySerializer.Meta.fields,
            "state",
            "next_deadline",
            "council_by",
            "fields",
            "places",
        )
        expandable = {"programme": FundingProgrammeSerializer}

    def get_council_by(self, call) -> date | None:
        deadline = call.next_deadline()
        return deadline and started_by(deadline, self.context["view"].lead_days)


class MatchedProjectSerializer(RecordSerializer):
    class Meta:
        model = models.Project
        fields = ("reference", "title_fr", "title_en", "stage")


class MatchSerializer(serializers.Serializer):
    """A live project that the call could pay: why, and what is missing before it can apply."""

    project = MatchedProjectSerializer()
    reasons = serializers.ListField(child=serializers.CharField(), help_text="In the caller's language.")
    missing = MissingSerializer(many=True)


class FilingSerializer(RecordSerializer):
    class Meta:
        model = models.Filing
        fields = ("gate", "year", "funder", "filed_on", "reference")
        expandable = {"funder": OrganisationSerializer}


class ApplicationSerializer(RecordSerializer):
    partners_share = serializers.DecimalField(
        5, 2, read_only=True, allow_null=True, help_text="What others than the funder bear, in % of the whole cost."
    )

    class Meta:
        model = models.Application
        fields = (
            "call",
            "project",
            "directorate",
            "stage",
            "deadline",
            "total_cost",
            "amount_asked",
            "amount_obtained",
            "partners_share",
            "submitted_on",
            "decided_on",
            "decision_reason",
            "deliberation",
            "funding_line",
        )
        expandable = {
            "call": FundingCallSummarySerializer,
            "project": ProjectSummarySerializer,
            "directorate": OrganisationSerializer,
            "deliberation": DeliberationSerializer,
            "funding_line": FundingLineSummarySerializer,
        }

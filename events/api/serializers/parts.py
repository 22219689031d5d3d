"""What belongs to missions, delegations, events, meetings and promises. Emissions are in kg CO2e."""

from rest_framework import serializers

from cooperation.api.serializers.parts import ProjectSummarySerializer
from cooperation.api.serializers.reference import ThemeSerializer
from core.api.serializers import RecordSerializer
from core.api.views import SourceSerializer
from events import models
from events.api.serializers.occasions import (
    SUBJECTS,
    SUBJECTS_AND_MEETING,
    DelegationSummarySerializer,
    EventSummarySerializer,
    MeetingSummarySerializer,
    MissionSummarySerializer,
    PromiseSummarySerializer,
)
from partnerships.api.serializers import (
    AgreementSummarySerializer,
    AreaSerializer,
    CitySummarySerializer,
    CouncilGroupSerializer,
    CountrySummarySerializer,
    DeliberationSerializer,
    NetworkSummarySerializer,
    OrganisationSerializer,
    PersonSummarySerializer,
)
from solidarity.api.serializers.parts import GrantSummarySerializer


def kilograms(help_text: str, **kwargs) -> serializers.DecimalField:
    """A mass that is computed: its digits hold the longest trip with the most passengers."""
    return serializers.DecimalField(28, 2, read_only=True, help_text=help_text, **kwargs)


class ParticipantSerializer(RecordSerializer):
    class Meta:
        model = models.Participant
        fields = (
            *SUBJECTS_AND_MEETING,
            "role",
            "quality",
            "category",
            "person",
            "organisation",
            "city",
            "council_group",
            "all_groups",
            "description_fr",
            "description_en",
            "headcount",
            "mandate",
            "order_number",
            "ordered_on",
            "uncovered_reason",
        )
        expandable = {
            **SUBJECTS_AND_MEETING,
            "person": PersonSummarySerializer,
            "organisation": OrganisationSerializer,
            "city": CitySummarySerializer,
            "council_group": CouncilGroupSerializer,
            "mandate": DeliberationSerializer,
        }


class DestinationSerializer(RecordSerializer):
    class Meta:
        model = models.Destination
        fields = ("mission", "stage", "city", "country", "area", "arrives_on", "leaves_on")
        expandable = {
            "mission": MissionSummarySerializer,
            "city": CitySummarySerializer,
            "country": CountrySummarySerializer,
            "area": AreaSerializer,
        }


class EmissionFactorSerializer(RecordSerializer):
    class Meta:
        model = models.EmissionFactor
        fields = ("mode", "label_fr", "label_en", "kg_per_km", "valid_from", "valid_to", "source")
        expandable = {"source": SourceSerializer}


class LegSerializer(RecordSerializer):
    kg_co2e = kilograms("Distance x passengers x factor; null where one is not known.", allow_null=True)

    class Meta:
        model = models.Leg
        fields = (
            "mission",
            "mode",
            "origin",
            "destination",
            "leaves_on",
            "leaves_at",
            "arrives_at",
            "carrier",
            "distance_km",
            "passengers",
            "factor",
            "kg_co2e",
        )
        expandable = {"mission": MissionSummarySerializer, "factor": EmissionFactorSerializer}


class ProgrammePointSerializer(RecordSerializer):
    """A point of the programme as it stands inside the record that it belongs to."""

    class Meta:
        model = models.ProgrammeItem
        fields: tuple[str, ...] = (*SUBJECTS, "day", "starts_at", "ends_at", "what_fr", "what_en", "place")


class ProgrammeItemSerializer(ProgrammePointSerializer):
    class Meta(ProgrammePointSerializer.Meta):
        expandable = SUBJECTS


class MeetingNoteSerializer(RecordSerializer):
    class Meta:
        model = models.MeetingNote
        fields = ("meeting", "noted_on", "text", "audience")
        expandable = {"meeting": MeetingSummarySerializer}


class TieSerializer(RecordSerializer):
    class Meta:
        model = models.Tie
        fields = (
            *SUBJECTS_AND_MEETING,
            "promise",
            "city",
            "country",
            "network",
            "organisation",
            "project",
            "agreement",
            "grant",
        )
        expandable = {
            **SUBJECTS_AND_MEETING,
            "promise": PromiseSummarySerializer,
            "city": CitySummarySerializer,
            "country": CountrySummarySerializer,
            "network": NetworkSummarySerializer,
            "organisation": OrganisationSerializer,
            "project": ProjectSummarySerializer,
            "agreement": AgreementSummarySerializer,
            "grant": GrantSummarySerializer,
        }


class OutcomeSerializer(RecordSerializer):
    class Meta:
        model = models.Outcome
        fields = (
            *SUBJECTS,
            "what_fr",
            "what_en",
            "led_to_mission",
            "led_to_delegation",
            "led_to_event",
            "led_to_agreement",
            "led_to_project",
            "led_to_grant",
        )
        expandable = {
            **SUBJECTS,
            "led_to_mission": MissionSummarySerializer,
            "led_to_delegation": DelegationSummarySerializer,
            "led_to_event": EventSummarySerializer,
            "led_to_agreement": AgreementSummarySerializer,
            "led_to_project": ProjectSummarySerializer,
            "led_to_grant": GrantSummarySerializer,
        }


class ExpertiseSerializer(RecordSerializer):
    class Meta:
        model = models.Expertise
        fields = ("delegation", "what_fr", "what_en", "theme", "shown_by")
        expandable = {
            "delegation": DelegationSummarySerializer,
            "theme": ThemeSerializer,
            "shown_by": OrganisationSerializer,
        }


class PreconditionSerializer(RecordSerializer):
    class Meta:
        model = models.Precondition
        fields = ("event", "what_fr", "what_en", "met_on", "met_on_precision")
        expandable = {"event": EventSummarySerializer}


class BidStageSerializer(RecordSerializer):
    class Meta:
        model = models.BidStage
        fields = (
            "event",
            "title_fr",
            "title_en",
            "due_on",
            "due_on_precision",
            "passed_on",
            "passed_on_precision",
            "result_fr",
            "result_en",
        )
        expandable = {"event": EventSummarySerializer}


class CouncilSittingSerializer(RecordSerializer):
    class Meta:
        model = models.CouncilSitting
        fields = ("starts_on", "ends_on", "note_fr", "note_en")

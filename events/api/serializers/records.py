"""Missions, delegations, events, meetings and promises with their parts; a `...Detail` is a record read alone. Costs in EUR."""

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from cooperation.api.serializers.reference import ThemeSerializer
from core.api.serializers import RecordSerializer
from events.api.serializers.occasions import (
    SUBJECTS,
    SUBJECTS_AND_MEETING,
    DelegationSummarySerializer,
    EventSummarySerializer,
    MeetingSummarySerializer,
    MissionSummarySerializer,
    PromiseSummarySerializer,
)
from events.api.serializers.parts import (
    BidStageSerializer,
    DestinationSerializer,
    ExpertiseSerializer,
    LegSerializer,
    MeetingNoteSerializer,
    OutcomeSerializer,
    ParticipantSerializer,
    PreconditionSerializer,
    ProgrammePointSerializer,
    TieSerializer,
    kilograms,
)
from events.selectors.occasions import emissions
from partnerships.api.serializers import (
    CitySummarySerializer,
    CouncilGroupSerializer,
    CountrySummarySerializer,
    NetworkSummarySerializer,
    OrganisationSerializer,
    PersonSummarySerializer,
)

MISSION = {
    "title_fr": "Déplacement à Ville-Exemple",
    "purpose_fr": "Préparer la conférence sur le climat.",
    "horizon": "first-100-days",
    "planned_start": "2015-07-06",
    "planned_start_precision": "day",
    "planned_end": "2015-07-09",
    "planned_end_precision": "day",
    "planned_cost": "4500.00",
}
DELEGATION = {
    "title_fr": "Visite de Ville-Exemple sur les déchets",
    "city": 12,
    "theme": 3,
    "headcount": 6,
    "planned_start": "2015-09-01",
    "planned_start_precision": "month",
}
EVENT = {
    "title_fr": "Assemblée générale du réseau",
    "kind": "statutory",
    "network": 4,
    "planned_city": 12,
    "planned_start": "2015-10-05",
    "planned_start_precision": "day",
}
PROMISE = {
    "mission": 7,
    "side": "ours",
    "what_fr": "Envoyer le cahier des charges du tri.",
    "city": 12,
    "made_on": "2015-05-04",
    "made_on_precision": "day",
    "due_on": "2015-09-01",
    "due_on_precision": "month",
}


def example(name: str, value: dict):
    return extend_schema_serializer(examples=[OpenApiExample(name, value=value, request_only=True)])


# --- meetings and promises, which stand inside the others too ---


class MeetingSerializer(MeetingSummarySerializer):
    participants = ParticipantSerializer(many=True, read_only=True)
    notes = MeetingNoteSerializer(many=True, read_only=True, help_text="Those written for the caller's audience.")

    class Meta(MeetingSummarySerializer.Meta):
        fields = (*MeetingSummarySerializer.Meta.fields, "participants", "notes")
        expandable = {**SUBJECTS, "city": CitySummarySerializer}


PROMISE_EXPANDABLE = {
    **SUBJECTS_AND_MEETING,
    "city": CitySummarySerializer,
    "country": CountrySummarySerializer,
    "organisation": OrganisationSerializer,
    "promised_by": PersonSummarySerializer,
    "promised_to": PersonSummarySerializer,
    "responsible": OrganisationSerializer,
}


@example("A promise of ours", PROMISE)
class PromiseSerializer(PromiseSummarySerializer):
    class Meta(PromiseSummarySerializer.Meta):
        expandable = PROMISE_EXPANDABLE


class PromiseDetailSerializer(PromiseSerializer):
    ties = TieSerializer(many=True, read_only=True)

    class Meta(PromiseSerializer.Meta):
        fields = (*PromiseSerializer.Meta.fields, "ties")


class MeetingDetailSerializer(MeetingSerializer):
    promises = PromiseSerializer(many=True, read_only=True)
    ties = TieSerializer(many=True, read_only=True)

    class Meta(MeetingSerializer.Meta):
        fields = (*MeetingSerializer.Meta.fields, "promises", "ties")


# --- what every occasion read alone holds ---


class WholeOccasion(RecordSerializer):
    """Abstract: the rows that belong to a mission, a delegation or an event."""

    programme = ProgrammePointSerializer(many=True, read_only=True, source="programmeitems")
    meetings = MeetingSerializer(many=True, read_only=True)
    outcomes = OutcomeSerializer(many=True, read_only=True)
    ties = TieSerializer(many=True, read_only=True)
    promises = PromiseSerializer(many=True, read_only=True)


WHOLE = ("programme", "meetings", "outcomes", "ties", "promises")


class EmissionsSerializer(serializers.Serializer):
    """What the legs of a mission emit; a floor where some of them are unknown."""

    kg = kilograms("kg CO2e of the legs that have a factor.")
    known = serializers.IntegerField(help_text="Legs that have one.")
    unknown = serializers.IntegerField(help_text="Legs of which the factor, distance or passengers are not known.")


class CoverageSerializer(serializers.Serializer):
    """The groups of the Council on the day of the departure, or today while that is not known."""

    is_complete = serializers.BooleanField(
        help_text="Whether somebody is represented and nobody missing, or somebody stands for all groups."
    )
    represented = CouncilGroupSerializer(many=True)
    missing = CouncilGroupSerializer(many=True)


class MissionSerializer(MissionSummarySerializer):
    destinations = DestinationSerializer(many=True, read_only=True, help_text="Planned and actual ones.")
    participants = ParticipantSerializer(many=True, read_only=True)

    class Meta(MissionSummarySerializer.Meta):
        fields = (*MissionSummarySerializer.Meta.fields, "destinations", "participants")
        expandable = {"event": EventSummarySerializer}


@example("An idea with its days", MISSION)
class MissionDetailSerializer(MissionSerializer, WholeOccasion):
    legs = LegSerializer(many=True, read_only=True)
    emissions = serializers.SerializerMethodField()

    class Meta(MissionSerializer.Meta):
        fields = (*MissionSerializer.Meta.fields, "legs", "emissions", *WHOLE)

    @extend_schema_field(EmissionsSerializer)
    def get_emissions(self, mission) -> dict:
        return EmissionsSerializer(emissions(mission.legs.all())).data


class DelegationSerializer(DelegationSummarySerializer):
    participants = ParticipantSerializer(many=True, read_only=True)

    class Meta(DelegationSummarySerializer.Meta):
        fields = (*DelegationSummarySerializer.Meta.fields, "participants")
        expandable = {
            "city": CitySummarySerializer,
            "country": CountrySummarySerializer,
            "organisation": OrganisationSerializer,
            "theme": ThemeSerializer,
            "event": EventSummarySerializer,
        }


@example("A visit in September", DELEGATION)
class DelegationDetailSerializer(DelegationSerializer, WholeOccasion):
    expertise = ExpertiseSerializer(many=True, read_only=True)

    class Meta(DelegationSerializer.Meta):
        fields = (*DelegationSerializer.Meta.fields, "expertise", *WHOLE)


class EventSerializer(EventSummarySerializer):
    participants = ParticipantSerializer(many=True, read_only=True)

    class Meta(EventSummarySerializer.Meta):
        fields = (*EventSummarySerializer.Meta.fields, "participants")
        expandable = {
            "part_of": EventSummarySerializer,
            "network": NetworkSummarySerializer,
            "planned_city": CitySummarySerializer,
            "held_city": CitySummarySerializer,
        }


@example("A statutory meeting", EVENT)
class EventDetailSerializer(EventSerializer, WholeOccasion):
    preconditions = PreconditionSerializer(many=True, read_only=True)
    stages = BidStageSerializer(many=True, read_only=True, help_text="Of a bid for a major event.")
    parts = EventSummarySerializer(many=True, read_only=True, help_text="Its sessions, or its yearly editions.")

    class Meta(EventSerializer.Meta):
        fields = (*EventSerializer.Meta.fields, "preconditions", "stages", "parts", *WHOLE)

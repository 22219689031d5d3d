"""What belongs to missions, visits, events, meetings and promises, each a resource of its own; and the days of the Council."""

from core.api.resources import Resource
from events import models
from events.api import filters as own_filters
from events.api import serializers
from events.api.views.occasions import legs

SUBJECTS = ("mission", "delegation", "event")


class Participants(Resource):
    """Who takes part. Elected travellers have a special mandate voted before the departure, staff a mission order."""

    model = models.Participant
    serializer_class = serializers.ParticipantSerializer
    filter_fields = (
        *SUBJECTS,
        "meeting",
        "role",
        "quality",
        "category",
        "person",
        "organisation",
        "city",
        "council_group",
        "mandate",
    )


class Destinations(Resource):
    """Where missions mean to go, and where they went."""

    model = models.Destination
    serializer_class = serializers.DestinationSerializer
    filter_fields = ("mission", "stage", "city", "country", "area")


class Legs(Resource):
    """The stretches of a mission's travel; distances in km, emissions in kg CO2e by the factor that is named."""

    model = models.Leg
    serializer_class = serializers.LegSerializer
    told_of = ("factor",)
    filterset_class = own_filters.LegFilter

    def rows(self):
        return legs(self.request.user)


class EmissionFactors(Resource):
    """What a traveller emits on one kilometre (kg CO2e), while the factor holds, with its source."""

    model = models.EmissionFactor
    serializer_class = serializers.EmissionFactorSerializer
    filterset_class = own_filters.EmissionFactorFilter


class ProgrammeItems(Resource):
    """The points of programmes and itineraries; times are local."""

    model = models.ProgrammeItem
    serializer_class = serializers.ProgrammeItemSerializer
    filterset_class = own_filters.ProgrammeItemFilter


class MeetingNotes(Resource):
    """What was said at meetings. Notes written for an audience that the caller is not in do not exist for her."""

    model = models.MeetingNote
    serializer_class = serializers.MeetingNoteSerializer
    filter_fields = ("meeting", "audience")


class Ties(Resource):
    """What a mission, a delegation, an event, a meeting or a promise is about: one record of the register."""

    model = models.Tie
    serializer_class = serializers.TieSerializer
    filter_fields = (
        *SUBJECTS,
        "meeting",
        "promise",
        "city",
        "country",
        "network",
        "organisation",
        "project",
        "agreement",
        "grant",
    )


class Outcomes(Resource):
    """What came out of missions, visits and events, and the record that it led to; never back to where it came from."""

    model = models.Outcome
    serializer_class = serializers.OutcomeSerializer
    filter_fields = (
        *SUBJECTS,
        "led_to_mission",
        "led_to_delegation",
        "led_to_event",
        "led_to_agreement",
        "led_to_project",
        "led_to_grant",
    )


class ExpertiseShown(Resource):
    """What the City showed to delegations."""

    model = models.Expertise
    serializer_class = serializers.ExpertiseSerializer
    filter_fields = ("delegation", "theme", "shown_by")


class Preconditions(Resource):
    """What must be true before an event is confirmed or held."""

    model = models.Precondition
    serializer_class = serializers.PreconditionSerializer
    filterset_class = own_filters.PreconditionFilter


class BidStages(Resource):
    """The stages of bids for major events."""

    model = models.BidStage
    serializer_class = serializers.BidStageSerializer
    filterset_class = own_filters.BidStageFilter


class CouncilSittings(Resource):
    """The days on which the Council sits."""

    model = models.CouncilSitting
    serializer_class = serializers.CouncilSittingSerializer
    filterset_class = own_filters.CouncilSittingFilter

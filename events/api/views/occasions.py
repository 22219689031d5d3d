"""Missions, delegations and events. Rows are read without the records that they point to: `?expand=` reads those."""

from django.db.models import Prefetch, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from cooperation.api.views.base import check_places_readable, prefetched
from core.api.resources import Resource
from events import filters, models, selectors
from events.api import serializers


def legs(reader) -> QuerySet[models.Leg]:
    """Legs with the factor that their emissions are computed by."""
    return models.Leg.objects.visible_to(reader).select_related("factor")


def meetings(reader) -> QuerySet[models.Meeting]:
    """Meetings with their participants and the notes that the reader may see."""
    return models.Meeting.objects.visible_to(reader).prefetch_related(
        *prefetched(reader, participants=models.Participant, notes=models.MeetingNote)
    )


class Occasions(Resource):
    """Abstract: a mission, a delegation or an event, with its participants; read alone, with all that belongs to it."""

    # What else is read of the list's rows, and of a record alone, by the name of the relation.
    listed: dict = {}
    alone: dict = {}

    def found(self) -> QuerySet:
        raise NotImplementedError

    def rows(self):
        reader = self.request.user
        rows = self.found().select_related(None).prefetch_related(None)
        rows = rows.prefetch_related(*prefetched(reader, participants=models.Participant, **self.listed))
        return rows if self.action == "list" else rows.prefetch_related(*self._whole())

    def _whole(self) -> list[Prefetch]:
        reader = self.request.user
        return prefetched(
            reader,
            programmeitems=models.ProgrammeItem,
            meetings=meetings(reader),
            outcomes=models.Outcome,
            ties=models.Tie,
            promises=models.Promise,
            **self.alone,
        )


class Missions(Occasions):
    """Missions abroad; costs in EUR. `status` moves by the verbs only; `steps` says what each one still needs.

    A mission read alone holds its legs with what they emit, its programme, meetings, outcomes, ties and promises.
    """

    model = models.Mission
    serializer_class = serializers.MissionSerializer
    detail_class = serializers.MissionDetailSerializer
    filterset_class = filters.MissionFilter
    listed = {"destinations": models.Destination}

    # What the guards miss is said of each traveller, and of each place, by name.
    says_names = ("confirm", "complete", "reopen", "steps")

    def found(self):
        return selectors.occasions.missions(self.request.user)

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if self.action in self.says_names:
            check_places_readable(request.user)

    def _whole(self):
        return [*super()._whole(), Prefetch("legs", legs(self.request.user))]

    @extend_schema(
        summary="The groups of the Council that go along, and those that are missing",
        responses=serializers.CoverageSerializer,
    )
    @action(detail=True, filter_backends=[], pagination_class=None)
    def coverage(self, request, *args, **kwargs):
        """By the elected travellers, among the groups that exist on the day of the departure."""
        check_places_readable(request.user)
        mission = self.get_object()
        found = selectors.occasions.missions(request.user).get(pk=mission.pk)
        return Response(serializers.CoverageSerializer(selectors.occasions.coverage_of(request.user, found)).data)


class Delegations(Occasions):
    """Delegations received. `status` moves by the verbs only.

    A delegation read alone holds the expertise shown, its programme, meetings, outcomes, ties and promises.
    """

    model = models.Delegation
    serializer_class = serializers.DelegationSerializer
    detail_class = serializers.DelegationDetailSerializer
    filterset_class = filters.DelegationFilter
    alone = {"expertise": models.Expertise}

    def found(self):
        return selectors.occasions.delegations(self.request.user)


class Events(Occasions):
    """Events that the City holds, attends or takes into account. `status` moves by the verbs only.

    An event read alone holds its preconditions, the stages of a bid, its sessions or editions, its programme, meetings,
    outcomes, ties and promises.
    """

    model = models.Event
    serializer_class = serializers.EventSerializer
    detail_class = serializers.EventDetailSerializer
    filterset_class = filters.EventFilter
    alone = {"preconditions": models.Precondition, "stages": models.BidStage, "parts": models.Event}

    def found(self):
        return selectors.occasions.events(self.request.user)

"""What is computed for the caller: the agenda, the conflicts in it, and briefings."""

from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.response import Response

from cooperation.api.views.base import check_places_readable
from core.api.resources import READ_ONLY, ListedView
from core.filters import named
from events import models, selectors
from events.api import serializers
from events.selectors.agenda import Item
from partnerships.models import City


class Period(ListedView):
    """Abstract: what is computed from the agenda of some days. It names places and people, and needs the right to read them."""

    app = "events"
    http_method_names = READ_ONLY
    filter_backends = ()
    parameters = {"list": ("since", "until", "kind")}

    def items(self) -> list[Item]:
        check_places_readable(self.request.user)
        asked = serializers.AgendaPeriodSerializer(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        return selectors.agenda.agenda(self.request.user, **asked.validated_data)

    def found(self) -> list:
        raise NotImplementedError

    @extend_schema(parameters=[serializers.AgendaPeriodSerializer])
    def list(self, request, *args, **kwargs):
        page = self.paginate_queryset(self.found())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


class Agenda(Period):
    """Missions, delegations, events, meetings and sittings of the Council that touch the days asked for, in order.

    What is cancelled, what has no date, and events in the world are left out.
    """

    serializer_class = serializers.AgendaItemSerializer

    def found(self):
        return self.items()


@extend_schema_view(list=extend_schema(summary="The agenda: one person in two places"))
class AgendaConflicts(Period):
    """The people who are expected in two places on one day, elected members who travel while the Council sits among them.
    What is not known to the day conflicts with nothing."""

    serializer_class = serializers.ConflictSerializer

    def found(self):
        return selectors.agenda.conflicts(self.request.user, self.items())


class Briefings(ListedView):
    """What the caller should know before meeting a city, or leaving on a mission: of what the caller may see."""

    app = "events"
    serializer_class = serializers.BriefingSerializer
    http_method_names = READ_ONLY
    filter_backends = ()
    pagination_class = None

    def known_parameters(self) -> set[str]:
        return {"city", "mission"}

    @extend_schema(
        summary="The briefing on a city or a mission",
        parameters=[serializers.BriefingSubjectSerializer],
        responses=serializers.BriefingSerializer,
    )
    def list(self, request, *args, **kwargs):
        """One call gathers it; another reader gets another briefing. 404 where the caller does not see the subject."""
        asked = serializers.BriefingSubjectSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        check_places_readable(request.user)
        subject = self.subject(**asked.validated_data)
        return Response(self.get_serializer(selectors.briefings.briefing(subject, request.user)).data)

    def subject(self, *, city: str = "", mission: str = "") -> City | models.Mission:
        reader = self.request.user
        found: City | models.Mission | None
        if city:
            found = named(City.objects.visible_to(reader).select_related("country"), city)
        else:
            found = named(selectors.occasions.missions(reader), mission)
        if found is None:
            raise Http404
        return found

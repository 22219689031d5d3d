"""Crises and health."""

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from cooperation.api.views.base import check_places_readable, prefetched
from core.api.resources import Resource
from solidarity import filters, models, selectors
from solidarity.api import serializers


class Crises(Resource):
    """Epidemics, natural disasters and conflicts that emergency aid answers, with their places."""

    model = models.Crisis
    serializer_class = serializers.CrisisSerializer
    filterset_class = filters.CrisisFilter

    def rows(self):
        return super().rows().prefetch_related(*prefetched(self.request.user, places=models.CrisisPlace))

    @extend_schema(
        summary="The crisis's grants, from request to payment", responses=serializers.FastTrackSerializer(many=True)
    )
    @action(detail=True, url_path="fast-track", filter_backends=[], pagination_class=None)
    def fast_track(self, request, *args, **kwargs):
        """How many days each grant took; those rejected or withdrawn are left out."""
        check_places_readable(request.user)
        crisis = self.get_object()
        found = [track for track in selectors.grants.fast_tracks(request.user) if track.grant.crisis_id == crisis.pk]
        return Response(serializers.FastTrackSerializer(found, many=True).data)


class CrisisPlaces(Resource):
    """Where crises strike: a city, or a country where no city is named."""

    model = models.CrisisPlace
    serializer_class = serializers.CrisisPlaceSerializer
    filter_fields = ("crisis", "city", "country")


class HealthIndicators(Resource):
    """The 90-90-90 indicators of cities (%); without a city, the target of all. The wording of 2014 is a measure apart."""

    model = models.HealthIndicator
    serializer_class = serializers.HealthIndicatorSerializer
    filterset_class = filters.HealthIndicatorFilter

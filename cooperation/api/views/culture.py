"""Culture, exchanges, labels and good practices."""

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from cooperation import filters, models, selectors
from cooperation.api import serializers
from cooperation.api.views.base import check_places_readable, prefetched
from core.api.resources import Resource


class CulturalProjects(Resource):
    """Works, tours, tandems, seasons and foreign cultural centres."""

    model = models.CulturalProject
    serializer_class = serializers.CulturalProjectSerializer
    filterset_class = filters.CulturalProjectFilter

    def rows(self):
        return super().rows().prefetch_related(*prefetched(self.request.user, destinations=models.CulturalDestination))

    @extend_schema(summary="Cultural projects: the rotation table", responses=serializers.RotationSerializer)
    @action(detail=False, filter_backends=[], pagination_class=None)
    def rotation(self, request, *args, **kwargs):
        """Who was co-funded when, and which recipients and disciplines came back in consecutive years."""
        check_places_readable(request.user)
        return Response(serializers.RotationSerializer(selectors.culture.rotation(request.user)).data)


class CulturalDestinations(Resource):
    """Where cultural projects go."""

    model = models.CulturalDestination
    serializer_class = serializers.CulturalDestinationSerializer
    filter_fields = ("project", "city", "country")


class ExchangeProgrammes(Resource):
    """Programmes that come back every year, with their editions."""

    model = models.ExchangeProgramme
    serializer_class = serializers.ExchangeProgrammeSerializer
    filter_fields = ("slug", "kind", "organiser")

    def rows(self):
        return super().rows().prefetch_related(*prefetched(self.request.user, editions=models.Edition))


class Editions(Resource):
    """A programme in a year. Counts and costs (EUR) are null where they are not known."""

    model = models.Edition
    serializer_class = serializers.EditionSerializer
    filterset_class = filters.EditionFilter


class Labels(Resource):
    """Applications for labels, their review and award. `stage` moves by the verbs only."""

    model = models.Label
    serializer_class = serializers.LabelSerializer
    filterset_class = filters.LabelFilter


class GoodPractices(Resource):
    """What cities do well (ours where none is named), and where it was taken up."""

    model = models.GoodPractice
    serializer_class = serializers.GoodPracticeSerializer
    filterset_class = filters.GoodPracticeFilter

    def rows(self):
        return super().rows().prefetch_related(*prefetched(self.request.user, uptakes=models.PracticeUptake))


class PracticeUptakes(Resource):
    """Where good practices were taken up."""

    model = models.PracticeUptake
    serializer_class = serializers.PracticeUptakeSerializer
    filter_fields = ("practice", "city", "organisation")

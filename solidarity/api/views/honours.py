"""Honours and residencies that are public. Files of people under threat have no resource: no token reads them."""

from cooperation.api.views.base import prefetched
from core.api.resources import Resource
from solidarity import filters, models
from solidarity.api import serializers


class ResidencyProgrammes(Resource):
    """Programmes that host artists, writers, journalists or researchers, with their host institutions."""

    model = models.ResidencyProgramme
    serializer_class = serializers.ResidencyProgrammeSerializer
    filterset_class = filters.ResidencyProgrammeFilter

    def rows(self):
        return super().rows().prefetch_related(*prefetched(self.request.user, hosts=models.ProgrammeHost))


class ProgrammeHosts(Resource):
    """Which institution hosts the residents of which programme."""

    model = models.ProgrammeHost
    serializer_class = serializers.ProgrammeHostSerializer
    filter_fields = ("programme", "organisation")


class Residencies(Resource):
    """Residencies that are public."""

    model = models.Residency
    serializer_class = serializers.ResidencySerializer
    filterset_class = filters.ResidencyFilter


class Honours(Resource):
    """Honours of the City, with the opinion of each Council group. `stage` moves by the verbs only.

    `recipient` is empty where the documents name nobody. One with `foreign_policy` is a legal risk: `legal_opinion` is
    asked for, never required.
    """

    model = models.Honour
    serializer_class = serializers.HonourSerializer
    filterset_class = filters.HonourFilter

    def rows(self):
        return super().rows().prefetch_related(*prefetched(self.request.user, opinions=models.CommissionOpinion))


class CommissionOpinions(Resource):
    """What the groups of the Council say of a nomination, one opinion each."""

    model = models.CommissionOpinion
    serializer_class = serializers.CommissionOpinionSerializer
    filter_fields = ("honour", "group", "opinion")

"""Who pays what."""

from cooperation import filters, models, selectors
from cooperation.api import filters as own_filters
from cooperation.api import serializers
from cooperation.api.views.base import lines, whole_lines
from core.api.resources import Resource

APPENDED = ["get", "head", "post"]


class FundingLines(Resource):
    """What one funder gives to one project, in one currency. A line read alone holds its movements and forecasts."""

    model = models.FundingLine
    serializer_class = serializers.FundingLineSerializer
    detail_class = serializers.FundingLineDetailSerializer
    told_of = ("movements",)
    filterset_class = filters.FundingLineFilter

    def rows(self):
        reader = self.request.user
        return lines(reader) if self.action == "list" else whole_lines(reader)


class Movements(Resource):
    """Requests, commitments and disbursements, each on its day, in its line's currency; a negative one takes back."""

    model = models.Movement
    serializer_class = serializers.MovementSerializer
    filterset_class = own_filters.MovementFilter


class Forecasts(Resource):
    """What is expected to be disbursed in a year, in EUR. Never changed: the last one made is the one that holds."""

    model = models.Forecast
    serializer_class = serializers.ForecastSerializer
    filterset_class = own_filters.ForecastFilter
    http_method_names = APPENDED


class Frameworks(Resource):
    """Framework agreements with funders, in EUR: what is committed on them, and what is left."""

    model = models.Framework
    serializer_class = serializers.FrameworkSerializer
    told_of = ("funding_lines__movements",)
    filter_fields = ("agreement", "funder")

    def rows(self):
        return selectors.money.frameworks(self.request.user).select_related(None)

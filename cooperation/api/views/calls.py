"""The funding watch: programmes, calls, what they match, and applications."""

from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from cooperation import filters, models, selectors
from cooperation.api import serializers
from cooperation.api.views.base import check_places_readable, prefetched
from core.api.resources import Resource


class FundingProgrammes(Resource):
    """Programmes that publish calls. Their conditions hold for calls that state none of their own."""

    model = models.FundingProgramme
    serializer_class = serializers.FundingProgrammeSerializer
    filter_fields = ("slug", "kind", "funder")


class FundingCalls(Resource):
    """Calls for proposals with their deadlines and conditions; amounts in EUR. `matches` says which projects they could pay."""

    model = models.FundingCall
    serializer_class = serializers.FundingCallSerializer
    filterset_class = filters.FundingCallFilter
    headings = {
        "state": _("state today"),
        "next_deadline": _("next deadline"),
        "council_by": _("last day to start the Council’s file"),
    }

    def rows(self):
        parts = prefetched(self.request.user, fields=models.CallTheme, places=models.CallCountry)
        return selectors.calls.with_state(super().rows()).prefetch_related(*parts)

    @cached_property
    def lead_days(self) -> int | None:
        """The lead time of the Council, read once for all the rows."""
        return models.CouncilLeadTime.on()

    @extend_schema(
        summary="The live projects that the call could pay",
        responses=serializers.MatchSerializer(many=True),
    )
    @action(detail=True, filter_backends=[], pagination_class=None)
    def matches(self, request, *args, **kwargs):
        """The live projects that match it, with why, and what is missing; none once it is withdrawn or closed."""
        check_places_readable(request.user)
        call = self.get_object()
        found = selectors.calls.calls(request.user).filter(pk=call.pk, withdrawn_on=None)
        advised = selectors.calls.advices(request.user, found)
        matches = [match for advice in advised for match in advice.matches]
        return Response(serializers.MatchSerializer(matches, many=True).data)


class CallThemes(Resource):
    """The fields that calls pay for."""

    model = models.CallTheme
    serializer_class = serializers.CallThemeSerializer
    filter_fields = ("call", "theme")


class CallCountries(Resource):
    """The countries in which calls pay for projects."""

    model = models.CallCountry
    serializer_class = serializers.CallCountrySerializer
    filter_fields = ("call", "country")


class Filings(Resource):
    """What the City has filed for a year and funders ask for: the aid return, reports on earlier grants."""

    model = models.Filing
    serializer_class = serializers.FilingSerializer
    filter_fields = ("gate", "year", "funder")


class Applications(Resource):
    """Projects' applications to calls, in EUR. `stage` moves by the verbs only; what is won becomes a funding line."""

    model = models.Application
    serializer_class = serializers.ApplicationSerializer
    filterset_class = filters.ApplicationFilter

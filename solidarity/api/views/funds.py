"""Funds, envelopes, and what bounds them."""

from django.db.models import Prefetch
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from cooperation.api.views.base import prefetched
from core.api.resources import Resource
from solidarity import filters, models, selectors
from solidarity.api import filters as own_filters
from solidarity.api import serializers


class Funds(Resource):
    """The funds with the services that feed them and their dated parameters. A fund read alone holds its envelopes."""

    model = models.Fund
    serializer_class = serializers.FundSerializer
    detail_class = serializers.FundDetailSerializer
    filterset_class = filters.FundFilter

    def rows(self):
        reader = self.request.user
        rows = (
            super()
            .rows()
            .prefetch_related(*prefetched(reader, services=models.FundService, parameters=models.FundParameter))
        )
        if self.action == "list":
            return rows
        envelopes = selectors.funds.envelopes(reader).select_related(None)
        return rows.prefetch_related(Prefetch("envelopes", envelopes, to_attr="found_envelopes"))

    @extend_schema(
        summary="The planned path of the fund against the actual one",
        responses=serializers.PathYearSerializer(many=True),
    )
    @action(detail=True, filter_backends=[], pagination_class=None)
    def path(self, request, *args, **kwargs):
        """Every year that has a target or an envelope: EUR planned, committed and paid."""
        found = selectors.funds.path(request.user, self.get_object())
        return Response(serializers.PathYearSerializer(found, many=True).data)


class FundServices(Resource):
    """The public services whose own resources feed a fund; each is judged apart."""

    model = models.FundService
    serializer_class = serializers.FundServiceSerializer
    filter_fields = ("fund", "slug")


class FundParameters(Resource):
    """The dated figures of a fund: its ceiling (%), the range of its grants and its target of a year (EUR)."""

    model = models.FundParameter
    serializer_class = serializers.FundParameterSerializer
    filter_fields = ("fund", "kind")


class LegalThresholds(Resource):
    """The figures of the law that grants are judged by, each with the time in which it holds."""

    model = models.LegalThreshold
    serializer_class = serializers.LegalThresholdSerializer
    filter_fields = ("kind",)


class Envelopes(Resource):
    """What a fund may commit (AE) and pay (CP) in a year, in EUR, with what is committed, proposed, paid and left.

    An envelope read alone says what each service that feeds its fund may still bear.
    """

    model = models.Envelope
    serializer_class = serializers.EnvelopeSerializer
    detail_class = serializers.EnvelopeDetailSerializer
    told_of = ("allocations__grant", "fund__envelopes__allocations__payments")
    filterset_class = filters.EnvelopeFilter

    def rows(self):
        rows = selectors.funds.envelopes(self.request.user).select_related(None)
        return rows if self.action == "list" else rows.select_related("fund")


class ResourceBases(Resource):
    """The own resources (EUR) of a service for the year of an envelope: what its ceiling is a percentage of."""

    model = models.ResourceBase
    serializer_class = serializers.ResourceBaseSerializer
    filterset_class = own_filters.ResourceBaseFilter


class DeclaredAid(Resource):
    """Amounts that the City states. They are never added up: the named funds are no breakdown of the aid declared."""

    model = models.DeclaredAid
    serializer_class = serializers.DeclaredAidSerializer
    filterset_class = filters.DeclaredAidFilter

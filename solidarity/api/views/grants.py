"""Grants with what belongs to their file before the vote."""

from django.db import transaction
from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.response import Response

from cooperation.api.views.base import check_places_readable, prefetched
from core.api.resources import Resource
from solidarity import filters, models, selectors, services
from solidarity.api import filters as own_filters
from solidarity.api import serializers
from solidarity.api.views.payments import agreements, reports


class Grants(Resource):
    """Grants, in EUR. `stage` moves by the verbs only; `steps` and `checklist` say what the file still needs.

    Nobody proposes a file that he or she instructed. A grant read alone holds its pieces, its agreement with
    instalments, its payments and its financial reports.
    """

    model = models.Grant
    serializer_class = serializers.GrantSerializer
    detail_class = serializers.GrantDetailSerializer
    told_of = ("instructed_by", "approved_by", "payments")
    filterset_class = filters.GrantFilter
    headings = {
        "instructed_by": _("instructed by"),
        "approved_by": _("approved by"),
        "paid": _("paid so far (EUR)"),
    }

    def rows(self):
        reader = self.request.user
        rows = (
            selectors.grants.grants(reader)
            .select_related(None)
            .prefetch_related(None)
            .select_related("instructed_by", "approved_by")
            .prefetch_related(*prefetched(reader, places=models.GrantPlace, allocations=models.Allocation))
        )
        return rows if self.action in ("list", "vote_session") else rows.prefetch_related(*self._whole())

    def _whole(self) -> list[Prefetch]:
        reader = self.request.user
        return prefetched(
            reader,
            pieces=models.Piece,
            agreement=agreements(reader),
            payments=models.Payment,
            reports=reports(reader),
        )

    @extend_schema(
        summary="What the file still lacks, gate by gate", responses=serializers.GrantGateSerializer(many=True)
    )
    @action(detail=True, filter_backends=[], pagination_class=None)
    def checklist(self, request, *args, **kwargs):
        """Every gate ahead of the file with what is missing, in the words that would refuse it."""
        check_places_readable(request.user)
        gates = selectors.grants.checklist(self.get_object())
        return Response(serializers.GrantGateSerializer(gates, many=True).data)

    @extend_schema(
        summary="Record the vote of a session",
        request=serializers.VoteSessionSerializer,
        responses=serializers.GrantSerializer(many=True),
    )
    @action(detail=False, methods=["post"], url_path="vote-session", filter_backends=[], pagination_class=None)
    @transaction.atomic
    def vote_session(self, request, *args, **kwargs):
        """Records one vote on several grants, all or none. Refused with every reason of every grant."""
        given = serializers.VoteSessionSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        values = dict(given.validated_data)
        for grant in values["grants"]:
            self.check_object_permissions(request, grant)
        voted = services.vote_grants(values.pop("grants"), actor=request.user, **values)
        rows = self.get_queryset().filter(pk__in=[grant.pk for grant in voted])
        return Response(serializers.GrantSerializer(rows, many=True, context=self.get_serializer_context()).data)


class GrantPlaces(Resource):
    """Where grants are spent: a city, or a country where no city is named."""

    model = models.GrantPlace
    serializer_class = serializers.GrantPlaceSerializer
    filter_fields = ("grant", "city", "country")


class Pieces(Resource):
    """The pieces of grants' files, with the day of their reception."""

    model = models.Piece
    serializer_class = serializers.PieceSerializer
    filter_fields = ("grant", "kind")


class Allocations(Resource):
    """The part of a grant that an envelope bears (EUR); settled once the grant is proposed."""

    model = models.Allocation
    serializer_class = serializers.AllocationSerializer
    filterset_class = own_filters.AllocationFilter

"""The resources of mandates and objectives. Each is rooted in `visible_to`; those with parts are built by a selector."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Prefetch
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action

from cooperation.api.views.base import prefetched
from cooperation.api.views.money import APPENDED
from core import dates
from core.api.resources import Resource
from mandate import models, services
from mandate.api import filters, serializers
from mandate.enums import OPEN, ObjectiveStatus
from mandate.selectors import indicators, objectives


class Mandates(Resource):
    """Mandates of the mayor. Day 100, mid-term and end follow the dates, unless a decision moves one of them."""

    model = models.Mandate
    serializer_class = serializers.MandateSerializer
    told_of = ("decisions",)
    filterset_class = filters.MandateFilter

    def rows(self):
        return objectives.mandates(self.request.user).select_related(None)

    @extend_schema(
        summary="Open the next mandate",
        request=serializers.HandoverSerializer,
        responses={201: serializers.MandateSerializer},
    )
    @action(detail=True, methods=["post"], url_path="hand-over", url_name="hand-over")
    @transaction.atomic
    def hand_over(self, request, *args, **kwargs):
        """Opens the next mandate of the city and carries the chosen open objectives over; this one stays untouched.

        Answers with the new mandate. Refused where this one has been handed over already.
        """
        mandate = self.locked(match_required=False)
        given = serializers.HandoverSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        new = services.hand_over(mandate, actor=request.user, **given.validated_data)
        response = self.represent(new.pk, status.HTTP_201_CREATED)
        response["Location"] = self.reverse_action("detail", args=[new.pk])
        return response


class MilestoneDecisions(Resource):
    """Decisions that move a milestone of a mandate to another day. Never changed: the latest one made rules."""

    model = models.MilestoneDecision
    serializer_class = serializers.MilestoneDecisionSerializer
    filterset_class = filters.MilestoneDecisionFilter
    http_method_names = APPENDED


def _status_in_words(row: dict[str, Any]) -> str:
    """Of what is open after its last day, that too, as on the pages."""
    status = row.get("status")
    if status not in OPEN or not dates.has_passed(row.get("due_on"), row.get("due_on_precision", "")):
        return ""
    label = str(ObjectiveStatus(status).label)
    return label if status == ObjectiveStatus.LATE else f"{label}, {_('its date has passed')}"


class Objectives(Resource):
    """Objectives of mandates and commitments of communications. `status` moves by the verbs only; `steps` says what each
    one still needs.

    An objective read alone holds its parts, preconditions, milestones, indicators with their trend, and its evidence, of
    what the caller may see. `weigh` sets the parts of an objective with their weights, all at once.
    """

    model = models.Objective
    serializer_class = serializers.ObjectiveSerializer
    detail_class = serializers.ObjectiveDetailSerializer
    told_of = ("owner", "evidence")
    filterset_class = filters.ObjectiveFilter
    in_words = {"status": _status_in_words}

    def rows(self):
        reader = self.request.user
        rows = models.Objective.objects.visible_to(reader).select_related("owner")
        rows = objectives.with_evidence_count(rows, reader)
        rows = rows.prefetch_related(*prefetched(reader, associates=models.ObjectiveAssociate))
        return rows if self.action == "list" else rows.prefetch_related(*self._whole())

    def _whole(self) -> list[Prefetch]:
        reader = self.request.user
        return prefetched(
            reader,
            parts=models.Objective.objects.visible_to(reader).order_by("-weight", "pk"),
            preconditions=preconditions(reader),
            milestones=models.Milestone,
            indicators=indicators.indicators(reader).select_related(None),
            evidence=models.Evidence,
        )

    def check_written(self):
        check_weights()

    @transaction.atomic
    def destroy(self, request, *args, **kwargs):
        response = super().destroy(request, *args, **kwargs)
        check_weights()
        return response

    @extend_schema(
        summary="Set the parts with their weights",
        request=serializers.WeighingSerializer,
        responses=serializers.ObjectiveDetailSerializer,
    )
    @action(detail=True, methods=["post"])
    @transaction.atomic
    def weigh(self, request, *args, **kwargs):
        """Makes these objectives, and no others, the parts of this one. Refused where the weights do not sum to 100."""
        objective = self.locked(match_required=False)
        given = serializers.WeighingSerializer(data=request.data, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        weights = {part["objective"]: part["weight"] for part in given.validated_data["parts"]}
        services.set_parts(objective, actor=request.user, weights=weights)
        return self.represent(self.kwargs["pk"])


def check_weights() -> None:
    """As the service asks, with the field that is meant."""
    try:
        services.check_weights()
    except ValidationError as error:
        raise ValidationError({"weight": error.messages}) from error


def preconditions(reader):
    """With the objective that each needs, whose status says whether it is fulfilled."""
    return models.ObjectivePrecondition.objects.visible_to(reader).select_related("needs")


class ObjectiveAssociates(Resource):
    """Deputies and directorates that work on objectives besides whoever answers for them."""

    model = models.ObjectiveAssociate
    serializer_class = serializers.ObjectiveAssociateSerializer
    filterset_class = filters.ObjectiveAssociateFilter


class ObjectivePreconditions(Resource):
    """What must be true before objectives are met: another objective, or what a document says in words."""

    model = models.ObjectivePrecondition
    serializer_class = serializers.ObjectivePreconditionSerializer
    told_of = ("needs",)
    filterset_class = filters.ObjectivePreconditionFilter

    def rows(self):
        return preconditions(self.request.user)


class Milestones(Resource):
    """The steps of objectives: what, by when, and when it was reached. Those of a mandate stand in the mandate."""

    model = models.Milestone
    serializer_class = serializers.MilestoneSerializer
    filterset_class = filters.MilestoneFilter


class EvidencePieces(Resource):
    """The records that show how objectives stand. One that the caller may not see shows nothing to her."""

    model = models.Evidence
    serializer_class = serializers.EvidenceSerializer
    filterset_class = filters.EvidenceFilter


class Indicators(Resource):
    """What objectives are measured by, each with its last reading and where it tends; or judged by hand, and says so.

    An indicator read alone is also measured now, with the address of every record behind the figure. `unit` follows the
    measure: count, percent, EUR or ratio.
    """

    model = models.Indicator
    serializer_class = serializers.IndicatorSerializer
    detail_class = serializers.IndicatorDetailSerializer
    told_of = ("readings",)
    filterset_class = filters.IndicatorFilter
    parameters = {**Resource.parameters, "readings": ("since", "until", "page", "page_size")}

    def rows(self):
        found = indicators.indicators(self.request.user)
        return found.select_related(None) if self.action == "list" else found

    @extend_schema(
        summary="What it read, day by day",
        parameters=[serializers.ReadingPeriodSerializer],
        responses=serializers.IndicatorReadingSerializer(many=True),
    )
    @action(detail=True, filter_backends=[])
    def readings(self, request, *args, **kwargs):
        """The latest first, of what the caller may view."""
        asked = serializers.ReadingPeriodSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        days = filters.period_of("day", asked.validated_data.get("since"), asked.validated_data.get("until"))
        page = self.paginate_queryset(indicators.readings(request.user, self.get_object()).filter(days))
        return self.get_paginated_response(serializers.IndicatorReadingSerializer(page, many=True).data)

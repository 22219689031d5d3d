"""Mandates, the days on which they are judged, and the handover to the next."""

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from core.api.serializers import RecordSerializer, Reference, StrictSerializer
from mandate import models
from mandate.enums import MandateMilestone
from partnerships.api.serializers import CitySummarySerializer

MANDATE = {
    "slug": "ville-exemple-2020-2026",
    "city": 12,
    "title_fr": "Mandature 2020-2026",
    "starts_on": "2020-07-03",
    "ends_on": "2026-03-28",
}


class MandateSummarySerializer(RecordSerializer):
    class Meta:
        model = models.Mandate
        fields: tuple[str, ...] = ("slug", "city", "title_fr", "title_en", "starts_on", "ends_on", "previous")


class MilestoneDecisionSerializer(RecordSerializer):
    class Meta:
        model = models.MilestoneDecision
        fields = ("mandate", "which", "falls_on", "decided_on", "reason", "reference")
        expandable = {"mandate": MandateSummarySerializer}


class MandateDaySerializer(serializers.Serializer):
    """A day on which the mandate is judged."""

    which = serializers.ChoiceField(choices=MandateMilestone.choices)
    falls_on = serializers.DateField(source="rules", help_text="The day that counts.")
    computed = serializers.DateField(help_text="By the first day and the handover.")
    decision = serializers.IntegerField(
        source="decision.pk", allow_null=True, help_text="The milestone decision that overrides what is computed."
    )


@extend_schema_serializer(examples=[OpenApiExample("The next one", value=MANDATE, request_only=True)])
class MandateSerializer(MandateSummarySerializer):
    milestones = MandateDaySerializer(many=True, read_only=True, help_text="Day 100, mid-term and end.")

    class Meta(MandateSummarySerializer.Meta):
        fields = (*MandateSummarySerializer.Meta.fields, "milestones")
        expandable = {"city": CitySummarySerializer, "previous": MandateSummarySerializer}


class HandoverSerializer(StrictSerializer):
    """The next mandate, and the open objectives that it takes over."""

    objectives = Reference(many=True, required=False, queryset=models.Objective.objects.all())

    class Meta:
        model = models.Mandate
        fields = ("slug", "title_fr", "title_en", "starts_on", "ends_on", "objectives")
        extra_kwargs = {
            "starts_on": {"required": False, "help_text": "The day of the handover unless said otherwise."},
        }

"""Objectives with their parts; read alone, with all that belongs to them. Weights and progress are in per cent."""

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from core.api.serializers import Reference, StrictSerializer
from mandate import models
from mandate.api.serializers.indicators import IndicatorSerializer
from mandate.api.serializers.mandates import MandateSummarySerializer
from mandate.api.serializers.parts import (
    EvidenceSerializer,
    MilestoneSerializer,
    ObjectiveAssociateSerializer,
    ObjectivePreconditionSerializer,
    ObjectiveSummarySerializer,
)
from mandate.selectors import objectives
from solidarity.api.serializers.parts import PersonName

OBJECTIVE = {
    "mandate": 1,
    "reference": "O-MID-9",
    "kind": "objective",
    "horizon": "mid-term",
    "wording_fr": "Accueillir une conférence sur les déchets.",
    "due_on": "2016-12-01",
    "due_on_precision": "month",
}


class ObjectiveSerializer(ObjectiveSummarySerializer):
    owner_name = PersonName("owner")
    associates = ObjectiveAssociateSerializer(many=True, read_only=True)
    shown_by = serializers.IntegerField(
        read_only=True, help_text="How many pieces of evidence the caller sees; 0 = nothing shows it yet."
    )

    class Meta(ObjectiveSummarySerializer.Meta):
        fields = (*ObjectiveSummarySerializer.Meta.fields, "owner_name", "associates", "shown_by")
        expandable = {
            "mandate": MandateSummarySerializer,
            "parent": ObjectiveSummarySerializer,
            "continues": ObjectiveSummarySerializer,
        }


@extend_schema_serializer(examples=[OpenApiExample("An objective", value=OBJECTIVE, request_only=True)])
class ObjectiveDetailSerializer(ObjectiveSerializer):
    progress = serializers.SerializerMethodField()
    parts = ObjectiveSummarySerializer(many=True, read_only=True)
    preconditions = ObjectivePreconditionSerializer(many=True, read_only=True)
    milestones = MilestoneSerializer(many=True, read_only=True)
    indicators = IndicatorSerializer(many=True, read_only=True)
    evidence = EvidenceSerializer(many=True, read_only=True, help_text="Of what the caller may see.")

    class Meta(ObjectiveSerializer.Meta):
        fields = (
            *ObjectiveSerializer.Meta.fields,
            "progress",
            "parts",
            "preconditions",
            "milestones",
            "indicators",
            "evidence",
        )

    @extend_schema_field(
        serializers.DecimalField(5, 2, help_text="How much of it is met, by the weights of its parts.")
    )
    def get_progress(self, objective) -> str:
        reader = self.context["request"].user
        return str(objectives.progress(reader, objective.mandate)[objective.pk])


class WeighedPartSerializer(StrictSerializer):
    """A part with its weight in the whole (per cent)."""

    objective = Reference(queryset=models.Objective.objects.all())
    weight = serializers.IntegerField(min_value=1, max_value=100)

    class Meta:
        model = models.Objective
        fields = ("objective", "weight")


class WeighingSerializer(StrictSerializer):
    """All parts of the objective; what is not named is no part of it any more. The weights sum to 100."""

    parts = WeighedPartSerializer(many=True)

    class Meta:
        model = models.Objective
        fields = ("parts",)

    def validate_parts(self, parts):
        named = [part["objective"].pk for part in parts]
        if len(set(named)) < len(named):
            raise serializers.ValidationError(_("An objective is named twice."))
        return parts

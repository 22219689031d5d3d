"""A project's own columns, and what belongs to it."""

from cooperation import models
from cooperation.api.serializers.reference import ThemeSerializer
from cooperation.enums import MARKERS
from core.api.serializers import RecordSerializer
from partnerships.api.serializers import (
    SINCE,
    UNTIL,
    AgreementSummarySerializer,
    CitySummarySerializer,
    DeliberationSerializer,
    OrganisationSerializer,
    PersonSummarySerializer,
)


class ProjectSummarySerializer(RecordSerializer):
    class Meta:
        model = models.Project
        fields: tuple[str, ...] = (
            "reference",
            "title_fr",
            "title_en",
            "object_fr",
            "object_en",
            "stage",
            "stopped_reason",
            "parent",
            "agreement",
            "deliberation",
            "region_fr",
            "region_en",
            "planned_start",
            "planned_start_precision",
            "planned_end",
            "planned_end_precision",
            "actual_start",
            "actual_start_precision",
            "actual_end",
            "actual_end_precision",
            "purposes",
            *MARKERS,
            "sdg_targets",
            "modes",
        )


# What the full representations of a project may read inside it.
PROJECT_EXPANDABLE = {
    "parent": ProjectSummarySerializer,
    "agreement": AgreementSummarySerializer,
    "deliberation": DeliberationSerializer,
}


class ProjectCitySerializer(RecordSerializer):
    class Meta:
        model = models.ProjectCity
        fields = ("project", "city", "role", *SINCE, *UNTIL)
        expandable = {"project": ProjectSummarySerializer, "city": CitySummarySerializer}


class ProjectOrganisationSerializer(RecordSerializer):
    class Meta:
        model = models.ProjectOrganisation
        fields = ("project", "organisation", "role")
        expandable = {"project": ProjectSummarySerializer, "organisation": OrganisationSerializer}


class ProjectThemeSerializer(RecordSerializer):
    class Meta:
        model = models.ProjectTheme
        fields = ("project", "theme")
        expandable = {"project": ProjectSummarySerializer, "theme": ThemeSerializer}


class ProjectStepSerializer(RecordSerializer):
    class Meta:
        model = models.ProjectStep
        fields = ("project", "title", "due_on", "done_on", "note")
        expandable = {"project": ProjectSummarySerializer}


class ExpertAssignmentSerializer(RecordSerializer):
    class Meta:
        model = models.ExpertAssignment
        fields = ("project", "organisation", "person", "task", "days_planned", "days_actual", *SINCE, *UNTIL)
        expandable = {
            "project": ProjectSummarySerializer,
            "organisation": OrganisationSerializer,
            "person": PersonSummarySerializer,
        }


class ResultIndicatorSummarySerializer(RecordSerializer):
    class Meta:
        model = models.ResultIndicator
        fields: tuple[str, ...] = ("project", "title_fr", "title_en", "unit", "baseline", "baseline_on", "target")


class ResultPeriodSerializer(RecordSerializer):
    class Meta:
        model = models.ResultPeriod
        fields = ("indicator", "starts_on", "ends_on", "target", "actual", "note")
        expandable = {"indicator": ResultIndicatorSummarySerializer}


class ResultIndicatorSerializer(ResultIndicatorSummarySerializer):
    periods = ResultPeriodSerializer(many=True, read_only=True)

    class Meta(ResultIndicatorSummarySerializer.Meta):
        fields = (*ResultIndicatorSummarySerializer.Meta.fields, "periods")
        expandable = {"project": ProjectSummarySerializer}

"""A project with its parts and its money. Sums are in EUR, of the project and of its parts."""

from django.db.models import Case, F, When
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from cooperation.api.serializers.money import SUMS, FundingLineDetailSerializer
from cooperation.api.serializers.parts import (
    PROJECT_EXPANDABLE,
    ExpertAssignmentSerializer,
    ProjectCitySerializer,
    ProjectOrganisationSerializer,
    ProjectStepSerializer,
    ProjectSummarySerializer,
    ProjectThemeSerializer,
    ResultIndicatorSerializer,
)
from cooperation.selectors.money import per_city_euro
from core.api.serializers import RecordSerializer
from core.api.sqljson import amount

TOTALS = (*SUMS, "external_per_city_euro")
NOT_KNOWN = "EUR, in cash and in kind; null where no movement is recorded."


class Total(serializers.DecimalField):
    """A sum of the project's movements; null where there is none, because nothing recorded is not the same as 0."""

    def __init__(self, **kwargs):
        super().__init__(18, 2, read_only=True, allow_null=True, **kwargs)

    def get_attribute(self, project):
        return super().get_attribute(project) if project.has_money else None

    def expression(self):
        """The same for `core.api.sqljson`."""
        return Case(When(has_money=True, then=amount(F(str(self.source)), 2)))


class PerCityEuro(Total):
    def get_attribute(self, project):
        return per_city_euro(project.external_cash, project.own_cash).value

    def expression(self):
        """The same for `core.api.sqljson`."""
        return Case(When(own_cash__gt=0, then=amount(F("external_cash") / F("own_cash"), 2)))


class Totals(RecordSerializer):
    """The sums of a project, from `selectors.money.with_money`."""

    requested = Total(help_text=NOT_KNOWN)
    committed = Total(help_text=NOT_KNOWN)
    disbursed = Total(help_text=NOT_KNOWN)
    external_per_city_euro = PerCityEuro(
        help_text="EUR that others have committed in cash for one of ours; null where we have committed none."
    )


class ProjectPartSerializer(Totals):
    """A part of a project, with the money that stands on it."""

    funding_lines = FundingLineDetailSerializer(many=True, read_only=True)

    class Meta(ProjectSummarySerializer.Meta):
        fields = ("reference", "title_fr", "title_en", "stage", *TOTALS, "funding_lines")


PROJECT = {
    "title_fr": "Assainissement à Ville-Exemple",
    "object_fr": "Expertise des services de l'eau.",
    "purposes": {"14031": "60", "14022": "40"},
    "gender": 1,
    "sdg_targets": ["6.2"],
    "modes": ["expertise", "training"],
    "planned_start": "2015-09-01",
    "planned_start_precision": "month",
}


@extend_schema_serializer(examples=[OpenApiExample("An idea", value=PROJECT, request_only=True)])
class ProjectSerializer(Totals):
    places = ProjectCitySerializer(many=True, read_only=True)
    bodies = ProjectOrganisationSerializer(many=True, read_only=True)
    fields = ProjectThemeSerializer(many=True, read_only=True)  # type: ignore[assignment]  # the base class has a property of this name

    class Meta(ProjectSummarySerializer.Meta):
        fields = (*ProjectSummarySerializer.Meta.fields, "places", "bodies", "fields", *TOTALS)
        expandable = PROJECT_EXPANDABLE


@extend_schema_serializer(examples=[OpenApiExample("An idea", value=PROJECT, request_only=True)])
class ProjectDetailSerializer(ProjectSerializer):
    steps = ProjectStepSerializer(many=True, read_only=True)
    assignments = ExpertAssignmentSerializer(many=True, read_only=True)
    indicators = ResultIndicatorSerializer(many=True, read_only=True)
    funding_lines = FundingLineDetailSerializer(
        many=True, read_only=True, help_text="Empty where the project has parts: its money stands on them."
    )
    parts = ProjectPartSerializer(many=True, read_only=True)

    class Meta(ProjectSerializer.Meta):
        fields = (*ProjectSerializer.Meta.fields, "steps", "assignments", "indicators", "funding_lines", "parts")

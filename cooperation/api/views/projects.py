"""Projects with what belongs to them, and what they are classed by."""

from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _

from cooperation import filters, models, selectors
from cooperation.api import filters as own_filters
from cooperation.api import serializers
from cooperation.api.views.base import prefetched, whole_lines
from core.api.resources import Resource


class Themes(Resource):
    """Fields of cooperation, as the City's documents class them."""

    model = models.Theme
    serializer_class = serializers.ThemeSerializer
    filter_fields = ("slug", "kind", "is_priority")


class PurposeCodes(Resource):
    """The purpose codes of the DAC by which aid is declared."""

    model = models.PurposeCode
    serializer_class = serializers.PurposeCodeSerializer
    filter_fields = ("code",)


class CouncilLeadTimes(Resource):
    """How many days before a deadline the Council's file must be started, while the rule holds."""

    model = models.CouncilLeadTime
    serializer_class = serializers.CouncilLeadTimeSerializer


class Projects(Resource):
    """Cooperation projects. `stage` moves by the verbs only; `steps` of a project says what each one still needs.

    A project read alone holds its funding lines with every movement and forecast, its steps, experts, indicators and
    parts. Totals are in EUR, and those of a whole are the sums of its parts.
    """

    model = models.Project
    serializer_class = serializers.ProjectSerializer
    detail_class = serializers.ProjectDetailSerializer
    told_of = ("funding_lines__movements", "parts__funding_lines__movements")
    filterset_class = filters.ProjectFilter
    headings = {
        "requested": _("requested from all funders (EUR)"),
        "committed": _("committed by all funders (EUR)"),
        "disbursed": _("disbursed by all funders (EUR)"),
        "external_per_city_euro": _("external euros for one euro of the City"),
    }

    def rows(self):
        reader = self.request.user
        rows = models.Project.objects.visible_to(reader).prefetch_related(
            *prefetched(
                reader, places=models.ProjectCity, bodies=models.ProjectOrganisation, fields=models.ProjectTheme
            )
        )
        if self.action != "list":
            rows = rows.prefetch_related(*self._whole())
        return selectors.money.with_money(rows, reader)

    def _whole(self) -> list[Prefetch]:
        reader = self.request.user
        periods = prefetched(reader, periods=models.ResultPeriod)
        lines = prefetched(reader, funding_lines=whole_lines(reader))
        parts = models.Project.objects.visible_to(reader).order_by("reference").prefetch_related(*lines)
        return prefetched(
            reader,
            steps=models.ProjectStep,
            assignments=models.ExpertAssignment,
            indicators=models.ResultIndicator.objects.visible_to(reader).prefetch_related(*periods),
            funding_lines=whole_lines(reader),
            parts=selectors.money.with_money(parts, reader),
        )


class ProjectCities(Resource):
    """The cities of projects."""

    model = models.ProjectCity
    serializer_class = serializers.ProjectCitySerializer
    filter_fields = ("project", "city", "role")


class ProjectOrganisations(Resource):
    """The bodies that work on projects: lead and associated directorates, operators, partners."""

    model = models.ProjectOrganisation
    serializer_class = serializers.ProjectOrganisationSerializer
    filter_fields = ("project", "organisation", "role")


class ProjectThemes(Resource):
    """Which project works in which field."""

    model = models.ProjectTheme
    serializer_class = serializers.ProjectThemeSerializer
    filter_fields = ("project", "theme")


class ProjectSteps(Resource):
    """The steps of projects: what, by when, and when it was done."""

    model = models.ProjectStep
    serializer_class = serializers.ProjectStepSerializer
    filterset_class = own_filters.ProjectStepFilter


class ExpertAssignments(Resource):
    """Experts given to projects, in person-days planned and actual."""

    model = models.ExpertAssignment
    serializer_class = serializers.ExpertAssignmentSerializer
    filter_fields = ("project", "organisation", "person")


class ResultIndicators(Resource):
    """What projects are to achieve, with the periods in which it is measured."""

    model = models.ResultIndicator
    serializer_class = serializers.ResultIndicatorSerializer
    filter_fields = ("project",)

    def rows(self):
        return super().rows().prefetch_related(*prefetched(self.request.user, periods=models.ResultPeriod))


class ResultPeriods(Resource):
    """What an indicator was to reach in a period, and what it reached."""

    model = models.ResultPeriod
    serializer_class = serializers.ResultPeriodSerializer
    filter_fields = ("indicator",)

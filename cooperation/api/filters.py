"""Filters that only the API has; the others are shared with the pages."""

from django.utils.translation import gettext_lazy as _

from cooperation import selectors
from cooperation.enums import MovementKind, ProjectStage
from cooperation.filters import YearFilter, on_or_after, on_or_before
from cooperation.models import Forecast, FundingLine, Movement, Project, ProjectStep
from core.filters import AnyOfFilter, RecordFilter, ReferenceFilter, YesNoFilter, among
from partnerships.models import City, Deliberation


class MovementFilter(RecordFilter):
    line = ReferenceFilter(model=FundingLine, label=_("Funding line"))
    project = ReferenceFilter(field_name="line__project", model=Project, label=_("Project"))
    kind = AnyOfFilter(choices=MovementKind, label=_("Movement"))
    own_cash_in = ReferenceFilter(
        model=City, method="of_own_cash", label=_("The City’s own cash, committed for the city")
    )
    on_after = on_or_after("on", _("On or after"))
    on_before = on_or_before("on", _("On or before"))
    project_stage = AnyOfFilter(
        field_name="line__project__stage", choices=ProjectStage, label=_("Stage of the project")
    )

    class Meta:
        model = Movement
        fields = ["currency", "reference"]

    def of_own_cash(self, queryset, name, city):
        return among(queryset, selectors.money.own_commitments_in(self.request.user, city), "true")


class ForecastFilter(RecordFilter):
    line = ReferenceFilter(model=FundingLine, label=_("Funding line"))
    project = ReferenceFilter(field_name="line__project", model=Project, label=_("Project"))
    year = YearFilter(label=_("Year"))
    deliberation = ReferenceFilter(model=Deliberation, label=_("Frozen by the deliberation"))
    frozen = YesNoFilter(method="that_is_frozen", label=_("Frozen by a vote"))
    compared = YesNoFilter(method="that_is_compared", label=_("Compared with what was disbursed"))
    made_after = on_or_after("made_on", _("Made on or after"))
    made_before = on_or_before("made_on", _("Made on or before"))

    class Meta:
        model = Forecast
        fields: tuple[str, ...] = ()

    def that_is_frozen(self, queryset, name, value):
        return queryset.filter(deliberation__isnull=value == "false")

    def that_is_compared(self, queryset, name, value):
        return among(queryset, selectors.money.compared_forecasts(self.request.user), value)


class ProjectStepFilter(RecordFilter):
    project = ReferenceFilter(model=Project, label=_("Project"))
    open = YesNoFilter(field_name="done_on", lookup_expr="isnull", label=_("Not done"))
    due_after = on_or_after("due_on", _("Due on or after"))
    due_before = on_or_before("due_on", _("Due on or before"))

    class Meta:
        model = ProjectStep
        fields: tuple[str, ...] = ()

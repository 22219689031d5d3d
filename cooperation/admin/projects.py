"""Cooperation projects: where, with whom, on what money, how far, with what results."""

from collections.abc import Iterable, Iterator

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from cooperation import presentation
from cooperation.admin.money import FundingLineRows, ledger
from cooperation.admin.reference import COOPERATION
from cooperation.enums import MARKERS, ProjectRole
from cooperation.models import (
    ExpertAssignment,
    FundingLine,
    Project,
    ProjectCity,
    ProjectOrganisation,
    ProjectStep,
    ProjectTheme,
    PurposeCode,
    ResultIndicator,
    ResultPeriod,
)
from cooperation.selectors import money
from cooperation.selectors import projects as selectors
from core.admin import columns
from core.admin.base import Place, RecordAdmin
from core.admin.inlines import RowsStack, RowsTable
from core.admin.listing import SavedView
from core.admin.start import address_of
from core.templatetags.parvis import euros
from partnerships.admin.places import PERIOD

COLOURS = {
    "idea": "default",
    "in-preparation": "info",
    "adopted": "info",
    "under-way": "success",
    "completed": "default",
    "suspended": "warning",
    "abandoned": "danger",
}


class PlaceRows(RowsTable):
    model = ProjectCity
    fields = ["city", "role", "since", "since_precision", "until", "until_precision"]
    tab = True


class BodyRows(RowsTable):
    model = ProjectOrganisation
    fields = ["organisation", "role"]
    tab = True


class FieldRows(RowsTable):
    model = ProjectTheme
    fields = ["theme"]
    tab = True


class StepRows(RowsTable):
    model = ProjectStep
    fields = ["title", "due_on", "done_on", "note"]
    tab = True


class ExpertRows(RowsStack):
    model = ExpertAssignment
    fields = [("organisation", "person"), "task", ("days_planned", "days_actual"), *PERIOD]
    tab = True


class IndicatorRows(RowsTable):
    """The periods of an indicator, with what was reached, are on its own page."""

    model = ResultIndicator
    fields = ["title_fr", "unit", "baseline", "target"]
    show_change_link = True
    tab = True


def batched(names: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Two beside each other."""
    left = list(names)
    while left:
        yield tuple(left[:2])
        left = left[2:]


def purpose_choices(reader) -> list[tuple[str, str]]:
    return [(code.code, str(code)) for code in PurposeCode.objects.visible_to(reader)]


def city_names(project: Project) -> str:
    return ", ".join(str(place.city) for place in project.places.all()) or str(project.region)


def lead_name(project: Project) -> str:
    return next((str(body.organisation) for body in project.bodies.all() if body.role == ProjectRole.LEAD), "")


@admin.register(Project)
class ProjectAdmin(RecordAdmin):
    list_display = [
        "reference",
        columns.text("title", _("title"), "title_fr"),
        "city_list",
        columns.state("stage", _("stage"), COLOURS),
        "lead",
        "committed",
        "disbursed",
    ]
    list_display_links = ["reference", list_display[1]]
    list_filter = ["stage", "fields__theme", "bodies__role"]
    inlines = [PlaceRows, BodyRows, FieldRows, FundingLineRows, StepRows, ExpertRows, IndicatorRows]
    sidebar = Place(100, "construction", COOPERATION)
    views = (
        SavedView("under-way", _("Under way"), selectors.under_way),
        SavedView("in-preparation", _("In preparation"), selectors.in_preparation),
        SavedView("suspended", _("Suspended"), selectors.stopped),
        SavedView("without-sector", _("Sector not stated"), selectors.without_sector),
    )
    choices_from = {"purposes": purpose_choices}
    export_columns = {"cities": (_("cities"), city_names), "lead": (_("lead directorate"), lead_name)}

    def get_queryset(self, request):
        found = selectors.projects(request.user).order_by(*self.get_ordering(request))
        lines = FundingLine.objects.visible_to(request.user)
        lines = lines.filter(Q(project=OuterRef("pk")) | Q(project__parent=OuterRef("pk")))
        return money.with_money(found, request.user).annotate(has_money=Exists(lines))

    def has_delete_permission(self, request, obj=None) -> bool:
        """Only ideas are deleted; a project beyond is abandoned."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.is_idea)

    def formfield_for_choice_field(self, db_field, request, **kwargs):
        if db_field.name in MARKERS:
            kwargs["choices"] = db_field.get_choices(blank_choice=[("", _("not stated"))])
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def get_fieldsets(self, request, obj=None):
        may_change = self.has_change_permission(request, obj)
        fieldsets = [
            (
                _("What is done"),
                {
                    "fields": ["reference", ("title_fr", "title_en"), ("object_fr", "object_en"), "parent"],
                    "description": _(
                        "Name it, then save: the page shows each next step and what it still lacks."
                        " Cities, directorates, money and steps are in the tabs."
                    ),
                },
            ),
            (_("Where no city is named"), {"fields": [("region_fr", "region_en")]}),
            (
                _("Classification"),
                {
                    "fields": [
                        "purposes" if may_change else "purpose_list",
                        "sdg_targets",
                        "modes" if may_change else "mode_list",
                    ]
                },
            ),
            (_("Policy markers of the DAC"), {"fields": list(batched(MARKERS))}),
            (
                _("Planned dates"),
                {"fields": [("planned_start", "planned_start_precision"), ("planned_end", "planned_end_precision")]},
            ),
            (_("Council and agreement"), {"fields": ["deliberation", "agreement"]}),
        ]
        if obj is not None and obj.actual_start_precision:
            dates = [("actual_start", "actual_start_precision")]
            if obj.actual_end_precision:
                dates.append(("actual_end", "actual_end_precision"))
            corrected = {"fields": dates, "description": _("Set by the steps above; correct a mistake here.")}
            fieldsets.append((_("Dates set by the steps"), corrected))
        if obj is not None and obj.stopped_reason:
            fieldsets.insert(1, (_("Why it stands still"), {"fields": ["stopped_reason"]}))
        return fieldsets

    def get_readonly_fields(self, request, obj=None):
        return ["stopped_reason", "purpose_list", "mode_list"]

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["ledger"] = None
        if change and obj is not None:
            found = money.lines_of(request.user, obj)
            context["ledger"] = ledger(found, money.doubts(request.user, obj))
        return super().render_change_form(request, context, add, change, form_url, obj)

    def records_named(self, request, record) -> dict[str, str]:
        """The agreement and the parts that its reasons may name."""
        named = {str(part): address_of(part) for part in record.parts.visible_to(request.user)}
        if record.agreement:
            named[record.agreement.reference] = address_of(record.agreement)
        return named

    @admin.display(description=_("cities"))
    def city_list(self, project: Project) -> str:
        return city_names(project)

    @admin.display(description=_("lead directorate"))
    def lead(self, project: Project) -> str:
        return lead_name(project)

    @admin.display(description=_("committed (EUR)"), ordering="committed")
    def committed(self, project: Project) -> str:
        return self._known(project, "committed")

    @admin.display(description=_("disbursed (EUR)"), ordering="disbursed")
    def disbursed(self, project: Project) -> str:
        return self._known(project, "disbursed")

    def _known(self, project: Project, name: str) -> str:
        """The sum in EUR; nothing where no funding line is recorded, which is not the same as 0."""
        return euros(getattr(project, name)) if project.has_money else ""  # type: ignore[attr-defined]  # annotated by get_queryset()

    @admin.display(description=_("DAC purpose codes"))
    def purpose_list(self, project: Project) -> str:
        shares = presentation.purposes(project, PurposeCode.objects.filter(code__in=project.purposes))
        return "; ".join(f"{code}: {share} %" for code, share in shares)

    @admin.display(description=_("modes"))
    def mode_list(self, project: Project) -> str:
        return ", ".join(presentation.modes(project))


@admin.register(ProjectStep)
class ProjectStepAdmin(RecordAdmin):
    """Steps across projects."""

    list_display = ["title", "project", "due_on", "done_on"]
    list_select_related = ["project"]
    search_fields = [
        "title__unaccent__icontains",
        "project__reference__icontains",
        "project__title_fr__unaccent__icontains",
        "project__title_en__unaccent__icontains",
    ]
    fields = ["project", "title", ("due_on", "done_on"), "note"]
    sidebar = Place(105, "checklist", COOPERATION)
    views = (
        SavedView("late", _("Late"), selectors.late_steps),
        SavedView("open", _("Not done"), selectors.open_steps),
    )


class PeriodRows(RowsTable):
    model = ResultPeriod
    fields = ["starts_on", "ends_on", "target", "actual", "note"]


@admin.register(ResultIndicator)
class ResultIndicatorAdmin(RecordAdmin):
    """What a project is to achieve, in its periods. Reached from the project."""

    list_display = [columns.text("title", _("title"), "title_fr"), "project", "unit", "baseline", "target"]
    list_select_related = ["project"]
    search_fields = [
        "title_fr__unaccent__icontains",
        "title_en__unaccent__icontains",
        "project__reference__icontains",
    ]
    fields = ["project", ("title_fr", "title_en"), "unit", ("baseline", "baseline_on"), "target"]
    inlines = [PeriodRows]
    sidebar = Place(107, "monitoring", COOPERATION)

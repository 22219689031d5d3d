"""Objectives and commitments: whose each is, how it stands, what it consists of, and what shows it."""

from typing import Any

from django.contrib import admin
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.contrib.filters.admin import DropdownFilter

from core.admin import columns
from core.admin.base import Place, RecordAdmin, saving
from core.admin.listing import SavedView
from core.admin.start import address_of
from core.dates import display
from mandate import services
from mandate.admin.mandates import MANDATE
from mandate.admin.parts import Parts
from mandate.admin.rows import AssociateRows, EvidenceRows, IndicatorRows, MilestoneRows, PreconditionRows
from mandate.enums import ObjectiveStatus
from mandate.models import Objective
from mandate.selectors import objectives as selectors
from mandate.selectors import work

COLOURS = {
    "not-started": "default",
    "on-track": "info",
    "at-risk": "warning",
    "late": "danger",
    "met": "success",
    "dropped": "default",
}


class OwnerFilter(DropdownFilter):
    """By whoever answers for it: accounts themselves are the administrator's business."""

    title = _("who answers for it")
    parameter_name = "owner"

    def lookups(self, request, model_admin):
        return [(str(person.pk), str(person)) for person in work.owners(request.user)]

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        known = {key for key, _label in self.lookup_choices}
        return queryset.filter(owner=self.value()) if self.value() in known else queryset.none()


class ShownFilter(DropdownFilter):
    """By whether a piece of evidence that the reader sees shows it."""

    title = _("what shows it")
    parameter_name = "shown"

    def lookups(self, request, model_admin):
        return [("no", _("nothing shows it yet")), ("yes", _("something shows it"))]

    def queryset(self, request, queryset):
        if self.value() not in ("yes", "no"):
            return queryset
        return queryset.filter(shown_by__gt=0) if self.value() == "yes" else queryset.filter(shown_by=0)


def owner_of(objective: Objective) -> str:
    """The person, or whom the document entrusts it to."""
    return str(objective.owner) if objective.owner else objective.owner_words


def due(objective: Objective) -> str:
    return display(objective.due_on, objective.due_on_precision) or objective.due_words


def associate_names(objective: Objective) -> str:
    return ", ".join(str(associate) for associate in objective.associates.all())


@admin.register(Objective)
class ObjectiveAdmin(Parts, RecordAdmin):
    list_display = [
        "reference",
        "summary",
        "horizon",
        "due_when",
        "answers",
        columns.state("status", _("status"), COLOURS),
        "evidence_count",
    ]
    list_display_links = ["reference", "summary"]
    list_filter = ["mandate", "kind", "horizon", "status", OwnerFilter, ShownFilter]
    sidebar = Place(410, "target", MANDATE)
    views = (
        SavedView("open", pgettext_lazy("objectives", "Open"), work.open_objectives),
        SavedView("late", pgettext_lazy("objectives", "Late"), work.late_objectives),
        SavedView("at-risk", pgettext_lazy("objectives", "At risk"), work.at_risk),
        SavedView("nothing-yet", _("Nothing shows it yet"), work.shown_by_nothing),
    )
    export_columns = {
        "associates": (_("associated deputies and directorates"), associate_names),
        "shown_by": (_("pieces of evidence"), lambda objective: objective.shown_by),
    }
    change_form_outer_before_template = "mandate/admin/objective.html"

    def get_queryset(self, request):
        found = selectors.objectives(request.user).order_by(*self.get_ordering(request))
        return selectors.with_evidence_count(found, request.user)

    def get_ordering(self, request):
        return ["-mandate__starts_on", "mandate", "pk"]

    def get_inlines(self, request, obj):
        """What measures and shows it follows once it is saved, as its parts do."""
        later: list[Any] = [IndicatorRows, EvidenceRows] if obj else []
        return [AssociateRows, PreconditionRows, MilestoneRows, *later, *super().get_inlines(request, obj)]

    def get_fieldsets(self, request, obj=None):
        fieldsets: list[tuple[Any, Any]] = [
            (
                _("What it is"),
                {
                    "fields": [
                        ("mandate", "reference"),
                        ("kind", "horizon"),
                        ("wording_fr", "wording_en"),
                        ("note_fr", "note_en"),
                    ],
                    "description": _(
                        "Associates, preconditions, milestones, indicators and evidence are in the tabs; its parts are"
                        " weighed together, by the button above."
                    ),
                },
            ),
            (_("Who answers for it"), {"fields": ["owner", ("owner_words_fr", "owner_words_en")]}),
            (
                _("By when"),
                {"fields": [("due_on", "due_on_precision"), ("due_words_fr", "due_words_en")]},
            ),
        ]
        whole = [name for name in ("parent", "continues") if obj is not None and getattr(obj, f"{name}_id")]
        if whole:
            fieldsets.append((_("Where it belongs"), {"fields": [f"{name}_link" for name in whole]}))
        if obj is not None and obj.status != ObjectiveStatus.NOT_STARTED:
            told = ["judged_on", *(["status_reason"] if obj.status_reason else [])]
            fieldsets.insert(0, (_("How it was judged"), {"fields": told}))
        return fieldsets

    def get_readonly_fields(self, request, obj=None):
        """An objective stays in its mandate."""
        read = ["judged_on", "status_reason", "parent_link", "continues_link"]
        return [*read, "mandate"] if obj is not None else read

    def get_changeform_initial_data(self, request):
        """The mandate that runs, unless the address names another."""
        running = selectors.current_mandate(request.user)
        return ({"mandate": running.pk} if running else {}) | super().get_changeform_initial_data(request)

    def autocomplete_label(self, objective: Objective) -> str:
        """With the mandate: the handover keeps references."""
        return f"{Truncator(objective).chars(90)} ({objective.mandate})"

    def get_autocomplete_fields(self, request) -> list[str]:
        """Accounts are searched by administrators alone; whoever answers is chosen by name."""
        return [name for name in super().get_autocomplete_fields(request) if name != "owner"]

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "owner":
            kwargs["queryset"] = work.eligible(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def has_delete_permission(self, request, obj=None) -> bool:
        """What was ever judged is dropped, not deleted."""
        return super().has_delete_permission(request, obj) and (
            obj is None or obj.status == ObjectiveStatus.NOT_STARTED
        )

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        with saving(None, request.user):
            # The database would refuse only once the answer is on its way.
            services.check_weights()

    def records_named(self, request, record) -> dict[str, str]:
        """The objectives that its reasons may name."""
        conditions = selectors.preconditions(request.user, record)
        return {str(row.needs): address_of(row.needs) for row in conditions if row.needs}

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["objective"] = None
        if change and obj is not None:
            reader = request.user
            progress = selectors.progress(reader, obj.mandate)
            context["objective"] = {
                "progress": progress[obj.pk],
                "parts": [(part, address_of(part), progress[part.pk]) for part in selectors.parts_of(reader, obj)],
                "evidence": [(shown, address_of(shown.record)) for shown in selectors.evidence_of(reader, obj)],
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    @admin.display(description=_("wording"), ordering="wording_fr")
    def summary(self, objective: Objective) -> str:
        return Truncator(objective.wording).chars(110)

    @admin.display(description=_("due on"), ordering="due_on")
    def due_when(self, objective: Objective) -> str:
        return due(objective)

    @admin.display(description=_("who answers for it"), ordering="owner__last_name")
    def answers(self, objective: Objective) -> str:
        return owner_of(objective)

    @admin.display(description=_("pieces of evidence"), ordering="shown_by")
    def evidence_count(self, objective: Objective) -> str:
        shown: int = objective.shown_by  # type: ignore[attr-defined]  # annotated by get_queryset()
        return str(shown or _("nothing yet"))

    @admin.display(description=_("part of"))
    def parent_link(self, objective: Objective) -> str:
        return _link(objective.parent)

    @admin.display(description=_("carried over from"))
    def continues_link(self, objective: Objective) -> str:
        return _link(objective.continues)


def _link(objective: Objective | None) -> str:
    if objective is None:
        return ""
    return format_html('<a class="underline" href="{}">{}</a>', address_of(objective), objective)

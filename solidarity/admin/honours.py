"""Honours from the nomination to the follow-up, and residencies, as the public knows them.

Whoever is in danger has no row here: her file is reached only through its own pages.
"""

from typing import Any

from django.contrib import admin
from django.db.models import Count
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.admin import columns
from core.admin.base import Place, RecordAdmin
from core.admin.inlines import RowsTable
from core.admin.listing import SavedView
from core.translated import labelled
from partnerships.admin.places import PERIOD
from solidarity.admin.funds import SOLIDARITY
from solidarity.enums import HonourStage
from solidarity.models import CommissionOpinion, Honour, ProgrammeHost, Residency, ResidencyProgramme
from solidarity.rules import honour_warnings
from solidarity.selectors import honours as selectors

COLOURS = {
    "nominated": "info",
    "examined": "info",
    "voted": "warning",
    "awarded": "success",
    "rejected": "danger",
    "withdrawn": "danger",
}


class OpinionRows(RowsTable):
    model = CommissionOpinion
    fields = ["group", "opinion", "note"]
    tab = True


def opinion_texts(honour: Honour) -> str:
    return ", ".join(labelled(row.group, row.get_opinion_display()) for row in honour.opinions.all())


def set_by_steps(honour: Honour) -> list[Any]:
    fields: list[Any] = ["examined_on", "opinion_fr", "deliberation"]
    return [*fields, ("awarded_on", "awarded_on_precision")] if honour.stage == HonourStage.AWARDED else fields


@admin.register(Honour)
class HonourAdmin(RecordAdmin):
    list_display = [
        "reference",
        "recipient_name",
        "kind",
        "year",
        columns.state("stage", _("stage"), COLOURS),
        columns.day("awarded_on", _("awarded on")),
    ]
    list_display_links = ["reference", "recipient_name"]
    list_filter = ["stage", "kind", "year", "exceptional", "foreign_policy"]
    inlines = [OpinionRows]
    sidebar = Place(250, "workspace_premium", SOLIDARITY)
    views = (
        SavedView("open", _("Not over"), selectors.open_honours),
        SavedView("awarded", pgettext_lazy("honours", "Awarded"), selectors.awarded),
    )
    export_columns = {"opinions": (_("opinions of the groups"), opinion_texts)}
    change_form_outer_before_template = "solidarity/admin/honour_warnings.html"
    readonly_fields = ["closed_reason"]

    def get_queryset(self, request):
        return selectors.honours(request.user).order_by(*self.get_ordering(request))

    def get_fieldsets(self, request, obj=None):
        fieldsets: list[tuple[Any, Any]] = [
            (
                _("The nomination"),
                {
                    "fields": [
                        ("reference", "kind"),
                        ("recipient", "organisation"),
                        ("year", "nominated_on"),
                        "exceptional",
                        ("why_fr", "why_en"),
                    ],
                    "description": _(
                        "The opinions of the Council groups are in a tab: the commission needs all of them."
                    ),
                },
            ),
            (_("The legal risk"), {"fields": ["foreign_policy", "legal_opinion"]}),
        ]
        if obj is not None and obj.closed_reason:
            fieldsets.insert(0, (_("Why it ended so"), {"fields": ["closed_reason"]}))
        if obj is not None and obj.stage != HonourStage.NOMINATED:
            corrected = {
                "fields": set_by_steps(obj),
                "description": _("Set by the steps above; correct a mistake here."),
            }
            fieldsets.append((_("The commission, the vote and the award"), corrected))
            fieldsets.append((pgettext_lazy("honour", "Follow-up"), {"fields": [("follow_up_fr", "follow_up_en")]}))
        return fieldsets

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["legal_risks"] = []
        if change and obj is not None:
            # Read again: a form that was refused leaves its values on the record in hand.
            context["legal_risks"] = honour_warnings(self.get_queryset(request).get(pk=obj.pk))
        return super().render_change_form(request, context, add, change, form_url, obj)

    @admin.display(description=_("recipient"), ordering="recipient")
    def recipient_name(self, honour: Honour) -> str:
        return honour.recipient or str(_("not named by the documents"))


class HostRows(RowsTable):
    model = ProgrammeHost
    fields = ["organisation"]
    tab = True


@admin.register(ResidencyProgramme)
class ResidencyProgrammeAdmin(RecordAdmin):
    list_display = [
        columns.text("name", _("name"), "name_fr"),
        "kind",
        "host_list",
        "volume",
        "duration_months",
        columns.day("since", _("since")),
        "residency_count",
    ]
    list_filter = ["kind"]
    fieldsets = [
        (None, {"fields": [("name_fr", "name_en"), ("kind", "network"), "slug"]}),
        (
            _("Whom it hosts"),
            {
                "fields": [
                    ("audience_fr", "audience_en"),
                    ("volume_per_year", "volume_is_about"),
                    "duration_months",
                    PERIOD[0],
                    ("note_fr", "note_en"),
                ]
            },
        ),
    ]
    prepopulated_fields = {"slug": ["name_fr"]}
    inlines = [HostRows]
    sidebar = Place(260, "night_shelter", SOLIDARITY)

    def get_queryset(self, request):
        found = selectors.programmes(request.user).annotate(residency_count=Count("residencies"))
        return found.order_by(*self.get_ordering(request))

    @admin.display(description=_("host institutions"))
    def host_list(self, programme: ResidencyProgramme) -> str:
        return ", ".join(str(host) for host in programme.hosts.all())

    @admin.display(description=_("people a year"), ordering="volume_per_year")
    def volume(self, programme: ResidencyProgramme) -> str | None:
        if programme.volume_per_year is None:
            return None
        number = str(programme.volume_per_year)
        return str(_("about %(number)s") % {"number": number}) if programme.volume_is_about else number

    @admin.display(description=_("public residencies"), ordering="residency_count")
    def residency_count(self, programme: ResidencyProgramme) -> int:
        return programme.residency_count  # type: ignore[attr-defined]  # annotated by get_queryset()


@admin.register(Residency)
class ResidencyAdmin(RecordAdmin):
    list_display = [
        "resident",
        columns.text("programme", _("residency programme"), "programme__name_fr"),
        columns.text("host", _("host institution"), "host__name_fr"),
        "discipline",
        columns.day("since", _("since")),
        columns.day("until", _("until")),
    ]
    list_filter = ["programme", "discipline"]
    fieldsets = [
        (
            None,
            {
                "fields": ["programme", ("resident", "discipline"), "host", *PERIOD],
                "description": _("Only what is public: whoever is in danger has no row here."),
            },
        ),
        (_("How it went"), {"fields": [("support_fr", "support_en"), ("follow_up_fr", "follow_up_en")]}),
    ]
    sidebar = Place(255, "cottage", SOLIDARITY)

    def get_queryset(self, request):
        return selectors.residencies(request.user).order_by(*self.get_ordering(request))

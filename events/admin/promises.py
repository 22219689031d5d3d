"""The ledger of promises: what was promised, by whom, to whom, by when, and whether it is kept."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.admin import columns
from core.admin.base import Place, RecordAdmin
from core.admin.listing import SavedView
from events.admin.occasions import EVENTS, CityFilter
from events.admin.rows import TieRows
from events.enums import PromiseSide, PromiseStatus
from events.models import Promise
from events.selectors import promises as selectors

COLOURS = {"open": "warning", "kept": "success", "not-kept": "danger", "released": "default"}


def ours(reader):
    return selectors.open_promises(reader).filter(side=PromiseSide.OURS)


def theirs(reader):
    return selectors.open_promises(reader).filter(side=PromiseSide.THEIRS)


@admin.register(Promise)
class PromiseAdmin(RecordAdmin):
    list_display = [
        "reference",
        columns.text("what", _("what"), "what_fr"),
        "side",
        columns.text("other_side", _("with")),
        columns.text("responsible", _("who sees to it"), "responsible__name_fr"),
        columns.day("due_on", _("due on")),
        columns.state("status", _("status"), COLOURS),
    ]
    list_display_links = ["reference", list_display[1]]
    list_filter = ["status", "side", CityFilter, "responsible"]
    inlines = [TieRows]
    sidebar = Place(340, "handshake", EVENTS)
    views = (
        SavedView("open", pgettext_lazy("promises", "Open"), selectors.open_promises),
        SavedView("overdue", _("Overdue"), selectors.overdue_promises),
        SavedView("ours", _("Ours to keep"), ours),
        SavedView("theirs", _("Made to us"), theirs),
    )
    about_city = staticmethod(selectors.promises_with)

    def get_queryset(self, request):
        return selectors.promises(request.user).order_by(*self.get_ordering(request))

    def get_ordering(self, request):
        return ["is_settled", *super().get_ordering(request)[1:]]

    def has_delete_permission(self, request, obj=None) -> bool:
        """What is settled stays in the ledger."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.status == PromiseStatus.OPEN)

    def get_fieldsets(self, request, obj=None):
        fieldsets: list[tuple[Any, Any]] = [
            (
                _("What is promised"),
                {"fields": ["reference", "side", ("what_fr", "what_en"), ("made_on", "made_on_precision")]},
            ),
            (_("By when, and who sees to it"), {"fields": [("due_on", "due_on_precision"), "responsible"]}),
            (
                _("Between whom"),
                {"fields": [("city", "country"), "organisation", ("promised_by", "promised_to")]},
            ),
            (
                _("Where it was made"),
                {
                    "fields": ["mission", "delegation", "event", "meeting"],
                    "description": _("One mission, delegation, event or meeting."),
                },
            ),
        ]
        if obj is not None and obj.status != PromiseStatus.OPEN:
            told: list[Any] = ["closed_on", *(["closed_reason"] if obj.closed_reason else [("proof_fr", "proof_en")])]
            corrected = {"fields": told, "description": _("Set by the steps above; correct a mistake here.")}
            fieldsets.insert(0, (_("How it was settled"), corrected))
        return fieldsets

    def get_readonly_fields(self, request, obj=None):
        return ["closed_reason"]

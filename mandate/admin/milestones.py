"""Steps across objectives."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.admin import columns
from core.admin.base import Place, RecordAdmin
from core.admin.listing import SavedView
from mandate.admin.mandates import MANDATE
from mandate.models import Milestone
from mandate.selectors import objectives as selectors
from mandate.selectors import work


@admin.register(Milestone)
class MilestoneAdmin(RecordAdmin):
    list_display = [
        columns.text("title", _("title"), "title_fr"),
        columns.text("objective__reference", pgettext_lazy("of a mandate", "objective"), "objective__reference"),
        columns.day("due_on", _("due on")),
        "reached_on",
    ]
    list_select_related = ["objective"]
    list_filter = ["objective__mandate"]
    search_fields = [
        "title_fr__unaccent__icontains",
        "title_en__unaccent__icontains",
        "objective__reference__icontains",
    ]
    fields = [
        "objective",
        ("title_fr", "title_en"),
        ("due_on", "due_on_precision"),
        "reached_on",
        ("note_fr", "note_en"),
    ]
    sidebar = Place(420, "flag", MANDATE)
    views = (
        SavedView("open", pgettext_lazy("steps", "Not reached"), selectors.open_milestones),
        SavedView("late", pgettext_lazy("steps", "Past their date"), work.late_milestones),
    )

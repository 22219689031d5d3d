from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin import columns
from core.admin.base import Place, RecordAdmin
from core.admin.sidebar import REFERENCE
from partnerships.models import CouncilGroup, Deliberation


@admin.register(Deliberation)
class DeliberationAdmin(RecordAdmin):
    list_display = [
        "number",
        columns.text("title", _("title"), "title_fr"),
        columns.day("voted_on", _("voted on")),
        "rapporteur",
    ]
    list_select_related = ["rapporteur"]
    list_display_links = ["number", list_display[1]]
    date_hierarchy = "voted_on"
    fieldsets = [
        (None, {"fields": ["number", ("title_fr", "title_en"), ("rapporteur", "commission")]}),
        (_("Vote and control"), {"fields": [("voted_on", "voted_on_precision"), ("transmitted_on", "received_on")]}),
    ]
    sidebar = Place(70, "gavel")


@admin.register(CouncilGroup)
class CouncilGroupAdmin(RecordAdmin):
    list_display = ["name", "since", "until"]
    search_fields = ["name__unaccent__icontains"]
    fields = ["name", "slug", ("since", "until")]
    prepopulated_fields = {"slug": ["name"]}
    sidebar = Place(730, "groups", REFERENCE)

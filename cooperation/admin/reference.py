"""What projects, calls and practices are classed by."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from cooperation.models import CouncilLeadTime, PurposeCode, Theme
from core.admin import columns
from core.admin.base import Place, RecordAdmin
from core.admin.sidebar import REFERENCE
from core.translated import order

# The group of the sidebar.
COOPERATION = _("Cooperation")


@admin.register(Theme)
class ThemeAdmin(RecordAdmin):
    list_display = [columns.text("name", _("name"), "name_fr"), "kind", "is_priority"]
    list_filter = ["kind", "is_priority"]
    search_fields = ["name_fr__unaccent__icontains", "name_en__unaccent__icontains"]
    fields = [("name_fr", "name_en"), ("kind", "is_priority"), "slug"]
    prepopulated_fields = {"slug": ["name_fr"]}
    sidebar = Place(740, "category", REFERENCE)

    def get_ordering(self, request):
        return [order("name"), "pk"]


@admin.register(PurposeCode)
class PurposeCodeAdmin(RecordAdmin):
    list_display = ["code", columns.text("name", _("name"), "name_fr")]
    search_fields = ["code", "name_fr__unaccent__icontains", "name_en__unaccent__icontains"]
    fields = ["code", ("name_fr", "name_en")]
    sidebar = Place(750, "tag", REFERENCE)


@admin.register(CouncilLeadTime)
class CouncilLeadTimeAdmin(RecordAdmin):
    list_display = ["days", "since", "until"]
    list_display_links = ["days", "since"]
    search_fields = ["days"]
    fields = ["days", ("since", "until")]
    sidebar = Place(760, "hourglass_top", REFERENCE)

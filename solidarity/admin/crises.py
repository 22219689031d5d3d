from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin import columns
from core.admin.base import Place, RecordAdmin
from core.admin.inlines import RowsTable
from partnerships.admin.places import PERIOD
from solidarity.admin.funds import SOLIDARITY
from solidarity.models import Crisis, CrisisPlace
from solidarity.selectors import grants as selectors


class StruckRows(RowsTable):
    model = CrisisPlace
    fields = ["city", "country"]
    tab = True


@admin.register(Crisis)
class CrisisAdmin(RecordAdmin):
    list_display = [
        columns.text("name", _("name"), "name_fr"),
        "kind",
        "place_list",
        columns.day("since", _("since")),
        columns.day("until", _("until")),
        "grant_count",
    ]
    list_filter = ["kind"]
    fields = [("name_fr", "name_en"), "kind", *PERIOD, "slug"]
    prepopulated_fields = {"slug": ["name_fr"]}
    inlines = [StruckRows]
    sidebar = Place(230, "emergency", SOLIDARITY)

    def get_queryset(self, request):
        return selectors.crises(request.user).order_by(*self.get_ordering(request))

    @admin.display(description=_("places"))
    def place_list(self, crisis: Crisis) -> str:
        return ", ".join(str(place) for place in crisis.places.all())

    @admin.display(description=_("grants"))
    def grant_count(self, crisis: Crisis) -> int:
        """Those that answer it, without what came to nothing."""
        return len(crisis.answering)  # type: ignore[attr-defined]  # prefetched by the selector

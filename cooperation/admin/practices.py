from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from cooperation.admin.reference import COOPERATION
from cooperation.models import GoodPractice, PracticeUptake
from cooperation.selectors import projects as selectors
from core.admin import columns
from core.admin.base import Place, RecordAdmin
from core.admin.inlines import RowsStack
from core.translated import order
from partnerships.admin.places import PERIOD


class UptakeRows(RowsStack):
    model = PracticeUptake
    fields = [("city", "organisation"), ("note_fr", "note_en"), *PERIOD]
    tab = True

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("city", "organisation")


@admin.register(GoodPractice)
class GoodPracticeAdmin(RecordAdmin):
    list_display = [
        columns.text("title", _("title"), "title_fr"),
        "kind",
        columns.text("city", _("city"), "city__name_fr"),
        columns.text("theme", _("field of cooperation"), "theme__name_fr"),
        "uptake_list",
    ]
    list_filter = ["kind", "theme"]
    fieldsets = [
        (None, {"fields": [("title_fr", "title_en"), ("kind", "theme"), ("city", "slug")]}),
        (
            _("What is done, for whom, on what evidence"),
            {
                "fields": [
                    ("practice_fr", "practice_en"),
                    ("serves_fr", "serves_en"),
                    ("evidence_fr", "evidence_en"),
                    "url",
                ]
            },
        ),
    ]
    prepopulated_fields = {"slug": ["title_fr"]}
    inlines = [UptakeRows]
    sidebar = Place(160, "lightbulb", COOPERATION)

    def get_queryset(self, request):
        return selectors.practices(request.user).order_by(*self.get_ordering(request))

    def get_ordering(self, request):
        return [order("title"), "pk"]

    @admin.display(description=_("taken up by"))
    def uptake_list(self, practice: GoodPractice) -> str:
        return ", ".join(str(uptake) for uptake in practice.uptakes.all())

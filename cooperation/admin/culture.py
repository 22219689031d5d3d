"""Culture abroad and from abroad."""

from django.contrib import admin, messages
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from cooperation.admin.money import FundingLineRows, ledger
from cooperation.admin.reference import COOPERATION
from cooperation.models import CulturalDestination, CulturalProject
from cooperation.selectors import culture as selectors
from cooperation.selectors import money
from core.admin import columns
from core.admin.base import Place, RecordAdmin
from core.admin.inlines import RowsTable

COLOURS = {"planned": "info", "current": "success", "past": "default", "cancelled": "danger"}


class DestinationRows(RowsTable):
    model = CulturalDestination
    fields = ["city", "country"]
    tab = True


@admin.register(CulturalProject)
class CulturalProjectAdmin(RecordAdmin):
    list_display = [
        columns.text("title", _("title"), "title_fr"),
        "kind",
        "year",
        columns.text("recipient", _("recipient"), "recipient__name_fr"),
        "discipline",
        "destination_list",
        columns.state("status", _("status"), COLOURS),
    ]
    list_filter = ["kind", "status", "discipline", "year"]
    fieldsets = [
        (None, {"fields": [("title_fr", "title_en"), ("kind", "status"), ("year", "discipline"), "recipient", "slug"]}),
        (_("When"), {"fields": [("starts_on", "starts_on_precision"), ("ends_on", "ends_on_precision")]}),
        (_("More"), {"fields": [("organiser_fr", "organiser_en"), ("note_fr", "note_en")]}),
    ]
    prepopulated_fields = {"slug": ["title_fr"]}
    inlines = [DestinationRows, FundingLineRows]
    sidebar = Place(130, "theater_comedy", COOPERATION)

    def get_queryset(self, request):
        return selectors.cultural_projects(request.user).order_by(*self.get_ordering(request))

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["ledger"] = None
        if change and obj is not None:
            context["ledger"] = ledger(money.lines(request.user).filter(cultural_project=obj), [])
        return super().render_change_form(request, context, add, change, form_url, obj)

    def save_related(self, request, form, formsets, change):
        """Recipients and disciplines take turns: who saves one that comes back at once is told, and decides."""
        super().save_related(request, form, formsets, change)
        project = form.instance
        recipient, discipline = selectors.repeats(project)
        told = {"recipient": project.recipient, "discipline": project.get_discipline_display()}
        if recipient:
            messages.warning(
                request, gettext("%(recipient)s is supported in consecutive years: recipients take turns.") % told
            )
        if discipline:
            messages.warning(
                request,
                gettext("The discipline “%(discipline)s” is supported in consecutive years: disciplines take turns.")
                % told,
            )

    @admin.display(description=_("destinations"))
    def destination_list(self, project: CulturalProject) -> str:
        return ", ".join(str(destination) for destination in project.destinations.all())

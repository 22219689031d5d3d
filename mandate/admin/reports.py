"""Reports to the Council, written on one page: the period, the titles, the texts, and below them what the records state."""

from django.contrib import admin
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.access import audiences
from core.admin import columns
from core.admin.base import Place, RecordAdmin
from core.admin.history import Entry
from core.admin.inlines import RowsStack
from core.admin.listing import SavedView
from core.enums import Audience, Language
from mandate.admin.mandates import MANDATE
from mandate.models import Report, ReportBlock
from mandate.reports import writing
from mandate.reports.forms import PDF
from mandate.reports.printing import status
from mandate.reports.shown import shown
from mandate.selectors import reports as selectors

COLOURS = {"draft": "warning", "adopted": "success"}


class BlockRows(RowsStack):
    """The texts in both languages side by side, in the order in which they are read; an adoption closes them."""

    model = ReportBlock
    fields = [("section", "position"), ("heading_fr", "heading_en"), ("text_fr", "text_en")]

    def allowed(self, request, verb: str, obj) -> bool:
        adopted = isinstance(obj, Report) and not obj.is_draft
        return super().allowed(request, verb, obj) and (verb == "view" or not adopted)

    def get_queryset(self, request):
        return selectors.in_reading_order(super().get_queryset(request))


@admin.register(Report)
class ReportAdmin(RecordAdmin):
    list_display = [
        columns.text("title", _("title"), "title_fr"),
        "starts_on",
        "ends_on",
        columns.state("status", _("status"), COLOURS),
        "adopted_on",
        columns.text("deliberation", _("deliberation"), "deliberation__number"),
    ]
    list_filter = ["status"]
    fieldsets = [
        (None, {"fields": [("title_fr", "title_en"), "slug"]}),
        (
            _("Period"),
            {
                "fields": [("starts_on", "ends_on")],
                "description": _("Both days count. What the records state of it stands below the texts."),
            },
        ),
        (_("Adoption"), {"fields": ["deliberation"]}),
    ]
    prepopulated_fields = {"slug": ["title_fr"]}
    inlines = [BlockRows]
    sidebar = Place(440, "description", MANDATE)
    views = (SavedView("drafts", pgettext_lazy("reports", "In preparation"), selectors.in_preparation),)
    change_form_outer_before_template = "mandate/admin/report_links.html"
    change_form_outer_after_template = "mandate/admin/report_account.html"

    def get_queryset(self, request):
        return selectors.reports(request.user).order_by(*self.get_ordering(request))

    def get_fieldsets(self, request, obj=None):
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or obj.is_draft:
            return fieldsets
        return [*fieldsets[:-1], (_("Adoption"), {"fields": [("adopted_on", "deliberation")]})]

    def get_prepopulated_fields(self, request, obj=None):
        return super().get_prepopulated_fields(request, obj) if obj is None or obj.is_draft else {}

    def has_change_permission(self, request, obj=None) -> bool:
        """The database refuses it too: what was adopted is read."""
        return super().has_change_permission(request, obj) and (obj is None or obj.is_draft)

    def entries(self, request, record) -> list[Entry]:
        """How the draft was written is for those who read drafts, also once the report is adopted."""
        found = super().entries(request, record)
        return found if Audience.DEPUTIES in audiences(request.user) else [entry for entry in found if not entry.row]

    def has_delete_permission(self, request, obj=None) -> bool:
        """Only drafts are deleted."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.is_draft)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["report"] = None
        if change and obj is not None:
            # Read again: a form that was refused leaves its values on the record in hand.
            report = self.get_queryset(request).get(pk=obj.pk)
            account = writing.account(report, request.user)
            page = report.get_absolute_url()
            context["report"] = {
                "page": page,
                "papers": [
                    (language, f"{page}?{urlencode({'as': PDF, 'language': language.value})}") for language in Language
                ],
                "shown": shown(account),
                "status": status(account),
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

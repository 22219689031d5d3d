"""Exchange programmes with their editions, and applications for labels."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from cooperation.admin.reference import COOPERATION
from cooperation.models import Edition, ExchangeProgramme, Label
from cooperation.selectors import projects as selectors
from core.admin import columns
from core.admin.base import Place, RecordAdmin
from core.admin.inlines import RowsStack
from core.admin.listing import SavedView
from core.translated import order

LABEL_COLOURS = {
    "received": "info",
    "under-review": "warning",
    "awarded": "success",
    "refused": "danger",
    "withdrawn": "default",
}
EDITION_FIELDS: list[Any] = [
    ("year", "city"),
    ("starts_on", "starts_on_precision"),
    ("places", "applicants", "participants"),
    ("planned_cost", "actual_cost"),
    "note",
]


class EditionRows(RowsStack):
    model = Edition
    fields = EDITION_FIELDS
    tab = True

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("programme", "city")


@admin.register(ExchangeProgramme)
class ExchangeProgrammeAdmin(RecordAdmin):
    list_display = [
        columns.text("name", _("name"), "name_fr"),
        "kind",
        columns.text("organiser", _("organised by"), "organiser__name_fr"),
        "last_edition",
    ]
    list_filter = ["kind"]
    fields = [("name_fr", "name_en"), ("kind", "organiser"), ("description_fr", "description_en"), "slug"]
    prepopulated_fields = {"slug": ["name_fr"]}
    inlines = [EditionRows]
    sidebar = Place(140, "school", COOPERATION)

    def get_queryset(self, request):
        return selectors.programmes(request.user).order_by(*self.get_ordering(request))

    def get_ordering(self, request):
        return [order("name"), "pk"]

    @admin.display(description=_("last edition"))
    def last_edition(self, programme: ExchangeProgramme) -> int | None:
        return next((edition.year for edition in programme.editions.all()), None)


@admin.register(Edition)
class EditionAdmin(RecordAdmin):
    list_display = [
        columns.text("programme", _("programme"), "programme__name_fr"),
        "year",
        columns.text("city", _("partner city"), "city__name_fr"),
        "places",
        "applicants",
        "participants",
        "planned_cost",
        "actual_cost",
    ]
    list_display_links = [list_display[0], "year"]
    list_select_related = ["programme", "city"]
    list_filter = ["year", "programme"]
    search_fields = [
        "programme__name_fr__unaccent__icontains",
        "programme__name_en__unaccent__icontains",
        "city__name_fr__unaccent__icontains",
        "city__name_en__unaccent__icontains",
    ]
    fields = ["programme", *EDITION_FIELDS]
    sidebar = Place(145, "event_repeat", COOPERATION)


@admin.register(Label)
class LabelAdmin(RecordAdmin):
    list_display = [
        columns.text("applicant", _("applicant"), "applicant__name_fr"),
        columns.text("title", _("what is labelled"), "title_fr"),
        columns.text("programme", _("label"), "programme__name_fr"),
        columns.state("stage", _("stage"), LABEL_COLOURS),
        "received_on",
        "valid_until",
    ]
    list_display_links = [list_display[0], list_display[1]]
    list_filter = ["stage", "programme"]
    sidebar = Place(150, "verified", COOPERATION)
    views = (SavedView("valid", _("Valid today"), selectors.valid_labels),)

    def get_queryset(self, request):
        return selectors.labels(request.user).order_by(*self.get_ordering(request))

    def get_fieldsets(self, request, obj=None):
        fieldsets: list[tuple[Any, Any]] = [
            (None, {"fields": [("programme", "applicant"), ("title_fr", "title_en"), "received_on", "opinion"]})
        ]
        if obj is not None and obj.decided_on:
            dates = [("decided_on", "valid_until")] if obj.valid_until else ["decided_on"]
            corrected = {"fields": dates, "description": _("Set by the steps above; correct a mistake here.")}
            fieldsets.append((_("Dates set by the steps"), corrected))
        if obj is not None and obj.decision_reason:
            fieldsets.append((_("Why it ended so"), {"fields": ["decision_reason"]}))
        return fieldsets

    def get_readonly_fields(self, request, obj=None):
        return ["decision_reason"]

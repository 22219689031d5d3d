"""What the pages and lists of missions, delegations and events share."""

from typing import Any

from django.contrib import admin
from django.db.models import F
from django.db.models.functions import ExtractYear
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from core.admin.base import RecordAdmin
from core.translated import order
from events.admin import preparation
from events.models.occasions import NOT_CONFIRMED
from partnerships.models import City

# The group of the sidebar.
EVENTS = _("Missions and events")
COLOURS = {
    "idea": "default",
    "planned": "info",
    "confirmed": "warning",
    "done": "success",
    "received": "success",
    "held": "success",
    "cancelled": "danger",
}


class YearFilter(DropdownFilter):
    """By the year in which it began, or is to begin."""

    title = _("year")
    parameter_name = "year"

    def lookups(self, request, model_admin):
        dated = model_admin.get_queryset(request).order_by().annotate(of_year=ExtractYear("begins"))
        years = dated.values_list("of_year", flat=True).distinct()
        return [(str(year), str(year)) for year in sorted((year for year in years if year), reverse=True)]

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        years = {name for name, _label in self.lookup_choices}
        return queryset.filter(begins__year=self.value()) if self.value() in years else queryset.none()


class CityFilter(DropdownFilter):
    """By a city; the page's `about_city(reader, city)` is the selector that answers it."""

    title = _("city")
    parameter_name = "city"

    def lookups(self, request, model_admin):
        self.about_city = model_admin.about_city
        cities = City.objects.visible_to(request.user).order_by(order("name"), "pk")
        return [(city.slug, str(city)) for city in cities]

    def queryset(self, request, queryset):
        if not self.value():
            return queryset
        city = City.objects.visible_to(request.user).filter(slug=self.value()).first()
        if city is None:
            return queryset.none()
        return queryset.filter(pk__in=self.about_city(request.user, city).order_by().values("pk"))


class OccasionAdmin(preparation.WithPreparation, RecordAdmin):
    """A page on which an occasion is prepared. What it is, is shown first; what happened, once it did."""

    # What the first part of the form asks for, and what else there is: (heading, fields).
    about: list = []
    help_text: Any = ""
    happened: list = [("actual_start", "actual_start_precision"), ("actual_end", "actual_end_precision")]

    def get_ordering(self, request):
        return [F("begins").desc(nulls_last=True), "-reference"]

    def has_delete_permission(self, request, obj=None) -> bool:
        """Only plans are deleted; what is confirmed is cancelled."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.status in NOT_CONFIRMED)

    def more(self, obj) -> list[tuple[Any, list]]:
        """Further parts of the form, each a heading and its fields."""
        return []

    def get_fieldsets(self, request, obj=None):
        planned = [
            ("planned_start", "planned_start_precision"),
            ("planned_end", "planned_end_precision"),
            ("when_fr", "when_en"),
        ]
        fieldsets: list[tuple[Any, Any]] = [
            (_("What it is"), {"fields": self.about, "description": self.help_text}),
            (_("Planned dates"), {"fields": planned}),
            *((heading, {"fields": fields}) for heading, fields in self.more(obj)),
        ]
        if obj is not None and obj.has_taken_place:
            corrected = {"fields": self.happened, "description": _("Set by the steps above; correct a mistake here.")}
            fieldsets.append((_("As it took place"), corrected))
        if obj is not None and obj.cancelled_reason:
            fieldsets.insert(0, (_("Why it is cancelled"), {"fields": ["cancelled_reason"]}))
        return fieldsets

    def get_readonly_fields(self, request, obj=None):
        return ["cancelled_reason"]

    def to_list(self):
        return redirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))

    @admin.display(description=_("when"), ordering="begins")
    def when(self, record) -> str:
        return preparation.when(record)

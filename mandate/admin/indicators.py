"""Indicators across objectives: what each measures, what it read last, and every reading."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.admin import columns
from core.admin.base import Place, RecordAdmin
from core.admin.listing import SavedView
from core.admin.start import address_of
from mandate import measures
from mandate.admin.mandates import MANDATE
from mandate.admin.quantities import now
from mandate.admin.rows import Measured
from mandate.models import Indicator
from mandate.presentation import quantity, reads, tendency
from mandate.selectors import indicators as selectors

# How many records and readings its page names; the API has them all.
SHOWN = 30


def told(reader, indicator: Indicator) -> dict[str, Any]:
    """What stands above the form: the figure now with the records behind it, the trend, and the last readings."""
    found = selectors.measured(reader, indicator)
    records = [record for rows in found.records for record in rows[:SHOWN]] if found else []
    return {
        "now": now(reader, indicator),
        "records": [(record, address_of(record)) for record in records],
        "trend": tendency(selectors.trend(indicator)),
        "readings": [
            (reading.day, reads(indicator, reading.value)) for reading in selectors.readings(reader, indicator)[:SHOWN]
        ],
        "by_hand": indicator.judged_words,
    }


def judged_by_hand(reader):
    return selectors.indicators(reader).filter(measure="")


def measured_by_facts(reader):
    return selectors.indicators(reader).exclude(measure="")


@admin.register(Indicator)
class IndicatorAdmin(Measured, RecordAdmin):
    list_display = [
        columns.text("title", _("title"), "title_fr"),
        columns.text("objective__reference", pgettext_lazy("of a mandate", "objective"), "objective__reference"),
        "measure_title",
        "read_last",
        "tends",
        "aim",
    ]
    list_filter = ["objective__mandate", "measure"]
    search_fields = [
        "title_fr__unaccent__icontains",
        "title_en__unaccent__icontains",
        "objective__reference__icontains",
    ]
    fieldsets = [
        (None, {"fields": ["objective", ("title_fr", "title_en"), "position"]}),
        (
            _("Measured by facts"),
            {
                "fields": [("measure", "parameter"), ("since", "until")],
                "description": _("Parvis reads it every day; the unit follows the measure."),
            },
        ),
        (_("Judged by hand"), {"fields": [("judged_words_fr", "judged_words_en")]}),
        (_("Target"), {"fields": [("direction", "target"), ("baseline", "unit")]}),
    ]
    change_form_outer_before_template = "mandate/admin/indicator.html"
    sidebar = Place(430, "monitoring", MANDATE)
    views = (
        SavedView("measured", _("Measured by facts"), measured_by_facts),
        SavedView("judged-by-hand", _("Judged by hand"), judged_by_hand),
    )

    def get_queryset(self, request):
        return selectors.indicators(request.user).order_by(*self.get_ordering(request))

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["indicator"] = None
        if change and obj is not None:
            # Read again: a form that was refused leaves its values on the record in hand.
            context["indicator"] = told(request.user, self.get_queryset(request).get(pk=obj.pk))
        return super().render_change_form(request, context, add, change, form_url, obj)

    @admin.display(description=_("measure"), ordering="measure")
    def measure_title(self, indicator: Indicator) -> str:
        known = measures.registered().get(indicator.measure)
        return str(known.title) if known else str(_("judged by hand"))

    @admin.display(description=_("target"), ordering="target")
    def aim(self, indicator: Indicator) -> str:
        if indicator.target is None:
            return ""
        return f"{indicator.get_direction_display()} {quantity(indicator.target, indicator.unit)}"

"""The days on which the Council sits, and what a kilometre emits."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core import clock
from core.admin import columns
from core.admin.base import Place, RecordAdmin
from core.admin.listing import SavedView
from core.admin.sidebar import REFERENCE
from core.templatetags.parvis import number
from events.admin.occasions import EVENTS
from events.models import CouncilSitting, EmissionFactor
from events.selectors import occasions as selectors


def to_come(reader):
    return selectors.sittings(reader).filter(ends_on__gte=clock.today())


@admin.register(CouncilSitting)
class CouncilSittingAdmin(RecordAdmin):
    list_display = ["starts_on", "ends_on", columns.text("note", _("note"), "note_fr")]
    search_fields = ["note_fr__unaccent__icontains", "note_en__unaccent__icontains"]
    fields = [("starts_on", "ends_on"), ("note_fr", "note_en")]
    date_hierarchy = "starts_on"
    sidebar = Place(350, "gavel", EVENTS)
    views = (SavedView("to-come", _("To come"), to_come),)


@admin.register(EmissionFactor)
class EmissionFactorAdmin(RecordAdmin):
    list_display = [
        "mode",
        columns.text("label", _("what it covers"), "label_fr"),
        "per_km",
        "valid_from",
        "valid_to",
        columns.text("source", _("source"), "source__title_fr"),
    ]
    list_display_links = ["mode", list_display[1]]
    list_select_related = ["source"]
    list_filter = ["mode"]
    search_fields = ["label_fr__unaccent__icontains", "label_en__unaccent__icontains"]
    fields = [("mode", "kg_per_km"), ("label_fr", "label_en"), ("valid_from", "valid_to"), "source"]
    sidebar = Place(775, "eco", REFERENCE)

    @admin.display(description=_("kg CO2e per passenger and km"), ordering="kg_per_km")
    def per_km(self, factor: EmissionFactor) -> str:
        return number(factor.kg_per_km.normalize())

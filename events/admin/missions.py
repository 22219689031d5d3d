"""Missions: a trip is prepared on one page, from the idea to what came of it."""

from typing import Any

from django.contrib import admin
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import action

from cooperation.admin.money import amount_in_euros
from core.admin import columns
from core.admin.base import Place
from core.admin.inlines import RowsStack
from core.admin.listing import SavedView
from core.exceptions import Reason
from core.templatetags.parvis import number
from events.admin import preparation
from events.admin.occasions import COLOURS, EVENTS, CityFilter, OccasionAdmin, YearFilter
from events.admin.rows import ItineraryRows, MeetingRows, OutcomeRows, PromiseRows, TieRows, TravellerRows
from events.enums import AHEAD
from events.models import Destination, Leg, Mission, Participant
from events.rules import left_without, mandate_warnings, what_a_traveller_lacks
from events.selectors import occasions as selectors


class DestinationRows(RowsStack):
    model = Destination
    fields = [("stage", "city"), ("country", "area"), ("arrives_on", "leaves_on")]
    tab = True

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("city", "country", "area")


class LegRows(RowsStack):
    """How they travel, and what it emits."""

    model = Leg
    fields = [
        ("mode", "carrier"),
        ("origin", "destination"),
        "leaves_on",
        ("leaves_at", "arrives_at"),
        ("distance_km", "passengers"),
        ("factor", "emitted"),
    ]
    readonly_fields = ["emitted"]
    tab = True

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("factor")

    @admin.display(description=_("emissions (kg CO2e)"))
    def emitted(self, leg: Leg) -> str:
        return "" if leg._state.adding or leg.kg_co2e is None else number(round(leg.kg_co2e))


def destination_names(mission: Mission) -> str:
    return ", ".join(dict.fromkeys(str(place) for place in selectors.places(mission)))


def traveller_names(mission: Mission) -> str:
    return ", ".join(str(traveller) for traveller in mission.participants.all())


def lacking(traveller: Participant, mission: Mission) -> list[Reason]:
    """What the traveller still needs before the departure; nothing once it is over."""
    if mission.status not in AHEAD:
        return []
    return list(what_a_traveller_lacks(traveller, mission.planned_start))


@admin.register(Mission)
class MissionAdmin(OccasionAdmin):
    """The page on which a trip is prepared: who goes where, sent by whom, to meet whom, at what cost."""

    list_display = [
        "reference",
        columns.text("title", _("title"), "title_fr"),
        "destination_list",
        "when",
        columns.state("status", _("status"), COLOURS),
        "traveller_count",
        amount_in_euros("planned_cost", _("planned cost (EUR)")),
    ]
    list_display_links = ["reference", list_display[1]]
    list_filter = ["status", "horizon", "emblematic", YearFilter, CityFilter]
    about = [
        "reference",
        ("title_fr", "title_en"),
        ("purpose_fr", "purpose_en"),
        ("horizon", "emblematic"),
        "event",
    ]
    help_text = _(
        "Name it, then save: the page shows each next step and what it still lacks."
        " Destinations, travellers, legs, itinerary, meetings, outcomes and promises are in the tabs."
    )
    actions_detail = ["open_briefing"]
    sidebar = Place(300, "flight_takeoff", EVENTS)
    views = (
        SavedView("ahead", _("Ahead"), selectors.upcoming_missions),
        SavedView("done", pgettext_lazy("missions", "Took place"), selectors.missions_done),
    )
    export_columns = {
        "destinations": (_("destinations"), destination_names),
        "travellers": (_("travellers"), traveller_names),
    }
    about_city = staticmethod(selectors.missions_about)

    def get_queryset(self, request):
        return selectors.missions(request.user).order_by(*self.get_ordering(request))

    def more(self, obj):
        costs: Any = ("planned_cost", "actual_cost") if obj is not None and obj.has_taken_place else "planned_cost"
        return [(_("Cost"), [costs])]

    def get_inlines(self, request, obj):
        """What comes of a trip, and what is promised on it, follow once it has its number."""
        later: list[Any] = [OutcomeRows, PromiseRows] if obj else []
        own = [DestinationRows, TravellerRows, LegRows, ItineraryRows, MeetingRows, TieRows]
        return [*own, *later, *super().get_inlines(request, obj)]

    def prepared(self, reader, record: Mission) -> preparation.Preparation:
        return preparation.Preparation(
            warnings=mandate_warnings(record) + left_without(record),
            parts=[
                preparation.in_two_places(reader, record),
                preparation.still_promised(reader, record),
                preparation.led_here(reader, record),
            ],
            trip=preparation.Trip(
                travellers=[(traveller, lacking(traveller, record)) for traveller in record.participants.all()],
                coverage=selectors.coverage_of(reader, record),
                emissions=selectors.emissions(selectors.legs(reader, mission=record)),
                emblematic=record.emblematic,
            ),
        )

    @action(description=_("Briefing"), url_path="briefing", permissions=["view"], icon="print")
    def open_briefing(self, request, object_id):
        mission = self.get_object(request, object_id)
        return redirect("events:mission-briefing", mission.reference) if mission else self.to_list()

    @admin.display(description=_("destinations"))
    def destination_list(self, mission: Mission) -> str:
        return destination_names(mission)

    @admin.display(description=_("travellers"))
    def traveller_count(self, mission: Mission) -> str:
        """How many are known to go; more where a body or a description does not say how many."""
        counts = [1 if who.person_id else who.headcount for who in mission.participants.all()]
        known = sum(count or 0 for count in counts)
        if None not in counts:
            return str(known)
        return str(_("%(number)s or more") % {"number": known} if known else _("not known"))

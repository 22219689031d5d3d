"""What of missions and events needs attention, for the start page."""

from collections.abc import Iterator
from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from core import clock
from core.access import may
from core.admin.start import SHOWN, Card, Line, address_of, attention, card
from events.admin.missions import destination_names
from events.admin.preparation import due, when
from events.models import Mission, Promise
from events.rules import MANDATE_WARNING_DAYS, mandate_warnings
from events.selectors import occasions, promises


@attention
def missions(reader) -> Iterator[Card]:
    """The trips ahead, and those whose travellers lack a mandate or an order when it is time."""
    if not may(reader, "view", Mission):
        return
    ahead = occasions.upcoming_missions(reader)
    yield card(
        _("Missions ahead"),
        ahead,
        view="ahead",
        empty=_("No mission is ahead."),
        note=lambda mission: ", ".join(part for part in (destination_names(mission), when(mission)) if part),
    )
    today = clock.today()
    soon = ahead.filter(planned_start__range=(today, today + timedelta(days=MANDATE_WARNING_DAYS)))
    found = [(mission, reasons) for mission in soon if (reasons := mandate_warnings(mission))]
    yield Card(
        title=_("Missions that leave soon: mandates and orders that are missing"),
        count=len(found),
        lines=[
            Line(str(mission), address_of(mission), " ".join(map(str, reasons))) for mission, reasons in found[:SHOWN]
        ],
        link=reverse("admin:events_mission_changelist") + "?view=ahead",
        empty=_("Whoever leaves soon has a mandate or a mission order."),
    )


@attention
def overdue(reader) -> Iterator[Card]:
    if may(reader, "view", Promise):
        yield card(
            _("Overdue promises"),
            promises.overdue_promises(reader),
            view="overdue",
            empty=_("No promise is overdue."),
            note=lambda promise: f"{promise.other_side}, {due(promise)}",
        )

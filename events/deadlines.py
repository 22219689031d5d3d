"""What falls due: mandates before a departure, promises, what was promised before the next meeting, stages of bids."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core import dates, written
from core.deadlines import Deadline, source
from core.enums import Precision
from core.translated import labelled
from events import selectors
from events.enums import AHEAD, EventKind, MissionStatus, Quality
from events.models import BidStage, Delegation, Event, Meeting, Mission, Participant, Promise
from events.rules import what_a_traveller_lacks


@source("mission-mandate", gettext_lazy("Special mandate or mission order before a departure"))
def mission_mandates(reader, since: date, until: date) -> Iterator[Deadline]:
    """The last day for the Council to vote a special mandate, and for a mission order: the day before the departure (A13)."""
    day = timedelta(days=1)
    missing: dict[Mission, int] = {}
    for traveller in written.rows(_travellers, reader, since + day, until + day):
        assert traveller.mission  # the filter leaves out those without
        missing[traveller.mission] = missing.get(traveller.mission, 0) + any(
            what_a_traveller_lacks(traveller, traveller.mission.planned_start)
        )
    for mission, count in missing.items():
        if count:
            assert mission.planned_start
            what = ngettext(
                "%(mission)s: %(count)s traveller without mandate or mission order",
                "%(mission)s: %(count)s travellers without mandate or mission order",
                count,
            ) % {"mission": mission.title, "count": count}
            yield Deadline(mission.planned_start - day, "mission-mandate", what, mission.get_absolute_url(), mission)


def _travellers(reader, since: date, until: date) -> QuerySet[Participant]:
    """Who goes on a mission that nobody has confirmed yet and that leaves between the two days."""
    return (
        Participant.objects.visible_to(reader)
        .filter(
            quality__in=[Quality.ELECTED, Quality.STAFF],
            mission__status__in=[MissionStatus.IDEA, MissionStatus.PLANNED],
            mission__planned_start_precision="day",
            mission__planned_start__range=(since, until),
        )
        .select_related("mission", "person", "mandate")
    )


@source("promise-due", gettext_lazy("Promise"))
def promises_due(reader, since: date, until: date) -> Iterator[Deadline]:
    """Open promises, on the last day of what is known of their due date."""
    for promise in written.rows(_perhaps_due, reader, since, until):
        assert promise.due_on  # the filter leaves out those without
        due = dates.last_day(promise.due_on, promise.due_on_precision)
        if since <= due <= until:
            what = _("Promise: %(what)s") % {"what": promise.what}
            yield Deadline(due, "promise-due", what, promise.get_absolute_url(), promise)


def _perhaps_due(reader, since: date, until: date) -> QuerySet[Promise]:
    earliest = date(since.year - 1, 1, 1)
    found = selectors.promises.open_promises(reader).filter(due_on__range=(earliest, until))
    return found.exclude(due_on_precision="day", due_on__lt=since).select_related(None)


@source("promise-before-meeting", gettext_lazy("Open promises before a meeting"))
def promises_before_meeting(reader, since: date, until: date) -> Iterator[Deadline]:
    """What is still open with the cities of a trip, a visit, an event or a meeting, on the day before it begins; of a meeting
    on a trip, what has not come back before the trip."""
    day = timedelta(days=1)
    days = (since + day, until + day)
    asked = (_trips, _visits, _events, _meetings)
    met = [row for find in asked for row in written.rows(find, reader, *days)]
    told = {row: row.subject for row in met if isinstance(row, Meeting) and _is_told(row.subject)}
    cities = selectors.promises.cities_of_each([*met, *told.values()])
    with_each = selectors.promises.open_with_each(reader, set().union(*cities.values()))
    for row in met:
        keys = cities[row] - (cities[told[row]] if row in told else set())
        count = len(set().union(*(with_each.get(key, set()) for key in keys)))
        if count:
            begins = row.day if isinstance(row, Meeting) else row.planned_start
            assert begins  # the filters leave out those without
            what = ngettext(
                "Before %(occasion)s: %(count)s open promise",
                "Before %(occasion)s: %(count)s open promises",
                count,
            ) % {"occasion": row.title, "count": count}
            yield Deadline(begins - day, "promise-before-meeting", what, row.get_absolute_url(), row)


def _is_told(whole: Mission | Delegation | Event | None) -> bool:
    """Whether what is promised came back before the trip, visit or event itself, whose day is known."""
    return whole is not None and whole.starts[1] == Precision.DAY


def _trips(reader, since: date, until: date) -> QuerySet[Mission]:
    return Mission.objects.visible_to(reader).filter(status__in=AHEAD, **_begins(since, until))


def _visits(reader, since: date, until: date) -> QuerySet[Delegation]:
    return Delegation.objects.visible_to(reader).filter(status__in=AHEAD, **_begins(since, until))


def _events(reader, since: date, until: date) -> QuerySet[Event]:
    found = Event.objects.visible_to(reader).filter(status__in=AHEAD, **_begins(since, until))
    return found.exclude(kind=EventKind.WORLD)


def _meetings(reader, since: date, until: date) -> QuerySet[Meeting]:
    found = selectors.occasions.to_come(Meeting.objects.visible_to(reader))
    return found.filter(day_precision="day", day__range=(since, until)).select_related("mission", "delegation", "event")


def _begins(since: date, until: date) -> dict[str, Any]:
    return {"planned_start_precision": "day", "planned_start__range": (since, until)}


@source("bid-stage", gettext_lazy("Stage of a bid"))
def bid_stages(reader, since: date, until: date) -> Iterator[Deadline]:
    """Stages of a bid that are not passed yet, on the last day of what is known of their date."""
    for stage in written.rows(_open_stages, reader, date(since.year - 1, 1, 1), until):
        assert stage.due_on  # the filter leaves out those without
        due = dates.last_day(stage.due_on, stage.due_on_precision)
        if since <= due <= until:
            what = labelled(stage.event.title, stage.title)
            yield Deadline(due, "bid-stage", what, stage.event.get_absolute_url(), stage)


def _open_stages(reader, since: date, until: date) -> QuerySet[BidStage]:
    stages = BidStage.objects.visible_to(reader).filter(
        passed_on_precision="", due_on__range=(since, until), event__status__in=AHEAD
    )
    return stages.select_related("event").order_by("due_on")

"""The agenda as a calendar (RFC 5545), for a calendar client that reads it now and then."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta

import icalendar
from django.conf import settings
from django.utils.translation import gettext as _

from core import clock
from core.deadlines import Deadline
from core.models import BaseModel
from events.selectors.agenda import Item


def calendar(
    items: Iterable[Item], deadlines: Iterable[Deadline], *, host: str, address: Callable[[str], str]
) -> bytes:
    """The items known to the day, and what falls due, in the active language.

    `host` makes the identifiers unique in the world, `address` makes a link absolute. An item known less exactly than to the
    day is in no calendar: it would show a day that nobody chose. What falls due in a month, a season or a year stands on the
    last day of it, the last one on which it can be done, and its summary names the period. Times are local to the place ("floating"), because a
    meeting abroad is at the hour that is said there. Notes are never in it.
    """
    made = icalendar.Calendar()
    made.add("prodid", f"-//Parvis//{settings.CITY_NAME}//FR")
    made.add("version", "2.0")
    name = _("International agenda of %(city)s") % {"city": settings.CITY_NAME}
    made.add("name", name)
    made.add("x-wr-calname", name)
    made.add("refresh-interval", timedelta(hours=4), parameters={"VALUE": "DURATION"})
    for item in items:
        if item.is_exact:
            made.add_component(_appointment(item, host, address))
    for deadline in deadlines:
        made.add_component(_due(deadline, host, address))
    return made.to_ical()


def _appointment(item: Item, host: str, address: Callable[[str], str]) -> icalendar.Event:
    kind, key = item.key
    entry = _entry(f"{kind}-{key}@{host}", item.record, item.title)
    assert item.start  # an exact item has its day
    if item.starts_at:
        entry.add("dtstart", datetime.combine(item.start, item.starts_at))
        # An end is later than the beginning (RFC 5545, 3.8.2.2): where nobody has said when it ends, none is written.
        if item.ends_at and item.ends_at > item.starts_at:
            entry.add("dtend", datetime.combine(item.start, item.ends_at))
    else:
        _whole_days(entry, item.start, item.last_known)
    entry.add("categories", [str(item.kind.label)])
    origin = _("from %(origin)s") % {"origin": item.origin} if item.origin else ""
    if item.status or origin:
        entry.add("description", ", ".join(part for part in (item.status, origin) if part))
    entry.add("status", "TENTATIVE" if item.is_tentative else "CONFIRMED")
    if item.where:
        entry.add("location", item.where)
    if item.link:
        entry.add("url", address(item.link))
    return entry


def _due(deadline: Deadline, host: str, address: Callable[[str], str]) -> icalendar.Event:
    """A whole day that leaves the reader free: it is a reminder, not an appointment."""
    key = deadline.record.pk if deadline.record else ""
    record = deadline.record if isinstance(deadline.record, BaseModel) else None
    what = deadline.what
    if deadline.period:
        what = _("%(what)s (at the latest: %(period)s)") % {"what": what, "period": deadline.period}
    entry = _entry(f"{deadline.kind}-{key}-{deadline.due:%Y%m%d}@{host}", record, what)
    _whole_days(entry, deadline.due, deadline.due)
    entry.add("transp", "TRANSPARENT")
    entry.add("url", address(deadline.link))
    return entry


def _entry(uid: str, record: BaseModel | None, title: str) -> icalendar.Event:
    entry = icalendar.Event()
    entry.add("uid", uid)
    entry.add("summary", title)
    changed = record.updated_at if record else clock.now()
    entry.add("dtstamp", changed.astimezone(UTC).replace(microsecond=0))
    if record:
        entry.add("last-modified", changed.astimezone(UTC).replace(microsecond=0))
        entry.add("sequence", record.version)
    return entry


def _whole_days(entry: icalendar.Event, first: date, last: date) -> None:
    """The end of whole days is the day after the last one (RFC 5545, 3.6.1)."""
    entry.add("dtstart", first)
    entry.add("dtend", last + timedelta(days=1))

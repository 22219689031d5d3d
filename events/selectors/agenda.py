"""The agenda: missions, delegations, events, meetings and sittings of the Council in one list; and who is in two places."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, time
from itertools import combinations
from typing import Any

from django.conf import settings
from django.db.models import F, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce

from core import dates
from core.enums import Precision
from core.models import BaseModel
from core.translated import fallback_language
from events.enums import AHEAD, AgendaKind, EventKind, MeetingStatus, PlaceStage, Quality
from events.models import CouncilSitting, Delegation, Destination, Event, Meeting, Mission, Participant
from events.selectors.occasions import OF_CANCELLED
from partnerships.models import Person

# In a place's stead where something takes place in our own city.
HOME = "home"
Place = int | str


@dataclass(frozen=True)
class Item:
    """Something in the agenda: from `start` to `end` (both included, known as exactly as the precisions say), at `starts_at`
    to `ends_at` (local time) where a time is known. `where` it takes place, and, of a delegation received, the `origin` that it
    comes from. `cities` are keys, or `HOME`; nothing where the place is not known."""

    kind: AgendaKind
    record: BaseModel
    title: str
    status: str
    link: str
    start: date | None
    start_precision: str
    end: date | None
    end_precision: str
    where: str = ""
    origin: str = ""
    starts_at: time | None = None
    ends_at: time | None = None
    cities: frozenset[Place] = frozenset()
    ahead: bool = True

    @property
    def key(self) -> tuple[str, int]:
        return str(self.kind), self.record.pk

    @property
    def language(self) -> str:
        """That of the title where it is not the reader's; empty where it is."""
        return fallback_language(self.record, "title") if self.link else ""

    @property
    def is_exact(self) -> bool:
        """Known to the day, so that it stands on its days in a month."""
        return self.start is not None and self.start_precision == Precision.DAY

    @property
    def last(self) -> date | None:
        """The last day on which it may take place."""
        if self.end:
            return dates.last_day(self.end, self.end_precision or Precision.DAY)
        return dates.last_day(self.start, self.start_precision or Precision.DAY) if self.start else None

    @property
    def last_known(self) -> date:
        """The last day of what begins on a day: that of its beginning where its end is not known to the day."""
        assert self.start  # asked only of what begins on a day
        return self.end if self.end and self.end_precision == Precision.DAY else self.start

    @property
    def is_tentative(self) -> bool:
        """An idea or a plan: not decided yet."""
        return getattr(self.record, "status", "") in ("idea", "planned")

    def falls_in(self, since: date, until: date) -> bool:
        return self.start is not None and self.start <= until and (self.last or self.start) >= since


def _overlapping(since: date, until: date) -> Q:
    """What may touch the days, asked of the database; the exact test is `falls_in`.

    A season that begins on 1 December is the earliest vague date that reaches into the next year.
    """
    earliest = date(since.year - 1, 12, 1)
    return Q(begins__lte=until) & (Q(begins__gte=earliest) | Q(finishes__gte=earliest))


def _dated(queryset: QuerySet) -> QuerySet:
    """Beginning and end: actual ones where it took place, planned ones otherwise."""
    return queryset.annotate(
        begins=Coalesce("actual_start", "planned_start"), finishes=Coalesce("actual_end", "planned_end")
    ).exclude(status="cancelled")


def agenda(reader, since: date, until: date, kinds: Collection[str] = ()) -> list[Item]:
    """What touches the days from `since` to `until`, both included, in order; cancelled things are left out.

    Events in the world, which the City takes into account without taking part, are no appointments. Five queries at most,
    besides what tells the destinations.
    """
    wanted = [kind for kind in AgendaKind if not kinds or kind in kinds]
    found = [item for kind in wanted for item in _FINDERS[kind](reader, _overlapping(since, until))]
    return sorted((item for item in found if item.falls_in(since, until)), key=_order)


def undated(reader) -> list[Item]:
    """What lies ahead without any date: it is on the list of things to settle, and on no day."""
    nowhere = Q(begins=None, status__in=AHEAD)
    found = [
        item
        for kind in (AgendaKind.MISSION, AgendaKind.DELEGATION, AgendaKind.EVENT)
        for item in _FINDERS[kind](reader, nowhere)
    ]
    return sorted(found, key=lambda item: (str(item.kind), item.title))


def _order(item: Item):
    return item.start, item.starts_at or time.min, item.end or item.start, item.title, item.record.pk


def _missions(reader, condition: Q) -> Iterator[Item]:
    places = Destination.objects.visible_to(reader).select_related("city", "country", "area")
    found = _dated(Mission.objects.visible_to(reader)).filter(condition)
    for mission in found.prefetch_related(Prefetch("destinations", places)):
        planned = list(mission.destinations.all())
        shown = [place for place in planned if place.stage == PlaceStage.ACTUAL] or planned
        yield _item(
            AgendaKind.MISSION,
            mission,
            where=", ".join(dict.fromkeys(str(place) for place in shown)),
            cities=frozenset(place.city_id for place in shown if place.city_id),
        )


def _delegations(reader, condition: Q) -> Iterator[Item]:
    found = _dated(Delegation.objects.visible_to(reader)).filter(condition)
    for delegation in found.select_related("city", "country", "organisation"):
        yield _item(
            AgendaKind.DELEGATION,
            delegation,
            where=settings.CITY_NAME,
            origin=str(delegation.origin),
            cities=frozenset([HOME]),
        )


def _events(reader, condition: Q) -> Iterator[Item]:
    found = _dated(Event.objects.visible_to(reader)).filter(condition).exclude(kind=EventKind.WORLD)
    for event in found.select_related("planned_city", "held_city"):
        city, venue = event.place
        where: list[Place] = [city.pk] if city else [HOME] if venue else []
        yield _item(
            AgendaKind.EVENT,
            event,
            where=", ".join(str(part) for part in (venue, city) if part),
            cities=frozenset(where),
        )


def _item(kind: AgendaKind, record: Any, *, where: str, cities: frozenset[Place], origin: str = "") -> Item:
    start, start_precision = record.starts
    end, end_precision = record.ends
    if start is None and record.has_taken_place:
        start, start_precision = record.planned_start, record.planned_start_precision
        end, end_precision = (end, end_precision) if end else (record.planned_end, record.planned_end_precision)
    return Item(
        kind=kind,
        record=record,
        title=record.title,
        status=record.get_status_display(),
        link=record.get_absolute_url(),
        start=start,
        start_precision=start_precision,
        end=end,
        end_precision=end_precision,
        where=where,
        origin=origin,
        cities=cities,
        ahead=record.status in AHEAD,
    )


def _meetings(reader, condition: Q) -> Iterator[Item]:
    found = (
        Meeting.objects.visible_to(reader)
        .annotate(begins=F("day"), finishes=F("day"))
        .filter(condition)
        .exclude(status=MeetingStatus.CANCELLED)
        .exclude(OF_CANCELLED)
        .select_related("city", "mission", "delegation", "event")
    )
    for meeting in found:
        alone = not (meeting.mission_id or meeting.event_id)
        is_here = meeting.delegation_id or (meeting.place and alone)
        where: list[Place] = [meeting.city_id] if meeting.city_id else [HOME] if is_here else []
        yield Item(
            kind=AgendaKind.MEETING,
            record=meeting,
            title=meeting.title,
            status=meeting.get_status_display(),
            link=meeting.get_absolute_url(),
            start=meeting.day,
            start_precision=meeting.day_precision,
            end=None,
            end_precision="",
            where=", ".join(str(part) for part in (meeting.place, meeting.city) if part),
            starts_at=meeting.starts_at,
            ends_at=meeting.ends_at,
            cities=frozenset(where),
            ahead=meeting.status == MeetingStatus.PLANNED,
        )


def _sittings(reader, condition: Q) -> Iterator[Item]:
    found = CouncilSitting.objects.visible_to(reader).annotate(begins=F("starts_on"), finishes=F("ends_on"))
    for sitting in found.filter(condition):
        yield Item(
            kind=AgendaKind.COUNCIL,
            record=sitting,
            title=sitting.note or str(AgendaKind.COUNCIL.label),
            status="",
            link="",
            start=sitting.starts_on,
            start_precision=Precision.DAY,
            end=sitting.ends_on,
            end_precision=Precision.DAY,
            cities=frozenset([HOME]),
        )


_FINDERS = {
    AgendaKind.MISSION: _missions,
    AgendaKind.DELEGATION: _delegations,
    AgendaKind.EVENT: _events,
    AgendaKind.MEETING: _meetings,
    AgendaKind.COUNCIL: _sittings,
}


# --- one person in two places ---


@dataclass(frozen=True)
class Conflict:
    """Somebody who is expected in two places on one day."""

    person: Person
    one: Item
    other: Item

    @property
    def on(self) -> date:
        """The first day of both."""
        return max(day for day in (self.one.start, self.other.start) if day)


@dataclass
class _Expected:
    person: Person
    items: dict[tuple[str, int], Item] = field(default_factory=dict)


def conflicts(reader, items: Collection[Item]) -> list[Conflict]:
    """The people who are expected in two places on one day, among these items. One query.

    What is known less exactly than to the day conflicts with nothing; nor do a trip and its own meetings, a trip and the
    event that it goes to, or two things in one city or of one trip, unless both have a time and the times overlap.
    Whoever takes part as an elected member is expected at the sittings of the Council too.
    """
    exact = {item.key: item for item in items if item.is_exact and item.kind != AgendaKind.COUNCIL}
    sittings = {item.key: item for item in items if item.kind == AgendaKind.COUNCIL}
    expected: dict[int, _Expected] = {}
    for taking in _people_in(reader, exact):
        assert taking.person  # the query leaves out those without
        item = exact[_subject(taking)]
        someone = expected.setdefault(taking.person.pk, _Expected(taking.person))
        someone.items[item.key] = item
        if taking.quality == Quality.ELECTED:
            someone.items |= sittings
    found = [
        Conflict(someone.person, one, other)
        for someone in expected.values()
        for one, other in _clashes(sorted(someone.items.values(), key=_order))
    ]
    return sorted(found, key=lambda conflict: (conflict.on, conflict.person.name))


def _clashes(items: list[Item]) -> list[tuple[Item, Item]]:
    """The pairs that clash; where a trip does, its own meetings are not said again."""
    pairs = [pair for pair in combinations(items, 2) if _clash(*pair)]
    known = {frozenset((one.key, other.key)) for one, other in pairs}

    def said_already(part: Item, other: Item) -> bool:
        return any(_together(part, whole) and frozenset((whole.key, other.key)) in known for whole in items)

    return [(one, other) for one, other in pairs if not said_already(one, other) and not said_already(other, one)]


def _people_in(reader, items: Collection[tuple[str, int]]) -> QuerySet[Participant]:
    kinds = (AgendaKind.MISSION, AgendaKind.DELEGATION, AgendaKind.EVENT, AgendaKind.MEETING)
    condition = Q(pk__in=[])
    for kind in kinds:
        condition |= Q(**{f"{kind.value}__in": [pk for of, pk in items if of == kind]})
    found = Participant.objects.visible_to(reader).filter(condition, person__isnull=False)
    return found.select_related("person")


def _subject(taking: Participant) -> tuple[str, int]:
    for name in ("mission", "delegation", "event", "meeting"):
        key = getattr(taking, f"{name}_id")
        if key:
            return name, key
    raise ValueError("a participant of nothing")  # the database refuses one


def _clash(one: Item, other: Item) -> bool:
    if one.start is None or other.start is None:
        return False
    if one.start > other.last_known or other.start > one.last_known or _together(one, other) or _together(other, one):
        return False
    if _at_one_time(one, other) or _away_and_at_home(one, other) or _away_and_at_home(other, one):
        return True
    return bool(one.cities and other.cities and not one.cities & other.cities) and not _siblings(one, other)


def _away_and_at_home(trip: Item, other: Item) -> bool:
    """A trip leads elsewhere, also where no city is named."""
    return trip.kind == AgendaKind.MISSION and HOME in other.cities


def _at_one_time(one: Item, other: Item) -> bool:
    """Whether both have a time and the times overlap; what has no end is at least its beginning."""
    if one.starts_at is None or other.starts_at is None:
        return False
    meet = one.starts_at < (other.ends_at or other.starts_at) and other.starts_at < (one.ends_at or one.starts_at)
    return meet or one.starts_at == other.starts_at


def _siblings(one: Item, other: Item) -> bool:
    """Whether a meeting and the other are parts of one occasion: a trip goes from city to city, also within a day."""
    shared = any(key and key == _parents(other)[name] for name, key in _parents(one).items())
    return shared and AgendaKind.MEETING in (one.kind, other.kind)


def _together(one: Item, other: Item) -> bool:
    """Whether `one` is a part of `other`: a meeting of a trip, the trip to an event, the session of a series."""
    return _parents(one).get(str(other.kind)) == other.record.pk


def _parents(item: Item) -> dict[str, int | None]:
    record = item.record
    return {
        "mission": getattr(record, "mission_id", None),
        "delegation": getattr(record, "delegation_id", None),
        "event": getattr(record, "event_id", None) or getattr(record, "part_of_id", None),
    }

"""Page-level reads: one record with all that its page shows, in a number of queries that does not grow with the rows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce, ExtractYear

from core import dates, written
from core.exceptions import Reason
from core.pages import attached, cited
from core.translated import order
from events import rules, selectors
from events.enums import AHEAD, MeetingStatus
from events.models import (
    BidStage,
    Delegation,
    Destination,
    Event,
    Expertise,
    Leg,
    Meeting,
    Mission,
    Outcome,
    Precondition,
    ProgrammeItem,
    Promise,
    Tie,
)
from events.selectors.occasions import Coverage, Emissions
from partnerships.models import City, Country, Network

# How many of the past occasions the page of a lower floor recalls.
RECALLED = 5


@dataclass(frozen=True)
class Rows:
    """What any mission, delegation or event may have; `still_open` is what is promised with its cities, while it lies ahead."""

    programme: list[ProgrammeItem]
    meetings: list[Meeting]
    ties: list[Tie]
    outcomes: list[Outcome]
    causes: list[Outcome]
    promises: list[Promise]
    still_open: list[Promise]


def _with_days(found: QuerySet[Any], reader) -> QuerySet[Any]:
    """Adds the programme and the meetings, which what is missing for the next step is read from too."""
    meetings = selectors.occasions.meetings(reader)
    in_order = meetings.order_by(F("day").asc(nulls_last=True), F("starts_at").asc(nulls_last=True), "pk")
    programme = selectors.occasions.programme(reader)
    return found.prefetch_related(Prefetch("programmeitems", programme), Prefetch("meetings", in_order))


def _rows(reader, kind: str, record: Mission | Delegation | Event) -> Rows:
    subject = {kind: record}
    made = Q(**subject) | Q(**{f"meeting__{kind}": record})
    return Rows(
        programme=list(record.programmeitems.all()),
        meetings=list(record.meetings.all()),
        ties=list(selectors.occasions.ties(reader, **subject)),
        outcomes=list(selectors.occasions.outcomes(reader, **subject)),
        causes=list(selectors.occasions.outcomes_before(reader, **{f"led_to_{kind}": record})),
        promises=list(marked(selectors.promises.promises(reader), reader).filter(made)),
        still_open=_still_open(reader, record) if record.status in AHEAD else [],
    )


def _still_open(reader, record: Mission | Delegation | Event | Meeting) -> list[Promise]:
    return list(
        overdue_first(selectors.promises.open_promises_with(reader, selectors.promises.cities_of(record)), reader)
    )


# --- missions ---


@dataclass(frozen=True)
class MissionDossier:
    mission: Mission
    rows: Rows
    coverage: Coverage
    warnings: list[Reason]
    legs: list[Leg]
    emissions: Emissions


def mission_dossier(reader, reference: str) -> MissionDossier | None:
    """All that is known of a mission, as the reader may know it; None where there is no such mission for her."""
    found = (
        _with_days(selectors.occasions.missions(reader), reader)
        .prefetch_related(Prefetch("legs", selectors.occasions.legs(reader)))
        .prefetch_related(cited(reader, Mission), attached(reader, Mission))
        .filter(reference=reference)
        .first()
    )
    if found is None:
        return None
    legs = list(found.legs.all())
    return MissionDossier(
        mission=found,
        rows=_rows(reader, "mission", found),
        coverage=selectors.occasions.coverage_of(reader, found),
        warnings=rules.mandate_warnings(found),
        legs=legs,
        emissions=selectors.occasions.emissions(legs),
    )


# --- delegations ---


@dataclass(frozen=True)
class DelegationDossier:
    delegation: Delegation
    rows: Rows
    expertise: list[Expertise]


def delegation_dossier(reader, reference: str) -> DelegationDossier | None:
    """All that is known of a delegation; None where the reader sees no such delegation."""
    found = (
        _with_days(selectors.occasions.delegations(reader), reader)
        .prefetch_related(cited(reader, Delegation), attached(reader, Delegation))
        .filter(reference=reference)
        .first()
    )
    if found is None:
        return None
    return DelegationDossier(
        delegation=found,
        rows=_rows(reader, "delegation", found),
        expertise=list(selectors.occasions.expertise(reader, found)),
    )


# --- events ---


@dataclass(frozen=True)
class EventDossier:
    event: Event
    rows: Rows
    parts: list[Event]
    stages: list[BidStage]
    missions: list[Mission]
    delegations: list[Delegation]


def with_parts(events: QuerySet[Event], reader) -> QuerySet[Event]:
    """Adds the sessions and editions of each event, the earliest first."""
    parts = Event.objects.visible_to(reader).annotate(begins=Coalesce("actual_start", "planned_start"))
    return events.prefetch_related(Prefetch("parts", parts.order_by(F("begins").asc(nulls_last=True), "reference")))


def event_dossier(reader, reference: str) -> EventDossier | None:
    """All that is known of an event; None where the reader sees no such event."""
    preconditions = Prefetch("preconditions", Precondition.objects.visible_to(reader))
    found = (
        _with_days(with_parts(selectors.occasions.events(reader), reader), reader)
        .prefetch_related(preconditions, cited(reader, Event), attached(reader, Event))
        .filter(reference=reference)
        .first()
    )
    if found is None:
        return None
    return EventDossier(
        event=found,
        rows=_rows(reader, "event", found),
        parts=list(found.parts.all()),
        stages=list(selectors.occasions.bid_stages(reader, found)),
        missions=list(selectors.occasions.missions(reader).prefetch_related(None).filter(event=found)),
        delegations=list(selectors.occasions.delegations(reader).prefetch_related(None).filter(event=found)),
    )


# --- meetings and promises ---


@dataclass(frozen=True)
class MeetingDossier:
    """`cities` are those whose briefing prepares it, whoever is met first; `last` is what took place last with the first
    before it."""

    meeting: Meeting
    ties: list[Tie]
    promises: list[Promise]
    still_open: list[Promise]
    cities: list[City]
    last: Any | None


def meeting_dossier(reader, pk: int) -> MeetingDossier | None:
    """A meeting with the notes that the reader may see; None where she sees no such meeting."""
    found = (
        selectors.occasions.meetings(reader)
        .prefetch_related(cited(reader, Meeting), attached(reader, Meeting))
        .filter(pk=pk)
        .first()
    )
    if found is None:
        return None
    cities = _briefed(reader, found)
    return MeetingDossier(
        meeting=found,
        cities=cities,
        last=_met_before(reader, cities[0], found) if cities else None,
        ties=list(selectors.occasions.ties(reader, meeting=found)),
        promises=list(marked(selectors.promises.promises(reader), reader).filter(meeting=found)),
        still_open=_still_open(reader, found) if found.status == MeetingStatus.PLANNED else [],
    )


def _briefed(reader, meeting: Meeting) -> list[City]:
    """Whom it is with, then where it is; where neither is recorded, those that its visit or its event brings together. A trip has
    a briefing of its own."""
    met_there = selectors.promises.counterparts(meeting)
    keys: set[int] = met_there | ({meeting.city_id} if meeting.city_id else set())
    if not keys and not meeting.mission_id:
        keys = selectors.promises.cities_of(meeting)
    found = City.objects.visible_to(reader).filter(pk__in=keys).order_by(order("name"))
    return sorted(found, key=lambda city: city.pk not in met_there)


def promise(reader, reference: str) -> Promise | None:
    """A promise with whom it binds; None where the reader sees no such promise."""
    found = marked(selectors.promises.promises(reader), reader).prefetch_related(
        cited(reader, Promise), attached(reader, Promise)
    )
    return found.filter(reference=reference).first()


def marked(promises: QuerySet[Promise], reader) -> QuerySet[Promise]:
    """Adds whether each promise is overdue (`is_overdue`)."""
    overdue = selectors.promises.overdue_promises(reader).order_by().filter(pk=OuterRef("pk"))
    return promises.annotate(is_overdue=Exists(overdue.values("pk")))


def overdue_first(promises: QuerySet[Promise], reader) -> QuerySet[Promise]:
    """The ledger in its order: overdue, then open by due date (those without one after the others), then settled.

    Each comes with what a row names of it: to plan the way to all that stands around a promise takes longer than to read it.
    """
    ordered = ("-is_overdue", "is_settled", F("due_on").asc(nulls_last=True), "reference")
    rows = promises.select_related(None).select_related("city", "organisation", "country")
    return marked(rows, reader).order_by(*ordered)


# --- what the lists can be narrowed by ---


def years(model: type[Any], reader) -> list[int]:
    """The years in which any mission, delegation or event begins, the latest first."""
    begins = model.objects.visible_to(reader).annotate(
        beginning_year=ExtractYear(Coalesce("actual_start", "planned_start"))
    )
    found = begins.filter(beginning_year__isnull=False).order_by("-beginning_year")
    return list(found.values_list("beginning_year", flat=True).distinct())


def mission_countries(reader) -> QuerySet[Country]:
    """The countries that any mission goes to."""
    places = Destination.objects.visible_to(reader)
    named = Q(pk__in=places.values("country")) | Q(pk__in=places.values("city__country"))
    return Country.objects.visible_to(reader).filter(named).order_by(order("name"))


def delegation_countries(reader) -> QuerySet[Country]:
    """The countries that any delegation comes from."""
    sent = Delegation.objects.visible_to(reader).annotate(
        origin_country=Coalesce("city__country", "country", "organisation__country")
    )
    return Country.objects.visible_to(reader).filter(pk__in=sent.values("origin_country")).order_by(order("name"))


def event_networks(reader) -> QuerySet[Network]:
    """The networks of which any event is a meeting."""
    named = Event.objects.visible_to(reader).filter(network=OuterRef("pk"))
    return Network.objects.visible_to(reader).filter(Exists(named)).order_by(order("name"))


def promise_cities(reader) -> QuerySet[City]:
    """The cities that any promise binds us with."""
    named = Promise.objects.visible_to(reader).filter(city=OuterRef("pk"))
    return City.objects.visible_to(reader).filter(Exists(named)).order_by(order("name"))


# --- for the pages of lower floors ---


@dataclass(frozen=True)
class Met:
    """What lies ahead with a city, the soonest first, and what took place last; `more` is how many took place before that."""

    coming: list[Any]
    past: list[Any]
    more: int


def met(reader, city: City) -> Met:
    """The missions to the city, the delegations from it, the events and the meetings with it; not the meetings planned on what
    is cancelled. Four queries, and those about the city."""
    dated, undated = _met(reader, city)
    past = [*(row for row in reversed(dated) if row.has_taken_place), *(row for row in undated if row.has_taken_place)]
    coming = [row for row in (*dated, *undated) if row.status in AHEAD]
    return Met(coming, past[:RECALLED], max(len(past) - RECALLED, 0))


def _met(reader, city: City) -> tuple[list[Any], list[Any]]:
    """Those with a first day, the earliest first, and those without."""
    occasions = selectors.occasions
    found: list[Any] = []
    for with_city in (occasions.missions_to, occasions.delegations_from, occasions.events_with, _meetings):
        found += written.rows(_in_short, reader, with_city, written.Key(city.pk))
    dated = sorted((row for row in found if row.begins), key=lambda row: (row.begins, row.pk))
    return dated, [row for row in found if not row.begins]


def _meetings(reader, city: int) -> QuerySet[Meeting]:
    """By their day, as the others are by that on which they begin."""
    found = selectors.occasions.meetings_with(reader, city).exclude(selectors.occasions.OF_CANCELLED)
    return found.annotate(begins=F("day"))


def _met_before(reader, city: City, meeting: Meeting) -> Any | None:
    """What took place last with the city before the meeting, and is no trip, visit or event that it belongs to."""
    if meeting.day is None and meeting.has_taken_place:
        return None
    dated, _undated = _met(reader, city)
    earlier = (row for row in reversed(dated) if row.has_taken_place and row not in (meeting, meeting.subject))
    return next((row for row in earlier if meeting.day is None or _was_before(row, meeting.day)), None)


def _was_before(row: Any, day: date) -> bool:
    """Whether it began before that day, as far as is known."""
    began, precision = (row.day, row.day_precision) if isinstance(row, Meeting) else row.starts
    return bool(began and dates.last_day(began, precision) < day)


def _in_short(reader, with_city: Callable[..., QuerySet], city: int) -> QuerySet:
    """Without who takes part and where they go."""
    return with_city(reader, city).prefetch_related(None)


def network_events(reader, network: Network) -> QuerySet[Event]:
    """The statutory and other meetings of the network, the latest first."""
    return selectors.occasions.events(reader).prefetch_related(None).filter(network=network)


def ties_of(reader, **record) -> QuerySet[Tie]:
    """What is tied to a record of a lower floor: `ties_of(reader, project=project)`."""
    subjects = ("mission", "delegation", "event", "meeting", "promise")
    return Tie.objects.visible_to(reader).filter(**record).select_related(*subjects)

"""Missions, delegations received, events and meetings, with what is said of each; who goes, who is missing, what it emits."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce, ExtractYear

from core import clock, written
from core.access import may
from core.enums import SourceKind
from core.figures import Row, Share
from core.translated import active_language
from core.written import later
from events.enums import (
    AHEAD,
    DelegationStatus,
    EventKind,
    EventStatus,
    MeetingStatus,
    MissionStatus,
    PlaceStage,
    Quality,
)
from events.models import (
    BidStage,
    CouncilSitting,
    Delegation,
    Destination,
    Event,
    Expertise,
    Leg,
    Meeting,
    MeetingNote,
    Mission,
    Outcome,
    Participant,
    Precondition,
    ProgrammeItem,
    Tie,
)
from partnerships.models import City, CouncilGroup, Country, PersonRole


def _participants(reader) -> Prefetch:
    named = ("person__council_group", "organisation", "city", "council_group", "mandate")
    return later("participants", lambda: Participant.objects.visible_to(reader).select_related(*named))


def _destinations(reader) -> Prefetch:
    named = ("city__country", "country", "area")
    return later("destinations", lambda: Destination.objects.visible_to(reader).select_related(*named))


def trips(reader) -> QuerySet[Mission]:
    """Every mission with its destinations, the latest departure first, those without a date last."""
    return (
        Mission.objects.visible_to(reader)
        .prefetch_related(_destinations(reader))
        .annotate(begins=Coalesce("actual_start", "planned_start"))
        .order_by(F("begins").desc(nulls_last=True), "-reference")
    )


def missions(reader) -> QuerySet[Mission]:
    """The same with their travellers."""
    return trips(reader).select_related("event").prefetch_related(_participants(reader))


def delegations(reader) -> QuerySet[Delegation]:
    """Every delegation received or expected, with its members and hosts, the latest first."""
    return (
        Delegation.objects.visible_to(reader)
        .select_related("city__country", "country", "organisation__country", "theme", "event")
        .prefetch_related(_participants(reader))
        .annotate(begins=Coalesce("actual_start", "planned_start"))
        .order_by(F("begins").desc(nulls_last=True), "-reference")
    )


def events(reader) -> QuerySet[Event]:
    """Every event with its network, place and participants, the latest first."""
    return (
        Event.objects.visible_to(reader)
        .select_related("network", "planned_city__country", "held_city__country", "part_of")
        .prefetch_related(_participants(reader))
        .annotate(begins=Coalesce("actual_start", "planned_start"))
        .order_by(F("begins").desc(nulls_last=True), "-reference")
    )


def meetings(reader) -> QuerySet[Meeting]:
    """Every meeting with its participants and the notes that the reader may see."""
    return (
        Meeting.objects.visible_to(reader)
        .select_related("mission", "delegation", "event", "city")
        .prefetch_related(_participants(reader), later("notes", lambda: MeetingNote.objects.visible_to(reader)))
    )


# A meeting that is still planned on a trip that is cancelled takes place no more than the trip.
OF_CANCELLED = Q(status=MeetingStatus.PLANNED) & (
    Q(mission__status="cancelled") | Q(delegation__status="cancelled") | Q(event__status="cancelled")
)


def to_come(found: QuerySet[Meeting]) -> QuerySet[Meeting]:
    """Of these meetings those that are expected to take place."""
    return found.filter(status=MeetingStatus.PLANNED).exclude(OF_CANCELLED)


def sittings(reader) -> QuerySet[CouncilSitting]:
    return CouncilSitting.objects.visible_to(reader)


# --- the rows of one record, for its page and for the briefing ---


def programme(reader, **subject) -> QuerySet[ProgrammeItem]:
    """The programme of one occasion: `programme(reader, mission=mission)`."""
    return ProgrammeItem.objects.visible_to(reader).filter(**subject)


def outcomes(reader, **subject) -> QuerySet[Outcome]:
    """What came out of it, with the records that it led to."""
    return Outcome.objects.visible_to(reader).filter(**subject).select_related(*_led_to())


def outcomes_before(reader, **led_to) -> QuerySet[Outcome]:
    """What led to it: `outcomes_before(reader, led_to_event=event)`."""
    return Outcome.objects.visible_to(reader).filter(**led_to).select_related("mission", "delegation", "event")


def _led_to() -> tuple[str, ...]:
    return tuple(f"led_to_{name}" for name in ("mission", "delegation", "event", "agreement", "project", "grant"))


def ties(reader, **subject) -> QuerySet[Tie]:
    """What it is about: the records below that it is tied to, of the kinds that the reader may see."""
    objects = ("city", "country", "network", "organisation", "project", "agreement", "grant")
    hidden = {name: None for name in objects if not may(reader, "view", Tie._meta.get_field(name).related_model)}
    return Tie.objects.visible_to(reader).filter(**subject, **hidden).select_related(*objects)


def legs(reader, **subject) -> QuerySet[Leg]:
    return Leg.objects.visible_to(reader).filter(**subject).select_related("factor__source")


def expertise(reader, delegation: Delegation) -> QuerySet[Expertise]:
    return Expertise.objects.visible_to(reader).filter(delegation=delegation).select_related("theme", "shown_by")


def preconditions(reader, event: Event) -> QuerySet[Precondition]:
    return Precondition.objects.visible_to(reader).filter(event=event)


def bid_stages(reader, event: Event) -> QuerySet[BidStage]:
    return BidStage.objects.visible_to(reader).filter(event=event)


# --- where a mission goes ---


def places(mission: Mission) -> list[Destination]:
    """Where it went, or means to go while nobody recorded where it went."""
    found = list(mission.destinations.all())
    return [place for place in found if place.stage == PlaceStage.ACTUAL] or found


# Of an event: nobody recorded where it was held, so that the planned place counts.
HELD_NOWHERE = Q(held_city__isnull=True, held_venue_fr="", held_venue_en="")


def _leads_to(mission: str, city: City | int) -> QuerySet[Destination]:
    return Destination.objects.filter(mission=OuterRef(mission), city=city)


def _goes_there(mission: str, city: City | int) -> Exists:
    """Where a mission went; where it means to go while it lies ahead, or where nobody recorded where it went."""
    recorded = Destination.objects.filter(mission=OuterRef("mission"), stage=PlaceStage.ACTUAL)
    went = Q(stage=PlaceStage.ACTUAL) | ~Q(mission__status=MissionStatus.DONE) | ~Q(Exists(recorded))
    return Exists(_leads_to(mission, city).filter(went))


def missions_to(reader, city: City | int) -> QuerySet[Mission]:
    """Missions that go or went to the city, or are tied to it."""
    tied = Tie.objects.filter(mission=OuterRef("pk"), city=city)
    return missions(reader).filter(Q(_goes_there("pk", city)) | Q(Exists(tied)))


def missions_about(reader, city: City | int) -> QuerySet[Mission]:
    """Those, and the ones that meant to go there and went elsewhere."""
    tied = Tie.objects.filter(mission=OuterRef("pk"), city=city)
    return missions(reader).filter(Q(Exists(_leads_to("pk", city))) | Q(Exists(tied)))


def delegations_from(reader, city: City | int) -> QuerySet[Delegation]:
    tied = Tie.objects.filter(delegation=OuterRef("pk"), city=city)
    return delegations(reader).filter(Q(city=city) | Q(Exists(tied)))


def events_with(reader, city: City | int) -> QuerySet[Event]:
    """Events held in the city or planned there, in which it takes part, or that are tied to it."""
    return events(reader).filter(Q(planned_city=city) & HELD_NOWHERE | _involves(city))


def events_about(reader, city: City | int) -> QuerySet[Event]:
    """Those, and the ones planned there and held elsewhere."""
    return events(reader).filter(Q(planned_city=city) | _involves(city))


def _involves(city: City | int) -> Q:
    tied = Tie.objects.filter(event=OuterRef("pk"), city=city)
    taking_part = Participant.objects.filter(event=OuterRef("pk"), city=city)
    return Q(held_city=city) | Q(Exists(tied)) | Q(Exists(taking_part))


def meetings_with(reader, city: City | int) -> QuerySet[Meeting]:
    """Meetings in the city, with it or with somebody who holds a function there today; and those of which nobody recorded
    where, on a mission that goes there."""
    tied = Tie.objects.filter(meeting=OuterRef("pk"), city=city)
    officials = PersonRole.objects.visible_to(reader).holding_on(clock.today()).filter(city=city)
    of_it = Q(city=city) | Q(person__in=officials.order_by().values("person"))
    taking_part = Participant.objects.filter(of_it, meeting=OuterRef("pk"))
    on_the_way = Q(_goes_there("mission", city), city__isnull=True)
    return meetings(reader).filter(Q(city=city) | Q(Exists(tied)) | Q(Exists(taking_part)) | on_the_way)


# --- the groups of the Council ---


@dataclass(frozen=True)
class Coverage:
    """Which groups of the Council are represented, and which are missing, on the day of the trip; `whole` where somebody
    stands for all of them, whichever they are."""

    represented: list[CouncilGroup]
    missing: list[CouncilGroup]
    whole: bool = False

    @property
    def is_complete(self) -> bool:
        return self.whole or (bool(self.represented) and not self.missing)

    @property
    def is_recorded(self) -> bool:
        """Whether any group is: of a trip that is over nobody can say that groups were missing where none was noted."""
        return self.whole or bool(self.represented)


def _with_origin(found: QuerySet[Any]) -> QuerySet[Any]:
    """Adds whether the record is invented for the demonstration (`is_sample`): no real one is measured against it."""
    samples = found.model._default_manager.filter(citations__source__kind=SourceKind.SAMPLE)
    return found.annotate(is_sample=Exists(samples.filter(pk=OuterRef("pk"))))


def existing_on(groups: Iterable[CouncilGroup], day: date) -> list[CouncilGroup]:
    """Those of the groups that exist on the day."""
    return [
        group
        for group in groups
        if (group.since is None or group.since <= day) and (group.until is None or group.until >= day)
    ]


def coverage(participants: Iterable[Participant], groups: Iterable[CouncilGroup]) -> Coverage:
    """The groups among the elected who take part, out of those given."""
    elected = [taking for taking in participants if taking.quality == Quality.ELECTED]
    if any(taking.all_groups for taking in elected):
        return Coverage(list(groups), [], whole=True)
    present = {taking.group.pk for taking in elected if taking.group}
    groups = list(groups)
    return Coverage(
        represented=[group for group in groups if group.pk in present],
        missing=[group for group in groups if group.pk not in present],
    )


def coverage_of(reader, mission: Mission) -> Coverage:
    """The coverage on the day of the departure, as it was or else as planned, or today while neither is known."""
    ours = Mission.objects.filter(pk=mission.pk, citations__source__kind=SourceKind.SAMPLE)
    groups = _with_origin(CouncilGroup.objects.visible_to(reader)).filter(is_sample=Exists(ours))
    return coverage(mission.participants.all(), existing_on(groups, mission.departure or clock.today()))


# --- emissions ---


@dataclass(frozen=True)
class Emissions:
    """kg CO2e of the legs that have a factor; `unknown` legs have none, so that the sum is a floor where there are any."""

    kg: Decimal
    known: int
    unknown: int


def emissions(legs: Iterable[Leg]) -> Emissions:
    """What the legs emit: the distance (km) times the passengers times the factor of each."""
    found = [leg.kg_co2e for leg in legs]
    known = [kg for kg in found if kg is not None]
    return Emissions(sum(known, Decimal(0)), len(known), len(found) - len(known))


# --- figures ---


def upcoming_missions(reader) -> QuerySet[Mission]:
    """Missions that lie ahead, the soonest first, those without a date last."""
    return ahead(missions(reader))


def ahead(found: QuerySet[Mission]) -> QuerySet[Mission]:
    """Of these missions those that lie ahead, in the same order."""
    return found.filter(status__in=AHEAD).order_by(F("planned_start").asc(nulls_last=True), "reference")


def missions_done(reader) -> QuerySet[Mission]:
    return missions(reader).filter(status=MissionStatus.DONE)


def _groups(reader) -> QuerySet[CouncilGroup]:
    return _with_origin(CouncilGroup.objects.visible_to(reader))


def emblematic_coverage(reader, **narrowed) -> list[tuple[Mission, Coverage]]:
    """The emblematic missions that took place and whose Council groups are recorded, each with its groups."""
    groups = written.rows(_groups, reader)
    found = []
    for mission in _with_origin(missions_done(reader).filter(emblematic=True, **narrowed)):
        like = [group for group in groups if group.is_sample == mission.is_sample]
        there = existing_on(like, mission.departure or clock.today())
        found.append((mission, coverage(mission.participants.all(), there)))
    return [(mission, covered) for mission, covered in found if covered.is_recorded]


def emblematic_with_all_groups(reader) -> Share:
    """Of the emblematic missions that took place and whose Council groups are recorded, those on which every group was."""
    recorded = emblematic_coverage(reader)
    return Share(sum(covered.is_complete for _mission, covered in recorded), len(recorded))


def delegations_received(reader) -> QuerySet[Delegation]:
    return delegations(reader).filter(status=DelegationStatus.RECEIVED)


def delegations_by_year(reader) -> list[Row]:
    """Delegations received, by the year of their first day; "" where nobody knows it."""
    received = Delegation.objects.visible_to(reader).filter(status=DelegationStatus.RECEIVED)
    counted = received.annotate(year=ExtractYear("actual_start")).values("year").annotate(count=Count("pk"))
    return [
        Row(str(row["year"] or ""), str(row["year"] or "—"), row["count"])
        for row in counted.order_by(F("year").desc(nulls_last=True))
    ]


def delegations_by_country(reader) -> list[Row]:
    """Delegations received, by the country of the city, country or organisation that sent them."""
    received = Delegation.objects.visible_to(reader).filter(status=DelegationStatus.RECEIVED)
    name = f"name_{active_language()}"
    counted = (
        received.annotate(origin=Coalesce("city__country", "country", "organisation__country"))
        .values("origin")
        .annotate(count=Count("pk"))
    )
    found = {row["origin"]: row["count"] for row in counted}
    countries = Country.objects.visible_to(reader).filter(pk__in=[key for key in found if key])
    rows = [Row(country.code, country.name, found[country.pk]) for country in countries.order_by(name)]
    return [*rows, Row("", "—", found[None])] if None in found else rows


def missions_by_year(reader) -> list[Row]:
    """Missions that took place, by the year of the departure."""
    done = Mission.objects.visible_to(reader).filter(status=MissionStatus.DONE)
    counted = done.annotate(year=ExtractYear("actual_start")).values("year").annotate(count=Count("pk"))
    return [
        Row(str(row["year"] or ""), str(row["year"] or "—"), row["count"])
        for row in counted.order_by(F("year").desc(nulls_last=True))
    ]


def remembrance(reader) -> QuerySet[Event]:
    """Commemorations and inaugurations that were held."""
    return events(reader).filter(kind__in=[EventKind.COMMEMORATION, EventKind.INAUGURATION], status=EventStatus.HELD)

"""Signs of life between ours and other cities: what happened with each of them, is going on, or lies ahead.

A mission, delegation, event or meeting counts by the city that it goes to, comes from or is held in, by one that takes part
and by one that it is tied to. A plan counts while its day has not gone by for longer than is asked; an idea does not count.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.db import models
from django.db.models import Case, Exists, F, Func, Max, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from cooperation.enums import NOT_BEGUN, CulturalStatus, MovementKind, ProjectStage
from cooperation.models import CulturalProject, Edition, Movement, Project, ProjectCity
from core import clock, dates
from core.enums import Precision
from core.models import BaseModel
from core.translated import fallback_language
from events.enums import TOOK_PLACE, MeetingStatus, MissionStatus, PlaceStage
from events.models import Delegation, Destination, Event, Meeting, Mission
from events.selectors.occasions import HELD_NOWHERE
from mandate.enums import SignKind
from partnerships.enums import PARTNERSHIP, SIGNED_STATES, PartyRole
from partnerships.models import Agreement, City, Relation
from solidarity.enums import COMMITTED
from solidarity.models import Grant, Payment

# Occasions that lie ahead and that somebody has planned.
PLANNED = ["planned", "confirmed"]
# Projects that somebody prepares or that the Council has voted.
PREPARED = [ProjectStage.IN_PREPARATION, ProjectStage.ADOPTED]


YEAR = Value(Precision.YEAR.value, output_field=dates.PrecisionField())


@dataclass(frozen=True)
class Sign:
    """Something with a city. `stands`: it goes on today, or is planned without a day. Of a sum there is no record, but the
    list of what it is the sum of (`listed_at`). No day: it happened, and nobody knows when."""

    kind: SignKind
    day: date | None
    precision: str
    record: BaseModel | None = None
    stands: bool = False
    listed_at: str = ""

    @property
    def latest(self) -> date:
        """The last day that it may mean: one that goes on is later than all that is over, one without a day is before."""
        if self.stands:
            return date.max
        return dates.last_day(self.day, self.precision or Precision.DAY) if self.day else date.min

    @property
    def link(self) -> str:
        return self.record.get_absolute_url() if self.record else self.listed_at  # type: ignore[attr-defined]  # each has a page

    @property
    def when(self) -> str:
        if self.stands:
            return _("going on, or planned")
        return dates.display(self.day, self.precision if self.day else Precision.UNKNOWN)

    @property
    def title(self) -> str:
        """What the record is called; of a sum, what it is the sum of."""
        return getattr(self.record, "title", "") or str(self.record or "")

    @property
    def language(self) -> str:
        """That of the title where it is not the reader's; empty where it is."""
        return fallback_language(self.record, "title") if hasattr(self.record, "title_fr") else ""


# The short names of the cities asked about, by their keys, and what is found: the key of a city, and a sign.
Cities = Mapping[int, str]
Found = Iterator[tuple[int, Sign]]


def _not_before(name: str, day: date) -> Q:
    """The date, as vague as it may be, can mean the day or a later one."""
    # On the day or after it, however vague.
    known = Q(**{f"{name}__gte": day})
    for precision in (Precision.MONTH, Precision.SEASON, Precision.YEAR):
        known |= Q(**{f"{name}_precision": precision, f"{name}__gte": dates.first_day(day, precision)})
    return known


def _fresh(start: str, end: str, since: date) -> Q:
    """A plan whose day has not gone by for long, or that has none."""
    return _not_before(start, since) | _not_before(end, since) | Q(**{f"{start}__isnull": True, f"{end}__isnull": True})


def _either(first: str, second: str) -> dict[str, models.expressions.Combinable]:
    """The first date where it is known, otherwise the second, as `day` and `day_known`."""
    precision = Case(
        When(**{f"{first}__isnull": False}, then=F(f"{first}_precision")), default=F(f"{second}_precision")
    )
    return {"day": Coalesce(first, second), "day_known": precision}


def _latest(rows: QuerySet, path: str, cities: Cities, state: str = "pk", condition: Q | None = None) -> QuerySet:
    """Of each city that the path leads to, the latest row of each state and precision: no more is needed to compare them.

    The condition speaks of columns and aliases of `rows`: a path of its own would lead to other rows than the city's.
    """
    found = rows.annotate(of_city=F(path)).filter(condition or Q(), of_city__in=cities.keys())
    keys = ("of_city", state, "day_known")
    return found.order_by(*keys, F("day").desc(nulls_last=True)).distinct(*keys)


def _union(parts: Collection[QuerySet]) -> QuerySet:
    first, *others = parts
    return first.union(*others, all=True)


# --- missions, delegations, events and meetings ---


def _dated(rows: QuerySet) -> QuerySet:
    """What took place, by its last known day, and what is planned."""
    happened, planned = _either("actual_end", "actual_start"), _either("planned_end", "planned_start")
    took_place = Q(status__in=TOOK_PLACE)
    return rows.filter(status__in=[*TOOK_PLACE, *PLANNED]).annotate(
        day=Case(When(took_place, then=happened["day"]), default=planned["day"]),
        day_known=Case(When(took_place, then=happened["day_known"]), default=planned["day_known"]),
    )


def _of_occasions(kind: SignKind, rows: QuerySet, paths: dict[str, Q], cities: Cities, since: date) -> Found:
    """Of what is planned only what is for a day that has not long gone by, or for none: where the latest of a city is no sign,
    neither is an earlier one."""
    parts = [_latest(rows, path, cities, "status", condition) for path, condition in paths.items()]
    for row in _union(parts):
        is_plan = row.status in PLANNED
        sign = Sign(kind, row.day, row.day_known, row, stands=is_plan and row.day is None)
        if not is_plan or sign.latest >= since:
            yield row.of_city, sign


# The cities that any of them is tied to, or that take part in it.
TIED = {"ties__city": Q(), "participants__city": Q()}
NAMED = ("pk", "status", "title_fr", "title_en")


def _missions(reader, cities: Cities, since: date) -> Found:
    """Where a mission went; where it means to go while it lies ahead, or where nobody recorded where it went."""
    recorded = Destination.objects.visible_to(reader).filter(mission=OuterRef("pk"), stage=PlaceStage.ACTUAL)
    there = Q(place_stage=PlaceStage.ACTUAL) | ~Q(status=MissionStatus.DONE) | ~Q(Exists(recorded))
    missions = Mission.objects.visible_to(reader).alias(place_stage=F("destinations__stage"))
    rows = _dated(missions).only("reference", *NAMED)
    return _of_occasions(SignKind.MISSION, rows, {"destinations__city": there} | TIED, cities, since)


def _delegations(reader, cities: Cities, since: date) -> Found:
    rows = _dated(Delegation.objects.visible_to(reader)).only("reference", *NAMED)
    return _of_occasions(SignKind.DELEGATION, rows, {"city": Q()} | TIED, cities, since)


def _events(reader, cities: Cities, since: date) -> Found:
    """Where an event was held, or is planned while nobody recorded where it was held."""
    rows = _dated(Event.objects.visible_to(reader)).only("reference", *NAMED)
    return _of_occasions(SignKind.EVENT, rows, {"held_city": Q(), "planned_city": HELD_NOWHERE} | TIED, cities, since)


def _meetings(reader, cities: Cities, since: date) -> Found:
    found = Meeting.objects.visible_to(reader).filter(status__in=[MeetingStatus.HELD, MeetingStatus.PLANNED])
    rows = found.annotate(day_known=F("day_precision")).only("day", *NAMED)
    return _of_occasions(SignKind.MEETING, rows, {"city": Q()} | TIED, cities, since)


# --- projects, culture and exchanges ---


def _projects(reader, cities: Cities, since: date) -> Found:
    """A project under way with the city runs today; one that is prepared counts as a plan, any other by its last known day."""
    planned, actual = _either("planned_end", "planned_start"), _either("actual_end", "actual_start")
    is_plan = Q(stage__in=PREPARED)
    taking_part = Q(row__in=ProjectCity.objects.visible_to(reader).holding_on(clock.today()).order_by().values("pk"))
    rows = Project.objects.visible_to(reader).alias(row=F("places")).only("reference", "stage", "title_fr", "title_en")
    rows = rows.annotate(
        day=Case(When(is_plan, then=planned["day"]), default=actual["day"]),
        day_known=Case(When(is_plan, then=planned["day_known"]), default=actual["day_known"]),
    )
    kinds = [
        (True, Q(stage=ProjectStage.UNDER_WAY) & taking_part),
        (False, is_plan & taking_part),
        (False, ~Q(stage__in=NOT_BEGUN) & ~Q(actual_start_precision="")),
    ]
    parts = [_latest(rows.annotate(runs=Value(runs)), "places__city", cities, "stage", kept) for runs, kept in kinds]
    for row in _union(parts):
        is_prepared = row.stage in PREPARED
        sign = Sign(SignKind.PROJECT, row.day, row.day_known, row, row.runs or (is_prepared and row.day is None))
        if not is_prepared or sign.latest >= since:
            yield row.of_city, sign


def _in_year(name: str) -> Func:
    """The first day of a year that stands in a column of its own."""
    return Func(F(name), Value(1), Value(1), function="make_date", output_field=models.DateField())


def _culture(reader, cities: Cities, since: date) -> Found:
    known = _either("ends_on", "starts_on")
    undated = Q(starts_on__isnull=True, ends_on__isnull=True)
    rows = CulturalProject.objects.visible_to(reader).only("slug", "status", "title_fr", "title_en")
    rows = rows.annotate(
        day=Coalesce(known["day"], _in_year("year")),
        day_known=Case(When(undated & Q(year__isnull=False), then=YEAR), default=known["day_known"]),
    )
    planned = Q(status=CulturalStatus.PLANNED) & (_fresh("starts_on", "ends_on", since) | Q(year__gte=since.year))
    counted = planned | Q(status__in=[CulturalStatus.CURRENT, CulturalStatus.PAST])
    for row in _latest(rows, "destinations__city", cities, "status", counted):
        stands = row.status == CulturalStatus.CURRENT or (row.status == CulturalStatus.PLANNED and row.day is None)
        yield row.of_city, Sign(SignKind.CULTURE, row.day, row.day_known, row, stands)


def _exchanges(reader, cities: Cities, since: date) -> Found:
    """An edition counts by its first day, otherwise by its year."""
    rows = Edition.objects.visible_to(reader).select_related("programme")
    rows = rows.annotate(
        day=Coalesce("starts_on", _in_year("year")),
        day_known=Case(When(starts_on__isnull=True, then=YEAR), default=F("starts_on_precision")),
    )
    for row in _latest(rows, "city", cities):
        yield row.of_city, Sign(SignKind.EXCHANGE, row.day, row.day_known, row)


# --- euros ---


def _grants(reader, cities: Cities, since: date) -> Found:
    """A grant counts by the day of the vote; where nobody knows that day, by the year that it is granted for."""
    rows = Grant.objects.visible_to(reader).filter(stage__in=COMMITTED).only("reference", "title_fr", "title_en")
    rows = rows.annotate(
        day=Coalesce("deliberation__voted_on", _in_year("year")),
        day_known=Case(
            When(deliberation__voted_on__isnull=True, then=YEAR), default=F("deliberation__voted_on_precision")
        ),
    )
    for row in _latest(rows, "places__city", cities, "of_city"):
        yield row.of_city, Sign(SignKind.GRANT, row.day, row.day_known, row)


def _last_days(rows: QuerySet, path: str, cities: Cities, day: str) -> QuerySet:
    """City and last day of the rows that the path ties to it."""
    found = rows.annotate(of_city=F(path)).filter(of_city__in=cities.keys()).order_by()
    return found.values_list("of_city").annotate(last=Max(day))


def _payments(reader, cities: Cities, since: date) -> Found:
    for city, day in _last_days(Payment.objects.visible_to(reader), "grant__places__city", cities, "paid_on"):
        link = f"{reverse('solidarity:grants')}?city={cities[city]}"
        yield city, Sign(SignKind.PAYMENT, day, Precision.DAY, listed_at=link)


def _funding(reader, cities: Cities, since: date) -> Found:
    """Commitments and disbursements of projects that name the city (or are part of one, and name none), and its own."""
    moved = Movement.objects.visible_to(reader).filter(
        kind__in=[MovementKind.COMMITTED, MovementKind.DISBURSED], amount__gt=0
    )
    parts = [
        _last_days(moved, "line__city", cities, "on"),
        _last_days(moved, "line__project__places__city", cities, "on"),
        _last_days(moved.filter(line__project__places=None), "line__project__parent__places__city", cities, "on"),
        _last_days(moved, "line__cultural_project__destinations__city", cities, "on"),
    ]
    for city, day in _union(parts):
        yield city, Sign(SignKind.FUNDING, day, Precision.DAY, listed_at=_page(cities[city]))


# --- the partnership itself ---


def _agreements(reader, cities: Cities, since: date) -> Found:
    rows = Agreement.objects.visible_to(reader).filter(status__in=SIGNED_STATES).alias(role=F("parties__role"))
    rows = rows.annotate(day=F("signed_on"), day_known=F("signed_on_precision"))
    rows = rows.only("reference", "title_fr", "title_en")
    for row in _latest(rows, "parties__city", cities, "of_city", Q(role=PartyRole.COUNTERPART)):
        yield row.of_city, Sign(SignKind.AGREEMENT, row.day, row.day_known, row)


def _relations(reader, cities: Cities, since: date) -> Found:
    """The beginning of what makes the city a partner."""
    found = Relation.objects.visible_to(reader).filter(
        city__in=cities.keys(), kind__in=PARTNERSHIP, since__isnull=False
    )
    for city, day, precision in found.order_by().values_list("city", "since", "since_precision"):
        yield city, Sign(SignKind.RELATION, day, precision, listed_at=_page(cities[city]))


def _page(city: str) -> str:
    return reverse("partnerships:city", args=[city])


# What costs most comes last: by then it is asked of few cities.
FINDERS: tuple[Callable[..., Found], ...] = (
    _relations,
    _agreements,
    _missions,
    _delegations,
    _events,
    _meetings,
    _projects,
    _culture,
    _exchanges,
    _grants,
    _payments,
    _funding,
)


def without_fresh_ones(reader, cities: QuerySet[City], since: date) -> QuerySet[City]:
    """These cities without those of which four cheap questions tell that something happened since: a partnership began, an
    agreement was signed, a mission went there, a project runs. The finders would say the same of each of them, one row at a
    time."""
    began = Relation.objects.visible_to(reader).filter(_not_before("since", since), kind__in=PARTNERSHIP)
    signed = Agreement.objects.visible_to(reader).filter(
        _not_before("signed_on", since),
        status__in=SIGNED_STATES,
        parties__role=PartyRole.COUNTERPART,
        parties__city=OuterRef("pk"),
    )
    went = Mission.objects.visible_to(reader).filter(
        _not_before("actual_end", since) | Q(_not_before("actual_start", since), actual_end__isnull=True),
        status=MissionStatus.DONE,
        destinations__stage=PlaceStage.ACTUAL,
        destinations__city=OuterRef("pk"),
    )
    under_way = Project.objects.visible_to(reader).filter(stage=ProjectStage.UNDER_WAY).order_by().values("pk")
    runs = ProjectCity.objects.visible_to(reader).holding_on(clock.today()).filter(project__in=under_way)
    here = (began.filter(city=OuterRef("pk")), signed, went, runs.filter(city=OuterRef("pk")))
    for happened in here:
        cities = cities.exclude(Exists(happened))
    return cities


def last_signs(reader, cities: Cities, since: date, *, enough: date | None = None) -> dict[int, Sign]:
    """Of each of the cities the last sign that the reader sees; nothing where nothing is recorded. At most a query for each kind.

    `since` is the day from which on plans still count; with `enough`, no more is asked of a city once a sign of that day or a
    later one is found, and nothing at all once there is one of each.
    """
    last: dict[int, Sign] = {}
    asked = cities
    for find in FINDERS:
        if not asked:
            break
        for city, sign in find(reader, asked, since):
            if city not in last or sign.latest > last[city].latest:
                last[city] = sign
        if enough is not None:
            asked = {pk: city for pk, city in asked.items() if pk not in last or last[pk].latest < enough}
    return last

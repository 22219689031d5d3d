"""What the home page and the decisions go by: the next sitting of the Council, the missions that come next."""

from datetime import date, timedelta

from django.db.models import (
    Case,
    DateField,
    DurationField,
    Expression,
    F,
    Func,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast

from core import clock, dates
from core.enums import Precision
from events.models import CouncilSitting, Mission
from events.rules import NOT_DECIDED
from events.selectors import occasions, promises


def next_sitting(reader) -> CouncilSitting | None:
    """The sitting of the Council that goes on or comes next; None where none is recorded."""
    return _sittings(reader).first()


def next_sitting_day(reader) -> Subquery:
    """Its first day, within a query."""
    return Subquery(_sittings(reader).values("starts_on")[:1])


def _sittings(reader) -> QuerySet[CouncilSitting]:
    return occasions.sittings(reader).filter(ends_on__gte=clock.today()).order_by("starts_on")


def next_missions(reader) -> QuerySet[Mission]:
    """The missions that are not over yet by their dates, as exactly as these are known, the soonest first; those without a date
    last."""
    return occasions.ahead(occasions.trips(reader)).filter(
        _not_over("planned_end") | (Q(planned_end=None) & _not_over("planned_start")) | Q(planned_start=None)
    )


def missions_to_confirm(reader, until: date) -> QuerySet[Mission]:
    """The ideas and plans that leave until that day and are not over, with `due`: the day before the departure, or the last
    day of what is known of it."""
    found = next_missions(reader).filter(status__in=NOT_DECIDED, planned_start__lte=until)
    eve, departure = timedelta(days=1), F("planned_start")
    lasts = [
        When(planned_start_precision=precision, then=departure + months(Value(count)) - eve)
        for precision, count in {Precision.MONTH: 1, Precision.SEASON: 3, Precision.YEAR: 12}.items()
    ]
    due = Cast(Case(*lasts, default=departure - eve), DateField())
    return found.annotate(due=due).order_by("due", "reference")


def months(count: Expression | F) -> Func:
    """So many months, to be added to a day within a query."""
    template = "%(function)s(months => %(expressions)s::int)"
    return Func(count, function="make_interval", template=template, output_field=DurationField())


def _not_over(name: str) -> Q:
    today = clock.today()
    vague = [Precision.MONTH, Precision.SEASON, Precision.YEAR]
    held = Q(**{f"{name}__gte": today})
    for precision in vague:
        began = dates.first_day(today, precision)
        held |= Q(**{f"{name}_precision": precision, f"{name}__gte": began})
    return held


def open_promises_by_mission(reader, missions: list[Mission]) -> dict[int, int]:
    """How many promises are still open with the cities of each mission, by its key; one query."""
    cities: dict[int, set[int]] = {
        mission.pk: {place.city_id for place in mission.destinations.all() if place.city_id} for mission in missions
    }
    counted = promises.open_by_city(reader, set().union(*cities.values()))
    return {key: sum(counted.get(city, 0) for city in met) for key, met in cities.items()}

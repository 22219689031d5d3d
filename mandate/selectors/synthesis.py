"""What the home page and the decisions go by: the next sitting of the Council, the missions that come next."""

from collections.abc import Sequence
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
from django.db.models.functions import Cast, Greatest

from core import clock, dates
from core.enums import Precision
from events.enums import AHEAD, MeetingStatus
from events.models import CouncilSitting, Delegation, Meeting, Mission
from events.rules import NOT_DECIDED
from events.selectors import occasions, promises

SOONEST = (F("planned_start").asc(nulls_last=True), "reference")


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


def next_delegations(reader) -> QuerySet[Delegation]:
    """The delegations that are expected and not over yet, in the same order."""
    found = Delegation.objects.visible_to(reader).filter(status__in=AHEAD)
    held = _not_over("planned_end") | (Q(planned_end=None) & _not_over("planned_start")) | Q(planned_start=None)
    return found.filter(held).select_related("city__country", "country", "organisation").order_by(*SOONEST)


def next_meetings(reader) -> QuerySet[Meeting]:
    """The meetings that are planned from today on, in the same order; not those of a trip or a visit that is cancelled."""
    found = Meeting.objects.visible_to(reader).filter(status=MeetingStatus.PLANNED)
    planned = found.exclude(occasions.OF_CANCELLED).filter(_not_over("day"))
    return planned.select_related("city__country", "mission", "delegation", "event").order_by(
        "day", F("starts_at").asc(nulls_first=True), "pk"
    )


def missions_to_confirm(reader, until: date) -> QuerySet[Mission]:
    """The ideas and plans that leave until that day and are not over, with `due`: the day before the departure, for the special
    mandate is voted before it (A13). Known to a month, a season or a year, it may be on its first day; once that has begun,
    tomorrow."""
    found = next_missions(reader).filter(status__in=NOT_DECIDED, planned_start__lte=until)
    eve = Cast(F("planned_start") - timedelta(days=1), DateField())
    today = Value(clock.today(), output_field=DateField())
    due = Case(When(planned_start_precision=Precision.DAY, then=eve), default=Greatest(eve, today))
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


def open_promises_with(reader, met: Sequence[Mission | Delegation | Meeting]) -> list[int]:
    """How many promises are still open with the cities that each of these brings together; a promise to several counts once."""
    cities = promises.cities_of_each(met)
    with_each = promises.open_with_each(reader, set().union(*cities.values()))
    return [len(set().union(*(with_each.get(city, ()) for city in cities[subject]))) for subject in met]

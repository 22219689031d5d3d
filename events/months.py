"""A month of the agenda: its weeks, its neighbours, and what stands on each of its days."""

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta
from django.core.exceptions import ValidationError
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core import clock, dates
from core.enums import Precision
from events.selectors.agenda import Item

# The years that the database takes for plausible.
FIRST_YEAR, LAST_YEAR = 1900, 2200
MOST_VAGUE_LAST = (Precision.MONTH, Precision.SEASON, Precision.YEAR)


@dataclass(frozen=True)
class Month:
    """A month by its first day."""

    first: date

    @classmethod
    def read(cls, text: str) -> "Month":
        """`2015-06`; raises ValidationError where that is no month of the years 1900 to 2200."""
        year, _dash, month = text.partition("-")
        if not (len(year) == 4 and len(month) == 2 and text.isascii() and (year + month).isdigit()):
            raise ValidationError(_("Write it as 2015-06."))
        if not (FIRST_YEAR <= int(year) <= LAST_YEAR and 1 <= int(month) <= 12):
            bounds = {"first": f"{FIRST_YEAR}-01", "last": f"{LAST_YEAR}-12"}
            raise ValidationError(_("Ask for a month from %(first)s to %(last)s."), params=bounds)
        return cls(date(int(year), int(month), 1))

    @classmethod
    def current(cls) -> "Month":
        return cls(clock.today().replace(day=1))

    def __str__(self) -> str:
        return capfirst(dates.display(self.first, Precision.MONTH))

    @property
    def key(self) -> str:
        return f"{self.first:%Y-%m}"

    @property
    def last(self) -> date:
        return dates.last_day(self.first, Precision.MONTH)

    @property
    def previous(self) -> "Month | None":
        return self._beside(-1)

    @property
    def next(self) -> "Month | None":
        return self._beside(1)

    def _beside(self, months: int) -> "Month | None":
        first = self.first + relativedelta(months=months)
        return Month(first) if FIRST_YEAR <= first.year <= LAST_YEAR else None

    @property
    def weeks(self) -> list[list[date]]:
        """Whole weeks from Monday, the neighbours' days included."""
        return calendar.Calendar().monthdatescalendar(self.first.year, self.first.month)


def weekdays() -> list[tuple[str, str]]:
    """The days of the week from Monday: (abbreviated, whole)."""
    return [(capfirst(str(WEEKDAYS_ABBR[day])), capfirst(str(WEEKDAYS[day]))) for day in range(7)]


@dataclass(frozen=True)
class Mark:
    """An item on one of its days; `goes_on` where it began on an earlier day of the same week."""

    item: Item
    goes_on: bool


@dataclass(frozen=True)
class Day:
    date: date
    is_within: bool
    is_today: bool
    marks: list[Mark]


def grid(month: Month, items: Iterable[Item]) -> list[list[Day]]:
    """The weeks of the month, with what is known to the day on each day that it lasts."""
    exact = [item for item in items if item.is_exact]
    return [[_day(day, month, week[0], exact) for day in week] for week in month.weeks]


def _day(day: date, month: Month, monday: date, items: Sequence[Item]) -> Day:
    standing = [(item, item.start) for item in items if item.start and item.start <= day <= item.last_known]
    return Day(
        date=day,
        is_within=day.month == month.first.month,
        is_today=day == clock.today(),
        marks=[Mark(item, max(start, monday) < day) for item, start in standing],
    )


def on_days(month: Month, items: Iterable[Item]) -> list[Item]:
    """Those that stand on a day of the month, in their order."""
    return [item for item in items if item.is_exact and _touches(month, item)]


def _touches(month: Month, item: Item) -> bool:
    assert item.start  # asked only of what begins on a day
    return item.start <= month.last and item.last_known >= month.first


@dataclass(frozen=True)
class Vague:
    """A period (a month, a season, a year) and what is known to begin in it, on a day that nobody knows."""

    period: str
    items: list[Item]


def vague(month: Month, items: Iterable[Item]) -> list[Vague]:
    """What may fall in the month but is known less exactly than to the day, by its period; the most vague comes last."""
    found: dict[tuple[int, date, str], list[Item]] = {}
    for item in items:
        if not item.is_exact and item.start and item.falls_in(month.first, month.last):
            rank = MOST_VAGUE_LAST.index(Precision(item.start_precision))
            found.setdefault((rank, item.start, item.start_precision), []).append(item)
    return [
        Vague(capfirst(dates.display(start, precision)), found[rank, start, precision])
        for rank, start, precision in sorted(found)
    ]


def span(month: Month) -> tuple[date, date]:
    """The first and the last day of the grid."""
    weeks = month.weeks
    return weeks[0][0], weeks[-1][-1]

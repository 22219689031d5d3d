"""The bar of a mandate: where today stands between its first day and its end, and the days on which it is judged.

Positions are in percent of the width, so that text keeps its size on any screen and on paper.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cooperation import charts as amounts
from core import clock
from core.filters import COMMA
from core.templatetags.parvis import day, euros, number
from mandate.enums import JUDGED_AT, ObjectiveStatus
from mandate.models import Mandate, MandateDay, Objective
from mandate.selectors.places import CityEuros


@dataclass(frozen=True)
class Mark:
    """A day on which the mandate is judged: where it stands on the bar, and how many of what it judges are met."""

    day: MandateDay
    x: str
    met: int
    open: int
    judged: int
    horizons: str

    @property
    def anchor(self) -> str:
        return _anchor(self.x)

    @property
    def title(self) -> str:
        return capfirst(str(self.day.which.label))

    @property
    def is_past(self) -> bool:
        return self.day.rules <= clock.today()

    @property
    def distance(self) -> str:
        """How far away it is, in days."""
        days = (self.day.rules - clock.today()).days
        if days == 0:
            return _("today")
        if days < 0:
            return ngettext("%(count)s day ago", "%(count)s days ago", -days) % {"count": number(-days)}
        return ngettext("in %(count)s day", "in %(count)s days", days) % {"count": number(days)}


@dataclass(frozen=True)
class Bar:
    """The mandate from its first day to its end, in per cent of the width; `today` is empty outside of it."""

    mandate: Mandate
    marks: list[Mark]
    today: str
    done: str
    ticks: list[tuple[str, int]]

    @property
    def anchor(self) -> str:
        return _anchor(self.today)

    @property
    def behind(self) -> list[Mark]:
        """The days that have passed with objectives that somebody still works towards."""
        return [mark for mark in self.marks if mark.is_past and mark.open]

    @property
    def title(self) -> str:
        """“Day 423 of 2,281, until 3 July 2020”, or that it is over or has not begun."""
        first, last, now = self.mandate.starts_on, self.mandate.ends_on, clock.today()
        if now < first:
            return _("The mandate begins on %(day)s") % {"day": day(first)}
        if now > last:
            return _("The mandate ended on %(day)s") % {"day": day(last)}
        values = {"number": number((now - first).days), "all": number((last - first).days), "day": day(last)}
        return _("Day %(number)s of %(all)s, until %(day)s") % values


def _anchor(x: str) -> str:
    """A text near an end of the bar stays within it."""
    place = float(x.removesuffix("%") or 0)
    return "start" if place < 8 else "end" if place > 92 else "middle"


def bar(mandate: Mandate, objectives: Iterable[Objective]) -> Bar:
    """The bar with what each of its days judges, of the objectives that the reader sees; parts are not counted beside their
    whole."""
    known = [objective for objective in objectives if objective.parent_id is None]
    first, length = mandate.starts_on, (mandate.ends_on - mandate.starts_on).days

    def x(when: date) -> str:
        # Written with a point in every language: an attribute is no text.
        return f"{min(max(100 * (when - first).days / length, 0), 100):.2f}%"

    marks = []
    for found in mandate.milestones():
        judged = [objective for objective in known if objective.horizon in JUDGED_AT[found.which]]
        met = sum(objective.status == ObjectiveStatus.MET for objective in judged)
        left = sum(objective.is_open for objective in judged)
        marks.append(Mark(found, x(found.rules), met, left, len(judged), COMMA.join(JUDGED_AT[found.which])))
    now = clock.today()
    years = range(first.year + 1, mandate.ends_on.year + 1)
    ticks = [(x(date(year, 1, 1)), year) for year in years] if len(years) < 15 else []
    inside = first <= now <= mandate.ends_on
    return Bar(mandate, marks, x(now) if inside else "", x(now), ticks)


def year_bars(found: Iterable[tuple[int, CityEuros]]) -> list[amounts.Bar]:
    """The euros of a city, a bar for each year; a year of which nothing is recorded says so in words."""
    return amounts.bars(
        (str(year), spent.total or Decimal(0), _("nothing recorded") if spent.total is None else euros(spent.total), "")
        for year, spent in found
    )

"""Indicators with what they read last and where they tend; and what they measure now, for whoever asks."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

from core import clock
from mandate.enums import Direction
from mandate.measures import Measure, registered
from mandate.models import Indicator, IndicatorReading, Mandate, Objective


@dataclass(frozen=True)
class Trend:
    """An indicator's last reading against the one about 30 days before it, and against its baseline. In the indicator's own
    unit; None where there is nothing to compare."""

    indicator: Indicator
    last: Decimal | None
    last_day: date | None
    earlier: Decimal | None
    earlier_day: date | None

    @property
    def change(self) -> Decimal | None:
        """The last reading minus the earlier one."""
        return None if self.last is None or self.earlier is None else self.last - self.earlier

    @property
    def since_baseline(self) -> Decimal | None:
        """The last reading minus the baseline."""
        baseline = self.indicator.baseline
        return None if self.last is None or baseline is None else self.last - baseline

    @property
    def improves(self) -> bool | None:
        """Whether the change goes towards what the target asks for; None where nothing changed or nothing is known."""
        if not self.change:
            return None
        return (self.change > 0) == (self.indicator.direction == Direction.AT_LEAST)

    @property
    def is_reached(self) -> bool:
        return self.indicator.reaches(self.last)


def indicators(reader, objective: Objective | None = None, mandate: Mandate | None = None) -> QuerySet[Indicator]:
    """The indicators (of the objective or the mandate) with their last reading and the one to compare it with: one query."""
    found = Indicator.objects.visible_to(reader).select_related("objective__mandate").with_readings(reader)
    if objective is not None:
        found = found.filter(objective=objective)
    return found.filter(objective__mandate=mandate) if mandate is not None else found


def trend(indicator: Indicator) -> Trend:
    """The trend of an indicator that comes from `indicators(reader)`."""
    read = ("last_value", "last_day", "earlier_value", "earlier_day")
    return Trend(indicator, *(getattr(indicator, name) for name in read))


def readings(reader, indicator: Indicator) -> QuerySet[IndicatorReading]:
    """Every reading of the indicator, the latest first."""
    return IndicatorReading.objects.visible_to(reader).filter(indicator=indicator).order_by("-day")


def measured(reader, indicator: Indicator, day: date | None = None) -> Measure | None:
    """What the indicator measures on the day (today by default), with the records behind it, as the reader may see them.

    The period ends on that day where it is still running. None where it is judged by hand, where nothing measures it any
    more, before its period begins, and where another day is asked of what stands today.
    """
    known = registered().get(indicator.measure)
    since, until = indicator.period
    day = day or clock.today()
    if known is None or day < since or (known.of_today and day != clock.today()):
        return None
    return known.take(reader, since, min(until, day), indicator.parameter)

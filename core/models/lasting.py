"""What holds for a time: a relation, a membership, a function, a seat."""

from datetime import date
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import dates
from core.constraints import ordered, plausible_dates
from core.dates import PrecisionField
from core.enums import Precision
from core.models.base import BaseModel, Record, VisibleQuerySet

_PREFIX = "%(app_label)s_%(class)s"
# Rows whose end nobody has recorded, for rules such as "one open membership".
OPEN = Q(until__isnull=True, until_precision="")


class LastingQuerySet(VisibleQuerySet[Record]):
    def holding_on(self, day: date):
        """The rows that hold on the day, both ends included.

        A beginning without a date has begun; an end that happened nobody knows when is over. An end known to the month,
        season or year lasts until the last day of it.
        """
        begun = Q(since__isnull=True) | Q(since__lte=day)
        lasts = OPEN
        for precision in (Precision.DAY, Precision.MONTH, Precision.SEASON, Precision.YEAR):
            lasts |= Q(until_precision=precision, until__gte=dates.first_day(day, precision))
        return self.filter(begun, lasts)


class Lasting(BaseModel):
    """Abstract: a record with a beginning and an end, each as exactly as it is known."""

    since = models.DateField(_("since"), null=True, blank=True)
    since_precision = PrecisionField()
    until = models.DateField(_("until"), null=True, blank=True)
    until_precision = PrecisionField()

    objects: ClassVar = LastingQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            ordered(_PREFIX, "since", "until"),
            *dates.constraints(_PREFIX, "since"),
            *dates.constraints(_PREFIX, "until"),
            plausible_dates(_PREFIX, "since", "until"),
        ]

    def holds_on(self, day: date) -> bool:
        """The same as `holding_on()`, for a row already read."""
        if self.since is not None and self.since > day:
            return False
        if self.until is None:
            return self.until_precision == ""
        return day <= dates.last_day(self.until, self.until_precision)

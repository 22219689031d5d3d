"""What day it is: the one place that pages, rules, deadlines and reminders ask.

The demo's data live in 2014-2015, so the demo and the tests fix the day with `PARVIS_TODAY`. Audit timestamps
(who changed what, when) are the database's own and never fixed.
"""

from datetime import date, datetime

from django.conf import settings
from django.utils import timezone


def today() -> date:
    """The day Parvis goes by, in the city's time zone."""
    return settings.TODAY or timezone.localdate()


def now() -> datetime:
    """The moment Parvis goes by, aware: the fixed day at the real time of day, or the real moment."""
    moment = timezone.localtime()
    if settings.TODAY is None:
        return moment
    return moment.replace(year=settings.TODAY.year, month=settings.TODAY.month, day=settings.TODAY.day)


def is_fixed() -> bool:
    """Whether the day is set by hand; every page then says so in a banner."""
    return settings.TODAY is not None

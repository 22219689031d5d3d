"""What day it is: the one place that pages, rules, deadlines and reminders ask.

The demo's data live in 2014-2015, so the demo and the tests fix the day with `PARVIS_TODAY`. Audit timestamps
(who changed what, when) are the database's own and never fixed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time, timedelta

from django.conf import settings
from django.utils import timezone

_earliest: ContextVar[date] = ContextVar("earliest", default=date.min)
_past: ContextVar[date | None] = ContextVar("past", default=None)
_watched: ContextVar[list[str] | None] = ContextVar("watched", default=None)


def today() -> date:
    """The day Parvis goes by, in the city's time zone."""
    past = _past.get()
    if past is not None and settings.TODAY is None:
        return past
    return max(settings.TODAY or timezone.localdate(), _earliest.get())


@contextmanager
def not_before(day: date) -> Iterator[None]:
    """What is done within goes by this day where Parvis goes by an earlier one: data tell of their own day, also in a demo
    whose clock is set further back."""
    token = _earliest.set(day)
    try:
        yield
    finally:
        _earliest.reset(token)


@contextmanager
def as_of(day: date) -> Iterator[None]:
    """What is done within tells of this past day; a day set by hand stays what it is, because the records tell of it."""
    token = _past.set(day)
    try:
        yield
    finally:
        _past.reset(token)


def past_day() -> date | None:
    """The past day whose records are being read (`core.as_of`); None where those of today are."""
    return _past.get()


def end_of(day: date) -> datetime:
    """The moment at which the day is over, in the city's time zone."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def now() -> datetime:
    """The moment Parvis goes by, aware: the fixed day at the real time of day, or the real moment."""
    _note("now")
    moment = timezone.localtime()
    day = today()
    if settings.TODAY is None and day == moment.date():
        return moment
    return moment.replace(year=day.year, month=day.month, day=day.day)


def is_fixed() -> bool:
    """Whether the day is set by hand; every page then says so in a banner."""
    return settings.TODAY is not None


def real() -> datetime:
    """The real moment, aware, whatever day Parvis goes by: for waits and retries, and for what watches them."""
    _note("real")
    return timezone.now()


@contextmanager
def watched(asked: list[str]) -> Iterator[None]:
    """Notes in `asked` whenever a moment is asked for within: what holds one cannot be kept for the next request."""
    token = _watched.set(asked)
    try:
        yield
    finally:
        _watched.reset(token)


def _note(what: str) -> None:
    if (asked := _watched.get()) is not None:
        asked.append(what)

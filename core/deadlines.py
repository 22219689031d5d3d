"""What falls due. Each app yields its own in `deadlines.py`; one list feeds pages, API, calendar and reminders.

A source has a kind (`agreement-notice`) and a title. `@source` registers one that is worked out in Python; `@listed`, one
that is a query, so that however many rows fall due, reminders compare them with what was told without reading them.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from heapq import merge
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models import Count, Window
from django.utils.functional import Promise

from core import dates, written
from core.enums import Precision


@dataclass(frozen=True)
class Deadline:
    """Something that falls due on a day, for a record: `kind` is its rule, `what` a sentence in the active language.

    `owner` is the person who answers for it, where there is one; `details` says in a few lines, when it is told and not
    before, what stands behind it.
    """

    due: date
    kind: str
    what: str
    link: str
    record: models.Model
    owner: models.Model | None = None
    details: Callable[[], list[str]] = field(default=list, compare=False)

    @property
    def period(self) -> str:
        """The month, season or year on whose last day it is due, where the record knows no day; empty where it does."""
        precision = getattr(self.record, "due_on_precision", "")
        is_vague = precision in (Precision.MONTH, Precision.SEASON, Precision.YEAR)
        return dates.display(getattr(self.record, "due_on", None), precision) if is_vague else ""


@dataclass(frozen=True)
class Source:
    """Where deadlines of one kind come from.

    `find(reader, since, until)` yields them, of records visible to the reader, both days included. `rows`, where there is
    one, is the query behind it, annotated with `due`; `say` turns its rows into deadlines.
    """

    kind: str
    title: str | Promise
    find: Callable[..., Iterable[Deadline]]
    rows: Callable[..., models.QuerySet] | None = None
    say: Callable[[Iterable[Any]], Iterable[Deadline]] | None = None


_sources: dict[str, Source] = {}


def _register(new: Source) -> None:
    if new.kind in _sources:
        raise ImproperlyConfigured(f"Two kinds of deadlines are called {new.kind}.")
    _sources[new.kind] = new


def source(kind: str, title: str | Promise):
    """Registers `function(reader, since, until)`, which yields the deadlines of this kind."""

    def register(function: Callable[..., Iterable[Deadline]]):
        _register(Source(kind, title, function))
        return function

    return register


def listed(kind: str, title: str | Promise, rows: Callable[..., models.QuerySet]):
    """Registers `rows(reader, since, until)`, a query annotated with `due`, and the function that says what each row is."""

    def register(say: Callable[[Iterable[Any]], Iterable[Deadline]]):
        def find(reader, since: date, until: date) -> Iterable[Deadline]:
            return say(written.rows(rows, reader, since, until))

        _register(Source(kind, title, find, rows, say))
        return say

    return register


def kinds() -> dict[str, Source]:
    """Every kind of deadline there is."""
    return dict(_sources)


def due(reader, *, since: date, until: date, only: Collection[str] = ()) -> list[Deadline]:
    """Everything visible to the reader that falls due between the two days, both included, soonest first; of all kinds, or
    `only` of these.
    """
    asked = [known for kind, known in _sources.items() if not only or kind in only]
    found: Iterator[Deadline] = merge(
        *(sorted(known.find(reader, since, until), key=_order) for known in asked), key=_order
    )
    return list(found)


def soonest(reader, *, since: date, until: date, first: int) -> tuple[list[Deadline], int]:
    """The `first` of what `due()` lists, and how many there are in all. Where a kind is a query no more rows are read than
    that; of those that fall due on the same day, the ones recorded first.
    """
    found: list[Deadline] = []
    count = 0
    for known in _sources.values():
        if known.rows is None or known.say is None:
            some = list(known.find(reader, since, until))
            count += len(some)
        else:
            rows = written.rows(_soonest, reader, known.rows, since, until, first)
            some = list(known.say(rows))
            count += rows[0].of_them if rows else 0
        found += some
    return sorted(found, key=_order)[:first], count


def _soonest(reader, rows: Callable[..., models.QuerySet], since: date, until: date, first: int) -> models.QuerySet:
    return rows(reader, since, until).annotate(of_them=Window(Count("pk"))).order_by("due", "pk")[:first]


def _order(deadline: Deadline):
    return deadline.due, deadline.kind, deadline.what

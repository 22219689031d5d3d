"""What falls due. Each app yields its own in `deadlines.py`; one list feeds pages, API, calendar and reminders."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from heapq import merge

from django.db import models


@dataclass(frozen=True)
class Deadline:
    """Something that falls due on a day, for a record: `kind` is its rule (`agreement-notice`), `what` a sentence."""

    due: date
    kind: str
    what: str
    link: str
    record: models.Model | None = None


Source = Callable[..., Iterable[Deadline]]
_sources: list[Source] = []


def source(function: Source) -> Source:
    """Registers `function(reader, since, until)`, which yields deadlines in order, only of records visible to the reader."""
    _sources.append(function)
    return function


def due(reader, *, since: date, until: date) -> list[Deadline]:
    """Everything visible to the reader that falls due between the two days, both included, soonest first."""
    return list(merge(*(sorted(find(reader, since, until), key=_order) for find in _sources), key=_order))


def _order(deadline: Deadline):
    return deadline.due, deadline.kind, deadline.what

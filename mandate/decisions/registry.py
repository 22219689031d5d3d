"""The one mechanism of what waits to be decided; pages read it, sources are registered with it.

A source has a kind (`grant-vote`), a title, the model of its records, the verbs of their life by which they are decided, and
the right that it takes. `@listed` registers one that is a query: however many records wait, no more of them are read than
are shown. `@source` registers one that is worked out in Python.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import models
from django.db.models import Count, Q, Value, Window
from django.utils.functional import Promise

from core import written
from core.access import may
from core.roles import ROLES, Role, declared
from core.workflow import Transition


@dataclass(frozen=True)
class Act:
    """A page on which it is decided, where no verb of the record does it."""

    label: str | Promise
    address: str


@dataclass(frozen=True)
class Decision:
    """What waits, in the active language: `due` is the day by which (None where nothing sets one), `why` says why now.

    `language` is that of `what` where the record has no text in the reader's own. `acts` are the pages on which it is decided
    otherwise than by a verb; they are offered to those who may.
    """

    kind: str
    record: models.Model
    what: str
    why: str
    due: date | None
    link: str
    language: str = ""
    acts: tuple[Act, ...] = ()


@dataclass(frozen=True)
class Source:
    """Where decisions of one kind come from. `right` is the verb and the model of the permission that deciding takes.

    `find(reader)` answers them, of records visible to the reader; where they are a query, `rows` is that query, annotated
    with `due`, and `say(reader, record)` turns one of its rows into a decision.
    """

    kind: str
    title: str | Promise
    model: type[models.Model]
    verbs: tuple[str, ...]
    right: tuple[str, type[models.Model]]
    find: Callable[..., Iterable[Decision]] | None = None
    rows: Callable[..., models.QuerySet] | None = None
    say: Callable[..., Decision] | None = None

    def is_decided_by(self, reader, record: Any) -> bool:
        """Whether the reader may decide of this record at all; its guards may still refuse."""
        verb, model = self.right
        return may(reader, verb, model) and (model is not self.model or record.allows(reader, verb))

    def roles(self) -> list[Role]:
        """The roles that may decide."""
        verb, model = self.right
        wanted = (model._meta.app_label, model._meta.model_name, verb)
        granted = declared()
        return [role for role in ROLES if wanted in granted[role]]

    def steps(self, record: models.Model) -> list[Transition]:
        """The verbs that lead on from where the record stands, the usual way first."""
        if not self.verbs:
            return []
        life = self.model.life  # type: ignore[attr-defined]  # a model with verbs has a life
        state = getattr(record, life.field)
        offered = [life.transition(verb) for verb in self.verbs]
        return [transition for transition in offered if state in transition.sources]


_sources: dict[str, Source] = {}


def _register(new: Source) -> None:
    if new.kind in _sources:
        raise ImproperlyConfigured(f"Two kinds of decisions are called {new.kind}.")
    _sources[new.kind] = new


def source(
    kind: str,
    title: str | Promise,
    model: type[models.Model],
    *,
    verbs: Collection[str] = (),
    right: tuple[str, type[models.Model]] | None = None,
):
    """Registers `function(reader)`, which answers the decisions of this kind. Without `right` it takes that of changing the record."""

    def register(function: Callable[..., Iterable[Decision]]):
        _register(Source(kind, title, model, tuple(verbs), right or ("change", model), find=function))
        return function

    return register


def listed(
    kind: str, title: str | Promise, model: type[models.Model], rows: Callable[..., Any], *, verbs: Collection[str] = ()
):
    """Registers `rows(reader)`, a query annotated with `due` and in its order, and `function(reader, record)`, which says what each is."""

    def register(say: Callable[..., Decision]):
        _register(Source(kind, title, model, tuple(verbs), ("change", model), rows=rows, say=say))
        return say

    return register


def kinds() -> dict[str, Source]:
    """Every kind of decision there is."""
    return dict(_sources)


def known(kind: str) -> Source | None:
    """The source of this kind; None where there is none."""
    return _sources.get(kind)


@dataclass(frozen=True)
class Waiting:
    """A decision that waits, told or still to be told: of a query only the record's key is known so far."""

    kind: str
    due: date | None
    key: Any
    decision: Decision | None = field(default=None, compare=False)


def waiting(reader, *, only: Collection[str] = ()) -> list[Waiting]:
    """All that waits for a decision on records visible to the reader, the soonest first, what has no day last; of all kinds or
    `only` of these. One query a kind, whatever waits.
    """
    found: list[Waiting] = []
    for kind, asked in _sources.items():
        if not only or kind in only:
            found += _of(asked, reader)
    return sorted(found, key=lambda row: row.due or date.max)


def _of(asked: Source, reader) -> list[Waiting]:
    if asked.rows is not None:
        return [Waiting(asked.kind, due, key) for key, due in written.rows(_keys_and_days, reader, asked.rows)]
    assert asked.find is not None
    return [Waiting(asked.kind, row.due, row.record.pk, row) for row in asked.find(reader)]


@dataclass(frozen=True)
class First:
    """The decisions that come first, how many there are in all, and how many of them fall due by the day that was asked for."""

    decisions: list[Decision]
    waiting: int
    by_the_day: int


def first_waiting(reader, first: int, day: date | None) -> First:
    """The `first` of what `waiting()` lists, told, and how many of all fall due by the day (none, where there is no day). One
    query a kind, which reads no more rows than are shown."""
    found: list[Decision] = []
    count = by_the_day = 0
    for asked in _sources.values():
        if asked.rows is None or asked.say is None:
            assert asked.find is not None
            some = list(asked.find(reader))
            count += len(some)
            by_the_day += sum(row.due is not None and day is not None and row.due <= day for row in some)
        else:
            rows = written.rows(_first_rows, reader, asked.rows, first, day)
            some = [asked.say(reader, row) for row in rows]
            count += rows[0].of_them if rows else 0
            by_the_day += rows[0].of_them_by_the_day if rows else 0
        found += some
    return First(sorted(found, key=lambda row: row.due or date.max)[:first], count, by_the_day)


def _first_rows(reader, rows: Callable[..., models.QuerySet], first: int, day: date | None) -> models.QuerySet:
    in_time = Value(0) if day is None else Window(Count("pk", filter=Q(due__lte=day)))
    return rows(reader).annotate(of_them=Window(Count("pk")), of_them_by_the_day=in_time)[:first]


def _keys_and_days(reader, rows: Callable[..., models.QuerySet]) -> models.QuerySet:
    return rows(reader).values_list("pk", "due")


def told(reader, rows: Iterable[Waiting]) -> list[Decision]:
    """These decisions in their order, each said: the records of each kind are read at once."""
    shown = list(rows)
    said: dict[tuple[str, Any], Decision] = {}
    for kind, asked in _sources.items():
        keys = [row.key for row in shown if row.kind == kind and row.decision is None]
        if asked.rows is not None and asked.say is not None and keys:
            for record in asked.rows(reader).filter(pk__in=keys):
                said[kind, record.pk] = asked.say(reader, record)
    found = (row.decision or said.get((row.kind, row.key)) for row in shown)
    return [decision for decision in found if decision is not None]

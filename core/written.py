"""Queries that Django writes once: to write one often takes longer than PostgreSQL takes to answer it.

    written.rows(_open_steps, reader, since, until)
    agreements, promises = written.counts(reader, (live_agreements,), (open_promises,))

`build(reader, *given)` answers a queryset that begins with `visible_to(reader)`. What is written follows from the rights of
the reader, the day, the language and what is given; it is kept for all readers with the same rights, and only if the database
was not asked for anything, nor the clock for more than the day, while it was built: then nothing else can have entered it.
"""

import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any, ClassVar, Generic, TypeVar
from weakref import WeakSet

from django.contrib.auth.base_user import AbstractBaseUser
from django.core.exceptions import EmptyResultSet, ImproperlyConfigured, ObjectDoesNotExist
from django.core.signals import setting_changed
from django.db import connection
from django.db.models import Prefetch, QuerySet
from django.db.models.signals import post_migrate
from django.dispatch import receiver
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from core import clock
from core.access import ApiClient, Parvis
from core.database import numbered

# Kept in each process, the oldest asked dropped first.
KEPT = 2000
# In the place of the reader's own key, and of what is given, while a query is written. Nobody can give such numbers and texts,
# not knowing them.
PLACES = (2**62 + secrets.randbits(61)) // 1000 * 1000
READER = PLACES
TEXTS = secrets.token_hex()
STANDS_IN = re.compile(rf"\b({PLACES // 1000}\d{{3}})\b|'({TEXTS}\d+)'")

Build = Callable[..., QuerySet]
# A function that builds a query, and what it is given besides the reader.
Asked = tuple[Any, ...]
Kind = tuple[Hashable, ...]
Sql = tuple[str, tuple[Any, ...]]


def later(lookup: str, build: Callable[[], QuerySet], to_attr: str | None = None) -> Prefetch:
    """Rows that are read after others: their query is built once they are read, and never where nobody asks for them, as where
    the others are only counted."""
    found: Any = Prefetch(lookup, to_attr=to_attr)
    found.queryset = SimpleLazyObject(build)
    return found


class Key(int):
    """The key of a record, given to a query that is the same for every other record: it may do nothing but compare it."""


class Text(str):
    """A text given to a query that is the same for every other text: it may do nothing but ask for it, whole."""


def rows(build: Callable[..., QuerySet[Any]], reader, *given: Hashable) -> list[Any]:
    """What the query finds."""
    kept = _found(_rows_of, build, reader, given)
    return list(build(reader, *given)) if kept is None else kept.read(_values(reader, given))


def counts(reader, *asked: Asked) -> list[int]:
    """How many each of these queries finds, asked in one statement."""
    texts: list[str] = []
    params: list[Any] = []
    for build, *given in asked:
        kept = _found(_keys_of, build, reader, tuple(given))
        sql = _keys_of(build(reader, *given)) if kept is None else kept.with_values(_values(reader, given))
        texts.append(f"(SELECT COUNT(*) FROM ({sql[0]}) AS counted)" if sql else "0")
        params += sql[1] if sql else ()
    if all(text == "0" for text in texts):
        return [0] * len(texts)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(texts)}", params)  # what Django wrote
        return list(cursor.fetchone())


# --- what is kept ---


@dataclass(frozen=True)
class _Keys:
    """The statement of the keys of a query; nothing where Django knows that it finds none."""

    sql: Sql | None

    def with_values(self, values: dict[Any, Any]) -> Sql | None:
        return _filled(self.sql, values) if self.sql else None


@dataclass(frozen=True)
class _Rows:
    """A query that nobody has asked yet, with the compiler that has written it and knows how its rows are read."""

    found: QuerySet
    compiler: Any
    sql: Sql | None

    def read(self, values: dict[Any, Any]) -> list[Any]:
        if self.sql is None:
            return []
        again, asked = copy(self.compiler), self.found.all()
        written = _filled(self.sql, values) if connection.queries_logged else self._prepared_with(values)
        # The compiler belongs to the thread that it was made in only by its connection.
        again.connection = connection if connection.queries_logged else _Prepared()
        again.as_sql = lambda *_args, **_kwargs: written
        asked.query.get_compiler = lambda *_args, **_kwargs: again  # type: ignore[method-assign]  # of this copy, asked here alone
        return list(asked)

    def _prepared_with(self, values: dict[Any, Any]) -> Sql:
        statement, places = self._prepared
        return statement, tuple(values[place] for place in places)

    @cached_property
    def _prepared(self) -> Sql:
        """The statement as PostgreSQL prepares it, and what stands in the places of its values: all others are part of it, so
        that it is planned for them."""
        operations: Any = connection.ops
        sql, params = self.sql or ("", ())
        places: list[Any] = []

        def place(found: re.Match[str]) -> str:
            places.append(int(found[1]) if found[1] else found[2])
            return f"${len(places)}"

        return STANDS_IN.sub(place, operations.compose_sql(sql, params)), tuple(places)


class _Prepared:
    """What a compiler asks of its connection, with a cursor whose statements are prepared and bear their numbers."""

    def __getattr__(self, name: str) -> Any:
        return getattr(connection, name)

    def cursor(self) -> Any:
        return numbered()


def _filled(sql: Sql, values: dict[Any, Any]) -> Sql:
    """The statement with these values in the places of those that stand for them, as the database takes them."""
    return sql[0], tuple(
        type(value)(values[value]) if isinstance(value, int | str) and value in values else value for value in sql[1]
    )


def _keys_of(found: QuerySet) -> Sql | None:
    try:
        return found.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return None


def _rows_of(found: QuerySet) -> _Rows:
    compiler = found.query.get_compiler(found.db)
    try:
        return _Rows(found, compiler, compiler.as_sql())
    except EmptyResultSet:
        return _Rows(found, compiler, None)


def _found(write: Callable[[QuerySet], Any], build: Build, reader, given: Sequence[Hashable]) -> Any:
    """What is kept of the query for readers like this one; None where it has to be written anew."""
    kind = _kind_of(reader)
    if kind is None:
        return None
    if "<" in build.__qualname__:
        raise ImproperlyConfigured(f"{build.__qualname__} is another function each time: nothing is kept of it.")
    places = tuple(_stand_in(place, value) for place, value in enumerate(given))
    key = (write, build, places, kind, clock.today(), clock.past_day(), get_language())
    found = _kept.get(key, _MISSING)
    if found is _MISSING:
        found = _written(write, build, reader, places)
        _kept.put(key, found)
    return found


def _written(write: Callable[[QuerySet], Any], build: Build, reader, places: tuple[Hashable, ...]) -> Any:
    """The query as it is kept; None where it cannot be."""
    for _attempt in range(2):  # the first one may ask for what Django keeps from then on, as the kinds of records
        noted: list[str] = []
        with watched(noted):
            try:
                found = build(_anybody_like(reader), *places)
            except ObjectDoesNotExist:
                # It asks for more of the reader than her rights, which nobody has who stands for all of them.
                return None
            if write is _rows_of and found._prefetch_related_lookups:  # type: ignore[attr-defined]  # Django's own
                return None  # their queries are written when the rows are there
            made = write(found)
        sql = made.sql if isinstance(made, _Rows) else made
        if not noted and _stands_alone(sql, places):
            return made if isinstance(made, _Rows) else _Keys(sql)
    return None


def _stand_in(place: int, value: Hashable) -> Hashable:
    """What a query is written with instead of a key or a text."""
    if isinstance(value, Text):
        return f"{TEXTS}{place}"
    return PLACES + 1 + place if isinstance(value, Key) else value


def _stands_alone(sql: Sql | None, given: tuple[Hashable, ...]) -> bool:
    """Whether what stands for another is a value of its own everywhere, in whose place that one can be put."""
    if sql is None:
        return True
    whole = [value for value in given if isinstance(value, int | str)]
    hidden = sql[0] + repr([value for value in sql[1] if value not in whole and value != READER])
    return TEXTS not in hidden and not any(str(PLACES + place) in hidden for place in range(1 + len(given)))


# --- for whom ---


def _kind_of(reader) -> Kind | None:
    """What a reader's rights are, the same for all who have them; None for a stranger."""
    if isinstance(reader, ApiClient | Parvis):
        return (reader,)
    if not _is_person(reader):
        return None
    rights = frozenset() if reader.is_superuser else frozenset(reader.get_all_permissions())
    return reader.__class__, reader.role_names, reader.is_active, reader.is_staff, reader.is_superuser, rights


def _is_person(reader) -> bool:
    return isinstance(reader, AbstractBaseUser)


def _anybody_like(reader):
    """Somebody with the reader's rights and a key that stands for hers; whoever asks for more of her finds nobody."""
    if not _is_person(reader):
        return reader
    known = {
        "id": READER,
        "is_active": reader.is_active,
        "is_staff": reader.is_staff,
        "is_superuser": reader.is_superuser,
    }
    columns = [field.attname for field in reader._meta.concrete_fields if field.attname in known]
    anybody = reader.__class__.from_db(None, columns, [known[column] for column in columns])
    anybody.role_names = reader.role_names
    if not reader.is_superuser:
        anybody._perm_cache = reader.get_all_permissions()
    return anybody


def _values(reader, given: Sequence[Hashable]) -> dict[Any, Any]:
    """What is put in the places of what stands for it."""
    kept = {Key: int, Text: str}
    values = {
        _stand_in(place, value): kept[type(value)](value) for place, value in enumerate(given) if type(value) in kept
    }
    return values | {READER: getattr(reader, "pk", None)}


# --- shared with what else is kept ---

Value = TypeVar("Value")


class Kept(Generic[Value]):
    """The values asked for last, so many in a process."""

    all: ClassVar[WeakSet[Any]] = WeakSet()

    def __init__(self, most: int) -> None:
        Kept.all.add(self)
        self.values: OrderedDict[Hashable, Value] = OrderedDict()
        self.most = most
        self.lock = Lock()

    def get(self, key: Hashable, default: Any = None) -> Any:
        with self.lock:
            if key in self.values:
                self.values.move_to_end(key)
            return self.values.get(key, default)

    def put(self, key: Hashable, value: Value) -> None:
        with self.lock:
            self.values[key] = value
            while len(self.values) > self.most:
                self.values.popitem(last=False)


@contextmanager
def watched(asked: list[str]) -> Iterator[None]:
    """Notes each question to the database, and to the clock."""

    def note(execute, sql, params, many, context):
        asked.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note), clock.watched(asked):
        yield


_MISSING = object()
_kept: Kept[Any] = Kept(KEPT)


@receiver(setting_changed)
def _forget(**_kwargs) -> None:
    """A test that changes a setting changes what is written."""
    _kept.values.clear()


@receiver(post_migrate)
def _forget_everything(**_kwargs) -> None:
    """Kinds of records get their numbers anew where a database is emptied, and statements name them."""
    for kept in Kept.all:
        kept.values.clear()

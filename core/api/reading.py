"""How records are read for the API: the page's keys first, then its rows as JSON that PostgreSQL writes (`core.api.sqljson`).

Which statements a request needs follows from the caller's rights, the day and the parameters; for another system, which asks
the same thing all day, they are built once and prepared by PostgreSQL. They are kept only if the database was not asked
for anything, nor the clock for more than the day, while they were built: then nothing else can have entered them.
"""

import secrets
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL
from django.utils.functional import cached_property
from django.utils.translation import get_language

from core import clock
from core.access import ApiClient
from core.api import sqljson
from core.database import prepared
from core.written import Kept, watched

# Lists longer than this are not counted to their end: counting would take as long as the table is.
COUNTED = 10_000
# Rows of a stream in memory at a time.
CHUNK = 1000
# Statements kept in each process, the oldest asked dropped first.
KEPT = 1000
# Where a statement takes a number, and where it is told the page. Nobody can write them in a parameter, not knowing them.
GIVEN = 2**62 + secrets.randbits(61)
PAGE = f"/* {secrets.token_hex()} */"
# Instead of a statement, where there is none.
ONLY_IN_PYTHON = "-- told by the serializer"
# What never changes the statements: where in the list one reads.
PLACE = {"page", "page_size", "paging", "cursor"}


@dataclass(frozen=True)
class Row:
    """A record as it is told: its number, its version, and its representation, which is JSON already or still an object."""

    pk: int
    version: int
    told: Any


class Reading:
    """The records that a view's request asks for. A page is one statement, whatever it holds."""

    def __init__(self, view):
        self.view = view
        self.key = key_of(view)
        self.asked: list[str] = []

    def count(self) -> int:
        """How many there are, up to one more than `COUNTED`."""
        return _ask(self._statement("count"))[0][0]

    def page(self, start: int, size: int) -> list[Row]:
        """At most `size` rows after the first `start` of the list."""
        return self._rows("page", [], size, start, lambda found: found[start : start + size])

    def after(self, key: int, size: int) -> list[Row]:
        """At most `size` rows with a number above `key`, by number: as quick at the end as at the beginning."""
        wanted = lambda found: found.filter(pk__gt=key).order_by("pk")[:size]  # noqa: E731
        return self._rows("after", [key], size, 0, wanted)

    def one(self, key: int) -> Row | None:
        if key >= 2**63:
            return None
        return next(iter(self._rows("one", [key], 1, 0, lambda found: found.filter(pk=key))), None)

    def _rows(self, name: str, numbers: list[int], size: int, start: int, wanted) -> list[Row]:
        try:
            statement = self._statement(name)
        except sqljson.OnlyInPython:
            found = list(wanted(self.found))
            told = self.view.get_serializer(found, many=True).data
            return [Row(record.pk, record.version, row) for record, row in zip(found, told, strict=True)]
        place = f" OFFSET {int(start)}" if start else ""
        rows = _ask(statement.replace(PAGE, f"LIMIT {int(size)}{place}"), numbers)
        return [Row(pk, version, orjson.Fragment(json)) for pk, version, json in rows]

    def _statement(self, name: str) -> str:
        statement = _kept.get((self.key, name)) if self.key else None
        if statement is None:
            with watched(self.asked):
                statement = self._written(name)
            if self.key and not self.asked:
                _kept.put((self.key, name), statement)
        if statement == ONLY_IN_PYTHON:
            raise sqljson.OnlyInPython
        return statement

    def _written(self, name: str) -> str:
        try:
            return getattr(self, f"_{name}")()
        except sqljson.OnlyInPython:
            return ONLY_IN_PYTHON

    @cached_property
    def rows(self) -> QuerySet:
        return self.view.get_queryset()

    @cached_property
    def found(self) -> QuerySet:
        return self.view.filter_queryset(self.rows) if self.view.action == "list" else self.rows

    def _count(self) -> str:
        try:
            return f"SELECT COUNT(*) FROM ({_sql(self.found.order_by().values('pk')[: COUNTED + 1])}) AS counted"
        except EmptyResultSet:
            return "SELECT 0"

    def _page(self) -> str:
        return self._told(self.found.values("pk"))

    def _after(self) -> str:
        return _with_number(self._told(self.found.filter(pk__gt=GIVEN).order_by("pk").values("pk")))

    def _one(self) -> str:
        return _with_number(self._told(self.found.filter(pk=GIVEN).order_by().values("pk")))

    def _told(self, keys: QuerySet) -> str:
        """The keys of the page first, so that nothing is computed for rows that are passed over."""
        only = RawSQL("SELECT pk FROM page", [])  # a constant
        names, whole = sqljson.selected(self.rows.filter(pk__in=only).order_by(), self.view.get_serializer())
        table = connection.ops.quote_name(self.rows.model._meta.db_table)
        version = "r.version" if "version" in names else f"(SELECT version FROM {table} WHERE id = page.pk)"
        try:
            # It begins with SELECT, which tells pghistory that nothing is written.
            return f"""SELECT pk, version, json FROM (
                WITH page AS MATERIALIZED (
                    SELECT k.pk, row_number() OVER () AS place FROM ({_sql(keys)} {PAGE}) AS k(pk)
                )
                SELECT page.pk, {version}, row_to_json(r)::text AS json, page.place
                  FROM page JOIN ({_sql(whole)}) AS r({sqljson.as_row(names)}) ON r.id = page.pk
            ) AS told ORDER BY place"""  # names of columns and what Django wrote
        except EmptyResultSet:
            return f"SELECT 0, 0, '' WHERE {GIVEN} < 0"


def streamed(rows: QuerySet, serializer) -> Iterator[str]:
    """Every row as a JSON text, in the order of the rows, a chunk in memory at a time; `OnlyInPython` before the first.

    A cursor on the server reads ahead; outside a transaction it holds none open, so that a caller who reads slowly keeps
    nothing back. It is closed with the iterator, also where the caller goes away.
    """
    names, whole = sqljson.selected(rows, serializer)
    try:
        told = f"SELECT row_to_json(r)::text FROM ({_sql(whole)}) AS r({sqljson.as_row(names)})"
    except EmptyResultSet:
        return iter(())
    return _lines(told)


def _lines(statement: str) -> Iterator[str]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement)
        while rows := cursor.fetchmany(CHUNK):
            for (line,) in rows:
                yield line


def _ask(statement: str, numbers: list[int] | None = None) -> list[tuple]:
    with prepared() as cursor:
        cursor.execute(statement, numbers or None)
        return cursor.fetchall()


# --- statements ---


_kept: Kept[str] = Kept(KEPT)


def key_of(view) -> Hashable:
    """What the statements follow from; nothing for a person, whose rights are not all in her name."""
    request = view.request
    if not isinstance(request.user, ApiClient):
        return None
    asked = tuple(sorted((name, tuple(values)) for name, values in request.query_params.lists() if name not in PLACE))
    return type(view), view.action, request.user, clock.today(), clock.past_day(), get_language(), asked


def _sql(rows: QuerySet) -> str:
    operations: Any = connection.ops
    return operations.compose_sql(*rows.query.sql_with_params())


def _with_number(statement: str) -> str:
    """The statement with a place for the number, for a cursor to which a percent sign means something."""
    return statement.replace("%", "%%").replace(str(GIVEN), "%s")

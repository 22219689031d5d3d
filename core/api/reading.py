"""How records are read for the API: the page's keys first, then its rows as JSON that PostgreSQL writes (`core.api.sqljson`).

Which statements a request needs follows from the caller's rights, the day and the parameters; for another system, which asks
the same thing all day, they are built once and prepared by PostgreSQL. They are kept only if the database was not asked
for anything, nor the clock for more than the day, while they were built: then nothing else can have entered them.
"""

import secrets
from collections.abc import Hashable, Iterator, Sequence
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
from core.database import copied, prepared
from core.written import Kept, watched

# Lists longer than this are not counted to their end: counting would take as long as the table is.
COUNTED = 10_000
# How COPY writes JSON as it stands: it would quote what holds one of these, of which PostgreSQL writes none in JSON.
AS_IT_STANDS = r"DELIMITER E'\x01', QUOTE E'\x02', ESCAPE E'\x02'"
# Statements kept in each process, the oldest asked dropped first.
KEPT = 1000
# Where a statement takes a number, and where it is told the page and its size. Nobody can write them in a parameter, not
# knowing them.
GIVEN = 2**62 + secrets.randbits(61)
PAGE = f"/* {secrets.token_hex()} */"
SIZE = f"/* {secrets.token_hex()} */"
# Instead of a statement, where there is none.
ONLY_IN_PYTHON = "-- told by the serializer"
# What the database holds, by its name and that of a snapshot of PostgreSQL: two statements for which both are the same see the
# same rows. Nothing in a transaction that has written, of whose own rows it does not tell, nor on a standby, where not of all.
# A server that was put back to an earlier state numbers its transactions anew: it began later.
STATE = (
    "CASE WHEN pg_current_xact_id_if_assigned() IS NULL AND NOT pg_is_in_recovery() "
    "THEN current_database() || ' ' || pg_postmaster_start_time() || ' ' || pg_current_snapshot() END"
)
# What never changes the statements: where in the list one reads.
PLACE = {"page", "page_size", "paging", "cursor"}


@dataclass(frozen=True)
class Row:
    """A record as it is told: its number, its version, and its representation, which is JSON already or still an object."""

    pk: int
    version: int
    told: Any


@dataclass(frozen=True)
class Rows:
    """A page: its rows as they are told, in one; how many there are with at most one beyond it, which tells that there are more;
    the number of its last, and how many the list holds up to one more than `COUNTED`, where there are more and it was asked, with the
    `STATE` in which it was counted."""

    told: Any
    count: int
    last: int | None = None
    counted: int | None = None
    state: str | None = None


class Tally:
    """How many a list held when it was last counted, and in which `STATE`: until anything is written, nobody need count again."""

    def __init__(self) -> None:
        self.known: tuple[str, int] = ("", 0)

    def note(self, rows: Rows) -> None:
        if rows.state is not None and rows.counted is not None:
            self.known = rows.state, rows.counted


class Reading:
    """The records that a view's request asks for. A page is one statement, whatever it holds."""

    # What was asked, where it is kept: the same request may ask it again.
    asked_again: str | None = None

    def __init__(self, view):
        self.view = view
        # How many are known, of what `page` was asked for.
        self.tally = Tally()
        self.key = key_of(view)
        self.asked: list[str] = []

    def page(self, start: int, size: int) -> Rows:
        """At most `size` rows after the first `start` of the list, with how many there are."""
        return self._page_of("page", size, start, lambda: self.found)

    def after(self, key: int, size: int) -> Rows:
        """At most `size` rows with a number above `key`, by number: as quick at the end as at the beginning."""
        return self._page_of("after", size, 0, lambda: self.found.filter(pk__gt=key).order_by("pk"), key)

    def one(self, key: int) -> Row | None:
        if key >= 2**63:
            return None
        try:
            statement = self._statement("one").replace(PAGE, "LIMIT 1")
        except sqljson.OnlyInPython:
            return next(iter(self._in_python(self.found.filter(pk=key))), None)
        self._remember(statement)
        return next(iter(rows_told(_ask(statement, [key]))), None)

    def several(self, keys: list[int]) -> list[Row]:
        """Those of these numbers, by number; read once, and never again by the same statement."""
        found = self.rows.filter(pk__in=keys).order_by("pk")
        try:
            statement = _with_number(self._each(found.values("pk"))).replace(PAGE, "")
        except sqljson.OnlyInPython:
            return self._in_python(found)
        return rows_told(_ask(statement, []))

    def _page_of(self, name: str, size: int, start: int, wanted, above: int | None = None) -> Rows:
        try:
            statement = self._statement(name)
        except sqljson.OnlyInPython:
            found = list(wanted()[start : start + size + 1])
            shown = self._in_python(found[:size])
            last = shown[-1].pk if len(found) > size else None
            counted = self._counted() if name == "page" and last else None
            return Rows([row.told for row in shown], len(found), last, counted)
        # Only where it will be asked again.
        if above is None and self.key and not self.asked:
            self.tally = _tally_of(statement)
        place = f" OFFSET {int(start)}" if start else ""
        statement = statement.replace(PAGE, f"LIMIT {int(size) + 1}{place}").replace(SIZE, str(int(size)))
        self._remember(statement)
        return page_told(_ask(statement, self.tally.known if above is None else [above])[0])

    def _remember(self, statement: str) -> None:
        self.asked_again = statement if self.key and not self.asked else None

    def _in_python(self, found) -> list[Row]:
        records = list(found)
        told = self.view.get_serializer(records, many=True).data
        return [Row(record.pk, record.version, row) for record, row in zip(records, told, strict=True)]

    def _counted(self) -> int:
        """How many there are, up to one more than `COUNTED`."""
        return _ask(self._count(), None)[0][0]

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
        known = f"CASE WHEN {STATE} = {GIVEN} THEN {GIVEN}::int ELSE ({self._count()}) END"
        return _with_number(
            self._whole(
                self.found.values("pk"), known, f" WHERE {GIVEN}::text IS NOT NULL AND {GIVEN}::int IS NOT NULL"
            )
        )

    def _after(self) -> str:
        above = self.found.filter(pk__gt=GIVEN).order_by("pk")
        if _is_narrowed_by_own_columns(above, self.rows):
            return _with_number(self._straight(above))
        return _with_number(self._whole(above.values("pk"), "NULL::int", f" WHERE {GIVEN} >= 0"))

    def _one(self) -> str:
        return _with_number(self._each(self.found.filter(pk=GIVEN).order_by().values("pk")))

    # Both begin with SELECT, which tells pghistory that nothing is written, and take the keys first, so that nothing is computed
    # for rows that are passed over. They are made of names of columns and of what Django wrote.

    def _each(self, keys: QuerySet) -> str:
        """A row for each record, with its version."""
        names, whole = self._selected()
        table = connection.ops.quote_name(self.rows.model._meta.db_table)
        version = "r.version" if "version" in names else f"(SELECT version FROM {table} WHERE id = page.pk)"
        try:
            return f"""SELECT pk, version, json FROM (
                WITH page AS MATERIALIZED ({_numbered(keys)})
                SELECT page.pk, {version}, row_to_json(r)::text AS json, page.place
                  FROM page JOIN ({_sql(whole)}) AS r({sqljson.as_row(names)}) ON r.id = page.pk
            ) AS told ORDER BY place"""
        except EmptyResultSet:
            return f"SELECT 0, 0, '' WHERE {GIVEN} < 0"

    def _whole(self, keys: QuerySet, count: str, takes_number: str = "") -> str:
        """One row for a whole page: what `Rows` says of it. The count is asked only where there are more."""
        names, whole = self._selected()
        try:
            return f"""SELECT json, count, last, CASE WHEN last IS NOT NULL THEN ({count}) END AS counted, {STATE} AS state FROM (
                WITH page AS MATERIALIZED ({_numbered(keys)})
                SELECT (SELECT string_agg(row_to_json(r)::text, ',' ORDER BY page.place)
                          FROM page JOIN ({_sql(whole)}) AS r({sqljson.as_row(names)}) ON r.id = page.pk
                         WHERE page.place <= {SIZE}) AS json,
                       (SELECT COUNT(*) FROM page) AS count,
                       (SELECT pk FROM page WHERE place = {SIZE} AND EXISTS (SELECT FROM page WHERE place > {SIZE})) AS last
            ) AS told"""
        except EmptyResultSet:
            return f"SELECT NULL, 0, NULL, NULL, NULL{takes_number}"

    def _straight(self, above: QuerySet) -> str:
        """As `_whole`, of rows that are found in their order: they are read as they are found."""
        names, whole = sqljson.selected(above, self.view.get_serializer())
        try:
            return f"""SELECT string_agg(json, ',' ORDER BY place) FILTER (WHERE place <= {SIZE}) AS json, COUNT(*) AS count,
                CASE WHEN COUNT(*) > {SIZE} THEN MAX(pk) FILTER (WHERE place = {SIZE}) END AS last,
                NULL::int AS counted, NULL::text AS state
              FROM (SELECT row_to_json(r)::text AS json, r.id AS pk, row_number() OVER () AS place
                      FROM ({_sql(whole)} {PAGE}) AS r({sqljson.as_row(names)})) AS told"""
        except EmptyResultSet:
            return f"SELECT NULL, 0, NULL, NULL, NULL WHERE {GIVEN} >= 0"

    def _selected(self) -> tuple[list[str], QuerySet]:
        only = RawSQL("SELECT pk FROM page", [])  # a constant
        return sqljson.selected(self.rows.filter(pk__in=only).order_by(), self.view.get_serializer())


def _is_narrowed_by_own_columns(found: QuerySet, rows: QuerySet) -> bool:
    """Whether nothing is joined to the rows for the sake of finding them: a sum over a part of a record would count what a filter
    joined."""
    return not found.query.distinct and len(found.query.alias_map) <= max(1, len(rows.query.alias_map))


def rows_told(found: list[tuple]) -> list[Row]:
    """What the statement of `Reading.one` found."""
    return [Row(pk, version, orjson.Fragment(json)) for pk, version, json in found]


def page_told(found: tuple) -> Rows:
    """What the statement of a page found."""
    json, *said = found
    return Rows(orjson.Fragment(f"[{json or ''}]"), *said)


def streamed(rows: QuerySet, serializer) -> Iterator[bytes]:
    """Every row as a line of JSON, in the order of the rows, in blocks of lines; `OnlyInPython` before the first."""
    names, whole = sqljson.selected(rows, serializer)
    try:
        told = f"SELECT row_to_json(r)::text FROM ({_sql(whole)}) AS r({sqljson.as_row(names)})"
    except EmptyResultSet:
        return iter(())
    return (block for block, _lines in copied(told, AS_IT_STANDS))


def _ask(statement: str, given: Sequence[Any] | None) -> list[tuple]:
    with prepared() as cursor:
        cursor.execute(statement, given)
        return cursor.fetchall()


# --- statements ---


_kept: Kept[str] = Kept(KEPT)
_tallies: Kept[Tally] = Kept(KEPT)


def _tally_of(statement: str) -> Tally:
    """That of all pages of the same list."""
    tally = _tallies.get(statement)
    if tally is None:
        _tallies.put(statement, tally := Tally())
    return tally


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


def _numbered(keys: QuerySet) -> str:
    return f"SELECT k.pk, row_number() OVER () AS place FROM ({_sql(keys)} {PAGE}) AS k(pk)"


def _with_number(statement: str) -> str:
    """The statement with a place for the number, for a cursor to which a percent sign means something."""
    return statement.replace("%", "%%").replace(str(GIVEN), "%s")

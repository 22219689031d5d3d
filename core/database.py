"""How the database is asked the same thing again and again, and what it refuses, said as a person would."""

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from itertools import count
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import (
    DEFAULT_DB_ALIAS,
    DatabaseError,
    DataError,
    IntegrityError,
    InternalError,
    connections,
    transaction,
)
from django.db.backends.postgresql.base import ServerBindingCursor
from django.db.backends.signals import connection_created
from django.dispatch import receiver
from psycopg import RawCursor

if TYPE_CHECKING:
    # A sentence, translated now or when it is read; the class exists in the stubs alone.
    from django.utils.functional import _StrOrPromise as Sentence


# Statements that a connection keeps prepared.
PREPARED = 500
# Lines in a block of what is copied.
BLOCK = 1000


@contextmanager
def prepared() -> Iterator[Any]:
    """A cursor whose statements PostgreSQL keeps prepared once they have been asked a few times, so that it plans them once."""
    database: Any = connections[DEFAULT_DB_ALIAS]
    if database.queries_logged:  # a prepared statement could not be logged with its values
        with database.cursor() as cursor:
            yield cursor
        return
    database.ensure_connection()
    raw: Any = ServerBindingCursor(database.connection)  # type: ignore[call-arg]  # psycopg's, which Django extends
    with database.make_cursor(raw) as cursor:
        yield cursor


class Prepared:
    """A statement as Django writes it, of which not even the places of its values are looked for again."""

    def __init__(self, statement: str) -> None:
        places = count(1)
        self.statement = statement
        self.numbered = re.sub("%([s%])", lambda found: f"${next(places)}" if found[1] == "s" else "%", statement)

    def row(self, values: Sequence[Any]) -> tuple[Any, ...] | None:
        """The first row that it finds with these values, if any."""
        database: Any = connections[DEFAULT_DB_ALIAS]
        is_logged = database.queries_logged
        with database.cursor() if is_logged else numbered() as cursor:
            cursor.execute(self.statement if is_logged else self.numbered, values)
            return cursor.fetchone()


def numbered() -> Any:
    """A cursor like that of `prepared`, whose statements hold `$1`, `$2` where they take a value: nobody looks for these."""
    database: Any = connections[DEFAULT_DB_ALIAS]
    database.ensure_connection()
    return database.make_cursor(_Numbered(database.connection))


class _Numbered(RawCursor[Any]):
    # By its name pghistory knows that it only reads: it would put values of its own before a statement that does not begin
    # with SELECT.
    name = "numbered"


@receiver(connection_created)
def keep_what_is_prepared(connection: Any, **_given: Any) -> None:
    """psycopg drops the least used beyond this number; a page asks some forty."""
    connection.connection.prepared_max = PREPARED


def copied(statement: str, options: str, end: bytes = b"\n") -> Iterator[tuple[bytes, int]]:
    """What the statement finds as lines that COPY writes by these options, in blocks, each with how many lines it holds.

    A file holds them until they are taken: whoever takes them slowly keeps nothing back in the database, neither what may be
    vacuumed nor a connection's memory; and the database can be asked for other things between two blocks.
    """
    sizes, size, lines = [], 0, 0
    with TemporaryFile(prefix="parvis-") as file:
        with (
            connections[DEFAULT_DB_ALIAS].wrap_database_errors,  # of COPY, Django does it for nobody
            connections[DEFAULT_DB_ALIAS].cursor() as cursor,
            cursor.copy(f"COPY ({statement}) TO STDOUT (FORMAT csv, {options})") as rows,
        ):
            for row in rows:
                size += file.write(row) if end == b"\n" else file.write(row[:-1]) + file.write(end)
                lines += 1
                if lines == BLOCK:
                    sizes.append((size, lines))
                    size, lines = 0, 0
        file.seek(0)
        for block, held in [*sizes, (size, lines)]:
            yield file.read(block), held


# How the database says no to what is written: a rule is broken, a value cannot be one of its column, a trigger refuses.
REFUSALS = (IntegrityError, DataError, InternalError)


class Unexplained(Exception):
    """A new record was refused, and with it the transaction that it was all of: what is wrong can be asked once that has ended."""

    def __init__(self, record: Any, error: DatabaseError, drawn: Collection[str]):
        super().__init__(str(error))
        self.record, self.error, self.drawn = record, error, drawn

    def explained(self) -> Exception:
        """What is wrong, as a person would say it. What Parvis had drawn for the record, such as its reference, is nobody's
        fault: it may be another's by now."""
        with transaction.atomic():
            return explained(self.record, self.error, self.drawn)


@cache
def sentences() -> "dict[str, Sentence | None]":
    """The sentence of every named rule: constraints, and the triggers that a model lists in `refusals`."""
    found: dict[str, Sentence | None] = {}
    for model in apps.get_models():
        found |= {rule.name: rule.violation_error_message for rule in model._meta.constraints}
        found |= getattr(model, "refusals", {})
    return found


def refusal(error: DatabaseError) -> Exception:
    """A ValidationError with the sentence of the rule that was broken, or the error itself where no rule of ours was."""
    diagnosis = getattr(error.__cause__, "diag", None)
    sentence = sentences().get(diagnosis.constraint_name or "") if diagnosis else None
    return ValidationError(sentence) if sentence else error


def explained(record: Any, error: DatabaseError, drawn: Collection[str] = ()) -> Exception:
    """All that is wrong with a record that the database refused, each fault beside its field; else what `refusal` makes of it."""
    try:
        record.full_clean(exclude=drawn)
    except ValidationError as faults:
        return faults
    return refusal(error)


def refuse(name: str, sentence: str) -> str:
    """The body of a trigger that refuses; `name` is what `sentences()` knows it by, `sentence` is for who reads SQL's answer."""
    return f"RAISE EXCEPTION '{sentence}' USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';"

"""How a record is added by the API: what is asked of the database for it, and what is kept from one request to the next.

A request that adds one record is a transaction of its own: where the database refuses the record, all of it is undone, and
only then is asked what is wrong. Another system that adds one more, giving the same fields, needs two questions (`Addition`).
"""

import json
import secrets
import threading
import uuid
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import SimpleNamespace
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models.signals import post_save, pre_save
from rest_framework import serializers

from core.access import ApiClient
from core.api import reading
from core.api.serializers import RecordSerializer, Reference
from core.database import Prepared, Unexplained, numbered, prepared
from core.models.base import BaseModel, Row
from core.references import drawn_as_written
from core.written import Kept, watched

# Where a question takes a number: nobody can write it in a parameter, not knowing it.
_GIVEN = 2**62 + secrets.randbits(61)
# Kept in each process, the oldest asked dropped first.
_questions: Kept[str] = Kept(1000)


@contextmanager
def added(serializer: Any) -> Iterator[Any]:
    """The serializer of a body, valid: what is saved by it within is one transaction. Refuses as `full_clean()` of the
    record, or as the serializer, with everything that is wrong."""
    try:
        with transaction.atomic(), _with_kept_fields(serializer):
            serializer.alone = True
            serializer.seen = seen(serializer)
            serializer.is_valid(raise_exception=True)
            yield serializer
    except Unexplained as refused:
        raise refused.explained() from refused.error


# --- fields ---


class _Kept(threading.local):
    """The fields of serializers that no serializer of this thread holds."""

    def __init__(self) -> None:
        self.fields: dict[type, Any] = {}


_kept = _Kept()


@contextmanager
def _with_kept_fields(serializer: Any) -> Iterator[None]:
    """Lends the serializer the fields of the last one of its class: to make them from the model takes longer than all that
    they judge. They know who asks by their serializer alone."""
    fields = _kept.fields.pop(type(serializer), None)
    if fields is not None:
        _belong(fields, serializer)
        serializer.fields = fields
    try:
        yield
    finally:
        fields = serializer.__dict__.pop("fields", None)
        if fields is not None:
            _belong(fields, None)
            _kept.fields[type(serializer)] = fields


def _belong(fields: Any, serializer: Any) -> None:
    fields.serializer = serializer
    for field in fields.values():
        field.parent = serializer


# --- the records that a body names ---


def seen(serializer: Any) -> dict[str, int]:
    """Of the records that the body names, those that the caller sees: by the names of the fields, asked in one question.

    None where somebody else than the model is told of them.
    """
    given, kind = serializer.initial_data, type(serializer)
    if kind.create is not RecordSerializer.create or not isinstance(given, dict):
        return {}
    named = {
        name: given[name]
        for name, field in serializer.fields.items()
        if isinstance(field, Reference) and not field.read_only and _is_number(given.get(name))
    }
    if not named:
        return {}
    with prepared() as cursor:
        cursor.execute(f"SELECT {_question(serializer, tuple(named))}", list(named.values()))
        answers = cursor.fetchone()
    return {name: key for (name, key), is_seen in zip(named.items(), answers, strict=True) if is_seen}


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63


def _question(serializer: Any, names: tuple[str, ...]) -> str:
    """The columns that say of records of these fields, each a number, whether they are seen; kept for other systems as the
    statements of reading are."""
    key = _key(serializer, names)
    question = _questions.get(key) if key else None
    if question is None:
        asked: list[str] = []
        with watched(asked):
            question = ", ".join(_is_seen(serializer.fields[name]) for name in names)
        if key and not asked:
            _questions.put(key, question)
    return question


def _key(serializer: Any, names: tuple[str, ...]) -> Any:
    caller = reading.key_of(serializer.context["view"])
    return caller and (caller, type(serializer), names)


def _is_seen(field: Reference) -> str:
    try:
        rows = field.get_queryset().filter(pk=_GIVEN).order_by().values("pk")
        operations: Any = connection.ops
        asked = operations.compose_sql(*rows.query.sql_with_params())
        return f"EXISTS ({asked.replace('%', '%%').replace(str(_GIVEN), '%s')})"
    except EmptyResultSet:
        return "%s < 0"


# --- one more ---

# What a body may hold besides plain values, and what is made of it is more than one row.
NOT_PLAIN = (serializers.BaseSerializer, serializers.ManyRelatedField, serializers.FileField)


# A longer body goes the whole way.
SHORT = 64 * 1024  # bytes


class OutcomeUnknown(Exception):
    """The database went away while it wrote: nobody knows whether it did, so that it is not done once more."""


@dataclass(frozen=True)
class Addition:
    """How the `caller` adds one more record with a body of the same `shape`, of which `named` are numbers of other records: `seen`
    are the columns that say whether she sees those, `told` reads the record."""

    kind: Any
    caller: ApiClient
    shape: Hashable
    named: tuple[str, ...]
    seen: str
    told: str

    @property
    def question(self) -> str:
        """A number for the record, and whether each of those that the body names is seen."""
        table = connection.ops.quote_name(self.kind.Meta.model._meta.db_table)
        number = f"SELECT nextval(pg_get_serial_sequence('{table}', 'id'))"
        return f"{number}, {self.seen}" if self.seen else number

    def numbers(self, given: dict[str, Any]) -> list[int] | None:
        """Those of the records that the body names; None where it names one otherwise."""
        found = [given[name] for name in self.named]
        return found if all(_is_number(number) for number in found) else None

    def add(self, number: int, given: dict[str, Any], history: dict[str, Any]) -> tuple[Any, ...] | None:
        """What reads the record once it is written, in one transaction and one round trip; None where it is not written:
        where that would be refused, or does more. What the database refuses leaves nothing behind."""
        row = self._row(number, given)
        if row is None:
            return None
        insertion, values = _insertion(self.kind.Meta.model, row)
        said = json.dumps(history)
        with connection.wrap_database_errors, numbered() as written, numbered() as told, _given_up_where_it_fails():
            # Outside a transaction, what is sent in one pipeline is one.
            with connection.connection.pipeline():
                written.execute(insertion.numbered, [*values, str(uuid.uuid4()), said])
                # What the database asks only at the end of a transaction, psycopg would not hear.
                connection.connection.execute("SET CONSTRAINTS ALL IMMEDIATE", prepare=False)
                told.execute(self._told.numbered, [number])
            return told.fetchone()[:-1]

    def _row(self, number: int, given: dict[str, Any]) -> Row | None:
        serializer = self.kind(data=given, context={"request": SimpleNamespace(user=self.caller)})
        with _with_kept_fields(serializer), drawn_as_written():
            serializer.seen = {name: given[name] for name in self.named}
            serializer.is_valid(raise_exception=True)
            record, named = serializer.made(serializer.validated_data)
            return record.row_to_add(number, named)

    @cached_property
    def _told(self) -> Prepared:
        """Refused, and the record with it, where the caller does not see what she wrote."""
        return Prepared(
            f"WITH told AS MATERIALIZED ({self.told}) SELECT told.*, 1 / (SELECT COUNT(*) FROM told) "
            "FROM (SELECT) AS once LEFT JOIN told ON true"
        )


@contextmanager
def _given_up_where_it_fails() -> Iterator[None]:
    """After a pipeline that failed, psycopg believes prepared what PostgreSQL passed over: the connection is not used again."""
    raw = connection.connection
    try:
        yield
    except Exception as error:
        was_lost = raw.closed
        raw.close()
        connection.close()
        if was_lost:
            raise OutcomeUnknown from error
        raise


def shape_of(given: dict[str, Any]) -> Hashable:
    """What bodies that are understood alike have in common: the names of their fields, and those that are null."""
    return frozenset(given), frozenset(name for name, value in given.items() if value is None)


def addition(serializer: Any, found: reading.Reading) -> Addition | None:
    """How one more is added, of the serializer that added the first and what read it; None where each goes the whole way: where
    more than a row is written, or a rule asks for more than the body, the model and what the caller sees."""
    given, kind = serializer.initial_data, type(serializer)
    model, caller = kind.Meta.model, serializer.context["request"].user
    is_usual = (
        kind.create is RecordSerializer.create
        and kind.validate is serializers.Serializer.validate
        and model.save is BaseModel.save
        and not any(signal.has_listeners(model) for signal in (pre_save, post_save))
        and not any(hasattr(kind, f"validate_{name}") for name in given)
        and not any(isinstance(serializer.fields[name], NOT_PLAIN) for name in given)
    )
    if not (is_usual and found.asked_again and isinstance(caller, ApiClient)) or model.visibility(caller):
        return None
    referring = [name for name, field in serializer.fields.items() if name in given and isinstance(field, Reference)]
    named = tuple(name for name in referring if given[name] is not None)
    seen = _questions.get(_key(serializer, named)) if named else ""
    if seen is None:
        return None
    return Addition(kind, caller, shape_of(given), named, seen, found.asked_again)


def _insertion(model: type[BaseModel], row: Row) -> tuple[Prepared, list[Any]]:
    """The statement that writes the row and leaves its history who wrote it, and what it takes besides that."""
    values = [value for _place, given in row.values() for value in given]
    return _written(model._meta.db_table, tuple((name, place) for name, (place, _given) in row.items())), values


@lru_cache(1000)
def _written(table: str, columns: tuple[tuple[str, str], ...]) -> Prepared:
    quoted = connection.ops.quote_name
    names, places = ", ".join(quoted(name) for name, _place in columns), ", ".join(place for _name, place in columns)
    # The triggers that write history do so at the end of the statement; they read what pghistory sets before others.
    return Prepared(
        f"INSERT INTO {quoted(table)} ({names}) VALUES ({places}) RETURNING "
        "set_config('pghistory.context_id', %s, true), set_config('pghistory.context_metadata', %s, true)"
    )

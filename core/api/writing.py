"""How a record is added by the API: what is asked of the database for it, and what is kept from one request to the next.

A request that adds one record is a transaction of its own: where the database refuses the record, all of it is undone, and
only then is asked what is wrong.
"""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction

from core.api import reading
from core.api.serializers import RecordSerializer, Reference
from core.database import Unexplained, prepared
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
        cursor.execute(_question(serializer, tuple(named)), list(named.values()))
        answers = cursor.fetchone()
    return {name: key for (name, key), is_seen in zip(named.items(), answers, strict=True) if is_seen}


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63


def _question(serializer: Any, names: tuple[str, ...]) -> str:
    """The question for records of these fields, each a number; kept for other systems as the statements of reading are."""
    caller = reading.key_of(serializer.context["view"])
    key = caller and (caller, type(serializer), names)
    question = _questions.get(key) if key else None
    if question is None:
        asked: list[str] = []
        with watched(asked):
            question = f"SELECT {', '.join(_is_seen(serializer.fields[name]) for name in names)}"
        if key and not asked:
            _questions.put(key, question)
    return question


def _is_seen(field: Reference) -> str:
    try:
        rows = field.get_queryset().filter(pk=_GIVEN).order_by().values("pk")
        operations: Any = connection.ops
        asked = operations.compose_sql(*rows.query.sql_with_params())
        return f"EXISTS ({asked.replace('%', '%%').replace(str(_GIVEN), '%s')})"
    except EmptyResultSet:
        return "%s < 0"

"""What the tests of a life have in common."""

import pytest
from django.db import ProgrammingError, connection, transaction

from core.exceptions import Refused


def pairs(life) -> set[tuple[str, str]]:
    """From which state to which a verb leads."""
    return {(source, step.target) for step in life.transitions if step.target for source in step.sources}


def reasons(refused) -> list[tuple[str, str]]:
    return [(str(reason), reason.field) for reason in refused.value.reasons]


def refuses(life, record, verb, actor, **values) -> list[tuple[str, str]]:
    """The reasons, each with its field, for which the verb is refused; the record stays as it was."""
    before = type(record).objects.values().get(pk=record.pk)
    with pytest.raises(Refused) as refused:
        life.perform(record, verb, actor=actor, **values)
    assert type(record).objects.values().get(pk=record.pk) == before
    return reasons(refused)


def assert_database_holds(life, record, states) -> None:
    """From where the record stands, raw SQL goes nowhere that no verb leads to."""
    state, table = getattr(record, life.field), record._meta.db_table
    for target in set(states) - {state} - {target for source, target in pairs(life) if source == state}:
        with (
            pytest.raises(ProgrammingError, match="(?i)invalid transition"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE {table} SET {life.field} = %s WHERE id = %s", [target, record.pk])

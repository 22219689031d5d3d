"""Records written on past days, as far as history can tell: a test's own transaction is all of one moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta

import pgtrigger
from django.apps import apps
from django.db import connection
from django.utils import timezone

from core.as_of.reading import last_day


def ago(days: int) -> date:
    """So many real days ago: what was written when is the database's to say, whatever day the tests go by."""
    return last_day() - timedelta(days)


def at_noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))


@contextmanager
def written_on(day: date) -> Iterator[None]:
    """The history of what is written within says that it was written at noon of the day.

    Within a test's transaction every event is of its first moment: those that are still so are moved.
    """
    yield
    move_events(at_noon(day), "pgh_created_at = now()")


def move_events(moment: datetime, condition: str) -> None:
    """The events of every record for which the condition holds were written at the moment."""
    events = {model.pgh_event_model._meta.db_table for model in apps.get_models() if hasattr(model, "pgh_event_model")}
    moves = [f"UPDATE {table} SET pgh_created_at = '{moment.isoformat()}' WHERE {condition}" for table in events]
    with pgtrigger.ignore(), connection.cursor() as cursor:
        cursor.execute("; ".join(moves))

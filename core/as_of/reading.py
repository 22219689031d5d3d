"""One transaction that reads everything as it was recorded up to the end of a past day."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime

from django.db import ProgrammingError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg.errors import UndefinedTable

from core import clock
from core.as_of.schema import BEGINNING, MOMENT, SCHEMA
from core.templatetags.parvis import day as written


class NotTold(Exception):
    """History cannot tell of that day; the message says why, to the reader."""


def last_day() -> date:
    """The last day that can be read: the real one, because what was recorded when is never fixed."""
    return timezone.localtime(clock.real()).date()


@contextmanager
def reading(day: date) -> Iterator[None]:
    """What is read within is what was recorded by the end of the day, in the city's time zone, and today is that day;
    where the clock is set by hand it stays, because the records tell of its day.

    Nothing can be written meanwhile. Accounts, roles and rights are those of today. Raises NotTold for a day before the
    first record, and for one that has not come. Whatever is read must be read within: a queryset asked later tells of today.
    """
    with transaction.atomic():
        try:
            _check(day)
            with _views_before_tables(day), clock.as_of(day):
                yield
        finally:
            # There is nothing to keep, and a savepoint alone gives the settings back that a transaction around it had.
            transaction.set_rollback(True)


def _check(day: date) -> None:
    if day > last_day():
        raise NotTold(_("That day has not come yet: choose today or an earlier one."))
    begins = _beginning()
    if begins is None:
        raise NotTold(_("Nothing is recorded yet, so that there is no past to read."))
    first = timezone.localtime(begins).date()
    if day < first:
        sentence = _("Parvis keeps history since %(day)s: nothing can be told of an earlier day.")
        raise NotTold(sentence % {"day": written(first)})


def _beginning() -> datetime | None:
    """The moment of the first event. Asked within the transaction, so that no migration takes the views away meanwhile: the
    tables, with the rows of today, would be read in their place."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SELECT moment FROM {SCHEMA}.{BEGINNING}")
            return cursor.fetchone()[0]
    except ProgrammingError as error:
        if isinstance(error.__cause__, UndefinedTable):
            raise NotTold(_("The past cannot be read while Parvis is being updated: try again in a minute.")) from error
        raise


@contextmanager
def _views_before_tables(day: date) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('search_path', %s || ', ' || current_setting('search_path'), true), "
            "set_config(%s, %s, true), set_config('transaction_read_only', 'on', true)",
            [SCHEMA, MOMENT, clock.end_of(day).isoformat()],
        )
    # PostgreSQL knows that a table's key decides its other columns, but not that a view's does: all must be grouped by.
    features = connection.features
    known = features.allows_group_by_selected_pks
    features.allows_group_by_selected_pks = False
    try:
        yield
    finally:
        features.allows_group_by_selected_pks = known

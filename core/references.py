"""The references by which people name records, e.g. AGR-2015-0007: given by Parvis, or taken over from a document."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.core.validators import RegexValidator
from django.db import connection, models
from django.db.models.functions import Collate, Length
from django.utils.translation import gettext_lazy as _

from core import clock

REFERENCE = r"^[A-Z0-9]+(-[A-Z0-9]+)*$"
REFERENCE_FORM = _("A reference is written in capital letters and digits, with single hyphens between them.")
# The digits of the longest number that is counted on from.
DIGITS = 8

_many: ContextVar[bool] = ContextVar("many", default=False)


def next_reference(model: type[models.Model], prefix: str) -> str:
    """The next free `reference` of the model and the year, e.g. AGR-2015-0007 for the prefix AGR: one more than the highest.

    Whoever asks within a transaction has it until the end. Who asks meanwhile does not wait but gets the one after it, so
    that a number stays free only where a transaction fails while another one writes. A field's default calls this from a
    function of its own; the model has the `index()` that answers it, however many references the year has.
    """
    kind, start = f"{model._meta.label_lower}.reference", f"{prefix}-{clock.today().year}-"
    draw = _draw_alone if _many.get() else _draw_beside_others
    return f"{start}{draw(kind, start, connection.ops.quote_name(model._meta.db_table)):04d}"


@contextmanager
def many() -> Iterator[None]:
    """For a transaction that may draw hundreds of references: it is alone until its end, and holds one lock instead of one
    for each, of which the server has so many and no more."""
    token = _many.set(True)
    try:
        yield
    finally:
        _many.reset(token)


def _draw_alone(kind: str, start: str, table: str) -> int:
    return _asked(
        f"SELECT pg_advisory_xact_lock(hashtext(%s)); SELECT {_highest(table)} + 1",
        [kind, *_of_highest(start)],
    )[0]


def _draw_beside_others(kind: str, start: str, table: str) -> int:
    """The first number that nobody else holds. Whoever held it before may have committed since the highest was read, which
    is seen for certain once the number is held."""
    while True:
        number, is_taken = _asked(
            f"""SELECT pg_advisory_xact_lock_shared(hashtext(%s));
            SELECT set_config('parvis.number', (
                SELECT number::text FROM (SELECT generate_series({_highest(table)} + 1, {"9" * DIGITS}) AS number) AS numbers
                 WHERE pg_try_advisory_xact_lock(hashtext(%s), number) LIMIT 1), true);
            SELECT number, EXISTS (
                SELECT 1 FROM {table} WHERE reference = %s || lpad(number::text, greatest(4, length(number::text)), '0'))
              FROM (SELECT current_setting('parvis.number')::integer AS number) AS held""",
            [kind, *_of_highest(start), start, start],
        )
        if not is_taken:
            return number


def _highest(table: str) -> str:
    """The number of the year's highest reference, 0 where there is none; takes what `_of_highest` gives."""
    return f"""COALESCE((SELECT max(substr(highest.reference, %s)::integer)
        FROM generate_series(1, {DIGITS}) AS digits, LATERAL (
            SELECT reference FROM {table} WHERE length(reference) = %s + digits
               AND (reference COLLATE "C") BETWEEN %s AND %s AND substr(reference, %s) ~ '^[0-9]+$'
             ORDER BY length(reference) DESC, (reference COLLATE "C") DESC LIMIT 1) AS highest), 0)"""


def _of_highest(start: str) -> list:
    return [len(start) + 1, len(start), f"{start}0", f"{start}{'9' * DIGITS}", len(start) + 1]


def _asked(statements: str, values: list) -> tuple:
    """The row of the last statement. One round trip; each statement sees what was committed before it begins."""
    with connection.cursor() as cursor:
        cursor.execute(statements, values)
        while cursor.nextset():
            pass
        return cursor.fetchone()


def index(prefix: str) -> models.Index:
    """Where the highest reference of each length is found at once: as texts, 9999 comes after 10000."""
    return models.Index(Length("reference"), Collate("reference", "C"), name=f"{prefix}_number")


def reference_field(default: Callable[[], str]) -> models.CharField:
    """The column of a reference, unique, which a new record takes from `default` (see `next_reference`)."""
    return models.CharField(
        _("reference"),
        max_length=20,
        unique=True,
        default=default,
        validators=[RegexValidator(REFERENCE, REFERENCE_FORM)],
    )

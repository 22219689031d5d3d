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

_many: ContextVar[bool] = ContextVar("many", default=False)
_as_written: ContextVar[bool] = ContextVar("as_written", default=False)


class Drawn(str):
    """Stands for a reference that the database draws as it writes the record: `question` asks for it, with `values`."""

    question = "parvis_next_reference(%s::text::regclass, %s, %s)"
    values: tuple[str, str, bool]


def next_reference(model: type[models.Model], prefix: str) -> str:
    """The next free `reference` of the model and the year, e.g. AGR-2015-0007 for the prefix AGR: one more than the highest.

    Whoever asks within a transaction has it until the end. Who asks meanwhile does not wait but gets the one after it, so
    that a number stays free only where a transaction fails while another one writes. A field's default calls this from a
    function of its own; the model has the `index()` that answers it, however many references the year has.
    """
    start = f"{prefix}-{clock.today().year}-"
    drawn = Drawn(f"{start}0000")
    drawn.values = connection.ops.quote_name(model._meta.db_table), start, _many.get()
    if _as_written.get():
        return drawn
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {drawn.question}", drawn.values)
        return cursor.fetchone()[0]


@contextmanager
def many() -> Iterator[None]:
    """For a transaction that may draw hundreds of references: it is alone until its end, and holds one lock instead of one
    for each, of which the server has so many and no more."""
    token = _many.set(True)
    try:
        yield
    finally:
        _many.reset(token)


@contextmanager
def drawn_as_written() -> Iterator[None]:
    """For records that are written by one statement, which draws their references too: each is `Drawn` until then."""
    token = _as_written.set(True)
    try:
        yield
    finally:
        _as_written.reset(token)


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

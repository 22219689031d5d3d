"""What a statement of the report is, and which there are: each a sentence made from records, with what proves it.

A statement takes its figure from a selector of the floors below, where it is defined, and is made for one reader: whoever
may not view the kind of record is not told. Sentences, definitions and rows come in both languages at once.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any, TypeVar

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import override

from core.access import may
from core.figures import figure
from core.templatetags.parvis import number
from mandate.enums import ACCOUNTS, ReportSection, Unit
from mandate.reports.account import Bar, Bilingual, Entry, Proof

# A sentence, asked for once in each language.
Text = Callable[[], str | Promise]
# So many records are named behind a statement; the page of the records has them all.
NAMED = 100
Found = TypeVar("Found")
_LONGEST_KEY = 60  # of the column that keeps it


@dataclass(frozen=True)
class Period:
    """From the first day to the last, both included; and what several statements of one account read, read once."""

    since: date
    until: date
    _read: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def once(self, name: str, read: Callable[[], Found]) -> Found:
        """What `read` finds, asked for by the first statement that needs it. Only for the one reader of the account."""
        if name not in self._read:
            self._read[name] = read()
        return self._read[name]

    @property
    def days(self) -> tuple[date, date]:
        return self.since, self.until

    @property
    def years(self) -> range:
        """The calendar years in which it lies, wholly or in part."""
        return range(self.since.year, self.until.year + 1)


@dataclass(frozen=True)
class Stated:
    """What a statement says: `value` in `unit` (None with a unit = not known, which is not 0). `part` tells apart what one
    function states of several records; `called` names a record where its title does not do;
    `total` is how many records there are where not all of them are given."""

    text: Text
    value: Decimal | int | None = None
    unit: str = ""
    note: Text | None = None
    link: str = ""
    records: QuerySet | Sequence[Model | Proof] = ()
    rows: Sequence[tuple[Text, Decimal | int | None]] = ()
    part: str = ""
    called: Callable[[Any], Proof] | None = None
    total: int | None = None


Function = Callable[[Any, Period], Iterator[Stated]]


@dataclass(frozen=True)
class Statement:
    """A registered statement. `model` (`app.model`) is what a reader must be allowed to view; `definition` says in words
    what is counted, or `figure` names the published figure that says it."""

    key: str
    section: ReportSection
    model: str
    function: Function
    definition: str | Promise = ""
    figure: str = ""

    def is_for(self, reader) -> bool:
        return may(reader, "view", apps.get_model(self.model))

    def words(self) -> str | Promise:
        return figure(self.figure).definition if self.figure else self.definition


_statements: dict[str, Statement] = {}


def statement(
    key: str, section: ReportSection, *, model: str, definition: str | Promise = "", figure: str = ""
) -> Callable[[Function], Function]:
    """Registers a function of reader and period that yields what the report states; refuses a key that is taken, a section
    that states nothing, and a statement that nobody defined."""

    def register(function: Function) -> Function:
        if key in _statements or section not in ACCOUNTS or bool(definition) == bool(figure):
            raise ImproperlyConfigured(f"The statement {key} is not new, not of an account, or not defined once.")
        _statements[key] = Statement(key, section, model, function, definition, figure)
        return function

    return register


def registered() -> list[Statement]:
    """Every statement, in the order of the report."""
    return sorted(_statements.values(), key=lambda known: ACCOUNTS.index(known.section))


def entries(reader, since: date, until: date) -> list[Entry]:
    """What the report states of the period for the reader, from records as they stand; a number of queries that does not
    depend on how many there are."""
    period = Period(since, until)
    return [
        _entry(known, stated)
        for known in registered()
        if known.is_for(reader)
        for stated in known.function(reader, period)
    ]


def both(text: Text) -> Bilingual:
    """The text in both languages."""
    with override("fr"):
        french = str(text())
    with override("en"):
        return Bilingual(french, str(text()))


def _entry(known: Statement, stated: Stated) -> Entry:
    proofs, count = _named(stated)
    note = stated.note
    if count > len(proofs):
        note = _with_count(stated.note, len(proofs), count)
    return Entry(
        key=_key(known.key, stated.part),
        section=known.section,
        label=both(stated.text),
        definition=both(known.words),
        value=stated.value,
        unit=stated.unit,
        note=both(note) if note else None,
        link=stated.link,
        records=proofs,
        rows=[Bar(both(label), value) for label, value in stated.rows],
    )


def _key(key: str, part: str) -> str:
    """Two long short names never become one key."""
    whole = f"{key}-{part}" if part else key
    if len(whole) <= _LONGEST_KEY:
        return whole
    return f"{whole[: _LONGEST_KEY - 9]}-{sha256(whole.encode()).hexdigest()[:8]}"


def _with_count(note: Text | None, shown: int, count: int) -> Text:
    def text() -> str:
        said = _("The first %(shown)s of %(count)s records are named.") % {
            "shown": number(shown),
            "count": number(count),
        }
        return f"{note()} {said}" if note else said

    return text


def _named(stated: Stated) -> tuple[list[Proof], int]:
    """The first records as proofs, and how many there are."""
    called = stated.called or proof
    first, count = first_of(stated.records) if isinstance(stated.records, QuerySet) else (stated.records, stated.total)
    named = [record if isinstance(record, Proof) else called(record) for record in first[:NAMED]]
    return named, len(first) if count is None else count


def first_of(records: QuerySet) -> tuple[list[Any], int]:
    """The records to name, without what their own pages show besides, and how many there are in all."""
    first = list(records.prefetch_related(None)[: NAMED + 1])
    return first[:NAMED], len(first) if len(first) <= NAMED else records.count()


def proof(record: Any, text: Text | None = None) -> Proof:
    """The record as a proof: called by its title where it has one and by what it is printed as otherwise, or as told."""
    called = text or (lambda: getattr(record, "title", "") or str(record))
    link = record.get_absolute_url() if hasattr(record, "get_absolute_url") else ""
    return Proof(both(called), getattr(record, "reference", "") or "", link)


# --- what many statements have in common ---


def counted(records: QuerySet | Sequence[Any], text: Callable[[int], str], **more: Any) -> Stated:
    """How many records there are, in words that take the number, and which."""
    first, count = first_of(records) if isinstance(records, QuerySet) else (records, len(records))
    return Stated(lambda: text(count), count, Unit.COUNT, records=first, total=count, **more)


def name_of(value: object) -> Text:
    """What it is called, in whatever language is asked for."""
    return lambda: str(value)


def numbered(sentence: str | Promise) -> Callable[[int], str]:
    """A sentence that takes a `count`, whatever its number."""
    return lambda count: str(sentence) % {"count": number(count)}


def if_any(stated: Stated) -> Iterator[Stated]:
    """The statement where there is one record at least: what nobody expects is not said to be missing."""
    if stated.value:
        yield stated

"""What a statement of the report is, and which there are: each a sentence made from records, with what proves it.

A statement takes its figure from a selector of the floors below, where it is defined, and is made for one reader: whoever
may not view the kind of record is not told. Sentences, definitions and rows come in both languages, each when it is asked for.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any, TypeVar

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from cooperation.models import Project
from core import written
from core.access import may
from core.figures import figure
from core.templatetags.parvis import number
from mandate.enums import ACCOUNTS, ReportSection, Unit
from mandate.reports.account import Bar, Bilingual, Entry, Proof, Text
from mandate.selectors.firsts import counted as first_counted
from mandate.selectors.firsts import first_of, with_count
from partnerships.models import Agreement, City, Network
from solidarity.models import Grant

# So many records are named behind a statement that is kept; the page of the records has them all.
NAMED = 100
# What `proof` reads of the records of which it names the most: their name, their reference and what leads to their page.
_TITLE, _NAME = ("reference", "title_fr", "title_en"), ("slug", "name_fr", "name_en")
CALLED_BY: dict[type[Model], tuple[str, ...]] = {
    Agreement: _TITLE,
    City: _NAME,
    Grant: _TITLE,
    Network: _NAME,
    Project: _TITLE,
}
Found = TypeVar("Found")
_LONGEST_KEY = 60  # of the column that keeps it


@dataclass(frozen=True)
class Period:
    """From the first day to the last, both included; how many records behind a statement are named; and what several
    statements of one account read, read once."""

    since: date
    until: date
    named: int = NAMED
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
class Asked:
    """Records by what finds them, which is written once (`core.written`): `build(reader, *given)`, in which no row comes twice."""

    build: Callable[..., QuerySet]
    reader: Any
    given: tuple[Hashable, ...] = ()


@dataclass(frozen=True)
class Stated:
    """What a statement says: `value` in `unit` (None with a unit = not known, which is not 0). `part` tells apart what one
    function states of several records; `called` names a record where its title does not do; `total` is how many records there
    are where that was counted. Where it `counts`, how many there are is its value, and what `text` takes; where it `may_be_left_out`,
    it is made only if it has a value other than 0."""

    text: Text | Callable[[int], str]
    value: Decimal | int | None = None
    unit: str = ""
    note: Text | None = None
    link: str = ""
    records: Asked | QuerySet | Sequence[Model | Proof] = ()
    rows: Sequence[tuple[Text, Decimal | int | None]] = ()
    part: str = ""
    called: Callable[[Any], Proof] | None = None
    total: int | None = None
    counts: bool = False
    may_be_left_out: bool = False


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


def entries(reader, since: date, until: date, *, named: int = NAMED) -> list[Entry]:
    """What the report states of the period for the reader, from records as they stand; a number of queries that does not
    depend on how many there are.

    `named` is how many records behind a statement are read to be named. Where that is all that is ever named, a note says how
    many there are; where it is fewer, `total` does.
    """
    period = Period(since, until, named)
    asked = {known.model: known.is_for(reader) for known in registered()}
    made = (
        _entry(known, stated, named)
        for known in registered()
        if asked[known.model]
        for stated in known.function(reader, period)
    )
    return [entry for entry in made if entry]


def both(text: Text) -> Bilingual:
    """The text in both languages."""
    return Bilingual(text, text)


def _entry(known: Statement, stated: Stated, named: int) -> Entry | None:
    """The statement with its proofs; None where it has nothing to say and may be left out."""
    first, count = _first_of(stated, _names(stated, named))
    value = count if stated.counts else stated.value
    if stated.may_be_left_out and not value:
        return None
    called = stated.called or proof
    proofs = [record if isinstance(record, Proof) else called(record) for record in first]
    is_cut = count > len(proofs)
    note = _with_count(stated.note, len(proofs), count) if is_cut and named == NAMED else stated.note
    return Entry(
        key=_key(known.key, stated.part),
        section=known.section,
        label=both(_sentence(stated, count)),
        definition=both(known.words),
        value=value,
        unit=stated.unit,
        note=both(note) if note else None,
        link=stated.link,
        records=proofs,
        rows=[Bar(both(label), value) for label, value in stated.rows],
        total=count if is_cut and named < NAMED else None,
    )


def _names(stated: Stated, named: int) -> int:
    """How many records are named: of those that a page lists, half as many do; what is kept is read without that page."""
    return named // 2 if stated.link and named < NAMED else named


def _sentence(stated: Stated, count: int) -> Text:
    text: Callable[..., Any] = stated.text
    return (lambda: text(count)) if stated.counts else text


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


def _first_of(stated: Stated, named: int) -> tuple[Sequence[Any], int]:
    """The records to name, and how many there are in all."""
    records = stated.records
    if isinstance(records, Asked):
        shortly = stated.called is None
        return with_count(written.rows(_first, records.reader, shortly, named, records.build, *records.given))
    if not isinstance(records, QuerySet):
        return records[:named], len(records) if stated.total is None else stated.total
    if stated.called is None:
        records = in_short(records)
    if stated.total is not None:
        return list(records.prefetch_related(None)[:named]), stated.total
    return first_of(records, named)


def _first(reader, shortly: bool, named: int, build: Callable[..., QuerySet], *given: Hashable) -> QuerySet:
    found = build(reader, *given)
    return first_counted(in_short(found) if shortly else found, named)


def in_short(records: QuerySet) -> QuerySet:
    """With no more than a record's own columns, by which it is called."""
    records = records.select_related(None)
    return records.only(*CALLED_BY[records.model]) if records.model in CALLED_BY else records


def proof(record: Any, text: Text | None = None) -> Proof:
    """The record as a proof: called by its title where it has one and by what it is printed as otherwise, or as told."""
    called = text or (lambda: getattr(record, "title", "") or str(record))
    link = record.get_absolute_url() if hasattr(record, "get_absolute_url") else ""
    return Proof(both(called), getattr(record, "reference", "") or "", link)


# --- what many statements have in common ---


def counted(records: Asked | QuerySet | Sequence[Any], text: Callable[[int], str], **more: Any) -> Stated:
    """How many records there are, in words that take the number, and which."""
    return Stated(text, unit=Unit.COUNT, records=records, counts=True, **more)


def name_of(value: object) -> Text:
    """What it is called, in whatever language is asked for."""
    return lambda: str(value)


def names(reader, model: type[Model]) -> dict[int, Any]:
    """Every record of a small table by its key, with nothing but its name."""
    return {record.pk: record for record in written.rows(_named, reader, model)}


def _named(reader, model: type[Model]) -> QuerySet[Any]:
    return model._default_manager.visible_to(reader).only("name_fr", "name_en").order_by()  # type: ignore[attr-defined]


def numbered(sentence: str | Promise) -> Callable[[int], str]:
    """A sentence that takes a `count`, whatever its number."""
    return lambda count: str(sentence) % {"count": number(count)}


def if_any(stated: Stated) -> Iterator[Stated]:
    """The statement where there is one record at least: what nobody expects is not said to be missing."""
    yield replace(stated, may_be_left_out=True)

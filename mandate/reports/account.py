"""What a report states: the shapes that page, PDF and API render, whether live or kept from the day of the adoption."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.utils.functional import Promise
from django.utils.translation import get_language, override

from mandate.enums import ReportSection

# A sentence, asked for in the active language.
Text = Callable[[], str | Promise]


class Bilingual:
    """A text in both languages; both are given, each is made when it is asked for: a page shows one of the two."""

    def __init__(self, fr: str | Text, en: str | Text):
        self._given = {"fr": fr, "en": en}

    @cached_property
    def fr(self) -> str:
        return self._made("fr")

    @cached_property
    def en(self) -> str:
        return self._made("en")

    def _made(self, language: str) -> str:
        given = self._given[language]
        if isinstance(given, str):
            return given
        if get_language() == language:  # a page makes a thousand of them, nearly all in its own language
            return str(given())
        with override(language):
            return str(given())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Bilingual) and (self.fr, self.en) == (other.fr, other.en)

    def __hash__(self) -> int:
        return hash((self.fr, self.en))

    def __repr__(self) -> str:
        return f"Bilingual(fr={self.fr!r}, en={self.en!r})"


@dataclass(frozen=True)
class Proof:
    """One record behind a statement: how it is called, its number where it has one, and its page (empty where it has none)."""

    name: Bilingual
    reference: str = ""
    link: str = ""


@dataclass(frozen=True)
class Bar:
    """One row of a statement that is broken down: by fund, by year, by area."""

    label: Bilingual
    value: Decimal | int | None


@dataclass(frozen=True)
class Entry:
    """One statement: a sentence (`label`, the figure included), the figure where there is one, and what proves it.

    `value` is in `unit` (`mandate.enums.Unit`; empty = a statement without a figure), None where it is not known, which
    is never 0. `link` is the page that lists the records, for who wants them all; `total` is how many there are where not
    all are here.
    """

    key: str
    section: ReportSection
    label: Bilingual
    definition: Bilingual
    value: Decimal | int | None = None
    unit: str = ""
    note: Bilingual | None = None
    link: str = ""
    records: Sequence[Proof] = ()
    rows: Sequence[Bar] = ()
    total: int | None = None


@dataclass(frozen=True)
class Block:
    """A text that the department wrote; `language` is the one it is read in where that is not the active one."""

    heading: str
    text: str
    language: str = ""


@dataclass(frozen=True)
class Change:
    """A figure beside that of the last adopted report, where that one stated it in the same unit."""

    before: Decimal | None
    difference: Decimal | None


@dataclass(frozen=True)
class Section:
    section: ReportSection
    title: str
    blocks: Sequence[Block]
    entries: Sequence[Entry]


@dataclass(frozen=True)
class Account:
    """The whole report for one reader: `stands_on` is the day of its figures; `changes` compares by the key of the entry with
    the report called `compared_with` (empty = there is none)."""

    title: str
    starts_on: date
    ends_on: date
    stands_on: date
    is_draft: bool
    sections: Sequence[Section]
    compared_with: str = ""
    compared_link: str = ""
    changes: Mapping[str, Change] = field(default_factory=dict)

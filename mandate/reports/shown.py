"""How an account reads: the same words, figures and bars on the page, in the admin and on paper."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from cooperation.charts import Bar, bars
from core.templatetags.parvis import number
from core.translated import active_language
from mandate.enums import ACCOUNTS, Unit
from mandate.presentation import quantity
from mandate.reports.account import Account, Bilingual, Block, Change, Entry, Section
from mandate.reports.account import Bar as Row

# How many of the records behind a statement are named; the others stand on the page of its list.
NAMED = 20
# How many rows of a breakdown a page shows; paper and the API have them all.
ROWS = 50


def said(text: Bilingual | None) -> str:
    """The text in the active language; empty where there is none."""
    return getattr(text, active_language()) if text else ""


@dataclass(frozen=True)
class Named:
    """A record behind a statement; `link` is its page, empty where it has none."""

    name: str
    reference: str
    link: str


@dataclass(frozen=True)
class Statement:
    """One statement in the active language. `place` counts through the whole report, so that paper can point to it."""

    place: int
    entry: Entry
    change: Change | None = None

    @property
    def key(self) -> str:
        return self.entry.key

    @cached_property
    def label(self) -> str:
        return said(self.entry.label)

    @property
    def definition(self) -> str:
        return said(self.entry.definition)

    @property
    def note(self) -> str:
        return said(self.entry.note)

    @property
    def link(self) -> str:
        return self.entry.link

    @property
    def has_figure(self) -> bool:
        return bool(self.entry.unit)

    @property
    def figure(self) -> str:
        """The value with its unit; empty where it is not known, which is not 0, and where the statement has none."""
        return quantity(self.entry.value, self.entry.unit)

    @property
    def compared(self) -> str:
        """What the last adopted report stated, and the difference, in words and numbers; empty where it did not state it."""
        return compared(self.change, self.entry.unit) if self.change and self.has_figure else ""

    @cached_property
    def bars(self) -> list[Bar]:
        """The breakdown, drawn; an unknown part has no length and says so. Nothing where a drawing would say nothing: where no
        part counts anything, or all count alike."""
        return self._drawn(self.entry.rows)

    @cached_property
    def first_bars(self) -> list[Bar]:
        """The first of them, for a page."""
        return self._drawn(self.entry.rows[:ROWS])

    def _drawn(self, rows: Sequence[Row]) -> list[Bar]:
        if len({row.value for row in rows}) < 2:
            return []
        return bars((said(row.label), row.value or 0, self._part(row.value), "") for row in rows)

    @cached_property
    def parts(self) -> list[tuple[str, str]]:
        """The breakdown as label and value, for where no bar can be drawn."""
        return self._told(self.entry.rows)

    @cached_property
    def first_parts(self) -> list[tuple[str, str]]:
        """The first of them, for a page."""
        return self._told(self.entry.rows[:ROWS])

    def _told(self, rows: Sequence[Row]) -> list[tuple[str, str]]:
        return [(said(row.label), self._part(row.value)) for row in rows]

    @property
    def more_rows(self) -> int:
        """How many rows of the breakdown a page leaves out."""
        return max(len(self.entry.rows) - ROWS, 0)

    def _part(self, value: Decimal | int | None) -> str:
        return _("not known") if value is None else quantity(value, self.entry.unit)

    @property
    def part_unit(self) -> str:
        """What the column of the breakdown's values is headed by."""
        heads = {
            Unit.COUNT: pgettext("how many", "Number"),
            Unit.PERCENT: _("Per cent"),
            Unit.EUROS: _("Euros"),
            Unit.RATIO: _("Ratio"),
        }
        return heads[Unit(self.entry.unit)] if self.entry.unit else ""

    @property
    def count(self) -> int:
        return len(self.entry.records) if self.entry.total is None else self.entry.total

    @property
    def what_is_behind(self) -> str:
        """What unfolds under it: the definition and, where there are some, the records."""
        if not self.count:
            return _("Definition")
        said = ngettext(
            "Definition and %(number)s record behind it", "Definition and %(number)s records behind it", self.count
        )
        return said % {"number": number(self.count)}

    @cached_property
    def records(self) -> list[Named]:
        """The first of the records behind it."""
        return [Named(said(proof.name), proof.reference, proof.link) for proof in self.entry.records[:NAMED]]

    @property
    def more(self) -> int:
        """How many records are not named."""
        return self.count - len(self.records)


def compared(change: Change, unit: str) -> str:
    """“last adopted report: 5, difference: +2”; a difference of rates is told in points."""
    if change.before is None:
        return _("last adopted report: not known")
    before = quantity(change.before, unit)
    if change.difference is None:
        return _("last adopted report: %(before)s") % {"before": before}
    if change.difference == 0:
        return _("last adopted report: %(before)s, unchanged") % {"before": before}
    values = {"before": before, "difference": _signed(change.difference, unit)}
    return _("last adopted report: %(before)s, difference: %(difference)s") % values


def _signed(difference: Decimal, unit: str) -> str:
    if unit == Unit.PERCENT:
        size = abs(difference)
        points = ngettext("%(count)s point", "%(count)s points", 1 if size < 2 else 2)
        text = points % {"count": number(size.normalize())}
    else:
        text = quantity(abs(difference), unit)
    return f"+{text}" if difference > 0 else f"\N{MINUS SIGN}{text}"


@dataclass(frozen=True)
class Part:
    """A section: its texts, then its statements."""

    section: Section
    statements: Sequence[Statement]

    @property
    def key(self) -> str:
        return self.section.section.value

    @property
    def title(self) -> str:
        return capfirst(self.section.title)

    @property
    def blocks(self) -> Sequence[Block]:
        return self.section.blocks

    @property
    def states_facts(self) -> bool:
        """Whether statements are expected there; an introduction and a conclusion hold texts alone."""
        return self.section.section in ACCOUNTS


@dataclass(frozen=True)
class Shown:
    """The account, its statements numbered through."""

    account: Account
    parts: Sequence[Part]

    @property
    def statements(self) -> list[Statement]:
        return [statement for part in self.parts for statement in part.statements]

    @property
    def is_empty(self) -> bool:
        return not any(part.statements or part.blocks for part in self.parts)

    @property
    def period(self) -> tuple[date, date]:
        return self.account.starts_on, self.account.ends_on


def shown(account: Account) -> Shown:
    parts, place = [], 0
    for section in account.sections:
        statements = []
        for entry in section.entries:
            place += 1
            statements.append(Statement(place, entry, account.changes.get(entry.key)))
        parts.append(Part(section, statements))
    return Shown(account, parts)

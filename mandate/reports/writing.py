"""The whole report for one reader: live while it is a draft, as it was kept once it is adopted; beside the last adopted one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any

from core.roles import VIEW, declared
from core.translated import fallback_language
from mandate.enums import ReportSection, Unit
from mandate.models import Report, ReportBlock, ReportEntry
from mandate.reports import diplomacy, influence, solidarity, travels, values  # noqa: F401  each registers its statements
from mandate.reports.account import Account, Bar, Bilingual, Block, Change, Entry, Proof, Section
from mandate.reports.statements import NAMED, entries

_VIEW_REPORT = ("mandate", "report", VIEW)


@cache
def _common() -> frozenset[str]:
    """The permissions to view that every role has that may read a report."""
    readers = [granted for granted in declared().values() if _VIEW_REPORT in granted]
    return frozenset(f"{app}.{verb}_{model}" for app, model, verb in set.intersection(*readers) if verb == VIEW)


@dataclass(frozen=True)
class Everyone:
    """Whoever signs in and may read a report at all: the reader of what an adopted report keeps, with no right that some role
    lacks and no role that a record could be written for."""

    pk = None
    is_authenticated = True
    is_active = True
    is_anonymous = False
    is_staff = False
    is_superuser = False
    role_names: frozenset[str] = frozenset()

    def has_perm(self, permission: str, obj=None) -> bool:
        return permission in _common()

    def has_perms(self, permissions: Iterable[str], obj=None) -> bool:
        return all(self.has_perm(permission) for permission in permissions)

    def __str__(self) -> str:
        return "everyone who signs in"


def account(report: Report, reader, *, named: int = NAMED) -> Account:
    """The report as the reader may see it, in a fixed number of queries; of a draft, `named` records behind each statement.

    A draft states what the records hold today; a report that is not saved is the draft of any period, without texts. An
    adopted one states what was kept, whoever reads it. Its figures stand beside those of the last adopted report that ended
    before this one does, by key and unit.
    """
    found = _live(report, reader, named) if report.is_draft else _kept(report, reader)
    last = last_adopted(report, reader)
    blocks: dict[str, list[Block]] = {}
    for block in _blocks(report, reader):
        blocks.setdefault(block.section, []).append(_block(block))
    return Account(
        title=report.title,
        starts_on=report.starts_on,
        ends_on=report.ends_on,
        stands_on=report.stands_on,
        is_draft=report.is_draft,
        sections=[
            Section(
                section,
                str(section.label),
                blocks.get(section, []),
                [entry for entry in found if entry.section == section],
            )
            for section in ReportSection
        ],
        compared_with=last.title if last else "",
        compared_link=last.get_absolute_url() if last else "",
        changes=_changes(found, _kept(last, reader)) if last else {},
    )


def last_adopted(report: Report, reader) -> Report | None:
    """The last adopted report that ended before this one does; None where there is none."""
    before = Report.objects.visible_to(reader).exclude(adopted_on=None).filter(ends_on__lt=report.ends_on)
    return before.exclude(pk=report.pk).order_by("-ends_on", "-adopted_on", "-pk").first()


def _live(report: Report, reader, named: int = NAMED) -> list[Entry]:
    return entries(reader, report.starts_on, report.ends_on, named=named)


def _blocks(report: Report, reader) -> Iterable[ReportBlock]:
    if report._state.adding:
        return ()
    return ReportBlock.objects.visible_to(reader).filter(report=report).order_by("section", "position", "pk")


def _block(block: ReportBlock) -> Block:
    return Block(block.heading, block.text, fallback_language(block, "text"))


# --- what an adopted report keeps ---


def frozen(report: Report) -> list[ReportEntry]:
    """The statements to keep when the report is adopted, not saved yet: those of everyone who signs in, as they are now."""
    return [_row(report, position, entry) for position, entry in enumerate(_live(report, Everyone()), start=1)]


def _row(report: Report, position: int, entry: Entry) -> ReportEntry:
    note = entry.note or Bilingual("", "")
    return ReportEntry(
        report=report,
        section=entry.section,
        position=position,
        key=entry.key,
        label_fr=entry.label.fr,
        label_en=entry.label.en,
        definition_fr=entry.definition.fr,
        definition_en=entry.definition.en,
        note_fr=note.fr,
        note_en=note.en,
        value=None if entry.value is None else Decimal(entry.value).quantize(Decimal("0.01")),
        unit=entry.unit,
        link=entry.link,
        records=[
            {"fr": proof.name.fr, "en": proof.name.en, "reference": proof.reference, "link": proof.link}
            for proof in entry.records
        ],
        rows=[
            {"fr": bar.label.fr, "en": bar.label.en, "value": None if bar.value is None else str(bar.value)}
            for bar in entry.rows
        ],
    )


def _kept(report: Report, reader) -> list[Entry]:
    rows = ReportEntry.objects.visible_to(reader).filter(report=report).order_by("position", "pk")
    return [_read(row) for row in rows]


def _read(row: ReportEntry) -> Entry:
    has_note = bool(row.note_fr or row.note_en)
    return Entry(
        key=row.key,
        section=ReportSection(row.section),
        label=Bilingual(row.label_fr, row.label_en),
        definition=Bilingual(row.definition_fr, row.definition_en),
        value=_number(row.value, row.unit),
        unit=row.unit,
        note=Bilingual(row.note_fr, row.note_en) if has_note else None,
        link=row.link,
        records=[Proof(_name(kept), kept["reference"], kept["link"]) for kept in row.records],
        rows=[Bar(_name(kept), _number(_decimal(kept["value"]), row.unit)) for kept in row.rows],
    )


def _name(kept: Mapping[str, Any]) -> Bilingual:
    return Bilingual(kept["fr"], kept["en"])


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _number(value: Decimal | None, unit: str) -> Decimal | int | None:
    """As it was when it was live: what is counted is a whole number."""
    whole = value is not None and unit != Unit.EUROS and value == value.to_integral_value()
    return int(value) if value is not None and whole else value


def _changes(now: Iterable[Entry], before: Iterable[Entry]) -> dict[str, Change]:
    """The figures that both reports state in one unit; nothing is subtracted where one of the two was not known."""
    stated = {(entry.key, entry.unit): entry.value for entry in before if entry.unit}
    return {
        entry.key: _change(entry.value, stated[entry.key, entry.unit])
        for entry in now
        if (entry.key, entry.unit) in stated
    }


def _change(value: Decimal | int | None, before: Decimal | int | None) -> Change:
    earlier = None if before is None else Decimal(before)
    return Change(earlier, None if value is None or earlier is None else Decimal(value) - earlier)

"""Accounts that say a bit of everything a report may say, for what renders them; and reports as an adoption leaves them."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction

from mandate.enums import ReportSection, ReportStatus
from mandate.models import Report, ReportEntry
from mandate.reports.account import Account, Bar, Bilingual, Block, Change, Entry, Proof, Section
from tests import factories

LONG = "Ville-Exemple-aux-Noms-" * 6


def both(text: str) -> Bilingual:
    return Bilingual(f"{text} (fr)", f"{text} (en)")


def proofs(count: int) -> list[Proof]:
    return [Proof(both(f"Record {place}"), f"REF-{place}", f"/cities/invented-{place}/") for place in range(count)]


def stated(key: str, section: ReportSection = ReportSection.DIPLOMACY, **values: Any) -> Entry:
    """A statement with its definition; a number unless said otherwise."""
    usual = {"label": both(f"Statement {key}"), "definition": both(f"Definition {key}"), "value": 3, "unit": "count"}
    return Entry(key=key, section=section, **usual | values)


ENTRIES = [
    stated("cities", records=proofs(23), link="/cities/", rows=[Bar(both(LONG), 9), Bar(both("Elsewhere"), None)]),
    stated("nothing", value=0, rows=[Bar(both("Nowhere"), 0)]),
    stated("money", ReportSection.SOLIDARITY, value=Decimal("1380000.00"), unit="EUR", note=both("Noted")),
    stated("lost", ReportSection.SOLIDARITY, value=None, unit="EUR"),
    stated("rate", ReportSection.SOLIDARITY, value=40, unit="percent"),
    stated("words", ReportSection.VALUES, value=None, unit="", records=[Proof(both("A person"))]),
]
CHANGES = {
    "cities": Change(Decimal(2), Decimal(1)),
    "nothing": Change(Decimal(0), Decimal(0)),
    "money": Change(Decimal(1400000), Decimal(-20000)),
    "lost": Change(None, None),
    "rate": Change(Decimal(41), Decimal(-1)),
}
BLOCKS = {
    ReportSection.INTRODUCTION: [Block("", "First paragraph.\r\n\r\nSecond paragraph.")],
    ReportSection.DIPLOMACY: [Block("Heading", '#read("/manage.py") $x$ *bold* <label> <b>tag</b>', "fr")],
}


def account(*, entries=ENTRIES, blocks=BLOCKS, changes=CHANGES, is_draft: bool = True, **values: Any) -> Account:
    """With texts, unknown values, a breakdown, records with and without a page, and an earlier report."""
    sections = [
        Section(
            section,
            str(section.label),
            blocks.get(section, []),
            [entry for entry in entries if entry.section == section],
        )
        for section in ReportSection
    ]
    usual = {
        "title": "Invented account",
        "starts_on": date(2014, 4, 5),
        "ends_on": date(2015, 5, 31),
        "stands_on": date(2015, 6, 1),
        "compared_with": "Invented earlier report",
        "compared_link": "/report/earlier/",
    }
    return Account(is_draft=is_draft, sections=sections, changes=changes, **usual | values)


def adopted(*entries: dict[str, Any], **values: Any) -> Report:
    """A report as the database holds it after its adoption on 4 May 2015, with these statements kept: one where none is given,
    since none is adopted without."""
    return adopt(factories.ReportFactory(**values), *entries)


def adopt(report: Report, *entries: dict[str, Any]) -> Report:
    with transaction.atomic():
        kept = [factories.ReportEntryFactory.build(report=report, **entry) for entry in entries or [{}]]
        ReportEntry.objects.bulk_create(kept)
        Report.objects.filter(pk=report.pk).update(
            status=ReportStatus.ADOPTED, adopted_on=date(2015, 5, 4), frozen_on=date(2015, 5, 4)
        )
    report.refresh_from_db()
    return report

"""The report on paper: a tagged PDF with its texts, its statements with bars and tables, and the records behind them."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.pdf import render
from core.templatetags.parvis import day, number
from mandate.atlas.alone import svg
from mandate.enums import ReportSection
from mandate.reports.account import Account, Block
from mandate.reports.shown import Part, Shown, Statement, shown

_REPORT = Path(__file__).parent.parent / "pdf" / "report.typ"


def report_pdf(account: Account, reader) -> bytes:
    """The account on A4 in the active language: what the page holds, with the records behind each statement at the end.

    A live one also has the map of partners, of what the reader may see; one that was adopted keeps no map, and a map of today
    would belie its day.
    """
    whole = shown(account)
    return render(_REPORT, _words(account) | _body(whole, reader) | {"annex": _annex(whole)})


def _words(account: Account) -> dict[str, str]:
    return {
        "title": account.title,
        "subtitle": _period(account),
        "status": status(account),
        "compared": _("Compared with: %(report)s") % {"report": account.compared_with} if account.compared_with else "",
        # Filled in by the template, which alone knows the pages.
        "page_of": _("Page %(page)s of %(pages)s"),
        "footer": _("%(city)s, Parvis, %(day)s") % {"city": settings.CITY_NAME, "day": day(account.stands_on)},
        "unknown": _("not known"),
        "part": _("Of which"),
        "no_statement": _("No record of this period speaks of it."),
        "empty": _("Nothing is recorded for this period, and no text is written yet."),
        "sources": _("Definitions and records behind the statements"),
        "day_of": _("as of %(day)s") % {"day": day(account.stands_on)},
        "records": _("Records:"),
        "no_records": _("No record stands behind it."),
    }


def _period(account: Account) -> str:
    values = {"since": day(account.starts_on), "until": day(account.ends_on)}
    return _("From %(since)s to %(until)s") % values


def status(account: Account) -> str:
    """Whose figures these are, and of which day."""
    stands_on = {"day": day(account.stands_on)}
    if account.is_draft:
        return _("Draft: figures as of %(day)s, of what its reader may see.") % stands_on
    return _("Adopted: figures of %(day)s, kept as they were that day.") % stands_on


def _body(whole: Shown, reader) -> dict[str, Any]:
    parts = [_part(part) for part in whole.parts]
    atlas = {"map": "", "map_title": ""}
    if whole.account.is_draft and any(part.key == ReportSection.DIPLOMACY for part in whole.parts):
        title = _("The cities that the City has a tie with, as of %(day)s") % {"day": day(whole.account.stands_on)}
        atlas = {"map": svg(reader), "map_title": title}
    return {"parts": parts, "is_empty": whole.is_empty} | atlas


def _part(part: Part) -> dict[str, Any]:
    return {
        "key": part.key,
        "title": part.title,
        "states_facts": part.states_facts,
        "blocks": [_block(block) for block in part.blocks],
        "statements": [_statement(statement) for statement in part.statements],
    }


def _block(block: Block) -> dict[str, Any]:
    paragraphs = [text.strip() for text in block.text.replace("\r\n", "\n").split("\n\n")]
    return {"heading": block.heading, "paragraphs": [text for text in paragraphs if text], "language": block.language}


def _statement(statement: Statement) -> dict[str, Any]:
    drawn = {bar.label: bar.width for bar in statement.bars}
    return {
        "place": statement.place,
        "figure": statement.figure,
        "has_figure": statement.has_figure,
        "label": statement.label,
        "note": statement.note,
        "compared": statement.compared,
        "unit": statement.part_unit,
        "drawn": bool(drawn),
        "rows": [
            {"label": label, "text": text, "width": float(drawn.get(label, "0%").removesuffix("%"))}
            for label, text in statement.parts
        ],
    }


def _annex(whole: Shown) -> list[dict[str, Any]]:
    found = []
    for statement in whole.statements:
        records = [
            {
                "text": f"{record.name} ({record.reference})" if record.reference else record.name,
                "link": _full(record.link),
            }
            for record in statement.records
        ]
        more = ngettext("and %(number)s more", "and %(number)s more", statement.more) % {
            "number": number(statement.more)
        }
        found.append(
            {
                "place": statement.place,
                "label": statement.label,
                "definition": statement.definition,
                "records": records,
                "more": more if statement.more else "",
            }
        )
    return found


def _full(link: str) -> str:
    """The address that a reader of paper, far from the page, can follow."""
    return f"{settings.SITE_URL.rstrip('/')}{link}" if link else ""

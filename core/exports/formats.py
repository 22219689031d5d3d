"""What a list is written as. Every format is a stream of bytes: memory stays flat however long the list is.

A text that a spreadsheet program would take for a formula stays a text (CWE-1236): in CSV a leading apostrophe says so, in
XLSX and ODS its cell is one of text.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import StringIO
from itertools import chain, islice
from tempfile import TemporaryFile
from typing import Any

import stream_write_ods
import xlsxwriter
from django.utils.translation import gettext as _

from core.api import sqljson
from core.enums import ExportFormat, Separator
from core.exports import tables
from core.exports.listing import Listing, Value

BLOCK = 64 * 1024  # bytes
FORMULA = re.compile(f"[{re.escape(tables.FORMULA)}]")
# What XML 1.0 cannot hold.
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# What a sheet and a cell hold (Excel; LibreOffice has the same number of rows).
SHEET_ROWS = 1_048_575
CELL_CHARACTERS = 32_767
# Excel knows no day before.
FIRST_DAY = date(1900, 3, 1)
# The archive of a larger sheet may grow beyond what the older form of ZIP can say.
LARGE = 100_000
BOM = "\ufeff"


@dataclass(frozen=True)
class Format:
    media_type: str
    write: Callable[[Listing, str], Iterator[bytes]]
    # Whether a sheet of so many rows and no more.
    is_sheet: bool = False


def write(listing: Listing, file_format: str, separator: str = Separator.COMMA) -> Iterator[bytes]:
    """The list as a file of this format, block by block; `separator` is that of CSV."""
    return FORMATS[file_format].write(listing, separator)


def blocks(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Small pieces in blocks worth sending."""
    held: list[bytes] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= BLOCK:
            yield b"".join(held)
            held, size = [], 0
    yield b"".join(held)


# --- CSV (RFC 4180) ---


def _csv(listing: Listing, separator: str) -> Iterator[bytes]:
    """With a byte order mark, by which Excel knows UTF-8; every value in quotes, so that no other separator can split it."""
    return blocks(_csv_lines(listing, separator))


def _csv_lines(listing: Listing, separator: str) -> Iterator[bytes]:
    columns, comma = listing.columns(), separator == Separator.SEMICOLON
    sign = ";" if comma else ","
    line = StringIO()
    writer = csv.writer(line, delimiter=sign, quoting=csv.QUOTE_ALL, lineterminator="")

    def written(row: list[Value]) -> str:
        writer.writerow([_csv_value(value, decimal_comma=comma) for value in row])
        return _taken(line)

    try:
        found = tables.csv_lines(listing, columns, sign, written)
    except sqljson.OnlyInPython:
        found = (f"{written(row)}{tables.END}".encode() for row in listing.table())
    writer.writerow([guarded(column.title) for column in columns])
    yield f"{BOM}{_taken(line)}{tables.END}".encode()
    yield from found


def _taken(line: StringIO) -> str:
    text = line.getvalue()
    line.seek(0)
    line.truncate()
    return text


def _csv_value(value: Value, *, decimal_comma: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, Decimal)):
        return str(value).replace(".", ",") if decimal_comma else str(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date) else guarded(value)


def guarded(text: str) -> str:
    """The text, with an apostrophe before it where a spreadsheet program would compute it."""
    return f"'{text}" if FORMULA.match(text) or FORMULA.match(text.lstrip()) else text


# --- JSON lines ---


def _json_lines(listing: Listing, separator: str) -> Iterator[bytes]:
    return blocks(listing.lines())


# --- XLSX and ODS ---


def _xlsx(listing: Listing, separator: str) -> Iterator[bytes]:
    """XlsxWriter writes each row to a file of its own when the next one begins; the whole is sent when it is finished."""
    with TemporaryFile(prefix="parvis-") as file:
        # No text is taken for a formula, an address or a number, whatever it looks like.
        plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        book = xlsxwriter.Workbook(file, {"constant_memory": True, **plain})
        try:
            book.use_zip64()
            _fill(book, listing)
        finally:
            book.close()
        file.seek(0)
        while block := file.read(BLOCK):
            yield block


def _fill(book: Any, listing: Listing) -> None:
    bold = book.add_format({"bold": True})
    kinds = {
        date: book.add_format({"num_format": "yyyy-mm-dd"}),
        datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        Decimal: book.add_format({"num_format": "#,##0.00"}),
    }
    columns = listing.columns()
    sheet = book.add_worksheet(_sheet_name(listing))
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, max(len(columns) - 1, 0), 18)
    for place, column in enumerate(columns):
        sheet.write_string(0, place, _fitting(column.title), bold)
    for number, row in enumerate(listing.table(), start=1):
        for place, value in enumerate(row):
            _write_cell(sheet, number, place, value, kinds)


def _write_cell(sheet: Any, row: int, column: int, value: Value, kinds: dict[type, Any]) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, (int, float, Decimal)):
        sheet.write_number(row, column, value, kinds.get(type(value)))
    elif isinstance(value, datetime) and value.date() >= FIRST_DAY:
        sheet.write_datetime(row, column, value, kinds[datetime])
    elif isinstance(value, date) and not isinstance(value, datetime) and value >= FIRST_DAY:
        sheet.write_datetime(row, column, value, kinds[date])
    else:
        sheet.write_string(row, column, _fitting(value if isinstance(value, str) else value.isoformat()))


def _fitting(text: str) -> str:
    """What a cell holds: a longer text is cut where it says so, since Excel would refuse the whole file."""
    if len(text) <= CELL_CHARACTERS:
        return text
    note = _("… (cut: a cell holds no more)")
    return text[: CELL_CHARACTERS - len(note)] + note


def _ods(listing: Listing, separator: str) -> Iterator[bytes]:
    columns = [UNWRITABLE.sub("", column.title) for column in listing.columns()]
    table = listing.table()
    # Before the archive begins: what fails here is still an answer of its own.
    begun = chain(list(islice(table, 1)), table)
    sheets = [(_sheet_name(listing), columns, begun)]
    yield from stream_write_ods.stream_write_ods(
        sheets, encoders=CELLS, chunk_size=BLOCK, use_zip_64=listing.is_longer_than(LARGE)
    )


# By type: the kind of cell, the attribute that holds its value, its style, and how the value is written. A text stands in an
# attribute too, where its line breaks survive.
CELLS: tuple[tuple[type, tuple[Any, ...]], ...] = (
    (bool, ("boolean", "office:boolean-value", None, lambda value: str(value).lower())),
    (date, ("date", "office:date-value", "date", lambda value: value.isoformat())),
    (datetime, ("date", "office:date-value", None, lambda value: value.isoformat())),
    (int, ("float", "office:value", None, str)),
    (float, ("float", "office:value", None, str)),
    (Decimal, ("float", "office:value", None, str)),
    (str, ("string", "office:string-value", None, lambda value: UNWRITABLE.sub("", value))),
    (type(None), (None, None, None, lambda value: None)),
)


def _sheet_name(listing: Listing) -> str:
    """At most 31 characters, without those that Excel keeps for itself."""
    return re.sub(r"[\[\]:*?/\\]", " ", listing.title)[:31].strip("' ") or listing.resource[:31]


FORMATS = {
    ExportFormat.CSV.value: Format("text/csv; charset=utf-8", _csv),
    ExportFormat.XLSX.value: Format(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _xlsx, is_sheet=True
    ),
    ExportFormat.ODS.value: Format("application/vnd.oasis.opendocument.spreadsheet", _ods, is_sheet=True),
    ExportFormat.JSONL.value: Format("application/x-ndjson", _json_lines),
}

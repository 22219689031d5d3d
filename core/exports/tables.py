"""The lines of a CSV file as PostgreSQL writes them: the text that `core.exports.formats` would write in Python, to the byte.

A field whose value is one number, day or text is written by the database, and a line of such fields by its COPY; what holds lists
or parts comes as JSON, and Python writes its columns into the line.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.utils import timezone
from rest_framework import relations, serializers

from core.api import sqljson
from core.api.serializers import ContentTypeField
from core.database import copied
from core.exports.listing import CHUNK, Column, Listing, Value, at

END = "\r\n"
# How a formula begins, also in the full-width signs that programs of East Asia take for the same.
FORMULA = "=+-@\t\r\n＝＋－＠"
# What Python's `lstrip` takes away.
SPACES = "".join(chr(code) for code in range(0x3001) if chr(code).isspace())
PLAIN = (
    serializers.BooleanField,
    serializers.CharField,
    serializers.ChoiceField,
    serializers.DateField,
    serializers.DateTimeField,
    serializers.DecimalField,
    serializers.IntegerField,
    serializers.TimeField,
    serializers.UUIDField,
    relations.PrimaryKeyRelatedField,
    ContentTypeField,
)
TEXTS = (serializers.CharField, serializers.ChoiceField)
# With more decimal places, Python writes a small number with an exponent.
PLACES = 6


@dataclass(frozen=True)
class Part:
    """Neighbouring columns of a line: the expressions of their texts, or the name of the field that holds them as JSON."""

    columns: list[Column]
    texts: Sequence[str] = ()
    field: str = ""

    def asked(self, separator: str) -> str:
        """What the database is asked for: the columns as they stand in the line, or the field."""
        quoted = (f"""'"' || replace({text}, '"', '""') || '"'""" for text in self.texts)
        return f" || '{separator}' || ".join(quoted) or f'to_json(r."{self.field}")::text'


def csv_lines(
    listing: Listing, columns: list[Column], separator: str, write: Callable[[list[Value]], str]
) -> Iterator[bytes]:
    """Every row of the listing as a line, or in blocks of lines; `write` writes the values that Python knows, without the end of the line.

    `separator` is `,`, or `;`, with which numbers have a decimal comma. `OnlyInPython` before the first line, where a row
    cannot be told by the database, or is told in words for people.
    """
    if listing.readable:
        raise sqljson.OnlyInPython("in words")
    names, whole = sqljson.selected(listing.queryset, listing.serializer)
    parts = _parts(listing.serializer, columns, separator)
    try:
        statement = connection.ops.compose_sql(*whole.query.sql_with_params())  # type: ignore[attr-defined]
    except EmptyResultSet:
        return iter(())
    rows = f"({statement}) AS r({sqljson.as_row(names)})"
    if all(part.texts for part in parts):
        texts = ", ".join(text for part in parts for text in part.texts)
        written = copied(f"SELECT {texts} FROM {rows}", f"FORCE_QUOTE *, DELIMITER '{separator}'", END.encode())
        return (block for block, _lines in listing.counted(written, itemgetter(1)))
    found = rows_of(f"SELECT {', '.join(part.asked(separator) for part in parts)} FROM {rows}")
    return listing.counted(_line(row, parts, separator, write) for row in found)


def rows_of(statement: str) -> Iterator[tuple]:
    """The seam between reading and writing: the rows of a statement, a chunk in memory at a time."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement)
        while rows := cursor.fetchmany(CHUNK):
            yield from rows


def _line(row: tuple, parts: list[Part], separator: str, write: Callable[[list[Value]], str]) -> bytes:
    written = (text if part.texts else write(_values(part, text)) for part, text in zip(parts, row, strict=True))
    return f"{separator.join(written)}{END}".encode()


def _values(part: Part, text: str | None) -> list[Value]:
    row = {part.field: json.loads(text) if text is not None else None}
    return [column.value(at(row, column.name)) for column in part.columns]


def _parts(serializer: Any, columns: list[Column], separator: str) -> list[Part]:
    fields = {field.field_name: field for field in serializer._readable_fields}

    def place(column: Column) -> str:
        """Empty for what the database writes; else the field in which the column stands."""
        name = column.name.partition(".")[0]
        return "" if _is_plain(fields[name]) else name

    parts = []
    for name, group in groupby(columns, place):
        some = list(group)
        texts = [_text(fields[column.name], separator) for column in some if not name]
        parts.append(Part(some, texts, name))
    return parts


def _is_plain(field: Any) -> bool:
    if isinstance(field, serializers.MultipleChoiceField) or not isinstance(field, PLAIN):
        return False
    return not isinstance(field, serializers.DecimalField) or (field.decimal_places or 0) <= PLACES


def _text(field: Any, separator: str) -> str:
    value = f'r."{field.field_name}"::text'
    if isinstance(field, serializers.DateTimeField):
        zone = timezone.get_current_timezone_name()
        value = f"to_char({value}::timestamptz AT TIME ZONE {_literal(zone)}, 'YYYY-MM-DD HH24:MI:SS')"
    elif isinstance(field, (serializers.DecimalField, serializers.IntegerField)):
        value = f"replace({value}, '.', ',')" if separator == ";" else value
    elif isinstance(field, (*TEXTS, relations.PrimaryKeyRelatedField, ContentTypeField)):
        value = _guarded(value)
    return f"COALESCE({value}, '')"


def _guarded(text: str) -> str:
    """With an apostrophe before it where a spreadsheet program would compute it."""
    first, inner = f"left({text}, 1)", f"ltrim({text}, {_literal(SPACES)})"
    signs = _literal(FORMULA)
    return f"""CASE
        WHEN {text} = '' OR strpos({_literal(FORMULA + SPACES)}, {first}) = 0 THEN {text}
        WHEN strpos({signs}, {first}) > 0 OR {inner} <> '' AND strpos({signs}, left({inner}, 1)) > 0 THEN '''' || {text}
        ELSE {text} END"""


def _literal(text: str) -> str:
    return connection.ops.compose_sql("%s", [text])  # type: ignore[attr-defined]

"""A list of the API as one reader sees it, to be read row by row: the same filters, rows and representation."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from importlib import import_module
from typing import Any, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, QueryDict
from django.urls import resolve, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.utils.encoders import JSONEncoder

from core import dates
from core.api import reading, sqljson
from core.api.renderers import rendered
from core.api.scopes import api_apps
from core.api.serializers import Expanded
from core.enums import Precision
from core.filters import AnyOfField, apart

NUMBERS = (serializers.DecimalField, serializers.IntegerField, serializers.FloatField)
# What names a record of its own, the likeliest first.
NAMES = ("name", "title")
KEYS = ("label", "reference", "code", "slug", "number", "year", "amount")
# What tells it where nothing names it.
TOLD = ("description", "what")

# Rows in memory at a time.
CHUNK = 1000
Piece = TypeVar("Piece")
Value = None | bool | int | float | Decimal | date | datetime | str


def resources() -> dict[str, Any]:
    """Every resource whose list is made of records, by its name in the API."""
    found: dict[str, Any] = {}
    for config in api_apps():
        registry = import_module(f"{config.name}.api.urls").router.registry
        found |= {prefix: view for prefix, view, _name in registry if hasattr(view, "filterset_class")}
    return found


@dataclass(frozen=True)
class Column:
    """A column of a table: its name in the API (nested: `expanded.city.slug`), and what stands above it."""

    name: str
    title: str
    kind: str = ""
    labels: Mapping[Any, Any] = field(default_factory=dict)
    # Of a list of parts: what kinds of them are called.
    kinds: Mapping[Any, Any] = field(default_factory=dict)

    def value(self, given: Any) -> Value:
        """The value that the JSON stands for: numbers, days and moments (in the city's time) as such, lists as JSON text."""
        if given is None or given == "":
            return None
        if isinstance(given, (list, dict)):
            return as_json(given)
        if self.kind == "number" and isinstance(given, str):
            return Decimal(given)
        if self.kind == "day" and isinstance(given, str):
            return _day(given)
        if self.kind == "moment":
            moment = datetime.fromisoformat(given) if isinstance(given, str) else given
            return timezone.localtime(moment).replace(tzinfo=None, microsecond=0)
        return given if isinstance(given, (bool, int, float, Decimal, date)) else str(given)


def _day(given: str) -> date | str:
    """A day; what people read of one that is not known to the day stays a text."""
    try:
        return date.fromisoformat(given)
    except ValueError:
        return given


def as_json(given: Any) -> str:
    return json.dumps(given, cls=JSONEncoder, ensure_ascii=False, separators=(",", ":"))


class Listing:
    """A resource as `reader` lists it by `query`, the query of the list's address: filters, `q`, `ordering`, `fields`, `expand`.

    Refused before anything is read: an unknown resource (Http404), what the reader may not view (PermissionDenied), and
    unknown parameters or values (ValidationError by parameter). `readable` is for people: headings and choices in words, and
    the records that others point to by their names. Links within the rows begin as the address of `origin` does, or with
    the public one.
    """

    def __init__(
        self,
        resource: str,
        reader: Any,
        query: QueryDict,
        *,
        readable: bool = False,
        origin: HttpRequest | None = None,
    ):
        known = resources()
        if resource not in known:
            raise Http404
        self.resource, self.readable = resource, readable
        self.language = translation.get_language()
        self.view = self._view(known[resource], reader, query, origin)
        self.view.check_permissions(self.view.request)
        self._check_parameters()
        self.queryset: QuerySet = self.view.filter_queryset(self.view.get_queryset())
        self.serializer = self.view.get_serializer()
        # How many rows were read, and who wants to hear of it after each chunk.
        self.done = 0
        self.on_chunk: Callable[[int], None] = lambda done: None

    @property
    def title(self) -> str:
        """What is listed, in the plural."""
        return str(self.view.model._meta.verbose_name_plural)

    def _view(self, view_class: Any, reader: Any, query: QueryDict, origin: HttpRequest | None) -> Any:
        query = query.copy()
        if self.readable:
            # Not the way back from a part to its own record.
            reached = view_class.serializer_class.expansions().items()
            query["expand"] = ",".join(
                path for path, model in reached if "." not in path or model is not view_class.model
            )
        view = view_class(basename=self.resource, action_map={"get": "list"}, detail=False)
        view.args, view.kwargs, view.format_kwarg, view.action = (), {}, None, "list"
        view.request = Request(_request(self.resource, query, origin))
        view.request.user = reader
        return view

    def _check_parameters(self) -> None:
        allowed = {*self.view.filterset_class.base_filters, "fields", "expand", "ordering"}
        unknown = sorted(set(self.view.request.query_params) - allowed)
        if unknown:
            raise ValidationError({name: [_("There is no such parameter.")] for name in unknown})

    def columns(self) -> list[Column]:
        found = list(_columns(self.serializer, self if self.readable else None))
        return _told_apart(found) if self.readable else found

    def table(self) -> Iterator[list[Value]]:
        """The rows as the values of `columns()`."""
        columns = self.columns()
        for row in self.rows():
            told = (self._told(row, column) if self.readable else at(row, column.name) for column in columns)
            yield [column.value(given) for column, given in zip(columns, told, strict=True)]

    def _told(self, row: dict[str, Any], column: Column) -> Any:
        """What people read in the cell: what the resource says of it, else what every list does."""
        with translation.override(self.language):
            said = self.view.in_words[column.name](row) if column.name in self.view.in_words else ""
            return said or _cell(row, column, self.language)

    def rows(self) -> Iterator[dict[str, Any]]:
        """The rows as the API tells them, in the language of whoever made the listing."""
        for block in self.lines():
            for line in block.splitlines():
                yield json.loads(line)

    def lines(self) -> Iterator[bytes]:
        """The same as lines of JSON, in blocks of them."""
        return self.counted(lines_of(self.queryset, self.serializer, self.language), lambda block: block.count(b"\n"))

    def counted(self, found: Iterator[Piece], rows_in: Callable[[Piece], int] = lambda _row: 1) -> Iterator[Piece]:
        """The pieces, each counted as it is taken."""
        try:
            for piece in found:
                yield piece
                told = self.done // CHUNK
                self.done += rows_in(piece)
                if self.done // CHUNK > told:
                    self.on_chunk(self.done)
        finally:
            found.close()  # type: ignore[attr-defined]  # a generator, which its annotation does not say

    def is_longer_than(self, number: int) -> bool:
        """Whether there are more rows, counting no further."""
        return self.queryset.order_by().values("pk")[: number + 1].count() > number


def lines_of(queryset: QuerySet, serializer: Any, language: str | None) -> Iterator[bytes]:
    """The seam between reading and writing: every row of the list as a line of JSON, in blocks of lines; written by PostgreSQL
    where it can tell the row, else by the serializer."""
    try:
        yield from reading.streamed(queryset, serializer)
    except sqljson.OnlyInPython:
        yield from _told_by_python(queryset, serializer, language)


def _told_by_python(queryset: QuerySet, serializer: Any, language: str | None) -> Iterator[bytes]:
    records = queryset.iterator(chunk_size=CHUNK)
    try:
        for record in records:
            # Within, because whoever iterates may speak another language between two rows.
            with translation.override(language):
                line = rendered(serializer.to_representation(record))
            yield line + b"\n"
    finally:
        records.close()  # type: ignore[attr-defined]  # a generator, which its annotation does not say


def _request(resource: str, query: QueryDict, origin: HttpRequest | None) -> HttpRequest:
    """The request that lists the resource, as its reader would have made it."""
    request: Any = HttpRequest()
    request.method = "GET"
    request.GET = query
    request.path = request.path_info = reverse(f"api:{resource}-list")
    request.resolver_match = resolve(request.path)
    site = urlsplit(settings.SITE_URL)
    scheme = origin.scheme if origin else site.scheme
    host = {
        "SERVER_NAME": site.hostname or "localhost",
        "SERVER_PORT": str(site.port or (443 if scheme == "https" else 80)),
    }
    request.META = {**(origin.META if origin else host), "QUERY_STRING": query.urlencode()}
    request._get_scheme = lambda: scheme  # Django asks the server here, and there is none
    return request


def said(export: Any, request: HttpRequest) -> list[str]:
    """What an export is narrowed by, as a page says it: `Status: signed`."""
    data = QueryDict(export.query)
    filters = resources()[export.resource].filterset_class(data, request=request)
    sentences = []
    for name, asked in filters.form.fields.items():
        choices = dict(getattr(asked, "choices", ())) if not hasattr(asked, "queryset") else {}
        chosen = data.getlist(name)
        values = [
            str(choices.get(value, value)) for value in (apart(chosen) if isinstance(asked, AnyOfField) else chosen)
        ]
        if values:
            sentences.append(_("%(filter)s: %(values)s") % {"filter": asked.label or name, "values": ", ".join(values)})
    return sentences


# --- columns ---


def _columns(serializer: Any, listing: Listing | None, path: str = "") -> Iterator[Column]:
    for name, found in serializer.fields.items():
        if isinstance(found, Expanded):
            if listing is None:  # people read the names in the column itself
                for key in found.names:
                    yield from _columns(found.serializer_of(key), None, f"{path}{name}.{key}.")
        elif isinstance(found, serializers.Serializer):
            yield from _columns(found, listing, f"{path}{name}.")
        else:
            title = _title(serializer, name, found, listing) if listing else f"{path}{name}"
            labels = found.choices if listing and isinstance(found, serializers.ChoiceField) else {}
            yield Column(f"{path}{name}", title, _kind(found), labels, _kinds(found) if listing else {})


def _told_apart(columns: list[Column]) -> list[Column]:
    """A heading that another column has already is said with that of the column that it belongs to: `Signed on: precision`."""
    titles = {column.name: column.title for column in columns}
    often = Counter(titles.values())
    told = []
    for column in columns:
        owner = titles.get(column.name.rpartition("_")[0]) if often[column.title] > 1 else None
        told.append(replace(column, title=f"{owner} – {column.title}") if owner else column)
    return told


def _kind(found: Any) -> str:
    if isinstance(found, NUMBERS):
        return "number"
    if isinstance(found, serializers.DateTimeField):
        return "moment"
    return "day" if isinstance(found, serializers.DateField) else ""


def _kinds(found: Any) -> Mapping[Any, Any]:
    part = getattr(found, "child", None)
    kind = part.fields.get("kind") if isinstance(part, serializers.Serializer) else None
    return kind.choices if isinstance(kind, serializers.ChoiceField) else {}


def _title(serializer: Any, name: str, found: Any, listing: Listing) -> str:
    headings = listing.view.headings
    if name in headings:
        return _capital(str(headings[name]))
    try:
        column = serializer.Meta.model._meta.get_field(found.source)
    except (AttributeError, FieldDoesNotExist):
        return _capital(str(found.label or name))
    related = column.is_relation and column.auto_created
    return _capital(str(column.related_model._meta.verbose_name_plural if related else column.verbose_name))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


# --- values ---


def at(row: Any, path: str) -> Any:
    for name in path.split("."):
        row = row.get(name) if isinstance(row, dict) else None
    return row


def _cell(row: dict[str, Any], column: Column, language: str | None) -> Any:
    """What a person reads: the name of a choice, of the record that is pointed to, or of each part; yes or no; a date as exactly as
    it is known."""
    given = at(row, column.name)
    if isinstance(given, bool):
        return _("yes") if given else _("no")
    if isinstance(given, str) and column.labels:
        return str(column.labels.get(given, given))
    precision = at(row, f"{column.name}_precision")
    if column.kind == "day" and precision and precision != Precision.DAY:
        return dates.display(date.fromisoformat(given) if given else None, precision)
    owner, _point, name = column.name.rpartition(".")
    pointed = at(row, f"{owner}.expanded.{name}" if owner else f"expanded.{name}")
    if pointed:
        return name_of(pointed, language)
    if isinstance(given, list) and given and all(isinstance(part, dict) for part in given):
        return "; ".join(name_of(part, language, column.kinds) for part in given)
    return ", ".join(map(str, given)) if isinstance(given, list) else given


def name_of(record: dict[str, Any], language: str | None, kinds: Mapping[Any, Any] | None = None) -> str:
    """How a person calls a record that is part of another: by its own name, the names that it points to, its kind, what it says
    of itself, or its number."""
    own = _own_name(record, language or "fr", NAMES)
    if own:
        return own
    pointed = [name_of(inner, language) for inner in (record.get("expanded") or {}).values() if inner]
    if pointed:
        return ", ".join(pointed)
    key = next((str(record[key]) for key in KEYS if record.get(key)), "")
    kind = str((kinds or {}).get(record.get("kind"), ""))
    return key or kind or _own_name(record, language or "fr", TOLD) or str(record.get("id", ""))


def _own_name(record: dict[str, Any], language: str, names: tuple[str, ...]) -> str:
    first, second = ("en", "fr") if language.startswith("en") else ("fr", "en")
    for name in names:
        found = record.get(f"{name}_{first}") or record.get(f"{name}_{second}") or record.get(name)
        if isinstance(found, str):
            return found
    people = (record.get("first_name"), record.get("last_name"))
    return " ".join(part for part in people if isinstance(part, str) and part)

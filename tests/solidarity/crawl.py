"""Walks through everything that answers: addresses that the resolver knows, filled from the database, and links in pages."""

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import islice, product
from urllib.parse import parse_qsl, urljoin, urlsplit

from django.apps import apps
from django.contrib import admin
from django.db import connection, models
from django.db.models import Model
from django.test import Client
from django.urls import NoReverseMatch, Resolver404, get_resolver, resolve, reverse
from pypdf import PdfReader

from core.models import BaseModel
from tests.pages.test_access import patterns
from tests.solidarity.canaries import PROTECTED, TABLES

# Of each kind of address (its route and the names of its parameters) so many links are followed, and of each route.
EACH, OF_A_ROUTE = 1, 2
# What answers without looking anything up, or signs the reader out. The admin's pages are all among the seeds.
LEFT = ("/static/", "/accounts/logout/", "/admin/logout/", "/admin/jsi18n/")
# Tokens against forgery and nonces: long, and new each time; the moment at which a calendar or a PDF was made.
CHANGING = re.compile(
    r"""(?<=csrfmiddlewaretoken" value=")\w{32,}|(?<=nonce=")[^"]+|(?<=X-CSRFToken)\W{1,12}\w{32,}|DTSTAMP:\w+|D:\d{14}""",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Answer:
    """What was answered, without what changes from one request to the next."""

    status: int
    text: str
    links: tuple[str, ...] = ()


class Links(HTMLParser):
    """The addresses that a page leads to, and the parameters that its forms ask for."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.fields: list[str] = []

    def handle_starttag(self, tag: str, attrs) -> None:
        given = dict(attrs)
        self.found += [given[name] for name in ("href", "hx-get", "data-url", "data-ajax--url") if given.get(name)]
        if tag in ("input", "select") and given.get("name"):
            self.fields.append(given["name"])


def said(response) -> str:
    """The headers that tell something, and the content as text, whatever it is packed in."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    kind = response.get("Content-Type", "")
    head = [
        response.get(name, "") for name in ("Location", "Content-Disposition", "ETag", "Link", "HX-Trigger", "Allow")
    ]
    if body.startswith(b"%PDF"):
        pages = PdfReader(io.BytesIO(body))
        text = "\n".join([*(page.extract_text() for page in pages.pages), str(dict(pages.metadata or {}))])
    elif body.startswith(b"PK\x03\x04"):
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            names = [name for name in packed.namelist() if "docProps" not in name and "meta.xml" not in name]
            text = "\n".join(packed.read(name).decode("utf-8", "replace") for name in names)
    else:
        text = body.decode("utf-8", "replace")
    if "calendar" in kind:
        text = text.replace("\r\n ", "")
    cookies = [str(morsel.value) for name, morsel in response.cookies.items() if name not in ("csrftoken", "sessionid")]
    return CHANGING.sub("", "\n".join([kind, *head, *cookies, text]))


def ask(client: Client, address: str, method: str = "get", **given) -> Answer:
    response = getattr(client, method)(address, **given)
    text = said(response)
    if 300 <= response.status_code < 400:
        # What the next page says of it, so that no other page does.
        text += said(client.get("/preferences/"))
    links: tuple[str, ...] = ()
    if "html" in response.get("Content-Type", ""):
        page = Links()
        page.feed(text)
        links = tuple(page.found)
    return Answer(response.status_code, text, links)


# --- addresses of the resolver ---


def parameters(entry) -> list[str]:
    pattern = entry.pattern
    return list(getattr(pattern, "converters", None) or getattr(pattern, "regex", re.compile("")).groupindex)


def _model_of(name: str, entry) -> type[Model] | None:
    """Which records the addresses of this name are about, where it says so: a resource, an admin page, or a page of its app."""
    model = getattr(getattr(entry.callback, "cls", None), "model", None)
    if model is not None:
        return model
    space, _colon, rest = name.partition(":")
    if space == "admin":
        known = {f"{kind._meta.app_label}_{kind._meta.model_name}_": kind for kind in admin.site._registry}
        return next((kind for prefix, kind in known.items() if rest.startswith(prefix)), None)
    kinds = {model._meta.model_name: model for model in apps.get_models() if model not in PROTECTED}
    return next((kinds[word] for word in (rest, *rest.split("-")) if word in kinds), None)


def _values(parameter: str, model: type[Model] | None) -> list:
    """What the database holds under this name: of the model, or of every public record."""
    column = "pk" if parameter == "object_id" else parameter
    names = {known.name for known in model._meta.concrete_fields} | {"pk"} if model is not None else set()
    if model is not None and column in names:
        return [str(value) for value in model._base_manager.order_by("pk").values_list(column, flat=True)[:1]] or [1]
    found: list = []
    for kind in apps.get_models():
        public = issubclass(kind, BaseModel) and kind not in PROTECTED and not kind._meta.proxy
        if public and column in {known.name for known in kind._meta.concrete_fields}:
            found += kind._base_manager.order_by("-pk").values_list(column, flat=True)[:1]
    return [str(value) for value in dict.fromkeys(found) if value not in (None, "")] or [1]


def named() -> Iterator[tuple[str, object]]:
    """Every pattern that has a name, once."""
    seen = set()
    for name, entry in patterns(get_resolver()):
        if entry.name and (name, tuple(parameters(entry))) not in seen:
            seen.add((name, tuple(parameters(entry))))
            yield name, entry


def addresses() -> list[str]:
    """An address or a few for each pattern, filled from what the database holds."""
    found = []
    for name, entry in named():
        asked = parameters(entry)
        model = _model_of(name, entry)
        for values in islice(product(*(_values(parameter, model) for parameter in asked)), 4):
            try:
                found.append(reverse(name, kwargs=dict(zip(asked, values, strict=True))))
            except NoReverseMatch:
                continue
    # A search finds nothing unless it is asked for something: a word of most invented records.
    found += [f"{reverse(name)}?q=exemple" for name in ("search", "api:search-list")]
    return [address for address in dict.fromkeys(found) if not address.startswith(LEFT)]


def probes(*, number: int, text: str) -> Iterator[str]:
    """Each pattern that has a parameter, with the number in its place where that is a key, and with the text elsewhere."""
    for name, entry in named():
        asked = parameters(entry)
        model = _model_of(name, entry)
        for place in asked:
            rest = {other: _values(other, model)[0] for other in asked if other != place}
            try:
                yield reverse(name, kwargs=rest | {place: number if place in ("pk", "object_id") else text})
            except NoReverseMatch:
                continue


# --- the walk ---


def _key(address: str):
    parts = urlsplit(address)
    try:
        route = resolve(parts.path).route
    except Resolver404:
        return None
    return route, tuple(sorted({name for name, _value in parse_qsl(parts.query, keep_blank_values=True)}))


@contextmanager
def touching(tables: Iterable[str]) -> Iterator[list[str]]:
    """Gathers the statements that name one of these tables: an answer that needed none of them tells nothing of their rows."""
    named, found = re.compile("|".join(rf'"{table}"' for table in tables)), []

    def note(execute, sql, params, many, context):
        if named.search(str(sql)):
            found.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield found


@dataclass
class Walk:
    """What a client is answered at the seeds and at the links found there, a few of each kind of address.

    `touched` are the addresses whose answer asked the database for a protected row.
    """

    client: Client
    answers: dict[str, Answer] = field(default_factory=dict)
    visited: Counter = field(default_factory=Counter)
    touched: set[str] = field(default_factory=set)

    def follow(self, seeds: Iterable[str], links: bool = True) -> "Walk":
        waiting, seen = list(seeds), set(self.answers)
        while waiting:
            address = waiting.pop(0)
            if address in seen:
                continue
            seen.add(address)
            with touching(TABLES) as statements:
                self.answers[address] = answer = ask(self.client, address)
            if statements:
                self.touched.add(address)
            for link in answer.links if links else ():
                target = self._target(address, link)
                if target and target not in seen:
                    waiting.append(target)
        return self

    def _target(self, address: str, link: str) -> str | None:
        parts = urlsplit(urljoin(f"http://testserver{address}", link))
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        if parts.netloc != "testserver" or parts.path.startswith((*LEFT, "/admin/")):
            return None
        key = _key(target)
        if key is None or self.visited[key] >= EACH or self.visited[key[0]] >= OF_A_ROUTE:
            return None
        self.visited[key] += 1
        self.visited[key[0]] += 1
        return target

    def fields(self) -> Iterator[tuple[str, set[str]]]:
        """The parameters that the forms and links of a page ask for, with its path: of one page of each route."""
        routes = set()
        for address, answer in self.answers.items():
            key = _key(address)
            if answer.status != 200 or key is None or key[0] in routes or "html" not in answer.text[:40]:
                continue
            routes.add(key[0])
            page = Links()
            page.feed(answer.text)
            links = (name for link in page.found if link.startswith("?") for name, _value in parse_qsl(link[1:]))
            names = {name for name in (*page.fields, *links) if not name.startswith(("csrf", "next"))}
            if names:
                yield urlsplit(address).path, names


def all_models() -> list[type[Model]]:
    return apps.get_models(include_auto_created=True)


def foreign_keys() -> Iterator[models.ForeignKey]:
    for model in apps.get_models():
        for column in model._meta.concrete_fields:
            if isinstance(column, models.ForeignKey):
                yield column

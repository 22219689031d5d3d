"""What another system asks again is answered by one statement, and what it adds again by two, before Django.

The first answer goes the whole way: it finds the view, asks what the client may, checks the parameters, and writes the statement
(`core.api.reading`, `core.api.writing`). All that this follows from is the key under which the statement is kept; the numbers of
a record and of a cursor, and the values of a body, alone are its own each time. The token is read by that same statement: where
anything of it or of its client is not as it was, what was found is thrown away and the request goes the whole way. So does a
body that would be refused.
"""

import re
import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from io import BytesIO
from typing import Any
from urllib.parse import unquote_plus

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import Error, connection
from django.http import HttpRequest
from django.utils.encoding import escape_uri_path, iri_to_uri
from django_prometheus.middleware import Metrics
from django_structlog.middlewares.request import logger
from rest_framework.exceptions import APIException

from core import clock
from core.api.authentication import COLUMNS, Admission, admitted, checksum, token_of
from core.api.cursors import Cursor
from core.api.pagination import Numbered
from core.api.parsers import understood
from core.api.preconditions import etag
from core.api.reading import page_told, rows_told
from core.api.renderers import rendered
from core.api.throttling import limit_of
from core.api.writing import SHORT, Addition, OutcomeUnknown, shape_of
from core.clients import note_use
from core.database import Prepared
from core.throttling import address_of, count, headers, spent
from core.written import Kept

# Requests kept in each process, the oldest asked dropped first.
KEPT = 1000
# What an answer follows from, besides the address and the token.
FOLLOWS_FROM = (
    *("wsgi.url_scheme", "HTTP_HOST", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_PORT"),
    *("SERVER_NAME", "SERVER_PORT", "SCRIPT_NAME", "HTTP_ACCEPT", "HTTP_ACCEPT_LANGUAGE"),
)
# Who sends one of these goes the whole way.
ASKS_MORE = (
    *("HTTP_COOKIE", "HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH", "HTTP_TRANSFER_ENCODING", "HTTP_ORIGIN"),
    "HTTP_X_REQUESTED_WITH",
    "HTTP_CONTENT_ENCODING",
)
# What each answer says anew.
OWN = {"etag", "location", "content-length", "ratelimit", "ratelimit-policy"}
# Where a request holds how it was answered, and what was counted of it before it went the whole way.
FIRST, QUOTAS = "parvis.first", "parvis.quotas"
# The fault that such a request ends with, told as any other.
FAULT = "parvis.fault"
LAST = re.compile(r"(?<=/)([0-9]{1,18})/$")
Place = Numbered | Cursor | None
Environ = dict[str, Any]
Said = dict[str, str]


@dataclass(frozen=True)
class Asked:
    """A request by what it is kept by, with the checksum of its token, the number under which it is logged, and the number of its
    record and its cursor, or its body, once that was read, with its length in bytes."""

    key: Hashable
    token: str
    request_id: str
    number: int | None = None
    cursor: str | None = None
    given: dict[str, Any] | None = None
    size: int = 0


@dataclass(frozen=True)
class First:
    """What the first answer followed from: whom the token admitted, the statement, where in the list one reads (nowhere, for a
    record alone), and the name of the view."""

    admission: Admission
    statement: str
    place: Place
    view: str


@dataclass(frozen=True)
class FirstAdded:
    """What the first record that was added followed from: whom the token admitted, how one more is added, and the name of the
    view."""

    admission: Admission
    addition: Addition
    view: str


class Meter:
    """Counts an answer as django-prometheus does, whose counters are found once."""

    def __init__(self, view: str, scheme: str, method: str, status: str) -> None:
        known = Metrics.get_instance()
        self.counters = (
            known.requests_total,
            known.responses_total,
            known.requests_by_method.labels(method),
            known.requests_by_transport.labels(scheme),
            known.requests_by_view_transport_method.labels(view, scheme, method),
            known.responses_by_status.labels(status),
            known.responses_by_status_view_method.labels(status, view, method),
            known.responses_by_charset.labels("utf-8"),
        )
        self.seconds = known.requests_latency_before, known.requests_latency_by_view_method.labels(view, method)
        self.asked, self.answered = known.requests_body_bytes, known.responses_body_bytes

    def count(self, seconds: float, asked: int, answered: int) -> None:
        for counter in self.counters:
            counter.inc()
        for latency in self.seconds:
            latency.observe(seconds)
        self.asked.observe(asked)
        self.answered.observe(answered)


@dataclass(frozen=True)
class Answered(ABC):
    """How a request was answered first, with the headers of that answer and the statement that reads the token too."""

    admission: Admission
    whole: Prepared
    headers: Said
    meter: Meter

    status = "200 OK"

    @abstractmethod
    def answer(self, asked: Asked, path: str) -> tuple[Said, bytes] | None:
        """What it says of itself, and its body; nothing where the request has to go the whole way."""

    def found(self, values: list[Any]) -> tuple[Any, ...] | None:
        """What the statement finds besides the token; nothing where that does not admit to the same any more."""
        row = self.whole.row(values)
        admission = Admission(*row[:COLUMNS]) if row else None
        if row is None or admission is None or admission.access is None:
            return None
        if not admission.is_good or not admission.is_as(self.admission):
            return None
        note_use(admission.access, admission.last_used)
        return row[COLUMNS:]


@dataclass(frozen=True)
class Read(Answered):
    """The records of a list, or one alone."""

    place: Place

    def answer(self, asked: Asked, path: str) -> tuple[Said, bytes] | None:
        place = self.place
        if isinstance(place, Cursor):
            place = place.at(asked.cursor or "")
        told = self.found([asked.token, *(place.given if place else [asked.number])])
        if told is None:
            return None
        return ({}, rendered(place.told(page_told(told)))) if place else _alone(told)


@dataclass(frozen=True)
class Added(Answered):
    """One more record; `location` leads to it, but for its number. Only outside a transaction, where what adds it is one."""

    addition: Addition
    location: str

    status = "201 Created"

    def answer(self, asked: Asked, path: str) -> tuple[Said, bytes] | None:
        given = asked.given or {}
        numbers = self.addition.numbers(given)
        if numbers is None or connection.in_atomic_block or connection.queries_logged:
            return None
        row = self.found([asked.token, *numbers])
        if row is None or not all(row[1:]):
            return None
        url = "" if path.startswith(settings.SECRET_PATHS) else path
        history = {"user": None, "url": url, "request_id": asked.request_id, "client": self.addition.caller.name}
        told = self.addition.add(row[0], given, history)
        if told is None:
            return None
        said, body = _alone(told)
        return said | {"Location": f"{self.location}{row[0]}/"}, body


def _alone(told: tuple[Any, ...]) -> tuple[Said, bytes]:
    (record,) = rows_told([told])
    return {"ETag": etag(record)}, rendered(record.told)


class Again:
    """The application, of which what is asked again asks no more than the database."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self.application = application
        self.kept: Kept[Answered] = Kept(KEPT)
        # Where something was added before: only there a body is read before it is known who sends it.
        self.added: Kept[bool] = Kept(KEPT)

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        asked = asked_of(environ)
        if asked is None:
            return self.application(environ, start_response)
        if answer := self.answer(environ, asked):
            status, said, body = answer
            start_response(status, list(said.items()))
            return [body]

        def start(status: str, said: list[tuple[str, str]], *error: Any) -> Any:
            self.keep(environ, asked, status, said)
            return start_response(status, said, *error)

        return self.application(environ, start)

    def keep(self, environ: Environ, asked: Asked, status: str, said: list[tuple[str, str]]) -> None:
        """The answer that came the whole way, if its statement may be asked again."""
        first: First | FirstAdded | None = environ.get(FIRST)
        headers = dict(said)
        if first is None or "set-cookie" in {name.lower() for name in headers}:
            return
        kept = {name: value for name, value in headers.items() if name.lower() not in OWN}
        scheme = "https" if environ["wsgi.url_scheme"] == "https" else "http"
        code, method = status.partition(" ")[0], environ["REQUEST_METHOD"]
        meter = Meter(first.view, scheme, method, code)
        if isinstance(first, First):
            if code != "200" or not _is_of(asked, first.place):
                return
            whole = Prepared(f"SELECT admitted.*, told.* FROM ({admitted()}) AS admitted, ({first.statement}) AS told")
            self.kept.put(asked.key, Read(first.admission, whole, kept, meter, first.place))
        elif code == "201":
            more = first.addition
            whole = Prepared(f"SELECT admitted.*, more.* FROM ({admitted()}) AS admitted, ({more.question}) AS more")
            location = LAST.sub("", headers["Location"])
            self.added.put(asked.key, True)
            self.kept.put((asked.key, more.shape), Added(first.admission, whole, kept, meter, more, location))

    def answer(self, environ: Environ, asked: Asked) -> tuple[str, Said, bytes] | None:
        """Its status, its headers and its body; nothing where the request has to go the whole way."""
        if self.added.get(asked.key):
            asked = _with_body(environ, asked)
        known = self.kept.get(asked.key)
        if known is None:
            return None
        begun = time.perf_counter()
        quotas = count([limit_of(known.admission)])
        environ[QUOTAS] = quotas
        if spent(quotas):
            return None
        try:
            answer = known.answer(asked, _path(environ))
        # A page beyond the end, a body that is refused, a database that went away: said by whoever is asked first.
        except (APIException, ValidationError, ObjectDoesNotExist, Error):
            return None
        except OutcomeUnknown as fault:
            environ[FAULT] = fault
            return None
        if answer is None:
            return None
        said, body = answer
        whole = known.headers | headers(quotas) | said | {"Content-Length": str(len(body))}
        known.meter.count(time.perf_counter() - begun, asked.size, len(body))
        _log(environ, known.status, asked)
        return known.status, whole, body


def _is_of(asked: Asked, place: Place) -> bool:
    """Whether the answer is of what was asked: a page by cursor, another page, or a record alone."""
    return isinstance(place, Cursor) == (asked.cursor is not None) and (place is None) == (asked.number is not None)


def _path(environ: Environ) -> str:
    return f"{environ.get('SCRIPT_NAME', '')}{environ['PATH_INFO']}"


def _log(environ: Environ, status: str, asked: Asked) -> None:
    """The line that `core.middleware.LogMiddleware` writes of every other answer."""
    query = environ.get("QUERY_STRING", "")
    request = f"{environ['REQUEST_METHOD']} {escape_uri_path(_path(environ))}{query and '?'}{iri_to_uri(query)}"
    address = _address_of(environ.get("REMOTE_ADDR", ""), environ.get("HTTP_X_FORWARDED_FOR", ""))
    code = int(status[:3])
    logger.info("request_finished", code=code, request=request, request_id=asked.request_id, ip=address, user_id=None)


@lru_cache(KEPT)
def _address_of(remote: str, forwarded: str) -> str:
    request = HttpRequest()
    request.META |= {"REMOTE_ADDR": remote, "HTTP_X_FORWARDED_FOR": forwarded}
    return address_of(request)


def asked_of(environ: Environ) -> Asked | None:
    """Nothing for a request that is never answered so."""
    secret, method = token_of(environ), environ["REQUEST_METHOD"]
    if secret is None or method not in ("GET", "POST") or not environ["PATH_INFO"].startswith("/api/"):
        return None
    if any(environ.get(name) for name in ASKS_MORE) or "HTTP_IDEMPOTENCY_KEY" in environ:
        return None
    of = _reading(environ) if method == "GET" else _adding(environ)
    if of is None:
        return None
    what, own = of
    token = checksum(secret)
    follows = tuple(environ.get(name) for name in FOLLOWS_FROM)
    key = method, what, token, clock.today(), clock.past_day(), follows
    return Asked(key, token, str(uuid.uuid4()), **own)


Of = tuple[Hashable, dict[str, Any]]


def _reading(environ: Environ) -> Of | None:
    """The address without the number of its record and its cursor, and these."""
    path, query, number, cursor = environ["PATH_INFO"], environ.get("QUERY_STRING", ""), None, None
    if environ.get("CONTENT_LENGTH", "") not in ("", "0"):
        return None
    if found := LAST.search(path):
        path, number = path[: found.start()], int(found[1])
    if "cursor=" in query:
        others = [part for part in query.split("&") if not part.startswith("cursor=")]
        cursors = [part for part in query.split("&") if part.startswith("cursor=")]
        if len(cursors) != 1:
            return None
        cursor, query = unquote_plus(cursors[0].removeprefix("cursor=")), "&".join(others)
    return (path, number is None, query, cursor is None), {"number": number, "cursor": cursor}


def _adding(environ: Environ) -> Of | None:
    """The address."""
    length = environ.get("CONTENT_LENGTH", "")
    if environ.get("QUERY_STRING") or environ.get("CONTENT_TYPE") != "application/json" or not length.isdecimal():
        return None
    return (environ["PATH_INFO"], {"size": int(length)}) if 0 < int(length) <= SHORT else None


def _with_body(environ: Environ, asked: Asked) -> Asked:
    """With its body, by the shape of which it is kept; the body can be read once more."""
    body = environ["wsgi.input"].read(asked.size)
    environ["wsgi.input"] = BytesIO(body)
    try:
        given = understood(body.decode())
    except (ValueError, RecursionError, APIException):
        return asked
    return replace(asked, key=(asked.key, shape_of(given)), given=given) if isinstance(given, dict) else asked

"""What another system asks again is answered by one statement, before Django.

The first answer goes the whole way: it finds the view, asks what the client may, checks the parameters, and writes the statement
(`core.api.reading`). All that this follows from is the key under which the statement is kept; the numbers of a record and of a
cursor alone are its own each time. The token is read by that same statement: where anything of it or of its client is not as it
was, what was found is thrown away and the request goes the whole way.
"""

import re
import time
import uuid
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_plus

from django.db import Error
from django.http import HttpRequest
from django.utils.encoding import escape_uri_path, iri_to_uri
from django_prometheus.middleware import Metrics
from django_structlog.middlewares.request import logger
from rest_framework.exceptions import APIException

from core import clock
from core.api.authentication import COLUMNS, Admission, admitted, checksum, token_of
from core.api.cursors import Cursor
from core.api.pagination import Numbered
from core.api.preconditions import etag
from core.api.reading import page_told, rows_told
from core.api.renderers import rendered
from core.api.throttling import limit_of
from core.clients import note_use
from core.database import Prepared
from core.throttling import Quota, address_of, count, headers, spent
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
)
# What each answer says anew.
OWN = {"etag", "content-length", "ratelimit", "ratelimit-policy"}
# Where a request holds how it was answered, and what was counted of it before it went the whole way.
FIRST, QUOTAS = "parvis.first", "parvis.quotas"
ALONE = re.compile(r"/([0-9]{1,18})/$")
Place = Numbered | Cursor | None
Environ = dict[str, Any]
Said = dict[str, str]


@dataclass(frozen=True)
class Asked:
    """A request by what it is kept by, with the checksum of its token, the number of its record and its cursor."""

    key: Hashable
    token: str
    number: int | None
    cursor: str | None


@dataclass(frozen=True)
class First:
    """What the first answer followed from: whom the token admitted, the statement, where in the list one reads (nowhere, for a
    record alone), and the name of the view."""

    admission: Admission
    statement: str
    place: Place
    view: str


class Meter:
    """Counts an answer as django-prometheus does, whose counters are found once."""

    def __init__(self, view: str, scheme: str) -> None:
        known, get = Metrics.get_instance(), "GET"
        self.counters = (
            known.requests_total,
            known.responses_total,
            known.requests_by_method.labels(get),
            known.requests_by_transport.labels(scheme),
            known.requests_by_view_transport_method.labels(view, scheme, get),
            known.responses_by_status.labels("200"),
            known.responses_by_status_view_method.labels("200", view, get),
            known.responses_by_charset.labels("utf-8"),
        )
        self.seconds = known.requests_latency_before, known.requests_latency_by_view_method.labels(view, get)
        self.asked, self.answered = known.requests_body_bytes, known.responses_body_bytes

    def count(self, seconds: float, size: int) -> None:
        for counter in self.counters:
            counter.inc()
        for latency in self.seconds:
            latency.observe(seconds)
        self.asked.observe(0)
        self.answered.observe(size)


@dataclass(frozen=True)
class Answered:
    """How a request was answered first, with the headers of that answer and the statement that reads the token too."""

    first: First
    whole: Prepared
    headers: Said
    meter: Meter


class Again:
    """The application, of which what is asked again asks no more than the database."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self.application = application
        self.kept: Kept[Answered] = Kept(KEPT)

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        asked = asked_of(environ)
        if asked is None:
            return self.application(environ, start_response)
        if answer := self.answer(environ, asked):
            said, body = answer
            start_response("200 OK", list(said.items()))
            return [body]

        def start(status: str, said: list[tuple[str, str]], *error: Any) -> Any:
            self.keep(environ, asked, status, said)
            return start_response(status, said, *error)

        return self.application(environ, start)

    def keep(self, environ: Environ, asked: Asked, status: str, said: list[tuple[str, str]]) -> None:
        """The answer that came the whole way, if its statement may be asked again."""
        first: First | None = environ.get(FIRST)
        names = {name.lower() for name, _value in said}
        if first is None or not status.startswith("200 ") or "set-cookie" in names:
            return
        if isinstance(first.place, Cursor) != (asked.cursor is not None) or (first.place is None) != (
            asked.number is not None
        ):
            return
        whole = Prepared(f"SELECT admitted.*, told.* FROM ({admitted()}) AS admitted, ({first.statement}) AS told")
        kept = {name: value for name, value in said if name.lower() not in OWN}
        meter = Meter(first.view, "https" if environ["wsgi.url_scheme"] == "https" else "http")
        self.kept.put(asked.key, Answered(first, whole, kept, meter))

    def answer(self, environ: Environ, asked: Asked) -> tuple[Said, bytes] | None:
        """Its headers and its body; nothing where the request has to go the whole way."""
        known = self.kept.get(asked.key)
        if known is None:
            return None
        begun = time.perf_counter()
        quotas = count([limit_of(known.first.admission)])
        environ[QUOTAS] = quotas
        if spent(quotas):
            return None
        try:
            answer = _answer(known, asked, quotas)
        except (
            APIException,
            Error,
        ):  # a page beyond the end, a database that went away: said by whoever is asked first
            return None
        if answer is None:
            return None
        known.meter.count(time.perf_counter() - begun, len(answer[1]))
        _log(environ)
        return answer


def _answer(known: Answered, asked: Asked, quotas: Sequence[Quota]) -> tuple[Said, bytes] | None:
    place = known.first.place
    if isinstance(place, Cursor):
        place = place.at(asked.cursor or "")
    numbers = place.numbers if place else [asked.number]
    row = known.whole.row([asked.token, *numbers])
    if row is None:
        return None
    admission = Admission(*row[:COLUMNS])
    if admission.access is None or not admission.is_good or not admission.is_as(known.first.admission):
        return None
    note_use(admission.access, admission.last_used)
    told = row[COLUMNS:]
    said = known.headers | headers(quotas)
    if place is None:
        (record,) = rows_told([told])
        body = rendered(record.told)
        said["ETag"] = etag(record)
    else:
        body = rendered(place.told(page_told(told)))
    return said | {"Content-Length": str(len(body))}, body


def _log(environ: Environ) -> None:
    """The line that `core.middleware.LogMiddleware` writes of every other answer."""
    path, query = f"{environ.get('SCRIPT_NAME', '')}{environ['PATH_INFO']}", environ.get("QUERY_STRING", "")
    asked = f"GET {escape_uri_path(path)}{query and '?'}{iri_to_uri(query)}"
    address = _address_of(environ.get("REMOTE_ADDR", ""), environ.get("HTTP_X_FORWARDED_FOR", ""))
    logger.info("request_finished", code=200, request=asked, request_id=str(uuid.uuid4()), ip=address, user_id=None)


@lru_cache(KEPT)
def _address_of(remote: str, forwarded: str) -> str:
    request = HttpRequest()
    request.META |= {"REMOTE_ADDR": remote, "HTTP_X_FORWARDED_FOR": forwarded}
    return address_of(request)


def asked_of(environ: Environ) -> Asked | None:
    """Nothing for a request that is never answered so."""
    path, query, number, cursor = environ["PATH_INFO"], environ.get("QUERY_STRING", ""), None, None
    secret = token_of(environ)
    if secret is None or environ["REQUEST_METHOD"] != "GET" or not path.startswith("/api/"):
        return None
    if any(environ.get(name) for name in ASKS_MORE) or environ.get("CONTENT_LENGTH", "") not in ("", "0"):
        return None
    if found := ALONE.search(path):
        path, number = path[: found.start()], int(found[1])
    if "cursor=" in query:
        others = [part for part in query.split("&") if not part.startswith("cursor=")]
        cursors = [part for part in query.split("&") if part.startswith("cursor=")]
        if len(cursors) != 1:
            return None
        cursor, query = unquote_plus(cursors[0].removeprefix("cursor=")), "&".join(others)
    follows = tuple(environ.get(name) for name in FOLLOWS_FROM)
    token = checksum(secret)
    key = path, number is None, query, cursor is None, token, clock.today(), clock.past_day(), follows
    return Asked(key, token, number, cursor)

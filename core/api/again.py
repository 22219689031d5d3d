"""What another system asks again is answered by one statement, past the addresses and the views.

The first answer goes the whole way: it finds the view, asks what the client may, checks the parameters, and writes the statement
(`core.api.reading`). All that this follows from is the key under which the statement is kept; the numbers of a record and of a
cursor alone are its own each time. The token is read by that same statement: where anything of it or of its client is not as it
was, what was found is thrown away and the request goes the whole way.
"""

import re
from collections.abc import Hashable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from django.http import HttpResponse
from django.urls import ResolverMatch
from django_prometheus.middleware import PrometheusAfterMiddleware
from django_prometheus.utils import Time
from rest_framework.exceptions import APIException

from core import clock
from core.access import ApiClient
from core.api.authentication import COLUMNS, Admission, admitted, checksum, token_of
from core.api.cursors import Cursor
from core.api.pagination import Numbered
from core.api.preconditions import etag
from core.api.reading import page_told, rows_told
from core.api.renderers import rendered
from core.api.throttling import limit_of
from core.clients import note_use
from core.database import prepared
from core.throttling import count, headers, spent
from core.written import Kept

# Requests kept in each process, the oldest asked dropped first.
KEPT = 1000
# What an answer follows from, besides the address and the token.
FOLLOWS_FROM = (
    *("wsgi.url_scheme", "HTTP_HOST", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_PORT"),
    *("SERVER_NAME", "SERVER_PORT", "SCRIPT_NAME", "HTTP_ACCEPT", "HTTP_ACCEPT_LANGUAGE"),
)
# Who sends one of these goes the whole way.
ASKS_MORE = ("HTTP_COOKIE", "HTTP_IF_NONE_MATCH", "HTTP_IF_MATCH", "HTTP_TRANSFER_ENCODING")
# What each answer says anew.
OWN = {"etag", "content-length", "ratelimit", "ratelimit-policy"}
ALONE = re.compile(r"/([0-9]{1,18})/$")
Place = Numbered | Cursor | None


@dataclass(frozen=True)
class Asked:
    """A request by what it is kept by, with the checksum of its token, the number of its record and its cursor."""

    key: Hashable
    token: str
    number: int | None
    cursor: str | None


@dataclass(frozen=True)
class Answered:
    """What the first answer followed from: whom the token admitted, the statement, where in the list one reads (nowhere, for a
    record alone), the view and the headers."""

    admission: Admission
    client: ApiClient
    statement: str
    place: Place
    match: ResolverMatch
    headers: dict[str, str]


class Again:
    """What is kept of the requests of systems that were answered."""

    def __init__(self) -> None:
        self.kept: Kept[Answered] = Kept(KEPT)
        self.metrics = PrometheusAfterMiddleware(lambda _request: HttpResponse())

    def keep(self, request, response) -> None:
        """The answer that came the whole way, if its statement may be asked again."""
        statement, place = getattr(request, "asked_again", (None, None))
        asked = _asked(request)
        if statement is None or asked is None or response.status_code != 200 or response.cookies:
            return
        if isinstance(place, Cursor) != (asked.cursor is not None) or (place is None) != (asked.number is not None):
            return
        whole = f"SELECT admitted.*, told.* FROM ({admitted()}) AS admitted, ({statement}) AS told"
        said = {name: value for name, value in response.headers.items() if name.lower() not in OWN}
        answered = Answered(request.auth, request.user, whole, place, request.resolver_match, said)
        self.kept.put(asked.key, answered)

    def answer(self, request) -> HttpResponse | None:
        """The answer, or nothing where the request has to go the whole way."""
        asked = _asked(request)
        known = self.kept.get(asked.key) if asked else None
        if asked is None or known is None:
            return None
        begun = Time()
        request.quotas = count([limit_of(known.admission)])
        if spent(request.quotas):
            return None
        try:
            response = _answer(known, asked, request)
        except APIException:  # a page beyond the end, a cursor of another list: said by whoever is asked first
            return None
        if response is None:
            return None
        request.user, request.auth, request.resolver_match = known.client, known.admission, known.match
        self.metrics.process_request(request)
        self.metrics.process_view(request, known.match.func)
        request.prometheus_after_middleware_event = begun
        return self.metrics.process_response(request, response)


def _answer(known: Answered, asked: Asked, request) -> HttpResponse | None:
    place = known.place.at(asked.cursor or "") if isinstance(known.place, Cursor) else known.place
    numbers = place.numbers if place else [asked.number]
    with prepared() as cursor:
        cursor.execute(known.statement, [asked.token, *numbers])
        row = cursor.fetchone()
    if row is None:
        return None
    admission = Admission(*row[:COLUMNS])
    if admission.access is None or not admission.is_good or not admission.is_as(known.admission):
        return None
    note_use(admission.access, admission.last_used)
    told = row[COLUMNS:]
    said = known.headers | headers(request.quotas)
    if place is None:
        (record,) = rows_told([told])
        body = rendered(record.told)
        said["ETag"] = etag(record)
    else:
        body = rendered(place.told(page_told(told)))
    return HttpResponse(body, headers=said | {"Content-Length": str(len(body))})


def _asked(request) -> Asked | None:
    """Nothing for a request that is never answered so."""
    meta = request.META
    if (
        request.method != "GET"
        or any(meta.get(name) for name in ASKS_MORE)
        or meta.get("CONTENT_LENGTH", "") not in ("", "0")
    ):
        return None
    path, query, number, cursor = request.path_info, meta.get("QUERY_STRING", ""), None, None
    if found := ALONE.search(path):
        path, number = path[: found.start()], int(found[1])
    if "cursor=" in query:
        given = parse_qsl(query, keep_blank_values=True)
        cursors = [value for name, value in given if name == "cursor"]
        if len(cursors) != 1:
            return None
        cursor, query = cursors[0], urlencode([(name, value) for name, value in given if name != "cursor"])
    follows = tuple(meta.get(name) for name in FOLLOWS_FROM)
    token = checksum(token_of(request) or "")
    key = path, number is None, query, cursor is None, token, clock.today(), clock.past_day(), follows
    return Asked(key, token, number, cursor)

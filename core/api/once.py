"""What comes twice is done once: the `Idempotency-Key` header, on every POST and PATCH of the API.

After the IETF draft “The Idempotency-Key HTTP Header Field” (draft-ietf-httpapi-idempotency-key-header). A system that
got no answer sends the same request with the same key again: it gets the answer that was lost, and nothing is written a
second time. The key belongs to its caller, and is kept for at least 24 hours.
"""

import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import OperationalError, connection, transaction
from django.http import Http404, HttpResponse
from django.utils import translation
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.response import Response

from core import clock
from core.access import ApiClient
from core.api.parsers import TOO_DEEP
from core.models import IdempotencyKey
from core.models.attached import no_file_without_document
from core.models.once import KEY
from core.sealing import LostKey, seal, unseal

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
# The methods that do something again when they come again (RFC 9110, 9.2.2; RFC 5789, 2).
METHODS = ("POST", "PATCH")
KEPT_FOR = timedelta(hours=24)
# How long a request waits for another one with the same key that is being carried out, in seconds.
PATIENCE = 5
FORM = re.compile(f'"({KEY})"|({KEY})')
LOCK_NOT_AVAILABLE = "55P03"


class KeyReused(exceptions.APIException):
    status_code = 422
    default_detail = gettext_lazy(
        "This key was sent before with another request, or with other rights: a new request needs a new key."
    )


class InProgress(exceptions.APIException):
    status_code = 409
    kind = ("in-progress", gettext_lazy("The same request is still being carried out."))
    headers = {"Retry-After": str(PATIENCE)}
    default_detail = gettext_lazy("The first request with this key is still being carried out: send it again later.")


class AnswerLost(exceptions.APIException):
    status_code = 409
    default_detail = gettext_lazy(
        "The request was carried out, but its answer cannot be opened any more: read the records instead."
    )


def once(view, handler: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The handler of a request that may come twice.

    With a key that is new to its caller, the request is carried out and its answer kept, in one transaction; one that is
    refused (4xx) leaves nothing behind, so that it can be mended and sent with the same key. Where another request holds
    the key, this one waits for it, at most PATIENCE seconds (409, Retry-After). Whoever asks again, with the rights that
    she had, gets the answer that was kept: status, ETag, Location and body. Refuses (422) a key that came with another
    method, address, query or body, or with other rights.
    """

    def perform(request, *args, **kwargs) -> HttpResponse:
        key = asked_key(request)
        if key is None:
            return handler(request, *args, **kwargs)
        caller, digest = caller_of(request.user), digest_of(request)
        with no_file_without_document(), transaction.atomic():
            kept = _claim(caller, key, digest)
            if kept is not None:
                return _again(view, kept, digest)
            response = handler(request, *args, **kwargs)
            if response.status_code >= 400:
                transaction.set_rollback(True)
                return response
            return _keep(view, caller, key, response)

    return perform


def asked_key(request) -> str | None:
    """The key, with or without the quotation marks of a structured field (RFC 9651); 400 for what is none."""
    given = request.headers.get(HEADER)
    if given is None:
        return None
    found = FORM.fullmatch(given.strip())
    if found is None:
        sentence = _("A key is 1 to 255 visible ASCII characters, neither a quotation mark nor a backslash among them.")
        raise exceptions.ValidationError({HEADER: [sentence]})
    return found[1] or found[2]


def caller_of(user) -> str:
    return f"client:{user.client_id}" if isinstance(user, ApiClient) else f"user:{user.pk}"


def digest_of(request) -> str:
    """SHA-256 of what makes two requests the same: method, path, query, body, and what the caller may do.

    The body is taken as it is understood: the order of fields and the boundaries of a form do not count. Of a file it is
    the name and the content. Rights count because an answer shows what they let see.
    """
    user = request.user
    rights = sorted(user.scopes) if isinstance(user, ApiClient) else [user.is_superuser, *sorted(user.role_names)]
    query = sorted(request.query_params.lists())
    parts = [request.method, request.path, query, rights, _plain(request.data)]
    try:
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    except RecursionError as error:
        raise exceptions.ParseError(TOO_DEEP) from error


def _plain(data):
    if not isinstance(data, MultiValueDict):
        return data
    return [[name, [_part(value) for value in values]] for name, values in sorted(data.lists())]


def _part(value):
    if not isinstance(value, UploadedFile):
        return value
    value.seek(0)
    content: Any = value  # it has every method of a file
    found = [value.name, hashlib.file_digest(content, "sha256").hexdigest()]
    value.seek(0)
    return found


def _claim(caller: str, key: str, digest: str) -> IdempotencyKey | None:
    """None where the key is this request's own from now on; else what is kept of the request that had it before.

    The unique constraint makes the second wait until the first has ended, and take its place where it failed.
    """
    table = connection.ops.quote_name(IdempotencyKey._meta.db_table)
    written = f"INSERT INTO {table} (caller, key, digest, answer) VALUES (%s, %s, %s, '') ON CONFLICT (caller, key) DO NOTHING"
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{PATIENCE * 1000:.0f}"])
            cursor.execute(written, [caller, key, digest])
            is_new = cursor.rowcount == 1
            cursor.execute("SET LOCAL lock_timeout TO DEFAULT")
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) == LOCK_NOT_AVAILABLE:
            raise InProgress from error
        raise
    if is_new:
        return None
    kept = IdempotencyKey.objects.filter(caller=caller, key=key).first()
    if kept is None:  # forgotten between the two statements
        raise InProgress
    return kept


def _keep(view, caller: str, key: str, response) -> HttpResponse:
    """Seals the answer beside the key. Answers are JSON: what is a file is read with GET."""
    if not isinstance(response, Response):
        raise TypeError(
            f"{type(view).__name__}.{view.action} answers a {view.request.method} with something else than JSON"
        )
    renderer = view.request.accepted_renderer
    headers = {name: value for name, value in response.items() if name != "Content-Type"}
    headers["Content-Language"] = translation.get_language()
    if response.data is not None:
        headers["Content-Type"] = renderer.media_type
    body = renderer.render(response.data, view.request.accepted_media_type, view.get_renderer_context()).decode()
    answer = {"status": response.status_code, "headers": headers, "body": body}
    IdempotencyKey.objects.filter(caller=caller, key=key).update(answer=seal(json.dumps(answer)))
    return _answer(**answer)


def _again(view, kept: IdempotencyKey, digest: str) -> HttpResponse:
    if kept.digest != digest:
        raise KeyReused
    try:
        answer = json.loads(unseal(kept.answer))
    except LostKey as error:
        raise AnswerLost from error
    _refuse_hidden(view, answer["body"])
    response = _answer(**answer)
    response[REPLAYED] = "true"
    return response


def _answer(status: int, headers: dict[str, str], body: str) -> HttpResponse:
    return HttpResponse(body.encode(), status=status, headers=headers)


def _refuse_hidden(view, body: str) -> None:
    """404 where a record of the answer is hidden from the caller by now; what was deleted since hides nothing."""
    if view.model is None or not body:
        return
    answer = json.loads(body)
    rows = answer if isinstance(answer, list) else [answer]
    keys = {row["id"] for row in rows if isinstance(row, dict) and isinstance(row.get("id"), int)}
    seen = view.model._default_manager.visible_to(view.request.user)
    if view.model._base_manager.filter(pk__in=keys).exclude(pk__in=seen.values("pk")).exists():
        raise Http404


def forget() -> int:
    """Deletes the keys of more than 24 hours ago; returns how many."""
    deleted, _each = IdempotencyKey.objects.filter(written_at__lt=clock.real() - KEPT_FOR).delete()
    return deleted

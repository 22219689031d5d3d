import base64
import re
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import structlog
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.core.exceptions import BadRequest
from django.core.handlers.base import BaseHandler
from django.core.handlers.exception import convert_exception_to_response
from django.http import JsonResponse
from django.utils import translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _
from django.views.defaults import bad_request
from django_structlog.middlewares import RequestMiddleware
from pghistory.middleware import HistoryMiddleware

from core.api.again import FAULT, QUOTAS
from core.api.problems import MEDIA_TYPE, problem
from core.throttling import address_of
from core.throttling import headers as quota_headers

# The character NUL, and halves of characters: no text that PostgreSQL keeps can hold them.
UNKEEPABLE = re.compile("[\0\ud800-\udfff]")

# What another system passes instead of all that follows SystemsMiddleware in MIDDLEWARE.
OF_SYSTEMS = [
    "django.middleware.locale.LocaleMiddleware",
    "core.middleware.ReadableTextMiddleware",
    "django.middleware.common.CommonMiddleware",
    "core.middleware.PrivatePagesMiddleware",
    "core.middleware.QuotaMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "core.middleware.HistoryContextMiddleware",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]


class SystemsMiddleware:
    """Another system, which shows a token to the API, goes a shorter way, `OF_SYSTEMS`: it has no session, no form, no messages,
    and reads no page. What it asks again does not come here (`core.api.again`)."""

    def __init__(self, get_response):
        self.get_response = get_response
        self.short_way = _way(OF_SYSTEMS)

    def __call__(self, request):
        shown = request.META.get("HTTP_AUTHORIZATION", "")
        is_system = request.path_info.startswith("/api/") and shown[:7].lower() == "bearer "
        if not is_system:
            return self.get_response(request)
        if QUOTAS in request.META:
            request.quotas = request.META[QUOTAS]
        if FAULT in request.META:
            raise request.META[FAULT]
        return self.short_way(request)


def _way(names: list[str]):
    """The views behind these middlewares, as Django's handler puts together those of `settings.MIDDLEWARE`."""
    handler: Any = BaseHandler()
    handler._view_middleware, handler._template_response_middleware, handler._exception_middleware = [], [], []
    way = convert_exception_to_response(handler._get_response)
    for name in reversed(names):
        step = import_string(name)(way)
        if hasattr(step, "process_view"):
            handler._view_middleware.insert(0, step.process_view)
        if hasattr(step, "process_exception"):
            handler._exception_middleware.append(step.process_exception)
        way = convert_exception_to_response(step)
    return way


class LogMiddleware(RequestMiddleware):
    """Logs each request once it is answered, under a number that every line of it bears; its address is the one that sign-in
    counts, by the proxies that are trusted and no others."""

    def prepare(self, request):
        structlog.contextvars.bind_contextvars(request_id=str(uuid.uuid4()), ip=address_of(request))


class PermissionsPolicyMiddleware:
    """No page needs the camera, the microphone or the reader's place."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        return response


class ContentPolicyMiddleware(CSPMiddleware):
    """Gives `/admin/`, and nothing else, the wider content policy that Unfold's scripts need."""

    def get_policy_parts(self, request, response, report_only=False):
        parts = super().get_policy_parts(request, response, report_only)
        if request.path.startswith("/admin/") and not report_only:
            parts.update = settings.ADMIN_CSP
        return parts


class ReadableTextMiddleware:
    """Refuses a request with characters that no record can hold: in its address, form, cookies or credentials.

    Parameters and bodies of the API are read by its filters and serializers, which name the field.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not any(UNKEEPABLE.search(text) for text in self._texts(request)):
            return self.get_response(request)
        sentence = _("The request holds a character that cannot be kept, such as NUL.")
        if request.path.startswith("/api/"):
            return JsonResponse(problem(400, sentence, [], request.path), status=400, content_type=MEDIA_TYPE)
        if request.path.startswith("/o/"):
            # What RFC 6749 (5.2) asks of the token endpoint.
            return JsonResponse({"error": "invalid_request", "error_description": sentence}, status=400)
        return bad_request(request, BadRequest(sentence))

    def _texts(self, request) -> Iterator[str]:
        yield request.path_info
        yield self._credentials(request)
        yield from request.COOKIES.values()
        if request.path.startswith("/api/"):
            return
        for fields in (request.GET, request.POST):
            for name, values in fields.lists():
                yield name
                yield from values

    def _credentials(self, request) -> str:
        """The name and secret of a client; some clients encode them twice."""
        scheme, _space, encoded = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return ""
        try:
            return unquote(base64.b64decode(encoded).decode(errors="replace"))
        except ValueError:
            return ""


class PrivatePagesMiddleware:
    """What a signed-in person read is kept by no cache, so that nobody finds it on the device that she leaves.

    Answers of the API may be kept by their client, which asks again with their ETag.
    """

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if request.path.startswith("/api/"):
            response.setdefault("Cache-Control", "private, no-cache")
        elif request.user.is_authenticated:
            response.setdefault("Cache-Control", "private, no-store")
        return response


class ReaderLanguageMiddleware:
    """Pages speak the language of the signed-in reader; a stranger's comes from the cookie or the browser."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not request.path.startswith("/api/") and request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)


class QuotaMiddleware:
    """Tells a caller of the API how many requests are left, on whatever answer: a view counts, and leaves `request.quotas`."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        for name, value in quota_headers(getattr(request, "quotas", ())).items():
            response[name] = value
        return response


class HistoryContextMiddleware(HistoryMiddleware):
    """Every change made during a request keeps who made it and the request it belongs to."""

    def __call__(self, request):
        if request.method in ("GET", "HEAD") and not hasattr(request, "user"):
            return self.get_response(request)  # a system that reads changes nothing
        return super().__call__(request)

    def get_context(self, request):
        request_id = structlog.contextvars.get_contextvars().get("request_id")
        context = super().get_context(request) | {"request_id": request_id}
        # History outlives a record, and so must not keep an address that is a secret.
        return context | {"url": ""} if request.path.startswith(settings.SECRET_PATHS) else context

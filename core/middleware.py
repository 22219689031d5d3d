import structlog
from csp.middleware import CSPMiddleware
from django.conf import settings
from django.utils import translation
from pghistory.middleware import HistoryMiddleware


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


class ReaderLanguageMiddleware:
    """Pages speak the language of the signed-in reader; a stranger's comes from the cookie or the browser."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if not request.path.startswith("/api/") and request.user.is_authenticated:
            translation.activate(request.user.language)
            request.LANGUAGE_CODE = translation.get_language()
        return self.get_response(request)


class HistoryContextMiddleware(HistoryMiddleware):
    """Every change made during a request keeps who made it and the request it belongs to."""

    def get_context(self, request):
        request_id = structlog.contextvars.get_contextvars().get("request_id")
        return super().get_context(request) | {"request_id": request_id}

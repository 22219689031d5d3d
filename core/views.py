"""Pages that belong to no business: language, search, documents, the accessibility statement, health."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponseBadRequest, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django.views.defaults import server_error
from health_check.views import HealthCheckView

from core import finding
from core.api.problems import MEDIA_TYPE, problem
from core.downloads import as_download
from core.enums import Language
from core.models import Document
from core.pages import show, unknown


@login_not_required
@require_POST
def language(request):
    """Changes the language of the pages: kept with the account of whoever is signed in, in a cookie for a stranger."""
    chosen = request.POST.get("language", "")
    if chosen not in Language.values:
        return HttpResponseBadRequest("language: fr, en")
    if request.user.is_authenticated and request.user.language != chosen:
        request.user.language = chosen
        request.user.save(update_fields=["language"])
    response = redirect(_back(request))
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        chosen,
        max_age=365 * 24 * 3600,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def _back(request) -> str:
    address = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())
    return address if safe else "home"


def fault(request):
    """What is answered where Parvis itself failed: a page, or a problem (RFC 9457), neither of which says why."""
    if not request.path.startswith("/api/"):
        return server_error(request)
    sentence = _(
        "The fault is ours and has been recorded. Nothing was half saved. Try again in a moment; if it goes on, tell the "
        "department’s administrator."
    )
    return JsonResponse(problem(500, sentence, [], request.path), status=500, content_type=MEDIA_TYPE)


@login_not_required
@require_GET
def accessibility(request):
    return render(request, "core/accessibility.html")


@require_GET
def search(request):
    """What the reader may see, of every kind, that holds the words of `?q=`."""
    context = {"found": finding.find(request.user, request.GET.get("q", "")), "problems": unknown(request.GET, ("q",))}
    return show(request, "core/search", context)


@require_GET
def document(request, uuid):
    """A document as a file to save, for those who may see its record; for the others there is no such document."""
    return as_download(get_object_or_404(Document.objects.visible_to(request.user), uuid=uuid))


# For the orchestrator: whether the database and the cache answer.
health = login_not_required(
    HealthCheckView.as_view(checks=["health_check.checks.Database", "health_check.checks.Cache"])
)

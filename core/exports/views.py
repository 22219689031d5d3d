"""The pages of exports: a list as a file, and the files that are being prepared for me."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from rest_framework.exceptions import APIException, ValidationError

from core.enums import ExportFormat, Separator
from core.exceptions import Refused
from core.exports import answers, services
from core.exports.listing import Listing, resources, said
from core.models import Export
from core.pages import show

# What people open; JSON lines are for systems.
FOR_PEOPLE = (ExportFormat.CSV, ExportFormat.XLSX, ExportFormat.ODS)
SHOWN = 50


def _asked(given: QueryDict) -> QueryDict:
    """What the page's list is narrowed by: a field left empty narrows nothing."""
    query = given.copy()
    for name in list(query):
        query.setlist(name, [value for value in query.getlist(name) if value.strip()])
        if not query.getlist(name) or name in ("as", "page"):
            del query[name]
    return query


def _separator() -> str:
    """That of CSV as spreadsheet programs of the reader's language open it."""
    return Separator.SEMICOLON if translation.get_language() == "fr" else Separator.COMMA


@require_GET
def export(request: HttpRequest, resource: str):
    """The list of a page as a file, narrowed as the page was, with headings in the reader's language."""
    file_format, query = request.GET.get("as", ""), _asked(request.GET)
    if file_format not in FOR_PEOPLE or resource not in resources():
        raise Http404
    try:
        listing = Listing(resource, request.user, query, readable=True, origin=request)
        answers.check_length(listing, file_format)
    except ValidationError as error:
        problems = dict(error.detail) if isinstance(error.detail, dict) else {}
        return render(request, "core/exports/refused.html", {"problems": problems}, status=400)
    except Refused:
        context = {"title": listing.title, "resource": resource, "format": file_format, "query": query.urlencode()}
        return render(request, "core/exports/long.html", context, status=409)
    except APIException as error:
        raise PermissionDenied(str(error.detail)) from error
    return answers.as_export(request, listing, file_format, _separator())


@require_http_methods(["GET", "HEAD", "POST"])
def exports(request: HttpRequest):
    """The exports that I asked for; a POST asks for one."""
    if request.method == "POST":
        return _ask(request)
    found = list(Export.objects.asked_by(request.user)[:SHOWN])
    known = resources()
    context = {
        "exports": [
            {"export": row, "title": known[row.resource].model._meta.verbose_name_plural, "filters": said(row, request)}
            for row in found
            if row.resource in known
        ],
        "unfinished": sum(1 for row in found if not row.is_finished),
    }
    return show(request, "core/exports/exports", context)


def _ask(request: HttpRequest):
    if request.POST.get("as", "") not in FOR_PEOPLE:
        raise Http404
    wanted = services.Wanted(
        resource=request.POST.get("resource", ""),
        file_format=request.POST["as"],
        query=request.POST.get("query", ""),
        separator=_separator(),
        language=translation.get_language() or "fr",
        is_readable=True,
    )
    try:
        services.ask(wanted, actor=request.user)
    except ValidationError:
        messages.error(request, _("This list cannot be narrowed as asked."))
    except APIException as error:
        raise PermissionDenied(str(error.detail)) from error
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("The file is being prepared. You need not wait here: it stays for 24 hours."))
    return redirect("exports")


@require_POST
def withdraw(request: HttpRequest, pk: int):
    services.withdraw(get_object_or_404(Export.objects.asked_by(request.user), pk=pk), actor=request.user)
    messages.success(request, _("The export is withdrawn."))
    return redirect("exports")


@require_GET
def file(request: HttpRequest, pk: int):
    """The file, to save; for whoever asked for it."""
    try:
        return answers.as_file(get_object_or_404(Export.objects.asked_by(request.user), pk=pk), request.user)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("exports")

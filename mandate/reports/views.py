"""The pages of the report to the Council: those that are written, and the account of any period."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.http import urlencode
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from core import clock
from core.access import audiences
from core.enums import Audience, Language
from core.history import changes
from core.pages import attached, cited, unknown
from core.templatetags.parvis import day
from mandate import dossiers
from mandate.models import Report
from mandate.reports import writing
from mandate.reports.forms import PDF, Period, Wanted
from mandate.reports.printing import report_pdf, status
from mandate.reports.shown import NAMED, shown
from mandate.selectors import reports as selectors


@require_safe
def reports(request):
    mandate = dossiers.chosen_mandate(request.user)
    begins = mandate.starts_on if mandate else None
    form = Period(initial={"since": begins, "until": clock.today()})
    return _listed(request, form, unknown(request.GET, ()))


# Hundreds of records are named there; packed the page stays small. Django pads it against guesses at its length (BREACH).
@gzip_page
@require_safe
def period(request):
    """The account of the days that the address names; asked wrongly, the list again with what is wrong."""
    form = Period(request.GET)
    if not form.is_valid():
        return _listed(request, form, form.problems)
    # It holds what the reader may see, so it is meant for those who see as much.
    context = {"audience": audiences(request.user)[0], "form": form}
    return _answer(request, form.report, "-".join(form.days.values()), form.days, context)


@gzip_page
@require_safe
def report(request, slug: str):
    reader = request.user
    found = (
        selectors.reports(reader)
        .prefetch_related(cited(reader, Report), attached(reader, Report))
        .filter(slug=slug)
        .first()
    )
    if found is None:
        raise Http404
    context = {
        "report": found,
        "audience": Audience.DEPUTIES if found.is_draft else Audience.CITY,
        "changes": changes(found, reader, limit=5),
    }
    return _answer(request, found, found.slug, {}, context)


def _listed(request, form: Period, problems: dict[Any, Any]) -> HttpResponse:
    found = list(selectors.reports(request.user))
    context = {
        "reports": found,
        "adopted": sum(not report.is_draft for report in found),
        "form": form,
        "problems": problems,
    }
    return render(request, "mandate/reports/reports.html", context)


def _answer(request, report: Report, name: str, asked: dict[str, str], context: dict[str, Any]) -> HttpResponse:
    """The page; with `as=pdf` the paper, in the reader's language or in that of `language`."""
    wanted = Wanted(request.GET)
    if wanted.is_paper:
        return _paper(request.user, report, name, wanted.cleaned_data["language"])
    account = writing.account(report, request.user, named=NAMED)
    papers = [(language, urlencode({**asked, "as": PDF, "language": language.value})) for language in Language]
    context |= {
        "account": account,
        "shown": shown(account),
        "status": status(account),
        "stands_on": day(account.stands_on),
        "papers": papers,
        "problems": wanted.problems,
    }
    return render(request, "mandate/reports/report.html", context)


def _paper(reader, report: Report, name: str, language: str) -> HttpResponse:
    with translation.override(language or translation.get_language()):
        made = report_pdf(writing.account(report, reader, named=NAMED), reader)
    return HttpResponse(
        made,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'inline; filename="report-{name}.pdf"',
            "Cache-Control": "private, no-store",
        },
    )

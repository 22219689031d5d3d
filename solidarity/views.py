"""The pages that deputies read: funds and their envelopes, grants, emergencies, health, honours and residencies."""

from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from core.access import works_in_admin
from core.as_of import readable_as_of
from core.as_of.pages import PARAMETER as AS_OF
from core.history import changes
from core.pages import narrowed, narrowing, show, unknown
from core.panels import panels_for
from solidarity import cards, charts, dossiers, law, presentation, selectors
from solidarity.enums import GrantStage, HealthMeasure
from solidarity.filters import GrantFilter
from solidarity.rules import honour_warnings

ROWS = 25


# The longest pages of solidarity are packed. Django pads them against guesses at their length (BREACH).
@gzip_page
@require_GET
@readable_as_of
def funds(request):
    reader = request.user
    funding = dossiers.funding(reader)
    context = {
        "headline": presentation.headline(funding.this_year, len(funding.overdue)),
        "figures": cards.key_figures(reader, funding),
        "funding": funding,
        "chart": charts.envelope_bars(funding.envelopes),
        "chart_message": presentation.envelopes_message(funding.this_year),
        "headrooms": [(row, charts.rooms(found)) for row, found in funding.headrooms],
        "paths": [(fund, path, charts.path_bars(path)) for fund, path in funding.paths],
        "slices": selectors.slices.slices(reader),
        "problems": unknown(request.GET, (AS_OF,)),
    }
    return render(request, "solidarity/funds.html", context)


@require_GET
@readable_as_of
def fund(request, slug: str):
    found = dossiers.fund(request.user, slug)
    if found is None:
        raise Http404
    path = selectors.funds.path_of(found)
    context = {
        "fund": found,
        "basis": presentation.basis(found.kind),
        "parameters": presentation.parameters(found.parameters.all()),
        "chart": charts.envelope_bars(found.found_envelopes),  # type: ignore[attr-defined]  # prefetched
        "path": path,
        "path_bars": charts.path_bars(path),
        "has_target": any(row.target is not None for row in path),
        "changes": changes(found, request.user, limit=5),
        "problems": unknown(request.GET, (AS_OF,)),
    }
    return render(request, "solidarity/fund.html", context)


@require_GET
@readable_as_of
def envelope(request, slug: str, year: int):
    dossier = dossiers.envelope(request.user, slug, year)
    if dossier is None:
        raise Http404
    context = {
        "dossier": dossier,
        "envelope": dossier.envelope,
        "chart": charts.envelope_bars([dossier.envelope]),
        "rooms": charts.rooms(dossier.headroom),
        "changes": changes(dossier.envelope, request.user, limit=5),
    }
    return render(request, "solidarity/envelope.html", context)


@require_GET
def grants(request):
    reader = request.user
    found, problems, chosen = narrowed(request, GrantFilter, dossiers.grants_in_rows(reader))
    context = {
        "page": Paginator(found, ROWS).get_page(request.GET.get("page")),
        "problems": problems,
        "chosen": chosen,
        "is_narrowed": any(chosen.values()),
        "also": narrowing(GrantFilter, request.GET, shown=("q", "stage", "fund", "year", "country", "theme")),
    }
    if not request.htmx or request.htmx.history_restore_request:
        context |= {
            "waiting": selectors.grants.waiting(reader).count(),
            "unpaid": selectors.grants.voted_and_unpaid(reader).count(),
            "stages": GrantStage.choices,
            "funds": [(row.slug, row.name) for row in dossiers.all_funds(reader)],
            "years": [(str(year), str(year)) for year in dossiers.grant_years(reader)],
            "countries": [(row.code, row.name) for row in dossiers.grant_countries(reader)],
            "themes": [(row.slug, row.name) for row in dossiers.grant_themes(reader)],
        }
    return show(request, "solidarity/grants", context)


@require_GET
@readable_as_of
def grant(request, reference: str):
    found = dossiers.grant(request.user, reference)
    if found is None:
        raise Http404
    year = presentation.body_year(found)
    context = {
        "grant": found,
        "life": presentation.life_steps(found),
        "gates": selectors.grants.checklist(found),
        "agreement": presentation.agreement_of(found),
        "money": presentation.money(found),
        "year": year,
        "needs_convention": year.needs_convention if year else law.needs_convention(found),
        "reports": presentation.report_sums(found.reports.all()),
        "changes": changes(found, request.user, limit=5),
        "panels": panels_for(found, request.user),
    }
    return render(request, "solidarity/grant.html", context)


@gzip_page
@require_GET
def emergencies(request):
    reader = request.user
    crises = dossiers.crises_with_tracks(reader)
    median = selectors.grants.median_days(reader)
    context = {
        "headline": presentation.emergencies_headline(median, len(crises)),
        "crises": [(crisis, presentation.tracks(found), others) for crisis, found, others in crises],
        "problems": unknown(request.GET, ()),
    }
    return render(request, "solidarity/emergencies.html", context)


@require_GET
def health(request):
    reader = request.user
    found = dossiers.health(reader)
    rows = presentation.health_rows(found)
    context = {
        "headline": presentation.health_headline(rows),
        "measures": presentation.MEASURES,
        "rows": rows,
        "supported": presentation.health_rows(found, (HealthMeasure.SUPPORTED,)),
        "cited": found,
        "projects": dossiers.health_projects(reader),
        "problems": unknown(request.GET, ()),
    }
    return render(request, "solidarity/health.html", context)


@require_GET
def honours(request):
    reader = request.user
    found = dossiers.hospitality(reader)
    is_staff = works_in_admin(reader)
    context = {
        "headline": presentation.hospitality_headline(found.programmes, found.honours),
        "programmes": found.programmes,
        "residencies": found.residencies,
        "honours": [(honour, honour_warnings(honour) if is_staff else []) for honour in found.honours],
        "is_staff": is_staff,
        "problems": unknown(request.GET, ()),
    }
    return render(request, "solidarity/honours.html", context)

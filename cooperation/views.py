"""The pages that deputies read: the portfolio, projects, funding calls, culture, exchanges, good practices."""

from typing import cast

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cooperation import cards, dossiers, presentation, selectors
from cooperation.enums import PracticeKind, ProjectStage
from cooperation.filters import FundingCallFilter, ProjectFilter
from cooperation.models import Project
from cooperation.rules import least_partners_share
from cooperation.selectors.calls import Desk
from core import written
from core.as_of import readable_as_of
from core.history import changes
from core.pages import narrowed, narrowing, options, show, unknown
from core.panels import panels_for
from partnerships.dossiers import is_only_a_model
from partnerships.models import City

ROWS = 25


@require_GET
@readable_as_of
def projects(request):
    reader = request.user
    found, problems, chosen = narrowed(request, ProjectFilter, selectors.projects.projects(reader))
    page = Paginator(found, ROWS).get_page(request.GET.get("page"))
    # What the rows carry is added to those of the page: the count asks for none of it.
    page.object_list = dossiers.portfolio_rows(cast(QuerySet[Project], page.object_list), reader)
    context = {
        "page": page,
        "problems": problems,
        "chosen": chosen,
        "is_narrowed": any(chosen.values()),
        "also": narrowing(ProjectFilter, request.GET, shown=("q", "stage", "theme", "city", "directorate")),
    }
    if not request.htmx or request.htmx.history_restore_request:
        context |= _portfolio(reader)
    return show(request, "cooperation/projects", context)


def _portfolio(reader) -> dict:
    """What stands above the list: it does not change with the filters."""
    by_stage = selectors.projects.by_stage(reader)
    under_way = by_stage.get(ProjectStage.UNDER_WAY, 0)
    cities, without = written.counts(
        reader, (selectors.projects.cities_under_way,), (selectors.projects.live_without_field,)
    )
    themes = written.rows(selectors.projects.project_themes, reader)
    advices = selectors.calls.advices(reader)
    return {
        "headline": presentation.headline(under_way, cities),
        "figures": cards.key_figures(reader, under_way=under_way, cities=cities),
        "advices": advices,
        "worth": [presentation.matched(advice) for advice in selectors.calls.worth_applying_to(reader, found=advices)],
        "stage_bars": presentation.stage_bars(by_stage),
        "stage_message": presentation.stage_message(by_stage),
        "theme_bars": presentation.theme_bars(themes, without),
        "theme_message": presentation.theme_message(themes),
        "external_bars": presentation.ratio_bars(selectors.money.external_by_theme(reader)),
        "late_steps": written.rows(selectors.projects.late_steps, reader),
        "frameworks": [presentation.use(row) for row in written.rows(selectors.money.frameworks, reader)],
        "stages": ProjectStage.choices,
        "themes": [(theme.slug, theme.name) for theme in themes],
        "cities": options(selectors.projects.project_cities(reader)),
        "directorates": options(selectors.projects.lead_directorates(reader)),
    }


@require_GET
def project(request, reference: str):
    dossier = dossiers.project_dossier(request.user, reference)
    if dossier is None:
        raise Http404
    found = dossier.project
    context = {
        "dossier": dossier,
        "project": found,
        "life": presentation.life_steps(found),
        "purposes": presentation.purposes(found, dossier.purposes),
        "markers": presentation.markers(found),
        "modes": presentation.modes(found),
        "days_planned": presentation.person_days(dossier.assignments, "days_planned"),
        "days_actual": presentation.person_days(dossier.assignments, "days_actual"),
        "changes": changes(found, request.user, limit=5),
        "panels": panels_for(found, request.user),
    }
    return render(request, "cooperation/project.html", context)


@require_GET
def calls(request):
    reader = request.user
    found, problems, chosen = narrowed(request, FundingCallFilter, selectors.calls.calls(reader))
    desk = Desk.read(reader)
    over = found.filter(~selectors.calls.is_open(), ~selectors.calls.is_forthcoming())
    over = over.order_by("-last_deadline", "identifier")
    context = {
        "open": presentation.call_rows(found.filter(selectors.calls.is_open()), desk),
        "forthcoming": presentation.call_rows(found.filter(selectors.calls.is_forthcoming()), desk),
        "page": Paginator(over, ROWS).get_page(request.GET.get("page")),
        "turned": "page" in request.GET,
        "lead_days": desk.lead_days,
        "problems": problems,
        "chosen": chosen,
        "is_narrowed": any(chosen.values()),
        "also": narrowing(FundingCallFilter, request.GET, shown=("q", "programme", "theme")),
    }
    if not request.htmx or request.htmx.history_restore_request:
        context |= {
            "headline": presentation.calls_headline(selectors.calls.advices(reader, desk=desk)),
            "by_year": selectors.calls.by_year(reader),
            "by_directorate": selectors.calls.by_directorate(reader),
            "themes": [(theme.slug, theme.name) for theme in selectors.projects.project_themes(reader)],
            "programmes": [(row.slug, row.name) for row in dossiers.funding_programmes(reader)],
        }
    return show(request, "cooperation/calls", context)


@require_GET
def call(request, pk: int):
    dossier = dossiers.call_dossier(request.user, pk)
    if dossier is None:
        raise Http404
    context = {
        "dossier": dossier,
        "call": dossier.call,
        "advice": dossier.advice,
        "matched": presentation.matched(dossier.advice) if dossier.advice else None,
        "gates": presentation.gates(dossier.call, dossier.desk),
        "least_partners_share": least_partners_share(dossier.call),
    }
    return render(request, "cooperation/call.html", context)


@require_GET
def culture(request):
    reader = request.user
    rotation = selectors.culture.rotation(reader)
    found = list(selectors.culture.cultural_projects(reader))
    context = {
        "years": rotation.years,
        "recipients": presentation.turn_rows(rotation.recipients, rotation.years),
        "disciplines": presentation.turn_rows(rotation.disciplines, rotation.years),
        "recipient_warnings": [(turn.name, presentation.runs(turn)) for turn in rotation.recipients if turn.repeated],
        "discipline_warnings": [(turn.name, presentation.runs(turn)) for turn in rotation.disciplines if turn.repeated],
        "groups": presentation.cultural_groups(found),
        "undated": presentation.without_year(found),
        "money": dossiers.cultural_money(reader),
        "problems": unknown(request.GET, ()),
    }
    return render(request, "cooperation/culture.html", context)


@require_GET
def exchanges(request):
    reader = request.user
    context = {
        "programmes": list(selectors.projects.programmes(reader)),
        "labels": list(selectors.projects.labels(reader)),
        "valid": selectors.projects.valid_labels(reader).count(),
        "problems": unknown(request.GET, ()),
    }
    return render(request, "cooperation/exchanges.html", context)


@require_GET
def practices(request):
    reader = request.user
    found = list(selectors.projects.practices(reader))
    named = {practice.city_id for practice in found if practice.city_id}
    models = City.objects.visible_to(reader).filter(is_only_a_model(), pk__in=named)
    context = {
        "total": len(found),
        "groups": [
            (kind, [practice for practice in found if practice.kind == kind])
            for kind in PracticeKind
            if any(practice.kind == kind for practice in found)
        ],
        "models": set(models.values_list("pk", flat=True)),
        "problems": unknown(request.GET, ()),
    }
    return render(request, "cooperation/practices.html", context)

"""The pages of missions, visits, events and promises."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core import written
from core.access import audiences
from core.enums import Language
from core.history import changes
from core.pages import narrowed, narrowing, show, unknown
from core.panels import panels_for
from events import cards, charts, dossiers, months, presentation, selectors
from events.enums import (
    AHEAD,
    AgendaKind,
    DelegationStatus,
    EventKind,
    EventStatus,
    Horizon,
    MissionStatus,
    PromiseSide,
    PromiseStatus,
)
from events.filters import DelegationFilter, EventFilter, MissionFilter, PromiseFilter
from events.forms import Wanted
from events.models import Delegation, Event, Mission, Promise
from events.months import Month
from events.printing import briefing_pdf, made_for
from partnerships.models import City

ROWS = 25
# What the City takes into account without taking part: it is none of the events that it plans and holds.
IN_WORLD = Q(kind=EventKind.WORLD)


def _is_update(request) -> bool:
    """Whether the results alone are asked for: what stands above them is then not read."""
    return bool(request.htmx and not request.htmx.history_restore_request)


@require_GET
def agenda(request):
    reader, problems = request.user, unknown(request.GET, ("month", "kind"))
    month, kind = Month.current(), request.GET.get("kind", "").strip()
    try:
        month = Month.read(request.GET.get("month") or month.key)
    except ValidationError as wrong:
        problems[_("Month")] = wrong.messages
    if kind and kind not in AgendaKind.values:
        problems[_("Kind")] = [_("There is no such kind.")]
    kinds = [kind] if kind else []
    items = [] if problems else selectors.agenda.agenda(reader, *months.span(month), kinds)
    listed = months.on_days(month, items)
    context = {
        "month": month,
        "headline": presentation.agenda_headline(month, len(listed)),
        "weeks": months.grid(month, items),
        "weekdays": months.weekdays(),
        "listed": listed,
        "vague": months.vague(month, items),
        "undated": []
        if problems
        else [row for row in selectors.agenda.undated(reader) if not kind or row.kind == kind],
        "conflicts": selectors.agenda.conflicts(reader, listed),
        "kinds": AgendaKind.choices,
        "kind": kind,
        "problems": problems,
    }
    return render(request, "events/agenda.html", context)


# --- missions ---


@require_GET
def missions(request):
    reader = request.user
    found, problems, chosen = narrowed(request, MissionFilter, selectors.occasions.missions(reader))
    context = {
        "page": Paginator(found, ROWS).get_page(request.GET.get("page")),
        "problems": problems,
        "chosen": chosen,
        "is_narrowed": any(chosen.values()),
        "also": narrowing(MissionFilter, request.GET, shown=("q", "status", "horizon", "country", "year")),
    }
    if not _is_update(request):
        ahead = selectors.occasions.upcoming_missions(reader).count()
        done = selectors.occasions.missions_done(reader).count()
        context |= {
            "headline": presentation.missions_headline(ahead, done),
            "figures": cards.mission_figures(reader, ahead=ahead, done=done),
            "statuses": MissionStatus.choices,
            "horizons": Horizon.choices,
            "countries": [(row.code, row.name) for row in dossiers.mission_countries(reader)],
            "years": [(str(year), str(year)) for year in dossiers.years(Mission, reader)],
        }
    return show(request, "events/missions", context)


@require_GET
def mission(request, reference: str):
    dossier = dossiers.mission_dossier(request.user, reference)
    if dossier is None:
        raise Http404
    context = {
        "mission": dossier.mission,
        "dossier": dossier,
        "factors": presentation.factors(dossier.legs),
        # Of a trip that is over nobody can say that groups were missing where none was noted.
        "groups_told": dossier.coverage.is_recorded or not dossier.mission.has_taken_place,
        "cost_variance": presentation.cost_variance(dossier.mission),
        **_shown(request, dossier.mission, dossier.rows),
    }
    return render(request, "events/mission.html", context)


def _shown(request, record, rows: dossiers.Rows) -> dict[str, Any]:
    """What the pages of missions, delegations and events show alike."""
    return {
        "rows": rows,
        "life": presentation.life_steps(record),
        "people": presentation.people(record.participants.all()),
        "tied": presentation.tied_to(rows.ties),
        "results": presentation.results(rows.outcomes),
        "causes": presentation.causes(rows.causes),
        "changes": changes(record, request.user, limit=5),
        "panels": panels_for(record, request.user),
    }


# --- delegations ---


@require_GET
def delegations(request):
    reader = request.user
    found, problems, chosen = narrowed(request, DelegationFilter, selectors.occasions.delegations(reader))
    context = {
        "page": Paginator(found, ROWS).get_page(request.GET.get("page")),
        "problems": problems,
        "chosen": chosen,
        "is_narrowed": any(chosen.values()),
        "also": narrowing(DelegationFilter, request.GET, shown=("q", "status", "country", "year")),
    }
    if not _is_update(request):
        by_year = selectors.occasions.delegations_by_year(reader)
        by_country = selectors.occasions.delegations_by_country(reader)
        expected = Delegation.objects.visible_to(reader).filter(status__in=AHEAD).count()
        received = selectors.occasions.delegations_received(reader).count()
        context |= {
            "headline": presentation.delegations_headline(received, expected),
            "year_bars": charts.year_bars(by_year),
            "year_message": charts.year_message(by_year),
            "country_bars": charts.country_bars(by_country),
            "country_message": charts.country_message(by_country),
            "statuses": DelegationStatus.choices,
            "countries": [(row.code, row.name) for row in dossiers.delegation_countries(reader)],
            "years": [(str(year), str(year)) for year in dossiers.years(Delegation, reader)],
        }
    return show(request, "events/delegations", context)


@require_GET
def delegation(request, reference: str):
    dossier = dossiers.delegation_dossier(request.user, reference)
    if dossier is None:
        raise Http404
    context = {
        "delegation": dossier.delegation,
        "dossier": dossier,
        **_shown(request, dossier.delegation, dossier.rows),
    }
    return render(request, "events/delegation.html", context)


# --- events ---


@require_GET
def events(request):
    reader = request.user
    found, problems, chosen = narrowed(request, EventFilter, selectors.occasions.events(reader))
    is_narrowed = any(chosen.values())
    # The sessions and editions stand under their series; a list that is narrowed finds them by themselves too.
    rows = found if is_narrowed else found.filter(part_of=None)
    context = {
        "page": Paginator(dossiers.with_parts(rows, reader), ROWS).get_page(request.GET.get("page")),
        "problems": problems,
        "chosen": chosen,
        "is_narrowed": is_narrowed,
        "also": narrowing(EventFilter, request.GET, shown=("q", "kind", "network", "year", "status")),
    }
    if not _is_update(request):
        counted = Event.objects.visible_to(reader).aggregate(
            ahead=Count("pk", filter=~IN_WORLD & Q(status__in=AHEAD)),
            held=Count("pk", filter=~IN_WORLD & Q(status=EventStatus.HELD)),
            in_world=Count("pk", filter=IN_WORLD),
        )
        context |= {
            "headline": presentation.events_headline(**counted),
            "event_kinds": EventKind.choices,
            "networks": [(row.slug, row.acronym or row.name) for row in dossiers.event_networks(reader)],
            "statuses": EventStatus.choices,
            "years": [(str(year), str(year)) for year in dossiers.years(Event, reader)],
        }
    return show(request, "events/events", context)


@require_GET
def event(request, reference: str):
    dossier = dossiers.event_dossier(request.user, reference)
    if dossier is None:
        raise Http404
    context = {
        "event": dossier.event,
        "dossier": dossier,
        "comers": [presentation.named(row) for row in (*dossier.missions, *dossier.delegations)],
        **_shown(request, dossier.event, dossier.rows),
    }
    return render(request, "events/event.html", context)


# --- meetings and promises ---


@require_GET
def meeting(request, pk: int):
    dossier = dossiers.meeting_dossier(request.user, pk)
    if dossier is None:
        raise Http404
    found = dossier.meeting
    context = {
        "meeting": found,
        "dossier": dossier,
        "life": presentation.life_steps(found),
        "people": presentation.people(found.participants.all()),
        "tied": presentation.tied_to(dossier.ties),
        "part_of": presentation.named(found.subject) if found.subject else None,
        "last": presentation.recalled(dossier.last) if dossier.last else None,
        "changes": changes(found, request.user, limit=5),
    }
    return render(request, "events/meeting.html", context)


@require_GET
def promises(request):
    reader = request.user
    found, problems, chosen = narrowed(request, PromiseFilter, selectors.promises.promises(reader))
    context = {
        "page": Paginator(dossiers.overdue_first(found, reader), ROWS).get_page(request.GET.get("page")),
        "problems": problems,
        "chosen": chosen,
        "is_narrowed": any(chosen.values()),
        "also": narrowing(PromiseFilter, request.GET, shown=("q", "side", "status", "city", "due_before")),
    }
    if not _is_update(request):
        known = selectors.promises
        still_open, overdue, ours = written.counts(
            reader, (known.open_promises,), (known.overdue_promises,), (known.overdue_of_ours,)
        )
        context |= {
            "headline": presentation.promises_headline(
                still_open, overdue, Promise.objects.visible_to(reader).exists()
            ),
            "figures": cards.promise_figures(reader, still_open=still_open, overdue=overdue, ours=ours),
            "overdue": overdue,
            "sides": PromiseSide.choices,
            "statuses": PromiseStatus.choices,
            "cities": [(row.slug, row.name) for row in dossiers.promise_cities(reader)],
        }
    return show(request, "events/promises", context)


@require_GET
def promise(request, reference: str):
    found = dossiers.promise(request.user, reference)
    if found is None:
        raise Http404
    context = {
        "promise": found,
        "life": presentation.life_steps(found),
        "made_at": presentation.named(found.subject),
        "tied": presentation.tied_to(selectors.occasions.ties(request.user, promise=found)),
        "changes": changes(found, request.user, limit=5),
    }
    return render(request, "events/promise.html", context)


# --- briefings ---


@require_GET
def city_briefing(request, slug: str):
    city = get_object_or_404(City.objects.visible_to(request.user).select_related("country"), slug=slug)
    return _briefing(request, city, city.slug)


@require_GET
def mission_briefing(request, reference: str):
    found = get_object_or_404(selectors.occasions.missions(request.user), reference=reference)
    return _briefing(request, found, found.reference.lower())


def _briefing(request, subject: City | Mission, name: str) -> HttpResponse:
    """The page, or the PDF with `?format=pdf`; `&language=fr|en` where another language than the reader's is wanted."""
    wanted = Wanted(request.GET)
    problems = wanted.problems
    with translation.override(wanted.spoken):
        found = selectors.briefings.briefing(subject, request.user)
        if wanted.is_paper:
            return HttpResponse(
                briefing_pdf(found, request.user),
                content_type="application/pdf",
                headers={
                    "Content-Disposition": f'inline; filename="briefing-{name}.pdf"',
                    "Cache-Control": "private, no-store",
                },
            )
        context = {
            "briefing": found,
            "subject": subject,
            # It holds what the reader may see, so it is meant for those who see as much.
            "audience": audiences(request.user)[0],
            "made_for": made_for(request.user),
            "languages": Language,
            "problems": problems,
        }
        return render(request, "events/briefing.html", context, status=400 if problems else 200)

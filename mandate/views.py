"""The home page, and the pages of a mandate: how its objectives stand, and what shows it."""

from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from core import clock
from core.as_of import readable_as_of
from core.as_of.pages import PARAMETER as AS_OF
from core.as_of.pages import on_that_day
from core.history import changes
from core.pages import unknown
from events.enums import Horizon
from mandate import charts, dossiers, presentation, selectors, visits
from mandate.forms import Asked
from mandate.models import Mandate
from mandate.synthesis import synthesis


@require_safe
@readable_as_of
def home(request):
    """The synthesis: what waits, how we stand, who is met next."""
    context = synthesis(request.user) | {"problems": unknown(request.GET, (AS_OF,))}
    return render(request, "mandate/home.html", context)


@require_safe
@readable_as_of
def current(request):
    """The mandate that runs; the latest one where none does. As of a past day, the one of that day, read as of it too."""
    found = dossiers.chosen_mandate(request.user)
    if found is None:
        return render(request, "mandate/none.html")
    return redirect(on_that_day(found.get_absolute_url()))


@require_safe
@readable_as_of
def mandate(request, slug: str):
    reader = request.user
    found: Mandate = get_object_or_404(selectors.objectives.mandates(reader), slug=slug)
    objectives = dossiers.objectives(reader, found)
    asked = Asked(request.GET, objectives=objectives)
    kept = [objective for objective in objectives if asked.keeps(objective)] if asked.is_valid() else []
    rows = presentation.rows(
        kept,
        selectors.indicators.indicators(reader, mandate=found),
        selectors.objectives.progress(reader, found),
    )
    context = {
        "mandate": found,
        "others": [other for other in selectors.objectives.mandates(reader) if other.pk != found.pk],
        "bar": charts.bar(found, objectives),
        "headline": presentation.headline(objectives),
        "count": presentation.counted(kept),
        "horizons": [(label, rows[value]) for value, label in Horizon.choices if value in rows],
        "commitments": rows.get("commitments", []),
        "commitment_groups": [("", rows.get("commitments", []))],
        "is_empty": not objectives,
        "is_narrowed": any(asked.chosen.values()) or bool(asked.problems),
        "chosen": asked.chosen,
        "choices": asked.choices,
        "problems": asked.problems,
    }
    # Neither who narrows the list nor who reads the past comes to see what is new.
    if clock.past_day() is None and not context["is_narrowed"]:
        context["news"] = visits.news(reader, found, objectives, visits.visit(request.session, found))
    return render(request, "mandate/mandate.html", context)


@require_safe
@readable_as_of
def objective(request, slug: str, reference: str):
    reader = request.user
    dossier = dossiers.objective_dossier(reader, slug, reference)
    if dossier is None:
        raise Http404
    found = dossier.objective
    context = {
        "objective": found,
        "dossier": dossier,
        "row": presentation.standing(found, selectors.objectives.progress(reader, found.mandate)),
        "parts": [presentation.standing(part, {}) for part in dossier.parts],
        "evidence": presentation.evidence(dossier.evidence),
        "indicators": [presentation.measured(reader, indicator) for indicator in dossier.indicators],
        "answers": presentation.answers(found),
        "continued_by": getattr(found, "continued_by", None),
        "changes": changes(found, reader, limit=5),
    }
    return render(request, "mandate/objective.html", context)

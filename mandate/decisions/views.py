"""The page of what waits for a decision, and the page on which one verb of one record is confirmed."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.exceptions import LostEdit, Refused
from core.workflow import Transition
from events.models import CouncilSitting
from mandate.decisions import known, told, waiting
from mandate.decisions.forms import Asked, VerbForm, verb_form
from mandate.decisions.presentation import headline, shown
from mandate.decisions.registry import Source, Waiting
from mandate.selectors.synthesis import next_sitting

ROWS = 25


@require_safe
def decisions(request):
    reader, asked = request.user, Asked(request.GET)
    everything, sitting = waiting(reader), next_sitting(reader)
    kept = []
    if asked.is_valid():
        kept = [row for row in everything if asked.cleaned_data["kind"] in ("", row.kind)]
    page = Paginator(kept, ROWS).get_page(request.GET.get("page"))
    context = {
        "headline": headline(len(everything), _before(everything, sitting), sitting),
        "page": page,
        "rows": shown(told(reader, page.object_list), reader),
        "kinds": asked.choices,
        "chosen": asked.chosen,
        "problems": asked.problems,
    }
    return render(request, "mandate/decisions.html", context)


def _before(rows: list[Waiting], sitting: CouncilSitting | None) -> int:
    """How many of them fall due by the sitting."""
    return sum(row.due is not None and row.due <= sitting.starts_on for row in rows) if sitting else 0


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request, kind: str, pk: int, verb: str):
    """Asks for what the verb needs and carries it out by its service; a refusal shows every reason, and writes nothing."""
    reader, asked = request.user, known(kind)
    if asked is None or verb not in asked.verbs:
        raise Http404
    model: Any = asked.model
    record = get_object_or_404(model.objects.visible_to(reader), pk=pk)
    if not asked.is_decided_by(reader, record):
        raise PermissionDenied
    transition = model.life.transition(verb)
    form = verb_form(record, transition, reader, request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = _carried_out(record, transition, reader, form)
        if not status:
            messages.success(request, _("%(verb)s: %(record)s.") % {"verb": transition.label, "record": record})
            return redirect("mandate:decisions")
    return render(request, "mandate/decide.html", _page(asked, record, transition, reader, form), status=status)


def _carried_out(record, transition: Transition, reader, form: VerbForm) -> int:
    """0 where it is done; otherwise the status of the page that says why not, with the reasons in the form."""
    if not form.is_valid():
        return 422
    values = {name: form.cleaned_data[name] for name in transition.fields}
    said = {"version": form.cleaned_data["version"], "reason": form.cleaned_data["reason"]}
    try:
        record.life.perform(record, transition.verb, actor=reader, **said, **values)
    except LostEdit as lost:
        form.refuse(lost)
        return 412
    except Refused as refused:
        form.refuse(refused)
        return 409
    except ValidationError as error:
        form.refuse(error)
        return 422
    return 0


def _page(asked: Source, record, transition: Transition, reader, form: VerbForm) -> dict[str, Any]:
    """What bars the way whatever is filled in is said before anybody fills it in."""
    barred = []
    if not form.is_bound:
        if transition not in asked.steps(record):
            state = getattr(record, f"get_{record.life.field}_display")()
            sentence = _("“%(verb)s” is not possible now: the state is “%(state)s”.")
            barred.append(sentence % {"verb": transition.label, "state": state})
        missing = record.life.missing(record, transition.verb, reader)
        barred += [str(reason) for reason in missing if reason.field not in transition.fields]
    return {
        "title": transition.label,
        "record": record,
        "kind": asked.title,
        "state": getattr(record, f"get_{record.life.field}_display")(),
        "barred": barred,
        "form": form,
        "is_grave": transition.needs_reason,
    }

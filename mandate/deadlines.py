"""What falls due in a mandate: the three days on which it is judged, its objectives and their steps."""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import clock, dates, written
from core.deadlines import Deadline, source
from mandate import selectors
from mandate.enums import JUDGED_AT, OPEN, ObjectiveStatus
from mandate.models import Mandate, MandateDay, Milestone, Objective

# A date known to the year only may begin so long before its last day.
LONGEST = timedelta(days=366)


@source("mandate-milestone", gettext_lazy("Day 100, mid-term and end of a mandate"))
def milestones(reader, since: date, until: date) -> Iterator[Deadline]:
    """The days on which a mandate is judged: before, with what is not met yet; from the day itself on, as a closing report."""
    for mandate in selectors.objectives.mandates(reader):
        for day in mandate.milestones():
            if since <= day.rules <= until:
                yield _judged(reader, mandate, day)


def _judged(reader, mandate: Mandate, day: MandateDay) -> Deadline:
    judged = selectors.objectives.objectives(reader, mandate).filter(horizon__in=JUDGED_AT[day.which], parent=None)
    stand = list(judged.values_list("status", flat=True))
    named = {"mandate": mandate.title, "day": day.which.label, "all": len(stand)}
    closes = day.rules <= clock.today()
    if closes:
        met = stand.count(ObjectiveStatus.MET)
        what = _("Closing report, %(day)s (%(mandate)s): %(met)s of %(all)s objectives met") % {**named, "met": met}
    else:
        left = sum(status in OPEN for status in stand)
        what = _("%(day)s (%(mandate)s): %(left)s of %(all)s objectives not met") % {**named, "left": left}
    asked = judged if closes else judged.filter(status__in=OPEN)
    return Deadline(
        day.rules,
        "mandate-milestone",
        what[:1].upper() + what[1:],
        mandate.get_absolute_url(),
        mandate,
        details=partial(_lines, asked),
    )


def _lines(objectives) -> list[str]:
    return [
        _("%(reference)s, %(status)s: %(wording)s")
        % {"reference": found.reference, "status": found.get_status_display(), "wording": found.wording}
        for found in objectives
    ]


@source("objective-due", gettext_lazy("Objective of a mandate"))
def objectives_due(reader, since: date, until: date) -> Iterator[Deadline]:
    """Objectives that are neither met nor dropped, on the last day of what is known of their due date."""
    for objective in written.rows(_perhaps_due, reader, since - LONGEST, until):
        assert objective.due_on  # the filter leaves out those without
        due = dates.last_day(objective.due_on, objective.due_on_precision)
        if since <= due <= until:
            what = _("Objective %(reference)s: %(wording)s") % {
                "reference": objective.reference,
                "wording": objective.wording,
            }
            yield Deadline(due, "objective-due", what, objective.get_absolute_url(), objective, objective.owner)


def _perhaps_due(reader, since: date, until: date) -> QuerySet[Objective]:
    found = selectors.objectives.objectives(reader).filter(status__in=OPEN, due_on__range=(since, until))
    # Who works on it besides is not said in a deadline.
    return found.prefetch_related(None)


@source("objective-step", gettext_lazy("Step of an objective"))
def steps(reader, since: date, until: date) -> Iterator[Deadline]:
    """Steps that are not reached, of objectives that somebody works towards."""
    for step in written.rows(_open_steps, reader, since - LONGEST, until):
        assert step.due_on  # the filter leaves out those without
        due = dates.last_day(step.due_on, step.due_on_precision)
        if since <= due <= until:
            objective: Objective = step.objective
            what = _("Step of %(reference)s: %(step)s") % {"reference": objective.reference, "step": step.title}
            yield Deadline(due, "objective-step", what, objective.get_absolute_url(), step, objective.owner)


def _open_steps(reader, since: date, until: date) -> QuerySet[Milestone]:
    return selectors.objectives.open_milestones(reader).filter(due_on__range=(since, until))

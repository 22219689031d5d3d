"""What falls due in cooperation: steps of projects, deadlines of calls and the Council's file before them, labels."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cooperation import selectors
from cooperation.models import CouncilLeadTime, FundingCall, Label, ProjectStep
from core import written
from core.deadlines import Deadline, listed, source


def _open_steps(reader, since: date, until: date) -> QuerySet[ProjectStep]:
    return selectors.projects.open_steps(reader).filter(due_on__range=(since, until)).annotate(due=F("due_on"))


@listed("project-step", gettext_lazy("Step of a project"), _open_steps)
def steps(rows) -> Iterator[Deadline]:
    """The steps of live projects that are not done."""
    for step in rows:
        what = _("%(step)s: %(project)s") % {"step": step.title, "project": step.project.title}
        yield Deadline(step.due, "project-step", what, step.project.get_absolute_url(), step)


def _calls(reader, since: date) -> QuerySet[FundingCall]:
    """The calls that the funder has not withdrawn and that have a deadline from that day on."""
    # What stands around a call is said nowhere in a deadline.
    found = selectors.calls.calls(reader).select_related(None).prefetch_related(None)
    return found.filter(withdrawn_on=None, last_deadline__gte=since)


@source("call-deadline", gettext_lazy("Deadline of a funding call"))
def call_deadlines(reader, since: date, until: date) -> Iterator[Deadline]:
    """Every deadline of the calls that the funder has not withdrawn."""
    for call in written.rows(_calls, reader, since):
        for day in call.deadlines:
            if since <= day <= until:
                what = _("Deadline of the call: %(call)s") % {"call": call.title}
                yield Deadline(day, "call-deadline", what, call.get_absolute_url(), call)


@source("call-council", gettext_lazy("Last day to start the Council’s file of a call"))
def council_files(reader, since: date, until: date) -> Iterator[Deadline]:
    """The last day to start the Council's file, before each deadline of a call: its lead time counted back."""
    days = CouncilLeadTime.on()
    if days is None:
        return
    lead = timedelta(days=days)
    for call in written.rows(_calls, reader, since + lead):
        for day in call.deadlines:
            if since <= day - lead <= until:
                what = _("Last day to start the Council's file: %(call)s") % {"call": call.title}
                yield Deadline(day - lead, "call-council", what, call.get_absolute_url(), call)


def _ending_labels(reader, since: date, until: date) -> QuerySet[Label]:
    found = selectors.projects.labels(reader).filter(valid_until__range=(since, until))
    return found.annotate(due=F("valid_until")).order_by("valid_until", "pk")


@listed("label-end", gettext_lazy("End of a label"), _ending_labels)
def label_ends(rows) -> Iterator[Deadline]:
    """The end of the validity of labels."""
    for label in rows:
        what = _("The label of %(applicant)s ends") % {"applicant": label.applicant}
        yield Deadline(label.due, "label-end", what, label.get_absolute_url(), label)

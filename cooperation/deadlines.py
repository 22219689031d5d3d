"""What falls due in cooperation: steps of projects, deadlines of calls and the Council's file before them, labels."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.utils.translation import gettext as _

from cooperation import selectors
from cooperation.models import CouncilLeadTime
from core.deadlines import Deadline, source


@source
def steps(reader, since: date, until: date) -> Iterator[Deadline]:
    """The steps of live projects that are not done."""
    for step in selectors.projects.open_steps(reader).filter(due_on__range=(since, until)):
        what = _("%(step)s: %(project)s") % {"step": step.title, "project": step.project.title}
        yield Deadline(step.due_on, "project-step", what, step.project.get_absolute_url(), step)


@source
def call_deadlines(reader, since: date, until: date) -> Iterator[Deadline]:
    """Every deadline of the calls that the funder has not withdrawn."""
    for call in selectors.calls.calls(reader).filter(withdrawn_on=None, last_deadline__gte=since):
        for day in call.deadlines:
            if since <= day <= until:
                what = _("Deadline of the call: %(call)s") % {"call": call.title}
                yield Deadline(day, "call-deadline", what, call.get_absolute_url(), call)


@source
def council_files(reader, since: date, until: date) -> Iterator[Deadline]:
    """The last day to start the Council's file, before each deadline of a call: its lead time counted back."""
    days = CouncilLeadTime.on()
    if days is None:
        return
    lead = timedelta(days=days)
    for call in selectors.calls.calls(reader).filter(withdrawn_on=None, last_deadline__gte=since + lead):
        for day in call.deadlines:
            if since <= day - lead <= until:
                what = _("Last day to start the Council's file: %(call)s") % {"call": call.title}
                yield Deadline(day - lead, "call-council", what, call.get_absolute_url(), call)


@source
def label_ends(reader, since: date, until: date) -> Iterator[Deadline]:
    """The end of the validity of labels."""
    for label in selectors.projects.labels(reader).filter(valid_until__range=(since, until)).order_by("valid_until"):
        assert label.valid_until  # the filter leaves out those without
        what = _("The label of %(applicant)s ends") % {"applicant": label.applicant}
        yield Deadline(label.valid_until, "label-end", what, label.get_absolute_url(), label)

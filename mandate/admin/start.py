"""What of the mandate needs attention, for the start page."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from core.access import may
from core.admin.start import Card, attention, card
from core.dates import display
from core.templatetags.parvis import day
from mandate.admin.objectives import due
from mandate.models import Objective, Report
from mandate.selectors import reports as written
from mandate.selectors import work


@attention
def objectives(reader) -> Iterator[Card]:
    """Objectives that are late, what nothing shows yet, and steps past their date."""
    if not may(reader, "view", Objective):
        return
    yield card(
        _("Late objectives of the mandate"),
        work.late_objectives(reader),
        view="late",
        empty=_("No objective is late."),
        note=lambda objective: ", ".join(part for part in (objective.get_status_display(), due(objective)) if part),
    )
    yield card(
        _("Objectives that nothing shows yet"),
        work.shown_by_nothing(reader),
        view="nothing-yet",
        empty=_("A record shows each open objective."),
        note=due,
    )
    yield card(
        _("Steps of objectives past their date"),
        work.late_milestones(reader),
        view="late",
        empty=_("No step is past its date."),
        note=lambda step: f"{step.objective.reference}, {display(step.due_on, step.due_on_precision)}",
    )


@attention
def reports(reader) -> Iterator[Card]:
    """Reports to the Council that are being written."""
    if may(reader, "view", Report):
        yield card(
            _("Reports to the Council in preparation"),
            written.in_preparation(reader),
            view="drafts",
            empty=_("No report to the Council is in preparation."),
            note=lambda report: _("until %(day)s") % {"day": day(report.ends_on)},
        )

"""What of cooperation needs attention, for the start page."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from cooperation.models import Application, CulturalProject, FundingCall, FundingLine, Project, ProjectStep
from cooperation.selectors import calls, culture, money, projects
from core.access import may
from core.admin.start import SHOWN, Card, Line, address_of, attention, card
from core.dates import display
from core.templatetags.parvis import euros


@attention
def steps(reader) -> Iterator[Card]:
    if may(reader, "view", ProjectStep):
        yield card(
            _("Late steps of projects"),
            projects.late_steps(reader),
            view="late",
            empty=_("No step is late."),
            note=lambda step: f"{step.project.reference}, {display(step.due_on, 'day')}",
        )


@attention
def worth_applying_to(reader) -> Iterator[Card]:
    """The calls worth applying to now: for which project, why, and by when."""
    if not may(reader, "view", FundingCall):
        return
    advised = calls.worth_applying_to(reader)
    yield Card(
        title=_("Calls worth applying to now"),
        count=len(advised),
        lines=[Line(str(advice.call), address_of(advice.call), why(advice)) for advice in advised],
        link=reverse("admin:cooperation_fundingcall_changelist") + "?view=open",
        empty=_("No open call matches a live project in time."),
    )


def why(advice: calls.Advice) -> str:
    best = advice.matches[0]
    return "; ".join([best.project.reference, *best.reasons, calls.why_now(advice)])


@attention
def applications(reader) -> Iterator[Card]:
    if may(reader, "view", Application):
        yield card(
            _("Applications: drafts, and those without answer"),
            calls.pending_applications(reader),
            view="pending",
            empty=_("No application is being prepared or waits for an answer."),
            note=lambda application: ", ".join(
                part for part in (application.get_stage_display(), euros(application.amount_asked)) if part
            ),
        )


@attention
def without_sector(reader) -> Iterator[Card]:
    if may(reader, "view", Project):
        yield card(
            _("Projects whose sector is not stated"),
            projects.without_sector(reader),
            view="without-sector",
            empty=_("Every live project states its sector."),
        )


@attention
def doubts(reader) -> Iterator[Card]:
    """Money of live projects that seems to be counted twice."""
    if may(reader, "view", FundingLine):
        found = money.all_doubts(reader)
        yield Card(
            title=_("Money that may be counted twice"),
            count=len(found),
            lines=[Line(doubt.sentence, address_of(doubt.first)) for doubt in found[:SHOWN]],
            link=reverse("admin:cooperation_fundingline_changelist"),
            empty=_("No two lines seem to count the same money."),
        )


@attention
def rotation(reader) -> Iterator[Card]:
    """Recipients and disciplines of co-funded culture that come back in consecutive years."""
    if may(reader, "view", CulturalProject):
        found = culture.rotation(reader).warnings
        yield Card(
            title=_("Culture: those who come back in consecutive years"),
            count=len(found),
            lines=[
                Line(turn.name, address_of(turn.by_year[turn.repeated[-1]][0]), ", ".join(map(str, turn.repeated)))
                for turn in found[:SHOWN]
            ],
            link=reverse("admin:cooperation_culturalproject_changelist"),
            empty=_("Recipients and disciplines take turns."),
        )

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.workflow import Transition, Workflow
from events.enums import Horizon


class MandateMilestone(models.TextChoices):
    """The days on which a mandate is judged."""

    DAY_100 = "day-100", _("day 100")
    MIDPOINT = "midpoint", _("mid-term")
    END = "end", _("end of the mandate")


# Which horizons of the mission letter are judged on which of these days.
JUDGED_AT: dict[MandateMilestone, list[Horizon]] = {
    MandateMilestone.DAY_100: [Horizon.FIRST_100_DAYS],
    MandateMilestone.MIDPOINT: [Horizon.MID_TERM],
    MandateMilestone.END: [Horizon.END_OF_TERM, Horizon.WHOLE_TERM],
}


class ObjectiveKind(models.TextChoices):
    OBJECTIVE = "objective", _("objective of the mission letter")
    COMMITMENT = "commitment", _("commitment of a communication")


class ObjectiveStatus(models.TextChoices):
    NOT_STARTED = "not-started", pgettext_lazy("objective", "not started")
    ON_TRACK = "on-track", pgettext_lazy("objective", "on track")
    AT_RISK = "at-risk", pgettext_lazy("objective", "at risk")
    LATE = "late", pgettext_lazy("objective", "late")
    MET = "met", pgettext_lazy("objective", "met")
    DROPPED = "dropped", pgettext_lazy("objective", "dropped")


# What somebody still works towards; what stands in a state that must be justified.
OPEN = [ObjectiveStatus.NOT_STARTED, ObjectiveStatus.ON_TRACK, ObjectiveStatus.AT_RISK, ObjectiveStatus.LATE]
JUSTIFIED = [ObjectiveStatus.AT_RISK, ObjectiveStatus.LATE, ObjectiveStatus.DROPPED]

OBJECTIVE_LIFE = Workflow(
    field="status",
    reason_field="status_reason",
    transitions=(
        Transition("start", _("Note that it is on track"), ("not-started",), "on-track"),
        Transition(
            "warn",
            _("Note that it is at risk"),
            ("not-started", "on-track"),
            "at-risk",
            needs_reason=True,
            keeps_reason=True,
        ),
        Transition(
            "delay",
            _("Note that it is late"),
            ("not-started", "on-track", "at-risk"),
            "late",
            needs_reason=True,
            keeps_reason=True,
        ),
        Transition("recover", _("Note that it is back on track"), ("at-risk", "late"), "on-track"),
        Transition("meet", _("Record that it is met"), ("not-started", "on-track", "at-risk", "late"), "met"),
        Transition(
            "drop",
            _("Drop it"),
            ("not-started", "on-track", "at-risk", "late"),
            "dropped",
            needs_reason=True,
            keeps_reason=True,
        ),
        Transition("reopen", _("Open it again"), ("met", "dropped"), "on-track", needs_reason=True),
    ),
)


class Direction(models.TextChoices):
    """Which values of an indicator reach its target."""

    AT_LEAST = "at-least", pgettext_lazy("target", "at least")
    AT_MOST = "at-most", pgettext_lazy("target", "at most")


class SignKind(models.TextChoices):
    """What shows that a partnership lives."""

    MISSION = "mission", _("mission")
    DELEGATION = "delegation", _("delegation")
    EVENT = "event", _("event")
    MEETING = "meeting", _("meeting")
    PROJECT = "project", _("project")
    CULTURE = "culture", _("cultural project")
    EXCHANGE = "exchange", pgettext_lazy("sign of life", "exchange")
    GRANT = "grant", _("grant")
    PAYMENT = "payment", pgettext_lazy("sign of life", "payment of a grant")
    FUNDING = "funding", pgettext_lazy("sign of life", "funding of a project")
    AGREEMENT = "agreement", pgettext_lazy("sign of life", "signature of an agreement")
    RELATION = "relation", pgettext_lazy("sign of life", "beginning of the relation")


class ReportSection(models.TextChoices):
    """The parts of the report to the Council, in the order of the communication of May 2015."""

    INTRODUCTION = "introduction", _("introduction")
    DIPLOMACY = "diplomacy", _("city diplomacy")
    SOLIDARITY = "solidarity", _("international solidarity")
    INFLUENCE = "influence", _("international influence")
    VALUES = "values", _("universal values and remembrance")
    CONCLUSION = "conclusion", _("conclusion")


# The sections that state facts; the others hold texts alone.
ACCOUNTS = [ReportSection.DIPLOMACY, ReportSection.SOLIDARITY, ReportSection.INFLUENCE, ReportSection.VALUES]


class Unit(models.TextChoices):
    """What a figure of a report counts; a statement without a figure has none."""

    COUNT = "count", pgettext_lazy("how many", "number")
    PERCENT = "percent", _("per cent")
    EUROS = "EUR", _("euros")
    RATIO = "ratio", _("ratio")


class ReportStatus(models.TextChoices):
    DRAFT = "draft", pgettext_lazy("report", "draft")
    ADOPTED = "adopted", pgettext_lazy("report", "adopted")


REPORT_LIFE = Workflow(
    field="status",
    transitions=(Transition("adopt", _("Record the adoption"), ("draft",), "adopted", ("deliberation", "adopted_on")),),
)

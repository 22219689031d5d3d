"""The verbs of cooperation. Each checks the life of its record, writes once, and returns the record as it now stands."""

from datetime import date
from decimal import Decimal

from django.db import transaction

from cooperation.enums import APPLICATION_LIFE, LABEL_LIFE, PROJECT_LIFE, MovementKind
from cooperation.models import Application, Forecast, FundingLine, Label, Movement, Project
from core import clock
from core.workflow import advance
from partnerships.models import Deliberation


def _given(**values) -> dict:
    """What the caller said; what is left out stays as the record has it."""
    return {name: value for name, value in values.items() if value is not None}


def _dated(name: str, day: date | None, precision: str) -> dict:
    """A date with precision; one given without it is known to the day."""
    if day is None and not precision:
        return {}
    return {name: day, f"{name}_precision": precision or "day"}


# --- projects ---


@PROJECT_LIFE.service("prepare")
def prepare_project(project: Project, *, actor, reason: str = "", version: int | None = None) -> Project:
    """An idea is worked out. Refused while it says nowhere where."""
    return advance(PROJECT_LIFE, project, "prepare", actor=actor, reason=reason, version=version)


@PROJECT_LIFE.service("adopt")
@transaction.atomic
def adopt_project(
    project: Project,
    *,
    actor,
    deliberation: Deliberation | None = None,
    reason: str = "",
    version: int | None = None,
) -> Project:
    """Records the Council's vote, and freezes the forecasts as they stand.

    Refused without deliberation, place, object, lead directorate, purpose codes, funding lines and forecast.
    """
    adopted = advance(
        PROJECT_LIFE,
        project,
        "adopt",
        actor=actor,
        reason=reason,
        version=version,
        **_given(deliberation=deliberation),
    )
    freeze_forecasts(adopted)
    return adopted


@PROJECT_LIFE.service("vote_again")
@transaction.atomic
def record_further_vote(
    project: Project,
    *,
    actor,
    deliberation: Deliberation | None = None,
    reason: str = "",
    version: int | None = None,
) -> Project:
    """Records that the Council voted the project again (an amendment, more money): freezes the forecasts anew."""
    voted = advance(
        PROJECT_LIFE,
        project,
        "vote_again",
        actor=actor,
        reason=reason,
        version=version,
        **_given(deliberation=deliberation),
    )
    freeze_forecasts(voted)
    return voted


def freeze_forecasts(project: Project) -> None:
    """Copies the forecasts that hold today under the project's deliberation, once a vote. A whole freezes its parts too."""
    lines = FundingLine.objects.filter(project__in=[project, *project.parts.all()])
    held = (
        Forecast.objects.filter(line__in=lines)
        .order_by("line_id", "year", "-made_on", "-pk")
        .distinct("line_id", "year")
    )
    frozen = set(lines.filter(forecasts__deliberation=project.deliberation).values_list("pk", "forecasts__year"))
    for forecast in held:
        if (forecast.line_id, forecast.year) not in frozen:
            Forecast(
                line=forecast.line,
                year=forecast.year,
                amount_eur=forecast.amount_eur,
                made_on=clock.today(),
                deliberation=project.deliberation,
            ).save()


@PROJECT_LIFE.service("start")
def start_project(
    project: Project,
    *,
    actor,
    actual_start: date | None = None,
    actual_start_precision: str = "",
    reason: str = "",
    version: int | None = None,
) -> Project:
    """The project begins. Refused without a date that has come, before the vote, and while its agreement is not in force."""
    values = _dated("actual_start", actual_start, actual_start_precision)
    return advance(PROJECT_LIFE, project, "start", actor=actor, reason=reason, version=version, **values)


@PROJECT_LIFE.service("complete")
def complete_project(
    project: Project,
    *,
    actor,
    actual_end: date | None = None,
    actual_end_precision: str = "",
    reason: str = "",
    version: int | None = None,
) -> Project:
    """The project is done. Refused while a step is open, an indicator not measured, a part not over."""
    values = _dated("actual_end", actual_end, actual_end_precision)
    return advance(PROJECT_LIFE, project, "complete", actor=actor, reason=reason, version=version, **values)


@PROJECT_LIFE.service("suspend")
def suspend_project(project: Project, *, actor, reason: str = "", version: int | None = None) -> Project:
    """The project stands still; the record keeps why. Refused without a reason."""
    return advance(PROJECT_LIFE, project, "suspend", actor=actor, reason=reason, version=version)


@PROJECT_LIFE.service("resume")
def resume_project(project: Project, *, actor, reason: str = "", version: int | None = None) -> Project:
    """A project that had begun goes on. Refused where it had not begun."""
    return advance(PROJECT_LIFE, project, "resume", actor=actor, reason=reason, version=version)


@PROJECT_LIFE.service("prepare_again")
def prepare_project_again(project: Project, *, actor, reason: str = "", version: int | None = None) -> Project:
    """Takes a project that has not begun back to preparation. Refused without a reason."""
    return advance(PROJECT_LIFE, project, "prepare_again", actor=actor, reason=reason, version=version)


@PROJECT_LIFE.service("abandon")
def abandon_project(project: Project, *, actor, reason: str = "", version: int | None = None) -> Project:
    """The project is given up; the record keeps why. Refused without a reason, and while a part of it goes on."""
    return advance(PROJECT_LIFE, project, "abandon", actor=actor, reason=reason, version=version)


# --- labels ---


@LABEL_LIFE.service("instruct")
def instruct_label(label: Label, *, actor, reason: str = "", version: int | None = None) -> Label:
    """The review of the application begins."""
    return advance(LABEL_LIFE, label, "instruct", actor=actor, reason=reason, version=version)


@LABEL_LIFE.service("award")
def award_label(
    label: Label,
    *,
    actor,
    opinion: str | None = None,
    decided_on: date | None = None,
    valid_until: date | None = None,
    reason: str = "",
    version: int | None = None,
) -> Label:
    """Awards the label until a day. Refused without the review's opinion, a date that has come, and a validity."""
    values = _given(opinion=opinion, decided_on=decided_on, valid_until=valid_until)
    return advance(LABEL_LIFE, label, "award", actor=actor, reason=reason, version=version, **values)


@LABEL_LIFE.service("refuse")
def refuse_label(
    label: Label,
    *,
    actor,
    opinion: str | None = None,
    decided_on: date | None = None,
    reason: str = "",
    version: int | None = None,
) -> Label:
    """Refuses the label. Refused itself without the review's opinion, a date that has come and a reason."""
    values = _given(opinion=opinion, decided_on=decided_on)
    return advance(LABEL_LIFE, label, "refuse", actor=actor, reason=reason, version=version, **values)


@LABEL_LIFE.service("withdraw")
def withdraw_label(label: Label, *, actor, reason: str = "", version: int | None = None) -> Label:
    """Notes that the applicant withdrew. Refused without a reason."""
    return advance(LABEL_LIFE, label, "withdraw", actor=actor, reason=reason, version=version)


# --- applications ---


@APPLICATION_LIFE.service("submit")
def submit_application(
    application: Application,
    *,
    actor,
    amount_asked: Decimal | None = None,
    total_cost: Decimal | None = None,
    submitted_on: date | None = None,
    deliberation: Deliberation | None = None,
    reason: str = "",
    version: int | None = None,
) -> Application:
    """Records that it was sent to the funder; amounts in EUR.

    Refused without amounts and directorate, after the deadline, outside the call's range, below the partners' share
    that the call asks for, and while one of its gates stands closed.
    """
    values = _given(
        amount_asked=amount_asked, total_cost=total_cost, submitted_on=submitted_on, deliberation=deliberation
    )
    return advance(APPLICATION_LIFE, application, "submit", actor=actor, reason=reason, version=version, **values)


@APPLICATION_LIFE.service("win")
@transaction.atomic
def win_application(
    application: Application,
    *,
    actor,
    amount_obtained: Decimal | None = None,
    decided_on: date | None = None,
    reason: str = "",
    version: int | None = None,
) -> Application:
    """Records the funder's yes, in EUR. Gives the project a funding line with what was asked and what is committed."""
    values = _given(amount_obtained=amount_obtained, decided_on=decided_on)
    won = advance(APPLICATION_LIFE, application, "win", actor=actor, reason=reason, version=version, **values)
    programme = won.call.programme
    line = FundingLine(
        project=won.project, kind=programme.kind, organisation=programme.funder, label=won.call.identifier
    )
    line.save()
    moved = (
        (MovementKind.REQUESTED, won.submitted_on, won.amount_asked),
        (MovementKind.COMMITTED, won.decided_on, won.amount_obtained),
    )
    for kind, day, amount in moved:
        Movement(line=line, kind=kind, on=day, amount=amount).save()
    won.funding_line = line
    won.save()
    return won


@APPLICATION_LIFE.service("lose")
def lose_application(
    application: Application,
    *,
    actor,
    decided_on: date | None = None,
    reason: str = "",
    version: int | None = None,
) -> Application:
    """Records the funder's no. Refused without a date that has come and a reason."""
    values = _given(decided_on=decided_on)
    return advance(APPLICATION_LIFE, application, "lose", actor=actor, reason=reason, version=version, **values)


@APPLICATION_LIFE.service("withdraw")
def withdraw_application(
    application: Application, *, actor, reason: str = "", version: int | None = None
) -> Application:
    """Notes that the City takes the application back. Refused without a reason."""
    return advance(APPLICATION_LIFE, application, "withdraw", actor=actor, reason=reason, version=version)

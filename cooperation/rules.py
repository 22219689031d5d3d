"""Who may do what with cooperation, and what a project, a label and an application need before each step of their life."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from django.utils.translation import gettext as _

from cooperation.enums import APPLICATION_LIFE, LABEL_LIFE, PROJECT_LIFE, Gate, ProjectRole
from cooperation.models import Application, Filing, FundingCall, Label, Project
from core import clock, dates
from core.exceptions import Reason
from core.roles import ADD, ALL, EDIT, READ, VIEW, Permissions, Role
from core.templatetags.parvis import euros, number
from partnerships.enums import AgreementStatus

RECORDS = (
    "theme",
    "purposecode",
    "councilleadtime",
    "framework",
    "exchangeprogramme",
    "fundingprogramme",
    "filing",
)
# Records that an officer may also take away: drafts, ideas, and what belongs to a record above.
PARTS = (
    "project",
    "projectcity",
    "projectorganisation",
    "projecttheme",
    "projectstep",
    "expertassignment",
    "resultindicator",
    "resultperiod",
    "fundingline",
    "movement",
    "culturalproject",
    "culturaldestination",
    "edition",
    "label",
    "fundingcall",
    "calltheme",
    "callcountry",
    "application",
    "goodpractice",
    "practiceuptake",
)
_APPENDED = {"forecast": frozenset({VIEW, ADD})}
_OFFICER = dict.fromkeys(RECORDS, EDIT) | dict.fromkeys(PARTS, ALL) | _APPENDED
_READ = dict.fromkeys((*RECORDS, *PARTS, "forecast"), READ)

PERMISSIONS: Permissions = {
    Role.ADMINISTRATOR: dict.fromkeys((*RECORDS, *PARTS), ALL) | _APPENDED,
    Role.OFFICER: _OFFICER,
    Role.SOLIDARITY_OFFICER: _READ,
    Role.PROTECTION_OFFICER: _READ,
    Role.DEPUTY: _READ,
    Role.AUDITOR: _READ,
}


# --- projects ---


@PROJECT_LIFE.guard("prepare")
@PROJECT_LIFE.guard("adopt")
def names_where(project: Project) -> Iterator[Reason]:
    if not project.region_fr and not project.places.exists():
        yield Reason(_("No city is named; where there is none, name the region."), "places")


@PROJECT_LIFE.guard("adopt")
def states_object(project: Project) -> Iterator[Reason]:
    """What the Council votes on says what it is (CGCT L1115-1)."""
    if not project.object_fr.strip():
        yield Reason(_("The object is missing (CGCT L1115-1)."), "object_fr")


@PROJECT_LIFE.guard("adopt")
def has_lead(project: Project) -> Iterator[Reason]:
    if not any(body.role == ProjectRole.LEAD for body in project.bodies.all()):
        yield Reason(_("No lead directorate is named."), "bodies")


@PROJECT_LIFE.guard("adopt")
def is_classified(project: Project) -> Iterator[Reason]:
    """The yearly aid return asks for the sector of each payment (CGCT L1115-6)."""
    if not project.purposes:
        yield Reason(_("No DAC purpose code is given."), "purposes")


@PROJECT_LIFE.guard("adopt")
def has_funding_plan(project: Project) -> Iterator[Reason]:
    lines = list(project.funding_lines.all())
    if project.parts.exists():
        return
    if not lines:
        yield Reason(_("No funding line says who is to pay."), "funding_lines")
    elif not any(line.forecasts.exists() for line in lines):
        yield Reason(_("No forecast is recorded: the vote freezes it."), "funding_lines")


@PROJECT_LIFE.guard("adopt")
@PROJECT_LIFE.guard("vote_again")
def is_voted(project: Project) -> Iterator[Reason]:
    """The Council votes every convention of external action (CGCT L1115-1)."""
    deliberation = project.deliberation
    if deliberation is None:
        yield Reason(_("The Council's deliberation is missing."), "deliberation")
    elif not deliberation.voted_on_precision:
        yield Reason(_("The deliberation has no date of vote."), "deliberation")
    elif deliberation.voted_on and deliberation.voted_on > clock.today():
        yield Reason(_("The Council has not voted yet."), "deliberation")


@PROJECT_LIFE.guard("vote_again")
def is_another_vote(project: Project) -> Iterator[Reason]:
    voted = Project.objects.filter(pk=project.pk).values_list("deliberation", flat=True).first()
    if project.deliberation_id and voted == project.deliberation_id:
        yield Reason(_("This vote is already recorded: name the further one."), "deliberation")


@PROJECT_LIFE.guard("start")
def has_start(project: Project) -> Iterator[Reason]:
    if not project.actual_start_precision:
        yield Reason(_("The date of the start is missing."), "actual_start")
    voted = project.deliberation.voted_on if project.deliberation else None
    if voted and project.actual_start and _last(project, "actual_start") < voted:
        yield Reason(
            _("It cannot start before the Council's vote (%(day)s).") % {"day": dates.display(voted, "day")},
            "actual_start",
        )


def _last(project: Project, name: str):
    return dates.last_day(getattr(project, name), getattr(project, f"{name}_precision") or "day")


@PROJECT_LIFE.guard("start")
def agreement_is_in_force(project: Project) -> Iterator[Reason]:
    """A convention takes effect only once sent to the prefect (A1, CGCT L1115-1)."""
    agreement = project.agreement
    if agreement and agreement.status != AgreementStatus.IN_FORCE:
        yield Reason(
            _("The agreement %(reference)s is not in force: its state is “%(state)s”.")
            % {"reference": agreement.reference, "state": agreement.get_status_display()},
            "agreement",
        )


@PROJECT_LIFE.guard("complete")
def has_end(project: Project) -> Iterator[Reason]:
    if not project.actual_end_precision:
        yield Reason(_("The date of the end is missing."), "actual_end")


@PROJECT_LIFE.guard("complete")
def has_no_open_step(project: Project) -> Iterator[Reason]:
    for step in (step for step in project.steps.all() if step.done_on is None):
        yield Reason(_("A step is not done: %(step)s.") % {"step": step.title}, "steps")


@PROJECT_LIFE.guard("complete")
def results_are_measured(project: Project) -> Iterator[Reason]:
    for indicator in project.indicators.all():
        if any(period.actual is not None for period in indicator.periods.all()):
            continue
        yield Reason(_("No result is recorded for “%(indicator)s”.") % {"indicator": indicator.title}, "indicators")


@PROJECT_LIFE.guard("complete")
@PROJECT_LIFE.guard("abandon")
def parts_are_over(project: Project) -> Iterator[Reason]:
    for part in (part for part in project.parts.all() if part.stage not in ("completed", "abandoned")):
        yield Reason(_("A part of it is not over: %(project)s.") % {"project": part})


@PROJECT_LIFE.guard("resume")
def has_begun(project: Project) -> Iterator[Reason]:
    if not project.actual_start_precision:
        yield Reason(_("It had not begun: take it back to preparation instead."))


@PROJECT_LIFE.guard("prepare_again")
def has_not_begun(project: Project) -> Iterator[Reason]:
    if project.actual_start_precision:
        yield Reason(_("It has begun: resume it, or abandon it."))


# --- labels ---


@LABEL_LIFE.guard("award")
@LABEL_LIFE.guard("refuse")
def states_opinion(label: Label) -> Iterator[Reason]:
    if not label.opinion.strip():
        yield Reason(_("The opinion of the review is missing."), "opinion")
    if label.decided_on is None:
        yield Reason(_("The date of the decision is missing."), "decided_on")
    elif label.decided_on > clock.today():
        yield Reason(_("This has not happened yet: the date is in the future."), "decided_on")


@LABEL_LIFE.guard("award")
def is_valid_for_a_time(label: Label) -> Iterator[Reason]:
    if label.valid_until is None:
        yield Reason(_("Say until when the label is valid."), "valid_until")
    elif label.decided_on and label.valid_until < label.decided_on:
        yield Reason(_("A label is valid from its award on."), "valid_until")


# --- applications ---


@APPLICATION_LIFE.guard("submit")
def states_amounts(application: Application) -> Iterator[Reason]:
    if application.amount_asked is None:
        yield Reason(_("The amount asked is missing."), "amount_asked")
    if application.total_cost is None:
        yield Reason(_("The whole cost is missing."), "total_cost")
    if application.directorate is None:
        yield Reason(_("The directorate that applies is missing."), "directorate")


@APPLICATION_LIFE.guard("submit")
def is_in_time(application: Application) -> Iterator[Reason]:
    sent = application.submitted_on
    if sent is None:
        yield Reason(_("The date of the submission is missing."), "submitted_on")
        return
    if sent > clock.today():
        yield Reason(_("This has not happened yet: the date is in the future."), "submitted_on")
    deadline = application.deadline or application.call.last_deadline
    if sent > deadline:
        day = dates.display(deadline, "day")
        yield Reason(_("It comes after the deadline of %(day)s.") % {"day": day}, "submitted_on")
    if application.call.opens_on and sent < application.call.opens_on:
        yield Reason(_("The call was not open yet."), "submitted_on")


@APPLICATION_LIFE.guard("submit")
def fits_the_call(application: Application) -> Iterator[Reason]:
    """What the call asks for in money: the range of the contribution, the funder's rate, the partners' share."""
    call, asked = application.call, application.amount_asked
    if asked is None:
        return
    if call.smallest is not None and asked < call.smallest:
        yield Reason(_("The call gives at least %(amount)s.") % {"amount": euros(call.smallest)}, "amount_asked")
    if call.largest is not None and asked > call.largest:
        yield Reason(_("The call gives at most %(amount)s.") % {"amount": euros(call.largest)}, "amount_asked")
    share = application.partners_share
    if share is None:
        return
    wanted = least_partners_share(call)
    if wanted is not None and share < wanted:
        yield Reason(
            _("Others than the funder bear %(share)s %% of the cost; the call asks for at least %(least)s %%.")
            % {"share": number(round(share, 1)), "least": number(wanted)},
            "total_cost",
        )


def least_partners_share(call: FundingCall) -> Decimal | None:
    """The least that others than the funder bear, in % of the cost: what the call asks of them, and what its rate leaves."""
    asked = [] if call.partners_share is None else [call.partners_share]
    if call.cofunding_rate is not None:
        asked.append(100 - call.cofunding_rate)
    return max(asked, default=None)


@APPLICATION_LIFE.guard("submit")
def gates_are_open(application: Application) -> Iterator[Reason]:
    yield from closed_gates(application.call, application.project, application.deliberation_id)


def closed_gates(
    call: FundingCall, project: Project, deliberation_id: int | None = None, filings: Iterable[Filing] | None = None
) -> Iterator[Reason]:
    """The gates of the call that stand closed for the project today, each with what would open it.

    `filings` are those that the City has made, where they have been read already.
    """
    yield from unfiled(call, list(Filing.objects.all()) if filings is None else filings).values()
    if Gate.COMMITMENT in call.all_gates and not (deliberation_id or _is_committed(project)):
        yield Reason(_("There is neither a signed agreement nor a deliberation of the Council."), "deliberation")


def unfiled(call: FundingCall, filings: Iterable[Filing]) -> dict[str, Reason]:
    """The gates of the call that stand closed whatever the project, because the City has not filed what they ask for."""
    closed: dict[str, Reason] = {}
    for gate in call.all_gates:
        if gate == Gate.AID_RETURN and not _filed(filings, gate, year_of_aid_return()):
            closed[gate] = Reason(
                _("The aid return for %(year)s is not recorded as filed (CGCT L1115-6).")
                % {"year": year_of_aid_return()},
                "call",
            )
        if gate == Gate.REPORTS and not _filed(filings, gate, clock.today().year - 1, call.programme.funder_id):
            closed[gate] = Reason(
                _("The reports on earlier grants of %(funder)s are not recorded as filed.")
                % {"funder": call.programme.funder},
                "call",
            )
    return closed


def year_of_aid_return() -> int:
    """The last year whose aid return is due: that of year N is filed by 31 May of N+1 (CGCT L1115-6)."""
    today = clock.today()
    return today.year - (1 if (today.month, today.day) > (5, 31) else 2)


def _filed(filings: Iterable[Filing], gate: str, since: int, funder_id: int | None = None) -> bool:
    """Whether it was filed for that year or a later one."""
    return any(row.gate == gate and row.year >= since and row.funder_id == funder_id for row in filings)


def _is_committed(project: Project) -> bool:
    signed = (AgreementStatus.SIGNED, AgreementStatus.IN_FORCE)
    return bool(project.deliberation_id) or bool(project.agreement and project.agreement.status in signed)


@APPLICATION_LIFE.guard("win")
@APPLICATION_LIFE.guard("lose")
def has_decision(application: Application) -> Iterator[Reason]:
    decided = application.decided_on
    if decided is None:
        yield Reason(_("The date of the decision is missing."), "decided_on")
    elif decided > clock.today():
        yield Reason(_("This has not happened yet: the date is in the future."), "decided_on")
    elif application.submitted_on and decided < application.submitted_on:
        yield Reason(_("It is decided after it was submitted."), "decided_on")


@APPLICATION_LIFE.guard("win")
def has_amount(application: Application) -> Iterator[Reason]:
    obtained = application.amount_obtained
    if obtained is None or obtained <= 0:
        yield Reason(_("The amount obtained is missing."), "amount_obtained")
    elif application.amount_asked is not None and obtained > application.amount_asked:
        yield Reason(_("No more is obtained than was asked."), "amount_obtained")


@APPLICATION_LIFE.guard("win")
def money_has_a_place(application: Application) -> Iterator[Reason]:
    if application.project.parts.exists():
        yield Reason(_("The money of a project that has parts stands on its parts: apply with the part."), "project")

"""Who may do what with solidarity, and what a grant needs before each step of its life: the checklist."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from core import clock, dates
from core.access import ApiClient
from core.exceptions import Reason
from core.roles import ALL, CHANGE, EDIT, READ, VIEW, Permissions, Role
from core.templatetags.parvis import euros
from partnerships.models import CouncilGroup
from solidarity import law
from solidarity.enums import COMMITTED, GRANT_LIFE, HONOUR_LIFE, ParameterKind, PieceKind
from solidarity.models import (
    Allocation,
    Envelope,
    FinancialReport,
    Fund,
    FundParameter,
    Grant,
    GrantAgreement,
    Honour,
)
from solidarity.models.grants import OTHER_YEAR

RECORDS = ("fund", "envelope", "legalthreshold", "declaredaid", "publicaccounts")
PARTS = (
    "fundservice",
    "fundparameter",
    "resourcebase",
    "grant",
    "grantplace",
    "piece",
    "allocation",
    "grantagreement",
    "instalment",
    "payment",
    "financialreport",
    "reportline",
    "crisis",
    "crisisplace",
    "healthindicator",
)
# Honours and residencies as the public knows them; international relations keep them.
HONOURS = ("residencyprogramme", "programmehost", "residency", "honour", "commissionopinion")
# Files of people under threat: a right here opens none of them, it only lets somebody be named for one.
FILES = ("protectedfile", "fileaccess", "fileread", "publication", "erasure")
_OFFICER = dict.fromkeys(RECORDS, EDIT) | dict.fromkeys(PARTS, ALL)
_READ = dict.fromkeys((*RECORDS, *PARTS, *HONOURS), READ)
_HONOURS = dict.fromkeys(HONOURS, ALL)
_NAMED = {"protectedfile": frozenset({VIEW, CHANGE}), "fileaccess": READ, "fileread": READ}

PERMISSIONS: Permissions = {
    Role.ADMINISTRATOR: dict.fromkeys((*RECORDS, *PARTS, *HONOURS), ALL),
    Role.OFFICER: _READ | _HONOURS | _NAMED,
    Role.SOLIDARITY_OFFICER: _READ | _OFFICER | _NAMED,
    Role.PROTECTION_OFFICER: _READ | _HONOURS | dict.fromkeys(FILES, EDIT),
    Role.DEPUTY: _READ,
    Role.AUDITOR: _READ,
}


# --- before the review ---


@GRANT_LIFE.guard("submit")
def states_request(grant: Grant) -> Iterator[Reason]:
    if grant.received_on is None:
        yield Reason(_("The day of the application's reception is missing."), "received_on")
    if grant.amount_asked is None:
        yield Reason(_("The amount asked is missing."), "amount_asked")


@GRANT_LIFE.guard("review")
def has_reported_on_earlier_grants(grant: Grant) -> Iterator[Reason]:
    """The report on an earlier grant is required before a new application is accepted (loi 2000-321 art. 10, A8)."""
    for report in missing_reports(grant):
        yield Reason(
            _("The financial report %(year)s on the grant %(reference)s is missing: it was due on %(day)s.")
            % {
                "year": report.year,
                "reference": report.grant.reference,
                "day": dates.display(report.due_on, "day"),
            },
            "beneficiary",
        )


def missing_reports(grant: Grant) -> Iterable[FinancialReport]:
    """Reports of the body that are overdue, on other grants than this one, oldest first."""
    overdue = FinancialReport.objects.filter(
        grant__beneficiary=grant.beneficiary_id, received_on__isnull=True, due_on__lt=clock.today()
    )
    return overdue.exclude(grant=grant.pk).select_related("grant").order_by("due_on")


# --- before the proposal and the vote ---


def pieces_asked(grant: Grant) -> list[PieceKind]:
    """The pieces that the file must hold: the form always, the engagement contract by the date of the application (A12)."""
    asked = [PieceKind.FORM, PieceKind.BUDGET]
    if law.needs_engagement(grant):
        asked.append(PieceKind.ENGAGEMENT)
    return asked


@GRANT_LIFE.guard("propose")
def file_is_complete(grant: Grant) -> Iterator[Reason]:
    held = set(grant.pieces.values_list("kind", flat=True))
    for piece in pieces_asked(grant):
        if piece not in held:
            yield Reason(_("A piece of the file is missing: %(piece)s.") % {"piece": piece.label}, "pieces")


@GRANT_LIFE.guard("propose")
def states_opinion(grant: Grant) -> Iterator[Reason]:
    if not grant.opinion.strip():
        yield Reason(_("The opinion of the review is missing."), "opinion")


@GRANT_LIFE.guard("propose")
def is_allocated(grant: Grant) -> Iterator[Reason]:
    if grant.amount_granted is None:
        yield Reason(_("The amount proposed is missing."), "amount_granted")
        return
    allocated = grant.allocations.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
    if allocated != grant.amount_granted:
        yield Reason(
            _("The allocations sum to %(allocated)s, the amount proposed is %(amount)s.")
            % {"allocated": euros(allocated), "amount": euros(grant.amount_granted)},
            "allocations",
        )
    for allocation in grant.allocations.select_related("envelope"):
        if not grant.year <= allocation.envelope.year <= (grant.until_year or grant.year):
            yield Reason(OTHER_YEAR, "allocations")
    if grant.amount_asked is not None and grant.amount_granted > grant.amount_asked:
        yield Reason(_("No more is granted than was asked."), "amount_granted")


@GRANT_LIFE.guard("propose")
@GRANT_LIFE.guard("vote")
def is_within_range(grant: Grant) -> Iterator[Reason]:
    """The range of each fund's grants, as it holds on the day (seed: emergency aid from 20 000 € to 100 000 €)."""
    if grant.amount_granted is None:
        return
    funds = Fund.objects.filter(envelopes__allocations__grant=grant).distinct()
    for fund in funds:
        least = parameter(fund, ParameterKind.GRANT_MINIMUM)
        most = parameter(fund, ParameterKind.GRANT_MAXIMUM)
        if least is not None and grant.amount_granted < least:
            yield Reason(
                _("%(fund)s: a grant is at least %(amount)s.") % {"fund": fund, "amount": euros(least)},
                "amount_granted",
            )
        if most is not None and grant.amount_granted > most:
            yield Reason(
                _("%(fund)s: a grant is at most %(amount)s.") % {"fund": fund, "amount": euros(most)}, "amount_granted"
            )


def parameter(fund: Fund, kind: ParameterKind, day=None) -> Decimal | None:
    """The fund's value on the day (today); None where none holds."""
    day = day or clock.today()
    held = FundParameter.objects.filter(Q(until__isnull=True) | Q(until__gte=day), fund=fund, kind=kind, since__lte=day)
    return held.values_list("value", flat=True).first()


@GRANT_LIFE.guard("propose")
@GRANT_LIFE.guard("vote")
def envelopes_suffice(grant: Grant) -> Iterator[Reason]:
    """Said early what the database refuses at the vote: the envelope's AE, and the ceiling of each service apart (A4, A16)."""
    taken: dict[Envelope, Decimal] = {}
    for allocation in grant.allocations.select_related("envelope__fund", "service"):
        envelope = allocation.envelope
        taken[envelope] = taken.get(envelope, Decimal(0)) + allocation.amount
        if envelope.fund.has_ceiling:
            yield from _ceiling(allocation)
    for envelope, amount in taken.items():
        yield from _commitment(envelope, amount)


def committed(**narrowed) -> Decimal:
    """EUR that voted grants take of an envelope, or of a service within it."""
    taken = Allocation.objects.filter(grant__stage__in=COMMITTED, **narrowed)
    return taken.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)


def _commitment(envelope: Envelope, amount: Decimal) -> Iterator[Reason]:
    left = envelope.commitment_authorised - committed(envelope=envelope)
    if amount > left:
        yield Reason(
            _("%(envelope)s has %(left)s left to commit; the grant takes %(amount)s.")
            % {"envelope": envelope, "left": euros(left), "amount": euros(amount)},
            "allocations",
        )


def _ceiling(allocation: Allocation) -> Iterator[Reason]:
    envelope, service = allocation.envelope, allocation.service
    rate = parameter(envelope.fund, ParameterKind.CEILING_RATE)
    base = envelope.bases.filter(service=service).first()
    if rate is None:
        yield Reason(
            _("%(fund)s: no ceiling holds today, the scheme does not exist on this day.") % {"fund": envelope.fund},
            "allocations",
        )
    elif base is None:
        yield Reason(
            _("The own resources of %(service)s for %(year)s are not recorded.")
            % {"service": service, "year": envelope.year},
            "allocations",
        )
    else:
        left = base.own_resources * rate / 100 - committed(envelope=envelope, service=service)
        if allocation.amount > left:
            yield Reason(
                _("%(service)s has %(left)s left under its ceiling; the grant takes %(amount)s (CGCT L1115-1-1).")
                % {"service": service, "left": euros(round(left, 2)), "amount": euros(allocation.amount)},
                "allocations",
            )


@GRANT_LIFE.guard("propose", of_actor=True)
def is_approved_by_another(grant: Grant, actor) -> Iterator[Reason]:
    """The approver sees what he approves, and nobody approves a file that he or she instructed."""
    if isinstance(actor, ApiClient):
        yield Reason(_("A person proposes a file to the Council, not a system."))
    if grant.instructed_by_id is not None and actor.pk == grant.instructed_by_id:
        yield Reason(_("You instructed this file: somebody else proposes it."))


@GRANT_LIFE.guard("vote")
def is_voted(grant: Grant) -> Iterator[Reason]:
    deliberation = grant.deliberation
    if deliberation is None:
        yield Reason(_("The Council's deliberation is missing."), "deliberation")
    elif not deliberation.voted_on_precision:
        yield Reason(_("The deliberation has no date of vote."), "deliberation")
    elif deliberation.voted_on and deliberation.voted_on > clock.today():
        yield Reason(_("The Council has not voted yet."), "deliberation")


# --- after the vote ---


def agreement_of(grant: Grant) -> GrantAgreement | None:
    return GrantAgreement.objects.filter(grant=grant.pk).first()


@GRANT_LIFE.guard("sign")
def agreement_is_signed(grant: Grant) -> Iterator[Reason]:
    agreement = agreement_of(grant)
    if agreement is None:
        yield Reason(_("The grant agreement is not recorded."), "agreement")
        return
    if agreement.signed_on is None:
        yield Reason(_("The grant agreement has no date of signature."), "agreement")
    if not agreement.conditions.strip():
        yield Reason(_("The grant agreement states no payment terms and conditions of use."), "agreement")
    planned = agreement.instalments.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
    if planned != grant.amount_granted:
        yield Reason(
            _("The instalments sum to %(planned)s, the grant is of %(amount)s.")
            % {"planned": euros(planned), "amount": euros(grant.amount_granted)},
            "agreement",
        )


@GRANT_LIFE.guard("open_payment")
def convention_where_asked(grant: Grant) -> Iterator[Reason]:
    """No payment before the convention, above the threshold a year and body (loi 2000-321 art. 10, A7)."""
    if grant.stage == "signed":
        return
    if agreement_of(grant) is not None:
        yield Reason(_("The grant agreement is prepared: record its signature first."), "agreement")
    elif (cumulated := law.convention_above(grant)) is not None:
        yield Reason(
            _(
                "%(body)s gets %(total)s for %(year)s, in cash and in kind: above %(threshold)s a signed agreement comes "
                "first (loi 2000-321, art. 10)."
            )
            % {
                "body": grant.beneficiary,
                "total": euros(cumulated.total),
                "year": grant.year,
                "threshold": euros(cumulated.threshold),
            },
            "agreement",
        )


@GRANT_LIFE.guard("open_payment")
def prior_year_is_reported(grant: Grant) -> Iterator[Reason]:
    yield from has_reported_on_earlier_grants(grant)


@GRANT_LIFE.guard("report")
def something_was_paid(grant: Grant) -> Iterator[Reason]:
    if not grant.payments.exists():
        yield Reason(_("Nothing has been paid yet."), "payments")


@GRANT_LIFE.guard("report")
def reports_are_received(grant: Grant) -> Iterator[Reason]:
    for report in grant.reports.filter(received_on__isnull=True):
        yield Reason(_("The financial report %(year)s has not been received.") % {"year": report.year}, "reports")


@GRANT_LIFE.guard("close")
def reports_are_accepted(grant: Grant) -> Iterator[Reason]:
    for report in grant.reports.filter(accepted_on__isnull=True):
        yield Reason(_("The financial report %(year)s has not been accepted.") % {"year": report.year}, "reports")


# --- honours ---


@HONOUR_LIFE.guard("examine")
def every_group_has_spoken(honour: Honour) -> Iterator[Reason]:
    """All groups of the Council sit in the commission: each gives its opinion (the City's communication of 2015)."""
    if honour.examined_on is None:
        yield Reason(_("The day of the commission is missing."), "examined_on")
    elif honour.examined_on > clock.today():
        yield Reason(_("This has not happened yet: the date is in the future."), "examined_on")
    if not honour.opinion_fr.strip():
        yield Reason(_("The opinion of the commission is missing."), "opinion_fr")
    day = honour.examined_on or clock.today()
    existing = CouncilGroup.objects.filter(Q(since=None) | Q(since__lte=day), Q(until=None) | Q(until__gte=day))
    for group in existing.exclude(honour_opinions__honour=honour):
        yield Reason(_("The group %(group)s has not given its opinion.") % {"group": group}, "opinions")


@HONOUR_LIFE.guard("examine")
def somebody_is_nominated(honour: Honour) -> Iterator[Reason]:
    if not honour.recipient.strip():
        yield Reason(_("Nobody is named."), "recipient")


@HONOUR_LIFE.guard("vote")
def honour_is_voted(honour: Honour) -> Iterator[Reason]:
    deliberation = honour.deliberation
    if deliberation is None:
        yield Reason(_("The Council's deliberation is missing."), "deliberation")
    elif not deliberation.voted_on_precision:
        yield Reason(_("The deliberation has no date of vote."), "deliberation")
    elif deliberation.voted_on and deliberation.voted_on > clock.today():
        yield Reason(_("The Council has not voted yet."), "deliberation")
    elif deliberation.voted_on and honour.examined_on and deliberation.voted_on < honour.examined_on:
        yield Reason(_("The Council votes after the commission."), "deliberation")


@HONOUR_LIFE.guard("award")
def honour_has_day(honour: Honour) -> Iterator[Reason]:
    voted_on = honour.deliberation.voted_on if honour.deliberation else None
    if not honour.awarded_on_precision:
        yield Reason(_("The day of the award is missing."), "awarded_on")
    elif honour.awarded_on and voted_on and dates.last_day(honour.awarded_on, honour.awarded_on_precision) < voted_on:
        yield Reason(_("An honour is awarded after the Council's vote."), "awarded_on")


def honour_warnings(honour: Honour) -> list[Reason]:
    """One that takes a stance on French foreign policy is a legal risk (A17): a legal opinion is asked for, never required."""
    if honour.foreign_policy and not honour.legal_opinion.strip():
        return [Reason(_("It takes a stance on French foreign policy: record a legal opinion."), "legal_opinion")]
    return []

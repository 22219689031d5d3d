"""Who may do what with the register, and what an agreement needs before each step of its life."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from core import clock
from core.exceptions import Reason
from core.roles import ADD, ALL, EDIT, READ, VIEW, Permissions, Role
from partnerships.enums import AGREEMENT_LIFE, LIVE, PARTNERSHIP, AgreementStatus, PartyRole, RenewalVerdict
from partnerships.models import Agreement, AgreementParty, Relation, RenewalDecision
from partnerships.models.renewals import BEGINS_LATER

REGISTER = (
    "country",
    "countrystatus",
    "area",
    "city",
    "cityarea",
    "relation",
    "organisation",
    "person",
    "personrole",
    "councilgroup",
    "deliberation",
    "agreement",
    "agreementparty",
    "agreementclause",
    "amendment",
    "network",
    "membership",
    "dues",
    "networkseat",
    "networkcity",
    "ambassador",
)
# Rows that belong to a record above them: whoever may change that record may also take them away.
PARTS = (
    "countrystatus",
    "cityarea",
    "relation",
    "personrole",
    "agreementparty",
    "agreementclause",
    "amendment",
    "membership",
    "networkseat",
    "networkcity",
)

# A decision is never changed or taken back: another one replaces it.
_DECIDE = {"renewaldecision": frozenset({VIEW, ADD})}
_OFFICER = dict.fromkeys(REGISTER, EDIT) | dict.fromkeys(PARTS, ALL) | {"watchnote": ALL, "agreement": ALL} | _DECIDE
_READ = dict.fromkeys((*REGISTER, "watchnote", "renewaldecision"), READ)

PERMISSIONS: Permissions = {
    Role.ADMINISTRATOR: dict.fromkeys((*REGISTER, "watchnote"), ALL) | _DECIDE,
    Role.OFFICER: _OFFICER,
    Role.SOLIDARITY_OFFICER: _READ | {"organisation": EDIT, "person": EDIT, "personrole": ALL, "deliberation": EDIT},
    Role.PROTECTION_OFFICER: _READ,
    Role.DEPUTY: _READ,
    Role.AUDITOR: _READ,
}


@AGREEMENT_LIFE.guard("vote")
@AGREEMENT_LIFE.guard("enter_into_force")
def needs_deliberation(agreement: Agreement) -> Iterator[Reason]:
    """The Council votes every convention of external action (CGCT L1115-1)."""
    deliberation = agreement.deliberation
    if deliberation is None:
        yield Reason(_("The Council's deliberation is missing."), "deliberation")
    elif not deliberation.voted_on_precision:
        yield Reason(_("The deliberation has no date of vote."), "deliberation")
    elif deliberation.voted_on and deliberation.voted_on > clock.today():
        yield Reason(_("The Council has not voted yet."), "deliberation")


@AGREEMENT_LIFE.guard("vote")
@AGREEMENT_LIFE.guard("sign")
def needs_counterpart(agreement: Agreement) -> Iterator[Reason]:
    if not any(party.role == PartyRole.COUNTERPART for party in agreement.parties.all()):
        yield Reason(_("No counterpart is named."), "parties")


@AGREEMENT_LIFE.guard("vote")
@AGREEMENT_LIFE.guard("sign")
@AGREEMENT_LIFE.guard("enter_into_force")
def states_object_and_amount(agreement: Agreement) -> Iterator[Reason]:
    """A convention states its object and its forecast amount (A1, CGCT L1115-1)."""
    if not agreement.object_fr.strip():
        yield Reason(_("The object is missing (CGCT L1115-1)."), "object_fr")
    if agreement.forecast_amount is None:
        yield Reason(
            _("The forecast amount is missing; write 0 where no money is planned (CGCT L1115-1)."), "forecast_amount"
        )


@AGREEMENT_LIFE.guard("vote")
@AGREEMENT_LIFE.guard("sign")
@AGREEMENT_LIFE.guard("enter_into_force")
def renews_one_with_the_same_counterpart(agreement: Agreement) -> Iterator[Reason]:
    if agreement.renews is None:
        return
    earlier = {(party.city_id, party.organisation_id) for party in _counterparts(agreement.renews)}
    if not earlier & {(party.city_id, party.organisation_id) for party in _counterparts(agreement)}:
        yield Reason(
            _("It renews an agreement with somebody else: %(reference)s.") % {"reference": agreement.renews.reference},
            "renews",
        )


def _counterparts(agreement: Agreement) -> list[AgreementParty]:
    return [party for party in agreement.parties.all() if party.role == PartyRole.COUNTERPART]


@AGREEMENT_LIFE.guard("vote")
@AGREEMENT_LIFE.guard("sign")
def leaves_no_overlap(agreement: Agreement) -> Iterator[Reason]:
    """Said early what the database refuses at the signature: no two agreements of one kind with one city at a time."""
    cities = [party.city_id for party in _counterparts(agreement) if party.city_id]
    bound = AgreementParty.objects.filter(
        city__in=cities, role=PartyRole.COUNTERPART, kind=agreement.kind, agreement__status__in=LIVE
    ).exclude(agreement__in=[agreement.pk, agreement.renews_id])
    for other in bound.select_related("agreement", "city"):
        if (
            other.agreement.expires_on is None
            or other.agreement.tacit_renewal
            or other.agreement.expires_on >= clock.today()
        ):
            yield Reason(
                _("%(city)s already has an agreement of this kind: %(reference)s. Renew it or end it first.")
                % {"city": other.city, "reference": other.agreement.reference},
                "parties",
            )


@AGREEMENT_LIFE.guard("sign")
def needs_signature_date(agreement: Agreement) -> Iterator[Reason]:
    if not agreement.signed_on_precision:
        yield Reason(_("The date of signature is missing."), "signed_on")


@AGREEMENT_LIFE.guard("enter_into_force")
def sent_to_prefect(agreement: Agreement) -> Iterator[Reason]:
    """A convention takes effect only once sent to the prefect (A1, CGCT L1115-1)."""
    if agreement.transmitted_to_prefect_on is None:
        yield Reason(
            _("It has not been sent to the prefect: without this it cannot take effect (CGCT L1115-1)."),
            "transmitted_to_prefect_on",
        )
    if agreement.in_force_on is None:
        yield Reason(_("The date from which it is in force is missing."), "in_force_on")
    elif agreement.in_force_on > clock.today():
        yield Reason(_("The date from which it is in force has not come yet."), "in_force_on")


@AGREEMENT_LIFE.guard("expire")
def is_past_expiry(agreement: Agreement) -> Iterator[Reason]:
    if agreement.expires_on is None:
        yield Reason(_("It has no expiry date."), "expires_on")
    elif agreement.expires_on >= clock.today():
        yield Reason(_("It has not expired yet."), "expires_on")
    if agreement.tacit_renewal:
        yield Reason(_("It renews itself tacitly: end it instead."), "tacit_renewal")


@AGREEMENT_LIFE.guard("prepare_renewal")
def has_no_successor(agreement: Agreement) -> Iterator[Reason]:
    successor = Agreement.objects.filter(renews=agreement.pk).first()
    if successor:
        yield Reason(_("Its renewal is already being prepared: %(reference)s.") % {"reference": successor.reference})


@AGREEMENT_LIFE.guard("renew")
def successor_is_in_force(agreement: Agreement) -> Iterator[Reason]:
    if not Agreement.objects.filter(renews=agreement.pk, status=AgreementStatus.IN_FORCE).exists():
        yield Reason(_("No agreement that renews it is in force yet."))


@AGREEMENT_LIFE.guard("end")
def has_ended(agreement: Agreement) -> Iterator[Reason]:
    if agreement.ended_on is None:
        yield Reason(_("The date on which it ended is missing."), "ended_on")
    elif agreement.ended_on > clock.today():
        yield Reason(_("This has not happened yet: the date is in the future."), "ended_on")


def who_decides_renewals() -> list[str]:
    """The names of the roles that may decide what becomes of a partnership."""
    return [str(role.label) for role, models in PERMISSIONS.items() if ADD in models.get("renewaldecision", ())]


def decides(decision: RenewalDecision) -> Iterator[Reason]:
    """What stands in the way of a decision, besides what is wrong in itself: a partnership ends once nothing binds it, not
    before it began, and never behind the back of a later decision."""
    if decision.verdict != RenewalVerdict.END:
        return
    bound = AgreementParty.objects.filter(
        city=decision.city_id, role=PartyRole.COUNTERPART, agreement__status__in=LIVE
    ).select_related("agreement")
    for party in bound.order_by("agreement__reference"):
        sentence = _("%(agreement)s is live: end it, or note that it has expired, before the partnership ends.")
        yield Reason(sentence % {"agreement": party.agreement}, "verdict")
    ties = Relation.objects.filter(city=decision.city_id, kind__in=PARTNERSHIP)
    if ties.filter(since__gt=decision.decided_on).exists() and not ties.holding_on(decision.decided_on).exists():
        yield Reason(BEGINS_LATER, "decided_on")
    later = RenewalDecision.objects.filter(city=decision.city_id, decided_on__gt=decision.decided_on)
    if later.exists():
        yield Reason(_("A later decision rules: a partnership does not end before it."), "decided_on")

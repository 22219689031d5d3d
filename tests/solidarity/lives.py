"""Grants taken along by their services, and what the tests of their lives have in common."""

from datetime import date
from decimal import Decimal
from itertools import count

from core.roles import Role
from solidarity import services
from solidarity.enums import GRANT_LIFE
from solidarity.models import Envelope, Grant
from tests import factories as make
from tests.cooperation.lives import assert_database_holds, refuses

__all__ = ["assert_database_holds", "bulk_proposed", "given", "grant_in", "law_in_force", "pay", "refuses", "water"]

WHY = "for an invented reason"
WAY = ["draft", "submitted", "under-review", "proposed", "voted", "signed", "in-payment", "reported", "closed"]
STOPPED = {"rejected": "under-review", "withdrawn": "voted"}
LAW = {
    "convention": (23000, date(2001, 6, 8)),
    "accounts": (153000, date(2001, 6, 8)),
    "accounts-months": (3, date(2001, 6, 8)),
    "report-months": (6, date(2006, 1, 1)),
    "engagement": (1, date(2022, 1, 2)),
}
_orders = count(1)


def law_in_force() -> None:
    for kind, (value, since) in LAW.items():
        make.LegalThresholdFactory(kind=kind, value=value, since=since)


def person():
    return make.UserFactory(role=Role.SOLIDARITY_OFFICER)


def water(resources=10_000_000, rate=1, since=date(2005, 2, 9), **envelope):
    """A fund of 1 % of two services, its envelope, and the two: water, sanitation."""
    fund = make.FundFactory(ceiling=True)
    make.FundParameterFactory(fund=fund, value=rate, since=since)
    envelope = make.EnvelopeFactory(
        fund=fund, **{"commitment_authorised": 1_000_000, "payment_credits": 1_000_000} | envelope
    )
    services_ = [make.FundServiceFactory(fund=fund, name_en=name) for name in ("Water", "Sanitation")]
    for service in services_:
        make.ResourceBaseFactory(envelope=envelope, service=service, own_resources=resources)
    return envelope, *services_


def grant_in(stage: str, *parts, actor=None, approver=None, agreement: bool | None = None, **values) -> Grant:
    """A grant that lacks nothing for the next verb, taken to the stage by its services.

    `parts` are its allocations: (envelope, amount) or (envelope, amount, service); one of 20 000 EUR of a new envelope where
    there is none. It has an agreement of two instalments where `agreement` is True, and where a stage needs one.
    """
    if not parts:
        parts = ((make.EnvelopeFactory(year=values.get("year", 2015)), 20000),)
    total = sum(Decimal(part[1]) for part in parts)
    values.setdefault("amount_asked", total)
    grant = make.GrantFactory(**values)
    for envelope, amount, *service in parts:
        make.AllocationFactory(grant=grant, envelope=envelope, amount=amount, service=service[0] if service else None)
    for kind in ("form", "budget"):
        make.PieceFactory(grant=grant, kind=kind, received_on=grant.received_on)
    goal = STOPPED.get(stage, stage)
    agreement = goal == "signed" if agreement is None else agreement
    for step in WAY[1 : WAY.index(goal) + 1]:
        if step == "signed" and not agreement:
            continue
        grant = _forward(grant, step, actor or person(), approver or person(), total)
    if stage in STOPPED:
        verb = {"rejected": "reject", "withdrawn": "withdraw"}[stage]
        grant = GRANT_LIFE.perform(grant, verb, actor=approver or person(), reason=WHY)
    return grant


def _forward(grant: Grant, step: str, actor, approver, total) -> Grant:
    match step:
        case "submitted":
            return services.submit_grant(grant, actor=actor)
        case "under-review":
            return services.review_grant(grant, actor=actor)
        case "proposed":
            return services.propose_grant(grant, actor=approver, amount_granted=total, opinion="Invented opinion.")
        case "voted":
            return services.vote_grant(grant, actor=approver, deliberation=make.DeliberationFactory())
        case "signed":
            sign_agreement(grant)
            return services.sign_grant_agreement(grant, actor=approver)
        case "in-payment":
            return services.open_payment(grant, actor=approver)
        case "reported":
            pay(grant, Decimal(1))
            received(grant)
            return services.report_grant(grant, actor=approver)
    accepted(grant)
    return services.close_grant(grant, actor=approver)


def sign_agreement(grant: Grant):
    """An agreement signed on 2 March 2015, of two instalments: two thirds, then the rest."""
    agreement = make.GrantAgreementFactory(grant=grant, signed_on=date(2015, 3, 2))
    first = (grant.amount_granted * 2 / 3).quantize(Decimal("0.01"))
    for number, amount in ((1, first), (2, grant.amount_granted - first)):
        make.InstalmentFactory(agreement=agreement, number=number, amount=amount)
    return agreement


def pay(grant: Grant, amount, **values):
    """A payment of the grant's first allocation and instalment, on 1 April 2015, unless said otherwise."""
    agreement = getattr(grant, "agreement", None)
    values.setdefault("instalment", agreement.instalments.first() if agreement else None)
    return make.PaymentFactory(grant=grant, amount=amount, **{"reference": f"ORDER-{next(_orders)}"} | values)


def received(grant: Grant) -> None:
    for report in grant.reports.filter(received_on=None):
        report.received_on = date(2015, 5, 4)
        report.save()


def accepted(grant: Grant) -> None:
    received(grant)
    for report in grant.reports.filter(accepted_on=None):
        report.accepted_on = date(2015, 5, 18)
        report.save()


def given(verb: str) -> dict:
    """What the verb asks of whoever carries it out."""
    asked = {"vote": {"deliberation": make.DeliberationFactory}}.get(verb, {})
    needs_reason = {"reason": WHY} if GRANT_LIFE.transition(verb).needs_reason else {}
    return {name: value() for name, value in asked.items()} | needs_reason


def bulk_proposed(envelope: Envelope, number: int, amount, service=None) -> list[Grant]:
    """Many grants before the Council, in few queries; the database checks each step."""
    body = make.OrganisationFactory()
    grants = make.GrantFactory.create_batch(
        number, beneficiary=body, amount_asked=amount, amount_granted=amount, opinion="Invented.", year=envelope.year
    )
    for grant in grants:
        make.AllocationFactory(grant=grant, envelope=envelope, service=service, amount=amount)
    return moved(grants, "submitted", "under-review", "proposed")


def moved(grants: list[Grant], *stages: str, **values) -> list[Grant]:
    """Along the stages in bulk: the services are not asked, the database is."""
    found = Grant.objects.filter(pk__in=[grant.pk for grant in grants])
    for stage in stages:
        found.update(stage=stage, **values)
    return list(found.order_by("pk"))

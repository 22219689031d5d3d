"""The verbs of the register. Each checks the life of its record, writes once, and returns the record as it now stands."""

from datetime import date
from typing import Any

import pghistory
import structlog
from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied, ValidationError
from django.db import transaction

from core import clock, dates
from core.access import may
from core.enums import Precision
from core.exceptions import Reason, Refused
from core.models import User
from core.workflow import advance
from partnerships import rules
from partnerships.enums import AGREEMENT_LIFE, PARTNERSHIP, AgreementStatus, ClauseKind, RenewalVerdict
from partnerships.models import (
    Agreement,
    AgreementClause,
    AgreementParty,
    City,
    Deliberation,
    Relation,
    RenewalDecision,
)

logger = structlog.get_logger(__name__)


@AGREEMENT_LIFE.service("vote")
def record_vote(
    agreement: Agreement,
    *,
    actor,
    deliberation: Deliberation | None = None,
    reason: str = "",
    version: int | None = None,
) -> Agreement:
    """Records that the Council voted the agreement. Refused without deliberation, counterpart, object and forecast amount."""
    values: dict[str, Any] = {} if deliberation is None else {"deliberation": deliberation}
    return advance(AGREEMENT_LIFE, agreement, "vote", actor=actor, reason=reason, version=version, **values)


@AGREEMENT_LIFE.service("sign")
def sign_agreement(
    agreement: Agreement,
    *,
    actor,
    signed_on: date | None = None,
    signed_on_precision: str = "",
    reason: str = "",
    version: int | None = None,
) -> Agreement:
    """Records the signature; the precision of a date given without one is the day. Refused before the vote or without a date."""
    precision = signed_on_precision or ("day" if signed_on else "")
    return advance(
        AGREEMENT_LIFE,
        agreement,
        "sign",
        actor=actor,
        reason=reason,
        version=version,
        signed_on=signed_on,
        signed_on_precision=precision,
    )


@AGREEMENT_LIFE.service("enter_into_force")
@transaction.atomic
def enter_into_force(
    agreement: Agreement,
    *,
    actor,
    deliberation: Deliberation | None = None,
    transmitted_to_prefect_on: date | None = None,
    in_force_on: date | None = None,
    reason: str = "",
    version: int | None = None,
) -> Agreement:
    """The agreement takes effect, and the one that it renews is renewed.

    Refused until it has been sent to the prefect (A1, CGCT L1115-1).
    """
    given = {
        "deliberation": deliberation,
        "transmitted_to_prefect_on": transmitted_to_prefect_on,
        "in_force_on": in_force_on,
    }
    values: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    advanced = advance(
        AGREEMENT_LIFE, agreement, "enter_into_force", actor=actor, reason=reason, version=version, **values
    )
    if advanced.renews is not None and advanced.renews.status in AGREEMENT_LIFE.transition("renew").sources:
        renew_agreement(advanced.renews, actor=actor, reason=reason)
    return advanced


@AGREEMENT_LIFE.service("prepare_renewal")
@transaction.atomic
def prepare_renewal(agreement: Agreement, *, actor, reason: str = "", version: int | None = None) -> Agreement:
    """Drafts the successor with the same parties, object and clauses; its money, vote and dates are to be filled in.

    Returns the agreement itself, still in force, whose `renewed_by` is the draft. Refused where a successor exists.
    """
    renewed = advance(AGREEMENT_LIFE, agreement, "prepare_renewal", actor=actor, reason=reason, version=version)
    copied = (
        "title_fr",
        "title_en",
        "kind",
        "object_fr",
        "object_en",
        "notice_months",
        "open_ended",
        "tacit_renewal",
        "state_authorisation",
    )
    successor = Agreement(renews=renewed, **{name: getattr(renewed, name) for name in copied})
    successor.save()
    for party in renewed.parties.all():
        AgreementParty(agreement=successor, city=party.city, organisation=party.organisation, role=party.role).save()
    for clause in renewed.clauses.all():
        AgreementClause(agreement=successor, kind=ClauseKind(clause.kind), text=clause.text).save()
    return renewed


@AGREEMENT_LIFE.service("renew")
def renew_agreement(agreement: Agreement, *, actor, reason: str = "", version: int | None = None) -> Agreement:
    """Notes that another agreement has taken over. Refused until that one is in force."""
    return advance(AGREEMENT_LIFE, agreement, "renew", actor=actor, reason=reason, version=version)


@AGREEMENT_LIFE.service("expire")
def expire_agreement(agreement: Agreement, *, actor, reason: str = "", version: int | None = None) -> Agreement:
    """Notes that the agreement ran out. Refused before its expiry and where it renews itself tacitly."""
    return advance(AGREEMENT_LIFE, agreement, "expire", actor=actor, reason=reason, version=version)


@AGREEMENT_LIFE.service("end")
def end_agreement(
    agreement: Agreement, *, actor, ended_on: date | None = None, reason: str = "", version: int | None = None
) -> Agreement:
    """Ends the agreement before its expiry. Refused without a date that has come and a reason."""
    values: dict[str, Any] = {} if ended_on is None else {"ended_on": ended_on}
    return advance(AGREEMENT_LIFE, agreement, "end", actor=actor, reason=reason, version=version, **values)


@AGREEMENT_LIFE.service("reopen")
def reopen_agreement(agreement: Agreement, *, actor, reason: str = "", version: int | None = None) -> Agreement:
    """Takes a voted agreement back to draft, to mend a mistake. Refused without a reason."""
    return advance(AGREEMENT_LIFE, agreement, "reopen", actor=actor, reason=reason, version=version)


def expire_past_agreements(*, actor) -> list[str]:
    """Expires every agreement in force whose last day has passed and that does not renew itself; returns their references.

    One that cannot be expired is logged and left for a person; the others go on.
    """
    past = Agreement.objects.visible_to(actor).filter(
        status=AgreementStatus.IN_FORCE, expires_on__lt=clock.today(), tacit_renewal=False
    )
    done = []
    for agreement in past.order_by("expires_on"):
        try:
            done.append(expire_agreement(agreement, actor=actor).reference)
        except (Refused, ValidationError) as refusal:
            logger.error("agreement_not_expired", reference=agreement.reference, reasons=str(refusal))
    return done


# --- what becomes of a partnership that sleeps ---


@transaction.atomic
def decide_renewal(
    city: City, *, actor, verdict: str, until: date | None, reason: str, decided_on: date | None = None
) -> RenewalDecision:
    """Records what is decided of the partnership with the city: to renew it, to pause it, to end it; returns the decision.

    A renewal or a pause says on which day the partnership is looked at again. An end closes, on the day of the decision, the
    relations that make the city a partner; it is refused while an agreement with the city is live. Nothing else changes.
    Refused with every reason at once; a second decision of one day too, also of two who decide at the same moment.
    """
    if not may(actor, "add", RenewalDecision):
        raise PermissionDenied
    held = City.objects.visible_to(actor).select_for_update(of=("self",)).filter(pk=city.pk).first()
    if held is None or (verdict == RenewalVerdict.END and not may(actor, "change", Relation)):
        raise PermissionDenied
    decision = RenewalDecision(
        city=held,
        verdict=verdict,
        decided_on=clock.today() if decided_on is None else decided_on,
        decided_by=actor if isinstance(actor, User) else None,
        until=until,
        reason=reason.strip(),
    )
    _refuse_decision(decision)
    with pghistory.context(reason=decision.reason, verb="decide_renewal"):
        decision.save()
        if decision.verdict == RenewalVerdict.END:
            _end_partnership(decision, actor)
    return decision


def _refuse_decision(decision: RenewalDecision) -> None:
    """What is wrong in the decision itself is a ValidationError; where a rule refuses it, both are said at once."""
    wrong: ValidationError | None = None
    try:
        decision.full_clean()
    except ValidationError as error:
        wrong = error
    reasons = list(rules.decides(decision))
    if reasons:
        given = wrong.message_dict.items() if wrong else ()
        named = [(message, "" if name == NON_FIELD_ERRORS else name) for name, told in given for message in told]
        raise Refused([*(Reason(message, name) for message, name in named), *reasons])
    if wrong:
        raise wrong


def _end_partnership(decision: RenewalDecision, actor) -> None:
    """Closes the relations that last beyond the day; one that begins after it is another partnership."""
    day = decision.decided_on
    rows = Relation.objects.visible_to(actor).select_for_update(of=("self",))
    for relation in rows.filter(city=decision.city_id, kind__in=PARTNERSHIP).order_by("pk"):
        over = relation.until_precision != "" and (
            relation.until is None or dates.last_day(relation.until, relation.until_precision) <= day
        )
        if not over and (relation.since is None or relation.since <= day):
            relation.until, relation.until_precision = day, Precision.DAY.value
            relation.save()

"""The verbs of grants. Each checks the life of its record, writes once, and returns the record as it now stands."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.access import ApiClient
from core.enums import Precision
from core.exceptions import Reason, Refused
from core.workflow import advance
from partnerships.models import Deliberation
from solidarity import law
from solidarity.enums import GRANT_LIFE, HONOUR_LIFE
from solidarity.models import Envelope, FinancialReport, Grant, Honour


def _person(actor):
    """The person who acts; a system is nobody who could judge a file of her own."""
    return None if isinstance(actor, ApiClient) or actor.pk is None else actor


@GRANT_LIFE.service("submit")
def submit_grant(
    grant: Grant, *, actor, received_on: date | None = None, reason: str = "", version: int | None = None
) -> Grant:
    """Records the application. Refused without the day of its reception and the amount asked (EUR)."""
    values: dict[str, Any] = {} if received_on is None else {"received_on": received_on}
    return advance(GRANT_LIFE, grant, "submit", actor=actor, reason=reason, version=version, **values)


@GRANT_LIFE.service("review")
def review_grant(grant: Grant, *, actor, reason: str = "", version: int | None = None) -> Grant:
    """The review begins, by the actor. Refused while a financial report of the body is overdue (loi 2000-321 art. 10)."""
    stamps = {"instructed_by": _person(actor), "approved_by": None}
    return advance(GRANT_LIFE, grant, "review", actor=actor, reason=reason, version=version, stamps=stamps)


@GRANT_LIFE.service("propose")
def propose_grant(
    grant: Grant,
    *,
    actor,
    amount_granted: Decimal | None = None,
    opinion: str | None = None,
    reason: str = "",
    version: int | None = None,
) -> Grant:
    """Approves the file for the Council, amount in EUR.

    Refused to whoever instructed it; without opinion, pieces and full allocation; outside the funds' ranges; above what the
    envelopes and the ceilings of the services leave.
    """
    values: dict[str, Any] = {"amount_granted": amount_granted, "opinion": opinion}
    given = {name: value for name, value in values.items() if value is not None}
    stamps = {"approved_by": _person(actor)}
    return advance(GRANT_LIFE, grant, "propose", actor=actor, reason=reason, version=version, stamps=stamps, **given)


@GRANT_LIFE.service("vote")
@transaction.atomic
def vote_grant(
    grant: Grant,
    *,
    actor,
    deliberation: Deliberation | None = None,
    reason: str = "",
    version: int | None = None,
) -> Grant:
    """Records the Council's vote: the envelopes are committed. Refused above AE and above the ceilings (A4, A16)."""
    lock_envelopes([grant.pk])
    values: dict[str, Any] = {} if deliberation is None else {"deliberation": deliberation}
    return advance(GRANT_LIFE, grant, "vote", actor=actor, reason=reason, version=version, **values)


def lock_envelopes(grants: Iterable[int]) -> None:
    """Holds the grants, then their envelopes, each by number, so that whoever commits at the same time waits."""
    list(Grant.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=grants).order_by("pk").values("pk"))
    envelopes = Envelope.objects.filter(pk__in=Envelope.objects.filter(allocations__grant__in=grants).values("pk"))
    list(envelopes.select_for_update(of=("self",), no_key=True).order_by("pk").values("pk"))


@GRANT_LIFE.service("sign")
def sign_grant_agreement(grant: Grant, *, actor, reason: str = "", version: int | None = None) -> Grant:
    """Records that the convention is signed. Refused unless its instalments sum to the grant."""
    return advance(GRANT_LIFE, grant, "sign", actor=actor, reason=reason, version=version)


@GRANT_LIFE.service("open_payment")
@transaction.atomic
def open_payment(grant: Grant, *, actor, reason: str = "", version: int | None = None) -> Grant:
    """From now on the grant may be paid; the reports that it owes are noted with their days (loi 2000-321 art. 10).

    Refused before the convention where the law asks for one, and while an earlier report of the body is overdue.
    """
    opened = advance(GRANT_LIFE, grant, "open_payment", actor=actor, reason=reason, version=version)
    if opened.earmarked:
        for year in range(opened.year, (opened.until_year or opened.year) + 1):
            due = law.report_due(year)
            if due is not None and not opened.reports.filter(year=year).exists():
                FinancialReport(grant=opened, year=year, due_on=due).save()
    return opened


@GRANT_LIFE.service("report")
def report_grant(grant: Grant, *, actor, reason: str = "", version: int | None = None) -> Grant:
    """The beneficiary has reported. Refused before a payment, and while a report has not been received."""
    return advance(GRANT_LIFE, grant, "report", actor=actor, reason=reason, version=version)


@GRANT_LIFE.service("close")
def close_grant(grant: Grant, *, actor, reason: str = "", version: int | None = None) -> Grant:
    """The file is closed. Refused while a report has not been accepted."""
    return advance(GRANT_LIFE, grant, "close", actor=actor, reason=reason, version=version)


@GRANT_LIFE.service("return_to_review")
def return_grant_to_review(grant: Grant, *, actor, reason: str = "", version: int | None = None) -> Grant:
    """Takes a proposal back, so that amounts and allocations can change. Refused without a reason."""
    stamps = {"approved_by": None}
    return advance(GRANT_LIFE, grant, "return_to_review", actor=actor, reason=reason, version=version, stamps=stamps)


@GRANT_LIFE.service("reject")
def reject_grant(grant: Grant, *, actor, reason: str = "", version: int | None = None) -> Grant:
    """Rejects the application; the record keeps why. Refused without a reason."""
    return advance(GRANT_LIFE, grant, "reject", actor=actor, reason=reason, version=version)


@GRANT_LIFE.service("withdraw")
def withdraw_grant(grant: Grant, *, actor, reason: str = "", version: int | None = None) -> Grant:
    """Notes that the body withdrew; what was committed is free again. Refused without a reason, and once payments are open."""
    return advance(GRANT_LIFE, grant, "withdraw", actor=actor, reason=reason, version=version)


@transaction.atomic
def vote_grants(grants: Iterable[Grant], *, actor, deliberation: Deliberation, reason: str = "") -> list[Grant]:
    """Records one vote on several grants, all or none. Refused with every reason, each after the reference of its grant."""
    found = sorted(set(grants), key=lambda grant: grant.pk)
    lock_envelopes([grant.pk for grant in found])
    voted: list[Grant] = []
    refused: list[Reason] = []
    for grant in found:
        try:
            voted.append(vote_grant(grant, actor=actor, deliberation=deliberation, reason=reason))
        except Refused as refusal:
            refused += [
                Reason(
                    _("%(grant)s: %(reason)s") % {"grant": grant.reference, "reason": missing},
                    ".".join(part for part in (grant.reference, missing.field) if part),
                )
                for missing in refusal
            ]
    if refused:
        raise Refused(refused)
    return voted


# --- honours ---


@HONOUR_LIFE.service("examine")
def examine_honour(
    honour: Honour,
    *,
    actor,
    examined_on: date | None = None,
    opinion_fr: str = "",
    reason: str = "",
    version: int | None = None,
) -> Honour:
    """Records the commission and its opinion. Refused while a group of the Council has not given its own."""
    given = {"examined_on": examined_on, "opinion_fr": opinion_fr}
    values: dict[str, Any] = {name: value for name, value in given.items() if value}
    return advance(HONOUR_LIFE, honour, "examine", actor=actor, reason=reason, version=version, **values)


@HONOUR_LIFE.service("vote")
def vote_honour(
    honour: Honour, *, actor, deliberation: Deliberation | None = None, reason: str = "", version: int | None = None
) -> Honour:
    """Records the Council's vote. Refused before the commission, or without a deliberation that was voted."""
    values: dict[str, Any] = {"deliberation": deliberation} if deliberation else {}
    return advance(HONOUR_LIFE, honour, "vote", actor=actor, reason=reason, version=version, **values)


@HONOUR_LIFE.service("award")
def award_honour(
    honour: Honour,
    *,
    actor,
    awarded_on: date | None = None,
    awarded_on_precision: str = "",
    reason: str = "",
    version: int | None = None,
) -> Honour:
    """Records the award. Refused before the vote and without its date."""
    precision = awarded_on_precision or (Precision.DAY if awarded_on else "")
    return advance(
        HONOUR_LIFE,
        honour,
        "award",
        actor=actor,
        reason=reason,
        version=version,
        awarded_on=awarded_on,
        awarded_on_precision=precision,
    )


@HONOUR_LIFE.service("reject")
def reject_honour(honour: Honour, *, actor, reason: str = "", version: int | None = None) -> Honour:
    """The honour is not given. Refused without a reason, which it keeps."""
    return advance(HONOUR_LIFE, honour, "reject", actor=actor, reason=reason, version=version)


@HONOUR_LIFE.service("withdraw")
def withdraw_honour(honour: Honour, *, actor, reason: str = "", version: int | None = None) -> Honour:
    """The nomination is withdrawn. Refused without a reason, which the honour keeps."""
    return advance(HONOUR_LIFE, honour, "withdraw", actor=actor, reason=reason, version=version)

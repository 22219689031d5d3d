"""What falls due in the register: the notice and the expiry of agreements, the dues of networks, and the day on which a
partnership is looked at again."""

from collections.abc import Iterator
from datetime import date

from dateutil.relativedelta import relativedelta
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import written
from core.deadlines import Deadline, listed, source
from partnerships import selectors
from partnerships.enums import AgreementStatus
from partnerships.models import Agreement, Dues, RenewalDecision


def _expiring(reader, since: date, until: date) -> QuerySet[Agreement]:
    """The agreements in force or signed that do not renew themselves."""
    # Neither parties nor clauses are said in a deadline.
    live = selectors.live_agreements(reader).prefetch_related(None)
    found = live.filter(expires_on__range=(since, until), tacit_renewal=False)
    return found.annotate(due=F("expires_on")).order_by("expires_on", "pk")


@listed("agreement-expiry", gettext_lazy("Expiry of an agreement"), _expiring)
def agreement_expiries(rows) -> Iterator[Deadline]:
    """The last day of each agreement."""
    for agreement in rows:
        what = _("%(agreement)s expires") % {"agreement": agreement.title}
        yield Deadline(agreement.due, "agreement-expiry", what, agreement.get_absolute_url(), agreement)


@source("agreement-notice", gettext_lazy("Last day to give notice of an agreement"))
def agreement_notices(reader, since: date, until: date) -> Iterator[Deadline]:
    """The last day to give notice, counted back from the expiry by the notice period."""
    for agreement in written.rows(_with_notice, reader, since, until + relativedelta(months=60)):
        assert agreement.expires_on  # the filter leaves out those without
        assert agreement.notice_months is not None
        due = agreement.expires_on - relativedelta(months=agreement.notice_months)
        if since <= due <= until:
            what = _("Last day to give notice: %(agreement)s") % {"agreement": agreement.title}
            yield Deadline(due, "agreement-notice", what, agreement.get_absolute_url(), agreement)


def _with_notice(reader, since: date, until: date) -> QuerySet[Agreement]:
    found = selectors.agreements(reader).filter(
        status=AgreementStatus.IN_FORCE, notice_months__isnull=False, expires_on__range=(since, until)
    )
    return found.prefetch_related(None).order_by("expires_on")


def _unpaid(reader, since: date, until: date) -> QuerySet[Dues]:
    found = selectors.unpaid_dues(reader).filter(due_on__range=(since, until)).annotate(due=F("due_on"))
    # Of the network its name and its page are said.
    return found.defer(*(f"network__{name}" for name in ("search", "created_at", "updated_at", "note_fr", "note_en")))


@listed("network-dues", gettext_lazy("Dues of a network"), _unpaid)
def dues(rows) -> Iterator[Deadline]:
    """The dues of networks that are not paid."""
    for row in rows:
        what = _("Dues of %(network)s for %(year)s") % {"network": row.network, "year": row.year}
        yield Deadline(row.due, "network-dues", what, row.network.get_absolute_url(), row)


def _looked_at_again(reader, since: date, until: date) -> QuerySet[RenewalDecision]:
    """The decisions that rule and name the day; an end names none."""
    found = selectors.ruling_decisions(reader).filter(until__range=(since, until)).annotate(due=F("until"))
    return found.order_by("until", "pk")


@listed("partnership-review", gettext_lazy("Partnership to be looked at again"), _looked_at_again)
def partnership_reviews(rows) -> Iterator[Deadline]:
    """The day on which a partnership that was renewed or paused is looked at again."""
    for decision in rows:
        what = _("The partnership with %(city)s is looked at again") % {"city": decision.city}
        yield Deadline(decision.due, "partnership-review", what, decision.get_absolute_url(), decision)

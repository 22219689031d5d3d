"""What falls due in the register: the notice and the expiry of agreements, and the dues of networks."""

from collections.abc import Iterator
from datetime import date

from dateutil.relativedelta import relativedelta
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.deadlines import Deadline, listed, source
from partnerships import selectors
from partnerships.enums import AgreementStatus
from partnerships.models import Agreement, Dues


def _expiring(reader, since: date, until: date) -> QuerySet[Agreement]:
    """The agreements in force or signed that do not renew themselves."""
    found = selectors.live_agreements(reader).filter(expires_on__range=(since, until), tacit_renewal=False)
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
    found = selectors.agreements(reader).filter(
        status=AgreementStatus.IN_FORCE,
        notice_months__isnull=False,
        expires_on__gte=since,
        expires_on__lte=until + relativedelta(months=60),
    )
    for agreement in found.order_by("expires_on"):
        assert agreement.expires_on  # the filter leaves out those without
        assert agreement.notice_months is not None
        due = agreement.expires_on - relativedelta(months=agreement.notice_months)
        if since <= due <= until:
            what = _("Last day to give notice: %(agreement)s") % {"agreement": agreement.title}
            yield Deadline(due, "agreement-notice", what, agreement.get_absolute_url(), agreement)


def _unpaid(reader, since: date, until: date) -> QuerySet[Dues]:
    return selectors.unpaid_dues(reader).filter(due_on__range=(since, until)).annotate(due=F("due_on"))


@listed("network-dues", gettext_lazy("Dues of a network"), _unpaid)
def dues(rows) -> Iterator[Deadline]:
    """The dues of networks that are not paid."""
    for row in rows:
        what = _("Dues of %(network)s for %(year)s") % {"network": row.network, "year": row.year}
        yield Deadline(row.due, "network-dues", what, row.network.get_absolute_url(), row)

"""What falls due in the register: the notice and the expiry of agreements, and the dues of networks."""

from collections.abc import Iterator
from datetime import date

from dateutil.relativedelta import relativedelta
from django.utils.translation import gettext as _

from core.deadlines import Deadline, source
from partnerships import selectors
from partnerships.enums import AgreementStatus


@source
def agreement_expiries(reader, since: date, until: date) -> Iterator[Deadline]:
    """The last day of each agreement in force or signed that does not renew itself."""
    found = selectors.live_agreements(reader).filter(expires_on__range=(since, until), tacit_renewal=False)
    for agreement in found.order_by("expires_on"):
        assert agreement.expires_on  # the filter leaves out those without
        what = _("%(agreement)s expires") % {"agreement": agreement.title}
        yield Deadline(agreement.expires_on, "agreement-expiry", what, agreement.get_absolute_url(), agreement)


@source
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


@source
def dues(reader, since: date, until: date) -> Iterator[Deadline]:
    """The dues of networks that are not paid."""
    for row in selectors.unpaid_dues(reader).filter(due_on__range=(since, until)):
        assert row.due_on  # the filter leaves out those without
        what = _("Dues of %(network)s for %(year)s") % {"network": row.network, "year": row.year}
        yield Deadline(row.due_on, "network-dues", what, row.network.get_absolute_url(), row)

"""What falls due in solidarity: financial reports, instalments, accounts to publish."""

from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext as _

from core.deadlines import Deadline, source
from solidarity import selectors
from solidarity.models import Instalment


@source
def reports(reader, since: date, until: date) -> Iterator[Deadline]:
    """The financial reports that have not come (six months after the year, loi 2000-321 art. 10)."""
    for report in selectors.grants.expected_reports(reader).filter(due_on__range=(since, until)):
        what = _("Financial report %(year)s of %(body)s") % {"year": report.year, "body": report.grant.beneficiary}
        yield Deadline(report.due_on, "grant-report", what, report.get_absolute_url(), report)


@source
def instalments(reader, since: date, until: date) -> Iterator[Deadline]:
    """The instalments of signed agreements on which nothing has been paid."""
    found = (
        Instalment.objects.visible_to(reader)
        .filter(due_on__range=(since, until), payments=None, agreement__grant__stage__in=["signed", "in-payment"])
        .select_related("agreement__grant__beneficiary")
        .order_by("due_on", "pk")
    )
    for row in found:
        assert row.due_on  # the filter leaves out those without
        what = _("Instalment %(number)s to %(body)s") % {"number": row.number, "body": row.agreement.grant.beneficiary}
        yield Deadline(row.due_on, "grant-instalment", what, row.agreement.get_absolute_url(), row)


@source
def accounts(reader, since: date, until: date) -> Iterator[Deadline]:
    """The accounts that bodies above the legal threshold must publish, three months after their approval (A10)."""
    for owing in selectors.grants.bodies_owing_accounts(reader):
        published = owing.accounts is not None and owing.accounts.published_on is not None
        if owing.due_on is not None and since <= owing.due_on <= until and not published:
            what = _("Accounts %(year)s of %(body)s to be published") % {
                "year": owing.year,
                "body": owing.organisation,
            }
            yield Deadline(owing.due_on, "published-accounts", what, "", owing.accounts)

"""What falls due in solidarity: financial reports, instalments, accounts to publish."""

from collections.abc import Iterator
from datetime import date

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.deadlines import Deadline, listed, source
from solidarity import selectors
from solidarity.models import FinancialReport, Instalment, Residency


def _expected(reader, since: date, until: date) -> QuerySet[FinancialReport]:
    found = selectors.grants.expected_reports(reader).filter(due_on__range=(since, until))
    # What it accounts for is not said in a deadline.
    return found.prefetch_related(None).annotate(due=F("due_on"))


@listed("grant-report", gettext_lazy("Financial report of a grant"), _expected)
def reports(rows) -> Iterator[Deadline]:
    """The financial reports that have not come (six months after the year, loi 2000-321 art. 10)."""
    for report in rows:
        what = _("Financial report %(year)s of %(body)s") % {"year": report.year, "body": report.grant.beneficiary}
        yield Deadline(report.due, "grant-report", what, report.get_absolute_url(), report)


def _unpaid(reader, since: date, until: date) -> QuerySet[Instalment]:
    """The instalments of signed agreements on which nothing has been paid."""
    return (
        Instalment.objects.visible_to(reader)
        .filter(due_on__range=(since, until), payments=None, agreement__grant__stage__in=["signed", "in-payment"])
        .select_related("agreement__grant__beneficiary")
        .annotate(due=F("due_on"))
        .order_by("due_on", "pk")
    )


@listed("grant-instalment", gettext_lazy("Instalment of a grant"), _unpaid)
def instalments(rows) -> Iterator[Deadline]:
    """What is still to be paid."""
    for row in rows:
        what = _("Instalment %(number)s to %(body)s") % {"number": row.number, "body": row.agreement.grant.beneficiary}
        yield Deadline(row.due, "grant-instalment", what, row.agreement.get_absolute_url(), row)


@source("published-accounts", gettext_lazy("Accounts to be published"))
def accounts(reader, since: date, until: date) -> Iterator[Deadline]:
    """The accounts that bodies above the legal threshold must publish, three months after their approval (A10)."""
    for owing in selectors.grants.bodies_owing_accounts(reader):
        published = owing.accounts is not None and owing.accounts.published_on is not None
        if owing.accounts and owing.due_on and since <= owing.due_on <= until and not published:
            what = _("Accounts %(year)s of %(body)s to be published") % {
                "year": owing.year,
                "body": owing.organisation,
            }
            yield Deadline(owing.due_on, "published-accounts", what, "", owing.accounts)


def _ending(reader, since: date, until: date) -> QuerySet[Residency]:
    """Public residencies; what is protected never stands in a list of deadlines."""
    found = Residency.objects.visible_to(reader).filter(until__range=(since, until), until_precision="day")
    return found.annotate(due=F("until")).select_related("programme").order_by("until", "pk")


@listed("residency-end", gettext_lazy("End of a residency"), _ending)
def residency_ends(rows) -> Iterator[Deadline]:
    """The last day of each residency."""
    for residency in rows:
        what = _("End of the residency: %(resident)s") % {"resident": residency.resident}
        yield Deadline(residency.due, "residency-end", what, residency.get_absolute_url(), residency)

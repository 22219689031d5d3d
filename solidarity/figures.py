"""The figures of solidarity as they are published: each names its selector, its definition and the records behind it."""

from django.utils.translation import gettext_lazy as _

from core import clock
from core.figures import Figure, Query, register
from solidarity import selectors
from solidarity.enums import COMMITTED, HonourStage


def _allocated() -> Query:
    """What the envelopes of this year bear: a grant of several years is borne by those of others too."""
    return {"year": str(clock.today().year), "stage": list(COMMITTED)}


def _paid() -> Query:
    return {"year": str(clock.today().year)}


register(
    Figure(
        "solidarity-committed",
        _("Committed this year"),
        _(
            "What the grants voted take of this year’s envelopes (AE), in cash. Amounts that the City declares are not added to it."
        ),
        selectors.funds.committed_this_year,
        "allocations",
        _allocated,
        model="solidarity.allocation",
        breakdowns={"fund": selectors.funds.committed_by_fund, "year": selectors.funds.committed_by_year},
    ),
    Figure(
        "solidarity-paid",
        _("Paid this year"),
        _("What the funds paid this year, whatever year committed it."),
        selectors.funds.paid_this_year,
        "payments",
        _paid,
        model="solidarity.payment",
        breakdowns={"year": selectors.funds.paid_by_year},
    ),
    Figure(
        "overdue-reports",
        _("Overdue financial reports"),
        _("Financial reports on earmarked grants that were due before today and have not come."),
        lambda reader: selectors.grants.overdue_reports(reader).count(),
        "financial-reports",
        {"overdue": "true"},
        model="solidarity.financialreport",
    ),
    Figure(
        "voted-unpaid-grants",
        _("Voted, not wholly paid"),
        _(
            "Grants that the Council voted, in whatever year, that are not closed, and of which a part is still to be paid."
        ),
        lambda reader: selectors.grants.voted_and_unpaid(reader).count(),
        "grants",
        {"unpaid": "true"},
        model="solidarity.grant",
    ),
    Figure(
        "honours-awarded",
        _("Honours awarded"),
        _("Honours of the City that were awarded, those of unnamed recipients included; broken down by year."),
        lambda reader: selectors.honours.awarded(reader).count(),
        "honours",
        {"stage": [str(HonourStage.AWARDED)]},
        model="solidarity.honour",
        breakdowns={"year": selectors.honours.awarded_by_year},
    ),
)

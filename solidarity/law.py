"""What the law asks of grants, read from dated rows: the figure in force on the day of the act decides."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from dateutil.relativedelta import relativedelta
from django.db.models import F, OuterRef, Q, Subquery, Sum
from django.db.models.lookups import GreaterThan

from core import clock
from partnerships.enums import OrganisationKind
from partnerships.models import Organisation
from solidarity.enums import COMMITTED, ThresholdKind
from solidarity.models import Grant, LegalThreshold

# Bodies that are public whatever they do: no convention is asked of them (loi 2000-321 art. 10 speaks of private bodies).
PUBLIC_KINDS = [
    OrganisationKind.INSTITUTION,
    OrganisationKind.UN_AGENCY,
    OrganisationKind.STATE,
    OrganisationKind.DIRECTORATE,
    OrganisationKind.OPERATOR,
]


@dataclass(frozen=True)
class Cumulation:
    """What a body gets in a year (EUR, cash and in kind), counting the grant in hand, against a threshold of the law."""

    total: Decimal
    threshold: Decimal | None

    @property
    def is_above(self) -> bool:
        return self.threshold is not None and self.total > self.threshold


def granted_to(body: Organisation, year: int, *, besides: Grant | None = None) -> Decimal:
    """EUR that the Council voted to the body for the year, in cash and in kind, without the grant in hand."""
    voted = Grant.objects.filter(beneficiary=body, year=year, stage__in=COMMITTED)
    if besides is not None and besides.pk:
        voted = voted.exclude(pk=besides.pk)
    return voted.aggregate(sum=Sum(F("amount_granted") + F("in_kind_value")))["sum"] or Decimal(0)


def cumulation(grant: Grant, kind: ThresholdKind, day: date | None = None) -> Cumulation:
    """The body's year with this grant against the threshold in force on the day (today by default)."""
    return Cumulation(year_of_body(grant), LegalThreshold.on(kind, day or clock.today()))


def year_of_body(grant: Grant) -> Decimal:
    """EUR that the body gets in the grant's year with this grant, by the amount granted or, before there is one, the amount
    asked."""
    amount = grant.amount_granted if grant.amount_granted is not None else grant.amount_asked
    own = (amount or Decimal(0)) + (grant.in_kind_value or Decimal(0))
    return granted_to(grant.beneficiary, grant.year, besides=grant) + own


def needs_convention(grant: Grant, day: date | None = None) -> bool:
    """Above the threshold a year and private body, in cash and in kind, a convention is needed (loi 2000-321 art. 10, A7)."""
    return convention_above(grant, day) is not None


def convention_asked() -> Q:
    """The same of voted grants in a query, as the law stands today."""
    today = clock.today()
    lasts = Q(until__isnull=True) | Q(until__gte=today)
    threshold = LegalThreshold.objects.filter(lasts, kind=ThresholdKind.CONVENTION, since__lte=today).values("value")
    voted = Grant.objects.filter(beneficiary=OuterRef("beneficiary"), year=OuterRef("year"), stage__in=COMMITTED)
    total = voted.order_by().values("year").annotate(sum=Sum(F("amount_granted") + F("in_kind_value"))).values("sum")
    return ~Q(beneficiary__kind__in=PUBLIC_KINDS) & Q(GreaterThan(Subquery(total), Subquery(threshold[:1])))


def convention_above(grant: Grant, day: date | None = None) -> Cumulation | None:
    """The body's year where it is above that threshold; None where no convention is needed."""
    if grant.beneficiary.kind in PUBLIC_KINDS:
        return None
    cumulated = cumulation(grant, ThresholdKind.CONVENTION, day)
    return cumulated if cumulated.is_above else None


def needs_engagement(grant: Grant) -> bool:
    """The republican engagement contract is asked for applications from 2 January 2022 on, never on earlier files (A12)."""
    day = grant.received_on or clock.today()
    return bool(LegalThreshold.on(ThresholdKind.ENGAGEMENT, day)) and grant.beneficiary.kind in (
        OrganisationKind.ASSOCIATION,
        OrganisationKind.FOUNDATION,
        OrganisationKind.NGO,
    )


def report_due(year: int) -> date | None:
    """The day by which the report on a financial year is due: six months after it, or as the law in force then says (A8)."""
    end = date(year, 12, 31)
    months = LegalThreshold.on(ThresholdKind.REPORT_MONTHS, end)
    return None if months is None else end + relativedelta(months=int(months))


def held(thresholds: Iterable[LegalThreshold], day: date) -> Decimal | None:
    """The value that holds on the day among thresholds of one kind that were read already; None where none does."""
    found = (row.value for row in thresholds if row.since <= day and (row.until is None or row.until >= day))
    return next(found, None)


def accounts_due(approved_on: date, thresholds: Iterable[LegalThreshold] | None = None) -> date | None:
    """The day by which approved accounts are published: within three months, or as the law in force then says (A10).

    `thresholds` are those of that kind, where they were read already.
    """
    kind = ThresholdKind.ACCOUNTS_MONTHS
    months = LegalThreshold.on(kind, approved_on) if thresholds is None else held(thresholds, approved_on)
    return None if months is None else approved_on + relativedelta(months=int(months))

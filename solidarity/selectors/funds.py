"""Funds and envelopes: what is voted, committed, paid and left, in EUR.

Voted is the authorised commitment (AE); committed is what voted grants take of it; paid is what the fund paid in the year,
whatever year committed it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import DecimalField, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce, ExtractYear

from core import clock
from core.access import may
from core.figures import Euros, Row
from core.translated import order
from solidarity.enums import COMMITTED, ParameterKind
from solidarity.models import (
    Allocation,
    DeclaredAid,
    Envelope,
    Fund,
    FundParameter,
    FundService,
    Payment,
    ResourceBase,
)

EUROS = DecimalField(max_digits=18, decimal_places=2)
# What the balance of an envelope keeps.
KEPT = ("committed", "proposed", "paid")
NOTHING = Value(Decimal(0), output_field=EUROS)


def summed(rows: QuerySet, by: str, column: str = "amount") -> Coalesce:
    """The sum of the rows that share `by` with the query around this one; 0 where there are none."""
    sums = rows.order_by().values(by).annotate(sum=Sum(column)).values("sum")
    return Coalesce(Subquery(sums, output_field=EUROS), NOTHING, output_field=EUROS)


def _envelopes(reader) -> QuerySet[Envelope]:
    found = Envelope.objects.visible_to(reader).select_related("fund", "deliberation")
    return found.order_by("-year", order("fund__name"))


def _allocated(reader) -> QuerySet[Allocation]:
    return Allocation.objects.visible_to(reader).order_by()


def _paid(reader) -> QuerySet:
    return Payment.objects.visible_to(reader).annotate(in_year=ExtractYear("paid_on")).order_by()


IS_COMMITTED = Q(grant__stage__in=COMMITTED)
IS_PROPOSED = Q(grant__stage="proposed")


def envelopes(reader) -> QuerySet[Envelope]:
    """Every envelope with `committed`, `proposed`, `paid`, `left_to_commit` and `left_to_pay` (EUR), the latest year first.

    Read from the balances; as of a past day, of which there are none, added up.
    """
    if not clock.past_day() and may(reader, "view", Allocation) and may(reader, "view", Payment):
        kept = {name: Coalesce(F(f"balance__{name}"), NOTHING, output_field=EUROS) for name in KEPT}
        return _with_left(_envelopes(reader).annotate(**kept))
    allocated = _allocated(reader).filter(envelope=OuterRef("pk"))
    paid = _paid(reader).filter(allocation__envelope__fund=OuterRef("fund"), in_year=OuterRef("year"))
    return _with_left(
        _envelopes(reader).annotate(
            committed=summed(allocated.filter(IS_COMMITTED), "envelope"),
            proposed=summed(allocated.filter(IS_PROPOSED), "envelope"),
            paid=summed(paid, "in_year"),
        )
    )


def _with_left(found: QuerySet[Envelope]) -> QuerySet[Envelope]:
    return found.annotate(
        left_to_commit=F("commitment_authorised") - F("committed"), left_to_pay=F("payment_credits") - F("paid")
    )


def funds(reader) -> QuerySet[Fund]:
    """Every fund with its services, parameters and envelopes (`found_envelopes`, the latest first)."""
    return (
        Fund.objects.visible_to(reader)
        .prefetch_related(
            Prefetch("services", FundService.objects.visible_to(reader)),
            Prefetch("parameters", FundParameter.objects.visible_to(reader)),
            Prefetch("envelopes", envelopes(reader), to_attr="found_envelopes"),
        )
        .order_by(order("name"))
    )


@dataclass(frozen=True)
class Headroom:
    """What a service may still bear in the year of an envelope (EUR): its ceiling less what is committed on it."""

    service: FundService
    own_resources: Decimal | None
    rate: Decimal | None
    committed: Decimal

    @property
    def ceiling(self) -> Decimal | None:
        """None where the resources are not recorded, or no ceiling holds."""
        if self.own_resources is None or self.rate is None:
            return None
        return (self.own_resources * self.rate / 100).quantize(Decimal("0.01"))

    @property
    def left(self) -> Decimal | None:
        return None if self.ceiling is None else self.ceiling - self.committed


def headroom(reader, envelope: Envelope) -> list[Headroom]:
    """The headroom of each service that feeds the fund, apart: never pooled (CGCT L1115-1-1)."""
    return headrooms(reader, [envelope])[envelope.pk]


def headrooms(reader, found: Sequence[Envelope]) -> dict[int, list[Headroom]]:
    """The same for several envelopes, by their key, in a fixed number of queries."""
    today = clock.today()
    services = FundService.objects.visible_to(reader).filter(fund__in={row.fund_id for row in found})
    bases = ResourceBase.objects.visible_to(reader).filter(envelope__in=found)
    resources = {
        (envelope, service): own for envelope, service, own in bases.values_list("envelope", "service", "own_resources")
    }
    taken = Allocation.objects.visible_to(reader).filter(envelope__in=found, grant__stage__in=COMMITTED)
    sums = taken.order_by().values_list("envelope", "service").annotate(Sum("amount"))
    committed = {(envelope, service): amount for envelope, service, amount in sums}
    rates = FundParameter.objects.visible_to(reader).filter(
        Q(until__isnull=True) | Q(until__gte=today), kind=ParameterKind.CEILING_RATE, since__lte=today
    )
    rate = dict(rates.values_list("fund", "value"))
    return {
        row.pk: [
            Headroom(
                service,
                resources.get((row.pk, service.pk)),
                rate.get(row.fund_id),
                committed.get((row.pk, service.pk)) or Decimal(0),
            )
            for service in services
            if service.fund_id == row.fund_id
        ]
        for row in found
    }


@dataclass(frozen=True)
class PathYear:
    """A year of a fund's path (EUR): its target (None = none stated), what was committed and paid (None = no envelope)."""

    year: int
    target: Decimal | None
    committed: Decimal | None
    paid: Decimal | None


def path(reader, fund: Fund) -> list[PathYear]:
    """The planned path of a fund against the actual one: every year that has a target or an envelope."""
    return path_of(funds(reader).get(pk=fund.pk))


def path_of(fund: Fund) -> list[PathYear]:
    """The same for a fund that comes from `funds`, which has read what is needed."""
    targets = {row.since.year: row.value for row in fund.parameters.all() if row.kind == ParameterKind.YEARLY_TARGET}
    actual = {row.year: (row.committed, row.paid) for row in fund.found_envelopes}  # type: ignore[attr-defined]  # prefetched
    unknown = (None, None)
    return [PathYear(year, targets.get(year), *actual.get(year, unknown)) for year in sorted({*targets, *actual})]


def declared(reader) -> QuerySet[DeclaredAid]:
    """The amounts that the City states. They are shown side by side and never added up (domain, section 2)."""
    return DeclaredAid.objects.visible_to(reader).select_related("fund")


def committed_this_year(reader) -> Euros:
    """EUR that the Council voted on the envelopes of this year; not known where there is no envelope."""
    return _sum_of_this_year(reader, "committed")


def committed_on(this_year: Sequence[Envelope]) -> Euros:
    """The same of all the envelopes of this year, where they are read already."""
    return Euros(sum((row.committed for row in this_year), Decimal(0)) if this_year else None)  # type: ignore[attr-defined]


def paid_this_year(reader) -> Euros:
    """EUR paid this year; not known where there is no envelope."""
    return _sum_of_this_year(reader, "paid")


def committed_and_paid_this_year(reader) -> tuple[Euros, Euros]:
    """Both of these figures (EUR), in one query."""
    sums = _of_this_year(reader).aggregate(voted=Sum("committed"), spent=Sum("paid"))
    return Euros(sums["voted"]), Euros(sums["spent"])


def _sum_of_this_year(reader, column: str) -> Euros:
    return Euros(_of_this_year(reader).aggregate(sum=Sum(column))["sum"])


def _of_this_year(reader) -> QuerySet[Envelope]:
    return envelopes(reader).filter(year=clock.today().year).order_by()


def committed_by_fund(reader) -> list[Row]:
    """Of the envelopes of this year."""
    found = envelopes(reader).filter(year=clock.today().year)
    return [Row(row.fund.slug, str(row.fund), Euros(row.committed)) for row in found]  # type: ignore[attr-defined]  # annotated by the selector that reads the rows


def committed_by_year(reader) -> list[Row]:
    rows = envelopes(reader).order_by().values("year").annotate(sum=Sum("committed")).order_by("year")
    return [Row(str(row["year"]), str(row["year"]), Euros(row["sum"])) for row in rows]


def paid_by_year(reader) -> list[Row]:
    paid = Payment.objects.visible_to(reader).order_by()
    rows = paid.values_list(ExtractYear("paid_on")).annotate(Sum("amount")).order_by("paid_on__year")
    return [Row(str(year), str(year), Euros(amount)) for year, amount in rows]

"""What the department works through: the money of a file, the list of a session of the Council, what runs out or is late."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, QuerySet, Sum

from core import clock
from solidarity import law
from solidarity.enums import COMMITTED, ThresholdKind
from solidarity.models import Allocation, Envelope, Grant, Payment
from solidarity.selectors import funds, grants

# An envelope is almost used where less than this part of what it may commit is left.
LITTLE = Decimal("0.1")


@dataclass(frozen=True)
class Bearing:
    """A part of a grant with what its envelope, and its service under the ceiling, have left to commit (EUR)."""

    allocation: Allocation
    envelope: Envelope
    headroom: funds.Headroom | None
    paid: Decimal


@dataclass(frozen=True)
class Balance:
    """The money of one grant (EUR), and its body's year against the threshold above which an agreement is needed (A7)."""

    grant: Grant
    allocated: Decimal
    paid: Decimal
    bearings: list[Bearing]
    cumulation: law.Cumulation
    needs_convention: bool

    @property
    def left(self) -> Decimal | None:
        """Granted and not paid yet; None while no amount is proposed."""
        return None if self.grant.amount_granted is None else self.grant.amount_granted - self.paid


def balance(reader, grant: Grant) -> Balance:
    allocations = list(
        Allocation.objects.visible_to(reader).filter(grant=grant).select_related("envelope__fund", "service")
    )
    envelopes = funds.envelopes(reader).in_bulk([row.envelope_id for row in allocations])
    rooms = {
        (pk, room.service.pk): room
        for pk, envelope in envelopes.items()
        if envelope.fund.has_ceiling
        for room in funds.headroom(reader, envelope)
    }
    paid = dict(
        Payment.objects.visible_to(reader)
        .filter(grant=grant)
        .order_by()
        .values_list("allocation")
        .annotate(Sum("amount"))
    )
    convention = law.cumulation(grant, ThresholdKind.CONVENTION)
    return Balance(
        grant=grant,
        allocated=sum((row.amount for row in allocations), Decimal(0)),
        paid=sum(paid.values(), Decimal(0)),
        bearings=[
            Bearing(
                row,
                envelopes[row.envelope_id],
                rooms.get((row.envelope_id, row.service_id)),
                paid.get(row.pk) or Decimal(0),
            )
            for row in allocations
            if row.envelope_id in envelopes
        ],
        cumulation=convention,
        needs_convention=convention.is_above and grant.beneficiary.kind not in law.PUBLIC_KINDS,
    )


@dataclass(frozen=True)
class SessionRow:
    """A grant on the list of a session; `cumulated` is its body's year in EUR, cash and in kind, with the whole list."""

    grant: Grant
    cumulated: Decimal


def session(chosen: Iterable[Grant]) -> list[SessionRow]:
    """The rows of a session: what the Council voted to each body for the year, and what the list adds. One query."""
    listed = list(chosen)
    sums: dict[tuple[int, int], Decimal] = {}
    voted = (
        Grant.objects.filter(stage__in=COMMITTED, beneficiary__in={grant.beneficiary_id for grant in listed})
        .exclude(pk__in=[grant.pk for grant in listed])
        .order_by()
        .values_list("beneficiary", "year")
        .annotate(sum=Sum(F("amount_granted") + F("in_kind_value")))
    )
    for body, year, amount in voted:
        sums[body, year] = amount
    for grant in listed:
        key = (grant.beneficiary_id, grant.year)
        sums[key] = sums.get(key, Decimal(0)) + (grant.amount_granted or Decimal(0)) + grant.in_kind_value
    return [SessionRow(grant, sums[grant.beneficiary_id, grant.year]) for grant in listed]


def almost_used(reader) -> QuerySet[Envelope]:
    """The envelopes of this year and after of which less than a tenth is left to commit."""
    current = funds.envelopes(reader).filter(year__gte=clock.today().year, commitment_authorised__gt=0)
    return current.filter(left_to_commit__lt=F("commitment_authorised") * LITTLE)  # type: ignore[misc]  # annotated by envelopes()


def late_accounts(reader) -> list[grants.Owing]:
    """Bodies whose accounts are late, or of which nothing is recorded for a year that is over (A10)."""
    this_year = clock.today().year
    return [
        owing
        for owing in grants.bodies_owing_accounts(reader)
        if owing.is_late or (owing.year < this_year and (owing.accounts is None or owing.accounts.approved_on is None))
    ]

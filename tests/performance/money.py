"""Grants and payments in bulk."""

from datetime import date, timedelta
from typing import Any

from django.db import connection

from solidarity import models as solidarity
from solidarity.models.triggers import KEPT
from tests import factories as make
from tests.performance.base import PAID, PAYMENTS, YEARS, Bulk, asleep, store, times


def money(bulk: Bulk, wanted: dict[str, int]) -> None:
    bulk.keep("crises", times(wanted["crises"], make.CrisisFactory.build))
    funds = bulk.keep("funds", times(wanted["funds"], make.FundFactory.build))
    voted = {"commitment_authorised": 10**9, "payment_credits": 10**9}
    for year in YEARS:
        bulk.keep(f"envelopes {year}", (make.EnvelopeFactory.build(fund=fund, year=year, **voted) for fund in funds))
    # Written as they stand in the end: constraints judge them, the triggers, which judge each step, would take minutes.
    with asleep(solidarity.Grant, solidarity.Allocation, solidarity.Payment, solidarity.FinancialReport):
        _grants(bulk, wanted["grants"])
    with connection.cursor() as cursor:
        cursor.execute(KEPT.filled)


def _grants(bulk: Bulk, number: int) -> None:
    paid = round(number * PAID)
    # Few wait for the department or the Council at a time; of those that are not paid, most were rejected.
    waiting = paid + (number - paid) // 200 + 4
    grants = bulk.keep("grants", (_grant(bulk, _stage(row, paid, waiting)) for row in range(number)))
    allocations = store(
        solidarity.Allocation(grant=row, envelope=bulk.pick(f"envelopes {row.year}"), amount=row.amount_asked)
        for row in grants
    )
    store(solidarity.GrantPlace(grant=row, city=bulk.pick("cities")) for row in grants)
    of_grants = {row.grant_id: row for row in allocations}
    store(_payment(bulk, row, of_grants[row.pk], each) for row in grants[:paid] for each in range(PAYMENTS))
    store(
        solidarity.FinancialReport(
            grant=row, year=row.year, due_on=date(row.year + 1, 6, 30), received_on=date(row.year + 1, 3, 2)
        )
        for row in grants
        if row.stage == "closed"
    )


def _stage(row: int, paid: int, waiting: int) -> str:
    if row < paid:
        return "in-payment"
    return ("draft", "submitted", "under-review", "proposed")[row % 4] if row < waiting else "rejected"


def _grant(bulk: Bulk, stage: str) -> solidarity.Grant:
    number = bulk.number("grant")
    year = YEARS[number % len(YEARS)]
    # One in ten is not wholly paid.
    amount = PAYMENTS * 1000 + (1000 if number % 10 == 3 else 0)
    values: dict[str, Any] = {"amount_asked": amount}
    if stage == "rejected":
        values["stopped_reason"] = "Raison inventée."
    if stage in ("proposed", "in-payment"):
        values |= {"amount_granted": amount, "opinion": "Avis inventé."}
    if stage == "in-payment":
        values["deliberation"] = bulk.pick(f"deliberations {year}")
        if year < YEARS[-1] and amount == PAYMENTS * 1000:
            stage = "closed"
    return solidarity.Grant(
        reference=f"GRA-BULK-{number}",
        beneficiary=bulk.made["organisations"][number % len(bulk.made["organisations"])],
        year=year,
        stage=stage,
        received_on=date(year, 1, 12),
        theme=bulk.pick("themes"),
        crisis=bulk.pick("crises") if number % 100 == 0 else None,
        description="Description inventée d'une action inventée.",
        **values,
        **bulk.title(),
    )


def _payment(bulk: Bulk, grant: solidarity.Grant, allocation: solidarity.Allocation, number: int) -> solidarity.Payment:
    """In the year of the vote and not after today."""
    return solidarity.Payment(
        grant=grant,
        allocation=allocation,
        amount=1000,
        paid_on=date(grant.year, 2, 10) + timedelta(bulk.chance.randrange(100 if grant.year == 2015 else 320)),
        reference=f"ORDER-{grant.pk}-{number}",
    )

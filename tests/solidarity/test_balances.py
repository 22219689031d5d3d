"""The balances of envelopes are the sums that they stand for, however grants and payments were written."""

import random
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from core.access import Parvis
from solidarity import models, selectors
from solidarity.models import triggers
from tests import factories as make
from tests.api import lives

pytestmark = pytest.mark.django_db


def differences() -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(triggers.KEPT.differences)
        return cursor.fetchall()


def kept(envelope) -> tuple[Decimal, Decimal, Decimal]:
    balance = models.Balance.objects.get(envelope=envelope)
    return balance.committed, balance.proposed, balance.paid


def test_a_balance_begins_and_ends_with_its_envelope():
    envelope = make.EnvelopeFactory()
    assert kept(envelope) == (0, 0, 0)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM solidarity_envelope WHERE id = %s", [envelope.pk])
    assert not models.Balance.objects.exists()


def test_a_grant_that_is_paid_moves_the_balance_step_by_step():
    grant = lives.paid()
    envelope = grant.allocations.get().envelope
    committed, proposed, paid = kept(envelope)
    assert (committed, proposed) == (grant.amount_granted, 0)
    assert paid == sum(payment.amount for payment in grant.payments.all()) > 0
    assert not differences()


def test_after_random_writes_by_sql_every_balance_is_its_sum():
    """Payments made, changed, moved to another year and taken back; statements that write several at once."""
    chance = random.Random(7)
    paid = [lives.paid() for _each in range(3)]
    for grant in paid:
        fund = grant.allocations.get().envelope.fund
        for year in (2014, 2016):
            if not fund.envelopes.filter(year=year).exists():
                make.EnvelopeFactory(fund=fund, year=year, payment_credits=10**7, commitment_authorised=10**7)
    assert not differences()
    payments = list(models.Payment.objects.values_list("pk", flat=True))
    done = 0
    for _each in range(40):
        key = chance.choice(payments)
        statement, values = chance.choice(
            [
                ("UPDATE solidarity_payment SET amount = amount - 1 WHERE id = %s AND amount > 1", [key]),
                ("UPDATE solidarity_payment SET amount = amount + 1 WHERE id = %s", [key]),
                ("UPDATE solidarity_payment SET amount = greatest(amount - 2, 1)", []),
                (
                    "UPDATE solidarity_payment SET paid_on = %s WHERE id = %s",
                    [date(chance.choice([2015, 2016]), 12, chance.randint(1, 28)), key],
                ),
            ]
        )
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement, values)
                done += cursor.rowcount
        except IntegrityError:
            continue  # a rule of money refused it, and the balance with it
        assert not differences(), statement
    assert done > 10
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM solidarity_payment WHERE id = %s", [payments[0]])
        cursor.execute("UPDATE solidarity_grant SET stage = 'reported' WHERE id = %s", [paid[1].pk])
    assert not differences()


def test_what_pages_say_is_what_the_sums_are(monkeypatch):
    lives.paid()
    reader = Parvis()
    names = ("pk", "committed", "proposed", "paid", "left_to_commit", "left_to_pay")
    from_balances = list(selectors.funds.envelopes(reader).values_list(*names))
    monkeypatch.setattr(selectors.funds, "may", lambda *asked: False)
    assert from_balances == list(selectors.funds.envelopes(reader).values_list(*names))
    assert any(row[3] for row in from_balances)

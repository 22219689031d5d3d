"""Random lives of several grants on two shared envelopes, by services and by raw SQL: after every step the sums hold."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import Error, connection, transaction
from django.db.models import Sum
from django.utils.translation import override
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from core.exceptions import Refused
from solidarity.enums import COMMITTED, GRANT_LIFE, SETTLED, GrantStage
from solidarity.models import Allocation, Envelope, Grant, Payment
from tests import factories as make
from tests.solidarity import lives

pytestmark = pytest.mark.django_db

AMOUNTS = st.sampled_from([Decimal(text) for text in ("-1", "0", "0.01", "400", "900", "1000", "2500", "4000")])
NUMBERS = st.integers(0, 2)
VERBS = st.sampled_from([step.verb for step in GRANT_LIFE.transitions])
ONWARDS = ["submit", "review", "propose", "vote", "sign", "open_payment"]
STAGES = st.sampled_from(GrantStage.values)
REFUSALS = (Refused, ValidationError, Error)


class Lives(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.language = override("en")
        self.language.__enter__()
        self.savepoint = transaction.atomic()
        self.savepoint.__enter__()

    def teardown(self):
        transaction.set_rollback(True)
        self.savepoint.__exit__(None, None, None)
        self.language.__exit__(None, None, None)

    @initialize()
    def open_the_year(self):
        lives.law_in_force()
        self.people = [lives.person(), lives.person()]
        self.deliberation = make.DeliberationFactory()
        # Water bears 3 000 EUR, sanitation 2 000; AE, CP and the two ceilings are each met by some lives.
        self.water, self.first, self.second = lives.water(
            resources=300_000, commitment_authorised=4000, payment_credits=2500
        )
        self.water.bases.filter(service=self.second).update(own_resources=200_000)
        self.plain = make.EnvelopeFactory(commitment_authorised=5000, payment_credits=3000)
        self.grants = []
        for number in range(3):
            grant = make.GrantFactory(amount_asked=4000, opinion="Invented.", amount_granted=1000)
            part = {"envelope": self.plain} if number == 2 else {"envelope": self.water, "service": self.first}
            make.AllocationFactory(grant=grant, amount=1000, **part)
            for kind in ("form", "budget"):
                make.PieceFactory(grant=grant, kind=kind)
            self.grants.append(grant)
        self.orders = 0

    def attempt(self, act) -> None:
        """A refusal leaves nothing behind; anything else than a refusal fails the test."""
        try:
            with transaction.atomic():
                act()
        except REFUSALS:
            pass

    def sql(self, text: str, *values) -> None:
        def act():
            with connection.cursor() as cursor:
                cursor.execute(text, values)

        self.attempt(act)

    def grant(self, number: int) -> Grant:
        return Grant.objects.get(pk=self.grants[number].pk)

    # --- by the services ---

    def _perform(self, number: int, verb: str, person: int) -> None:
        grant = self.grant(number)
        values = {"vote": {"deliberation": self.deliberation}}.get(verb, {})
        if verb == "sign" and grant.amount_granted and not hasattr(grant, "agreement"):
            self.attempt(lambda: lives.sign_agreement(grant))
        self.attempt(
            lambda: GRANT_LIFE.perform(
                grant, verb, actor=self.people[person], reason="for an invented reason", **values
            )
        )

    @rule(number=NUMBERS, verb=VERBS, person=st.integers(0, 1))
    def perform(self, number, verb, person):
        self._perform(number, verb, person)

    @rule(number=NUMBERS, steps=st.integers(1, len(ONWARDS)))
    def go_on(self, number, steps):
        for verb in ONWARDS[:steps]:
            self._perform(number, verb, verb == "propose")

    @rule(number=NUMBERS, amount=AMOUNTS, second=st.booleans())
    def allocate(self, number, amount, second):
        grant = self.grant(number)
        part = {"envelope": self.water, "service": self.second if second else self.first}
        self.attempt(lambda: Allocation(grant=grant, amount=amount, **part).save())

    @rule(number=NUMBERS, amount=AMOUNTS)
    def grant_amount(self, number, amount):
        grant = self.grant(number)
        grant.amount_granted = amount
        self.attempt(grant.save)

    @rule(number=NUMBERS, amount=AMOUNTS, day=st.sampled_from([date(2015, 4, 1), date(2014, 12, 31), date(2015, 6, 1)]))
    def pay(self, number, amount, day):
        grant = self.grant(number)
        self.orders += 1
        agreement = getattr(grant, "agreement", None)
        row = Payment(
            grant=grant,
            allocation=grant.allocations.first(),
            instalment=agreement.instalments.first() if agreement else None,
            paid_on=day,
            amount=amount,
            reference=f"S-{self.orders}",
        )
        self.attempt(row.save)

    @rule(amount=AMOUNTS, credits=st.booleans(), water=st.booleans())
    def change_the_envelope(self, amount, credits, water):
        envelope = Envelope.objects.get(pk=(self.water if water else self.plain).pk)
        setattr(envelope, "payment_credits" if credits else "commitment_authorised", amount)
        self.attempt(envelope.save)

    # --- past the models ---

    @rule(number=NUMBERS, stage=STAGES)
    def jump(self, number, stage):
        self.sql(
            "UPDATE solidarity_grant SET stage = %s, deliberation_id = %s, "
            "stopped_reason = CASE WHEN %s IN ('rejected', 'withdrawn') THEN 'invented' ELSE '' END WHERE id = %s",
            stage,
            self.deliberation.pk if stage in COMMITTED else None,
            stage,
            self.grants[number].pk,
        )

    @rule(number=NUMBERS, amount=AMOUNTS)
    def write_allocations(self, number, amount):
        self.sql("UPDATE solidarity_allocation SET amount = %s WHERE grant_id = %s", amount, self.grants[number].pk)

    @rule(number=NUMBERS, amount=AMOUNTS)
    def write_granted(self, number, amount):
        self.sql("UPDATE solidarity_grant SET amount_granted = %s WHERE id = %s", amount, self.grants[number].pk)

    @rule(number=NUMBERS, amount=AMOUNTS, other=NUMBERS)
    def write_payment(self, number, amount, other):
        self.orders += 1
        self.sql(
            "INSERT INTO solidarity_payment (grant_id, allocation_id, instalment_id, paid_on, amount, reference) "
            "SELECT %s, a.id, (SELECT i.id FROM solidarity_instalment i JOIN solidarity_grantagreement c "
            "ON c.id = i.agreement_id WHERE c.grant_id = %s LIMIT 1), '2015-05-04', %s, %s "
            "FROM solidarity_allocation a WHERE a.grant_id = %s LIMIT 1",
            self.grants[number].pk,
            self.grants[number].pk,
            amount,
            f"Q-{self.orders}",
            self.grants[other].pk,
        )

    @rule(amount=AMOUNTS)
    def rewrite_payments(self, amount):
        self.sql("UPDATE solidarity_payment SET amount = %s", amount)

    @rule(amount=st.sampled_from([0, 50_000, 100_000, 300_000]))
    def write_resources(self, amount):
        self.sql("UPDATE solidarity_resourcebase SET own_resources = %s", amount)

    # --- what always holds ---

    @invariant()
    def commitments_stay_within_the_envelope(self):
        for envelope in Envelope.objects.all():
            assert _sum(Allocation.objects.filter(envelope=envelope, grant__stage__in=COMMITTED)) <= (
                envelope.commitment_authorised
            )

    @invariant()
    def and_within_the_ceiling_of_each_service(self):
        for envelope in Envelope.objects.filter(fund__kind="service-share"):
            for base in envelope.bases.all():
                taken = Allocation.objects.filter(envelope=envelope, service=base.service, grant__stage__in=COMMITTED)
                assert _sum(taken) <= base.own_resources / 100

    @invariant()
    def payments_stay_within_the_credits_of_their_year(self):
        for envelope in Envelope.objects.all():
            paid = Payment.objects.filter(allocation__envelope__fund=envelope.fund_id, paid_on__year=envelope.year)
            assert _sum(paid) <= envelope.payment_credits

    @invariant()
    def and_within_the_grant_its_allocations_and_instalments(self):
        for grant in Grant.objects.all():
            assert _sum(grant.payments.all()) <= (grant.amount_granted or 0)
            for allocation in grant.allocations.all():
                assert _sum(allocation.payments.all()) <= allocation.amount
            if hasattr(grant, "agreement"):
                for instalment in grant.agreement.instalments.all():
                    assert _sum(instalment.payments.all()) <= instalment.amount

    @invariant()
    def what_is_settled_is_wholly_allocated(self):
        for grant in Grant.objects.filter(stage__in=SETTLED):
            assert _sum(grant.allocations.all()) == grant.amount_granted > 0

    @invariant()
    def what_is_paid_was_in_payment_after_its_vote(self):
        for payment in Payment.objects.select_related("grant__deliberation"):
            assert payment.grant.stage in ("in-payment", "reported", "closed")
            assert payment.amount > 0
            assert payment.allocation.grant_id == payment.grant_id
            assert payment.paid_on >= payment.grant.deliberation.voted_on

    @invariant()
    def nobody_approved_a_file_of_hers(self):
        for grant in Grant.objects.exclude(approved_by=None):
            assert grant.approved_by_id != grant.instructed_by_id


def _sum(rows) -> Decimal:
    return rows.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)


def test_whatever_is_tried_the_sums_hold():
    run_state_machine_as_test(
        Lives,
        settings=settings(
            max_examples=6,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )


def test_a_whole_life_passes_through_the_machine():
    """The rules above do reach payments: a machine that is always refused would prove nothing."""
    machine = Lives()
    try:
        machine.open_the_year()
        machine.go_on(0, len(ONWARDS))
        machine.pay(0, Decimal(400), date(2015, 4, 1))
        machine.write_payment(0, Decimal("0.01"), 0)
        assert machine.grant(0).stage == "in-payment"
        assert _sum(Payment.objects.all()) == Decimal("400.01")
        machine.rewrite_payments(Decimal(4000))
        machine.write_payment(0, Decimal(400), 1)
        assert _sum(Payment.objects.all()) == Decimal("400.01")
        for name in [
            name for name in vars(Lives) if getattr(getattr(Lives, name), "hypothesis_stateful_invariant", None)
        ]:
            getattr(machine, name)()
    finally:
        machine.teardown()

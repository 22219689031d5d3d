"""Payments: what each is held to, said with its field, and nothing written where it is refused."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from solidarity.models import Payment
from tests import factories as make
from tests.solidarity.lives import grant_in, pay, sign_agreement

pytestmark = pytest.mark.django_db


def refused(grant, amount, **values) -> dict[str, list[str]]:
    """The sentences by field; nothing is written."""
    before = list(Payment.objects.values())
    with pytest.raises(ValidationError) as error:
        pay(grant, amount, **values)
    assert list(Payment.objects.values()) == before
    return error.value.message_dict if hasattr(error.value, "error_dict") else {"": error.value.messages}


class TestAmount:
    @pytest.mark.parametrize("amount", [0, -1, "-0.01"])
    def test_it_is_above_nothing(self, amount):
        assert refused(grant_in("in-payment"), Decimal(amount)) == {"amount": ["A payment is above 0."]}

    @pytest.mark.parametrize("amount", ["0.001", "1000000000000000"])
    def test_it_has_cents_and_a_plausible_size(self, amount):
        assert set(refused(grant_in("in-payment"), Decimal(amount))) == {"amount"}

    def test_the_payments_of_an_allocation_stay_within_it(self):
        grant = grant_in("in-payment", (make.EnvelopeFactory(), 5000), (make.EnvelopeFactory(), 9000))
        first, second = grant.allocations.order_by("amount")
        pay(grant, 3000, allocation=first)
        said = {"amount": ["The payments of this allocation would exceed its amount."]}
        assert refused(grant, Decimal("2000.01"), allocation=first) == said
        pay(grant, 2000, allocation=first)
        pay(grant, 9000, allocation=second)
        assert refused(grant, Decimal("0.01"), allocation=second) == said

    def test_those_of_an_instalment_too(self):
        grant = grant_in("in-payment", agreement=True)
        first, second = grant.agreement.instalments.all()
        assert (first.amount, second.amount) == (Decimal("13333.33"), Decimal("6666.67"))
        pay(grant, first.amount, instalment=first)
        said = {"amount": ["The payments of this instalment would exceed its amount."]}
        assert refused(grant, Decimal("0.01"), instalment=first) == said
        assert refused(grant, Decimal("6666.68"), instalment=second).keys() == {"amount"}
        pay(grant, second.amount, instalment=second)

    def test_a_payment_is_corrected_within_the_same_bounds(self):
        payment = pay(grant_in("in-payment"), 20000)
        payment.amount = Decimal("20000.01")
        with pytest.raises(ValidationError, match="exceed its amount"):
            payment.save()
        payment.amount = 100
        payment.save()
        payment.delete()


class TestCredits:
    SAID = {"": ["The payment credits (CP) of the fund for that year are exceeded."]}

    def test_they_bound_what_the_fund_pays_in_the_year(self):
        envelope = make.EnvelopeFactory(payment_credits=15000)
        grant = grant_in("in-payment", (envelope, 20000))
        pay(grant, 15000)
        assert refused(grant, Decimal("0.01")) == self.SAID

    def test_they_are_those_of_the_year_of_the_payment(self, settings):
        """A grant committed in 2015 and paid in 2016 takes the credits of 2016."""
        settings.TODAY = date(2016, 3, 1)
        envelope = make.EnvelopeFactory(payment_credits=0)
        later = make.EnvelopeFactory(fund=envelope.fund, year=2016, payment_credits=5000)
        grant = grant_in("in-payment", (envelope, 20000))
        assert refused(grant, 1, paid_on=date(2015, 12, 31)) == self.SAID
        pay(grant, 5000, paid_on=date(2016, 1, 1))
        assert refused(grant, Decimal("0.01"), paid_on=date(2016, 3, 1)) == self.SAID
        later.payment_credits = 4999
        with pytest.raises(ValidationError, match=r"payment credits \(CP\)"):
            later.save()

    def test_every_grant_of_the_fund_takes_them(self):
        envelope = make.EnvelopeFactory(payment_credits=15000)
        first, second = (grant_in("in-payment", (envelope, 10000)) for _ in range(2))
        pay(first, 10000)
        assert refused(second, Decimal("5000.01")) == self.SAID
        pay(second, 5000)

    def test_another_fund_does_not(self):
        first, second = (make.EnvelopeFactory(payment_credits=10000) for _ in range(2))
        grant = grant_in("in-payment", (first, 10000), (second, 10000))
        for allocation in grant.allocations.all():
            pay(grant, 10000, allocation=allocation)

    def test_a_year_without_envelope_pays_nothing(self, settings):
        settings.TODAY = date(2016, 3, 1)
        said = {"": ["The fund has no envelope for the year of the payment."]}
        assert refused(grant_in("in-payment"), 1, paid_on=date(2016, 1, 4)) == said


class TestState:
    SAID = {"grant": ["A payment is recorded while the grant is in payment: not before, not after."]}

    @pytest.mark.parametrize(
        "stage",
        [
            "draft",
            "submitted",
            "under-review",
            "proposed",
            "voted",
            "signed",
            "rejected",
            "withdrawn",
            "reported",
            "closed",
        ],
    )
    def test_only_in_payment(self, stage):
        values = {"paid_on": date(2015, 4, 1)}
        assert refused(grant_in(stage), 1, **values) == self.SAID

    @pytest.mark.parametrize("stage", ["reported", "closed"])
    def test_what_was_paid_then_stays(self, stage):
        payment = grant_in(stage).payments.get()
        payment.amount = 2
        with pytest.raises(ValidationError, match="not before, not after"):
            payment.save()


class TestParts:
    FOREIGN = ["This belongs to another grant."]

    def test_its_allocation_is_the_grant_s(self):
        allocation = grant_in("in-payment").allocations.get()
        assert refused(grant_in("in-payment"), 1, allocation=allocation) == {"allocation": self.FOREIGN}

    def test_its_instalment_is_the_grant_s(self):
        foreign = sign_agreement(grant_in("voted")).instalments.first()
        assert refused(grant_in("in-payment"), 1, instalment=foreign) == {"instalment": self.FOREIGN}
        assert refused(grant_in("in-payment", agreement=True), 1, instalment=foreign) == {"instalment": self.FOREIGN}

    def test_an_agreement_is_paid_by_instalments(self):
        said = "The grant has an agreement: say which of its instalments is paid."
        assert refused(grant_in("in-payment", agreement=True), 1, instalment=None) == {"instalment": [said]}


class TestReferenceAndDay:
    def test_a_reference_is_used_once_of_all_grants(self):
        pay(grant_in("in-payment"), 1, reference="ORDER-A")
        said = "Payment with this Reference of the payment order already exists."
        assert refused(grant_in("in-payment"), 1, reference="ORDER-A") == {"reference": [said]}

    def test_it_is_stated(self):
        assert "reference" in refused(grant_in("in-payment"), 1, reference="")

    def test_nothing_is_paid_tomorrow(self):
        grant = grant_in("in-payment")
        said = refused(grant, 1, paid_on=date(2015, 6, 2))
        assert said == {"paid_on": ["This has not happened yet: the date is in the future."]}
        pay(grant, 1, paid_on=date(2015, 6, 1))

    def test_nor_before_the_vote(self):
        grant = grant_in("in-payment")
        assert grant.deliberation.voted_on == date(2015, 2, 9)
        assert refused(grant, 1, paid_on=date(2015, 2, 8)) == {
            "paid_on": ["Nothing is paid before the Council's vote."]
        }
        pay(grant, 1, paid_on=date(2015, 2, 9))

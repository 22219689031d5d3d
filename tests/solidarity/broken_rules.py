"""The writes that break the rules which only a trigger holds; test_constraints.py asks what each is refused by."""

from datetime import date

from django.db import connection

from solidarity.models import Balance, FundParameter, Grant
from tests import factories as make
from tests.cooperation.test_constraints import FAR_OFF, Case, copied, written
from tests.solidarity.lives import bulk_proposed, grant_in, law_in_force, moved, pay, sign_agreement, water

APP = "solidarity_"
WRITES: list[Case] = []


def case(rule: str):
    """Registers a function as the write that breaks the rule."""

    def register(write):
        WRITES.append((APP + rule, write))
        return write

    return register


# --- grants ---


@case("grant_stage_known")
def _stage():
    """The life's trigger stands before the constraint, so that only a disabled one lets it be seen."""
    grant = make.GrantFactory()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE solidarity_grant SET stage = 'else' WHERE id = %s", [grant.pk])


@case("grant_settled_has_amount")
def _no_amount():
    grant = grant_in("under-review")
    grant.allocations.all().delete()  # nothing is allocated, nothing granted: these sums agree
    written(grant, stage="proposed", amount_granted=None)


@case("grant_voted_has_deliberation")
def _no_deliberation():
    written(grant_in("proposed"), stage="voted")


@case("grant_voted_has_deliberation")
def _deliberation_too_early():
    written(grant_in("proposed"), deliberation=make.DeliberationFactory())


@case("grant_settled_stays")
def _deliberation_lost():
    written(grant_in("voted"), deliberation=None)


@case("grant_own_file")
def _own_file():
    grant = grant_in("under-review", amount_granted=20000)
    written(grant, stage="proposed", approved_by=grant.instructed_by)


@case("grant_only_drafts_deleted")
def _deleted():
    Grant.objects.filter(pk=grant_in("submitted").pk)._raw_delete("default")


@case("grant_fully_allocated")
def _less_allocated():
    written(grant_in("under-review"), stage="proposed", amount_granted="19999.99")


@case("grant_fully_allocated")
def _not_allocated():
    written(moved([make.GrantFactory(amount_granted=5)], "submitted", "under-review")[0], stage="proposed")


@case("grant_allocated_in_its_years")
def _another_year():
    grant = grant_in("under-review", amount_granted=20000)
    written(grant, year=2016)
    written(grant, stage="proposed")


@case("grant_allocated_in_its_years")
def _year_too_late():
    envelope = make.EnvelopeFactory(year=2017)
    grant = make.GrantFactory(until_year=2016, amount_granted=20000)
    copied(make.AllocationFactory.build(grant=grant, envelope=envelope))
    moved([grant], "submitted", "under-review", "proposed")


CHANGES = {
    "amount_granted": 19999,
    "amount_asked": 20001,
    "in_kind_value": 1,
    "year": 2014,
    "until_year": 2016,
    "beneficiary": make.OrganisationFactory,
}
for _name, _value in CHANGES.items():

    @case("grant_settled_stays")
    def _changed(name=_name, value=_value):
        written(grant_in("proposed"), **{name: value() if callable(value) else value})


@case("grant_settled_stays")
def _changed_with_the_vote():
    written(grant_in("proposed"), stage="voted", deliberation=make.DeliberationFactory(), amount_granted=1)


@case("allocation_settled_stays")
def _allocation_changed():
    written(grant_in("proposed").allocations.get(), amount=1)


@case("allocation_settled_stays")
def _allocation_added():
    copied(grant_in("voted").allocations.get(), envelope=make.EnvelopeFactory())


@case("allocation_settled_stays")
def _allocation_deleted():
    grant_in("proposed").allocations.all().delete()


@case("allocation_settled_stays")
def _allocation_moved_away():
    written(grant_in("proposed").allocations.get(), grant=make.GrantFactory())


@case("allocation_settled_stays")
def _allocation_moved_in():
    grant = grant_in("proposed")
    written(make.AllocationFactory(), grant=grant)


@case("allocation_service_of_fund")
def _no_service():
    envelope, service, _ = water()
    written(make.AllocationFactory(envelope=envelope, service=service), service=None)


@case("allocation_service_of_fund")
def _service_of_another_fund():
    envelope, service, _ = water()
    written(make.AllocationFactory(envelope=envelope, service=service), service=make.FundServiceFactory())


@case("fund_kind_stays")
def _kind():
    envelope, service, _ = water()
    written(make.AllocationFactory(envelope=envelope, service=service).envelope.fund, kind="subsidy")


# --- envelopes ---


@case("balance_not_negative")
def _below_zero():
    Balance.objects.filter(envelope=make.EnvelopeFactory()).update(paid=-1)


def vote(*grants):
    moved(list(grants), "voted", deliberation=make.DeliberationFactory())


@case("envelope_commitments_within")
def _over_committed():
    vote(*bulk_proposed(make.EnvelopeFactory(commitment_authorised="39999.99"), 2, 20000))


@case("envelope_commitments_within")
def _authorised_lowered():
    written(grant_in("voted").allocations.get().envelope, commitment_authorised="19999.99")


@case("envelope_payments_within")
def _over_paid():
    grant = grant_in("in-payment", (make.EnvelopeFactory(payment_credits=1000), 20000))
    copied(pay(grant, 600), reference="OTHER", amount="400.01")


@case("envelope_payments_within")
def _credits_lowered():
    grant = grant_in("in-payment")
    pay(grant, 600)
    written(grant.allocations.get().envelope, payment_credits="599.99")


@case("envelope_payments_within")
def _moved_to_a_year_without_credits():
    envelope = make.EnvelopeFactory()
    make.EnvelopeFactory(fund=envelope.fund, year=2016, payment_credits=0)
    written(pay(grant_in("in-payment", (envelope, 20000)), 600), paid_on=date(2016, 1, 4))


@case("envelope_within_ceiling")
def _over_ceiling():
    envelope, service, _ = water(resources=3_999_999)
    vote(*bulk_proposed(envelope, 2, 20000, service))


@case("envelope_within_ceiling")
def _not_pooled():
    """Sanitation has all of its own left; water bears no more for that."""
    envelope, service, _ = water(resources=1_999_999)
    vote(*bulk_proposed(envelope, 1, 20000, service))


@case("envelope_within_ceiling")
def _resources_lowered():
    envelope, service, _ = water()
    vote(*bulk_proposed(envelope, 1, 20000, service))
    written(envelope.bases.get(service=service), own_resources=1_999_999)


@case("envelope_within_ceiling")
def _ceiling_of_another_year():
    """The scheme holds on the day of the vote, but there was none in the envelope's year: nothing fits under it."""
    envelope, service, _ = water(since=date(2014, 7, 9), year=2013)
    vote(*bulk_proposed(envelope, 1, 1, service))


@case("envelope_has_ceiling")
def _before_the_scheme():
    envelope, service, _ = water(since=date(2015, 2, 10))
    vote(*bulk_proposed(envelope, 1, 20000, service))


@case("envelope_has_ceiling")
def _after_the_scheme():
    envelope, service, _ = water()
    FundParameter.objects.update(until=date(2015, 2, 8))
    vote(*bulk_proposed(envelope, 1, 20000, service))


@case("envelope_has_base")
def _without_resources():
    envelope, service, _ = water()
    envelope.bases.get(service=service).delete()
    vote(*bulk_proposed(envelope, 1, 20000, service))


@case("envelope_has_base")
def _resources_taken_away():
    envelope, service, _ = water()
    vote(*bulk_proposed(envelope, 1, 20000, service))
    envelope.bases.all().delete()


@case("envelope_has_base")
def _resources_moved():
    envelope, service, _ = water()
    vote(*bulk_proposed(envelope, 1, 20000, service))
    written(envelope.bases.get(service=service), envelope=make.EnvelopeFactory(fund=envelope.fund, year=2016))


@case("envelope_has_base")
def _service_forgotten():
    """The fund had no ceiling when the allocation was written."""
    fund = make.FundFactory()
    grants = bulk_proposed(make.EnvelopeFactory(fund=fund), 1, 20000)
    make.FundParameterFactory(fund=fund)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE solidarity_fund SET kind = 'service-share' WHERE id = %s", [fund.pk])
        cursor.execute("SET LOCAL session_replication_role = origin")
    vote(*grants)


@case("envelope_stays")
def _year_moved():
    written(make.AllocationFactory().envelope, year=2016)


@case("envelope_stays")
def _fund_moved():
    written(make.AllocationFactory().envelope, fund=make.FundFactory())


@case("envelope_stays")
def _paid_from_another_year():
    """It bears no allocation, but payments of its year."""
    envelope = make.EnvelopeFactory()
    later = make.EnvelopeFactory(fund=envelope.fund, year=2016)
    written(pay(grant_in("in-payment", (envelope, 20000)), 600), paid_on=date(2016, 1, 4))
    type(later).objects.filter(pk=later.pk)._raw_delete("default")


# --- agreements and payments ---


@case("grantagreement_stays")
def _signature_moved():
    written(grant_in("in-payment", agreement=True).agreement, signed_on=date(2015, 3, 3))


@case("grantagreement_stays")
def _agreement_deleted():
    agreement = grant_in("in-payment", agreement=True).agreement
    type(agreement).objects.filter(pk=agreement.pk)._raw_delete("default")


@case("grantagreement_stays")
def _agreement_moved():
    written(sign_agreement(grant_in("voted")), grant=make.GrantFactory())


@case("grantagreement_stays")
def _instalment_changed():
    written(grant_in("in-payment", agreement=True).agreement.instalments.first(), amount=1)


@case("grantagreement_stays")
def _instalment_deleted():
    grant_in("in-payment", agreement=True).agreement.instalments.all().delete()


@case("grantagreement_stays")
def _instalment_moved():
    other = make.GrantAgreementFactory()
    written(grant_in("in-payment", agreement=True).agreement.instalments.first(), agreement=other)


@case("instalment_within_grant")
def _instalment_added():
    copied(grant_in("in-payment", agreement=True).agreement.instalments.first(), number=9, amount="0.01")


def payment(rule: str, *, stage: str = "in-payment", agreement: bool = False, **change):
    """The grant of 20 000 EUR has paid 1 000; what `change` says is written over that payment, a function is asked first."""

    def write():
        grant = grant_in("in-payment", agreement=agreement)
        paid = pay(grant, 1000)
        if stage != "in-payment":
            moved([grant], *{"reported": ["reported"], "closed": ["reported", "closed"]}[stage])
        written(paid, **{name: value(paid) if callable(value) else value for name, value in change.items()})

    WRITES.append((APP + rule, write))


payment("payment_amount_above_0", amount=0)
payment("payment_amount_above_0", amount=-1)
payment("payment_dates_plausible", paid_on=FAR_OFF)
payment("payment_reference_stated", reference="")
payment("payment_in_payment", stage="reported", amount=900)
payment("payment_in_payment", stage="closed", amount=900)
payment("payment_in_payment", grant=lambda paid: grant_in("voted"))
payment("payment_within_allocation", amount="20000.01")
payment("payment_within_instalment", agreement=True, amount="13333.34")
payment("payment_names_instalment", agreement=True, instalment=None)
payment("payment_of_the_grant", allocation=lambda paid: grant_in("in-payment").allocations.get())
payment("payment_of_the_grant", instalment=lambda paid: make.InstalmentFactory())
payment("payment_after_vote", paid_on=date(2015, 2, 8))
payment("payment_has_envelope", paid_on=date(2016, 1, 1))


@case("payment_in_payment")
def _payment_deleted():
    pay(grant := grant_in("in-payment"), 1000)
    moved([grant], "reported")
    grant.payments.all().delete()


@case("payment_within_allocation")
def _allocation_of_two():
    """The other allocation has plenty left; this one has not."""
    grant = grant_in("in-payment", (make.EnvelopeFactory(), 100), (make.EnvelopeFactory(), 15000))
    copied(pay(grant, 60), reference="OTHER", amount="40.01")


@case("grant_convention_first")
def _no_agreement():
    law_in_force()
    first = grant_in("in-payment")
    second = bulk_proposed(make.EnvelopeFactory(), 1, "3000.01")
    Grant.objects.filter(pk=second[0].pk).update(stage="under-review")
    written(second[0], beneficiary=first.beneficiary)
    moved(second, "proposed")
    vote(*second)
    copied(make.PaymentFactory.build(grant=first, allocation=first.allocations.get()))

"""What the database refuses of solidarity whoever writes: each named rule broken once, by a write that asks no model."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F

from core.database import refusal, sentences
from solidarity.models import Payment
from tests import factories as make
from tests.cooperation.test_constraints import FAR_OFF, LONG_AGO, Case, copied, written
from tests.solidarity.broken_protection import HONOURS, PROTECTED
from tests.solidarity.broken_rules import WRITES
from tests.solidarity.lives import grant_in, law_in_force, pay, water

pytestmark = pytest.mark.django_db

APP = "solidarity_"


def update(rule: str, factory, change: dict, **made) -> Case:
    return APP + rule, lambda: written(factory(**made), **change)


def insert(rule: str, factory, change: dict | None = None, **made) -> Case:
    return APP + rule, lambda: copied(factory(**made), **change or {})


DAY = {"since_precision": "day", "until_precision": "day"}
PARAMETER, THRESHOLD = make.FundParameterFactory, make.LegalThresholdFactory
GRANT, REPORT = make.GrantFactory, make.FinancialReportFactory

PLAIN = [
    update("crisis_kind_known", make.CrisisFactory, {"kind": "else"}),
    update("crisis_since_has_precision", make.CrisisFactory, {"since": date(2015, 3, 2)}),
    update("crisis_until_has_precision", make.CrisisFactory, {"until": date(2015, 3, 2)}),
    update(
        "crisis_since_starts_its_period", make.CrisisFactory, {"since": date(2015, 3, 2), "since_precision": "month"}
    ),
    update(
        "crisis_until_starts_its_period", make.CrisisFactory, {"until": date(2015, 3, 2), "until_precision": "month"}
    ),
    update("crisis_since_by_until", make.CrisisFactory, {"since": date(2015, 3, 2), "until": date(2015, 3, 1)} | DAY),
    update("crisis_dates_plausible", make.CrisisFactory, {"since": LONG_AGO, "since_precision": "day"}),
    update("crisisplace_one_place", make.CrisisPlaceFactory, {"country": None}),
    (APP + "crisisplace_one_place", lambda: written(make.CrisisPlaceFactory(), city=make.CityFactory())),
    insert("crisisplace_once", make.CrisisPlaceFactory),
    update("fund_kind_known", make.FundFactory, {"kind": "else"}),
    insert("fundservice_once", make.FundServiceFactory),
    update("fundparameter_kind_known", PARAMETER, {"kind": "else"}),
    update("fundparameter_value_not_negative", PARAMETER, {"value": -1}),
    update("fundparameter_rate_percent", PARAMETER, {"value": "100.01"}),
    update("fundparameter_since_by_until", PARAMETER, {"until": date(2013, 12, 31)}),
    update("fundparameter_dates_plausible", PARAMETER, {"until": FAR_OFF}),
    insert("fundparameter_one_at_a_time", PARAMETER, {"since": date(2015, 1, 1), "value": 2}),
    insert("fundparameter_one_at_a_time", PARAMETER, {"since": date(2014, 7, 9)}, until=date(2014, 7, 9)),
    update("legalthreshold_kind_known", THRESHOLD, {"kind": "else"}),
    update("legalthreshold_value_not_negative", THRESHOLD, {"value": "-0.01"}),
    update("legalthreshold_since_by_until", THRESHOLD, {"until": date(2001, 6, 7)}),
    update("legalthreshold_dates_plausible", THRESHOLD, {"since": LONG_AGO}),
    insert("legalthreshold_one_at_a_time", THRESHOLD, {"since": date(2015, 1, 1)}),
    insert("envelope_once", make.EnvelopeFactory),
    *(update("envelope_year_plausible", make.EnvelopeFactory, {"year": year}) for year in (1989, 2101)),
    *(
        update(f"envelope_{name}_not_negative", make.EnvelopeFactory, {name: "-0.01"})
        for name in ("commitment_authorised", "payment_credits")
    ),
    insert("resourcebase_once", make.ResourceBaseFactory),
    update("resourcebase_own_resources_not_negative", make.ResourceBaseFactory, {"own_resources": -1}),
    update("declaredaid_amount_not_negative", make.DeclaredAidFactory, {"amount": -1}),
    update("declaredaid_basis_known", make.DeclaredAidFactory, {"basis": "else"}),
    update("declaredaid_year_plausible", make.DeclaredAidFactory, {"year": 1989}),
    update("grant_reference_form", GRANT, {"reference": "gra 1"}),
    update("grant_year_plausible", GRANT, {"year": 2101}),
    update("grant_until_year_after", GRANT, {"until_year": 2014}),
    update("grant_until_year_after", GRANT, {"until_year": 2021}),
    update("grant_dates_plausible", GRANT, {"received_on": LONG_AGO}),
    *(update("grant_amount_asked_above_0", GRANT, {"amount_asked": amount}) for amount in (0, -1)),
    *(update("grant_amount_granted_above_0", GRANT, {"amount_granted": amount}) for amount in (0, -1)),
    update("grant_granted_within_asked", GRANT, {"amount_granted": "20000.01"}),
    update("grant_granted_within_asked", GRANT, {"amount_granted": 1}, amount_asked=None),
    update("grant_in_kind_value_not_negative", GRANT, {"in_kind_value": -1}),
    update("grant_sent_is_dated", GRANT, {"stage": "submitted"}, received_on=None),
    update("grant_sent_is_dated", GRANT, {"stage": "submitted"}, amount_asked=None),
    update("grant_stopped_says_why", GRANT, {"stage": "withdrawn"}),
    update("grant_stopped_says_why", GRANT, {"stopped_reason": "invented"}),
    insert("grant_starts_as_draft", GRANT, {"reference": "GRA-2015-9999", "stage": "submitted"}),
    update("grantplace_one_place", make.GrantPlaceFactory, {"city": None}),
    insert("grantplace_once", make.GrantPlaceFactory),
    update("piece_kind_known", make.PieceFactory, {"kind": "else"}),
    update("piece_dates_plausible", make.PieceFactory, {"received_on": FAR_OFF}),
    insert("piece_once", make.PieceFactory),
    *(update("allocation_amount_above_0", make.AllocationFactory, {"amount": amount}) for amount in (0, "-0.01")),
    insert("allocation_once", make.AllocationFactory),
    update("grantagreement_dates_plausible", make.GrantAgreementFactory, {"signed_on": LONG_AGO}),
    (
        APP + "grantagreement_number_once",
        lambda: copied(make.GrantAgreementFactory(number="C-1"), grant=make.GrantFactory()),
    ),
    *(update("instalment_amount_above_0", make.InstalmentFactory, {"amount": amount}) for amount in (0, -1)),
    update("instalment_dates_plausible", make.InstalmentFactory, {"due_on": FAR_OFF}),
    insert("instalment_number_once", make.InstalmentFactory),
    update("instalment_within_grant", make.InstalmentFactory, {"amount": "20000.01"}),
    insert("instalment_within_grant", make.InstalmentFactory, {"number": 31000, "amount": "19000.01"}),
    update("financialreport_year_plausible", REPORT, {"year": 1989}),
    update("financialreport_dates_plausible", REPORT, {"due_on": FAR_OFF}),
    update(
        "financialreport_received_on_by_accepted_on",
        REPORT,
        {"received_on": date(2015, 5, 4), "accepted_on": date(2015, 5, 3)},
    ),
    update("financialreport_accepted_is_received", REPORT, {"accepted_on": date(2015, 5, 3)}),
    insert("financialreport_once", REPORT),
    *(update(f"reportline_{name}_not_negative", make.ReportLineFactory, {name: -1}) for name in ("budget", "actual")),
    insert("reportline_once", make.ReportLineFactory),
    update("publicaccounts_year_plausible", make.PublicAccountsFactory, {"year": 2101}),
    update("publicaccounts_dates_plausible", make.PublicAccountsFactory, {"approved_on": LONG_AGO}),
    update(
        "publicaccounts_approved_on_by_published_on",
        make.PublicAccountsFactory,
        {"approved_on": date(2015, 5, 4), "published_on": date(2015, 5, 3)},
    ),
    insert("publicaccounts_once", make.PublicAccountsFactory),
    update("healthindicator_measure_known", make.HealthIndicatorFactory, {"measure": "else"}),
    update("healthindicator_year_plausible", make.HealthIndicatorFactory, {"year": 1989}),
    update("healthindicator_target_percent", make.HealthIndicatorFactory, {"target": "100.01"}),
    update("healthindicator_actual_percent", make.HealthIndicatorFactory, {"actual": "-0.01"}),
    insert("healthindicator_once", make.HealthIndicatorFactory),
    insert("healthindicator_once", make.HealthIndicatorFactory, city=None),
]


CASES = [*PLAIN, *WRITES, *HONOURS, *PROTECTED]


@pytest.mark.parametrize(("rule", "write"), CASES, ids=[rule.removeprefix(APP) for rule, _ in CASES])
def test_the_database_refuses_by_name_and_with_a_sentence(rule, write):
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        write()
    assert refused.value.__cause__.diag.constraint_name == rule
    said = refusal(refused.value)
    assert isinstance(said, ValidationError)
    assert said.messages == [str(sentences()[rule])]


def test_no_rule_is_left_without_a_case():
    assert {rule for rule in sentences() if rule.startswith(APP)} == {rule for rule, _ in CASES}


def test_the_last_cent_still_fits():
    """Each bound is reached, not only never crossed."""
    law_in_force()
    envelope, service, _ = water(resources=2_300_000, commitment_authorised=23000, payment_credits=23000)
    grant = grant_in("in-payment", (envelope, 23000, service))
    pay(grant, 23000)
    assert grant.payments.get().amount == Decimal(23000)
    written(envelope, commitment_authorised=F("commitment_authorised"), payment_credits=23000)


@pytest.mark.parametrize("stage", ["draft", "submitted", "under-review", "proposed", "voted", "signed", "withdrawn"])
def test_nothing_is_paid_in_another_stage(stage):
    grant = grant_in(stage)
    row = make.PaymentFactory.build(grant=grant, allocation=grant.allocations.get())
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        Payment.objects.bulk_create([row])
    assert refused.value.__cause__.diag.constraint_name == "solidarity_payment_in_payment"

"""The rules of a record are asked at once, and say what Django would have said one by one."""

from datetime import date
from unittest.mock import patch

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import CheckConstraint
from django.test.utils import CaptureQueriesContext

from core.constraints import held
from partnerships.models import Agreement
from tests import factories as make

pytestmark = pytest.mark.django_db


def checks(model) -> set[str]:
    return {rule.name for rule in model._meta.constraints if isinstance(rule, CheckConstraint)}


def test_all_rules_are_asked_in_one_query():
    agreement = make.AgreementFactory(signed=True)
    with CaptureQueriesContext(connection) as queries:
        agreement.full_clean()
    assert held(agreement, ()) == checks(Agreement)
    # Two uniqueness checks aside: a savepoint, the question, the end of the savepoint.
    assert sum("IS NOT FALSE" in query["sql"] for query in queries) == 1
    assert len(queries) <= 6


def test_what_is_broken_is_not_held_and_is_said_as_django_says_it():
    agreement = make.AgreementFactory(signed=True)
    agreement.forecast_amount = -1
    agreement.expires_on = date(1066, 1, 1)
    broken = {"partnerships_agreement_forecast_amount_not_negative", "partnerships_agreement_dates_plausible"}
    missing = checks(Agreement) - held(agreement, ())
    assert broken <= missing

    def said() -> dict[str, list[str]]:
        with pytest.raises(ValidationError) as refused:
            agreement.full_clean()
        return refused.value.message_dict

    together = said()
    with patch("core.models.base.held", return_value=set()):
        assert said() == together
    assert "forecast_amount" in together


def test_a_rule_about_an_excluded_field_is_not_asked():
    agreement = make.AgreementFactory()
    agreement.forecast_amount = -1
    assert "partnerships_agreement_forecast_amount_not_negative" not in held(agreement, {"forecast_amount"})
    agreement.full_clean(exclude={"forecast_amount"})


def test_a_value_that_the_database_cannot_take_leaves_the_transaction_whole():
    agreement = make.AgreementFactory()
    for value in ("many", 10**9):
        agreement.notice_months = value
        assert held(agreement, ()) == set()
    assert Agreement.objects.filter(pk=agreement.pk).exists()


@pytest.mark.parametrize(
    ("factory", "first", "last"),
    [
        (make.CountryStatusFactory, "since", "until"),
        (make.CouncilLeadTimeFactory, "since", "until"),
        (make.ResultPeriodFactory, "starts_on", "ends_on"),
        (make.FundParameterFactory, "since", "until"),
        (make.LegalThresholdFactory, "since", "until"),
        (make.EmissionFactorFactory, "valid_from", "valid_to"),
    ],
)
def test_a_time_that_ends_before_it_begins_is_refused_before_it_is_compared(factory, first, last):
    record = factory(**{first: date(2014, 1, 1), last: date(2014, 12, 31)})
    setattr(record, last, date(2013, 1, 1))
    with pytest.raises(ValidationError) as refused:
        record.full_clean()
    assert list(refused.value.message_dict) == [last]
    with patch.object(type(record), "clean"), pytest.raises(ValidationError) as refused:
        record.full_clean()
    assert list(refused.value.message_dict) == [last]

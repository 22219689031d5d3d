"""A record is written first and questioned only where it is refused: what is refused, and in which words, stays the same."""

from datetime import date
from unittest.mock import patch

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from core.constraints import points_to_records
from core.database import Unexplained
from partnerships.models import City
from solidarity.models import Allocation, Grant
from tests import factories as make

pytestmark = pytest.mark.django_db


def grant(**changes) -> Grant:
    given = {"title_fr": "Un essai", "beneficiary": make.OrganisationFactory(), "year": 2015}
    return Grant(**given | changes)


def refused(act) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as error:
        act()
    return error.value.message_dict


def test_a_record_that_is_right_is_asked_for_one_thing_only():
    record = grant()
    with CaptureQueriesContext(connection) as queries:
        record.save()
    # The body that it names, and the row within a savepoint.
    assert [query["sql"].split()[0] for query in queries] == ["SELECT", "SAVEPOINT", "INSERT", "RELEASE"]


FAULTS = [
    {"year": 1066, "amount_asked": -1, "received_on": date(2050, 1, 1)},
    {"year": None, "title_fr": "", "amount_granted": 5},
    {"amount_asked": 5, "amount_granted": 6, "until_year": 2014},
    {"reference": "wrong form", "stage": "unknown"},
    {"reference": "GRA-TAKEN", "in_kind_value": -1},
    {"beneficiary_id": None},
    {"beneficiary_id": 2**40},
    {"beneficiary_id": 2**70},
    {"beneficiary_id": "many"},
    {"theme_id": 2**40, "year": 1066},
    {"amount_asked": 10**30},
    {"title_fr": "T" * 251, "until_year": 2090},
]


@pytest.mark.parametrize("changes", FAULTS)
@pytest.mark.parametrize("adding", [True, False])
def test_all_that_is_wrong_is_said_at_once_as_full_clean_says_it(changes, adding):
    make.GrantFactory(reference="GRA-TAKEN")
    record = grant() if adding else make.GrantFactory()
    for name, value in changes.items():
        setattr(record, name, value)
    told = refused(record.save)
    assert told == refused(record.full_clean)
    assert told
    assert Grant.objects.exclude(pk=record.pk).count() == 1, "nothing is written, and the transaction lives on"


def test_a_rule_that_only_a_trigger_holds_speaks_as_before():
    record = grant(stage="submitted", received_on=date(2015, 1, 12), amount_asked=5)
    with override("en"), pytest.raises(ValidationError, match="A grant begins as a draft"):
        record.save()


def test_what_django_must_judge_is_left_to_it():
    """A record that is gone, named by an object that was read before."""
    body = make.OrganisationFactory()
    type(body).objects.filter(pk=body.pk).delete()
    record = grant(beneficiary=body)
    assert not points_to_records(record)
    assert list(refused(record.save)) == ["beneficiary"]


def test_a_part_of_a_record_is_saved_by_the_same_rules():
    record = make.GrantFactory()
    record.year = 1066
    assert list(refused(lambda: record.save(update_fields=["year"]))) == ["year"]


# --- alone in its transaction ---


def alone(record: Grant, *given: str):
    with transaction.atomic():
        record.add_alone(given)


def test_alone_it_needs_no_savepoint():
    record = grant()
    with CaptureQueriesContext(connection) as queries:
        record.add_alone(["title_fr"])
    assert [query["sql"].split()[0] for query in queries] == ["SELECT", "INSERT"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "changes", [changes for changes in FAULTS if "amount_asked" not in changes or changes["amount_asked"] != 10**30]
)
def test_alone_the_same_is_said_once_the_transaction_has_ended(changes):
    make.GrantFactory(reference="GRA-TAKEN")
    record = grant(**changes)
    expected = refused(record.full_clean)
    with pytest.raises((Unexplained, ValidationError)) as error:
        alone(record, *changes)
    told = error.value.explained() if isinstance(error.value, Unexplained) else error.value
    assert told.message_dict == expected
    assert Grant.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_reference_that_was_drawn_is_not_said_to_be_taken():
    record = grant(year=1066)
    with pytest.raises(Unexplained) as error:
        alone(record, "title_fr", "year")
    make.GrantFactory(reference=record.reference)  # another drew it meanwhile
    assert list(error.value.explained().message_dict) == ["year"]
    given = grant(year=1066, reference=record.reference)
    with pytest.raises(Unexplained) as error:
        alone(given, "reference", "year")
    assert set(error.value.explained().message_dict) == {"year", "reference"}


def test_what_no_rule_of_ours_refused_is_raised_as_it_is():
    record = grant()
    with (
        patch("django.db.models.Model.save", side_effect=IntegrityError("invented")),
        pytest.raises(IntegrityError, match="invented"),
    ):
        record.save()


def test_models_with_and_without_keys_are_asked_alike():
    assert points_to_records(City(country=make.CountryFactory()))
    assert not points_to_records(Allocation(grant_id=2**40, envelope=make.EnvelopeFactory()))
    assert points_to_records(Allocation(grant_id=2**40, envelope=make.EnvelopeFactory()), but=["grant"])

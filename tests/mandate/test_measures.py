"""What each measure of the City's action counts, which records stand behind it, and who is shown it."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from core.access import ApiClient, Parvis
from core.roles import Role
from mandate.measures import Measure, registered
from mandate.measures.registry import PARAMETERS
from solidarity.models.protected import ProtectedFile
from tests import factories as make
from tests.mandate.worlds import WORLDS

YEAR = (date(2015, 1, 1), date(2015, 12, 31))
NAMES = sorted(registered())
NOBODY = ApiClient("invented", "Invented", frozenset())

pytestmark = pytest.mark.django_db


def test_every_measure_has_a_world():
    assert set(WORLDS) == set(registered())


@pytest.mark.parametrize("name", NAMES)
def test_what_it_counts_which_records_stand_behind_it_and_who_is_told(name):
    of, value, records = WORLDS[name]()
    known = registered()[name]
    found = known.take(Parvis(), *YEAR, of)
    assert found.value == value
    assert {record for behind in found.records for record in behind} == records
    if found.whole is not None:
        assert records <= set(found.whole)
    # How many people are in refuge is no record that somebody views: a number alone, of which nothing can be learned.
    assert known.model or name == "refuges-begun"
    assert known.take(NOBODY, *YEAR, of) == Measure(None if known.model else value)


@pytest.mark.parametrize("name", NAMES)
def test_it_asks_no_more_of_a_larger_world(name):
    def asked(of: str) -> int:
        with CaptureQueriesContext(
            connection,
        ) as context:
            registered()[name].take(Parvis(), *YEAR, of)
        return len(context)

    small = asked(WORLDS[name]()[0])
    of = [WORLDS[name]()[0] for _each in range(3)][-1]
    assert asked(of) == small <= 9


@pytest.mark.parametrize("name", [name for name in NAMES if registered()[name].parameter])
def test_it_is_narrowed_by_what_there_is(name):
    known = registered()[name]
    objective = make.ObjectiveFactory()
    for parameter, said in (
        ("", "Say what it measures: the short name is missing."),
        ("nowhere", "There is nothing of this short name."),
    ):
        with pytest.raises(ValidationError) as refused:
            make.IndicatorFactory(objective=objective, measure=name, parameter=parameter)
        assert refused.value.message_dict == {"parameter": [said]}
    of = WORLDS[name]()[0]
    assert make.IndicatorFactory(objective=objective, measure=name, parameter=of).unit == known.unit


def test_what_is_not_narrowed_takes_no_parameter():
    with pytest.raises(ValidationError) as refused:
        make.IndicatorFactory(measure="trips", parameter="nowhere")
    assert refused.value.message_dict == {"parameter": ["This measure is not narrowed."]}


def test_every_kind_of_parameter_is_used():
    assert set(PARAMETERS) == {known.parameter for known in registered().values()} - {""}


@pytest.mark.parametrize("name", NAMES)
def test_nothing_to_count_is_not_an_error(name):
    known = registered()[name]
    found = known.take(Parvis(), *YEAR, "nowhere" if known.parameter else "")
    if known.unit in ("percent", "ratio") or name.startswith("fund-") or name == "refuges-begun":
        assert found.value is None
    else:
        assert found.value == 0
    assert not any(behind.exists() for behind in found.records)


def test_no_measure_shows_a_row_of_a_protected_file():
    officer = make.UserFactory(role=Role.PROTECTION_OFFICER)
    file = make.ProtectedFileFactory(kind="refuge", begins_on=date(2015, 3, 2))
    make.FileAccessFactory(file=file, user=officer)
    for name, known in registered().items():
        of = WORLDS[name]()[0] if known.parameter else ""
        found = known.take(officer, *YEAR, of)
        assert not any(issubclass(behind.model, ProtectedFile) for behind in found.records), name
    assert registered()["refuges-begun"].take(officer, *YEAR).records == ()


def test_titles_differ_in_both_languages():
    for language in ("en", "fr"):
        with override(language):
            titles = [str(known.title) for known in registered().values()]
        assert len(set(titles)) == len(titles)

"""How many a list holds is counted anew once anything was written, and only then."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection, transaction

from core.api import reading
from core.roles import Role
from partnerships.models import City
from tests import factories as make
from tests.api.conftest import bearer, signed_in

CITIES = "/api/v1/cities/?page_size=1"


@pytest.fixture(autouse=True)
def nothing_known(monkeypatch):
    monkeypatch.setattr(reading, "_kept", reading.Kept(100))
    monkeypatch.setattr(reading, "_tallies", reading.Kept(100))


def state() -> str | None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {reading.STATE}")
        return cursor.fetchone()[0]


def counted(api, page: int = 1) -> int:
    return api.get(f"{CITIES}&page={page}").json()["count"]


@pytest.fixture
def said(monkeypatch):
    """Puts a number in the place of what is known of every list, to see where it is told."""

    def say(number: int) -> None:
        assert reading._tallies.values
        for tally in reading._tallies.values.values():
            tally.known = tally.known[0], number

    return say


@pytest.mark.django_db
def test_it_is_counted_once_for_all_pages_while_nothing_is_written(told, said, monkeypatch):
    # What other databases of the same server write tells of another state too, as it does while tests run beside each other.
    monkeypatch.setattr(reading, "STATE", "'one'")
    make.CityFactory.create_batch(4)
    api = bearer()
    assert counted(api) == 4
    said(77)
    assert [counted(api), counted(api), counted(api, 2), counted(api, 3)] == [77, 77, 77, 77]
    # What stands on the last page and before it is all there is.
    assert counted(api, 4) == 4
    assert told == [False, True, True, False, False, False]


@pytest.mark.django_db
def test_each_list_is_counted_for_itself(monkeypatch):
    monkeypatch.setattr(reading, "STATE", "'one'")
    make.CityFactory.create_batch(2)
    make.CityFactory(name_fr="Eau inventée")
    make.CityFactory(name_fr="Autre eau inventée")
    api = bearer()
    for _each in range(2):
        assert [counted(api), api.get(f"{CITIES}&q=eau").json()["count"]] == [4, 2]


@pytest.mark.django_db
def test_nothing_is_known_of_lists_that_are_never_asked_again():
    make.CityFactory.create_batch(2)
    assert counted(signed_in(Role.DEPUTY)) == 2
    assert not reading._tallies.values
    assert counted(bearer()) == 2
    assert reading._tallies.values


@pytest.mark.django_db(transaction=True)
def test_what_was_written_in_between_is_counted(said):
    make.CityFactory.create_batch(2)
    api = bearer()
    assert [counted(api), counted(api)] == [2, 2]
    said(77)
    make.CityFactory()
    assert [counted(api), counted(api)] == [3, 3]
    said(77)
    City.objects.order_by("pk").first().delete()
    assert counted(api) == 2


@pytest.mark.django_db(transaction=True)
def test_what_somebody_else_is_writing_is_counted_once_it_is_written():
    make.CityFactory.create_batch(2)
    api = bearer()
    written, counted_before = Event(), Event()

    def write() -> None:
        try:
            with transaction.atomic():
                make.CityFactory()
                written.set()
                assert counted_before.wait(30)
        finally:
            connection.close()

    with ThreadPoolExecutor() as threads:
        writing = threads.submit(write)
        assert written.wait(30)
        assert [counted(api), counted(api)] == [2, 2]
        counted_before.set()
        writing.result()
    assert [counted(api), counted(api)] == [3, 3]


@pytest.mark.django_db(transaction=True)
def test_within_a_transaction_that_writes_it_is_always_counted(said):
    api = bearer()
    make.CityFactory.create_batch(2)
    assert counted(api) == 2
    with transaction.atomic():
        make.CityFactory()
        assert state() is None
        assert counted(api) == 3
        said(77)
        make.CityFactory()
        assert counted(api) == 4
        transaction.set_rollback(True)
    assert counted(api) == 2


@pytest.mark.django_db(transaction=True)
def test_where_nothing_is_written_the_state_stays():
    # Tests beside this one write; of many moments, some lie within none of their transactions.
    assert any(state() == state() is not None for _each in range(2000))


@pytest.mark.django_db(transaction=True)
def test_whatever_is_written_is_another_state():
    before = state()
    make.CityFactory()
    assert state() not in (None, before)

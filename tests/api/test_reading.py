"""What PostgreSQL tells of a record is what its serializer describes, of every resource."""

import json
from datetime import date
from typing import Any

import pytest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from core import clock, written
from core.access import ApiClient
from core.api import reading, sqljson
from core.api.reading import Reading
from core.api.renderers import rendered
from core.api.scopes import declared
from partnerships.models import City
from tests import factories as make
from tests.api.resources import RESOURCES, factory_of
from tests.api.test_lists import READ_BY_PYTHON, WHOLE

pytestmark = pytest.mark.django_db

SYSTEM = ApiClient("invented", "Invented system", frozenset(declared()))


def asked(resource: str, action: str, caller: Any = SYSTEM, **parameters) -> Any:
    """The resource's view while it answers this request."""
    view = RESOURCES[resource]()
    request = Request(APIRequestFactory().get("/", parameters))
    request.user = caller
    view.request, view.action, view.kwargs, view.format_kwarg = request, action, {}, None
    return view


@pytest.mark.parametrize("action", ["list", "retrieve"])
@pytest.mark.parametrize("resource", sorted(set(RESOURCES) - set(READ_BY_PYTHON)))
def test_postgresql_tells_what_the_serializer_does(resource, action):
    whole = WHOLE.get(resource) or factory_of(RESOURCES[resource])
    whole()
    whole()
    expand = ",".join(asked(resource, action).get_serializer_class().expansions())
    view = asked(resource, action, **{"expand": expand} if expand else {})
    found = Reading(view)
    try:
        sqljson.selected(found.rows, view.get_serializer())
    except sqljson.OnlyInPython:
        assert action == "retrieve"
        return
    records = list(found.rows.order_by("pk"))
    described = json.loads(rendered(view.get_serializer(records, many=True).data))
    told = [json.loads(rendered(found.one(record.pk).told)) for record in records]
    assert records
    assert told == described
    assert [list(row) for row in told] == [list(row) for row in described]


# --- statements that are kept ---


@pytest.fixture
def kept(monkeypatch):
    kept = written.Kept(reading.KEPT)
    monkeypatch.setattr(reading, "_kept", kept)
    return kept.values


def test_what_a_system_asks_again_is_not_built_again(kept, monkeypatch):
    make.CityFactory(slug="one")
    Reading(asked("cities", "list")).page(0, 50)
    make.CityFactory(slug="two")
    monkeypatch.setattr(City.objects.__class__, "visible_to", None)
    assert Reading(asked("cities", "list", page="1")).page(0, 50).count == 2
    assert len(kept) == 1


def test_other_rights_other_parameters_another_day_are_other_statements(kept, settings):
    few = ApiClient("invented", "Invented system", frozenset({"partnerships:read"}))
    for parameters in ({}, {"fields": "slug"}):
        for caller in (SYSTEM, few):
            Reading(asked("sources", "list", caller, **parameters)).page(0, 1)
    assert len(kept) == 4
    settings.TODAY = date(2030, 1, 1)
    Reading(asked("sources", "list")).page(0, 1)
    assert len(kept) == 5


def test_what_the_database_was_asked_for_is_not_kept(kept):
    """A record named by its short name may bear another one tomorrow."""
    country = make.CountryFactory(code="AA")
    make.CityFactory(country=country)
    assert Reading(asked("cities", "list", country="AA")).page(0, 50).count == 1
    assert not kept


def test_what_holds_a_moment_is_not_kept(kept, monkeypatch):
    view = asked("cities", "list")
    rows = view.rows
    monkeypatch.setattr(view, "rows", lambda: rows().exclude(created_at__gt=clock.real()))
    Reading(view).page(0, 50)
    assert not kept


def test_of_a_person_nothing_is_kept(kept):
    Reading(asked("cities", "list", make.UserFactory(is_superuser=True))).page(0, 50)
    assert not kept


def test_no_more_is_kept_than_stated(monkeypatch):
    kept = written.Kept(2)
    monkeypatch.setattr(reading, "_kept", kept)
    for fields in ("id", "slug", "kind"):
        Reading(asked("cities", "list", fields=fields)).page(0, 50)
    assert len(kept.values) == 2


def test_words_that_look_like_sql_stay_words():
    make.CityFactory(name_fr="50 % d’eau", name_en="50 % water")
    for words in ("50 %", "%s", "' OR 1=1 --"):
        found = Reading(asked("cities", "list", q=words))
        assert found.page(0, 50).count == found.after(0, 50).count <= 1


def test_a_long_list_is_counted_up_to_a_bound(api, monkeypatch):
    monkeypatch.setattr(reading, "COUNTED", 2)
    monkeypatch.setattr("core.api.pagination.COUNTED", 2)
    make.CityFactory.create_batch(4)
    told = [
        (page["count"], page["is_more"], len(page["results"]), bool(page["next"]))
        for number in (1, 2, 3, 4)
        for page in [api.get(f"/api/v1/cities/?page_size=1&page={number}").json()]
    ]
    assert told == [(2, True, 1, True), (2, True, 1, True), (2, True, 1, True), (4, False, 1, False)]
    assert api.get("/api/v1/cities/?page_size=1&page=5").status_code == 404


def test_a_number_that_no_record_can_have_is_not_found(api):
    assert api.get(f"/api/v1/cities/{10**30}/").status_code == 404
    assert api.get("/api/v1/cities/?page=999999999999999").status_code == 404


@pytest.mark.walk
@pytest.mark.parametrize("resource", sorted(set(RESOURCES) - set(READ_BY_PYTHON)))
def test_a_page_by_number_of_the_record_tells_what_every_page_does(resource):
    whole = WHOLE.get(resource) or factory_of(RESOURCES[resource])
    for _each in range(3):
        whole()
    page = json.loads(rendered(Reading(asked(resource, "list")).page(0, 500).told))
    rows = sorted(page, key=lambda row: row["id"])
    found = Reading(asked(resource, "list"))
    for start, size in [(0, 500), (0, 1), (rows[0]["id"], 1), (rows[-1]["id"], 1)]:
        following = [row for row in rows if row["id"] > start]
        told = found.after(start, size)
        assert json.loads(rendered(told.told)) == following[:size]
        assert (told.count, told.counted) == (min(len(following), size + 1), None)
        assert told.last == (following[size - 1]["id"] if len(following) > size else None)


def test_rows_are_read_as_they_are_found_where_nothing_is_joined_to_find_them():
    cities = City.objects.visible_to(SYSTEM)
    straight = reading._is_narrowed_by_own_columns
    assert straight(cities, cities)
    assert straight(cities.filter(pk__gt=1, slug="one"), cities)
    assert not straight(cities.filter(relations__kind="friendship"), cities)
    assert not straight(cities.distinct(), cities)

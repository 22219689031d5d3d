"""What a system asks again is answered as it was the first time, by one statement, and only as long as nothing changed."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from oauth2_provider.models import AccessToken
from prometheus_client import REGISTRY

from core import clock
from core.api import again
from core.models import ClientAccess
from partnerships.models import City
from tests import factories as make
from tests.api.conftest import bearer, messages
from tests.api.resources import RESOURCES, factory_of
from tests.api.test_lists import READ_BY_PYTHON, WHOLE

pytestmark = pytest.mark.django_db
CITIES = "/api/v1/cities/"


@pytest.fixture
def told(monkeypatch):
    """For each request whether it was answered again."""
    answered = []
    whole = again.Again.answer

    def answer(self, request):
        response = whole(self, request)
        answered.append(response is not None)
        return response

    monkeypatch.setattr(again.Again, "answer", answer)
    return answered


def said(response) -> dict[str, str]:
    left = {"RateLimit"}
    return {name: value for name, value in response.headers.items() if name not in left}


@pytest.mark.walk
@pytest.mark.parametrize("resource", sorted(set(RESOURCES) - set(READ_BY_PYTHON)))
def test_the_second_answer_is_as_the_first_one(resource, told):
    whole = WHOLE.get(resource) or factory_of(RESOURCES[resource])
    whole()
    whole()
    api = bearer()
    address = f"/api/v1/{resource}/"
    first, *_others, second = (row["id"] for row in api.get(address).json()["results"])
    cursor = api.get(f"{address}?paging=cursor&page_size=1").json()["next"]
    told.clear()
    for asked, other in [
        (address, address),
        (f"{address}?page_size=1", f"{address}?page_size=1"),
        (f"{address}?page_size=1&page=2", f"{address}?page_size=1&page=2"),
        (f"{address}{first}/", f"{address}{second}/"),
        *([(cursor, cursor)] if cursor else []),
    ]:
        once = api.get(asked)
        again = api.get(asked)
        assert (once.status_code, once.content, said(once)) == (again.status_code, again.content, said(again))
        assert once.status_code == 200
        assert sorted(api.get(other).headers) == sorted(once.headers)
    assert any(told)


def test_it_is_one_statement_besides_which_nothing_is_asked(told):
    make.CityFactory.create_batch(3)
    api = bearer()
    for _each in range(2):
        with CaptureQueriesContext(connection) as asked:
            assert api.get(f"{CITIES}?page_size=2").json()["count"] == 3
    assert told == [False, True]
    assert len(asked) == 1


def test_what_was_written_meanwhile_is_told(told):
    api = bearer()
    city = make.CityFactory(slug="before")
    assert [api.get(CITIES).json()["count"] for _each in range(2)] == [1, 1]
    assert api.get(f"{CITIES}{city.pk}/").json()["slug"] == "before"
    City.objects.filter(pk=city.pk).update(slug="after")
    other = make.CityFactory(slug="other")
    assert api.get(CITIES).json()["count"] == 2
    assert [api.get(f"{CITIES}{key}/").json()["slug"] for key in (city.pk, other.pk)] == ["after", "other"]
    City.objects.filter(pk=other.pk).delete()
    assert api.get(f"{CITIES}{other.pk}/").status_code == 404
    assert api.get(f"{CITIES}?page=2").status_code == 404
    assert told == [False, True, False, True, True, True, False, False]


def test_each_cursor_leads_on_from_its_own_place(told):
    make.CityFactory.create_batch(5)
    api = bearer()
    page = api.get(f"{CITIES}?paging=cursor&page_size=1").json()
    found = [row["id"] for row in page["results"]]
    while page["next"]:
        page = api.get(page["next"]).json()
        found += [row["id"] for row in page["results"]]
    assert found == sorted(City.objects.values_list("pk", flat=True))
    assert told == [False, False, True, True, True]


def test_a_cursor_of_another_list_is_refused_by_name(told):
    make.CityFactory.create_batch(3, kind="city")
    api = bearer()
    here = api.get(f"{CITIES}?paging=cursor&page_size=1").json()["next"]
    other = api.get(f"{CITIES}?paging=cursor&page_size=1&kind=city").json()["next"]
    assert api.get(here).status_code == api.get(here).status_code == 200
    wrong = api.get(f"{CITIES}?paging=cursor&page_size=1&cursor={other.partition('cursor=')[2].partition('&')[0]}")
    assert wrong.status_code == 400
    assert list(messages(wrong)) == ["cursor"]
    assert told[-2:] == [True, False]


# --- the token ---


@pytest.fixture
def asked_twice(told):
    make.CityFactory()
    api = bearer()
    assert [api.get(CITIES).status_code for _each in range(2)] == [200, 200]
    assert told == [False, True]
    told.clear()
    return api


def test_a_token_that_was_revoked_opens_nothing_again(asked_twice, told):
    AccessToken.objects.all().delete()
    assert asked_twice.get(CITIES).status_code == 401
    assert told == [False]


def test_a_token_that_expired_opens_nothing_again(asked_twice, told, time_machine):
    time_machine.move_to(clock.real() + timedelta(hours=2))
    assert asked_twice.get(CITIES).status_code == 401
    assert told == [False]


def test_a_client_whose_access_was_taken_opens_nothing_again(asked_twice, told):
    ClientAccess.objects.all().delete()
    assert asked_twice.get(CITIES).status_code == 401
    assert told == [False]


def test_a_scope_that_was_taken_closes_at_once(asked_twice, told):
    ClientAccess.objects.update(scopes=["solidarity:read"])
    assert asked_twice.get(CITIES).status_code == 403
    assert told == [False]


def test_another_token_of_the_same_client_goes_the_whole_way(asked_twice, told):
    expires = clock.real() + timedelta(hours=1)
    AccessToken.objects.create(
        token="narrow", application=AccessToken.objects.get().application, expires=expires, scope="solidarity:read"
    )
    asked_twice.credentials(HTTP_AUTHORIZATION="Bearer narrow")
    assert asked_twice.get(CITIES).status_code == 403
    asked_twice.credentials()
    assert asked_twice.get(CITIES).status_code == 401
    assert told == [False]


# --- what goes the whole way ---


@pytest.mark.parametrize(
    "given",
    [
        {"HTTP_ACCEPT_LANGUAGE": "fr"},
        {"HTTP_ACCEPT": "text/html"},
        {"HTTP_COOKIE": "django_language=fr"},
        {"HTTP_IF_NONE_MATCH": '"1-1"'},
        {"HTTP_HOST": "localhost"},
        {"HTTP_X_FORWARDED_PROTO": "https"},
    ],
)
def test_who_asks_otherwise_is_answered_as_by_the_view(asked_twice, told, given):
    asked_twice.get(CITIES, **given)
    assert told == [False]


def test_another_method_is_never_answered_again(asked_twice, told):
    assert asked_twice.head(CITIES).content == b""
    assert asked_twice.options(CITIES).status_code in (200, 405)
    assert asked_twice.post(CITIES, {}).status_code == 400
    assert told == [False] * 3


def test_who_holds_the_answer_already_is_told_so(told):
    address = f"{CITIES}{make.CityFactory().pk}/"
    api = bearer()
    first, second = api.get(address), api.get(address)
    assert first["ETag"] == second["ETag"]
    assert told == [False, True]
    assert api.get(address, headers={"If-None-Match": second["ETag"]}).status_code == 304


def test_on_another_day_it_goes_the_whole_way(asked_twice, told, settings):
    settings.TODAY = clock.today() + timedelta(days=1)
    assert asked_twice.get(CITIES).status_code == 200
    assert told == [False]


def test_a_name_that_may_be_anothers_tomorrow_is_looked_up_each_time(told):
    make.CityFactory(country=make.CountryFactory(code="AA"))
    api = bearer()
    assert [api.get(f"{CITIES}?country=AA").json()["count"] for _each in range(3)] == [1, 1, 1]
    assert told == [False] * 3


# --- limits and metrics ---


def test_each_answer_counts_once_and_one_too_many_is_refused(told, settings):
    settings.API_REQUESTS_PER_MINUTE = 3
    make.CityFactory()
    api = bearer()
    answers = [api.get(CITIES) for _each in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    left = [answer["RateLimit"].partition(";r=")[2].partition(";")[0] for answer in answers]
    assert left == ["2", "1", "0", "0", "0"]
    assert told == [False, True, True, False, False]


def test_each_answer_is_measured_by_its_view(asked_twice):
    labels = {"view": "api:cities-list", "method": "GET", "status": "200"}
    name = "django_http_responses_total_by_status_view_method_total"
    before = REGISTRY.get_sample_value(name, labels) or 0
    for _each in range(3):
        asked_twice.get(CITIES)
    assert REGISTRY.get_sample_value(name, labels) == before + 3

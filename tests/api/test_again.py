"""What a system asks again is answered as it was the first time, by one statement, and only as long as nothing changed."""

import json
from collections import Counter
from datetime import timedelta

import pytest
import structlog
from django.db import OperationalError, connection
from django.test import RequestFactory
from django.test.client import ClientHandler
from django.test.utils import CaptureQueriesContext
from oauth2_provider.models import AccessToken
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from core import clock
from core.api import again
from core.api.authentication import admitted
from core.api.scopes import declared
from core.models import ClientAccess
from partnerships.models import City
from tests import factories as make
from tests.api.conftest import bearer, messages, token_for
from tests.api.resources import RESOURCES, factory_of
from tests.api.test_lists import READ_BY_PYTHON, WHOLE

pytestmark = pytest.mark.django_db
CITIES = "/api/v1/cities/"


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
    assert told == [False, False]


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
        {"HTTP_ORIGIN": "https://portal.example"},
        {"HTTP_X_REQUESTED_WITH": "XMLHttpRequest"},
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


def test_where_the_database_refuses_the_statement_it_goes_the_whole_way(asked_twice, told, monkeypatch):
    whole = again.Prepared.row

    def gone(known, values):
        if len(known.statement) > len(admitted()):
            raise OperationalError("the server closed the connection")
        return whole(known, values)

    monkeypatch.setattr(again.Prepared, "row", gone)
    assert asked_twice.get(CITIES).status_code == 200
    assert told == [False]


def test_the_application_that_is_served_answers_so(told):
    make.CityFactory(slug="told")
    factory = RequestFactory(HTTP_AUTHORIZATION=f"Bearer {token_for(*declared())}")

    class Django:
        """Django's application, without its signals."""

        def __call__(self, environ, start_response):
            response = ClientHandler()(environ)
            start_response(f"{response.status_code} OK", list(response.items()))
            return [response.content]

    served = again.Again(Django())
    heads, bodies = [], []
    for _each in range(2):
        environ = factory.get(CITIES).environ
        bodies.append(b"".join(served(environ, lambda *head: heads.append(head))))
    assert told == [True]
    assert bodies[0] == bodies[1]
    assert json.loads(bodies[1])["results"][0]["slug"] == "told"
    assert [status for status, _said in heads] == ["200 OK"] * 2
    kept = [{pair for pair in said if pair[0] != "RateLimit"} for _status, said in heads]
    assert kept[0] == kept[1]


# --- limits, metrics, the log ---


def test_each_answer_counts_once_and_one_too_many_is_refused(at_noon, told, settings):
    settings.API_REQUESTS_PER_MINUTE = 3
    make.CityFactory()
    api = bearer()
    answers = [api.get(CITIES) for _each in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    left = [answer["RateLimit"].partition(";r=")[2].partition(";")[0] for answer in answers]
    assert left == ["2", "1", "0", "0", "0"]
    assert told == [False, True, True, False, False]


def measured() -> Counter:
    """What django-prometheus has counted of requests, but for how long they took."""
    found = Counter()
    for metric in REGISTRY.collect():
        if metric.name.startswith("django_http"):
            for sample in metric.samples:
                if not sample.name.endswith(("_created", "_seconds_sum", "_method_sum")) and "seconds" not in str(
                    sample
                ):
                    found[sample.name, *sorted(sample.labels.items())] = sample.value
    return found


def test_each_answer_is_measured_as_the_first_one(told):
    make.CityFactory()
    api = bearer()
    counts = [measured()]
    for _each in range(2):
        api.get(CITIES)
        counts.append(measured())
    assert told == [False, True]
    assert counts[1] - counts[0] == counts[2] - counts[1]
    view = {"view": "api:cities-list", "method": "GET", "status": "200"}
    key = "django_http_responses_total_by_status_view_method_total", *sorted(view.items())
    assert counts[2][key] == counts[0][key] + 2


def test_each_answer_is_a_line_of_the_log_like_the_first_one(told):
    make.CityFactory()
    api = bearer()
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as lines:
        for _each in range(2):
            api.get(f"{CITIES}?page_size=2&q=é")
    assert told == [False, True]
    first, second = (line for line in lines if line["event"] == "request_finished")
    assert first.pop("request_id") != second.pop("request_id")
    assert first == second

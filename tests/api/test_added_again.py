"""What a system adds again is added as the first was, by two questions, and refused as the first would be."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from oauth2_provider.models import AccessToken
from structlog.testing import capture_logs

from core import clock
from core.api import writing
from core.api.again import Added, asked_of
from core.api.writing import Addition, OutcomeUnknown
from core.history import event_model
from core.models import ClientAccess
from partnerships.models import City, Organisation
from solidarity.models import Grant
from tests import factories as make
from tests.api.conftest import AgainThenDjango, bearer, messages
from tests.api.resources import RESOURCES, factory_of, written

pytestmark = pytest.mark.django_db(transaction=True)
GRANTS = "/api/v1/grants/"

# Each goes the whole way: it writes more than a row, its body names what is no plain value, or not all who may write such
# records see them all.
ALWAYS_WHOLE = {
    *("applications", "citations", "envelopes", "evidence", "funding-calls", "funds", "indicators", "legs", "mandates"),
    *("missions", "movements", "objective-preconditions", "objectives", "reminder-rules"),
}
# Their answer is no body to send again, or their records are never deleted.
SENT_OTHERWISE = {
    *("documents", "forecasts", "meeting-notes", "milestone-decisions", "payments", "renewal-decisions"),
    *("report-blocks", "reports", "watch-notes", "webhook-subscriptions"),
}
WRITTEN = {name for name, view in RESOURCES.items() if "post" in view.http_method_names}
# What each record has for itself.
OWN = {"id", "created_at", "updated_at"}


def own_left_out(record) -> dict:
    columns = record._meta.concrete_fields
    return {field.attname: getattr(record, field.attname) for field in columns if field.attname not in OWN}


def said(response) -> dict[str, str]:
    """What an answer says of itself, but what is each record's own: an id may have a digit more than the one before."""
    assert int(response.headers["Content-Length"]) == len(response.content)
    own = ("Content-Length", "RateLimit", "ETag", "Location")
    return {name: value for name, value in response.headers.items() if name not in own}


@pytest.mark.walk
@pytest.mark.parametrize("resource", sorted(WRITTEN - SENT_OTHERWISE))
def test_the_second_is_added_and_answered_as_the_first_was(resource, told):
    api, view, address = bearer(), RESOURCES[resource], f"/api/v1/{resource}/"
    record = factory_of(view)()
    body = written(view, api.get(f"{address}{record.pk}/").json())
    view.model.objects.filter(pk=record.pk).delete()
    answers, columns, history, at_once = [], [], [], []
    for _time in range(2):
        answers.append(api.post(address, body))
        assert answers[-1].status_code == 201, answers[-1].content
        at_once.append(told[-1])
        key = answers[-1].json()["id"]
        assert answers[-1].headers["Location"] == f"http://testserver{address}{key}/"
        assert answers[-1].headers["ETag"] == api.get(f"{address}{key}/").headers["ETag"]
        added = view.model.objects.get(pk=key)
        columns.append(own_left_out(added))
        event = event_model(view.model).objects.get(pgh_obj_id=key)
        assert event.pgh_context.pop("request_id")
        history.append((event.pgh_label, event.pgh_context))
        added.delete()
    first, second = answers
    assert {name: value for name, value in second.json().items() if name not in OWN} == {
        name: value for name, value in first.json().items() if name not in OWN
    }
    assert list(second.json()) == list(first.json())
    assert said(first) == said(second)
    assert columns[0] == columns[1]
    assert history[0] == history[1]
    assert at_once == [False, resource not in ALWAYS_WHOLE]


def body(**changes) -> dict:
    return {"title_fr": "Un essai", "year": 2015} | changes


@pytest.fixture
def given(told) -> dict:
    return body(beneficiary=make.OrganisationFactory().pk)


@pytest.fixture
def again(given, told):
    """A system that added a grant twice already."""
    api = bearer()
    assert [api.post(GRANTS, given).status_code for _each in range(2)] == [201, 201]
    assert told == [False, True]
    told.clear()
    return api


def test_each_gets_the_next_reference_and_its_own_values(again, given, told):
    other = make.OrganisationFactory()
    row = again.post(GRANTS, given | {"title_fr": "Un autre", "beneficiary": other.pk}).json()
    assert (row["reference"], row["title_fr"], row["beneficiary"]) == ("GRA-2015-0003", "Un autre", other.pk)
    assert Grant.objects.get(pk=row["id"]).reference == "GRA-2015-0003"
    assert told == [True]


def test_two_questions_are_asked(again, given, monkeypatch):
    asked = []
    made = connection.make_cursor

    def noted(cursor):
        wrapped = made(cursor)
        execute = wrapped.execute
        wrapped.execute = lambda sql, params=None: asked.append(sql.split()[0]) or execute(sql, params)
        return wrapped

    monkeypatch.setattr(connection, "make_cursor", noted)
    assert again.post(GRANTS, given).status_code == 201
    # The second and the third are sent together.
    assert asked == ["SELECT", "INSERT", "WITH"]


def test_history_says_who_added_it_in_which_request(again, given):
    with capture_logs() as lines:
        added = again.post(GRANTS, given).json()["id"]
    (line,) = lines
    assert (line["event"], line["code"], line["request"]) == ("request_finished", 201, f"POST {GRANTS}")
    context = event_model(Grant).objects.get(pgh_obj_id=added).pgh_context
    assert context == {"user": None, "url": GRANTS, "client": "Invented system", "request_id": line["request_id"]}


def test_what_is_wrong_is_refused_as_it_always_was(again, given, told):
    other = bearer(name="Another")
    for change in [
        {"title_fr": ""},
        {"title_fr": "x" * 2000},
        {"title_fr": "a\0b"},
        {"year": "soon"},
        {"year": 1066},
        {"year": True},
        {"beneficiary": 2**40},
        {"beneficiary": None},
        {"beneficiary": "1"},
        {"beneficiary": True},
        {"beneficiary": [1]},
        {"beneficiary": {"id": 1}},
    ]:
        first, refused = (api.post(GRANTS, given | change) for api in (other, again))
        assert (refused.status_code, messages(refused)) == (400, messages(first)), change
    assert True not in told
    assert Grant.objects.count() == 2


def test_a_body_that_cannot_be_read_is_refused(again, told):
    for content, field in [
        ('{"title_fr": "a", "year": 2015, "year": 2016, "beneficiary": 1}', "year"),
        ('{"title_fr": "a", "year": NaN, "beneficiary": 1}', ""),
        ('{"title_fr": "a", "year": 2015, "beneficiary": 1', ""),
        ('["title_fr", "year", "beneficiary"]', ""),
        ('{"title_fr": "a", "year": 2015, "beneficiary": 1, "stage": "granted"}', "stage"),
        ('{"title_fr": "a", "year": 2015, "beneficiary": 1, "no_field": 1}', "no_field"),
    ]:
        refused = again.post(GRANTS, data=content, content_type="application/json")
        assert refused.status_code == 400, content
        assert not field or field in messages(refused), content
    assert True not in told
    assert Grant.objects.count() == 2


def test_what_a_rule_of_the_database_refuses_leaves_nothing(told):
    api, country = bearer(), make.CountryFactory()
    city = {"slug": "one", "name_fr": "Une", "name_en": "One", "country": country.pk, "latitude": 1, "longitude": 1}
    answers = [api.post("/api/v1/cities/", city | {"slug": slug}) for slug in ("one", "two", "two")]
    answers.append(api.post("/api/v1/cities/", city | {"slug": "three", "latitude": 91}))
    assert [answer.status_code for answer in answers] == [201, 201, 400, 400]
    assert [set(messages(answer)) for answer in answers[2:]] == [{"slug"}, {""}]
    assert told == [False, True, False, False]
    assert set(City.objects.values_list("slug", flat=True)) == {"one", "two"}


def test_what_is_not_seen_once_it_is_written_is_not_written(again, given, told):
    kept = AgainThenDjango.again.kept
    key, known = next((key, known) for key, known in reversed(kept.values.items()) if isinstance(known, Added))
    unseen = replace(known.addition, told="SELECT 1 AS pk, 1 AS version, '' AS json WHERE %s < 0")
    kept.put(key, replace(known, addition=unseen))
    assert again.post(GRANTS, given).status_code == 201
    assert told == [False]
    assert Grant.objects.count() == 3


def failing(monkeypatch, act):
    """Does something after the first question, before the record is written."""
    whole = Addition.add

    def add(self, *given):
        act()
        return whole(self, *given)

    monkeypatch.setattr(Addition, "add", add)


def test_what_a_body_names_may_go_meanwhile(again, given, told, monkeypatch):
    """The database says so at the end of the transaction only; the connection works as before."""
    gone = make.OrganisationFactory()
    failing(monkeypatch, lambda: Organisation.objects.filter(pk=gone.pk).delete())
    refused = again.post(GRANTS, given | {"beneficiary": gone.pk})
    assert messages(refused) == {"beneficiary": f"There is no such record: {gone.pk}."}
    monkeypatch.undo()
    assert [again.post(GRANTS, given).status_code for _each in range(3)] == [201] * 3
    assert Grant.objects.count() == 5


def test_a_refusal_leaves_the_connection_as_it_was(told):
    """No signal says that a request ends which Django does not see."""
    api, country = bearer(), make.CountryFactory()
    city = {"name_fr": "Une", "name_en": "One", "country": country.pk}
    slugs = ("one", "two", "two", "three", "four", "four", "five")
    answers = [api.post("/api/v1/cities/", city | {"slug": slug}) for slug in slugs]
    assert [answer.status_code for answer in answers] == [201, 201, 400, 201, 201, 400, 201]
    assert told == [False, True, False, True, True, False, True]


def test_where_the_database_goes_away_nothing_is_added_twice(again, given, told, monkeypatch):
    """It may have written the record, or not: the client is told, and decides."""
    whole = Addition.add

    def add(self, *given):
        whole(self, *given)
        raise OutcomeUnknown

    monkeypatch.setattr(Addition, "add", add)
    again.raise_request_exception = False
    with capture_logs() as lines:
        answer = again.post(GRANTS, given)
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "application/problem+json")
    assert any(line["event"] == "request_failed" for line in lines)
    assert Grant.objects.count() == 3


@pytest.mark.parametrize(("is_lost", "told"), [(True, OutcomeUnknown), (False, OperationalError)])
def test_a_connection_that_is_lost_while_it_writes_leaves_the_outcome_unknown(is_lost, told):
    connection.ensure_connection()

    @writing._given_up_where_it_fails()
    def fail():
        if is_lost:
            connection.connection.close()
        raise OperationalError

    with pytest.raises(told):
        fail()
    assert connection.connection is None


def test_a_long_body_and_one_of_a_stranger_are_not_read(again, given, told):
    class Unread:
        def read(self, *_size):
            raise AssertionError("read")

    environ = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": GRANTS,
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": "10",
        "HTTP_AUTHORIZATION": "Bearer a stranger's",
        "wsgi.url_scheme": "http",
        "wsgi.input": Unread(),
    }
    asked = asked_of(environ)
    assert asked is not None
    assert AgainThenDjango.again.answer(environ, asked) is None
    assert asked_of(environ | {"CONTENT_LENGTH": "65537"}) is None


def test_a_body_that_names_nothing_is_added_again_beside_one_that_does(told):
    api, project = bearer(), make.ProjectFactory()
    bodies = [body(beneficiary=make.OrganisationFactory().pk, project=key) for key in (None, project.pk)]
    assert [api.post(GRANTS, given).json()["project"] for given in bodies * 2] == [None, project.pk] * 2
    assert told == [False, False, True, True]


def test_a_record_that_is_gone_or_hidden_is_not_named(again, given, told):
    Grant.objects.all().delete()
    Organisation.objects.filter(pk=given["beneficiary"]).delete()
    refused = again.post(GRANTS, given)
    assert messages(refused) == {"beneficiary": f"There is no such record: {given['beneficiary']}."}
    assert told == [False]


# --- the token ---


def test_a_token_that_was_revoked_adds_nothing(again, given, told):
    AccessToken.objects.all().delete()
    assert again.post(GRANTS, given).status_code == 401
    assert (told, Grant.objects.count()) == ([False], 2)


def test_a_token_that_expired_adds_nothing(again, given, told, time_machine):
    time_machine.move_to(clock.real() + timedelta(hours=2))
    assert again.post(GRANTS, given).status_code == 401
    assert (told, Grant.objects.count()) == ([False], 2)


def test_a_scope_that_was_taken_closes_at_once(again, given, told):
    for left, code in [(["solidarity:read", "solidarity:write"], 400), (["solidarity:read"], 403)]:
        ClientAccess.objects.update(scopes=left)
        assert again.post(GRANTS, given).status_code == code
    assert told == [False, False]
    assert Grant.objects.count() == 2


def test_a_limit_that_is_spent_adds_nothing(at_noon, again, given, told):
    ClientAccess.objects.update(requests_per_minute=1)
    assert [again.post(GRANTS, given).status_code for _each in range(2)][-1] == 429
    assert True not in told


# --- what goes the whole way ---


def test_who_asks_for_more_goes_the_whole_way(again, given, told):
    for header in [
        {"HTTP_IDEMPOTENCY_KEY": "one"},
        {"HTTP_COOKIE": "django_language=fr"},
        {"HTTP_ORIGIN": "https://portal.example"},
        {"HTTP_ACCEPT_LANGUAGE": "fr"},
        {"HTTP_CONTENT_ENCODING": "identity"},
    ]:
        assert again.post(GRANTS, given, **header).status_code == 201, header
    assert told == [False] * 5


def test_a_key_that_is_none_is_refused(again, given):
    assert again.post(GRANTS, given, HTTP_IDEMPOTENCY_KEY="").status_code == 400


def test_the_same_key_still_adds_once(again, given):
    answers = [again.post(GRANTS, given, HTTP_IDEMPOTENCY_KEY="one").json()["id"] for _each in range(2)]
    assert answers[0] == answers[1]
    assert Grant.objects.count() == 3


def test_many_at_once_get_a_reference_each(again, given):
    def add(_number) -> list[int]:
        try:
            return [again.post(GRANTS, given).status_code for _each in range(5)]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        codes = [code for found in threads.map(add, range(4)) for code in found]
    assert codes == [201] * 20
    numbers = Grant.objects.values_list("reference", flat=True)
    assert sorted(numbers) == [f"GRA-2015-{number:04}" for number in range(1, 23)]

"""What adding a record keeps from one request to the next, and that nobody else sees it."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.api import writing
from core.roles import Role
from core.written import Kept
from partnerships.models import City
from solidarity.models import Grant
from tests import factories as make
from tests.api.conftest import bearer, messages, signed_in


def body(**changes) -> dict:
    return {"title_fr": "Un essai", "year": 2015} | changes


@pytest.fixture
def kept(monkeypatch):
    monkeypatch.setattr(writing, "_kept", writing._Kept())
    monkeypatch.setattr(writing, "_questions", Kept(10))


@pytest.mark.django_db
def test_a_grant_is_added_in_few_statements(api, kept):
    given = body(beneficiary=make.OrganisationFactory().pk)
    api.post("/api/v1/grants/", given)
    with CaptureQueriesContext(connection) as queries:
        assert api.post("/api/v1/grants/", given).status_code == 201
    # The token; the body that it names; the reference; the row; the answer. The savepoint around is the test's, for BEGIN.
    asked = [query["sql"].rpartition("; ")[2].split()[0] for query in queries]
    assert asked == ["SELECT", "SAVEPOINT", "SELECT", "SELECT", "INSERT", "SELECT", "RELEASE"]


@pytest.mark.django_db
def test_fields_are_made_once_and_know_who_asks(kept, monkeypatch):
    """A system may name what a person may not see, and the other way round, in one thread and by the same fields."""
    note = make.WatchNoteFactory(audience="staff")
    source = make.SourceFactory()
    cited = {"content_type": "events.watchnote", "object_id": note.pk, "source": source.pk, "section": "1"}
    cited["content_type"] = note._meta.label_lower
    system, person = bearer(), signed_in(Role.ADMINISTRATOR)
    answers = [client.post("/api/v1/citations/", cited).status_code for client in (system, person, system)]
    assert answers == [400, 201, 400]


@pytest.mark.django_db
def test_the_fields_are_not_built_again(api, kept, monkeypatch):
    given = body(beneficiary=make.OrganisationFactory().pk)
    assert api.post("/api/v1/grants/", given).status_code == 201
    monkeypatch.setattr("core.api.serializers.RecordSerializer.get_fields", None)
    assert api.post("/api/v1/grants/", given).status_code == 201
    assert messages(api.post("/api/v1/grants/", body(beneficiary=0, until_year="x"))) == {
        "beneficiary": "There is no such record: 0.",
        "until_year": "A valid integer is required.",
    }
    (fields,) = writing._kept.fields.values()
    assert fields.serializer is None
    assert {field.parent for field in fields.values()} == {None}, "they hold nobody's request"


@pytest.mark.django_db
def test_who_may_not_see_a_record_does_not_name_it(kept):
    """The same body, asked by a system whose scopes reach the record and by one whose do not, in either order."""
    given = body(beneficiary=make.OrganisationFactory().pk)
    near = bearer("solidarity:read", "solidarity:write", "cooperation:read", name="near")
    far = bearer("solidarity:read", "solidarity:write", "cooperation:read", "partnerships:read", name="far")
    absent = {"beneficiary": f"There is no such record: {given['beneficiary']}."}
    for _again in range(2):
        assert messages(near.post("/api/v1/grants/", given)) == absent
        assert far.post("/api/v1/grants/", given).status_code == 201
    assert messages(far.post("/api/v1/grants/", body(beneficiary=2**40))) == {
        "beneficiary": f"There is no such record: {2**40}."
    }


@pytest.mark.django_db(transaction=True)
def test_everything_wrong_is_told_and_nothing_is_left_where_no_savepoint_is(settings):
    api = bearer()
    given = body(beneficiary=make.OrganisationFactory().pk, until_year=2014, in_kind_value="-1.00", year=1066)
    refused = api.post("/api/v1/grants/", given)
    assert refused.status_code == 400, refused.content
    assert set(messages(refused)) == {"year", "until_year", "in_kind_value"}
    assert refused.json() == api.post("/api/v1/grants/", given, headers={"Idempotency-Key": "one"}).json()
    assert not Grant.objects.exists()
    assert not connection.in_atomic_block
    right = given | {"until_year": None, "in_kind_value": "0.00", "year": 2015}
    added = api.post("/api/v1/grants/", right, headers={"Idempotency-Key": "one"})
    assert (added.status_code, added.json()["reference"]) == (201, "GRA-2015-0001")
    assert added.json() == api.post("/api/v1/grants/", right, headers={"Idempotency-Key": "one"}).json()


@pytest.mark.django_db(transaction=True)
def test_what_was_taken_meanwhile_is_told_beside_its_field():
    api, country = bearer(), make.CountryFactory()
    make.CityFactory(slug="taken")
    refused = api.post(
        "/api/v1/cities/", {"slug": "taken", "name_fr": "Une", "name_en": "One", "country": country.pk, "latitude": 91}
    )
    assert refused.status_code == 400
    # A latitude comes with its longitude, which no field is to blame for.
    assert set(messages(refused)) == {"slug", ""}
    assert City.objects.count() == 1

"""Up to a thousand records in one request: all of them, or none and every reason."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.access import Parvis
from core.api import bulk
from core.enums import Audience
from core.history import changes
from core.roles import Role
from mandate.models import Objective
from partnerships import models
from solidarity.models import Grant
from tests import factories
from tests.api.conftest import bearer, messages, signed_in
from tests.api.resources import RESOURCES

pytestmark = pytest.mark.django_db
CITIES = "/api/v1/cities/bulk/"
AREAS = "/api/v1/areas/bulk/"
NOTES = "/api/v1/watch-notes/bulk/"
NOT_AN_ARRAY = "Send an array of 1 to 1000 rows."
STALE = "This record was changed since you opened it. Read it again, then make your change."
# Resources whose records are not written many at once: files come one by one, an export is asked for, and a subscription
# has a secret.
ALONE = {"documents", "exports", "webhook-subscriptions"}


def area(number: int, **changes) -> dict:
    return {"slug": f"area-{number}", "name_fr": f"Zone {number}", "name_en": f"Area {number}"} | changes


def city(country, number: int, **changes) -> dict:
    named = {"slug": f"city-{number}", "name_fr": f"Ville {number}", "name_en": f"City {number}"}
    return named | {"country": country.pk} | changes


def test_records_are_added_in_their_order_and_read_as_the_list_shows_them(api):
    country = factories.CountryFactory()
    rows = [city(country, number) for number in (3, 1, 2)]
    response = api.post(CITIES, rows)
    assert response.status_code == 201, response.content
    answer = response.json()
    assert [row["slug"] for row in answer] == ["city-3", "city-1", "city-2"]
    listed = {row["id"]: row for row in api.get("/api/v1/cities/").json()["results"]}
    assert answer == [listed[row["id"]] for row in answer]
    assert {"ETag", "Location"} & response.headers.keys() == set()


def test_records_are_changed_and_named_in_their_order(api):
    first, second = factories.AreaFactory.create_batch(2)
    rows = [{"id": second.pk, "version": 1, "name_en": "B"}, {"id": first.pk, "version": 1, "name_en": "A"}]
    response = api.patch(AREAS, rows)
    assert response.status_code == 200, response.content
    assert [(row["id"], row["name_en"], row["version"]) for row in response.json()] == [
        (second.pk, "B", 2),
        (first.pk, "A", 2),
    ]
    first.refresh_from_db()
    assert (first.name_en, first.name_fr) == ("A", first.name_fr)


def test_history_has_each_record_under_the_clients_name(db):
    api = bearer("partnerships:read", "partnerships:write", name="Map of the City")
    assert api.post(AREAS, [area(1), area(2)]).status_code == 201
    for record in models.Area.objects.all():
        assert [change.author for change in changes(record, Parvis())] == ["Map of the City"]


def test_every_error_is_named_with_its_row_and_nothing_is_written(api):
    factories.AreaFactory(slug="taken")
    rows = [
        area(0),
        area(1, colour="red"),
        area(2, slug="with spaces", id=3),
        "no row",
        area(4, slug="taken"),
        area(0),
        {},
    ]
    response = api.post(AREAS, rows)
    assert response.status_code == 400
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["type"] == "urn:parvis:problem:invalid"
    assert response.json()["detail"] == "6 rows of 7 are refused, and nothing is written."
    assert messages(response) == {
        "1.colour": "There is no such field.",
        "2.id": "This field cannot be written.",
        "3": "Invalid data. Expected a dictionary, but got str.",
        "4.slug": "Area with this Short name already exists.",
        "5.slug": "Area with this Short name already exists.",
        "6.slug": "This field is required.",
        "6.name_fr": "This field is required.",
        "6.name_en": "This field is required.",
    }
    assert models.Area.objects.count() == 1


def test_one_row_is_said_to_be_one(api):
    response = api.post(AREAS, [area(0), area(1, slug="with spaces")])
    assert response.json()["detail"] == "1 row of 2 is refused, and nothing is written."
    assert not models.Area.objects.exists()


def test_a_row_sees_what_the_rows_before_it_wrote(api):
    agreement, place = factories.AgreementFactory(), factories.CityFactory()
    row = {"agreement": agreement.pk, "city": place.pk}
    response = api.post("/api/v1/agreement-parties/bulk/", [row, row])
    assert (response.status_code, response.json()["detail"]) == (400, "1 row of 2 is refused, and nothing is written.")
    assert {name.split(".")[0] for name in messages(response)} == {"1"}


@pytest.mark.parametrize("method", ["post", "patch"])
@pytest.mark.parametrize("body", [[], {}, {"rows": []}, None, "text", 3, [{}] * 1001], ids=["empty", *"abcdef"])
def test_what_is_no_array_of_rows_is_refused(api, method, body):
    response = getattr(api, method)(AREAS, body)
    assert (response.status_code, messages(response)) == (400, {"": NOT_AN_ARRAY})


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"id": None}, {"0.id": "This is not a number from 1 on."}),
        ({"id": True}, {"0.id": "This is not a number from 1 on."}),
        ({"id": "1"}, {"0.id": "This is not a number from 1 on."}),
        ({"id": 2**63}, {"0.id": "This is not a number from 1 on."}),
        ({"id": 999_999_999}, {"0.id": "There is no such record: 999999999."}),
        ({"version": None}, {"0.version": "This is not a number from 1 on."}),
        ({"version": "1"}, {"0.version": "This is not a number from 1 on."}),
        ({"created_at": "2015-01-01"}, {"0.created_at": "This field cannot be written."}),
        ({"slug": ""}, {"0.slug": "This field may not be blank."}),
    ],
)
def test_a_row_that_cannot_be_is_refused_by_its_field(api, change, expected):
    record = factories.AreaFactory()
    response = api.patch(AREAS, [{"id": record.pk, "version": 1, "name_en": "Changed"} | change])
    assert (response.status_code, messages(response)) == (400, expected)
    assert models.Area.objects.get().version == 1


def test_a_row_that_says_no_version_is_refused(api):
    record = factories.AreaFactory()
    assert messages(api.patch(AREAS, [{"id": record.pk, "name_en": "A"}])) == {"0.version": "This field is required."}
    assert messages(api.patch(AREAS, [{"version": 1, "name_en": "A"}])) == {"0.id": "This field is required."}
    assert messages(api.patch(AREAS, [["id"]])) == {"0": "A row is an object with “id”, “version” and what changes."}


def test_a_lost_edit_takes_the_others_with_it(api):
    first, second = factories.AreaFactory.create_batch(2)
    models.Area.objects.filter(pk=second.pk).update(name_en="changed meanwhile, in SQL")
    rows = [{"id": record.pk, "version": 1, "name_en": "Lost"} for record in (first, second)]
    response = api.patch(AREAS, rows)
    assert (response.status_code, messages(response)) == (412, {"1.version": STALE})
    assert response.json()["type"] == "urn:parvis:problem:changed-since"
    assert not models.Area.objects.filter(name_en="Lost").exists()


def test_rows_that_are_refused_for_different_reasons_answer_400(api):
    first, second = factories.AreaFactory.create_batch(2)
    rows = [{"id": first.pk, "version": 7, "name_en": "A"}, {"id": second.pk, "version": 1, "slug": ""}]
    response = api.patch(AREAS, rows)
    assert (response.status_code, messages(response)) == (
        400,
        {"0.version": STALE, "1.slug": "This field may not be blank."},
    )


def test_the_same_record_twice_is_refused(api):
    record = factories.AreaFactory()
    row = {"id": record.pk, "version": 1, "name_en": "A"}
    response = api.patch(AREAS, [row, row | {"name_en": "B"}])
    assert (response.status_code, messages(response)) == (400, {"1.id": "Row 0 changes this record already."})


def test_refusals_of_rows_speak_french():
    person = signed_in(Role.ADMINISTRATOR, "fr")
    response = person.post(AREAS, [area(0, colour="red")])
    assert response.headers["Content-Language"] == "fr"
    assert messages(response)["0.colour"] != "There is no such field."


# --- rights ---


def test_a_record_that_the_caller_does_not_see_is_not_there(api):
    note = factories.WatchNoteFactory(audience=Audience.STAFF)
    response = api.patch(NOTES, [{"id": note.pk, "version": 1, "title": "Changed"}])
    assert (response.status_code, messages(response)) == (400, {"0.id": f"There is no such record: {note.pk}."})


def test_no_row_is_added_that_the_caller_could_not_read(api):
    place = factories.CityFactory()
    seen = {"city": place.pk, "title": "Note", "text": "Text", "audience": "city"}
    response = api.post(NOTES, [seen, seen | {"audience": "staff"}])
    assert (response.status_code, messages(response)) == (
        403,
        {"1": "You may not write a record that you could not read."},
    )
    assert not models.WatchNote.objects.exists()


def test_no_row_is_changed_so_that_the_caller_could_not_read_it(api):
    note = factories.WatchNoteFactory(audience=Audience.CITY)
    response = api.patch(NOTES, [{"id": note.pk, "version": 1, "audience": "staff"}])
    assert (response.status_code, messages(response)) == (
        403,
        {"0": "You may not write a record that you could not read."},
    )
    assert models.WatchNote.objects.get().audience == Audience.CITY


def test_a_row_that_belongs_to_a_record_one_may_not_change_is_refused():
    """A citation goes with its record: a solidarity officer writes those of organisations, not those of cities."""
    allowed = factories.CitationFactory(record=factories.OrganisationFactory())
    other = factories.CitationFactory(record=factories.CityFactory())
    officer = signed_in(Role.SOLIDARITY_OFFICER)
    rows = [{"id": row.pk, "version": 1, "section": "9"} for row in (allowed, other)]
    response = officer.patch("/api/v1/citations/bulk/", rows)
    assert (response.status_code, messages(response)) == (
        403,
        {"1": "You may not change the record that this belongs to."},
    )
    assert officer.patch("/api/v1/citations/bulk/", rows[:1]).status_code == 200


@pytest.mark.parametrize(("method", "verb"), [("post", "add"), ("patch", "change")])
def test_a_role_that_may_not_write_is_refused_before_the_rows(method, verb):
    response = getattr(signed_in(Role.DEPUTY), method)(AREAS, "nonsense")
    assert (response.status_code, response.json()["detail"]) == (403, f"Your role does not let you {verb}: areas.")


def test_a_client_without_the_scope_to_read_adds_nothing(db):
    response = bearer("partnerships:write").post(AREAS, [area(1)])
    assert (response.status_code, response.json()["detail"]) == (
        403,
        "You may not write a record that you could not read.",
    )
    assert not models.Area.objects.exists()


def test_a_client_needs_the_scope_to_write(db):
    for method in ("post", "patch"):
        response = getattr(bearer("partnerships:read"), method)(AREAS, [area(1)])
        assert response.json()["detail"] == "The access token lacks the scope “partnerships:write”."


# --- resources ---


def test_every_resource_that_is_written_is_written_many_at_once():
    written = {name for name, view in RESOURCES.items() if "post" in view.http_method_names}
    assert {name for name, view in RESOURCES.items() if hasattr(view, "bulk_create")} == written - ALONE
    changed = {name for name in written - ALONE if "patch" in RESOURCES[name].http_method_names}
    assert {name for name, view in RESOURCES.items() if hasattr(view, "bulk_update")} == changed


def test_what_is_never_changed_is_only_added_many_at_once(api):
    assert hasattr(RESOURCES["forecasts"], "bulk_create")
    assert api.patch("/api/v1/forecasts/bulk/", []).status_code == 405


@pytest.mark.parametrize("address", ["/api/v1/documents/bulk/", "/api/v1/deadlines/bulk/"])
def test_no_other_resource_has_the_address(api, address):
    assert api.post(address, []).status_code == 404


def test_nothing_is_read_there(api):
    assert api.get(AREAS).status_code == 405
    assert api.post(f"{AREAS}?fields=id", [area(1)]).status_code == 400


def test_weights_are_judged_when_all_rows_are_written(api):
    whole = factories.ObjectiveFactory()
    parts = [factories.ObjectiveFactory(mandate=whole.mandate) for _ in range(2)]
    address = "/api/v1/objectives/bulk/"
    rows = [{"id": part.pk, "version": part.version, "parent": whole.pk, "weight": 50} for part in parts]
    halved = api.patch(address, rows[:1])
    assert (halved.status_code, list(messages(halved))) == (400, ["weight"])
    assert Objective.objects.filter(parent=whole).count() == 0
    response = api.patch(address, rows)
    assert response.status_code == 200, response.content
    assert Objective.objects.filter(parent=whole).count() == 2


# --- size ---


def grant(body, number: int) -> dict:
    return {"beneficiary": body.pk, "year": 2015, "title_fr": f"Subvention {number}", "amount_asked": "1000.00"}


def queries(ask, rows: list) -> int:
    with CaptureQueriesContext(connection) as captured:
        response = ask(rows)
    assert response.status_code in (200, 201), response.content
    return len(captured)


def test_each_row_asks_the_database_as_often_as_any_other(api):
    body = factories.OrganisationFactory()
    ask = lambda rows: api.post("/api/v1/grants/bulk/", rows)  # noqa: E731
    ask([grant(body, 0)])
    one, two, five = (queries(ask, [grant(body, number) for number in range(many)]) for many in (1, 2, 5))
    assert five - two == 3 * (two - one)


def test_each_changed_row_asks_the_database_as_often_as_any_other(api):
    grants = factories.GrantFactory.create_batch(8)
    ask = lambda rows: api.patch("/api/v1/grants/bulk/", rows)  # noqa: E731

    def rows(some):
        return [{"id": row.pk, "version": row.version, "description": "Changed"} for row in some]

    ask([{"id": factories.GrantFactory().pk, "version": 1, "description": "Changed"}])
    one, two, five = (queries(ask, rows(some)) for some in (grants[:1], grants[1:3], grants[3:]))
    assert five - two == 3 * (two - one)


def test_a_body_of_many_rows_may_be_longer_than_that_of_one(api, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    body = factories.OrganisationFactory()
    row = grant(body, 1) | {"description": "x" * 200}
    assert api.post("/api/v1/grants/", row).status_code == 413
    assert api.post("/api/v1/grants/bulk/", [row]).status_code == 201


def test_a_body_of_many_rows_has_an_end_too(api, monkeypatch):
    monkeypatch.setattr("core.api.resources.BODY_BYTES", 100)
    response = api.post(AREAS, [area(1, name_fr="x" * 200)])
    assert (response.status_code, response.json()["type"]) == (413, "urn:parvis:problem:too-large")


@pytest.mark.walk
def test_a_thousand_grants_are_added_and_changed_in_one_request_each(api):
    body = factories.OrganisationFactory()
    text = {"description": "é" * 3000}
    added = api.post("/api/v1/grants/bulk/", [grant(body, number) | text for number in range(bulk.ROWS_AT_MOST)])
    assert added.status_code == 201, added.content[:500]
    assert Grant.objects.count() == len({row["reference"] for row in added.json()}) == 1000
    rows = [{"id": row["id"], "version": row["version"], "opinion": "Changed"} for row in added.json()]
    changed = api.patch("/api/v1/grants/bulk/", rows)
    assert [row["version"] for row in changed.json()] == [2] * 1000

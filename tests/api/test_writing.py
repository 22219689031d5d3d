"""Adding, changing, deleting: the model's own sentences, and nobody's change lost."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import override

from core.models import Document
from partnerships import models
from tests import factories
from tests.api.conftest import bearer, messages

pytestmark = pytest.mark.django_db
STALE = "This record was changed since you opened it. Read it again, then make your change."


@pytest.fixture
def country():
    return factories.CountryFactory()


def city_body(of, **changes) -> dict:
    return {"slug": "new", "name_fr": "Neuve", "name_en": "New", "country": of.pk} | changes


def test_a_new_record_answers_with_its_address_and_etag(api, country):
    response = api.post("/api/v1/cities/", city_body(country))
    city = models.City.objects.get()
    assert response.status_code == 201, response.content
    assert response.headers["Location"] == f"http://testserver/api/v1/cities/{city.pk}/"
    assert response.headers["ETag"].startswith(f'"{city.pk}-1.')
    assert response.json() == api.get(response.headers["Location"]).json()


def test_put_replaces_the_whole_record_and_patch_a_part(api, country):
    city = factories.CityFactory(alias="Old", latitude=1, longitude=2)
    address = f"/api/v1/cities/{city.pk}/"
    changed = api.patch(address, {"name_en": "Patched"}, headers={"If-Match": f'"{city.pk}-1"'})
    assert (changed.json()["name_en"], changed.json()["alias"], changed.json()["version"]) == ("Patched", "Old", 2)
    replaced = api.put(address, city_body(country), headers={"If-Match": changed.headers["ETag"]})
    assert replaced.status_code == 200, replaced.content
    row = replaced.json()
    assert (row["slug"], row["alias"], row["latitude"], row["version"]) == ("new", "", None, 3)


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_a_change_says_which_version_it_changes(api, country, method):
    city = factories.CityFactory()
    response = getattr(api, method)(f"/api/v1/cities/{city.pk}/", city_body(country))
    assert response.status_code == 428
    assert (
        response.json()["detail"]
        == "Send the ETag of the record that you read as If-Match, so that nobody's change is lost."
    )


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
@pytest.mark.parametrize(
    "tag", ['"{pk}-1"', 'W/"{pk}-1.0123456789ab"', '"0-2"', "nonsense", '"{pk}-99999999999999999999"']
)
def test_a_lost_edit_is_refused(api, country, method, tag):
    city = factories.CityFactory()
    models.City.objects.update(alias="changed meanwhile, in SQL")
    response = getattr(api, method)(
        f"/api/v1/cities/{city.pk}/", city_body(country), headers={"If-Match": tag.format(pk=city.pk)}
    )
    assert (response.status_code, response.json()["detail"]) == (412, STALE)
    assert models.City.objects.get().alias == "changed meanwhile, in SQL"


@pytest.mark.parametrize("tag", ['"{pk}-1"', 'W/"{pk}-1"', '"7-7", "{pk}-1.0123456789ab"', "*"])
def test_the_version_that_was_read_is_taken(api, tag):
    city = factories.CityFactory()
    response = api.delete(f"/api/v1/cities/{city.pk}/", headers={"If-Match": tag.format(pk=city.pk)})
    assert (response.status_code, response.content) == (204, b"")
    assert not models.City.objects.exists()


def test_what_the_caller_already_holds_is_not_sent_again(api):
    city = factories.CityFactory()
    address = f"/api/v1/cities/{city.pk}/"
    tag = api.get(address).headers["ETag"]
    same = api.get(address, headers={"If-None-Match": f'"1-1", W/{tag}'})
    assert (same.status_code, same.content, same.headers["ETag"]) == (304, b"", tag)
    factories.RelationFactory(city=city)
    changed = api.get(address, headers={"If-None-Match": tag})
    assert changed.status_code == 200, "a part of the city changed, so the answer did"
    assert changed.headers["ETag"].startswith(f'"{city.pk}-1.')


def test_a_record_that_others_depend_on_is_not_deleted(administrator):
    city = factories.CityFactory()
    response = administrator.delete(f"/api/v1/countries/{city.country.pk}/", headers={"If-Match": "*"})
    assert (response.status_code, response.json()["detail"]) == (
        409,
        "Other records depend on it: take these away first.",
    )
    with override("en"):
        assert messages(response) == {"": f"city: {city}"}


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"colour": "red"}, "colour", "There is no such field."),
        ({"id": 3}, "id", "This field cannot be written."),
        ({"version": 3}, "version", "This field cannot be written."),
        ({"is_partner": True}, "is_partner", "This field cannot be written."),
        ({"relations": []}, "relations", "This field cannot be written."),
        ({"slug": None}, "slug", "This field may not be null."),
        ({"slug": ""}, "slug", "This field may not be blank."),
        ({"name_fr": ["a"]}, "name_fr", "Not a valid string."),
        (
            {"slug": "with spaces"},
            "slug",
            "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens.",
        ),
        ({"slug": "a\x00b"}, "slug", "Null characters are not allowed."),
        ({"name_fr": "x" * 101}, "name_fr", "Ensure this value has at most 100 characters (it has 101)."),
        ({"kind": "planet"}, "kind", '"planet" is not a valid choice.'),
        ({"country": 10**30}, "country", f"There is no such record: {10**30}."),
        ({"country": -1}, "country", "There is no such record: -1."),
        ({"country": True}, "country", "A record is named by its number, a whole number from 1 on."),
        ({"country": 1.5}, "country", "A record is named by its number, a whole number from 1 on."),
        ({"country": {"id": 1}}, "country", "A record is named by its number, a whole number from 1 on."),
        ({"latitude": "north", "longitude": 1}, "latitude", "A valid number is required."),
        (
            {"latitude": 91, "longitude": 1},
            "",
            "Give both coordinates or none: latitude from -90 to 90, longitude from -180 to 180.",
        ),
        ({"latitude": 10**40, "longitude": 1}, "latitude", "Ensure that there are no more than 7 digits in total."),
    ],
)
def test_a_wrong_value_is_refused_with_its_field(api, country, change, field, sentence):
    response = api.post("/api/v1/cities/", city_body(country, **change))
    assert (response.status_code, messages(response)) == (400, {field: sentence})
    assert not models.City.objects.exists()


def test_the_sentence_of_a_rule_is_the_models_own(api, country):
    factories.CityFactory(slug="new")
    assert messages(api.post("/api/v1/cities/", city_body(country))) == {
        "slug": "City with this Short name already exists."
    }
    french = api.post("/api/v1/cities/", city_body(country), headers={"Accept-Language": "fr"})
    assert french.headers["Content-Language"] == "fr"


BODIES = {
    "nothing": (b"", 400, "This field is required."),
    "not JSON": (b"{", 400, "The body is not valid JSON: line 1, column 2."),
    "a list": (b"[]", 400, "Invalid data. Expected a dictionary, but got list."),
    "a text": (b'"slug"', 400, "Invalid data. Expected a dictionary, but got str."),
    "bad UTF-8": (b'{"slug": "\xff"}', 400, "The body is not valid text: byte 10 cannot be read."),
    "not a number": (
        b'{"latitude": NaN}',
        400,
        "The body is not JSON that can be read: a number is too long or the nesting too deep.",
    ),
    "a very long number": (
        b"1" * 5000,
        400,
        "The body is not JSON that can be read: a number is too long or the nesting too deep.",
    ),
    "very deep": (
        b"[" * 200_000,
        400,
        "The body is not JSON that can be read: a number is too long or the nesting too deep.",
    ),
    "half a character": (b'{"slug": "\\ud800"}', 400, "Surrogate characters are not allowed: U+D800."),
    "half a field": (b'{"\\ud800": 1}', 400, "There is no such field."),
    "infinity": (b'{"country": 1e999}', 400, "A record is named by its number, a whole number from 1 on."),
    "too much": (b" " * 3_000_000, 413, "The body is too large."),
}


@pytest.mark.parametrize("body", BODIES)
def test_a_body_that_cannot_be_read_is_refused(api, body):
    content, status, sentence = BODIES[body]
    response = api.generic("POST", "/api/v1/cities/", content, content_type="application/json")
    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/problem+json"
    assert sentence in response.json()["detail"]


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "nonsense"])
def test_a_body_of_another_type_is_refused(api, media_type):
    response = api.generic("POST", "/api/v1/cities/", b"a=b", content_type=media_type)
    assert (response.status_code, response.json()["title"]) == (415, "The body is of a type that is not read here.")


def test_an_answer_of_another_type_is_refused(api):
    response = api.get("/api/v1/cities/", headers={"Accept": "text/html"})
    assert (response.status_code, response.json()["title"]) == (
        406,
        "The answer cannot be given in the type that was asked for.",
    )


@pytest.mark.parametrize("key", ["0", "99999999999999999999999", "dakar", "1.5", "1%0A2"])
def test_a_record_that_does_not_exist_is_a_problem(api, key):
    response = api.get(f"/api/v1/cities/{key}/")
    assert (response.status_code, response.json()["title"]) == (404, "There is nothing here that you may see.")


def upload(**changes):
    city = factories.CityFactory()
    file = SimpleUploadedFile("letter.pdf", b"%PDF-1.7\ninvented", "text/html")
    return {"content_type": "partnerships.city", "object_id": city.pk, "title": "Letter", "file": file} | changes


def test_a_document_is_uploaded_described_and_renamed(api):
    response = api.post("/api/v1/documents/", upload(), format="multipart")
    assert response.status_code == 201, response.content
    document = Document.objects.get()
    described = response.json()
    assert described == api.get(f"/api/v1/documents/{document.pk}/").json()
    assert (described["media_type"], described["filename"], described["size"]) == ("application/pdf", "letter.pdf", 17)
    assert (described["content_type"], described["object_id"]) == ("partnerships.city", document.object_id)
    assert described["url"] == f"http://testserver/api/v1/documents/{document.pk}/content/"
    assert "file" not in described
    renamed = api.patch(
        f"/api/v1/documents/{document.pk}/", {"title": "Other"}, headers={"If-Match": response.headers["ETag"]}
    )
    assert renamed.json()["title"] == "Other"
    listed = api.get(f"/api/v1/documents/?content_type=partnerships.city&object_id={document.object_id}").json()
    assert listed["count"] == 1
    assert api.get("/api/v1/documents/?content_type=partnerships.agreement").json()["count"] == 0


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"file": SimpleUploadedFile("page.html", b"<script>")}, "file", "Only these types of file are accepted: pdf, png, jpg, jpeg, "
         "docx, xlsx, odt, ods, txt, csv."),
        ({"file": "text"}, "file", "The submitted data was not a file. Check the encoding type on the form."),
        ({"content_type": "auth.group"}, "content_type", "Nothing can be attached to this kind of record."),
        ({"content_type": "moon"}, "content_type", "There is no such kind of record; write it as in “partnerships.city”."),
        ({"object_id": 99999999}, "object_id", "There is no such record."),
        ({"sha256": "0"}, "sha256", "This field cannot be written."),
    ],
)  # fmt: skip
def test_a_document_that_cannot_be_is_refused(api, change, field, sentence):
    response = api.post("/api/v1/documents/", upload(**change), format="multipart")
    assert (response.status_code, messages(response)) == (400, {field: sentence})
    assert not Document.objects.exists()


def test_a_document_cannot_be_attached_to_what_the_client_cannot_see(db):
    response = bearer("core:read", "core:write").post("/api/v1/documents/", upload(), format="multipart")
    assert (response.status_code, messages(response)) == (400, {"object_id": "There is no such record."})
    assert not Document.objects.exists()


def test_json_is_what_json_says(api, country):
    raw = json.dumps(city_body(country, name_fr="Saint-Étienne 日本"), ensure_ascii=False).encode()
    response = api.generic("POST", "/api/v1/cities/", raw, content_type="application/json; charset=utf-8")
    assert response.json()["name_fr"] == "Saint-Étienne 日本"


@pytest.mark.parametrize("field", ["content_type", "object_id", "title"])
def test_nul_in_a_form_of_the_api_names_its_field(api, field):
    response = api.post("/api/v1/documents/", upload(**{field: "partnerships\0.city"}), format="multipart")
    assert (response.status_code, list(messages(response))) == (400, [field])


@pytest.mark.parametrize("field", ["name_fr", "slug", "country", "latitude"])
def test_nul_in_json_names_its_field(api, country, field):
    response = api.post("/api/v1/cities/", city_body(country, **{field: "a\0"}))
    assert (response.status_code, list(messages(response))) == (400, [field])


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2201-01-01", "9999-12-31"])
def test_a_day_of_another_age_is_refused(api, day):
    response = api.post("/api/v1/agreements/", {"title_fr": "Accord", "kind": "cooperation", "expires_on": day})
    assert response.status_code == 400, response.content
    assert not models.Agreement.objects.exists()

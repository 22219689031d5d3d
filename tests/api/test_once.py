"""The same request twice does its work once: `Idempotency-Key` on what adds, changes and moves records."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.http import HttpResponse
from django.test.client import encode_multipart
from django.utils import timezone
from django.utils.translation import gettext, override
from oauth2_provider.models import AccessToken
from rest_framework.response import Response
from rest_framework.test import APIClient

from core.api import once
from core.enums import Audience
from core.models import Document, IdempotencyKey, User
from core.roles import Role
from core.tasks import forget
from partnerships import models
from partnerships.api.views import Areas
from tests import factories
from tests.api.conftest import bearer, messages, signed_in

pytestmark = pytest.mark.django_db
AREA = {"slug": "north", "name_fr": "Nord", "name_en": "North"}
AREAS = "/api/v1/areas/"
FORM = "A key is 1 to 255 visible ASCII characters, neither a quotation mark nor a backslash among them."
REUSED = "This key was sent before with another request, or with other rights: a new request needs a new key."


def post(client: APIClient, address: str = AREAS, body=AREA, key: str = "k-1", **headers):
    return client.post(address, body, headers={"Idempotency-Key": key} | headers)


def same(first, second) -> bool:
    """Whether a second answer is the first one, and says that it was given before."""
    named = ("ETag", "Location", "Content-Type", "Content-Language", "Allow", "Vary")
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    return (first.status_code, first.content, *map(first.headers.get, named)) == (
        second.status_code,
        second.content,
        *map(second.headers.get, named),
    )


def test_the_same_request_again_gets_the_same_answer_and_writes_nothing(api):
    first = post(api)
    assert first.status_code == 201, first.content
    again = post(api)
    assert same(first, again)
    assert models.Area.objects.count() == 1
    assert again.headers["Location"] == f"http://testserver/api/v1/areas/{models.Area.objects.get().pk}/"
    assert first.json() == api.get(first.headers["Location"]).json()


def test_the_order_of_fields_and_the_language_make_no_other_request(api):
    first = post(api)
    again = post(api, body=dict(reversed(AREA.items())), **{"Accept-Language": "fr"})
    assert same(first, again)
    assert again.headers["Content-Language"] == "en"


@pytest.mark.parametrize(
    ("address", "body"),
    [
        (AREAS, AREA | {"slug": "south"}),
        (AREAS, AREA | {"slug": 1}),
        (AREAS, {}),
        ("/api/v1/themes/", AREA),
        ("/api/v1/areas/bulk/", [AREA]),
    ],
)
def test_a_key_of_another_request_is_refused(api, address, body):
    post(api)
    response = post(api, address, body)
    assert response.status_code == 422
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "type": "urn:parvis:problem:key-reused",
        "title": "The Idempotency-Key belongs to another request.",
        "status": 422,
        "detail": REUSED,
        "instance": address,
        "errors": [],
    }
    assert models.Area.objects.count() == 1


def test_the_key_of_another_caller_is_another_key(api):
    assert post(api).status_code == 201
    assert post(bearer(), body=AREA | {"slug": "south"}).status_code == 201
    assert post(signed_in(Role.ADMINISTRATOR), body=AREA | {"slug": "east"}).status_code == 201
    assert {key.caller.partition(":")[0] for key in IdempotencyKey.objects.all()} == {"client", "user"}


def test_a_refused_request_keeps_nothing_and_is_mended_under_the_same_key(api):
    refused = post(api, body=AREA | {"slug": "with spaces"})
    assert refused.status_code == 400
    assert not IdempotencyKey.objects.exists()
    assert post(api).status_code == 201


@pytest.mark.parametrize(
    "key", ["", " ", "a b", "é", "a\tb", "x" * 256, '"', '""', '"a', 'a"b', "a\\b", "\x7f", '"a b"'], ids=repr
)
def test_what_is_no_key_is_refused(api, key):
    response = post(api, key=key)
    assert (response.status_code, messages(response)) == (400, {"Idempotency-Key": FORM})
    assert not models.Area.objects.exists()


def test_what_is_no_key_is_refused_in_the_callers_language(api):
    response = post(api, key="é", **{"Accept-Language": "fr"})
    assert response.headers["Content-Language"] == "fr"
    with override("fr"):
        assert messages(response) == {"Idempotency-Key": gettext(FORM)}


def test_a_key_reads_the_same_between_quotation_marks(api):
    key = "!#[]~" + "x" * 250
    assert same(post(api, key=f'"{key}"'), post(api, key=key))


def test_without_a_key_a_request_is_carried_out_each_time(api):
    assert api.post(AREAS, AREA).status_code == 201
    assert api.post(AREAS, AREA).status_code == 400
    assert not IdempotencyKey.objects.exists()


def test_a_key_is_no_matter_where_nothing_can_happen_twice(api):
    area = factories.AreaFactory()
    address = f"{AREAS}{area.pk}/"
    header = {"Idempotency-Key": "k"}
    assert api.get(address, headers=header).status_code == 200
    assert api.delete(address, headers=header | {"If-Match": "*"}).status_code == 204
    assert not IdempotencyKey.objects.exists()


def test_a_verb_is_carried_out_once(api):
    agreement = factories.AgreementFactory()
    factories.AgreementPartyFactory(agreement=agreement)
    body = {"deliberation": factories.DeliberationFactory().pk}
    address = f"/api/v1/agreements/{agreement.pk}/vote/"
    first = post(api, address, body)
    assert (first.status_code, first.json()["status"]) == (200, "voted"), first.content
    assert same(first, post(api, address, body))
    assert api.post(address, body).status_code == 409, "without the key it is refused: the vote is recorded"


def test_a_change_is_made_once(api):
    area = factories.AreaFactory()
    headers = {"Idempotency-Key": "k", "If-Match": f'"{area.pk}-1"'}
    first, again = (api.patch(f"{AREAS}{area.pk}/", {"name_en": "Changed"}, headers=headers) for _ in range(2))
    assert same(first, again)
    assert (again.status_code, again.json()["version"]) == (200, 2)


def test_many_at_once_are_added_once(api):
    body = [AREA, AREA | {"slug": "south"}]
    assert same(post(api, f"{AREAS}bulk/", body), post(api, f"{AREAS}bulk/", body))
    assert models.Area.objects.count() == 2


def form(city, content: bytes = b"%PDF-1.7\ninvented", name: str = "letter.pdf", **changes) -> dict:
    file = SimpleUploadedFile(name, content, "application/pdf")
    return {"content_type": "partnerships.city", "object_id": city.pk, "title": "Letter", "file": file} | changes


def upload(api, city, boundary: str, **changes):
    return api.generic(
        "POST",
        "/api/v1/documents/",
        encode_multipart(boundary, form(city, **changes)),
        content_type=f"multipart/form-data; boundary={boundary}",
        headers={"Idempotency-Key": "k"},
    )


def test_a_file_is_stored_once_whatever_the_boundaries_of_the_form(api):
    city = factories.CityFactory()
    first = upload(api, city, "one")
    assert first.status_code == 201, first.content
    assert same(first, upload(api, city, "two"))
    assert api.get(first.json()["url"]).getvalue() == b"%PDF-1.7\ninvented", "it was stored whole"
    assert Document.objects.count() == 1


@pytest.mark.parametrize("change", [{"content": b"%PDF-1.7\nother"}, {"name": "other.pdf"}, {"title": "Other"}])
def test_another_file_is_another_request(api, change):
    city = factories.CityFactory()
    upload(api, city, "one")
    assert upload(api, city, "one", **change).status_code == 422
    assert Document.objects.count() == 1


def test_a_file_goes_with_an_answer_that_cannot_be_kept(api, monkeypatch, tmp_path, settings):
    settings.STORAGES = settings.STORAGES | {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path}}
    }
    monkeypatch.setattr(once, "seal", lambda text: "clear")
    response = upload(api, factories.CityFactory(), "one")
    assert response.status_code == 400, "the database refuses an answer that is not sealed"
    assert not Document.objects.exists()
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


# --- rights ---


def test_who_has_lost_the_right_gets_no_answer(api):
    assert post(api).status_code == 201
    AccessToken.objects.update(scope="partnerships:read")
    assert post(api).status_code == 403


def test_other_rights_make_another_request(api):
    assert post(api).status_code == 201
    AccessToken.objects.update(scope="partnerships:read partnerships:write")
    assert post(api).status_code == 422


def test_another_role_makes_another_request():
    person = signed_in(Role.ADMINISTRATOR)
    assert post(person).status_code == 201
    User.objects.get().groups.set(Group.objects.filter(name=Role.OFFICER))
    assert post(person).status_code == 422


def test_a_record_that_is_hidden_by_now_is_not_shown_again(api):
    body = {"city": factories.CityFactory().pk, "title": "Note", "text": "Text", "audience": Audience.CITY}
    first = post(api, "/api/v1/watch-notes/", body)
    assert first.status_code == 201, first.content
    models.WatchNote.objects.update(audience=Audience.STAFF)
    assert post(api, "/api/v1/watch-notes/", body).status_code == 404
    models.WatchNote.objects.all().delete()
    assert same(first, post(api, "/api/v1/watch-notes/", body)), "what is gone hides nothing"


# --- what is kept ---


def test_what_is_kept_is_sealed_and_forgotten_after_a_day(api, settings):
    post(api, body=AREA | {"name_en": "Unmistakable"})
    kept = IdempotencyKey.objects.get()
    assert "Unmistakable" not in json.dumps(IdempotencyKey.objects.values("caller", "key", "digest", "answer").get())
    assert forget() == 0
    IdempotencyKey.objects.update(written_at=timezone.localtime() - timedelta(hours=24, minutes=1))
    fresh = post(api, body=AREA | {"slug": "south"}, key="k-2")
    assert fresh.status_code == 201
    assert forget() == 1
    assert not IdempotencyKey.objects.filter(pk=kept.pk).exists()
    assert post(api).status_code == 400, "the key is forgotten, and the record there"


def test_an_answer_whose_key_is_gone_is_said_to_be(api, settings):
    post(api)
    settings.SEALING_KEYS = ["b3RoZXItc2VhbGluZy1rZXktZm9yLXRoZS10ZXN0cyE="]
    response = post(api)
    assert (response.status_code, response.json()["detail"]) == (
        409,
        "The request was carried out, but its answer cannot be opened any more: read the records instead.",
    )
    assert models.Area.objects.count() == 1


def test_an_answer_that_is_no_json_is_a_fault_of_ours(api, monkeypatch):
    monkeypatch.setattr(Areas, "create", lambda self, request: HttpResponse(b"a file"))
    with pytest.raises(TypeError, match="Areas.create"):
        post(api)
    assert not IdempotencyKey.objects.exists()


def test_a_refusal_that_is_returned_keeps_nothing_either(api, monkeypatch):
    def create(self, request):
        factories.AreaFactory()
        return Response({}, status=409)

    monkeypatch.setattr(Areas, "create", create)
    assert post(api).status_code == 409
    assert not IdempotencyKey.objects.exists()
    assert not models.Area.objects.exists()


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"key": "a b"}, "core_idempotencykey_key_form"),
        ({"caller": "somebody"}, "core_idempotencykey_caller_form"),
        ({"digest": "short"}, "core_idempotencykey_digest_form"),
        ({"answer": "clear"}, "core_idempotencykey_answer_sealed"),
        ({}, "core_idempotencykey_once"),
    ],
)
def test_the_database_refuses(change, name):
    values = {"caller": "user:1", "key": "k", "digest": "0" * 64}
    IdempotencyKey.objects.create(**values)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        IdempotencyKey.objects.create(**values | change)


# --- two at once ---


def alone(client: APIClient, begin, key: str = "k"):
    """The request on a connection of its own."""
    begin()
    try:
        return post(client, key=key)
    finally:
        connection.close()


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_of_several_at_once_one_writes_and_all_get_its_answer():
    client, barrier = bearer(), Barrier(4)
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _each: alone(client, barrier.wait), range(4)))
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.content for answer in answers}) == 1
    assert sorted(answer.headers.get("Idempotency-Replayed", "") for answer in answers) == ["", "true", "true", "true"]
    assert models.Area.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_second_takes_the_place_of_a_first_that_fails():
    client, begun = bearer(), Event()
    application = AccessToken.objects.get().application
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert once._claim(f"client:{application.client_id}", "k", "0" * 64) is None
            waiting = pool.submit(alone, client, begun.set)
            assert begun.wait(10)
            while not somebody_waits():
                assert not waiting.done()
            transaction.set_rollback(True)
        answer = waiting.result(timeout=30)
    assert (answer.status_code, models.Area.objects.count()) == (201, 1)
    assert "Idempotency-Replayed" not in answer.headers


@pytest.mark.django_db(transaction=True)
def test_who_waits_too_long_is_asked_to_come_again(monkeypatch):
    monkeypatch.setattr(once, "PATIENCE", 0.05)
    client = bearer()
    application = AccessToken.objects.get().application
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        assert once._claim(f"client:{application.client_id}", "k", "0" * 64) is None
        answer = pool.submit(alone, client, lambda: None).result(timeout=30)
    assert (answer.status_code, answer.headers["Retry-After"]) == (409, "5")
    assert answer.json()["type"] == "urn:parvis:problem:in-progress"
    assert answer.json()["detail"] == "The first request with this key is still being carried out: send it again later."
    assert not models.Area.objects.exists()


def test_the_wait_for_other_locks_is_not_shortened(api):
    with transaction.atomic():
        once._claim("user:1", "k", "0" * 64)
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            assert cursor.fetchone()[0] == "0"

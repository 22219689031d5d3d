"""Who may ask what: tokens and their scopes, people and their roles, and what does not exist for the caller."""

import base64

import pytest
from django.test import Client
from django.urls import Resolver404, resolve
from django.utils.translation import gettext, override
from oauth2_provider.models import AccessToken, Application
from rest_framework.test import APIClient

from core.access import Parvis
from core.api import scopes
from core.enums import Audience
from core.history import changes
from core.roles import Role
from partnerships import models
from tests import factories
from tests.api.conftest import bearer, messages, signed_in, token_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def secret(settings) -> tuple[Application, str]:
    return factories.ApiClientFactory(client_secret="invented-secret"), "invented-secret"


def ask_token(application, secret: str, /, **form):
    pair = base64.b64encode(f"{application.client_id}:{secret}".encode()).decode()
    return Client().post(
        "/o/token/", {"grant_type": "client_credentials", **form}, headers={"Authorization": f"Basic {pair}"}
    )


def test_a_client_gets_a_token_and_reads(secret):
    answer = ask_token(*secret).json()
    assert answer["token_type"] == "Bearer"
    assert answer["scope"].split() == [
        f"{app}:{verb}"
        for app in ("cooperation", "core", "events", "mandate", "partnerships", "solidarity")
        for verb in ("read", "write")
    ]
    api = APIClient()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {answer['access_token']}")
    assert api.get("/api/v1/cities/").json()["count"] == 0


def test_a_client_gets_no_more_than_the_scopes_it_asks_for(secret):
    assert ask_token(*secret, scope="partnerships:read").json()["scope"] == "partnerships:read"


def test_a_wrong_secret_an_unknown_scope_and_another_grant_are_refused(secret):
    application, right = secret
    assert ask_token(application, "wrong").json()["error"] == "invalid_client"
    assert ask_token(application, right, scope="everything").json()["error"] == "invalid_scope"
    answer = ask_token(application, right, grant_type="password", username="a", password="b")
    assert answer.json()["error"] in ("unsupported_grant_type", "unauthorized_client")


def test_protected_scopes_are_not_for_the_asking(secret, monkeypatch):
    import partnerships.api

    monkeypatch.setattr(partnerships.api, "PROTECTED_SCOPES", {"invented:protected": "Invented."}, raising=False)
    assert "invented:protected" in scopes.declared()
    assert ask_token(*secret, scope="invented:protected").json()["error"] == "invalid_scope"
    assert "invented:protected" not in ask_token(*secret).json()["scope"]


@pytest.mark.parametrize("address", ["/o/authorize/", "/o/applications/", "/o/authorized_tokens/", "/o/device/"])
def test_no_other_page_of_the_token_server_exists(address):
    with pytest.raises(Resolver404):
        resolve(address)


def test_without_a_token_or_a_session_the_caller_is_asked_to_sign_in(client):
    response = client.get("/api/v1/cities/", headers={"Accept-Language": "en"})
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="parvis"'
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json() == {
        "type": "urn:parvis:problem:not-signed-in",
        "title": "Sign in, or send an access token.",
        "status": 401,
        "detail": "Authentication credentials were not provided.",
        "instance": "/api/v1/cities/",
        "errors": [],
    }


@pytest.mark.parametrize("kind", ["unknown", "expired", "of another grant", "without a client"])
def test_a_token_that_is_not_good_is_refused(kind):
    token = token_for("partnerships:read", minutes=-1 if kind == "expired" else 60)
    if kind == "unknown":
        token = "\u00e9" * 40
    if kind == "of another grant":
        Application.objects.update(authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE)
    if kind == "without a client":
        AccessToken.objects.update(application=None)
    response = APIClient().get("/api/v1/cities/", headers={"Authorization": f"Bearer {token}", "Accept-Language": "en"})
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="parvis", error="invalid_token"'
    assert response.json()["detail"] == "The access token is unknown, expired or revoked."


def test_a_token_in_the_address_is_not_taken():
    assert APIClient().get(f"/api/v1/cities/?access_token={token_for('partnerships:read')}").status_code == 401


@pytest.mark.parametrize(
    ("held", "method", "missing"),
    [
        ("core:read", "get", "partnerships:read"),
        ("partnerships:read", "post", "partnerships:write"),
        ("partnerships:read", "delete", "partnerships:write"),
        ("partnerships:write", "get", "partnerships:read"),
    ],
)
def test_a_missing_scope_is_named(held, method, missing):
    address = "/api/v1/cities/1/" if method == "delete" else "/api/v1/cities/"
    response = getattr(bearer(held), method)(address)
    assert response.status_code == 403
    assert response.json()["detail"] == f"The access token lacks the scope “{missing}”."
    assert (
        response.headers["WWW-Authenticate"] == f'Bearer realm="parvis", error="insufficient_scope", scope="{missing}"'
    )


@pytest.mark.parametrize("role", [Role.DEPUTY, Role.AUDITOR, Role.PROTECTION_OFFICER, Role.SOLIDARITY_OFFICER])
def test_a_role_that_only_reads_cities_cannot_write_them(role):
    city = factories.CityFactory()
    person = signed_in(role)
    assert person.get(f"/api/v1/cities/{city.pk}/").status_code == 200
    for method, verb in (("post", "add"), ("patch", "change"), ("delete", "delete")):
        address = "/api/v1/cities/" if method == "post" else f"/api/v1/cities/{city.pk}/"
        response = getattr(person, method)(address, {"slug": "other"})
        assert (response.status_code, response.json()["detail"]) == (403, f"Your role does not let you {verb}: cities.")
    assert models.City.objects.get().slug == city.slug


def test_an_officer_changes_a_city_but_does_not_delete_it():
    city = factories.CityFactory()
    officer = signed_in(Role.OFFICER)
    assert officer.patch(f"/api/v1/cities/{city.pk}/", {"alias": "Other"}, headers={"If-Match": "*"}).status_code == 200
    response = officer.delete(f"/api/v1/cities/{city.pk}/", headers={"If-Match": "*"})
    assert (response.status_code, response.json()["detail"]) == (403, "Your role does not let you delete: cities.")


def test_a_session_needs_the_csrf_token_to_write():
    person = APIClient(enforce_csrf_checks=True, HTTP_ACCEPT_LANGUAGE="en")
    person.force_login(factories.UserFactory(role=Role.ADMINISTRATOR))
    response = person.post("/api/v1/areas/", {"slug": "a"})
    assert (response.status_code, response.json()["detail"]) == (403, "CSRF Failed: CSRF cookie not set.")


@pytest.mark.parametrize(("audience", "role", "seen"), [
    (Audience.STAFF, Role.DEPUTY, False),
    (Audience.STAFF, Role.OFFICER, True),
    (Audience.DEPUTIES, Role.DEPUTY, True),
    (Audience.DEPUTIES, Role.AUDITOR, False),
    (Audience.CITY, Role.AUDITOR, True),
])  # fmt: skip
def test_a_watch_note_for_another_audience_does_not_exist(audience, role, seen):
    note = factories.WatchNoteFactory(audience=audience)
    person = signed_in(role)
    assert person.get("/api/v1/watch-notes/").json()["count"] == (1 if seen else 0)
    assert person.get("/api/v1/watch-notes/?q=invented").json()["count"] == (1 if seen else 0)
    assert person.get(f"/api/v1/watch-notes/{note.pk}/").status_code == (200 if seen else 404)
    document = factories.DocumentFactory(record=note)
    assert person.get(f"/api/v1/documents/{document.pk}/").status_code == (200 if seen else 404)
    assert person.get("/api/v1/documents/").json()["count"] == (1 if seen else 0)


def test_a_note_cannot_be_written_for_an_audience_one_is_not_in(api):
    city = factories.CityFactory()
    body = {"city": city.pk, "title": "Note", "text": "Text", "audience": "staff"}
    response = api.post("/api/v1/watch-notes/", body)
    assert (response.status_code, response.json()["detail"]) == (
        403,
        "You may not write a record that you could not read.",
    )
    assert not models.WatchNote.objects.exists()


def test_history_names_the_client(db):
    api = bearer("partnerships:read", "partnerships:write", name="Map of the City")
    created = api.post("/api/v1/areas/", {"slug": "north", "name_fr": "Nord", "name_en": "North"})
    assert created.status_code == 201, created.content
    assert [change.author for change in changes(models.Area.objects.get(), Parvis())] == ["Map of the City"]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_problems_speak_the_callers_language(language):
    person = signed_in(Role.ADMINISTRATOR, language)
    response = person.put("/api/v1/cities/", {})
    assert response.status_code == 405
    assert response.headers["Content-Language"] == language
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "POST"}
    with override(language):
        assert response.json()["title"] == gettext("This address does not take this method.")


def test_the_root_names_every_resource_to_those_who_sign_in(api, client):
    assert api.get("/api/v1/").json()["cities"] == "http://testserver/api/v1/cities/"
    assert client.get("/api/v1/").status_code == 401


def test_an_address_that_does_not_exist_is_a_problem_too(client):
    response = client.get("/api/v1/unicorns/", headers={"Accept-Language": "en"})
    assert (response.status_code, response.json()["title"]) == (404, "There is nothing here that you may see.")
    assert messages(response) == {}

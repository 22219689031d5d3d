"""What every request goes through: characters that cannot be kept, what caches may keep, what a fault is."""

import base64
import json
from datetime import timedelta

import psycopg
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DataError
from django.test import Client
from django.utils import timezone
from django.utils.translation import override
from oauth2_provider.models import AccessToken

from core.api.problems import describe
from core.roles import Role
from tests.factories import ApiClientFactory, UserFactory

pytestmark = pytest.mark.django_db
HTML = {"Accept-Language": "en"}


@pytest.fixture
def administrator():
    client = Client(headers=HTML)
    client.force_login(UserFactory(role=Role.ADMINISTRATOR, language="en"))
    return client


@pytest.mark.parametrize(
    "address",
    [
        "/agreements/%00/",
        "/agreements/?q=%00",
        "/agreements/?%00=a",
        "/admin/search/?s=%00",
        "/admin/autocomplete/?term=%00&app_label=partnerships&model_name=agreementparty&field_name=city",
        "/admin/partnerships/agreement/add/?deliberation=%00",
        "/admin/r/%00/1/",
    ],
)
def test_nul_in_an_address_is_refused_with_a_page(administrator, address):
    answer = administrator.get(address)
    assert answer.status_code == 400
    assert "This request could not be read" in answer.content.decode()


@pytest.mark.parametrize("field", ["login", "password", "a\0b"])
def test_nul_in_a_form_is_refused_with_a_page(field):
    answer = Client(headers=HTML).post("/accounts/login/", {"login": "a", "password": "b", field: "a\0b"})
    assert answer.status_code == 400
    assert "This request could not be read" in answer.content.decode()


def test_nul_in_a_cookie_is_refused():
    client = Client(headers=HTML)
    client.cookies["sessionid"] = "\0" * 32
    assert client.get("/").status_code == 400


@pytest.mark.parametrize("address", ["/api/v1/cities/%00/", "/api/v1/%00"])
def test_nul_in_an_address_of_the_api_is_a_problem(address):
    answer = Client(headers=HTML).get(address)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert json.loads(answer.content)["detail"] == "The request holds a character that cannot be kept, such as NUL."


@pytest.mark.parametrize("name", ["a\0", "a%00"])
def test_nul_in_the_name_of_a_client_is_refused(name):
    client = Client(headers=HTML)
    wanted = {"grant_type": "client_credentials"}
    in_form = client.post("/o/token/", wanted | {"client_id": name.replace("%00", "\0"), "client_secret": "b"})
    basic = base64.b64encode(f"{name}:b".encode()).decode()
    in_header = client.post("/o/token/", wanted, headers={"Authorization": f"Basic {basic}"})
    for answer in (in_form, in_header):
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_credentials_that_cannot_be_read_are_not_a_fault():
    answer = Client().post(
        "/o/token/", {"grant_type": "client_credentials"}, headers={"Authorization": "Basic nonsense"}
    )
    assert answer.status_code == 401


def test_what_a_signed_in_person_reads_is_kept_by_no_cache(administrator):
    assert administrator.get("/agreements/")["Cache-Control"] == "private, no-store"
    assert administrator.get("/nowhere/")["Cache-Control"] == "private, no-store"
    assert administrator.get("/api/v1/cities/")["Cache-Control"] == "private, no-cache"
    assert "private" in administrator.get("/admin/")["Cache-Control"]
    assert "Cache-Control" not in Client().get("/accessibility/")


def fault(cause: Exception) -> DataError:
    error = DataError(str(cause))
    error.__cause__ = cause
    return error


def test_only_what_the_database_refuses_is_the_callers_fault():
    with override("en"):
        assert describe(fault(psycopg.errors.NumericValueOutOfRange("out of range")))[0] == 400
    # What psycopg says of a value that the database holds and it cannot read.
    assert describe(fault(psycopg.DataError("date too large (after year 10K)"))) is None
    assert describe(fault(psycopg.errors.DivisionByZero("division by zero"))) is None


def test_documents_are_read_by_nobody_else_on_the_machine(settings):
    settings.DATA_DIR.chmod(0o755)
    name = default_storage.save("ab/abcd", ContentFile(b"Invented."))
    try:
        path = settings.DATA_DIR / "documents" / name
        modes = [oct(place.stat().st_mode & 0o777) for place in (path, path.parent, path.parent.parent)]
        assert modes == ["0o600", "0o700", "0o700"]
    finally:
        default_storage.delete(name)


# --- the shorter way of other systems ---


@pytest.fixture
def token():
    client = ApiClientFactory(access__last_used_at=timezone.localtime())
    expires = timezone.localtime() + timedelta(hours=1)
    AccessToken.objects.create(token="invented", application=client, expires=expires, scope="partnerships:read")
    return {"Authorization": "Bearer invented"}


def test_a_token_opens_no_page(token):
    answer = Client(headers=token).get("/agreements/")
    assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/accounts/login/")


def test_a_token_is_not_a_session(administrator, token):
    """Whoever shows both is the system, whose rights are fewer."""
    assert administrator.get("/api/v1/grants/").status_code == 200
    assert administrator.get("/api/v1/cities/", headers=token).status_code == 200
    assert administrator.get("/api/v1/grants/", headers=token).status_code == 403
    assert administrator.get("/api/v1/cities/", headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_a_system_is_asked_for_no_session(administrator, token, django_assert_num_queries):
    administrator.get("/api/v1/cities/", headers=token)
    with django_assert_num_queries(2):  # its token, and the rows
        administrator.get("/api/v1/cities/", headers=token)


def test_what_a_system_reads_is_guarded_alike(token):
    answer = Client(headers=token).get("/api/v1/cities/")
    told = {name: answer[name] for name in ("Cache-Control", "X-Frame-Options", "X-Content-Type-Options")}
    assert told == {
        "Cache-Control": "private, no-cache",
        "X-Frame-Options": "DENY",
        "X-Content-Type-Options": "nosniff",
    }
    assert "RateLimit" in answer
    assert not answer.cookies


def test_a_system_is_answered_in_its_language(token):
    french, english = (
        Client(headers=token | {"Accept-Language": language}).get("/api/v1/cities/0/").json()["title"]
        for language in ("fr", "en")
    )
    assert french != english


def test_a_fault_on_the_shorter_way_is_a_problem_without_its_cause(token, monkeypatch):
    def fail(view):
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr("partnerships.api.views.Cities.rows", fail)
    answer = Client(headers=token, raise_request_exception=False).get("/api/v1/cities/")
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert "secret" not in answer.content.decode()

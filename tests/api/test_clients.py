"""What a client of the API may ask for, by which secret and token, and until when."""

import base64
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from oauth2_provider.models import AccessToken, Application
from rest_framework.test import APIClient

from core import clients, clock, history
from core.access import ApiClient, Parvis, may
from core.api.scopes import AppScopes, api_apps, declared, protected, unprotected
from core.exceptions import LostEdit, Refused
from core.models import ClientAccess
from core.roles import Role
from core.webhooks.services import reader_of
from tests import factories as make

pytestmark = pytest.mark.django_db


SECRET = "invented-secret"
CITIES = "/api/v1/cities/"


@pytest.fixture
def administrator():
    return make.UserFactory(role=Role.ADMINISTRATOR)


@pytest.fixture
def client_of_api():
    return make.ApiClientFactory(client_secret=SECRET)


def basic(client, secret: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{client.client_id}:{secret}".encode()).decode()}


def ask(client, secret: str = SECRET, **form):
    return Client().post("/o/token/", {"grant_type": "client_credentials", **form}, headers=basic(client, secret))


def opens(client, secret: str) -> bool:
    """Whether the secret gets a token, in the header and in the form alike."""
    in_form = {"grant_type": "client_credentials", "client_id": client.client_id, "client_secret": secret}
    found = {ask(client, secret).status_code == 200, Client().post("/o/token/", in_form).status_code == 200}
    assert len(found) == 1
    return found.pop()


def with_token(token: str) -> APIClient:
    api = APIClient(HTTP_ACCEPT_LANGUAGE="en")
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return api


def caller(client, **form) -> APIClient:
    return with_token(ask(client, **form).json()["access_token"])


# --- scopes ---


def test_a_client_gets_the_scopes_that_it_was_given_and_no_others():
    access = make.ClientAccessFactory(scopes=["partnerships:read"], client__client_secret=SECRET)
    assert ask(access.client).json()["scope"] == "partnerships:read"
    assert ask(access.client, scope="events:read").json()["error"] == "invalid_scope"
    assert ask(access.client, scope="partnerships:read events:read").json()["error"] == "invalid_scope"


@pytest.mark.parametrize("given", [None, []])
def test_a_client_to_which_nothing_was_given_gets_no_token(given):
    client = make.ApiClientFactory(client_secret=SECRET, access=None)
    if given is not None:
        make.ClientAccessFactory(client=client, scopes=given)
    for form in ({}, {"scope": ""}, {"scope": "partnerships:read"}):
        answer = ask(client, **form)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")


def test_scopes_that_are_taken_away_open_nothing_at_once(client_of_api, administrator):
    api = caller(client_of_api)
    assert api.get(CITIES).status_code == 200
    given = {"name": "Other name", "requests_per_minute": None, "scopes": ["events:read"]}
    clients.change_client(client_of_api.access, actor=administrator, **given)
    answer = api.get(CITIES)
    assert (answer.status_code, answer.json()["detail"]) == (
        403,
        "The access token lacks the scope “partnerships:read”.",
    )
    assert api.get("/api/v1/events/").status_code == 200


def test_a_client_that_lost_its_access_is_not_let_in(client_of_api):
    api = caller(client_of_api)
    ClientAccess.objects.all().delete()
    assert api.get(CITIES).status_code == 401


def test_a_token_of_another_clients_scopes_is_none(client_of_api):
    """What a token says of itself is worth no more than what its client may have."""
    api = caller(client_of_api)
    ClientAccess.objects.update(scopes=["events:read"])
    AccessToken.objects.update(scope=" ".join(declared()))
    assert api.get(CITIES).status_code == 403


def test_a_protected_scope_is_given_by_hand_and_has_to_be_named(monkeypatch):
    import partnerships.api

    monkeypatch.setattr(partnerships.api, "PROTECTED_SCOPES", {"invented:protected": "Invented."}, raising=False)
    access = make.ClientAccessFactory(scopes=["invented:protected", "events:read"], client__client_secret=SECRET)
    assert ask(access.client).json()["scope"] == "events:read"
    assert ask(access.client, scope="invented:protected").json()["scope"] == "invented:protected"


def test_no_protected_scope_is_declared_today_and_the_demo_gets_none():
    assert protected() == {}
    assert set(unprotected()) == declared().keys()


def test_a_subscription_hears_of_what_its_client_was_given():
    access = make.ClientAccessFactory(scopes=["events:read"])
    assert reader_of(make.WebhookSubscriptionFactory(client=access.client)).scopes == {"events:read"}
    assert reader_of(make.WebhookSubscriptionFactory(client=make.ApiClientFactory(access=None))).scopes == frozenset()


def test_the_apps_are_looked_for_once(monkeypatch):
    api_apps()
    monkeypatch.setattr("core.api.scopes.module_has_submodule", lambda *args: pytest.fail("looked for again"))
    assert AppScopes().get_available_scopes(make.ApiClientFactory()) == unprotected()


# --- secrets ---


def test_a_new_secret_works_at_once_and_the_old_one_for_a_week(client_of_api, administrator, time_machine):
    new = clients.rotate_secret(client_of_api.access, actor=administrator, reason="Invented change of staff")
    assert new != SECRET
    assert opens(client_of_api, new)
    assert opens(client_of_api, SECRET)
    time_machine.move_to(clock.real() + timedelta(days=6, hours=23))
    assert opens(client_of_api, SECRET)
    time_machine.move_to(clock.real() + timedelta(hours=2))
    assert not opens(client_of_api, SECRET)
    assert opens(client_of_api, new)
    assert not opens(client_of_api, "wrong")


def test_the_old_secret_is_withdrawn_at_once(client_of_api, administrator):
    new = clients.rotate_secret(client_of_api.access, actor=administrator)
    clients.withdraw_old_secret(client_of_api.access, actor=administrator)
    assert (opens(client_of_api, SECRET), opens(client_of_api, new)) == (False, True)
    with translation.override("en"), pytest.raises(Refused, match="no old secret that still works"):
        clients.withdraw_old_secret(client_of_api.access, actor=administrator)


def test_the_old_secret_of_one_client_opens_no_other(client_of_api, administrator):
    clients.rotate_secret(client_of_api.access, actor=administrator)
    other = make.ApiClientFactory(client_secret="another-secret")
    clients.rotate_secret(other.access, actor=administrator)
    assert opens(other, "another-secret")
    assert not opens(other, SECRET)


def test_a_second_rotation_is_refused_while_somebody_may_still_use_the_first_secret(client_of_api, administrator):
    first = clients.rotate_secret(client_of_api.access, actor=administrator)
    with translation.override("en"), pytest.raises(Refused, match="The secret before this one works until"):
        clients.rotate_secret(client_of_api.access, actor=administrator)
    assert opens(client_of_api, SECRET)
    clients.withdraw_old_secret(client_of_api.access, actor=administrator)
    second = clients.rotate_secret(client_of_api.access, actor=administrator)
    assert [opens(client_of_api, secret) for secret in (SECRET, first, second)] == [False, True, True]


def test_a_refusal_takes_the_same_work_with_an_old_secret_and_without(client_of_api, administrator, monkeypatch):
    compared: list[str] = []

    def compare(secret, stored, *args, **kwargs):
        compared.append(stored)
        return check_password(secret, stored)

    monkeypatch.setattr("oauth2_provider.oauth2_validators.check_password", compare)
    ask(client_of_api, "wrong")
    without, compared[:] = len(compared), []
    clients.rotate_secret(client_of_api.access, actor=administrator)
    ask(client_of_api, "wrong")
    assert len(compared) == without > 0


def test_only_hashes_are_kept(client_of_api, administrator):
    new = clients.rotate_secret(client_of_api.access, actor=administrator)
    kept = Application.objects.values_list("client_secret", flat=True).get()
    old = ClientAccess.objects.values_list("old_secret", flat=True).get()
    assert check_password(new, kept)
    assert check_password(SECRET, old)
    with pytest.raises(IntegrityError, match="core_clientaccess_old_secret_hashed"), transaction.atomic():
        ClientAccess.objects.update(old_secret=SECRET)


def test_history_tells_who_replaced_the_secret_and_why_and_keeps_none(client_of_api, administrator):
    clients.rotate_secret(client_of_api.access, actor=administrator, reason="Invented leak")
    newest = history.changes(client_of_api.access, administrator)[0]
    assert (newest.reason, newest.verb) == ("Invented leak", "rotate_secret")
    events = history.event_model(ClientAccess)
    assert not {"old_secret", "last_used_at"} & {field.name for field in events._meta.get_fields()}


@pytest.mark.parametrize("verb", ["rotate_secret", "withdraw_old_secret", "withdraw_tokens"])
def test_a_page_that_was_opened_before_another_change_changes_nothing(client_of_api, administrator, verb):
    ClientAccess.objects.update(scopes=["events:read"])
    with pytest.raises(LostEdit):
        getattr(clients, verb)(client_of_api.access, actor=administrator, version=client_of_api.access.version)


EVERY_SCOPE = ApiClient("invented", "Invented", frozenset({"core:read", "core:write"}))


@pytest.mark.parametrize("role", [Role.OFFICER, Role.AUDITOR, Role.PROTECTION_OFFICER, None])
def test_only_an_administrator_may(client_of_api, role):
    actor = make.UserFactory(role=role) if role else EVERY_SCOPE
    access = client_of_api.access
    given = {"actor": actor, "name": "Invented", "scopes": unprotected()}
    for act in (
        lambda: clients.open_client(**given),
        lambda: clients.change_client(access, requests_per_minute=None, **given),
        lambda: clients.rotate_secret(access, actor=actor),
        lambda: clients.withdraw_old_secret(access, actor=actor),
        lambda: clients.withdraw_tokens(access, actor=actor),
    ):
        with pytest.raises(Refused, match="Seul|Only who administers"):
            act()
    assert not ClientAccess.objects.visible_to(actor).exists()
    assert not may(actor, "view", ClientAccess)


@pytest.mark.parametrize("name", ["", "   "])
def test_a_client_has_a_name(administrator, name):
    with pytest.raises(Refused):
        clients.open_client(actor=administrator, name=name, scopes=[])
    assert not Application.objects.exists()


def test_an_unknown_scope_is_refused_by_name(administrator):
    with pytest.raises(ValidationError, match="unicorns:read"):
        clients.open_client(actor=administrator, name="Invented", scopes=["unicorns:read"])


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"requests_per_minute": 0}, "core_clientaccess_rate_plausible"),
        ({"requests_per_minute": 1_000_001}, "core_clientaccess_rate_plausible"),
        ({"old_secret": "md5$a$b"}, "core_clientaccess_old_secret_ends"),
        ({"old_until": clock.real()}, "core_clientaccess_old_secret_ends"),
        ({"old_secret": "plain", "old_until": clock.real()}, "core_clientaccess_old_secret_hashed"),
    ],
)
def test_what_the_database_refuses(client_of_api, values, rule):
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        ClientAccess.objects.update(**values)


# --- tokens ---


def test_withdrawn_tokens_open_nothing_from_the_next_request_on(client_of_api, administrator):
    first, second, other = (
        caller(client_of_api),
        caller(client_of_api),
        caller(make.ApiClientFactory(client_secret=SECRET)),
    )
    assert clients.tokens_of(client_of_api).count() == 2
    assert clients.withdraw_tokens(client_of_api.access, actor=administrator) == 2
    assert [api.get(CITIES).status_code for api in (first, second, other)] == [401, 401, 200]
    assert caller(client_of_api).get(CITIES).status_code == 200


def test_a_revoked_token_and_an_expired_one_open_nothing(client_of_api, time_machine):
    token, later = (ask(client_of_api).json()["access_token"] for _each in range(2))
    given = {"token": token}
    assert Client().post("/o/revoke_token/", given, headers=basic(client_of_api, SECRET)).status_code == 200
    assert with_token(token).get(CITIES).status_code == 401
    assert with_token(later).get(CITIES).status_code == 200
    time_machine.move_to(clock.real() + timedelta(hours=1, seconds=1))
    answer = with_token(later).get(CITIES)
    assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="parvis", error="invalid_token"')


def test_a_client_revokes_no_token_of_another(client_of_api):
    other = make.ApiClientFactory(client_secret="another-secret")
    token = ask(client_of_api).json()["access_token"]
    Client().post("/o/revoke_token/", {"token": token}, headers=basic(other, "another-secret"))
    assert with_token(token).get(CITIES).status_code == 200


def test_a_token_of_a_persons_grant_is_none(client_of_api):
    api = caller(client_of_api)
    AccessToken.objects.update(user=make.UserFactory(role=Role.ADMINISTRATOR))
    assert api.get(CITIES).status_code == 401


@pytest.mark.parametrize("token", ["", " ", "a b", "é", "x" * 5000, "'; --"])
def test_what_is_no_token_is_refused(token):
    assert with_token(token.encode().decode("latin-1")).get(CITIES).status_code == 401


def test_introspection_tells_what_a_token_opens_now(client_of_api):
    token = ask(client_of_api).json()["access_token"]
    ClientAccess.objects.update(scopes=["events:read"])
    answer = Client().post("/o/introspect/", {"token": token}, headers=basic(client_of_api, SECRET))
    assert (answer.json()["active"], answer.json()["scope"]) == (True, "events:read")
    gone = Client().post("/o/introspect/", {"token": "unknown"}, headers=basic(client_of_api, SECRET))
    assert gone.json() == {"active": False}


# --- what a check costs ---


def test_a_token_is_checked_in_one_query_and_its_use_written_once_in_five_minutes(client_of_api, time_machine):
    time_machine.move_to(clock.real(), tick=False)
    api = caller(client_of_api)

    def writes() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert api.get("/api/v1/").status_code == 200
        tokens = [query for query in asked if "oauth2_provider_accesstoken" in query["sql"]]
        assert len(tokens) == 1
        return len(asked) - len(tokens)

    assert (writes(), writes()) == (1, 0)
    assert ClientAccess.objects.get().last_used_at == clock.real()
    seen = clock.real()
    time_machine.move_to(seen + timedelta(minutes=4, seconds=59), tick=False)
    assert writes() == 0
    time_machine.move_to(seen + timedelta(minutes=5, seconds=1), tick=False)
    assert (writes(), writes()) == (1, 0)
    assert ClientAccess.objects.get().last_used_at == clock.real()


def test_two_requests_at_once_note_one_use(client_of_api):
    one, other = (ClientAccess.objects.get() for _each in range(2))
    clients.note_use(one.pk, None)
    with CaptureQueriesContext(connection) as asked:
        clients.note_use(other.pk, None)
    assert "last_used_at" in asked[0]["sql"]
    noted = ClientAccess.objects.get().last_used_at
    clients.note_use(other.pk, None)
    assert ClientAccess.objects.get().last_used_at == noted


def test_use_is_no_change_of_what_a_client_may(client_of_api):
    before = ClientAccess.objects.get()
    clients.note_use(before.pk, before.last_used_at)
    after = ClientAccess.objects.get()
    assert (after.version, after.updated_at) == (before.version, before.updated_at)
    assert len(history.changes(after, Parvis())) == 1

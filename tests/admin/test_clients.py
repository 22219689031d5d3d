"""The administrator's pages of the API's clients: what one may ask for, when it last called, its secrets and its tokens."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.hashers import check_password
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from oauth2_provider.models import AccessToken, Application

from core import clients, clock
from core.models import ClientAccess
from tests import factories as make

LIST = "admin:oauth2_provider_application_changelist"
ADD = "admin:oauth2_provider_application_add"
VERBS = ("rotate-secret", "withdraw-old-secret", "withdraw-tokens")


@pytest.fixture
def client_of_api(db) -> Application:
    return make.ApiClientFactory(name="Invented map")


def page(client, name: str = "change") -> str:
    return reverse(f"admin:oauth2_provider_application_{name}", args=[client.pk])


def verb(client, name: str) -> str:
    return reverse("admin:oauth2_provider_application_verb", args=[client.pk, name])


def version(client) -> int:
    return ClientAccess.objects.get(client=client).version


def said(response) -> list[str]:
    return [str(message) for message in response.context["messages"]]


def drawn(response) -> str:
    return next((found.group(1) for text in said(response) if (found := re.search(r"Secret: ([\w-]{43})\.", text))), "")


def given(client, **changes) -> dict:
    return {"name": client.name, "scopes": ["events:read"], "opened_version": version(client)} | changes


def test_a_client_is_opened_with_the_scopes_that_are_ticked_and_its_secret_shown_once(administrator):
    values = {"name": "Invented map", "scopes": ["events:read", "core:read"], "requests_per_minute": "30"}
    shown = administrator.post(reverse(ADD), values, follow=True)
    access = ClientAccess.objects.get()
    assert (access.scopes, access.requests_per_minute) == (["core:read", "events:read"], 30)
    secret = drawn(shown)
    assert check_password(secret, access.client.client_secret)
    assert secret not in administrator.get(page(access.client)).content.decode()


def test_scopes_and_limit_are_changed_and_the_history_says_so_and_why(administrator, client_of_api):
    values = given(client_of_api, name="Other map", requests_per_minute="5", change_reason="Invented contract")
    shown = administrator.post(page(client_of_api), values, follow=True)
    assert shown.redirect_chain, shown.context["adminform"].form.errors
    client_of_api.refresh_from_db()
    assert (client_of_api.name, client_of_api.access.scopes, client_of_api.access.requests_per_minute) == (
        "Other map",
        ["events:read"],
        5,
    )
    newest = administrator.get(page(client_of_api, "history")).context["page"].object_list[0]
    assert (newest.verb, newest.change.reason) == ("Scopes and limits changed", "Invented contract")
    assert newest.change.author == str(administrator.user)
    assert [field.after for field in newest.fields] == ["events:read", "5"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", " "), ("scopes", ["unicorns:read"]), ("requests_per_minute", "0"), ("requests_per_minute", "many")],
)
def test_what_is_refused_stands_beside_its_field(administrator, client_of_api, field, value):
    shown = administrator.post(page(client_of_api), given(client_of_api, **{field: value}))
    assert shown.status_code == 200
    assert list(shown.context["adminform"].form.errors) == [field]
    assert ClientAccess.objects.get().scopes != ["events:read"]


def test_another_administrators_change_is_not_overwritten(administrator, client_of_api):
    values = given(client_of_api)
    ClientAccess.objects.update(requests_per_minute=7)
    shown = administrator.post(page(client_of_api), values)
    assert "changed since you opened it" in str(shown.context["adminform"].form.errors)
    assert ClientAccess.objects.get().requests_per_minute == 7


def test_the_secret_is_replaced_by_a_button_and_the_old_one_withdrawn_by_another(administrator, client_of_api):
    old = client_of_api.client_secret
    assert verb(client_of_api, "rotate-secret") in administrator.get(page(client_of_api)).content.decode()
    assert administrator.get(verb(client_of_api, "rotate-secret")).status_code == 200
    asked = {"version": version(client_of_api), "reason": "Invented leak"}
    shown = administrator.post(verb(client_of_api, "rotate-secret"), asked, follow=True)
    access = ClientAccess.objects.get()
    assert check_password(drawn(shown), access.client.client_secret)
    assert access.old_secret == old
    text = shown.content.decode()
    assert verb(client_of_api, "withdraw-old-secret") in text
    assert verb(client_of_api, "rotate-secret") not in text
    asked = {"version": access.version, "reason": ""}
    shown = administrator.post(verb(client_of_api, "withdraw-old-secret"), asked, follow=True)
    assert said(shown) == ["The old secret opens nothing any more."]
    assert ClientAccess.objects.get().old_secret == ""
    entries = administrator.get(page(client_of_api, "history")).context["page"].object_list
    assert [(entry.verb, entry.change.reason) for entry in entries[:2]] == [
        ("Withdraw the old secret now", ""),
        ("Replace the secret", "Invented leak"),
    ]


def test_a_refused_verb_says_why_and_does_nothing(administrator, client_of_api):
    clients.rotate_secret(client_of_api.access, actor=administrator.user)
    asked = {"version": version(client_of_api)}
    shown = administrator.post(verb(client_of_api, "rotate-secret"), asked)
    assert "The secret before this one works until" in shown.content.decode()
    stale = administrator.post(verb(client_of_api, "withdraw-tokens"), {"version": 1})
    assert "changed since you opened it" in stale.content.decode()
    assert version(client_of_api) == asked["version"]


def test_all_tokens_are_withdrawn_by_a_button(administrator, client_of_api):
    for number, hours in enumerate((1, 1, -1)):
        expires = clock.real() + timedelta(hours=hours)
        AccessToken.objects.create(application=client_of_api, token=f"invented-{number}", expires=expires)
    assert administrator.get(page(client_of_api)).context["adminform"].model_admin.tokens(client_of_api) == 2
    asked = {"version": version(client_of_api)}
    shown = administrator.post(verb(client_of_api, "withdraw-tokens"), asked, follow=True)
    assert said(shown) == ["3 tokens were withdrawn."]
    assert not AccessToken.objects.exists()


def test_the_list_tells_the_last_use_in_a_fixed_number_of_queries(administrator, client_of_api):
    assert "never" in administrator.get(reverse(LIST)).content.decode()
    clients.note_use(client_of_api.access.pk, None)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert "never" not in administrator.get(reverse(LIST)).content.decode()
        return len(asked)

    one = queries()
    for _each in range(3):
        clients.note_use(make.ApiClientFactory().access.pk, None)
    assert queries() == one
    assert administrator.get(reverse(LIST) + "?o=3").status_code == 200


def test_a_client_that_was_never_given_anything_has_a_page(administrator):
    client = make.ApiClientFactory(access=None, name="Invented")
    assert administrator.get(page(client)).status_code == 200
    assert administrator.get(page(client, "history")).status_code == 200
    assert administrator.get(verb(client, "withdraw-tokens")).status_code == 404
    shown = administrator.post(page(client), {"name": "Invented", "scopes": ["events:read"]}, follow=True)
    assert shown.redirect_chain
    assert ClientAccess.objects.get().scopes == ["events:read"]


def test_a_protected_scope_says_that_it_is_one(administrator, client_of_api, monkeypatch):
    import partnerships.api

    monkeypatch.setattr(partnerships.api, "PROTECTED_SCOPES", {"invented:protected": "Invented."}, raising=False)
    assert "invented:protected — Invented. (protected)" in administrator.get(page(client_of_api)).content.decode()


def test_nobody_else_sees_or_does_anything(officer, auditor, deputy, client_of_api):
    before = version(client_of_api)
    for client in (officer, auditor, deputy):
        refused = {302, 403}  # a deputy is asked to sign in as somebody who works in the admin
        for address in (reverse(LIST), page(client_of_api), page(client_of_api, "history"), reverse(ADD)):
            assert client.get(address).status_code in refused
        for name in VERBS:
            assert client.get(verb(client_of_api, name)).status_code in refused
            assert client.post(verb(client_of_api, name), {"version": before}).status_code in refused
        assert client.post(page(client_of_api), given(client_of_api)).status_code in refused
    assert version(client_of_api) == before


@pytest.mark.parametrize("name", ["unicorn", "rotate-secret"])
def test_what_does_not_exist_is_not_found(administrator, client_of_api, name):
    key = client_of_api.pk if name == "unicorn" else 10**9
    address = reverse("admin:oauth2_provider_application_verb", args=[key, name])
    assert administrator.get(address).status_code == 404
    nonsense = reverse("admin:oauth2_provider_application_verb", args=["x", "rotate-secret"])
    assert administrator.get(nonsense).status_code == 404

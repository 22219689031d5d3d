"""Who reaches which page, and that nothing is open by accident."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.decorators import login_not_required
from django.db import connection
from django.urls import URLPattern, get_resolver
from django.urls.converters import get_converters

from core.roles import Role
from tests.mandate.accounts import adopted
from tests.pages.conftest import everything, hospitality, joined_network, partner_city, solidarity

ROLES = [Role.DEPUTY, Role.OFFICER, Role.AUDITOR, Role.SOLIDARITY_OFFICER]

# Every address that a stranger may ask for, by name. Nothing else answers without signing in.
OPEN_TO_STRANGERS = {
    "language",
    "accessibility",
    "health",
    "admin:login",
    "account_login",
    "account_logout",
    "account_inactive",
    "account_signup",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_confirm_email",
    "account_confirm_login_code",
    "account_email_verification_sent",
    "mfa_authenticate",
    "mfa_login_webauthn",
    "openid_connect_callback",
    "openid_connect_login",
    "socialaccount_login_cancelled",
    "socialaccount_signup",
    # A system signs in there with its client credentials.
    "oauth2_provider:token",
    "oauth2_provider:revoke-token",
    "oauth2_provider:introspect",
    # A calendar reads there by the secret in the address.
    "events:feed",
    # Somebody who is not signed in stops the reminders of a rule by the address in an e-mail.
    "mute-rule",
    # For the orchestrator and what watches it.
    "reminders-alive",
    "metrics",
}


def patterns(resolver, namespaces=()):
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            yield ":".join([*namespaces, entry.name or str(entry.pattern)]), entry
        else:
            inner = (*namespaces, entry.namespace) if entry.namespace else namespaces
            yield from patterns(entry, inner)


def is_open(callback) -> bool:
    return not getattr(callback, "login_required", True)


@pytest.mark.django_db
def test_every_address_asks_to_sign_in_unless_it_is_exempted_by_name():
    # The API answers strangers itself, with 401: its own tests hold that.
    found = {
        name
        for name, entry in patterns(get_resolver())
        if is_open(entry.callback) and not name.startswith("api:") and "api" not in entry.callback.__module__
    }
    assert found == OPEN_TO_STRANGERS


def test_the_walk_sees_an_exempted_view():
    assert is_open(login_not_required(lambda request: None))
    assert not is_open(lambda request: None)
    assert get_converters()


def addresses():
    city, agreement = partner_city()
    network = joined_network()
    project, call = everything()
    grant = solidarity()
    hospitality()
    envelope = grant.allocations.get().envelope
    report = adopted({"value": 7, "unit": "count"})
    return [
        "/",
        "/cities/",
        city.get_absolute_url(),
        "/agreements/",
        agreement.get_absolute_url(),
        "/networks/",
        network.get_absolute_url(),
        "/projects/",
        project.get_absolute_url(),
        "/calls/",
        call.get_absolute_url(),
        "/culture/",
        "/exchanges/",
        "/practices/",
        "/solidarity/",
        envelope.fund.get_absolute_url(),
        envelope.get_absolute_url(),
        "/grants/",
        grant.get_absolute_url(),
        "/solidarity/emergencies/",
        "/solidarity/health/",
        "/honours/",
        "/report/",
        report.get_absolute_url(),
        "/preferences/",
        "/exports/",
        "/decisions/",
        "/dormant/",
        f"/dormant/{city.slug}/",
    ]


@pytest.mark.walk
@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_each_role_reads_each_page(reader, role, language):
    client = reader(role, language)
    for address in addresses():
        response = client.get(address)
        assert response.status_code == 200, address
        assert f'<html lang="{language}"' in response.content.decode()


@pytest.mark.django_db
def test_a_stranger_is_sent_to_sign_in(client):
    for address in addresses():
        response = client.get(address)
        assert response.status_code == 302, address
        assert response.url == f"/accounts/login/?next={address}"


@pytest.mark.django_db
def test_only_those_who_may_change_a_record_are_led_to_the_admin(reader):
    city, agreement = partner_city()
    shown = {}
    for role in (Role.OFFICER, Role.DEPUTY, Role.AUDITOR):
        client = reader(role)
        shown[role] = [
            b"Edit in the admin" in client.get(page.get_absolute_url()).content for page in (city, agreement)
        ]
    assert shown == {Role.OFFICER: [True, True], Role.DEPUTY: [False, False], Role.AUDITOR: [False, False]}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["/cities/nowhere/", "/agreements/AGR-1900-0001/", "/networks/nothing/", "/nothing/"]
)
def test_what_does_not_exist_is_not_found_in_words(deputy, address):
    response = deputy.get(address)
    assert response.status_code == 404
    assert b"There is nothing at this address" in response.content


@pytest.mark.django_db(transaction=True)
def test_health_asks_both_servers_and_answers_a_stranger(client):
    def ask():
        try:
            return client.get("/health/", headers={"accept": "application/json"})
        finally:
            connection.close()

    # The view runs its checks in a loop of its own; a browser of another test may hold this thread's.
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(ask).result()
    assert answer.status_code == 200
    assert answer.json() == {"Database(alias='default')": "OK", "Cache(alias='default')": "OK"}


def test_the_accessibility_statement_answers_a_stranger(client):
    assert client.get("/accessibility/").status_code == 200


@pytest.mark.django_db
def test_pages_allow_no_inline_script_or_style(deputy):
    for address in addresses():
        response = deputy.get(address)
        body = response.content.decode()
        assert "default-src 'self'" in response["Content-Security-Policy"]
        assert "unsafe" not in response["Content-Security-Policy"]
        assert " style=" not in body
        assert "<style" not in body
        assert " onclick=" not in body

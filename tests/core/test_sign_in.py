"""Signing in: whose failures lock whom out, and which addresses are an account's own."""

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from core.roles import Role
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
PROXY = "10.0.0.1"


@pytest.fixture(autouse=True)
def _no_failures_yet():
    cache.clear()
    yield
    cache.clear()


def sign_in(user, password: str, address: str) -> bool:
    """Through a proxy that adds the visitor's address to whatever she claims to be."""
    client = Client(REMOTE_ADDR=PROXY, headers={"X-Forwarded-For": f"198.51.100.9, {address}"})
    client.post(reverse("account_login"), {"login": user.email, "password": password})
    return "_auth_user_id" in client.session


def test_the_failures_of_a_stranger_lock_nobody_else_out(settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    person, colleague = UserFactory(role=Role.OFFICER), UserFactory(role=Role.DEPUTY)
    for _attempt in range(40):
        assert not sign_in(person, "wrong", "203.0.113.7")
    assert sign_in(person, "invented-password", "203.0.113.8")
    assert sign_in(colleague, "invented-password", "203.0.113.8")
    assert not sign_in(person, "invented-password", "203.0.113.7")


def test_an_account_is_not_guessed_from_many_addresses(settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    person = UserFactory(role=Role.OFFICER)
    for attempt in range(30):
        assert not sign_in(person, "wrong", f"203.0.113.{attempt}")
    assert not sign_in(person, "invented-password", "203.0.113.200")


def test_nobody_adds_an_address_to_her_own_account():
    person = UserFactory(role=Role.OFFICER)
    client = Client()
    client.force_login(person)
    answer = client.post(reverse("account_email"), {"action_add": "", "email": "other@example.test"})
    assert answer.status_code == 404
    assert client.get(reverse("account_email")).status_code == 404
    assert not EmailAddress.objects.exists()


@pytest.mark.parametrize("verified", [True, False])
def test_single_sign_on_matches_only_a_verified_address(settings, rf, verified):
    person = UserFactory(email="known@example.test")
    EmailAddress.objects.create(user=person, email=person.email, verified=verified, primary=True)
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "APPS": [
                {"provider_id": "city", "name": "City", "client_id": "a", "settings": {"server_url": "https://a.test"}}
            ]
        }
    }
    provider = get_adapter().get_provider(rf.get("/"), "city")
    login = SocialLogin(
        account=SocialAccount(provider="city", uid="1"),
        email_addresses=[EmailAddress(email="Known@example.test", verified=True)],
        provider=provider,
    )
    found = get_adapter().authenticate_by_email(login)
    assert (found is not None) == verified

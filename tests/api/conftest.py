from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.handlers.wsgi import LimitedStream
from django.http import HttpResponse
from django.utils import timezone
from oauth2_provider.models import AccessToken
from rest_framework.test import APIClient, ForceAuthClientHandler

from core.api.again import Again, asked_of
from core.api.scopes import declared
from core.roles import Role
from tests.factories import ApiClientFactory, UserFactory


@pytest.fixture
def at_noon(time_machine):
    """No minute ends within a test; eighteen seconds of this one are over."""
    time_machine.move_to("2015-06-01 12:00:18+00:00", tick=False)


def token_for(*scopes: str, minutes: int = 60, name: str = "Invented system") -> str:
    """An access token of a new client that may ask for every scope, as /o/token/ would have given it."""
    # It was seen just now: noting that is no part of what is tested.
    application = ApiClientFactory(name=name, access__last_used_at=timezone.localtime())
    expires = timezone.localtime() + timedelta(minutes=minutes)
    token = f"token-{application.pk}"
    AccessToken.objects.create(token=token, application=application, expires=expires, scope=" ".join(scopes))
    return token


class AgainThenDjango(ForceAuthClientHandler):
    """As `config.wsgi` puts them together, within the test's transaction."""

    again = Again(lambda _environ, _start_response: [])

    def get_response(self, request):
        environ = request.environ
        asked = asked_of(environ)
        answer = asked and self.again.answer(environ, asked)
        # As `config.wsgi` has it, the request is made after the body was read, which can be read once more.
        request._stream = LimitedStream(environ["wsgi.input"], int(environ.get("CONTENT_LENGTH") or 0))
        if answer:
            status, said, body = answer
            return HttpResponse(body, headers=said, status=int(status[:3]))
        response = super().get_response(request)
        if asked:
            self.again.keep(request.environ, asked, f"{response.status_code} ", list(response.items()))
        return response


def bearer(*scopes: str, **kwargs) -> APIClient:
    """Another system with these scopes, or with every one, that reads English."""
    client = APIClient(HTTP_ACCEPT_LANGUAGE="en")
    client.handler = AgainThenDjango(client.handler.enforce_csrf_checks)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token_for(*(scopes or declared()), **kwargs)}")
    return client


def signed_in(role: Role, language: str = "en") -> APIClient:
    """A person of this role, signed in."""
    client = APIClient(HTTP_ACCEPT_LANGUAGE=language)
    client.force_login(UserFactory(role=role))
    return client


def messages(response) -> dict[str, str]:
    """The messages of a problem by field; several of one field are joined."""
    found: dict[str, str] = {}
    for error in response.json()["errors"]:
        found[error["field"]] = "; ".join(filter(None, [found.get(error["field"]), error["message"]]))
    return found


@pytest.fixture
def api(db) -> APIClient:
    return bearer()


@pytest.fixture
def administrator(db) -> APIClient:
    return signed_in(Role.ADMINISTRATOR)


@pytest.fixture
def told(monkeypatch):
    """For each request whether it was answered again."""
    answered = []
    at_once, whole = Again.answer, ForceAuthClientHandler.get_response

    def answer(self, environ, asked):
        found = at_once(self, environ, asked)
        if found:
            answered.append(True)
        return found

    def get_response(self, request):
        answered.append(False)
        return whole(self, request)

    monkeypatch.setattr(Again, "answer", answer)
    monkeypatch.setattr(ForceAuthClientHandler, "get_response", get_response)
    return answered


def summed(api: APIClient, address: str, column: str) -> Decimal:
    """The sum of a column over all the rows of a list."""
    response = api.get(address)
    assert response.status_code == 200, response.content
    shown = response.json()
    assert shown["next"] is None
    return sum((Decimal(row[column]) for row in shown["results"]), Decimal(0))

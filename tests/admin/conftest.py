import pytest
from django.test import Client

from core.roles import Role
from tests.factories import UserFactory


def _client(role: Role) -> Client:
    user = UserFactory(role=role, language="en")
    client = Client()
    client.force_login(user)
    client.user = user
    return client


@pytest.fixture
def administrator(db) -> Client:
    return _client(Role.ADMINISTRATOR)


@pytest.fixture
def officer(db) -> Client:
    return _client(Role.OFFICER)


@pytest.fixture
def solidarity_officer(db) -> Client:
    return _client(Role.SOLIDARITY_OFFICER)


@pytest.fixture
def auditor(db) -> Client:
    return _client(Role.AUDITOR)


@pytest.fixture
def deputy(db) -> Client:
    return _client(Role.DEPUTY)

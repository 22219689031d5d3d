import pytest
from django.utils.translation import override

from core.roles import Role
from tests.factories import UserFactory


@pytest.fixture(autouse=True)
def _english():
    with override("en"):
        yield


@pytest.fixture
def officer(db):
    return UserFactory(role=Role.OFFICER)


@pytest.fixture
def deputy(db):
    return UserFactory(role=Role.DEPUTY)

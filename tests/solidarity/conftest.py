import pytest
from django.utils.translation import override

from core.roles import Role
from tests.factories import UserFactory
from tests.solidarity import lives


@pytest.fixture(autouse=True)
def _english():
    with override("en"):
        yield


@pytest.fixture
def officer(db):
    return UserFactory(role=Role.SOLIDARITY_OFFICER)


@pytest.fixture
def colleague(db):
    """Another officer: nobody approves a file that he or she instructed."""
    return UserFactory(role=Role.SOLIDARITY_OFFICER)


@pytest.fixture
def deputy(db):
    return UserFactory(role=Role.DEPUTY)


@pytest.fixture
def law(db):
    """The figures of the law, each from its day on."""
    lives.law_in_force()

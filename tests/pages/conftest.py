"""Readers and a small invented register for the tests of pages."""

import pytest
from django.test import Client

from core.roles import Role
from tests import factories


@pytest.fixture
def reader(db):
    """`reader(role)`: a signed-in client that reads English."""

    def sign_in(role: Role, language: str = "en") -> Client:
        user = factories.UserFactory(role=role, language=language, is_staff=role != Role.DEPUTY)
        client = Client()
        client.force_login(user)
        client.user = user
        return client

    return sign_in


@pytest.fixture
def deputy(reader):
    return reader(Role.DEPUTY)


def partner_city(**fields):
    """A partner city with an area, a source for its tie, and a signed agreement that is not in force."""
    city = factories.CityFactory(**fields)
    factories.CityAreaFactory(city=city)
    relation = factories.RelationFactory(city=city)
    factories.CitationFactory(record=relation)
    agreement = factories.AgreementFactory(signed=True)
    factories.AgreementPartyFactory(agreement=agreement, city=city)
    return city, agreement


def joined_network():
    network = factories.NetworkFactory()
    factories.MembershipFactory(network=network, role="chair")
    factories.DuesFactory(network=network)
    return network

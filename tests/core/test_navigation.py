"""The main navigation: home, what the apps register, the admin."""

import re

import pytest

from core import navigation
from core.navigation import Entry, entries, register
from core.roles import Role
from tests import factories


def links(client, address: str) -> list[tuple[str, str, str]]:
    """The address, the mark and the words of each link of the main navigation."""
    body = client.get(address).content.decode()
    found = re.search(r'<nav aria-label="Main">(.*?)</nav>', body, re.DOTALL)
    return re.findall(r'<li><a href="([^"]+)"(?: aria-current="(\w+)")?>([^<]+)</a></li>', found.group(1))


@pytest.fixture
def officer(client, db):
    client.force_login(factories.UserFactory(role=Role.OFFICER, language="en", is_staff=True))
    return client


def test_entries_stand_in_their_order(monkeypatch):
    monkeypatch.setattr(navigation, "_entries", [])
    register(Entry("Late", "home", order=2), Entry("First", "home", order=1), Entry("Second", "home", order=1))
    assert [entry.label for entry in entries()] == ["First", "Second", "Late"]


def test_home_comes_first_and_the_admin_last(officer):
    shown = links(officer, "/")
    assert shown[0] == ("/", "page", "Home")
    assert shown[-1] == ("/admin/", "", "Admin")
    assert ("/agreements/", "", "Agreements") in shown


def test_the_page_and_the_one_above_it_are_marked(officer):
    agreement = factories.AgreementFactory()
    marked = {
        address: [(link, mark) for link, mark, _words in links(officer, address) if mark]
        for address in ("/agreements/", agreement.get_absolute_url(), "/preferences/")
    }
    assert marked == {
        "/agreements/": [("/agreements/", "page")],
        agreement.get_absolute_url(): [("/agreements/", "true")],
        "/preferences/": [],
    }


def test_the_admin_is_not_offered_to_deputies(client, db):
    client.force_login(factories.UserFactory(role=Role.DEPUTY, language="en"))
    assert [words for _link, _mark, words in links(client, "/")][-1] != "Admin"


def test_an_entry_for_a_model_stands_only_for_those_who_may_view_it(client, db, monkeypatch):
    monkeypatch.setattr(navigation, "_entries", [])
    register(Entry("Accounts", "preferences", model="core.user"))
    for role, shown in ((Role.ADMINISTRATOR, True), (Role.DEPUTY, False)):
        client.force_login(factories.UserFactory(role=role, language="en"))
        assert ("Accounts" in [words for _link, _mark, words in links(client, "/")]) is shown

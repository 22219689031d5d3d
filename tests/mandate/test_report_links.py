"""“See the records” opens exactly the records that the statement counts."""

from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import transaction
from django.test import Client
from django.utils.translation import override

from core import loading
from core.roles import Role
from mandate.models import Report
from mandate.reports.account import Entry
from mandate.reports.writing import account
from tests.factories import UserFactory

DEMO = date(2015, 6, 1)


def _paged(shown: Any, part: str) -> int:
    return shown["page"].paginator.count


def _practices(shown: Any, part: str) -> int:
    return next(len(found) for kind, found in shown["groups"] if part == f"kind-{kind}-title")


# How many records each page shows, or the part of it that the address names.
LISTS: dict[str, Callable[[Any, str], int]] = {
    "/cities/": lambda shown, part: _paged(shown, part) + len(shown["models"]),
    "/agreements/": _paged,
    "/networks/": lambda shown, part: len(shown["active"]) + len(shown["planned"]),
    "/missions/": _paged,
    "/delegations/": _paged,
    "/events/": _paged,
    "/projects/": _paged,
    "/practices/": _practices,
    "/grants/": _paged,
    "/solidarity/": lambda shown, part: len(shown[{"funds": "funding"}[part]].funds),
}


@pytest.fixture(scope="module")
def deputy(django_db_setup, django_db_blocker):
    """Reads the Paris data with the invented samples, which are taken back afterwards."""
    with django_db_blocker.unblock(), transaction.atomic():
        loading.load("load_paris")
        loading.load("load_samples", samples=True)
        yield UserFactory(role=Role.DEPUTY, language="en")
        transaction.set_rollback(True)


def stated(reader, since: date) -> list[Entry]:
    period = Report(title_fr="Essai", title_en="Trial", starts_on=since, ends_on=DEMO)
    with override("en"):
        return [entry for section in account(period, reader).sections for entry in section.entries]


def opened(reader, link: str) -> int | str:
    """How many records the reader finds there; what she is told where it is asked wrongly."""
    client = Client()
    client.force_login(reader)
    address = urlsplit(link)
    response = client.get(link)
    assert response.status_code == 200, link
    problems = response.context.get("problems")
    return str(problems) if problems else LISTS[address.path](response.context, address.fragment)


@pytest.mark.walk
@pytest.mark.django_db
def test_a_link_opens_what_is_counted(deputy):
    # Of two periods: what began in the first did not in the second.
    for since in (date(2014, 4, 5), date(2015, 1, 1)):
        linked = [entry for entry in stated(deputy, since) if entry.link]
        assert len(linked) > 20
        counts = {entry.key: len(entry.records) if entry.total is None else entry.total for entry in linked}
        assert {entry.key: opened(deputy, entry.link) for entry in linked} == counts


@pytest.mark.walk
@pytest.mark.django_db
def test_every_name_behind_a_statement_is_a_way_to_its_record(deputy):
    """Also that of a programme, which has no page but its calls."""
    found = {entry.key: entry for entry in stated(deputy, date(2014, 4, 5))}["european-programmes"]
    assert found.records
    for record in found.records:
        assert record.link.startswith("/calls/?programme=")

"""Sections that another app adds to a record's page."""

import pytest

from core import panels
from core.panels import Panel, panel, panels_for
from core.roles import Role
from partnerships.models import Agreement, City
from tests import factories

pytestmark = pytest.mark.django_db
TEMPLATE = "core/_deadlines.html"
PAGES = [
    factories.CityFactory,
    factories.AgreementFactory,
    factories.NetworkFactory,
    factories.ProjectFactory,
    factories.GrantFactory,
]


@pytest.fixture(autouse=True)
def _no_other_panel(monkeypatch):
    """No panel but those that the test registers."""
    monkeypatch.setattr(panels, "_makers", {})


@pytest.fixture
def shown(client):
    client.force_login(factories.UserFactory(role=Role.DEPUTY, language="en"))
    return lambda record: client.get(record.get_absolute_url()).content.decode()


def said(title: str, text: str = "Nothing.", **fields) -> Panel:
    return Panel(title, TEMPLATE, {"items": [], "none_text": text}, **fields)


def test_panels_come_in_their_order_and_those_with_nothing_to_say_do_not_come():
    panel(City)(lambda record, reader: said("Late", order=5))
    panel("partnerships.City")(lambda record, reader: said("First"))
    panel(City)(lambda record, reader: said("Second"))
    panel(City)(lambda record, reader: None)
    panel(Agreement)(lambda record, reader: said("Elsewhere"))
    assert [found.title for found in panels_for(factories.CityFactory(), None)] == ["First", "Second", "Late"]


def test_on_the_page_of_a_city_what_is_urgent_is_read_first(shown):
    panel(City)(lambda record, reader: said("Invented urgency", order=-1))
    panel(City)(lambda record, reader: said("Invented rest"))
    body = shown(factories.CityFactory())
    places = [body.index(text) for text in ("Invented urgency", 'id="ties-title"', "Invented rest")]
    assert places == sorted(places)


@pytest.mark.parametrize("factory", PAGES)
def test_a_panel_stands_on_the_page_of_its_record(shown, factory):
    record = factory()
    assert 'id="panel-after-1-title"' not in shown(record)

    @panel(type(record))
    def projects(found, reader):
        return said("Invented projects", f"{reader.email} reads of record {found.pk}.")

    body = shown(record)
    assert '<h2 id="panel-after-1-title">Invented projects</h2>' in body
    assert f"@example.test reads of record {record.pk}." in body

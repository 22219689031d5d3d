"""What is published as a figure, in which unit, broken down by what, and for whom."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ImproperlyConfigured

from core import clock, figures
from core.access import ApiClient
from core.figures import Euros, Figure, Ratio, Row, Share, figure, figures_for, register, unit_of, value_of
from core.roles import Role
from tests.api.conftest import bearer, messages, signed_in
from tests.factories import RelationFactory, UserFactory
from tests.past import ago, written_on


def invented(name: str, measured, model: str = "core.source", **fields) -> Figure:
    return Figure(name, name.title(), "Invented.", lambda reader: measured, "sources", {}, model=model, **fields)


@pytest.fixture
def registry(monkeypatch):
    """No figure but those that the test registers."""
    monkeypatch.setattr(figures, "_figures", {})


def names(reader) -> list[str]:
    return [found.name for found in figures_for(reader)]


def test_a_name_is_taken_once_and_a_model_must_be_there(registry):
    register(invented("one", 1))
    with pytest.raises(ImproperlyConfigured, match="one"):
        register(invented("one", 2))
    with pytest.raises(LookupError):
        register(invented("two", 2, model="core.nothing"))
    assert figure("one").measure(None) == 1
    with pytest.raises(KeyError):
        figure("two")


@pytest.mark.parametrize(
    ("measured", "unit", "value"),
    [
        (0, "count", 0),
        (Share(1, 3), "percent", 33),
        (Share(0, 0), "percent", None),
        (Euros(Decimal("0")), "EUR", Decimal("0")),
        (Euros(None), "EUR", None),
        (Ratio(Decimal("1.25"), "for one euro"), "ratio", Decimal("1.25")),
        (Ratio(None), "ratio", None),
    ],
)
def test_the_unit_says_what_the_value_is(measured, unit, value):
    assert (unit_of(measured), value_of(measured)) == (unit, value)


@pytest.mark.django_db
def test_a_figure_is_for_those_who_may_view_its_model(registry):
    register(
        invented("sources", 1), invented("cities", 2, model="partnerships.city"), invented("users", 3, "core.user")
    )
    assert names(UserFactory(role=Role.DEPUTY)) == ["sources", "cities"]
    assert names(UserFactory(role=Role.ADMINISTRATOR)) == ["sources", "cities", "users"]
    assert names(UserFactory()) == []
    assert names(ApiClient("x", "x", frozenset({"partnerships:read"}))) == ["cities"]
    assert names(ApiClient("x", "x", frozenset({"partnerships:write", "core:write"}))) == []


@pytest.mark.django_db
def test_the_records_behind_a_figure_may_follow_from_the_day(registry, settings):
    def this_year():
        return {"q": str(clock.today().year)}

    register(
        Figure("one", "One", "Invented.", lambda reader: 1, "sources", this_year, model="core.source"),
        Figure("two", "Two", "Invented.", lambda reader: 2, "sources", {}, this_year, model="core.source"),
        invented("three", 3, less=("sources", this_year)),
    )
    for year in (2014, 2015):
        settings.TODAY = date(year, 6, 1)
        shown = bearer("core:read").get("/api/v1/figures/").json()["results"]
        assert [
            [(found[link] or "").rpartition("/")[2] for link in ("link", "part_link", "less_link")] for found in shown
        ] == [[f"?q={year}", "", ""], ["?", f"?q={year}", ""], ["?", "", f"?q={year}"]]


def listed(api) -> list[str]:
    return [found["name"] for found in api.get("/api/v1/figures/").json()["results"]]


@pytest.mark.django_db
def test_a_client_reads_the_figures_of_the_apps_that_its_scopes_open(registry):
    register(invented("sources", 1), invented("cities", 2, model="partnerships.city"))
    assert listed(bearer("partnerships:read")) == ["cities"]
    assert listed(bearer("core:read")) == ["sources"]
    assert bearer("core:read").get("/api/v1/figures/cities/").status_code == 404
    assert listed(signed_in(Role.DEPUTY)) == ["sources", "cities"]
    refused = bearer("partnerships:write").get("/api/v1/figures/")
    assert refused.status_code == 403
    assert refused.json()["detail"] == "The access token has none of these scopes: core:read, partnerships:read."
    assert 'scope="core:read partnerships:read"' in refused.headers["WWW-Authenticate"]


@pytest.mark.django_db
def test_the_only_scope_that_would_do_is_named(registry):
    register(invented("cities", 2, model="partnerships.city"))
    refused = bearer("core:read").get("/api/v1/figures/")
    assert refused.json()["detail"] == "The access token lacks the scope “partnerships:read”."


@pytest.mark.django_db
def test_amounts_and_ratios_are_decimal_strings(registry):
    register(
        invented("amount", Euros(Decimal("1234.5"))),
        invented("unknown", Euros(None)),
        invented("leverage", Ratio(Decimal("2.5"))),
        invented("share", Share(1, 4)),
        invented("count", 7),
    )
    shown = {
        found["name"]: (found["unit"], found["value"], found["part"], found["whole"])
        for found in bearer("core:read").get("/api/v1/figures/").json()["results"]
    }
    assert shown == {
        "amount": ("EUR", "1234.50", None, None),
        "unknown": ("EUR", None, None, None),
        "leverage": ("ratio", "2.50", None, None),
        "share": ("percent", 25, 1, 4),
        "count": ("count", 7, None, None),
    }


@pytest.mark.django_db
def test_a_figure_is_broken_down_by_what_it_knows(registry):
    def by_year(reader):
        return [Row("2014", "2014", Euros(Decimal("10"))), Row("2015", "2015", Share(1, 2))]

    register(
        invented("amount", Euros(Decimal("10")), breakdowns={"year": by_year, "theme": lambda reader: []}),
        invented("count", 7),
    )
    api = bearer("core:read")
    assert api.get("/api/v1/figures/amount/").json()["breakdown"] is None
    assert api.get("/api/v1/figures/amount/?by=theme").json()["breakdown"] == []
    assert api.get("/api/v1/figures/amount/?by=year").json()["breakdown"] == [
        {"key": "2014", "label": "2014", "unit": "EUR", "value": "10.00", "part": None, "whole": None},
        {"key": "2015", "label": "2015", "unit": "percent", "value": 50, "part": 1, "whole": 2},
    ]
    wrong = api.get("/api/v1/figures/amount/?by=moon")
    assert (wrong.status_code, messages(wrong)) == (400, {"by": "There is no moon here; there are: year, theme."})
    whole = api.get("/api/v1/figures/count/?by=year")
    assert (whole.status_code, messages(whole)) == (400, {"by": "This figure is not broken down."})
    assert api.get("/api/v1/figures/?by=year").status_code == 400


@pytest.mark.django_db
def test_figures_are_counted_as_of_a_past_day():
    with written_on(ago(5)):
        RelationFactory()
    RelationFactory()
    api = bearer("partnerships:read")

    def counted(**query) -> list[int]:
        listed = api.get("/api/v1/figures/", query).json()["results"]
        one = api.get("/api/v1/figures/partner-cities/", query).json()
        return [found["value"] for found in (*listed, one) if found["name"] == "partner-cities"]

    assert counted() == [2, 2]
    assert counted(as_of=ago(3).isoformat()) == [1, 1]
    assert counted(as_of="") == [2, 2]
    for asked, sentence in (
        ("yesterday", "This is not a day. Write it as year, month and day: 2016-12-31."),
        (ago(-1).isoformat(), "That day has not come yet: choose today or an earlier one."),
    ):
        for address in ("/api/v1/figures/", "/api/v1/figures/partner-cities/"):
            refused = api.get(address, {"as_of": asked})
            assert (refused.status_code, messages(refused)) == (400, {"as_of": sentence})

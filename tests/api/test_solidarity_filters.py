"""What the lists of solidarity are narrowed by."""

import pytest

from solidarity import services
from tests import factories
from tests.api import lives
from tests.api.conftest import messages, summed
from tests.solidarity.lives import grant_in, pay

pytestmark = pytest.mark.django_db


@pytest.fixture
def grants():
    """A rich grant, in payment; an application for an emergency; a bare draft of the year before."""
    fund = factories.FundFactory(slug="water")
    envelope = factories.EnvelopeFactory(fund=fund)
    rich = lives.paid(
        envelope=envelope,
        reference="GRA-RICH",
        title_fr="Écoles",
        beneficiary=factories.OrganisationFactory(slug="body"),
        theme=factories.ThemeFactory(slug="theme"),
        project=factories.ProjectFactory(reference="PRJ-RICH"),
    )
    factories.GrantPlaceFactory(grant=rich, city__slug="far", city__country__code="AA")
    factories.GrantPlaceFactory(grant=rich, city=None, country=factories.CountryFactory(code="BB"))
    flood = factories.CrisisPlaceFactory(crisis__slug="flood", crisis__kind="disaster", country__code="CC").crisis
    waiting = factories.GrantFactory(reference="GRA-CRISIS", crisis=flood, amount_asked=50000, received_on="2015-05-04")
    services.submit_grant(waiting, actor=factories.UserFactory(role="solidarity-officer"))
    factories.GrantPlaceFactory(grant=waiting, city__slug="struck")
    factories.GrantFactory(reference="GRA-BARE", year=2014, received_on=None, amount_asked=None)
    return rich


RICH, CRISIS, BARE, ALL = ["RICH"], ["CRISIS"], ["BARE"], ["RICH", "CRISIS", "BARE"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ALL),
        ("q=ecoles", RICH),
        ("stage=in-payment", RICH),
        ("stage=draft&stage=submitted", ["CRISIS", "BARE"]),
        ("year=2014", BARE),
        ("year_max=2014", BARE),
        ("year_min=2015&year_max=2015", ["RICH", "CRISIS"]),
        ("beneficiary=body", RICH),
        ("fund=water", RICH),
        ("envelope={envelope}", RICH),
        ("country=AA", RICH),
        ("country=BB", RICH),
        ("country=CC", []),
        ("city=far", RICH),
        ("counted_in=far", RICH),
        ("counted_in=struck", []),
        ("theme=theme", RICH),
        ("project=PRJ-RICH", RICH),
        ("crisis=flood", CRISIS),
        ("deliberation={deliberation}", RICH),
        ("voted_before=2100-01-01", RICH),
        ("voted_after=2100-01-01", []),
        ("unpaid=true", RICH),
        ("unpaid=false", ["CRISIS", "BARE"]),
        ("waiting=true", CRISIS),
        ("waiting=false", ["RICH", "BARE"]),
        ("emergency=true", CRISIS),
        ("emergency=false", ["RICH", "BARE"]),
        ("asked_min=20000.01", CRISIS),
        ("asked_max=20000", RICH),
        ("granted_min=20000&granted_max=20000", RICH),
        ("granted_min=20000.01", []),
        ("received_after=2015-05-04", CRISIS),
        ("received_before=2015-05-03", RICH),
        ("waiting=true&stage=draft", []),
    ],
)
def test_grants_are_narrowed(api, grants, query, expected):
    allocation = grants.allocations.get()
    query = query.format(envelope=allocation.envelope_id, deliberation=grants.deliberation_id)
    response = api.get(f"/api/v1/grants/?{query}")
    assert response.status_code == 200, response.content
    assert [row["reference"].removeprefix("GRA-") for row in response.json()["results"]] == expected


@pytest.mark.parametrize(
    ("address", "count"),
    [
        ("payments/?grant=GRA-RICH", 1),
        ("payments/?grant=GRA-BARE", 0),
        ("payments/?fund=water&year=2015", 1),
        ("payments/?year=2014", 0),
        ("payments/?paid_after=2015-04-01&paid_before=2015-04-01", 1),
        ("payments/?paid_after=2015-04-02", 0),
        ("payments/?reference=PAY-LIST", 1),
        ("payments/?reference=PAY", 0),
        ("payments/?beneficiary=body", 1),
        ("envelopes/?fund=water", 1),
        ("envelopes/?fund_kind=emergency", 0),
        ("envelopes/?year=2015", 1),
        ("envelopes/?year=2016", 0),
        ("funds/?slug=water", 1),
        ("funds/?kind=emergency", 0),
        ("allocations/?fund=water&stage=in-payment&year=2015", 1),
        ("allocations/?stage=draft", 0),
        ("instalments/?grant=GRA-RICH", 2),
        ("report-lines/?grant=GRA-RICH", 1),
        ("crises/?country=CC", 1),
        ("crises/?country=AA", 0),
        ("crises/?kind=conflict", 0),
    ],
)
def test_what_belongs_to_grants_is_narrowed(api, grants, address, count):
    payment = grants.payments.get()
    payment.reference = "PAY-LIST"
    payment.save()
    response = api.get(f"/api/v1/{address}")
    assert response.status_code == 200, response.content
    assert response.json()["count"] == count


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("overdue=true", ["late"]),
        ("overdue=false", ["ahead", "come"]),
        ("received=true", ["come"]),
        ("received=false", ["ahead", "late"]),
        ("accepted=true", []),
        ("year=2013", ["come", "late"]),
        ("grant=GRA-LATE", ["late"]),
        ("beneficiary=slow", ["late"]),
        ("due_after=2015-06-30", ["ahead"]),
    ],
)
def test_financial_reports_are_narrowed(api, query, expected):
    past = {"year": 2013, "due_on": "2014-06-30"}
    slow = factories.GrantFactory(reference="GRA-LATE", beneficiary__slug="slow")
    factories.FinancialReportFactory(grant=slow, note="late", **past)
    factories.FinancialReportFactory(note="come", received_on="2014-05-01", **past)
    factories.FinancialReportFactory(note="ahead")
    response = api.get(f"/api/v1/financial-reports/?{query}")
    assert response.status_code == 200, response.content
    assert sorted(row["note"] for row in response.json()["results"]) == expected


def test_refused_filters_name_their_parameter(api):
    for resource, query in (
        ("grants", "stage=dream"),
        ("grants", "year=99999"),
        ("grants", "year_min=1"),
        ("grants", "counted_in=nowhere"),
        ("grants", "unpaid=perhaps"),
        ("grants", "asked_min=lots"),
        ("grants", "asked_min=NaN"),
        ("grants", "received_after=soon"),
        ("grants", "fund=nowhere"),
        ("payments", "year=2015.5"),
        ("financial-reports", "overdue=1"),
        ("health-indicators", "measure=happy"),
    ):
        response = api.get(f"/api/v1/{resource}/?{query}")
        assert (response.status_code, list(messages(response))) == (400, [query.partition("=")[0]]), query


def test_the_records_behind_a_figure_of_the_year_add_up_to_it(api):
    """A grant of two years is borne by both, and what is paid this year may have been voted before."""
    fund = factories.FundFactory()
    before, now = (factories.EnvelopeFactory(fund=fund, year=year) for year in (2014, 2015))
    long = grant_in("in-payment", (before, 3000), (now, 500), year=2014, until_year=2015)
    type(long.deliberation).objects.filter(pk=long.deliberation_id).update(voted_on="2014-11-17")
    long.refresh_from_db()
    grant_in("voted", (now, 70))
    grant_in("proposed", (now, 9))
    grant_in("voted", (before, 1), year=2014)
    pay(long, 200, allocation=long.allocations.get(envelope=before))
    pay(long, 30, allocation=long.allocations.get(envelope=before), paid_on="2014-12-30")
    for name, resource, value in (
        ("solidarity-committed", "allocations", "570.00"),
        ("solidarity-paid", "payments", "200.00"),
    ):
        shown = api.get(f"/api/v1/figures/{name}/").json()
        assert (shown["value"], shown["less_link"]) == (value, None)
        assert f"/{resource}/?" in shown["link"]
        assert f"{summed(api, shown['link'], 'amount'):.2f}" == value

"""Every list, whatever it lists: the number of queries does not grow with the rows, and a list is narrowed, ordered, cut."""

from datetime import date

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.enums import Audience
from core.filters import ReferenceFilter
from core.models.attached import attachable
from tests import factories
from tests.api import lives
from tests.api.conftest import bearer, messages
from tests.api.resources import RESOURCES, factory_of

pytestmark = pytest.mark.django_db

# The queries of a list: the token and the rows with all their parts; what only Python knows of a row is read by parts.
READ_BY_POSTGRESQL = 2
READ_BY_PYTHON = {
    "applications": 2,
    "documents": 2,
    "funding-calls": 5,  # also the lead time of the Council
    "indicators": 2,
    "legs": 2,
    "mandates": 3,
    "objective-preconditions": 2,
    "reminder-rules": 2,
    "webhook-subscriptions": 2,
}


def _agreement():
    agreement = factories.AgreementFactory(signed=True)
    factories.AgreementPartyFactory(agreement=agreement)
    factories.AgreementClauseFactory(agreement=agreement)
    factories.AmendmentFactory(agreement=agreement)


def _city():
    city = factories.CityFactory()
    factories.CityAreaFactory(city=city)
    factories.RelationFactory(city=city)
    factories.AgreementPartyFactory(city=city, agreement__signed=True)


def _network():
    network = factories.NetworkFactory()
    factories.MembershipFactory(network=network)
    factories.DuesFactory(network=network)
    factories.NetworkSeatFactory(network=network)


def _project():
    project = factories.ProjectFactory()
    for part in (
        factories.ProjectCityFactory,
        factories.ProjectOrganisationFactory,
        factories.ProjectThemeFactory,
        factories.ProjectStepFactory,
        factories.ExpertAssignmentFactory,
    ):
        part(project=project)
    factories.ResultPeriodFactory(indicator__project=project)
    line = factories.FundingLineFactory(project=project)
    factories.MovementFactory(line=line)
    factories.ForecastFactory(line=line)


def _fund():
    fund = factories.ResourceBaseFactory().envelope.fund
    factories.FundParameterFactory(fund=fund)


def _payment():
    return lives.paid().payments.get()


def _call():
    call = factories.CallCountryFactory().call
    factories.CallThemeFactory(call=call)


# How a record with all its parts is made, where the factory makes the bare record.
WHOLE = {
    "agreements": _agreement,
    "cities": _city,
    "countries": factories.CountryStatusFactory,
    "crises": factories.CrisisPlaceFactory,
    "cultural-projects": factories.CulturalDestinationFactory,
    "delegations": lives.delegation,
    "events": lives.event,
    "exchange-programmes": factories.EditionFactory,
    "financial-reports": factories.ReportLineFactory,
    "funding-calls": _call,
    "funds": _fund,
    "good-practices": factories.PracticeUptakeFactory,
    "grant-agreements": factories.InstalmentFactory,
    "grants": lives.paid,
    "honours": factories.CommissionOpinionFactory,
    "indicators": lives.indicator,
    "legal-thresholds": lives.threshold,
    "mandates": lives.mandate,
    "meeting-notes": lambda: factories.MeetingNoteFactory(audience=Audience.CITY),
    "meetings": lives.meeting,
    "missions": lives.mission,
    "networks": _network,
    "objectives": lives.objective,
    "payments": _payment,
    "people": factories.PersonRoleFactory,
    "projects": _project,
    "promises": lives.promise,
    "report-blocks": lives.report_text,
    "reports": lives.report,
    "residency-programmes": factories.ProgrammeHostFactory,
    "result-indicators": factories.ResultPeriodFactory,
    "watch-notes": lambda: factories.WatchNoteFactory(audience=Audience.CITY),
    "webhook-subscriptions": lives.own_webhook,
}


def queries(api, address: str) -> list[str]:
    """What the first request of a system asks; the next one asks less (core.api.again)."""
    with CaptureQueriesContext(connection) as captured:
        response = api.get(address)
    assert response.status_code == 200, response.content
    return [query["sql"] for query in captured]


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_list_asks_the_database_as_often_for_three_rows_as_for_one(resource):
    ContentType.objects.get_for_models(*attachable())
    make = WHOLE.get(resource) or factory_of(RESOURCES[resource])
    make()
    one = queries(bearer(), f"/api/v1/{resource}/")
    make()
    make()
    three = queries(bearer(), f"/api/v1/{resource}/")
    expected = READ_BY_PYTHON.get(resource, READ_BY_POSTGRESQL)
    assert (len(one), len(three)) == (expected, expected), "\n".join(three)


@pytest.mark.parametrize("resource", [name for name, view in RESOURCES.items() if view.serializer_class.expansions()])
def test_an_expanded_list_asks_once_for_each_expansion(resource):
    ContentType.objects.get_for_models(*attachable())
    make = WHOLE.get(resource) or factory_of(RESOURCES[resource])
    address = f"/api/v1/{resource}/?expand=" + ",".join(RESOURCES[resource].serializer_class.expansions())
    make()
    one = queries(bearer(), address)
    make()
    make()
    assert len(queries(bearer(), address)) == len(one)


def slugs(response) -> list[str]:
    assert response.status_code == 200, response.content
    return [row["slug"] for row in response.json()["results"]]


@pytest.fixture
def cities():
    """Three places: a partner, a comparator, and one with a live agreement only."""
    country = factories.CountryFactory(code="AA")
    area = factories.AreaFactory(slug="far-away", parent=factories.AreaFactory(slug="everywhere"))
    partner = factories.CityFactory(slug="partner", name_fr="Écouville", name_en="Écouville", country=country)
    factories.RelationFactory(city=partner, kind="partner")
    factories.CityAreaFactory(city=partner, area=area)
    comparator = factories.CityFactory(slug="comparator", name_fr="Bourg", name_en="Bourg")
    factories.RelationFactory(city=comparator, kind="comparator")
    agreed = factories.CityFactory(slug="agreed", name_fr="Ancien", name_en="Ancien")
    factories.AgreementPartyFactory(city=agreed, agreement__signed=True)
    # What was one once is none today.
    factories.RelationFactory(city=agreed, kind="comparator", until=date(2014, 12, 31), until_precision="day")
    return partner, comparator, agreed


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("partner=true", ["agreed", "partner"]),
        ("partner=false", ["comparator"]),
        ("country=AA", ["partner"]),
        ("area=far-away", ["partner"]),
        ("area=everywhere", ["partner"]),
        ("relation=comparator&relation=partner", ["comparator", "partner"]),
        ("q=ecou", ["partner"]),
        ("q=ecou&partner=false", []),
        ("ordering=-slug", ["partner", "comparator", "agreed"]),
        ("kind=memorial-site", []),
        ("updated_since=2100-01-01T00:00:00Z", []),
        ("updated_since=2015-01-01T00:00:00-21:08", ["agreed", "comparator", "partner"]),
        ("page_size=1&page=2", ["comparator"]),
    ],
)
def test_cities_are_narrowed_ordered_and_cut(api, cities, query, expected):
    assert slugs(api.get(f"/api/v1/cities/?{query}")) == expected


def test_a_record_is_named_in_a_filter_by_its_number_too(api, cities):
    assert slugs(api.get(f"/api/v1/cities/?country={cities[0].country.pk}")) == ["partner"]


@pytest.mark.walk
@pytest.mark.parametrize("value", ["y", "9" * 30, "\u0661", "-1", "1.5"])
def test_what_names_no_record_is_refused_for_every_filter(api, value):
    """Also where the record's own number counts and does not name it."""
    for prefix, view in RESOURCES.items():
        for name, known in view.filterset_class.base_filters.items():
            if isinstance(known, ReferenceFilter):
                answer = api.get(f"/api/v1/{prefix}/", {name: value})
                assert answer.status_code == 400, (prefix, name)


def test_agreements_are_narrowed_by_parties_clauses_dates_and_state(api):
    wanted = factories.AgreementFactory(in_force=True, expires_on=date(2015, 12, 31))
    party = factories.AgreementPartyFactory(agreement=wanted)
    factories.AgreementClauseFactory(agreement=wanted)
    factories.AgreementPartyFactory(agreement=wanted, role="beneficiary")
    factories.AgreementFactory()
    for query in (
        f"city={party.city.slug}",
        f"country={party.city.country.code}",
        f"deliberation={wanted.deliberation.pk}",
        "status=in-force",
        "clause=gender-equality",
        "expires_after=2015-12-01&expires_before=2016-01-31",
        "signed_after=2015-01-01",
        "granted_to_partner=true",
        f"q={wanted.reference}",
    ):
        found = api.get(f"/api/v1/agreements/?{query}").json()
        assert [row["id"] for row in found["results"]] == [wanted.pk], query
    assert api.get("/api/v1/agreements/?expires_before=2015-12-30").json()["count"] == 0
    assert api.get("/api/v1/agreements/?granted_to_partner=false").json()["count"] == 1


def test_pages_name_their_neighbours_and_the_count_of_all(api, cities):
    page = api.get("/api/v1/cities/?page_size=1&page=2&fields=slug").json()
    base = "http://testserver/api/v1/cities/?fields=slug&page"
    assert page == {
        "count": 3,
        "is_more": False,
        "next": f"{base}=3&page_size=1",
        "previous": f"{base}_size=1",
        "results": [{"id": cities[1].pk, "slug": "comparator"}],
    }


def test_expanded_records_stand_beside_the_number(api, cities):
    row = api.get("/api/v1/cities/?country=AA&fields=country&expand=country").json()["results"][0]
    country = cities[0].country
    assert row["country"] == country.pk
    assert row["expanded"]["country"]["code"] == "AA"
    assert set(row) == {"id", "country", "expanded"}


def test_expansion_reaches_into_the_parts(api):
    party = factories.AgreementPartyFactory()
    answer = api.get(f"/api/v1/agreements/{party.agreement_id}/?expand=parties.city").json()
    assert answer["parties"][0]["expanded"]["city"]["slug"] == party.city.slug
    assert "expanded" not in answer


@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        ("colour=red", "colour", "There is no such parameter."),
        ("partner=perhaps", "partner", "Select a valid choice. perhaps is not one of the available choices."),
        ("country=Atlantis", "country", "There is no record “Atlantis”."),
        ("country=%00", "country", "Null characters are not allowed."),
        ("country=99999999999999999999", "country", "There is no record “99999999999999999999”."),
        ("kind=planet", "kind", "Select a valid choice. planet is not one of the available choices."),
        ("q=%00", "q", "Null characters are not allowed."),
        ("updated_since=0001-01-01T00:00:00%2B23:00", "updated_since", "Enter a valid date/time."),
        ("updated_since=yesterday", "updated_since", "Enter a valid date/time."),
        ("ordering=colour", "ordering", "Not possible by colour; possible by: id, slug, name_fr, name_en, alias, kind, latitude, "
         "longitude, created_at, updated_at."),
        ("fields=colour", "fields", "There is no colour here; there are: id, slug, name_fr, name_en, alias, country, kind, latitude, "
         "longitude, is_partner, areas, relations, version, created_at, updated_at."),
        ("expand=areas", "expand", "There is no areas here; there are: country, relations.city, relations.country."),
        ("page=first", "page", "This is not a number from 1 on."),
        ("page=0", "page", "This is not a number from 1 on."),
        ("page_size=-1", "page_size", "This is not a number from 1 on."),
    ],
)  # fmt: skip
def test_a_wrong_parameter_is_refused_by_name(api, query, field, sentence):
    response = api.get(f"/api/v1/cities/?{query}")
    assert (response.status_code, messages(response)) == (400, {field: sentence})


@pytest.mark.parametrize("page", ["2", "1000000000", "9" * 30, "9" * 5000])
def test_a_page_past_the_end_does_not_exist(api, page):
    response = api.get(f"/api/v1/cities/?page={page}")
    assert (response.status_code, response.json()["detail"]) == (404, "There is no such page.")

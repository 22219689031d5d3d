"""What the lists of cooperation are narrowed by."""

from datetime import date

import pytest

from tests import factories
from tests.api.conftest import summed

pytestmark = pytest.mark.django_db


@pytest.fixture
def projects():
    """A rich project, under way in a city; a bare idea; a whole with one part that a foundation pays."""
    factories.PurposeCodeFactory(code="14031")
    rich = factories.ProjectFactory(
        reference="PRJ-RICH",
        title_fr="Écoles",
        under_way=True,
        purposes={"14031": "100"},
        modes=["training"],
        agreement=factories.AgreementFactory(reference="AGR-RICH"),
        planned_end=date(2016, 6, 1),
        planned_end_precision="month",
    )
    factories.ProjectCityFactory(project=rich, city__slug="far", city__country__code="AA")
    for slug, role in (("dpe", "lead"), ("dasco", "associated")):
        directorate = factories.OrganisationFactory(slug=slug, kind="directorate")
        factories.ProjectOrganisationFactory(project=rich, organisation=directorate, role=role)
    factories.ProjectOrganisationFactory(project=rich, organisation__slug="operator")
    factories.ProjectThemeFactory(project=rich, theme__slug="water", theme__kind="new", theme__is_priority=True)
    factories.MovementFactory(line__project=rich)
    factories.MovementFactory(line__project=factories.ProjectFactory(reference="PRJ-BARE"), line__nature="in-kind")
    whole = factories.ProjectFactory(reference="PRJ-WHOLE")
    part = factories.ProjectFactory(reference="PRJ-PART", parent=whole)
    factories.FundingLineFactory(project=part, external=True, organisation__slug="foundation")


RICH, OTHERS, ALL = ["RICH"], ["WHOLE", "PART", "BARE"], ["WHOLE", "RICH", "PART", "BARE"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=ecoles", RICH),
        ("stage=under-way", RICH),
        ("stage=under-way&stage=idea", ALL),
        ("theme=water", RICH),
        ("theme_kind=new", RICH),
        ("theme_kind=opening", []),
        ("city=far", RICH),
        ("country=AA", RICH),
        ("directorate=dasco", RICH),
        ("directorate=operator", []),
        ("operator=operator", RICH),
        ("operator=dpe", []),
        ("organisation=operator", RICH),
        ("mode=training&mode=equipment", RICH),
        ("mode=equipment", []),
        ("funder=foundation", ["WHOLE", "PART"]),
        ("agreement=AGR-RICH", RICH),
        ("parent=PRJ-WHOLE", ["PART"]),
        ("part=true", ["PART"]),
        ("part=false", ["WHOLE", "RICH", "BARE"]),
        ("transversal=true", RICH),
        ("transversal=false", OTHERS),
        ("priority=true", RICH),
        ("priority=false", OTHERS),
        ("purpose=14031", RICH),
        ("own_cash_in=far", RICH),
        ("own_cash_after=2015-02-02&own_cash_before=2015-02-02", RICH),
        ("own_cash_in=far&own_cash_after=2015-02-03", []),
        ("sector_stated=true", RICH),
        ("sector_stated=false", OTHERS),
        ("planned_end_after=2016-06-01&planned_end_before=2016-06-30", RICH),
        ("planned_end_after=2016-06-02", []),
        ("actual_start_before=2015-03-02", RICH),
        ("actual_start_before=2015-03-01", []),
        ("theme=water&stage=idea", []),
    ],
)
def test_projects_are_narrowed(api, projects, query, expected):
    response = api.get(f"/api/v1/projects/?{query}")
    assert response.status_code == 200, response.content
    assert [row["reference"].removeprefix("PRJ-") for row in response.json()["results"]] == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("external=true", ["foundation", "partner-city"]),
        ("external=false", ["own"]),
        ("kind=own&kind=foundation", ["foundation", "own"]),
        ("nature=in-kind", ["own"]),
        ("organisation=foundation", ["foundation"]),
        ("city=far", ["partner-city"]),
        ("currency=USD", ["foundation"]),
        ("project=PRJ-RICH", ["foundation", "own"]),
        ("cultural_project=tour", ["partner-city"]),
        ("project_stage=under-way&project_stage=completed", ["foundation", "own"]),
        ("theme=water", ["foundation", "own"]),
    ],
)
def test_funding_lines_are_narrowed(api, query, expected):
    project = factories.ProjectFactory(reference="PRJ-RICH", under_way=True)
    factories.ProjectThemeFactory(project=project, theme__slug="water")
    factories.FundingLineFactory(project=project, external=True, currency="USD", organisation__slug="foundation")
    factories.FundingLineFactory(project=project, nature="in-kind")
    factories.FundingLineFactory(
        project=None,
        cultural_project=factories.CulturalProjectFactory(slug="tour"),
        kind="partner-city",
        city=factories.CityFactory(slug="far"),
    )
    response = api.get(f"/api/v1/funding-lines/?{query}")
    assert response.status_code == 200, response.content
    assert sorted(row["kind"] for row in response.json()["results"]) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("open=true", ["any", "dac"]),
        ("open=false", ["later", "listed"]),
        ("forthcoming=true", ["later"]),
        ("deadline_after=2015-11-01", ["any", "dac", "later"]),
        ("deadline_before=2015-06-30", ["any", "listed"]),
        ("deadline_after=2015-07-01&deadline_before=2015-11-30", []),
        ("deadline_after=2015-06-15&deadline_before=2015-06-15", ["any"]),
        ("deadline_after=2015-07-01&deadline_before=2015-06-01", []),
        ("country=AA", ["any", "dac", "later", "listed"]),
        ("country=AB", ["any", "later"]),
        ("gate=reports", ["dac"]),
        ("gate=aid-return", ["any", "dac", "later", "listed"]),
        ("theme=water", ["listed"]),
        ("programme=fund", ["any", "dac", "later", "listed"]),
        ("funder=payer", ["any", "dac", "later", "listed"]),
        ("q=anywhere", ["any"]),
    ],
)
def test_calls_are_narrowed(api, query, expected):
    programme = factories.FundingProgrammeFactory(slug="fund", funder__slug="payer", gates=["aid-return"])
    country, _other = factories.CountryFactory(code="AA"), factories.CountryFactory(code="AB")
    factories.CountryStatusFactory(country=country)
    for identifier, extra in {
        "any": {"deadlines": [date(2015, 6, 15), date(2015, 12, 1)], "title_en": "Anywhere"},
        "dac": {"country_scope": "dac", "gates": ["reports"]},
        "later": {"opens_on": date(2015, 7, 1)},
        "listed": {"country_scope": "listed", "deadlines": [date(2015, 5, 1)]},
    }.items():
        call = factories.FundingCallFactory(programme=programme, identifier=identifier, **extra)
    factories.CallCountryFactory(call=call, country=country)
    factories.CallThemeFactory(call=call, theme__slug="water")
    response = api.get(f"/api/v1/funding-calls/?{query}")
    assert response.status_code == 200, response.content
    assert sorted(row["identifier"] for row in response.json()["results"]) == expected


def test_the_other_lists_are_narrowed(api):
    sent = factories.ApplicationFactory(
        stage="submitted", submitted_on=date(2014, 4, 1), amount_asked=10, total_cost=20
    )
    factories.ApplicationFactory()
    tour = factories.CulturalDestinationFactory(project__year=2014, project__discipline="dance").project
    factories.CulturalProjectFactory(kind="season")
    practice = factories.GoodPracticeFactory(city=factories.CityFactory(slug="far"), kind="smart")
    factories.GoodPracticeFactory()
    frozen = factories.ForecastFactory(deliberation=factories.DeliberationFactory())
    factories.ForecastFactory()
    moved = factories.MovementFactory(on=date(2015, 1, 5), reference="N-1", line__project__under_way=True)
    factories.MovementFactory()
    step = factories.ProjectStepFactory(due_on=date(2015, 7, 1))
    factories.ProjectStepFactory(done_on=date(2015, 5, 1))
    for resource, record, queries in (
        ("applications", sent, ("submitted_year=2014", "stage=submitted", f"call={sent.call_id}")),
        ("cultural-projects", tour, (f"country={tour.destinations.get().city.country.code}", "year=2014", "kind=tour")),
        ("good-practices", practice, ("city=far", "kind=smart")),
        ("forecasts", frozen, ("frozen=true", "compared=true", f"deliberation={frozen.deliberation_id}")),
        (
            "movements",
            moved,
            ("project_stage=under-way", "on_before=2015-01-31", "reference=N-1", f"line={moved.line_id}"),
        ),
        ("project-steps", step, ("open=true", "due_before=2015-07-31", f"project={step.project.reference}")),
    ):
        for query in queries:
            found = api.get(f"/api/v1/{resource}/?{query}").json()
            assert [row["id"] for row in found["results"]] == [record.pk], (resource, query)


def test_the_records_behind_the_variance_add_up_to_it(api):
    """What was disbursed in the year, less the last vote of each line; less the last forecasts while nothing is voted."""

    def forecast(amount, **fields):
        return factories.ForecastFactory(**{"line": line, "year": 2014, "amount_eur": amount} | fields)

    def shown(value: str) -> tuple[list[str], list[str]]:
        """The rows of both links, whose difference is the figure."""
        figure = api.get("/api/v1/figures/forecast-variance/").json()
        less = summed(api, figure["less_link"], "amount_eur")
        assert (figure["value"], f"{summed(api, figure['link'], 'amount_eur') - less:.2f}") == (value, value)
        return tuple(
            sorted(row[column] for row in api.get(figure[link]).json()["results"])
            for link, column in (("link", "on"), ("less_link", "made_on"))
        )

    line = factories.MovementFactory(amount=5000, on=date(2014, 1, 5)).line
    for day in (date(2014, 3, 1), date(2014, 12, 31), date(2015, 1, 1)):
        factories.MovementFactory(line=line, kind="disbursed", amount=400, on=day)
    abandoned = factories.MovementFactory(amount=9, on=date(2014, 1, 5)).line
    factories.MovementFactory(line=abandoned, kind="disbursed", amount=9, on=date(2014, 2, 1))
    forecast(9, line=abandoned)
    project = abandoned.project
    type(project).objects.filter(pk=project.pk).update(stage="abandoned", stopped_reason="Invented reason.")
    assert api.get("/api/v1/figures/forecast-variance/").json()["value"] is None
    forecast(1, made_on=date(2014, 1, 6))
    forecast(700, made_on=date(2014, 1, 7))
    forecast(50, year=2015)
    assert shown("100.00") == (["2014-03-01", "2014-12-31"], ["2014-01-07"])
    for amount, day in ((2, 8), (600, 9)):
        forecast(amount, made_on=date(2014, 1, day), deliberation=factories.DeliberationFactory())
    forecast(3, made_on=date(2014, 1, 10))
    forecast(4, line=factories.FundingLineFactory(), made_on=date(2014, 1, 11))
    assert shown("200.00") == (["2014-03-01", "2014-12-31"], ["2014-01-09"])
    compared = api.get("/api/v1/forecasts/?compared=false&year=2014").json()["results"]
    assert len(compared) == 6

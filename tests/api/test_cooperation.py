"""Projects with their money, calls with their matches: what they look like, what they ask the database, how they move."""

from datetime import date

import pytest

from cooperation import models
from core.roles import Role
from tests import factories
from tests.api.conftest import bearer, messages, signed_in
from tests.api.test_lists import queries
from tests.api.test_representation import kept, page

pytestmark = pytest.mark.django_db
UNKNOWN = {"since": None, "since_precision": "", "until": None, "until_precision": ""}


@pytest.fixture
def project() -> models.Project:
    """Under way: the City commits 1,000 EUR, a foundation 2,200 USD that are worth 2,000 EUR."""
    for code in ("14031", "14022"):
        factories.PurposeCodeFactory(code=code)
    project = factories.ProjectFactory(
        reference="PRJ-2015-0042",
        under_way=True,
        planned_start=date(2015, 3, 1),
        planned_start_precision="month",
        purposes={"14022": "40", "14031": "60"},
        gender=2,
        sdg_targets=["6.1"],
        modes=["expertise"],
    )
    factories.ProjectCityFactory(project=project)
    factories.ProjectOrganisationFactory(project=project, directorate=True)
    factories.ProjectThemeFactory(project=project)
    factories.ProjectStepFactory(project=project)
    factories.ExpertAssignmentFactory(project=project)
    factories.ResultPeriodFactory(indicator__project=project, actual=5)
    own = factories.FundingLineFactory(project=project)
    factories.MovementFactory(line=own)
    factories.ForecastFactory(line=own)
    others = factories.FundingLineFactory(project=project, external=True, currency="USD")
    factories.MovementFactory(line=others, amount=2200, rate="1.1", rate_on=date(2015, 2, 2))
    return project


def movement_json(row) -> dict:
    row.refresh_from_db()
    return {
        "id": row.pk,
        "line": row.line_id,
        "kind": "committed",
        "on": "2015-02-02",
        "amount": f"{row.amount:.2f}",
        "currency": row.currency,
        "rate": row.rate and f"{row.rate:.6f}",
        "rate_on": row.rate_on and row.rate_on.isoformat(),
        "amount_eur": f"{row.amount_eur:.2f}",
        "reference": "",
        **kept(row),
    }


def line_json(line, committed: str, committed_eur: str) -> dict:
    return {
        "id": line.pk,
        "project": line.project_id,
        "cultural_project": None,
        "kind": line.kind,
        "organisation": line.organisation_id,
        "city": None,
        "nature": "cash",
        "currency": line.currency,
        "framework": None,
        "label": "",
        "counted_apart": "",
        "requested": "0.00",
        "committed": committed,
        "disbursed": "0.00",
        "requested_eur": "0.00",
        "committed_eur": committed_eur,
        "disbursed_eur": "0.00",
        **kept(line),
    }


def moved_line_json(line, committed: str, committed_eur: str) -> dict:
    forecasts = [
        {
            "id": row.pk,
            "line": line.pk,
            "year": 2015,
            "amount_eur": "1000.00",
            "made_on": "2015-01-05",
            "deliberation": None,
            "note": "",
            **kept(row),
        }
        for row in line.forecasts.all()
    ]
    moves = [movement_json(row) for row in line.movements.all()]
    return line_json(line, committed, committed_eur) | {"movements": moves, "forecasts": forecasts}


def row_json(project) -> dict:
    """The project as the list has it."""
    place, body, field = project.places.get(), project.bodies.get(), project.fields.get()
    return {
        "id": project.pk,
        "reference": "PRJ-2015-0042",
        "title_fr": project.title_fr,
        "title_en": project.title_en,
        "object_fr": "Objet inventé.",
        "object_en": "",
        "stage": "under-way",
        "stopped_reason": "",
        "parent": None,
        "agreement": None,
        "deliberation": project.deliberation_id,
        "region_fr": "",
        "region_en": "",
        "planned_start": "2015-03-01",
        "planned_start_precision": "month",
        "planned_end": None,
        "planned_end_precision": "",
        "actual_start": "2015-03-02",
        "actual_start_precision": "day",
        "actual_end": None,
        "actual_end_precision": "",
        "purposes": {"14022": "40", "14031": "60"},
        "gender": 2,
        "biodiversity": None,
        "mitigation": None,
        "adaptation": None,
        "desertification": None,
        "rmnch": None,
        "disability": None,
        "sdg_targets": ["6.1"],
        "modes": ["expertise"],
        "places": [
            {
                "id": place.pk,
                "project": project.pk,
                "city": place.city_id,
                "role": "place",
                **UNKNOWN,
                **kept(place),
            }
        ],
        "bodies": [
            {
                "id": body.pk,
                "project": project.pk,
                "organisation": body.organisation_id,
                "role": "lead",
                **kept(body),
            }
        ],
        "fields": [{"id": field.pk, "project": project.pk, "theme": field.theme_id, **kept(field)}],
        "requested": "0.00",
        "committed": "3000.00",
        "disbursed": "0.00",
        "external_per_city_euro": "2.00",
        **kept(project),
    }


def whole_json(project) -> dict:
    """The project read alone."""
    step, assignment, indicator = project.steps.get(), project.assignments.get(), project.indicators.get()
    period = indicator.periods.get()
    own, others = project.funding_lines.order_by("pk")
    return row_json(project) | {
        "steps": [
            {
                "id": step.pk,
                "project": project.pk,
                "title": step.title,
                "due_on": "2015-09-01",
                "done_on": None,
                "note": "",
                **kept(step),
            }
        ],
        "assignments": [
            {
                "id": assignment.pk,
                "project": project.pk,
                "organisation": assignment.organisation_id,
                "person": None,
                "task": assignment.task,
                "days_planned": "10.0",
                "days_actual": None,
                **UNKNOWN,
                **kept(assignment),
            }
        ],
        "indicators": [
            {
                "id": indicator.pk,
                "project": project.pk,
                "title_fr": indicator.title_fr,
                "title_en": indicator.title_en,
                "unit": "people",
                "baseline": None,
                "baseline_on": None,
                "target": None,
                "periods": [
                    {
                        "id": period.pk,
                        "indicator": indicator.pk,
                        "starts_on": "2015-01-01",
                        "ends_on": "2015-12-31",
                        "target": None,
                        "actual": "5.00",
                        "note": "",
                        **kept(period),
                    }
                ],
                **kept(indicator),
            }
        ],
        "funding_lines": [
            moved_line_json(others, "2200.00", "2000.00"),
            moved_line_json(own, "1000.00", "1000.00"),
        ],
        "parts": [],
    }


def test_a_project_with_its_funding_alone_and_in_the_list(api, project):
    assert api.get(f"/api/v1/projects/{project.pk}/").json() == whole_json(project)
    assert api.get("/api/v1/projects/").json() == page(row_json(project))


def test_a_funding_line_alone_and_in_the_list(api, project):
    line = project.funding_lines.get(currency="USD")
    assert api.get(f"/api/v1/funding-lines/{line.pk}/").json() == moved_line_json(line, "2200.00", "2000.00")
    listed = api.get("/api/v1/funding-lines/?currency=USD").json()
    assert listed == page(line_json(line, "2200.00", "2000.00"))


def test_a_project_with_its_funding_takes_as_many_queries_however_long_it_is(project):
    """The token, and the project with its cities, steps, experts, indicators, lines, movements, forecasts and parts."""
    address = f"/api/v1/projects/{project.pk}/"
    assert len(queries(bearer(), address)) == 2
    for line in [*factories.FundingLineFactory.create_batch(3, project=project, external=True)]:
        factories.MovementFactory.create_batch(3, line=line)
        factories.ForecastFactory(line=line)
    factories.ProjectStepFactory.create_batch(2, project=project)
    factories.ResultPeriodFactory(indicator__project=project)
    long = queries(bearer(), address)
    assert len(long) == 2, "\n".join(long)


def test_the_money_of_a_whole_is_that_of_its_parts(api):
    whole = factories.ProjectFactory(reference="PRJ-2015-0001")
    address = f"/api/v1/projects/{whole.pk}/"
    for name in ("PRJ-2015-0002", "PRJ-2015-0003"):
        part = factories.ProjectFactory(parent=whole, reference=name)
        factories.MovementFactory(line__project=part)
    # Those of a project without parts, and the lines, movements and forecasts of the parts.
    assert len(queries(api, address)) == 2
    read = api.get(address).json()
    assert (read["committed"], read["external_per_city_euro"], read["funding_lines"]) == ("2000.00", "0.00", [])
    assert [(part["reference"], part["committed"]) for part in read["parts"]] == [
        ("PRJ-2015-0002", "1000.00"),
        ("PRJ-2015-0003", "1000.00"),
    ]
    assert [line["committed"] for part in read["parts"] for line in part["funding_lines"]] == ["1000.00", "1000.00"]


def test_money_of_which_nothing_is_recorded_is_null(api):
    factories.FundingLineFactory()
    row = api.get("/api/v1/projects/").json()["results"][0]
    totals = ("requested", "committed", "disbursed", "external_per_city_euro")
    assert {row[name] for name in totals} == {None}


def test_a_framework_says_what_is_used_and_what_is_left(api):
    framework = factories.FrameworkFactory(amount=5000)
    line = factories.FundingLineFactory(kind="afd", organisation=framework.funder, framework=framework)
    factories.MovementFactory(line=line)
    factories.FrameworkFactory(amount=None)
    found = api.get("/api/v1/frameworks/?ordering=id").json()["results"]
    assert [(row["amount"], row["used"], row["left"]) for row in found] == [
        ("5000.00", "1000.00", "4000.00"),
        (None, "0.00", None),
    ]


def test_a_forecast_is_added_and_never_changed(api):
    line = factories.FundingLineFactory()
    added = api.post("/api/v1/forecasts/", {"line": line.pk, "year": 2016, "amount_eur": "1200.50"})
    assert (added.status_code, added.json()["made_on"], added.json()["deliberation"]) == (201, "2015-06-01", None)
    for method in ("put", "patch", "delete"):
        refused = getattr(api, method)(added.headers["Location"], {"year": 2017}, headers={"If-Match": "*"})
        assert (refused.status_code, refused.headers["Content-Type"]) == (405, "application/problem+json")
    assert models.Forecast.objects.get().year == 2016


def test_what_put_leaves_out_returns_to_empty(api, project):
    address = f"/api/v1/projects/{project.pk}/"
    body = {
        "title_fr": "Autre",
        "deliberation": project.deliberation_id,
        "actual_start": "2015-03-02",
        "actual_start_precision": "day",
    }
    replaced = api.put(address, body, headers={"If-Match": "*"})
    assert replaced.status_code == 200, replaced.content
    row = replaced.json()
    assert (row["purposes"], row["sdg_targets"], row["modes"], row["gender"]) == ({}, [], [], None)
    assert (row["reference"], row["stage"], row["committed"]) == ("PRJ-2015-0042", "under-way", "3000.00")


# --- what a caller may not read ---


def test_expanded_cities_are_those_that_the_caller_may_see(project):
    address = f"/api/v1/projects/{project.pk}/?expand=places.city,deliberation"
    blind, seeing = bearer("cooperation:read"), bearer("cooperation:read", "partnerships:read")
    for api, seen in ((blind, False), (seeing, True)):
        read = api.get(address).json()
        city = read["places"][0]["expanded"]["city"]
        assert (city is not None, read["expanded"]["deliberation"] is not None) == (seen, seen)


@pytest.mark.parametrize("address", ["funding-calls/{}/matches", "cultural-projects/rotation"])
def test_what_is_computed_from_organisations_needs_their_scope(address):
    call = factories.FundingCallFactory()
    response = bearer("cooperation:read").get(f"/api/v1/{address.format(call.pk)}/")
    assert response.status_code == 403
    assert response.json()["detail"] == "The access token lacks the scope “partnerships:read”."


def test_a_deputy_reads_projects_and_writes_none(project):
    deputy = signed_in(Role.DEPUTY)
    assert deputy.get(f"/api/v1/projects/{project.pk}/").status_code == 200
    assert deputy.get(f"/api/v1/projects/{project.pk}/steps/").json() == []
    for address in ("", f"{project.pk}/complete/"):
        assert deputy.post(f"/api/v1/projects/{address}", {}).status_code == 403


# --- calls ---


def test_a_call_says_where_it_stands_and_when_the_council_must_begin(api):
    factories.CouncilLeadTimeFactory(days=60, since=date(2014, 1, 1), until=None)
    made = {
        "open": factories.FundingCallFactory(deadlines=[date(2015, 3, 1), date(2015, 10, 1)]),
        "forthcoming": factories.FundingCallFactory(opens_on=date(2015, 7, 1)),
        "closed": factories.FundingCallFactory(deadlines=[date(2015, 5, 31)]),
        "withdrawn": factories.FundingCallFactory(withdrawn_on=date(2015, 5, 1)),
    }
    shown = {}
    for state, call in made.items():
        row = api.get(f"/api/v1/funding-calls/{call.pk}/").json()
        assert row["state"] == state
        shown[state] = (row["next_deadline"], row["council_by"])
    assert shown == {
        "open": ("2015-10-01", "2015-08-02"),
        "forthcoming": ("2015-12-01", "2015-10-02"),
        "closed": (None, None),
        "withdrawn": (None, None),
    }


def test_no_lead_time_of_the_council_is_no_day(api):
    call = factories.FundingCallFactory()
    assert api.get(f"/api/v1/funding-calls/{call.pk}/").json()["council_by"] is None


def test_a_call_lists_the_projects_that_it_matches_and_why(api):
    theme = factories.ThemeFactory(name_en="Water")
    call = factories.CallThemeFactory(theme=theme, call__gates=["aid-return"]).call
    matched = factories.ProjectThemeFactory(theme=theme, project__reference="PRJ-2015-0001").project
    factories.ForecastFactory(line__project=matched, amount_eur=5000)
    factories.ProjectThemeFactory()
    address = f"/api/v1/funding-calls/{call.pk}/matches/"
    assert api.get(address).json() == [
        {
            "project": {
                "id": matched.pk,
                "reference": "PRJ-2015-0001",
                "title_fr": matched.title_fr,
                "title_en": matched.title_en,
                "stage": "idea",
                **kept(matched),
            },
            "reasons": ["Field in common: Water", "Could ask for up to €5,000"],
            "missing": [
                {
                    "field": "call",
                    "message": "The aid return for 2014 is not recorded as filed (CGCT L1115-6).",
                }
            ],
        }
    ]
    models.FundingCall.objects.update(withdrawn_on=date(2015, 5, 1))
    assert api.get(address).json() == []


def test_matches_take_as_many_queries_for_three_projects_as_for_one(api):
    field = factories.CallThemeFactory()
    address = f"/api/v1/funding-calls/{field.call_id}/matches/"
    factories.ProjectThemeFactory(theme=field.theme)
    one = queries(api, address)
    factories.ProjectThemeFactory(theme=field.theme)
    factories.ProjectCityFactory(project=factories.ProjectThemeFactory(theme=field.theme).project)
    assert len(api.get(address).json()) == 3
    assert len(queries(api, address)) == len(one)


def test_the_rotation_table_names_those_who_came_back_at_once(api):
    company = factories.OrganisationFactory(name_en="Invented Company")
    made = [factories.CulturalProjectFactory(recipient=company, year=year, discipline="dance") for year in (2013, 2014)]
    years = [{"year": row.year, "projects": [row.pk]} for row in made]
    assert api.get("/api/v1/cultural-projects/rotation/").json() == {
        "years": [2013, 2014],
        "recipients": [{"name": "Invented Company", "years": years, "repeated": [2014]}],
        "disciplines": [{"name": "dance", "years": years, "repeated": [2014]}],
    }


def test_refused_filters_name_their_parameter(api):
    for resource, query in (
        ("projects", "stage=dream"),
        ("projects", "purpose=00000"),
        ("funding-lines", "currency=euro"),
        ("funding-calls", "deadline_after=soon"),
        ("applications", "submitted_year=99999"),
        ("cultural-projects", "year=2015.5"),
    ):
        response = api.get(f"/api/v1/{resource}/?{query}")
        assert (response.status_code, list(messages(response))) == (400, [query.partition("=")[0]]), query

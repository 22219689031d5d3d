"""What cooperation refuses over the API, by its field; and the lives of projects, labels and applications."""

from datetime import date

import pytest

from cooperation import models
from tests import factories
from tests.api.conftest import messages

pytestmark = pytest.mark.django_db
FUTURE = "This has not happened yet: the date is in the future."
NOT_SHARES = "Write codes with their percentages here."


def no_share(text: str) -> str:
    return f"“{text}” is no percentage of 14031: write a number over 0 and up to 100, with at most two decimals."


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"purposes": {"14031": "60"}}, {"purposes": "The percentages sum to 60, not to 100."}),
        ({"purposes": {"99998": 100}}, {"purposes": "There is no DAC purpose code 99998."}),
        ({"purposes": ["14031"]}, {"purposes": NOT_SHARES}),
        ({"purposes": [{"14031": 100}]}, {"purposes": NOT_SHARES}),
        ({"purposes": 14031}, {"purposes": NOT_SHARES}),
        ({"purposes": "14031"}, {"purposes": NOT_SHARES}),
        ({"purposes": None}, {"purposes": "This field may not be null."}),
        ({"purposes": {"14031": {"deep": [1]}}}, {"purposes": no_share("{'deep': [1]}")}),
        ({"purposes": {"14031": True}}, {"purposes": no_share("True")}),
        ({"purposes": {"14031": None}}, {"purposes": no_share("None")}),
        ({"purposes": {"14031": "100.001"}}, {"purposes": no_share("100.001")}),
        ({"purposes": {"a\x00": 100}}, {"purposes": "Null characters are not allowed."}),
        ({"sdg_targets": ["6.1", "18"]}, {"sdg_targets": "Item 2 in the array did not validate: "
          "A goal or a target of the SDGs is written as in “6” or “6.1”."}),
        ({"sdg_targets": [["6.1"]]}, {"sdg_targets.0": "Not a valid string."}),
        ({"sdg_targets": ["\x00"]}, {"sdg_targets.0": "Null characters are not allowed."}),
        ({"sdg_targets": {"0": "6.1"}}, {"sdg_targets": 'Expected a list of items but got type "dict".'}),
        ({"modes": ["magic"]}, {"modes.0": '"magic" is not a valid choice.'}),
        ({"gender": 3}, {"gender": '"3" is not a valid choice.'}),
        ({"stage": "adopted"}, {"stage": "This field cannot be written."}),
        ({"committed": "1"}, {"committed": "This field cannot be written."}),
        ({"funding_lines": []}, {"funding_lines": "This field cannot be written."}),
        ({"title_fr": {"fr": "a"}}, {"title_fr": "Not a valid string."}),
    ],
)  # fmt: skip
def test_a_project_that_cannot_be_is_refused_by_its_field(api, change, expected):
    factories.PurposeCodeFactory(code="14031")
    response = api.post("/api/v1/projects/", {"title_fr": "Projet"} | change)
    assert (response.status_code, messages(response)) == (400, expected)
    assert not models.Project.objects.exists()


def test_a_project_is_added_with_its_classification(api):
    factories.PurposeCodeFactory(code="14031")
    factories.PurposeCodeFactory(code="14022")
    body = {"title_fr": "Projet", "purposes": {"14031": 33.34, "14022": "66.66"}, "sdg_targets": ["6", "6.b"]}
    added = api.post("/api/v1/projects/", body | {"modes": ["training"], "gender": 0})
    assert added.status_code == 201, added.content
    row = added.json()
    assert row["purposes"] == {"14022": "66.66", "14031": "33.34"}
    assert (row["sdg_targets"], row["modes"], row["gender"], row["reference"]) == (
        ["6", "6.b"],
        ["training"],
        0,
        "PRJ-2015-0001",
    )


@pytest.mark.parametrize("field", ["actual_start", "actual_end"])
def test_an_actual_date_in_the_future_is_refused(api, field):
    project = factories.ProjectFactory(under_way=True)
    change = {field: "2015-06-02", f"{field}_precision": "day"}
    response = api.patch(f"/api/v1/projects/{project.pk}/", change, headers={"If-Match": "*"})
    assert response.status_code == 400
    assert messages(response)[field] == FUTURE


@pytest.mark.parametrize(
    ("currency", "change", "expected"),
    [
        ("EUR", {"kind": "disbursed"}, {"amount": "What is disbursed would exceed what is committed by that day by 100 EUR."}),
        ("EUR", {"on": "2015-06-02"}, {"on": FUTURE}),
        ("EUR", {"rate": "1.1", "rate_on": "2015-05-04"}, dict.fromkeys(("rate", "rate_on"), "An amount in euros has no rate.")),
        ("USD", {}, {"rate": "An amount in another currency needs its rate: units of the currency for one euro.",
                     "rate_on": "A rate needs its day."}),
        ("USD", {"rate": 0, "rate_on": "2015-05-04"}, {"rate": "A rate is above 0."}),
        ("USD", {"rate": "1.1", "rate_on": "2015-05-05"}, {"rate_on": "The day of the rate is not after the movement."}),
        ("EUR", {"amount": 0}, {"amount": "A movement of nothing is no movement."}),
        ("EUR", {"amount": {"value": 1}}, {"amount": "A valid number is required."}),
        ("EUR", {"amount": "NaN"}, {"amount": "A valid number is required."}),
        ("EUR", {"amount": 10**14}, {"amount": "Ensure that there are no more than 14 digits in total."}),
        ("EUR", {"amount_eur": "1"}, {"amount_eur": "This field cannot be written."}),
        ("EUR", {"currency": "USD"}, {"currency": "This field cannot be written."}),
        ("EUR", {"on": ["2015-05-04"]}, {"on": "Date has wrong format. Use one of these formats instead: YYYY-MM-DD."}),
        ("EUR", {"line": 10**6}, {"line": "There is no such record: 1000000."}),
    ],
)  # fmt: skip
def test_a_movement_that_cannot_be_is_refused_by_its_field(api, currency, change, expected):
    line = factories.FundingLineFactory(currency=currency)
    body = {"line": line.pk, "kind": "committed", "on": "2015-05-04", "amount": "100"}
    response = api.post("/api/v1/movements/", body | change)
    assert (response.status_code, messages(response)) == (400, expected)
    assert not models.Movement.objects.exists()


def test_a_movement_in_another_currency_is_worth_euros(api):
    line = factories.FundingLineFactory(currency="USD")
    body = {
        "line": line.pk,
        "kind": "committed",
        "on": "2015-05-04",
        "amount": "100",
        "rate": 3,
        "rate_on": "2015-05-04",
    }
    row = api.post("/api/v1/movements/", body).json()
    assert (row["currency"], row["rate"], row["amount_eur"]) == ("USD", "3.000000", "33.33")


def test_a_commitment_that_is_disbursed_is_not_taken_away(api):
    committed = factories.MovementFactory()
    factories.MovementFactory(line=committed.line, kind="disbursed")
    response = api.delete(f"/api/v1/movements/{committed.pk}/", headers={"If-Match": "*"})
    assert response.status_code == 400
    assert response.json()["detail"] == "What is disbursed never exceeds what has been committed by that day."


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"currency": "ZZZ"}, {"currency": "There is no currency ZZZ."}),
        ({"currency": "eur"}, {"currency": "There is no currency eur."}),
        ({"currency": ["EUR"]}, {"currency": "Not a valid string."}),
        ({"kind": "afd"}, {"": "Our own budget names no funder, a partner city names the city, and every other kind the organisation."}),
        ({"project": None}, {"": "A funding line belongs to a project or to a cultural project, not both."}),
        ({"committed": 5}, {"committed": "This field cannot be written."}),
    ],
)  # fmt: skip
def test_a_funding_line_that_cannot_be_is_refused(api, change, expected):
    body = {"project": factories.ProjectFactory().pk, "kind": "own"}
    response = api.post("/api/v1/funding-lines/", body | change)
    assert response.status_code == 400
    assert messages(response).items() >= expected.items()
    assert not models.FundingLine.objects.exists()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"deadlines": []}, {"deadlines": "A call has at least one deadline."}),
        ({"deadlines": None}, {"deadlines": "This field may not be null."}),
        ({"deadlines": "2015-12-01"}, {"deadlines": 'Expected a list of items but got type "str".'}),
        ({"deadlines": ["soon"]}, {"deadlines.0": "Date has wrong format. Use one of these formats instead: YYYY-MM-DD."}),
        ({"deadlines": [["2015-12-01"]]}, {"deadlines.0": "Date has wrong format. Use one of these formats instead: YYYY-MM-DD."}),
        ({"deadlines": [None]}, {"deadlines.0": "This field may not be null."}),
        ({"deadlines": ["1015-12-01"]}, {"deadlines": "A deadline lies between the years 1990 and 2100."}),
        ({"opens_on": "2015-12-02"}, {"opens_on": "A call does not open after its first deadline."}),
        ({"gates": ["luck"]}, {"gates.0": '"luck" is not a valid choice.'}),
        ({"cofunding_rate": 101}, {"cofunding_rate": "Ensure this value is less than or equal to 100."}),
        ({"state": "open"}, {"state": "This field cannot be written."}),
    ],
)  # fmt: skip
def test_a_call_that_cannot_be_is_refused_by_its_field(api, change, expected):
    body = {
        "identifier": "EXAMPLE",
        "title_fr": "Appel",
        "programme": factories.FundingProgrammeFactory().pk,
        "deadlines": ["2015-12-01"],
    }
    response = api.post("/api/v1/funding-calls/", body | change)
    assert response.status_code == 400
    assert messages(response).items() >= expected.items()
    assert not models.FundingCall.objects.exists()


def test_a_call_without_a_word_on_deadlines_is_refused(api):
    body = {"identifier": "EXAMPLE", "title_fr": "Appel", "programme": factories.FundingProgrammeFactory().pk}
    response = api.post("/api/v1/funding-calls/", body)
    assert (response.status_code, messages(response)) == (400, {"deadlines": "This field is required."})


# --- lives ---


def missing(api, project, verb: str) -> dict[str, str]:
    """What `steps` says that the verb still lacks, by field."""
    steps = api.get(f"/api/v1/projects/{project.pk}/steps/").json()
    step = next(step for step in steps if step["verb"] == verb)
    assert step["ready"] is (not step["missing"])
    return {reason["field"]: reason["message"] for reason in step["missing"]}


def move(api, record, verb: str, **body):
    resource = {"project": "projects", "label": "labels", "application": "applications"}[record._meta.model_name]
    return api.post(f"/api/v1/{resource}/{record.pk}/{verb}/", body)


def test_a_project_lives_from_idea_to_completed_and_each_gate_is_shown(api):
    project = factories.ProjectFactory(object_fr="")
    assert missing(api, project, "prepare") == {"places": "No city is named; where there is none, name the region."}
    city = factories.CityFactory()
    assert api.post("/api/v1/project-cities/", {"project": project.pk, "city": city.pk}).status_code == 201
    assert missing(api, project, "prepare") == {}
    assert move(api, project, "prepare").json()["stage"] == "in-preparation"

    gates = {
        "object_fr": "The object is missing (CGCT L1115-1).",
        "bodies": "No lead directorate is named.",
        "purposes": "No DAC purpose code is given.",
        "funding_lines": "No funding line says who is to pay.",
        "deliberation": "The Council's deliberation is missing.",
    }
    assert missing(api, project, "adopt") == gates
    refused = move(api, project, "adopt")
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:parvis:problem:refused")
    assert messages(refused) == gates

    code = factories.PurposeCodeFactory(code="14031")
    address = f"/api/v1/projects/{project.pk}/"
    changed = api.patch(address, {"object_fr": "Objet.", "purposes": {code.code: 100}}, headers={"If-Match": "*"})
    assert changed.status_code == 200, changed.content
    factories.ProjectOrganisationFactory(project=project, directorate=True)
    line = api.post("/api/v1/funding-lines/", {"project": project.pk, "kind": "own"}).json()
    assert missing(api, project, "adopt")["funding_lines"] == "No forecast is recorded: the vote freezes it."
    api.post("/api/v1/forecasts/", {"line": line["id"], "year": 2015, "amount_eur": "900"})
    vote = factories.DeliberationFactory()
    adopted = move(api, project, "adopt", deliberation=vote.pk).json()
    assert adopted["stage"] == "adopted"
    assert [row["deliberation"] for row in adopted["funding_lines"][0]["forecasts"]] == [None, vote.pk]

    assert missing(api, project, "start") == {"actual_start": "The date of the start is missing."}
    early = move(api, project, "start", actual_start="2015-02-01")
    assert (early.status_code, list(messages(early))) == (409, ["actual_start"])
    assert move(api, project, "start", actual_start="2015-03-02").json()["stage"] == "under-way"

    step = factories.ProjectStepFactory(project=project, title="Close")
    indicator = factories.ResultIndicatorFactory(project=project, title_en="Pupils")
    assert missing(api, project, "complete") == {
        "actual_end": "The date of the end is missing.",
        "steps": "A step is not done: Close.",
        "indicators": "No result is recorded for “Pupils”.",
    }
    api.patch(f"/api/v1/project-steps/{step.pk}/", {"done_on": "2015-05-04"}, headers={"If-Match": "*"})
    factories.ResultPeriodFactory(indicator=indicator, actual=12)
    late = move(api, project, "complete", actual_end="2015-06-02")
    assert (late.status_code, messages(late)) == (400, {"actual_end": FUTURE})
    done = move(api, project, "complete", actual_end="2015-05-29")
    assert (done.status_code, done.json()["stage"]) == (200, "completed")
    assert done.json() == api.get(address).json()
    assert api.get(f"{address}steps/").json() == []


def test_a_project_is_suspended_with_a_reason_that_it_keeps(api):
    project = factories.ProjectFactory(under_way=True)
    refused = move(api, project, "suspend")
    assert (refused.status_code, messages(refused)) == (409, {"reason": "Say why."})
    stopped = move(api, project, "suspend", reason="Invented flood.").json()
    assert (stopped["stage"], stopped["stopped_reason"]) == ("suspended", "Invented flood.")
    back = move(api, project, "prepare-again", reason="Anew.")
    assert (back.status_code, messages(back)) == (409, {"": "It has begun: resume it, or abandon it."})
    resumed = move(api, project, "resume").json()
    assert (resumed["stage"], resumed["stopped_reason"]) == ("under-way", "")


def test_a_label_is_reviewed_and_awarded(api):
    label = factories.LabelFactory()
    assert move(api, label, "instruct").json()["stage"] == "under-review"
    refused = move(api, label, "award")
    assert (refused.status_code, messages(refused)) == (
        409,
        {
            "opinion": "The opinion of the review is missing.",
            "decided_on": "The date of the decision is missing.",
            "valid_until": "Say until when the label is valid.",
        },
    )
    body = {"opinion": "Invented.", "decided_on": "2015-05-04", "valid_until": "2016-05-03"}
    assert move(api, label, "award", **body).json()["stage"] == "awarded"
    assert api.get("/api/v1/labels/?valid=true").json()["count"] == 1
    assert api.get("/api/v1/labels/?valid=false").json()["count"] == 0


def test_an_application_is_submitted_and_what_it_wins_is_a_funding_line(api):
    call = factories.FundingCallFactory(max_contribution=5000, gates=["aid-return"], cofunding_rate=50)
    application = factories.ApplicationFactory(call=call)
    assert messages(move(api, application, "submit")) == {
        "amount_asked": "The amount asked is missing.",
        "total_cost": "The whole cost is missing.",
        "directorate": "The directorate that applies is missing.",
        "submitted_on": "The date of the submission is missing.",
        "call": "The aid return for 2014 is not recorded as filed (CGCT L1115-6).",
    }
    directorate = factories.OrganisationFactory(kind="directorate")
    address = f"/api/v1/applications/{application.pk}/"
    api.patch(address, {"directorate": directorate.pk}, headers={"If-Match": "*"})
    factories.FilingFactory(year=2014)
    body = {"amount_asked": "4000", "total_cost": "10000", "submitted_on": "2015-05-04"}
    sent = move(api, application, "submit", **body)
    assert (sent.json()["stage"], sent.json()["partners_share"]) == ("submitted", "60.00"), sent.content
    too_much = move(api, application, "win", amount_obtained="4000.01", decided_on="2015-05-29")
    assert (too_much.status_code, messages(too_much)) == (
        409,
        {"amount_obtained": "No more is obtained than was asked."},
    )
    won = move(api, application, "win", amount_obtained="3000", decided_on="2015-05-29").json()
    line = api.get(f"/api/v1/funding-lines/{won['funding_line']}/").json()
    assert (won["stage"], line["requested"], line["committed"], line["project"]) == (
        "won",
        "4000.00",
        "3000.00",
        application.project_id,
    )


def test_the_date_of_a_lost_application_and_why_are_kept(api):
    application = factories.ApplicationFactory(
        stage="submitted", submitted_on=date(2015, 4, 1), amount_asked=10, total_cost=20
    )
    lost = move(api, application, "lose", decided_on="2015-05-04", reason="Invented.").json()
    assert (lost["stage"], lost["decided_on"], lost["decision_reason"]) == ("lost", "2015-05-04", "Invented.")

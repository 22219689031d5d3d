"""Mandates, objectives and indicators: what they look like to the last key, what they ask the database, who reads what."""

from datetime import date

import pytest
from django.contrib.contenttypes.models import ContentType

from core.api.serializers import Moment
from core.models.attached import attachable
from core.roles import Role
from mandate.models import EVIDENCE
from tests import factories
from tests.api import lives
from tests.api.conftest import bearer, messages, signed_in
from tests.api.test_events import read, row
from tests.api.test_lists import queries
from tests.api.test_representation import page

pytestmark = pytest.mark.django_db

OWN = (
    "mandate reference kind horizon parent weight wording_fr wording_en note_fr note_en owner owner_words_fr"
    " owner_words_en due_on due_on_precision due_words_fr due_words_en status status_reason judged_on continues"
)
NO_TREND = {
    "last": None,
    "last_day": None,
    "earlier": None,
    "earlier_day": None,
    "change": None,
    "since_baseline": None,
    "improves": None,
    "is_reached": False,
}
TREND = {
    "last": "50.00",
    "last_day": "2015-06-01",
    "earlier": "40.00",
    "earlier_day": "2015-04-01",
    "change": "10.00",
    "since_baseline": None,
    "improves": True,
    "is_reached": False,
}


def indicator(record, **values) -> dict:
    keys = "objective title_fr title_en measure parameter judged_words_fr judged_words_en unit direction position"
    empty = {"target": None, "baseline": None, "since": None, "until": None}
    return row(record, keys, **empty | {"trend": TREND} | values)


def evidence(record) -> dict:
    named = {name: getattr(record, f"{name}_id") for name in EVIDENCE}
    return row(record, "objective note_fr note_en", **named, added_on="2015-06-01")


def days(mandate, midpoint: dict) -> list[dict]:
    def day(which: str, falls_on: str) -> dict:
        return {"which": which, "falls_on": falls_on, "computed": falls_on, "decision": None}

    return [day("day-100", "2014-07-14"), day("midpoint", "2017-05-19") | midpoint, day("end", "2020-07-03")]


def test_a_mandate_alone_and_in_the_list(api):
    mandate = lives.mandate()
    moved = {"falls_on": "2017-06-01", "decision": mandate.decisions.get().pk}
    expected = row(
        mandate,
        "slug city title_fr title_en previous",
        starts_on="2014-04-05",
        ends_on="2020-07-03",
        milestones=days(mandate, moved),
    )
    assert read(api, "mandates", mandate) == (page(expected), expected)


def test_the_days_of_a_mandate_move_with_its_dates(api):
    mandate = factories.MandateFactory()
    address = f"/api/v1/mandates/{mandate.pk}/"
    changed = api.patch(address, {"starts_on": "2014-04-06"}, headers={"If-Match": f'"{mandate.pk}-1"'})
    assert [day["falls_on"] for day in changed.json()["milestones"]] == ["2014-07-15", "2017-05-20", "2020-07-03"]
    shorter = api.patch(address, {"ends_on": "2016-04-05"}, headers={"If-Match": changed.headers["ETag"]})
    assert [day["falls_on"] for day in shorter.json()["milestones"]] == ["2014-07-15", "2015-04-06", "2016-04-05"]


def test_a_decision_that_is_added_changes_the_etag_of_its_mandate(api):
    mandate = factories.MandateFactory()
    before = api.get(f"/api/v1/mandates/{mandate.pk}/").headers["ETag"]
    body = {"which": "end", "falls_on": "2020-06-28", "decided_on": "2015-05-04", "reason": "Raison"}
    added = api.post("/api/v1/milestone-decisions/", body | {"mandate": mandate.pk})
    assert added.status_code == 201, added.content
    assert api.get(f"/api/v1/mandates/{mandate.pk}/").headers["ETag"] != before


def test_an_objective_alone_and_in_the_list(api):
    person = factories.UserFactory(first_name="Ana", last_name="Inventée")
    objective = lives.objective(owner=person, due_on=date(2015, 9, 1), due_on_precision="month")
    associate, condition = objective.associates.get(), objective.preconditions.get()
    step, part = objective.milestones.get(), objective.parts.get()
    own = row(objective, OWN, due_on="2015-09-01", status="not-started")
    expected = own | {
        "owner_name": "Ana Inventée",
        "associates": [row(associate, "objective person organisation")],
        "shown_by": 1,
    }
    alone = api.get(f"/api/v1/objectives/{objective.pk}/").json()
    assert alone == expected | {
        "progress": "0.00",
        "parts": [row(part, OWN)],
        "preconditions": [row(condition, "objective needs words_fr words_en fulfilled_on", is_fulfilled=False)],
        "milestones": [row(step, "objective title_fr title_en due_on due_on_precision reached_on note_fr note_en")],
        "indicators": [indicator(objective.indicators.get())],
        "evidence": [evidence(objective.evidence.get())],
    }
    listed = api.get(f"/api/v1/objectives/?reference={objective.reference}").json()
    assert listed == page(expected)


def test_the_progress_of_a_whole_is_that_of_its_parts(api):
    whole = factories.ObjectiveFactory()
    factories.ObjectiveFactory(met=True, parent=whole, weight=100, mandate=whole.mandate)
    assert api.get(f"/api/v1/objectives/{whole.pk}/").json()["progress"] == "100.00"


def test_rows_of_objectives_alone_and_in_the_list(api):
    step = factories.MilestoneFactory()
    expected = row(step, "objective title_fr title_en due_on due_on_precision reached_on note_fr note_en")
    assert read(api, "milestones", step) == (page(expected), expected)
    shown = factories.EvidenceFactory()
    assert read(api, "evidence", shown) == (page(evidence(shown)), evidence(shown))
    decision = factories.MilestoneDecisionFactory()
    dates = {"falls_on": "2017-06-01", "decided_on": "2015-03-02", "which": "midpoint"}
    expected = row(decision, "mandate reason reference", **dates)
    assert read(api, "milestone-decisions", decision) == (page(expected), expected)


# --- indicators ---


def test_an_indicator_alone_names_the_records_behind_its_figure(api):
    clause = factories.AgreementClauseFactory(agreement__in_force=True)
    factories.AgreementPartyFactory(agreement=clause.agreement)
    other = factories.AgreementPartyFactory(agreement__in_force=True).agreement
    found = lives.indicator()
    address = "http://testserver/api/v1/agreements/{}/".format
    alone = indicator(found) | {
        "now": {
            "value": "50.00",
            "records": [address(clause.agreement_id)],
            "whole": [address(key) for key in sorted([clause.agreement_id, other.pk])],
        }
    }
    listed, read_alone = read(api, "indicators", found)
    read_alone["now"]["whole"].sort()
    assert (listed, read_alone) == (page(indicator(found)), alone)


def test_every_record_behind_a_figure_is_read_at_its_address(api):
    clause = factories.AgreementClauseFactory(agreement__in_force=True)
    factories.AgreementPartyFactory(agreement=clause.agreement)
    found = api.get(f"/api/v1/indicators/{factories.IndicatorFactory().pk}/").json()
    assert [api.get(address).json()["id"] for address in found["now"]["records"]] == [clause.agreement_id]


def test_what_is_judged_by_hand_measures_nothing(api):
    found = factories.IndicatorFactory(by_hand=True)
    expected = indicator(found, trend=NO_TREND, now=None)
    assert api.get(f"/api/v1/indicators/{found.pk}/").json() == expected


def test_a_figure_of_people_under_threat_has_no_records(api):
    found = factories.IndicatorFactory(measure="refuges-begun")
    now = api.get(f"/api/v1/indicators/{found.pk}/").json()["now"]
    assert (now["records"], now["whole"]) == ([], None)


def test_who_may_not_view_what_is_measured_is_shown_neither_value_nor_reading():
    factories.AgreementClauseFactory(agreement__in_force=True)
    found = lives.indicator()
    blind = bearer("mandate:read")
    alone = blind.get(f"/api/v1/indicators/{found.pk}/").json()
    assert alone["now"] == {"value": None, "records": [], "whole": None}
    assert alone["trend"] == NO_TREND
    assert blind.get(f"/api/v1/indicators/{found.pk}/readings/").json() == page()


def reading(day: str, value: str | None, record) -> dict:
    moment = record.readings.get(day=day).computed_at
    return {"day": day, "value": value, "computed_at": Moment().to_representation(moment)}


def test_readings_are_listed_day_by_day_and_cut(api):
    found = lives.indicator()
    factories.IndicatorReadingFactory(indicator=found, day=date(2015, 5, 1), value=None)
    address = f"/api/v1/indicators/{found.pk}/readings/"
    last, middle, first = (
        reading("2015-06-01", "50.00", found),
        reading("2015-05-01", None, found),
        reading("2015-04-01", "40.00", found),
    )
    assert api.get(address).json() == page(last, middle, first)
    assert api.get(f"{address}?since=2015-05-01").json() == page(last, middle)
    assert api.get(f"{address}?since=2015-04-02&until=2015-05-31").json() == page(middle)
    assert api.get(f"{address}?page_size=1&page=3").json()["results"] == [first]
    wrong = api.get(f"{address}?since=yesterday&from=2015")
    assert messages(wrong) == {"from": "There is no such parameter."}
    wrong = api.get(f"{address}?since=yesterday")
    assert messages(wrong) == {"since": "Date has wrong format. Use one of these formats instead: YYYY-MM-DD."}


# --- what lists are narrowed by ---


@pytest.fixture
def several():
    """Four objectives of two mandates: late, past its date, shown, and one that continues nothing."""
    mandate = factories.MandateFactory(slug="first")
    person = factories.UserFactory()
    late = factories.ObjectiveFactory(reference="LATE", late=True, mandate=mandate, owner=person)
    passed = {"due_on": date(2015, 5, 1), "due_on_precision": "month"}
    past = factories.ObjectiveFactory(reference="PAST", mandate=mandate, horizon="first-100-days", **passed)
    shown = factories.ObjectiveFactory(reference="SHOWN", mandate=mandate, parent=past, weight=100, wording_fr="Égouts")
    factories.EvidenceFactory(objective=shown)
    now = {"due_on": date(2015, 6, 1), "due_on_precision": "month", "kind": "commitment", "horizon": ""}
    factories.ObjectiveFactory(reference="NOW", mandate=factories.MandateFactory(slug="second"), **now)
    return {"owner": person.pk, "late": late.pk}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("mandate=first", ["LATE", "PAST", "SHOWN"]),
        ("kind=commitment", ["NOW"]),
        ("horizon=first-100-days", ["PAST"]),
        ("status=late&status=met", ["LATE"]),
        ("owner={owner}", ["LATE"]),
        ("parent=PAST", ["SHOWN"]),
        ("late=true", ["LATE", "PAST"]),
        ("late=false", ["NOW", "SHOWN"]),
        ("shown=true", ["SHOWN"]),
        ("shown=false&mandate=first", ["LATE", "PAST"]),
        ("due_before=2015-05-31", ["PAST"]),
        ("due_after=2015-05-31", ["NOW"]),
        ("q=egouts", ["SHOWN"]),
        ("reference=NOW", ["NOW"]),
    ],
)
def test_objectives_are_narrowed(api, several, query, expected):
    answer = api.get(f"/api/v1/objectives/?ordering=reference&{query.format(**several)}")
    assert answer.status_code == 200, answer.content
    assert [found["reference"] for found in answer.json()["results"]] == expected


@pytest.mark.parametrize(
    ("resource", "query", "count"),
    [
        ("mandates", "runs_on=2015-06-01", 1),
        ("mandates", "runs_on=2021-01-01", 0),
        ("mandates", "slug=other", 0),
        ("milestone-decisions", "which=midpoint", 1),
        ("milestone-decisions", "which=end", 0),
        ("milestones", "objective=WHOLE&reached=false", 1),
        ("milestones", "reached=true", 0),
        ("milestones", "mandate=term", 1),
        ("objective-preconditions", "fulfilled=false", 1),
        ("objective-preconditions", "fulfilled=true", 0),
        ("objective-associates", "objective=WHOLE", 1),
        ("evidence", "objective=WHOLE", 1),
        ("evidence", "mission=MIS-1&objective=WHOLE", 0),
        ("indicators", "measure=agreements-with-gender-clause", 1),
        ("indicators", "judged_by_hand=true", 0),
        ("indicators", "judged_by_hand=false&mandate=term", 1),
        ("indicators", "reached=true", 1),
        ("indicators", "reached=false", 0),
    ],
)
def test_the_other_lists_are_narrowed(api, resource, query, count):
    objective = lives.objective(reference="WHOLE", mandate=lives.mandate(slug="term"))
    objective.indicators.update(target=50)
    factories.MissionFactory(reference="MIS-1")
    answer = api.get(f"/api/v1/{resource}/?{query}")
    assert (answer.status_code, answer.json().get("count")) == (200, count), answer.content


def test_a_reference_that_several_mandates_have_names_none_of_them(api):
    for _ in range(2):
        factories.MilestoneFactory(objective__reference="O-1")
    answer = api.get("/api/v1/milestones/?objective=O-1")
    assert messages(answer) == {"objective": "Several mandates have an objective “O-1”: name it by its number."}


def test_an_unknown_measure_narrows_nothing(api):
    sentence = "Select a valid choice. happiness is not one of the available choices."
    assert messages(api.get("/api/v1/indicators/?measure=happiness")) == {"measure": sentence}


# --- what it asks the database, and who reads it ---


def test_an_objective_alone_asks_the_database_as_often_for_many_parts_as_for_one(api):
    """The token, the record, one for each of its seven kinds of rows, its mandate, and the progress of the whole mandate."""
    ContentType.objects.get_for_models(*attachable())
    objective = lives.objective()
    address = f"/api/v1/objectives/{objective.pk}/"
    one = queries(api, address)
    lives.indicator(objective=objective, measure="refuges-begun")
    for _ in range(2):
        factories.MilestoneFactory(objective=objective)
        factories.EvidenceFactory(objective=objective)
        factories.ObjectivePreconditionFactory(objective=objective)
        factories.ObjectiveAssociateFactory(objective=objective)
    many = queries(api, address)
    assert (len(one), len(many)) == (10, 10), "\n".join(many)


def test_evidence_that_the_caller_may_not_see_is_nowhere():
    objective = factories.ObjectiveFactory()
    hidden = factories.EvidenceFactory(objective=objective)
    blind = bearer("mandate:read")
    assert blind.get("/api/v1/evidence/").json() == page()
    assert blind.get(f"/api/v1/evidence/{hidden.pk}/").status_code == 404
    alone = blind.get(f"/api/v1/objectives/{objective.pk}/").json()
    assert (alone["evidence"], alone["shown_by"]) == ([], 0)
    assert blind.get("/api/v1/objectives/?shown=true").json()["count"] == 0
    assert bearer("mandate:read", "events:read").get("/api/v1/evidence/").json()["count"] == 1


@pytest.mark.parametrize("role", [Role.DEPUTY, Role.MAYORS_OFFICE, Role.AUDITOR, Role.SOLIDARITY_OFFICER])
def test_who_only_reads_the_mandate_writes_nothing(role):
    person, objective = signed_in(role), factories.ObjectiveFactory()
    assert person.get("/api/v1/objectives/").json()["count"] == 1
    for address, body in (
        (f"/api/v1/objectives/{objective.pk}/start/", {}),
        (f"/api/v1/objectives/{objective.pk}/weigh/", {"parts": []}),
        (f"/api/v1/mandates/{objective.mandate_id}/hand-over/", {}),
        ("/api/v1/milestones/", {"objective": objective.pk, "title_fr": "Étape"}),
    ):
        assert person.post(address, body).status_code == 403, address
    objective.refresh_from_db()
    assert objective.status == "not-started"


@pytest.mark.parametrize("path", ["mandates", "objectives", "evidence", "indicators"])
def test_the_scope_of_the_mandate_is_needed(path):
    answer = bearer("events:read").get(f"/api/v1/{path}/")
    assert (answer.status_code, answer.json()["detail"]) == (403, "The access token lacks the scope “mandate:read”.")

"""What mandates, objectives and indicators refuse over the API, by its field and in both languages; their life, the handover, the weights."""

from datetime import date

import pytest
from django.utils.translation import gettext, override

from core.roles import Role
from mandate import models
from mandate.enums import OBJECTIVE_LIFE
from tests import factories
from tests.api import lives
from tests.api.conftest import bearer, signed_in
from tests.api.test_events_writing import ANY, FUTURE, READ_ONLY, UNKNOWN, add, changed, lead, move, refused
from tests.mandate.lives import at, given

pytestmark = pytest.mark.django_db
STALE = {"If-Match": '"0-1"'}
FOLLOWS = "A mandate follows one of the same city that ended before it."
ONE_RECORD = "A piece of evidence is one record: choose one."
WEIGHTS = "The weights of the parts of an objective sum to 100."


# --- mandates ---


def term(governed, /, **change) -> dict:
    return {
        "slug": "next",
        "city": governed.pk,
        "title_fr": "Suivante",
        "starts_on": "2020-07-03",
        "ends_on": "2026-03-28",
    } | change


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"ends_on": "2020-07-02"}, {"ends_on": "A mandate ends after it starts."}),
        ({"ends_on": "2020-07-03"}, {"ends_on": "A mandate ends after it starts."}),
        ({"starts_on": "2020-07-02"}, {"": "The city already has a mandate at that time."}),
        ({"starts_on": "2015-01-01", "ends_on": "2016-01-01"}, {"": "The city already has a mandate at that time."}),
        ({"starts_on": "1014-04-05"}, {"": "A date lies between the years 1900 and 2200."}),
        ({"slug": "first"}, {"slug": "Mandate with this Short name already exists."}),
        ({"slug": ""}, {"slug": "This field may not be blank."}),
        ({"city": 10**6}, {"city": "There is no such record: 1000000."}),
        ({"previous": "other"}, {"previous": FOLLOWS}),
        ({"milestones": [], "day_100": "2020-10-11"}, {"milestones": READ_ONLY, "day_100": UNKNOWN}),
    ],
)
def test_a_mandate_that_cannot_be_is_refused_by_its_field(api, change, expected):
    first = factories.MandateFactory(slug="first")
    if "previous" in change:
        change = {"previous": factories.MandateFactory().pk}
    count = models.Mandate.objects.count()
    refused(api.post("/api/v1/mandates/", term(first.city, **change)), expected)
    assert models.Mandate.objects.count() == count


def test_the_day_of_the_handover_belongs_to_both(api):
    first = factories.MandateFactory()
    assert add(api, "mandates", **term(first.city, previous=first.pk))


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"falls_on": "2021-01-01"}, {"falls_on": "A milestone falls within its mandate."}),
        ({"decided_on": "2015-06-02"}, {"decided_on": FUTURE}),
        ({"reason": ""}, {"reason": "This field may not be blank."}),
        ({"which": "someday"}, {"which": '"someday" is not a valid choice.'}),
    ],
)
def test_a_decision_that_cannot_be_is_refused(api, change, expected):
    body = {"which": "end", "falls_on": "2020-06-28", "decided_on": "2015-05-04", "reason": "Raison"} | change
    refused(api.post("/api/v1/milestone-decisions/", body | {"mandate": factories.MandateFactory().pk}), expected)
    assert not models.MilestoneDecision.objects.exists()


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_a_decision_is_never_changed(api, method):
    address = f"/api/v1/milestone-decisions/{factories.MilestoneDecisionFactory().pk}/"
    assert getattr(api, method)(address, {}, headers=ANY).status_code == 405


def test_a_mandate_is_not_moved_away_from_a_decision_that_rules(api):
    mandate = factories.MilestoneDecisionFactory().mandate
    answer = api.patch(f"/api/v1/mandates/{mandate.pk}/", {"ends_on": "2017-01-01"}, headers=ANY)
    refused(answer, {"": "A milestone that was decided would fall outside the mandate."})


# --- the handover ---


def test_a_mandate_is_handed_over_with_the_objectives_that_are_chosen(api):
    mandate = factories.MandateFactory()
    kept = lives.objective(mandate=mandate, reference="KEPT")
    body = {"slug": "next", "title_fr": "Suivante", "ends_on": "2026-03-28", "objectives": [kept.pk]}
    answer = move(api, "mandates", mandate.pk, "hand-over", **body)
    assert answer.status_code == 201, answer.content
    assert answer.json() == api.get(answer.headers["Location"]).json()
    assert (answer.json()["previous"], answer.json()["starts_on"]) == (mandate.pk, "2020-07-03")
    carried = api.get("/api/v1/objectives/?mandate=next").json()["results"]
    assert [(row["reference"], row["continues"], row["status"]) for row in carried] == [
        ("KEPT", kept.pk, "not-started")
    ]
    again = move(api, "mandates", mandate.pk, "hand-over", **body | {"slug": "again"})
    refused(again, {"": "The mandate has been handed over already."}, 409)


def test_a_handover_gives_every_reason_and_opens_nothing(api):
    mandate = factories.MandateFactory()
    met = factories.ObjectiveFactory(mandate=mandate, reference="MET", met=True)
    other = factories.ObjectiveFactory(reference="OTHER")
    body = {"slug": "next", "title_fr": "Suivante", "ends_on": "2026-03-28", "objectives": [met.pk, other.pk]}
    answer = move(api, "mandates", mandate.pk, "hand-over", **body)
    sentence = "MET is met or dropped: nothing is carried over.; OTHER is of another mandate."
    refused(answer, {"objectives": sentence}, 409)
    assert models.Mandate.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"ends_on": "2020-07-03"}, {"ends_on": "A mandate ends after it starts."}),
        (
            {"starts_on": "2020-07-02"},
            {"previous": FOLLOWS, "": "The city already has a mandate at that time."},
        ),
        ({"objectives": [10**6]}, {"objectives": "There is no such record: 1000000."}),
        ({"objectives": "all"}, {"objectives": 'Expected a list of items but got type "str".'}),
        ({"city": 1}, {"city": UNKNOWN}),
    ],
)
def test_a_handover_that_cannot_be_is_refused_by_its_field(api, change, expected):
    mandate = factories.MandateFactory()
    body = {"slug": "next", "title_fr": "Suivante", "ends_on": "2026-03-28"} | change
    refused(move(api, "mandates", mandate.pk, "hand-over", **body), expected)
    assert models.Mandate.objects.count() == 1


def test_a_handover_of_a_mandate_that_has_changed_is_refused(api):
    mandate = factories.MandateFactory()
    body = {"slug": "next", "title_fr": "Suivante", "ends_on": "2026-03-28"}
    assert api.post(f"/api/v1/mandates/{mandate.pk}/hand-over/", body, headers=STALE).status_code == 412


# --- objectives ---


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"horizon": ""}, {"horizon": "An objective of the mission letter has the term that the letter sets."}),
        ({"horizon": "someday"}, {"horizon": '"someday" is not a valid choice.'}),
        ({"reference": "o 1"}, {"reference": "A reference is written in capital letters and digits, with single hyphens between them."}),
        ({"reference": "TAKEN"}, {"reference": "The mandate already has an objective of this reference."}),
        ({"weight": 50}, {"weight": "A part has a weight from 1 to 100, and what is no part has none."}),
        ({"parent": "whole"}, {"weight": "A part has a weight from 1 to 100, and what is no part has none."}),
        ({"parent": "whole", "weight": 50}, {"weight": WEIGHTS}),
        ({"parent": "foreign", "weight": 100}, {"parent": "An objective and its parts are of one mandate."}),
        ({"due_on": "2015-05-04", "due_on_precision": "month"},
         {"due_on": "A date known to the month, season or year is written as the first day of that period."}),
        ({"wording_fr": ""}, {"wording_fr": "This field may not be blank."}),
        ({"owner": 10**6}, {"owner": "There is no such record: 1000000."}),
        ({"owner": "gone"}, {"owner": "There is no such record: {gone}."}),
        ({"status": "met", "judged_on": "2015-06-01", "shown_by": 1, "owner_name": "A"},
         {"status": READ_ONLY, "judged_on": READ_ONLY, "shown_by": READ_ONLY, "owner_name": READ_ONLY}),
    ],
)  # fmt: skip
def test_an_objective_that_cannot_be_is_refused_by_its_field(api, change, expected):
    whole = factories.ObjectiveFactory(reference="TAKEN")
    named = {
        "whole": whole.pk,
        "foreign": factories.ObjectiveFactory().pk,
        "gone": factories.UserFactory(is_active=False).pk,
    }
    body = {"mandate": whole.mandate_id, "reference": "NEW", "horizon": "mid-term", "wording_fr": "Objectif"} | change
    body = {name: named.get(value, value) if isinstance(value, str) else value for name, value in body.items()}
    expected = {name: sentence.format(**named) for name, sentence in expected.items()}
    refused(api.post("/api/v1/objectives/", body), expected)
    assert models.Objective.objects.count() == 2


@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_is_refused_names_its_field_in_both_languages(language):
    person, mandate = signed_in(Role.OFFICER, language), factories.MandateFactory()
    body = {"mandate": mandate.pk, "reference": "NEW", "wording_fr": "Objectif", "weight": 5}
    answer = person.post("/api/v1/objectives/", body)
    with override(language):
        expected = {
            "horizon": gettext("An objective of the mission letter has the term that the letter sets."),
            "weight": gettext("A part has a weight from 1 to 100, and what is no part has none."),
        }
    refused(answer, expected)


def test_an_objective_stays_in_its_mandate(api):
    objective, other = factories.ObjectiveFactory(), factories.MandateFactory()
    answer = api.patch(f"/api/v1/objectives/{objective.pk}/", {"mandate": other.pk}, headers=ANY)
    refused(answer, {"": "An objective stays in its mandate: the handover carries it over to the next."})


@pytest.mark.parametrize("resource", ["mandates", "objectives", "milestones", "evidence", "indicators"])
@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_nobodys_change_is_lost(api, resource, method):
    make = {"evidence": factories.EvidenceFactory}.get(resource) or getattr(
        lives, resource.removesuffix("s"), factories.MilestoneFactory
    )
    record = make()
    address = f"/api/v1/{resource}/{record.pk}/"
    assert getattr(api, method)(address, {}).status_code == 428
    assert getattr(api, method)(address, {}, headers={"If-Match": f'"{record.pk}-7"'}).status_code == 412
    record.refresh_from_db()
    assert record.version == 1


def test_an_owner_is_named_by_whoever_may_change_objectives():
    person, officer = factories.UserFactory(first_name="Ana", last_name="Inventée"), signed_in(Role.OFFICER)
    objective = factories.ObjectiveFactory()
    assert changed(officer, "objectives", objective.pk, owner=person.pk)["owner_name"] == "Ana Inventée"
    assert changed(officer, "objectives", objective.pk, owner=None)["owner_name"] is None


# --- the life ---


def test_an_objective_is_judged_by_every_verb(api):
    objective = at("not-started")
    steps = [
        ("start", {}),
        ("warn", {"reason": "Raison"}),
        ("recover", {}),
        ("delay", {"reason": "Raison"}),
        ("meet", {}),
        ("reopen", {"reason": "Raison"}),
        ("drop", {"reason": "Raison"}),
    ]
    expected = ["on-track", "at-risk", "on-track", "late", "met", "on-track", "dropped"]
    assert lead(api, "objectives", objective.pk, *steps) == expected
    assert {verb for verb, _body in steps} == {transition.verb for transition in OBJECTIVE_LIFE.transitions}


def test_an_objective_without_anything_to_show_is_not_met(api):
    objective = factories.ObjectiveFactory()
    factories.IndicatorFactory(objective=objective, target=60, title_en="Share")
    factories.ObjectivePreconditionFactory(objective=objective, words_en="Vote")
    answer = move(api, "objectives", objective.pk, "meet")
    expected = {
        "evidence": "Nothing shows it yet: add a piece of evidence.",
        "indicators": "“Share” does not reach its target.",
        "preconditions": "A precondition is not fulfilled: Vote.",
    }
    refused(answer, expected, 409)
    steps = {step["verb"]: step["ready"] for step in api.get(f"/api/v1/objectives/{objective.pk}/steps/").json()}
    assert steps == {"start": True, "warn": True, "delay": True, "meet": False, "drop": True}


def test_evidence_that_the_caller_cannot_see_does_not_let_her_meet_it():
    objective = factories.EvidenceFactory().objective
    blind = bearer("mandate:read", "mandate:write")
    refused(
        move(blind, "objectives", objective.pk, "meet"),
        {"evidence": "Nothing shows it yet: add a piece of evidence."},
        409,
    )


@pytest.mark.parametrize("verb", ["warn", "delay", "drop"])
def test_a_judgement_without_a_reason_is_refused(api, verb):
    objective = at("on-track")
    refused(move(api, "objectives", objective.pk, verb), {"reason": "Say why."}, 409)
    assert move(api, "objectives", objective.pk, verb, **given(verb)).status_code == 200


def test_an_objective_that_was_judged_is_not_deleted(api):
    objective = factories.ObjectiveFactory(late=True)
    answer = api.delete(f"/api/v1/objectives/{objective.pk}/", headers=ANY)
    refused(answer, {"": "Only an objective that was never judged is deleted: drop it instead."}, 409)


# --- weights ---


@pytest.fixture
def whole():
    return factories.ObjectiveFactory()


def two_of(whole) -> list[models.Objective]:
    return [factories.ObjectiveFactory(mandate=whole.mandate) for _ in range(2)]


def lines(*parts) -> dict:
    return {"parts": [{"objective": part.pk, "weight": weight} for part, weight in parts]}


def test_the_parts_of_an_objective_are_weighed_in_one_request(api, whole):
    one, other = two_of(whole)
    for given_parts, expected in (([(one, 60), (other, 40)], [60, 40]), ([(one, 100)], [100]), ([], [])):
        answer = move(api, "objectives", whole.pk, "weigh", **lines(*given_parts))
        assert answer.status_code == 200, answer.content
        assert [part["weight"] for part in answer.json()["parts"]] == expected
        assert answer.json() == api.get(f"/api/v1/objectives/{whole.pk}/").json()
    assert models.Objective.objects.count() == 3


def test_parts_that_cannot_be_are_refused(api, whole):
    (one, other), elsewhere = two_of(whole), factories.ObjectiveFactory()
    taken = factories.ObjectiveFactory(mandate=whole.mandate, parent=other, weight=100)
    address = f"/api/v1/objectives/{whole.pk}/weigh/"
    for body, expected, code in (
        (lines((one, 60), (other, 30)), {"weight": "The weights sum to 90, not to 100."}, 409),
        (lines((one, 50), (one, 50)), {"parts": "An objective is named twice."}, 400),
        (lines((taken, 100)), {"parent": f"{taken.reference} is already a part of another objective."}, 409),
        (lines((elsewhere, 100)), {"parent": "An objective and its parts are of one mandate."}, 400),
        (lines((whole, 100)), {"parent": "An objective cannot be a part of its own parts."}, 400),
        ({"parts": [{"objective": one.pk, "weight": "much"}]}, {"parts.0.weight": "A valid integer is required."}, 400),
        (
            {"parts": [{"objective": 10**6, "weight": 100}]},
            {"parts.0.objective": "There is no such record: 1000000."},
            400,
        ),
        ({}, {"parts": "This field is required."}, 400),
    ):
        refused(api.post(address, body), expected, code)
        assert not whole.parts.exists()
    stale = api.post(address, lines((one, 100)), headers=STALE)
    assert stale.status_code == 412


def test_one_part_alone_cannot_unbalance_the_others(api, whole):
    one, other = two_of(whole)
    move(api, "objectives", whole.pk, "weigh", **lines((one, 60), (other, 40)))
    for change in ({"weight": 50}, {"parent": None, "weight": None}):
        refused(api.patch(f"/api/v1/objectives/{one.pk}/", change, headers=ANY), {"weight": WEIGHTS})
    refused(api.delete(f"/api/v1/objectives/{one.pk}/", headers=ANY), {"weight": WEIGHTS})
    assert sorted(whole.parts.values_list("weight", flat=True)) == [40, 60]


# --- what belongs to an objective ---


@pytest.mark.parametrize(
    ("resource", "make", "change", "expected"),
    [
        ("objective-associates", factories.ObjectiveAssociateFactory, {"person": None},
         {"": "Name a deputy or a directorate, one in each line."}),
        ("objective-preconditions", factories.ObjectivePreconditionFactory, {"words_fr": "", "words_en": ""},
         {"words_fr": "Name another objective, or say in words what is needed."}),
        ("objective-preconditions", factories.ObjectivePreconditionFactory, {"fulfilled_on": "2015-06-02"}, {"fulfilled_on": FUTURE}),
        ("milestones", factories.MilestoneFactory, {"reached_on": "2015-06-02"}, {"reached_on": FUTURE}),
        ("milestones", factories.MilestoneFactory, {"due_on_precision": "month"},
         {"due_on": "A date needs its precision, and a precision other than “not known” needs a date."}),
        ("evidence", factories.EvidenceFactory, {"mission": None}, {"": ONE_RECORD}),
        ("evidence", factories.EvidenceFactory, {"event": "event"}, {"": ONE_RECORD}),
        ("evidence", factories.EvidenceFactory, {"added_on": "2015-06-02"}, {"added_on": FUTURE}),
        ("indicators", factories.IndicatorFactory, {"measure": "happiness"}, {"measure": '"happiness" is not a valid choice.'}),
        ("indicators", factories.IndicatorFactory, {"measure": ""}, {"measure": "Choose a measure, or say how it is judged by hand."}),
        ("indicators", factories.IndicatorFactory, {"measure": "trips-to-area"},
         {"parameter": "Say what it measures: the short name is missing."}),
        ("indicators", factories.IndicatorFactory, {"measure": "trips-to-area", "parameter": "mars"},
         {"parameter": "There is nothing of this short name."}),
        ("indicators", factories.IndicatorFactory, {"parameter": "mars"}, {"parameter": "This measure is not narrowed."}),
        ("indicators", factories.IndicatorFactory, {"since": "2015-06-01", "until": "2015-05-01"},
         {"until": "The end cannot be before the beginning."}),
        ("indicators", factories.IndicatorFactory, {"target": "10" * 10},
         {"target": "Ensure that there are no more than 16 digits in total."}),
        ("indicators", factories.IndicatorFactory, {"trend": {}, "now": {}}, {"trend": READ_ONLY, "now": READ_ONLY}),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_is_refused(api, resource, make, change, expected):
    record = make()
    if "event" in change:
        change = {"event": factories.EventFactory().pk}
    refused(api.patch(f"/api/v1/{resource}/{record.pk}/", change, headers=ANY), expected)
    record.refresh_from_db()
    assert record.version == 1


def test_objectives_do_not_wait_for_each_other(api):
    mandate = factories.MandateFactory()
    one, two, three = (factories.ObjectiveFactory(mandate=mandate) for _ in range(3))
    for objective, needs in ((one, two), (two, three)):
        add(api, "objective-preconditions", objective=objective.pk, needs=needs.pk)
    address = "/api/v1/objective-preconditions/"
    circle = "Two objectives cannot wait for each other, however long the way."
    refused(api.post(address, {"objective": three.pk, "needs": one.pk}), {"": circle})
    refused(
        api.post(address, {"objective": one.pk, "needs": one.pk}), {"needs": "An objective cannot wait for itself."}
    )
    other = factories.ObjectiveFactory()
    sentence = {"needs": "An objective needs one of its own mandate."}
    refused(api.post(address, {"objective": one.pk, "needs": other.pk}), sentence)


def test_evidence_names_no_record_that_the_caller_cannot_see():
    objective, mission = factories.ObjectiveFactory(), factories.MissionFactory()
    blind = bearer("mandate:read", "mandate:write")
    for key in (mission.pk, mission.pk + 1000):
        answer = blind.post("/api/v1/evidence/", {"objective": objective.pk, "mission": key})
        refused(answer, {"mission": f"There is no such record: {key}."})
    seeing = bearer("mandate:read", "mandate:write", "events:read")
    assert add(seeing, "evidence", objective=objective.pk, mission=mission.pk)
    twice = seeing.post("/api/v1/evidence/", {"objective": objective.pk, "mission": mission.pk})
    refused(twice, {"": "This is already evidence of the objective."})


def test_a_met_objective_goes_on_being_shown(api):
    shown = factories.EvidenceFactory(objective__on_track=True)
    assert move(api, "objectives", shown.objective_id, "meet").status_code == 200
    sentence = {"": "The objective is met: something must go on showing it."}
    refused(api.delete(f"/api/v1/evidence/{shown.pk}/", headers=ANY), sentence, 409)
    other = factories.ObjectiveFactory(mandate=shown.objective.mandate)
    refused(api.patch(f"/api/v1/evidence/{shown.pk}/", {"objective": other.pk}, headers=ANY), sentence)


def test_the_target_that_shows_a_met_objective_is_not_raised_away(api):
    found = lives.indicator(target=50)
    assert move(api, "objectives", found.objective_id, "meet").status_code == 200
    sentence = {"": "The objective is met: something must go on showing it."}
    refused(api.patch(f"/api/v1/indicators/{found.pk}/", {"target": "60"}, headers=ANY), sentence)
    refused(api.delete(f"/api/v1/indicators/{found.pk}/", headers=ANY), sentence, 409)


def test_the_unit_follows_the_measure(api):
    body = {
        "objective": factories.ObjectiveFactory().pk,
        "title_fr": "Part",
        "measure": "agreements-with-gender-clause",
    }
    key = add(api, "indicators", **body, unit="EUR")
    assert api.get(f"/api/v1/indicators/{key}/").json()["unit"] == "percent"
    replaced = api.put(
        f"/api/v1/indicators/{key}/", body | {"measure": "", "judged_words_fr": "Par une personne"}, headers=ANY
    )
    assert (replaced.status_code, replaced.json()["now"]) == (200, None), replaced.content


def test_readings_are_only_read(api):
    found = lives.indicator()
    address = f"/api/v1/indicators/{found.pk}/readings/"
    assert api.post(address, {"day": "2015-05-01", "value": 3}).status_code == 405
    assert found.readings.filter(day=date(2015, 6, 1)).get().value == 50

"""What missions, visits, events, meetings and promises refuse over the API, by its field, and their five lives by every verb."""

from datetime import date

import pytest

from core.enums import Audience
from core.roles import Role
from events import models
from events.enums import DELEGATION_LIFE, EVENT_LIFE, MEETING_LIFE, MISSION_LIFE, PROMISE_LIFE
from tests import factories
from tests.api.conftest import bearer, messages, signed_in

pytestmark = pytest.mark.django_db
ANY = {"If-Match": "*"}
FUTURE = "This has not happened yet: the date is in the future."
RETURN = "The end cannot be before the beginning."
FORMAT = "Date has wrong format. Use one of these formats instead: YYYY-MM-DD."
UNKNOWN = "There is no such field."
READ_ONLY = "This field cannot be written."
SUBJECT = "It belongs to one mission, delegation, event or meeting."
CIRCLE = "What an event led to cannot lead back to it."
SAYS_WHY = "If somebody did leave so, say why in the row of that traveller: the lack stays shown, with the reason."
MANDATE = "An elected member abroad needs a special mandate that the Council voted before the departure."
LIVES = {
    "missions": MISSION_LIFE,
    "delegations": DELEGATION_LIFE,
    "events": EVENT_LIFE,
    "meetings": MEETING_LIFE,
    "promises": PROMISE_LIFE,
}


def refused(response, expected: dict, code: int = 400) -> None:
    assert (response.status_code, messages(response)) == (code, expected)
    assert response.headers["Content-Type"] == "application/problem+json"


def move(person, resource: str, key: int, verb: str, /, **body):
    return person.post(f"/api/v1/{resource}/{key}/{verb}/", body)


def lead(person, resource: str, key: int, *steps: tuple[str, dict]) -> list[str]:
    """The states that the verbs lead through."""
    found = []
    for verb, body in steps:
        response = move(person, resource, key, verb, **body)
        assert response.status_code == 200, (verb, response.content)
        assert response.json() == person.get(f"/api/v1/{resource}/{key}/").json()
        found.append(response.json()["status"])
    return found


def add(person, resource: str, /, **body) -> int:
    response = person.post(f"/api/v1/{resource}/", body)
    assert response.status_code == 201, response.content
    assert response.headers["Location"].endswith(f"/api/v1/{resource}/{response.json()['id']}/")
    return response.json()["id"]


def changed(person, resource: str, key: int, /, **body) -> dict:
    response = person.patch(f"/api/v1/{resource}/{key}/", body, headers=ANY)
    assert response.status_code == 200, response.content
    return response.json()


# --- what cannot be ---


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"planned_end": "2015-07-05", "planned_end_precision": "day"}, {"planned_end": RETURN}),
        ({"planned_start": "06/07/2015"}, {"planned_start": FORMAT}),
        ({"planned_start": "2015-02-30"}, {"planned_start": FORMAT}),
        ({"planned_start": "0001-01-01"}, {"": "A date lies between the years 1900 and 2200."}),
        ({"planned_start_precision": "unknown"},
         {"planned_start": "A date needs its precision, and a precision other than “not known” needs a date."}),
        ({"planned_start_precision": "month"},
         {"planned_start": "A date known to the month, season or year is written as the first day of that period."}),
        ({"actual_start": "2015-03-02", "actual_start_precision": "day"},
         {"actual_start": "What took place has an actual beginning (which may be “not known”); what has not, has none."}),
        ({"planned_cost": -1}, {"planned_cost": "An amount cannot be negative."}),
        ({"actual_cost": 10}, {"actual_cost": "Only a mission that took place has an actual cost."}),
        ({"planned_cost": "NaN"}, {"planned_cost": "A valid number is required."}),
        ({"horizon": "someday"}, {"horizon": '"someday" is not a valid choice.'}),
        ({"reference": "mis 1"},
         {"reference": "A reference is written in capital letters and digits, with single hyphens between them."}),
        ({"title_fr": ""}, {"title_fr": "This field may not be blank."}),
        ({"event": 10**6}, {"event": "There is no such record: 1000000."}),
        ({"status": "confirmed", "cancelled_reason": "x"}, {"status": READ_ONLY, "cancelled_reason": READ_ONLY}),
        ({"emissions": {}, "participants": []}, {"emissions": READ_ONLY, "participants": READ_ONLY}),
        ({"colour": "red"}, {"colour": UNKNOWN}),
    ],
)  # fmt: skip
def test_a_mission_that_cannot_be_is_refused_by_its_field(api, change, expected):
    body = {"title_fr": "Déplacement", "planned_start": "2015-07-06", "planned_start_precision": "day"}
    refused(api.post("/api/v1/missions/", body | change), expected)
    assert not models.Mission.objects.exists()


def test_a_date_without_its_precision_is_known_to_the_day(api):
    bare = {"planned_start": "2015-07-06", "planned_end": "2015-07-08"}
    key = add(api, "missions", title_fr="Déplacement", **bare | {"planned_end_precision": ""})
    found = api.get(f"/api/v1/missions/{key}/").json()
    assert [found[f"planned_{name}_precision"] for name in ("start", "end")] == ["day", "day"]
    assert found["actual_start_precision"] == ""
    promise = factories.PromiseFactory(due_on=date(2015, 9, 1), due_on_precision="month").pk
    assert changed(api, "promises", promise, what_fr="Autre")["due_on_precision"] == "month"
    assert changed(api, "promises", promise, due_on="2015-09-15")["due_on_precision"] == "day"


def test_a_period_that_does_not_start_on_its_first_day_is_refused_by_the_field_once(api):
    late = {"planned_start": "2015-07-06", "planned_end": "2015-08-01", "planned_end_precision": "month"}
    body = {"title_fr": "Déplacement", "planned_start_precision": "month"} | late
    response = api.post("/api/v1/missions/", body)
    sentence = "A date known to the month, season or year is written as the first day of that period."
    assert response.json()["errors"] == [{"field": "planned_start", "message": sentence}]


def people() -> dict:
    """Somebody who is on a mission already, and a mission that is confirmed."""
    taken = factories.ParticipantFactory()
    confirmed = factories.MissionFactory(confirmed=True)
    late = factories.DeliberationFactory(voted_on=date(2015, 7, 6), voted_on_precision="day")
    return {"mission": taken.mission, "taken": taken.person, "confirmed": confirmed, "late": late}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"person": "taken"}, {"person": "This person already takes part."}),
        ({"person": None}, {"person": "Say who takes part: a person, an organisation, a city, a Council group, or a description."}),
        ({"mission": None}, {"": SUBJECT}),
        ({"meeting": "new meeting"}, {"": SUBJECT}),
        ({"quality": ""}, {"quality": "Say in what quality each traveller goes: elected member, staff or civil society."}),
        ({"quality": "staff", "category": "youth"}, {"category": "Only civil society has a category."}),
        ({"order_number": "OM-1"}, {"order_number": "Only the staff of the City on a mission has a mission order."}),
        ({"mandate": "late"}, {"mandate": "Only an elected member on a mission has a special mandate."}),
        ({"headcount": 0}, {"headcount": "Ensure this value is greater than or equal to 1."}),
        ({"headcount": 2}, {"headcount": "A person counts for one."}),
        ({"quality": "staff", "order_number": "OM-1", "ordered_on": "2015-06-02"}, {"ordered_on": FUTURE}),
        ({"mission": "confirmed", "quality": "elected"}, {"mandate": MANDATE}),
        ({"mission": "confirmed", "quality": "elected", "mandate": "late"}, {"mandate": MANDATE}),
        ({"mission": "confirmed", "quality": "staff"}, {"order_number": "The staff of the City needs a mission order to travel."}),
        ({"role": "spy"}, {"role": '"spy" is not a valid choice.'}),
        ({"mission": 10**6}, {"mission": "There is no such record: 1000000."}),
    ],
)  # fmt: skip
def test_a_participant_who_cannot_be_is_refused_by_the_field(api, change, expected):
    named = people()
    if "new meeting" in change.values():
        named["new meeting"] = factories.MeetingFactory()
    body = {"mission": "mission", "person": factories.PersonFactory().pk, "quality": "civil-society"} | change
    body = {name: named[value].pk if value in named else value for name, value in body.items()}
    refused(api.post("/api/v1/participants/", body), expected)
    assert models.Participant.objects.count() == 1


def test_an_outcome_leads_neither_to_itself_nor_back(api):
    mission, delegation, event = factories.MissionFactory(), factories.DelegationFactory(), factories.EventFactory()
    factories.OutcomeFactory(mission=mission, led_to_delegation=delegation)
    factories.OutcomeFactory(mission=None, delegation=delegation, led_to_event=event)
    body = {"what_fr": "Suite"}
    refused(api.post("/api/v1/outcomes/", body | {"mission": mission.pk, "led_to_mission": mission.pk}), {"": CIRCLE})
    refused(api.post("/api/v1/outcomes/", body | {"event": event.pk, "led_to_mission": mission.pk}), {"": CIRCLE})
    words = add(api, "outcomes", **body, event=event.pk)
    back = api.patch(f"/api/v1/outcomes/{words}/", {"led_to_delegation": delegation.pk}, headers=ANY)
    refused(back, {"": CIRCLE})
    two = {"mission": mission.pk, "led_to_event": event.pk, "led_to_project": factories.ProjectFactory().pk}
    sentence = "An outcome leads to one record: write another outcome for the next one."
    refused(api.post("/api/v1/outcomes/", body | two), {"": sentence})
    assert models.Outcome.objects.count() == 3


@pytest.mark.parametrize(
    ("resource", "make", "change", "expected"),
    [
        ("delegations", factories.DelegationFactory, {"city": None},
         {"city": "Say where the delegation comes from: a city, a country or an organisation."}),
        ("delegations", factories.DelegationFactory, {"headcount": 0}, {"headcount": "Ensure this value is greater than or equal to 1."}),
        ("events", factories.EventFactory, {"kind": "statutory"}, {"network": "A statutory meeting is that of a network."}),
        ("events", factories.EventFactory, {"held_venue_fr": "Ici"},
         {"held_city": "Only what took place has a place where it was held."}),
        ("meetings", factories.MeetingFactory, {"starts_at": "09:00"}, {"day": "A time needs its day."}),
        ("meetings", factories.MeetingFactory, {"starts_at": "25:00"},
         {"starts_at": "Time has wrong format. Use one of these formats instead: hh:mm[:ss[.uuuuuu]]."}),
        ("promises", factories.PromiseFactory, {"city": None}, {"city": "Say with whom: a city, a country or an organisation."}),
        ("promises", factories.PromiseFactory, {"proof_fr": "Preuve"}, {"proof_fr": "Only a promise that is kept has a proof."}),
        ("promises", factories.PromiseFactory, {"made_on": "2015-06-02", "made_on_precision": "day"}, {"made_on": FUTURE}),
        ("destinations", factories.DestinationFactory, {"stage": "actual"},
         {"stage": "Nobody has been anywhere yet: the mission is not even confirmed."}),
        ("destinations", factories.DestinationFactory, {"city": None}, {"": "A destination is a city, a country or an area."}),
        ("destinations", factories.DestinationFactory, {"arrives_on": "2015-07-07", "leaves_on": "2015-07-06"},
         {"leaves_on": "The departure cannot be before the arrival."}),
        ("legs", factories.LegFactory, {"distance_km": 0}, {"distance_km": "Ensure this value is greater than or equal to 1."}),
        ("legs", factories.LegFactory, {"leaves_at": "09:00"}, {"leaves_on": "A time needs its day."}),
        ("legs", factories.LegFactory, {"kg_co2e": "1"}, {"kg_co2e": READ_ONLY}),
        ("emission-factors", factories.EmissionFactorFactory, {"kg_per_km": -1},
         {"kg_per_km": "Ensure this value is greater than or equal to 0."}),
        ("emission-factors", factories.EmissionFactorFactory, {"valid_to": "2009-12-31"},
         {"valid_to": "The end cannot be before the beginning."}),
        ("programme-items", factories.ProgrammeItemFactory, {"mission": None}, {"": SUBJECT}),
        ("ties", factories.TieFactory, {"city": None}, {"": "A tie names one record: choose one."}),
        ("preconditions", factories.PreconditionFactory, {"met_on": "2015-06-02", "met_on_precision": "day"}, {"met_on": FUTURE}),
        ("bid-stages", factories.BidStageFactory, {"event": "forum"}, {"event": "Only a bid for a major event has stages."}),
        ("expertise", factories.ExpertiseFactory, {"delegation": None}, {"delegation": "This field may not be null."}),
        ("council-sittings", factories.CouncilSittingFactory, {"ends_on": "1950-01-01"},
         {"ends_on": "The end cannot be before the beginning."}),
    ],
)  # fmt: skip
def test_a_change_that_cannot_be_is_refused(api, resource, make, change, expected):
    record = make()
    record.refresh_from_db()
    if "forum" in change.values():
        change = {"event": factories.EventFactory().pk}
    refused(api.patch(f"/api/v1/{resource}/{record.pk}/", change, headers=ANY), expected)
    version = record.version
    record.refresh_from_db()
    assert record.version == version


def test_an_event_is_part_of_a_series_alone(api):
    forum = factories.EventFactory()
    sentence = "A session is part of a working group, an edition of a public day or a festival, and nothing else is."
    body = {"title_fr": "Séance", "kind": "session", "part_of": forum.pk}
    refused(api.post("/api/v1/events/", body), {"part_of": sentence})


# --- what the caller may not see ---


def test_no_row_is_written_on_a_record_that_the_caller_does_not_see():
    city, mission = factories.CityFactory(), factories.MissionFactory()
    grant = factories.GrantFactory()
    narrow = bearer("events:read", "events:write")
    absent = f"There is no such record: {city.pk}."
    refused(narrow.post("/api/v1/ties/", {"mission": mission.pk, "city": city.pk}), {"city": absent})
    hidden = {"grant": f"There is no such record: {grant.pk}."}
    refused(narrow.post("/api/v1/ties/", {"mission": mission.pk, "grant": grant.pk}), hidden)
    note = factories.MeetingNoteFactory(audience=Audience.STAFF)
    everything = bearer()
    address = f"/api/v1/meeting-notes/{note.pk}/"
    assert everything.patch(address, {"text": "Mine"}, headers=ANY).status_code == 404
    assert everything.delete(address, headers=ANY).status_code == 404
    response = everything.post("/api/v1/meeting-notes/", {"meeting": note.meeting_id, "text": "Staff only"})
    assert (response.status_code, response.json()["detail"]) == (
        403,
        "You may not write a record that you could not read.",
    )
    assert everything.delete(f"/api/v1/meetings/{note.meeting_id}/", headers=ANY).status_code == 409
    assert (models.Tie.objects.count(), models.MeetingNote.objects.get().text) == (0, note.text)
    subscription, source = factories.CalendarSubscriptionFactory(), factories.SourceFactory()
    body = {"content_type": "events.calendarsubscription", "object_id": subscription.pk, "source": source.pk}
    refused(
        everything.post("/api/v1/citations/", body), {"content_type": "Nothing can be attached to this kind of record."}
    )


def test_a_role_that_only_reads_writes_nothing():
    tie, mission = factories.TieFactory(), factories.MissionFactory()
    deputy, grants = signed_in(Role.DEPUTY), signed_in(Role.SOLIDARITY_OFFICER)
    for person in (deputy, grants):
        assert person.post("/api/v1/missions/", {"title_fr": "Départ"}).status_code == 403
        assert person.patch(f"/api/v1/missions/{mission.pk}/", {}, headers=ANY).status_code == 403
        assert person.delete(f"/api/v1/missions/{mission.pk}/", headers=ANY).status_code == 403
    assert deputy.delete(f"/api/v1/ties/{tie.pk}/", headers=ANY).status_code == 403
    assert grants.delete(f"/api/v1/ties/{tie.pk}/", headers=ANY).status_code == 204
    promise = factories.PromiseFactory()
    assert deputy.post(f"/api/v1/promises/{promise.pk}/keep/").status_code == 403
    assert lead(grants, "promises", promise.pk, ("keep", {"closed_on": "2015-05-04", "proof_fr": "Lettre"})) == ["kept"]


@pytest.mark.parametrize("resource", LIVES)
def test_a_deputy_moves_nothing(resource):
    model = resource.removesuffix("s").capitalize()
    record = getattr(factories, f"{model}Factory")()
    deputy = signed_in(Role.DEPUTY)
    for transition in LIVES[resource].transitions:
        response = move(deputy, resource, record.pk, transition.verb.replace("_", "-"))
        assert response.status_code == 403, transition.verb
    assert deputy.get(f"/api/v1/{resource}/{record.pk}/steps/").json() == []


# --- the five lives ---


def test_a_mission_lives_from_the_idea_to_the_return():
    officer = signed_in(Role.OFFICER)
    mission = add(officer, "missions", title_fr="Déplacement inventé")
    missing = {"purpose_fr": "The purpose is missing.", "destinations": "No destination is named."}
    refused(move(officer, "missions", mission, "plan"), missing, 409)
    changed(officer, "missions", mission, purpose_fr="Préparer la conférence.")
    add(officer, "destinations", mission=mission, city=factories.CityFactory().pk)
    assert lead(officer, "missions", mission, ("plan", {})) == ["planned"]
    refused(
        move(officer, "missions", mission, "confirm"),
        {
            "planned_start": "The day of the beginning is missing.",
            "planned_end": "The day of the return is missing.",
            "participants": "Nobody travels yet.",
        },
        409,
    )
    ada, jean = factories.PersonFactory(name="Ada Inventée"), factories.PersonFactory(name="Jean Fictif")
    elected = add(officer, "participants", mission=mission, person=ada.pk, quality="elected")
    staff = add(officer, "participants", mission=mission, person=jean.pk, quality="staff")
    days = {"planned_start": "2015-07-06", "planned_end": "2015-07-09"}
    needs = "{} has no special mandate (voted before the departure).; Jean Fictif has no mission order.".format
    refused(move(officer, "missions", mission, "confirm", **days), {"participants": needs("Ada Inventée")}, 409)
    step = next(step for step in officer.get(f"/api/v1/missions/{mission}/steps/").json() if step["verb"] == "confirm")
    assert [reason["field"] for reason in step["missing"]] == ["planned_start", "planned_end", *["participants"] * 2]
    late = factories.DeliberationFactory(voted_on=date(2015, 6, 1), voted_on_precision="day")
    changed(officer, "participants", elected, mandate=late.pk)
    changed(officer, "participants", staff, order_number="OM-1", ordered_on="2015-05-04")
    early = {"planned_start": "2015-06-01", "planned_end": "2015-06-02"}
    sentence = "The special mandate of Ada Inventée is not voted before the departure of 1 June 2015."
    refused(move(officer, "missions", mission, "confirm", **early), {"participants": sentence}, 409)
    assert lead(officer, "missions", mission, ("confirm", days)) == ["confirmed"]
    refused(
        move(officer, "missions", mission, "complete"), {"actual_start": "The day on which it began is missing."}, 409
    )
    refused(move(officer, "missions", mission, "complete", actual_start="2015-07-06"), {"actual_start": FUTURE}, 409)
    body = {"actual_start": "2015-05-04", "actual_end": "2015-05-03"}
    early = f"{sentence.replace('1 June', '4 May')}; {SAYS_WHY}"
    refused(move(officer, "missions", mission, "complete", **body), {"participants": early}, 409)
    changed(officer, "participants", elected, uncovered_reason="Départ avancé par l'urgence.")
    refused(move(officer, "missions", mission, "complete", **body), {"actual_end": RETURN})
    assert lead(
        officer, "missions", mission, ("complete", body | {"actual_end": "2015-05-06", "actual_cost": "99.5"})
    ) == ["done"]
    done = officer.get(f"/api/v1/missions/{mission}/").json()
    assert [place["stage"] for place in done["destinations"]] == ["actual", "planned"]
    assert (done["actual_cost"], done["planned_start"], done["actual_start"]) == ("99.50", "2015-07-06", "2015-05-04")
    assert [step["verb"] for step in officer.get(f"/api/v1/missions/{mission}/steps/").json()] == ["reopen"]
    assert lead(officer, "missions", mission, ("reopen", {"reason": "Saisi par erreur."})) == ["confirmed"]


def test_a_mission_is_replanned_cancelled_and_revived(api):
    mission = factories.MissionFactory(confirmed=True)
    for verb in ("replan", "cancel"):
        refused(move(api, "missions", mission.pk, verb), {"reason": "Say why."}, 409)
    wrong = {"": "“Plan it” is not possible now: the state is “confirmed”."}
    refused(move(api, "missions", mission.pk, "plan"), wrong, 409)
    assert api.delete(f"/api/v1/missions/{mission.pk}/", headers=ANY).status_code == 409
    why = {"reason": "Raison inventée."}
    assert lead(api, "missions", mission.pk, ("replan", why), ("cancel", why)) == ["planned", "cancelled"]
    assert api.get(f"/api/v1/missions/{mission.pk}/").json()["cancelled_reason"] == "Raison inventée."
    assert lead(api, "missions", mission.pk, ("revive", why)) == ["idea"]
    assert api.delete(f"/api/v1/missions/{mission.pk}/", headers=ANY).status_code == 204


def test_a_delegation_lives_from_the_plan_to_the_visit(api):
    visit = add(api, "delegations", title_fr="Visite", city=factories.CityFactory().pk)
    missing = {"planned_start": "The day of the beginning is missing.", "participants": "No host is named."}
    refused(move(api, "delegations", visit, "confirm"), missing, 409)
    add(api, "participants", delegation=visit, person=factories.PersonFactory().pk, role="host")
    why, days = {"reason": "Raison."}, {"planned_start": "2015-05-04", "planned_end": "2015-05-05"}
    steps = [("confirm", days), ("replan", why), ("cancel", why), ("revive", why), ("confirm", {})]
    assert lead(api, "delegations", visit, *steps) == ["confirmed", "planned", "cancelled", "planned", "confirmed"]
    refused(move(api, "delegations", visit, "receive", actual_start="2015-06-02"), {"actual_start": FUTURE}, 409)
    assert lead(api, "delegations", visit, ("receive", {"actual_start": "2015-05-04"})) == ["received"]
    assert move(api, "delegations", visit, "cancel", **why).status_code == 409


def test_an_event_lives_from_the_plan_to_where_it_was_held(api):
    planned, held = factories.CityFactory(), factories.CityFactory()
    event = add(api, "events", title_fr="Assemblée", kind="forum", planned_city=planned.pk)
    condition = add(api, "preconditions", event=event, what_fr="Équipe connue", what_en="Team known.")
    unmet = "A precondition is not met: Team known."
    days = {"planned_start": "2015-05-04"}
    refused(move(api, "events", event, "confirm", **days), {"preconditions": unmet}, 409)
    changed(api, "preconditions", condition, met_on="2015-04-01", met_on_precision="day")
    why = {"reason": "Raison."}
    steps = [("confirm", days), ("replan", why), ("cancel", why), ("revive", why)]
    assert lead(api, "events", event, *steps) == ["confirmed", "planned", "cancelled", "planned"]
    assert lead(api, "events", event, ("hold", {"actual_start": "2015-05-05", "held_city": held.pk})) == ["held"]
    found = api.get(f"/api/v1/events/{event}/").json()
    assert (found["planned_city"], found["held_city"], found["actual_start_precision"]) == (planned.pk, held.pk, "day")


def test_a_meeting_is_held_cancelled_and_revived(api):
    meeting = add(api, "meetings", title_fr="Rencontre")
    refused(move(api, "meetings", meeting, "hold"), {"day": "The date is missing."}, 409)
    refused(move(api, "meetings", meeting, "hold", day="2015-06-02"), {"day": FUTURE}, 409)
    why, times = {"reason": "Raison."}, {"day": "2015-05-04", "starts_at": "10:00", "ends_at": "09:00"}
    refused(move(api, "meetings", meeting, "hold", **times), {"ends_at": "The end cannot be before the beginning."})
    steps = [("cancel", why), ("revive", why), ("hold", times | {"ends_at": "11:00"})]
    assert lead(api, "meetings", meeting, *steps) == ["cancelled", "planned", "held"]
    wrong = {"": "“Cancel it” is not possible now: the state is “held”."}
    refused(move(api, "meetings", meeting, "cancel", **why), wrong, 409)


def test_a_promise_is_kept_broken_released_and_opened_again(api):
    meeting, city = factories.MeetingFactory(held=True), factories.CityFactory()
    body = {"meeting": meeting.pk, "city": city.pk, "what_fr": "Envoyer le guide", "side": "ours"}
    made = {"made_on": "2015-03-03", "made_on_precision": "day"}
    promise = add(api, "promises", **body, **made)
    reasons = {"closed_on": "The date is missing.", "proof_fr": "Say what proves it, or attach a document."}
    refused(move(api, "promises", promise, "keep"), reasons, 409)
    proved = {"closed_on": "2015-05-04", "proof_fr": "Lettre du 4 mai."}
    before = {"closed_on": "It cannot be settled before it was made."}
    refused(move(api, "promises", promise, "keep", **proved | {"closed_on": "2015-03-02"}), before, 409)
    refused(move(api, "promises", promise, "keep", **proved | {"closed_on": "2015-06-02"}), {"closed_on": FUTURE}, 409)
    refused(move(api, "promises", promise, "break-off", closed_on="2015-05-04"), {"reason": "Say why."}, 409)
    why, closed = {"reason": "Raison."}, {"closed_on": "2015-05-04", "reason": "Raison."}
    steps = [("keep", proved), ("reopen", why), ("break-off", closed), ("reopen", why), ("release", closed)]
    assert lead(api, "promises", promise, *steps) == ["kept", "open", "not-kept", "open", "released"]
    assert api.get(f"/api/v1/promises/{promise}/").json()["closed_reason"] == "Raison."
    assert api.delete(f"/api/v1/promises/{promise}/", headers=ANY).status_code == 409
    assert lead(api, "promises", promise, ("reopen", why)) == ["open"]
    found = api.get(f"/api/v1/promises/{promise}/").json()
    assert (found["closed_on"], found["proof_fr"], found["closed_reason"]) == (None, "", "")
    assert api.delete(f"/api/v1/promises/{promise}/", headers=ANY).status_code == 204

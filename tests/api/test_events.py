"""Missions, visits, events, meetings and promises: what they look like to the last key, what they ask the database, who reads what."""

import pytest
from django.contrib.contenttypes.models import ContentType

from core.enums import Audience
from core.models.attached import attachable
from core.roles import Role
from tests import factories
from tests.api import lives
from tests.api.conftest import bearer, messages, signed_in
from tests.api.test_lists import queries
from tests.api.test_representation import kept, page

pytestmark = pytest.mark.django_db

SUBJECTS = ("mission", "delegation", "event")
DATES = ("planned_start", "planned_end", "actual_start", "actual_end")


def row(record, fields: str, **values) -> dict:
    """A record with these fields, each as the record has it unless `values` says how it reads."""
    found = {name: getattr(record, f"{name}_id" if hasattr(record, f"{name}_id") else name) for name in fields.split()}
    return {"id": record.pk, **found, **values, **kept(record)}


def subject(record, *names: str) -> dict:
    return {name: getattr(record, f"{name}_id") for name in names}


def participant(record) -> dict:
    keys = "role quality category person organisation city council_group all_groups description_fr description_en headcount"
    found = subject(record, *SUBJECTS, "meeting")
    return row(record, f"{keys} mandate order_number ordered_on uncovered_reason", **found)


def promise(record) -> dict:
    keys = "reference side what_fr what_en city country organisation promised_by promised_to responsible"
    keys += " made_on made_on_precision due_on due_on_precision status closed_on proof_fr proof_en closed_reason"
    return row(record, keys, **subject(record, *SUBJECTS, "meeting"))


def tie(record) -> dict:
    objects = ("city", "country", "network", "organisation", "project", "agreement", "grant")
    return row(record, "", **subject(record, *SUBJECTS, "meeting", "promise", *objects))


def outcome(record) -> dict:
    led_to = tuple(f"led_to_{name}" for name in (*SUBJECTS, "agreement", "project", "grant"))
    return row(record, "what_fr what_en", **subject(record, *SUBJECTS, *led_to))


def programme(record) -> dict:
    return row(record, "day starts_at ends_at what_fr what_en place", **subject(record, *SUBJECTS))


def meeting(record) -> dict:
    keys = "title_fr title_en kind status cancelled_reason day day_precision starts_at ends_at city place agenda_fr agenda_en"
    note = record.notes.get()
    return row(
        record,
        keys,
        **subject(record, *SUBJECTS),
        participants=[participant(record.participants.get())],
        notes=[row(note, "meeting text", noted_on="2015-03-03", audience="city")],
    )


def occasion(record) -> dict:
    """The columns that every occasion has, without any date."""
    keys = "reference title_fr title_en purpose_fr purpose_en status when_fr when_en cancelled_reason"
    undated = {f"{name}{suffix}": empty for name in DATES for suffix, empty in (("", None), ("_precision", ""))}
    return row(record, keys, **undated)


def rest(record) -> dict:
    """What any occasion read alone holds."""
    return {
        "programme": [programme(record.programmeitems.get())],
        "meetings": [meeting(record.meetings.get())],
        "outcomes": [outcome(record.outcomes.get())],
        "ties": [tie(record.ties.get())],
        "promises": [promise(record.promises.get())],
    }


def read(api, resource: str, record) -> tuple[dict, dict]:
    """The list, and the record alone."""
    listed = api.get(f"/api/v1/{resource}/?ordering=id")
    alone = api.get(f"/api/v1/{resource}/{record.pk}/")
    assert (listed.status_code, alone.status_code) == (200, 200), alone.content
    return listed.json(), alone.json()


def test_a_mission_alone_and_in_the_list(api):
    mission = lives.mission(planned_cost="4500", horizon="mid-term", emblematic=True)
    mission.refresh_from_db()
    place, leg = mission.destinations.get(), mission.legs.get()
    expected = occasion(mission) | {
        "horizon": "mid-term",
        "emblematic": True,
        "event": None,
        "planned_cost": "4500.00",
        "actual_cost": None,
        "destinations": [row(place, "mission stage city country area arrives_on leaves_on")],
        "participants": [participant(mission.participants.get())],
    }
    keys = "mission mode origin destination leaves_on leaves_at arrives_at carrier distance_km passengers factor"
    whole = expected | {
        "legs": [row(leg, keys, kg_co2e="6.00")],
        "emissions": {"kg": "6.00", "known": 1, "unknown": 0},
        **rest(mission),
    }
    assert read(api, "missions", mission) == (page(expected), whole)


def test_a_delegation_alone_and_in_the_list(api):
    delegation = lives.delegation(headcount=6)
    shown = delegation.expertise.get()
    expected = occasion(delegation) | {
        **subject(delegation, "city", "country", "organisation", "theme", "event"),
        "headcount": 6,
        "participants": [participant(delegation.participants.get())],
    }
    whole = expected | {
        "expertise": [row(shown, "delegation what_fr what_en theme shown_by")],
        **rest(delegation),
    }
    assert read(api, "delegations", delegation) == (page(expected), whole)


def test_an_event_alone_and_in_the_list(api):
    event = lives.event(planned_city=factories.CityFactory(), planned_venue_fr="Salle inventée")
    condition, stage = event.preconditions.get(), event.stages.get()
    expected = occasion(event) | {
        "kind": "bid",
        **subject(event, "part_of", "network", "planned_city", "held_city"),
        "planned_venue_fr": "Salle inventée",
        "planned_venue_en": "",
        "held_venue_fr": "",
        "held_venue_en": "",
        "participants": [participant(event.participants.get())],
    }
    bid = "event title_fr title_en due_on due_on_precision passed_on passed_on_precision result_fr result_en"
    whole = expected | {
        "preconditions": [row(condition, "event what_fr what_en met_on met_on_precision")],
        "stages": [row(stage, bid)],
        "parts": [],
        **rest(event),
    }
    assert read(api, "events", event) == (page(expected), whole)


def test_a_series_names_its_parts(api):
    group = factories.EventFactory(kind="working-group")
    session = factories.EventFactory(kind="session", part_of=group)
    parts = api.get(f"/api/v1/events/{group.pk}/").json()["parts"]
    assert [(part["id"], part["part_of"]) for part in parts] == [(session.pk, group.pk)]


def test_a_meeting_and_a_promise_alone_and_in_the_list(api):
    met = lives.meeting()
    expected = meeting(met)
    whole = expected | {"promises": [promise(met.promises.get())], "ties": [tie(met.ties.get())]}
    assert read(api, "meetings", met) == (page(expected), whole)
    made = met.promises.get()
    tied = factories.TieFactory(mission=None, promise=made)
    assert read(api, "promises", made) == (page(promise(made)), promise(made) | {"ties": [tie(tied)]})


def test_an_emission_factor_and_a_sitting(api):
    factor, sitting = factories.EmissionFactorFactory(), factories.CouncilSittingFactory()
    expected = row(factor, "mode label_fr label_en valid_to source", kg_per_km="0.01000", valid_from="2010-01-01")
    assert read(api, "emission-factors", factor) == (page(expected), expected)
    days = {"starts_on": str(sitting.starts_on), "ends_on": str(sitting.ends_on)}
    expected = row(sitting, "note_fr note_en", **days)
    assert read(api, "council-sittings", sitting) == (page(expected), expected)


def test_emissions_are_a_floor_where_a_leg_is_not_known(api):
    mission = factories.MissionFactory()
    factor = factories.EmissionFactorFactory(kg_per_km="999.99999")
    factories.LegFactory(mission=mission, distance_km=2**31 - 1, passengers=32767, factor=factor)
    factories.LegFactory(mission=mission, factor=None)
    found = api.get(f"/api/v1/missions/{mission.pk}/").json()
    assert found["emissions"] == {"kg": "70366595957583033.39", "known": 1, "unknown": 1}
    assert [leg["kg_co2e"] for leg in found["legs"]] == ["70366595957583033.39", None]


def test_the_groups_that_are_missing_on_a_mission_are_named(api):
    mission = factories.MissionFactory(confirmed=False, planned_start="2015-07-06", planned_start_precision="day")
    group = factories.CouncilGroupFactory(until=None)
    gone = factories.CouncilGroupFactory(since="2001-01-01", until="2014-01-01")
    address = f"/api/v1/missions/{mission.pk}/coverage/"
    found = api.get(address).json()
    assert [row["id"] for row in found["missing"]] == [group.pk]
    assert (found["is_complete"], found["represented"]) == (False, [])
    factories.ParticipantFactory(mission=mission, elected=True, person__council_group=group)
    covered = api.get(address).json()
    assert (covered["is_complete"], [row["slug"] for row in covered["represented"]]) == (True, [group.slug])
    assert gone.slug not in str(covered)


# --- what it asks the database ---

# The token, the record, and one for each kind of part that it holds; of its meetings also participants and notes.
# Of a leg only Python knows what it emits; the others PostgreSQL tells whole.
ALONE = {"missions": 12, "delegations": 2, "events": 2, "meetings": 2, "promises": 2}


@pytest.mark.parametrize("resource", ALONE)
def test_a_record_alone_asks_the_database_as_often_for_many_parts_as_for_one(resource):
    ContentType.objects.get_for_models(*attachable())
    name = resource.removesuffix("s")
    record = getattr(lives, name)()
    address = f"/api/v1/{resource}/{record.pk}/"
    one = queries(bearer(), address)
    own = {"mission": None, name: record}
    for _ in range(2):
        factories.TieFactory(**own)
        if name != "promise":
            factories.PromiseFactory(**own)
        if name in SUBJECTS:
            lives.meeting(**own)
    assert (len(one), len(queries(bearer(), address))) == (ALONE[resource], ALONE[resource]), "\n".join(one)


# --- who reads what ---


@pytest.mark.parametrize(("audience", "role", "seen"), [
    (Audience.STAFF, Role.OFFICER, 1),
    (Audience.STAFF, Role.DEPUTY, 0),
    (Audience.DEPUTIES, Role.DEPUTY, 1),
    (Audience.DEPUTIES, Role.AUDITOR, 0),
    (Audience.CITY, Role.AUDITOR, 1),
])  # fmt: skip
def test_a_note_for_another_audience_does_not_exist(audience, role, seen):
    note = factories.MeetingNoteFactory(audience=audience, meeting__mission=factories.MissionFactory(), text="Secret")
    person = signed_in(role)
    inside = person.get(f"/api/v1/missions/{note.meeting.mission_id}/").content.decode()
    assert person.get("/api/v1/meeting-notes/").json()["count"] == seen
    assert person.get(f"/api/v1/meeting-notes/{note.pk}/").status_code == (200 if seen else 404)
    assert len(person.get("/api/v1/meetings/").json()["results"][0]["notes"]) == seen
    assert ("Secret" in inside) == bool(seen)


def test_a_client_without_the_register_is_told_no_name_of_it(db):
    traveller = factories.ParticipantFactory(quality="staff", person__name="Jean Inventé", mission__planned=True)
    factories.DestinationFactory(mission=traveller.mission, city__name_fr="Ville-Cachée", city__name_en="Hidden")
    narrow = bearer("events:read", "events:write")
    mission = f"/api/v1/missions/{traveller.mission_id}"
    computed = (
        narrow.post(f"{mission}/confirm/"),
        narrow.post(f"{mission}/complete/", {"actual_start": "2015-05-04"}),
        narrow.post(f"{mission}/reopen/", {"reason": "Saisi par erreur."}),
        narrow.get(f"{mission}/steps/"),
        narrow.get(f"{mission}/coverage/"),
        narrow.get("/api/v1/agenda/"),
        narrow.get("/api/v1/agenda-conflicts/"),
        narrow.get(f"/api/v1/briefings/?mission={traveller.mission_id}"),
        narrow.get(f"/api/v1/briefings/?city={traveller.mission.destinations.get().city_id}"),
    )
    for response in computed:
        assert (response.status_code, response.json()["detail"]) == (
            403,
            "The access token lacks the scope “partnerships:read”.",
        )
    expanded = narrow.get(f"{mission}/?expand=participants.person,destinations.city").json()
    assert expanded["participants"][0]["expanded"] == {"person": None}
    assert not {"Jean Inventé", "Ville-Cachée"} & set(str(expanded).split("'"))


def test_subscriptions_are_no_resource(api):
    assert api.get("/api/v1/calendar-subscriptions/").status_code == 404
    assert [name for name in api.get("/api/v1/").json() if "subscription" in name] == ["webhook-subscriptions"]


def test_refused_parameters_name_themselves(api):
    for resource, query in (
        ("missions", "status=dream"),
        ("missions", "year=99999"),
        ("missions", "emblematic=perhaps"),
        ("missions", "begins_after=soon"),
        ("missions", "city=nowhere"),
        ("delegations", "country=Atlantis"),
        ("events", "kind=party"),
        ("events", "part_of=EVT-0"),
        ("meetings", "day_before=2015-02-30"),
        ("promises", "overdue=1"),
        ("promises", "colour=red"),
        ("participants", "person=nobody"),
        ("ties", "project=none"),
        ("emission-factors", "holds_on=today"),
        ("preconditions", "met=yes"),
    ):
        response = api.get(f"/api/v1/{resource}/?{query}")
        assert (response.status_code, list(messages(response))) == (400, [query.partition("=")[0]]), query

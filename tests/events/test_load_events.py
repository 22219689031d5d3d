"""The missions and events of Paris as the documents tell them, the invented samples apart from them, and bad input."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.db import transaction
from django.utils.translation import override

from core import loading
from core.access import Parvis
from core.loading import Rows, Unloadable, load
from core.models import BaseModel
from events import loaders
from events.enums import DELEGATION_LIFE, EVENT_LIFE, MEETING_LIFE, MISSION_LIFE, PROMISE_LIFE
from events.models import (
    BidStage,
    CouncilSitting,
    Delegation,
    Destination,
    EmissionFactor,
    Event,
    Leg,
    Meeting,
    MeetingNote,
    Mission,
    Participant,
    Promise,
)
from events.rules import left_without, mandate_warnings
from events.selectors.agenda import agenda, conflicts
from events.selectors.occasions import (
    coverage_of,
    delegations_by_country,
    delegations_by_year,
    emissions,
    legs,
    remembrance,
)
from events.selectors.promises import open_promises, overdue_promises
from partnerships.models import City, CouncilGroup, Organisation, Person

READER = Parvis()
# What history knows the writes of the two commands by.
REASONS = {False: "load_paris", True: "load_samples"}
MAYOR = "La Maire de Paris"


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """The reference data and the files of the samples, once for the tests of this file, and taken back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        for samples, reason in REASONS.items():
            load(reason, files=loading.registered(samples=samples))
        yield
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _loaded(loaded, db):
    pass


def own_files(*, samples: bool = False) -> list[tuple[Path, Rows]]:
    return [(path, rows) for path, rows in loading.registered(samples=samples) if path.is_relative_to(loaders.DATA)]


def within(rows: Rows) -> set[type[BaseModel]]:
    return {rows.model}.union(*(within(child) for child in rows.children.values()))


def documented(model: type[BaseModel]):
    """The records that the documents tell of."""
    return model.objects.exclude(citations__source__kind="sample")


def invented(model: type[BaseModel]):
    return model.objects.filter(citations__source__kind="sample")


def by_status(model: type[BaseModel]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for reference, status in documented(model).values_list("reference", "status"):
        found.setdefault(status, set()).add(reference.partition("-")[2])
    return found


def dated(model: type[BaseModel], name: str) -> dict[str, tuple[date | None, str]]:
    rows = documented(model).exclude(**{f"{name}_precision": ""})
    return {row.reference.partition("-")[2]: (getattr(row, name), getattr(row, f"{name}_precision")) for row in rows}


# --- what the documents say ---


def test_what_took_place_is_held_and_what_is_announced_is_not():
    assert by_status(Event) == {
        "held": {
            "JAN-11",
            "CHARLIE",
            "GARISSA",
            "CALL-OF-PARIS",
            "KINSHASA",
            "AUSCHWITZ-70",
            "RWANDA-STONE",
            "ARMENIA-EXPO",
            "INSTITUT-FR",
            "EUROPEAN-MAYORS",
            "AIMF-ASSEMBLY",
        },
        "planned": {
            "SREBRENICA-20",
            "EXILE",
            "OUDIN-10",
            "COP21",
            "COP21-GROUP",
            "FORUM-PARIS",
            "1000-MAYORS",
            "ICORN-2016",
            "AIMF-BUREAU",
            "UCUE-ROME",
            "PRESS",
            "EUROPE-DAY",
            "CHANTIERS",
            "EURO-2016",
            "GAY-GAMES",
            "GAMES-2024",
            "WORLD-FAIR",
        },
    }
    assert by_status(Mission) == {
        "done": {"AUSCHWITZ"},
        "planned": {"DAKAR", "ROME", "YEREVAN", "EU-INSTITUTIONS"},
        "idea": {"NEW-YORK", "MADRID", "BERLIN", "SOUTH-AMERICA", "ISRAEL-PALESTINE", "BUCHAREST"},
    }


def test_vague_dates_stay_vague():
    assert dated(Event, "actual_start") == {
        "JAN-11": (date(2015, 1, 11), "day"),
        "CHARLIE": (date(2015, 1, 1), "month"),
        "GARISSA": (None, "unknown"),
        "CALL-OF-PARIS": (date(2014, 12, 1), "day"),
        "KINSHASA": (date(2014, 10, 1), "month"),
        "AUSCHWITZ-70": (date(2015, 1, 1), "month"),
        "RWANDA-STONE": (None, "unknown"),
        "ARMENIA-EXPO": (None, "unknown"),
        "INSTITUT-FR": (date(2015, 2, 1), "month"),
        "EUROPEAN-MAYORS": (date(2015, 3, 26), "day"),
        "AIMF-ASSEMBLY": (date(2014, 11, 3), "day"),
    }
    assert dated(Event, "planned_start") == {
        "SREBRENICA-20": (date(2015, 7, 1), "month"),
        "EXILE": (date(2015, 6, 1), "month"),
        "OUDIN-10": (date(2015, 1, 1), "year"),
        "COP21": (date(2015, 12, 1), "month"),
        "COP21-GROUP": (date(2014, 5, 1), "month"),
        "FORUM-PARIS": (date(2015, 1, 1), "year"),
        "1000-MAYORS": (date(2015, 12, 1), "month"),
        "ICORN-2016": (date(2016, 1, 1), "year"),
        "AIMF-BUREAU": (date(2014, 1, 1), "year"),
        "AIMF-ASSEMBLY": (date(2014, 9, 1), "season"),
        "UCUE-ROME": (date(2014, 9, 1), "season"),
        "EURO-2016": (date(2016, 1, 1), "year"),
        "GAY-GAMES": (date(2018, 1, 1), "year"),
        "GAMES-2024": (date(2024, 1, 1), "year"),
    }
    assert dated(Mission, "planned_start") == {
        "SOUTH-AMERICA": (date(2014, 1, 1), "year"),
        "DAKAR": (date(2014, 9, 1), "season"),
        "ROME": (date(2014, 9, 1), "season"),
        "YEREVAN": (date(2015, 9, 1), "season"),
    }
    assert dated(Mission, "actual_start") == {"AUSCHWITZ": (date(2015, 1, 1), "month")}
    in_words = documented(Event).exclude(when_fr="").values_list("reference", flat=True)
    assert {reference.partition("-")[2] for reference in in_words} == {
        "GARISSA",
        "RWANDA-STONE",
        "ARMENIA-EXPO",
        "FORUM-PARIS",
        "AIMF-BUREAU",
        "PRESS",
        "EUROPE-DAY",
    }


def test_the_assembly_was_planned_in_dakar_and_held_in_kinshasa():
    assembly = Event.objects.get(reference="EVT-AIMF-ASSEMBLY")
    assert (assembly.planned_city.slug, assembly.held_city.slug, assembly.network.slug) == ("dakar", "kinshasa", "aimf")
    assert (assembly.actual_end, assembly.actual_end_precision) == (date(2014, 11, 6), "day")
    where = assembly.citations.get(fact="held_city")
    assert where.source.is_outside
    trip = assembly.missions.get()
    assert [place.city.slug for place in trip.destinations.all()] == ["dakar"]


def test_missions_go_where_the_documents_say():
    places = documented(Destination).select_related("mission", "city", "country", "area")
    assert sorted((row.mission.reference, row.stage, row.place.name_fr) for row in places) == [
        ("MIS-AUSCHWITZ", "actual", "Auschwitz"),
        ("MIS-AUSCHWITZ", "planned", "Auschwitz"),
        ("MIS-BERLIN", "planned", "Berlin"),
        ("MIS-BUCHAREST", "planned", "Bucarest"),
        ("MIS-DAKAR", "planned", "Dakar"),
        ("MIS-EU-INSTITUTIONS", "planned", "Bruxelles"),
        ("MIS-ISRAEL-PALESTINE", "planned", "Israël"),
        ("MIS-ISRAEL-PALESTINE", "planned", "Palestine"),
        ("MIS-MADRID", "planned", "Madrid"),
        ("MIS-NEW-YORK", "planned", "New York"),
        ("MIS-ROME", "planned", "Rome"),
        ("MIS-SOUTH-AMERICA", "planned", "Amérique du Sud"),
        ("MIS-YEREVAN", "planned", "Erevan"),
    ]
    emblematic = documented(Mission).filter(emblematic=True).values_list("reference", flat=True)
    assert set(emblematic) == {"MIS-AUSCHWITZ", "MIS-YEREVAN", "MIS-ISRAEL-PALESTINE"}
    horizons = dict(documented(Mission).values_list("reference", "horizon"))
    assert {reference for reference, horizon in horizons.items() if horizon == "first-100-days"} == {
        "MIS-NEW-YORK",
        "MIS-MADRID",
        "MIS-BERLIN",
        "MIS-SOUTH-AMERICA",
        "MIS-DAKAR",
    }
    assert set(horizons.values()) == {"first-100-days", "mid-term"}


def test_nothing_is_invented():
    named = documented(Participant).filter(person__isnull=False)
    assert set(named.values_list("event__reference", "person__slug")) == {
        ("EVT-COP21-GROUP", "klugman"),
        ("EVT-COP21-GROUP", "sanches-ruivo"),
    }
    travellers = documented(Participant).filter(mission__isnull=False)
    assert not travellers.exclude(mandate=None, order_number="", headcount=None, council_group=None).exists()
    assert travellers.filter(description_fr=MAYOR, role="head", quality="elected").count() == 10
    assert not documented(Mission).exclude(planned_cost=None, actual_cost=None).exists()
    for model in (Delegation, Promise, CouncilSitting, EmissionFactor, Leg, MeetingNote, BidStage):
        assert not documented(model).exists(), model
    assert {meeting.title_en for meeting in documented(Meeting)} == {
        "Bilateral meeting with the mayor of New York",
        "Appointment with the European Commission",
    }


def test_all_groups_of_the_council_are_taken_at_their_word_and_missed_of_no_invented_group():
    for reference in ("MIS-YEREVAN", "MIS-ISRAEL-PALESTINE"):
        seats = coverage_of(READER, Mission.objects.get(reference=reference))
        assert (seats.represented, seats.missing, seats.is_complete) == ([], [], True)
    # Of Auschwitz the letter only wishes it.
    seats = coverage_of(READER, Mission.objects.get(reference="MIS-AUSCHWITZ"))
    assert (seats.represented, seats.missing, seats.is_recorded) == ([], [], False)


def test_who_went_to_auschwitz_without_a_known_mandate_says_why():
    with override("en"):
        told = [str(reason) for reason in left_without(Mission.objects.get(reference="MIS-AUSCHWITZ"))]
    assert len(told) == 2
    assert all("has no special mandate" in line and "Why: Repris des documents" in line for line in told)


def test_the_new_york_trip_waits_for_an_officer():
    trip = Mission.objects.get(reference="MIS-NEW-YORK")
    assert MISSION_LIFE.missing(trip, "plan") == ()
    with override("en"):
        lacks = {str(reason) for reason in MISSION_LIFE.missing(trip, "confirm")}
    assert lacks == {
        "The day of the beginning is missing.",
        "The day of the return is missing.",
        "The Mayor of Paris has no special mandate (voted before the departure).",
    }
    assert [tie.object.slug for tie in trip.ties.all()] == ["uclg"]


def test_what_events_need_and_led_to():
    press = Event.objects.get(reference="EVT-PRESS")
    assert [reason.field for reason in EVENT_LIFE.missing(press, "confirm")] == [
        "planned_start",
        *["preconditions"] * 2,
    ]
    mayors = Event.objects.get(reference="EVT-EUROPEAN-MAYORS")
    assert [outcome.result for outcome in mayors.outcomes.all()] == [None, None]
    signed = Event.objects.get(reference="EVT-KINSHASA").outcomes.get()
    assert signed.result.reference == "AGR-KINSHASA"
    rally = Event.objects.get(reference="EVT-JAN-11")
    assert rally.outcomes_before.get().event.reference == "EVT-CHARLIE"
    assert set(documented(Event).filter(kind="bid").values_list("reference", flat=True)) == {
        "EVT-GAMES-2024",
        "EVT-WORLD-FAIR",
    }
    # What happens in the world is not in the City's agenda.
    shown = {item.record for item in agenda(READER, date(2015, 1, 1), date(2015, 1, 31), ["event"])}
    assert rally in shown
    assert not any(event.kind == "world" for event in shown)


# --- files and samples ---


@pytest.mark.parametrize("samples", [False, True])
def test_every_row_is_cited_and_a_second_run_changes_nothing(samples):
    tallies = load(REASONS[samples], files=own_files(samples=samples))
    assert sum(tally.unchanged for tally in tallies.values()) > 200
    assert {model for model, tally in tallies.items() if tally.created or tally.changed or tally.removed} == set()
    models = set().union(*(within(rows) for _path, rows in own_files(samples=samples)))
    uncited = [
        record
        for model in models
        if model._meta.app_label == "events"
        for record in model.objects.filter(citations=None)
    ]
    assert uncited == []


def test_samples_touch_no_real_city_person_or_body():
    files = own_files(samples=True)
    for model in set().union(*(within(rows) for _path, rows in files)):
        columns = [
            column for column in model._meta.concrete_fields if column.related_model in (City, Person, Organisation)
        ]
        for record in invented(model):
            touched = [value for column in columns if (value := getattr(record, column.name))]
            assert all(value.slug.startswith("sample-") for value in touched), record
    assert Mission().reference == "MIS-2015-0001"
    assert Event().reference == "EVT-2015-0001"


def test_samples_have_passed_the_gates_of_the_state_that_they_are_in():
    passed = {
        "planned": ["plan"],
        "confirmed": ["plan", "confirm"],
        "done": ["plan", "confirm", "complete"],
        "received": ["confirm", "receive"],
        "held": ["hold"],
        "kept": ["keep"],
        "not-kept": ["break_off"],
        "released": ["release"],
    }
    lives = {
        Mission: MISSION_LIFE,
        Delegation: DELEGATION_LIFE,
        Event: EVENT_LIFE,
        Meeting: MEETING_LIFE,
        Promise: PROMISE_LIFE,
    }
    seen = set()
    for model, life in lives.items():
        verbs = {transition.verb for transition in life.transitions}
        for record in invented(model):
            for verb in passed.get(record.status, []):
                if verb in verbs and not (
                    model is Delegation and verb == "confirm" and record.planned_start_precision != "day"
                ):
                    assert life.missing(record, verb) == (), (record, verb)
                    seen.add((model, verb))
    assert {verb for model, verb in seen if model is Mission} == {"plan", "confirm", "complete"}
    assert {model for model, _verb in seen} == set(lives)


def test_the_samples_show_what_the_agenda_and_the_ledger_are_for():
    trip = Mission.objects.get(reference="MIS-EXEMPLE-2")
    with override("en"):
        assert [str(reason) for reason in mandate_warnings(trip)] == [
            "Exemple inventé — Bérénice Exemple has no special mandate (voted before the departure)."
        ]
    seats = coverage_of(READER, trip)
    assert [group.slug for group in seats.missing] == ["sample-group-d"]
    assert len(seats.represented) == CouncilGroup.objects.count() - 1
    found = conflicts(READER, agenda(READER, date(2015, 6, 1), date(2015, 6, 30)))
    assert {(conflict.person.slug, conflict.on) for conflict in found} == {("sample-councillor-a", date(2015, 6, 11))}
    assert {item.record.get_absolute_url() for conflict in found for item in (conflict.one, conflict.other)} == {
        record.get_absolute_url()
        for record in (
            Mission.objects.get(reference="MIS-EXEMPLE-3"),
            Event.objects.get(reference="EVT-EXEMPLE-S2"),
        )
    }
    assert {row.reference for row in open_promises(READER)} == {f"PRM-EXEMPLE-{number}" for number in (1, 2, 4)}
    assert {row.reference for row in overdue_promises(READER)} == {"PRM-EXEMPLE-2", "PRM-EXEMPLE-4"}
    assert set(Promise.objects.values_list("status", flat=True)) == {"open", "kept", "not-kept", "released"}


def test_the_samples_show_what_the_figures_are_for():
    assert [(row.label, row.measured) for row in delegations_by_year(READER)] == [("2015", 2), ("2014", 1)]
    assert {row.key: row.measured for row in delegations_by_country(READER)} == {"XA": 1, "XB": 2}
    done = Mission.objects.get(reference="MIS-EXEMPLE-1")
    emitted = emissions(legs(READER, mission=done))
    assert (emitted.kg, emitted.known, emitted.unknown) == (Decimal(845), 2, 1)
    assert {traveller.quality for traveller in done.participants.all()} == {"elected", "staff", "civil-society"}
    assert set(invented(MeetingNote).values_list("audience", flat=True)) == {"staff", "deputies", "city"}
    ceremony = remembrance(READER).get(reference="EVT-EXEMPLE-MEMORY")
    assert {taking.category for taking in ceremony.participants.all()} == {"", "youth", "association"}
    assert [sitting.starts_on.month for sitting in CouncilSitting.objects.order_by("starts_on")] == [6, 7, 9]
    assert Event.objects.get(reference="EVT-EXEMPLE-GROUP").parts.count() == 2
    assert Event.objects.get(reference="EVT-EXEMPLE-DAY").parts.get().kind == "edition"


# --- bad input ---

CITED = "citations: [{source: seed-0}]"
ONE_EVENT = f"""
rows:
- reference: EVT-TEST
  title_fr: Un événement
  kind: forum
  status: held
  planned_start: 2015-05-04
  actual_start: 2015-05-04
  outcomes:
    - {{what_fr: Une suite, led_to_event: EVT-COP21, {CITED}}}
  {CITED}
"""
ONE_MISSION = f"""
rows:
- reference: MIS-TEST
  title_fr: Une mission
  status: confirmed
  planned_start: 2015-07-06
  planned_end: 2015-07-08
  destinations:
    - {{stage: planned, city: rome, arrives_on: 2015-07-06, {CITED}}}
  participants:
    - {{person: klugman, quality: elected, mandate: Exemple inventé — mandats spéciaux de mai 2015, {CITED}}}
    - {{person: sanches-ruivo, quality: staff, order_number: OM-1, {CITED}}}
  {CITED}
"""
BAD_EVENTS = [
    ("kind: forum", "kind: picnic", 4, "kind: "),
    ("kind: forum", "kind: statutory", 2, "network: A statutory meeting is that of a network."),
    ("actual_start: 2015-05-04", "actual_start: 2015-06-02", 7, "actual_start: This has not happened yet"),
    ("actual_start: 2015-05-04", "planned_end: 2015-05-03", 7, "The end cannot be before the beginning."),
    ("actual_start: 2015-05-04", "when_fr: en mai", 2, "actual_start: What took place has an actual beginning"),
    ("actual_start: 2015-05-04", "actual_start: mai 2015", 7, "actual_start: “mai 2015” is not a date"),
    ("kind: forum", "kind: session\n  part_of: EVT-COP21", 5, "part_of: A session is part of a working group"),
    ("led_to_event: EVT-COP21", "led_to_event: EVT-TEST", 9, "What an event led to cannot lead back to it."),
    ("led_to_event: EVT-COP21", "led_to_event: EVT-NOWHERE", 9, "led_to_event: There is no event “EVT-NOWHERE”."),
]
BAD_MISSIONS = [
    ("planned_end: 2015-07-08", "planned_end: 2015-07-05", 6, "The end cannot be before the beginning."),
    ("planned_end: 2015-07-08", "planned_end: 2015-08", 5, "planned_start: A confirmed mission has the days"),
    ("arrives_on: 2015-07-06", "arrives_on: 2015-07-09", 8, "arrives_on: This lies outside the dates of the mission."),
    ("city: rome", "city: rome, country: IT", 8, "A destination is a city, a country or an area."),
    ("mai 2015,", "juillet 2015,", 10, "mandate: There is no deliberation"),
    ("mandate: Exemple inventé — mandats spéciaux de mai 2015, ", "", 10, "needs a special mandate"),
    (
        "quality: staff, order_number: OM-1",
        "quality: staff",
        11,
        "order_number: The staff of the City needs a mission order",
    ),
    (
        "person: sanches-ruivo",
        "description_fr: Un agent, city: rome, person: klugman",
        11,
        "This person already takes part.",
    ),
]


@pytest.mark.parametrize(
    ("rows", "text", "spoilt"),
    [(loaders.EVENT, ONE_EVENT, BAD_EVENTS), (loaders.MISSION, ONE_MISSION, BAD_MISSIONS)],
    ids=["events", "missions"],
)
def test_bad_rows_are_named_with_file_and_line(tmp_path, rows, text, spoilt):
    path = tmp_path / "example" / "data" / "rows.yaml"
    path.parent.mkdir(parents=True)
    for old, new, line, said in spoilt:
        assert text.count(old) == 1, old
        path.write_text(text.replace(old, new).lstrip("\n"), encoding="utf-8")
        with override("en"), pytest.raises(Unloadable) as refused:
            load("test_load", files=[(path, rows)])
        faults = [str(fault) for fault in refused.value]
        assert any(fault.startswith(f"example/data/rows.yaml:{line}: ") and said in fault for fault in faults), (
            new,
            faults,
        )
        assert not rows.model.objects.filter(reference__endswith="-TEST").exists()
    path.write_text(text.lstrip("\n"), encoding="utf-8")
    assert load("test_load", files=[(path, rows)])[rows.model].created == 1

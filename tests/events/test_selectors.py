"""What the reads and figures of missions and events count, and what they leave out."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import clock, dates
from core.access import ApiClient
from core.figures import Share
from core.roles import Role
from events.enums import EventKind, PromiseStatus
from events.models import MeetingNote
from events.selectors import occasions, promises
from tests import factories as make
from tests.events.lives import STATES, at

pytestmark = pytest.mark.django_db


def rows(found) -> dict:
    return {row.key: row.measured for row in found}


# --- notes of meetings ---


def test_a_note_is_seen_by_those_it_is_written_for(officer):
    meeting = make.MeetingFactory()
    for audience in ("staff", "deputies", "city"):
        make.MeetingNoteFactory(meeting=meeting, audience=audience, text=audience)
    everybody = {
        Role.ADMINISTRATOR: ["staff", "deputies", "city"],
        Role.OFFICER: ["staff", "deputies", "city"],
        Role.SOLIDARITY_OFFICER: ["staff", "deputies", "city"],
        Role.PROTECTION_OFFICER: ["staff", "deputies", "city"],
        Role.DEPUTY: ["deputies", "city"],
        Role.AUDITOR: ["city"],
        None: [],
    }
    for role, seen in everybody.items():
        reader = make.UserFactory(role=role)
        assert [note.text for note in MeetingNote.objects.visible_to(reader)] == seen, role
        told = [note.text for found in occasions.meetings(reader) for note in found.notes.all()]
        assert told == seen, role
    note = meeting.notes.get(audience="city")
    note.audience = "staff"
    note.save()
    past = MeetingNote.pgh_event_model.objects.filter(MeetingNote.visibility(make.UserFactory(role=Role.AUDITOR)))
    assert [event.text for event in past] == ["city"]


# --- what concerns a city ---


def test_what_concerns_a_city_is_found_by_each_of_its_ways(deputy):
    city, other = make.CityFactory(), make.CityFactory()
    mission, tied, elsewhere = (make.MissionFactory() for _ in range(3))
    for trip, place in ((mission, city), (mission, other), (elsewhere, other)):
        make.DestinationFactory(mission=trip, city=place)
    make.DestinationFactory(mission=mission, city=city, arrives_on=date(2015, 5, 4))
    make.TieFactory(mission=tied, city=city)
    for found in (occasions.missions_to, occasions.missions_about):
        assert set(found(deputy, city)) == {mission, tied}
        assert found(deputy, city).count() == 2

    sent, about, _ = make.DelegationFactory(city=city), make.DelegationFactory(), make.DelegationFactory()
    make.TieFactory(mission=None, delegation=about, city=city)
    assert set(occasions.delegations_from(deputy, city)) == {sent, about}

    planned, held = make.EventFactory(planned_city=city), make.EventFactory(held=True, held_city=city)
    attended, on, _ = (make.EventFactory(planned_city=other) for _ in range(3))
    make.ParticipantFactory(mission=None, event=attended, person=None, city=city, quality="")
    make.TieFactory(mission=None, event=on, city=city)
    for found in (occasions.events_with, occasions.events_about):
        assert set(found(deputy, city)) == {planned, held, attended, on}

    there, of_trip = make.MeetingFactory(city=city), make.MeetingFactory(mission=mission)
    with_them, on_them, _ = (make.MeetingFactory(city=other) for _ in range(3))
    make.ParticipantFactory(mission=None, meeting=with_them, person=None, city=city, quality="")
    make.TieFactory(mission=None, meeting=on_them, city=city)
    # On the same trip, with the other city.
    make.MeetingFactory(mission=mission, city=other)
    assert set(occasions.meetings_with(deputy, city)) == {there, of_trip, with_them, on_them}


def test_where_it_was_in_the_end_is_met_and_where_it_was_planned_is_not(deputy):
    planned, went = make.CityFactory(), make.CityFactory()
    trip = make.MissionFactory(done=True)
    for city, stage in ((planned, "planned"), (went, "actual")):
        make.DestinationFactory(mission=trip, city=city, stage=stage)
    talk = make.MeetingFactory(mission=trip)
    assembly = make.EventFactory(held=True, planned_city=planned, held_city=went)
    elsewhere = make.EventFactory(held=True, planned_city=planned, held_venue_fr="Ailleurs")
    met = {
        city: [
            set(found(deputy, city))
            for found in (occasions.missions_to, occasions.events_with, occasions.meetings_with)
        ]
        for city in (planned, went)
    }
    assert met == {planned: [set(), set(), set()], went: [{trip}, {assembly}, {talk}]}
    assert set(occasions.missions_about(deputy, planned)) == {trip}
    assert set(occasions.events_about(deputy, planned)) == {assembly, elsewhere}


def test_a_trip_is_about_what_its_reader_may_see(deputy):
    trip = make.MissionFactory()
    grant, city = make.GrantFactory(), make.CityFactory()
    of_grant, of_city = make.TieFactory(mission=trip, city=None, grant=grant), make.TieFactory(mission=trip, city=city)
    narrow = ApiClient("invented", "Invented system", frozenset({"events:read", "partnerships:read"}))
    assert set(occasions.ties(deputy, mission=trip)) == {of_grant, of_city}
    assert list(occasions.ties(narrow, mission=trip)) == [of_city]


def test_where_it_went_replaces_where_it_meant_to_go():
    mission = make.MissionFactory(done=True)
    meant = make.DestinationFactory(mission=mission)
    assert occasions.places(mission) == [meant]
    went = make.DestinationFactory(mission=mission, stage="actual")
    assert occasions.places(mission) == [went]


# --- Council groups, emissions ---


class TestCoverage:
    def groups(self):
        return [make.CouncilGroupFactory(name=name) for name in "ABC"]

    def test_elected_members_stand_for_their_group_or_for_the_one_named(self, deputy):
        a, b, c = self.groups()
        mission = at("mission", "planned")
        make.ParticipantFactory(mission=mission, elected=True, person__council_group=a)
        make.ParticipantFactory(mission=mission, elected=True, person__council_group=a, council_group=b)
        make.ParticipantFactory(mission=mission, person__council_group=c)  # she travels for an association
        found = occasions.coverage_of(deputy, mission)
        assert (found.represented, found.missing, found.is_complete) == ([a, b], [c], False)

    def test_only_groups_of_that_day_can_be_missing(self, deputy):
        a, b, c = self.groups()
        for group, name, day in ((b, "until", date(2015, 7, 5)), (c, "since", date(2015, 7, 7))):
            setattr(group, name, day)
            group.save()
        mission = at("mission", "planned")
        make.ParticipantFactory(mission=mission, elected=True, person__council_group=a)
        assert occasions.coverage_of(deputy, mission).is_complete
        undated_but_planned = at("mission", "done", actual_start=None, actual_start_precision="unknown")
        assert occasions.coverage_of(deputy, undated_but_planned).missing == [a]
        assert occasions.coverage_of(deputy, make.MissionFactory()).missing == [a, b]  # as of today

    def test_somebody_may_stand_for_all_groups_whichever_they_are(self, deputy):
        mission = at("mission", "planned")
        make.ParticipantFactory(mission=mission, quality="elected", person=None, description_fr="Tous", all_groups=True)
        found = occasions.coverage_of(deputy, mission)
        assert (found.represented, found.missing, found.is_complete, found.is_recorded) == ([], [], True, True)
        groups = self.groups()
        found = occasions.coverage_of(deputy, mission)
        assert (found.represented, found.missing, found.is_complete) == (groups, [], True)

    def test_a_real_mission_is_not_measured_against_invented_groups_nor_the_other_way_round(self, deputy):
        real, sample = make.CouncilGroupFactory(), make.CouncilGroupFactory()
        ours, theirs = at("mission", "done", emblematic=True), at("mission", "done", emblematic=True)
        invented = make.SourceFactory(kind="sample")
        for record in (sample, theirs):
            make.CitationFactory(record=record, source=invented)
            make.CitationFactory(record=record, source=invented, section="2")
        for mission, group in ((ours, real), (theirs, sample)):
            make.ParticipantFactory(mission=mission, elected=True, person__council_group=group)
        for mission, group in ((ours, real), (theirs, sample)):
            found = occasions.coverage_of(deputy, mission)
            assert (found.represented, found.missing) == ([group], [])
        assert occasions.emblematic_with_all_groups(deputy) == Share(2, 2)

    def test_without_groups_nothing_is_whole(self, deputy):
        assert not occasions.coverage_of(deputy, at("mission", "planned")).is_complete

    def test_the_share_of_emblematic_missions_asks_as_often_for_three_as_for_one(self, deputy):
        a = make.CouncilGroupFactory()
        at("mission", "done")
        at("mission", "planned", emblematic=True)

        def share():
            with CaptureQueriesContext(connection) as queries:
                found = occasions.emblematic_with_all_groups(deputy)
            return found, len(queries)

        make.ParticipantFactory(mission=at("mission", "done", emblematic=True), elected=True, person__council_group=a)
        share()  # permissions are read once a request
        first, for_one = share()
        at("mission", "done", emblematic=True)  # of which no group is recorded
        another = make.CouncilGroupFactory()
        for group in (a, another):
            trip = at("mission", "done", emblematic=True)
            make.ParticipantFactory(mission=trip, elected=True, person__council_group=group)
        then, for_three = share()
        assert (first, then) == (Share(1, 1), Share(0, 3))
        assert for_three == for_one


def test_emissions_are_distance_times_passengers_times_factor_and_say_what_is_not_known():
    factor = make.EmissionFactorFactory(kg_per_km="0.00210")
    mission = make.MissionFactory()
    made = {"mission": mission, "factor": factor}
    make.LegFactory(**made, distance_km=1000, passengers=3, leaves_on=date(2015, 7, 6))
    make.LegFactory(**made, distance_km=500, passengers=1)
    make.LegFactory(mission=mission, distance_km=500, passengers=2)
    found = occasions.emissions(mission.legs.all())
    assert (found.kg, found.known, found.unknown) == (Decimal("7.35"), 2, 1)
    assert occasions.emissions([]).kg == 0


# --- figures ---


class TestFigures:
    def test_missions_ahead_and_done(self, deputy):
        found = {state: at("mission", state) for state in STATES["mission"] if state != "idea"}
        idea = make.MissionFactory()
        assert list(occasions.upcoming_missions(deputy)) == [found["planned"], found["confirmed"], idea]
        assert list(occasions.missions_done(deputy)) == [found["done"]]
        at("mission", "done", actual_start=None, actual_start_precision="unknown")
        make.MissionFactory(done=True, actual_start=date(2014, 1, 1), actual_start_precision="year")
        assert [(row.key, row.label, row.measured) for row in occasions.missions_by_year(deputy)] == [
            ("2015", "2015", 1),
            ("2014", "2014", 1),
            ("", "—", 1),
        ]

    def test_delegations_by_year_and_by_where_they_came_from(self, deputy):
        a, b = make.CountryFactory(name_en="Aland"), make.CountryFactory(name_en="Bland")
        make.DelegationFactory(received=True, city=make.CityFactory(country=b))
        make.DelegationFactory(received=True, city=None, country=a)
        make.DelegationFactory(received=True, city=None, organisation=make.OrganisationFactory(country=b))
        make.DelegationFactory(received=True, city=None, organisation=make.OrganisationFactory(country=None))
        make.DelegationFactory(confirmed=True)
        at("delegation", "cancelled")
        assert occasions.delegations_received(deputy).count() == 4
        assert rows(occasions.delegations_by_country(deputy)) == {a.code: 1, b.code: 2, "": 1}
        assert rows(occasions.delegations_by_year(deputy)) == {"2015": 4}

    def test_remembrance_counts_what_was_held(self, deputy):
        held = [make.EventFactory(held=True, kind=kind) for kind in ("commemoration", "inauguration")]
        make.EventFactory(kind="commemoration")
        make.EventFactory(held=True, kind=EventKind.FORUM)
        assert set(occasions.remembrance(deputy)) == set(held)

    def test_a_stranger_counts_nothing(self):
        at("mission", "done")
        at("promise", "open")
        assert not occasions.missions_done(None).exists()
        assert not promises.open_promises(None).exists()
        assert promises.kept_share(None) == Share(0, 0)


# --- promises ---


class TestPromises:
    def test_what_is_open_comes_first_and_what_is_due_soonest(self, deputy):
        made = [
            make.PromiseFactory(due_on=day, due_on_precision="day" if day else "")
            for day in (None, date(2015, 8, 1), date(2015, 7, 1))
        ]
        kept = at("promise", "kept", due_on=date(2015, 1, 5), due_on_precision="day")
        assert list(promises.promises(deputy)) == [made[2], made[1], made[0], kept]
        assert list(promises.open_promises(deputy)) == [made[2], made[1], made[0]]

    def test_overdue_is_what_is_past_with_the_last_day_of_what_is_known(self, deputy):
        periods = {
            "day": [date(2015, 5, 31), date(2015, 6, 1)],
            "month": [date(2015, 5, 1), date(2015, 6, 1)],
            "season": [date(2014, 12, 1), date(2015, 3, 1), date(2015, 6, 1)],
            "year": [date(2014, 1, 1), date(2015, 1, 1)],
        }
        made = [
            make.PromiseFactory(due_on=day, due_on_precision=precision)
            for precision, days in periods.items()
            for day in days
        ]
        make.PromiseFactory(due_on_precision="unknown")
        at("promise", "not-kept", due_on=date(2015, 1, 5), due_on_precision="day")
        late = {one for one in made if dates.last_day(one.due_on, one.due_on_precision) < clock.today()}
        assert len(late) == 5
        assert set(promises.overdue_promises(deputy)) == late

    def test_promises_with_a_city_are_those_that_bind_it_or_are_tied_to_it(self, deputy):
        city, other = make.CityFactory(), make.CityFactory()
        bound, tied, elsewhere = (make.PromiseFactory(city=place) for place in (city, other, other))
        make.TieFactory(mission=None, promise=tied, city=city)
        kept = at("promise", "kept", city=city)
        assert set(promises.promises_with(deputy, city)) == {bound, tied, kept}
        assert set(promises.open_promises_with(deputy, [city.pk])) == {bound, tied}
        assert set(promises.open_promises_with(deputy, [city.pk, other.pk])) == {bound, tied, elsewhere}
        assert not promises.open_promises_with(deputy, []).exists()

    def test_the_cities_of_an_occasion(self):
        c = [make.CityFactory() for _ in range(7)]
        mission = make.MissionFactory(done=True)
        make.DestinationFactory(mission=mission, city=c[0])
        make.DestinationFactory(mission=mission, city=None, country=make.CountryFactory())
        make.DestinationFactory(mission=mission, city=c[1], stage="actual")
        make.TieFactory(mission=mission, city=c[2])
        make.TieFactory(mission=mission, city=None, network=make.NetworkFactory())
        make.ParticipantFactory(mission=mission, person=None, city=c[3])
        meeting = make.MeetingFactory(mission=mission, city=c[4])
        event = make.EventFactory(held=True, planned_city=c[5], held_city=c[6])
        keys = [city.pk for city in c]
        assert promises.cities_of(mission) == set(keys[:4])
        assert promises.cities_of(meeting) == set(keys[:5])
        assert promises.cities_of(event) == set(keys[5:])
        assert promises.cities_of(make.DelegationFactory(city=c[0])) == {keys[0]}
        assert promises.cities_of(make.MeetingFactory()) == set()

    def test_kept_counts_ours_and_leaves_out_what_is_no_longer_asked_for(self, deputy):
        for state in PromiseStatus.values:
            at("promise", state)
            at("promise", state, side="theirs")
        at("promise", "kept")
        assert promises.kept_share(deputy) == Share(2, 3)

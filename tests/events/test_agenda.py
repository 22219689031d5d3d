"""The agenda: what stands in it on which days, in which order, and who is expected in two places."""

from datetime import date, time

import pytest

from events.enums import AgendaKind
from events.selectors import agenda
from tests import factories as make
from tests.events.lives import at

pytestmark = pytest.mark.django_db

JULY = (date(2015, 7, 1), date(2015, 7, 31))
SIXTH, SEVENTH = date(2015, 7, 6), date(2015, 7, 7)


def titles(reader, since, until, kinds=()) -> list[str]:
    return [item.title for item in agenda.agenda(reader, since, until, kinds)]


def event(title: str, start=SIXTH, precision="day", end=None, end_precision="day", **values):
    ends = {"planned_end": end, "planned_end_precision": end_precision} if end else {}
    return make.EventFactory(title_en=title, planned_start=start, planned_start_precision=precision, **ends, **values)


def meeting(title: str, day=SIXTH, start=None, end=None, **values):
    return make.MeetingFactory(
        title_en=title, day=day, day_precision="day" if day else "", starts_at=start, ends_at=end, **values
    )


class TestAgenda:
    def test_everything_stands_in_one_order(self, deputy):
        event("B")
        event("A")
        event("longer", end=date(2015, 7, 9))
        meeting("at ten", start=time(10))
        meeting("at nine", start=time(9))
        meeting("some time")
        make.CouncilSittingFactory(starts_on=date(2015, 7, 6), ends_on=date(2015, 7, 8), note_en="Council")
        at("mission", "planned", title_en="trip", planned_start=date(2015, 7, 5))
        make.DelegationFactory(title_en="visit", planned_start=SEVENTH, planned_start_precision="day")
        assert titles(deputy, *JULY) == [
            "trip",
            "A",
            "B",
            "some time",
            "Council",
            "longer",
            "at nine",
            "at ten",
            "visit",
        ]
        assert titles(deputy, *JULY, kinds=[AgendaKind.COUNCIL, AgendaKind.MISSION]) == ["trip", "Council"]
        assert titles(None, *JULY) == []

    def test_both_ends_of_the_days_count(self, deputy):
        event("until the first", start=date(2015, 6, 20), end=date(2015, 7, 1))
        event("from the last", start=date(2015, 7, 31))
        event("before", start=date(2015, 6, 20), end=date(2015, 6, 30))
        event("after", start=date(2015, 8, 1))
        event("years long", start=date(2012, 1, 1), end=date(2017, 1, 1))
        assert titles(deputy, *JULY) == ["years long", "until the first", "from the last"]

    def test_a_vague_date_touches_all_of_its_days_and_no_other(self, deputy):
        for precision, start in (
            ("month", date(2015, 1, 1)),
            ("season", date(2014, 12, 1)),
            ("year", date(2015, 1, 1)),
        ):
            event(precision, start=start, precision=precision)
        found = {
            date(2014, 11, 30): [],
            date(2014, 12, 1): ["season"],
            date(2015, 1, 31): ["season", "month", "year"],
            date(2015, 2, 28): ["season", "year"],
            date(2015, 3, 1): ["year"],
            date(2015, 12, 31): ["year"],
            date(2016, 1, 1): [],
        }
        for day, expected in found.items():
            assert titles(deputy, day, day) == expected, day
        exact = [item.is_exact for item in agenda.agenda(deputy, date(2015, 1, 1), date(2015, 1, 31))]
        assert exact == [False, False, False]

    def test_a_vague_end_lasts_to_the_end_of_its_period(self, deputy):
        event("to 2015", start=date(2013, 5, 1), end=date(2015, 1, 1), end_precision="year")
        assert titles(deputy, date(2015, 12, 31), date(2016, 1, 31)) == ["to 2015"]
        assert titles(deputy, date(2016, 1, 1), date(2016, 1, 31)) == []

    def test_cancelled_things_and_events_in_the_world_are_left_out(self, deputy):
        for kind in ("mission", "delegation", "event"):
            whole = at(kind, "cancelled", title_en=kind)
            meeting(f"of the {kind}", **{kind: whole})
            meeting(f"held all the same: {kind}", day=date(2015, 5, 4), status="held", **{kind: whole})
        at("meeting", "cancelled", day=SIXTH)
        event("elsewhere", kind="world")
        meeting("of a trip", mission=at("mission", "planned", title_en="trip"))
        assert titles(deputy, *JULY) == ["of a trip", "trip"]
        assert len(titles(deputy, date(2015, 5, 1), date(2015, 5, 31))) == 3

    def test_what_happened_replaces_what_was_planned(self, deputy):
        moved = {"actual_start": date(2015, 5, 4), "actual_start_precision": "day"}
        at("event", "held", title_en="moved", **moved)
        unknown = {"actual_start": None, "actual_start_precision": "unknown"}
        at("event", "held", title_en="some day", **unknown)
        assert titles(deputy, *JULY) == ["some day"]
        assert titles(deputy, date(2015, 5, 4), date(2015, 5, 4)) == ["moved"]
        assert titles(deputy, date(2015, 7, 9), date(2015, 7, 9)) == ["some day"]

    def test_an_item_says_where(self, deputy):
        city = make.CityFactory(name_en="Kinshasa")
        mission = at("mission", "done", actual_start=SIXTH.replace(month=5))
        went = make.DestinationFactory(mission=mission, stage="actual", city=city)
        event("at home", planned_venue_en="Hall")
        event("abroad", planned_venue_en="Hall", planned_city=city)
        event("nowhere")
        found = {item.title: (item.where, item.cities) for item in agenda.agenda(deputy, date(2015, 5, 1), JULY[1])}
        assert found == {
            mission.title: ("Kinshasa", {went.city_id}),
            "at home": ("Hall", {agenda.HOME}),
            "abroad": ("Hall, Kinshasa", {city.pk}),
            "nowhere": ("", set()),
        }

    def test_what_has_no_date_is_to_be_settled(self, deputy):
        make.EventFactory(title_en="B")
        make.MissionFactory(title_en="idea")
        make.EventFactory(title_en="A")
        make.EventFactory(title_en="world", kind="world")
        make.EventFactory(title_en="held", held=True, actual_start=None, actual_start_precision="unknown")
        event("dated")
        assert [item.title for item in agenda.undated(deputy)] == ["A", "B", "idea"]


class TestConflicts:
    @pytest.fixture
    def ada(self):
        return make.PersonFactory(name="Ada")

    def found(self, reader, person, *records) -> list[tuple]:
        for record in records:
            kind = record._meta.model_name
            quality = "civil-society" if kind == "mission" else ""
            make.ParticipantFactory(**{"mission": None, kind: record}, person=person, quality=quality)
        conflicts = agenda.conflicts(reader, agenda.agenda(reader, *JULY))
        for record in records:
            record.participants.all().delete()
        return [(row.person.name, row.on, row.one.title, row.other.title) for row in conflicts]

    def trip(self, *cities, **values):
        mission = make.MissionFactory(confirmed=True, title_en="trip", **values)
        for city in cities:
            make.DestinationFactory(mission=mission, city=city)
        return mission

    def test_two_places_on_one_day(self, deputy, ada):
        a, b = make.CityFactory(), make.CityFactory()
        trip = self.trip(a)
        assert self.found(deputy, ada, trip, event("at home", start=SEVENTH, planned_venue_en="Hall")) == [
            ("Ada", SEVENTH, "trip", "at home")
        ]
        assert self.found(deputy, ada, trip, meeting("there", day=SEVENTH, city=b)) == [
            ("Ada", SEVENTH, "trip", "there")
        ]
        visit = make.DelegationFactory(title_en="visit", planned_start=date(2015, 7, 9), planned_start_precision="day")
        assert self.found(deputy, ada, trip, visit) == [("Ada", date(2015, 7, 9), "trip", "visit")]
        unnamed = make.DestinationFactory(mission=self.trip(), city=None, country=make.CountryFactory()).mission
        assert self.found(deputy, ada, unnamed, visit) == [("Ada", date(2015, 7, 9), "trip", "visit")]
        here = meeting("City Hall", day=SEVENTH, place="City Hall")
        assert self.found(deputy, ada, trip, here) == [("Ada", SEVENTH, "trip", "City Hall")]
        hours = [meeting("a", start=time(9), end=time(10), city=a), meeting("b", start=time(17), city=b)]
        assert self.found(deputy, ada, *hours) == [("Ada", SIXTH, "a", "b")]

    def test_times_that_overlap_wherever_it_is(self, deputy, ada):
        trip = self.trip()
        nine = meeting("nine", start=time(9), end=time(10), mission=trip)
        for start, end, clash in (
            (time(9, 30), None, True),
            (time(9), None, True),
            (time(8), time(9, 1), True),
            (time(10), time(11), False),
            (time(8), time(9), False),
            (None, None, False),
        ):
            other = meeting("other", start=start, end=end, mission=trip)
            assert bool(self.found(deputy, ada, nine, other)) is clash, start

    def test_what_goes_together_is_no_conflict(self, deputy, ada):
        a, b = make.CityFactory(), make.CityFactory()
        summit = event("summit", planned_city=b)
        trip = self.trip(a, event=summit)
        group = event("group", kind="working-group", planned_city=a)
        together = {
            "a trip and its meeting": (trip, meeting("m", city=b, mission=trip)),
            "a trip and its event": (trip, summit),
            "a trip and a meeting at its event": (trip, meeting("m", city=b, event=summit)),
            "two cities of one trip": (meeting("m", city=a, mission=trip), meeting("n", city=b, mission=trip)),
            "a group and its session": (group, event("s", kind="session", part_of=group, planned_city=b)),
            "one city": (self.trip(a, b), event("e", planned_city=b)),
            "a place that nobody knows": (self.trip(a), event("e")),
            "a meeting of a trip in a place that nobody knows": (
                self.trip(a),
                meeting("m", mission=self.trip(b), place="P"),
            ),
            "a meeting at an event abroad": (self.trip(a), meeting("m", event=summit, place="Hall")),
            "after an end that nobody knows": (
                event("s", end=date(2015, 8, 1), end_precision="month", planned_city=a),
                event("e", start=date(2015, 7, 28), planned_city=b),
            ),
            "another day": (self.trip(a), event("e", start=date(2015, 7, 10), planned_city=b)),
            "some day of the month": (
                self.trip(a),
                event("e", start=date(2015, 7, 1), precision="month", planned_city=b),
            ),
        }
        assert {name: self.found(deputy, ada, *pair) for name, pair in together.items()} == {
            name: [] for name in together
        }

    def test_an_elected_member_who_travels_while_the_council_sits(self, deputy, ada):
        sitting = make.CouncilSittingFactory(starts_on=SEVENTH, ends_on=date(2015, 7, 8), note_en="Council")

        def found(mission, **values):
            taking = make.ParticipantFactory(mission=mission, person=ada, **values)
            conflicts = agenda.conflicts(deputy, agenda.agenda(deputy, *JULY))
            taking.delete()
            return [(row.person.name, row.on, row.one.title, row.other.title) for row in conflicts]

        told = [("Ada", SEVENTH, "trip", "Council")]
        assert found(self.trip(make.CityFactory()), elected=True) == told
        assert found(self.trip(), elected=True) == told  # wherever a trip goes, it goes abroad
        assert found(self.trip(make.CityFactory()), staff=True) == []
        before = {"planned_start": date(2015, 7, 5), "planned_end": SIXTH}
        assert found(self.trip(make.CityFactory(), **before), elected=True) == []
        at_home = event("at home", start=SEVENTH, planned_venue_en="Hall")
        make.ParticipantFactory(mission=None, event=at_home, person=ada, quality="elected")
        assert agenda.conflicts(deputy, agenda.agenda(deputy, *JULY)) == []
        sitting.delete()
        assert found(self.trip(make.CityFactory()), elected=True) == [("Ada", SEVENTH, "trip", "at home")]

    def test_two_trips_to_one_event_are_two_places(self, deputy, ada):
        summit = event("summit")
        trips = [self.trip(make.CityFactory(), event=summit) for _ in range(2)]
        assert len(self.found(deputy, ada, *trips)) == 1

    def test_each_person_is_told_apart_and_the_question_is_one(self, deputy, ada, django_assert_num_queries):
        bob = make.PersonFactory(name="Bob")
        trip, there = self.trip(make.CityFactory()), event("there", planned_city=make.CityFactory())
        for person, record in ((ada, trip), (ada, there), (bob, trip)):
            kind = record._meta.model_name
            make.ParticipantFactory(**{"mission": None, kind: record}, person=person, quality="civil-society")
        items = agenda.agenda(deputy, *JULY)
        deputy.has_perm("events.view_participant")  # permissions are read once a request
        with django_assert_num_queries(1):
            found = agenda.conflicts(deputy, items)
        assert [row.person for row in found] == [ada]
        assert agenda.conflicts(None, items) == []

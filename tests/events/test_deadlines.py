"""What falls due in missions, promises and bids, for whom, and what no longer does."""

from datetime import date

import pytest
from django.utils import translation

from core import deadlines
from core.roles import Role
from events.deadlines import promises_before_meeting
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    translation.activate("en")


@pytest.fixture
def officer():
    return make.UserFactory(role=Role.OFFICER)


def due(reader, kind: str, since=date(2015, 6, 1), until=date(2015, 12, 31)) -> list[tuple[date, str]]:
    return [(item.due, item.what) for item in deadlines.due(reader, since=since, until=until) if item.kind == kind]


def planned(start: date, **fields):
    return make.MissionFactory(
        planned=True, title_en="Trip", planned_start=start, planned_start_precision="day", **fields
    )


def test_a_mandate_is_due_the_day_before_the_departure_until_nobody_lacks_one(officer):
    trip = planned(date(2015, 7, 6))
    elected = make.ParticipantFactory(mission=trip, quality="elected")
    make.ParticipantFactory(mission=trip, quality="staff")
    make.ParticipantFactory(mission=trip, quality="civil-society")
    make.ParticipantFactory(mission=planned(date(2015, 8, 3)), elected=True)
    found = [(date(2015, 7, 5), "Trip: 2 travellers without mandate or mission order")]
    assert due(officer, "mission-mandate") == found
    assert due(officer, "mission-mandate", until=date(2015, 7, 5)) == found
    assert due(officer, "mission-mandate", until=date(2015, 7, 4)) == []
    elected.mandate = make.DeliberationFactory(voted_on=date(2015, 5, 4), voted_on_precision="day")
    elected.save()
    assert due(officer, "mission-mandate") == [(date(2015, 7, 5), "Trip: 1 traveller without mandate or mission order")]


def test_a_promise_is_due_on_the_last_day_of_what_is_known(officer):
    def promise(what: str, day: date, precision: str, **fields):
        make.PromiseFactory(what_en=what, due_on=day, due_on_precision=precision, **fields)

    promise("by the day", date(2015, 9, 14), "day")
    promise("by the month", date(2015, 6, 1), "month")
    promise("by the year", date(2015, 1, 1), "year")
    promise("kept", date(2015, 9, 14), "day", kept=True)
    promise("of before", date(2015, 5, 30), "day")
    assert due(officer, "promise-due") == [
        (date(2015, 6, 30), "Promise: by the month"),
        (date(2015, 9, 14), "Promise: by the day"),
        (date(2015, 12, 31), "Promise: by the year"),
    ]


def test_open_promises_come_back_before_the_next_meeting_with_the_city(officer):
    city = make.CityFactory()
    make.PromiseFactory(city=city)
    make.PromiseFactory(city=city, kept=True)
    make.PromiseFactory()
    make.DestinationFactory(mission=planned(date(2015, 7, 6)), city=city)
    make.DestinationFactory(mission=planned(date(2015, 7, 20)))
    make.DelegationFactory(city=city, title_en="Visit", planned_start=date(2015, 9, 1), planned_start_precision="day")
    make.DelegationFactory(city=city, planned_start=date(2015, 9, 1), planned_start_precision="month")
    assert due(officer, "promise-before-meeting") == [
        (date(2015, 7, 5), "Before Trip: 1 open promise"),
        (date(2015, 8, 31), "Before Visit: 1 open promise"),
    ]


def test_they_come_back_before_events_and_meetings_with_the_city_and_not_before_what_is_cancelled(officer):
    city = make.CityFactory()
    make.PromiseFactory(city=city)
    make.EventFactory(
        title_en="Forum", planned_city=city, planned_start=date(2015, 9, 7), planned_start_precision="day"
    )
    make.EventFactory(kind="world", planned_city=city, planned_start=date(2015, 9, 8), planned_start_precision="day")
    talk = {"day": date(2015, 10, 6), "day_precision": "day", "city": city}
    make.MeetingFactory(title_en="Talk", **talk)
    make.MeetingFactory(mission=make.MissionFactory(cancelled=True), **talk)
    make.MeetingFactory(status="cancelled", cancelled_reason="invented", **talk)
    make.MeetingFactory(city=city, day=date(2015, 10, 1), day_precision="month")
    assert due(officer, "promise-before-meeting") == [
        (date(2015, 9, 6), "Before Forum: 1 open promise"),
        (date(2015, 10, 5), "Before Talk: 1 open promise"),
    ]


def test_a_meeting_on_a_trip_brings_back_what_the_trip_did_not(officer):
    city, other = make.CityFactory(), make.CityFactory()
    make.PromiseFactory(city=city)
    make.PromiseFactory.create_batch(2, city=other)
    trip = planned(date(2015, 7, 6))
    vague = make.MissionFactory(planned=True)
    for mission in (trip, vague):
        make.DestinationFactory(mission=mission, city=city)
    day = {"day": date(2015, 7, 7), "day_precision": "day"}
    make.MeetingFactory(title_en="Same", mission=trip, city=city, **day)
    make.MeetingFactory(title_en="Vague", mission=vague, **day)
    there = make.MeetingFactory(title_en="Other", mission=trip, **day)
    mayor = make.PersonRoleFactory(city=other).person
    make.ParticipantFactory(mission=None, meeting=there, person=mayor, quality="")
    assert sorted(due(officer, "promise-before-meeting")) == [
        (date(2015, 7, 5), "Before Trip: 1 open promise"),
        (date(2015, 7, 6), "Before Other: 2 open promises"),
        (date(2015, 7, 6), "Before Vague: 1 open promise"),
    ]


def test_a_promise_tied_to_the_city_counts_once_as_on_its_page(officer):
    city, other = make.CityFactory(), make.CityFactory()
    tied = make.PromiseFactory(city=other)
    make.TieFactory(mission=None, promise=tied, city=city)
    trip = planned(date(2015, 7, 6))
    for place in (city, other):
        make.DestinationFactory(mission=trip, city=place)
    make.DelegationFactory(city=city, title_en="Visit", planned_start=date(2015, 9, 1), planned_start_precision="day")
    assert due(officer, "promise-before-meeting") == [
        (date(2015, 7, 5), "Before Trip: 1 open promise"),
        (date(2015, 8, 31), "Before Visit: 1 open promise"),
    ]


def test_it_asks_as_often_for_three_meetings_as_for_one(officer, django_assert_num_queries):
    def meet():
        city = make.CityFactory()
        make.PromiseFactory(city=city)
        talk = make.MeetingFactory(mission=planned(date(2015, 7, 6)), day=date(2015, 7, 7), day_precision="day")
        make.ParticipantFactory(mission=None, meeting=talk, person=make.PersonRoleFactory(city=city).person, quality="")
        make.EventFactory(planned_city=city, planned_start=date(2015, 9, 7), planned_start_precision="day")

    def ask():
        return list(promises_before_meeting(officer, date(2015, 6, 1), date(2015, 12, 31)))

    meet()
    ask()  # permissions are read once a request, and queries are written once
    with django_assert_num_queries(9):
        assert len(ask()) == 2
    meet()
    meet()
    with django_assert_num_queries(9):
        assert len(ask()) == 6


def test_a_stage_of_a_bid_is_due_until_it_is_passed(officer):
    stage = make.BidStageFactory(
        event__title_en="Bid", title_en="File", due_on=date(2015, 9, 1), due_on_precision="month"
    )
    assert due(officer, "bid-stage") == [(date(2015, 9, 30), "Bid: File")]
    stage.passed_on, stage.passed_on_precision = date(2015, 5, 4), "day"
    stage.save()
    assert due(officer, "bid-stage") == []


def test_nothing_is_due_for_a_stranger(officer):
    make.PromiseFactory(due_on=date(2015, 9, 14), due_on_precision="day")
    assert due(officer, "promise-due")
    assert due(make.UserFactory(), "promise-due") == []

"""What falls due in missions, promises and bids, for whom, and what no longer does."""

from datetime import date

import pytest
from django.utils import translation

from core import deadlines
from core.roles import Role
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

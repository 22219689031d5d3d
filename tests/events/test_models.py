"""What the models of missions and events refuse, each beside its field."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from events.models import Event
from tests import factories as make

pytestmark = pytest.mark.django_db

MODEL_RULES = [
    ("stage", lambda: make.DestinationFactory(mission__planned=True, stage="actual")),
    ("arrives_on", lambda: make.DestinationFactory(mission__confirmed=True, arrives_on=date(2015, 7, 5))),
    ("leaves_on", lambda: make.DestinationFactory(mission__confirmed=True, leaves_on=date(2015, 7, 10))),
    (
        "leaves_on",
        lambda: make.DestinationFactory(
            mission__planned_end=date(2015, 7, 1), mission__planned_end_precision="month", leaves_on=date(2015, 8, 1)
        ),
    ),
    ("arrives_on", lambda: make.DestinationFactory(mission__done=True, stage="actual", arrives_on=date(2015, 6, 2))),
    ("factor", lambda: make.LegFactory(mode="plane", factor=make.EmissionFactorFactory(), distance_km=1, passengers=1)),
    (
        "factor",
        lambda: make.LegFactory(
            factor=make.EmissionFactorFactory(), distance_km=1, passengers=1, leaves_on=date(2009, 12, 31)
        ),
    ),
    ("valid_to", lambda: make.EmissionFactorFactory(valid_to=date(2009, 12, 31))),
    ("event", lambda: make.BidStageFactory(event__kind="forum")),
    ("passed_on", lambda: make.BidStageFactory(passed_on=date(2015, 6, 2), passed_on_precision="day")),
    ("met_on", lambda: make.PreconditionFactory(met_on=date(2015, 6, 2), met_on_precision="day")),
    ("ordered_on", lambda: make.ParticipantFactory(staff=True, ordered_on=date(2015, 6, 2))),
    ("day", lambda: make.MeetingFactory(held=True, day=date(2015, 6, 2))),
    ("made_on", lambda: make.PromiseFactory(made_on=date(2015, 6, 2), made_on_precision="day")),
    ("closed_on", lambda: make.PromiseFactory(kept=True, closed_on=date(2015, 6, 2))),
    (
        "actual_start",
        lambda: make.MissionFactory(done=True, actual_start=date(2015, 6, 2), actual_end=None, actual_end_precision=""),
    ),
    ("planned_end", lambda: make.MissionFactory(confirmed=True, planned_end=date(2015, 7, 5))),
    (
        "due_on",
        lambda: make.PromiseFactory(
            made_on=date(2015, 5, 4), made_on_precision="day", due_on=date(2015, 4, 1), due_on_precision="month"
        ),
    ),
    ("part_of", lambda: make.EventFactory(kind="session", part_of=make.EventFactory())),
    ("part_of", lambda: make.EventFactory(kind="session")),
]


def test_what_models_refuse_stands_beside_its_field():
    for field, made in MODEL_RULES:
        with pytest.raises(ValidationError) as refused:
            made()
        assert list(refused.value.message_dict) == [field]


def test_a_bid_with_stages_stays_a_bid_and_nothing_is_part_of_itself():
    bid = make.BidStageFactory().event
    bid.kind = "forum"
    with pytest.raises(ValidationError) as refused:
        bid.save()
    assert list(refused.value.message_dict) == ["kind"]
    group = make.EventFactory(kind="working-group")
    group.kind, group.part_of = "session", Event.objects.get(pk=group.pk)
    with pytest.raises(ValidationError) as refused:
        group.save()
    assert list(refused.value.message_dict) == ["part_of"]


def test_a_promise_due_within_the_month_it_was_made_in_is_no_slip():
    make.PromiseFactory(
        made_on=date(2015, 5, 4), made_on_precision="day", due_on=date(2015, 5, 1), due_on_precision="month"
    )


def test_an_outcome_closes_no_circle_through_the_model_either():
    mission, event = make.MissionFactory(), make.EventFactory()
    make.OutcomeFactory(mission=mission, led_to_event=event)
    with pytest.raises(ValidationError, match="What an event led to cannot lead back to it"):
        make.OutcomeFactory(mission=None, event=event, led_to_mission=mission)


class TestCityOfAPromise:
    """What is promised to an organisation reaches the city where it was made."""

    def made(self, **at):
        promise = make.PromiseFactory(**{"mission": None, "city": None} | at, organisation=make.OrganisationFactory())
        promise.refresh_from_db()
        return promise.city

    def test_it_is_the_only_one_of_its_occasion(self):
        place = make.DestinationFactory()
        went = make.DestinationFactory(mission=make.MissionFactory(done=True), stage="actual")
        make.DestinationFactory(mission=went.mission)
        visit, event = make.DelegationFactory(), make.EventFactory(planned_city=make.CityFactory())
        there = make.MeetingFactory(mission=place.mission, city=make.CityFactory())
        assert self.made(mission=place.mission) == place.city
        assert self.made(mission=went.mission) == went.city
        assert self.made(delegation=visit) == visit.city
        assert self.made(event=event) == event.planned_city
        assert self.made(meeting=make.MeetingFactory(mission=place.mission)) == place.city
        assert self.made(meeting=there) == there.city

    def test_there_is_none_where_it_is_not_clear(self):
        two = make.DestinationFactory().mission
        make.DestinationFactory(mission=two)
        wide = make.DestinationFactory().mission
        make.DestinationFactory(mission=wide, city=None, country=make.CountryFactory())
        assert self.made(mission=two) is None
        assert self.made(mission=wide) is None
        assert self.made(event=make.EventFactory()) is None
        assert self.made(meeting=make.MeetingFactory()) is None
        assert self.made(mission=make.DestinationFactory().mission, country=make.CountryFactory()) is None

    def test_whoever_takes_it_away_is_not_contradicted(self):
        promise = make.PromiseFactory(
            mission=make.DestinationFactory().mission, city=None, organisation=make.OrganisationFactory()
        )
        promise.city = None
        promise.save()
        promise.refresh_from_db()
        assert promise.city is None

    def test_with_whom_it_is_has_to_be_said_all_the_same(self):
        with pytest.raises(ValidationError, match="Say with whom"):
            make.PromiseFactory(mission=make.DestinationFactory().mission, city=None)

"""Two at once, each in a transaction of its own: the second waits for the first, and is refused with a sentence."""

from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillWaiting
from datetime import date
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils.translation import override

from core.exceptions import Refused
from core.roles import Role
from events import services
from events.models import CalendarSubscription, Mission, Outcome, Participant
from tests import factories as make
from tests.cooperation.test_constraints import written
from tests.events.lives import PLANNED_DAYS

pytestmark = pytest.mark.django_db(transaction=True)

NO_MANDATE = "needs a special mandate that the Council voted before"


def second_is_refused(first, second, *, refused, match: str = ""):
    """`first` happens and is not committed yet, `second` waits on a connection of its own; then it is refused."""

    @override("en")
    def alone():
        try:
            second()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first()
            waiting = pool.submit(alone)
            with pytest.raises(StillWaiting):
                waiting.result(timeout=0.5)
        with pytest.raises(refused, match=match):
            waiting.result(timeout=30)


def plan(**traveller):
    """A planned mission that can be confirmed."""
    mission = make.MissionFactory(planned=True, **PLANNED_DAYS)
    make.DestinationFactory(mission=mission)
    make.ParticipantFactory(mission=mission, **traveller)
    return mission


def confirm(mission):
    services.confirm_mission(mission, actor=make.UserFactory(role=Role.OFFICER))


def add_elected(mission, person):
    Participant(mission=Mission.objects.get(pk=mission.pk), person=person, quality="elected").save()


def add_in_bulk(mission, person):
    Participant.objects.bulk_create([Participant(mission=mission, person=person, quality="elected")])


class TestMandates:
    def test_whoever_confirms_sees_who_was_added_meanwhile(self):
        mission, person = plan(), make.PersonFactory()
        second_is_refused(
            partial(add_elected, mission, person),
            partial(confirm, mission),
            refused=Refused,
            match="has no special mandate",
        )
        assert Mission.objects.get().status == "planned"

    def test_sql_that_confirms_sees_who_was_added_meanwhile(self):
        mission, person = plan(), make.PersonFactory()
        second_is_refused(
            partial(add_in_bulk, mission, person),
            partial(written, mission, status="confirmed"),
            refused=Exception,
            match="An elected member abroad needs a special mandate",
        )
        assert Mission.objects.get().status == "planned"

    def test_whoever_is_added_sees_that_it_was_confirmed_meanwhile(self):
        """The form was filled in while the mission was a plan: only the database knows better."""
        mission, person = plan(), make.PersonFactory()
        row = Participant(mission=Mission.objects.get(), person=person, quality="elected")
        second_is_refused(partial(confirm, mission), row.save, refused=ValidationError, match=NO_MANDATE)
        assert Participant.objects.count() == 1

    def test_a_vote_is_not_moved_while_a_mission_is_confirmed_on_it(self):
        mission = plan(elected=True)
        mandate = mission.participants.get().mandate
        mandate.voted_on = date(2015, 7, 6)
        second_is_refused(
            partial(confirm, mission),
            mandate.save,
            refused=ValidationError,
            match="Elected members travel on this vote",
        )
        mandate.refresh_from_db()
        assert mandate.voted_on == date(2015, 2, 9)

    def test_no_mission_is_confirmed_on_a_vote_that_is_being_moved(self):
        mission = plan(elected=True)
        mandate = mission.participants.get().mandate
        second_is_refused(
            partial(written, mandate, voted_on=date(2015, 7, 6)),
            partial(confirm, mission),
            refused=ValidationError,
            match=NO_MANDATE,
        )
        assert Mission.objects.get().status == "planned"


def test_two_outcomes_do_not_close_a_circle_together():
    mission, event = make.MissionFactory(), make.EventFactory()
    there = Outcome(mission=mission, led_to_event=event, what_fr="Aller")
    back = Outcome(event=event, led_to_mission=mission, what_fr="Retour")
    second_is_refused(there.save, back.save, refused=ValidationError, match="cannot lead back to it")
    assert Outcome.objects.get() == there


def test_a_session_is_not_added_to_what_is_no_working_group_any_more():
    group = make.EventFactory(kind="working-group")
    session = make.EventFactory.build(kind="session", part_of=group)
    second_is_refused(
        partial(written, group, kind="forum"), session.save, refused=ValidationError, match="A session is part of"
    )
    assert not group.parts.exists()


def test_nobody_has_an_eleventh_address():
    person = make.UserFactory(role=Role.DEPUTY)
    make.CalendarSubscriptionFactory.create_batch(services.SUBSCRIPTIONS - 1, user=person)
    subscribe = partial(services.subscribe, actor=person, name="Tablette")
    second_is_refused(subscribe, subscribe, refused=Refused, match="You have 10 addresses")
    assert CalendarSubscription.objects.count() == services.SUBSCRIPTIONS

"""The writes that break the rules which only a trigger holds; test_constraints.py asks what each is refused by."""

from datetime import date
from itertools import pairwise

from django.db import connection

from core import clock
from events.models import Event, Outcome, Participant
from tests import factories as make
from tests.cooperation.test_constraints import Case, copied, written
from tests.events.lives import LEAVES, voted

APP = "events_"
WRITES: list[Case] = []


def case(rule: str):
    """Registers a function as the write that breaks the rule."""

    def register(write):
        WRITES.append((APP + rule, write))
        return write

    return register


def raw(statement: str, *values) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def confirmed(**traveller) -> Participant:
    """An elected member on a confirmed mission, with a mandate voted in February."""
    return make.ParticipantFactory(mission=make.MissionFactory(confirmed=True), **traveller or {"elected": True})


def over(traveller: dict | None = None, **mission) -> Participant:
    """The same on a mission that took place in March."""
    trip = make.MissionFactory(
        done=True, **{"planned_start_precision": "day"} if "planned_start" in mission else {}, **mission
    )
    return make.ParticipantFactory(mission=trip, **traveller or {"elected": True})


# --- mandates and mission orders (A13) ---

for _vote in (
    lambda: None,
    lambda: voted(None),
    lambda: voted(LEAVES),
    lambda: voted(date(2015, 7, 1), "month"),
    lambda: voted(date(2015, 6, 1), "season"),
    lambda: voted(date(2015, 1, 1), "year"),
):

    @case("participant_elected_has_mandate")
    def _confirmed_by_sql(vote=_vote):
        mission = make.MissionFactory(planned=True, planned_start=LEAVES, planned_start_precision="day")
        make.ParticipantFactory(mission=mission, quality="elected", mandate=vote())
        raw(
            "UPDATE events_mission SET status = 'confirmed', planned_end = planned_start, planned_end_precision = 'day' "
            "WHERE id = %s",
            mission.pk,
        )

    @case("participant_elected_has_mandate")
    def _added_in_bulk(vote=_vote):
        copied(confirmed(), person=make.PersonFactory(), mandate=vote())

    @case("participant_elected_has_mandate")
    def _mandate_exchanged(vote=_vote):
        written(confirmed(), mandate=vote())

    @case("participant_elected_has_mandate")
    def _completed_by_sql(vote=_vote):
        mission = make.MissionFactory(confirmed=True, status="planned")
        make.ParticipantFactory(mission=mission, quality="elected", mandate=vote())
        written(mission, status="done", actual_start=date(2015, 6, 1), actual_start_precision="day")

    @case("participant_elected_has_mandate")
    def _added_to_what_is_over(vote=_vote):
        copied(over(), person=make.PersonFactory(), mandate=vote())

    @case("participant_elected_has_mandate")
    def _exchanged_once_it_is_over(vote=_vote):
        written(over(), mandate=vote())


@case("participant_elected_has_mandate")
def _left_earlier_than_it_was_voted():
    written(over().mission, actual_start=date(2015, 2, 9))


@case("participant_elected_has_mandate")
def _completed_on_a_day_that_nobody_knows():
    """Then what was planned is the best that is known of the departure."""
    written(
        over(actual_start=None, actual_start_precision="unknown", planned_start=LEAVES).mission,
        planned_start=date(2015, 2, 9),
    )


@case("participant_elected_has_mandate")
def _no_longer_says_why():
    written(over(traveller={"quality": "elected", "uncovered_reason": "invented"}), uncovered_reason="")


@case("participant_elected_has_mandate")
def _confirmed_although_it_says_why():
    """Why somebody left so is said of what took place: nobody leaves so on purpose."""
    mission = make.MissionFactory(confirmed=True, status="planned")
    make.ParticipantFactory(mission=mission, quality="elected", uncovered_reason="invented")
    written(mission, status="confirmed")


@case("participant_staff_has_order")
def _order_lost_once_it_is_over():
    written(over(traveller={"staff": True}), order_number="", ordered_on=None)


@case("mandate_before_departure")
def _vote_moved_behind_what_took_place():
    written(over().mandate, voted_on=date(2015, 3, 2))


@case("participant_elected_has_mandate")
def _quality_changed():
    written(confirmed(quality="civil-society"), quality="elected")


@case("participant_elected_has_mandate")
def _moved_from_a_plan():
    traveller = make.ParticipantFactory(quality="elected")
    written(traveller, mission=confirmed().mission)


@case("participant_elected_has_mandate")
def _moved_to_an_earlier_trip():
    sooner = make.MissionFactory(confirmed=True, planned_start=date(2015, 2, 9))
    written(confirmed(), mission=sooner)


@case("participant_elected_has_mandate")
def _departure_moved():
    written(confirmed().mission, planned_start=date(2015, 2, 9))


@case("participant_staff_has_order")
def _order_lost():
    written(confirmed(staff=True), order_number="", ordered_on=None)


@case("participant_staff_has_order")
def _staff_added():
    copied(confirmed(), person=make.PersonFactory(), quality="staff", mandate=None)


@case("participant_staff_has_order")
def _confirmed_without_order():
    mission = make.MissionFactory(confirmed=True, status="planned")
    make.ParticipantFactory(mission=mission, quality="staff")
    written(mission, status="confirmed")


for _day, _precision in (
    (None, ""),
    (LEAVES, "day"),
    (date(2015, 7, 1), "month"),
    (date(2015, 6, 1), "season"),
    (date(2015, 1, 1), "year"),
):

    @case("mandate_before_departure")
    def _vote_moved(day=_day, precision=_precision):
        written(confirmed().mandate, voted_on=day, voted_on_precision=precision)


# --- series ---


@case("event_series")
def _part_of_something_else():
    session = make.EventFactory(kind="session", part_of=make.EventFactory(kind="working-group"))
    written(session, part_of=make.EventFactory(kind="festival"))


@case("event_series")
def _part_of_nothing_that_has_parts():
    copied(make.EventFactory(kind="forum"), reference="EVT-X", part_of=make.EventFactory(kind="working-group"))


@case("event_series")
def _whole_changes_its_kind():
    session = make.EventFactory(kind="session", part_of=make.EventFactory(kind="working-group"))
    written(session.part_of, kind="festival")


@case("event_series")
def _part_changes_its_kind():
    written(make.EventFactory(kind="edition", part_of=make.EventFactory(kind="public-day")), kind="session")


@case("event_series")
def _part_of_itself():
    """The row that is changed is still a working group when the database looks for the whole."""
    group = make.EventFactory(kind="working-group")
    Event.objects.filter(pk=group.pk).update(kind="session", part_of=group)


# --- outcomes ---


def chain(*occasions):
    """What each led to is the next; the kind of each is told by its class."""
    for before, after in pairwise(occasions):
        leads(before, after)


def leads(before, after) -> Outcome:
    names = {"mission": None, "delegation": None, "event": None} | {before._meta.model_name: before}
    return make.OutcomeFactory(**names, **{f"led_to_{after._meta.model_name}": after})


@case("outcome_no_circle")
def _to_itself():
    mission = make.MissionFactory()
    written(make.OutcomeFactory(mission=mission), led_to_mission=mission)


@case("outcome_no_circle")
def _there_and_back():
    mission, delegation = make.MissionFactory(), make.DelegationFactory()
    chain(mission, delegation)
    copied(make.OutcomeFactory.build(mission=None, delegation=delegation, led_to_mission=mission))


@case("outcome_no_circle")
def _the_long_way():
    mission, delegation, event = make.MissionFactory(), make.DelegationFactory(), make.EventFactory()
    chain(mission, delegation, event)
    copied(make.OutcomeFactory.build(mission=None, event=event, led_to_mission=mission))


@case("outcome_no_circle")
def _closed_by_another_beginning():
    """The circle is closed by whose outcome it is, not by what it led to."""
    mission, delegation, event = make.MissionFactory(), make.DelegationFactory(), make.EventFactory()
    chain(mission, delegation, event)
    other = leads(make.MissionFactory(), mission)
    written(other, mission=None, event=event)


# --- subscriptions ---


@case("calendarsubscription_revoked_stays")
def _works_again():
    written(make.CalendarSubscriptionFactory(revoked_at=clock.now()), revoked_at=None)


@case("calendarsubscription_revoked_stays")
def _another_secret():
    written(make.CalendarSubscriptionFactory(revoked_at=clock.now()), token_digest="0" * 64)

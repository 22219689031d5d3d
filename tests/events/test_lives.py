"""The lives of missions, visits, events, meetings and promises: where each verb leads, what it writes, what it leaves."""

from datetime import date, time
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from core.exceptions import LostEdit, Refused
from core.history import changes
from core.roles import Role
from events import services
from events.enums import PlaceStage
from events.models import Delegation, Destination, Event, Mission, Promise
from events.presentation import life_steps
from events.rules import left_without
from tests import factories as make
from tests.cooperation.lives import assert_database_holds, refuses
from tests.events.lives import FACTORIES, LEAVES, LIVES, PLANNED_DAYS, STATES, TODAY, WHY, at, bare, given, voted

pytestmark = pytest.mark.django_db

KINDS = list(LIVES)


class TestSteps:
    @pytest.mark.parametrize("kind", KINDS)
    def test_each_verb_leads_on_from_its_states_and_from_no_other(self, officer, kind):
        life = LIVES[kind]
        for state in STATES[kind]:
            stays = at(kind, state)
            refusal = f"“%s” is not possible now: the state is “{stays.get_status_display()}”."
            for step in life.transitions:
                values = given(kind, step.verb)
                if state in step.sources:
                    moved = life.perform(at(kind, state), step.verb, actor=officer, **values)
                    assert (step.verb, moved.status) == (step.verb, step.target)
                else:
                    said = refuses(life, stays, step.verb, officer, **values)
                    assert said == [(refusal % step.label, "")], (step.verb, state)

    @pytest.mark.parametrize("kind", KINDS)
    def test_the_database_leads_nowhere_else(self, kind):
        for state in STATES[kind]:
            assert_database_holds(LIVES[kind], at(kind, state), STATES[kind])

    @pytest.mark.parametrize("kind", KINDS)
    def test_whoever_may_not_change_it_is_kept_out_and_an_old_version_is_refused(self, officer, deputy, kind):
        life, record = LIVES[kind], at(kind, STATES[kind][0])
        step = next(step for step in life.transitions if record.status in step.sources)
        readers = [deputy, *(make.UserFactory(role=role) for role in (Role.AUDITOR, Role.PROTECTION_OFFICER))]
        for reader in [*readers, make.UserFactory()]:
            with pytest.raises(PermissionDenied):
                life.perform(record, step.verb, actor=reader, **given(kind, step.verb))
        with pytest.raises(LostEdit):
            life.perform(record, step.verb, actor=officer, version=record.version + 1, **given(kind, step.verb))

    def test_a_solidarity_officer_settles_promises_and_moves_nothing_else(self):
        person = make.UserFactory(role=Role.SOLIDARITY_OFFICER)
        assert services.keep_promise(at("promise", "open"), actor=person, **given("promise", "keep")).status == "kept"
        with pytest.raises(PermissionDenied):
            services.plan_mission(at("mission", "idea"), actor=person)


class TestConfirmed:
    """On a confirmed mission the mandate rule holds for whoever comes later, also with a vote that is still to come."""

    @pytest.mark.parametrize(
        ("traveller", "field"),
        [
            ({"quality": "elected"}, "mandate"),
            ({"quality": "elected", "mandate": (date(2015, 6, 2), "day")}, "mandate"),
            ({"quality": "elected", "mandate": (date(2015, 1, 1), "year")}, "mandate"),
            ({"quality": "staff"}, "order_number"),
        ],
    )
    def test_nobody_is_added_without_mandate_or_order(self, traveller, field):
        mission = make.MissionFactory(confirmed=True)
        if "mandate" in traveller:
            traveller = traveller | {"mandate": voted(*traveller["mandate"])}
        with pytest.raises(ValidationError) as refused:
            make.ParticipantFactory(mission=mission, **traveller)
        assert list(refused.value.message_dict) == [field]

    def test_its_departure_and_its_votes_move_only_within_the_rule(self):
        mission = at("mission", "confirmed")
        mandate = mission.participants.get(quality="elected").mandate
        mission.planned_start = date(2015, 2, 9)
        with pytest.raises(ValidationError, match="needs a special mandate that the Council voted before"):
            mission.save()
        mission.planned_start = date(2015, 2, 10)
        mission.save()
        mandate.voted_on = date(2015, 2, 10)
        with pytest.raises(ValidationError, match="Elected members travel on this vote"):
            mandate.save()
        mandate.voted_on = date(2015, 2, 8)
        mandate.save()


class TestTookPlace:
    """Once it took place, the vote lies before the day on which it left; whoever left without is recorded, with the reason."""

    @pytest.fixture
    def mission(self):
        """Confirmed for the days after the vote of 28 May."""
        mission = make.MissionFactory(
            confirmed=True,
            **{"planned_start": date(2015, 5, 29), "planned_end": date(2015, 5, 31)},
        )
        make.DestinationFactory(mission=mission)
        make.ParticipantFactory(
            mission=mission, quality="elected", person__name="Ada", mandate=voted(date(2015, 5, 28))
        )
        return mission

    def test_it_is_not_completed_with_a_departure_before_the_vote(self, officer, mission):
        said = refuses(LIVES["mission"], mission, "complete", officer, actual_start=date(2015, 5, 10))
        assert said == [
            ("The special mandate of Ada is not voted before the departure of 10 May 2015.", "participants"),
            (
                "If somebody did leave so, say why in the row of that traveller: the lack stays shown, with the reason.",
                "participants",
            ),
        ]
        assert services.complete_mission(mission, actor=officer, actual_start=date(2015, 5, 29)).status == "done"

    def test_who_left_before_the_vote_is_recorded_with_the_reason_and_the_lack_stays_shown(self, officer, mission):
        ada = mission.participants.get()
        ada.uncovered_reason = "Parti le jour du séisme."
        ada.save()
        done = services.complete_mission(mission, actor=officer, actual_start=date(2015, 5, 10))
        lack = (
            "The special mandate of Ada is not voted before the departure of 10 May 2015. Why: Parti le jour du séisme."
        )
        assert [str(reason) for reason in left_without(done)] == [lack]
        assert [str(reason) for reason in life_steps(done)[-1].missing] == [lack]
        assert left_without(at("mission", "done")) == []

    def test_a_traveller_keeps_her_mandate_and_a_later_one_needs_one(self, officer, mission):
        done = services.complete_mission(mission, actor=officer, actual_start=date(2015, 5, 29))
        ada = done.participants.get()
        ada.mandate = None
        with pytest.raises(ValidationError) as refused:
            ada.save()
        assert list(refused.value.message_dict) == ["mandate", "uncovered_reason"]
        for quality, field in (("elected", "mandate"), ("staff", "order_number")):
            with pytest.raises(ValidationError) as refused:
                make.ParticipantFactory(mission=done, quality=quality)
            assert list(refused.value.message_dict) == [field, "uncovered_reason"]
            make.ParticipantFactory(mission=done, quality=quality, uncovered_reason="Repris du dossier papier.")

    def test_its_days_and_its_votes_move_only_within_the_rule(self, officer, mission):
        done = services.complete_mission(mission, actor=officer, actual_start=date(2015, 5, 29))
        done.actual_start = date(2015, 5, 28)
        with pytest.raises(ValidationError, match="needs a special mandate that the Council voted before"):
            done.save()
        mandate = done.participants.get().mandate
        mandate.voted_on = date(2015, 5, 29)
        with pytest.raises(ValidationError, match="Elected members travel on this vote"):
            mandate.save()


class TestReopened:
    """What was recorded as over by mistake has a way back, while nothing came of it."""

    def test_a_mission_has_been_nowhere_again_and_cost_nothing(self, officer):
        mission = at("mission", "confirmed")
        done = services.complete_mission(
            mission, actor=officer, actual_start=date(2015, 5, 4), actual_end=TODAY, actual_cost=Decimal(99)
        )
        again = services.reopen_mission(done, actor=officer, reason=WHY)
        assert (again.status, again.actual_start, again.actual_start_precision) == ("confirmed", None, "")
        assert (again.actual_end, again.actual_end_precision, again.actual_cost) == (None, "", None)
        assert [place.stage for place in again.destinations.all()] == ["planned"]
        assert changes(again, officer)[0].reason == WHY
        assert services.cancel_mission(again, actor=officer, reason=WHY).status == "cancelled"

    def test_an_event_was_held_nowhere(self, officer):
        event = at("event", "held", held_city=make.CityFactory(), held_venue_fr="B")
        again = services.reopen_event(event, actor=officer, reason=WHY)
        assert (again.status, again.held_city, again.held_venue_fr, again.actual_start) == ("planned", None, "", None)

    def test_a_delegation_was_not_received_and_a_meeting_keeps_its_day(self, officer):
        again = services.reopen_delegation(at("delegation", "received"), actor=officer, reason=WHY)
        assert (again.status, again.actual_start_precision) == ("confirmed", "")
        meeting = services.reopen_meeting(at("meeting", "held"), actor=officer, reason=WHY)
        assert (meeting.status, meeting.day) == ("planned", TODAY)


# --- what each verb writes ---


class TestWrites:
    def test_a_mission_goes_where_it_was_planned_to_each_place_once(self, officer):
        mission = at("mission", "confirmed")
        city, country = make.CityFactory(), make.CountryFactory()
        for day in (7, 9):
            make.DestinationFactory(mission=mission, city=city, arrives_on=date(2015, 7, day))
        make.DestinationFactory(mission=mission, city=None, country=country)
        done = services.complete_mission(
            mission,
            actor=officer,
            actual_start=date(2015, 5, 4),
            actual_end=date(2015, 5, 6),
            actual_cost=Decimal("1200.50"),
        )
        assert (done.actual_start_precision, done.actual_end_precision, done.actual_cost) == (
            "day",
            "day",
            Decimal("1200.50"),
        )
        assert (done.planned_start, done.planned_end) == (LEAVES, PLANNED_DAYS["planned_end"])
        found = Destination.objects.filter(mission=done, stage=PlaceStage.ACTUAL)
        first = done.destinations.filter(stage=PlaceStage.PLANNED).order_by("pk")[0]
        assert {(place.city, place.country, place.arrives_on) for place in found} == {
            (first.city, None, None),
            (city, None, None),
            (None, country, None),
        }

    def test_where_it_went_is_left_as_it_was_recorded(self, officer):
        place = make.DestinationFactory(mission=at("mission", "confirmed"), stage="actual")
        done = services.complete_mission(place.mission, actor=officer, actual_start_precision="unknown")
        assert (done.actual_start, done.actual_start_precision) == (None, "unknown")
        assert list(done.destinations.filter(stage=PlaceStage.ACTUAL)) == [place]

    def test_an_event_keeps_its_planned_place_apart(self, officer):
        dakar, kinshasa = make.CityFactory(), make.CityFactory()
        event = at("event", "planned", planned_city=dakar, planned_venue_fr="Salle A")
        held = services.hold_event(
            event, actor=officer, actual_start=date(2015, 5, 4), held_city=kinshasa, held_venue_fr="B"
        )
        assert (held.planned_city, held.planned_venue_fr, held.place) == (dakar, "Salle A", (kinshasa, "B"))
        there = services.hold_event(
            at("event", "planned", planned_city=dakar), actor=officer, actual_start=date(2015, 5, 4)
        )
        assert there.place == (dakar, "")

    def test_a_meeting_notes_its_times(self, officer):
        held = services.hold_meeting(
            bare("meeting", "planned"), actor=officer, day=date(2015, 5, 4), starts_at=time(9), ends_at=time(10)
        )
        assert (held.day_precision, held.starts_at, held.ends_at) == ("day", time(9), time(10))

    def test_a_reopened_promise_is_as_before_and_history_keeps_what_was_said(self, officer):
        promise = services.keep_promise(
            at("promise", "open"), actor=officer, closed_on=date(2015, 5, 4), proof_fr="Vu.", proof_en="Seen."
        )
        promise = services.reopen_promise(promise, actor=officer, reason=WHY)
        assert (promise.closed_on, promise.proof_fr, promise.proof_en, promise.closed_reason) == (None, "", "", "")
        assert changes(promise, officer)[0].reason == WHY
        promise = services.break_promise(promise, actor=officer, closed_on=TODAY, reason=f" {WHY} ")
        assert (promise.status, promise.closed_reason) == ("not-kept", WHY)
        promise = services.reopen_promise(promise, actor=officer, reason="again")
        assert (promise.status, promise.closed_on, promise.closed_reason) == ("open", None, "")

    @pytest.mark.parametrize("kind", ["mission", "delegation", "event", "meeting"])
    def test_what_is_cancelled_keeps_its_reason_until_it_is_taken_up_again(self, officer, kind):
        life, first = LIVES[kind], STATES[kind][0]
        record = life.perform(at(kind, "planned"), "cancel", actor=officer, reason=f" {WHY} ")
        assert (record.status, record.cancelled_reason) == ("cancelled", WHY)
        record = life.perform(record, "revive", actor=officer, reason="again")
        assert (record.status, record.cancelled_reason) == (first, "")
        assert [change.reason for change in changes(record, officer)][:2] == ["again", f" {WHY} "]

    def test_references_count_up_within_the_year(self):
        city, mission = make.CityFactory(), make.MissionFactory(reference="MIS-2015-0041")
        assert Mission.objects.create(title_fr="A").reference == "MIS-2015-0042"
        assert Delegation.objects.create(title_fr="A", city=city).reference == "DEL-2015-0001"
        assert Event.objects.create(title_fr="A", kind="forum").reference == "EVT-2015-0001"
        promise = Promise.objects.create(mission=mission, side="ours", what_fr="A", city=city)
        assert promise.reference == "PRM-2015-0001"


# --- what models refuse ---


def test_only_plans_planned_meetings_and_open_promises_are_deleted():
    deleted = {"mission": ["idea", "planned"], "delegation": ["planned"], "event": ["planned"]}
    deleted |= {"meeting": ["planned"], "promise": ["open"]}
    for kind, states in STATES.items():
        for state in states:
            record, model = at(kind, state), type(FACTORIES[kind].build())
            if state in deleted[kind]:
                record.delete()
                assert not model.objects.filter(pk=record.pk).exists()
                continue
            with pytest.raises(Refused, match="^Only "):
                record.delete()
            with pytest.raises(IntegrityError, match="Only "), transaction.atomic():
                model.objects.filter(pk=record.pk).delete()
            assert model.objects.filter(pk=record.pk).exists()

"""What the database refuses of missions and events whoever writes: each named rule broken, by a write that asks no model."""

from datetime import date, time

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model

from core.database import refusal, sentences
from tests import factories as make
from tests.cooperation.test_constraints import FAR_OFF, LONG_AGO, Case, copied, written
from tests.events.broken_rules import WRITES

pytestmark = pytest.mark.django_db

APP = "events_"
MISSION, DELEGATION, EVENT = make.MissionFactory, make.DelegationFactory, make.EventFactory
MEETING, PROMISE, TRAVELLER, LEG = make.MeetingFactory, make.PromiseFactory, make.ParticipantFactory, make.LegFactory
DAY, NEXT = date(2015, 3, 2), date(2015, 3, 3)


# The rows that the plain cases write over: made once, because each broken rule is rolled back.
MADE: dict[str, tuple] = {}
ROWS: dict[str, Model] = {}


def shared(factory, made: dict) -> str:
    key = f"{factory.__name__} {made}"
    MADE[key] = (factory, made)
    return key


def update(rule: str, factory, change: dict, **made) -> Case:
    """`change` is written over a record; what stands there as a function is called first."""
    key = shared(factory, made)
    return APP + rule, lambda: written(ROWS[key], **{k: v() if callable(v) else v for k, v in change.items()})


def insert(rule: str, factory, change: dict | None = None, **made) -> Case:
    key = shared(factory, made)
    return APP + rule, lambda: copied(ROWS[key]._meta.model.objects.get(pk=ROWS[key].pk), **change or {})


def dated(prefix: str, factory, *names: str, **made) -> list[Case]:
    """The two rules of each date with precision."""
    return [
        case
        for name in names
        for case in (
            update(f"{prefix}_{name}_has_precision", factory, {name: DAY, f"{name}_precision": ""}, **made),
            update(f"{prefix}_{name}_starts_its_period", factory, {name: DAY, f"{name}_precision": "month"}, **made),
        )
    ]


def occasion(prefix: str, factory, took_place: str) -> list[Case]:
    """The rules that missions, delegations and events share."""
    backwards = {
        "planned_start": NEXT,
        "planned_end": DAY,
        "planned_start_precision": "day",
        "planned_end_precision": "day",
    }
    over = {took_place: True}
    return [
        *dated(prefix, factory, "planned_start", "planned_end", "actual_start", "actual_end"),
        update(f"{prefix}_reference_form", factory, {"reference": "mis 1"}),
        insert(f"{prefix}_status_known", factory, {"status": "else"}),
        update(f"{prefix}_dates_plausible", factory, {"planned_start": LONG_AGO, "planned_start_precision": "day"}),
        update(f"{prefix}_dates_plausible", factory, {"planned_end": FAR_OFF, "planned_end_precision": "day"}),
        update(f"{prefix}_planned_start_by_planned_end", factory, backwards),
        update(
            f"{prefix}_actual_start_by_actual_end",
            factory,
            {"actual_end": date(2015, 3, 1), "actual_end_precision": "day"},
            **over,
        ),
        update(f"{prefix}_took_place_has_beginning", factory, {"actual_start_precision": "unknown"}),
        update(f"{prefix}_took_place_has_beginning", factory, {"actual_end_precision": "unknown"}),
        update(
            f"{prefix}_took_place_has_beginning", factory, {"actual_start": None, "actual_start_precision": ""}, **over
        ),
        update(f"{prefix}_cancelled_says_why", factory, {"status": "cancelled"}),
        update(f"{prefix}_cancelled_says_why", factory, {"cancelled_reason": "invented"}),
        update(
            f"{prefix}_confirmed_has_beginning",
            factory,
            {"planned_start": None, "planned_start_precision": ""},
            confirmed=True,
        ),
        *(
            (APP + f"{prefix}_only_plans_deleted", lambda key=key: _deleted(ROWS[key]))
            for key in (shared(factory, {"confirmed": True}), shared(factory, over))
        ),
    ]


def _deleted(row) -> None:
    type(row).objects.filter(pk=row.pk)._raw_delete("default")


PLAIN = [
    *occasion("mission", MISSION, "done"),
    *occasion("delegation", DELEGATION, "received"),
    *occasion("event", EVENT, "held"),
    update("mission_horizon_known", MISSION, {"horizon": "else"}),
    update("mission_planned_cost_not_negative", MISSION, {"planned_cost": "-0.01"}),
    update("mission_actual_cost_not_negative", MISSION, {"actual_cost": "-0.01"}, done=True),
    update("mission_cost_after_return", MISSION, {"actual_cost": 0}),
    *(
        update(
            "mission_confirmed_has_days",
            MISSION,
            {name: date(2015, 8, 1) if name == "planned_end" else date(2015, 7, 1), f"{name}_precision": "month"},
            confirmed=True,
        )
        for name in ("planned_start", "planned_end")
    ),
    update(
        "mission_confirmed_has_days", MISSION, {"planned_end": None, "planned_end_precision": "unknown"}, confirmed=True
    ),
    update("destination_stage_known", make.DestinationFactory, {"stage": "else"}),
    update("destination_one_place", make.DestinationFactory, {"city": None}),
    update("destination_one_place", make.DestinationFactory, {"country": make.CountryFactory}),
    insert("destination_once", make.DestinationFactory),
    update("destination_dates_plausible", make.DestinationFactory, {"leaves_on": FAR_OFF}),
    update("destination_arrives_on_by_leaves_on", make.DestinationFactory, {"arrives_on": NEXT, "leaves_on": DAY}),
    update("emissionfactor_mode_known", make.EmissionFactorFactory, {"mode": "else"}),
    update("emissionfactor_not_negative", make.EmissionFactorFactory, {"kg_per_km": "-0.00001"}),
    update("emissionfactor_dates_plausible", make.EmissionFactorFactory, {"valid_to": FAR_OFF}),
    update("emissionfactor_valid_from_by_valid_to", make.EmissionFactorFactory, {"valid_to": date(2009, 12, 31)}),
    insert("emissionfactor_one_at_a_time", make.EmissionFactorFactory, {"valid_from": DAY}, valid_to=DAY),
    update("leg_mode_known", LEG, {"mode": "else"}),
    update("leg_dates_plausible", LEG, {"leaves_on": LONG_AGO}),
    update("leg_distance_over_zero", LEG, {"distance_km": 0}),
    update("leg_passengers_over_zero", LEG, {"passengers": 0}),
    update("leg_time_has_day", LEG, {"leaves_at": time(9)}),
    update("leg_time_has_day", LEG, {"arrives_at": time(9)}),
    update("leg_factor_has_distance", LEG, {"factor": make.EmissionFactorFactory}, distance_km=7),
    update("leg_factor_has_distance", LEG, {"factor": make.EmissionFactorFactory}, passengers=2),
    update("delegation_has_origin", DELEGATION, {"city": None}),
    update("delegation_one_place", DELEGATION, {"country": make.CountryFactory}),
    update("delegation_headcount_over_zero", DELEGATION, {"headcount": 0}),
    insert("expertise_once", make.ExpertiseFactory),
    update("event_kind_known", EVENT, {"kind": "else"}),
    update("event_held_place_after", EVENT, {"held_venue_fr": "Salle inventée"}),
    update("event_held_place_after", EVENT, {"held_city": make.CityFactory}, confirmed=True),
    update("event_statutory_has_network", EVENT, {"kind": "statutory"}),
    update("event_session_has_working_group", EVENT, {"kind": "session"}),
    *dated("precondition", make.PreconditionFactory, "met_on"),
    update("precondition_dates_plausible", make.PreconditionFactory, {"met_on": LONG_AGO, "met_on_precision": "day"}),
    insert("precondition_once", make.PreconditionFactory),
    *dated("bidstage", make.BidStageFactory, "due_on", "passed_on"),
    update("bidstage_dates_plausible", make.BidStageFactory, {"due_on": FAR_OFF, "due_on_precision": "day"}),
    insert("bidstage_once", make.BidStageFactory),
    update("councilsitting_dates_plausible", make.CouncilSittingFactory, {"ends_on": FAR_OFF}),
    update("councilsitting_starts_on_by_ends_on", make.CouncilSittingFactory, {"ends_on": LONG_AGO.replace(year=1900)}),
    *dated("meeting", MEETING, "day"),
    update("meeting_one_occasion", MEETING, {"mission": MISSION, "event": EVENT}),
    update("meeting_kind_known", MEETING, {"kind": "else"}),
    insert("meeting_status_known", MEETING, {"status": "else"}),
    update("meeting_dates_plausible", MEETING, {"day": LONG_AGO, "day_precision": "day"}),
    update("meeting_starts_at_by_ends_at", MEETING, {"starts_at": time(10), "ends_at": time(9)}, held=True),
    update("meeting_time_has_day", MEETING, {"starts_at": time(9)}),
    update("meeting_time_has_day", MEETING, {"ends_at": time(9)}, day=date(2015, 3, 1), day_precision="month"),
    update("meeting_held_has_day", MEETING, {"status": "held"}),
    update("meeting_cancelled_says_why", MEETING, {"status": "cancelled"}),
    update("meeting_cancelled_says_why", MEETING, {"cancelled_reason": "invented"}),
    (APP + "meeting_only_planned_deleted", lambda: _deleted(MEETING(held=True))),
    update("meetingnote_audience_known", make.MeetingNoteFactory, {"audience": "else"}),
    update("meetingnote_dates_plausible", make.MeetingNoteFactory, {"noted_on": LONG_AGO}),
    update("participant_one_subject", TRAVELLER, {"mission": None}),
    update("participant_one_subject", TRAVELLER, {"meeting": MEETING}),
    update("participant_role_known", TRAVELLER, {"role": "else"}),
    update("participant_quality_known", TRAVELLER, {"quality": "else"}),
    update("participant_category_known", TRAVELLER, {"category": "else"}),
    insert("participant_person_once", TRAVELLER, {"role": "host"}),
    insert("participant_body_once", TRAVELLER, person=None, description_fr="Trois écolières"),
    (APP + "participant_body_once", lambda: copied(TRAVELLER(person=None, city=make.CityFactory()), role="host")),
    update("participant_is_somebody", TRAVELLER, {"person": None}),
    update("participant_category_of_civil_society", TRAVELLER, {"category": "youth"}, staff=True),
    update("participant_group_of_elected", TRAVELLER, {"council_group": make.CouncilGroupFactory}),
    update("participant_all_groups_of_elected", TRAVELLER, {"all_groups": True}, person=None, description_fr="Tous"),
    update("participant_all_groups_of_elected", TRAVELLER, {"all_groups": True}, elected=True),
    update(
        "participant_all_groups_of_elected",
        TRAVELLER,
        {"all_groups": True, "person": None, "council_group": make.CouncilGroupFactory},
        elected=True,
    ),
    update("participant_uncovered_of_traveller", TRAVELLER, {"uncovered_reason": "invented"}),
    update(
        "participant_uncovered_of_traveller",
        TRAVELLER,
        {"uncovered_reason": "invented", "mission": None, "event": EVENT, "mandate": None},
        elected=True,
    ),
    update("participant_mandate_of_elected_traveller", TRAVELLER, {"mandate": make.DeliberationFactory}),
    update("participant_mandate_of_elected_traveller", TRAVELLER, {"mission": None, "event": EVENT}, elected=True),
    update("participant_order_of_staff", TRAVELLER, {"order_number": "OM-1"}),
    update("participant_order_of_staff", TRAVELLER, {"ordered_on": DAY}, elected=True),
    update("participant_order_of_staff", TRAVELLER, {"mission": None, "event": EVENT}, staff=True),
    update("participant_traveller_has_quality", TRAVELLER, {"quality": ""}),
    update("participant_headcount_over_zero", TRAVELLER, {"headcount": 0}),
    update("participant_one_person", TRAVELLER, {"headcount": 2}),
    update("participant_dates_plausible", TRAVELLER, {"ordered_on": LONG_AGO}, staff=True),
    update("programmeitem_one_subject", make.ProgrammeItemFactory, {"mission": None}),
    update("programmeitem_one_subject", make.ProgrammeItemFactory, {"event": EVENT}),
    update("programmeitem_dates_plausible", make.ProgrammeItemFactory, {"day": FAR_OFF}),
    update("programmeitem_time_has_day", make.ProgrammeItemFactory, {"starts_at": time(9)}),
    update(
        "programmeitem_starts_at_by_ends_at",
        make.ProgrammeItemFactory,
        {"day": DAY, "starts_at": time(10), "ends_at": time(9)},
    ),
    update("tie_one_subject", make.TieFactory, {"mission": None}),
    update("tie_one_subject", make.TieFactory, {"promise": PROMISE}),
    update("tie_one_object", make.TieFactory, {"city": None}),
    update("tie_one_object", make.TieFactory, {"network": make.NetworkFactory}),
    insert("tie_once", make.TieFactory),
    update("outcome_one_subject", make.OutcomeFactory, {"mission": None}),
    update("outcome_one_subject", make.OutcomeFactory, {"event": EVENT}),
    update(
        "outcome_one_result",
        make.OutcomeFactory,
        {"led_to_agreement": make.AgreementFactory, "led_to_project": make.ProjectFactory},
    ),
    *dated("promise", PROMISE, "made_on", "due_on"),
    update("promise_reference_form", PROMISE, {"reference": "-PRM"}),
    update("promise_one_subject", PROMISE, {"mission": None}),
    update("promise_one_subject", PROMISE, {"meeting": MEETING}),
    update("promise_side_known", PROMISE, {"side": "else"}),
    insert("promise_status_known", PROMISE, {"status": "else", "closed_on": DAY}),
    update("promise_has_other_side", PROMISE, {"city": None}),
    update("promise_dates_plausible", PROMISE, {"due_on": FAR_OFF, "due_on_precision": "day"}),
    update(
        "promise_made_on_by_closed_on", PROMISE, {"made_on": date(2015, 5, 5), "made_on_precision": "day"}, kept=True
    ),
    update("promise_settled_has_date", PROMISE, {"closed_on": DAY}),
    update("promise_settled_has_date", PROMISE, {"status": "kept"}),
    update("promise_proof_of_kept", PROMISE, {"proof_fr": "Preuve inventée."}),
    update("promise_proof_of_kept", PROMISE, {"proof_en": "Invented proof."}, not_kept=True),
    update("promise_not_kept_says_why", PROMISE, {"closed_reason": ""}, not_kept=True),
    update("promise_not_kept_says_why", PROMISE, {"closed_reason": "invented"}, kept=True),
    *(
        (APP + "promise_only_open_deleted", lambda trait=trait: _deleted(PROMISE(**{trait: True})))
        for trait in ("kept", "not_kept")
    ),
    update("calendarsubscription_named", make.CalendarSubscriptionFactory, {"name": ""}),
    insert("calendarsubscription_once", make.CalendarSubscriptionFactory, {"token_digest": "f" * 64}),
]
CASES = [*PLAIN, *WRITES]


@pytest.fixture
def _rows():
    ROWS.update((key, factory(**made)) for key, (factory, made) in MADE.items())
    yield
    ROWS.clear()


@pytest.mark.usefixtures("_rows")
def test_the_database_refuses_by_name_and_with_a_sentence():
    wrong = {}
    for number, (rule, write) in enumerate(CASES):
        try:
            with transaction.atomic():
                write()
            wrong[number, rule] = "nothing is refused"
        except IntegrityError as refused:
            named = getattr(refused.__cause__.diag, "constraint_name", None)
            said = refusal(refused)
            if named != rule or not isinstance(said, ValidationError) or said.messages != [str(sentences()[rule])]:
                wrong[number, rule] = f"{named}: {said}"
        except Exception as error:
            error.add_note(f"while breaking {rule}, case {number}")
            raise
    assert wrong == {}


def test_no_rule_is_left_without_a_case():
    assert {rule for rule in sentences() if rule.startswith(APP)} == {rule for rule, _ in CASES}

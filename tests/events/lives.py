"""Missions, visits, events, meetings and promises anywhere in their lives, lacking nothing for any verb that leads on."""

from datetime import date
from typing import Any

from events.enums import DELEGATION_LIFE, EVENT_LIFE, MEETING_LIFE, MISSION_LIFE, PROMISE_LIFE
from tests import factories as make

WHY = "for an invented reason"
TODAY = date(2015, 6, 1)
LEAVES, RETURNS = date(2015, 7, 6), date(2015, 7, 9)
LIVES = {
    "mission": MISSION_LIFE,
    "delegation": DELEGATION_LIFE,
    "event": EVENT_LIFE,
    "meeting": MEETING_LIFE,
    "promise": PROMISE_LIFE,
}
STATES = {
    "mission": ["idea", "planned", "confirmed", "done", "cancelled"],
    "delegation": ["planned", "confirmed", "received", "cancelled"],
    "event": ["planned", "confirmed", "held", "cancelled"],
    "meeting": ["planned", "held", "cancelled"],
    "promise": ["open", "kept", "not-kept", "released"],
}
FACTORIES = {
    "mission": make.MissionFactory,
    "delegation": make.DelegationFactory,
    "event": make.EventFactory,
    "meeting": make.MeetingFactory,
    "promise": make.PromiseFactory,
}
PLANNED_DAYS = {
    "planned_start": LEAVES,
    "planned_start_precision": "day",
    "planned_end": RETURNS,
    "planned_end_precision": "day",
}
TOOK_PLACE = {"actual_start": date(2015, 3, 2), "actual_start_precision": "day"}
CANCELLED = {"cancelled_reason": WHY}
CLOSED = {"closed_on": date(2015, 5, 4)}
# What a record has at least in a state, besides the plan.
OF_STATE = {
    "done": TOOK_PLACE,
    "received": TOOK_PLACE,
    "held": TOOK_PLACE,
    "cancelled": CANCELLED,
    "kept": CLOSED | {"proof_fr": "Preuve inventée."},
    "not-kept": CLOSED | {"closed_reason": WHY},
    "released": CLOSED | {"closed_reason": WHY},
}


def at(kind: str, state: str, **values: Any):
    """A record that stands there; values of None are not given."""
    given = dict(OF_STATE.get(state, {}))
    if kind in ("mission", "delegation", "event"):
        given = PLANNED_DAYS | given
    if kind == "meeting":
        given = {"day": TODAY, "day_precision": "day"} | (CANCELLED if state == "cancelled" else {})
    record = FACTORIES[kind](status=state, **given | values)
    if kind == "mission":
        make.DestinationFactory(mission=record)
        make.ParticipantFactory(mission=record, elected=True)
        make.ParticipantFactory(mission=record, staff=True)
    if kind == "delegation":
        make.ParticipantFactory(mission=None, delegation=record, role="host", quality="")
    if kind == "event":
        make.PreconditionFactory(event=record, met_on=date(2015, 3, 2), met_on_precision="day")
    return record


def given(kind: str, verb: str) -> dict[str, Any]:
    """What the verb asks of whoever carries it out."""
    step = LIVES[kind].transition(verb)
    asked: dict[str, Any] = {"reason": WHY} if step.needs_reason else {}
    if "actual_start" in step.fields:
        asked["actual_start"] = date(2015, 5, 4)
    if "closed_on" in step.fields:
        asked["closed_on"] = date(2015, 5, 4)
    if "proof_fr" in step.fields:
        asked["proof_fr"] = "Preuve inventée."
    return asked


def bare(kind: str, state: str, **values):
    """A record without the rows that the lives usually give it."""
    return FACTORIES[kind](status=state, **values)


def voted(day: date | None, precision: str = "day"):
    """A deliberation with that date of its vote."""
    return make.DeliberationFactory(voted_on=day, voted_on_precision=precision if day else "")

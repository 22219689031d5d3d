"""Objectives anywhere in their lives, lacking nothing for any verb that leads on."""

from typing import Any

from mandate.enums import OBJECTIVE_LIFE
from tests import factories as make

WHY = "for an invented reason"
STATES = {
    "not-started": {},
    "on-track": {"on_track": True},
    "at-risk": {"at_risk": True},
    "late": {"late": True},
    "met": {"met": True},
    "dropped": {"dropped": True},
}


def at(state: str, **values):
    """An objective that stands there, with evidence and a precondition that is fulfilled."""
    objective = make.ObjectiveFactory(**STATES[state] | values)
    if state != "met":
        make.EvidenceFactory(objective=objective)
    make.ObjectivePreconditionFactory(objective=objective, fulfilled_on="2015-03-02")
    return objective


def given(verb: str) -> dict[str, Any]:
    """What the verb asks of whoever carries it out."""
    return {"reason": WHY} if OBJECTIVE_LIFE.transition(verb).needs_reason else {}

"""The resources of missions and events. Each is rooted in `visible_to`; those with parts are built by a selector."""

from events.api.views.agenda import Agenda, AgendaConflicts, Briefings
from events.api.views.meetings import Meetings, Promises
from events.api.views.occasions import Delegations, Events, Missions
from events.api.views.parts import (
    BidStages,
    CouncilSittings,
    Destinations,
    EmissionFactors,
    ExpertiseShown,
    Legs,
    MeetingNotes,
    Outcomes,
    Participants,
    Preconditions,
    ProgrammeItems,
    Ties,
)

__all__ = [
    "Agenda",
    "AgendaConflicts",
    "BidStages",
    "Briefings",
    "CouncilSittings",
    "Delegations",
    "Destinations",
    "EmissionFactors",
    "Events",
    "ExpertiseShown",
    "Legs",
    "MeetingNotes",
    "Meetings",
    "Missions",
    "Outcomes",
    "Participants",
    "Preconditions",
    "ProgrammeItems",
    "Promises",
    "Ties",
]

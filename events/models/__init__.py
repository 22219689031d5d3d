from events.models.delegations import Delegation, Expertise
from events.models.events import BidStage, CouncilSitting, Event, Precondition
from events.models.links import Outcome, Promise, Tie
from events.models.mandates import Mandate
from events.models.missions import Destination, EmissionFactor, Leg, Mission
from events.models.occasions import Occasion
from events.models.participants import Meeting, MeetingNote, Participant, ProgrammeItem
from events.models.subscriptions import CalendarSubscription

__all__ = [
    "BidStage",
    "CalendarSubscription",
    "CouncilSitting",
    "Delegation",
    "Destination",
    "EmissionFactor",
    "Event",
    "Expertise",
    "Leg",
    "Mandate",
    "Meeting",
    "MeetingNote",
    "Mission",
    "Occasion",
    "Outcome",
    "Participant",
    "Precondition",
    "ProgrammeItem",
    "Promise",
    "Tie",
]

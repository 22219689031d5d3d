"""How missions, visits, events, meetings and promises read and are written.

A `...Summary` has the record's own columns; the plain one adds its parts; a `...Detail` adds what is read of a record
alone.
"""

from events.api.serializers.agenda import (
    AgendaItemSerializer,
    AgendaPeriodSerializer,
    BriefingSerializer,
    BriefingSubjectSerializer,
    ConflictSerializer,
)
from events.api.serializers.parts import (
    BidStageSerializer,
    CouncilSittingSerializer,
    DestinationSerializer,
    EmissionFactorSerializer,
    ExpertiseSerializer,
    LegSerializer,
    MeetingNoteSerializer,
    OutcomeSerializer,
    ParticipantSerializer,
    PreconditionSerializer,
    ProgrammeItemSerializer,
    TieSerializer,
)
from events.api.serializers.records import (
    CoverageSerializer,
    DelegationDetailSerializer,
    DelegationSerializer,
    EventDetailSerializer,
    EventSerializer,
    MeetingDetailSerializer,
    MeetingSerializer,
    MissionDetailSerializer,
    MissionSerializer,
    PromiseDetailSerializer,
    PromiseSerializer,
)

__all__ = [
    "AgendaItemSerializer",
    "AgendaPeriodSerializer",
    "BidStageSerializer",
    "BriefingSerializer",
    "BriefingSubjectSerializer",
    "ConflictSerializer",
    "CouncilSittingSerializer",
    "CoverageSerializer",
    "DelegationDetailSerializer",
    "DelegationSerializer",
    "DestinationSerializer",
    "EmissionFactorSerializer",
    "EventDetailSerializer",
    "EventSerializer",
    "ExpertiseSerializer",
    "LegSerializer",
    "MeetingDetailSerializer",
    "MeetingNoteSerializer",
    "MeetingSerializer",
    "MissionDetailSerializer",
    "MissionSerializer",
    "OutcomeSerializer",
    "ParticipantSerializer",
    "PreconditionSerializer",
    "ProgrammeItemSerializer",
    "PromiseDetailSerializer",
    "PromiseSerializer",
    "TieSerializer",
]

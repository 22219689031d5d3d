"""The own columns of missions, delegations, events, meetings and promises, as others may read them inside theirs."""

from core.api.serializers import RecordSerializer
from events import models

NAMED = ("reference", "title_fr", "title_en", "purpose_fr", "purpose_en", "status")
DATED = tuple(
    f"{name}{suffix}"
    for name in ("planned_start", "planned_end", "actual_start", "actual_end")
    for suffix in ("", "_precision")
)
OCCASION = (*NAMED, *DATED, "when_fr", "when_en", "cancelled_reason")


class MissionSummarySerializer(RecordSerializer):
    class Meta:
        model = models.Mission
        fields: tuple[str, ...] = (*OCCASION, "horizon", "emblematic", "event", "planned_cost", "actual_cost")


class DelegationSummarySerializer(RecordSerializer):
    class Meta:
        model = models.Delegation
        fields: tuple[str, ...] = (*OCCASION, "city", "country", "organisation", "theme", "headcount", "event")


class EventSummarySerializer(RecordSerializer):
    class Meta:
        model = models.Event
        fields: tuple[str, ...] = (
            *OCCASION,
            "kind",
            "part_of",
            "network",
            "planned_city",
            "planned_venue_fr",
            "planned_venue_en",
            "held_city",
            "held_venue_fr",
            "held_venue_en",
        )


class MeetingSummarySerializer(RecordSerializer):
    class Meta:
        model = models.Meeting
        fields: tuple[str, ...] = (
            "mission",
            "delegation",
            "event",
            "title_fr",
            "title_en",
            "kind",
            "status",
            "cancelled_reason",
            "day",
            "day_precision",
            "starts_at",
            "ends_at",
            "city",
            "place",
            "agenda_fr",
            "agenda_en",
        )


class PromiseSummarySerializer(RecordSerializer):
    class Meta:
        model = models.Promise
        fields: tuple[str, ...] = (
            "reference",
            "mission",
            "delegation",
            "event",
            "meeting",
            "side",
            "what_fr",
            "what_en",
            "city",
            "country",
            "organisation",
            "promised_by",
            "promised_to",
            "responsible",
            "made_on",
            "made_on_precision",
            "due_on",
            "due_on_precision",
            "status",
            "closed_on",
            "proof_fr",
            "proof_en",
            "closed_reason",
        )


# The kinds of occasion that a row belongs to, each with how it reads inside that row.
SUBJECTS = {
    "mission": MissionSummarySerializer,
    "delegation": DelegationSummarySerializer,
    "event": EventSummarySerializer,
}
SUBJECTS_AND_MEETING = {**SUBJECTS, "meeting": MeetingSummarySerializer}

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.workflow import Transition, Workflow

PLANNED_DATES = ("planned_start", "planned_start_precision", "planned_end", "planned_end_precision")
ACTUAL_DATES = ("actual_start", "actual_start_precision", "actual_end", "actual_end_precision")


class Horizon(models.TextChoices):
    """The terms that the mayor's mission letter sets."""

    FIRST_100_DAYS = "first-100-days", _("first 100 days")
    MID_TERM = "mid-term", _("2015 and mid-term")
    END_OF_TERM = "end-of-term", _("end of term")
    WHOLE_TERM = "whole-term", _("whole term")


class MissionStatus(models.TextChoices):
    IDEA = "idea", pgettext_lazy("mission", "idea")
    PLANNED = "planned", pgettext_lazy("mission", "planned")
    CONFIRMED = "confirmed", pgettext_lazy("mission", "confirmed")
    DONE = "done", pgettext_lazy("mission", "done")
    CANCELLED = "cancelled", pgettext_lazy("mission", "cancelled")


MISSION_LIFE = Workflow(
    field="status",
    reason_field="cancelled_reason",
    transitions=(
        Transition("plan", _("Plan it"), ("idea",), "planned"),
        Transition("confirm", _("Confirm it"), ("planned",), "confirmed", PLANNED_DATES),
        Transition("complete", _("Record that it took place"), ("confirmed",), "done", (*ACTUAL_DATES, "actual_cost")),
        Transition("replan", _("Back to planning"), ("confirmed",), "planned", needs_reason=True),
        Transition(
            "cancel",
            _("Cancel it"),
            ("idea", "planned", "confirmed"),
            "cancelled",
            needs_reason=True,
            keeps_reason=True,
        ),
        Transition("revive", _("Take it up again"), ("cancelled",), "idea", needs_reason=True),
        Transition("reopen", _("It has not taken place"), ("done",), "confirmed", needs_reason=True),
    ),
)


class DelegationStatus(models.TextChoices):
    PLANNED = "planned", pgettext_lazy("delegation", "planned")
    CONFIRMED = "confirmed", pgettext_lazy("delegation", "confirmed")
    RECEIVED = "received", pgettext_lazy("delegation", "received")
    CANCELLED = "cancelled", pgettext_lazy("delegation", "cancelled")


DELEGATION_LIFE = Workflow(
    field="status",
    reason_field="cancelled_reason",
    transitions=(
        Transition("confirm", _("Confirm it"), ("planned",), "confirmed", PLANNED_DATES),
        Transition("receive", _("Record that it was received"), ("confirmed",), "received", ACTUAL_DATES),
        Transition("replan", _("Back to planning"), ("confirmed",), "planned", needs_reason=True),
        Transition(
            "cancel", _("Cancel it"), ("planned", "confirmed"), "cancelled", needs_reason=True, keeps_reason=True
        ),
        Transition("revive", _("Take it up again"), ("cancelled",), "planned", needs_reason=True),
        Transition("reopen", _("It has not taken place"), ("received",), "confirmed", needs_reason=True),
    ),
)


class EventStatus(models.TextChoices):
    PLANNED = "planned", pgettext_lazy("event", "planned")
    CONFIRMED = "confirmed", pgettext_lazy("event", "confirmed")
    HELD = "held", pgettext_lazy("event", "held")
    CANCELLED = "cancelled", pgettext_lazy("event", "cancelled")


EVENT_LIFE = Workflow(
    field="status",
    reason_field="cancelled_reason",
    transitions=(
        Transition("confirm", _("Confirm it"), ("planned",), "confirmed", PLANNED_DATES),
        Transition(
            "hold",
            _("Record that it took place"),
            ("planned", "confirmed"),
            "held",
            (*ACTUAL_DATES, "held_city", "held_venue_fr", "held_venue_en"),
        ),
        Transition("replan", _("Back to planning"), ("confirmed",), "planned", needs_reason=True),
        Transition(
            "cancel", _("Cancel it"), ("planned", "confirmed"), "cancelled", needs_reason=True, keeps_reason=True
        ),
        Transition("revive", _("Take it up again"), ("cancelled",), "planned", needs_reason=True),
        # It may have been held without having been confirmed.
        Transition("reopen", _("It has not taken place"), ("held",), "planned", needs_reason=True),
    ),
)


class MeetingStatus(models.TextChoices):
    PLANNED = "planned", pgettext_lazy("meeting", "planned")
    HELD = "held", pgettext_lazy("meeting", "held")
    CANCELLED = "cancelled", pgettext_lazy("meeting", "cancelled")


MEETING_LIFE = Workflow(
    field="status",
    reason_field="cancelled_reason",
    transitions=(
        Transition(
            "hold",
            _("Record that it took place"),
            ("planned",),
            "held",
            ("day", "day_precision", "starts_at", "ends_at"),
        ),
        Transition("cancel", _("Cancel it"), ("planned",), "cancelled", needs_reason=True, keeps_reason=True),
        Transition("revive", _("Take it up again"), ("cancelled",), "planned", needs_reason=True),
        Transition("reopen", _("It has not taken place"), ("held",), "planned", needs_reason=True),
    ),
)


class PromiseStatus(models.TextChoices):
    OPEN = "open", pgettext_lazy("promise", "open")
    KEPT = "kept", pgettext_lazy("promise", "kept")
    NOT_KEPT = "not-kept", pgettext_lazy("promise", "not kept")
    RELEASED = "released", pgettext_lazy("promise", "released")


PROMISE_LIFE = Workflow(
    field="status",
    reason_field="closed_reason",
    transitions=(
        Transition("keep", _("Record that it is kept"), ("open",), "kept", ("closed_on", "proof_fr", "proof_en")),
        Transition(
            "break_off",
            _("Record that it is not kept"),
            ("open",),
            "not-kept",
            ("closed_on",),
            needs_reason=True,
            keeps_reason=True,
        ),
        Transition(
            "release",
            _("Record that it is no longer asked for"),
            ("open",),
            "released",
            ("closed_on",),
            needs_reason=True,
            keeps_reason=True,
        ),
        Transition("reopen", _("Open it again"), ("kept", "not-kept", "released"), "open", needs_reason=True),
    ),
)

# The one state of each kind of occasion in which it has taken place, and those in which it lies ahead.
TOOK_PLACE = ["done", "received", "held"]
AHEAD = ["idea", "planned", "confirmed"]


class PromiseSide(models.TextChoices):
    OURS = "ours", _("our City promised")
    THEIRS = "theirs", _("it was promised to our City")


class PlaceStage(models.TextChoices):
    PLANNED = "planned", pgettext_lazy("destination", "planned")
    ACTUAL = "actual", pgettext_lazy("destination", "actual")


class TravelMode(models.TextChoices):
    TRAIN = "train", _("train")
    PLANE = "plane", _("plane")
    CAR = "car", _("car")
    COACH = "coach", _("coach")
    BOAT = "boat", _("boat")


class ParticipantRole(models.TextChoices):
    HEAD = "head", _("head of the delegation")
    MEMBER = "member", pgettext_lazy("delegation", "member")
    HOST = "host", _("host")
    COUNTERPART = "counterpart", pgettext_lazy("person", "counterpart")
    SPEAKER = "speaker", _("speaker")
    GUEST = "guest", _("guest")


class Quality(models.TextChoices):
    """In what quality somebody takes part for our City; blank for the others."""

    ELECTED = "elected", _("elected member")
    STAFF = "staff", _("staff of the City")
    CIVIL_SOCIETY = "civil-society", _("civil society")


class CivilSociety(models.TextChoices):
    ASSOCIATION = "association", _("association")
    BUSINESS = "business", _("business")
    RESEARCH = "research", _("universities and research")
    CULTURE = "culture", _("culture")
    YOUTH = "youth", _("schools and young people")
    TRADE_UNION = "trade-union", _("trade union")
    MEDIA = "media", _("media")
    OTHER = "other", pgettext_lazy("civil society", "other")


class EventKind(models.TextChoices):
    SUMMIT = "summit", _("summit")
    STATUTORY = "statutory", _("statutory meeting of a network")
    WORKING_GROUP = "working-group", _("working group")
    SESSION = "session", _("session of a working group")
    FORUM = "forum", _("forum or symposium")
    CONFERENCE = "conference", _("international conference")
    PRESS = "press", _("press conference")
    FESTIVAL = "festival", _("festival")
    EXHIBITION = "exhibition", _("exhibition")
    COMMEMORATION = "commemoration", _("commemoration")
    INAUGURATION = "inauguration", _("inauguration")
    SIGNATURE = "signature", _("signature")
    COUNCIL_VOTE = "council-vote", _("vote of the Council")
    BID = "bid", _("bid for a major event")
    MAJOR = "major", _("major event hosted")
    PUBLIC_DAY = "public-day", _("public day")
    EDITION = "edition", _("edition of a public day or festival")
    RALLY = "rally", _("rally")
    WORLD = "world", _("event in the world")


# What consists of others: of sessions, of yearly editions.
SERIES: dict[str, list[EventKind]] = {
    EventKind.SESSION: [EventKind.WORKING_GROUP],
    EventKind.EDITION: [EventKind.PUBLIC_DAY, EventKind.FESTIVAL],
}
# Remembrance: schools and associations take part.
REMEMBRANCE = [EventKind.COMMEMORATION, EventKind.INAUGURATION]


class MeetingKind(models.TextChoices):
    BILATERAL = "bilateral", _("bilateral meeting")
    WORKING = "working", _("working meeting")
    COURTESY = "courtesy", _("courtesy call")
    VISIT = "visit", _("site visit")


class AgendaKind(models.TextChoices):
    MISSION = "mission", _("mission")
    DELEGATION = "delegation", _("delegation received")
    EVENT = "event", _("event")
    MEETING = "meeting", _("meeting")
    COUNCIL = "council", _("sitting of the Council")

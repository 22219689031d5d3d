"""Who may do what with missions, visits and events, and what each needs before a step of its life."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from core import clock, dates
from core.access import audiences
from core.enums import Audience, Precision
from core.exceptions import Reason
from core.roles import ALL, EDIT, READ, Permissions, Role
from events.enums import (
    DELEGATION_LIFE,
    EVENT_LIFE,
    MEETING_LIFE,
    MISSION_LIFE,
    PROMISE_LIFE,
    MeetingStatus,
    MissionStatus,
    ParticipantRole,
    PlaceStage,
    Quality,
)
from events.models import Delegation, Event, Meeting, Mission, Occasion, Participant, Promise
from events.models.missions import SAYS_WHY

RECORDS = ("mission", "delegation", "event", "meeting", "promise", "councilsitting", "emissionfactor")
# Rows that belong to a record above them: whoever may change that record may also take them away.
PARTS = (
    "destination",
    "leg",
    "participant",
    "programmeitem",
    "expertise",
    "precondition",
    "bidstage",
    "tie",
    "outcome",
)
# Days before the departure from which a mandate that is missing is told as a warning (A13).
MANDATE_WARNING_DAYS = 45
NOT_DECIDED = (MissionStatus.IDEA, MissionStatus.PLANNED)

_OWN = {"calendarsubscription": EDIT}
_OFFICER = dict.fromkeys((*RECORDS, *PARTS, "meetingnote"), ALL) | _OWN
_READ = dict.fromkeys((*RECORDS, *PARTS, "meetingnote"), READ) | _OWN

PERMISSIONS: Permissions = {
    Role.ADMINISTRATOR: _OFFICER,
    Role.OFFICER: _OFFICER | {"councilsitting": EDIT, "emissionfactor": EDIT},
    # Whoever instructs grants meets partners too: she notes what was promised, and leaves the missions to others.
    Role.SOLIDARITY_OFFICER: _READ | {"promise": EDIT, "tie": ALL},
    Role.PROTECTION_OFFICER: _READ,
    Role.DEPUTY: _READ,
    Role.AUDITOR: _READ,
}


# --- missions ---


@MISSION_LIFE.guard("plan")
@MISSION_LIFE.guard("confirm")
def says_where_and_why(mission: Mission) -> Iterator[Reason]:
    if not mission.purpose_fr.strip():
        yield Reason(_("The purpose is missing."), "purpose_fr")
    if not any(place.stage == PlaceStage.PLANNED for place in mission.destinations.all()):
        yield Reason(_("No destination is named."), "destinations")


@MISSION_LIFE.guard("confirm")
@MISSION_LIFE.guard("reopen")
@DELEGATION_LIFE.guard("confirm")
@DELEGATION_LIFE.guard("reopen")
@EVENT_LIFE.guard("confirm")
def has_its_days(occasion: Occasion) -> Iterator[Reason]:
    if occasion.planned_start is None or occasion.planned_start_precision != Precision.DAY:
        yield Reason(_("The day of the beginning is missing."), "planned_start")


@MISSION_LIFE.guard("confirm")
@MISSION_LIFE.guard("reopen")
def has_its_return(mission: Mission) -> Iterator[Reason]:
    if mission.planned_end is None or mission.planned_end_precision != Precision.DAY:
        yield Reason(_("The day of the return is missing."), "planned_end")


@MISSION_LIFE.guard("confirm")
def somebody_travels(mission: Mission) -> Iterator[Reason]:
    if not mission.participants.exists():
        yield Reason(_("Nobody travels yet."), "participants")


@MISSION_LIFE.guard("confirm")
@MISSION_LIFE.guard("reopen")
def travellers_are_covered(mission: Mission) -> Iterator[Reason]:
    """An elected member leaves with a special mandate voted before the departure, staff with a mission order (A13)."""
    for traveller in _travellers(mission):
        yield from what_a_traveller_lacks(traveller, mission.planned_start)


@MISSION_LIFE.guard("complete")
def travellers_were_covered(mission: Mission) -> Iterator[Reason]:
    """The same of the day on which it left; who did leave without is recorded with the reason why (A13)."""
    unsaid = [traveller for traveller in _travellers(mission) if not traveller.uncovered_reason]
    lacks = [lack for traveller in unsaid for lack in what_a_traveller_lacks(traveller, mission.departure)]
    yield from lacks
    if lacks:
        yield Reason(SAYS_WHY, "participants")


def left_without(mission: Mission) -> list[Reason]:
    """What travellers of a mission that took place had left without, and why (A13); nothing before."""
    if mission.status != MissionStatus.DONE:
        return []
    why = _("%(lack)s Why: %(reason)s")
    return [
        Reason(why % {"lack": lack, "reason": traveller.uncovered_reason}, lack.field)
        for traveller in _travellers(mission)
        for lack in what_a_traveller_lacks(traveller, mission.departure)
    ]


def _travellers(mission: Mission) -> Iterable[Participant]:
    return mission.participants.select_related("person", "mandate")


def what_a_traveller_lacks(traveller: Participant, departure: date | None) -> Iterator[Reason]:
    """The mandate or the mission order that one traveller needs to leave on that day (A13)."""
    who = {"traveller": traveller}
    if traveller.quality == Quality.STAFF and not traveller.order_number:
        yield Reason(_("%(traveller)s has no mission order.") % who, "participants")
    if traveller.quality != Quality.ELECTED:
        return
    voted = traveller.mandate.voted_on if traveller.mandate else None
    if traveller.mandate is None:
        yield Reason(_("%(traveller)s has no special mandate (voted before the departure).") % who, "participants")
    elif voted is None:
        yield Reason(_("The special mandate of %(traveller)s has no date of vote.") % who, "participants")
    elif voted > clock.today():
        yield Reason(_("The special mandate of %(traveller)s has not been voted yet.") % who, "participants")
    elif departure and dates.last_day(voted, traveller.mandate.voted_on_precision) >= departure:
        yield Reason(
            _("The special mandate of %(traveller)s is not voted before the departure of %(day)s.")
            % {**who, "day": dates.display(departure, "day")},
            "participants",
        )


@MISSION_LIFE.guard("complete")
@DELEGATION_LIFE.guard("receive")
@EVENT_LIFE.guard("hold")
def says_when_it_was(occasion: Occasion) -> Iterator[Reason]:
    if not occasion.actual_start_precision:
        yield Reason(_("The day on which it began is missing."), "actual_start")
    elif occasion.actual_start and occasion.actual_start > clock.today():
        yield Reason(_("This has not happened yet: the date is in the future."), "actual_start")
    if occasion.actual_end and occasion.actual_end > clock.today():
        yield Reason(_("This has not happened yet: the date is in the future."), "actual_end")


@MISSION_LIFE.guard("confirm")
@MISSION_LIFE.guard("complete")
def rows_lie_within_its_days(mission: Mission) -> Iterator[Reason]:
    """Of a mission that was moved, what stands on its old days is named; of one that took place, its actual days count."""
    has_begun = bool(mission.actual_start_precision)
    first, end, precision = (
        (mission.actual_start, mission.actual_end, mission.actual_end_precision)
        if has_begun
        else (mission.planned_start, mission.planned_end, mission.planned_end_precision)
    )
    last = end and dates.last_day(end, precision or Precision.DAY)

    def outside(day: date | None, precision: str = Precision.DAY) -> bool:
        before = day and first and dates.last_day(day, precision) < first
        return bool(before or (day and last and day > last))

    stage = PlaceStage.ACTUAL if has_begun else PlaceStage.PLANNED
    for place in mission.destinations.all():
        if place.stage == stage and (outside(place.arrives_on) or outside(place.leaves_on)):
            yield _outside(place, place.arrives_on or place.leaves_on, "destinations")
    for leg in mission.legs.all():
        if outside(leg.leaves_on):
            yield _outside(leg, leg.leaves_on, "legs")
    for item in mission.programmeitems.all():
        if outside(item.day):
            yield _outside(item, item.day, "programmeitems")
    for meeting in mission.meetings.all():
        if meeting.status != MeetingStatus.CANCELLED and outside(meeting.day, meeting.day_precision):
            yield _outside(meeting, meeting.day, "meetings", meeting.day_precision)


def _outside(row: Any, day: date | None, field: str, precision: str = Precision.DAY) -> Reason:
    sentence = _("“%(row)s” of %(day)s lies outside the days of the mission.")
    return Reason(sentence % {"row": row, "day": dates.display(day, precision)}, field)


@MISSION_LIFE.guard("complete")
def its_meetings_are_settled(mission: Mission) -> Iterator[Reason]:
    """Nothing before the departure: until then a meeting can be neither."""
    if mission.departure and mission.departure > clock.today():
        return
    for meeting in mission.meetings.all():
        if meeting.status == MeetingStatus.PLANNED:
            yield Reason(_("“%(meeting)s” is neither held nor cancelled.") % {"meeting": meeting}, "meetings")


@MISSION_LIFE.guard("replan")
@MISSION_LIFE.guard("cancel")
def has_been_nowhere(mission: Mission) -> Iterator[Reason]:
    if any(place.stage == PlaceStage.ACTUAL for place in mission.destinations.all()):
        yield Reason(
            _("Places where it went are recorded: record that it took place, or take them away."), "destinations"
        )


def mandate_warnings(mission: Mission) -> list[Reason]:
    """From 45 days before the departure on, what its travellers still lack (A13); nothing before, once the day has passed,
    or while the day is not known."""
    departure = mission.planned_start
    if departure is None or mission.planned_start_precision != Precision.DAY or mission.status not in NOT_DECIDED:
        return []
    if not departure - timedelta(days=MANDATE_WARNING_DAYS) <= clock.today() <= departure:
        return []
    return list(travellers_are_covered(mission))


@MISSION_LIFE.guard("reopen")
@DELEGATION_LIFE.guard("reopen")
@EVENT_LIFE.guard("reopen")
def nothing_came_of_it(occasion: Mission | Delegation | Event) -> Iterator[Reason]:
    """What is recorded as over by mistake has led to nothing: otherwise it did take place."""
    if occasion.outcomes.exists():
        yield Reason(_("What came out of it is recorded: take it away first."), "outcomes")
    for meeting in occasion.meetings.filter(status=MeetingStatus.HELD):
        yield Reason(_("“%(meeting)s” was held.") % {"meeting": meeting}, "meetings")
    kind = str(occasion._meta.model_name)
    made = Promise.objects.filter(Q(**{kind: occasion}) | Q(**{f"meeting__{kind}": occasion}))
    yield from map(_promised, made)


def _promised(promise: Promise) -> Reason:
    return Reason(_("It was promised there: %(promise)s.") % {"promise": promise}, "promises")


# --- delegations and events ---


@DELEGATION_LIFE.guard("confirm")
def has_a_host(delegation: Delegation) -> Iterator[Reason]:
    if not delegation.participants.filter(role=ParticipantRole.HOST).exists():
        yield Reason(_("No host is named."), "participants")


@EVENT_LIFE.guard("confirm")
@EVENT_LIFE.guard("hold")
def preconditions_are_met(event: Event) -> Iterator[Reason]:
    for condition in (row for row in event.preconditions.all() if not row.is_met):
        what = condition.what.rstrip(".")  # it may be a sentence of its own
        yield Reason(_("A precondition is not met: %(what)s.") % {"what": what}, "preconditions")


# --- meetings ---


@MEETING_LIFE.guard("hold")
def has_a_day(meeting: Meeting) -> Iterator[Reason]:
    if not meeting.day_precision:
        yield Reason(_("The date is missing."), "day")
    elif meeting.day and meeting.day > clock.today():
        yield Reason(_("This has not happened yet: the date is in the future."), "day")


@MEETING_LIFE.guard("reopen")
def nothing_was_promised_there(meeting: Meeting) -> Iterator[Reason]:
    yield from map(_promised, meeting.promises.all())


@MEETING_LIFE.guard("reopen", of_actor=True)
def nothing_was_said(meeting: Meeting, actor) -> Iterator[Reason]:
    """Notes bar the way. Whoever may not read them all is refused whether there are any or not: nothing is told of them."""
    if set(audiences(actor)) != set(Audience):
        yield Reason(_("Only somebody who may read every note of a meeting sets it back."), "notes")
    elif meeting.notes.exists():
        yield Reason(_("What was said is noted: take the notes away first."), "notes")


# --- promises ---


@PROMISE_LIFE.guard("keep")
@PROMISE_LIFE.guard("break_off")
@PROMISE_LIFE.guard("release")
def says_when_settled(promise: Promise) -> Iterator[Reason]:
    settled = promise.closed_on
    if settled is None:
        yield Reason(_("The date is missing."), "closed_on")
    elif settled > clock.today():
        yield Reason(_("This has not happened yet: the date is in the future."), "closed_on")
    elif promise.made_on and settled < promise.made_on:
        yield Reason(_("It cannot be settled before it was made."), "closed_on")


@PROMISE_LIFE.guard("keep")
def is_proved(promise: Promise) -> Iterator[Reason]:
    """A promise is kept by what anybody can read: words that prove it, or a document."""
    if not promise.proof_fr.strip() and not promise.documents.exists():
        yield Reason(_("Say what proves it, or attach a document."), "proof_fr")

"""The verbs of missions, visits, events, meetings and promises. Each checks the life of its record and returns it as it stands."""

from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from core import clock
from core.access import may
from core.enums import Precision
from core.exceptions import Reason, Refused
from core.models import User
from core.workflow import advance
from events.enums import (
    DELEGATION_LIFE,
    EVENT_LIFE,
    MEETING_LIFE,
    MISSION_LIFE,
    PROMISE_LIFE,
    PlaceStage,
)
from events.models import CalendarSubscription, Delegation, Destination, Event, Meeting, Mission, Promise
from events.models.subscriptions import digest, new_token


def _given(**values) -> dict[str, Any]:
    """What the caller gave; a date given without precision is known to the day."""
    given = {name: value for name, value in values.items() if value not in (None, "")}
    for name in list(given):
        precision = f"{name}_precision"
        if isinstance(given[name], date) and precision in values and precision not in given:
            given[precision] = Precision.DAY
    return given


_NOT_BEGUN = {"actual_start": None, "actual_start_precision": "", "actual_end": None, "actual_end_precision": ""}


# --- missions ---


@MISSION_LIFE.service("plan")
def plan_mission(mission: Mission, *, actor, reason: str = "", version: int | None = None) -> Mission:
    """An idea becomes a plan. Refused without purpose and destination."""
    return advance(MISSION_LIFE, mission, "plan", actor=actor, reason=reason, version=version)


@MISSION_LIFE.service("confirm")
def confirm_mission(
    mission: Mission,
    *,
    actor,
    planned_start: date | None = None,
    planned_start_precision: str = "",
    planned_end: date | None = None,
    planned_end_precision: str = "",
    reason: str = "",
    version: int | None = None,
) -> Mission:
    """The trip is decided. Refused without its days and travellers, or where an elected one has no mandate voted before
    the departure, or one of the staff no mission order (A13), and while its days leave out rows of it."""
    values = _given(
        planned_start=planned_start,
        planned_start_precision=planned_start_precision,
        planned_end=planned_end,
        planned_end_precision=planned_end_precision,
    )
    return advance(MISSION_LIFE, mission, "confirm", actor=actor, reason=reason, version=version, **values)


@MISSION_LIFE.service("complete")
@transaction.atomic
def complete_mission(
    mission: Mission,
    *,
    actor,
    actual_start: date | None = None,
    actual_start_precision: str = "",
    actual_end: date | None = None,
    actual_end_precision: str = "",
    actual_cost: Decimal | None = None,
    reason: str = "",
    version: int | None = None,
) -> Mission:
    """The trip took place. Where nobody recorded other destinations, it went where it was planned to.

    Refused without the day of the departure, or before it has come; where an elected traveller's mandate was not voted before
    that day, or one of the staff had no mission order, and their rows do not say why (A13); while its days leave out rows of
    it; and while a meeting of it is neither held nor cancelled. `actual_cost` in EUR.
    """
    values = _given(
        actual_start=actual_start,
        actual_start_precision=actual_start_precision,
        actual_end=actual_end,
        actual_end_precision=actual_end_precision,
        actual_cost=actual_cost,
    )
    done = advance(MISSION_LIFE, mission, "complete", actor=actor, reason=reason, version=version, **values)
    if not done.destinations.filter(stage=PlaceStage.ACTUAL).exists():
        planned = done.destinations.filter(stage=PlaceStage.PLANNED).order_by("arrives_on", "pk")
        # A plan may come back to a place on another day; which days it was there, nobody has said.
        for city, country, area in dict.fromkeys(planned.values_list("city", "country", "area")):
            Destination(mission=done, stage=PlaceStage.ACTUAL, city_id=city, country_id=country, area_id=area).save()
    return done


@MISSION_LIFE.service("replan")
def replan_mission(mission: Mission, *, actor, reason: str = "", version: int | None = None) -> Mission:
    """Takes a confirmed trip back to planning: its dates or travellers change. Refused without a reason."""
    return advance(MISSION_LIFE, mission, "replan", actor=actor, reason=reason, version=version)


@MISSION_LIFE.service("cancel")
def cancel_mission(mission: Mission, *, actor, reason: str = "", version: int | None = None) -> Mission:
    """The trip does not take place. Refused without a reason, which the mission keeps."""
    return advance(MISSION_LIFE, mission, "cancel", actor=actor, reason=reason, version=version)


@MISSION_LIFE.service("revive")
def revive_mission(mission: Mission, *, actor, reason: str = "", version: int | None = None) -> Mission:
    """A cancelled trip is an idea again. Refused without a reason."""
    return advance(MISSION_LIFE, mission, "revive", actor=actor, reason=reason, version=version)


@MISSION_LIFE.service("reopen")
@transaction.atomic
def reopen_mission(mission: Mission, *, actor, reason: str = "", version: int | None = None) -> Mission:
    """A trip that was recorded by mistake as over is confirmed again; its actual days, cost (EUR) and places go (history keeps
    them). Refused without a reason, without its planned days, mandates and mission orders, and once something came of it."""
    stamps = _NOT_BEGUN | {"actual_cost": None}
    again = advance(MISSION_LIFE, mission, "reopen", actor=actor, reason=reason, version=version, stamps=stamps)
    again.destinations.filter(stage=PlaceStage.ACTUAL).delete()
    return again


# --- delegations ---


@DELEGATION_LIFE.service("confirm")
def confirm_delegation(
    delegation: Delegation,
    *,
    actor,
    planned_start: date | None = None,
    planned_start_precision: str = "",
    planned_end: date | None = None,
    planned_end_precision: str = "",
    reason: str = "",
    version: int | None = None,
) -> Delegation:
    """The visit is decided. Refused without its first day and a host."""
    values = _given(
        planned_start=planned_start,
        planned_start_precision=planned_start_precision,
        planned_end=planned_end,
        planned_end_precision=planned_end_precision,
    )
    return advance(DELEGATION_LIFE, delegation, "confirm", actor=actor, reason=reason, version=version, **values)


@DELEGATION_LIFE.service("receive")
def receive_delegation(
    delegation: Delegation,
    *,
    actor,
    actual_start: date | None = None,
    actual_start_precision: str = "",
    actual_end: date | None = None,
    actual_end_precision: str = "",
    reason: str = "",
    version: int | None = None,
) -> Delegation:
    """The delegation came. Refused without the day, or before it has come."""
    values = _given(
        actual_start=actual_start,
        actual_start_precision=actual_start_precision,
        actual_end=actual_end,
        actual_end_precision=actual_end_precision,
    )
    return advance(DELEGATION_LIFE, delegation, "receive", actor=actor, reason=reason, version=version, **values)


@DELEGATION_LIFE.service("replan")
def replan_delegation(delegation: Delegation, *, actor, reason: str = "", version: int | None = None) -> Delegation:
    """Takes a confirmed visit back to planning. Refused without a reason."""
    return advance(DELEGATION_LIFE, delegation, "replan", actor=actor, reason=reason, version=version)


@DELEGATION_LIFE.service("cancel")
def cancel_delegation(delegation: Delegation, *, actor, reason: str = "", version: int | None = None) -> Delegation:
    """The visit does not take place. Refused without a reason, which the delegation keeps."""
    return advance(DELEGATION_LIFE, delegation, "cancel", actor=actor, reason=reason, version=version)


@DELEGATION_LIFE.service("revive")
def revive_delegation(delegation: Delegation, *, actor, reason: str = "", version: int | None = None) -> Delegation:
    """A cancelled visit is planned again. Refused without a reason."""
    return advance(DELEGATION_LIFE, delegation, "revive", actor=actor, reason=reason, version=version)


@DELEGATION_LIFE.service("reopen")
def reopen_delegation(delegation: Delegation, *, actor, reason: str = "", version: int | None = None) -> Delegation:
    """A visit that was recorded by mistake as received is confirmed again; its actual days go (history keeps them). Refused
    without a reason, without its planned day, and once something came of it."""
    return advance(
        DELEGATION_LIFE, delegation, "reopen", actor=actor, reason=reason, version=version, stamps=_NOT_BEGUN
    )


# --- events ---


@EVENT_LIFE.service("confirm")
def confirm_event(
    event: Event,
    *,
    actor,
    planned_start: date | None = None,
    planned_start_precision: str = "",
    planned_end: date | None = None,
    planned_end_precision: str = "",
    reason: str = "",
    version: int | None = None,
) -> Event:
    """The event is decided. Refused without its first day, or while a precondition is not met."""
    values = _given(
        planned_start=planned_start,
        planned_start_precision=planned_start_precision,
        planned_end=planned_end,
        planned_end_precision=planned_end_precision,
    )
    return advance(EVENT_LIFE, event, "confirm", actor=actor, reason=reason, version=version, **values)


@EVENT_LIFE.service("hold")
def hold_event(
    event: Event,
    *,
    actor,
    actual_start: date | None = None,
    actual_start_precision: str = "",
    actual_end: date | None = None,
    actual_end_precision: str = "",
    held_city=None,
    held_venue_fr: str = "",
    held_venue_en: str = "",
    reason: str = "",
    version: int | None = None,
) -> Event:
    """The event took place, where it did: the planned place stays as it was. Refused without the day, before it has come,
    or while a precondition is not met."""
    values = _given(
        actual_start=actual_start,
        actual_start_precision=actual_start_precision,
        actual_end=actual_end,
        actual_end_precision=actual_end_precision,
        held_city=held_city,
        held_venue_fr=held_venue_fr,
        held_venue_en=held_venue_en,
    )
    return advance(EVENT_LIFE, event, "hold", actor=actor, reason=reason, version=version, **values)


@EVENT_LIFE.service("replan")
def replan_event(event: Event, *, actor, reason: str = "", version: int | None = None) -> Event:
    """Takes a confirmed event back to planning. Refused without a reason."""
    return advance(EVENT_LIFE, event, "replan", actor=actor, reason=reason, version=version)


@EVENT_LIFE.service("cancel")
def cancel_event(event: Event, *, actor, reason: str = "", version: int | None = None) -> Event:
    """The event does not take place. Refused without a reason, which the event keeps."""
    return advance(EVENT_LIFE, event, "cancel", actor=actor, reason=reason, version=version)


@EVENT_LIFE.service("revive")
def revive_event(event: Event, *, actor, reason: str = "", version: int | None = None) -> Event:
    """A cancelled event is planned again. Refused without a reason."""
    return advance(EVENT_LIFE, event, "revive", actor=actor, reason=reason, version=version)


@EVENT_LIFE.service("reopen")
def reopen_event(event: Event, *, actor, reason: str = "", version: int | None = None) -> Event:
    """An event that was recorded by mistake as held is planned again; its actual days and place go (history keeps them).
    Refused without a reason, and once something came of it."""
    stamps = _NOT_BEGUN | {"held_city": None, "held_venue_fr": "", "held_venue_en": ""}
    return advance(EVENT_LIFE, event, "reopen", actor=actor, reason=reason, version=version, stamps=stamps)


# --- meetings ---


@MEETING_LIFE.service("hold")
def hold_meeting(
    meeting: Meeting,
    *,
    actor,
    day: date | None = None,
    day_precision: str = "",
    starts_at: time | None = None,
    ends_at: time | None = None,
    reason: str = "",
    version: int | None = None,
) -> Meeting:
    """The meeting took place. Refused without its date, or before it has come."""
    values = _given(day=day, day_precision=day_precision, starts_at=starts_at, ends_at=ends_at)
    return advance(MEETING_LIFE, meeting, "hold", actor=actor, reason=reason, version=version, **values)


@MEETING_LIFE.service("cancel")
def cancel_meeting(meeting: Meeting, *, actor, reason: str = "", version: int | None = None) -> Meeting:
    """The meeting does not take place. Refused without a reason, which the meeting keeps."""
    return advance(MEETING_LIFE, meeting, "cancel", actor=actor, reason=reason, version=version)


@MEETING_LIFE.service("revive")
def revive_meeting(meeting: Meeting, *, actor, reason: str = "", version: int | None = None) -> Meeting:
    """A cancelled meeting is planned again. Refused without a reason."""
    return advance(MEETING_LIFE, meeting, "revive", actor=actor, reason=reason, version=version)


@MEETING_LIFE.service("reopen")
def reopen_meeting(meeting: Meeting, *, actor, reason: str = "", version: int | None = None) -> Meeting:
    """A meeting that was recorded by mistake as held is planned again. Refused without a reason, and once what was said or
    promised there is recorded."""
    return advance(MEETING_LIFE, meeting, "reopen", actor=actor, reason=reason, version=version)


# --- promises ---


@PROMISE_LIFE.service("keep")
def keep_promise(
    promise: Promise,
    *,
    actor,
    closed_on: date | None = None,
    proof_fr: str = "",
    proof_en: str = "",
    reason: str = "",
    version: int | None = None,
) -> Promise:
    """The promise is kept. Refused without the day on which it was, and a proof: words, or a document attached before."""
    values = _given(closed_on=closed_on, proof_fr=proof_fr, proof_en=proof_en)
    return advance(PROMISE_LIFE, promise, "keep", actor=actor, reason=reason, version=version, **values)


@PROMISE_LIFE.service("break_off")
def break_promise(
    promise: Promise, *, actor, closed_on: date | None = None, reason: str = "", version: int | None = None
) -> Promise:
    """The promise is not kept. Refused without the day and a reason, which the ledger keeps."""
    values = _given(closed_on=closed_on)
    return advance(PROMISE_LIFE, promise, "break_off", actor=actor, reason=reason, version=version, **values)


@PROMISE_LIFE.service("release")
def release_promise(
    promise: Promise, *, actor, closed_on: date | None = None, reason: str = "", version: int | None = None
) -> Promise:
    """Nobody asks for it any more. Refused without the day and a reason, which the ledger keeps."""
    values = _given(closed_on=closed_on)
    return advance(PROMISE_LIFE, promise, "release", actor=actor, reason=reason, version=version, **values)


@PROMISE_LIFE.service("reopen")
def reopen_promise(promise: Promise, *, actor, reason: str = "", version: int | None = None) -> Promise:
    """A settled promise is open again; the day, the proof and the reason go (history keeps them). Refused without a reason."""
    stamps = {"closed_on": None, "proof_fr": "", "proof_en": ""}
    return advance(PROMISE_LIFE, promise, "reopen", actor=actor, reason=reason, version=version, stamps=stamps)


# --- subscriptions ---

# Addresses that one person can have at a time, and how long a name can be.
SUBSCRIPTIONS = 10
MAX_NAME = 80
# How often the database notes that an address was read.
NOTED_EVERY = timedelta(hours=1)


@transaction.atomic
def subscribe(*, actor, name: str, with_deadlines: bool = True) -> tuple[CalendarSubscription, str]:
    """A new address of the actor's own agenda; returns it with its secret, which is told this once and kept nowhere.

    Refused without a name, with that of another of her addresses in use, and beyond ten of these; PermissionDenied for a
    system, which has no agenda.
    """
    if actor.pk is None or not may(actor, "add", CalendarSubscription):
        raise PermissionDenied
    User.objects.select_for_update().get(pk=actor.pk)
    name = name.strip()
    in_use = CalendarSubscription.objects.visible_to(actor).filter(revoked_at=None).values_list("name", flat=True)
    reasons = []
    if not name:
        reasons.append(Reason(_("Name the device or calendar."), "name"))
    if name in in_use:
        sentence = _("An address of this name is in use: choose another name, or revoke that one first.")
        reasons.append(Reason(sentence, "name"))
    if len(name) > MAX_NAME:
        reasons.append(Reason(_("A name has at most %(count)s characters.") % {"count": MAX_NAME}, "name"))
    if len(in_use) >= SUBSCRIPTIONS:
        sentence = _("You have %(count)s addresses: revoke one that you no longer use.")
        reasons.append(Reason(sentence % {"count": SUBSCRIPTIONS}))
    if reasons:
        raise Refused(reasons)
    token = new_token()
    subscription = CalendarSubscription(
        user=actor, name=name, with_deadlines=with_deadlines, token_digest=digest(token)
    )
    subscription.save()
    return subscription, token


@transaction.atomic
def revoke(subscription: CalendarSubscription, *, actor) -> CalendarSubscription:
    """The address stops working at once and for good. PermissionDenied where it is somebody else's."""
    if not subscription.allows(actor, "change"):
        raise PermissionDenied
    locked = CalendarSubscription.objects.visible_to(actor).select_for_update().get(pk=subscription.pk)
    if locked.revoked_at is None:
        locked.revoked_at = clock.now()
        locked.save()
    return locked


def read_by(token: str) -> CalendarSubscription | None:
    """The subscription of this secret, with its owner, and a note of when it was read; None where the secret is wrong or
    revoked, or its owner may no longer sign in."""
    found = (
        CalendarSubscription.objects.filter(token_digest=digest(token), revoked_at=None, user__is_active=True)
        .select_related("user")
        .first()
    )
    now = clock.now()
    if found and (found.last_read_at is None or now - found.last_read_at > NOTED_EVERY):
        CalendarSubscription.objects.filter(pk=found.pk).update(last_read_at=now)
    return found

"""The verbs of mandates and objectives. Each refuses with every reason at once."""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import pgtrigger
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from core import clock
from core.access import may
from core.database import refusal
from core.exceptions import Reason, Refused
from core.workflow import advance, check_version
from mandate.enums import OBJECTIVE_LIFE, REPORT_LIFE, ObjectiveStatus
from mandate.models import Indicator, IndicatorReading, Mandate, Objective, ObjectiveAssociate, Report, ReportEntry
from mandate.reports.writing import frozen
from mandate.selectors.indicators import measured
from partnerships.models import Deliberation

# --- the life of an objective: each verb is a judgement of the day ---


def _judge(objective: Objective, verb: str, *, actor, reason: str, version: int | None) -> Objective:
    stamps = {"judged_on": clock.today()}
    return advance(OBJECTIVE_LIFE, objective, verb, actor=actor, reason=reason, version=version, stamps=stamps)


@OBJECTIVE_LIFE.service("start")
def start_objective(objective: Objective, *, actor, reason: str = "", version: int | None = None) -> Objective:
    """Somebody works on it, and it goes as it should."""
    return _judge(objective, "start", actor=actor, reason=reason, version=version)


@OBJECTIVE_LIFE.service("warn")
def warn_of_objective(objective: Objective, *, actor, reason: str = "", version: int | None = None) -> Objective:
    """It may not be met in time. Refused without a reason, which the objective keeps."""
    return _judge(objective, "warn", actor=actor, reason=reason, version=version)


@OBJECTIVE_LIFE.service("delay")
def delay_objective(objective: Objective, *, actor, reason: str = "", version: int | None = None) -> Objective:
    """It is late. Refused without a reason, which the objective keeps."""
    return _judge(objective, "delay", actor=actor, reason=reason, version=version)


@OBJECTIVE_LIFE.service("recover")
def recover_objective(objective: Objective, *, actor, reason: str = "", version: int | None = None) -> Objective:
    """What was at risk or late is back on track; why it was stays in its history."""
    return _judge(objective, "recover", actor=actor, reason=reason, version=version)


@OBJECTIVE_LIFE.service("meet")
def meet_objective(objective: Objective, *, actor, reason: str = "", version: int | None = None) -> Objective:
    """It is met. Refused while nothing that the actor sees shows it (evidence, or an indicator that reaches its target), or
    while a precondition is not fulfilled."""
    return _judge(objective, "meet", actor=actor, reason=reason, version=version)


@OBJECTIVE_LIFE.service("drop")
def drop_objective(objective: Objective, *, actor, reason: str = "", version: int | None = None) -> Objective:
    """Nobody works towards it any more. Refused without a reason, which the objective keeps."""
    return _judge(objective, "drop", actor=actor, reason=reason, version=version)


@OBJECTIVE_LIFE.service("reopen")
def reopen_objective(objective: Objective, *, actor, reason: str = "", version: int | None = None) -> Objective:
    """What was met or dropped is on track again. Refused without a reason."""
    return _judge(objective, "reopen", actor=actor, reason=reason, version=version)


# --- parts and weights ---

WHOLE = 100


def check_weights() -> None:
    """Asks now what the database asks at the end of the transaction: ValidationError where weights do not sum to 100."""
    try:
        with transaction.atomic():
            pgtrigger.constraints(pgtrigger.Immediate, "mandate.Objective:weights")
    except IntegrityError as error:
        raise refusal(error) from error
    # Whoever goes on writing may move weights one by one again.
    pgtrigger.constraints(pgtrigger.Deferred, "mandate.Objective:weights")


@transaction.atomic
def set_parts(
    objective: Objective, *, actor, weights: Mapping[Objective, int], version: int | None = None
) -> Objective:
    """Makes these objectives, and no others, the parts of the objective, each with its weight (per cent).

    Refused where the weights do not sum to 100, and where one is of another mandate, already a part of another objective, or
    the whole itself or above it. Nothing given = it has no parts; what was a part and is not any more stands for itself.
    """
    if not may(actor, "change", Objective):
        raise PermissionDenied
    visible = Objective.objects.visible_to(actor).select_for_update(of=("self",))
    # In the order of their keys, so that two at once wait and do not collide.
    keys = {objective.pk, *(part.pk for part in weights)}
    held = {row.pk: row for row in visible.filter(pk__in=keys).order_by("pk")}
    if held.keys() != keys:
        raise PermissionDenied
    whole = held[objective.pk]
    check_version(whole, version)
    given = {held[part.pk]: weight for part, weight in weights.items()}
    if reasons := _why_not_parts(whole, given):
        raise Refused(reasons)
    for part in visible.filter(parent=whole).exclude(pk__in=[part.pk for part in given]).order_by("pk"):
        part.parent, part.weight = None, None
        part.save()
    for part, weight in given.items():
        part.parent, part.weight = whole, weight
        part.save()
    check_weights()
    whole.refresh_from_db()
    return whole


def _why_not_parts(whole: Objective, weights: Mapping[Objective, int]) -> list[Reason]:
    total = sum(weights.values())
    reasons = []
    if weights and total != WHOLE:
        reasons.append(Reason(_("The weights sum to %(sum)s, not to 100.") % {"sum": total}, "weight"))
    for part in weights:
        if part.parent_id not in (None, whole.pk):
            sentence = _("%(part)s is already a part of another objective.")
            reasons.append(Reason(sentence % {"part": part.reference}, "parent"))
    return reasons


# --- the handover ---


@transaction.atomic
def hand_over(
    mandate: Mandate,
    *,
    actor,
    slug: str,
    title_fr: str,
    ends_on: date,
    title_en: str = "",
    starts_on: date | None = None,
    objectives: Collection[Objective] = (),
) -> Mandate:
    """Opens the next mandate of the city, from the day of the handover unless said otherwise, and returns it.

    Carries the chosen objectives over as new ones that have not started: with their wording, owner, associates and
    indicators, without judgement, evidence and readings, and without a due date that lies before the new mandate. Parts stand
    for themselves until the new mandate weighs them. The old mandate and its objectives stay untouched. Refused where it has
    been handed over already, and for objectives that are not its own or not open.
    """
    if not (may(actor, "add", Mandate) and may(actor, "add", Objective)):
        raise PermissionDenied
    old = Mandate.objects.visible_to(actor).select_for_update(of=("self",)).get(pk=mandate.pk)
    keys = {objective.pk for objective in objectives}
    held = Objective.objects.visible_to(actor).select_for_update(of=("self",)).filter(pk__in=keys)
    chosen = list(held.order_by("pk"))
    if len(chosen) != len(keys):
        raise PermissionDenied
    if reasons := _why_not_handed_over(old, chosen):
        raise Refused(reasons)
    new = Mandate(
        slug=slug,
        city=old.city,
        title_fr=title_fr,
        title_en=title_en,
        starts_on=starts_on or old.ends_on,
        ends_on=ends_on,
        previous=old,
    )
    new.save()
    for objective in chosen:
        _carry_over(objective, new)
    return new


def _why_not_handed_over(old: Mandate, chosen: Collection[Objective]) -> list[Reason]:
    reasons = []
    if Mandate.objects.filter(previous=old).exists():
        reasons.append(Reason(_("The mandate has been handed over already.")))
    for objective in chosen:
        told = {"objective": objective.reference}
        if objective.mandate_id != old.pk:
            reasons.append(Reason(_("%(objective)s is of another mandate.") % told, "objectives"))
        elif not objective.is_open:
            reasons.append(Reason(_("%(objective)s is met or dropped: nothing is carried over.") % told, "objectives"))
    return reasons


_CARRIED = (
    "reference",
    "kind",
    "horizon",
    "wording_fr",
    "wording_en",
    "note_fr",
    "note_en",
    "owner",
    "owner_words_fr",
    "owner_words_en",
    "due_words_fr",
    "due_words_en",
)
_MEASURED = (
    "title_fr",
    "title_en",
    "measure",
    "parameter",
    "judged_words_fr",
    "judged_words_en",
    "unit",
    "direction",
    "target",
    "position",
)


def _carry_over(old: Objective, mandate: Mandate) -> Objective:
    new = Objective(
        mandate=mandate,
        continues=old,
        status=ObjectiveStatus.NOT_STARTED,
        **{name: getattr(old, name) for name in _CARRIED},
    )
    if old.due_on and old.due_on >= mandate.starts_on:
        new.due_on, new.due_on_precision = old.due_on, old.due_on_precision
    new.save()
    for associate in old.associates.order_by("pk"):
        ObjectiveAssociate(objective=new, person=associate.person, organisation=associate.organisation).save()
    for indicator in old.indicators.order_by("pk"):
        Indicator(objective=new, **{name: getattr(indicator, name) for name in _MEASURED}).save()
    return new


# --- readings ---


@transaction.atomic
def take_readings(*, actor, day: date | None = None) -> int:
    """Writes what every measured indicator reads on the day (today by default), over what an earlier run of that day wrote;
    returns how many. Of mandates that run on the day, without objectives that were dropped and periods that have not begun;
    of a past day, without what nobody can say of it any more. Refused for a day that has not come.
    """
    day = day or clock.today()
    if day > clock.today():
        raise Refused([Reason(_("This day has not come yet."), "day")])
    found = (
        Indicator.objects.visible_to(actor)
        .filter(objective__mandate__starts_on__lte=day, objective__mandate__ends_on__gte=day)
        .exclude(measure="")
        .exclude(objective__status=ObjectiveStatus.DROPPED)
        .select_related("objective__mandate")
        # Two runs at once write in one order, so that one waits and they do not collide.
        .order_by("pk")
    )
    taken = [(indicator, measured(actor, indicator, day)) for indicator in found]
    rows = [
        IndicatorReading(indicator=indicator, day=day, value=_stored(measure.value), computed_at=clock.real())
        for indicator, measure in taken
        if measure is not None
    ]
    IndicatorReading.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["indicator", "day"], update_fields=["value", "computed_at"]
    )
    return len(rows)


def _stored(value: Decimal | int | None) -> Decimal | None:
    return None if value is None else Decimal(value).quantize(Decimal("0.01"))


# --- the report to the Council ---


@REPORT_LIFE.service("adopt")
@transaction.atomic
def adopt_report(
    report: Report,
    *,
    actor,
    deliberation: Deliberation | None = None,
    adopted_on: date | None = None,
    reason: str = "",
    version: int | None = None,
) -> Report:
    """The Council has adopted it, or heard it: keeps what it states for everyone who signs in, and nothing that only some may
    read; from then on neither that nor its texts change. On `adopted_on` (today by default).

    Refused while a title, a text or a section lacks something, before its last day has come, and for a day to come or before
    that one. What is kept are the statements of the day on which this is recorded.
    """
    held = Report.objects.visible_to(actor).select_for_update(of=("self",)).get(pk=report.pk)
    values: dict[str, Any] = {"adopted_on": adopted_on or clock.today()}
    if deliberation:
        values["deliberation"] = deliberation
    if held.is_draft and may(actor, "change", Report):
        # Before the status says so: the database takes no statement of a report that is adopted already.
        ReportEntry.objects.bulk_create(frozen(held))
    stamps = {"frozen_on": clock.today()}
    return advance(REPORT_LIFE, held, "adopt", actor=actor, reason=reason, version=version, stamps=stamps, **values)

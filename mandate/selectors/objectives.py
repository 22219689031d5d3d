"""Mandates and their objectives: the one that runs, what is late, what is not met yet, how far the parts of a whole are."""

from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.db.models import Case, Count, F, Prefetch, Q, QuerySet, Value, When

from core import clock
from core.written import later
from events.enums import Horizon
from mandate.enums import JUDGED_AT, OPEN, MandateMilestone, ObjectiveStatus
from mandate.models import (
    EVIDENCE,
    Evidence,
    Mandate,
    Milestone,
    MilestoneDecision,
    Objective,
    ObjectiveAssociate,
    ObjectivePrecondition,
)
from partnerships.models import City

# What somebody should look at first.
_URGENCY = (
    ObjectiveStatus.LATE,
    ObjectiveStatus.AT_RISK,
    ObjectiveStatus.NOT_STARTED,
    ObjectiveStatus.ON_TRACK,
    ObjectiveStatus.MET,
    ObjectiveStatus.DROPPED,
)


# --- mandates ---


def mandates(reader) -> QuerySet[Mandate]:
    """Every mandate, the latest first, with what `Mandate.milestones()` needs."""
    decisions = MilestoneDecision.objects.visible_to(reader)
    return (
        Mandate.objects.visible_to(reader)
        .select_related("city", "previous")
        .prefetch_related(Prefetch("decisions", decisions))
        .order_by("-starts_on", "pk")
    )


def current_mandate(reader, *, city: City | None = None, day: date | None = None) -> Mandate | None:
    """The mandate that runs on the day (today by default), of the city where one is named.

    The day of the handover belongs to the new mandate, and to the old one while nobody recorded another.
    """
    day = day or clock.today()
    running = mandates(reader).filter(starts_on__lte=day, ends_on__gte=day)
    return (running.filter(city=city) if city else running).first()


# --- objectives ---


def objectives(reader, mandate: Mandate | None = None) -> QuerySet[Objective]:
    """Every objective (of the mandate, where one is given) with its owner and associates: late first, then at risk, then
    by what falls due soonest; what is met or dropped comes last. A fixed number of queries."""
    urgency = Case(*(When(status=state, then=Value(place)) for place, state in enumerate(_URGENCY)))
    # Within the same urgency what has not started and what is on track are alike: the date decides.
    rank = Case(When(status__in=_URGENCY[2:4], then=Value(2)), default=urgency)
    found = (
        Objective.objects.visible_to(reader)
        .select_related("mandate", "owner", "parent")
        .prefetch_related(later("associates", lambda: _associates(reader)))
        .order_by(rank, F("due_on").asc(nulls_last=True), "mandate", "pk")
    )
    return found.filter(mandate=mandate) if mandate else found


def _associates(reader) -> QuerySet[ObjectiveAssociate]:
    return ObjectiveAssociate.objects.visible_to(reader).select_related("person", "organisation")


def by_horizon(reader, mandate: Mandate) -> dict[str, list[Objective]]:
    """The objectives of the mandate by horizon, in the order of the terms; commitments without one under ""."""
    found: dict[str, list[Objective]] = {horizon: [] for horizon in (*Horizon.values, "")}
    for objective in objectives(reader, mandate):
        found[objective.horizon].append(objective)
    return {horizon: rows for horizon, rows in found.items() if rows}


def not_met(reader, mandate: Mandate, horizons: Collection[str]) -> QuerySet[Objective]:
    """What somebody still works towards, of these horizons: neither met nor dropped."""
    return objectives(reader, mandate).filter(horizon__in=horizons, status__in=OPEN)


def not_met_at(reader, mandate: Mandate, milestone: MandateMilestone) -> QuerySet[Objective]:
    """What is not met of that which the milestone judges, e.g. the first 100 days on day 100."""
    return not_met(reader, mandate, JUDGED_AT[milestone])


def by_status(reader, mandate: Mandate) -> dict[str, int]:
    """How many objectives of the mandate stand in each state; the parts of a larger one are not counted beside it."""
    counted = Objective.objects.visible_to(reader).filter(mandate=mandate, parent=None).order_by().values_list("status")
    return dict(counted.annotate(Count("pk")))


def progress(reader, mandate: Mandate) -> dict[int, Decimal]:
    """How much of each objective is met, in per cent, by its key: all or nothing, or where it has parts what they come to by
    their weights, however deep. What is dropped counts as not met. One query."""
    rows = list(Objective.objects.visible_to(reader).filter(mandate=mandate))
    parts: dict[int | None, list[Objective]] = {}
    for row in rows:
        parts.setdefault(row.parent_id, []).append(row)

    def share(row: Objective) -> Fraction:
        if row.pk not in parts:
            return Fraction(row.status == ObjectiveStatus.MET)
        return sum((Fraction(part.weight or 0, 100) * share(part) for part in parts[row.pk]), Fraction(0))

    return {row.pk: _percent(share(row)) for row in rows}


def _percent(share: Fraction) -> Decimal:
    return (Decimal(100 * share.numerator) / share.denominator).quantize(Decimal("0.01"))


# --- the rows of one objective ---


def parts_of(reader, objective: Objective) -> QuerySet[Objective]:
    """The objectives that it consists of, the heaviest first."""
    return Objective.objects.visible_to(reader).filter(parent=objective).order_by("-weight", "pk")


def preconditions(reader, objective: Objective) -> QuerySet[ObjectivePrecondition]:
    return ObjectivePrecondition.objects.visible_to(reader).filter(objective=objective).select_related("needs__mandate")


def milestones(reader, objective: Objective) -> QuerySet[Milestone]:
    return Milestone.objects.visible_to(reader).filter(objective=objective)


def open_milestones(reader) -> QuerySet[Milestone]:
    """Steps that are not reached, of objectives that somebody works towards, the soonest first."""
    return (
        Milestone.objects.visible_to(reader)
        .filter(reached_on=None, objective__status__in=OPEN)
        .select_related("objective__mandate", "objective__owner")
        .order_by(F("due_on").asc(nulls_last=True), "pk")
    )


def evidence_of(reader, objective: Objective) -> QuerySet[Evidence]:
    """What shows the objective, of what the reader may see; what she may not see is in no list and no count."""
    shown = Evidence.objects.of(Objective.objects.filter(pk=objective.pk), reader)
    return shown.select_related(*EVIDENCE)


def with_evidence_count(
    found: QuerySet[Objective], reader, shown: QuerySet[Evidence] | None = None
) -> QuerySet[Objective]:
    """Adds `shown_by`: how many pieces of evidence the reader sees of each, of all or of those that `Evidence.objects.of()`
    gave for these."""
    known = Evidence.objects.visible_to(reader) if shown is None else shown
    seen = Q(evidence__in=known.order_by().values("pk"))
    return found.annotate(shown_by=Count("evidence", filter=seen, distinct=True))


def without_evidence(found: Iterable[Objective]) -> list[Objective]:
    """Of objectives with `shown_by`, those that nothing shows yet."""
    return [objective for objective in found if not objective.shown_by]  # type: ignore[attr-defined]  # annotated by with_evidence_count()

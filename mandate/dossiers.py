"""Page-level reads: a mandate or an objective with all that its page shows, in a number of queries that does not grow with
the rows."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from core.models import BaseModel
from core.pages import attached, cited
from mandate import selectors
from mandate.models import EVIDENCE, Evidence, Indicator, Mandate, Milestone, Objective, ObjectivePrecondition
from mandate.selectors.objectives import with_evidence_count
from partnerships.models import Network


@dataclass(frozen=True)
class ObjectiveDossier:
    """An objective with its rows; `parts` have `shown_by`, the number of their pieces of evidence."""

    objective: Objective
    parts: list[Objective]
    preconditions: list[ObjectivePrecondition]
    needed_by: list[Objective]
    milestones: list[Milestone]
    indicators: list[Indicator]
    evidence: list[Evidence]


def chosen_mandate(reader) -> Mandate | None:
    """The mandate that runs; the latest one where none does."""
    return selectors.objectives.current_mandate(reader) or selectors.objectives.mandates(reader).first()


def objectives(reader, mandate: Mandate) -> list[Objective]:
    """Every objective of the mandate with `shown_by`, late first."""
    found = selectors.objectives.objectives(reader, mandate)
    return list(with_evidence_count(found, reader, Evidence.objects.of(found, reader)))


def objective_dossier(reader, slug: str, reference: str) -> ObjectiveDossier | None:
    """None for a stranger to it: what she may not see does not exist."""
    known = selectors.objectives.objectives(reader).filter(mandate__slug=slug, reference=reference)
    related = known.select_related("mandate", "owner", "parent__mandate", "continues__mandate", "continued_by__mandate")
    objective = related.prefetch_related(cited(reader, Objective), attached(reader, Objective)).first()
    if objective is None:
        return None
    rows = selectors.objectives
    shown = Evidence.objects.of(Objective.objects.filter(Q(pk=objective.pk) | Q(parent=objective)), reader)
    parts = rows.parts_of(reader, objective).select_related("mandate")
    evidence = shown.filter(objective=objective)
    waiting = Objective.objects.visible_to(reader).filter(preconditions__needs=objective).select_related("mandate")
    return ObjectiveDossier(
        objective=objective,
        parts=list(with_evidence_count(parts, reader, shown)),
        preconditions=list(rows.preconditions(reader, objective)),
        needed_by=list(waiting.order_by("pk")),
        milestones=list(rows.milestones(reader, objective)),
        indicators=list(selectors.indicators.indicators(reader, objective)),
        evidence=list(evidence.select_related(*EVIDENCE, "membership__network")),
    )


def shown_by_record(reader, record: BaseModel, name: str) -> QuerySet[Objective]:
    """The objectives that the record is evidence of (`name` is the column that names it); a network's memberships speak for
    it."""
    held = Q(membership__network=record) if isinstance(record, Network) else Q(**{name: record})
    found = Evidence.objects.naming(name, reader).filter(held).order_by().values("objective")
    return selectors.objectives.objectives(reader).filter(pk__in=found)

"""What was recorded of a mandate since a moment: its objectives, their steps, what shows them, and what was read."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import OuterRef, Subquery

from core.history import Turn, event_model, turns_since
from mandate.models import Evidence, IndicatorReading, Mandate, Milestone, Objective


@dataclass(frozen=True)
class Changes:
    """Turns by kind, the latest first, and of each indicator whose value is another one its last reading, with `was`."""

    objectives: list[Turn]
    milestones: list[Turn]
    evidence: list[Turn]
    readings: list[IndicatorReading]


def changes_since(reader, mandate: Mandate, moment: datetime) -> Changes:
    """Of the objectives that the mandate still has, as the reader may see them. Eight queries, whatever changed."""
    theirs = {"objective_id__in": Objective.objects.visible_to(reader).filter(mandate=mandate).order_by().values("pk")}
    shown = Evidence.seen_of(event_model(Evidence).objects.filter(**theirs), reader)
    return Changes(
        objectives=turns_since(Objective, reader, moment, mandate_id=mandate.pk),
        milestones=turns_since(Milestone, reader, moment, **theirs),
        evidence=turns_since(Evidence, reader, moment, seen=shown, **theirs),
        readings=_other_values(reader, mandate, moment),
    )


def _other_values(reader, mandate: Mandate, moment: datetime) -> list[IndicatorReading]:
    """Readings taken since, each the last of its indicator, where the one before the moment was of another value; a first
    reading tells of no change."""
    seen = IndicatorReading.objects.visible_to(reader).filter(indicator__objective__mandate=mandate)
    before = seen.filter(indicator=OuterRef("indicator"), computed_at__lte=moment).order_by("-day")
    last = (
        seen.filter(computed_at__gt=moment)
        .annotate(was=Subquery(before.values("value")[:1]), was_on=Subquery(before.values("day")[:1]))
        .filter(was_on__isnull=False)
        .select_related("indicator__objective")
        .order_by("indicator_id", "-day")
        .distinct("indicator_id")
    )
    return [row for row in last if row.value != row.was]

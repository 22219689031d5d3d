"""The home page: five questions answered in thirty seconds, each part with the way to all of its records."""

from dataclasses import dataclass
from typing import Any

from dateutil.relativedelta import relativedelta

from core import clock, deadlines
from core.access import may
from events.models import Mission
from mandate import cards, charts, dossiers, presentation
from mandate.decisions import told, waiting
from mandate.decisions.presentation import headline, shown
from mandate.models import Mandate, Objective
from mandate.selectors.synthesis import next_missions, next_sitting, open_promises_by_mission

DECISIONS, MISSIONS, DEADLINES = 5, 3, 4
DEADLINE_DAYS = 30


@dataclass(frozen=True)
class Coming:
    """A mission that comes next, with the number of promises still open with the cities where it goes."""

    mission: Mission
    open_promises: int


def synthesis(reader) -> dict[str, Any]:
    """What the home page shows this reader: at most five decisions, three missions and four deadlines, and how many there are."""
    today = clock.today()
    decisions = waiting(reader)
    missions = list(next_missions(reader)[:MISSIONS])
    promises = open_promises_by_mission(reader, missions)
    until = today + relativedelta(days=DEADLINE_DAYS)
    falls_due, due = deadlines.soonest(reader, since=today, until=until, first=DEADLINES)
    return {
        "headline": headline(decisions, next_sitting(reader)),
        "figures": cards.key_figures(reader),
        "decisions": shown(told(reader, decisions[:DECISIONS]), reader),
        "waiting": len(decisions),
        "mandate": _mandate(reader),
        "missions": [Coming(mission, promises[mission.pk]) for mission in missions],
        "deadlines": falls_due,
        "due": due,
    }


def _mandate(reader) -> dict[str, Any] | None:
    """The bar of the mandate that runs, and how its objectives stand in a sentence; None where no mandate is recorded."""
    found = dossiers.chosen_mandate(reader) if may(reader, "view", Mandate) else None
    if found is None:
        return None
    # No row of theirs is listed here, so that nothing else is read of them.
    read = ("mandate", "parent", "kind", "horizon", "status", "due_on", "due_on_precision")
    objectives = list(Objective.objects.visible_to(reader).filter(mandate=found).only(*read))
    return {"bar": charts.bar(found, objectives), "headline": presentation.headline(objectives), "record": found}

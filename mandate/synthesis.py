"""The home page: five questions answered in thirty seconds, each part with the way to all of its records."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from typing import Any

from dateutil.relativedelta import relativedelta
from django.utils.translation import gettext as _

from core import clock, deadlines
from core.access import may
from core.deadlines import Deadline
from events.enums import AgendaKind
from events.models import Delegation, Meeting, Mission
from mandate import cards, charts, dossiers, presentation
from mandate.decisions import first_waiting
from mandate.decisions.presentation import headline, shown
from mandate.models import Mandate, Milestone, Objective
from mandate.selectors.synthesis import (
    next_delegations,
    next_meetings,
    next_missions,
    next_sitting,
    open_promises_with,
)

DECISIONS, MISSIONS, MET, DEADLINES = 5, 3, 4, 4
DEADLINE_DAYS = 30


@dataclass(frozen=True)
class Coming:
    """Whom we meet next, on a trip, on a visit or in a meeting, with the number of promises still open with the cities met."""

    kind: AgendaKind
    record: Mission | Delegation | Meeting
    open_promises: int = 0

    @property
    def start(self) -> date | None:
        return self.record.day if isinstance(self.record, Meeting) else self.record.planned_start


def synthesis(reader) -> dict[str, Any]:
    """What the home page shows this reader: at most five decisions, four encounters, of which the next three
    missions, and four deadlines, and how many there are."""
    today = clock.today()
    sitting = next_sitting(reader)
    first = first_waiting(reader, DECISIONS, sitting.starts_on if sitting else None)
    until = today + relativedelta(days=DEADLINE_DAYS)
    falls_due, due = deadlines.soonest(reader, since=today, until=until, first=DEADLINES)
    mandate = _mandate(reader)
    return {
        "headline": headline(first.waiting, first.by_the_day, sitting),
        "figures": cards.key_figures(reader),
        "decisions": shown(first.decisions, reader),
        "waiting": first.waiting,
        "mandate": mandate,
        "coming": _coming(reader),
        "deadlines": [_told(deadline, mandate["record"] if mandate else None) for deadline in falls_due],
        "due": due,
    }


def _coming(reader) -> list[Coming]:
    """The next three missions, which no number of meetings hides, and in the rows that are left the soonest visits and meetings; by
    day, what has no date last. Of each kind the first are asked for, and no more."""
    missions, *others = (
        [Coming(kind, record) for record in build(reader)[:most]]
        for kind, build, most in (
            (AgendaKind.MISSION, next_missions, MISSIONS),
            (AgendaKind.DELEGATION, next_delegations, MET),
            (AgendaKind.MEETING, next_meetings, MET),
        )
    )
    first = _by_day([*missions, *_by_day(chain(*others))[: MET - len(missions)]])
    promises = open_promises_with(reader, [coming.record for coming in first])
    return [replace(coming, open_promises=count) for coming, count in zip(first, promises, strict=True)]


def _by_day(found: Iterable[Coming]) -> list[Coming]:
    return sorted(found, key=lambda coming: coming.start or date.max)


def _told(deadline: Deadline, shown: Mandate | None) -> Deadline:
    """What falls due of another mandate than the one that the page is about says of which."""
    record: Any = deadline.record
    objective = record.objective if isinstance(record, Milestone) else record
    if shown is None or not isinstance(objective, Objective) or objective.mandate_id == shown.pk:
        return deadline
    said = _("%(mandate)s — %(what)s") % {"mandate": objective.mandate.title, "what": deadline.what}
    return replace(deadline, what=said)


def _mandate(reader) -> dict[str, Any] | None:
    """The bar of the mandate that runs, and how its objectives stand in a sentence; None where no mandate is recorded."""
    found = dossiers.chosen_mandate(reader) if may(reader, "view", Mandate) else None
    if found is None:
        return None
    # No row of theirs is listed here, so that nothing else is read of them.
    read = ("mandate", "parent", "kind", "horizon", "status", "due_on", "due_on_precision")
    objectives = list(Objective.objects.visible_to(reader).filter(mandate=found).only(*read))
    return {"bar": charts.bar(found, objectives), "headline": presentation.headline(objectives), "record": found}

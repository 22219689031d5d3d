"""How decisions are shown: the verbs in place for those who may, and for the others what is waited for and who can."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import clock
from core.reminders.listing import distance
from core.reminders.words import listed as in_a_list
from core.templatetags.parvis import day, number
from events.models import CouncilSitting
from mandate.decisions.registry import Act, Decision, known


@dataclass(frozen=True)
class Way:
    """A verb or a page by which this reader may decide; a verb that must be justified is not the usual way."""

    label: str | Promise
    address: str
    is_usual: bool


@dataclass(frozen=True)
class Shown:
    """A decision in a list. `ways` are empty for a reader who may not decide: `awaits` says what is waited for, `who` can."""

    decision: Decision
    title: str
    ways: list[Way]
    awaits: str
    who: str

    @property
    def is_late(self) -> bool:
        return self.decision.due is not None and self.decision.due < clock.today()

    @property
    def distance(self) -> str:
        return distance((self.decision.due - clock.today()).days) if self.decision.due else ""


def shown(decisions: Iterable[Decision], reader) -> list[Shown]:
    """The decisions as this reader sees them. No guard is asked here: the page of the verb says what is still missing."""
    return [_shown(decision, reader) for decision in decisions]


def _shown(decision: Decision, reader) -> Shown:
    asked = known(decision.kind)
    assert asked is not None  # a decision comes from its source
    steps = asked.steps(decision.record)
    ways = []
    # The past is read only.
    if clock.past_day() is None and asked.is_decided_by(reader, decision.record):
        ways = [
            Way(step.label, reverse("mandate:decide", args=[decision.kind, decision.record.pk, step.verb]), place == 0)
            for place, step in enumerate(steps)
        ]
        ways += [Way(act.label, act.address, not ways) for act in decision.acts]
    roles = in_a_list([str(role.label) for role in asked.roles()])
    return Shown(decision, str(asked.title), ways, _awaits(steps, decision.acts, asked.title), roles)


def _awaits(steps, acts: tuple[Act, ...], title: str | Promise) -> str:
    first = next(iter([*(step.label for step in steps), *(act.label for act in acts)]), title)
    return str(first)


def headline(count: int, before: int, sitting: CouncilSitting | None) -> str:
    """The home page in a sentence: “3 decisions before the Council of 8 December 2015”, or why there is no such number. `before`
    of the decisions that wait fall due by the sitting."""
    if not count:
        return _("Nothing waits for a decision")
    if sitting is None:
        waiting = ngettext("%(count)s decision waits", "%(count)s decisions wait", count)
        return waiting % {"count": number(count)}
    council = {"day": day(sitting.starts_on)}
    if not before:
        return _("No decision before the Council of %(day)s") % council
    said = ngettext(
        "%(count)s decision before the Council of %(day)s", "%(count)s decisions before the Council of %(day)s", before
    )
    return said % {"count": number(before), **council}

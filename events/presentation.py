"""How missions, visits, events and promises are shown: their dates in words, their lives as steps, the sentences over lists."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from core import clock, dates
from core.citations import Cited
from core.templatetags.parvis import number
from core.translated import fallback_language
from events import rules
from events.enums import (
    AHEAD,
    SERIES,
    DelegationStatus,
    EventStatus,
    MeetingStatus,
    MissionStatus,
    ParticipantRole,
    PromiseStatus,
    Quality,
)
from events.models import Delegation, EmissionFactor, Event, Leg, Meeting, Mission, Outcome, Participant, Promise, Tie
from events.models.links import LED_TO, TIED_FROM, TIED_TO
from partnerships.presentation import LifeStep

# --- dates ---


def span(start: date | None, precision: str, end: date | None = None, end_precision: str = "") -> str:
    """From when to when, as exactly as it is known; one date where both read the same."""
    first, last = dates.display(start, precision), dates.display(end, end_precision)
    return f"{first} – {last}" if first and last and last != first else first or last


def when_of(record: Any) -> str:
    """When an occasion takes place or took place, or the words that say so where no date does; empty where nothing does.

    Of a meeting its day, of a promise the day on which it was made.
    """
    if isinstance(record, Meeting):
        return dates.display(record.day, record.day_precision)
    if isinstance(record, Promise):
        return dates.display(record.made_on, record.made_on_precision)
    return span(*record.starts, *record.ends) or record.when


def day_has_passed(record: Any) -> bool:
    """Whether something that nobody has recorded as over should be: its last day is behind us.

    Of a series that has begun, nobody knows when it ends unless its end is recorded.
    """
    if isinstance(record, Meeting):
        last, precision, ahead = record.day, record.day_precision, record.status == MeetingStatus.PLANNED
    else:
        (first, first_precision), (end, end_precision) = record.starts, record.ends
        last, precision = (end, end_precision) if end else (first, first_precision)
        is_series = isinstance(record, Event) and any(record.kind in kinds for kinds in SERIES.values())
        ahead = record.status in AHEAD and not (is_series and end is None)
    return bool(ahead and last and dates.last_day(last, precision) < clock.today())


# --- lives ---

_PATHS: dict[type[models.Model], tuple[tuple[Any, str], ...]] = {
    Mission: (
        (MissionStatus.IDEA, ""),
        (MissionStatus.PLANNED, "plan"),
        (MissionStatus.CONFIRMED, "confirm"),
        (MissionStatus.DONE, "complete"),
    ),
    Delegation: (
        (DelegationStatus.PLANNED, ""),
        (DelegationStatus.CONFIRMED, "confirm"),
        (DelegationStatus.RECEIVED, "receive"),
    ),
    Event: ((EventStatus.PLANNED, ""), (EventStatus.CONFIRMED, "confirm"), (EventStatus.HELD, "hold")),
    Meeting: ((MeetingStatus.PLANNED, ""), (MeetingStatus.HELD, "hold")),
    Promise: ((PromiseStatus.OPEN, ""), (PromiseStatus.KEPT, "keep")),
}


def life_steps(record: Any) -> list[LifeStep]:
    """From the first state to the last, with what is missing for the steps to come; what ended otherwise ends there.

    What the last step itself asks for (the day on which it happened) is not missing before it. What a trip that took place
    left without stays named.
    """
    path = _path(record)
    states = [str(state) for state, _verb in path]
    if record.status not in states:
        return [
            LifeStep(capfirst(str(path[0][0].label)), "done"),
            LifeStep(capfirst(record.get_status_display()), "current", dates.display(_settled(record), "day")),
        ]
    reached = states.index(record.status)
    steps: list[LifeStep] = []
    named: set[str] = set()
    for position, (state, verb) in enumerate(path):
        label = capfirst(str(state.label))
        if position <= reached:
            is_last = position == len(path) - 1
            when = _when_reached(record, is_last)
            lacked = rules.left_without(record) if is_last and isinstance(record, Mission) else ()
            steps.append(LifeStep(label, "current" if position == reached else "done", when, tuple(lacked)))
            continue
        asked = record.life.transition(verb).fields if position == len(path) - 1 else ()
        missing = [reason for reason in record.life.missing(record, verb) if reason.field not in asked]
        steps.append(LifeStep(label, "todo", missing=tuple(row for row in missing if str(row) not in named)))
        named |= {str(reason) for reason in missing}
    return steps


def _path(record: Any) -> Sequence[tuple[Any, str]]:
    """An event may be held without having been confirmed: of one that was held nobody need have recorded that step."""
    path = _PATHS[type(record)]
    return (path[0], path[2]) if isinstance(record, Event) and record.status == EventStatus.HELD else path


def _when_reached(record: Any, is_last: bool) -> str:
    if not is_last:
        return ""
    return dates.display(record.closed_on, "day") if isinstance(record, Promise) else when_of(record)


def _settled(record: Any) -> date | None:
    return record.closed_on if isinstance(record, Promise) else None


# --- who takes part ---


@dataclass
class People:
    """Those who take part in one quality, for our City or (without quality) for others."""

    title: str
    rows: list[Participant] = field(default_factory=list)

    @property
    def counted(self) -> str:
        """How many they are: `3`, `at least 3` where a number is not known, nothing where none is."""
        heads = [1 if row.person_id else row.headcount for row in self.rows]
        known = sum(count for count in heads if count)
        if None not in heads:
            return number(known)
        return _("at least %(count)s") % {"count": number(known)} if known else pgettext("people", "number not known")

    @property
    def is_counted(self) -> bool:
        """Whether any of their number is known."""
        return any(row.person_id or row.headcount for row in self.rows)


def people(participants: Iterable[Participant]) -> list[People]:
    """The participants by quality: elected members, staff, civil society, then the others; the head first."""
    titles = {
        Quality.ELECTED.value: _("Elected members"),
        Quality.STAFF.value: _("Staff of the City"),
        Quality.CIVIL_SOCIETY.value: _("Civil society"),
        "": _("Others who take part"),
    }
    groups = {quality: People(title) for quality, title in titles.items()}
    for row in sorted(participants, key=lambda taking: (taking.role != ParticipantRole.HEAD, taking.pk)):
        groups[row.quality].rows.append(row)
    return [group for group in groups.values() if group.rows]


def names_others(groups: Iterable[People]) -> bool:
    """Whether anybody is named who takes part for others than our City."""
    return any(not row.quality for group in groups for row in group.rows)


def factors(legs: Iterable[Leg]) -> list[tuple[EmissionFactor, Cited]]:
    """The emission factors that the legs use, each once, with where it comes from."""
    found = {leg.factor.pk: leg.factor for leg in legs if leg.factor}
    return [(factor, Cited(factor.source)) for factor in found.values()]


def cost_variance(mission: Mission) -> Decimal | None:
    """What the mission cost, minus what was planned (EUR); None where one of them is not known."""
    if mission.actual_cost is None or mission.planned_cost is None:
        return None
    return mission.actual_cost - mission.planned_cost


# --- what things are tied to, and what they led to ---


@dataclass(frozen=True)
class Named:
    """A record in a list of records of several kinds: what it is, what it is called, where it is read."""

    kind: str
    text: str
    link: str = ""
    lang: str = ""
    when: str = ""
    status: str = ""


def named(record: Any, kind: object = "") -> Named:
    """A record of any kind, with its date and status where it is one of this floor."""
    name = next(field for field in ("title", "what", "name") if hasattr(record, field))
    own = record._meta.app_label == "events"
    return Named(
        kind=capfirst(str(kind or record._meta.verbose_name)),
        text=getattr(record, name),
        link=record.get_absolute_url() if hasattr(record, "get_absolute_url") else "",
        lang=fallback_language(record, name),
        when=when_of(record) if own else "",
        status=record.get_status_display() if own else "",
    )


def recalled(record: Any) -> Named:
    """A past occasion as it is named anywhere; of a meeting, what was said is what one comes back for."""
    row = named(record)
    return replace(row, link=f"{row.link}#notes") if isinstance(record, Meeting) else row


def tied_to(ties: Iterable[Tie]) -> list[Named]:
    """What an occasion or a promise is about, in the order of kinds."""
    found = [(name, getattr(tie, name)) for tie in ties for name in TIED_TO if getattr(tie, f"{name}_id")]
    found.sort(key=lambda pair: TIED_TO.index(pair[0]))
    return [named(record, _label(Tie, name)) for name, record in found]


def tied_from(ties: Iterable[Tie], outcomes: Iterable[Outcome] = ()) -> list[Named]:
    """The occasions and promises that are about a record of a lower floor, or led to it, each once, in the order of kinds."""
    found = {(name, getattr(tie, name).pk): getattr(tie, name) for tie in ties for name in TIED_FROM if _has(tie, name)}
    for outcome in outcomes:
        found |= {
            (name, getattr(outcome, name).pk): getattr(outcome, name) for name in LED_TO[:3] if _has(outcome, name)
        }
    kinds = sorted(found, key=lambda key: TIED_FROM.index(key[0]))
    return [named(found[key], _label(Tie, key[0])) for key in kinds]


def _has(row: models.Model, name: str) -> bool:
    return getattr(row, f"{name}_id", None) is not None


def _label(model: type[models.Model], name: str) -> object:
    return model._meta.get_field(name).verbose_name  # type: ignore[union-attr]  # a column, which has one


@dataclass(frozen=True)
class Result:
    """What came out of an occasion, and the record that it led to, where there is one."""

    outcome: Outcome
    led_to: Named | None


def results(outcomes: Iterable[Outcome]) -> list[Result]:
    return [Result(row, named(row.result) if row.result else None) for row in outcomes]


def causes(outcomes: Iterable[Outcome]) -> list[tuple[Outcome, Named]]:
    """The occasions whose outcome a record is, each with the words of that outcome."""
    return [(row, named(row.subject)) for row in outcomes]


# --- sentences ---


def missions_headline(ahead: int, done: int) -> str:
    """`2 missions in preparation, 5 took place`."""
    if not ahead and not done:
        return _("No mission is recorded")
    coming = ngettext("%(count)s mission in preparation", "%(count)s missions in preparation", ahead)
    return _ahead_and_past(coming % {"count": number(ahead)} if ahead else _("no mission in preparation"), done)


def events_headline(ahead: int, held: int, in_world: int) -> str:
    """`4 events planned, 9 took place, 2 in the world`: the last ones are not the City's, whether they are over or not."""
    if not ahead and not held and not in_world:
        return _("No event is recorded")
    coming = ngettext("%(count)s event planned", "%(count)s events planned", ahead)
    ours = _ahead_and_past(coming % {"count": number(ahead)} if ahead else _("no event planned"), held)
    others = ngettext("%(count)s in the world", "%(count)s in the world", in_world) % {"count": number(in_world)}
    return f"{ours}, {others}" if in_world else ours


def _ahead_and_past(ahead: str, past: int) -> str:
    took_place = ngettext("%(count)s took place", "%(count)s took place", past) % {"count": number(past)}
    return capfirst(f"{ahead}, {took_place}" if past else ahead)


def delegations_headline(received: int, expected: int) -> str:
    """`12 delegations received, 2 expected`."""
    if not received and not expected:
        return _("No delegation is recorded")
    came = ngettext("%(count)s delegation received", "%(count)s delegations received", received)
    came = came % {"count": number(received)} if received else _("no delegation received yet")
    coming = ngettext("%(count)s expected", "%(count)s expected", expected) % {"count": number(expected)}
    return capfirst(f"{came}, {coming}" if expected else came)


def promises_headline(still_open: int, overdue: int, recorded: bool) -> str:
    """`3 open promises, 1 overdue`."""
    if not still_open:
        return _("Every promise is settled") if recorded else _("No promise is recorded")
    opened = ngettext("%(count)s open promise", "%(count)s open promises", still_open) % {"count": number(still_open)}
    late = ngettext("%(count)s overdue", "%(count)s overdue", overdue) % {"count": number(overdue)}
    return f"{opened}, {late if overdue else _('none overdue')}"


def agenda_headline(month: object, count: int) -> str:
    """`June 2015: 5 entries`."""
    if not count:
        return _("%(month)s: nothing on a known day") % {"month": month}
    said = ngettext("%(month)s: %(count)s entry", "%(month)s: %(count)s entries", count)
    return said % {"month": month, "count": number(count)}

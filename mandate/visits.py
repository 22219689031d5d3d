"""What changed on a mandate's page since its reader was there before: kept in her session, told from history."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import clock
from core.history import Turn
from core.templatetags.parvis import number
from core.translated import fallback_language
from mandate import selectors
from mandate.enums import ObjectiveStatus
from mandate.models import Mandate, Milestone, Objective
from mandate.presentation import reads
from mandate.selectors.changes import Changes

SHOWN = 6
# Whoever was away so long comes for a new visit; until then the page goes on telling the same.
AWAY = timedelta(minutes=30)
# How exactly the session knows when she was last here: it is not written for each look.
EXACTLY = timedelta(minutes=5)
FIRST_VISIT = timedelta(days=30)
KEY = "mandate-visits"


# --- since when ---


@dataclass(frozen=True)
class Visit:
    """From when on changes are told: the reader's last visit, or thirty days ago where none is known."""

    since: datetime
    is_first: bool


def visit(session, mandate: Mandate) -> Visit:
    """The visit that this look at the mandate's page belongs to; the session keeps it."""
    now = clock.real()
    known = session.get(KEY, {}).get(str(mandate.pk), {})
    seen, since = _moment(known.get("seen")), _moment(known.get("since"))
    if seen and now - seen > AWAY:
        since = seen
    if seen is None or now - seen > EXACTLY:
        kept = {"seen": now.isoformat(), "since": since.isoformat() if since else None}
        session[KEY] = {**session.get(KEY, {}), str(mandate.pk): kept}
    return Visit(since or now - FIRST_VISIT, is_first=since is None)


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


# --- in words ---


@dataclass(frozen=True)
class Words:
    """`label`, then the `title` of what it is about, in `language` where that is not the reader's, then `detail`."""

    label: str
    title: str = ""
    language: str = ""
    detail: str = ""


@dataclass
class Changed:
    """An objective with what changed about it, the latest first."""

    objective: Objective
    at: datetime
    words: list[Words] = field(default_factory=list)


@dataclass(frozen=True)
class News:
    visit: Visit
    count: int
    shown: list[Changed]

    @property
    def more(self) -> int:
        return self.count - len(self.shown)


def news(reader, mandate: Mandate, objectives: list[Objective], known: Visit) -> News:
    """What changed since the visit, by objective, those that changed last first; `objectives` are those of the page."""
    found: dict[int, Changed] = {}
    by_key = {objective.pk: objective for objective in objectives}
    for key, at, words in _told(selectors.changes.changes_since(reader, mandate, known.since)):
        if key in by_key:
            changed = found.setdefault(key, Changed(by_key[key], at))
            changed.at = max(changed.at, at)
            changed.words.append(words)
    rows = sorted(found.values(), key=lambda changed: changed.at, reverse=True)
    return News(known, len(rows), rows[:SHOWN])


def _told(changes: Changes) -> Iterator[tuple[int, datetime, Words]]:
    """Each change with the key of its objective."""
    for turn in changes.objectives:
        for words in _of_objective(turn):
            yield turn.key, turn.at, words
    for turn in changes.milestones:
        yield _end(turn).objective_id, turn.at, _of_milestone(turn)
    yield from _of_evidence(changes.evidence)
    for reading in changes.readings:
        before = reads(reading.indicator, reading.was)  # type: ignore[attr-defined]  # annotated
        values = {"value": reads(reading.indicator, reading.value), "before": before}
        detail = _("— %(value)s, before %(before)s") % values
        yield reading.indicator.objective_id, reading.computed_at, _about(_("read:"), reading.indicator, detail)


def _end(turn: Turn):
    """The record as it was last."""
    return turn.before if turn.after is None else turn.after


def _about(label: str, record: models.Model, detail: str = "") -> Words:
    """`record` has a title in two languages; events of one have the same columns."""
    return Words(label, Milestone.title.__get__(record), fallback_language(record, "title"), detail)


def _of_objective(turn: Turn) -> Iterator[Words]:
    if turn.before is None:
        yield Words(_("new on the list"))
    fields = turn.changed(Objective)
    if any(column.name == "status" for column in fields):
        before, after = (ObjectiveStatus(event.status).label for event in (turn.before, turn.after))
        yield Words(_("%(before)s → %(after)s") % {"before": before, "after": after})
    # Why and since when it stands so belongs to how it stands.
    others = [
        str(column.verbose_name) for column in fields if column.name not in ("status", "status_reason", "judged_on")
    ]
    if others:
        yield Words(_("changed: %(fields)s") % {"fields": ", ".join(others)})


def _of_milestone(turn: Turn) -> Words:
    end = _end(turn)
    if turn.after is None:
        label = _("milestone taken away:")
    elif end.reached_on and not (turn.before and turn.before.reached_on):
        label = _("milestone reached:")
    else:
        label = _("milestone changed:") if turn.before else _("new milestone:")
    return _about(label, end)


def _of_evidence(turns: list[Turn]) -> Iterator[tuple[int, datetime, Words]]:
    """Pieces of evidence have no title of their own: they are counted."""
    counted: dict[tuple[int, str], list[Turn]] = {}
    for turn in turns:
        kind = "gone" if turn.after is None else "changed" if turn.before else "new"
        counted.setdefault((_end(turn).objective_id, kind), []).append(turn)
    for (key, kind), same in counted.items():
        yield key, same[0].at, Words(_evidence(kind, len(same)))


def _evidence(kind: str, count: int) -> str:
    said = {
        "new": ngettext("%(count)s new piece of evidence", "%(count)s new pieces of evidence", count),
        "changed": ngettext("%(count)s piece of evidence changed", "%(count)s pieces of evidence changed", count),
        "gone": ngettext("%(count)s piece of evidence taken away", "%(count)s pieces of evidence taken away", count),
    }
    return said[kind] % {"count": number(count)}

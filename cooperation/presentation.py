"""How cooperation is shown: a project's life as steps, the sentences over lists and charts, turns in culture, gates of calls."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cooperation.charts import Bar, bars, percent
from cooperation.enums import (
    MARKERS,
    PROJECT_LIFE,
    ROTATING,
    STOPPED,
    CulturalKind,
    CulturalStatus,
    Gate,
    Mode,
    ProjectStage,
)
from cooperation.models import CulturalProject, ExpertAssignment, Framework, FundingCall, Project, PurposeCode, Theme
from cooperation.rules import unfiled
from cooperation.selectors.calls import Advice, Desk, Match
from cooperation.selectors.culture import Turn
from core import dates
from core.exceptions import Reason
from core.figures import Row, value_of
from core.templatetags.parvis import euros, number
from partnerships.presentation import LifeStep


def counted_projects(count: int) -> str:
    return ngettext("%(count)s project", "%(count)s projects", count) % {"count": number(count)}


def counted_cities(count: int) -> str:
    return ngettext("%(count)s city", "%(count)s cities", count) % {"count": number(count)}


def headline(under_way: int, cities: int) -> str:
    """Where we stand, in a sentence: `15 projects under way in 17 cities`."""
    if not under_way:
        return _("No project is under way")
    projects = ngettext("%(count)s project under way", "%(count)s projects under way", under_way)
    projects %= {"count": number(under_way)}
    if not cities:
        return projects
    return _("%(projects)s in %(cities)s") % {"projects": projects, "cities": counted_cities(cities)}


def calls_headline(advices: Sequence[Advice]) -> str:
    """How many calls are open, and how many of them could pay a live project."""
    if not advices:
        return _("No funding call is open")
    opened = ngettext("%(count)s funding call is open", "%(count)s funding calls are open", len(advices))
    matching = sum(bool(advice.matches) for advice in advices)
    if not matching:
        matched = _("none matches our projects")
    else:
        matched = ngettext("%(count)s matches our projects", "%(count)s match our projects", matching)
    return f"{opened % {'count': number(len(advices))}}, {matched % {'count': number(matching)}}"


# --- a project's life ---

_PATH = (
    (ProjectStage.IDEA, ""),
    (ProjectStage.IN_PREPARATION, "prepare"),
    (ProjectStage.ADOPTED, "adopt"),
    (ProjectStage.UNDER_WAY, "start"),
    (ProjectStage.COMPLETED, "complete"),
)


def life_steps(project: Project) -> list[LifeStep]:
    """From the idea to the completion, with what is missing for the steps to come; a project that was stopped ends there."""
    stopped = project.stage in STOPPED
    states = [stage.value for stage, _verb in _PATH]
    reached = _reached_before(project) if stopped else states.index(project.stage)
    steps: list[LifeStep] = []
    named: set[str] = set()
    for position, (stage, verb) in enumerate(_PATH):
        label = capfirst(str(stage.label))
        if position <= reached:
            state = _state(project, stage, position == reached and not stopped)
            steps.append(LifeStep(label, state, _when(project, stage)))
        elif not stopped:
            reasons = tuple(reason for reason in PROJECT_LIFE.missing(project, verb) if str(reason) not in named)
            named |= {str(reason) for reason in reasons}
            steps.append(LifeStep(label, "todo", missing=reasons))
    if stopped:
        steps.append(LifeStep(capfirst(project.get_stage_display()), "current"))
    return steps


def _reached_before(project: Project) -> int:
    """How far a project that was stopped had come, as far as its record tells."""
    if project.actual_start_precision:
        return 3
    return 2 if project.deliberation else 1


def _state(project: Project, stage: ProjectStage, is_current: bool) -> str:
    if is_current:
        return "current"
    return "undocumented" if stage == ProjectStage.ADOPTED and project.deliberation is None else "done"


def _when(project: Project, stage: ProjectStage) -> str:
    if stage == ProjectStage.ADOPTED:
        deliberation = project.deliberation
        if deliberation is None:
            return _("deliberation not known")
        voted = dates.display(deliberation.voted_on, deliberation.voted_on_precision)
        return ", ".join(part for part in (voted, deliberation.number or "") if part)
    if stage == ProjectStage.UNDER_WAY:
        return dates.display(project.actual_start, project.actual_start_precision)
    if stage == ProjectStage.COMPLETED:
        return dates.display(project.actual_end, project.actual_end_precision)
    return ""


def next_missing(project: Project) -> tuple[Reason, ...]:
    """What the next step of its life still lacks; nothing for a project that is over or stands still."""
    for position, (stage, _verb) in enumerate(_PATH[:-1]):
        if project.stage == stage:
            return tuple(PROJECT_LIFE.missing(project, _PATH[position + 1][1]))
    return ()


# --- how a project is classed ---


def purposes(project: Project, codes: Iterable[PurposeCode]) -> list[tuple[PurposeCode, Decimal]]:
    """The DAC purpose codes of the project with their percentages, the largest first."""
    named = {code.code: code for code in codes}
    shares = [(named[code], Decimal(share)) for code, share in project.purposes.items() if code in named]
    return sorted(shares, key=lambda pair: (-pair[1], pair[0].code))


def markers(project: Project) -> list[tuple[str, str]]:
    """The policy markers that somebody scored, with the score in words."""
    scored = [name for name in MARKERS if getattr(project, name) is not None]
    return [
        (capfirst(str(Project._meta.get_field(name).verbose_name)), getattr(project, f"get_{name}_display")())  # type: ignore[union-attr]
        for name in scored
    ]


def modes(project: Project) -> list[str]:
    return [str(Mode(mode).label) for mode in project.modes]


@dataclass(frozen=True)
class Days:
    """Person-days: the sum of those that are known, and for how many of the assignments nobody recorded them."""

    sum: Decimal
    unknown: int
    of: int

    @property
    def is_known(self) -> bool:
        return self.unknown < self.of


def person_days(assignments: Sequence[ExpertAssignment], name: str) -> Days:
    """The person-days (`days_planned` or `days_actual`) of the assignments together."""
    days = [getattr(assignment, name) for assignment in assignments]
    known = [value for value in days if value is not None]
    return Days(sum(known, Decimal(0)), len(days) - len(known), len(days))


# --- the portfolio's charts ---

# How many bars a chart draws (as its template has it); the rest stand in its table.
DRAWN = 8


def _list(**query: str) -> str:
    return f"{reverse('cooperation:projects')}?{urlencode(query)}#results"


def stage_bars(by_stage: dict[str, int]) -> list[Bar]:
    """How many projects stand at each stage, in the order of a project's life; stages with none are left out."""
    rows = [(stage, by_stage[stage]) for stage in ProjectStage if by_stage.get(stage)]
    return bars(
        (capfirst(str(stage.label)), count, counted_projects(count), _list(stage=stage.value, part="false"))
        for stage, count in rows
    )


def stage_message(by_stage: dict[str, int]) -> str:
    """What the chart of stages says: how many of all the projects are under way."""
    whole = sum(by_stage.values())
    if not whole:
        return _("No project is recorded")
    begun = by_stage.get(ProjectStage.UNDER_WAY, 0)
    said = ngettext(
        "%(part)s of %(whole)s projects is under way", "%(part)s of %(whole)s projects are under way", begun
    )
    return said % {"part": number(begun), "whole": number(whole)}


def theme_bars(themes: Iterable[Theme], without: int) -> list[Bar]:
    """Live projects by field, the most frequent first, and those without a field."""
    found = sorted(
        ((theme, theme.live_projects) for theme in themes if theme.live_projects),  # type: ignore[attr-defined]  # annotated by the selector that reads the rows
        key=lambda pair: -pair[1],
    )
    rows = [(str(theme), count, counted_projects(count), _list(theme=theme.slug)) for theme, count in found]
    if without:
        # Among those that are drawn, however many fields there are.
        rows.insert(DRAWN - 1, (_("Not stated"), without, counted_projects(without), ""))
    return bars(rows)


def theme_message(themes: Iterable[Theme]) -> str:
    """What the chart of fields says: the field with the most live projects."""
    counts = [(theme.live_projects, str(theme)) for theme in themes if theme.live_projects]  # type: ignore[attr-defined]
    if not counts:
        return _("No live project states its field")
    most = max(count for count, _name in counts)
    first = [name for count, name in counts if count == most]
    said = ngettext("Most live projects: %(fields)s", "Most live projects, equally: %(fields)s", len(first))
    return said % {"fields": ", ".join(first[:3]) + ("…" if len(first) > 3 else "")}


def ratio_bars(rows: Iterable[Row]) -> list[Bar]:
    """External euros for one euro of the City, by field; fields in which the City committed none are left out."""
    measured = [(row, Decimal(value)) for row in rows if (value := value_of(row.measured)) is not None]
    measured.sort(key=lambda pair: -pair[1])
    return bars((str(row.label), value, euros(value), _list(theme=row.key)) for row, value in measured)


@dataclass(frozen=True)
class Use:
    """A framework agreement and how much of its width is used (nothing where its amount is not known)."""

    framework: Framework
    width: str


def use(framework: Framework) -> Use:
    known = framework.amount is not None and framework.amount > 0
    return Use(framework, percent(framework.used, framework.amount) if known else "")  # type: ignore[attr-defined,arg-type]


# --- calls ---


@dataclass(frozen=True)
class Matched:
    """The projects that a call could pay: what all of them lack is said once (`common`), and beside each what it lacks more."""

    advice: Advice
    common: list[Reason]
    projects: list[tuple[Match, list[Reason]]]


def matched(advice: Advice) -> Matched:
    lacks = [{str(reason) for reason in match.missing} for match in advice.matches]
    shared = set.intersection(*lacks) if len(lacks) > 1 else set()
    return Matched(
        advice,
        [reason for reason in advice.matches[0].missing if str(reason) in shared] if shared else [],
        [(match, [reason for reason in match.missing if str(reason) not in shared]) for match in advice.matches],
    )


@dataclass(frozen=True)
class GateState:
    """A gate of a call: `closed` says what would open it; `by_project` that each project opens it for itself."""

    label: str
    closed: Reason | None = None
    by_project: bool = False


def gates(call: FundingCall, desk: Desk) -> list[GateState]:
    """The gates of the call as they stand today for the City."""
    closed = unfiled(call, desk.filings)
    return [
        GateState(capfirst(str(Gate(gate).label)), closed.get(gate), by_project=gate == Gate.COMMITMENT)
        for gate in call.all_gates
    ]


@dataclass(frozen=True)
class CallRow:
    """A call that is open or will be, with what to make of it, and how many of its gates are closed."""

    call: FundingCall
    advice: Advice
    closed: int


def call_rows(calls: Iterable[FundingCall], desk: Desk) -> list[CallRow]:
    """The calls that have a deadline to come, the soonest first."""
    advised = [(call, desk.advise(call)) for call in calls]
    rows = [CallRow(call, advice, len(unfiled(call, desk.filings))) for call, advice in advised if advice]
    return sorted(rows, key=lambda row: (row.advice.deadline, row.call.identifier))


# --- culture ---


@dataclass(frozen=True)
class TurnRow:
    """A line of the rotation table: by year, the cultural projects and whether they come at once after others."""

    name: str
    cells: list[tuple[int, list[CulturalProject], bool]]


def turn_rows(turns: Iterable[Turn], years: Sequence[int]) -> list[TurnRow]:
    return [
        TurnRow(turn.name, [(year, turn.by_year.get(year, []), year in turn.repeated) for year in years])
        for turn in turns
    ]


def runs(turn: Turn) -> str:
    """The years in which somebody came back at once: `2014–2015`, `2012–2014, 2016–2017`."""
    found: list[list[int]] = []
    for year in turn.repeated:
        if found and found[-1][1] == year - 1:
            found[-1][1] = year
        else:
            found.append([year - 1, year])
    return ", ".join(f"{first}–{last}" for first, last in found)


@dataclass(frozen=True)
class CulturalGroup:
    """The cultural projects of some kinds under one title; `none` says that there are none, and what that means."""

    anchor: str
    title: str
    none: str
    projects: list[CulturalProject]


def cultural_groups(found: Iterable[CulturalProject]) -> list[CulturalGroup]:
    found = list(found)

    def group(anchor: str, title: str, none: str, *kinds: str) -> CulturalGroup:
        return CulturalGroup(anchor, title, none, [project for project in found if project.kind in kinds])

    return [
        group("works", _("Works and tours"), _("No work or tour is recorded."), *ROTATING),
        group("tandems", _("Tandems between two cities"), _("No tandem is recorded."), CulturalKind.TANDEM),
        group("seasons", _("Seasons of a country"), _("No season is recorded."), CulturalKind.SEASON),
        group(
            "centres",
            _("Foreign cultural centres supported"),
            _("No foreign cultural centre is recorded."),
            CulturalKind.CENTRE,
        ),
    ]


def without_year(found: Iterable[CulturalProject]) -> list[CulturalProject]:
    """Works and tours that no turn can be judged on, because nobody recorded their year."""
    return [
        project
        for project in found
        if project.kind in ROTATING and project.year is None and project.status != CulturalStatus.CANCELLED
    ]

"""What the pages of a mandate say, and how: values with their units, how objectives stand, who answers for them."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from cooperation.cards import projects_list
from core import clock, dates
from core.figures import Query
from core.models import Document
from core.templatetags.parvis import day, euros, number
from mandate import selectors
from mandate.enums import ObjectiveKind, ObjectiveStatus
from mandate.measures import NOTHING, Measure, registered
from mandate.models import Evidence, Indicator, Objective
from mandate.selectors.firsts import first_of
from mandate.selectors.indicators import Trend
from mandate.selectors.places import CityEuros
from partnerships.models import City, Membership
from solidarity.cards import grants_list

SHOWN = 10
# In colour and in words: what is late or at risk, and what is done.
TONES = {ObjectiveStatus.LATE: "alert", ObjectiveStatus.AT_RISK: "soon"}


# --- euros of a city ---


@dataclass(frozen=True)
class Proved:
    """What the City has committed for a city (EUR), as `selectors.places` counts it: in all, or from the first to the last of the
    years. `grants` and `projects` are the addresses of the records that add up to it."""

    city: City
    euros: CityEuros
    years: tuple[int, int] | None = None

    @property
    def grants(self) -> str:
        asked: Query = {"counted_in": self.city.slug}
        if self.years:
            asked |= {"year_min": str(self.years[0]), "year_max": str(self.years[1])}
        return grants_list(asked)

    @property
    def projects(self) -> str:
        asked: Query = {"own_cash_in": self.city.slug}
        if self.years:
            asked |= {"own_cash_after": f"{self.years[0]}-01-01", "own_cash_before": f"{self.years[1]}-12-31"}
        return projects_list(asked)


# --- values ---


def quantity(value: Decimal | int | None, unit: str) -> str:
    """The value with its unit (count, percent, EUR, ratio or words); empty where there is none, which is not 0."""
    if value is None:
        return ""
    if unit == "EUR":
        return euros(value)
    figure = number(Decimal(value).normalize())
    if unit == "percent":
        return f"{figure}\N{NO-BREAK SPACE}%"
    return figure if unit in ("", "count", "ratio") else f"{figure} {unit}"


def nothing(indicator: Indicator) -> str:
    """What is said of an indicator that was measured and has no value."""
    known = registered().get(indicator.measure)
    return str(known.nothing if known else NOTHING)


def reads(indicator: Indicator, value: Decimal | int | None) -> str:
    return quantity(value, indicator.unit) or nothing(indicator)


def target(indicator: Indicator) -> str:
    """“at least 3”; empty where no target is set."""
    if indicator.target is None:
        return ""
    value = quantity(indicator.target, indicator.unit)
    return f"{indicator.get_direction_display()} {value}"


def tendency(trend: Trend) -> str:
    """“+2 since 1 May 2015 (better)”; empty where there is nothing to compare."""
    if trend.change is None or trend.earlier_day is None:
        return ""
    since = day(trend.earlier_day)
    if trend.change == 0:
        return _("unchanged since %(day)s") % {"day": since}
    change = quantity(trend.change, trend.indicator.unit)
    change = f"+{change}" if trend.change > 0 else change
    said = _("%(change)s since %(day)s") % {"change": change, "day": since}
    if trend.improves is None:
        return said
    judged = _("better") if trend.improves else _("worse")
    return f"{said} ({judged})"


@dataclass(frozen=True)
class Read:
    """An indicator as the list of objectives says it: what was read last, and on which day."""

    trend: Trend

    @property
    def indicator(self) -> Indicator:
        return self.trend.indicator

    @property
    def target(self) -> str:
        return target(self.indicator)

    @property
    def last(self) -> str:
        return quantity(self.trend.last, self.indicator.unit)

    @property
    def nothing(self) -> str:
        return nothing(self.indicator)

    @property
    def tendency(self) -> str:
        return tendency(self.trend)


@dataclass(frozen=True)
class Behind:
    """Records of one kind behind a value: how many, and the first of them."""

    kind: str
    count: int
    records: list[Any]

    @property
    def more(self) -> int:
        return self.count - len(self.records)

    @property
    def linked(self) -> list[tuple[Any, str]]:
        """The records, each with its page where it has one."""
        return [(record, link_of(record)) for record in self.records]


@dataclass(frozen=True)
class Measured:
    """An indicator as its objective's page says it: what it measures now, and the records behind it."""

    trend: Trend
    measure: Measure | None
    behind: list[Behind]

    @property
    def indicator(self) -> Indicator:
        return self.trend.indicator

    @property
    def value(self) -> str:
        return quantity(self.measure.value, self.indicator.unit) if self.measure else ""

    @property
    def is_reached(self) -> bool:
        value = self.measure.value if self.measure else None
        return self.indicator.reaches(None if value is None else Decimal(value))

    @property
    def target(self) -> str:
        return target(self.indicator)

    @property
    def last(self) -> str:
        return quantity(self.trend.last, self.indicator.unit)

    @property
    def nothing(self) -> str:
        return nothing(self.indicator)

    @property
    def tendency(self) -> str:
        return tendency(self.trend)


def measured(reader, indicator: Indicator) -> Measured:
    found = selectors.indicators.measured(reader, indicator)
    return Measured(selectors.indicators.trend(indicator), found, behind(found) if found else [])


def behind(measure: Measure) -> list[Behind]:
    """The records behind the value, by kind; the first of them, and how many there are."""
    found = []
    for records in measure.records:
        # What a record is called by may stand in those that it points to.
        named = [field.name for field in records.model._meta.concrete_fields if field.many_to_one]
        first, count = first_of(records.select_related(*named), SHOWN)
        found.append(Behind(str(records.model._meta.verbose_name_plural), count, first))
    return [part for part in found if part.count]


# --- objectives ---


@dataclass(frozen=True)
class Row:
    """An objective in the list, with what measures it and the objectives that it consists of."""

    objective: Objective
    progress: Decimal
    indicators: list[Read]
    parts: list["Row"]

    @property
    def shown_by(self) -> int:
        return self.objective.shown_by  # type: ignore[attr-defined]  # annotated by with_evidence_count()

    @property
    def tone(self) -> str:
        return tone(self.objective)

    @property
    def is_late(self) -> bool:
        return is_late(self.objective)

    @property
    def due(self) -> str:
        return due(self.objective)

    @property
    def judged(self) -> str:
        return status_note(self.objective)

    @property
    def answers(self) -> str:
        return ", ".join(answers(self.objective))

    @property
    def weight(self) -> str:
        """Its weight in the whole that it is a part of."""
        return quantity(self.objective.weight, "percent")

    @property
    def percent(self) -> str:
        return quantity(self.progress.normalize(), "percent")


def is_late(objective: Objective) -> bool:
    """Noted as late, or still open on the day after the last one of its due date."""
    if not objective.is_open:
        return False
    past = objective.due_on and dates.last_day(objective.due_on, objective.due_on_precision) < clock.today()
    return objective.status == ObjectiveStatus.LATE or bool(past)


def tone(objective: Objective) -> str:
    return "alert" if is_late(objective) else TONES.get(ObjectiveStatus(objective.status), "")


def due(objective: Objective) -> str:
    """By when, as exactly as it is known; empty where nothing says it."""
    return dates.display(objective.due_on, objective.due_on_precision) or objective.due_words


def rows(
    objectives: Iterable[Objective], indicators: Iterable[Indicator], progress: dict[int, Decimal]
) -> dict[str, list[Row]]:
    """The objectives by horizon, in their order, what is late first; parts stand under their whole where it is in the list too.
    Commitments of communications stand apart, under `commitments`."""
    known = list(objectives)
    listed = {objective.pk for objective in known}
    read: dict[int, list[Read]] = {}
    for indicator in indicators:
        read.setdefault(indicator.objective_id, []).append(Read(selectors.indicators.trend(indicator)))
    below: dict[int, list[Objective]] = {}
    for objective in known:
        if objective.parent_id in listed:
            below.setdefault(objective.parent_id, []).append(objective)

    def row(objective: Objective) -> Row:
        parts = [row(part) for part in below.get(objective.pk, ())]
        return Row(objective, progress.get(objective.pk, Decimal(0)), read.get(objective.pk, []), parts)

    found: dict[str, list[Row]] = {}
    for objective in sorted(known, key=lambda objective: not is_late(objective)):
        if objective.parent_id not in listed:
            place = "commitments" if objective.kind == ObjectiveKind.COMMITMENT else objective.horizon
            found.setdefault(place, []).append(row(objective))
    return found


def standing(objective: Objective, progress: dict[int, Decimal]) -> Row:
    """One objective by itself."""
    return Row(objective, progress.get(objective.pk, Decimal(0)), [], [])


def headline(objectives: Iterable[Objective]) -> str:
    """“3 of 32 objectives met, 2 late”: of the mission letter's, the parts of a larger one not counted beside it."""
    counted = [row for row in objectives if row.kind == ObjectiveKind.OBJECTIVE and row.parent_id is None]
    if not counted:
        return _("No objective is recorded yet")
    met = sum(row.status == ObjectiveStatus.MET for row in counted)
    late = sum(is_late(row) for row in counted)
    values = {"met": number(met), "count": number(len(counted))}
    said = ngettext("%(met)s of %(count)s objective met", "%(met)s of %(count)s objectives met", len(counted)) % values
    if not late:
        return said
    behind = ngettext("%(count)s late", "%(count)s late", late) % {"count": number(late)}
    return f"{said}, {behind}"


def counted(objectives: Iterable[Objective]) -> str:
    """“32 objectives, 25 commitments”: what a list holds, a part not counted beside its whole, as in the headline."""
    known = list(objectives)
    listed = {row.pk for row in known}
    wholes = [row for row in known if row.parent_id not in listed]
    commitments = sum(row.kind == ObjectiveKind.COMMITMENT for row in wholes)
    owed = len(wholes) - commitments
    said = ngettext("%(count)s objective", "%(count)s objectives", owed) % {"count": number(owed)}
    promised = ngettext("%(count)s commitment", "%(count)s commitments", commitments) % {"count": number(commitments)}
    return ", ".join(words for words, some in ((said, owed or not commitments), (promised, commitments)) if some)


def answers(objective: Objective) -> list[str]:
    """Who answers for it: the person, or whom the document names; then who works on it besides."""
    first = [str(objective.owner)] if objective.owner else []
    words = [objective.owner_words] if objective.owner_words else []
    return [*first, *words, *(str(associate.body) for associate in objective.associates.all())]


@dataclass(frozen=True)
class Shown:
    """A piece of evidence: the record, what kind it is, and its page where it has one."""

    evidence: Evidence
    kind: str
    link: str


def evidence(found: Iterable[Evidence]) -> list[Shown]:
    return [Shown(row, str(row.record._meta.verbose_name), link_of(row.record)) for row in found]


def link_of(record) -> str:
    """The record's page; a document is its own, and a seat in a network is told on that of the network."""
    if isinstance(record, Document):
        return reverse("document", args=[record.uuid])
    if isinstance(record, Membership):
        return record.network.get_absolute_url()
    return record.get_absolute_url() if hasattr(record, "get_absolute_url") else ""


def status_note(objective: Objective) -> str:
    """When it was judged so; empty while nobody judged it."""
    if objective.judged_on is None:
        return ""
    return pgettext("a status", "since %(day)s") % {"day": day(objective.judged_on)}

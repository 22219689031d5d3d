"""How solidarity is shown: sentences over pages and charts, a grant's life as steps, its money, its body's year before the law."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cooperation.charts import percent
from core import clock, dates
from core.templatetags.parvis import euros, number
from partnerships.models import City
from partnerships.presentation import LifeStep
from solidarity import law
from solidarity.enums import COMMITTED, FundKind, GrantStage, HealthMeasure, HonourStage, ParameterKind, ThresholdKind
from solidarity.models import (
    Allocation,
    Envelope,
    FinancialReport,
    FundParameter,
    Grant,
    GrantAgreement,
    HealthIndicator,
    Honour,
    Instalment,
    LegalThreshold,
    ResidencyProgramme,
)
from solidarity.selectors.grants import FastTrack

# --- funds ---


def headline(envelopes: Sequence[Envelope], overdue: int) -> str:
    """Where the year stands: `€120,000 committed of €290,000 voted for 2015, 1 report overdue`."""
    year = clock.today().year
    if not envelopes:
        return _("No envelope is recorded for %(year)s") % {"year": year}
    committed, voted = _sum(envelopes, "committed"), _sum(envelopes, "commitment_authorised")
    counted = {"committed": euros(committed), "voted": euros(voted), "year": year}
    if committed:
        said = _("%(committed)s committed of %(voted)s voted for %(year)s") % counted
    else:
        said = _("Nothing committed yet of %(voted)s voted for %(year)s") % counted
    if not overdue:
        return said
    late = ngettext("%(count)s report overdue", "%(count)s reports overdue", overdue) % {"count": number(overdue)}
    return f"{said}, {late}"


def _sum(rows: Iterable, name: str) -> Decimal:
    return sum((getattr(row, name) for row in rows), Decimal(0))


def envelopes_message(envelopes: Sequence[Envelope]) -> str:
    """What the chart says: how much of what is committed on the year's envelopes the year has paid."""
    if not envelopes:
        return _("Voted, committed, paid")
    committed, paid = _sum(envelopes, "committed"), _sum(envelopes, "paid")
    if not paid:
        return _("Nothing is paid yet this year")
    return _("%(paid)s paid this year, %(committed)s committed") % {"paid": euros(paid), "committed": euros(committed)}


@dataclass(frozen=True)
class Parameter:
    """A dated figure of a fund, with its value in words and whether it holds today."""

    row: FundParameter
    value: str
    holds: bool


def parameters(found: Iterable[FundParameter]) -> list[Parameter]:
    today = clock.today()
    return [
        Parameter(
            row,
            f"{number(row.value.normalize())}\N{NO-BREAK SPACE}%"
            if row.kind == ParameterKind.CEILING_RATE
            else euros(row.value),
            row.since <= today and (row.until is None or row.until >= today),
        )
        for row in found
    ]


def basis(kind: str) -> str:
    """What bounds a fund of this kind, in a sentence."""
    if kind == FundKind.SERVICE_SHARE:
        return _("Bounded by a share of each service's own resources, each service apart, and by its envelope.")
    return _("Bounded by its envelope: what the Council votes for the year.")


# --- a grant's life ---

_PATH = [
    GrantStage.DRAFT,
    GrantStage.SUBMITTED,
    GrantStage.UNDER_REVIEW,
    GrantStage.PROPOSED,
    GrantStage.VOTED,
    GrantStage.SIGNED,
    GrantStage.IN_PAYMENT,
    GrantStage.REPORTED,
    GrantStage.CLOSED,
]


def life_steps(grant: Grant) -> list[LifeStep]:
    """From the draft to the closing; a grant that was rejected or withdrawn ends there. What is missing stands in its checklist."""
    stopped = grant.stage not in _PATH
    reached = _reached_before(grant) if stopped else _PATH.index(GrantStage(grant.stage))
    steps = []
    for position, stage in enumerate(_PATH):
        if (position > reached and stopped) or _skipped(grant, stage, reached):
            continue
        state = "todo" if position > reached else "done"
        if position == reached and not stopped:
            state = "current"
        steps.append(LifeStep(capfirst(str(stage.label)), state, _when(grant, stage) if position <= reached else ""))
    if stopped:
        steps.append(LifeStep(capfirst(grant.get_stage_display()), "current"))
    return steps


def _skipped(grant: Grant, stage: GrantStage, reached: int) -> bool:
    """A grant that is paid without an agreement was never signed."""
    return stage == GrantStage.SIGNED and reached > _PATH.index(stage) and agreement_of(grant) is None


def _reached_before(grant: Grant) -> int:
    """How far a grant that was stopped had come, as far as its record tells."""
    agreement = agreement_of(grant)
    found = (
        (agreement is not None and agreement.signed_on is not None, GrantStage.SIGNED),
        (grant.deliberation_id is not None, GrantStage.VOTED),
        (grant.approved_by_id is not None, GrantStage.PROPOSED),
        (grant.instructed_by_id is not None, GrantStage.UNDER_REVIEW),
        (grant.received_on is not None, GrantStage.SUBMITTED),
    )
    return _PATH.index(next((stage for holds, stage in found if holds), GrantStage.DRAFT))


def _when(grant: Grant, stage: GrantStage) -> str:
    if stage == GrantStage.SUBMITTED and grant.received_on:
        return dates.display(grant.received_on, "day")
    if stage == GrantStage.VOTED and grant.deliberation:
        voted = dates.display(grant.deliberation.voted_on, grant.deliberation.voted_on_precision)
        return ", ".join(part for part in (voted, grant.deliberation.number or "") if part)
    agreement = agreement_of(grant)
    if stage == GrantStage.SIGNED and agreement and agreement.signed_on:
        return dates.display(agreement.signed_on, "day")
    return ""


def agreement_of(grant: Grant) -> GrantAgreement | None:
    """From what `selectors.grants.dossier` has read; None where the grant has none."""
    return getattr(grant, "agreement", None)


# --- a grant's money ---


@dataclass(frozen=True)
class Part:
    """An allocation or an instalment with what is paid of it (EUR)."""

    row: Allocation | Instalment
    paid: Decimal

    @property
    def left(self) -> Decimal:
        return self.row.amount - self.paid

    @property
    def is_late(self) -> bool:
        due: date | None = getattr(self.row, "due_on", None)
        return due is not None and due < clock.today() and self.left > 0


@dataclass(frozen=True)
class Money:
    """What is asked, granted, paid and left of a grant (EUR); `left` is None before there is a vote."""

    allocations: list[Part]
    instalments: list[Part]
    left: Decimal | None


def money(grant: Grant) -> Money:
    """The grant comes from `selectors.grants.dossier`, which has read its parts."""
    payments = list(grant.payments.all())
    agreement = agreement_of(grant)
    instalments = list(agreement.instalments.all()) if agreement else []

    def paid(name: str, key: int) -> Decimal:
        return _sum((row for row in payments if getattr(row, name) == key), "amount")

    voted = grant.stage in COMMITTED and grant.amount_granted is not None
    return Money(
        [Part(row, paid("allocation_id", row.pk)) for row in grant.allocations.all()],
        [Part(row, paid("instalment_id", row.pk)) for row in instalments],
        (grant.amount_granted or Decimal(0)) - _sum(payments, "amount") if voted else None,
    )


@dataclass(frozen=True)
class ReportSums:
    """A financial report with the sums of its lines (EUR); None where it has none."""

    report: FinancialReport
    budget: Decimal | None
    actual: Decimal | None

    @property
    def variance(self) -> Decimal | None:
        return None if self.budget is None or self.actual is None else self.actual - self.budget

    @property
    def is_late(self) -> bool:
        return self.report.received_on is None and self.report.due_on < clock.today()


def report_sums(reports: Iterable[FinancialReport]) -> list[ReportSums]:
    found = []
    for report in reports:
        lines = list(report.lines.all())
        sums = (_sum(lines, "budget"), _sum(lines, "actual")) if lines else (None, None)
        found.append(ReportSums(report, *sums))
    return found


@dataclass(frozen=True)
class BodyYear:
    """What the body gets in the grant's year, in cash and in kind, beside the thresholds of the law (EUR)."""

    convention: law.Cumulation
    accounts: law.Cumulation
    is_public: bool
    width: str

    @property
    def needs_convention(self) -> bool:
        """Above the threshold a private body needs one (`law.needs_convention`)."""
        return not self.is_public and self.convention.is_above


def body_year(grant: Grant) -> BodyYear | None:
    """None for a grant that came to nothing: it counts for no threshold."""
    if grant.stage in (GrantStage.REJECTED, GrantStage.WITHDRAWN):
        return None
    total = law.year_of_body(grant)
    convention = law.Cumulation(total, LegalThreshold.on(ThresholdKind.CONVENTION, clock.today()))
    width = percent(convention.total, convention.threshold) if convention.threshold else ""
    accounts = law.Cumulation(total, LegalThreshold.on(ThresholdKind.ACCOUNTS, date(grant.year, 12, 31)))
    return BodyYear(convention, accounts, grant.beneficiary.kind in law.PUBLIC_KINDS, width)


# --- emergencies ---


def emergencies_headline(median: int | None, crises: int) -> str:
    if not crises:
        return _("No crisis is recorded")
    if median is None:
        return _("Emergency aid: nothing paid yet")
    said = ngettext(
        "Emergency aid: paid %(days)s day after the request, half of the times",
        "Emergency aid: paid within %(days)s days of the request, half of the times",
        median,
    )
    return said % {"days": number(median)}


@dataclass(frozen=True)
class Track:
    """The way of an emergency grant: days from the request to the vote, and from the vote to the payment (None = not known)."""

    fast: FastTrack
    to_vote: int | None
    to_payment: int | None


def tracks(found: Iterable[FastTrack]) -> list[Track]:
    return [Track(row, _days(row.requested_on, row.voted_on), _days(row.voted_on, row.paid_on)) for row in found]


def _days(first: date | None, last: date | None) -> int | None:
    return None if first is None or last is None else (last - first).days


# --- health ---

MEASURES = (HealthMeasure.DIAGNOSED, HealthMeasure.TREATED, HealthMeasure.SUPPRESSED)


@dataclass(frozen=True)
class Reached:
    """A measure (%): what was reached, the target that it is held against, and the year of that target."""

    measure: HealthMeasure
    actual: Decimal | None = None
    target: Decimal | None = None
    target_year: int | None = None


@dataclass
class HealthRow:
    """The measures of a city in a year; no city = the target of all cities."""

    city: City | None
    year: int
    cells: list[Reached] = field(default_factory=list)


def health_rows(found: Sequence[HealthIndicator], measures: Sequence[HealthMeasure] = MEASURES) -> list[HealthRow]:
    """A row for each city and year that has any of the measures, the latest year first."""
    wanted = [row for row in found if row.measure in measures]
    keys = dict.fromkeys((row.city, row.year) for row in wanted)
    held = {(row.city_id, row.year, row.measure): row for row in wanted}
    common = {(row.measure, row.year): row.target for row in wanted if row.city_id is None and row.target is not None}
    rows = [HealthRow(city, year) for city, year in keys]
    for row in rows:
        for measure in measures:
            recorded = held.get((row.city.pk if row.city else None, row.year, measure))
            row.cells.append(_reached(measure, row.year, recorded, common))
    return rows


def _reached(measure: HealthMeasure, year: int, recorded: HealthIndicator | None, common: dict) -> Reached:
    """The city's own target, or else that of all cities: of the same year, or of the next year that has one."""
    actual = recorded.actual if recorded else None
    if recorded and recorded.target is not None:
        return Reached(measure, actual, recorded.target, year)
    following = sorted(other for name, other in common if name == measure and other >= year)
    if not following:
        return Reached(measure, actual)
    return Reached(measure, actual, common[measure, following[0]], following[0])


def health_headline(rows: Sequence[HealthRow]) -> str:
    """How many cities say what they have reached."""
    known = {row.city.pk for row in rows if row.city and any(cell.actual is not None for cell in row.cells)}
    if not rows:
        return _("90-90-90: no target and no result is recorded")
    if not known:
        return _("90-90-90: what the cities have reached is not known")
    said = ngettext(
        "90-90-90: %(count)s city says what it has reached",
        "90-90-90: %(count)s cities say what they have reached",
        len(known),
    )
    return said % {"count": number(len(known))}


# --- honours and residencies ---


def hospitality_headline(programmes: Sequence[ResidencyProgramme], honours: Sequence[Honour]) -> str:
    """Where we stand: `2 honours awarded, 5 residency programmes`."""
    if not programmes and not honours:
        return _("No honour and no residency programme is recorded")
    awarded = sum(honour.stage == HonourStage.AWARDED for honour in honours)
    given = ngettext("%(count)s honour awarded", "%(count)s honours awarded", awarded) % {"count": number(awarded)}
    hosting = ngettext("%(count)s residency programme", "%(count)s residency programmes", len(programmes))
    return f"{given}, {hosting % {'count': number(len(programmes))}}"

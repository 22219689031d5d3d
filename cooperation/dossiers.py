"""Page-level reads: one record with all that its page shows, in a number of queries that does not grow with the rows."""

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from cooperation import selectors
from cooperation.models import (
    Application,
    ExpertAssignment,
    Forecast,
    Framework,
    FundingCall,
    FundingLine,
    FundingProgramme,
    Movement,
    Project,
    ProjectCity,
    ProjectStep,
    ProjectTheme,
    PurposeCode,
    ResultIndicator,
    ResultPeriod,
)
from cooperation.selectors.calls import Advice, Desk
from cooperation.selectors.money import Doubt, Totals, Variance
from core.pages import attached, cited
from core.translated import order
from partnerships.models import Agreement, City


def with_life(projects: QuerySet[Project], reader) -> QuerySet[Project]:
    """Adds what the guards of a project's life look at, so that they ask nothing more for each project."""
    lines = FundingLine.objects.visible_to(reader).prefetch_related(
        Prefetch("forecasts", Forecast.objects.visible_to(reader))
    )
    indicators = ResultIndicator.objects.visible_to(reader).prefetch_related(
        Prefetch("periods", ResultPeriod.objects.visible_to(reader))
    )
    return projects.prefetch_related(
        Prefetch("funding_lines", lines),
        Prefetch("steps", ProjectStep.objects.visible_to(reader)),
        Prefetch("indicators", indicators),
        Prefetch("parts", Project.objects.visible_to(reader).order_by("reference")),
    )


def portfolio_rows(projects: QuerySet[Project], reader) -> QuerySet[Project]:
    """The rows of the portfolio: what their life looks at, their money, and whether any sum is recorded (`has_money`)."""
    return selectors.money.with_commitments(with_life(projects, reader), reader)


@dataclass(frozen=True)
class ProjectDossier:
    project: Project
    purposes: list[PurposeCode]
    lines: list[FundingLine]
    totals: Totals
    doubts: list[Doubt]
    variances: list[Variance]
    parts: list[Project]
    assignments: list[ExpertAssignment]
    applications: list[Application]

    @property
    def silent(self) -> int:
        """How many lines have no movement: what they give is not known, which is not the same as 0."""
        return sum(not line.movements.all() for line in self.lines)


def project_dossier(reader, reference: str) -> ProjectDossier | None:
    """All that is known of a project, as the reader may know it; None where there is no such project for her."""
    found = (
        with_life(selectors.projects.projects(reader), reader)
        .select_related("deliberation__rapporteur")
        .prefetch_related(cited(reader, Project), attached(reader, Project))
        .filter(reference=reference)
        .first()
    )
    if found is None:
        return None
    moves = Prefetch("movements", Movement.objects.visible_to(reader).order_by("on", "pk"))
    lines = list(selectors.money.lines_of(reader, found).prefetch_related(moves))
    paying = FundingLine.objects.visible_to(reader).filter(Q(project=found) | Q(project__parent=found))
    parts = selectors.projects.projects(reader).filter(parent=found).order_by("reference")
    assignments = ExpertAssignment.objects.visible_to(reader).filter(project=found)
    return ProjectDossier(
        project=found,
        purposes=list(PurposeCode.objects.visible_to(reader).filter(code__in=found.purposes)),
        lines=lines,
        totals=selectors.money.totals(lines),
        doubts=selectors.money.doubts(reader, found),
        variances=selectors.money.variances(reader, paying),
        parts=list(portfolio_rows(parts, reader)) if found.parts.all() else [],
        assignments=list(assignments.select_related("organisation", "person").order_by("pk")),
        applications=list(selectors.calls.applications(reader).filter(project=found)),
    )


@dataclass(frozen=True)
class CallDossier:
    call: FundingCall
    desk: Desk
    is_open: bool
    is_forthcoming: bool
    advice: Advice | None
    applications: list[Application]


def marked(calls: QuerySet[FundingCall]) -> QuerySet[FundingCall]:
    """Adds whether each call is open (`open_today`) or still to open (`to_open`)."""
    return calls.annotate(open_today=selectors.calls.is_open(), to_open=selectors.calls.is_forthcoming())


def call_dossier(reader, pk: int) -> CallDossier | None:
    """A call with the live projects that it could pay and those that applied; None where the reader sees no such call."""
    found = (
        marked(selectors.calls.calls(reader))
        .prefetch_related(cited(reader, FundingCall), attached(reader, FundingCall))
        .filter(pk=pk)
        .first()
    )
    if found is None:
        return None
    desk = Desk.read(reader, [found])
    is_open, to_open = bool(found.open_today), bool(found.to_open)  # type: ignore[attr-defined]  # annotated by the selector that reads the rows
    return CallDossier(
        call=found,
        desk=desk,
        is_open=is_open,
        is_forthcoming=to_open,
        advice=desk.advise(found) if is_open or to_open else None,
        applications=list(selectors.calls.applications(reader).filter(call=found)),
    )


def funding_programmes(reader) -> QuerySet[FundingProgramme]:
    """The programmes that publish calls, by name."""
    return FundingProgramme.objects.visible_to(reader).order_by(order("name"))


def cultural_money(reader) -> dict[int, Totals]:
    """The totals (EUR) of the cultural projects of which a sum is recorded, by their key."""
    lines: dict[int, list[FundingLine]] = {}
    moved = Movement.objects.visible_to(reader).filter(line=OuterRef("pk"))
    for line in selectors.money.lines(reader).filter(Exists(moved), cultural_project__isnull=False):
        if line.cultural_project_id:
            lines.setdefault(line.cultural_project_id, []).append(line)
    return {key: selectors.money.totals(found) for key, found in lines.items()}


# --- for the pages of lower floors ---


def projects_of_city(reader, city: City) -> QuerySet[Project]:
    """The projects that name the city, with their fields, the latest reference first."""
    # Not by a join: rows would have to be told apart by all of their columns.
    there = ProjectCity.objects.filter(city=city).order_by()
    fields = ProjectTheme.objects.visible_to(reader).select_related("theme")
    found = Project.objects.visible_to(reader).filter(pk__in=there.values("project"))
    return found.prefetch_related(Prefetch("fields", fields)).order_by("-reference")


def projects_under(reader, agreement: Agreement) -> QuerySet[Project]:
    return selectors.projects.projects(reader).filter(agreement=agreement)


def framework_of(reader, agreement: Agreement) -> Framework | None:
    return selectors.money.frameworks(reader).filter(agreement=agreement).first()

"""The money of projects. Every sum is in EUR, of movements, each counted once: a whole's total is the sum of its parts."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from itertools import combinations

from django.db.models import (
    BooleanField,
    Case,
    DecimalField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, ExtractYear
from django.utils.translation import gettext as _

from cooperation.enums import LIVE, FundingKind, MovementKind, Nature, ProjectStage
from cooperation.models import Forecast, Framework, FundingLine, Movement, Project, ProjectCity
from core import clock, written
from core.access import may
from core.figures import Euros, Ratio, Row
from core.templatetags.parvis import euros
from core.translated import active_language
from partnerships.models import City

EUROS = DecimalField(max_digits=18, decimal_places=2)
NOTHING = Value(Decimal(0), output_field=EUROS)
CENT = Decimal("0.01")


def _sum(column: str, **narrowed) -> Coalesce:
    return Coalesce(Sum(column, filter=Q(**narrowed)), NOTHING, output_field=EUROS)


def lines(reader) -> QuerySet[FundingLine]:
    """Every funding line, with what is requested, committed and disbursed: in its own currency, and in EUR (`..._eur`)."""
    sums = {kind.value: _sum("movements__amount", movements__kind=kind) for kind in MovementKind}
    in_euros = {f"{kind.value}_eur": _sum("movements__amount_eur", movements__kind=kind) for kind in MovementKind}
    return (
        FundingLine.objects.visible_to(reader)
        .select_related("organisation", "city", "project", "cultural_project", "framework__agreement")
        .annotate(**sums, **in_euros)
        .order_by("project", "cultural_project", "kind", "pk")
    )


def _moved(reader) -> QuerySet[Movement]:
    """The movements of the project of the query around this one, and of its parts."""
    # By the keys of the few projects: an "or" over the lines themselves would be looked for in all of them.
    whole = OuterRef(OuterRef("pk"))
    ours = Project.objects.filter(Q(pk=whole) | Q(parent=whole)).order_by()
    return Movement.objects.visible_to(reader).filter(line__project__in=ours.values("pk"))


def _of_project(reader, **narrowed) -> Coalesce:
    """The sum of the movements (EUR) of the project of the query around this one, and of its parts."""
    # One row whatever its key: the sum of them all.
    summed = (
        _moved(reader).filter(**narrowed).order_by().values(one=Value(1)).annotate(sum=Sum("amount_eur")).values("sum")
    )
    return Coalesce(Subquery(summed, output_field=EUROS), NOTHING, output_field=EUROS)


_IN_CASH = {"kind": MovementKind.COMMITTED, "line__nature": Nature.CASH}
# Which movements each sum of a project is of.
SUMMED: dict[str, dict] = {
    "requested": {"kind": MovementKind.REQUESTED},
    "committed": {"kind": MovementKind.COMMITTED},
    "disbursed": {"kind": MovementKind.DISBURSED},
    "own_cash": {"line__kind": FundingKind.OWN, **_IN_CASH},
    "external_cash": {"line__kind__in": [kind for kind in FundingKind if kind != FundingKind.OWN], **_IN_CASH},
}


def _with(projects: QuerySet[Project], reader, names: Iterable[str]) -> QuerySet[Project]:
    """Adds `has_money` and these sums. Read from the balances; as of a past day, of which there are none, added up."""
    if not clock.past_day() and may(reader, "view", Movement):
        has_money: Case | Exists = Case(
            When(balance__movements__gt=0, then=True), default=False, output_field=BooleanField()
        )
        sums = {name: Coalesce(F(f"balance__{name}"), NOTHING, output_field=EUROS) for name in names}
    else:
        has_money = Exists(_moved(reader))
        sums = {name: _of_project(reader, **SUMMED[name]) for name in names}
    return projects.annotate(has_money=has_money, **sums)


def with_commitments(projects: QuerySet[Project], reader) -> QuerySet[Project]:
    """Adds `requested` and `committed` (EUR, cash and in kind).

    `has_money` says whether any movement is recorded: where none is, the sums are not known rather than 0.
    """
    return _with(projects, reader, ("requested", "committed"))


def with_money(projects: QuerySet[Project], reader) -> QuerySet[Project]:
    """Adds to `with_commitments` `disbursed` (EUR, cash and in kind), `own_cash` and `external_cash` (EUR committed in cash)."""
    return _with(projects, reader, SUMMED)


def per_city_euro(external: Decimal, own: Decimal) -> Ratio:
    """External euros for one euro of the City, to the cent; nothing where the City has committed none."""
    return Ratio((external / own).quantize(CENT, ROUND_HALF_UP) if own > 0 else None)


# --- totals of a set of lines ---


@dataclass
class Sums:
    """EUR requested, committed and disbursed."""

    requested: Decimal = Decimal(0)
    committed: Decimal = Decimal(0)
    disbursed: Decimal = Decimal(0)

    def __add__(self, other: "Sums") -> "Sums":
        return Sums(
            self.requested + other.requested, self.committed + other.committed, self.disbursed + other.disbursed
        )


@dataclass
class Totals:
    """The sums of lines (EUR), apart for cash and in kind, ours and others'."""

    by: dict[tuple[bool, str], Sums] = field(default_factory=dict)

    def _sum(self, wanted) -> Sums:
        return sum((sums for key, sums in self.by.items() if wanted(*key)), Sums())

    @property
    def all(self) -> Sums:
        return self._sum(lambda external, nature: True)

    @property
    def own(self) -> Sums:
        return self._sum(lambda external, nature: not external)

    @property
    def external(self) -> Sums:
        return self._sum(lambda external, nature: external)

    @property
    def in_kind(self) -> Sums:
        return self._sum(lambda external, nature: nature == Nature.IN_KIND)

    @property
    def per_city_euro(self) -> Ratio:
        cash = Nature.CASH
        return per_city_euro(self.by.get((True, cash), Sums()).committed, self.by.get((False, cash), Sums()).committed)


def totals(found: Iterable[FundingLine]) -> Totals:
    """The totals of lines that come from `lines(reader)`; each is counted once."""
    result = Totals()
    for line in {line.pk: line for line in found}.values():
        key = (line.is_external, line.nature)
        sums = Sums(line.requested_eur, line.committed_eur, line.disbursed_eur)  # type: ignore[attr-defined]  # annotated by the selector that reads the rows
        result.by[key] = result.by.get(key, Sums()) + sums
    return result


def lines_of(reader, project: Project) -> QuerySet[FundingLine]:
    """The lines of a project and of its parts."""
    return lines(reader).filter(Q(project=project) | Q(project__parent=project))


# --- external euros for one of ours ---


def _committed_cash(reader) -> QuerySet[Movement]:
    """Commitments in cash of the cooperation projects that were not abandoned."""
    return (
        Movement.objects.visible_to(reader)
        .filter(kind=MovementKind.COMMITTED, line__nature=Nature.CASH, line__project__isnull=False)
        .exclude(line__project__stage=ProjectStage.ABANDONED)
        .order_by()
    )


def external_commitments(reader) -> QuerySet[Movement]:
    """What others than the City have committed in cash (`amount_eur`, on the day `on`), over all projects not abandoned."""
    return _committed_cash(reader).exclude(line__kind=FundingKind.OWN)


def own_commitments(reader) -> QuerySet[Movement]:
    """What the City has committed in cash (`amount_eur`, on the day `on`), over all projects not abandoned."""
    return _committed_cash(reader).filter(line__kind=FundingKind.OWN)


def own_commitments_by_city(reader) -> list[QuerySet]:
    """The own commitments with the `city` of the project's places; of the parts without places, those of their whole."""
    visible = ProjectCity.objects.visible_to(reader).order_by().values("pk")
    found = []
    for places, narrowed in (
        ("line__project__places", {}),
        ("line__project__parent__places", {"line__project__places": None}),
    ):
        at = own_commitments(reader).filter(**narrowed, **{f"{places}__in": visible})
        found.append(at.annotate(city=F(f"{places}__city")))
    return found


def own_commitments_in(reader, city: City) -> QuerySet[Movement]:
    """The own commitments that count in the city, each once."""
    for_it = Q()
    for found in own_commitments_by_city(reader):
        for_it |= Q(pk__in=found.filter(city=city.pk).values("pk"))
    return own_commitments(reader).filter(for_it)


def that_bear(projects: QuerySet[Project], movements: QuerySet[Movement]) -> QuerySet[Project]:
    """The projects on whose own lines the movements stand, each with their sum (`counted`, EUR): parts apart from their whole."""
    borne = movements.order_by()
    sums = borne.filter(line__project=OuterRef("pk")).values("line__project").annotate(sum=Sum("amount_eur"))
    counted = Subquery(sums.values("sum"), output_field=EUROS)
    return projects.filter(pk__in=borne.values("line__project")).annotate(counted=counted)


OWN_SUM = _sum("amount_eur", line__kind=FundingKind.OWN)
EXTERNAL_SUM = Coalesce(Sum("amount_eur", filter=~Q(line__kind=FundingKind.OWN)), NOTHING, output_field=EUROS)


def external_per_city_euro(reader) -> Ratio:
    """What others have committed in cash for one euro that the City has, over all projects not abandoned."""
    sums = _committed_cash(reader).aggregate(own=OWN_SUM, external=EXTERNAL_SUM)
    return per_city_euro(sums["external"], sums["own"])


def _broken_down(reader, **by) -> QuerySet:
    return _committed_cash(reader).annotate(**by).values(*by).annotate(own=OWN_SUM, external=EXTERNAL_SUM)


# The project, or that which it is a part of.
WHOLE = Coalesce("line__project__parent", "line__project")


def projects_with_commitments(reader) -> QuerySet[Project]:
    """The projects that have cash committed, by themselves or by one of their parts."""
    return Project.objects.visible_to(reader).filter(pk__in=_committed_cash(reader).values(whole=WHOLE))


def external_by_project(reader) -> list[Row]:
    """Of each project that has cash committed; the parts of a whole together."""
    found = {row["whole"]: row for row in _broken_down(reader, whole=WHOLE)}
    projects = Project.objects.visible_to(reader).filter(pk__in=found).order_by("reference")
    return [
        Row(
            project.reference,
            str(project.title),
            per_city_euro(found[project.pk]["external"], found[project.pk]["own"]),
        )
        for project in projects
    ]


def external_by_theme(reader) -> list[Row]:
    """Of the projects of each field; a project that works in several counts in each, so the fields do not add up."""
    return [
        Row(row["slug"], row["name"], per_city_euro(row["external"], row["own"]))
        for row in written.rows(_by_theme, reader)
        if row["slug"]
    ]


def _by_theme(reader) -> QuerySet:
    name = f"line__project__fields__theme__name_{active_language()}"
    return _broken_down(reader, slug=F("line__project__fields__theme__slug"), name=F(name)).order_by("name")


def external_by_year(reader) -> list[Row]:
    """Of the commitments made in each year."""
    rows = _broken_down(reader, year=ExtractYear("on")).order_by("year")
    return [Row(str(row["year"]), str(row["year"]), per_city_euro(row["external"], row["own"])) for row in rows]


# --- forecasts ---


@dataclass(frozen=True)
class Variance:
    """A year: what the Council voted (EUR; None = nothing frozen), the forecast that holds today, what was disbursed."""

    year: int
    voted: Decimal | None
    latest: Decimal | None
    actual: Decimal

    @property
    def is_over(self) -> bool:
        return self.year < clock.today().year

    @property
    def difference(self) -> Decimal | None:
        """Actual minus forecast: that which was voted, or the latest where nothing was."""
        forecast = self.latest if self.voted is None else self.voted
        return None if forecast is None else self.actual - forecast


def _last(forecasts: QuerySet[Forecast]) -> QuerySet[Forecast]:
    """The last forecast of each line for each year."""
    last = forecasts.order_by("line_id", "year", "-made_on", "-pk").distinct("line_id", "year").values("pk")
    return Forecast.objects.filter(pk__in=last).order_by()


def _by_year(forecasts: QuerySet[Forecast]) -> dict[int, Decimal]:
    """The sum by year of the last forecast of each line."""
    return {row["year"]: row["sum"] for row in _last(forecasts).values("year").annotate(sum=Sum("amount_eur"))}


def _not_abandoned(reader) -> QuerySet[FundingLine]:
    """The lines of the projects that were not abandoned."""
    found = FundingLine.objects.visible_to(reader).filter(project__isnull=False)
    return found.exclude(project__stage=ProjectStage.ABANDONED)


def _forecasts(reader, found: QuerySet[FundingLine]) -> tuple[QuerySet[Forecast], QuerySet[Forecast]]:
    """Of the lines, the forecasts that a vote froze, and all of them."""
    forecasts = Forecast.objects.visible_to(reader).filter(line__in=found.order_by().values("pk"))
    return forecasts.filter(deliberation__isnull=False), forecasts


def variances(reader, found: QuerySet[FundingLine] | None = None) -> list[Variance]:
    """Forecast and actual of each year over the lines (all those of projects not abandoned unless told which)."""
    found = _not_abandoned(reader) if found is None else found
    frozen, forecasts = _forecasts(reader, found)
    voted, latest = _by_year(frozen), _by_year(forecasts)
    paid = Movement.objects.visible_to(reader).filter(
        line__in=found.order_by().values("pk"), kind=MovementKind.DISBURSED
    )
    actual = dict(paid.order_by().values_list(ExtractYear("on")).annotate(Sum("amount_eur")))
    years = sorted({*voted, *latest, *actual})
    return [Variance(year, voted.get(year), latest.get(year), actual.get(year, Decimal(0))) for year in years]


def compared_forecasts(reader) -> QuerySet[Forecast]:
    """The forecasts (EUR) with which `variances` compares what was disbursed: of a year of which any was voted, the last voted of
    each line; of another year the last of each line."""
    frozen, forecasts = _forecasts(reader, _not_abandoned(reader))
    unvoted = forecasts.exclude(year__in=frozen.order_by().values("year"))
    return Forecast.objects.filter(Q(pk__in=_last(frozen).values("pk")) | Q(pk__in=_last(unvoted).values("pk")))


def variance_by_year(reader) -> list[Row]:
    return [Row(str(row.year), str(row.year), Euros(row.difference)) for row in variances(reader)]


def variance_of_last_year(reader) -> Euros:
    """Actual minus forecast (EUR) of the last year that is over."""
    last = clock.today().year - 1
    return Euros(next((row.difference for row in variances(reader) if row.year == last), None))


# --- framework agreements ---


def frameworks(reader) -> QuerySet[Framework]:
    """Framework agreements with what is committed on them (`used`) and what is left (`left`; None = amount not known), EUR."""
    drawn = (
        Movement.objects.visible_to(reader)
        .filter(line__framework=OuterRef("pk"), kind=MovementKind.COMMITTED)
        .order_by()
        .values("line__framework")
        .annotate(sum=Sum("amount_eur"))
        .values("sum")
    )
    used = Coalesce(Subquery(drawn, output_field=EUROS), NOTHING, output_field=EUROS)
    return (
        Framework.objects.visible_to(reader)
        .select_related("agreement", "funder")
        .annotate(used=used)
        .annotate(left=Case(When(amount__isnull=False, then=F("amount") - F("used")), default=None, output_field=EUROS))
        .order_by("agreement__reference")
    )


# --- the guard against counting twice ---


@dataclass(frozen=True)
class Doubt:
    """Two lines that seem to count the same euros, and why."""

    first: FundingLine
    second: FundingLine
    why: str
    amount: Decimal

    @property
    def sentence(self) -> str:
        """The doubt in words."""
        told = {"first": self._name(self.first), "second": self._name(self.second), "amount": euros(self.amount)}
        if self.why == SAME_AMOUNT:
            return _("The same amount (%(amount)s) stands on “%(first)s” and on “%(second)s”.") % told
        return _("The same reference stands on “%(first)s” and on “%(second)s”, for %(amount)s.") % told

    def _name(self, line: FundingLine) -> str:
        """The line, with its project where the two are not of the same one."""
        if self.first.project_id == self.second.project_id or not line.project:
            return str(line)
        return f"{line} ({line.project.reference})"


SAME_AMOUNT, SAME_REFERENCE = "same-amount", "same-reference"


def doubts(reader, project: Project) -> list[Doubt]:
    """Pairs of lines that seem to count the same money: a guard that warns, for a person to judge.

    Two funders of the project with the same amount committed (or asked, where nothing is committed) in cash; or one
    reference on movements of two lines, also of another project. A line that says why its euros are others is left out.
    """
    return _doubts(reader, lines_of(reader, project))


def all_doubts(reader) -> list[Doubt]:
    """The doubts over every live project, in a fixed number of queries."""
    return _doubts(reader, lines(reader).filter(project__stage__in=LIVE))


def _doubts(reader, found_lines: Iterable[FundingLine]) -> list[Doubt]:
    own = [line for line in found_lines if not line.counted_apart]
    found = {(doubt.first.pk, doubt.second.pk): doubt for doubt in _same_amounts(own)}
    for doubt in _same_references(reader, own):
        found.setdefault((doubt.first.pk, doubt.second.pk), doubt)
    return list(found.values())


def _same_amounts(own: list[FundingLine]) -> Iterable[Doubt]:
    """Lines in cash of one whole that have the same amount; the parts of a project are one whole with it."""
    by_amount: dict[tuple, list[FundingLine]] = {}
    for line in own:
        amount = _weight(line)
        if line.project and amount and line.nature == Nature.CASH:
            whole = line.project.parent_id or line.project_id
            by_amount.setdefault((whole, amount), []).append(line)
    for (_whole, amount), same in by_amount.items():
        for first, second in combinations(same, 2):
            yield Doubt(first, second, SAME_AMOUNT, amount)


def _weight(line: FundingLine) -> Decimal:
    return line.committed_eur or line.requested_eur  # type: ignore[attr-defined]  # annotated by lines()


def _same_references(reader, own: list[FundingLine]) -> Iterable[Doubt]:
    by_key = {line.pk: line for line in own}
    named = Movement.objects.visible_to(reader).filter(line__in=by_key).exclude(reference="")
    twins = (
        Movement.objects.visible_to(reader)
        .filter(reference__in=named.order_by().values("reference"), line__counted_apart="")
        .select_related("line__organisation", "line__city", "line__project")
        .order_by("line", "pk")
    )
    seen: dict[tuple, Movement] = {}
    for movement in twins:
        key = (movement.reference, movement.kind, movement.amount_eur)
        earlier = seen.setdefault(key, movement)
        if earlier.line_id != movement.line_id and {earlier.line_id, movement.line_id} & by_key.keys():
            yield Doubt(earlier.line, movement.line, SAME_REFERENCE, movement.amount_eur)

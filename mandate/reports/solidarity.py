"""International solidarity, after its money: health, emergencies, technical cooperation, inclusion."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cooperation.enums import PracticeKind, ProjectStage
from cooperation.models import Movement, Project, ProjectCity
from cooperation.selectors import projects
from core import clock, written
from core.templatetags.parvis import euros, number
from core.translated import order
from mandate.enums import ReportSection, Unit
from mandate.measures import projects as measured
from mandate.measures import registered
from mandate.reports.account import Proof, Text
from mandate.reports.agreements import states_agreements
from mandate.reports.money import page_of_votes, voted
from mandate.reports.occasions import page
from mandate.reports.programmes import states_practices
from mandate.reports.statements import Asked, Period, Stated, both, counted, if_any, name_of, numbered, statement
from partnerships import selectors
from partnerships.enums import AgreementKind, RelationKind
from partnerships.models import City
from solidarity.enums import ParameterKind
from solidarity.models import Crisis, Envelope, Fund, FundParameter, Grant, HealthIndicator
from solidarity.selectors import funds, grants

SOLIDARITY = ReportSection.SOLIDARITY


# --- funds ---


@statement(
    "funds",
    SOLIDARITY,
    model="solidarity.fund",
    definition=gettext_lazy(
        "The funds of the City's solidarity; named are also those of which no record states an amount, neither declared nor "
        "voted."
    ),
)
def all_funds(reader, period: Period) -> Iterator[Stated]:
    found = written.rows(_funds, reader)
    stated = {key for (key,) in written.rows(_with_amounts, reader)}
    silent = [fund for fund in found if fund.pk not in stated]

    def text() -> str:
        said = ngettext("The City acts through %(count)s fund.", "The City acts through %(count)s funds.", len(found))
        return said % {"count": number(len(found))}

    def note() -> str:
        names = ", ".join(str(fund) for fund in silent)
        return _("No amount is recorded for: %(funds)s.") % {"funds": names}

    link = f"{reverse('solidarity:funds')}#funds"
    yield Stated(text, len(found), Unit.COUNT, note=note if silent else None, link=link, records=found)


def _funds(reader) -> QuerySet[Fund]:
    return Fund.objects.visible_to(reader).order_by(order("name"))


def _with_amounts(reader) -> QuerySet[Any]:
    declared = funds.declared(reader).order_by().values_list("fund")
    return declared.union(Envelope.objects.visible_to(reader).order_by().values_list("fund"))


def _held(reader, *kinds: ParameterKind) -> QuerySet[FundParameter]:
    """The dated figures of the funds that hold today."""
    today = clock.today()
    rows = FundParameter.objects.visible_to(reader).filter(Q(until=None) | Q(until__gte=today), since__lte=today)
    return rows.filter(kind__in=kinds).select_related("fund").order_by("fund", "kind")


@statement(
    "ceiling",
    SOLIDARITY,
    model="solidarity.fund",
    definition=gettext_lazy(
        "The most that a fund may spend in a year, in per cent of the own resources of each service that feeds it, on the day of "
        "the figures (CGCT L1115-1-1): services are tested apart, never pooled."
    ),
)
def ceilings(reader, period: Period) -> Iterator[Stated]:
    for row in written.rows(_held, reader, ParameterKind.CEILING_RATE):

        def text(fund=row.fund) -> str:
            return _("%(fund)s: ceiling of the own resources of each service") % {"fund": fund}

        yield Stated(text, row.value, Unit.PERCENT, records=[row.fund], part=row.fund.slug)


@statement(
    "grant-range",
    SOLIDARITY,
    model="solidarity.fund",
    definition=gettext_lazy(
        "The smallest and the largest grant of the fund, as its parameters say on the day of the figures."
    ),
)
def grant_ranges(reader, period: Period) -> Iterator[Stated]:
    by_fund: dict[Fund, dict[str, FundParameter]] = {}
    for row in written.rows(_held, reader, ParameterKind.GRANT_MINIMUM, ParameterKind.GRANT_MAXIMUM):
        by_fund.setdefault(row.fund, {})[row.kind] = row
    for fund, rows in by_fund.items():
        least, most = rows.get(ParameterKind.GRANT_MINIMUM), rows.get(ParameterKind.GRANT_MAXIMUM)
        yield Stated(_range(fund, least, most), records=[fund], part=fund.slug)


def _range(fund: Fund, least: FundParameter | None, most: FundParameter | None) -> Text:
    def text() -> str:
        told = {
            "fund": fund,
            "least": euros(least.value if least else None),
            "most": euros(most.value if most else None),
        }
        if least and most:
            return _("%(fund)s: from %(least)s to %(most)s a grant") % told
        return (_("%(fund)s: at least %(least)s a grant") if least else _("%(fund)s: at most %(most)s a grant")) % told

    return text


# --- health ---


@statement(
    "health-target",
    SOLIDARITY,
    model="solidarity.healthindicator",
    definition=gettext_lazy(
        "Targets of all cities against HIV/AIDS, in per cent, and how many cities a record tells how far they are. The wording of "
        "December 2014 (“supported”) is a measure of its own."
    ),
)
def health_targets(reader, period: Period) -> Iterator[Stated]:
    reached = dict(written.rows(_cities_reached, reader))
    for row in written.rows(_targets, reader):
        count = reached.get(row.measure, 0)

        def text(row=row) -> str:
            return _("HIV/AIDS, target (%(year)s): %(measure)s") % {
                "year": row.year,
                "measure": row.get_measure_display(),
            }

        def note(count=count) -> str:
            if not count:
                return _("How far any city is, no record says.")
            said = ngettext("Known of %(count)s city.", "Known of %(count)s cities.", count)
            return said % {"count": number(count)}

        records = [Proof(both(_measured(row)), link=reverse("solidarity:health"))]
        yield Stated(text, row.target, Unit.PERCENT, note=note, records=records, part=f"{row.measure}-{row.year}")


def _cities_reached(reader) -> QuerySet[HealthIndicator, Any]:
    """By measure, of how many cities it is known how far they are."""
    known = HealthIndicator.objects.visible_to(reader).filter(city__isnull=False, actual__isnull=False).order_by()
    return known.values_list("measure").annotate(Count("city", distinct=True))


def _targets(reader) -> QuerySet[HealthIndicator]:
    """Those of all cities."""
    return grants.health(reader).filter(city=None, target__isnull=False).order_by("year", "measure")


def _measured(row: HealthIndicator) -> Text:
    return lambda: f"{row.get_measure_display()}, {row.year}"


# --- emergencies ---


@statement(
    "crises",
    SOLIDARITY,
    model="solidarity.crisis",
    definition=gettext_lazy(
        "Epidemics, disasters and conflicts recorded as answered by emergency aid, those left out that ended before the period or "
        "began after it; a crisis that no record dates counts."
    ),
)
def crises(reader, period: Period) -> Iterator[Stated]:
    def text(count: int) -> str:
        said = ngettext("%(count)s crisis calls for emergency aid.", "%(count)s crises call for emergency aid.", count)
        return said % {"count": number(count)}

    yield counted(Asked(_crises, reader, period.days), text)


def _crises(reader, since: date, until: date) -> QuerySet[Crisis]:
    return grants.crises(reader).exclude(Q(until__lt=since) | Q(since__gt=until))


@statement(
    "emergency-grants",
    SOLIDARITY,
    model="solidarity.grant",
    definition=gettext_lazy(
        "Grants for a crisis that were voted in the period; the fund named in the budget may be another one."
    ),
)
def emergency_grants(reader, period: Period) -> Iterator[Stated]:
    def text(count: int) -> str:
        if not count:
            return _("No emergency grant voted in the period is recorded.")
        said = ngettext("%(count)s emergency grant was voted.", "%(count)s emergency grants were voted.", count)
        return said % {"count": number(count)}

    records = Asked(_emergency_grants, reader, period.days)
    yield counted(records, text, link=page_of_votes(period, emergency="true"))


def _emergency_grants(reader, since: date, until: date) -> QuerySet[Grant]:
    return voted(reader, since, until).filter(crisis__isnull=False)


# --- technical cooperation ---


@statement(
    "projects",
    SOLIDARITY,
    model="cooperation.project",
    definition=gettext_lazy(
        "Cooperation projects that are under way, or being prepared (ideas included), on the day of the figures, by city. The parts "
        "of a larger one are not counted beside it; one in several cities counts in each."
    ),
)
def project_stages(reader, period: Period) -> Iterator[Stated]:
    groups = {
        "under-way": (
            projects.under_way,
            [ProjectStage.UNDER_WAY],
            gettext_lazy("Projects under way: %(count)s"),
        ),
        "in-preparation": (
            projects.in_preparation,
            [ProjectStage.IDEA, ProjectStage.IN_PREPARATION],
            gettext_lazy("Projects in preparation or announced: %(count)s"),
        ),
    }
    for part, (found, stages, sentence) in groups.items():
        counts = dict(written.rows(_by_city, reader, found))
        cities = written.rows(_cities_of, reader, found)
        most_first = sorted(cities, key=lambda city: -counts[city.pk])
        yield counted(
            Asked(_by_reference, reader, (found,)),
            numbered(sentence),
            link=page("cooperation:projects", stage=[str(stage) for stage in stages], part="false"),
            rows=[(name_of(city), counts[city.pk]) for city in most_first],
            part=part,
        )


Build = Callable[..., QuerySet[Project]]


def _by_reference(reader, found: Build) -> QuerySet[Project]:
    return found(reader).order_by("reference")


def _places_of(reader, found: Build) -> QuerySet[ProjectCity]:
    return ProjectCity.objects.visible_to(reader).filter(project__in=found(reader).order_by().values("pk"))


def _by_city(reader, found: Build) -> QuerySet:
    """In each city how many of them lie."""
    rows = _places_of(reader, found).order_by("city").values_list("city")
    return rows.annotate(Count("project", distinct=True))


def _cities_of(reader, found: Build) -> QuerySet[City]:
    there = _places_of(reader, found).order_by().values("city")
    return City.objects.visible_to(reader).filter(pk__in=there).order_by("name_fr").only("name_fr", "name_en")


@statement(
    "external-money",
    SOLIDARITY,
    model="cooperation.fundingline",
    definition=gettext_lazy(
        "EUR that others than the City committed in cash in the period to cooperation projects that were not abandoned; not known "
        "where no commitment at all is recorded."
    ),
)
def external_money(reader, period: Period) -> Iterator[Stated]:
    known = bool(written.rows(_a_movement, reader))
    taken = registered()["external-money"].take(reader, *period.days)
    yield Stated(
        lambda: _("Committed by others to the projects of the City"),
        taken.value if known else None,
        Unit.EUROS,
        note=None if known else (lambda: _("No amount of any project is recorded.")),
        records=Asked(measured.with_external_money, reader, period.days),
    )


def _a_movement(reader) -> QuerySet[Movement]:
    return Movement.objects.visible_to(reader).order_by()[:1]


states_agreements(
    "funder-agreements", SOLIDARITY, AgreementKind.FUNDER, gettext_lazy("Agreements with funders: %(count)s")
)


# --- inclusion ---


@statement(
    "comparators",
    SOLIDARITY,
    model="partnerships.city",
    definition=gettext_lazy(
        "Cities that ours compares itself with on the day of the figures: models to learn from, not partners by that alone."
    ),
)
def comparators(reader, period: Period) -> Iterator[Stated]:
    def text(count: int) -> str:
        return _("Cities that ours learns from: %(count)s") % {"count": number(count)}

    link = page("partnerships:cities", relation=RelationKind.COMPARATOR)
    yield from if_any(counted(Asked(selectors.comparator_cities, reader), text, link=link))


states_practices(
    "inclusive-practices",
    SOLIDARITY,
    PracticeKind.INCLUSIVE,
    gettext_lazy("Practices of inclusion recorded: %(count)s"),
)

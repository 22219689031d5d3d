"""Measures of projects, of the money of others, of calls, culture and exchanges. Amounts in EUR."""

from datetime import date
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from cooperation.enums import SENT, ApplicationStage, CulturalKind, CulturalStatus, FundingKind, ThemeKind
from cooperation.models import Application, Edition, FundingProgramme, Project, ProjectCity, ProjectTheme
from cooperation.selectors import calls, culture, money
from cooperation.selectors import projects as portfolio
from mandate.measures.agreements import cities_in
from mandate.measures.registry import Measure, counted, in_year, measure, share
from partnerships.models import City, Organisation

# --- the portfolio, as it stands today ---


def _in_fields(reader, **fields) -> Exists:
    return Exists(ProjectTheme.objects.visible_to(reader).filter(project=OuterRef("pk"), **fields))


@measure(
    "projects-in-field",
    title=_("Share of projects in a field"),
    unit="percent",
    parameter="theme",
    model="cooperation.project",
    of_today=True,
)
def projects_in_field(reader, since: date, until: date, parameter: str) -> Measure:
    """Of the live projects, those that work in the field (whole per cent); one may work in several, so fields do not add up."""
    live = portfolio.live(reader)
    return share(live.filter(_in_fields(reader, theme__slug=parameter)), live)


@measure(
    "projects-in-priority-fields",
    title=_("Share of projects in a priority field of the end of term"),
    unit="percent",
    model="cooperation.project",
    of_today=True,
)
def projects_in_priority_fields(reader, since: date, until: date, parameter: str) -> Measure:
    """Of the live projects, those in a field that the City made a priority of the end of term (whole per cent)."""
    live = portfolio.live(reader)
    in_priority = live.filter(portfolio.is_in_priority_field())
    return Measure(portfolio.priority_share(reader).percent, (in_priority,), live)


@measure(
    "projects-beyond-tradition",
    title=_("Share of projects in a new or opening field"),
    unit="percent",
    model="cooperation.project",
    of_today=True,
)
def projects_beyond_tradition(reader, since: date, until: date, parameter: str) -> Measure:
    """Of the live projects, those in a field that the City's documents call new or opening (whole per cent)."""
    live = portfolio.live(reader)
    return share(live.filter(_in_fields(reader, theme__kind__in=[ThemeKind.NEW, ThemeKind.OPENING])), live)


@measure(
    "projects-in-area",
    title=_("Projects with cities of an area"),
    unit="count",
    parameter="area",
    model="cooperation.project",
    of_today=True,
)
def projects_in_area(reader, since: date, until: date, parameter: str) -> Measure:
    """Live projects that take place in a city of the area or have one as a partner."""
    there = ProjectCity.objects.visible_to(reader).filter(project=OuterRef("pk"), city__in=cities_in(reader, parameter))
    return counted(portfolio.live(reader).filter(Exists(there)))


@measure(
    "transversal-projects",
    title=_("Share of projects of several directorates"),
    unit="percent",
    model="cooperation.project",
    of_today=True,
)
def transversal_projects(reader, since: date, until: date, parameter: str) -> Measure:
    """Of the live projects, those on which several directorates of the City work (whole per cent)."""
    live = portfolio.live(reader)
    return Measure(portfolio.transversality(reader).percent, (live.filter(portfolio.is_transversal()),), live)


@measure(
    "projects-with-gender-marker",
    title=_("Share of projects that aim at gender equality"),
    unit="percent",
    model="cooperation.project",
    of_today=True,
)
def projects_with_gender_marker(reader, since: date, until: date, parameter: str) -> Measure:
    """Of the live projects, those of which the DAC gender marker is 1 or 2 (whole per cent); one that nobody scored is not
    among them."""
    live = portfolio.live(reader)
    return share(live.filter(gender__gte=1), live)


# --- the money of others ---


def _external(reader, since: date, until: date) -> Measure:
    committed = money.external_commitments(reader).filter(on__range=(since, until))
    total = committed.aggregate(sum=Sum("amount_eur"))["sum"]
    return Measure(total or Decimal(0), (with_external_money(reader, since, until),))


def with_external_money(reader, since: date, until: date) -> QuerySet[Project]:
    """The projects to which others committed in cash in the period."""
    committed = money.external_commitments(reader).filter(on__range=(since, until))
    return Project.objects.visible_to(reader).filter(pk__in=committed.values("line__project")).order_by("reference")


@measure(
    "external-money",
    title=_("Money committed by others to our projects"),
    unit="EUR",
    model="cooperation.fundingline",
)
def external_money(reader, since: date, until: date, parameter: str) -> Measure:
    """EUR that others committed in cash in the period to the cooperation projects that were not abandoned."""
    return _external(reader, since, until)


@measure(
    "external-money-of-year",
    title=_("Money committed by others to our projects in the year"),
    unit="EUR",
    model="cooperation.fundingline",
)
def external_money_of_year(reader, since: date, until: date, parameter: str) -> Measure:
    """The same, in the calendar year in which the period ends."""
    return _external(reader, *in_year(since, until))


@measure(
    "external-per-city-euro",
    title=_("Euros of others for one euro of the City"),
    unit="ratio",
    model="cooperation.fundingline",
    of_today=True,
)
def external_per_city_euro(reader, since: date, until: date, parameter: str) -> Measure:
    """What others have committed in cash for one euro that the City has, over all projects not abandoned."""
    behind = Project.objects.visible_to(reader).filter(
        pk__in=money.external_commitments(reader).values("line__project")
    )
    return Measure(money.external_per_city_euro(reader).value, (behind.order_by("reference"),))


def sent_to_europe(reader, since: date, until: date) -> QuerySet[Application]:
    """Applications submitted to European programmes in the period."""
    sent = Q(stage__in=SENT, submitted_on__range=(since, until))
    return calls.applications(reader).filter(sent, call__programme__kind=FundingKind.EUROPEAN_COMMISSION)


@measure(
    "directorates-applying-to-europe",
    title=_("Directorates that applied to European funds"),
    unit="count",
    model="cooperation.application",
)
def directorates_applying_to_europe(reader, since: date, until: date, parameter: str) -> Measure:
    """Directorates of the City that submitted at least one application to a European programme in the period."""
    sent = sent_to_europe(reader, since, until)
    theirs = sent.order_by().values("directorate")
    return Measure(Organisation.objects.visible_to(reader).filter(pk__in=theirs).count(), (sent,))


@measure(
    "european-programmes-applied-to",
    title=_("European programmes applied to"),
    unit="count",
    model="cooperation.application",
)
def european_programmes_applied_to(reader, since: date, until: date, parameter: str) -> Measure:
    """European programmes to which the City submitted at least one application in the period."""
    sent = sent_to_europe(reader, since, until)
    programmes = sent.order_by().values("call__programme")
    return Measure(FundingProgramme.objects.visible_to(reader).filter(pk__in=programmes).count(), (sent,))


@measure(
    "european-applications",
    title=_("Applications to European funds"),
    unit="count",
    model="cooperation.application",
)
def european_applications(reader, since: date, until: date, parameter: str) -> Measure:
    """Applications submitted to European programmes in the period."""
    return counted(sent_to_europe(reader, since, until))


@measure(
    "obtained-in-year",
    title=_("Money obtained from funding calls in the year"),
    unit="EUR",
    model="cooperation.application",
)
def obtained_in_year(reader, since: date, until: date, parameter: str) -> Measure:
    """EUR won by applications decided in the calendar year in which the period ends."""
    decided = Q(stage=ApplicationStage.WON, decided_on__range=in_year(since, until))
    won = calls.applications(reader).filter(decided)
    return Measure(won.aggregate(sum=Sum("amount_obtained"))["sum"] or Decimal(0), (won,))


# --- culture and exchanges ---


@measure(
    "rotation-repeats",
    title=_("Recipients or disciplines supported in consecutive years"),
    unit="count",
    model="cooperation.culturalproject",
)
def rotation_repeats(reader, since: date, until: date, parameter: str) -> Measure:
    """How often, in the years of the period, a recipient or a discipline came back right after the year before."""
    years = range(since.year, until.year + 1)
    repeated = [(turn, year) for turn in culture.rotation(reader).warnings for year in turn.repeated if year in years]
    behind = {project.pk for turn, year in repeated for project in turn.by_year[year]}
    return Measure(len(repeated), (culture.rotating(reader).filter(pk__in=behind),))


@measure("tandems", title=_("Tandems between two cities"), unit="count", model="cooperation.culturalproject")
def tandems(reader, since: date, until: date, parameter: str) -> Measure:
    """Tandems under way or past, of the years of the period; one whose year nobody knows counts in none."""
    shown = Q(status__in=[CulturalStatus.CURRENT, CulturalStatus.PAST], year__range=(since.year, until.year))
    return counted(culture.of_kind(reader, CulturalKind.TANDEM).filter(shown))


def _editions(reader, programme: str, since: date, until: date) -> QuerySet[Edition]:
    return Edition.objects.visible_to(reader).filter(programme__slug=programme, year__range=(since.year, until.year))


@measure(
    "programme-editions",
    title=_("Editions of an exchange programme"),
    unit="count",
    parameter="programme",
    model="cooperation.exchangeprogramme",
)
def programme_editions(reader, since: date, until: date, parameter: str) -> Measure:
    """Editions of the programme in the years of the period."""
    return counted(_editions(reader, parameter, since, until).order_by("-year", "pk"))


@measure(
    "programme-cities",
    title=_("Partner cities of an exchange programme"),
    unit="count",
    parameter="programme",
    model="cooperation.exchangeprogramme",
)
def programme_cities(reader, since: date, until: date, parameter: str) -> Measure:
    """Cities with which the programme had an edition in the years of the period, each once."""
    theirs = _editions(reader, parameter, since, until).order_by().values("city")
    return counted(City.objects.visible_to(reader).filter(pk__in=theirs))

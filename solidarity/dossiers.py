"""Page-level reads: what a page shows, in a number of queries that does not grow with the rows."""

from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet

from cooperation import selectors as lower
from cooperation.models import Project, Theme
from core import clock
from core.pages import attached, cited
from core.translated import order
from partnerships.models import City, Country
from solidarity import selectors
from solidarity.enums import ParameterKind
from solidarity.models import (
    Allocation,
    Crisis,
    CrisisPlace,
    DeclaredAid,
    Envelope,
    FinancialReport,
    Fund,
    Grant,
    GrantPlace,
    HealthIndicator,
    Honour,
    Residency,
    ResidencyProgramme,
)
from solidarity.selectors.funds import Headroom, PathYear
from solidarity.selectors.grants import FastTrack, Owing

# Fields of cooperation whose projects stand beside the health indicators.
HEALTH_FIELDS = ("health", "maternal-child-health")


@dataclass(frozen=True)
class Funding:
    """What the page of funds shows; `envelopes` are all of them, the latest year first."""

    funds: list[Fund]
    envelopes: list[Envelope]
    headrooms: list[tuple[Envelope, list[Headroom]]]
    paths: list[tuple[Fund, list[PathYear]]]
    declared: list[DeclaredAid]
    overdue: list[FinancialReport]
    owing: list[Owing]

    @cached_property
    def this_year(self) -> list[Envelope]:
        return _of_this_year(self.envelopes)


def funding(reader) -> Funding:
    found = list(selectors.funds.funds(reader))
    envelopes = sorted((row for fund in found for row in fund.found_envelopes), key=lambda row: -row.year)  # type: ignore[attr-defined]
    with_path = [fund for fund in found if _has_target(fund)]
    bounded = _latest([row for row in envelopes if row.fund.has_ceiling])
    rooms = selectors.funds.headrooms(reader, bounded)
    return Funding(
        funds=found,
        envelopes=envelopes,
        headrooms=[(row, rooms[row.pk]) for row in bounded],
        paths=[(fund, selectors.funds.path_of(fund)) for fund in with_path],
        declared=list(selectors.funds.declared(reader).prefetch_related(cited(reader, DeclaredAid))),
        overdue=list(selectors.grants.overdue_reports(reader)),
        owing=[row for row in selectors.grants.bodies_owing_accounts(reader) if row.is_late],
    )


def _of_this_year(envelopes: list[Envelope]) -> list[Envelope]:
    year = clock.today().year
    return [row for row in envelopes if row.year == year]


def _latest(envelopes: list[Envelope]) -> list[Envelope]:
    """Of each fund the envelope of this year, or the last one before it."""
    past = [row for row in envelopes if row.year <= clock.today().year]
    by_fund = groupby(sorted(past, key=lambda row: (row.fund_id, -row.year)), key=lambda row: row.fund_id)
    return [next(rows) for _fund, rows in by_fund]


def _has_target(fund: Fund) -> bool:
    return any(row.kind == ParameterKind.YEARLY_TARGET for row in fund.parameters.all())


def fund(reader, slug: str) -> Fund | None:
    """A fund with its services, parameters, envelopes and sources; None where the reader sees no such fund."""
    return (
        selectors.funds.funds(reader)
        .prefetch_related(cited(reader, Fund), attached(reader, Fund))
        .filter(slug=slug)
        .first()
    )


@dataclass(frozen=True)
class EnvelopeDossier:
    envelope: Envelope
    headroom: list[Headroom]
    allocations: list[Allocation]


def envelope(reader, slug: str, year: int) -> EnvelopeDossier | None:
    """An envelope with the room that each service has left and the grants that it bears."""
    found = (
        selectors.funds.envelopes(reader)
        .prefetch_related(cited(reader, Envelope), attached(reader, Envelope))
        .filter(fund__slug=slug, year=year)
        .first()
    )
    if found is None:
        return None
    borne = Allocation.objects.visible_to(reader).filter(envelope=found)
    return EnvelopeDossier(
        envelope=found,
        headroom=selectors.funds.headroom(reader, found) if found.fund.has_ceiling else [],
        allocations=list(borne.select_related("grant__beneficiary", "service").order_by("-grant__reference", "pk")),
    )


def grants_in_rows(reader) -> QuerySet[Grant]:
    """Every grant with what a row of a list says of it: to plan the way to all that stands around a grant takes longer than
    to read the rows."""
    places = GrantPlace.objects.visible_to(reader).select_related("city", "country")
    rows = selectors.grants.grants(reader).select_related(None).select_related("beneficiary")
    return rows.prefetch_related(None).prefetch_related(Prefetch("places", places)).defer("description", "search")


def grant(reader, reference: str) -> Grant | None:
    """All that is known of a grant, as the reader may know it; None where there is no such grant for her."""
    return (
        selectors.grants.dossier(reader)
        .prefetch_related(cited(reader, Grant), attached(reader, Grant))
        .filter(reference=reference)
        .first()
    )


# --- what a list of grants can be narrowed by ---


def grant_years(reader) -> list[int]:
    return list(Grant.objects.visible_to(reader).order_by("-year").values_list("year", flat=True).distinct())


def grant_countries(reader) -> QuerySet[Country]:
    """The countries of the places that any grant names."""
    places = GrantPlace.objects.visible_to(reader)
    named = Q(pk__in=places.values("country")) | Q(pk__in=places.values("city__country"))
    return Country.objects.visible_to(reader).filter(named).order_by(order("name"))


def grant_themes(reader) -> QuerySet[Theme]:
    """The fields of cooperation that any grant names."""
    named = Grant.objects.visible_to(reader).filter(theme=OuterRef("pk"))
    return Theme.objects.visible_to(reader).filter(Exists(named)).order_by(order("name"))


def all_funds(reader) -> QuerySet[Fund]:
    return Fund.objects.visible_to(reader).order_by(order("name"))


# --- emergencies and health ---


# Of a crisis: the others stand in the list of grants, which is narrowed to it.
TRACKS = 3


def crises_with_tracks(reader) -> list[tuple[Crisis, list[FastTrack], int]]:
    """The crises, the latest first, each with the days of the latest grants that answer it, and how many others do."""
    found = list(selectors.grants.crises(reader))
    latest = {crisis.pk: crisis.answering[:TRACKS] for crisis in found}  # type: ignore[attr-defined]  # prefetched
    shown = [grant for grants in latest.values() for grant in grants]
    tracks = {track.grant.pk: track for track in selectors.grants.fast_tracks(reader, shown)}
    return [
        (crisis, [tracks[grant.pk] for grant in latest[crisis.pk]], len(crisis.answering) - len(latest[crisis.pk]))  # type: ignore[attr-defined]  # prefetched
        for crisis in found
    ]


def health(reader) -> list[HealthIndicator]:
    return list(
        selectors.grants.health(reader).select_related("city__country").prefetch_related(cited(reader, HealthIndicator))
    )


def health_projects(reader) -> list[tuple[Theme, list[Project]]]:
    """The projects of hospital cooperation and of maternal health, by field."""
    fields = Theme.objects.visible_to(reader).filter(slug__in=HEALTH_FIELDS).order_by(order("name"))
    projects = lower.projects.projects(reader).filter(fields__theme__slug__in=HEALTH_FIELDS).distinct()
    found = list(projects.order_by("-reference"))
    return [
        (field, [row for row in found if any(named.theme_id == field.pk for named in row.fields.all())])
        for field in fields
    ]


# --- honours and residencies ---


@dataclass(frozen=True)
class Hospitality:
    """Whom the City hosts and honours, as the public knows it, each with its sources."""

    programmes: list[ResidencyProgramme]
    residencies: list[Residency]
    honours: list[Honour]


def hospitality(reader) -> Hospitality:
    return Hospitality(
        programmes=list(selectors.honours.programmes(reader).prefetch_related(cited(reader, ResidencyProgramme))),
        residencies=list(selectors.honours.residencies(reader).prefetch_related(cited(reader, Residency))),
        honours=list(
            selectors.honours.honours(reader)
            .prefetch_related(cited(reader, Honour))
            .order_by(F("year").desc(nulls_last=True), "-reference")
        ),
    )


# --- for the pages of lower floors ---


def grants_in_city(reader, city: City) -> QuerySet[Grant]:
    places = GrantPlace.objects.visible_to(reader).filter(city=city)
    return grants_in_rows(reader).filter(pk__in=places.values("grant"))


def crises_of_city(reader, city: City) -> QuerySet[Crisis]:
    """The crises that strike the city, or its country where no city of it is named."""
    here = CrisisPlace.objects.visible_to(reader).filter(Q(city=city) | Q(country=city.country_id))
    return Crisis.objects.visible_to(reader).filter(pk__in=here.values("crisis")).order_by("-since", "pk")

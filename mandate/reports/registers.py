"""Reads that several statements share: partner cities with what ties them, networks by our role, where missions went."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from cooperation.models import Application
from core import clock, dates, written
from core.translated import order
from events.enums import PlaceStage
from events.models import Destination, Mission
from events.selectors import occasions
from mandate.reports.account import Proof, Text
from mandate.reports.statements import Period, both, name_of, proof
from partnerships import selectors
from partnerships.enums import MembershipRole, RelationKind
from partnerships.models import Area, City, CityArea, Country, Membership, Network, Relation, WatchNote


@dataclass(frozen=True)
class TiedCities:
    """Cities with the relations that tie them to ours; `called` names a city with what they say."""

    cities: list[City]
    ties: dict[int, list[Relation]]

    def called(self, city: City) -> Proof:
        return _tied(city, self.ties.get(city.pk, ()))


NO_CITIES = TiedCities([], {})


@dataclass(frozen=True)
class AreaCities(TiedCities):
    """The partner cities of an area that is part of no other."""

    area: Area


def _in_short(cities: QuerySet[City]) -> QuerySet[City]:
    """Their names and pages, and nothing else."""
    return cities.select_related(None).prefetch_related(None).only("slug", "name_fr", "name_en")


def partners(reader, period: Period) -> list[City]:
    """The partner cities, by name. One query, however many statements ask."""
    return period.once("partners", lambda: written.rows(_partners, reader))


def _partners(reader) -> QuerySet[City]:
    return _in_short(selectors.partner_cities(reader))


def partners_by_area(reader, period: Period) -> list[AreaCities]:
    """The partner cities by area, each with what ties it to ours; areas without any are left out. Three queries more."""
    cities = {city.pk: city for city in partners(reader, period)}
    areas = {area.pk: area for area in written.rows(_areas, reader)}
    found: dict[int, set[int]] = {}
    for city, key in written.rows(_in_areas, reader):
        if city in cities:
            found.setdefault(areas[key].parent_id or key, set()).add(city)
    ties: dict[int, list[Relation]] = {}
    for row in written.rows(_ties_of_partners, reader):
        assert row.city_id  # the query leaves out those with a country
        ties.setdefault(row.city_id, []).append(row)
    return [
        AreaCities([city for city in cities.values() if city.pk in found[key]], ties, areas[key])
        for key in sorted(found)
    ]


def _areas(reader) -> QuerySet[Area]:
    return Area.objects.visible_to(reader).order_by()


def _in_areas(reader) -> QuerySet[CityArea, Any]:
    return CityArea.objects.visible_to(reader).order_by().values_list("city", "area")


def _ties_of_partners(reader) -> QuerySet[Relation]:
    return _ties(reader).filter(city__isnull=False).exclude(kind=RelationKind.COMPARATOR).order_by("pk")


def cities_by_relation(reader, kinds: Collection[RelationKind]) -> dict[str, TiedCities]:
    """The cities of which a relation of the kind holds today, each once, with what that relation says. One query."""
    found: dict[str, TiedCities] = {}
    for row in written.rows(_ties_by_city, reader, tuple(kinds)):
        assert row.city_id  # the query leaves out those with a country
        assert row.city
        tied = found.setdefault(row.kind, TiedCities([], {}))
        if row.city_id not in tied.ties:
            tied.cities.append(row.city)
        tied.ties.setdefault(row.city_id, []).append(row)
    return found


def _ties_by_city(reader, kinds: tuple[RelationKind, ...]) -> QuerySet[Relation]:
    names = [f"city__{name}" for name in ("slug", "name_fr", "name_en")]
    rows = _ties(reader, *names).filter(kind__in=kinds, city__isnull=False).select_related("city")
    return rows.order_by(order("city__name"), "pk")


def _ties(reader, *more: str) -> QuerySet[Relation]:
    """The relations that hold today, as far as a report tells them."""
    told = ("city", "kind", "description_fr", "description_en", *more)
    return Relation.objects.visible_to(reader).holding_on(clock.today()).only(*told)


def _tied(city: City, relations: Iterable[Relation]) -> Proof:
    def text() -> str:
        said = "; ".join(relation.description for relation in relations)
        return _("%(city)s: %(said)s") % {"city": city, "said": said} if said else str(city)

    return proof(city, text)


def networks_with_role(reader, role: MembershipRole) -> list[Network]:
    """The networks in which we have the role today, by name."""
    return written.rows(_networks_with_role, reader, role)


def _networks_with_role(reader, role: MembershipRole) -> QuerySet[Network]:
    held = Membership.objects.visible_to(reader).holding_on(clock.today()).filter(role=role)
    return Network.objects.visible_to(reader).filter(pk__in=held.values("network")).order_by(order("name"), "pk")


def commissions(reader) -> list[Proof]:
    """The commissions of networks that the City chairs today, with their network."""
    return [proof(row.network, _commission(row)) for row in written.rows(_commissions, reader)]


def _commissions(reader) -> QuerySet[Membership]:
    held = Membership.objects.visible_to(reader).holding_on(clock.today()).filter(role=MembershipRole.COMMISSION_CHAIR)
    return held.select_related("network").order_by("pk")


def _commission(row: Membership) -> Text:
    return lambda: f"{row.network} — {row.commission}"


def note(found: WatchNote) -> Proof:
    """A note of the political watch, by city and day: its words stay where they are."""
    return proof(found.city, lambda: f"{found.city}, {dates.display(found.noted_on, 'day')}")


def applications_in_short(found: QuerySet[Application]) -> QuerySet[Application]:
    """What `application` calls them by, and nothing else."""
    named = ("project__reference", "project__title_fr", "project__title_en", "call__title_fr", "call__title_en")
    return found.select_related(None).select_related("project", "call").only("project", "call", *named)


def application(found: Application) -> Proof:
    """An application by its project and its call, with the project's page."""
    name = both(lambda: f"{found.project.title} — {found.call.title}")
    return Proof(name, found.project.reference, found.project.get_absolute_url())


def by_destination(reader, since: date, until: date) -> list[tuple[Text, int]]:
    """How many of the missions that took place and began between the two days went to each place, each once a mission, the most
    visited first. At most four queries."""
    visits: dict[tuple[str, int], int] = {}
    for *keys, count in written.rows(_visits, reader, since, until):
        visits |= {(kind, key): count for kind, key in zip(PLACES, keys, strict=True) if key}
    names: dict[tuple[str, int], City | Country | Area] = {}
    for kind, model in PLACES.items():
        if keys := [key for gone, key in visits if gone == kind]:
            named = model.objects.visible_to(reader).filter(pk__in=keys).order_by()
            names |= {(kind, place.pk): place for place in named.only("name_fr", "name_en")}
    counts = sorted(visits.items(), key=lambda row: (-row[1], row[0]))
    return [(name_of(names[place]), count) for place, count in counts if place in names]


PLACES: dict[str, type[City] | type[Country] | type[Area]] = {"city": City, "country": Country, "area": Area}


def missions_done(reader, since: date, until: date) -> QuerySet[Mission]:
    """Those that took place and began between the two days."""
    return occasions.missions_done(reader).filter(actual_start__range=(since, until)).select_related(None)


def _visits(reader, since: date, until: date) -> QuerySet[Any]:
    """As `occasions.places`: where they went, or were to go where nobody recorded where they went."""
    missions = missions_done(reader, since, until).order_by().values("pk")
    gone = Destination.objects.filter(mission=OuterRef("mission"), stage=PlaceStage.ACTUAL)
    rows = Destination.objects.visible_to(reader).filter(
        Q(stage=PlaceStage.ACTUAL) | ~Exists(gone), mission__in=missions
    )
    return rows.order_by().values_list(*PLACES).annotate(Count("mission", distinct=True))

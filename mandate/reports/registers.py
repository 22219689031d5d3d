"""Reads that several statements share: partner cities with what ties them, networks by our role, where missions went."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from cooperation.models import Application
from core import clock, dates
from core.translated import order
from events.models import Mission
from events.selectors import occasions
from mandate.reports.account import Proof
from mandate.reports.statements import Period, Text, both, name_of, proof
from partnerships import selectors
from partnerships.enums import MembershipRole, RelationKind
from partnerships.models import Area, City, CityArea, Membership, Network, Relation, WatchNote


@dataclass(frozen=True)
class AreaCities:
    """An area that is part of no other, with its partner cities."""

    area: Area
    cities: list[Proof]


def partners(reader, period: Period) -> list[City]:
    """The partner cities, by name. One query, however many statements ask."""
    return period.once("partners", lambda: list(selectors.partner_cities(reader).prefetch_related(None)))


def partners_by_area(reader, period: Period) -> list[AreaCities]:
    """The partner cities by area, each with what ties it to ours; areas without any are left out. Three queries more."""
    cities = {city.pk: city for city in partners(reader, period)}
    ties = _ties(reader, Relation.objects.visible_to(reader).filter(city__in=cities))
    areas = Area.objects.visible_to(reader).in_bulk()
    found: dict[int, dict[int, City]] = {}
    for row in CityArea.objects.visible_to(reader).filter(city__in=cities).order_by("pk"):
        area = areas[row.area_id]
        found.setdefault(area.parent_id or area.pk, {})[row.city_id] = cities[row.city_id]
    return [
        AreaCities(
            areas[key], [_tied(city, ties.get(city.pk, ())) for city in cities.values() if city.pk in found[key]]
        )
        for key in sorted(found)
    ]


def cities_by_relation(reader, kinds: Collection[RelationKind]) -> dict[str, list[Proof]]:
    """The cities of which a relation of the kind holds today, each once, with what that relation says. One query."""
    rows = Relation.objects.visible_to(reader).filter(kind__in=kinds, city__isnull=False).select_related("city")
    told: dict[str, dict[City, list[Relation]]] = {}
    for row in rows.holding_on(clock.today()).order_by(order("city__name"), "pk"):
        assert row.city  # the query leaves out those with a country
        told.setdefault(row.kind, {}).setdefault(row.city, []).append(row)
    return {kind: [_tied(city, held) for city, held in cities.items()] for kind, cities in told.items()}


def _ties(reader, relations) -> dict[int, list[Relation]]:
    found: dict[int, list[Relation]] = {}
    for row in relations.holding_on(clock.today()).exclude(kind=RelationKind.COMPARATOR).order_by("pk"):
        found.setdefault(row.city_id, []).append(row)
    return found


def _tied(city: City, relations: Sequence[Relation]) -> Proof:
    def text() -> str:
        said = "; ".join(relation.description for relation in relations)
        return _("%(city)s: %(said)s") % {"city": city, "said": said} if said else str(city)

    return proof(city, text)


def networks_with_role(reader, role: MembershipRole) -> list[Network]:
    """The networks in which we have the role today, by name."""
    held = Membership.objects.visible_to(reader).holding_on(clock.today()).filter(role=role)
    return list(Network.objects.visible_to(reader).filter(pk__in=held.values("network")).order_by(order("name"), "pk"))


def commissions(reader) -> list[Proof]:
    """The commissions of networks that the City chairs today, with their network."""
    held = Membership.objects.visible_to(reader).holding_on(clock.today()).filter(role=MembershipRole.COMMISSION_CHAIR)
    rows = held.select_related("network").order_by("pk")
    return [proof(row.network, _commission(row)) for row in rows]


def _commission(row: Membership) -> Text:
    return lambda: f"{row.network} — {row.commission}"


def note(found: WatchNote) -> Proof:
    """A note of the political watch, by city and day: its words stay where they are."""
    return proof(found.city, lambda: f"{found.city}, {dates.display(found.noted_on, 'day')}")


def application(found: Application) -> Proof:
    """An application by its project and its call, with the project's page."""
    name = both(lambda: f"{found.project.title} — {found.call.title}")
    return Proof(name, found.project.reference, found.project.get_absolute_url())


def by_destination(missions: Iterable[Mission]) -> list[tuple[Text, int]]:
    """How many of the missions went to each place, each once a mission, the most visited first."""
    places: dict[tuple[type, int], Any] = {}
    visits: Counter[tuple[type, int]] = Counter()
    for mission in missions:
        there = {(type(row.place), row.place.pk): row.place for row in occasions.places(mission)}
        places |= there
        visits.update(there.keys())
    return [(name_of(places[key]), count) for key, count in visits.most_common()]

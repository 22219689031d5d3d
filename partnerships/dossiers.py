"""Page-level reads: one record with all that its page shows, in a number of queries that does not grow with the rows."""

from dataclasses import dataclass

from dateutil.relativedelta import relativedelta
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from core import clock, deadlines
from core.deadlines import Deadline
from core.pages import attached, cited
from partnerships import selectors
from partnerships.enums import RelationKind
from partnerships.models import (
    Agreement,
    AgreementParty,
    Amendment,
    Area,
    City,
    CountryStatus,
    Dues,
    Membership,
    Network,
    NetworkCity,
    NetworkSeat,
    PersonRole,
    Relation,
    RenewalDecision,
)

# What falls due for an agreement, or for the partnership with a city.
OF_CITIES = ("agreement-expiry", "agreement-notice", "partnership-review")


def areas(reader) -> QuerySet[Area]:
    """The areas of the City's policy, in the order in which they were recorded."""
    return Area.objects.visible_to(reader).order_by("pk")


def is_only_a_model() -> Q:
    """Cities that are comparators and nothing else: models to learn from, never partners."""
    ties = Relation.objects.filter(city=OuterRef("pk"))
    other = ties.exclude(kind=RelationKind.COMPARATOR)
    return Q(Exists(ties.filter(kind=RelationKind.COMPARATOR))) & ~Q(Exists(other)) & ~selectors.is_partner()


@dataclass(frozen=True)
class CityDossier:
    city: City
    is_partner: bool
    is_only_a_model: bool
    french_speaking: CountryStatus | None
    aid: CountryStatus | None
    relations: list[Relation]
    agreements: list[Agreement]
    common_networks: list[NetworkCity]
    people: list[PersonRole]
    watch_notes: list
    decisions: list[RenewalDecision]
    deadlines: list[Deadline]


def city_dossier(reader, slug: str) -> CityDossier | None:
    """All that is known of a city, as the reader may know it; None where there is no such city for her."""
    found = (
        selectors.cities(reader)
        .prefetch_related(cited(reader, City), attached(reader, City))
        .annotate(partner=selectors.is_partner(), only_model=is_only_a_model())
        .filter(slug=slug)
        .first()
    )
    if found is None:
        return None
    # Not by a join: rows would have to be told apart by all of their columns.
    theirs = AgreementParty.objects.filter(city=found).order_by().values("agreement")
    bound = selectors.latest_signed_first(selectors.agreements(reader)).filter(pk__in=theirs)
    agreements = list(bound.prefetch_related(cited(reader, Agreement)))
    return CityDossier(
        city=found,
        is_partner=found.partner,
        is_only_a_model=found.only_model,
        french_speaking=selectors.status_on(found.country, "oif"),
        aid=selectors.status_on(found.country, "dac"),
        relations=list(
            Relation.objects.visible_to(reader).filter(city=found).prefetch_related(cited(reader, Relation))
        ),
        agreements=agreements,
        common_networks=list(common_networks(reader, found)),
        people=list(_people(reader, found)),
        watch_notes=list(selectors.watch_notes(reader, found)),
        decisions=list(selectors.decisions(reader).filter(city=found)),
        deadlines=_city_deadlines(reader, found, agreements),
    )


def common_networks(reader, city: City) -> QuerySet[NetworkCity]:
    """The networks of today that the city shares with ours."""
    today = clock.today()
    ours = Membership.objects.visible_to(reader).holding_on(today)
    return (
        NetworkCity.objects.visible_to(reader)
        .holding_on(today)
        .filter(city=city, network__in=ours.values("network"))
        .select_related("network")
        .order_by("network__name_fr")
    )


def _people(reader, city: City) -> QuerySet[PersonRole]:
    roles = PersonRole.objects.visible_to(reader).filter(city=city)
    return roles.select_related("person", "organisation").order_by("until", "person__name")


def _city_deadlines(reader, city: City, agreements: list[Agreement]) -> list[Deadline]:
    """What falls due within a year for the city's agreements, and for the partnership with it."""
    today = clock.today()
    due = deadlines.due(reader, since=today, until=today + relativedelta(years=1), only=OF_CITIES)
    bound = {agreement.pk for agreement in agreements}
    return [item for item in due if _concerns(item.record, city, bound)]


def _concerns(record, city: City, bound: set[int]) -> bool:
    if isinstance(record, RenewalDecision):
        return record.city_id == city.pk
    return isinstance(record, Agreement) and record.pk in bound


def agreement_dossier(reader, reference: str) -> Agreement | None:
    """An agreement with its amendments, documents and sources; None where there is no such agreement for the reader."""
    amendments = Amendment.objects.visible_to(reader).select_related("deliberation")
    return (
        selectors.agreements(reader)
        .select_related("renews", "deliberation__rapporteur")
        .prefetch_related(Prefetch("amendments", amendments), cited(reader, Agreement), attached(reader, Agreement))
        .filter(reference=reference)
        .first()
    )


def network_dossier(reader, slug: str) -> Network | None:
    """A network with our place in it, our seats, the dues and the member cities; None where the reader sees none such."""
    cities = NetworkCity.objects.visible_to(reader).select_related("city__country").order_by("city__name_fr")
    seats = NetworkSeat.objects.visible_to(reader).select_related("person")
    return (
        Network.objects.visible_to(reader)
        .prefetch_related(
            Prefetch("memberships", Membership.objects.visible_to(reader)),
            Prefetch("dues", Dues.objects.visible_to(reader).order_by("-year")),
            Prefetch("seats", seats),
            Prefetch("member_cities", cities),
            cited(reader, Network),
            attached(reader, Network),
        )
        .filter(slug=slug)
        .first()
    )

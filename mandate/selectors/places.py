"""Cities as the map shows them: whether something ties ours to them today, in which fields, and with how many euros of ours."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet, Sum

from cooperation.enums import ProjectStage
from cooperation.models import ProjectCity, ProjectTheme, Theme
from cooperation.selectors.money import own_commitments_by_city
from core import clock
from partnerships import selectors
from partnerships.enums import LIVE, PartyRole
from partnerships.models import AgreementParty, City, Relation
from partnerships.presentation import FAMILY_OF_AGREEMENT, FAMILY_OF_RELATION, Family
from solidarity.enums import COMMITTED
from solidarity.models import Grant, GrantPlace
from solidarity.selectors.grants import counted_places

# A comparator is a model to learn from: nothing ties ours to it.
TIES = tuple(family for family in Family if family != Family.COMPARATOR)


@dataclass(frozen=True)
class CityEuros:
    """EUR that the City has committed in cash for a city; None where nothing is recorded, which is not the same as 0."""

    grants: Decimal | None = None
    projects: Decimal | None = None

    @property
    def total(self) -> Decimal | None:
        return _known_sum((self.grants, self.projects))

    def __add__(self, other: "CityEuros") -> "CityEuros":
        return CityEuros(
            _known_sum((self.grants, other.grants)),
            _known_sum((self.projects, other.projects)),
        )


def _known_sum(parts: Iterable[Decimal | None]) -> Decimal | None:
    known = [part for part in parts if part is not None]
    return sum(known, Decimal(0)) if known else None


def has_tie(reader, families: Collection[Family] = TIES) -> Q:
    """A relation of one of the families holds today, or a live agreement of one of them binds the city."""
    relations = Relation.objects.visible_to(reader).holding_on(clock.today())
    parties = AgreementParty.objects.visible_to(reader).filter(role=PartyRole.COUNTERPART, agreement__status__in=LIVE)
    kinds = [kind for kind, family in FAMILY_OF_RELATION.items() if family in families]
    bonds = [kind for kind, family in FAMILY_OF_AGREEMENT.items() if family in families]
    return Q(Exists(relations.filter(city=OuterRef("pk"), kind__in=kinds))) | Q(
        Exists(parties.filter(city=OuterRef("pk"), agreement__kind__in=bonds))
    )


# Of a city, its country and its relations no more than the map shows and `marks` asks; the ties are hundreds.
SHOWN = ("slug", "name_fr", "name_en", "latitude", "longitude", "country__code", "country__name_fr", "country__name_en")
HOLDS = ("city", "kind", "since", "since_precision", "until", "until_precision")


def tied_cities(reader) -> QuerySet[City]:
    """The cities to which something ties ours today, with what ties them, as `partnerships.selectors.cities` reads it."""
    relations = Relation.objects.visible_to(reader).order_by("kind", "pk").only(*HOLDS)
    live = AgreementParty.objects.visible_to(reader).filter(agreement__status__in=LIVE).select_related("agreement")
    live = live.only("city", "role", "agreement__kind")
    ties = (Prefetch("relations", relations), Prefetch("parties", live, to_attr="live_parties"))
    found = selectors.with_ties(reader).prefetch_related(None).prefetch_related(*ties)
    return found.filter(has_tie(reader)).only(*SHOWN)


def in_field(reader, theme: Theme) -> Q:
    """A project or a voted grant in the field names the city."""
    projects = (
        ProjectTheme.objects.visible_to(reader).filter(theme=theme).exclude(project__stage=ProjectStage.ABANDONED)
    )
    places = ProjectCity.objects.visible_to(reader).filter(project__in=projects.values("project"))
    grants = Grant.objects.visible_to(reader).filter(theme=theme, stage__in=COMMITTED)
    granted = GrantPlace.objects.visible_to(reader).filter(grant__in=grants.order_by().values("pk"), city__isnull=False)
    return Q(pk__in=places.order_by().values("city")) | Q(pk__in=granted.order_by().values("city"))


def fields_somewhere(reader) -> QuerySet[Theme]:
    """The fields of the projects that name a city and of the voted grants."""
    placed = ProjectCity.objects.visible_to(reader).exclude(project__stage=ProjectStage.ABANDONED)
    fields = ProjectTheme.objects.visible_to(reader).filter(project__in=placed.order_by().values("project"))
    grants = Grant.objects.visible_to(reader).filter(stage__in=COMMITTED, places__city__isnull=False)
    named = Q(pk__in=fields.order_by().values("theme")) | Q(pk__in=grants.order_by().values("theme"))
    return Theme.objects.visible_to(reader).filter(named)


def euros_by_city(reader) -> dict[int, CityEuros]:
    """What the City has committed in cash (EUR) for each city of which anything is recorded, by its key; three queries.

    Grants voted that name the city, plus own commitments of the projects not abandoned that name it (of their whole, where a
    part names no city). What goes to several cities counts in each, so cities do not add up. A grant that serves a project
    whose own commitments count in the same city is left to the project, so that no euro counts twice.
    """
    grants = dict(counted_places(reader).values_list("city").annotate(sum=Sum("grant__amount_granted")))
    own = [found.values_list("city").annotate(sum=Sum("amount_eur")) for found in own_commitments_by_city(reader)]
    return _together(grants, own)


def euros_by_year(reader, city: City, *, years: int = 5) -> list[tuple[int, CityEuros]]:
    """The same euros (EUR) of one city, in this year and those before it, oldest first; three queries.

    A grant counts in the year of the envelopes that bear it, a commitment of a project on its day.
    """
    last = clock.today().year
    wanted = range(last - years + 1, last + 1)
    granted = counted_places(reader).filter(city=city, grant__year__in=wanted)
    grants = dict(granted.values_list("grant__year").annotate(sum=Sum("grant__amount_granted")))
    own = [
        found.filter(city=city.pk, on__year__in=wanted).values_list("on__year").annotate(sum=Sum("amount_eur"))
        for found in own_commitments_by_city(reader)
    ]
    found = _together(grants, own)
    return [(year, found.get(year, CityEuros())) for year in wanted]


def _together(grants: dict[int, Decimal], own: Iterable[QuerySet]) -> dict[int, CityEuros]:
    projects: dict[int, Decimal] = {}
    for key, amount in (row for rows in own for row in rows):
        projects[key] = projects.get(key, Decimal(0)) + amount
    return {key: CityEuros(grants.get(key), projects.get(key)) for key in grants.keys() | projects.keys()}

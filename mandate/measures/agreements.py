"""Measures of the register: agreements, ambassadors and networks. Each is of today, as the register shows it."""

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core import clock
from mandate.measures.registry import Measure, counted, measure
from partnerships import selectors
from partnerships.enums import CITY_KINDS, ClauseKind, OrganisationKind
from partnerships.models import Agreement, AgreementClause, CityArea, NetworkCity


def lies_in(area: str, path: str = "") -> Q:
    """The area of this short name, or one that lies in it; `path` leads to the area."""
    return Q(**{f"{path}area__slug": area}) | Q(**{f"{path}area__parent__slug": area})


def cities_in(reader, area: str):
    """The keys of the cities of the area."""
    return CityArea.objects.visible_to(reader).filter(lies_in(area)).values("city")


@measure(
    "agreements-with-gender-clause",
    title=_("Agreements with a gender-equality clause"),
    unit="percent",
    model="partnerships.agreement",
    of_today=True,
)
def agreements_with_gender_clause(reader, since: date, until: date, parameter: str) -> Measure:
    """Of the agreements with cities that are live today, those with the clause (whole per cent)."""
    live = selectors.live_agreements(reader).filter(kind__in=CITY_KINDS)
    return Measure(selectors.gender_clause_share(reader).percent, (with_gender_clause(reader),), live)


def with_gender_clause(reader) -> QuerySet[Agreement]:
    """The agreements with cities that are live today and carry the clause."""
    clause = AgreementClause.objects.filter(agreement=OuterRef("pk"), kind=ClauseKind.GENDER_EQUALITY)
    return selectors.live_agreements(reader).filter(Exists(clause), kind__in=CITY_KINDS)


@measure(
    "agreements-in-area",
    title=_("Agreements with cities of an area"),
    unit="count",
    parameter="area",
    model="partnerships.agreement",
    of_today=True,
)
def agreements_in_area(reader, since: date, until: date, parameter: str) -> Measure:
    """Live agreements to which a city of the area is party."""
    there = Q(kind__in=CITY_KINDS, parties__city__in=cities_in(reader, parameter))
    return counted(selectors.live_agreements(reader).filter(there).distinct())


@measure(
    "agreements-with-schools",
    title=_("Agreements with schools and universities"),
    unit="count",
    model="partnerships.agreement",
    of_today=True,
)
def agreements_with_schools(reader, since: date, until: date, parameter: str) -> Measure:
    """Live agreements to which a school or university is party."""
    with_school = Q(parties__organisation__kind=OrganisationKind.SCHOOL)
    return counted(selectors.live_agreements(reader).filter(with_school).distinct())


@measure(
    "ambassadors-in-agreement-countries",
    title=_("Countries of agreement cities that have an ambassador"),
    unit="percent",
    model="partnerships.ambassador",
    of_today=True,
)
def ambassadors_in_agreement_countries(reader, since: date, until: date, parameter: str) -> Measure:
    """Of the countries of the cities bound to ours by a live agreement, those with an ambassador of the City today (whole
    per cent)."""
    covered = selectors.covered_countries(reader)
    return Measure(selectors.ambassador_coverage(reader).percent, (covered,), selectors.agreement_countries(reader))


@measure(
    "networks-joined",
    title=_("Networks to which the City belongs"),
    unit="count",
    model="partnerships.network",
    of_today=True,
)
def networks_joined(reader, since: date, until: date, parameter: str) -> Measure:
    return counted(selectors.joined_networks(reader))


@measure(
    "networks-chaired",
    title=_("Networks that the City chairs, whole or a commission"),
    unit="count",
    model="partnerships.network",
    of_today=True,
)
def networks_chaired(reader, since: date, until: date, parameter: str) -> Measure:
    return counted(selectors.chaired_networks(reader))


@measure(
    "network-members",
    title=_("Member cities of a network, as known"),
    unit="count",
    parameter="network",
    model="partnerships.network",
    of_today=True,
)
def network_members(reader, since: date, until: date, parameter: str) -> Measure:
    """Cities recorded as members of the network today; a network may say that it has more."""
    members = NetworkCity.objects.visible_to(reader).holding_on(clock.today()).filter(network__slug=parameter)
    return counted(selectors.cities(reader).filter(pk__in=members.values("city")))

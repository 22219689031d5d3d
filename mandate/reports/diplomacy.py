"""City diplomacy: partner cities by area, agreements signed, networks. What follows of it is in `mandate.reports.travels`."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.templatetags.parvis import number
from events.enums import EventKind
from mandate.enums import ReportSection, Unit
from mandate.reports import registers
from mandate.reports.money import states_declared
from mandate.reports.occasions import page, states_events
from mandate.reports.statements import Asked, Period, Stated, counted, if_any, numbered, statement
from partnerships import selectors
from partnerships.enums import CITY_KINDS, LIVE, SIGNED_STATES, MembershipRole, NetworkStatus, PartyRole, RelationKind
from partnerships.models import Agreement, AgreementParty
from solidarity.enums import FundKind

DIPLOMACY = ReportSection.DIPLOMACY


# --- partner cities ---


@statement("partner-cities", DIPLOMACY, model="partnerships.city", figure="partner-cities")
def partner_cities(reader, period: Period) -> Iterator[Stated]:
    def text(count: int) -> str:
        said = ngettext("The City has %(count)s partner city.", "The City has %(count)s partner cities.", count)
        return said % {"count": number(count)}

    yield counted(registers.partners(reader, period), text, link=page("partnerships:cities", partner="true"))


@statement(
    "partners",
    DIPLOMACY,
    model="partnerships.city",
    definition=gettext_lazy(
        "Partner cities that lie in the area or in one that is part of it, with what ties them to the City on the day of the "
        "figures. A city may lie in several areas or in none: areas do not add up."
    ),
)
def partners_by_area(reader, period: Period) -> Iterator[Stated]:
    for found in registers.partners_by_area(reader, period):

        def text(found=found) -> str:
            told = {"area": found.area, "count": number(len(found.cities))}
            return _("Partner cities, %(area)s: %(count)s") % told

        yield Stated(
            text,
            len(found.cities),
            Unit.COUNT,
            link=page("partnerships:cities", area=found.area.slug, partner="true"),
            records=found.cities,
            called=found.called,
            part=found.area.slug,
        )


@statement(
    "partnerships-in-progress",
    DIPLOMACY,
    model="partnerships.city",
    definition=gettext_lazy(
        "Cities of which a relation recorded on the day of the figures says that the partnership is being strengthened, or "
        "that it is promising; a promising one is no partner yet by that alone."
    ),
)
def in_progress(reader, period: Period) -> Iterator[Stated]:
    sentences = {
        RelationKind.STRENGTHENING: gettext_lazy("Partnerships being strengthened: %(count)s"),
        RelationKind.PROMISING: gettext_lazy("Promising partnerships: %(count)s"),
    }
    tied = registers.cities_by_relation(reader, list(sentences))
    for kind, sentence in sentences.items():
        found = tied.get(kind, registers.NO_CITIES)
        link = page("partnerships:cities", relation=kind)
        yield counted(found.cities, numbered(sentence), link=link, called=found.called, part=kind)


# --- agreements ---


@statement(
    "city-agreements",
    DIPLOMACY,
    model="partnerships.agreement",
    definition=gettext_lazy(
        "Agreements with cities that are signed or in force on the day of the figures. In force = sent to the prefect, and "
        "its effect has begun (CGCT L1115-1)."
    ),
)
def city_agreements(reader, period: Period) -> Iterator[Stated]:
    def text(count: int) -> str:
        said = ngettext(
            "%(count)s agreement with another city is live.", "%(count)s agreements with other cities are live.", count
        )
        return said % {"count": number(count)}

    link = page(
        "partnerships:agreements", status=[str(status) for status in LIVE], kind=[str(kind) for kind in CITY_KINDS]
    )
    yield counted(Asked(_with_cities, reader), text, link=link)


def _with_cities(reader) -> QuerySet[Agreement]:
    return selectors.latest_signed_first(selectors.live_agreements(reader).filter(kind__in=CITY_KINDS))


@statement(
    "agreements-signed",
    DIPLOMACY,
    model="partnerships.agreement",
    definition=gettext_lazy(
        "Agreements with cities signed in the period. A signature known to the month, the season or the year counts from its "
        "first day; one that no record dates counts in no period and is named apart, whatever became of the agreement."
    ),
)
def agreements_signed(reader, period: Period) -> Iterator[Stated]:
    since, until = (day.isoformat() for day in period.days)

    def text(count: int) -> str:
        said = ngettext(
            "%(count)s agreement with a city was signed in the period.",
            "%(count)s agreements with cities were signed in the period.",
            count,
        )
        return said % {"count": number(count)}

    def undated(count: int) -> str:
        return _("Agreements with cities signed on a day that no record gives: %(count)s") % {"count": number(count)}

    ours = {"kind": [str(kind) for kind in CITY_KINDS], "status": [str(status) for status in SIGNED_STATES]}
    link = page("partnerships:agreements", signed_after=since, signed_before=until, **ours)
    yield counted(Asked(_signed, reader, period.days), text, link=link)
    yield from if_any(counted(Asked(_signed_without_day, reader), undated, part="undated"))


def _agreements(reader) -> QuerySet[Agreement]:
    found = selectors.agreements(reader).filter(kind__in=CITY_KINDS, status__in=SIGNED_STATES)
    return selectors.latest_signed_first(found)


def _signed(reader, since: date, until: date) -> QuerySet[Agreement]:
    return _agreements(reader).filter(signed_on__range=(since, until))


def _signed_without_day(reader) -> QuerySet[Agreement]:
    return _agreements(reader).filter(signed_on=None)


@statement(
    "granted-to-partners",
    DIPLOMACY,
    model="partnerships.agreement",
    definition=gettext_lazy(
        "Live agreements by which another funds a body that the City works with; the City itself gets nothing from them."
    ),
)
def granted_to_partners(reader, period: Period) -> Iterator[Stated]:
    def text(count: int) -> str:
        return _("Co-funding granted to partners of the City: %(count)s") % {"count": number(count)}

    link = page("partnerships:agreements", status=[str(status) for status in LIVE], granted_to_partner="true")
    yield from if_any(counted(Asked(_granted_to_partners, reader), text, link=link))


def _granted_to_partners(reader) -> QuerySet[Agreement]:
    beneficiaries = AgreementParty.objects.filter(agreement=OuterRef("pk"), role=PartyRole.BENEFICIARY)
    return selectors.latest_signed_first(selectors.live_agreements(reader).filter(Exists(beneficiaries)))


# --- networks ---


@statement(
    "chairs",
    DIPLOMACY,
    model="partnerships.network",
    definition=gettext_lazy(
        "Networks that the City chairs on the day of the figures; the figure is the least number of members that the network "
        "states."
    ),
)
def chairs(reader, period: Period) -> Iterator[Stated]:
    for network in registers.networks_with_role(reader, MembershipRole.CHAIR):

        def text(network=network) -> str:
            if network.members_min is None:
                return _("The City chairs the network “%(network)s”.") % {"network": network}
            said = _("The City chairs the network “%(network)s”, which has at least %(count)s members.")
            return said % {"network": network, "count": number(network.members_min)}

        yield Stated(text, network.members_min, Unit.COUNT, records=[network], part=network.slug)


@statement(
    "networks-joined",
    DIPLOMACY,
    model="partnerships.network",
    definition=gettext_lazy("Active networks to which the City belongs on the day of the figures, in whatever role."),
)
def networks_joined(reader, period: Period) -> Iterator[Stated]:
    def text(count: int) -> str:
        said = ngettext("The City belongs to %(count)s network.", "The City belongs to %(count)s networks.", count)
        return said % {"count": number(count)}

    link = page("partnerships:networks", status=NetworkStatus.ACTIVE, role=[str(role) for role in MembershipRole])
    yield counted(Asked(selectors.joined_networks, reader), text, link=link)


@statement(
    "networks-initiated",
    DIPLOMACY,
    model="partnerships.network",
    definition=gettext_lazy(
        "Networks and joint calls that the City started, or plans to start, as recorded on the day of the figures."
    ),
)
def networks_initiated(reader, period: Period) -> Iterator[Stated]:
    found = registers.networks_with_role(reader, MembershipRole.INITIATOR)

    def text() -> str:
        return _("Networks and calls that the City started or plans: %(count)s") % {"count": number(len(found))}

    yield Stated(
        text, len(found), Unit.COUNT, records=found, link=page("partnerships:networks", role=MembershipRole.INITIATOR)
    )


states_events("network-meetings", DIPLOMACY, [EventKind.STATUTORY], gettext_lazy("Statutory meetings of networks"))
# The fund of a network stands beside it; the other funds are those of solidarity.
states_declared("declared-to-networks", DIPLOMACY, Q(fund__kind=FundKind.CONTRIBUTION))

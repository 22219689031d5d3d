"""Reads and figures of the register. Each figure has one definition, used by pages, admin, API and reports alike."""

from datetime import date

from dateutil.relativedelta import relativedelta
from django.db.models import Case, Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, When

from core import clock, written
from core.figures import Share
from core.translated import order
from core.written import later
from partnerships.enums import (
    CHAIRING,
    CITY_KINDS,
    DAC_STATUSES,
    LIVE,
    OIF_STATUSES,
    PARTNERSHIP,
    AgreementStatus,
    ClauseKind,
    NetworkStatus,
    PartyRole,
    RelationKind,
)
from partnerships.models import (
    Agreement,
    AgreementClause,
    AgreementParty,
    Ambassador,
    Area,
    City,
    Country,
    CountryStatus,
    Dues,
    Membership,
    Network,
    Relation,
    RenewalDecision,
    WatchNote,
)


def cities(reader) -> QuerySet[City]:
    """Every place visible to the reader, by name, with country, relations, areas and live agreements in a fixed number of queries."""
    return with_ties(reader).prefetch_related(later("areas", lambda: Area.objects.visible_to(reader)))


def with_ties(reader) -> QuerySet[City]:
    """The same without their areas: what `presentation.marks` needs."""
    return (
        City.objects.visible_to(reader)
        .select_related("country")
        .prefetch_related(
            later("relations", lambda: Relation.objects.visible_to(reader).order_by("kind", "pk")),
            later(
                "parties",
                lambda: _live_parties(reader),
                to_attr="live_parties",
            ),
        )
        .order_by(order("name"), "pk")
    )


def _live_parties(reader) -> QuerySet[AgreementParty]:
    return AgreementParty.objects.visible_to(reader).filter(agreement__status__in=LIVE).select_related("agreement")


def is_partner() -> Q:
    """A city is a partner where a relation says so today, or a live agreement binds us. A comparator alone never is."""
    partnership = Relation.objects.holding_on(clock.today()).filter(city=OuterRef("pk"), kind__in=PARTNERSHIP)
    agreement = AgreementParty.objects.filter(
        city=OuterRef("pk"), role=PartyRole.COUNTERPART, agreement__status__in=LIVE
    )
    return Q(Exists(partnership)) | Q(Exists(agreement))


def partner_cities(reader) -> QuerySet[City]:
    """The cities that are partners today (`is_partner`)."""
    return cities(reader).filter(is_partner())


def comparator_cities(reader) -> QuerySet[City]:
    """The cities that ours compares itself with today: models to learn from, not partners by that alone."""
    compared = Relation.objects.holding_on(clock.today()).filter(city=OuterRef("pk"), kind=RelationKind.COMPARATOR)
    return cities(reader).filter(Exists(compared))


def partner_countries(reader) -> QuerySet[Country]:
    """The countries of the partner cities."""
    partners = City.objects.visible_to(reader).filter(is_partner())
    return Country.objects.visible_to(reader).filter(pk__in=partners.values("country")).order_by(order("name"))


def city_countries(reader) -> QuerySet[Country]:
    """The countries in which the register has a city."""
    return (
        Country.objects.visible_to(reader)
        .filter(Exists(City.objects.visible_to(reader).filter(country=OuterRef("pk"))))
        .order_by(order("name"))
    )


def agreements(reader) -> QuerySet[Agreement]:
    """Every agreement visible to the reader, with parties, clauses and deliberation."""
    return (
        Agreement.objects.visible_to(reader)
        .select_related("deliberation", "renewed_by")
        .prefetch_related(
            later("parties", lambda: AgreementParty.objects.visible_to(reader).select_related("city", "organisation")),
            later("clauses", lambda: AgreementClause.objects.visible_to(reader)),
        )
    )


def latest_signed_first(agreements: QuerySet[Agreement]) -> QuerySet[Agreement]:
    """The latest signed first; then those signed on a day that nobody recorded; then voted ones; drafts last."""
    stage = Case(When(status=AgreementStatus.DRAFT, then=2), When(status=AgreementStatus.VOTED, then=1), default=0)
    return agreements.order_by(stage, F("signed_on").desc(nulls_last=True), "reference")


def agreement_cities(reader) -> QuerySet[City]:
    """The cities that are party to an agreement of whatever state."""
    parties = AgreementParty.objects.visible_to(reader).filter(city__isnull=False)
    return City.objects.visible_to(reader).filter(pk__in=parties.values("city")).order_by(order("name"))


def drafts(reader) -> QuerySet[Agreement]:
    """Agreements in preparation: not voted yet, or voted and not signed."""
    return agreements(reader).filter(status__in=[AgreementStatus.DRAFT, AgreementStatus.VOTED])


def live_agreements(reader) -> QuerySet[Agreement]:
    """Agreements signed or in force."""
    return agreements(reader).filter(status__in=LIVE)


def live_agreements_in_short(reader) -> QuerySet[Agreement]:
    """The same with no more than a list of them all says: title, state, last day and parties."""
    names = [f"{body}__name_{language}" for body in ("city", "organisation") for language in ("fr", "en")]
    parties = AgreementParty.objects.visible_to(reader).select_related("city", "organisation").only("agreement", *names)
    found = live_agreements(reader).select_related(None).prefetch_related(None)
    return found.prefetch_related(Prefetch("parties", parties)).only(
        "reference", "title_fr", "title_en", "status", "expires_on", "tacit_renewal", "open_ended"
    )


def agreements_in_force(reader) -> QuerySet[Agreement]:
    return agreements(reader).filter(status=AgreementStatus.IN_FORCE)


def signed_without_effect(reader) -> QuerySet[Agreement]:
    """Signed, but not in force: nothing shows yet that they were sent to the prefect (A1)."""
    return agreements(reader).filter(status=AgreementStatus.SIGNED)


def expiring(reader, *, within_months: int = 6) -> QuerySet[Agreement]:
    """Live agreements whose last day comes within so many months, or has passed without anyone noting it; soonest first."""
    limit = clock.today() + relativedelta(months=within_months)
    return (
        live_agreements(reader).filter(expires_on__lte=limit, tacit_renewal=False).order_by("expires_on", "reference")
    )


def gender_clause_share(reader) -> Share:
    """The agreements with cities, signed or in force, that carry a gender-equality clause."""
    part, whole = written.counts(reader, (_with_gender_clause,), (_with_cities,))
    return Share(part, whole)


def _with_cities(reader) -> QuerySet[Agreement]:
    return Agreement.objects.visible_to(reader).filter(status__in=LIVE, kind__in=CITY_KINDS)


def _with_gender_clause(reader) -> QuerySet[Agreement]:
    return _with_cities(reader).filter(clauses__kind=ClauseKind.GENDER_EQUALITY).distinct()


def _serving_ambassadors(reader) -> QuerySet[Ambassador]:
    """The ambassadors of today to the country of the query around this one."""
    return Ambassador.objects.visible_to(reader).filter(
        Q(until__isnull=True) | Q(until__gte=clock.today()), since__lte=clock.today(), country=OuterRef("pk")
    )


def agreement_countries(reader) -> QuerySet[Country]:
    """The countries of the cities bound to ours by a live agreement: first for the network of ambassadors."""
    bound = AgreementParty.objects.visible_to(reader).filter(
        agreement__status__in=LIVE, agreement__kind__in=CITY_KINDS, city__isnull=False
    )
    return (
        Country.objects.visible_to(reader)
        .filter(pk__in=bound.values("city__country"))
        .annotate(has_ambassador=Exists(_serving_ambassadors(reader)))
        .order_by(order("name"))
    )


def covered_countries(reader) -> QuerySet[Country]:
    """Of the countries of agreement cities, those that have an ambassador today."""
    return agreement_countries(reader).filter(Exists(_serving_ambassadors(reader)))


def ambassador_coverage(reader) -> Share:
    """Of the countries of agreement cities, those that have an ambassador today."""
    return Share(covered_countries(reader).count(), agreement_countries(reader).count())


def networks(reader) -> QuerySet[Network]:
    """Every network visible to the reader, with our memberships of today, dues and how many member cities we know."""
    current = Membership.objects.visible_to(reader).holding_on(clock.today())
    return (
        Network.objects.visible_to(reader)
        .prefetch_related(
            Prefetch("memberships", current, to_attr="current_memberships"),
            Prefetch("dues", Dues.objects.visible_to(reader)),
        )
        .annotate(known_cities=Count("member_cities", distinct=True))
        .order_by(order("name"), "pk")
    )


def chaired_networks(reader) -> QuerySet[Network]:
    """Active networks in which we chair the whole or a commission today."""
    chairs = Membership.objects.visible_to(reader).holding_on(clock.today()).filter(role__in=CHAIRING)
    return networks(reader).filter(pk__in=chairs.values("network"))


def joined_networks(reader) -> QuerySet[Network]:
    """Active networks to which our city belongs today, in whatever role."""
    ours = Membership.objects.visible_to(reader).holding_on(clock.today())
    return networks(reader).filter(status=NetworkStatus.ACTIVE, pk__in=ours.values("network"))


def unpaid_dues(reader) -> QuerySet[Dues]:
    """Dues not wholly paid, oldest first."""
    return (
        Dues.objects.visible_to(reader)
        .filter(paid_on__isnull=True)
        .select_related("network")
        .order_by("due_on", "year")
    )


def status_on(country: Country, family: str, day: date | None = None) -> CountryStatus | None:
    """The country's standing on a day (today by default): `family` is `oif` or `dac`. None = it had none."""
    return country.statuses.filter(_standing_on(family, day)).first()


def _standing_on(family: str, day: date | None = None) -> Q:
    day = day or clock.today()
    kinds = {"oif": OIF_STATUSES, "dac": DAC_STATUSES}[family]
    return (Q(until__isnull=True) | Q(until__gte=day)) & Q(kind__in=kinds, since__lte=day)


def aided_countries(reader, day: date | None = None) -> QuerySet[Country]:
    """The countries on the DAC list of aid recipients on the day (today by default)."""
    held = CountryStatus.objects.visible_to(reader).filter(_standing_on("dac", day))
    return Country.objects.visible_to(reader).filter(pk__in=held.values("country"))


def watch_notes(reader, city: City | None = None) -> QuerySet[WatchNote]:
    """The political watch as the reader may read it, newest first."""
    notes = WatchNote.objects.visible_to(reader).select_related("city")
    return notes.filter(city=city) if city else notes


def decisions(reader) -> QuerySet[RenewalDecision]:
    """What was decided of partnerships, the latest first."""
    found = RenewalDecision.objects.visible_to(reader).select_related("city", "decided_by")
    return found.order_by("-decided_on", "-pk")


def ruling_decisions(reader) -> QuerySet[RenewalDecision]:
    """Of each city the decision that rules: the one of the latest day."""
    later = RenewalDecision.objects.filter(city=OuterRef("city"), decided_on__gt=OuterRef("decided_on"))
    return decisions(reader).filter(~Exists(later))


def live_agreements_with(reader, city: City) -> QuerySet[Agreement]:
    """The agreements signed or in force to which the city is the counterpart."""
    return live_agreements(reader).filter(parties__city=city, parties__role=PartyRole.COUNTERPART).distinct()

"""Partnerships that sleep: cities to which something binds ours, and with which nothing has happened for months."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet

from core import clock, written
from mandate.selectors.signs import Sign, last_signs, without_fresh_ones
from partnerships import selectors
from partnerships.enums import CITY_KINDS, LIVE, PARTNERSHIP, PartyRole, RenewalVerdict
from partnerships.models import AgreementParty, City, Relation, RenewalDecision

# So few and so many months may be asked for.
FEWEST, MOST = 6, 120


@dataclass(frozen=True)
class Dormant:
    """A city with which nothing has happened for long: the last sign of life, where any is recorded, and the decision that
    rules, where one was made. `waits`: nobody has decided, or what was decided is to be looked at again."""

    city: City
    last: Sign | None
    decision: RenewalDecision | None
    waits: bool

    @property
    def months(self) -> int | None:
        """For how many whole months nothing has happened; None where nobody knows since when."""
        if self.last is None or self.last.day is None:
            return None
        quiet = relativedelta(clock.today(), self.last.latest)
        return 12 * quiet.years + quiet.months


def partnership_cities(reader) -> QuerySet[City]:
    """The cities that a relation of partnership ties to ours today, or a live agreement of those made with cities."""
    relation = Relation.objects.visible_to(reader).holding_on(clock.today())
    party = AgreementParty.objects.visible_to(reader).filter(role=PartyRole.COUNTERPART, agreement__status__in=LIVE)
    tied = Q(Exists(relation.filter(city=OuterRef("pk"), kind__in=PARTNERSHIP)))
    bound = Q(Exists(party.filter(city=OuterRef("pk"), agreement__kind__in=CITY_KINDS)))
    return selectors.cities(reader).filter(tied | bound)


def dormant(reader, months: int | None = None) -> list[Dormant]:
    """The partnerships in which nothing that the reader sees has happened for so many months (`DORMANT_MONTHS` by default).

    What goes on today or is planned is life, and so is the beginning of the partnership: none sleeps before it is as old.
    Those of which nobody knows when something last happened come last, the longest asleep first. However many there are, no more
    queries than kinds of signs and six.
    """
    since = clock.today() - relativedelta(months=settings.DORMANT_MONTHS if months is None else months)
    # Of most cities nothing more than their key is needed, and of those where something happened lately not even that.
    keys = dict(written.rows(_quiet, reader, since))
    last = last_signs(reader, keys, since, enough=since)
    asleep = [pk for pk in keys if pk not in last or last[pk].latest < since]
    ruling = {row.city_id: row for row in selectors.ruling_decisions(reader).filter(city__in=asleep)}
    cities = selectors.cities(reader).filter(pk__in=asleep)
    found = [
        Dormant(city, last.get(city.pk), ruling.get(city.pk), _waits(city, ruling.get(city.pk))) for city in cities
    ]
    return sorted(found, key=lambda row: (row.months is None, -(row.months or 0), row.last is None))


def _quiet(reader, since: date) -> QuerySet:
    tied = partnership_cities(reader).prefetch_related(None).order_by()
    return without_fresh_ones(reader, tied, since).values_list("pk", "slug")


def waiting(rows: Iterable[Dormant]) -> list[Dormant]:
    """Those of which somebody has to decide what becomes of them."""
    return [row for row in rows if row.waits]


def _waits(city: City, decision: RenewalDecision | None) -> bool:
    if decision is None:
        return True
    if decision.verdict == RenewalVerdict.END:
        return _began_again(city, decision)
    return decision.until is not None and decision.until <= clock.today()


def _began_again(city: City, decision: RenewalDecision) -> bool:
    """What ties the city to ours today is younger than the end that was decided: it is another partnership."""
    ties = [
        (relation.since, relation.created_at)
        for relation in city.relations.all()
        if relation.kind in PARTNERSHIP and relation.holds_on(clock.today())
    ] + [
        (party.agreement.signed_on, party.agreement.created_at)
        for party in city.live_parties  # type: ignore[attr-defined]  # prefetched by partnerships.selectors.cities
        if party.role == PartyRole.COUNTERPART and party.agreement.kind in CITY_KINDS
    ]
    return any(_is_younger(since, recorded, decision) for since, recorded in ties)


def _is_younger(since: date | None, recorded: datetime, decision: RenewalDecision) -> bool:
    return since > decision.decided_on if since else recorded > decision.created_at

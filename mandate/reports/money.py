"""What the report states of money, in EUR: amounts that the City declares, each alone; then voted, committed and paid, told apart.

Of the years in which no envelope is recorded nothing is known, which is not 0.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cooperation.models import Theme
from core import written
from core.templatetags.parvis import euros, number
from mandate.enums import ReportSection, Unit
from mandate.reports.account import Proof, Text
from mandate.reports.occasions import page
from mandate.reports.statements import Asked, Period, Stated, both, counted, if_any, in_short, name_of, names, statement
from partnerships.models import Country, Deliberation
from solidarity.enums import COMMITTED, AidBasis, FundKind
from solidarity.models import DeclaredAid, Envelope, Fund, Grant, GrantPlace, Payment
from solidarity.selectors import funds

SOLIDARITY = ReportSection.SOLIDARITY
DECLARED = gettext_lazy(
    "An amount as the City states it, for a year. Amounts stated are shown side by side: none is a part of another, they are "
    "never added up, and they are no budgets."
)


# --- amounts that the City states ---


def states_declared(key: str, section: ReportSection, narrowed: Q) -> None:
    """Registers the statement of the declared amounts that the condition names, each by itself."""

    @statement(key, section, model="solidarity.declaredaid", definition=DECLARED)
    def declared(reader, period: Period) -> Iterator[Stated]:
        for aid in written.rows(_declared_where, reader, narrowed):
            yield Stated(
                _declared(aid),
                aid.amount,
                Unit.EUROS,
                note=_sources(aid),
                records=[_fund_of(aid)],
                part=aid.slug,
            )


def _declared_where(reader, narrowed: Q) -> QuerySet[DeclaredAid]:
    return funds.declared(reader).filter(narrowed).order_by("pk")


def _declared(aid: DeclaredAid) -> Text:
    def text() -> str:
        told = {"what": aid.label, "amount": euros(aid.amount), "year": aid.year}
        if aid.basis == AidBasis.TARGET:
            return (
                _("%(what)s: %(amount)s a year, a target for %(year)s") % told
                if aid.year
                else _("%(what)s: %(amount)s a year, a target") % told
            )
        return _("%(what)s: %(amount)s a year, as declared") % told

    return text


def _sources(aid: DeclaredAid) -> Text | None:
    return (lambda: _("Source: %(source)s.") % {"source": aid.reference}) if aid.reference else None


def _fund_of(aid: DeclaredAid) -> Proof:
    """The page of the fund that the amount is about; where it is about none, the table of what is declared."""
    declared = f"{reverse('solidarity:funds')}#declared"
    return Proof(both(lambda: aid.label), link=aid.fund.get_absolute_url() if aid.fund else declared)


states_declared("declared", SOLIDARITY, Q(fund=None) | ~Q(fund__kind=FundKind.CONTRIBUTION))


# --- voted, committed, paid ---


def _envelopes(reader, period: Period) -> list[Envelope]:
    """The envelopes of the calendar years in which the period lies, with what is committed on them. One query."""
    return period.once("envelopes", lambda: written.rows(_envelopes_of, reader, period.years[0], period.years[-1]))


def _envelopes_of(reader, first: int, last: int) -> QuerySet[Envelope]:
    return funds.envelopes(reader).filter(year__range=(first, last))


def _by_fund(found: list[Envelope], column: str) -> list[tuple[Text, Decimal]]:
    """The sum of the column over the envelopes of each fund."""
    sums: dict[int, Decimal] = {}
    names: dict[int, Fund] = {}
    for envelope in found:
        names[envelope.fund_id] = envelope.fund
        sums[envelope.fund_id] = sums.get(envelope.fund_id, Decimal(0)) + getattr(envelope, column)
    return [(name_of(names[key]), sums[key]) for key in names]


@statement(
    "envelopes",
    SOLIDARITY,
    model="solidarity.envelope",
    definition=gettext_lazy(
        "Of the envelopes of the calendar years in which the period lies: what the Council authorised to commit (AE), and what "
        "voted grants take of it. Declared amounts are not added. Not known where no envelope of these years is recorded."
    ),
)
def envelopes(reader, period: Period) -> Iterator[Stated]:
    found = _envelopes(reader, period)
    sentences = {
        "commitment_authorised": gettext_lazy("Voted on the envelopes of the funds, %(years)s"),
        "committed": gettext_lazy("Committed by voted grants on these envelopes, %(years)s"),
    }
    for column, sentence in sentences.items():
        total = sum((getattr(envelope, column) for envelope in found), Decimal(0)) if found else None
        yield Stated(
            _of_years(sentence, period),
            total,
            Unit.EUROS,
            note=None if found else _no_envelope,
            records=found,
            rows=_by_fund(found, column),
            part="voted" if column == "commitment_authorised" else column,
        )


def _of_years(sentence: str | Promise, period: Period) -> Text:
    first, last = period.years[0], period.years[-1]
    return lambda: str(sentence) % {"years": str(first) if first == last else f"{first}-{last}"}


def _no_envelope() -> str:
    return _("No envelope of these years is recorded.")


@statement(
    "paid",
    SOLIDARITY,
    model="solidarity.payment",
    definition=gettext_lazy(
        "Payments of grants made in the period, both days included, by fund, whatever year committed them. Not known where "
        "neither a payment nor an envelope of these years is recorded."
    ),
)
def paid(reader, period: Period) -> Iterator[Stated]:
    sums = dict(written.rows(_paid_by_fund, reader, *period.days))
    named = [fund for fund in written.rows(_funds, reader) if fund.pk in sums]
    known = bool(sums or _envelopes(reader, period))
    yield Stated(
        lambda: _("Paid in the period"),
        sum(sums.values(), Decimal(0)) if known else None,
        Unit.EUROS,
        note=None if known else _no_envelope,
        records=written.rows(_first_paid, reader, period.named, *period.days),
        # By the payments, which who sees them sees with their grants: to ask each grant takes three times as long.
        total=sum(written.rows(_grants_paid, reader, *period.days)),
        rows=[(name_of(fund), sums[fund.pk]) for fund in named],
    )


def _payments(reader, since: date, until: date) -> QuerySet[Payment]:
    return Payment.objects.visible_to(reader).filter(paid_on__range=(since, until)).order_by()


def _paid_by_fund(reader, since: date, until: date) -> QuerySet[Payment, Any]:
    return _payments(reader, since, until).values_list("allocation__envelope__fund").annotate(Sum("amount"))


def _grants_paid(reader, since: date, until: date) -> QuerySet[Payment, Any]:
    """How many grants, in one row; none where nothing is paid."""
    all_of_them = _payments(reader, since, until).annotate(all=Value(True)).values("all")
    return all_of_them.annotate(grants=Count("grant", distinct=True)).values_list("grants", flat=True)


def _funds(reader) -> QuerySet[Fund]:
    return Fund.objects.visible_to(reader).only("name_fr", "name_en").order_by("name_fr")


def _first_paid(reader, named: int, since: date, until: date) -> QuerySet[Grant]:
    """Without how many there are: they are found by their reference, the others are not looked at."""
    paid = _payments(reader, since, until).filter(grant=OuterRef("pk"))
    return in_short(Grant.objects.visible_to(reader).filter(Exists(paid)).order_by("reference"))[:named]


# --- grants ---


def voted(reader, since: date, until: date) -> QuerySet[Grant]:
    """The grants that the Council voted in the period, by the day of the deliberation; without what their own pages show
    besides."""
    return Grant.objects.visible_to(reader).filter(_was_voted(since, until)).order_by("reference")


def _was_voted(since: date, until: date, grant: str = "") -> Q:
    """Of a grant, or of the `grant__` that a row is about."""
    return Q((f"{grant}stage__in", COMMITTED), (f"{grant}deliberation__voted_on__range", (since, until)))


def page_of_votes(period: Period, **narrowed: str) -> str:
    """The list of the grants that `voted` finds."""
    since, until = (day.isoformat() for day in period.days)
    return page("solidarity:grants", stage=list(COMMITTED), voted_after=since, voted_before=until, **narrowed)


def _first_voted(reader, period: Period) -> list[Grant]:
    """The first of them, to be named. One query, however many statements ask."""
    return period.once("first-voted", lambda: written.rows(_first_of_votes, reader, period.named, *period.days))


def _first_of_votes(reader, named: int, since: date, until: date) -> QuerySet[Grant]:
    return in_short(voted(reader, since, until))[:named]


@dataclass(frozen=True)
class Votes:
    """The votes of the period on grants of one year and one field: how many, and EUR granted in cash."""

    year: int
    theme: int | None
    count: int
    amount: Decimal


def _votes(reader, period: Period) -> list[Votes]:
    """The votes of the period by year and field. One query, however many statements ask."""

    return period.once(
        "votes", lambda: [Votes(*row) for row in written.rows(_votes_by_year_and_field, reader, *period.days)]
    )


def _votes_by_year_and_field(reader, since: date, until: date) -> QuerySet[Grant, Any]:
    rows = voted(reader, since, until).order_by().values_list("year", "theme")
    return rows.annotate(Count("pk"), Sum("amount_granted")).order_by("year", "theme")


def _sums(votes: list[Votes], column: str) -> dict[Any, Decimal]:
    """EUR granted by the column."""
    sums: dict[Any, Decimal] = {}
    for row in votes:
        key = getattr(row, column)
        sums[key] = sums.get(key, Decimal(0)) + row.amount
    return sums


@statement(
    "grants-voted",
    SOLIDARITY,
    model="solidarity.grant",
    definition=gettext_lazy(
        "Grants of which the deliberation was voted in the period, whatever came of them after, and the EUR granted in cash. "
        "A vote known to the month counts from its first day, one that no record dates is told apart. 0 = none is recorded, where envelopes are; otherwise the amount "
        "is not known."
    ),
)
def grants_voted(reader, period: Period) -> Iterator[Stated]:
    votes = _votes(reader, period)
    count = sum(row.count for row in votes)
    years = _sums(votes, "year")
    known = bool(count or _envelopes(reader, period))

    def text() -> str:
        if not count:
            return _("No grant voted in the period is recorded.")
        said = ngettext("%(count)s grant was voted.", "%(count)s grants were voted.", count)
        return said % {"count": number(count)}

    yield Stated(
        text,
        _total(years) if known else None,
        Unit.EUROS,
        note=None if known else _no_envelope,
        link=page_of_votes(period),
        records=_first_voted(reader, period),
        total=count,
        rows=[(name_of(year), amount) for year, amount in years.items()],
    )
    yield from if_any(counted(Asked(_voted_on_no_day, reader), _undated, part="undated"))


def _voted_on_no_day(reader) -> QuerySet[Grant]:
    """By the few deliberations without a day: every committed grant has one (solidarity_grant_voted_has_deliberation)."""
    votes = Deliberation.objects.filter(voted_on=None)
    undated = Grant.objects.visible_to(reader).filter(stage__in=COMMITTED, deliberation__in=votes)
    return undated.order_by("-reference")


def _undated(count: int) -> str:
    return _("Grants voted on a day that no record gives: %(count)s") % {"count": number(count)}


@statement(
    "grants-by-theme",
    SOLIDARITY,
    model="solidarity.grant",
    definition=gettext_lazy(
        "EUR granted in cash by the votes of the period, by field of cooperation; each grant has one field."
    ),
)
def grants_by_theme(reader, period: Period) -> Iterator[Stated]:
    votes = _votes(reader, period)
    sums = _sums(votes, "theme")
    themes = names(reader, Theme)
    rows = [(name_of(themes[key]) if key in themes else _unstated, amount) for key, amount in _largest_first(sums)]
    if rows:
        yield Stated(
            lambda: _("Grants voted in the period, by field"),
            _total(sums),
            Unit.EUROS,
            link=page_of_votes(period),
            records=_first_voted(reader, period),
            total=sum(row.count for row in votes),
            rows=rows,
        )


@statement(
    "grants-by-country",
    SOLIDARITY,
    model="solidarity.grant",
    definition=gettext_lazy(
        "EUR granted in cash by the votes of the period, by country; the figure is that of the grants which name a place. A grant "
        "for several countries counts whole in each of them: countries do not add up."
    ),
)
def grants_by_country(reader, period: Period) -> Iterator[Stated]:
    sums: dict[int, Decimal] = {}
    amounts: dict[int, Decimal] = {}
    for grant, nation, amount in set(written.rows(_places_voted, reader, *period.days)):
        sums[nation] = sums.get(nation, Decimal(0)) + amount
        amounts[grant] = amount
    countries = names(reader, Country)
    rows = [(name_of(countries[key]), amount) for key, amount in _largest_first(sums)]
    if rows:
        # Without a link: the list of votes holds those without a place too.
        yield Stated(
            lambda: _("Grants voted in the period, by country"),
            _total(amounts),
            Unit.EUROS,
            records=[found for found in _first_voted(reader, period) if found.pk in amounts],
            total=len(amounts),
            rows=rows,
        )


def _places_voted(reader, since: date, until: date) -> QuerySet[GrantPlace, Any]:
    """A grant, the country of a place of it, EUR granted in cash to the whole of it. By the places, which who sees them sees
    with their grants: to ask each grant takes twice as long."""
    places = GrantPlace.objects.visible_to(reader).order_by().filter(_was_voted(since, until, "grant__"))
    nation = Coalesce("city__country", "country")
    return places.annotate(nation=nation).values_list("grant", "nation", "grant__amount_granted")


def _unstated() -> str:
    return _("no field stated")


def _largest_first(sums: dict) -> list[tuple]:
    return sorted(sums.items(), key=lambda row: (-row[1], row[0] or 0))


def _total(sums: dict) -> Decimal:
    return sum(sums.values(), Decimal(0))

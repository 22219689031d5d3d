"""Measures of funds, honours and public residencies. Amounts in EUR; nothing here knows of anybody who is protected."""

from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from mandate.measures.registry import Measure, counted, measure
from solidarity.models import Envelope
from solidarity.selectors import funds, honours


def _envelopes(reader, fund: str, year: int) -> QuerySet[Envelope]:
    return funds.envelopes(reader).filter(fund__slug=fund, year=year)


@measure(
    "fund-budget-of-year",
    title=_("Budget voted for a fund in the year"),
    unit="EUR",
    parameter="fund",
    model="solidarity.envelope",
)
def fund_budget_of_year(reader, since: date, until: date, parameter: str) -> Measure:
    """The authorised commitment (AE) of the fund's envelope of the calendar year in which the period ends; None where there
    is no envelope."""
    found = _envelopes(reader, parameter, until.year)
    return Measure(found.values_list("commitment_authorised", flat=True).first(), (found,))


@measure(
    "fund-committed-of-year",
    title=_("Committed by a fund in the year"),
    unit="EUR",
    parameter="fund",
    model="solidarity.envelope",
)
def fund_committed_of_year(reader, since: date, until: date, parameter: str) -> Measure:
    """What voted grants take of the fund's envelope of the calendar year in which the period ends; None where there is no
    envelope."""
    found = _envelopes(reader, parameter, until.year)
    envelope = found.first()
    return Measure(envelope.committed if envelope else None, (found,))  # type: ignore[attr-defined]  # annotated by envelopes()


@measure(
    "honours-before-commission",
    title=_("Honours on which the commission of all groups gave its opinion"),
    unit="count",
    model="solidarity.honour",
)
def honours_before_commission(reader, since: date, until: date, parameter: str) -> Measure:
    """Nominations that the commission of the Council's groups examined in the period."""
    return counted(honours.honours(reader).filter(examined_on__range=(since, until)))


@measure("residencies-begun", title=_("Public residencies begun"), unit="count", model="solidarity.residency")
def residencies_begun(reader, since: date, until: date, parameter: str) -> Measure:
    """Residencies told in public that began in the period; one whose beginning nobody knows counts in none."""
    return counted(honours.residencies(reader).filter(since__range=(since, until)))

"""The charts of solidarity, drawn by the server: envelopes as three bars each, the room of each service, a fund's path."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from cooperation.charts import Bar, bars, percent
from core.templatetags.parvis import euros
from solidarity.models import Envelope
from solidarity.selectors.funds import Headroom, PathYear

# How many envelopes a chart draws (as its template has it); the others stand in its table.
DRAWN = 6


@dataclass(frozen=True)
class EnvelopeBars:
    """An envelope as three bars (voted, committed, paid) of one scale with all the others of its chart."""

    envelope: Envelope
    bars: list[Bar]


def envelope_bars(envelopes: Sequence[Envelope]) -> list[EnvelopeBars]:
    """The first envelopes as bars; nothing where every amount is 0."""
    drawn = envelopes[:DRAWN]
    most = max((max(row.commitment_authorised, row.paid) for row in drawn), default=Decimal(0))  # type: ignore[attr-defined]
    if not most:
        return []
    return [EnvelopeBars(row, _three(row, most)) for row in drawn]


def _three(row: Envelope, most: Decimal) -> list[Bar]:
    amounts = (
        (_("Voted (AE)"), row.commitment_authorised),
        (_("Committed"), row.committed),  # type: ignore[attr-defined]  # annotated by the selector that reads the rows
        (_("Paid in the year"), row.paid),  # type: ignore[attr-defined]  # annotated by the selector that reads the rows
    )
    return [Bar(label, euros(amount), percent(amount, most)) for label, amount in amounts]


@dataclass(frozen=True)
class Room:
    """The headroom of a service with the width of what is taken (nothing where no ceiling is known)."""

    headroom: Headroom
    width: str


def rooms(found: Iterable[Headroom]) -> list[Room]:
    return [Room(row, percent(row.committed, row.ceiling) if row.ceiling else "") for row in found]


def path_bars(path: Iterable[PathYear]) -> list[Bar]:
    """A fund's years: committed against its target, each bar of one scale; years of which nothing is known are left out."""
    rows = []
    for row in path:
        if row.target is not None:
            rows.append((_("%(year)s, target") % {"year": row.year}, row.target, euros(row.target), ""))
        if row.committed is not None:
            rows.append((_("%(year)s, committed") % {"year": row.year}, row.committed, euros(row.committed), ""))
    return bars(rows)

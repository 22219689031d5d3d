"""Charts of the delegations received, each with the sentence that it says."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cooperation.charts import Bar, bars
from core.figures import Row, value_of
from core.templatetags.parvis import number


def year_bars(rows: Sequence[Row]) -> list[Bar]:
    """Delegations received by year, the latest first; last, those of which nobody knows the year."""
    return _bars(rows, "year", _("Year not known"))


def country_bars(rows: Sequence[Row]) -> list[Bar]:
    """Delegations received by the country that sent them, the most first; last, those of a country that is not known."""
    ranked = sorted(rows, key=lambda row: (not row.key, -_count(row)))
    return _bars(ranked, "country", _("Country not known"))


def year_message(rows: Sequence[Row]) -> str:
    """The year with the most delegations."""
    most = _most(rows)
    if not most:
        return _("Delegations received, by year")
    said = ngettext("Most were received in %(years)s", "Most were received, equally, in %(years)s", len(most))
    return said % {"years": _listed(most)}


def country_message(rows: Sequence[Row]) -> str:
    """The country that sent the most delegations."""
    most = _most(rows)
    if not most:
        return _("Delegations received, by country")
    said = ngettext("Most came from: %(countries)s", "Most came, equally, from: %(countries)s", len(most))
    return said % {"countries": _listed(most)}


def _bars(rows: Sequence[Row], name: str, unknown: str) -> list[Bar]:
    return bars(
        (
            str(row.label) if row.key else unknown,
            _count(row),
            number(_count(row)),
            f"{reverse('events:delegations')}?{urlencode({name: row.key, 'status': 'received'})}#results"
            if row.key
            else "",
        )
        for row in rows
    )


def _count(row: Row) -> int:
    return int(value_of(row.measured) or 0)


def _most(rows: Sequence[Row]) -> list[str]:
    known = [row for row in rows if row.key]
    top = max((_count(row) for row in known), default=0)
    return [str(row.label) for row in known if _count(row) == top]


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + ("…" if len(names) > 3 else "")

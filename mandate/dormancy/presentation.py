"""How dormant partnerships are shown: those that wait with what can be decided in place, and those that were decided."""

from dataclasses import dataclass
from typing import Any

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import clock
from core.access import may
from core.templatetags.parvis import number
from mandate.dormancy.forms import Decide
from mandate.selectors import dormant
from mandate.selectors.dormant import Dormant
from mandate.selectors.signs import last_signs
from partnerships import rules, selectors
from partnerships.models import City, RenewalDecision


@dataclass(frozen=True)
class Shown:
    """A dormant partnership as a page shows it: with the form, for those who may decide."""

    row: Dormant
    form: Decide | None


def section(reader, *, back: str, months: int | None = None) -> dict[str, Any]:
    """What the list of dormant partnerships needs; who decides in it comes back to `back`."""
    rows = dormant.dormant(reader, months)
    waiting, decides = dormant.waiting(rows), may(reader, "add", RenewalDecision)
    return {
        "months": settings.DORMANT_MONTHS if months is None else months,
        "waiting": [Shown(row, Decide(row.city.slug, back=back) if decides else None) for row in waiting],
        "decided": [row for row in rows if not row.waits],
        "decides": decides,
        "who": rules.who_decides_renewals(),
        "any_partnership": dormant.partnership_cities(reader).exists(),
    }


def headline(waiting: int) -> str:
    """How many dormant partnerships wait for a decision, as a sentence."""
    if not waiting:
        return _("No dormant partnership waits for a decision")
    said = ngettext(
        "%(count)s dormant partnership waits for a decision",
        "%(count)s dormant partnerships wait for a decision",
        waiting,
    )
    return said % {"count": number(waiting)}


def of_city(reader, city: City) -> dict[str, Any]:
    """What is to be known before deciding: what happened last, what was decided, which agreements are live."""
    since = clock.today() - relativedelta(months=settings.DORMANT_MONTHS)
    return {
        "city": city,
        "last": last_signs(reader, {city.pk: city.slug}, since).get(city.pk),
        "decisions": list(selectors.decisions(reader).filter(city=city)),
        "agreements": list(selectors.live_agreements_with(reader, city)),
        "decides": may(reader, "add", RenewalDecision),
        "who": rules.who_decides_renewals(),
    }

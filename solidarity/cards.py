"""The key figures of solidarity, each with its definition and the address of the records behind it."""

from decimal import Decimal

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import clock
from core.figures import Query, figure
from core.templatetags.parvis import euros, number
from partnerships.cards import Card
from solidarity import selectors
from solidarity.dossiers import Funding


def key_figures(reader, funding: Funding) -> list[Card]:
    """The cards of the page of funds, in their order; `funding` is what that page has read already."""
    return [_committed(funding), _paid(reader, funding), _unpaid(reader), _overdue(funding), _median(reader)]


def _card(name: str, value: str, note: str, link: str, *, is_alert: bool = False) -> Card:
    known = figure(name)
    return Card(str(known.label), value, note, str(known.definition), link, is_alert)


def grants_list(query: Query) -> str:
    return f"{reverse('solidarity:grants')}?{urlencode(query, doseq=True)}#results"


def _no_envelope() -> str:
    return _("not known: no envelope is recorded for %(year)s") % {"year": clock.today().year}


def _committed(funding: Funding) -> Card:
    amount = selectors.funds.committed_on(funding.this_year).amount
    voted = sum((row.commitment_authorised for row in funding.this_year), Decimal(0))
    note = _("of %(amount)s voted (AE)") % {"amount": euros(voted)} if amount is not None else _no_envelope()
    return _card("solidarity-committed", euros(amount), note, "#envelopes")


def _paid(reader, funding: Funding) -> Card:
    amount = selectors.funds.paid_this_year(reader).amount
    credits = sum((row.payment_credits for row in funding.this_year), Decimal(0))
    note = _("of %(amount)s of credits (CP)") % {"amount": euros(credits)} if amount is not None else _no_envelope()
    return _card("solidarity-paid", euros(amount), note, "#envelopes")


def _unpaid(reader) -> Card:
    voted = selectors.grants.voted(reader).count()
    if not voted:
        return _card("voted-unpaid-grants", "", _("no grant is voted"), grants_list({"unpaid": "true"}))
    count = selectors.grants.voted_and_unpaid(reader).count()
    note = ngettext("of %(count)s grant voted", "of %(count)s grants voted", voted) % {"count": number(voted)}
    return _card("voted-unpaid-grants", number(count), note, grants_list({"unpaid": "true"}))


def _overdue(funding: Funding) -> Card:
    count = len(funding.overdue)
    note = _("to ask for") if count else _("none, as far as they are recorded")
    return _card("overdue-reports", number(count), note, "#reports", is_alert=bool(count))


def _median(reader) -> Card:
    days = selectors.grants.median_days(reader)
    value = "" if days is None else ngettext("%(count)s day", "%(count)s days", days) % {"count": number(days)}
    return Card(
        label=_("Emergency aid, from request to payment"),
        value=value,
        note=_("not known: no emergency grant is paid") if days is None else _("median of the grants paid"),
        definition=_(
            "Days between the reception of the application and the first payment, for the grants that answer a crisis and "
            "were paid: half of them took no longer."
        ),
        link=reverse("solidarity:emergencies"),
    )

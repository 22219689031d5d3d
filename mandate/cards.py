"""The five key figures of the home page, one for each of the deputies' questions, as the floors below publish them."""

from django.urls import reverse
from django.utils.translation import gettext as _

from cooperation.cards import external_euros
from core import clock
from core.figures import figure
from core.templatetags.parvis import euros, number
from events import selectors as events
from events.cards import open_promises
from partnerships.cards import Card, live_agreements, partner_cities
from solidarity import selectors as solidarity
from solidarity.cards import grants_list


def key_figures(reader) -> list[Card]:
    """Commitments, money voted and paid, promises, euros of others, partners: each leads to the records that it counts."""
    return [
        live_agreements(reader),
        voted_and_paid(reader),
        open_promises(
            still_open=events.promises.open_promises(reader).count(),
            overdue=events.promises.overdue_promises(reader).count(),
        ),
        external_euros(reader, f"{reverse('cooperation:projects')}#external"),
        partner_cities(reader),
    ]


def voted_and_paid(reader) -> Card:
    """Of the grants voted, those of which a part is still to be paid; beside them what this year committed and paid (EUR),
    which are two figures: what is paid this year may have been voted before."""
    known, paid, voted = (figure(name) for name in ("voted-unpaid-grants", "solidarity-paid", "solidarity-committed"))
    granted = solidarity.grants.voted(reader).count()
    unpaid = solidarity.grants.voted_and_unpaid(reader).count()
    amounts = [found.amount for found in solidarity.funds.committed_and_paid_this_year(reader)]
    if not granted:
        note = _("no grant is voted")
    elif None in amounts:
        note = _("not known: no envelope is recorded for %(year)s") % {"year": clock.today().year}
    else:
        note = _("this year %(voted)s voted, %(paid)s paid") % {"voted": euros(amounts[0]), "paid": euros(amounts[1])}
    value = _("%(part)s of %(whole)s") % {"part": number(unpaid), "whole": number(granted)} if granted else ""
    definition = " ".join([str(known.definition), *(f"{row.label}: {row.definition}" for row in (voted, paid))])
    return Card(str(known.label), value, note, definition, grants_list(known.query))

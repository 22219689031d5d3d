"""The five key figures of the home page, one for each of the deputies' questions, as the floors below publish them."""

from django.urls import reverse
from django.utils.translation import gettext as _

from cooperation.cards import external_euros
from core import clock, written
from core.figures import figure
from core.templatetags.parvis import euros, number
from core.translated import labelled
from events import selectors as events
from events.cards import open_promises
from partnerships import selectors as partnerships
from partnerships.cards import Card, live_agreements, partner_cities
from solidarity import selectors as solidarity
from solidarity.cards import grants_list

# What the cards count, in the order in which `key_figures` takes it: all in one statement.
COUNTED = (
    partnerships.live_agreements,
    partnerships.agreements_in_force,
    partnerships.partner_cities,
    partnerships.partner_countries,
    events.promises.open_promises,
    events.promises.overdue_promises,
    events.promises.overdue_of_ours,
    solidarity.grants.voted,
    solidarity.grants.voted_and_unpaid,
)


def key_figures(reader) -> list[Card]:
    """Commitments, money voted and paid, promises, euros of others, partners: each leads to the records that it counts."""
    live, in_force, partners, countries, still_open, overdue, ours, granted, unpaid = written.counts(
        reader, *((build,) for build in COUNTED)
    )
    return [
        live_agreements(live=live, in_force=in_force),
        voted_and_paid(reader, granted=granted, unpaid=unpaid),
        open_promises(still_open=still_open, overdue=overdue, ours=ours),
        external_euros(reader),
        partner_cities(partners=partners, countries=countries),
    ]


def voted_and_paid(reader, *, granted: int, unpaid: int) -> Card:
    """Of the grants voted in all years, those of which a part is still to be paid; beside them what this year committed and paid
    (EUR), which are two figures: what is paid this year may have been voted before. The note leads to the envelopes that both are
    sums of."""
    names = ("voted-unpaid-grants", "solidarity-committed", "solidarity-paid")
    known, committed, paid = (figure(name) for name in names)
    amounts, envelopes = [found.amount for found in solidarity.funds.committed_and_paid_this_year(reader)], ""
    if not granted:
        note = _("no grant is voted")
    elif None in amounts:
        note = _("not known: no envelope is recorded for %(year)s") % {"year": clock.today().year}
    else:
        sums = {"year": clock.today().year, "committed": euros(amounts[0]), "paid": euros(amounts[1])}
        note = _("in %(year)s: %(committed)s committed, %(paid)s paid") % sums
        envelopes = f"{reverse('solidarity:funds')}#envelopes"
    value = _("%(part)s of %(whole)s") % {"part": number(unpaid), "whole": number(granted)} if granted else ""
    definition = " ".join([str(known.definition), *(labelled(row.label, row.definition) for row in (committed, paid))])
    return Card(str(known.label), value, note, definition, grants_list(known.query), note_link=envelopes)

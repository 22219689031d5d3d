"""What of the register needs attention, for the start page."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from core.access import may
from core.admin.start import Card, attention, card
from core.dates import display
from core.templatetags.parvis import euros
from partnerships import selectors
from partnerships.models import Agreement, Dues, WatchNote


@attention
def agreements(reader) -> Iterator[Card]:
    """Agreements that wait for somebody's hand."""
    if not may(reader, "view", Agreement):
        return
    yield card(
        _("Signed, effect not established"),
        selectors.signed_without_effect(reader),
        view="signed-without-effect",
        empty=_("Every signed agreement has taken effect."),
    )
    yield card(
        _("Expiring within six months"),
        selectors.expiring(reader),
        view="expiring",
        empty=_("No agreement expires within six months."),
        note=lambda agreement: display(agreement.expires_on, "day"),
    )
    yield card(
        _("Drafts and voted"),
        selectors.drafts(reader),
        view="drafts",
        empty=_("No draft or voted agreement waits."),
        note=lambda agreement: agreement.get_status_display(),
    )


@attention
def dues(reader) -> Iterator[Card]:
    if may(reader, "view", Dues):
        recorded = Dues.objects.visible_to(reader).exists()
        yield card(
            _("Unpaid dues of networks"),
            selectors.unpaid_dues(reader),
            view="unpaid",
            empty=_("All dues are paid.") if recorded else _("No dues are recorded."),
            note=lambda row: euros(row.amount_due),
        )


@attention
def watch(reader) -> Iterator[Card]:
    if may(reader, "view", WatchNote):
        yield card(
            _("Political watch, latest notes"),
            selectors.watch_notes(reader),
            view="",
            empty=_("No note of the political watch."),
            note=lambda note: f"{note.city}, {display(note.noted_on, 'day')}",
        )

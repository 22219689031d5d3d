"""What of solidarity needs attention, for the start page."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from core.access import may
from core.admin.start import SHOWN, Card, Line, address_of, attention, card
from core.dates import display
from core.templatetags.parvis import euros
from solidarity.models import Envelope, FinancialReport, Grant, PublicAccounts
from solidarity.selectors import grants, work


@attention
def files(reader) -> Iterator[Card]:
    """Grants by what they wait for: the department, the Council, the payment."""
    if not may(reader, "view", Grant):
        return
    yield card(
        _("Grant files that wait for the department"),
        grants.waiting(reader),
        view="waiting",
        empty=_("No file waits."),
        note=lambda grant: ", ".join((grant.get_stage_display(), str(grant.beneficiary), euros(grant.amount_asked))),
    )
    yield card(
        _("Grants ready for the Council"),
        grants.proposed(reader),
        view="proposed",
        empty=_("No grant is proposed to the Council."),
        note=lambda grant: f"{grant.beneficiary}, {euros(grant.amount_granted)}",
    )
    yield card(
        _("Grants voted and not wholly paid"),
        grants.voted_and_unpaid(reader),
        view="unpaid",
        empty=_("Every grant that was voted is paid."),
        note=lambda grant: (
            _("%(paid)s of %(granted)s paid") % {"paid": euros(grant.paid), "granted": euros(grant.amount_granted)}
        ),
    )


@attention
def reports(reader) -> Iterator[Card]:
    if may(reader, "view", FinancialReport):
        yield card(
            _("Overdue financial reports"),
            grants.overdue_reports(reader),
            view="overdue",
            empty=_("No financial report is overdue."),
            note=lambda report: f"{report.grant.beneficiary}, {display(report.due_on, 'day')}",
        )


@attention
def envelopes(reader) -> Iterator[Card]:
    if may(reader, "view", Envelope):
        yield card(
            _("Envelopes almost used"),
            work.almost_used(reader),
            view="almost-used",
            empty=_("Every envelope has more than a tenth left to commit."),
            note=lambda envelope: (
                _("%(left)s left of %(whole)s")
                % {"left": euros(envelope.left_to_commit), "whole": euros(envelope.commitment_authorised)}
            ),
        )


@attention
def accounts(reader) -> Iterator[Card]:
    """The accounts that bodies above the legal threshold have not published in time, or that nobody has recorded."""
    if not may(reader, "view", PublicAccounts):
        return
    found = work.late_accounts(reader)
    yield Card(
        title=_("Accounts to be published: late, or not recorded"),
        count=len(found),
        lines=[
            Line(
                f"{owing.organisation}, {owing.year}",
                address_of(owing.accounts or owing.organisation),
                _("due on %(day)s") % {"day": display(owing.due_on, "day")} if owing.due_on else _("not recorded"),
            )
            for owing in found[:SHOWN]
        ],
        link=reverse("admin:solidarity_publicaccounts_changelist"),
        empty=_("No accounts are late."),
    )

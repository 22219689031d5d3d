"""The vote that sends an elected member abroad."""

import pgtrigger
from django.utils.translation import gettext_lazy as _

from events.models import triggers
from partnerships.models import Deliberation


class Mandate(Deliberation):
    """A deliberation as a special mandate: a view of the table of deliberations, which knows nothing of missions, so that
    its vote is not moved behind a departure that rests on it (A13)."""

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = _("special mandate")
        verbose_name_plural = _("special mandates")
        triggers = [
            pgtrigger.Trigger(
                name="stays_before_departure",
                operation=pgtrigger.UpdateOf("voted_on", "voted_on_precision"),
                when=pgtrigger.After,
                func=triggers.MANDATE_STAYS_BEFORE,
            ),
        ]

    refusals = {
        "events_mandate_before_departure": _("Elected members travel on this vote: it stays before their departure."),
    }

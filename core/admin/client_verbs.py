"""What an administrator does with the secrets and tokens of a client of the API, each behind a button."""

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.widgets import UnfoldAdminTextareaWidget

from core import clients
from core.admin.forms import REASON_LENGTH
from core.models import ClientAccess

DRAWN = _("Client id: %(id)s. Secret: %(secret)s. Copy it now: it is not shown again.")


class VerbForm(forms.Form):
    """Why it is done, and at which version of the client's access the page was opened."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Why?"),
        required=False,
        max_length=REASON_LENGTH,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("Optional; kept in the history."),
    )


@dataclass(frozen=True)
class Verb:
    """What an administrator does with a client's secrets and tokens; `act` returns what is said afterwards."""

    label: str | Promise
    text: str | Promise
    act: Callable[..., str]
    offered: Callable[[ClientAccess], bool]


def _rotate(access: ClientAccess, **kwargs) -> str:
    secret = clients.rotate_secret(access, **kwargs)
    return str(DRAWN) % {"id": access.client.client_id, "secret": secret}


def _withdraw_old(access: ClientAccess, **kwargs) -> str:
    clients.withdraw_old_secret(access, **kwargs)
    return str(_("The old secret opens nothing any more."))


def _withdraw_tokens(access: ClientAccess, **kwargs) -> str:
    count = clients.withdraw_tokens(access, **kwargs)
    return ngettext("%(count)s token was withdrawn.", "%(count)s tokens were withdrawn.", count) % {"count": count}


VERBS = {
    "rotate-secret": Verb(
        _("Replace the secret"),
        _(
            "A new secret is drawn and shown once. The old one goes on working for 7 days, so that the system can change over."
        ),
        _rotate,
        lambda access: not clients.old_secret_works(access),
    ),
    "withdraw-old-secret": Verb(
        _("Withdraw the old secret now"),
        _("The system must use the new one from now on. Tokens that the old one opened are withdrawn apart."),
        _withdraw_old,
        clients.old_secret_works,
    ),
    "withdraw-tokens": Verb(
        _("Withdraw all tokens"),
        _("None opens anything any more, at once. With its secret the system gets new ones."),
        _withdraw_tokens,
        lambda access: True,
    ),
}
# How the history names what services did.
DONE = {
    "change": _("Scopes and limits changed"),
    "rotate_secret": VERBS["rotate-secret"].label,
    "withdraw_old_secret": VERBS["withdraw-old-secret"].label,
    "withdraw_tokens": VERBS["withdraw-tokens"].label,
}

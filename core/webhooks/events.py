"""What a system can be told of."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REMINDER_DUE = "reminders.due"
_TITLES: dict[str, str | Promise] = {REMINDER_DUE: _("a deadline of which a reminder rule tells systems")}


def known() -> set[str]:
    """The names of all events: `<resource>.<what happened>`."""
    return set(_TITLES)


def choices() -> list[tuple[str, str]]:
    """Each event with what it says, for a form."""
    return [(name, f"{name} — {title}") for name, title in _TITLES.items()]

from django.utils.translation import gettext_lazy as _

from core.navigation import Entry, register

register(
    Entry(
        _("Agenda"),
        "events:agenda",
        pages=(
            "events:subscriptions",
            "events:missions",
            "events:mission",
            "events:delegations",
            "events:delegation",
            "events:events",
            "events:event",
            "events:meeting",
            "events:mission-briefing",
        ),
        order=70,
    ),
    Entry(_("Promises"), "events:promises", pages=("events:promise",), order=80),
)

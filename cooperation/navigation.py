from django.utils.translation import gettext_lazy as _

from core.navigation import Entry, register

register(
    Entry(
        _("Projects"),
        "cooperation:projects",
        pages=("cooperation:project", "cooperation:culture", "cooperation:exchanges", "cooperation:practices"),
        order=40,
    ),
    Entry(_("Funding"), "cooperation:calls", pages=("cooperation:call",), order=50),
)

from django.utils.translation import gettext_lazy as _

from core.navigation import Entry, lie_under, register

register(Entry(_("Mandate"), "mandate:current", pages=("mandate:mandate", "mandate:objective"), order=5))
register(Entry(_("Map"), "mandate:map", order=6))
register(
    Entry(
        _("Report"),
        "mandate:reports",
        pages=("mandate:report", "mandate:report-of"),
        order=7,
        model="mandate.Report",
    )
)
lie_under("partnerships:agreements", "mandate:dormant", "mandate:partnership")

from django.utils.translation import gettext_lazy as _

from core.navigation import Entry, register

register(
    Entry(_("Cities"), "partnerships:cities", pages=("partnerships:city",), order=10),
    Entry(_("Agreements"), "partnerships:agreements", pages=("partnerships:agreement",), order=20),
    Entry(_("Networks"), "partnerships:networks", pages=("partnerships:network",), order=30),
)

from django.utils.translation import gettext_lazy as _

from core.navigation import Entry, register

register(
    Entry(
        _("Solidarity"),
        "solidarity:funds",
        pages=(
            "solidarity:fund",
            "solidarity:envelope",
            "solidarity:grants",
            "solidarity:grant",
            "solidarity:emergencies",
            "solidarity:health",
        ),
        order=60,
    ),
)

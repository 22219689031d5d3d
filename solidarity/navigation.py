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
            "solidarity:honours",
        ),
        order=60,
    ),
    Entry(
        _("Protection"),
        "solidarity:protection",
        pages=(
            "solidarity:protection-new",
            "solidarity:protection-emergency",
            "solidarity:protected-file",
            "solidarity:protected-text",
            "solidarity:protected-reasons",
            "solidarity:protected-dates",
            "solidarity:protected-access",
            "solidarity:protected-hold",
            "solidarity:protected-publication",
            "solidarity:protected-erase",
        ),
        order=90,
        model="solidarity.protectedfile",
    ),
)

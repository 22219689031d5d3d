"""Documents on paper: the briefing as a tagged PDF."""

from dataclasses import asdict
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from core import dates
from core.pdf import render
from events.selectors.briefings import Briefing

_BRIEFING = Path(__file__).parent / "pdf" / "briefing.typ"


def briefing_pdf(briefing: Briefing) -> bytes:
    """The briefing on A4 in the active language; it holds what the briefing holds, and nothing else."""
    words = {
        "when": _("When"),
        "what": _("What"),
        "alert": _("To watch"),
        # Filled in by the template, which alone knows the pages.
        "page_of": _("Page %(page)s of %(pages)s"),
        "footer": _("%(city)s, Parvis, %(day)s")
        % {"city": settings.CITY_NAME, "day": dates.display(briefing.made_on, "day")},
    }
    return render(_BRIEFING, asdict(briefing) | {"made_on": briefing.made_on.isoformat()} | words)

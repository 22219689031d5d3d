"""Documents on paper: the briefing as a tagged PDF."""

from dataclasses import asdict
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from core import dates
from core.access import audiences
from core.enums import Audience
from core.pdf import render
from events.selectors.briefings import Briefing

_BRIEFING = Path(__file__).parent / "pdf" / "briefing.typ"


def made_for(reader) -> str:
    """Who may read what was gathered for this reader, and who the reader is: paper is passed on, and says it on every page."""
    # It holds what the reader may see, so it is meant for those who see as much.
    return _("Visible to: %(audience)s · Made for %(reader)s") % {
        "audience": Audience(audiences(reader)[0]).label,
        "reader": reader,
    }


def briefing_pdf(briefing: Briefing, reader) -> bytes:
    """The reader's briefing on A4 in the active language; it holds what the briefing holds, and says whom it is made for."""
    words = {
        "made_for": made_for(reader),
        "when": _("When"),
        "what": _("What"),
        "alert": _("To watch"),
        # Filled in by the template, which alone knows the pages.
        "page_of": _("Page %(page)s of %(pages)s"),
        "footer": _("%(city)s, Parvis, %(day)s")
        % {"city": settings.CITY_NAME, "day": dates.display(briefing.made_on, "day")},
    }
    return render(_BRIEFING, asdict(briefing) | {"made_on": briefing.made_on.isoformat()} | words)

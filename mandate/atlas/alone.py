"""The map on paper: one SVG that needs no other file, with its legend, for documents that typst sets."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from core.templatetags.parvis import euros, number
from mandate.atlas import drawing
from mandate.atlas.atlas import Atlas, atlas, words
from mandate.atlas.basemap import CREDIT, outlines
from mandate.atlas.drawing import Drawing
from partnerships.models import City
from partnerships.presentation import Family

# No stylesheet of the pages is there: the same colours as its custom properties.
COLOURS = {
    Family.TWINNING: "#6a3d9a",
    Family.FRIENDSHIP: "#1c5fa8",
    Family.COOPERATION: "#0b6e5f",
    Family.SOLIDARITY: "#b3401b",
    Family.OTHER: "#545c6d",
}
GUTTER, LINE = 12, 24


@dataclass(frozen=True)
class Entry:
    """A line of the legend: `look` is the class of its symbol, or of its text where there is no symbol."""

    look: str
    shape: str
    x: str
    y: str
    text: str


def svg(reader, cities: QuerySet[City] | None = None) -> str:
    """The world above, the inset and the legend below, of all cities with a tie today or of these.

    Its text is set in Source Sans 3, which documents of Parvis carry (`core.pdf`); it holds what the page of this reader holds.
    Drawn 668 pixels wide: across the text of an A4 page its letters are of 10 points.
    """
    found = atlas(reader, cities)
    world, inset = found.wide
    below = int(drawing.WIDE[0].height) + GUTTER
    context = {
        "maps": [
            {"drawing": drawn, "shift": shift, "paths": _paths(drawn)} for drawn, shift in ((world, 0), (inset, below))
        ],
        "width": int(drawing.WIDE[0].width),
        "height": int(below + drawing.WIDE[1].height),
        "legend": _legend(found, drawing.WIDE[1].width + GUTTER, below + LINE),
        "colours": [(family.value, colour) for family, colour in COLOURS.items()],
        "title": words(found),
    }
    return render_to_string("mandate/atlas/alone.svg", context)


def _paths(drawn: Drawing) -> dict[str, list[str] | str]:
    known = outlines(drawn.view)
    return {
        "ours": [known[code] for code in drawn.countries],
        "others": [path for code, path in known.items() if code != "frame" and code not in drawn.countries],
        "frame": known.get("frame", ""),
    }


def _legend(found: Atlas, left: float, top: float) -> list[Entry]:
    """Relations, then sizes, then whose map it is, one under the other."""
    lines: list[tuple[str, str, float, str]] = [("heading", "", 0, _("Relations"))]
    lines += [
        (kind.family.value, kind.family, 5.5, f"{kind.family.label} {number(kind.count)}") for kind in found.kinds
    ]
    if found.is_measured:
        lines.append(("heading", "", 0, _("Euros committed")))
    for amount in drawing.steps(found.top) if found.is_measured else ():
        look, label = ("size not-known", _("not known")) if amount is None else ("size", euros(amount))
        lines.append((look, Family.FRIENDSHIP, drawing.radius(amount, found.top), label))
    lines.append(("credit", "", 0, CREDIT))
    entries, y = [], top
    for look, family, radius, text in lines:
        y += max(LINE, 2 * radius + 4) if family else LINE
        shape = drawing.shape(Family(family), (left + 16, y - 4.5), radius) if family else ""
        entries.append(Entry(look, shape, f"{left + (38 if family else 0):.1f}", f"{y:.1f}", text))
    return entries

"""The basemap as `manage.py basemap` drew it: which countries it has, and their outlines for drawings that stand alone."""

from functools import cache
from pathlib import Path
from xml.etree import ElementTree

from django.conf import settings

CREDIT = "Natural Earth, visionscarto"
FOLDER = Path(settings.BASE_DIR, "static", "map")


@cache
def outlines(view: str) -> dict[str, str]:
    """The path of each country by its code, and of the inset's `frame` on the world; in pixels of the view."""
    # Our own file, committed beside the code: nobody else writes it.
    root = ElementTree.parse(FOLDER / f"{view}.svg").getroot()
    return {node.attrib["id"]: node.attrib["d"] for node in root.iter() if "d" in node.attrib}

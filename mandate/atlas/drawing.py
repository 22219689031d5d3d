"""From cities to a drawing: each symbol with its shape, size, place and name, ready to be written as SVG.

Lengths are text with a point in every language: an attribute is no text to be read.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import pi, sqrt

from django.utils.translation import gettext as _

from core.templatetags.parvis import euros
from mandate.atlas import letters
from mandate.atlas.basemap import outlines
from mandate.atlas.placement import Box, Label, apart, around, labelled, spare
from mandate.atlas.projection import EUROPE, WORLD, Point, View
from partnerships.presentation import Family

# Radii of a circle with the symbol's area, in pixels of the widest drawing: for the most euros, the fewest, for 0.
LARGEST, LEAST, ZERO = 16.0, 5.5, 4.0
SMALL = 2.6
# A triangle or a square reaches farther than the circle of its area.
REACH = 1.3
MARGIN = 10.0


@dataclass(frozen=True)
class Place:
    """A city to be drawn; `euros` None where nothing is recorded."""

    slug: str
    name: str
    country: str
    country_code: str
    address: str
    family: Family
    words: str
    longitude: float
    latitude: float
    euros: Decimal | None


@dataclass(frozen=True)
class Spot:
    """A city of the crowd: a dot."""

    country_code: str
    family: Family
    longitude: float
    latitude: float


@dataclass(frozen=True)
class Layout:
    """A view drawn so many times smaller, with letters of `size` pixels and symbols smaller by `shrink`."""

    view: View
    factor: float
    size: float
    shrink: float

    @property
    def width(self) -> float:
        return round(self.view.width * self.factor, 1)

    @property
    def height(self) -> float:
        return round(self.view.height * self.factor, 1)

    def place(self, place: Place | Spot) -> Point:
        x, y = self.view.place(place.longitude, place.latitude)
        return x * self.factor, y * self.factor


# A tablet shows both side by side; a phone one above the other, each as wide as the screen.
PHONE = 358
WIDE = (Layout(WORLD, 1, 13, 1), Layout(EUROPE, 1, 13, 1))
NARROW = (Layout(WORLD, PHONE / WORLD.width, 13, 0.7), Layout(EUROPE, PHONE / EUROPE.width, 13, 0.7))


@dataclass(frozen=True)
class Text:
    x: str
    y: str
    anchor: str
    line_to: tuple[str, str] | None
    is_spare: bool


@dataclass(frozen=True)
class Symbol:
    """`home` is where the city lies, for a symbol that had to stand aside."""

    place: Place
    x: str
    y: str
    shape: str
    reach: str
    text: Text
    home: tuple[str, str] | None
    amount: str

    @property
    def is_known(self) -> bool:
        return self.place.euros is not None


@dataclass(frozen=True)
class Drawing:
    """A map: what is drawn on it, the cities whose place is on the inset as `dots`, and the `crowd` as one path a family."""

    view: str
    title: str
    width: str
    height: str
    factor: str
    size: str
    symbols: list[Symbol]
    dots: list[Symbol]
    crowd: list[tuple[Family, str]]
    countries: list[str]


def top_of(amounts: Sequence[Decimal | None]) -> Decimal:
    """The round amount (EUR) at or above the largest of them: 1, 2 or 5 with noughts; what the largest symbol stands for."""
    largest = max((amount for amount in amounts if amount), default=Decimal(0))
    if largest <= 0:
        return Decimal(0)
    power = Decimal(10) ** (largest.adjusted())
    return next(step * power for step in (1, 2, 5, 10) if step * power >= largest)


def radius(amount: Decimal | None, top: Decimal) -> float:
    """The area of a symbol goes by its euros, down to the least that can be told from 0."""
    if amount is None:
        return LEAST
    if amount <= 0 or not top:
        return ZERO
    return max(LARGEST * sqrt(float(amount / top)), LEAST)


def drawings(
    found: Sequence[Place], top: Decimal, layouts: Sequence[Layout], crowd: Sequence[Spot] = ()
) -> list[Drawing]:
    """One map for each layout: a city that lies on the inset has its symbol there, and a dot on the world.

    Those of the crowd are dots without a name: more symbols than the map can tell apart.
    """
    ordered = sorted(found, key=lambda place: (-(place.euros or 0), place.name, place.slug))
    inset = {place.slug for place in ordered if _is_on_inset(place)}
    return [
        _drawing(
            layout,
            [place for place in ordered if (place.slug in inset) == (layout.view is EUROPE)],
            ordered,
            top,
            crowd,
        )
        for layout in layouts
    ]


@dataclass(frozen=True)
class Size:
    """An entry of the legend of sizes."""

    label: str
    shape: str
    x: str
    y: str
    is_known: bool


@dataclass(frozen=True)
class Sizes:
    """The legend of sizes, drawn as wide as the map of the world: enlarged with it, its symbols stay true."""

    width: str
    height: str
    size: str
    entries: list[Size]


def steps(top: Decimal) -> list[Decimal | None]:
    """What the legend shows (EUR): not known, nothing, a quarter of the largest amount, and that amount."""
    return [None, Decimal(0), *([top / 4, top] if top else [])]


def sizes(top: Decimal, layout: Layout) -> Sizes:
    """The legend of sizes beside the maps of this layout."""
    entries, left, middle = [], 4.0, layout.shrink * LARGEST + 3
    for amount in steps(top):
        size = layout.shrink * radius(amount, top)
        label = _("not known") if amount is None else euros(amount)
        drawn = shape(Family.FRIENDSHIP, (left + size, middle), size)
        left += 2 * size + 6
        baseline = _length(middle + layout.size / 3)
        entries.append(Size(label, drawn, _length(left), baseline, amount is not None))
        left += letters.width(label, layout.size) + 14
    return Sizes(_length(layout.width), _length(2 * middle), _length(layout.size), entries)


def _is_on_inset(place: Place | Spot) -> bool:
    # The far side of the earth has no place near the middle of the plane.
    near = abs(place.longitude - 17.5) < 90 and place.latitude > 0
    return near and EUROPE.holds(EUROPE.place(place.longitude, place.latitude), MARGIN)


def _drawing(
    layout: Layout, drawn: list[Place], everything: list[Place], top: Decimal, crowd: Sequence[Spot]
) -> Drawing:
    inside = {place.slug for place in drawn}
    dots = [place for place in everything if place.slug not in inside] if layout.view is WORLD else []
    known = outlines(layout.view.name)
    return Drawing(
        view=layout.view.name,
        title=_("The world") if layout.view is WORLD else _("Europe and the Mediterranean"),
        width=_length(layout.width),
        height=_length(layout.height),
        factor=f"{layout.factor:.4g}",
        size=_length(layout.size),
        symbols=_symbols(layout, drawn, dots, top),
        dots=[_dot(layout, place) for place in dots],
        crowd=_crowd(layout, crowd),
        countries=sorted(
            ({place.country_code for place in everything} | {spot.country_code for spot in crowd}) & known.keys()
        ),
    )


def _crowd(layout: Layout, crowd: Sequence[Spot]) -> list[tuple[Family, str]]:
    there = [place for place in crowd if layout.view is WORLD or _is_on_inset(place)]
    size = SMALL * layout.shrink
    paths = {
        family: "".join(shape(family, layout.place(place), size) for place in there if place.family == family)
        for family in Family
    }
    return [(family, path) for family, path in paths.items() if path]


def _symbols(layout: Layout, drawn: list[Place], dots: list[Place], top: Decimal) -> list[Symbol]:
    homes = [layout.place(place) for place in drawn]
    radii = [layout.shrink * radius(place.euros, top) for place in drawn]
    reaches = [REACH * size for size in radii]
    points = apart(homes, reaches, layout.width, layout.height)
    widths = [letters.width(place.name, layout.size) for place in drawn]
    frame = (layout.width, layout.height)
    taken: list[Box] = [around(layout.place(place), SMALL) for place in dots]
    names = labelled(points, reaches, widths, layout.size, frame, taken)
    return [
        Symbol(
            place=place,
            x=_length(point[0]),
            y=_length(point[1]),
            shape=shape(place.family, point, size),
            reach=_length(max(size * REACH, 12 * layout.shrink)),
            text=_text(label or spare(point, REACH * size, width, layout.size, frame), label is None),
            home=_home(home, point),
            amount=_("not known") if place.euros is None else euros(place.euros),
        )
        for place, home, point, size, width, label in zip(drawn, homes, points, radii, widths, names, strict=True)
    ]


def _home(home: Point, point: Point) -> tuple[str, str] | None:
    moved = abs(home[0] - point[0]) + abs(home[1] - point[1])
    return (_length(home[0]), _length(home[1])) if moved > 3 else None


def _text(label: Label, is_spare: bool) -> Text:
    end = (_length(label.line_to[0]), _length(label.line_to[1])) if label.line_to else None
    return Text(_length(label.x), _length(label.y), label.anchor, end, is_spare)


def _dot(layout: Layout, place: Place) -> Symbol:
    x, y = layout.place(place)
    no_text = Text("0", "0", "start", None, True)
    drawn = shape(place.family, (x, y), SMALL * layout.shrink)
    return Symbol(place, _length(x), _length(y), drawn, "0", no_text, None, "")


def shape(family: Family, at: Point, size: float) -> str:
    """The path of the family's shape around a point: a square, a triangle, a diamond or a circle of the same area."""
    x, y = at
    if family == Family.SOLIDARITY:
        half = size * sqrt(pi) / 2
        return f"M{_length(x - half)} {_length(y - half)}h{_length(2 * half)}v{_length(2 * half)}h{_length(-2 * half)}z"
    if family == Family.COOPERATION:
        outer = size * sqrt(4 * pi / (3 * sqrt(3)))
        half = outer * sqrt(3) / 2
        # Its middle between top and base, not its centroid: so that it stands on the same line as the others.
        return f"M{_length(x)} {_length(y - 0.75 * outer)}l{_length(half)} {_length(1.5 * outer)}h{_length(-2 * half)}z"
    if family == Family.TWINNING:
        half = size * sqrt(pi / 2)
        step = _length(half)
        return f"M{_length(x)} {_length(y - half)}l{step} {step} -{step} {step} -{step} -{step}z"
    arc = f"a{_length(size)} {_length(size)} 0 1 0"
    return f"M{_length(x - size)} {_length(y)}{arc} {_length(2 * size)} 0{arc} {_length(-2 * size)} 0z"


def _length(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")

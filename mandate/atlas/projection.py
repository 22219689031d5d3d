"""Where a place lies on a map. Both projections keep areas, so that no continent looks more important than it is.

World: Equal Earth (B. Šavrič, T. Patterson, B. Jenny, "The Equal Earth map projection", International Journal of
Geographical Information Science 33(3), 2019). Inset: Lambert azimuthal equal-area (J. P. Snyder, "Map Projections: A Working
Manual", USGS Professional Paper 1395, 1987, p. 185). Spheres of radius 1; degrees in, unitless plane coordinates out, y to the north.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import asin, atan2, cos, degrees, hypot, radians, sin, sqrt

Point = tuple[float, float]

A1, A2, A3, A4 = 1.340264, -0.081106, 0.000893, 0.003796


def equal_earth(longitude: float, latitude: float) -> Point:
    theta = asin(sqrt(3) / 2 * sin(radians(latitude)))
    square = theta * theta
    sixth = square**3
    slope = 9 * A4 * sixth * square + 7 * A3 * sixth + 3 * A2 * square + A1
    x = 2 * sqrt(3) * radians(longitude) * cos(theta) / (3 * slope)
    y = theta * (A4 * sixth * square + A3 * sixth + A2 * square + A1)
    return x, y


@dataclass(frozen=True)
class Azimuthal:
    """Lambert's projection around a centre, in degrees; undefined at its antipode, which comes out as its neighbour does."""

    longitude: float
    latitude: float

    def __call__(self, longitude: float, latitude: float) -> Point:
        turn, up, centre = radians(longitude - self.longitude), radians(latitude), radians(self.latitude)
        nearness = 1 + sin(centre) * sin(up) + cos(centre) * cos(up) * cos(turn)
        scale = sqrt(2 / max(nearness, 1e-9))
        x = cos(up) * sin(turn)
        y = cos(centre) * sin(up) - sin(centre) * cos(up) * cos(turn)
        return scale * x, scale * y

    def inverse(self, x: float, y: float) -> Point:
        """Longitude and latitude of a point of the plane other than the centre."""
        away, centre = hypot(x, y), radians(self.latitude)
        angle = 2 * asin(min(away / 2, 1))
        latitude = asin(cos(angle) * sin(centre) + y * sin(angle) * cos(centre) / away)
        turn = atan2(x * sin(angle), away * cos(centre) * cos(angle) - y * sin(centre) * sin(angle))
        return self.longitude + degrees(turn), degrees(latitude)


@dataclass(frozen=True)
class View:
    """A map of so many pixels: `scale` pixels to the unit of its projection, whose origin lies at `origin`, y downwards."""

    name: str
    width: float
    height: float
    projection: Callable[[float, float], Point]
    scale: float
    origin: Point

    def place(self, longitude: float, latitude: float) -> Point:
        x, y = self.projection(longitude, latitude)
        return self.origin[0] + self.scale * x, self.origin[1] - self.scale * y

    def holds(self, point: Point, margin: float = 0) -> bool:
        return margin <= point[0] <= self.width - margin and margin <= point[1] <= self.height - margin


AROUND_EUROPE = Azimuthal(17.5, 45)
# As wide as the equator, without the Antarctic, where no city is.
WORLD = View("world", 668, 320, equal_earth, 122, (334, 170))
# From Lisbon to the Caspian Sea, from the north of Scotland to Cairo.
EUROPE = View("europe", 404, 320, AROUND_EUROPE, 480, (198, 168))

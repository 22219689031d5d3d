"""Where symbols and their names stand, so that none hides another. All in pixels of the drawing, y downwards."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import atan2, cos, hypot, sin

from mandate.atlas.projection import Point

GAP = 2.0
# How far a symbol may stand from where its city is, and how often all of them are looked at.
FARTHEST, ROUNDS = 26.0, 80
# A line of text in parts of its size: its height, and how far under its top the letters stand.
LINE, BASELINE = 1.24, 0.94
# A line may graze a symbol, whose own shape fills its room only in part.
CORE = 0.7
# From the edge of the symbol to its name: next to it, else at the end of a line.
NEXT, AWAY = 4.0, (13.0, 24.0, 36.0)


# The best readable first: right, left, then the corners, above and below; a line may be steeper.
SIDES = ((1, 0), (-1, 0), (1, -0.75), (1, 0.75), (-1, -0.75), (-1, 0.75), (0, -1), (0, 1))
STEEP = ((1, -1.5), (1, 1.5), (-1, -1.5), (-1, 1.5))


@dataclass(frozen=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def touches(self, other: "Box") -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def lies_in(self, width: float, height: float) -> bool:
        return self.left >= 0 and self.top >= 0 and self.right <= width and self.bottom <= height


def around(point: Point, radius: float) -> Box:
    return Box(point[0] - radius, point[1] - radius, point[0] + radius, point[1] + radius)


@dataclass(frozen=True)
class Label:
    """A name: where its text is anchored (`start`, `middle` or `end`), the room it takes, and where a line from its symbol
    ends, for one that stands away from it."""

    x: float
    y: float
    anchor: str
    box: Box
    line_to: Point | None = None


def apart(points: Sequence[Point], radii: Sequence[float], width: float, height: float) -> list[Point]:
    """The points moved as little as lets each symbol be seen and touched beside the others, within the frame.

    Where too many lie in one place some still overlap: none goes farther than `FARTHEST` from where it belongs.
    """
    placed = [_within(point, radius, width, height) for point, radius in zip(points, radii, strict=True)]
    homes = list(placed)
    for _round in range(ROUNDS):
        moved = False
        order = sorted(range(len(placed)), key=lambda n: (placed[n][0], n))
        widest = max(radii, default=0)
        for at, first in enumerate(order):
            for second in order[at + 1 :]:
                if placed[second][0] - placed[first][0] > radii[first] + widest + GAP:
                    break
                step = _push(placed, radii, first, second)
                if step is None:
                    continue
                moved = True
                for number, sign in ((first, -1), (second, 1)):
                    pushed = (placed[number][0] + sign * step[0], placed[number][1] + sign * step[1])
                    near = _near(pushed, homes[number])
                    placed[number] = _within(near, radii[number], width, height)
        if not moved:
            break
    return placed


def _push(placed: Sequence[Point], radii: Sequence[float], first: int, second: int) -> Point | None:
    """How far each of two symbols goes, away from the other; None where they are apart."""
    x, y = placed[second][0] - placed[first][0], placed[second][1] - placed[first][1]
    between, wanted = hypot(x, y), radii[first] + radii[second] + GAP
    if between >= wanted - 0.05:
        return None
    # Two in the very same place part in a direction that depends on nothing but their order.
    angle = atan2(y, x) if between > 0.01 else 2.4 * (first + second)
    return (wanted - between) / 2 * cos(angle), (wanted - between) / 2 * sin(angle)


def _near(point: Point, home: Point) -> Point:
    away = hypot(point[0] - home[0], point[1] - home[1])
    if away <= FARTHEST:
        return point
    share = FARTHEST / away
    return home[0] + share * (point[0] - home[0]), home[1] + share * (point[1] - home[1])


def _within(point: Point, radius: float, width: float, height: float) -> Point:
    x, y = point
    return min(max(x, radius), width - radius), min(max(y, radius), height - radius)


def labelled(
    points: Sequence[Point],
    radii: Sequence[float],
    widths: Sequence[float],
    size: float,
    frame: tuple[float, float],
    taken: Sequence[Box] = (),
) -> list[Label | None]:
    """A place for each name, the first ones first: it covers no symbol, no other name and nothing `taken`, no line to it
    crosses them, and it stays in the frame; None where there is no such place.

    First next to their symbols and to no other one, then at the end of a line, and for those left next to another all the same.
    """
    symbols = [around(point, radius) for point, radius in zip(points, radii, strict=True)]
    # As near to another symbol as to its own, a name is read as that one's.
    beside = [around(point, radius + NEXT + GAP) for point, radius in zip(points, radii, strict=True)]
    cores = [around(point, CORE * radius) for point, radius in zip(points, radii, strict=True)]
    full = list(taken)
    found: list[Label | None] = [None] * len(points)
    for far, alone in ((False, True), (True, True), (True, False), (False, False)):
        for number, point in enumerate(points):
            if found[number] is not None:
                continue
            others = [*full, *cores[:number], *cores[number + 1 :]]
            near = [*beside[:number], *beside[number + 1 :], symbols[number]] if alone else symbols
            all_boxes = [*near, *full]
            for label in _candidates(point, radii[number], widths[number], size, far):
                if not label.box.lies_in(*frame) or _meets([label.box], all_boxes):
                    continue
                line = _line(point, label)
                if not _meets(line, others):
                    found[number] = label
                    full += [label.box, *line]
                    break
    return found


def _meets(boxes: Sequence[Box], others: Sequence[Box]) -> bool:
    # Written out, because it is asked many thousand times a map.
    for box in boxes:
        left, top, right, bottom = box.left, box.top, box.right, box.bottom
        for other in others:
            if left < other.right and other.left < right and top < other.bottom and other.top < bottom:
                return True
    return False


def _line(point: Point, label: Label) -> list[Box]:
    """The line from a symbol to its name as small boxes along it: what it must not cross, and what must not cover it."""
    if label.line_to is None:
        return []
    x, y = label.line_to[0] - point[0], label.line_to[1] - point[1]
    steps = max(int(hypot(x, y) / 3), 1)
    return [around((point[0] + x * n / steps, point[1] + y * n / steps), 0.5) for n in range(1, steps)]


def spare(point: Point, radius: float, width: float, size: float, frame: tuple[float, float]) -> Label:
    """Where a name without room of its own is shown while its city is looked at: at the side where it stays in the frame."""
    sides = list(_candidates(point, radius, width, size, False))
    return next((label for label in sides if label.box.lies_in(*frame)), sides[0])


def _candidates(point: Point, radius: float, width: float, size: float, far: bool) -> Iterator[Label]:
    """The places around a symbol, the best one first."""
    for away in AWAY if far else (NEXT,):
        for x, y in (*SIDES, *STEEP) if far else SIDES:
            yield _label(point, radius + away, width, size, (x, y), far)


def _label(point: Point, away: float, width: float, size: float, side: Point, far: bool) -> Label:
    high = LINE * size
    x = point[0] + side[0] * away * (0.75 if side[1] else 1)
    left = x - width * (1 - side[0]) / 2
    middle = point[1] + side[1] * (away + (0 if side[0] else high / 2))
    box = Box(left, middle - high / 2, left + width, middle + high / 2)
    anchor = {1: "start", -1: "end", 0: "middle"}[int(side[0])]
    end = (x - side[0] * 2, middle if side[0] else (box.bottom if side[1] < 0 else box.top)) if far else None
    return Label(x, box.top + BASELINE * size, anchor, box, end)

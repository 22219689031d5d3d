"""The map in a real browser: read, pointed at, walked through by keyboard, printed; and how much it weighs."""

import gzip
import re
from decimal import Decimal
from pathlib import Path

import pytest
import yaml
from django.conf import settings

from partnerships.models import City
from tests import factories
from tests.browser.conftest import PHONE, TABLET
from tests.browser.test_pages import faults, overflow
from tests.solidarity.lives import grant_in

pytestmark = [pytest.mark.walk, pytest.mark.django_db(transaction=True)]

BUDGET = 150_000
# Names that take each other's room, by the boxes that the browser itself gives them.
OVERLAPS = """() => [...document.querySelectorAll(".map > svg")].filter((map) => map.checkVisibility()).flatMap((map) => {
    const frame = map.getBoundingClientRect();
    const names = [...map.querySelectorAll("text:not(.spare)")].map((node) => [node.textContent, node.getBoundingClientRect()]);
    const out = names.filter(([, box]) => box.left < frame.left - 1 || box.right > frame.right + 1
        || box.top < frame.top - 2 || box.bottom > frame.bottom + 2).map(([name]) => `${name} leaves the frame`);
    const pairs = names.flatMap(([one, a], at) => names.slice(at + 1).filter(([, b]) =>
        a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 3 && b.top < a.bottom - 3
    ).map(([other]) => `${one} and ${other}`));
    return [...out, ...pairs];
})"""


@pytest.fixture
def world(register):
    """The cities of the Paris data, each with a tie; the first has a grant."""
    folder = Path(settings.BASE_DIR, "partnerships", "data")
    rows = [row for file in sorted(folder.glob("cities_*.yaml")) for row in yaml.safe_load(file.read_text())["rows"]]
    kinds = ("partner", "project-city", "solidarity", "promising")
    for number, row in enumerate(row for row in rows if "latitude" in row):
        city = factories.CityFactory(
            slug=row["slug"],
            name_fr=row["name_fr"],
            name_en=row["name_en"],
            latitude=Decimal(str(row["latitude"])),
            longitude=Decimal(str(row["longitude"])),
        )
        factories.RelationFactory(city=city, kind=kinds[number % 4])
    factories.GrantPlaceFactory(grant=grant_in("voted"), city=City.objects.get(slug="dakar"))


@pytest.fixture
def map_page(world, signed_in, live_server):
    signed_in.goto(f"{live_server.url}/map/")
    return signed_in


@pytest.mark.parametrize("language", ["fr", "en"])
def test_it_is_accessible_quiet_and_fits_and_no_name_hides_another(map_page, live_server, deputy, language):
    page = map_page
    deputy.language = language
    deputy.save()
    for size in (TABLET, PHONE):
        page.set_viewport_size(size)
        page.goto(f"{live_server.url}/map/")
        page.evaluate("document.fonts.ready")
        assert page.get_attribute("html", "lang") == language
        assert faults(page) == []
        assert overflow(page) <= 0
        assert page.locator(".map text:visible").count() > 25
        assert page.evaluate(OVERLAPS) == []
    assert page.complaints == []


def test_map_and_table_point_at_each_other(map_page):
    page = map_page
    page.hover("tr[data-city=seoul] th a")
    assert page.get_attribute(".wide-only a[data-city=seoul]", "class").endswith("lit")
    faded = "getComputedStyle(document.querySelector('.wide-only a[data-city={}] > path')).opacity"
    assert page.evaluate(faded.format("seoul")) == "1"
    assert page.evaluate(faded.format("dakar")) == "0.3"
    page.hover(".wide-only a[data-city=dakar] .reach")
    assert "lit" in page.get_attribute("tr[data-city=dakar]", "class")
    assert page.locator("tr.lit").count() == 1
    page.hover("h1")
    assert page.locator(".lit").count() == 0
    assert page.evaluate(faded.format("seoul")) == "1"


def test_the_keyboard_walks_through_the_symbols_and_opens_a_city(map_page):
    page = map_page
    page.focus(".filters button")
    page.keyboard.press("Tab")
    slug = page.evaluate("document.activeElement.dataset.city")
    # The most euros come first.
    assert slug == "dakar"
    ring = "getComputedStyle(document.activeElement.querySelector('.reach'))"
    assert page.evaluate(f"{ring}.strokeWidth") == "3px"
    assert page.evaluate(f"{ring}.stroke") == "rgb(11, 87, 208)"
    assert page.locator(f"tr.lit[data-city={slug}]").count() == 1
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.dataset.city") != slug
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/cities/dakar/"))


def test_on_a_phone_the_list_comes_first_for_eyes_and_keyboard_alike(map_page):
    page = map_page
    page.set_viewport_size(PHONE)
    assert page.locator(".maps.wide-only").is_hidden()
    table, maps = (page.locator(part).bounding_box() for part in ("#results table", ".maps.narrow-only"))
    assert table["y"] + table["height"] <= maps["y"]
    # Before it stands the way past it, no symbol of a map.
    page.focus(".filters button")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#maps"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('table') !== null")


def test_filters_answer_within_the_page_and_the_new_map_is_alive_too(map_page):
    page = map_page
    page.select_option("#filter-family", "solidarity")
    page.wait_for_url(re.compile("family=solidarity"))
    page.wait_for_function("document.querySelectorAll('.wide-only .place').length < 20")
    shown = page.locator("#results tr[data-city]").count()
    assert page.inner_text("#count").startswith(str(shown))
    row = page.locator("#results tr[data-city]").first
    row.hover()
    assert page.locator(f".wide-only .lit[data-city={row.get_attribute('data-city')}]").count() >= 1
    assert page.complaints == []


def test_without_scripts_it_is_narrowed_too(browser, live_server, map_page):
    context = browser.new_context(java_script_enabled=False, storage_state=map_page.context.storage_state())
    page = context.new_page()
    page.goto(f"{live_server.url}/map/")
    page.select_option("#filter-family", "solidarity")
    page.click(".filters button")
    page.wait_for_url("**family=solidarity**")
    assert 0 < page.locator("#results tr[data-city]").count() < 20
    assert page.locator(".wide-only .land").count() == 2
    context.close()


def test_the_whole_page_weighs_less_than_its_budget_and_does_not_jump(map_page, browser, live_server):
    context = browser.new_context(storage_state=map_page.context.storage_state(), viewport=TABLET)
    page = context.new_page()
    weights: dict[str, int] = {}
    page.on("response", lambda response: weights.update({response.url: weight(response)}))
    page.goto(f"{live_server.url}/map/", wait_until="networkidle")
    assert any(url.endswith("/map/world.svg") for url in weights)
    assert all(url.startswith(live_server.url) for url in weights)
    assert sum(weights.values()) < BUDGET, weights
    jumped = page.evaluate(
        """() => new Promise((resolve) => {
            let sum = 0;
            new PerformanceObserver((list) => { for (const entry of list.getEntries()) sum += entry.value; })
                .observe({type: "layout-shift", buffered: true});
            setTimeout(() => resolve(sum), 300);
        })"""
    )
    assert jumped < 0.02
    context.close()


def weight(response) -> int:
    """Bytes as production sends them: text is packed (pages by the view, files by WhiteNoise), a font is already."""
    body = response.body()
    return len(body) if response.url.endswith(".woff2") else len(gzip.compress(body))


def test_on_paper_it_is_the_wide_map_whatever_the_screen(map_page):
    page = map_page
    page.set_viewport_size(PHONE)
    page.emulate_media(media="print")
    assert page.locator(".maps.wide-only").is_visible()
    assert page.locator(".maps.narrow-only").is_hidden()
    assert page.locator(".filters").is_hidden()

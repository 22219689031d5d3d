"""Each page in a real browser, in both languages, at tablet and phone size."""

import io
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from pypdf import PdfReader

from tests import factories
from tests.browser import budgets
from tests.browser.conftest import PHONE, TABLET

AXE = Axe()
pytestmark = [pytest.mark.walk, pytest.mark.django_db(transaction=True)]


def faults(page) -> list[str]:
    found = AXE.run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]


def overflow(page) -> int:
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


def on_paper(page) -> list[list[str]]:
    """The lines of each printed sheet, from above to below."""
    sheets = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
    found = [sheet.extract_text(extraction_mode="layout").splitlines() for sheet in sheets]
    return [[" ".join(line.split()) for line in lines if line.strip()] for lines in found]


@pytest.mark.parametrize(("language", "sizes"), [("fr", [TABLET, PHONE]), ("en", [PHONE, TABLET])])
def test_every_page_is_accessible_quiet_light_and_fits(signed_in, live_server, register, deputy, language, sizes):
    """It is loaded at the first size, and looked at in both."""
    page = signed_in
    deputy.language = language
    deputy.save()
    budgets.watch(page)
    problems = {}
    for address in register:
        page.set_viewport_size(sizes[0])
        page.goto(live_server.url + address)
        assert page.get_attribute("html", "lang") == language
        spent = budgets.exceeded(page)
        for size in sizes:
            page.set_viewport_size(size)
            found = [*(spent if size is sizes[0] else ()), *faults(page)]
            if overflow(page) > 0:
                found.append(f"{overflow(page)} px too wide")
            if found:
                problems[f"{address} {size['width']}"] = found
    assert problems == {}
    assert page.complaints == []


@pytest.mark.parametrize("size", [TABLET, PHONE])
def test_the_sign_in_pages_are_accessible(watched, live_server, size):
    watched.set_viewport_size(size)
    for address in ("/accounts/login/", "/accounts/password/reset/"):
        watched.goto(live_server.url + address)
        assert faults(watched) == []
        assert overflow(watched) <= 0
    assert watched.complaints == []


def test_the_keyboard_skips_to_the_content_and_finds_the_search(signed_in, live_server):
    page = signed_in
    page.goto(f"{live_server.url}/search/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert outline == "3px"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search-q"
    page.goto(f"{live_server.url}/cities/")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"
    page.keyboard.type("a/b")
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.tagName") == "BODY"
    assert page.input_value("#find") == "a/b"


def test_a_phone_has_a_search_too_and_reading_goes_on_at_what_was_found(signed_in, live_server):
    page = signed_in
    page.set_viewport_size(PHONE)
    page.goto(f"{live_server.url}/")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "find"
    page.keyboard.type("exemple")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/search/\?q=exemple"))
    page.wait_for_function("document.activeElement.id == 'count'")
    assert overflow(page) <= 0


def test_a_search_answers_while_one_types_and_says_how_many(signed_in, live_server):
    page = signed_in
    page.goto(f"{live_server.url}/search/")
    page.fill("#search-q", "exampel city unusualy")
    page.wait_for_url(re.compile("q=exampel"))
    page.get_by_role("link", name="particulièrement long").first.wait_for()
    assert re.match(r"\d", page.inner_text("#count"))
    page.fill("#search-q", "zzzzqqq")
    page.wait_for_selector("#results .empty")
    assert page.complaints == []


def test_on_a_phone_the_navigation_is_one_line_moved_to_where_one_is(signed_in, live_server):
    page = signed_in
    page.set_viewport_size(PHONE)
    page.goto(f"{live_server.url}/promises/")
    assert page.locator(".site nav").bounding_box()["height"] < 60
    here = page.locator(".site nav [aria-current]").bounding_box()
    assert here["x"] >= 0
    assert here["x"] + here["width"] <= PHONE["width"]
    assert overflow(page) <= 0


def test_escape_closes_the_account_menu(signed_in):
    page = signed_in
    page.click("details.menu summary")
    page.focus("details.menu a")
    page.keyboard.press("Escape")
    assert not page.locator("details.menu[open]").count()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_filters_answer_within_the_page_and_say_how_many(signed_in, live_server):
    page = signed_in
    page.goto(f"{live_server.url}/cities/")
    page.fill("#filter-q", "exemple au nom")
    page.wait_for_url(re.compile("q=exemple"))
    assert re.match(r"1\D", page.inner_text("#count"))
    assert page.get_attribute("#count", "role") == "status"
    page.fill("#filter-q", "zzz")
    page.wait_for_selector("#results .empty")
    assert page.complaints == []


def test_without_scripts_filters_work_too(browser, live_server, signed_in):
    context = browser.new_context(java_script_enabled=False, storage_state=signed_in.context.storage_state())
    page = context.new_page()
    page.goto(f"{live_server.url}/cities/")
    page.fill("#filter-q", "zzz")
    page.click(".filters button")
    page.wait_for_url("**q=zzz**")  # and for what it loads: a click does not wait
    assert page.locator("#results .empty").count() == 1
    context.close()


def test_targets_are_large_enough_for_a_finger(signed_in, live_server, register):
    page = signed_in
    page.set_viewport_size(PHONE)
    small = {}
    for address in register[:15]:
        page.goto(live_server.url + address)
        found = page.evaluate(
            """() => [...document.querySelectorAll("button, select, summary, nav a, th a, .month a, input:not([type=hidden], [type=checkbox])")]
                .filter((node) => node.checkVisibility() && node.getClientRects()[0].height < 43.5)
                .map((node) => `${node.tagName} ${node.textContent.trim()}`.slice(0, 80))"""
        )
        if found:
            small[address] = found
    assert small == {}


def test_what_is_folded_on_the_screen_is_read_on_paper(signed_in, live_server):
    page = signed_in
    page.goto(f"{live_server.url}/")
    definition = page.locator(".figure details p").first
    assert not definition.is_visible()
    page.emulate_media(media="print")
    assert definition.bounding_box()["height"] > 0
    assert page.locator("header.site").is_hidden()
    # Where it stands at the foot of every page, it need not stand at the end.
    assert page.locator("main > .print-only").is_hidden()
    assert {lines[-1].rpartition("1er juin 2015")[0] for lines in on_paper(page)} == {"Source : Parvis, Paris, au "}
    page.goto(f"{live_server.url}/cities/")
    assert page.evaluate("getComputedStyle(document.querySelector('thead')).display") == "table-header-group"


def test_on_paper_every_sheet_says_whom_a_briefing_is_for_and_ends_with_no_heading(signed_in, live_server, deputy):
    page = signed_in
    city = factories.CityFactory()
    for number in range(40):
        factories.WatchNoteFactory(city=city, title=f"Note {number}", audience="city")
    page.goto(f"{live_server.url}/briefings/cities/{city.slug}/")
    headings = page.eval_on_selector_all("main h2, main h3", "found => found.map((node) => node.textContent.trim())")
    for moved in range(0, 300, 20):
        page.evaluate("(by) => { document.querySelector('h1').style.paddingBottom = `${by}px` }", moved)
        sheets = on_paper(page)
        assert len(sheets) > 1
        for lines in sheets:
            assert lines[0].endswith(str(deputy))
            assert lines[-2] not in headings, moved


def test_a_month_is_chosen_on_one_line(signed_in, live_server):
    page = signed_in
    page.set_viewport_size(TABLET)
    page.goto(f"{live_server.url}/agenda/?month=2015-09")
    tops = page.eval_on_selector_all(
        ".agenda-bar nav a, .agenda-bar input, .agenda-bar button",
        "found => found.map((node) => Math.round(node.getBoundingClientRect().bottom))",
    )
    assert len(set(tops)) == 1

"""The deputies' five questions on the data of the demonstration, in a real browser: each is answered from the home page in at most
two steps, and a figure opens the records that prove it."""

import re

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from core import demo
from tests.browser.conftest import PHONE, TABLET
from tests.browser.test_pages import faults, overflow

pytestmark = [pytest.mark.walk, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def demonstration(transactional_db):
    call_command("load_paris", verbosity=0)
    demo.create_demo_accounts()
    call_command("load_samples", verbosity=0)


def enter(page, live_server, name: str):
    page.set_viewport_size(TABLET)
    page.goto(f"{live_server.url}/accounts/login/")
    page.fill("[name=login]", f"{name}@{demo.DOMAIN}")
    page.fill("[name=password]", demo.password())
    page.click("main button.primary")
    page.wait_for_url(f"{live_server.url}/")
    if page.get_attribute("html", "lang") != "en":
        page.click(".tools .language")
    assert page.get_attribute("html", "lang") == "en"


def count(page) -> int:
    return int(re.match(r"\d+", page.inner_text("#count").strip()).group())


def figure(page, label: str):
    return page.locator(".figure").filter(has=page.get_by_role("heading", name=label, exact=True))


def value(page, label: str) -> int:
    return int(re.match(r"\d+", figure(page, label).locator(".value").inner_text()).group())


def where_are_we_committed(page):
    for label in ("Live agreements", "Partner cities"):
        shown = value(page, label)
        figure(page, label).locator(".value a").click()
        assert count(page) == shown > 0
        page.go_back()


def what_must_be_decided_by_when(page):
    assert re.fullmatch(r"\d+ decisions before the Council of 15 June 2015", page.inner_text("h1"))
    first = page.locator("#decide li").first
    assert re.search(r"\d{4} —", first.inner_text())
    shown = int(re.search(r"\d+", page.locator("#decide header a").inner_text()).group())
    page.locator("#decide header a").click()
    assert count(page) == shown > 5
    expect(page.get_by_text("Who can:").first).to_be_visible()
    page.go_back()


def is_what_was_voted_paid(page):
    card = figure(page, "Voted, not wholly paid")
    assert re.search(r"in 2015: €[\d,]+ committed, €[\d,]+ paid", card.inner_text())
    shown = value(page, "Voted, not wholly paid")
    card.locator(".value a").click()
    assert count(page) == shown > 0
    page.go_back()


def are_promises_kept(page):
    said = page.inner_text("#mandate h2")
    met, whole = (int(number) for number in re.match(r"(\d+) of (\d+) objectives met", said).groups())
    assert page.locator("#mandate .mandate-days li").count() == 3
    page.locator("#mandate h2 a").click()
    expect(page.locator("h1")).to_contain_text(f"{met} of {whole} objectives met")
    page.go_back()
    shown = value(page, "Open promises")
    figure(page, "Open promises").locator(".value a").click()
    assert count(page) == shown > 0
    page.go_back()


def whom_do_i_meet_and_what_did_we_say(page):
    missions = page.locator("#missions li").filter(has=page.get_by_role("link", name=re.compile("Briefing")))
    assert missions.count() == 3
    assert page.locator("#missions li").count() == 4
    named = missions.first.locator("a").first.inner_text()
    missions.first.get_by_role("link", name=re.compile("Briefing")).click()
    expect(page.locator("main")).to_contain_text(named)
    page.go_back()


def test_each_question_is_answered_from_the_home_page_in_two_steps(watched, live_server, demonstration):
    page = watched
    enter(page, live_server, "deputy")
    for question in (
        where_are_we_committed,
        what_must_be_decided_by_when,
        is_what_was_voted_paid,
        are_promises_kept,
        whom_do_i_meet_and_what_did_we_say,
    ):
        assert page.url == f"{live_server.url}/"
        question(page)
    _a_definition_is_shown_on_demand(page)
    _all_of_it_stands_on_one_screen(page)
    assert page.complaints == []


def _a_definition_is_shown_on_demand(page):
    card = figure(page, "Partner cities")
    words = card.get_by_text("A comparator is not a partner.")
    expect(words).to_be_hidden()
    card.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(words).to_be_visible()
    expect(card.get_by_text("Counted on 1 June 2015.")).to_be_visible()
    page.keyboard.press("Enter")


def _all_of_it_stands_on_one_screen(page):
    """On the tablet, but for the foot of the page; on a phone one column, in the order of the questions."""
    page.evaluate("window.scrollTo(0, 0)")
    boxes = {name: page.locator(f"#{name}").bounding_box() for name in ("decide", "mandate", "missions", "due")}
    assert max(box["y"] + box["height"] for box in boxes.values()) <= TABLET["height"]
    page.set_viewport_size(PHONE)
    tops = [page.locator(f"#{name}").bounding_box()["y"] for name in boxes]
    assert tops == sorted(tops)
    assert overflow(page) <= 0


def test_an_officer_decides_without_scripts_and_is_told_why_not(browser, watched, live_server, demonstration):
    enter(watched, live_server, "officer")
    context = browser.new_context(java_script_enabled=False, storage_state=watched.context.storage_state())
    page = context.new_page()
    page.goto(f"{live_server.url}/decisions/?kind=objective-late")
    waiting = count(page)
    row = page.locator("tbody tr").first
    named = row.locator("th a").inner_text()
    row.get_by_role("link", name=re.compile("Drop it")).click()
    page.click("form.panel button")
    expect(page.get_by_text("Say why.")).to_be_visible()
    page.fill("[name=reason]", "Invented reason")
    page.click("form.panel button")
    page.wait_for_url(f"{live_server.url}/decisions/")
    expect(page.locator(".messages")).to_contain_text("Drop it:")
    page.goto(f"{live_server.url}/decisions/?kind=objective-late")
    assert count(page) == waiting - 1
    assert page.get_by_role("link", name=named, exact=True).count() == 0
    context.close()


def test_the_page_of_a_verb_is_accessible(watched, live_server, demonstration):
    page = watched
    enter(page, live_server, "administrator")
    page.goto(f"{live_server.url}/decisions/")
    addresses = {
        link.get_attribute("href").split("/")[2]: link.get_attribute("href")
        for link in page.locator('.decisions a[href^="/decisions/"]').all()
    }
    assert {"objective-late", "grant-vote", "mission-confirmation"} <= set(addresses)
    for address in addresses.values():
        page.goto(live_server.url + address)
        for size in (TABLET, PHONE):
            page.set_viewport_size(size)
            assert faults(page) == []
            assert overflow(page) <= 0
    assert page.complaints == []

"""Reminders in a real browser: the pages of those who look after them, the address in an e-mail, and the rule as it is written."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from core import clock
from core.models import Message, ReminderRun
from core.reminders import muting
from core.roles import Role
from tests import factories
from tests.browser.conftest import PHONE, TABLET

pytestmark = [pytest.mark.walk, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def officer(watched, live_server, transactional_db):
    """The page of an officer who has signed in, while an e-mail is parked."""
    user = factories.UserFactory(role=Role.OFFICER, language="en")
    ReminderRun.objects.create(problem="ConnectionRefusedError: [Errno 111] Connection refused")
    Message.objects.create(
        recipient=factories.UserFactory(), subject="Invented", problem="550 no", parked_at=clock.real(), attempts=3
    )
    client = Client()
    client.force_login(user)
    cookie = client.cookies["sessionid"].value
    watched.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    watched.set_viewport_size(TABLET)
    watched.user = user
    return watched


def faults(page) -> list[str]:
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [f"{rule['id']}: {node['html'][:160]}" for rule in found for node in rule["nodes"]]


def check(page) -> None:
    for size in (TABLET, PHONE):
        page.set_viewport_size(size)
        assert faults(page) == []
        assert page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert page.complaints == []


@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_is_stuck_is_read_on_any_screen(officer, live_server, language):
    officer.user.language = language
    officer.user.save()
    for address in ("/reminders/", "/preferences/"):
        officer.goto(live_server.url + address)
        assert officer.get_attribute("html", "lang") == language
        check(officer)


def test_the_address_in_an_e_mail_needs_no_account_and_no_script(browser, watched, live_server, transactional_db):
    user, rule = factories.UserFactory(language="en"), factories.ReminderRuleFactory()
    address = f"{live_server.url}/reminders/mute/{muting.token(user, rule)}/"
    watched.goto(address)
    check(watched)
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    page.click("main button.primary")
    expect(page.locator("h1")).to_contain_text("You hear no more of")
    context.close()
    assert user.muted_rules.get().rule == rule


def test_the_sentence_of_a_rule_follows_what_is_written(officer, live_server):
    officer.goto(live_server.url + reverse("admin:core_reminderrule_add"))
    said = officer.locator(".parvis-said")
    assert said.inner_text() == "On the day itself, to nobody yet in no way yet."
    officer.fill("[name=days_before]", "45")
    officer.check("[name=roles][value=deputy]")
    officer.check("[name=channels][value=e-mail]")
    officer.wait_for_function(
        "document.querySelector('.parvis-said').innerText.includes('45 days before, to Deputy by e-mail')"
    )
    assert officer.complaints == []

"""The admin's search for records, by mouse and by keys."""

import pytest
from django.urls import reverse

from tests import factories
from tests.browser.test_admin import officer  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_search_finds_records_and_opens_one(officer, live_server):  # noqa: F811
    city = factories.CityFactory(name_fr="Port-Inventé", name_en="Invented Harbour")
    address = reverse("admin:partnerships_city_change", args=[city.pk])
    officer.goto(live_server.url + reverse("admin:index"))
    officer.keyboard.press("Control+k")
    officer.wait_for_selector("#nav-filter:focus")
    officer.keyboard.type("harb")
    officer.wait_for_selector("#search-results a:has-text('Invented Harbour')")
    officer.keyboard.press("Enter")
    officer.wait_for_url(live_server.url + address)
    officer.set_viewport_size({"width": 1440, "height": 820})
    officer.click("#nav-filter")
    officer.keyboard.type("invented h")
    officer.wait_for_selector("#search-results a:has-text('Invented Harbour')")
    officer.keyboard.press("ArrowDown")
    assert officer.evaluate("document.activeElement.textContent").strip().startswith("Invented Harbour")
    officer.click("#search-results a")
    officer.wait_for_url(live_server.url + address)
    assert officer.complaints == []

"""The admin in a real browser: nothing from elsewhere, no complaint in the console, fields with names, no page too wide."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse

from core.roles import Role
from tests import factories
from tests.browser.conftest import PHONE, TABLET

pytestmark = [pytest.mark.walk, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def officer(watched, live_server):
    """The page of an officer who has signed in."""
    user = factories.UserFactory(role=Role.OFFICER, language="en")
    client = Client()
    client.force_login(user)
    cookie = client.cookies["sessionid"].value
    watched.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
    watched.set_viewport_size(TABLET)
    watched.user = user
    return watched


@pytest.fixture
def addresses(transactional_db) -> list[str]:
    party = factories.AgreementPartyFactory(agreement=factories.AgreementFactory(object_fr=""))
    dues = factories.DuesFactory()
    factories.DocumentFactory(record=party.agreement)
    promise = factories.PromiseFactory(mission__planned=True, city=party.city)
    factories.ParticipantFactory(mission=promise.mission, quality="elected")
    factories.LegFactory(mission=promise.mission)
    factories.ProgrammeItemFactory(mission=promise.mission)
    agreement, city, network = (
        ("partnerships_agreement", party.agreement),
        ("partnerships_city", party.city),
        ("partnerships_network", dues.network),
    )
    mission, promised = ("events_mission", promise.mission), ("events_promise", promise)
    return [
        reverse("admin:index"),
        *(reverse(f"admin:{name}_changelist") for name, _record in (agreement, city, network, mission)),
        reverse("admin:partnerships_agreement_add") + f"?city={party.city.pk}",
        *(
            reverse(f"admin:{name}_change", args=[record.pk])
            for name, record in (agreement, city, network, mission, promised)
        ),
        reverse("admin:partnerships_agreement_history", args=[party.agreement.pk]),
        reverse("admin:partnerships_agreement_life", args=[party.agreement.pk, "vote"]),
        reverse("admin:partnerships_agreement_export"),
    ]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_is_quiet_and_fits(officer, live_server, addresses, language):
    officer.user.language = language
    officer.user.save()
    options = {"runOnly": ["aria-input-field-name", "label", "select-name", "document-title", "html-has-lang"]}
    problems = {}
    for address in addresses:
        officer.goto(live_server.url + address)
        assert officer.get_attribute("html", "lang") == language
        officer.wait_for_load_state("networkidle")
        found = Axe().run(officer, options=options).response["violations"]
        problems |= {f"{address} {rule['id']}": [node["html"][:200] for node in rule["nodes"]] for rule in found}
        officer.set_viewport_size(PHONE)
        too_wide = officer.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if too_wide > 0:
            problems[f"{address} on a phone"] = f"{too_wide} px too wide"
        officer.set_viewport_size(TABLET)
    assert problems == {}
    assert officer.complaints == []


def test_a_newcomer_finds_a_city_and_adds_an_agreement(officer, live_server, addresses):
    factories.CityFactory(name_fr="Port-Inventé", name_en="Invented Harbour")
    officer.goto(live_server.url + reverse("admin:partnerships_city_changelist"))
    officer.fill("#searchbar", "invented harb")
    officer.press("#searchbar", "Enter")
    officer.click("text=Invented Harbour")
    officer.click("text=Add an agreement with this city")
    officer.select_option("#id_kind", "cooperation")
    officer.fill("#id_title_fr", "Accord inventé avec Port-Inventé")
    assert officer.locator("#id_parties-0-city option:checked").text_content() == "Invented Harbour"
    officer.click("[name=_continue]")
    officer.wait_for_selector("text=The object is missing (CGCT L1115-1).")
    assert officer.is_visible("text=The Council's deliberation is missing.")
    assert officer.complaints == []


def test_an_autocomplete_finds_and_is_named(officer, live_server, addresses):
    factories.CityFactory(name_fr="Port-Inventé", name_en="Invented Harbour")
    officer.goto(live_server.url + reverse("admin:partnerships_watchnote_add"))
    box = officer.locator(".select2-selection[role=combobox]").first
    assert box.get_attribute("aria-label").startswith("City")
    box.click()
    officer.keyboard.type("harb")
    officer.click(".select2-results__option:has-text('Invented Harbour')")
    assert "Invented Harbour" in box.inner_text()
    assert officer.complaints == []


def test_the_search_finds_records_and_opens_one(officer, live_server):
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


def test_an_autocomplete_speaks_the_reader_s_language_and_stays_in_its_cell(officer, live_server):
    officer.user.language = "fr"
    officer.user.save()
    leg = factories.LegFactory(
        factor=factories.EmissionFactorFactory(label_fr="Exemple inventé au nom particulièrement long"),
        distance_km=300,
        passengers=2,
    )
    officer.goto(live_server.url + reverse("admin:events_mission_change", args=[leg.mission.pk]))
    officer.get_by_text("Trajets", exact=True).first.click()
    officer.locator("#legs-data h3").first.click()
    field = officer.locator("[name=legs-0-factor] + .select2-container")
    right = officer.locator("#legs-data .field-factor").first.bounding_box()
    box = field.bounding_box()
    assert box["x"] + box["width"] <= right["x"] + right["width"]
    field.click()
    officer.keyboard.type("zzz")
    officer.get_by_text("Aucun résultat trouvé").wait_for()

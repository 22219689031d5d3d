"""The pages of protection in a real browser, whose forms say where they come from."""

import pytest

from core.roles import Role
from core.sealing import seal
from solidarity.models.protected import FileRead
from tests import factories
from tests.browser.conftest import PHONE, TABLET
from tests.browser.test_pages import faults, overflow

pytestmark = [pytest.mark.walk, pytest.mark.django_db(transaction=True)]
TEXT = "Invented identity"
SMALL = """() => [...document.querySelectorAll("main button, main select, main summary, main a, main input[type=text]")]
    .filter((node) => node.checkVisibility() && node.getClientRects()[0].height < 43.5)
    .map((node) => `${node.tagName} ${node.textContent.trim()}`.slice(0, 80))"""


@pytest.fixture
def file(transactional_db):
    """A file with something in every panel; another protection officer asks for a publication."""
    file = factories.ProtectedFileFactory(identity=seal(TEXT), hold_until="2015-09-01", hold_reason=seal("Invented."))
    asked = factories.PublicationFactory(file=file)
    factories.FileAccessFactory(file=file, user=asked.asked_by, origin="break-glass", granted_by=None)
    factories.FileAccessFactory(file=file, until="2015-05-01T00:00:00Z")
    factories.ResidencyProgrammeFactory()
    return file


@pytest.fixture
def named(watched, live_server, file):
    """The page of a protection officer who is named for the file."""
    officer = factories.UserFactory(role=Role.PROTECTION_OFFICER)
    factories.FileAccessFactory(file=file, user=officer)
    watched.set_viewport_size(TABLET)
    watched.goto(f"{live_server.url}/accounts/login/")
    watched.fill("[name=login]", officer.email)
    watched.fill("[name=password]", "invented-password")
    watched.click("main button.primary")
    watched.wait_for_url(f"{live_server.url}/")
    watched.officer = officer
    return watched


def look(page) -> list[str]:
    """What is wrong with the page as it stands, everything folded being open."""
    page.evaluate("for (const node of document.querySelectorAll('main details')) node.open = true")
    found = []
    for size in (TABLET, PHONE):
        page.set_viewport_size(size)
        found += faults(page) + page.evaluate(SMALL)
        if overflow(page) > 0:
            found.append(f"{overflow(page)} px too wide")
    return found


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_text_is_read_by_its_button_and_no_paper_shows_it(named, live_server, file, language):
    page = named
    page.officer.language = language
    page.officer.save()
    base = f"{live_server.url}/protection/"
    problems = {}
    for address in ("", "new/", "emergency/", f"{file.code}/", f"{file.code}/erase/", f"{file.code}/publication/"):
        page.goto(base + address)
        problems[address] = look(page)
    page.click("main form button.primary")
    page.wait_for_selector("[name=harmless]")
    problems["clearance"] = look(page)
    page.goto(base + file.code + "/")
    page.focus(".sealed-texts li:nth-child(2) button")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"text={TEXT}")
    problems["text"] = look(page)
    assert sorted(FileRead.objects.values_list("field", flat=True)) == ["identity", "publication"]
    page.emulate_media(media="print")
    assert page.locator(f"text={TEXT}").first.is_hidden()
    assert page.locator("textarea").is_hidden()
    assert {name: found for name, found in problems.items() if found} == {}
    assert page.complaints == []

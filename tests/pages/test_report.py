"""The report to the Council on the screen: who reads what, any period, bad input, and what was kept when it was adopted."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.roles import Role
from mandate.reports import writing
from mandate.reports.account import Bar
from mandate.reports.shown import ROWS
from tests import factories
from tests.mandate.accounts import LONG, account, adopted, both, proofs, stated
from tests.pages.conftest import diary, everything, joined_network, partner_city, solidarity

pytestmark = pytest.mark.django_db

LIST = 10
PERIOD = "/report/of/?since=2014-04-05&until=2015-06-01"


def body(client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


def words(html: str) -> str:
    """What a person reads of it."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def queries(client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.fixture
def draft():
    found = factories.ReportFactory(slug="draft", title_en="Invented draft")
    factories.ReportBlockFactory(report=found, section="diplomacy", text_en="Text on diplomacy.")
    factories.ReportBlockFactory(report=found, section="conclusion", text_fr="Texte en français.", text_en="")
    return found


@pytest.fixture
def kept():
    entry = {"key": "kept", "label_en": "The City had 7 partner cities.", "value": 7, "unit": "count"}
    proof = {"fr": "Ville gardée", "en": "Kept city", "reference": "REF-7", "link": "/cities/kept/"}
    return adopted(entry | {"records": [proof]}, slug="kept", title_en="Invented adopted report")


# --- who sees it ---


@pytest.mark.parametrize(
    ("role", "sees"), [(Role.OFFICER, True), (Role.DEPUTY, True), (Role.MAYORS_OFFICE, True), (Role.AUDITOR, False)]
)
def test_a_draft_is_for_the_department_and_the_deputies(reader, draft, kept, role, sees):
    client = reader(role)
    for address in ("/report/draft/", "/report/draft/?as=pdf", "/report/draft/?as=nonsense"):
        assert client.get(address).status_code == (200 if sees else 404)
    assert ("Invented draft" in body(client, "/report/")) is sees
    assert "Invented adopted report" in body(client, "/report/")
    assert "Everyone who signs in" in body(client, kept.get_absolute_url())


def test_each_page_says_who_sees_it(reader, draft):
    officer, auditor = reader(Role.OFFICER), reader(Role.AUDITOR)
    assert "The department and the deputies" in body(officer, "/report/draft/")
    assert 'class="audience staff"' in body(officer, PERIOD)
    assert 'class="audience city"' in body(auditor, PERIOD)


def test_only_those_who_write_it_are_led_to_the_admin(reader, draft):
    assert "Edit in the admin" in body(reader(Role.SOLIDARITY_OFFICER), "/report/draft/")
    assert "Edit in the admin" not in body(reader(Role.DEPUTY), "/report/draft/")


# --- the list ---


def test_an_empty_list_says_why_and_what_next(deputy):
    said = body(deputy, "/report/")
    assert "<h1>No report to the Council is written yet</h1>" in said
    assert "the account of any period can be read above" in said


def test_the_list_tells_drafts_from_what_was_adopted(deputy, draft, kept):
    said = words(body(deputy, "/report/"))
    assert "2 reports to the Council, 1 adopted" in said
    assert "from 1 January 2014 to 31 December 2014" in said
    assert "4 May 2015" in said
    assert "not yet" in said


def test_the_list_asks_as_much_for_one_report_as_for_three(deputy, draft):
    factories.MandateFactory()
    counted = [queries(deputy, "/report/")]
    adopted(deliberation=factories.DeliberationFactory())
    adopted(deliberation=factories.DeliberationFactory())
    counted.append(queries(deputy, "/report/"))
    assert counted == [LIST, LIST]


def test_it_stands_in_the_main_navigation(deputy, draft):
    assert '<a href="/report/" aria-current="page">' in body(deputy, "/report/")
    for address in ("/report/draft/", PERIOD):
        assert '<a href="/report/" aria-current="true">' in body(deputy, address)


# --- an account on the page ---


def test_texts_stand_in_the_order_of_the_report_and_say_their_language(deputy, draft):
    said = body(deputy, "/report/draft/")
    assert said.index("Text on diplomacy.") < said.index("Texte en français.")
    assert '<div class="prose" lang="fr">' in said
    assert "No text is written yet for this part." in said
    assert "its figures are those of 1 June 2015, of what you may see" in words(said)


def test_every_figure_is_told_with_its_definition_its_day_and_its_records(deputy, draft, monkeypatch):
    monkeypatch.setattr(writing, "account", lambda report, reader, **_named: account())
    said = body(deputy, "/report/draft/")
    read = words(said)
    assert "Definition cities (en)" in read
    assert "As of 1 June 2015." in read
    assert "Definition and 23 records behind it" in read
    assert '<a href="/cities/invented-0/">Record 0 (en)</a> <span class="muted">REF-0</span>' in said
    assert "Record 19 (en)" in read
    assert "Record 20 (en)" not in read
    assert "and 3 more" in read
    assert '<a class="tap" href="/cities/">See the records' in said
    assert "<li>A person (en)</li>" in said
    assert "€1,380,000" in read
    assert "Noted (en)" in read


def test_nothing_and_not_known_are_never_the_same(deputy, draft, monkeypatch):
    monkeypatch.setattr(writing, "account", lambda report, reader, **_named: account())
    said = body(deputy, "/report/draft/")
    assert re.search(r'<li id="nothing">\s*<p class="value">0</p>', said)
    assert re.search(r'<li id="lost">\s*<p class="value"><span class="unknown">not known</span></p>', said)
    assert re.search(r'<li id="words">\s*<p class="value"></p>', said)


def test_differences_are_told_in_words_and_numbers(deputy, draft, monkeypatch):
    monkeypatch.setattr(writing, "account", lambda report, reader, **_named: account())
    read = words(body(deputy, "/report/draft/"))
    assert "Compared with the last adopted report: Invented earlier report" in read
    assert "Last adopted report: 2, difference: +1" in read
    assert "Last adopted report: 0, unchanged" in read
    assert "Last adopted report: €1,400,000, difference: −€20,000" in read
    assert "Last adopted report: not known" in read
    assert "Last adopted report: 41\xa0%, difference: −1 point" in read.replace(" %", "\xa0%")


def test_breakdowns_are_drawn_and_stand_in_a_table(deputy, draft, monkeypatch):
    monkeypatch.setattr(writing, "account", lambda report, reader, **_named: account())
    said = body(deputy, "/report/draft/")
    assert said.count('<rect class="length"') == 2
    assert f'<th scope="row">{LONG} (en)</th><td class="number">9</td>' in said
    assert '<th scope="row">Elsewhere (en)</th><td class="number">not known</td>' in said
    # No bar can be drawn of nothing, so that the table stands there alone.
    assert '<th scope="row">Nowhere (en)</th><td class="number">0</td>' in said


def test_a_long_breakdown_and_many_records_are_told_by_their_first_and_their_number(deputy, draft, monkeypatch):
    rows = [Bar(both(f"Row {place}"), place) for place in range(ROWS + 2, 0, -1)]
    long = stated("long", records=proofs(1), total=5, rows=rows)
    monkeypatch.setattr(writing, "account", lambda report, reader, **_named: account(entries=[long]))
    said = body(deputy, "/report/draft/")
    assert said.count('<th scope="row">Row') == ROWS
    assert "Definition and 5 records behind it" in said
    assert [more in said for more in ("and 2 more", "and 4 more")] == [True, True]


def test_what_the_department_writes_is_text_and_never_code(deputy, draft, monkeypatch):
    monkeypatch.setattr(writing, "account", lambda report, reader, **_named: account())
    assert "&lt;b&gt;tag&lt;/b&gt;" in body(deputy, "/report/draft/")


@pytest.mark.parametrize(("language", "sentence"), [("fr", "Statement cities (fr)"), ("en", "Statement cities (en)")])
def test_it_is_told_in_the_reader_s_language(reader, draft, monkeypatch, language, sentence):
    monkeypatch.setattr(writing, "account", lambda report, reader, **_named: account())
    said = body(reader(Role.DEPUTY, language), "/report/draft/")
    assert f'<html lang="{language}"' in said
    assert sentence in said


def test_no_style_and_no_script_stands_in_the_page(deputy, draft):
    for address in ("/report/", "/report/draft/", PERIOD):
        said = body(deputy, address)
        assert " style=" not in said
        assert "<style" not in said


# --- any period ---


def test_the_account_of_any_period_is_made_and_not_kept(deputy):
    partner_city()
    said = words(body(deputy, PERIOD))
    assert "The international action of the City from 5 April 2014 to 1 June 2015" in said
    assert "Not kept — its figures are those of 1 June 2015, of what you may see" in said
    assert "Definition and" in said
    assert "No report to the Council is written yet" in body(deputy, "/report/")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("", "Say on which day the period begins."),
        ("since=2015-01-01", "Say on which day the period ends."),
        ("since=2015-05-01&until=2015-04-01", "The last day is not before the first."),
        ("since=2015-05-01&until=2015-06-02", "This day is yet to come: an account ends today at the latest"),
        ("since=1015-05-01&until=2015-05-02", "A date lies between the years 1900 and 2200."),
        ("since=soon&until=2015-05-02", "Enter a valid date."),
        ("since=2015-02-30&until=2015-05-02", "Enter a valid date."),
    ],
)
def test_a_period_that_cannot_be_is_answered_in_words(deputy, query, sentence):
    said = body(deputy, f"/report/of/?{query}")
    assert "No account can be made of this period." in said
    assert sentence in said


def test_the_days_that_were_asked_for_stay_in_the_form(deputy):
    factories.MandateFactory(starts_on=date(2014, 4, 5))
    for address in (PERIOD, "/report/", "/report/of/?since=2014-04-05&until=soon"):
        assert 'name="since" value="2014-04-05"' in body(deputy, address)
    # A browser takes nothing but a day there.
    assert 'name="until" value=""' in body(deputy, "/report/of/?since=2014-04-05&until=soon")


@pytest.mark.parametrize("query", ["as=docx", "language=de", "as=pdf&language=de"])
def test_a_format_or_a_language_that_is_not_there_is_answered_in_words(deputy, draft, query):
    response = deputy.get(f"/report/draft/?{query}")
    assert response["Content-Type"].startswith("text/html")
    assert "Select a valid choice." in response.content.decode()


def test_what_does_not_exist_is_not_found(deputy):
    assert deputy.get("/report/nothing/").status_code == 404
    assert deputy.post("/report/").status_code == 405


def test_an_empty_database_gives_an_account(deputy):
    said = words(body(deputy, PERIOD))
    assert "City diplomacy" in said
    assert deputy.get(f"{PERIOD}&as=pdf").content.startswith(b"%PDF")


def test_the_account_asks_as_much_for_little_as_for_much(deputy):
    def more():
        partner_city()
        joined_network()
        everything()
        diary()

    more()
    solidarity()
    counted = [queries(deputy, PERIOD)]
    more()
    more()
    counted.append(queries(deputy, PERIOD))
    assert counted[0] == counted[1]


# --- what was adopted ---


def test_an_adopted_report_tells_what_was_kept_whatever_became_of_the_records(deputy, kept):
    before = words(body(deputy, "/report/kept/"))
    assert "The City had 7 partner cities." in before
    assert "Adopted — its figures are those of 4 May 2015, kept as they were that day" in before
    assert '<a href="/cities/kept/">Kept city</a>' in body(deputy, "/report/kept/")
    partner_city()
    diary()
    assert words(body(deputy, "/report/kept/")) == before


def test_it_is_for_everyone_alike(reader, kept):
    told = []
    for role in (Role.OFFICER, Role.DEPUTY, Role.AUDITOR):
        said = body(reader(role), "/report/kept/")
        told.append(said[said.index('<section class="panel account" id="diplomacy"') : said.index('id="solidarity"')])
    assert told[0] == told[1] == told[2]


def test_a_draft_is_compared_with_the_last_that_was_adopted(deputy, kept):
    factories.ReportFactory(slug="next", starts_on=date(2015, 1, 1), ends_on=date(2015, 5, 31))
    assert "Compared with the last adopted report: Invented adopted report" in words(body(deputy, "/report/next/"))

"""Home, lists and single pages: what they say, and that more rows ask no more of the database."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.pages.conftest import joined_network, partner_city

pytestmark = pytest.mark.django_db

# Pages that are no lists, and have nothing to narrow.
WHOLE = {
    "funds": "/solidarity/",
    "fund": "/solidarity/funds/example/",
    "emergencies": "/solidarity/emergencies/",
    "health": "/solidarity/health/",
    "honours": "/honours/",
    "culture": "/culture/",
    "exchanges": "/exchanges/",
    "practices": "/practices/",
}
# Queries of a page, reading the session, the user and her roles included.
CITIES, AGREEMENTS, NETWORKS, CITY = 20, 21, 12, 41


def queries(client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def warm(client):
    """What is read once a process (content types) is no page's own."""
    client.get("/")
    city, agreement = partner_city()
    client.get(city.get_absolute_url())
    client.get(agreement.get_absolute_url())


@pytest.mark.parametrize("address", WHOLE.values(), ids=WHOLE)
def test_a_page_names_what_its_address_asks_and_it_does_not_know(deputy, address):
    factories.FundFactory(slug="example")
    for asked, is_told in (({"colour": "red"}, True), ({"colour": " "}, False), ({}, False)):
        page = deputy.get(address, asked).content.decode()
        assert ("colour — There is no such filter." in page) == is_told, asked
        assert ("This page cannot be narrowed as asked." in page) == is_told, asked


def test_a_list_narrowed_to_several_values_says_so_and_stays_so_when_its_form_is_sent(deputy):
    """A figure's link repeats the parameter; a select has one value, so that it names them all with commas between."""
    signed, in_force, draft = (
        factories.AgreementFactory(**life) for life in ({"signed": True}, {"in_force": True}, {})
    )
    for query in ("status=signed&status=in-force", "status=signed,in-force"):
        body = deputy.get(f"/agreements/?{query}").content.decode()
        assert '<option value="signed,in-force" selected>Several: signed, in force</option>' in body, query
        assert "Status: signed, in force" in body, query
        shown = body[body.index('id="results"') :]
        assert [f'href="{row.get_absolute_url()}"' in shown for row in (signed, in_force, draft)] == [True, True, False]
    assert "Narrowed further:" not in deputy.get("/agreements/?status=signed").content.decode()
    assert "Select a valid choice" in deputy.get("/agreements/?status=signed,nonsense").content.decode()


@pytest.mark.parametrize(
    ("address", "expected"), [("/cities/", CITIES), ("/agreements/", AGREEMENTS), ("/networks/", NETWORKS)]
)
def test_a_list_asks_as_much_for_one_row_as_for_three(deputy, address, expected):
    warm(deputy)
    joined_network()
    factories.RelationFactory(kind="comparator")
    counted = [queries(deputy, address)]
    for _row in range(2):
        partner_city()
        joined_network()
        factories.RelationFactory(kind="comparator")
    counted.append(queries(deputy, address))
    assert counted == [expected, expected]


def test_the_city_page_asks_as_much_for_one_tie_as_for_three(deputy):
    warm(deputy)
    city, _agreement = partner_city()
    counted = []
    for kind in ("friendship", "twinning"):
        counted.append(queries(deputy, city.get_absolute_url()))
        agreement = factories.AgreementFactory(signed=True, kind=kind)
        factories.AgreementPartyFactory(agreement=agreement, city=city)
        relation = factories.RelationFactory(city=city)
        factories.CitationFactory(record=relation)
        factories.PersonRoleFactory(city=city)
        factories.WatchNoteFactory(city=city, audience="deputies")
        factories.DocumentFactory(record=city)
    counted.append(queries(deputy, city.get_absolute_url()))
    assert counted == [CITY, CITY, CITY]


def test_the_share_with_the_gender_clause_is_defined_dated_and_leads_to_its_records(deputy):
    page = deputy.get("/agreements/").content.decode()
    assert "no live agreement with a city" in page
    assert "As of 1 June 2015" in page
    with_clause = factories.AgreementClauseFactory(agreement=factories.AgreementFactory(in_force=True)).agreement
    without = factories.AgreementFactory(signed=True)
    factories.AgreementClauseFactory(agreement=factories.AgreementFactory())
    page = deputy.get("/agreements/").content.decode()
    card = page[page.index('class="figures"') : page.index("</ul>", page.index('class="figures"'))]
    assert (
        "Of the live agreements with cities, those that carry a gender-equality clause. Counted on 1 June 2015." in card
    )
    links = re.findall(r'href="([^"]+)"[^>]*>([^<]+)</a>', card)
    assert [text for _link, text in links] == ["1 of 2", "live agreements with cities (50%)"]
    for (link, _text), expected in zip(links, ({with_clause.title}, {with_clause.title, without.title}), strict=True):
        found = deputy.get(link.replace("&amp;", "&").partition("#")[0]).context["page"]
        assert {agreement.title for agreement in found} == expected


def test_agreements_without_effect_are_named_with_what_is_missing(deputy):
    _city, agreement = partner_city()
    body = deputy.get("/agreements/").content.decode()
    section = body[body.index('id="without-effect"') :]
    assert agreement.title_en in section
    assert "1 agreement signed, effect not established" in section
    assert "It has not been sent to the prefect" in section


def test_the_countries_of_agreement_cities_say_whether_they_have_an_ambassador(deputy):
    assert "No city is bound to ours by a live agreement yet." in deputy.get("/cities/").content.decode()
    city, _agreement = partner_city()
    body = deputy.get("/cities/").content.decode()
    section = body[body.index('id="ambassadors"') :]
    assert city.country.name_en in section
    assert "none recorded" in section


def test_an_empty_register_says_why_and_what_next(deputy):
    expected = {
        "/cities/": "No city is recorded yet.",
        "/agreements/": "No agreement is recorded yet.",
        "/networks/": "No network is recorded yet.",
    }
    for address, sentence in expected.items():
        assert sentence in deputy.get(address).content.decode()


def test_a_comparator_is_listed_apart_and_never_a_partner(deputy):
    partner_city(name_en="Example Harbour")
    factories.RelationFactory(city=factories.CityFactory(name_en="Example Model"), kind="comparator")
    body = deputy.get("/cities/").content.decode()
    assert "1 city or place, of which 1 is a partner · 1 model to learn from, listed apart" in body
    assert (
        body.index("Example Harbour") < body.index("Models to learn from, not partners") < body.index("Example Model")
    )
    assert "Example Model" not in deputy.get("/cities/?partner=true").content.decode()


def test_the_search_ignores_accents_and_finds_by_country(deputy):
    factories.CityFactory(name_fr="Éxemplo-les-Prés", name_en="Éxemplo-les-Prés", country__name_en="Exampleland")
    factories.CityFactory(name_fr="Autre", name_en="Other", country__name_en="Elsewhere")
    for text in ("exemplo", "EXEMPLO pres", "exampleland"):
        body = deputy.get("/cities/", {"q": text}).content.decode()
        assert "Éxemplo-les-Prés" in body, text
        assert ">Other<" not in body
    nothing = deputy.get("/cities/", {"q": "zzz"}).content.decode()
    assert "No city matches all of this." in nothing


@pytest.mark.parametrize("address", ["/cities/", "/agreements/", "/networks/"])
def test_empty_filters_narrow_nothing_and_any_page_number_is_answered(deputy, address):
    partner_city()
    joined_network()
    query = {
        "q": "",
        "area": "",
        "relation": "",
        "country": " ",
        "kind": "",
        "status": "",
        "city": "",
        "role": "",
        "page": "9x",
    }
    response = deputy.get(address, query)
    assert response.status_code == 200
    assert "cannot be narrowed" not in response.content.decode()


@pytest.mark.parametrize(
    ("address", "query"),
    [
        ("/cities/", {"area": "nowhere"}),
        ("/cities/", {"relation": "married"}),
        ("/cities/", {"partner": "perhaps"}),
        ("/agreements/", {"kind": "treaty"}),
        ("/agreements/", {"expires_before": "soon"}),
        ("/agreements/", {"city": "999999999999999999999999"}),
        ("/networks/", {"role": "emperor"}),
    ],
)
def test_a_wrong_filter_value_is_answered_with_a_sentence(deputy, address, query):
    partner_city()
    response = deputy.get(address, query)
    body = response.content.decode()
    assert response.status_code == 200
    assert "This list cannot be narrowed as asked." in body
    assert "Show the whole list" in body


LISTS = ("cities", "agreements", "networks", "map", "projects", "calls", "grants", "missions", "delegations", "events")


@pytest.mark.parametrize("name", [*LISTS, "promises", "deadlines", "decisions", "dormant", "agenda"])
def test_a_filter_that_there_is_not_is_named(deputy, name):
    partner_city()
    body = deputy.get(f"/{name}/", {"zone": "here"}).content.decode()
    assert "zone — There is no such filter." in body
    assert not re.search(r"<h1>[^<]*\d", body)
    assert "There is no such filter." not in deputy.get(f"/{name}/", {"zone": ""}).content.decode()


@pytest.mark.parametrize(
    "address", ["/search/?q=dakar", "/report/", "/report/of/?since=2014-04-05&until=2014-12-31", "/notifications/"]
)
def test_a_parameter_that_a_page_does_not_know_is_named(deputy, address):
    plain = deputy.get(address).content.decode()
    asked = deputy.get(f"{address}{'&' if '?' in address else '?'}zone=here").content.decode()
    assert "There is no such filter." not in plain
    assert "zone — There is no such filter." in asked


@pytest.mark.parametrize("name", [*LISTS, "promises"])
def test_what_is_asked_wrongly_is_said_at_the_top_of_the_page(deputy, name):
    """Of an update within the page, beside the filters."""
    whole = deputy.get(f"/{name}/", {"zone": "here"}).content.decode()
    assert whole.count("This list cannot be narrowed as asked.") == 1
    assert whole.index("cannot be narrowed") < whole.index("<h1>")
    update = deputy.get(f"/{name}/", {"zone": "here"}, headers={"hx-request": "true"}).content.decode()
    assert update.count("This list cannot be narrowed as asked.") == 1
    assert '<div hx-swap-oob="innerHTML:#asked-wrongly"></div>' in update


def test_within_the_page_only_the_results_come_back(deputy):
    partner_city(name_en="Example Harbour")
    response = deputy.get("/cities/?q=harbour", headers={"hx-request": "true"})
    body = response.content.decode()
    assert "<html" not in body
    assert "Example Harbour" in body
    assert 'hx-swap-oob="innerHTML:#count"' in body
    assert "HX-Request" in response["Vary"]


def test_a_long_list_is_cut_into_pages_that_keep_the_filters(deputy):
    country = factories.CountryFactory()
    factories.CityFactory.create_batch(26, country=country)
    body = deputy.get("/cities/", {"country": country.code}).content.decode()
    assert "Page 1 of 2" in body
    assert f'href="?country={country.code}&amp;page=2"' in body
    assert "Page 2 of 2" in deputy.get("/cities/", {"country": country.code, "page": "2"}).content.decode()


def test_expiries_within_six_months_come_first_and_are_drawn(deputy):
    _city, near = partner_city()
    _city, far = partner_city()
    for agreement, last in ((near, date(2015, 9, 30)), (far, date(2018, 9, 30))):
        agreement.expires_on = last
        agreement.save()
    body = deputy.get("/agreements/").content.decode()
    assert "1 agreement expires within six months" in body
    assert body.count('class="row alert"') == 1
    assert body.index("30 September 2015") < body.index("30 September 2018")


def test_an_agreement_says_what_is_missing_and_tells_zero_from_not_known(deputy):
    _city, agreement = partner_city()
    agreement.forecast_amount = None
    agreement.save()
    unknown = deputy.get(agreement.get_absolute_url()).content.decode()
    assert "not known" in unknown
    assert "<dd>no money is planned" not in unknown
    assert "It has not been sent to the prefect" in unknown
    agreement.refresh_from_db()
    agreement.forecast_amount = 0
    agreement.save()
    assert "<dd>no money is planned" in deputy.get(agreement.get_absolute_url()).content.decode()


def test_a_network_page_tells_unpaid_from_not_recorded(deputy):
    network = factories.NetworkFactory()
    assert "No dues are recorded." in deputy.get(network.get_absolute_url()).content.decode()
    factories.DuesFactory(network=network, amount_due=1380000, due_on=date(2015, 5, 1))
    body = deputy.get(network.get_absolute_url()).content.decode()
    assert "€1,380,000" in body
    assert "overdue" in body


def test_the_forecast_counts_what_amendments_add(deputy):
    _city, agreement = partner_city()
    factories.AmendmentFactory(agreement=agreement, amount_change=1000)
    body = deputy.get(agreement.get_absolute_url()).content.decode()
    assert "<dd>no money is planned" not in body
    assert "€0 at the signature · +€1,000 by amendment" in body


def test_drafts_come_last_and_a_day_that_nobody_knows_after_those_that_are_known(deputy):
    factories.AgreementFactory(reference="AGR-DRAFT")
    factories.AgreementFactory(reference="AGR-UNDATED", status="signed", signed_on_precision="unknown")
    factories.AgreementFactory(reference="AGR-OLD", signed=True, signed_on=date(1956, 1, 30))
    factories.AgreementFactory(reference="AGR-NEW", in_force=True)
    body = deputy.get("/agreements/").content.decode()
    places = [body.index(f"· AGR-{name}<") for name in ("NEW", "OLD", "UNDATED", "DRAFT")]
    assert places == sorted(places)
    assert "<h1>3 agreements signed, 1 in force</h1>" in body
    assert '<span class="tag">Draft</span>' in body


def test_a_renewal_that_is_not_signed_is_only_in_preparation(deputy):
    _city, agreement = partner_city()
    renewal = factories.AgreementFactory(renews=agreement)
    assert "Renewal in preparation" in deputy.get(agreement.get_absolute_url()).content.decode()
    assert "A draft." in deputy.get(renewal.get_absolute_url()).content.decode()


def test_a_text_in_the_other_language_says_which_one(deputy):
    _city, agreement = partner_city()
    address = agreement.get_absolute_url()
    assert "<h1>" in deputy.get(address).content.decode()
    agreement.title_en = ""
    agreement.save()
    assert f'<h1 lang="fr">{agreement.title_fr}</h1>' in deputy.get(address).content.decode()


def test_signing_in_leaves_no_message_in_the_language_of_the_browser(client):
    user = factories.UserFactory(role="deputy", language="en")
    answer = client.post(
        "/accounts/login/",
        {"login": user.email, "password": "invented-password"},
        headers={"accept-language": "fr"},
        follow=True,
    )
    body = answer.content.decode()
    assert '<html lang="en"' in body
    assert 'class="messages' not in body

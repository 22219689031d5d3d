"""The page that finds records of every kind."""

import html
import re

import pytest

from core.filters import has_field
from core.finding import SHOWN, kinds
from core.roles import Role
from tests import factories
from tests.pages.conftest import partner_city

pytestmark = pytest.mark.django_db


def body(client, text: str, **headers) -> str:
    response = client.get("/search/", {"q": text}, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def test_records_are_found_by_kind_with_their_number_and_a_link(deputy):
    city, agreement = partner_city(name_fr="Havre d'exemple", name_en="Example Harbour")
    agreement.title_en = "Example Harbour agreement"
    agreement.save()
    page = body(deputy, "harbour")
    assert '<h2 id="kind-1">Cities <span class="sub">1</span></h2>' in page
    assert f'<a href="{city.get_absolute_url()}">Example Harbour</a>' in page
    assert f'<a href="{agreement.get_absolute_url()}">Example Harbour agreement</a>' in page
    assert '<p class="count" id="count" role="status" tabindex="-1">2 records' in page


def test_more_rows_than_are_shown_lead_to_the_list_with_the_same_words(deputy):
    factories.CityFactory.create_batch(6, name_fr="Exempleville", name_en="Exempleville")
    assert '<a class="tap" href="/cities/?q=exempleville">All that is found among: Cities</a>' in body(
        deputy, "exempleville"
    )


def named(kind, *names: str):
    """Records of the kind that are called so, in French."""
    field = f"{kind.name}_fr" if has_field(kind.model, f"{kind.name}_fr") else kind.name
    factory = getattr(factories, f"{kind.model.__name__}Factory")
    return [factory(**{field: name}) for name in names]


def listed(client, link: str) -> int:
    """How many records the list shows, on all of its pages and in all of its parts."""
    context = client.get(link).context
    paged = context["page"].paginator.count if "page" in context else 0
    return paged + sum(len(context.get(part, ())) for part in ("open", "forthcoming", "models", "active", "planned"))


@pytest.mark.parametrize("text", ["coop de accord", "accord coop", "la coopera accords", "coop"])
@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.model.__name__)
def test_a_list_shows_as_many_as_the_search_counts(deputy, kind, text):
    named(kind, *(f"Coopération et accords {number}" for number in range(SHOWN + 1)), "Coopéré sans suite", "Accordée")
    expected = SHOWN + 1 + (text == "coop")
    group = next(group for group in deputy.get("/search/", {"q": text}).context["found"].groups if group.kind is kind)
    assert (group.count, group.nearly) == (expected, 0)
    assert kind.model.objects.matching(text, deputy.user).count() == expected
    links = re.findall(r'<a class="tap" href="([^"]+)">All that is found among', body(deputy, text))
    assert [listed(deputy, html.unescape(link)) for link in links] == [expected] * bool(kind.listing)


def test_what_names_a_body_by_unfinished_words_is_counted_as_the_list_shows_it(deputy):
    body_named = factories.OrganisationFactory(name_fr="Secours de la coopération inventée")
    factories.GrantFactory.create_batch(SHOWN + 1, beneficiary=body_named)
    (group,) = deputy.get("/search/", {"q": "seco coop"}).context["found"].groups
    assert group.count == listed(deputy, "/grants/?q=seco coop") == SHOWN + 1


def test_of_more_words_than_are_looked_for_the_list_is_asked_for_those_that_are(deputy):
    named = "Puits Forage Pompe Citerne Conduite Bassin Canal Digue"
    factories.GrantFactory.create_batch(SHOWN + 1, title_fr=named, title_en=named)
    (link,) = re.findall(r'<a class="tap" href="([^"]+)">All that is found among', body(deputy, f"{named} de neuf"))
    assert listed(deputy, html.unescape(link)) == SHOWN + 1
    refused = deputy.get("/grants/", {"q": f"{named} neuf"}).content.decode()
    assert "Ask for at most 8 different words." in refused


def test_a_list_is_not_promised_what_is_only_spelt_alike(deputy):
    factories.CityFactory.create_batch(SHOWN + 1, name_fr="Marrakech", name_en="Marrakesh")
    page = body(deputy, "marrakehc")
    assert f"spelt alike: {SHOWN + 1}" in page
    assert "All that is found among" not in page


def test_a_misspelt_name_is_marked_as_such(deputy):
    factories.CityFactory(name_fr="Marrakech", name_en="Marrakesh")
    page = body(deputy, "marakech")
    assert "Marrakesh" in page
    assert "spelt alike: 1" in page


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "all is found here by its words"),
        ("&&&", "There is no word in this."),
        ("'; --", "There is no word in this."),
        ("a", "One letter would find almost everything."),
        ("zzzzqqq", "Nothing that you may see holds all of these words"),
        ("de la", "These words stand in almost every text"),
        ("de zzzzqqq", "Not looked for, because almost every text holds it: de"),
        ("zzzzqqq " * 500, "This is long"),
        ("' OR 1=1; DROP TABLE x", "Nothing that you may see"),
    ],
)
def test_what_finds_nothing_is_answered_with_a_sentence(deputy, text, sentence):
    partner_city()
    assert sentence in body(deputy, text)


def test_what_no_text_can_hold_is_refused_with_a_page(deputy):
    response = deputy.get("/search/", {"q": "\x00"})
    assert response.status_code == 400
    assert "<h1>" in response.content.decode()


def test_within_the_page_only_what_is_found_comes_back_with_its_number(deputy):
    partner_city(name_en="Example Harbour")
    page = body(deputy, "harbour", **{"hx-request": "true"})
    assert "<html" not in page
    assert "Example Harbour" in page
    assert 'hx-swap-oob="innerHTML:#count"' in page


def test_every_page_has_the_search_in_its_header_but_the_search_itself(deputy):
    form = '<form class="find" role="search" action="/search/">'
    assert form in deputy.get("/cities/").content.decode()
    page = body(deputy, "")
    assert form not in page
    assert page.count("aria-keyshortcuts") == 1


def test_a_stranger_is_sent_to_sign_in(client):
    assert client.get("/search/?q=a").status_code == 302


def test_nobody_posts_a_search(deputy):
    assert deputy.post("/search/").status_code == 405


@pytest.mark.parametrize("role", list(Role))
def test_every_role_searches(reader, role):
    assert "Search everything" in body(reader(role), "exemple")

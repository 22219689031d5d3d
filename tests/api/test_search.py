"""`/api/v1/search/`: what a system finds, within its scopes."""

import pytest

from tests import factories
from tests.api.conftest import bearer, messages

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/search/"


def test_a_system_finds_records_by_kind(api):
    city = factories.CityFactory(name_fr="Havre", name_en="Harbour")
    assert api.get(f"{ADDRESS}?q=harbour").json() == {
        "count": 1,
        "next": None,
        "previous": None,
        "is_more": False,
        "results": [
            {
                "content_type": "partnerships.city",
                "label": "Cities",
                "count": 1,
                "is_more": False,
                "spelt_alike": 0,
                "records": [
                    {
                        "object_id": city.pk,
                        "label": "Harbour",
                        "link": f"http://testserver{city.get_absolute_url()}",
                        "spelt_alike": False,
                    }
                ],
            }
        ],
    }


def test_a_system_finds_only_what_its_scopes_let_it_read():
    factories.CityFactory(name_fr="Havre", name_en="Harbour")
    factories.ProjectFactory(title_fr="Havre", title_en="Harbour")
    for scope, kinds in (
        ("partnerships:read", ["partnerships.city"]),
        ("cooperation:read", ["cooperation.project"]),
        ("events:read", []),
    ):
        for text in ("harbour", "harbuor"):
            answer = bearer(scope).get(f"{ADDRESS}?q={text}").json()
            assert [group["content_type"] for group in answer["results"]] == kinds, (scope, text)


def test_a_scope_to_read_something_is_needed(client):
    response = bearer("core:read", "partnerships:write").get(f"{ADDRESS}?q=harbour")
    assert response.status_code == 403
    assert "partnerships:read" in response.json()["detail"]
    assert client.get(f"{ADDRESS}?q=harbour").status_code == 401


@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        ("", "q", "This field is required."),
        ("?q=", "q", "This field may not be blank."),
        ("?q=a", "q", "Type two letters at least."),
        ("?q=%26", "q", "Type two letters at least."),
        ("?q=%00", "q", "Null characters are not allowed."),
        (f"?q={'x' * 201}", "q", "Ensure this field has no more than 200 characters."),
        ("?q=a+bb+c+d+e+f+g+h+i", "q", "Ask for at most 8 different words."),
        ("?q=harbour&kind=city", "kind", "There is no such parameter."),
    ],
)
def test_a_wrong_question_is_refused_by_name(api, query, field, sentence):
    response = api.get(ADDRESS + query)
    assert (response.status_code, messages(response)) == (400, {field: sentence})


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a bb c d e f g h i", "Ask for at most 8 different words."),
        ("x" * 201, "Ensure this value has at most 200 characters (it has 201)."),
    ],
)
def test_a_list_refuses_more_words_than_it_would_look_for(api, text, sentence):
    for address in ("/api/v1/grants/", "/api/v1/grants/export/"):
        response = api.get(address, {"q": text})
        assert (response.status_code, messages(response)) == (400, {"q": sentence})
    assert api.get("/api/v1/grants/", {"q": "a bb c d e f g h a bb"}).status_code == 200


def test_a_search_is_only_read(api):
    assert api.post(ADDRESS, {"q": "harbour"}).status_code == 405


def test_a_list_is_not_searched_through_records_outside_the_scopes():
    body = factories.OrganisationFactory(name_fr="Secours inventé")
    grant = factories.GrantFactory(beneficiary=body)
    address = "/api/v1/grants/?q=secours"
    assert bearer("solidarity:read").get(address).json()["count"] == 0
    found = bearer("solidarity:read partnerships:read").get(address).json()
    assert [row["id"] for row in found["results"]] == [grant.pk]

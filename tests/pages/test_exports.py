"""Lists as files from the pages: headings and choices in words, and what is prepared in the background."""

import csv
import io

import pytest

from core.exports import answers
from core.models import Export
from core.roles import Role
from core.tasks import write_exports
from tests import factories
from tests.pages.conftest import everything, joined_network, partner_city, solidarity

pytestmark = pytest.mark.django_db
LISTS = {
    "/cities/": "cities",
    "/agreements/": "agreements",
    "/networks/": "networks",
    "/projects/": "projects",
    "/calls/": "funding-calls",
    "/grants/": "grants",
}


def rows(response, delimiter: str) -> list[dict[str, str]]:
    assert response.status_code == 200, response.content
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


@pytest.mark.parametrize("address", LISTS)
@pytest.mark.parametrize("role", [Role.DEPUTY, Role.OFFICER, Role.AUDITOR])
def test_each_list_is_saved_by_the_links_under_it(reader, role, address):
    partner_city()
    joined_network()
    everything()
    solidarity()
    client = reader(role)
    page = client.get(address).content.decode()
    for file_format in ("csv", "xlsx", "ods"):
        link = f"/exports/{LISTS[address]}/?as={file_format}"
        assert f'href="{link}"' in page
        response = client.get(link)
        assert response.status_code == 200
        assert b"".join(response.streaming_content)


def test_the_links_carry_the_filters_and_not_the_page(reader):
    partner_city()
    factories.CityFactory(slug="elsewhere", name_fr="Ailleurs", name_en="Ailleurs")
    factories.RelationFactory(city__slug="wanted", city__name_fr="Voulue", city__name_en="Voulue")
    client = reader(Role.DEPUTY)
    page = client.get("/cities/?q=voulue&country=&page=1").content.decode()
    assert 'href="/exports/cities/?q=voulue&amp;country=&amp;as=csv"' in page
    found = rows(client.get("/exports/cities/?q=voulue&country=&as=csv"), ",")
    assert len(found) == 1
    assert "wanted" in found[0].values()


def test_an_empty_list_offers_no_file(reader):
    page = reader(Role.DEPUTY).get("/grants/").content.decode()
    assert "/exports/grants/" not in page


@pytest.mark.parametrize(
    ("language", "delimiter", "kind", "value", "amount"),
    [("fr", ";", "Statut", "Signé", "1234,50"), ("en", ",", "Status", "signed", "1234.50")],
)
def test_headings_and_choices_are_words_of_the_readers_language(reader, language, delimiter, kind, value, amount):
    agreement = factories.AgreementFactory(signed=True)
    city = factories.CityFactory(name_fr="Ville-Exemple", name_en="Example City")
    factories.AgreementPartyFactory(agreement=agreement, city=city)
    factories.GrantFactory(amount_asked="1234.50")
    client = reader(Role.DEPUTY, language)
    [row] = rows(client.get("/exports/agreements/?as=csv"), delimiter)
    assert row[kind].lower() == value.lower()
    assert any(cell == {"fr": "Ville-Exemple", "en": "Example City"}[language] for cell in row.values()), row
    [row] = rows(client.get("/exports/grants/?as=csv"), delimiter)
    assert amount in row.values()


@pytest.mark.parametrize("resource", sorted(LISTS.values()))
def test_no_heading_is_left_in_the_words_of_the_machine(reader, resource):
    """Each column of a list that people save has a heading of its own, in French."""
    partner_city()
    joined_network()
    everything()
    solidarity()
    response = reader(Role.DEPUTY, "fr").get(f"/exports/{resource}/?as=csv")
    head = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()[0]
    names = [name.strip('"') for name in head.split(";")]
    assert [name for name in names if "_" in name] == []
    assert len(set(names)) == len(names), names


def test_a_list_asked_wrongly_is_refused_on_a_page(reader):
    response = reader(Role.DEPUTY, "en").get("/exports/cities/?as=csv&country=AA")
    assert response.status_code == 400
    assert "There is no record “AA”." in response.content.decode()
    for address in ("/exports/cities/?as=pdf", "/exports/unicorns/?as=csv", "/exports/cities/"):
        assert reader(Role.DEPUTY).get(address).status_code == 404


def test_a_stranger_and_whoever_may_not_read_get_nothing(client, reader):
    assert client.get("/exports/cities/?as=csv").status_code == 302
    client.force_login(factories.UserFactory())
    assert client.get("/exports/cities/?as=csv").status_code == 403


def test_a_long_list_is_prepared_in_the_background(reader, monkeypatch):
    partner_city()
    monkeypatch.setattr(answers, "DIRECT_ROWS", 0)
    client = reader(Role.DEPUTY, "en")
    offered = client.get("/exports/cities/?as=xlsx&q=")
    assert offered.status_code == 409
    assert "Prepare the file" in offered.content.decode()
    given = {"resource": "cities", "as": "xlsx", "query": "ordering=slug"}
    page = client.post("/exports/", given, follow=True).content.decode()
    assert "The file is being prepared." in page
    assert 'hx-trigger="every 2s"' in page
    write_exports()
    page = client.get("/exports/").content.decode()
    export = Export.objects.get()
    assert 'hx-trigger="every 2s"' not in page
    assert f'href="/exports/{export.pk}/file/"' in page
    saved = client.get(f"/exports/{export.pk}/file/")
    assert b"".join(saved.streaming_content).startswith(b"PK")
    part = client.get("/exports/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert f'href="/exports/{export.pk}/file/"' in part


def test_an_export_on_the_pages_is_mine_alone(reader):
    mine, other = reader(Role.DEPUTY, "en"), reader(Role.OFFICER, "en")
    mine.post("/exports/", {"resource": "cities", "as": "csv", "query": ""})
    pk = Export.objects.get().pk
    assert mine.get(f"/exports/{pk}/file/").url == "/exports/"
    assert "This export is not ready." in mine.get("/exports/").content.decode()
    assert "No file is being prepared for you." in other.get("/exports/").content.decode()
    assert other.get(f"/exports/{pk}/file/").status_code == 404
    assert other.post(f"/exports/{pk}/withdraw/").status_code == 404
    assert mine.post(f"/exports/{pk}/withdraw/").url == "/exports/"
    assert not Export.objects.exists()


def test_what_is_refused_is_said_on_the_page(reader):
    client = reader(Role.DEPUTY, "en")
    wrong = client.post("/exports/", {"resource": "cities", "as": "csv", "query": "country=AA"}, follow=True)
    assert "This list cannot be narrowed as asked." in wrong.content.decode()
    for _again in range(5):
        client.post("/exports/", {"resource": "cities", "as": "csv", "query": ""})
    answer = client.post("/exports/", {"resource": "cities", "as": "csv", "query": ""}, follow=True)
    assert "You have 5 exports under way" in answer.content.decode()
    assert client.post("/exports/", {"resource": "cities", "as": "exe"}).status_code == 404


def test_words_are_those_of_the_screen(reader):
    city = factories.CityFactory(slug="wanted")
    factories.RelationFactory(city=city, kind="solidarity")
    for reference, values in {
        "PRM-LATE": {"due_on": "2015-03-01", "due_on_precision": "season"},
        "PRM-OPEN": {"due_on": "2015-06-01", "due_on_precision": "season"},
        "PRM-DAY": {"due_on": "2015-07-01", "due_on_precision": "day"},
    }.items():
        factories.PromiseFactory(reference=reference, **values)
    client = reader(Role.DEPUTY, "en")
    found = {row["Reference"]: row for row in rows(client.get("/exports/promises/?as=csv"), ",")}
    told = {name: (row["Status"], row["Due on"]) for name, row in found.items()}
    assert told == {
        "PRM-LATE": ("Overdue", "spring 2015"),
        "PRM-OPEN": ("open", "summer 2015"),
        "PRM-DAY": ("open", "2015-07-01"),
    }
    row = next(row for row in rows(client.get("/exports/cities/?as=csv"), ",") if "wanted" in row.values())
    assert row["Partner today"] in ("yes", "no")
    assert row["Relations"] == "solidarity"
    for file_format in ("xlsx", "ods"):
        assert b"".join(client.get(f"/exports/promises/?as={file_format}").streaming_content)

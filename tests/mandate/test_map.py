"""The map: whose euros it shows, to whom, how it is narrowed, that it asks little, and what is on paper."""

import re
from datetime import date
from decimal import Decimal
from io import BytesIO
from xml.etree import ElementTree

import pytest
import typst
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override
from pypdf import PdfReader

from core.pdf import FONTS
from core.roles import Role
from mandate.atlas.alone import svg
from mandate.atlas.atlas import atlas
from mandate.selectors.places import CityEuros, euros_by_city, euros_by_year
from tests import factories as make
from tests.api.conftest import bearer, messages, summed
from tests.solidarity.lives import grant_in

# Queries of the page, reading the session, the user and her roles included.
PAGE = 16


@pytest.fixture
def reader(deputy):
    deputy.language = "en"
    deputy.save()
    client = Client()
    client.force_login(deputy)
    return client


@pytest.fixture
def api(db):
    return bearer()


def city(name: str, latitude: float | None = 14.69, longitude: float | None = -17.44, kind: str = "partner", **fields):
    where = {
        axis: None if degrees is None else Decimal(str(degrees))
        for axis, degrees in (("latitude", latitude), ("longitude", longitude))
    }
    slug = "".join(letter for letter in name.lower() if letter.isalnum() or letter == "-")
    found = make.CityFactory(name_fr=name, name_en=name, slug=slug, **where, **fields)
    if kind:
        make.RelationFactory(city=found, kind=kind)
    return found


def shown(client, address: str = "/map/") -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_no_text_of_a_record_is_read_as_html(reader):
    country = make.CountryFactory(name_fr="<i>Ici</i>", name_en="<i>Here</i>")
    city('<b>"La" & la</b>', country=country)
    city("<u>Nowhere</u>", None, None, country=country)
    page = shown(reader)
    for mark in ('<b>"La', "<i>Here", "<u>"):
        assert mark not in page
    assert (
        page.count("&lt;b&gt;&quot;La&quot; &amp; la&lt;/b&gt;") >= 5
    )  # the table, and of both drawings the link and the name


def on_map(page: str) -> set[str]:
    return set(re.findall(r'<tr data-city="([^"]+)"', page))


# --- euros ---


def own(project, amount, **fields):
    line = make.FundingLineFactory(project=project, **fields)
    return make.MovementFactory(line=line, amount=amount)


@pytest.mark.django_db
def test_euros_of_a_city_are_voted_grants_and_own_commitments(deputy):
    dakar, tunis, rabat = (make.CityFactory() for _n in range(3))
    for stage, amount in (("voted", 30000), ("proposed", 500)):
        grant = grant_in(stage, (make.EnvelopeFactory(), amount))
        make.GrantPlaceFactory(grant=grant, city=dakar)
    make.GrantPlaceFactory(grant=grant, city=None, country=dakar.country)
    project = make.ProjectFactory()
    for place_ in (dakar, tunis):
        make.ProjectCityFactory(project=project, city=place_)
    own(project, 1000)
    own(project, 200, nature="in-kind")
    own(project, 70, external=True)
    abandoned = make.ProjectCityFactory(city=rabat).project
    own(abandoned, 9)
    type(abandoned).objects.filter(pk=abandoned.pk).update(stage="abandoned", stopped_reason="Invented reason.")
    assert euros_by_city(deputy) == {
        dakar.pk: CityEuros(Decimal(30000), Decimal(1000)),
        tunis.pk: CityEuros(None, Decimal(1000)),
    }
    assert euros_by_city(deputy)[dakar.pk].total == 31000
    assert CityEuros().total is None
    assert CityEuros(Decimal(0)).total == 0


@pytest.mark.django_db
def test_no_euro_counts_twice(deputy):
    """A grant that serves a project is left to the project where its commitments count in the same city, and nowhere else."""
    dakar, tunis = make.CityFactory(), make.CityFactory()
    project = make.ProjectCityFactory(city=dakar).project
    grant = grant_in("voted", (make.EnvelopeFactory(), 30000), project=project)
    for place_ in (dakar, tunis):
        make.GrantPlaceFactory(grant=grant, city=place_)
    assert euros_by_city(deputy)[dakar.pk] == CityEuros(Decimal(30000), None)
    own(project, 30000)
    assert euros_by_city(deputy) == {
        dakar.pk: CityEuros(None, Decimal(30000)),
        tunis.pk: CityEuros(Decimal(30000), None),
    }


@pytest.mark.django_db
def test_a_part_that_names_no_city_spends_in_those_of_its_whole(deputy):
    whole = make.ProjectCityFactory().project
    dakar = whole.places.get().city
    own(make.ProjectFactory(parent=whole), 1000)
    elsewhere = make.ProjectCityFactory(project=make.ProjectFactory(parent=whole))
    own(elsewhere.project, 200)
    assert euros_by_city(deputy) == {
        dakar.pk: CityEuros(None, Decimal(1000)),
        elsewhere.city.pk: CityEuros(None, Decimal(200)),
    }


@pytest.mark.django_db
def test_the_euros_of_a_city_by_year_are_those_of_the_map(deputy):
    dakar = make.CityFactory()
    for year, amount in ((2009, 1), (2013, 20000), (2015, 30000)):
        grant = grant_in("voted", (make.EnvelopeFactory(year=year), amount), year=year)
        make.GrantPlaceFactory(grant=grant, city=dakar)
    project = make.ProjectCityFactory(city=dakar).project
    own(project, 1000).__class__.objects.update(on=date(2015, 3, 2))
    nothing = CityEuros()
    assert euros_by_year(deputy, dakar) == [
        (2011, nothing),
        (2012, nothing),
        (2013, CityEuros(Decimal(20000), None)),
        (2014, nothing),
        (2015, CityEuros(Decimal(30000), Decimal(1000))),
    ]
    assert euros_by_city(deputy)[dakar.pk].total == 51001


@pytest.mark.django_db
def test_the_page_of_a_city_shows_its_euros_of_five_years(client):
    client.force_login(make.UserFactory(role=Role.DEPUTY, language="en"))
    dakar = make.CityFactory()
    assert "committed for the city" not in client.get(dakar.get_absolute_url()).content.decode()
    make.GrantPlaceFactory(grant=grant_in("voted", (make.EnvelopeFactory(year=2015), 30000)), city=dakar)
    page = client.get(dakar.get_absolute_url()).content.decode()
    section = page[page.index("€30,000 committed for the city, 2011 to 2015") :]
    assert section.count("nothing recorded") == 8  # four years, in the bars and in the table
    assert "As of 1 June 2015" in section[: section.index("</section>")]
    assert "Projects:" not in section[: section.index("</section>")]


# --- the records behind the euros ---


@pytest.fixture
def counted(db):
    """Two cities, with euros that count in each, in both and in none, in several years; those that count in Dakar, in all and
    since 2011."""
    dakar, tunis = city("Dakar"), city("Tunis", 36.82, 10.17)
    whole = make.ProjectCityFactory(city=dakar).project
    # The project's own commitments count, and the grant that serves it does not.
    own(whole, 1000)
    served = grant_in("voted", (make.EnvelopeFactory(), 4000), project=whole)
    # A grant of before, one that serves a project without own cash, and one that is not voted.
    early = grant_in("voted", (make.EnvelopeFactory(year=2009), 1), year=2009)
    lone = grant_in("signed", (make.EnvelopeFactory(year=2014), 20000), year=2014, project=make.ProjectFactory())
    proposed = grant_in("proposed", (make.EnvelopeFactory(), 500))
    for grant in (served, early, lone, proposed):
        make.GrantPlaceFactory(grant=grant, city=dakar)
    make.GrantPlaceFactory(grant=served, city=tunis)
    # Euros of others, in kind and only asked for, of a project that also is somewhere else.
    shared = make.ProjectCityFactory(city=dakar).project
    make.ProjectCityFactory(project=shared, city=tunis)
    line = own(shared, 200).line
    make.MovementFactory(line=line, amount=-50)
    make.MovementFactory(line=line, amount=30, kind="requested")
    type(own(shared, 8, label="Of before")).objects.filter(line__label="Of before").update(on=date(2010, 12, 31))
    own(shared, 70, external=True)
    own(shared, 9, nature="in-kind")
    make.ProjectFactory(parent=make.ProjectCityFactory(city=dakar).project, reference="PRJ-PART-1")
    part = make.ProjectFactory(parent=make.ProjectCityFactory(city=dakar).project, reference="PRJ-PART-2")
    own(part, 600)
    abandoned = make.ProjectCityFactory(city=dakar).project
    own(abandoned, 5)
    type(abandoned).objects.filter(pk=abandoned.pk).update(stage="abandoned", stopped_reason="Invented reason.")
    return dakar


def amounts(page: str, pattern: str) -> Decimal:
    """The sum of the amounts that the rows of a list show so."""
    rows = page[page.index('id="results"') :]
    return sum((Decimal(found.replace(",", "")) for found in re.findall(pattern, rows)), Decimal(0))


GRANTED, OWN_CASH = r'data-label="Granted:">€([\d,]+)', r"counted here: €([\d,]+)"


def links(page: str, amount: str) -> list[str]:
    found = re.findall(rf'href="([^"]+)">{re.escape(amount)}</a>', page)
    return [link.replace("&amp;", "&").partition("#")[0] for link in found]


def followed(reader, page: str, grants: str, projects: str) -> tuple[Decimal, Decimal]:
    """What the lists behind the two amounts of a page add up to."""
    (to_grants,), (to_projects,) = links(page, grants), links(page, projects)
    assert (to_grants.split("?")[0], to_projects.split("?")[0]) == ("/grants/", "/projects/")
    return amounts(shown(reader, to_grants), GRANTED), amounts(shown(reader, to_projects), OWN_CASH)


@pytest.mark.django_db
def test_the_rows_behind_the_euros_of_the_map_add_up_to_them(deputy, reader, counted):
    assert euros_by_city(deputy)[counted.pk] == CityEuros(Decimal(20001), Decimal(1758))
    row = re.search(r'<tr data-city="dakar">.*?</tr>', shown(reader), re.DOTALL)[0]
    assert followed(reader, row, "€20,001", "€1,758") == (20001, 1758)


@pytest.mark.django_db
def test_the_rows_behind_the_euros_of_the_city_page_add_up_to_them(reader, counted):
    page = shown(reader, counted.get_absolute_url())
    section = page[page.index("€21,750 committed for the city, 2011 to 2015") :]
    section = section[: section.index("</section>")]
    above, below = section.split("<details>")
    assert followed(reader, above, "€20,000", "€1,750") == (20000, 1750)
    years = re.findall(r'<th scope="row">(20\d\d)</th>(.*?)</tr>', below, re.DOTALL)
    (of_grants,) = [cells for year, cells in years if year == "2014"]
    (of_projects,) = [cells for year, cells in years if year == "2015"]
    assert followed(reader, of_grants + of_projects, "€20,000", "€1,750") == (20000, 1750)
    assert below.count("href=") == 2


@pytest.mark.django_db
def test_the_rows_of_the_api_add_up_to_the_same_euros(api, counted):
    assert summed(api, "/api/v1/grants/?counted_in=dakar", "amount_granted") == 20001
    assert summed(api, "/api/v1/movements/?own_cash_in=dakar", "amount_eur") == 1758
    assert summed(api, "/api/v1/grants/?counted_in=dakar&year_min=2011&year_max=2015", "amount_granted") == 20000
    assert summed(api, "/api/v1/movements/?own_cash_in=dakar&on_after=2011-01-01", "amount_eur") == 1750
    projects = api.get("/api/v1/projects/?own_cash_in=dakar").json()["results"]
    assert "PRJ-PART-2" in {row["reference"] for row in projects}
    assert len(projects) == 3
    assert api.get("/api/v1/projects/?own_cash_in=dakar&own_cash_before=2014-12-31").json()["count"] == 1
    assert api.get("/api/v1/projects/?own_cash_after=2015-02-03").json()["count"] == 0
    for resource, name in (("grants", "counted_in"), ("projects", "own_cash_in"), ("movements", "own_cash_in")):
        refused = api.get(f"/api/v1/{resource}/?{name}=nowhere")
        assert (refused.status_code, list(messages(refused))) == (400, [name])


@pytest.mark.django_db
def test_the_lists_say_that_they_are_narrowed_to_what_counts(reader, counted):
    assert "Voted, and counted for the city: dakar" in shown(reader, "/grants/?counted_in=dakar")
    assert "The City’s own cash, committed for the city: dakar" in shown(reader, "/projects/?own_cash_in=dakar")
    assert "counted here" not in shown(reader, "/projects/")
    for address in ("/grants/?counted_in=nowhere", "/projects/?own_cash_in=nowhere"):
        assert "There is no record “nowhere”" in shown(reader, address)


@pytest.mark.django_db
def test_a_stranger_sees_neither_cities_nor_euros(client):
    make.GrantPlaceFactory(grant=grant_in("voted"), city=city("Dakar"))
    nobody = make.UserFactory()
    nobody.groups.clear()
    nobody = type(nobody).objects.get(pk=nobody.pk)
    assert euros_by_city(nobody) == {}
    assert atlas(nobody).rows == []
    assert client.get("/map/").status_code == 302


# --- the page ---


@pytest.mark.django_db
def test_partners_and_other_ties_are_on_the_map_and_models_to_learn_from_are_not(reader):
    city("Dakar")
    city("Shanghai", 31.22, 121.46, kind="promising")
    city("Mumbai", 19.07, 72.88, kind="comparator")
    city("Nowhere", None, None)
    city("Unknown", 1, 1, kind="")
    page = shown(reader)
    assert on_map(page) == {"dakar", "shanghai", "nowhere"}
    assert "mumbai" not in page.lower()
    assert page.count('class="place friendship not-known" href="/cities/dakar/"') == 2
    assert 'class="place' in page
    assert 'href="/cities/nowhere/" data-city' not in page
    assert "3 cities to which something ties us today, of which 2 are partners · 1 without coordinates" in page
    assert "no coordinates recorded" in page


@pytest.mark.django_db
def test_ties_that_are_over_are_not_on_the_map(reader):
    over = city("Rome", 41.89, 12.51, kind="")
    make.RelationFactory(
        city=over, since=date(2010, 1, 1), since_precision="day", until=date(2014, 1, 1), until_precision="day"
    )
    assert on_map(shown(reader)) == set()
    bound = make.AgreementPartyFactory(agreement=make.AgreementFactory(signed=True, kind="twinning"), city=over)
    assert bound.city_id == over.pk
    assert 'class="place twinning not-known"' in shown(reader)


@pytest.mark.django_db
def test_it_is_narrowed_by_relation_area_and_field(reader):
    dakar = city("Dakar")
    city("Garissa", -0.45, 39.65, kind="solidarity")
    area = make.CityAreaFactory(city=dakar).area
    theme = make.ProjectThemeFactory(project=make.ProjectCityFactory(city=dakar).project).theme
    make.GrantPlaceFactory(grant=grant_in("voted", theme=make.ThemeFactory(slug="water")), city=dakar)
    assert on_map(shown(reader, "/map/?family=solidarity")) == {"garissa"}
    assert on_map(shown(reader, "/map/?family=solidarity&family=friendship")) == {"dakar", "garissa"}
    assert on_map(shown(reader, f"/map/?area={area.slug}")) == {"dakar"}
    assert on_map(shown(reader, f"/map/?theme={theme.slug}")) == {"dakar"}
    assert on_map(shown(reader, "/map/?theme=water")) == {"dakar"}
    assert on_map(shown(reader, f"/map/?theme={theme.slug}&family=solidarity")) == set()
    assert on_map(shown(reader, "/map/?q=garis")) == {"garissa"}
    assert f'<option value="{theme.slug}"' in shown(reader)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("family=invented", "invented is not one of the available choices"),
        ("family=comparator", "comparator is not one of the available choices"),
        ("area=invented", "There is no record “invented”"),
        ("theme=9999999999999999999999", "There is no record “9999999999999999999999”"),
    ],
)
def test_a_filter_that_is_not_known_is_answered_in_words(reader, query, said):
    city("Dakar")
    page = shown(reader, f"/map/?{query}")
    assert said in page
    assert "Show the whole list" in page
    assert on_map(page) == set()


@pytest.mark.django_db
def test_an_empty_map_says_why_and_what_next(reader):
    assert "Nothing that is recorded ties us to a city today." in shown(reader)
    city("Dakar")
    page = shown(reader, "/map/?q=zzz")
    assert "No city matches all of this." in page
    assert "Show the whole map" in page


@pytest.mark.django_db
def test_euros_lead_to_their_records_and_nought_is_not_unknown(reader):
    dakar = city("Dakar")
    tunis = city("Tunis", 36.82, 10.17)
    city("Rome", 41.89, 12.51)
    make.GrantPlaceFactory(grant=grant_in("voted", (make.EnvelopeFactory(), 30000)), city=dakar)
    project = make.ProjectCityFactory(city=tunis).project
    line = make.FundingLineFactory(project=project)
    for amount in (1000, -1000):
        make.MovementFactory(line=line, amount=amount)
    page = shown(reader)
    link = re.search(r'href="(/grants/[^"]+)">€30,000</a>', page)
    assert link
    assert dakar.grant_places.get().grant.reference in shown(reader, link[1].replace("&amp;", "&"))
    assert f'href="/projects/?own_cash_in={tunis.slug}#results">€0</a>' in page
    assert "As of 1 June 2015" in page
    assert "euros committed: €30,000" in page
    assert "euros committed: €0" in page
    assert "euros committed: not known" in page
    assert re.findall(r'<tr data-city="([^"]+)"', page) == ["dakar", "tunis", "rome"]
    for size in ("not known", "€0", "€12,500", "€50,000"):
        assert page.count(f">{size}</text>") == 2


@pytest.mark.django_db
def test_within_the_page_only_the_results_are_sent(reader):
    city("Dakar")
    response = reader.get("/map/", headers={"hx-request": "true"})
    body = response.content.decode()
    assert "<html" not in body
    assert 'hx-swap-oob="innerHTML:#count"' in body
    assert on_map(body) == {"dakar"}


@pytest.mark.django_db
def test_it_asks_as_much_for_one_city_as_for_three(reader):
    counted = []
    for number in range(4):
        found = city(f"City-{number}", 10 + number, 10)
        make.GrantPlaceFactory(grant=grant_in("voted"), city=found)
        own(make.ProjectCityFactory(city=found).project, 1000)
        with CaptureQueriesContext(connection) as captured:
            shown(reader)
        counted.append(len(captured))
    # The first one also reads what is read once a process.
    assert counted[1:] == [PAGE] * 3


@pytest.mark.django_db
def test_of_many_cities_those_of_a_page_have_symbols_and_the_others_are_dots(reader, monkeypatch):
    monkeypatch.setattr("mandate.atlas.atlas.DRAWN", 2)
    for number, euros in enumerate((30000, 20000, 10000)):
        found = city(f"City-{number}", -10 - number, -60)
        make.GrantPlaceFactory(grant=grant_in("voted", (make.EnvelopeFactory(), euros)), city=found)
    page = shown(reader)
    assert "3 cities to which something ties us today" in page
    assert on_map(page) == {"city-0", "city-1"}
    assert set(re.findall(r'<a class="place [^"]+" href="[^"]+" data-city="([^"]+)"', page)) == {"city-0", "city-1"}
    assert page.count('<path class="dot friendship" d="M') == 2  # on the tablet's world and on the phone's
    assert "1 other is a dot" in page
    assert '<a class="button" rel="next" href="?page=2">' in page
    assert on_map(shown(reader, "/map/?page=2")) == {"city-2"}


@pytest.mark.django_db
def test_it_says_whose_map_it_is_and_who_sees_it(reader):
    city("Dakar")
    page = shown(reader)
    assert "Basemap: Natural Earth, visionscarto." in page
    assert 'class="audience city"' in page
    assert page.count('aria-current="page">Map') == 1


@pytest.mark.django_db
def test_the_page_is_packed_and_every_address_on_it_is_ours(reader):
    city("Dakar")
    response = reader.get("/map/", headers={"accept-encoding": "gzip"})
    assert response["Content-Encoding"] == "gzip"
    page = shown(reader)
    assert [link for link in re.findall(r'(?:href|src)="([^"]+)"', page) if "//" in link] == []
    assert " style=" not in page
    assert "<style" not in page


# --- on paper ---


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["fr", "en"])
def test_it_stands_alone_as_svg_and_typst_sets_it(deputy, language, tmp_path):
    city("Dakar")
    city("O<b>&", 41.89, 12.51, kind="solidarity")
    with override(language):
        drawn = svg(deputy)
    root = ElementTree.fromstring(drawn)
    texts = ["".join(node.itertext()).strip() for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"Dakar", "O<b>&", "Natural Earth, visionscarto"} <= set(texts)
    assert "href" not in drawn
    (tmp_path / "map.svg").write_text(drawn)
    page = tmp_path / "page.typ"
    page.write_text('#set document(title: "Invented")\n#image("map.svg", width: 100%, alt: "Invented")')
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])
    made = typst.Compiler(root=str(tmp_path), font_paths=fonts).compile(str(page), format="pdf", pdf_standards=["ua-1"])
    # Without the face there would be no letters at all.
    assert "Dakar" in PdfReader(BytesIO(made)).pages[0].extract_text()


@pytest.mark.django_db
def test_on_paper_is_what_this_reader_sees(deputy):
    city("Dakar")
    city("Mumbai", 19.07, 72.88, kind="comparator")
    nobody = make.UserFactory(role=Role.DEPUTY)
    nobody.groups.clear()
    nobody = type(nobody).objects.get(pk=nobody.pk)
    assert ">Dakar<" in svg(deputy)
    assert "Mumbai" not in svg(deputy)
    assert ">Dakar<" not in svg(nobody)

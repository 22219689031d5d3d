"""Search across every kind of record: what is found, in which order, by whom, and how much it asks of the database."""

import pytest
from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, ImproperlyConfigured
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from core.access import ApiClient
from core.finding import COUNTED, SHOWN, Kind, ask, find, kinds, register
from core.roles import Role
from core.search import MOST_WORDS
from partnerships.models import City, Person
from tests import factories

pytestmark = pytest.mark.django_db
# Searched in their own lists, but without a page of their own that a search could lead to.
WITHOUT_PAGE = {"Ambassador", "Deliberation", "FundingProgramme", "Organisation", "Person", "WatchNote"}


@pytest.fixture
def deputy():
    translation.activate("en")
    return factories.UserFactory(role=Role.DEPUTY)


def found(reader, text: str) -> dict[str, list[str]]:
    return {group.kind.model.__name__: [row.label for row in group.rows] for group in find(reader, text).groups}


def has_words(model) -> bool:
    try:
        return bool(model._meta.get_field("search"))
    except FieldDoesNotExist:
        return False


def test_every_model_with_words_is_found_or_has_no_page():
    searched = {model.__name__ for model in apps.get_models() if has_words(model)}
    registered = {kind.model.__name__ for kind in kinds()}
    assert searched - registered == WITHOUT_PAGE
    assert registered <= searched
    orders = [kind.order for kind in kinds()]
    assert len(set(orders)) == len(orders)


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.model.__name__)
def test_every_kind_says_something_and_leads_to_its_page(deputy, kind):
    record = getattr(factories, f"{kind.model.__name__}Factory")()
    name = str(getattr(record, kind.name))
    assert name
    group = next(group for group in find(deputy, name).groups if group.kind is kind)
    row = group.rows[0]
    assert (row.record, row.label, row.alike) == (record, name, False)
    assert len(row.second_line) <= len(kind.says)
    # The address of the report's page is its own app's business, as that of every other record.
    assert kind.model.get_absolute_url


def test_a_kind_is_registered_once_and_has_words():
    with pytest.raises(ImproperlyConfigured):
        register(Kind(City, "name"))
    with pytest.raises(ImproperlyConfigured):
        register(Kind(apps.get_model("partnerships", "CityArea"), "area"))
    assert Person not in {kind.model for kind in kinds()}


@pytest.mark.parametrize(
    "text", ["Beyrouth", "beirut", "BEYROU", "Beyrouht", "Beiruth", "  beyrouth ", "la ville de beyrouth", "Beyrouth!"]
)
def test_a_city_is_found_in_both_languages_unfinished_and_misspelt(deputy, text):
    factories.CityFactory(name_fr="Beyrouth, ville", name_en="Beirut, city")
    factories.CityFactory(name_fr="Ailleurs", name_en="Elsewhere")
    assert found(deputy, text)["City"] == ["Beirut, city"]


def test_exact_words_come_before_beginnings_and_these_before_what_is_spelt_alike(deputy):
    for name in ("Portonovo", "Portos", "Porto"):
        factories.CityFactory(name_fr=name, name_en=name)
    factories.CityFactory(name_fr="Porta", name_en="Porta")
    group = next(group for group in find(deputy, "porto").groups if group.kind.model is City)
    assert [(row.label, row.alike) for row in group.rows] == [
        ("Porto", False),
        *[(row.label, False) for row in group.rows[1:3]],
    ]
    assert {row.label for row in group.rows[1:3]} == {"Portos", "Portonovo"}
    few = next(group for group in find(deputy, "portp").groups if group.kind.model is City)
    assert few.count == 0
    assert few.nearly == len(few.rows)
    assert all(row.alike for row in few.rows)
    assert "Porto" in {row.label for row in few.rows}


def test_a_misspelt_word_is_forgiven_beside_one_that_stands_elsewhere_in_the_record(deputy):
    factories.ProjectFactory(title_en="Example sanitation", title_fr="Example sanitation", object_en="Solidarity")
    factories.ProjectFactory(title_en="Example sanitation", title_fr="Example sanitation", object_en="Other")
    assert len(found(deputy, "solidarity sanitatoin")["Project"]) == 1
    assert "Project" not in found(deputy, "zzzzqqq sanitatoin")


def test_a_word_of_the_name_weighs_more_than_one_of_the_description(deputy):
    named = factories.ProjectFactory(title_fr="Fontaines", title_en="", object_fr="Objet inventé.")
    other = factories.ProjectFactory(title_fr="Autre", title_en="", object_fr="Des fontaines.")
    group = next(group for group in find(deputy, "fontaines").groups)
    assert [row.record for row in group.rows] == [named, other]
    assert group.rows[0].language == "fr"


def test_a_grant_is_found_by_its_beneficiary_which_the_second_line_names(deputy):
    body = factories.OrganisationFactory(name_fr="Secours inventé", name_en="Invented relief")
    grant = factories.GrantFactory(beneficiary=body)
    row = find(deputy, "secours").groups[0].rows[0]
    assert row.record == grant
    assert "Invented relief" in row.second_line


def test_a_system_finds_what_its_scopes_let_it_read_and_no_name_of_another_app(deputy):
    body = factories.OrganisationFactory(name_fr="Secours inventé", name_en="Invented relief")
    factories.GrantFactory(beneficiary=body, title_fr="Puits", title_en="Wells")
    factories.CityFactory(name_fr="Puits-sur-Mer", name_en="Wells-on-Sea")
    solidarity = ApiClient("a", "Invented", frozenset({"solidarity:read"}))
    assert found(solidarity, "wells") == {"Grant": ["Wells"]}
    assert "Invented relief" not in find(solidarity, "wells").groups[0].rows[0].second_line
    assert found(solidarity, "secours") == {}
    assert set(found(ApiClient("a", "Invented", frozenset({"partnerships:read"})), "wells")) == {"City"}
    assert found(ApiClient("a", "Invented", frozenset({"solidarity:write"})), "wells") == {}
    assert find(None, "wells").groups == ()


def test_a_draft_report_is_neither_found_nor_counted_by_an_auditor(deputy):
    factories.ReportFactory(title_fr="Bilan inventé", title_en="Invented account")
    auditor = factories.UserFactory(role=Role.AUDITOR)
    assert found(deputy, "bilan") == {"Report": ["Invented account"]}
    for text in ("bilan", "bilam", "bil"):
        assert find(auditor, text).total == 0


def test_no_more_than_a_hundred_are_counted(deputy):
    country = factories.CountryFactory()
    factories.CityFactory.create_batch(COUNTED + 1, name_fr="Exempleville", country=country)
    group = next(group for group in find(deputy, "exempleville").groups if group.kind.model is City)
    assert (group.count, group.is_more, len(group.rows)) == (COUNTED, True, SHOWN)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "'",
        "& |",
        "!",
        "a:*b",
        "\x00",
        "\ud800",
        "☃",
        "<->",
        "(((",
        "\\",
        "a",
        "é",
        "'; DROP TABLE x; --",
        "%_%",
        "x" * 10_000,
        "mot " * 5_000,
    ],
)
def test_no_text_breaks_the_search(deputy, text):
    factories.CityFactory()
    assert find(deputy, text).total == 0


def test_what_is_asked_is_cut_and_weighed():
    assert ask("l'eau de la ville").words == ("eau", "ville")
    assert ask("l'eau de la ville").common == ("l", "de", "la")
    assert ask("de la").only_common
    assert ask("de la").words == ("de", "la")
    assert ask("mot " * 9).words == ("mot",)
    long = ask(" ".join(f"mot{number}" for number in range(20)))
    assert (len(long.words), long.cut) == (MOST_WORDS, True)
    assert ask("z").is_too_short
    assert not ask("zz").is_too_short


def test_common_words_alone_are_looked_for_as_they_stand(deputy):
    factories.ProjectFactory(title_fr="Avec vous", title_en="With you")
    factories.ProjectFactory(title_fr="Avecque", title_en="Without")
    assert found(deputy, "avec")["Project"] == ["With you"]


def test_the_number_of_statements_does_not_grow_with_the_rows(deputy):
    find(deputy, "zylkrov")  # reads who she is, once
    counted = []
    for _rows in range(2):
        for _row in range(4):
            factories.CityFactory(name_fr="Zylkrov", name_en="Zylkrov")
            factories.ProjectFactory(title_fr="Zylkrov")
        with CaptureQueriesContext(connection) as captured:
            find(deputy, "zylkrov")
        counted.append(len(captured))
    assert counted[0] == counted[1]

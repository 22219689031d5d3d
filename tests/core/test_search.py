import pytest
from django.apps import apps
from django.db import connection

from core.access import Parvis
from core.search import AlikeIndex, Settled, all_of, settled
from partnerships.models import City
from tests.factories import CityFactory, CountryFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("text", ["séoul", "Seoul", "SEOU", "  seoul ", "corée", "seoul coree"])
def test_a_city_is_found_without_accents_by_prefix_and_by_its_country(text):
    found = CityFactory(
        name_fr="Séoul", name_en="Seoul", country=CountryFactory(name_fr="Corée du Sud", name_en="South Korea")
    )
    CityFactory(name_fr="Ailleurs", name_en="Elsewhere")
    # Words of the city and of its country are looked for apart, so both together match nothing.
    expected = [] if text == "seoul coree" else [found]
    assert list(City.objects.matching(text, Parvis())) == expected


@pytest.mark.parametrize("text", ["'", "& |", "!", "a:*b", "\x00", "☃", "<->", "(((", "\\"])
def test_no_text_breaks_the_search(text):
    CityFactory()
    assert list(City.objects.matching(text, Parvis())) == []


def test_an_empty_text_finds_everything():
    city = CityFactory()
    assert list(City.objects.matching("  ", Parvis())) == [city]


def test_the_planner_keeps_few_samples_of_the_texts_that_are_found_by_near_spellings():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, a.attstattarget FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = 1"
            " WHERE c.relname LIKE '%\\_alike' AND c.relkind = 'i'"
        )
        kept = dict(cursor.fetchall())
    declared = {
        index.name for model in apps.get_models() for index in model._meta.indexes if isinstance(index, AlikeIndex)
    }
    assert declared
    assert kept == dict.fromkeys(declared, AlikeIndex.samples)


@pytest.mark.parametrize(
    ("words", "begun"), [(["Séoul"], []), (["2015", "SEOU"], ["SEOU"]), (["Séo"], []), (["Ailleurs", "x"], [])]
)
def test_a_settled_query_finds_what_the_query_itself_finds(words, begun):
    CityFactory(name_fr="Séoul 2015", name_en="Seoul")
    CityFactory(name_fr="Ailleurs", name_en="Elsewhere")
    asked = all_of(words, begun=begun)
    (known,) = settled(asked)
    assert set(City.objects.filter(search=Settled(known))) == set(City.objects.filter(search=asked))
    assert City.objects.filter(search=Settled(known)).exists() == (words in (["Séoul"], ["2015", "SEOU"]))

import pytest
from django.apps import apps
from django.db import connection

from core.access import Parvis
from core.finding import ask, find
from core.search import AlikeIndex, Settled, all_of, query, settled
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


@pytest.mark.parametrize(
    ("text", "is_found"),
    [
        ("coop accord", True),
        ("ACCORDS de la coopér", True),
        ("the coop", True),
        ("l'accord", True),
        ("cooperations accord", False),
        # From three letters on a word may be unfinished, wherever it stands.
        ("co accord", False),
        ("accord co", False),
        # Words without weight alone are looked for as they stand.
        ("de", True),
        ("de la", False),
        ("avec", False),
        (f"coop {'accord ' * 300}", True),
        ("un deux trois quatre cinq six sept huit neuf", False),
    ],
)
def test_a_list_is_asked_as_everything_is(text, is_found):
    found = CityFactory(name_fr="Coopération de deux accords", name_en="Elsewhere")
    assert list(City.objects.matching(text, Parvis())) == [found] * is_found
    assert sum(group.count for group in find(Parvis(), text).groups) == is_found


@pytest.mark.parametrize("text", ["coop de accord", "de la", "l'eau", "AGR-2015-0007", "à côté", "x y", "1"])
def test_what_the_search_leaves_out_is_what_a_query_leaves_out(text):
    asked = ask(text)
    whole, begun, *same = settled(
        query(text, unfinished=False), query(text), all_of(asked.words), all_of(asked.words, begun=asked.begun)
    )
    assert [whole, begun] == same


def test_words_are_found_by_the_index_and_the_question_is_a_constant():
    CityFactory()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = City.objects.matching("coop de accord", Parvis()).order_by().explain()
    assert "Bitmap Index Scan on city_search" in plan
    assert "''coop'':* & ''accord'':*" in plan
    assert "to_tsquery" not in plan


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

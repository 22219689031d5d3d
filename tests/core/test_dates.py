from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.utils.translation import override

from core import dates
from partnerships.models import Relation
from tests.factories import RelationFactory


@pytest.mark.parametrize(
    ("value", "precision", "french", "english"),
    [
        (date(2015, 6, 1), "day", "1er juin 2015", "1 June 2015"),
        (date(2014, 10, 1), "month", "octobre 2014", "October 2014"),
        (date(2015, 3, 1), "season", "printemps 2015", "spring 2015"),
        (date(2014, 12, 1), "season", "hiver 2014-2015", "winter 2014-2015"),
        (date(2011, 1, 1), "year", "2011", "2011"),
        (None, "unknown", "date non connue", "date not known"),
        (None, "", "", ""),
    ],
)
def test_a_date_prints_by_its_precision_in_both_languages(value, precision, french, english):
    with override("fr"):
        assert dates.display(value, precision) == french
    with override("en"):
        assert dates.display(value, precision) == english


@pytest.mark.parametrize(
    ("text", "value", "precision"),
    [
        ("2015-06-01", date(2015, 6, 1), "day"),
        ("2014-10", date(2014, 10, 1), "month"),
        ("2015-spring", date(2015, 3, 1), "season"),
        ("2014-autumn", date(2014, 9, 1), "season"),
        (2011, date(2011, 1, 1), "year"),
        ("unknown", None, "unknown"),
        ("", None, ""),
        (None, None, ""),
    ],
)
def test_a_date_is_read_with_its_precision(text, value, precision):
    assert dates.parse(text) == (value, precision)


@pytest.mark.parametrize("text", ["soon", "2015-13", "2015-02-30", "2015-spring-1", "20O5"])
def test_what_is_not_a_date_is_refused_with_the_forms_that_are(text):
    with override("en"), pytest.raises(ValueError, match="write 2015-06-01"):
        dates.parse(text)


@pytest.mark.parametrize(
    ("value", "precision", "last"),
    [
        (date(2015, 6, 1), "day", date(2015, 6, 1)),
        (date(2015, 2, 1), "month", date(2015, 2, 28)),
        (date(2014, 12, 1), "season", date(2015, 2, 28)),
        (date(2015, 1, 1), "year", date(2015, 12, 31)),
    ],
)
def test_the_last_day_of_a_vague_date(value, precision, last):
    assert dates.last_day(value, precision) == last


REFUSED = [
    ("partnerships_relation_since_has_precision", "2015-03-02", ""),
    ("partnerships_relation_since_has_precision", "2015-03-02", "unknown"),
    ("partnerships_relation_since_has_precision", None, "day"),
    ("partnerships_relation_since_starts_its_period", "2015-03-02", "month"),
    ("partnerships_relation_since_starts_its_period", "2015-04-01", "season"),
    ("partnerships_relation_since_starts_its_period", "2015-03-01", "year"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("constraint", "value", "precision"), REFUSED)
def test_a_date_that_contradicts_its_precision_is_refused_by_the_database(constraint, value, precision):
    relation = RelationFactory()
    with pytest.raises(IntegrityError, match=constraint), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE partnerships_relation SET since = %s, since_precision = %s WHERE id = %s",
            [value, precision, relation.pk],
        )


@pytest.mark.django_db
@pytest.mark.parametrize(("constraint", "value", "precision"), REFUSED)
def test_a_date_that_contradicts_its_precision_is_refused_with_a_sentence(constraint, value, precision):
    relation = RelationFactory.build(city=RelationFactory().city, since=value, since_precision=precision)
    with override("en"), pytest.raises(ValidationError, match="(A date needs its precision|first day of that period)"):
        relation.save()


@pytest.mark.django_db
def test_dates_sort_by_the_first_day_of_their_period():
    city = RelationFactory(since=date(2015, 3, 1), since_precision="season").city
    RelationFactory(city=city, since=date(2015, 1, 1), since_precision="year")
    RelationFactory(city=city, since=date(2015, 3, 2), since_precision="day")
    assert [r.since_precision for r in Relation.objects.order_by("since")] == ["year", "season", "day"]


@pytest.mark.parametrize(
    ("day", "precision", "first"),
    [
        (date(2015, 6, 17), "day", date(2015, 6, 17)),
        (date(2015, 6, 17), "month", date(2015, 6, 1)),
        (date(2015, 8, 31), "season", date(2015, 6, 1)),
        (date(2015, 12, 31), "season", date(2015, 12, 1)),
        (date(2015, 2, 28), "season", date(2014, 12, 1)),
        (date(2015, 6, 17), "year", date(2015, 1, 1)),
    ],
)
def test_the_first_day_of_the_period_that_a_day_lies_in(day, precision, first):
    assert dates.first_day(day, precision) == first


@pytest.mark.django_db
def test_an_end_known_to_the_year_lasts_until_its_last_day():
    relation = RelationFactory.build(until=date(2015, 1, 1), until_precision="year")
    assert relation.holds_on(date(2015, 12, 31))
    assert not relation.holds_on(date(2016, 1, 1))

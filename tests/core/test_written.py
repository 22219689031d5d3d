"""Queries that are written once: the same rows as written anew, for nobody but readers with the same rights."""

from datetime import date, timedelta

import pghistory
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models import Prefetch, QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from core import clock, written
from core.access import ApiClient, Parvis
from core.models import User
from core.roles import Role
from core.translated import order
from partnerships.models import Agreement, City, Country
from tests import factories as make

pytestmark = pytest.mark.django_db
BUILT: list[object] = []


@pytest.fixture(autouse=True)
def kept(monkeypatch):
    """Nothing is kept yet, and nothing has been built."""
    BUILT.clear()
    monkeypatch.setattr(written, "_kept", written.Kept(written.KEPT))
    return written._kept.values


@pytest.fixture
def deputy():
    return make.UserFactory(role=Role.DEPUTY)


@pytest.fixture
def stranger():
    """Somebody who signs in and holds no role."""
    return make.UserFactory()


def fresh(user: User) -> User:
    """The user as the next request finds her."""
    return User.objects.get(pk=user.pk)


def cities(reader, country: int | None = None) -> QuerySet[City]:
    BUILT.append(reader)
    found = City.objects.visible_to(reader).select_related("country").order_by(order("name"))
    return found if country is None else found.filter(country=country)


def themselves(reader) -> QuerySet[User]:
    return User.objects.filter(pk=reader.pk)


def pairs(reader) -> QuerySet:
    return cities(reader).values_list("slug", "country__code")


def either(reader) -> QuerySet:
    return cities(reader).order_by().values_list("slug").union(Country.objects.visible_to(reader).values_list("code"))


def test_what_is_asked_again_is_not_built_again(deputy):
    first = make.CityFactory()
    assert written.rows(cities, deputy) == [first]
    second = make.CityFactory()
    assert set(written.rows(cities, fresh(deputy))) == {first, second}
    assert len(BUILT) == 1


@pytest.mark.parametrize("build", [cities, pairs, either])
def test_it_finds_what_the_query_finds(deputy, build):
    for _city in range(3):
        make.CityFactory()
    wanted = list(build(deputy))
    assert wanted
    assert [written.rows(build, deputy) for _time in range(2)] == [wanted, wanted]


def test_related_records_come_along(deputy, django_assert_num_queries):
    make.CityFactory()
    for _time in range(2):
        (city,) = written.rows(cities, deputy)
        with django_assert_num_queries(0):
            assert city.country.code


def test_readers_with_the_same_rights_share_it_and_each_sees_her_own(deputy):
    other = make.UserFactory(role=Role.DEPUTY)
    assert written.rows(themselves, deputy) == [deputy]
    assert written.rows(themselves, fresh(other)) == [other]
    assert len(written._kept.values) == 1


def test_other_rights_are_another_query(deputy, stranger):
    make.CityFactory()
    assert written.counts(deputy, (cities,)) == [1]
    assert written.counts(stranger, (cities,)) == [0]
    assert written.rows(cities, stranger) == []


def test_a_right_that_is_taken_away_is_gone_at_once(deputy):
    make.CityFactory()
    assert written.rows(cities, deputy)
    deputy.groups.clear()
    assert written.rows(cities, fresh(deputy)) == []


def test_nobody_sees_nothing(kept):
    make.CityFactory()
    assert written.rows(cities, None) == []
    assert written.counts(None, (cities,)) == [0]
    assert not kept


def test_systems_are_told_apart_by_their_scopes(kept):
    make.CityFactory()
    few = ApiClient("invented", "Invented system", frozenset())
    readers = [ApiClient("invented", "Invented system", frozenset({"partnerships:read"})), few, Parvis()]
    assert [written.counts(reader, (cities,))[0] for reader in readers] == [1, 0, 1]
    assert len(kept) == 3


def test_another_day_and_another_language_are_other_queries(deputy, settings):
    written.rows(cities, deputy)
    with translation.override("en"):
        written.rows(cities, deputy)
    assert len(BUILT) == 2
    with clock.as_of(date(2015, 1, 1)):
        written.rows(cities, deputy)
    assert len(BUILT) == 3


def test_a_setting_that_changes_forgets_everything(deputy, settings):
    written.rows(cities, deputy)
    settings.DORMANT_MONTHS = 7
    written.rows(cities, deputy)
    assert len(BUILT) == 2


def test_a_key_is_put_in_its_place(deputy):
    one, other = make.CityFactory(), make.CityFactory()
    for city in (one, other):
        assert written.rows(cities, deputy, written.Key(city.country_id)) == [city]
        assert written.counts(deputy, (cities, written.Key(city.country_id))) == [1]
    assert len(BUILT) == 2  # the rows and the count, for either


def limited(reader, most: int) -> QuerySet[City]:
    return cities(reader)[:most]


def test_a_key_that_is_more_than_compared_is_written_each_time(deputy, kept):
    for _city in range(3):
        make.CityFactory()
    assert [len(written.rows(limited, deputy, written.Key(most))) for most in (1, 2)] == [1, 2]
    assert list(kept.values()) == [None]


def either(reader, name: str) -> QuerySet[City]:
    first = City.objects.visible_to(reader).filter(slug=name)
    return first.union(City.objects.visible_to(reader).filter(name_en="100 % $1"))


@pytest.mark.parametrize("name", ["plain", "with-%s-and-$1", "quoted-'-\\-name"])
def test_a_statement_that_is_prepared_takes_any_text(deputy, name):
    """Within a change, whose history is told to statements that do not begin with SELECT."""
    one, other = make.CityFactory(), make.CityFactory(name_en="100 % $1")
    City.objects.filter(pk=one.pk).update(slug=name)
    with pghistory.context(user=deputy.pk):
        for _each in range(2):
            assert {city.pk for city in written.rows(either, deputy, written.Text(name))} == {one.pk, other.pk}


def test_several_counts_are_one_statement(deputy, django_assert_num_queries):
    for _city in range(2):
        make.CityFactory()
    deputy.get_all_permissions(), deputy.role_names
    with django_assert_num_queries(1):
        assert written.counts(deputy, (cities,), (countries,), (agreements,)) == [2, 2, 0]


def countries(reader) -> QuerySet[Country]:
    return Country.objects.visible_to(reader).filter(cities__isnull=False).distinct()


def agreements(reader) -> QuerySet[Agreement]:
    return Agreement.objects.visible_to(reader)


def of_today(reader) -> QuerySet[City]:
    named = Country.objects.values_list("pk", flat=True).first()
    return cities(reader).filter(country=named)


def of_this_moment(reader) -> QuerySet[City]:
    return cities(reader).exclude(created_at__gt=clock.real() + timedelta(days=1))


def of_her_language(reader) -> QuerySet[User]:
    return User.objects.filter(language=reader.language)


@pytest.mark.parametrize("build", [of_today, of_this_moment, of_her_language])
def test_what_holds_more_than_rights_and_the_day_is_written_each_time(deputy, kept, build):
    make.CityFactory()
    for _time in range(2):
        assert written.rows(build, deputy) == list(build(deputy))
        assert written.counts(deputy, (build,)) == [1]
    assert set(kept.values()) == {None}


def with_agreements(reader) -> QuerySet[City]:
    return cities(reader).prefetch_related(Prefetch("parties", to_attr="read"))


def test_rows_that_are_read_after_others_are_read_each_time(deputy, kept):
    make.CityFactory()
    assert [city.read for city in written.rows(with_agreements, deputy)] == [[]]
    assert set(kept.values()) == {None}


def test_a_function_made_each_time_is_refused(deputy):
    with pytest.raises(ImproperlyConfigured, match="another function each time"):
        written.rows(lambda reader: cities(reader), deputy)  # noqa: PLW0108  made each time


def test_the_oldest_is_dropped():
    kept = written.Kept(2)
    for name in ("one", "two"):
        kept.put(name, name)
    kept.get("one")
    kept.put("three", "three")
    assert list(kept.values) == ["one", "three"]


def test_rows_read_later_are_not_asked_for_where_nobody_reads_them(deputy):
    make.CityFactory()

    def build() -> QuerySet[Country]:
        BUILT.append("later")
        return Country.objects.visible_to(deputy)

    found = City.objects.visible_to(deputy).prefetch_related(written.later("country", build))
    assert found.count() == 1
    assert list(found.prefetch_related(None))
    assert not BUILT
    with CaptureQueriesContext(connection) as captured:
        assert [city.country.code for city in found]
    assert len(captured) == 2
    assert BUILT == ["later"]


def test_people_hold_roles_that_are_part_of_the_query(deputy):
    """What is told by role and not by permission, such as the audience of a note, is told apart too."""
    make.CityFactory()
    written.rows(cities, deputy)
    other = fresh(deputy)
    other.role_names = frozenset({Role.AUDITOR})
    written.rows(cities, other)
    assert len(BUILT) == 2

"""What the register refuses, by the name of the rule, and what its figures count."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.utils.translation import override

from core.deadlines import due
from core.roles import Role
from partnerships import selectors
from partnerships.enums import AgreementKind, CountryStatusKind, MembershipRole, RelationKind
from partnerships.models import WatchNote
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with override("en"):
        yield


@pytest.fixture
def deputy():
    return make.UserFactory(role=Role.DEPUTY)


@pytest.mark.parametrize(
    ("factory", "values", "sentence"),
    [
        (make.CountryFactory, {"code": "fr"}, "Two capital letters"),
        (make.CityFactory, {"latitude": Decimal("48.85")}, "Give both coordinates or none"),
        (make.CityFactory, {"latitude": 91, "longitude": 2}, "Give both coordinates or none"),
        (make.OrganisationFactory, {"siret": "21750001600018"}, "this one is wrong"),
        (make.OrganisationFactory, {"siret": "2175000160001"}, "A SIRET has 14 digits"),
        (make.OrganisationFactory, {"siret": "217 500 016 00019"}, "at most 14 characters|A SIRET has 14 digits"),
        (make.OrganisationFactory, {"rna": "751000000"}, "a W followed by 9 digits"),
        (make.DeliberationFactory, {"number": "DGRI 12"}, "A deliberation is numbered as in"),
        (make.DeliberationFactory, {"number": "2015 dgri 12"}, "A deliberation is numbered as in"),
        (make.DeliberationFactory, {"transmitted_on": date(2015, 2, 8)}, "sent to the prefect after its vote"),
        (make.DeliberationFactory, {"received_on": date(2015, 2, 10)}, "has a date of sending"),
        (
            make.DeliberationFactory,
            {"transmitted_on": date(2015, 2, 12), "received_on": date(2015, 2, 11)},
            "received after it was sent",
        ),
        (make.DeliberationFactory, {"transmitted_on": date(2015, 6, 2)}, "the date is in the future"),
        (make.MembershipFactory, {"role": "commission-chair"}, "Name the commission"),
        (make.MembershipFactory, {"commission_fr": "femmes"}, "Name the commission"),
        (make.DuesFactory, {"amount_due": -1}, "An amount cannot be negative"),
        (make.DuesFactory, {"amount_paid": 10}, "A payment has an amount and a date"),
        (make.DuesFactory, {"amount_paid": 1001, "paid_on": date(2015, 5, 1)}, "No more can be paid than is due"),
        (make.DuesFactory, {"amount_paid": 10, "paid_on": date(2015, 6, 2)}, "the date is in the future"),
        (make.DuesFactory, {"year": 20150}, "The year is between"),
        (make.AmbassadorFactory, {"until": date(2014, 12, 31)}, "The end cannot be before the beginning"),
        (make.RelationFactory, {"city": None}, "with a city or with a country"),
    ],
)
def test_bad_input_is_refused_with_a_sentence(factory, values, sentence):
    with pytest.raises(ValidationError, match=sentence):
        factory(**values)


@pytest.mark.parametrize(
    "number",
    ["2015 DGRI 12", "2017 DGRI 48 - DPE", "2006, DPE 114 - SGRI 65", "2015 DASCO 36 G"],
)
def test_the_council_s_ways_of_numbering_are_let_in(number):
    assert make.DeliberationFactory(number=number).number == number


def test_a_siret_with_its_check_digit_is_let_in():
    assert make.OrganisationFactory(siret="21750001600019").pk


def test_a_place_on_the_dac_list_is_one_at_a_time():
    country = make.CountryFactory()
    make.CountryStatusFactory(
        country=country, kind=CountryStatusKind.DAC_LOWER_MIDDLE, since=date(2014, 1, 1), until=date(2015, 12, 31)
    )
    with pytest.raises(ValidationError, match="already has a place on the DAC list"):
        make.CountryStatusFactory(country=country, kind=CountryStatusKind.DAC_UPPER_MIDDLE, since=date(2015, 12, 31))
    make.CountryStatusFactory(country=country, kind=CountryStatusKind.OIF_MEMBER, since=date(2015, 1, 1))
    make.CountryStatusFactory(country=country, kind=CountryStatusKind.DAC_UPPER_MIDDLE, since=date(2016, 1, 1))
    assert selectors.status_on(country, "dac").kind == CountryStatusKind.DAC_LOWER_MIDDLE
    assert selectors.status_on(country, "dac", date(2016, 1, 1)).kind == CountryStatusKind.DAC_UPPER_MIDDLE
    assert selectors.status_on(country, "oif", date(2014, 12, 31)) is None


@pytest.mark.parametrize(
    ("constraint", "sql"),
    [
        ("partnerships_relation_one_place", "UPDATE partnerships_relation SET city_id = NULL"),
        ("partnerships_relation_kind_known", "UPDATE partnerships_relation SET kind = 'friend'"),
        ("partnerships_city_coordinates_complete", "UPDATE partnerships_city SET latitude = 1"),
        ("partnerships_city_kind_known", "UPDATE partnerships_city SET kind = 'village'"),
        ("partnerships_country_code_iso", "UPDATE partnerships_country SET code = 'x1'"),
    ],
)
def test_the_database_refuses_raw_sql(constraint, sql):
    make.RelationFactory()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_a_city_that_an_agreement_binds_cannot_be_deleted():
    city = make.AgreementPartyFactory().city
    with pytest.raises(ProtectedError):
        city.delete()


class TestPartners:
    def test_relations_and_live_agreements_make_a_partner(self, deputy):
        by_relation = make.RelationFactory(kind=RelationKind.STRENGTHENING).city
        by_agreement = make.AgreementPartyFactory(agreement=make.AgreementFactory(signed=True)).city
        assert set(selectors.partner_cities(deputy)) == {by_relation, by_agreement}
        assert selectors.partner_countries(deputy).count() == 2

    @pytest.mark.parametrize(
        "kind", [kind for kind in RelationKind if kind not in (RelationKind.PARTNER, RelationKind.STRENGTHENING)]
    )
    def test_another_tie_does_not(self, deputy, kind):
        make.RelationFactory(kind=kind)
        assert not selectors.partner_cities(deputy).exists()

    def test_a_partnership_that_ended_does_not(self, deputy):
        make.RelationFactory(until=date(2015, 5, 31), until_precision="day")
        make.RelationFactory(until_precision="unknown")
        make.AgreementPartyFactory()
        assert not selectors.partner_cities(deputy).exists()


def test_the_list_of_cities_takes_the_same_queries_whatever_its_length(deputy, django_assert_num_queries):
    rows = []

    def read():
        rows.extend(
            (str(c.country), [*c.areas.all()], [*c.relations.all()], c.live_parties) for c in selectors.cities(deputy)
        )

    make.RelationFactory(city=make.CityAreaFactory().city)
    may_view = 2  # the reader's permissions, read once
    with django_assert_num_queries(may_view + 4):
        read()
    for _ in range(3):
        make.RelationFactory(city=make.CityAreaFactory().city)
    with django_assert_num_queries(4):
        read()


def test_coverage_counts_the_countries_of_agreement_cities_that_have_an_ambassador(deputy):
    covered = make.AgreementPartyFactory(agreement=make.AgreementFactory(signed=True)).city
    make.AgreementPartyFactory(agreement=make.AgreementFactory(signed=True))
    make.AgreementPartyFactory(agreement=make.AgreementFactory(signed=True, kind=AgreementKind.INTENT))
    make.AgreementPartyFactory()
    make.AmbassadorFactory(country=covered.country)
    make.AmbassadorFactory(country=covered.country)
    make.AmbassadorFactory()
    share = selectors.ambassador_coverage(deputy)
    assert (share.part, share.whole, share.percent) == (1, 2, 50)


def test_a_former_or_future_ambassador_does_not_count(deputy):
    city = make.AgreementPartyFactory(agreement=make.AgreementFactory(signed=True)).city
    make.AmbassadorFactory(country=city.country, until=date(2015, 5, 31))
    make.AmbassadorFactory(country=city.country, since=date(2015, 6, 2))
    assert selectors.ambassador_coverage(deputy).part == 0


def test_a_share_of_nothing_has_no_rate(deputy):
    assert selectors.gender_clause_share(deputy).percent is None


def test_the_share_of_agreements_with_the_gender_clause(deputy):
    make.AgreementClauseFactory(agreement=make.AgreementFactory(signed=True))
    make.AgreementFactory(signed=True)
    make.AgreementClauseFactory(agreement=make.AgreementFactory())
    share = selectors.gender_clause_share(deputy)
    assert (share.part, share.whole) == (1, 2)


def test_a_network_is_chaired_while_the_chair_lasts(deputy):
    chaired = make.MembershipFactory(role=MembershipRole.COMMISSION_CHAIR, commission_fr="femmes").network
    make.MembershipFactory(role=MembershipRole.CHAIR, until=date(2015, 5, 31), until_precision="day")
    make.MembershipFactory()
    assert list(selectors.chaired_networks(deputy)) == [chaired]


@pytest.mark.parametrize(
    ("role", "audiences"),
    [
        (Role.ADMINISTRATOR, {"staff", "deputies", "city"}),
        (Role.OFFICER, {"staff", "deputies", "city"}),
        (Role.PROTECTION_OFFICER, {"staff", "deputies", "city"}),
        (Role.DEPUTY, {"deputies", "city"}),
        (Role.AUDITOR, {"city"}),
    ],
)
def test_watch_notes_are_read_by_their_audience_only(role, audiences):
    city = make.CityFactory()
    for audience in ("staff", "deputies", "city"):
        make.WatchNoteFactory(city=city, audience=audience)
    notes = WatchNote.objects.visible_to(make.UserFactory(role=role))
    assert {note.audience for note in notes} == audiences


class TestDeadlines:
    def test_expiry_notice_and_dues_fall_due_in_order(self, deputy):
        make.AgreementFactory(in_force=True, title_en="Pact", expires_on=date(2015, 12, 1), notice_months=5)
        make.DuesFactory(due_on=date(2015, 6, 30))
        found = due(deputy, since=date(2015, 6, 1), until=date(2015, 12, 31))
        assert [(item.due, item.kind) for item in found] == [
            (date(2015, 6, 30), "network-dues"),
            (date(2015, 7, 1), "agreement-notice"),
            (date(2015, 12, 1), "agreement-expiry"),
        ]
        assert found[1].what == "Last day to give notice: Pact"

    def test_what_is_paid_or_outside_the_period_is_not_due(self, deputy):
        make.DuesFactory(amount_paid=1000, paid_on=date(2015, 5, 1))
        make.DuesFactory(due_on=date(2016, 1, 1))
        assert due(deputy, since=date(2015, 6, 1), until=date(2015, 12, 31)) == []

    def test_a_stranger_has_no_deadlines(self):
        make.DuesFactory()
        assert due(make.UserFactory(), since=date(2015, 1, 1), until=date(2016, 1, 1)) == []

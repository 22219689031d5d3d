"""What the figures of solidarity count, and what they leave out. EUR."""

from datetime import date
from decimal import Decimal

import pytest

from core.figures import figures_for, value_of
from solidarity.models import LegalThreshold
from solidarity.selectors import funds, grants, slices
from tests import factories as make
from tests.solidarity.lives import grant_in, pay, water

pytestmark = pytest.mark.django_db


class TestEnvelopes:
    def test_what_is_committed_proposed_paid_and_left(self, deputy):
        envelope = make.EnvelopeFactory(commitment_authorised=100_000, payment_credits=50_000)
        for stage in ("draft", "under-review", "proposed", "voted", "withdrawn", "rejected"):
            grant_in(stage, (envelope, 10_000))
        pay(grant_in("in-payment", (envelope, 20_000)), 5_000)
        make.EnvelopeFactory()
        row = funds.envelopes(deputy).get(pk=envelope.pk)
        assert (row.committed, row.proposed, row.paid) == (30_000, 10_000, 5_000)
        assert (row.left_to_commit, row.left_to_pay) == (70_000, 45_000)

    def test_paid_is_of_the_year_whatever_year_committed_it(self, deputy, settings):
        settings.TODAY = date(2016, 3, 1)
        first = make.EnvelopeFactory()
        make.EnvelopeFactory(fund=first.fund, year=2016)
        grant = grant_in("in-payment", (first, 20_000))
        pay(grant, 5_000)
        pay(grant, 7_000, paid_on=date(2016, 1, 4))
        rows = [(row.year, row.committed, row.paid) for row in funds.envelopes(deputy)]
        assert rows == [(2016, 0, 7_000), (2015, 20_000, 5_000)]
        assert value_of(funds.committed_this_year(deputy)) == 0
        assert value_of(funds.paid_this_year(deputy)) == 7_000
        both = (funds.committed_this_year(deputy), funds.paid_this_year(deputy))
        assert funds.committed_and_paid_this_year(deputy) == both
        settings.TODAY = date(2015, 12, 31)
        this_year = [row for fund in funds.funds(deputy) for row in fund.found_envelopes if row.year == 2015]
        assert value_of(funds.committed_on(this_year)) == value_of(funds.committed_this_year(deputy)) == 20_000
        settings.TODAY = date(2016, 3, 1)
        assert [(row.key, value_of(row.measured)) for row in funds.paid_by_year(deputy)] == [
            ("2015", 5_000),
            ("2016", 7_000),
        ]
        assert [(row.key, value_of(row.measured)) for row in funds.committed_by_year(deputy)] == [
            ("2015", 20_000),
            ("2016", 0),
        ]

    def test_nothing_is_known_without_an_envelope(self, deputy):
        assert value_of(funds.committed_this_year(deputy)) is None
        assert value_of(funds.committed_on([])) is None
        assert value_of(funds.paid_this_year(deputy)) is None

    @pytest.mark.parametrize("number", [1, 3])
    def test_queries(self, deputy, django_assert_num_queries, number):
        for _ in range(number):
            pay(grant_in("in-payment"), 1)
        deputy.has_perm("solidarity.view_fund")
        with django_assert_num_queries(1):
            list(funds.envelopes(deputy))
        with django_assert_num_queries(4):
            [list(fund.found_envelopes) for fund in funds.funds(deputy)]


class TestHeadroom:
    def test_each_service_apart(self, deputy):
        envelope, first, second = water(resources=5_000_000)
        grant_in("voted", (envelope, 20_000, first))
        grant_in("proposed", (envelope, 7_000, second))
        envelope.bases.filter(service=second).update(own_resources="1234567.89")
        rows = {row.service: row for row in funds.headroom(deputy, envelope)}
        assert (rows[first].ceiling, rows[first].committed, rows[first].left) == (50_000, 20_000, 30_000)
        assert (rows[second].ceiling, rows[second].left) == (Decimal("12345.68"), Decimal("12345.68"))

    def test_it_is_not_known_without_resources_or_ceiling(self, deputy):
        envelope, first, _ = water()
        envelope.bases.filter(service=first).delete()
        assert {row.service: row.left for row in funds.headroom(deputy, envelope)}[first] is None
        envelope, *_ = water(since=date(2015, 6, 2))
        assert [row.left for row in funds.headroom(deputy, envelope)] == [None, None]


def test_the_path_of_a_fund_sets_its_targets_against_what_was_done(deputy):
    fund = make.FundFactory()
    for year, value in ((2014, 200_000), (2016, 1_000_000)):
        make.FundParameterFactory(
            fund=fund, kind="yearly-target", value=value, since=date(year, 1, 1), until=date(year, 12, 31)
        )
    pay(grant_in("in-payment", (make.EnvelopeFactory(fund=fund), 20_000)), 5_000)
    rows = [(row.year, row.target, row.committed, row.paid) for row in funds.path(deputy, fund)]
    assert rows == [(2014, 200_000, None, None), (2015, None, 20_000, 5_000), (2016, 1_000_000, None, None)]


def test_stated_amounts_are_listed_and_enter_no_figure(deputy, django_assert_num_queries):
    """6.7 MEUR declared and the named budgets are no parts of one another (domain, section 2)."""
    fund = make.EnvelopeFactory().fund
    grant_in("voted")
    before = [(figure.name, value_of(figure.measure(deputy))) for figure in figures_for(deputy)]
    for amount in (6_700_000, 2_000_000, 1_000_000):
        make.DeclaredAidFactory(amount=amount, fund=fund)
    assert [(figure.name, value_of(figure.measure(deputy))) for figure in figures_for(deputy)] == before
    with django_assert_num_queries(1):
        assert [row.amount for row in funds.declared(deputy)] == [6_700_000, 2_000_000, 1_000_000]
    assert 9_700_000 not in [value for _, value in before]


class TestSlices:
    def test_a_grant_counts_once_in_each_of_its_countries(self, deputy):
        country, other = make.CountryFactory(), make.CountryFactory()
        grant = grant_in("in-payment", year=2015)
        for place in ({"city": make.CityFactory(country=country)}, {"city": make.CityFactory(country=country)}):
            make.GrantPlaceFactory(grant=grant, **place)
        make.GrantPlaceFactory(grant=grant, city=None, country=other)
        pay(grant, 5_000)
        nowhere = grant_in("voted", (make.EnvelopeFactory(), 3_000))
        make.GrantPlaceFactory(grant=grant_in("proposed"), city__country=country)
        rows = {row.key: (row.number, row.granted, row.paid) for row in slices.by_country(deputy)}
        assert rows == {country.code: (1, 20_000, 5_000), other.code: (1, 20_000, 5_000), "": (1, 3_000, 0)}
        assert [row.label for row in slices.by_country(deputy)][-1] == ""
        assert nowhere.pk

    def test_by_field_and_by_body_of_a_year(self, deputy):
        theme, body = make.ThemeFactory(), make.OrganisationFactory()
        grant_in("voted", theme=theme, beneficiary=body)
        grant_in("voted", theme=theme, beneficiary=body, year=2014)
        grant_in("voted")
        assert [(row.key, row.number) for row in slices.by_theme(deputy, 2014)] == [(theme.slug, 1)]
        (first, second) = slices.by_beneficiary(deputy)
        assert (first.key, first.number, first.granted) == (body.slug, 2, 40_000)
        assert (second.number, second.granted) == (1, 20_000)

    def test_voted_and_not_wholly_paid(self, deputy):
        paid, part = grant_in("in-payment"), grant_in("in-payment")
        pay(paid, 20_000)
        pay(part, 19_999)
        voted = grant_in("voted")
        grant_in("proposed"), grant_in("closed")
        assert set(grants.voted_and_unpaid(deputy)) == {part, voted}


class TestPortfolio:
    def test_what_waits_and_what_is_open(self, deputy):
        found = {
            stage: grant_in(stage) for stage in ("draft", "submitted", "under-review", "proposed", "voted", "closed")
        }
        assert list(grants.waiting(deputy)) == [found[stage] for stage in ("submitted", "under-review", "proposed")]
        assert (grants.to_propose(deputy).get(), grants.proposed(deputy).get()) == (
            found["under-review"],
            found["proposed"],
        )
        assert set(grants.open_grants(deputy)) == set(found.values()) - {found["closed"]}

    @pytest.mark.parametrize("number", [1, 3])
    def test_queries(self, deputy, django_assert_num_queries, number):
        for _ in range(number):
            make.GrantPlaceFactory(grant=grant_in("voted"))
        deputy.has_perm("solidarity.view_grant")
        with django_assert_num_queries(3):
            [(list(row.places.all()), list(row.allocations.all()), row.paid) for row in grants.grants(deputy)]
        with django_assert_num_queries(4):
            slices.slices(deputy)

    def test_the_checklist_names_what_each_gate_lacks(self, law):
        gates = grants.checklist(grant_in("voted", (make.EnvelopeFactory(), 30_000)))
        assert [(gate.verb, [reason.field for reason in gate.missing]) for gate in gates] == [
            ("open_payment", ["agreement"]),
            ("close", []),
        ]
        assert grants.checklist(grant_in("closed")) == []

    def test_a_stranger_sees_none(self):
        grant_in("voted")
        assert not grants.grants(None).exists()
        assert not funds.envelopes(None).exists()


class TestReportsAndAccounts:
    def test_overdue_is_before_today_and_not_received(self, deputy):
        late = make.FinancialReportFactory(due_on=date(2015, 5, 31))
        today = make.FinancialReportFactory(due_on=date(2015, 6, 1))
        make.FinancialReportFactory(due_on=date(2015, 5, 31), received_on=date(2015, 5, 31))
        assert list(grants.overdue_reports(deputy)) == [late]
        assert list(grants.expected_reports(deputy)) == [late, today]

    def test_variance_is_actual_minus_budget(self):
        line = make.ReportLineFactory(budget=Decimal(800), actual=Decimal(900))
        assert (line.variance, line.variance_percent) == (100, Decimal("12.5"))
        assert make.ReportLineFactory(budget=Decimal(0), actual=Decimal(1)).variance_percent is None

    def test_accounts_are_owed_above_the_threshold_cash_and_kind_together(self, deputy, law):
        above, at = make.OrganisationFactory(), make.OrganisationFactory()
        envelope = make.EnvelopeFactory(commitment_authorised=900_000)
        grant_in("voted", (envelope, 100_000), beneficiary=above)
        grant_in("voted", (envelope, 53_000), beneficiary=above, in_kind_value=1)
        grant_in("voted", (envelope, 153_000), beneficiary=at)
        (owing,) = grants.bodies_owing_accounts(deputy)
        assert (owing.organisation, owing.year, owing.granted) == (above, 2015, 153_001)
        assert (owing.accounts, owing.due_on, owing.is_late) == (None, None, False)
        accounts = make.PublicAccountsFactory(organisation=above, year=2015, approved_on=date(2015, 2, 28))
        (owing,) = grants.bodies_owing_accounts(deputy)
        assert (owing.accounts, owing.due_on, owing.is_late) == (accounts, date(2015, 5, 28), True)
        accounts.published_on = date(2015, 5, 30)
        accounts.save()
        assert [row.is_late for row in grants.bodies_owing_accounts(deputy)] == [False]
        LegalThreshold.objects.filter(kind="accounts").update(until=date(2014, 12, 31))
        assert grants.bodies_owing_accounts(deputy) == []


class TestEmergencies:
    def test_days_run_from_the_request_to_the_first_payment(self, deputy):
        crisis = make.CrisisFactory()
        paid = [
            grant_in("in-payment", crisis=crisis, received_on=day) for day in (date(2015, 3, 22), date(2015, 3, 12))
        ]
        for grant in paid:
            pay(grant, 1, paid_on=date(2015, 4, 1))
            pay(grant, 1, paid_on=date(2015, 5, 1))
        waiting = grant_in("voted", crisis=crisis, received_on=date(2015, 5, 22))
        grant_in("in-payment")
        grant_in("rejected", crisis=crisis)
        tracks = {track.grant: (track.days, track.is_paid, track.voted_on) for track in grants.fast_tracks(deputy)}
        voted = date(2015, 2, 9)
        assert tracks == {paid[0]: (10, True, voted), paid[1]: (20, True, voted), waiting: (10, False, voted)}
        assert grants.median_days(deputy) == 15
        assert [list(row.grants.all()) != [] for row in grants.crises(deputy)] == [True]

    def test_no_median_of_nothing(self, deputy):
        grant_in("voted", crisis=make.CrisisFactory())
        assert grants.median_days(deputy) is None

    @pytest.mark.parametrize("number", [1, 3])
    def test_queries(self, deputy, django_assert_num_queries, number):
        for _ in range(number):
            pay(grant_in("in-payment", crisis=make.CrisisFactory()), 1)
        deputy.has_perm("solidarity.view_grant")
        with django_assert_num_queries(4):
            assert len(grants.fast_tracks(deputy)) == number


def test_the_wording_of_2014_is_another_measure(deputy):
    city = make.CityFactory()
    for measure in ("supported", "suppressed"):
        make.HealthIndicatorFactory(city=city, measure=measure)
    assert [row.measure for row in grants.health(deputy)] == ["supported", "suppressed"]

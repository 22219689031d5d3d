"""The law by its day, and what bounds funds: convention, engagement contract, earlier reports, ceilings, ranges."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from core.history import changes
from core.templatetags.parvis import euros
from partnerships.enums import OrganisationKind
from solidarity import law, rules, services
from solidarity.enums import COMMITTED, GRANT_LIFE, ParameterKind, PieceKind, ThresholdKind
from solidarity.models import FundParameter, LegalThreshold
from tests import factories as make
from tests.solidarity import lives
from tests.solidarity.lives import given, grant_in, pay, refuses, sign_agreement, water

pytestmark = pytest.mark.django_db

# --- the law, by its day ---


def cumulated(body, *amounts, **values):
    return [grant_in("voted", (make.EnvelopeFactory(), amount), beneficiary=body, **values) for amount in amounts]


class TestConvention:
    def said(self, body, total, threshold=23000):
        return [
            (
                f"{body} gets {euros(Decimal(total))} for 2015, in cash and in kind: above {euros(Decimal(threshold))} a "
                "signed agreement comes first (loi 2000-321, art. 10).",
                "agreement",
            )
        ]

    @pytest.mark.parametrize(("amount", "needed"), [("23000", False), ("23000.01", True)])
    def test_above_the_threshold_and_not_at_it(self, law, colleague, amount, needed):
        grant = grant_in("voted", (make.EnvelopeFactory(), amount))
        if needed:
            assert refuses(GRANT_LIFE, grant, "open_payment", colleague) == self.said(grant.beneficiary, amount)
        else:
            assert services.open_payment(grant, actor=colleague).stage == "in-payment"

    def test_the_grants_of_a_year_are_cumulated(self, law, colleague):
        body = make.OrganisationFactory()
        _, second = cumulated(body, 12000, 12000)
        assert refuses(GRANT_LIFE, second, "open_payment", colleague) == self.said(body, 24000)

    def test_so_is_what_is_given_in_kind(self, law, colleague):
        grant = grant_in("voted", in_kind_value=3001)
        assert refuses(GRANT_LIFE, grant, "open_payment", colleague) == self.said(grant.beneficiary, 23001)

    def test_other_years_bodies_and_files_not_voted_do_not_count(self, law, colleague):
        body = make.OrganisationFactory()
        grant = grant_in("voted", beneficiary=body)
        grant_in("voted", beneficiary=body, year=2014)
        grant_in("voted")
        for stage in ("proposed", "withdrawn", "rejected"):
            grant_in(stage, beneficiary=body)
        assert services.open_payment(grant, actor=colleague).stage == "in-payment"

    @pytest.mark.parametrize("kind", law.PUBLIC_KINDS)
    def test_public_bodies_are_exempt(self, law, colleague, kind):
        body = make.OrganisationFactory(kind=kind)
        grant = grant_in("voted", (make.EnvelopeFactory(), 60000), beneficiary=body)
        grant = services.open_payment(grant, actor=colleague)
        assert pay(grant, 60000).pk

    def test_no_other_kind_of_body_is(self):
        private = {"association", "foundation", "ngo"}
        assert private.isdisjoint(law.PUBLIC_KINDS)
        assert private <= set(OrganisationKind.values)

    def test_the_threshold_is_the_one_of_the_day(self, colleague):
        grant = grant_in("voted")
        make.LegalThresholdFactory(value=10000, until=date(2015, 5, 31))
        make.LegalThresholdFactory(value=20000, since=date(2015, 6, 1))
        assert law.cumulation(grant, ThresholdKind.CONVENTION).threshold == 20000
        assert not law.needs_convention(grant)
        assert law.needs_convention(grant, date(2015, 5, 31))
        assert not law.needs_convention(grant, date(2000, 1, 1))
        LegalThreshold.objects.filter(value=20000).update(value=19999)
        assert refuses(GRANT_LIFE, grant, "open_payment", colleague) == self.said(grant.beneficiary, 20000, 19999)

    def test_an_agreement_may_still_follow_when_a_later_grant_brings_the_threshold_down(self, law, colleague):
        """What was opened below the threshold is not stuck for ever."""
        body = make.OrganisationFactory()
        (first,) = cumulated(body, 15000)
        first = services.open_payment(first, actor=colleague)
        pay(first, 5000)
        cumulated(body, 12000)
        with pytest.raises(ValidationError, match="a signed agreement comes before the payment"):
            pay(first, 1000)
        agreement = make.GrantAgreementFactory(grant=first)
        instalment = make.InstalmentFactory(agreement=agreement, amount=10000)
        with pytest.raises(ValidationError, match="a signed agreement comes before the payment"):
            pay(first, 1000, instalment=instalment)
        agreement.signed_on = date(2015, 5, 4)
        agreement.save()
        assert pay(first, 10000, instalment=instalment).pk

    def test_regranting_is_forbidden_unless_the_agreement_says_so(self):
        assert make.GrantAgreementFactory().allows_regranting is False
        assert make.GrantAgreementFactory(allows_regranting=True).allows_regranting is True


class TestEngagementContract:
    """Asked of applications from 2 January 2022 on, never of earlier ones (A12)."""

    @pytest.mark.parametrize(
        ("received", "asked"), [(date(2015, 1, 12), False), (date(2022, 1, 1), False), (date(2022, 1, 2), True)]
    )
    def test_by_the_day_of_the_application_whatever_day_it_is(self, law, settings, colleague, received, asked):
        settings.TODAY = date(2022, 6, 1)
        grant = grant_in("under-review", received_on=received)
        values = {"amount_granted": Decimal(20000), "opinion": "Fine."}
        if asked:
            label = PieceKind.ENGAGEMENT.label
            said = (f"A piece of the file is missing: {label}.", "pieces")
            assert refuses(GRANT_LIFE, grant, "propose", colleague, **values) == [said]
            make.PieceFactory(grant=grant, kind="engagement")
        assert services.propose_grant(grant, actor=colleague, **values).stage == "proposed"

    @pytest.mark.parametrize("kind", OrganisationKind.values)
    def test_of_associations_and_foundations_only(self, law, settings, kind):
        settings.TODAY = date(2022, 6, 1)
        body = make.OrganisationFactory.build(kind=kind)
        grant = make.GrantFactory.build(beneficiary=body, received_on=date(2022, 2, 1))
        assert rules.law.needs_engagement(grant) == (kind in ("association", "foundation", "ngo"))


class TestPriorReport:
    def test_it_is_named_at_the_review_and_at_the_payment(self, law, officer):
        body = make.OrganisationFactory()
        earlier = make.GrantFactory(beneficiary=body, year=2013)
        report = make.FinancialReportFactory(grant=earlier, year=2013, due_on=date(2015, 5, 31))
        make.FinancialReportFactory(grant=make.GrantFactory(), year=2013, due_on=date(2014, 6, 30))
        said = f"The financial report 2013 on the grant {earlier.reference} is missing: it was due on 31 May 2015."
        grant = grant_in("submitted", beneficiary=body)
        assert refuses(GRANT_LIFE, grant, "review", officer) == [(said, "beneficiary")]
        report.due_on = date(2015, 6, 1)
        report.save()
        other = grant_in("voted", beneficiary=body)
        report.due_on = date(2015, 5, 31)
        report.save()
        assert refuses(GRANT_LIFE, other, "open_payment", officer) == [(said, "beneficiary")]
        lives.received(earlier)
        assert services.review_grant(grant, actor=officer).stage == "under-review"
        assert services.open_payment(other, actor=officer).stage == "in-payment"

    def test_reports_of_each_year_are_noted_when_payments_open(self, law):
        grant = grant_in("in-payment", until_year=2017)
        assert list(grant.reports.values_list("year", "due_on")) == [
            (2015, date(2016, 6, 30)),
            (2016, date(2017, 6, 30)),
            (2017, date(2018, 6, 30)),
        ]

    def test_none_is_owed_where_it_is_not_earmarked(self, law):
        assert not grant_in("in-payment", earmarked=False).reports.exists()

    def test_the_days_are_the_law_s(self, law):
        assert law_dues() == (date(2016, 6, 30), date(2015, 8, 15))
        LegalThreshold.objects.filter(kind="report-months").update(value=4)
        LegalThreshold.objects.filter(kind="accounts-months").update(until=date(2015, 5, 14))
        assert law_dues() == (date(2016, 4, 30), None)


def law_dues():
    return law.report_due(2015), law.accounts_due(date(2015, 5, 15))


# --- funds ---


class TestCeiling:
    def over(self, service, left, amount):
        left, amount = euros(Decimal(left)), euros(Decimal(amount))
        return [
            (f"{service} has {left} left under its ceiling; the grant takes {amount} (CGCT L1115-1-1).", "allocations")
        ]

    def test_it_is_of_each_service_and_never_pooled(self, colleague):
        envelope, water_service, sanitation = water(resources=2_000_000)
        values = {"amount_granted": Decimal(30000), "opinion": "Fine."}
        one = grant_in("under-review", (envelope, 30000, water_service))
        assert refuses(GRANT_LIFE, one, "propose", colleague, **values) == self.over(water_service, 20000, 30000)
        both = grant_in("voted", (envelope, 20000, water_service), (envelope, 20000, sanitation))
        assert both.stage == "voted"
        more = grant_in("under-review", (envelope, "0.01", sanitation))
        values["amount_granted"] = Decimal("0.01")
        assert refuses(GRANT_LIFE, more, "propose", colleague, **values) == self.over(sanitation, 0, "0.01")

    def test_it_is_judged_again_at_the_vote(self, colleague):
        envelope, service, _ = water(resources=2_000_000)
        first, second = (grant_in("proposed", (envelope, 15000, service)) for _ in range(2))
        services.vote_grant(first, actor=colleague, **given("vote"))
        assert refuses(GRANT_LIFE, second, "vote", colleague, **given("vote")) == self.over(service, 5000, 15000)

    def test_it_is_not_judged_without_the_resources(self, colleague):
        envelope, service, _ = water()
        envelope.bases.filter(service=service).delete()
        grant = grant_in("under-review", (envelope, 20000, service))
        said = (f"The own resources of {service} for 2015 are not recorded.", "allocations")
        values = {"amount_granted": Decimal(20000), "opinion": "Fine."}
        assert refuses(GRANT_LIFE, grant, "propose", colleague, **values) == [said]

    def test_an_allocation_names_a_service_of_the_fund(self):
        envelope, _, _ = water()
        for service, said in (
            (None, "Say which service's resources bear it: each ceiling is judged apart."),
            (make.FundServiceFactory(), "This service does not feed the fund of the envelope."),
        ):
            with pytest.raises(ValidationError) as refused:
                make.AllocationFactory(envelope=envelope, service=service)
            assert refused.value.message_dict == {"service": [said]}

    @pytest.mark.parametrize(("today", "exists"), [(date(2014, 7, 8), False), (date(2014, 7, 9), True)])
    def test_waste_is_refused_before_the_scheme_exists(self, settings, colleague, today, exists):
        settings.TODAY = today
        envelope, service, _ = water(since=date(2014, 7, 9), year=2014)
        grant = grant_in("under-review", (envelope, 20000, service), year=2014, received_on=date(2014, 2, 3))
        values = {"amount_granted": Decimal(20000), "opinion": "Fine."}
        if exists:
            assert services.propose_grant(grant, actor=colleague, **values).stage == "proposed"
        else:
            said = f"{envelope.fund}: no ceiling holds today, the scheme does not exist on this day."
            assert refuses(GRANT_LIFE, grant, "propose", colleague, **values) == [(said, "allocations")]

    @pytest.mark.parametrize(("voted", "exists"), [(date(2014, 7, 8), False), (date(2014, 7, 9), True)])
    def test_nor_is_a_vote_of_before_recorded_after(self, colleague, voted, exists):
        envelope, service, _ = water(since=date(2014, 7, 9), year=2014)
        grant = grant_in("proposed", (envelope, 20000, service), year=2014)
        deliberation = make.DeliberationFactory(voted_on=voted)
        if exists:
            assert services.vote_grant(grant, actor=colleague, deliberation=deliberation).stage == "voted"
        else:
            with pytest.raises(ValidationError, match="the scheme does not exist on that day"):
                services.vote_grant(grant, actor=colleague, deliberation=deliberation)


class TestRange:
    def emergency(self, **envelope):
        fund = make.FundFactory(kind="emergency")
        for kind, value in (("grant-minimum", 20000), ("grant-maximum", 100000)):
            make.FundParameterFactory(fund=fund, kind=kind, value=value, since=date(2015, 1, 1))
        return make.EnvelopeFactory(fund=fund, commitment_authorised=500000, **envelope)

    @pytest.mark.parametrize(
        ("amount", "bound"),
        [("19999.99", "at least 20000"), ("20000", ""), ("100000", ""), ("100000.01", "at most 100000")],
    )
    def test_a_grant_lies_within_the_range_of_its_fund(self, colleague, amount, bound):
        envelope = self.emergency()
        grant = grant_in("under-review", (envelope, amount))
        values = {"amount_granted": Decimal(amount), "opinion": "Fine."}
        if not bound:
            assert services.propose_grant(grant, actor=colleague, **values).stage == "proposed"
            return
        words, value = bound.rsplit(" ", 1)
        said = f"{envelope.fund}: a grant is {words} {euros(Decimal(value))}."
        assert refuses(GRANT_LIFE, grant, "propose", colleague, **values) == [(said, "amount_granted")]

    def test_the_range_is_the_one_of_the_day(self, colleague):
        envelope = self.emergency()
        FundParameter.objects.filter(kind="grant-minimum").update(until=date(2015, 5, 31))
        grant = grant_in("proposed", (envelope, 500))
        make.FundParameterFactory(fund=envelope.fund, kind="grant-minimum", value=501, since=date(2015, 6, 1))
        said = f"{envelope.fund}: a grant is at least {euros(Decimal(501))}."
        assert refuses(GRANT_LIFE, grant, "vote", colleague, **given("vote")) == [(said, "amount_granted")]
        assert rules.parameter(envelope.fund, ParameterKind.GRANT_MINIMUM, date(2015, 5, 31)) == 20000
        assert rules.parameter(envelope.fund, ParameterKind.GRANT_MINIMUM, date(2014, 12, 31)) is None

    def test_it_may_draw_on_several_funds(self, colleague):
        """The water fund pays emergencies too; the range is of the whole grant."""
        emergency, (envelope, service, _) = self.emergency(), water()
        grant = grant_in("voted", (emergency, 12000), (envelope, 13000, service))
        assert {allocation.envelope.fund for allocation in grant.allocations.all()} == {emergency.fund, envelope.fund}
        assert (rules.committed(envelope=emergency), rules.committed(envelope=envelope)) == (12000, 13000)


class TestSeveralYears:
    def test_it_draws_on_the_envelope_of_each_year(self):
        first = make.EnvelopeFactory()
        second = make.EnvelopeFactory(fund=first.fund, year=2016)
        grant = grant_in("voted", (first, 10000), (second, 12000), until_year=2016)
        assert (rules.committed(envelope=first), rules.committed(envelope=second)) == (10000, 12000)
        assert grant.amount_granted == 22000

    @pytest.mark.parametrize("year", [2014, 2017])
    def test_and_on_no_other(self, year):
        grant = make.GrantFactory(until_year=2016)
        with pytest.raises(ValidationError, match="of another year than the grant"):
            make.AllocationFactory(grant=grant, envelope=make.EnvelopeFactory(year=year))

    @pytest.mark.parametrize("until", [2014, 2021])
    def test_its_last_year_follows_within_five(self, until):
        with pytest.raises(ValidationError, match="one of the five that follow"):
            make.GrantFactory(until_year=until)


# --- from the application to the closed file ---


def test_a_water_grant_of_60_000_euros_meets_every_gate(law, officer, colleague):
    envelope, service, sanitation = water(resources=7_000_000, commitment_authorised=100_000, payment_credits=60_000)
    body = make.OrganisationFactory()
    owed = make.FinancialReportFactory(
        grant=make.GrantFactory(beneficiary=body, year=2013), year=2013, due_on=date(2014, 6, 30)
    )
    grant = make.GrantFactory(beneficiary=body, amount_asked=None, received_on=None)

    def refused(verb, who, *fields, **values):
        assert [field for _, field in refuses(GRANT_LIFE, grant, verb, who, **values)] == list(fields)

    refused("submit", officer, "received_on", "amount_asked")
    grant.amount_asked = Decimal(60000)
    grant.save()
    grant = services.submit_grant(grant, actor=officer, received_on=date(2015, 1, 12))

    refused("review", officer, "beneficiary")
    owed.received_on = date(2015, 5, 4)
    owed.save()
    grant = services.review_grant(grant, actor=officer)

    refused("propose", colleague, "pieces", "pieces", "opinion", "amount_granted")
    for kind in ("form", "budget"):
        make.PieceFactory(grant=grant, kind=kind)
    refused("propose", colleague, "allocations", amount_granted=Decimal(60000), opinion="Fine.")
    allocation = make.AllocationFactory(grant=grant, envelope=envelope, service=service, amount=60000)
    refused("propose", officer, "", amount_granted=Decimal(60000), opinion="Fine.")
    grant = services.propose_grant(grant, actor=colleague, amount_granted=Decimal(60000), opinion="Fine.")

    refused("vote", officer, "deliberation")
    grant = services.vote_grant(grant, actor=officer, deliberation=make.DeliberationFactory())

    refused("open_payment", officer, "agreement")
    refused("sign", officer, "agreement")
    with pytest.raises(ValidationError, match="not before, not after"):
        pay(grant, 1)
    agreement = sign_agreement(grant)
    grant = services.sign_grant_agreement(grant, actor=officer)
    grant = services.open_payment(grant, actor=officer)

    refused("report", officer, "payments", "reports")
    first, second = agreement.instalments.all()
    pay(grant, 40000, instalment=first, allocation=allocation)
    pay(grant, 20000, instalment=second, allocation=allocation)
    refused("report", officer, "reports")
    lives.received(grant)
    grant = services.report_grant(grant, actor=officer)
    refused("close", officer, "reports")
    lives.accepted(grant)
    grant = services.close_grant(grant, actor=colleague)

    assert (grant.stage, grant.instructed_by, grant.approved_by) == ("closed", officer, colleague)
    assert [change.verb for change in changes(grant, officer) if change.verb][::-1] == [
        "submit", "review", "propose", "vote", "sign", "open_payment", "report", "close",
    ]  # fmt: skip
    assert rules.committed(envelope=envelope, service=service) == 60000
    assert rules.committed(envelope=envelope, service=sanitation) == 0
    assert GRANT_LIFE.steps(grant, officer) == []
    assert grant.stage in COMMITTED

"""Ways around the rules of agreements that were tried once, each refused by name."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils.translation import override

from core.exceptions import Refused
from core.roles import Role
from partnerships import services
from partnerships.enums import AgreementKind, OrganisationKind
from partnerships.models import Agreement, AgreementParty, Deliberation
from tests.factories import (
    AgreementFactory,
    AgreementPartyFactory,
    AmendmentFactory,
    CityFactory,
    DeliberationFactory,
    OrganisationFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _english():
    with override("en"):
        yield


@pytest.fixture
def officer():
    return UserFactory(role=Role.OFFICER)


def in_force(city=None, **values) -> Agreement:
    return AgreementPartyFactory(
        agreement=AgreementFactory(in_force=True, **values), city=city or CityFactory()
    ).agreement


class TestReference:
    @pytest.mark.parametrize("reference", ["A/B", "agr-1", "AGR 1", "AGR--1", "-AGR", "AGR\n1", "AGR\u202e1"])
    def test_one_that_is_no_address_is_refused(self, reference):
        with pytest.raises(ValidationError, match="capital letters and digits"):
            AgreementFactory(reference=reference)

    def test_the_next_one_passes_over_those_that_are_not_numbers(self):
        for reference in ("AGR-2015-X", "AGR-2015-9999", "AGR-2014-99999"):
            AgreementFactory(reference=reference)
        assert Agreement.objects.create(title_fr="A", kind="cooperation").reference == "AGR-2015-10000"


@pytest.mark.parametrize("day", [date(9999, 12, 31), date(2201, 1, 1), date(1899, 12, 31)])
def test_a_date_beyond_reason_is_refused(day):
    agreement = AgreementFactory(signed=True)
    with pytest.raises(IntegrityError, match="partnerships_agreement_dates_plausible"), transaction.atomic():
        Agreement.objects.filter(pk=agreement.pk).update(expires_on=day, signed_on=None, signed_on_precision="unknown")
    agreement.expires_on = date(9999, 12, 31)
    with pytest.raises(ValidationError, match="between the years 1900 and 2200"):
        agreement.save()


class TestRenewal:
    def test_a_draft_that_claims_to_renew_frees_nothing(self):
        city = CityFactory()
        bound = in_force(city)
        Agreement.objects.filter(pk=AgreementFactory(renews=bound).pk).update(in_force_on=date(2015, 3, 11))
        later = {
            "signed_on": date(2015, 4, 1),
            "transmitted_to_prefect_on": date(2015, 4, 2),
            "in_force_on": date(2015, 4, 3),
        }
        with pytest.raises(ValidationError, match="already has an agreement of this kind"):
            in_force(city, **later)

    def test_it_renews_one_with_the_same_counterpart(self, officer):
        other = AgreementPartyFactory(agreement=AgreementFactory(renews=in_force())).agreement
        with pytest.raises(Refused, match="It renews an agreement with somebody else: AGR-"):
            services.record_vote(other, actor=officer, deliberation=DeliberationFactory())

    def test_no_circle_of_renewals(self):
        first = AgreementFactory()
        second = AgreementFactory(renews=first)
        first.renews = second
        with pytest.raises(ValidationError, match="cannot renew one that renews it"):
            first.save()

    @pytest.mark.parametrize("change", [{"kind": AgreementKind.INTENT}, {"renews": None}])
    def test_kind_and_renewal_are_fixed_by_the_signature(self, change):
        successor = AgreementFactory(signed=True, renews=AgreementFactory(in_force=True))
        for name, value in change.items():
            setattr(successor, name, value)
        with pytest.raises(ValidationError, match="fixed by the signature|renews one of its own kind"):
            successor.save()


class TestState:
    def test_a_counterpart_does_not_become_a_state(self):
        organisation = OrganisationFactory()
        AgreementPartyFactory(city=None, organisation=organisation)
        organisation.kind = OrganisationKind.STATE
        with pytest.raises(ValidationError, match="names no exception for a State"):
            organisation.save()


class TestInForce:
    @pytest.mark.parametrize(
        ("change", "sentence"),
        [
            ({"object_fr": ""}, "states its object and its forecast amount"),
            ({"forecast_amount": None}, "states its object and its forecast amount"),
            ({"in_force_on": date(2015, 6, 2)}, "the date is in the future"),
            ({"deliberation": None}, "deliberation is missing"),
        ],
    )
    def test_what_it_needed_stays(self, change, sentence):
        agreement = in_force()
        for name, value in change.items():
            setattr(agreement, name, value)
        with pytest.raises(ValidationError, match=sentence):
            agreement.save()

    def test_it_needs_a_vote_that_took_place(self, officer):
        agreement = AgreementPartyFactory(agreement=AgreementFactory(signed=True)).agreement
        with pytest.raises(Refused, match="The deliberation has no date of vote"):
            services.enter_into_force(
                agreement,
                actor=officer,
                deliberation=DeliberationFactory(voted_on=None, voted_on_precision=""),
                transmitted_to_prefect_on=date(2015, 3, 9),
                in_force_on=date(2015, 3, 10),
            )

    @pytest.mark.parametrize("values", [{"voted_on": None, "voted_on_precision": ""}, {"voted_on": date(2015, 6, 2)}])
    def test_the_vote_it_rests_on_stays(self, values):
        deliberation = in_force().deliberation
        for name, value in values.items():
            setattr(deliberation, name, value)
        with pytest.raises(ValidationError, match="Agreements rest on this vote"):
            deliberation.save()

    def test_its_last_counterpart_stays(self):
        party = in_force().parties.get()
        with pytest.raises(IntegrityError, match="keeps a counterpart"), transaction.atomic():
            party.delete()
        party.role = "beneficiary"
        with pytest.raises(ValidationError, match="keeps a counterpart"):
            party.save()
        party.role, party.agreement = "counterpart", AgreementFactory()
        with pytest.raises(ValidationError, match="keeps a counterpart"):
            party.save()

    def test_one_of_two_counterparts_may_leave(self):
        agreement = in_force()
        AgreementPartyFactory(agreement=agreement)
        agreement.parties.first().delete()
        assert agreement.parties.count() == 1

    def test_only_a_draft_is_deleted(self):
        agreement = in_force()
        with pytest.raises(Refused, match="Only a draft is deleted"):
            agreement.delete()
        with pytest.raises(IntegrityError), transaction.atomic():
            Agreement.objects.filter(pk=agreement.pk).delete()
        AgreementPartyFactory().agreement.delete()
        assert list(Agreement.objects.all()) == [agreement]


def test_it_is_not_signed_before_the_vote(officer):
    agreement = AgreementPartyFactory(
        agreement=AgreementFactory(status="voted", deliberation=DeliberationFactory())
    ).agreement
    with pytest.raises(ValidationError, match=r"before the Council's vote \(9 February 2015\)"):
        services.sign_agreement(agreement, actor=officer, signed_on=date(2015, 2, 8))
    assert services.sign_agreement(agreement, actor=officer, signed_on=date(2015, 2, 1), signed_on_precision="month").pk


def test_an_overlap_is_named_before_the_vote(officer):
    city = CityFactory(name_en="Example")
    bound = in_force(city)
    agreement = AgreementPartyFactory(city=city).agreement
    with pytest.raises(Refused, match=f"Example already has an agreement of this kind: {bound.reference}"):
        services.record_vote(agreement, actor=officer, deliberation=DeliberationFactory())


class TestAmendment:
    def test_what_is_over_is_not_amended(self):
        over = AgreementFactory(signed=True, status="expired", expires_on=date(2015, 5, 1))
        with pytest.raises(ValidationError, match="over is not amended"):
            AmendmentFactory(agreement=over, new_expiry=date(2030, 1, 1))

    def test_the_last_one_names_the_expiry_whenever_it_is_recorded(self):
        agreement = AgreementFactory(in_force=True, expires_on=date(2016, 1, 1))
        last = AmendmentFactory(agreement=agreement, number=2, new_expiry=date(2019, 1, 1))
        AmendmentFactory(agreement=agreement, number=1, new_expiry=date(2018, 1, 1))
        agreement.refresh_from_db()
        assert agreement.expires_on == date(2019, 1, 1)
        last.delete()
        agreement.refresh_from_db()
        assert agreement.expires_on == date(2018, 1, 1)

    def test_it_is_signed_after_its_agreement(self):
        with pytest.raises(ValidationError, match="signed after its agreement"):
            AmendmentFactory(
                agreement=AgreementFactory(signed=True), signed_on=date(2015, 3, 1), signed_on_precision="day"
            )


def test_one_that_cannot_expire_does_not_hold_up_the_others(officer, caplog):
    stuck = AgreementFactory(in_force=True, expires_on=date(2015, 4, 1))
    Deliberation.objects.filter(pk=stuck.deliberation_id).update(voted_on=date(2015, 5, 1))
    free = AgreementFactory(in_force=True, expires_on=date(2015, 5, 1))
    assert services.expire_past_agreements(actor=officer) == [free.reference]
    assert stuck.reference in caplog.text


@pytest.mark.django_db(transaction=True)
class TestRaces:
    """Two at once, each in a transaction of its own: one of them loses, with a sentence."""

    def together(self, *acts):
        def run(act):
            try:
                act()
            except (ValidationError, IntegrityError, Refused) as refused:
                return refused
            finally:
                connection.close()
            return None

        with ThreadPoolExecutor(len(acts)) as pool:
            return [outcome for outcome in pool.map(run, acts) if outcome is not None]

    def test_a_city_added_while_the_agreement_is_being_signed_waits_and_is_refused(self):
        city = CityFactory()
        in_force(city)
        other = AgreementFactory(status="voted", deliberation=DeliberationFactory())

        def add():
            return self.together(lambda: AgreementParty(agreement_id=other.pk, city=city).save())

        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                Agreement.objects.filter(pk=other.pk).update(
                    status="signed", signed_on=date(2015, 3, 2), signed_on_precision="day"
                )
                added = pool.submit(add)
                with pytest.raises(TimeoutError):
                    added.result(timeout=0.5)
            assert "already has an agreement of this kind" in str(added.result(timeout=30))
        assert not other.parties.exists()

    def test_new_agreements_never_share_a_reference(self):
        def create():
            with transaction.atomic():
                Agreement(title_fr="Invented", kind="cooperation").save()

        assert self.together(*[create] * 4) == []
        assert len(set(Agreement.objects.values_list("reference", flat=True))) == 4

"""The life of an agreement: what each step needs, and what the database refuses whoever asks."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils.translation import override

from core.exceptions import LostEdit, Refused
from core.history import changes
from core.roles import Role
from partnerships import services
from partnerships.enums import AGREEMENT_LIFE, AgreementKind, OrganisationKind, PartyRole
from partnerships.models import Agreement, AgreementParty
from partnerships.tasks import expire_agreements
from tests.factories import (
    AgreementClauseFactory,
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


def raw(sql: str, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def messages(refused) -> list[str]:
    return [str(reason) for reason in refused.value.reasons]


def test_an_agreement_goes_from_draft_to_in_force_step_by_step(officer):
    agreement = AgreementPartyFactory(agreement=AgreementFactory()).agreement
    agreement = services.record_vote(agreement, actor=officer, deliberation=DeliberationFactory())
    agreement = services.sign_agreement(agreement, actor=officer, signed_on=date(2015, 3, 2))
    with pytest.raises(Refused) as refused:
        services.enter_into_force(agreement, actor=officer)
    assert messages(refused) == [
        "It has not been sent to the prefect: without this it cannot take effect (CGCT L1115-1).",
        "The date from which it is in force is missing.",
    ]
    agreement = services.enter_into_force(
        agreement, actor=officer, transmitted_to_prefect_on=date(2015, 3, 9), in_force_on=date(2015, 3, 10)
    )
    assert agreement.status == "in-force"
    assert [change.verb for change in changes(agreement, officer)] == ["enter_into_force", "sign", "vote", ""]


def test_a_vote_names_everything_that_is_missing_at_once(officer):
    agreement = AgreementFactory(object_fr="", forecast_amount=None)
    with pytest.raises(Refused) as refused:
        services.record_vote(agreement, actor=officer)
    assert {reason.field for reason in refused.value.reasons} == {
        "deliberation",
        "parties",
        "object_fr",
        "forecast_amount",
    }
    agreement.refresh_from_db()
    assert (agreement.status, agreement.version) == ("draft", 1)


def test_a_vote_that_has_not_taken_place_is_refused(officer):
    agreement = AgreementPartyFactory().agreement
    coming = DeliberationFactory(voted_on=date(2015, 6, 2))
    with pytest.raises(Refused, match="The Council has not voted yet"):
        services.record_vote(agreement, actor=officer, deliberation=coming)


def test_a_step_that_does_not_lead_on_is_refused_with_the_state(officer):
    agreement = AgreementFactory()
    with pytest.raises(Refused, match="“Record the signature” is not possible now: the state is “draft”"):
        services.sign_agreement(agreement, actor=officer, signed_on=date(2015, 3, 2))


@pytest.mark.parametrize("role", [Role.DEPUTY, Role.AUDITOR, Role.SOLIDARITY_OFFICER, Role.PROTECTION_OFFICER])
def test_those_who_only_read_agreements_cannot_move_them(role):
    agreement = AgreementPartyFactory().agreement
    with pytest.raises(PermissionDenied):
        services.record_vote(agreement, actor=UserFactory(role=role), deliberation=DeliberationFactory())
    assert AGREEMENT_LIFE.steps(agreement, UserFactory(role=role)) == []


def test_a_step_based_on_an_older_version_is_refused(officer):
    agreement = AgreementPartyFactory().agreement
    Agreement.objects.filter(pk=agreement.pk).update(title_en="Changed by another")
    with pytest.raises(LostEdit, match="changed since you opened it"):
        services.record_vote(agreement, actor=officer, deliberation=DeliberationFactory(), version=1)


@pytest.mark.parametrize(("verb", "state"), [("end", "signed"), ("reopen", "voted")])
def test_ending_and_reopening_need_a_reason(officer, verb, state):
    agreement = (
        AgreementFactory(signed=True)
        if state == "signed"
        else AgreementFactory(status="voted", deliberation=DeliberationFactory())
    )
    with pytest.raises(Refused, match="Say why"):
        AGREEMENT_LIFE.perform(agreement, verb, actor=officer, reason="  ")


def test_an_agreement_ended_early_keeps_the_date_and_the_reason(officer):
    agreement = services.end_agreement(
        AgreementFactory(in_force=True), actor=officer, ended_on=date(2015, 5, 4), reason="by mutual consent"
    )
    assert (agreement.status, agreement.ended_on) == ("ended", date(2015, 5, 4))
    assert changes(agreement, officer)[0].reason == "by mutual consent"


def test_a_renewal_is_drafted_then_takes_over_when_it_enters_into_force(officer):
    old = AgreementFactory(in_force=True, expires_on=date(2015, 12, 31))
    AgreementPartyFactory(agreement=old)
    AgreementClauseFactory(agreement=old)
    old = services.prepare_renewal(old, actor=officer)
    draft = old.renewed_by
    assert (old.status, draft.status, draft.kind) == ("in-force", "draft", old.kind)
    assert draft.parties.get().city == old.parties.get().city
    assert draft.clauses.get().kind == "gender-equality"
    with pytest.raises(Refused, match="already being prepared: AGR-"):
        services.prepare_renewal(old, actor=officer)
    with pytest.raises(Refused, match="No agreement that renews it is in force"):
        services.renew_agreement(old, actor=officer)
    draft.forecast_amount = 0
    draft.save()
    draft = services.record_vote(draft, actor=officer, deliberation=DeliberationFactory())
    draft = services.sign_agreement(draft, actor=officer, signed_on=date(2015, 5, 4))
    draft = services.enter_into_force(
        draft, actor=officer, transmitted_to_prefect_on=date(2015, 5, 5), in_force_on=date(2015, 6, 1)
    )
    old.refresh_from_db()
    assert (old.status, draft.status) == ("renewed", "in-force")
    assert old.parties.get().period.upper == date(2015, 6, 1)


def test_what_ran_out_is_noted_once_and_what_renews_itself_is_left(officer):
    past = AgreementFactory(in_force=True, expires_on=date(2015, 5, 31))
    AgreementFactory(in_force=True, expires_on=date(2015, 5, 31), tacit_renewal=True)
    AgreementFactory(in_force=True, expires_on=date(2015, 6, 1))
    assert expire_agreements() == 1
    assert expire_agreements() == 0
    past.refresh_from_db()
    assert past.status == "expired"
    assert changes(past, officer)[0].author == "Parvis"


def test_an_amendment_moves_the_expiry():
    agreement = AgreementFactory(in_force=True, expires_on=date(2016, 1, 1))
    AmendmentFactory(agreement=agreement, new_expiry=date(2018, 1, 1))
    agreement.refresh_from_db()
    assert agreement.expires_on == date(2018, 1, 1)


def test_a_draft_is_not_amended():
    with pytest.raises(ValidationError, match="Only a signed agreement is amended"):
        AmendmentFactory(agreement=AgreementFactory())


def test_references_count_up_within_the_year():
    first = Agreement.objects.create(title_fr="A", kind="cooperation")
    second = Agreement.objects.create(title_fr="B", kind="cooperation")
    assert (first.reference, second.reference) == ("AGR-2015-0001", "AGR-2015-0002")


# What the database itself refuses, by name.
REFUSED = [
    ("partnerships_agreement_in_force_sent_to_prefect", "transmitted_to_prefect_on = NULL"),
    ("partnerships_agreement_in_force_sent_to_prefect", "in_force_on = NULL"),
    ("partnerships_agreement_voted_has_deliberation", "deliberation_id = NULL"),
    ("partnerships_agreement_signed_state_has_signature", "signed_on = NULL, signed_on_precision = ''"),
    ("partnerships_agreement_forecast_amount_not_negative", "forecast_amount = -0.01"),
    ("partnerships_agreement_signed_on_by_transmitted_to_prefect_on", "transmitted_to_prefect_on = '2015-03-01'"),
    ("partnerships_agreement_transmitted_to_prefect_on_by_in_force_on", "in_force_on = '2015-03-08'"),
    ("partnerships_agreement_in_force_on_by_expires_on", "expires_on = '2015-03-09'"),
    ("partnerships_agreement_ended_has_date", "ended_on = '2015-05-01'"),
    ("partnerships_agreement_notice_at_most_60", "notice_months = 61"),
    ("partnerships_agreement_not_renewing_itself", "renews_id = id"),
    ("partnerships_agreement_kind_known", "kind = 'pact'"),
]


@pytest.mark.parametrize(("constraint", "change"), REFUSED)
def test_the_database_refuses(constraint, change):
    agreement = AgreementFactory(in_force=True)
    with pytest.raises(IntegrityError, match=constraint):
        raw(f"UPDATE partnerships_agreement SET {change} WHERE id = %s", agreement.pk)


@pytest.mark.parametrize(
    ("start", "target"), [("draft", "signed"), ("draft", "in-force"), ("in-force", "draft"), ("signed", "expired")]
)
def test_the_database_refuses_a_step_that_no_verb_leads_to(start, target):
    traits = {"draft": {}, "signed": {"signed": True}, "in-force": {"in_force": True}}[start]
    agreement = AgreementFactory(**traits)
    with pytest.raises(ProgrammingError, match="(?i)invalid"):
        raw("UPDATE partnerships_agreement SET status = %s WHERE id = %s", target, agreement.pk)


class TestOverlap:
    """No two agreements of one kind with one city overlap."""

    def agreement(self, city, **values):
        values = {"kind": AgreementKind.TWINNING, "in_force": True} | values
        return AgreementPartyFactory(agreement=AgreementFactory(**values), city=city).agreement

    def test_a_second_one_at_the_same_time_is_refused_with_a_sentence(self):
        city = CityFactory()
        self.agreement(city, expires_on=date(2016, 1, 1))
        other = AgreementFactory(kind=AgreementKind.TWINNING, in_force=True, expires_on=date(2017, 1, 1))
        with pytest.raises(ValidationError, match="already has an agreement of this kind at that time"):
            AgreementPartyFactory(agreement=other, city=city)

    def test_raw_sql_is_refused_too(self):
        city = CityFactory()
        self.agreement(city)
        other = AgreementFactory(kind=AgreementKind.TWINNING, in_force=True)
        with pytest.raises(IntegrityError, match="partnerships_agreementparty_no_overlap"):
            raw(
                "INSERT INTO partnerships_agreementparty (agreement_id, city_id, role, kind) VALUES (%s, %s, 'counterpart', '')",
                other.pk,
                city.pk,
            )

    def test_moving_a_date_into_another_is_refused_with_a_sentence(self):
        city = CityFactory()
        self.agreement(city, expires_on=date(2015, 4, 30))
        later = self.agreement(
            city, signed_on=date(2015, 5, 4), transmitted_to_prefect_on=date(2015, 5, 5), in_force_on=date(2015, 5, 6)
        )
        later.signed_on, later.transmitted_to_prefect_on, later.in_force_on = (
            date(2015, 3, 2),
            date(2015, 3, 9),
            date(2015, 4, 30),
        )
        with pytest.raises(ValidationError, match="already has an agreement of this kind at that time"):
            later.save()

    @pytest.mark.parametrize(
        "second",
        [
            {"kind": AgreementKind.COOPERATION},
            {"in_force": False},
            {
                "signed_on": date(2015, 4, 1),
                "transmitted_to_prefect_on": date(2015, 4, 2),
                "in_force_on": date(2015, 5, 1),
            },
        ],
        ids=["another kind", "a draft", "one after the other"],
    )
    def test_what_does_not_overlap_is_let_in(self, second):
        city = CityFactory()
        self.agreement(city, expires_on=date(2015, 4, 30))
        assert self.agreement(city, **second).pk

    def test_tacit_renewal_has_no_end(self):
        city = CityFactory()
        self.agreement(city, expires_on=date(2015, 4, 30), tacit_renewal=True)
        with pytest.raises(ValidationError, match="already has an agreement of this kind"):
            self.agreement(
                city,
                signed_on=date(2015, 5, 4),
                transmitted_to_prefect_on=date(2015, 5, 5),
                in_force_on=date(2015, 5, 6),
            )

    def test_an_early_end_frees_the_city(self, officer):
        city = CityFactory()
        services.end_agreement(self.agreement(city), actor=officer, ended_on=date(2015, 4, 1), reason="invented")
        assert self.agreement(
            city, signed_on=date(2015, 4, 2), transmitted_to_prefect_on=date(2015, 4, 3), in_force_on=date(2015, 4, 4)
        ).pk


class TestState:
    """A3, CGCT L1115-5: the counterpart may not be a foreign State, save authorised exceptions."""

    def test_a_state_is_refused_as_counterpart_with_the_field(self):
        with pytest.raises(ValidationError, match="may not be a State") as refused:
            AgreementPartyFactory(city=None, organisation=OrganisationFactory(kind=OrganisationKind.STATE))
        assert list(refused.value.message_dict) == ["organisation"]

    def test_raw_sql_is_refused_too(self):
        state, agreement = OrganisationFactory(kind=OrganisationKind.STATE), AgreementFactory()
        with pytest.raises(IntegrityError, match="may not be a State"):
            raw(
                "INSERT INTO partnerships_agreementparty (agreement_id, organisation_id, role, kind)"
                " VALUES (%s, %s, 'counterpart', '')",
                agreement.pk,
                state.pk,
            )

    def test_taking_the_exception_away_is_refused_with_a_sentence(self):
        agreement = AgreementFactory(state_authorisation="Invented decree")
        AgreementPartyFactory(
            agreement=agreement, city=None, organisation=OrganisationFactory(kind=OrganisationKind.STATE)
        )
        agreement.state_authorisation = ""
        with pytest.raises(ValidationError, match="may not be a State"):
            agreement.save()

    @pytest.mark.parametrize(
        ("authorisation", "role"), [("Invented decree", PartyRole.COUNTERPART), ("", PartyRole.BENEFICIARY)]
    )
    def test_an_authorised_exception_or_a_beneficiary_is_let_in(self, authorisation, role):
        agreement = AgreementFactory(state_authorisation=authorisation)
        state = OrganisationFactory(kind=OrganisationKind.STATE)
        assert AgreementPartyFactory(agreement=agreement, city=None, organisation=state, role=role).pk


@pytest.mark.parametrize(("city", "organisation"), [(True, True), (False, False)])
def test_a_party_is_a_city_or_an_organisation(city, organisation):
    with pytest.raises(ValidationError, match="a city or an organisation, not both"):
        AgreementPartyFactory(
            city=CityFactory() if city else None, organisation=OrganisationFactory() if organisation else None
        )
    assert not AgreementParty.objects.exists()


@pytest.mark.parametrize("field", ["signed_on", "transmitted_to_prefect_on"])
def test_what_has_not_happened_yet_is_refused(field):
    dates = {"signed_on": date(2015, 6, 1), "transmitted_to_prefect_on": date(2015, 6, 1)} | {field: date(2015, 6, 2)}
    if field == "signed_on":
        dates["transmitted_to_prefect_on"] = None
    with pytest.raises(ValidationError, match="the date is in the future") as refused:
        AgreementFactory(signed=True, **dates)
    assert list(refused.value.message_dict) == [field]

"""The life of a grant: what each step needs, what it keeps, what it freezes, and which figure of the law judges it."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F

from core.access import ApiClient
from core.exceptions import LostEdit, Refused
from core.history import changes
from core.roles import Role
from core.templatetags.parvis import euros
from solidarity import services
from solidarity.enums import GRANT_LIFE, SETTLED, GrantStage, PieceKind
from solidarity.models import Allocation, Grant
from solidarity.selectors import grants as portfolio
from tests import factories as make
from tests.solidarity import lives
from tests.solidarity.lives import WHY, assert_database_holds, given, grant_in, pay, refuses, sign_agreement, water

pytestmark = pytest.mark.django_db

VERBS = [step.verb for step in GRANT_LIFE.transitions]
STEPS = [(step.verb, source) for step in GRANT_LIFE.transitions for source in step.sources]
STAYS = "What was proposed to the Council stays: send the file back to review to change it."


def ready(verb: str, stage: str) -> Grant:
    """A grant in the stage that lacks nothing for the verb."""
    grant = grant_in(stage)
    match verb:
        case "propose":
            grant.amount_granted, grant.opinion = grant.amount_asked, "Invented opinion."
            grant.save()
        case "sign":
            sign_agreement(grant)
        case "report":
            pay(grant, 1)
            lives.received(grant)
        case "close":
            lives.accepted(grant)
    return grant


class TestSteps:
    @pytest.mark.parametrize(("verb", "source"), STEPS)
    def test_each_verb_leads_on_from_each_of_its_stages(self, colleague, verb, source):
        grant = ready(verb, source)
        moved = GRANT_LIFE.perform(grant, verb, actor=colleague, **given(verb))
        assert moved.stage == GRANT_LIFE.transition(verb).target
        last = changes(moved, colleague)[0]
        assert (last.verb, last.reason) == (verb, given(verb).get("reason", ""))

    @pytest.mark.parametrize("stage", GrantStage.values)
    def test_and_from_no_other(self, colleague, stage):
        grant = grant_in(stage)
        for step in GRANT_LIFE.transitions:
            if stage not in step.sources:
                said = f"“{step.label}” is not possible now: the state is “{grant.get_stage_display()}”."
                assert refuses(GRANT_LIFE, grant, step.verb, colleague, **given(step.verb)) == [(said, "")]

    @pytest.mark.parametrize("stage", GrantStage.values)
    def test_nor_does_raw_sql(self, stage):
        grant = grant_in(stage)
        if stage not in SETTLED:  # nothing but the missing verb stands in the way
            Grant.objects.filter(pk=grant.pk).update(amount_granted=F("amount_asked"))
        assert_database_holds(GRANT_LIFE, grant, GrantStage.values)

    @pytest.mark.parametrize("role", [Role.OFFICER, Role.DEPUTY, Role.AUDITOR, Role.PROTECTION_OFFICER])
    def test_those_who_only_read_cannot_move_it(self, role):
        reader, grant = make.UserFactory(role=role), grant_in("draft")
        with pytest.raises(PermissionDenied):
            services.submit_grant(grant, actor=reader)
        assert GRANT_LIFE.steps(grant, reader) == []

    def test_a_step_based_on_an_older_version_is_refused(self, officer):
        grant = grant_in("draft")
        Grant.objects.filter(pk=grant.pk).update(title_en="Changed by another")
        with pytest.raises(LostEdit):
            services.submit_grant(grant, actor=officer, version=1)

    def test_only_a_draft_is_deleted(self):
        grant_in("draft").delete()
        with pytest.raises(Refused, match="Only a draft is deleted"):
            grant_in("submitted").delete()

    def test_references_count_up_within_the_year(self):
        body = make.OrganisationFactory()
        rows = [Grant.objects.create(title_fr=title, beneficiary=body, year=2015) for title in "AB"]
        assert [row.reference for row in rows] == ["GRA-2015-0001", "GRA-2015-0002"]


class TestReasons:
    @pytest.mark.parametrize("verb", [step.verb for step in GRANT_LIFE.transitions if step.needs_reason])
    def test_it_is_asked_for(self, colleague, verb):
        grant = grant_in("proposed")
        assert refuses(GRANT_LIFE, grant, verb, colleague, reason="  ") == [("Say why.", "reason")]

    @pytest.mark.parametrize("verb", ["reject", "withdraw"])
    def test_the_record_keeps_why_it_stopped(self, colleague, verb):
        assert GRANT_LIFE.perform(grant_in("proposed"), verb, actor=colleague, reason=f" {WHY} ").stopped_reason == WHY

    def test_what_goes_on_keeps_none(self, colleague):
        back = services.return_grant_to_review(grant_in("proposed"), actor=colleague, reason=WHY)
        assert (back.stopped_reason, changes(back, colleague)[0].reason) == ("", WHY)

    def test_what_was_committed_is_free_again_once_withdrawn(self, colleague):
        envelope = make.EnvelopeFactory(commitment_authorised=20000)
        services.withdraw_grant(grant_in("voted", (envelope, 20000)), actor=colleague, reason=WHY)
        assert grant_in("voted", (envelope, 20000)).stage == "voted"


# --- what stands in the way of each step ---


class TestOwnFile:
    SAID = ("You instructed this file: somebody else proposes it.", "")

    def test_who_reviews_instructs_and_may_not_propose(self, officer, colleague):
        grant = grant_in("submitted")
        grant = services.review_grant(grant, actor=officer)
        assert (grant.instructed_by, grant.approved_by) == (officer, None)
        values = {"amount_granted": Decimal(20000), "opinion": "Fine."}
        assert refuses(GRANT_LIFE, grant, "propose", officer, **values) == [self.SAID]
        grant = services.propose_grant(grant, actor=colleague, **values)
        assert (grant.instructed_by, grant.approved_by) == (officer, colleague)

    def test_whoever_holds_every_right_may_not_either(self):
        mayor = make.UserFactory(is_superuser=True)
        grant = ready("propose", "under-review")
        Grant.objects.filter(pk=grant.pk).update(instructed_by=mayor)
        assert refuses(GRANT_LIFE, grant, "propose", mayor) == [self.SAID]

    def test_the_step_is_shown_as_barred_to_her_alone(self, officer, colleague):
        grant = ready("propose", "under-review")
        Grant.objects.filter(pk=grant.pk).update(instructed_by=officer)
        grant.refresh_from_db()
        shown = {
            reader: next(step.ready for step in GRANT_LIFE.steps(grant, reader) if step.transition.verb == "propose")
            for reader in (officer, colleague)
        }
        assert shown == {officer: False, colleague: True}

    def test_the_database_refuses_it_also(self, officer):
        grant = grant_in("proposed")
        with pytest.raises(IntegrityError, match="solidarity_grant_own_file"), transaction.atomic():
            Grant.objects.filter(pk=grant.pk).update(approved_by=grant.instructed_by_id)

    def test_a_file_sent_back_is_approved_anew(self, officer, colleague):
        grant = grant_in("proposed", actor=officer, approver=colleague)
        back = services.return_grant_to_review(grant, actor=officer, reason=WHY)
        assert (back.instructed_by, back.approved_by) == (officer, None)
        assert refuses(GRANT_LIFE, back, "propose", officer) == [self.SAID]

    def test_a_system_instructs_as_nobody_and_may_not_propose(self, officer):
        client = ApiClient("1", "Invented system", frozenset({"solidarity:read", "solidarity:write"}))
        grant = services.review_grant(grant_in("submitted"), actor=client)
        assert grant.instructed_by is None
        values = {"amount_granted": Decimal(20000), "opinion": "Fine."}
        said = ("A person proposes a file to the Council, not a system.", "")
        assert refuses(GRANT_LIFE, grant, "propose", client, **values) == [said]
        assert services.propose_grant(grant, actor=officer, **values).approved_by == officer


class TestGates:
    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"received_on": None}, ("The day of the application's reception is missing.", "received_on")),
            ({"amount_asked": None}, ("The amount asked is missing.", "amount_asked")),
        ],
    )
    def test_an_application_is_dated_and_asks_for_an_amount(self, officer, change, said):
        grant = grant_in("draft")
        Grant.objects.filter(pk=grant.pk).update(**change)
        grant.refresh_from_db()
        assert refuses(GRANT_LIFE, grant, "submit", officer) == [said]

    def test_it_is_not_received_tomorrow(self, officer):
        with pytest.raises(ValidationError, match="This has not happened yet"):
            services.submit_grant(grant_in("draft"), actor=officer, received_on=date(2015, 6, 2))

    @pytest.mark.parametrize("kind", ["form", "budget"])
    def test_the_file_holds_its_pieces(self, colleague, kind):
        grant = ready("propose", "under-review")
        grant.pieces.filter(kind=kind).delete()
        said = f"A piece of the file is missing: {PieceKind(kind).label}."
        assert refuses(GRANT_LIFE, grant, "propose", colleague) == [(said, "pieces")]

    def test_a_proposal_states_its_opinion_and_amount(self, colleague):
        assert refuses(GRANT_LIFE, grant_in("under-review"), "propose", colleague) == [
            ("The opinion of the review is missing.", "opinion"),
            ("The amount proposed is missing.", "amount_granted"),
        ]

    @pytest.mark.parametrize("amount", ["19999.99", "10000"])
    def test_the_allocations_sum_to_the_amount_to_the_cent(self, colleague, amount):
        grant = ready("propose", "under-review")
        said = f"The allocations sum to {euros(Decimal(20000))}, the amount proposed is {euros(Decimal(amount))}."
        values = {"amount_granted": Decimal(amount)}
        assert refuses(GRANT_LIFE, grant, "propose", colleague, **values) == [(said, "allocations")]

    def test_no_more_than_was_asked(self, colleague):
        grant = grant_in("under-review", amount_asked=19999)
        values = {"amount_granted": Decimal(20000), "opinion": "Fine."}
        said = ("No more is granted than was asked.", "amount_granted")
        assert refuses(GRANT_LIFE, grant, "propose", colleague, **values) == [said]

    @pytest.mark.parametrize("amount", ["0", "-5"])
    def test_nothing_and_less_is_no_grant(self, colleague, amount):
        grant = ready("propose", "under-review")
        grant.amount_granted = Decimal(amount)
        with pytest.raises(ValidationError, match="An amount granted is above 0."):
            grant.save()

    def test_an_envelope_is_of_a_year_of_the_grant(self, colleague):
        said = "The envelope is of another year than the grant."
        with pytest.raises(ValidationError) as refused:
            make.AllocationFactory(envelope=make.EnvelopeFactory(year=2016))
        assert refused.value.message_dict == {"envelope": [said]}
        grant = ready("propose", "under-review")
        Grant.objects.filter(pk=grant.pk).update(year=2014)
        grant.refresh_from_db()
        assert refuses(GRANT_LIFE, grant, "propose", colleague) == [(said, "allocations")]

    def test_the_envelope_has_so_much_left_counting_all_that_the_grant_takes_of_it(self, colleague):
        envelope, water_service, sanitation = water(commitment_authorised=30000)
        grant = grant_in("under-review", (envelope, 20000, water_service), (envelope, 15000, sanitation))
        values = {"amount_granted": Decimal(35000), "opinion": "Fine."}
        said = f"{envelope} has {euros(Decimal(30000))} left to commit; the grant takes {euros(Decimal(35000))}."
        assert refuses(GRANT_LIFE, grant, "propose", colleague, **values) == [(said, "allocations")]

    def test_what_was_left_at_the_proposal_may_be_taken_at_the_vote(self, colleague):
        envelope = make.EnvelopeFactory(commitment_authorised=30000)
        first, second = (grant_in("proposed", (envelope, 20000)) for _ in range(2))
        services.vote_grant(first, actor=colleague, deliberation=make.DeliberationFactory())
        said = f"{envelope} has {euros(Decimal(10000))} left to commit; the grant takes {euros(Decimal(20000))}."
        assert refuses(GRANT_LIFE, second, "vote", colleague, **given("vote")) == [(said, "allocations")]

    def test_the_council_has_voted(self, colleague):
        grant = grant_in("proposed")
        for made, said in (
            (None, "The Council's deliberation is missing."),
            ({"voted_on": None, "voted_on_precision": ""}, "The deliberation has no date of vote."),
            ({"voted_on": date(2015, 6, 2)}, "The Council has not voted yet."),
        ):
            deliberation = None if made is None else make.DeliberationFactory(**made)
            assert refuses(GRANT_LIFE, grant, "vote", colleague, deliberation=deliberation) == [(said, "deliberation")]
        today = make.DeliberationFactory(voted_on=date(2015, 6, 1))
        assert services.vote_grant(grant, actor=colleague, deliberation=today).stage == "voted"

    def test_several_are_voted_at_once_or_none(self, colleague):
        envelope = make.EnvelopeFactory(commitment_authorised=45000)
        found = [grant_in("proposed", (envelope, 20000)) for _ in range(3)]
        deliberation = make.DeliberationFactory()
        with pytest.raises(Refused, match="left to commit"):
            services.vote_grants(found, actor=colleague, deliberation=deliberation)
        assert set(Grant.objects.values_list("stage", flat=True)) == {"proposed"}
        voted = services.vote_grants(found[:2], actor=colleague, deliberation=deliberation)
        assert {(grant.stage, grant.deliberation) for grant in voted} == {("voted", deliberation)}

    def test_an_agreement_is_signed_whole(self, colleague):
        grant = grant_in("voted")
        assert refuses(GRANT_LIFE, grant, "sign", colleague) == [("The grant agreement is not recorded.", "agreement")]
        agreement = make.GrantAgreementFactory(grant=grant, conditions=" ")
        planned = f"The instalments sum to {euros(Decimal(0))}, the grant is of {euros(Decimal(20000))}."
        assert refuses(GRANT_LIFE, grant, "sign", colleague) == [
            ("The grant agreement has no date of signature.", "agreement"),
            ("The grant agreement states no payment terms and conditions of use.", "agreement"),
            (planned, "agreement"),
        ]
        agreement.signed_on = date(2015, 2, 8)
        with pytest.raises(ValidationError, match="It cannot be signed before the Council's vote"):
            agreement.save()

    def test_a_prepared_agreement_is_signed_before_the_payment(self, colleague):
        grant = grant_in("voted")
        make.GrantAgreementFactory(grant=grant)
        said = ("The grant agreement is prepared: record its signature first.", "agreement")
        assert refuses(GRANT_LIFE, grant, "open_payment", colleague) == [said]

    def test_what_is_reported_was_paid_and_received_and_accepted(self, colleague, law):
        grant = grant_in("in-payment")
        late = ("The financial report 2015 has not been received.", "reports")
        assert refuses(GRANT_LIFE, grant, "report", colleague) == [("Nothing has been paid yet.", "payments"), late]
        pay(grant, 1)
        assert refuses(GRANT_LIFE, grant, "report", colleague) == [late]
        lives.received(grant)
        grant = services.report_grant(grant, actor=colleague)
        said = ("The financial report 2015 has not been accepted.", "reports")
        assert refuses(GRANT_LIFE, grant, "close", colleague) == [said]
        lives.accepted(grant)
        assert services.close_grant(grant, actor=colleague).stage == "closed"

    def test_every_gate_is_shown_before_the_verb_is_tried(self, colleague, law):
        grant = grant_in("draft", amount_asked=30000)
        grant.pieces.all().delete()
        shown = {gate.verb: {reason.field for reason in gate.missing} for gate in portfolio.checklist(grant)}
        assert shown == {
            "review": set(),
            "propose": {"pieces", "opinion", "amount_granted"},
            "vote": {"deliberation"},
            "open_payment": {"agreement"},
            "close": set(),
        }


# --- what is frozen ---


class TestFrozen:
    @pytest.mark.parametrize("stage", SETTLED)
    def test_what_was_proposed_stays(self, stage):
        grant = grant_in(stage)
        grant.amount_granted -= 1
        grant.amount_asked += 1
        grant.in_kind_value, grant.year, grant.until_year, grant.beneficiary = 5, 2014, 2016, make.OrganisationFactory()
        with pytest.raises(ValidationError) as refused:
            grant.save()
        fields = ["amount_granted", "amount_asked", "in_kind_value", "year", "until_year", "beneficiary"]
        assert refused.value.message_dict == {name: [STAYS] for name in fields}
        allocation = Grant.objects.get(pk=grant.pk).allocations.get()
        allocation.amount = 1
        with pytest.raises(ValidationError, match="What was proposed to the Council stays"):
            allocation.save()
        with pytest.raises(IntegrityError, match="What was proposed"), transaction.atomic():
            Allocation.objects.filter(pk=allocation.pk)._raw_delete("default")

    def test_its_words_may_still_be_mended(self):
        grant = grant_in("voted")
        grant.title_en = "Mended"
        grant.save()

    def test_back_in_review_it_changes_and_is_proposed_again(self, officer, colleague):
        grant = grant_in("proposed", actor=officer, approver=colleague)
        grant = services.return_grant_to_review(grant, actor=colleague, reason=WHY)
        allocation = grant.allocations.get()
        allocation.amount = 15000
        allocation.save()
        grant = services.propose_grant(grant, actor=colleague, amount_granted=Decimal(15000))
        assert (grant.stage, grant.amount_granted) == ("proposed", 15000)

"""What is decided of partnerships: what the database refuses, what the service does, and what falls due of it."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import override

from core import dates
from core.access import ApiClient
from core.database import refusal
from core.deadlines import due
from core.exceptions import Refused
from core.history import changes
from core.roles import Role
from partnerships import rules, selectors
from partnerships.models import Relation, RenewalDecision
from partnerships.services import decide_renewal
from tests import factories as make
from tests.cooperation.test_constraints import FAR_OFF, copied, written
from tests.events.test_at_once import second_is_refused

pytestmark = pytest.mark.django_db

TODAY, NEXT = date(2015, 6, 1), date(2016, 6, 1)
WHY = "Raison inventée."
DECISION = make.RenewalDecisionFactory


@pytest.fixture(autouse=True)
def _english():
    with override("en"):
        yield


@pytest.fixture
def officer():
    return make.UserFactory(role=Role.OFFICER)


@pytest.fixture
def partner():
    return make.RelationFactory().city


def bound(city, **values):
    return make.AgreementPartyFactory(agreement=make.AgreementFactory(**values), city=city).agreement


def told(refused) -> dict[str, str]:
    return {reason.field: str(reason) for reason in refused.value}


# --- the database ---


def ended_before_it_began():
    """By SQL alone: the copy of an earlier decision, of a city that became a partner after it."""
    decision = DECISION(decided_on=date(2014, 3, 3), until=NEXT)
    make.RelationFactory(city=decision.city, since=date(2015, 1, 1), since_precision="year")
    return copied(decision, verdict="end", until=None, decided_on=date(2014, 5, 4))


BROKEN = [
    ("verdict_known", lambda: copied(DECISION(), verdict="other", decided_on=TODAY)),
    ("dates_plausible", lambda: copied(DECISION(), until=FAR_OFF, decided_on=TODAY)),
    ("until_unless_ended", lambda: copied(DECISION(), until=None, decided_on=TODAY)),
    ("until_unless_ended", lambda: copied(DECISION(), verdict="end", decided_on=TODAY)),
    ("until_after", lambda: copied(DECISION(), until=TODAY, decided_on=TODAY)),
    ("says_why", lambda: copied(DECISION(), reason="", decided_on=TODAY)),
    ("once_a_day", lambda: copied(DECISION())),
    ("end_after_beginning", ended_before_it_began),
    ("append_only", lambda: written(DECISION(), reason="another")),
    ("append_only", lambda: RenewalDecision.objects.filter(pk=DECISION().pk).delete()),
    ("append_only", lambda: RenewalDecision.objects.filter(pk=DECISION().pk).update(version=F("version") + 1)),
]


@pytest.mark.parametrize(("rule", "write"), BROKEN, ids=lambda case: case if isinstance(case, str) else "")
def test_the_database_refuses_by_name_and_with_a_sentence(rule, write):
    with pytest.raises((IntegrityError, ValidationError)) as error, transaction.atomic():
        write()
    cause = error.value if isinstance(error.value, IntegrityError) else error.value.__cause__
    assert cause.__cause__.diag.constraint_name == f"partnerships_renewaldecision_{rule}"
    assert isinstance(refusal(cause), ValidationError)


def test_every_rule_of_the_model_is_broken_here():
    rules = {rule.name for rule in RenewalDecision._meta.constraints} | set(RenewalDecision.refusals)
    assert rules == {f"partnerships_renewaldecision_{rule}" for rule, _write in BROKEN}


def test_a_decision_is_never_changed_or_taken_back():
    decision = DECISION()
    decision.reason = "another"
    with pytest.raises(ValidationError, match="never changed or taken back"):
        decision.save()


# --- the service ---


def test_a_renewal_changes_nothing_but_is_kept_with_its_author(officer, partner):
    decision = decide_renewal(partner, actor=officer, verdict="renew", until=NEXT, reason=f" {WHY} ")
    kept = RenewalDecision.objects.get()
    assert (kept, kept.city, kept.verdict, kept.until, kept.reason) == (decision, partner, "renew", NEXT, WHY)
    assert (kept.decided_on, kept.decided_by) == (TODAY, officer)
    assert Relation.objects.get().until is None


def test_another_system_decides_as_nobody(partner):
    system = ApiClient("id", "Invented system", frozenset({"partnerships:read", "partnerships:write"}))
    assert decide_renewal(partner, actor=system, verdict="pause", until=NEXT, reason=WHY).decided_by is None


def test_an_end_closes_what_makes_the_city_a_partner_and_nothing_else(officer):
    city = make.CityFactory()
    kept = {
        "not a partnership": make.RelationFactory(city=city, kind="memory"),
        "over": make.RelationFactory(city=city, until=date(2010, 1, 1), until_precision="year"),
        "over, nobody knows when": make.RelationFactory(city=city, until_precision="unknown"),
        "of another city": make.RelationFactory(),
        "not begun": make.RelationFactory(city=city, since=date(2015, 7, 1), since_precision="month"),
    }
    ended = [
        make.RelationFactory(city=city),
        make.RelationFactory(city=city, kind="strengthening", since=TODAY, since_precision="day"),
        make.RelationFactory(city=city, until=date(2015, 1, 1), until_precision="year"),
        make.RelationFactory(city=city, until=NEXT, until_precision="day"),
    ]
    before = {row.pk: (row.until, row.until_precision) for row in kept.values()}
    decision = decide_renewal(city, actor=officer, verdict="end", until=None, reason=WHY)
    after = {row.pk: (row.until, row.until_precision) for row in Relation.objects.all()}
    assert {pk: after[pk] for pk in before} == before
    assert [after[row.pk] for row in ended] == [(TODAY, "day")] * 4
    change = changes(ended[0], officer)[0]
    assert (change.action, change.reason, change.verb) == ("update", WHY, "decide_renewal")
    assert decision.until is None


def test_an_end_of_an_earlier_day_closes_on_that_day(officer, partner):
    decide_renewal(partner, actor=officer, verdict="end", until=None, reason=WHY, decided_on=date(2015, 5, 4))
    assert Relation.objects.get().until == date(2015, 5, 4)


@pytest.mark.parametrize("status", ["signed", "in_force"])
def test_no_partnership_ends_while_an_agreement_is_live(officer, partner, status):
    one = bound(partner, **{status: True}, reference="AGR-1", title_en="First")
    other = bound(partner, **{status: True}, kind="twinning", reference="AGR-2", title_en="Second")
    with pytest.raises(Refused) as refused:
        decide_renewal(partner, actor=officer, verdict="end", until=None, reason=WHY)
    sentence = "{} is live: end it, or note that it has expired, before the partnership ends."
    assert [str(reason) for reason in refused.value] == [sentence.format(one), sentence.format(other)]
    assert not RenewalDecision.objects.exists()
    assert Relation.objects.get().until is None


def test_what_does_not_bind_the_city_any_more_does_not_hold_its_end_back(officer, partner):
    bound(partner)
    bound(partner, signed=True, kind="twinning", status="ended", ended_on=date(2015, 5, 4))
    make.AgreementPartyFactory(agreement=bound(make.CityFactory(), signed=True), city=partner, role="beneficiary")
    assert decide_renewal(partner, actor=officer, verdict="end", until=None, reason=WHY).pk


def test_every_reason_is_given_at_once(officer, partner):
    agreement = bound(partner, signed=True)
    make.RenewalDecisionFactory(city=partner)
    with pytest.raises(Refused) as refused:
        decide_renewal(partner, actor=officer, verdict="end", until=NEXT, reason=" ", decided_on=date(2015, 5, 4))
    found = told(refused)
    assert found["until"] == "Say when it is to be looked at again; a partnership that ends has no such day."
    assert found["decided_on"] == "A decision of that day is already recorded."
    assert found["reason"]
    assert str(agreement) in found["verdict"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"verdict": "forget"}, "verdict"),
        ({"verdict": ""}, "verdict"),
        ({"until": None}, "until"),
        ({"until": TODAY}, "until"),
        ({"reason": "  "}, "reason"),
        ({"decided_on": date(2015, 6, 2)}, "decided_on"),
    ],
)
def test_what_is_wrong_in_itself_is_said_beside_its_field(officer, partner, change, field):
    with pytest.raises(ValidationError) as refused:
        decide_renewal(partner, **{"actor": officer, "verdict": "renew", "until": NEXT, "reason": WHY} | change)
    assert field in refused.value.message_dict
    assert not RenewalDecision.objects.exists()


def test_a_partnership_does_not_end_before_it_begins(officer):
    city = make.RelationFactory(since=date(2015, 3, 1), since_precision="month").city
    earlier = {"verdict": "end", "until": None, "reason": WHY, "decided_on": date(2015, 2, 28)}
    with pytest.raises(Refused) as refused:
        decide_renewal(city, actor=officer, **earlier)
    sentence = "A partnership does not end before it begins: what makes the city a partner began after that day."
    assert told(refused) == {"decided_on": sentence}
    assert not RenewalDecision.objects.exists()
    decide_renewal(city, actor=officer, **earlier | {"decided_on": date(2015, 3, 1)})
    assert Relation.objects.get().until == date(2015, 3, 1)


@pytest.mark.parametrize("until", [("", None), ("month", date(2015, 2, 1)), ("day", date(2015, 2, 28))])
def test_one_that_had_begun_ends_and_what_began_later_stays(officer, until):
    known, last = until
    old = make.RelationFactory(since=date(2010, 1, 1), since_precision="year", until=last, until_precision=known)
    new = make.RelationFactory(city=old.city, since=date(2015, 3, 1), since_precision="day", description_fr="Autre")
    decide_renewal(old.city, actor=officer, verdict="end", until=None, reason=WHY, decided_on=date(2015, 2, 28))
    old.refresh_from_db(), new.refresh_from_db()
    assert dates.last_day(old.until, old.until_precision) == date(2015, 2, 28)
    assert (new.until, new.until_precision) == (None, "")


@pytest.mark.parametrize("until", [("unknown", None), ("month", date(2015, 1, 1)), ("day", date(2015, 2, 27))])
def test_one_that_was_over_is_no_reason_to_end_before_the_next_begins(officer, until):
    known, last = until
    old = make.RelationFactory(since=date(2010, 1, 1), since_precision="year", until=last, until_precision=known)
    make.RelationFactory(city=old.city, since=date(2015, 3, 1), since_precision="day", description_fr="Autre")
    with pytest.raises(Refused, match="does not end before it begins"):
        decide_renewal(old.city, actor=officer, verdict="end", until=None, reason=WHY, decided_on=date(2015, 2, 28))


def test_a_partnership_does_not_end_behind_a_later_decision(officer, partner):
    make.RenewalDecisionFactory(city=partner)
    with pytest.raises(Refused) as refused:
        decide_renewal(partner, actor=officer, verdict="end", until=None, reason=WHY, decided_on=date(2015, 5, 3))
    assert told(refused) == {"decided_on": "A later decision rules: a partnership does not end before it."}


@pytest.mark.parametrize("role", [Role.DEPUTY, Role.AUDITOR, Role.SOLIDARITY_OFFICER, Role.PROTECTION_OFFICER])
def test_who_only_reads_decides_nothing(partner, role):
    with pytest.raises(PermissionDenied):
        decide_renewal(partner, actor=make.UserFactory(role=role), verdict="renew", until=NEXT, reason=WHY)


def test_who_may_decide_is_said_by_role():
    assert rules.who_decides_renewals() == ["Administrator", "International-relations officer"]


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_once_the_second_is_refused(officer):
    city = make.RelationFactory().city

    def decide(verdict: str, until: date | None):
        return lambda: decide_renewal(city, actor=officer, verdict=verdict, until=until, reason=WHY)

    second_is_refused(
        decide("renew", NEXT), decide("end", None), refused=ValidationError, match="of that day is already recorded"
    )
    assert RenewalDecision.objects.get().verdict == "renew"
    assert Relation.objects.get().until is None


# --- what rules, and what falls due ---


def test_the_decision_of_the_latest_day_rules(officer, partner):
    make.RenewalDecisionFactory(city=partner, decided_on=date(2015, 1, 5))
    latest = make.RenewalDecisionFactory(city=partner, decided_on=date(2015, 5, 5), verdict="pause")
    make.RenewalDecisionFactory(city=partner, decided_on=date(2015, 3, 5))
    other = make.RenewalDecisionFactory()
    assert set(selectors.ruling_decisions(officer)) == {latest, other}
    assert not selectors.ruling_decisions(make.UserFactory()).exists()


def test_the_day_on_which_it_is_looked_at_again_falls_due(officer, partner):
    make.RenewalDecisionFactory(city=partner, decided_on=date(2015, 1, 5), until=date(2015, 7, 1))
    make.RenewalDecisionFactory(city=partner, until=date(2015, 8, 1))
    make.RenewalDecisionFactory(verdict="end", until=None)
    make.RenewalDecisionFactory(until=NEXT)
    found = due(officer, since=TODAY, until=date(2015, 12, 31))
    said = f"The partnership with {partner} is looked at again"
    assert [(row.due, row.kind, row.what) for row in found] == [(date(2015, 8, 1), "partnership-review", said)]
    assert found[0].link == partner.get_absolute_url()

"""The life of an honour: each verb, each guard by its name and field, what the record keeps, and the legal risk (A17)."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from core.exceptions import LostEdit
from core.history import changes
from core.roles import Role
from solidarity import rules, services
from solidarity.enums import HONOUR_LIFE, HonourStage
from solidarity.models import Honour
from tests import factories as make
from tests.solidarity.honour_lives import COMMISSION, WHY, given, honour_in, honour_officer, spoken, voted_on
from tests.solidarity.lives import assert_database_holds, refuses

pytestmark = pytest.mark.django_db

STEPS = [(step.verb, source) for step in HONOUR_LIFE.transitions for source in step.sources]
DAY = ("The day of the commission is missing.", "examined_on")
FUTURE = ("This has not happened yet: the date is in the future.", "examined_on")
NO_OPINION = ("The opinion of the commission is missing.", "opinion_fr")
NOBODY = ("Nobody is named.", "recipient")
NO_VOTE = ("The Council's deliberation is missing.", "deliberation")
TOO_EARLY = ("The Council votes after the commission.", "deliberation")
NO_DAY = ("The day of the award is missing.", "awarded_on")
BEFORE_VOTE = ("An honour is awarded after the Council's vote.", "awarded_on")


@pytest.fixture
def person(db):
    return honour_officer()


class TestSteps:
    @pytest.mark.parametrize(("verb", "source"), STEPS)
    def test_each_verb_leads_on_from_each_of_its_stages(self, person, verb, source):
        moved = HONOUR_LIFE.perform(honour_in(source), verb, actor=person, **given(verb))
        assert moved.stage == HONOUR_LIFE.transition(verb).target
        last = changes(moved, person)[0]
        assert (last.verb, last.reason) == (verb, given(verb).get("reason", ""))

    @pytest.mark.parametrize("stage", HonourStage.values)
    def test_and_from_no_other_not_even_by_raw_sql(self, person, stage):
        honour = honour_in(stage)
        for step in HONOUR_LIFE.transitions:
            if stage not in step.sources:
                said = f"“{step.label}” is not possible now: the state is “{honour.get_stage_display()}”."
                assert refuses(HONOUR_LIFE, honour, step.verb, person, **given(step.verb)) == [(said, "")]
        assert_database_holds(HONOUR_LIFE, honour, HonourStage.values)

    def test_the_record_keeps_what_each_verb_recorded(self, person):
        honour = honour_in("awarded", actor=person)
        assert (honour.examined_on, honour.opinion_fr) == (COMMISSION, "Avis inventé.")
        assert (honour.awarded_on, honour.awarded_on_precision) == (date(2015, 5, 28), "day")
        assert honour.deliberation.voted_on == date(2015, 5, 18)

    @pytest.mark.parametrize("verb", ["reject", "withdraw"])
    def test_what_stops_says_why(self, person, verb):
        honour = honour_in("nominated")
        assert refuses(HONOUR_LIFE, honour, verb, person, reason="  ") == [("Say why.", "reason")]
        assert HONOUR_LIFE.perform(honour, verb, actor=person, reason=f" {WHY} ").closed_reason == WHY

    @pytest.mark.parametrize("role", [Role.SOLIDARITY_OFFICER, Role.DEPUTY, Role.AUDITOR])
    def test_those_who_only_read_cannot_move_it(self, role):
        reader, honour = make.UserFactory(role=role), honour_in("nominated")
        with pytest.raises(PermissionDenied):
            services.examine_honour(honour, actor=reader, **given("examine"))
        assert HONOUR_LIFE.steps(honour, reader) == []

    def test_a_step_based_on_an_older_version_is_refused(self, person):
        honour = honour_in("nominated")
        Honour.objects.filter(pk=honour.pk).update(why_en="Changed by another")
        with pytest.raises(LostEdit):
            services.examine_honour(honour, actor=person, version=honour.version, **given("examine"))

    def test_references_count_up_within_the_year(self):
        assert [Honour.objects.create(recipient=name).reference for name in "AB"] == ["HON-2015-0001", "HON-2015-0002"]


# --- what stands in the way of each step ---


def nominated(**values):
    return spoken(make.HonourFactory(**values))


# guard, verb, the record, what is said besides, the reasons
GUARDS = [
    ("every_group_has_spoken", "examine", nominated, {"opinion_fr": "Avis."}, [DAY]),
    ("every_group_has_spoken", "examine", nominated, {"examined_on": COMMISSION}, [NO_OPINION]),
    ("every_group_has_spoken", "examine", nominated, {"examined_on": COMMISSION, "opinion_fr": " "}, [NO_OPINION]),
    (
        "every_group_has_spoken",
        "examine",
        nominated,
        {"examined_on": date(2015, 6, 2), "opinion_fr": "Avis."},
        [FUTURE],
    ),
    (
        "somebody_is_nominated",
        "examine",
        lambda: nominated(recipient=" "),
        {"examined_on": COMMISSION, "opinion_fr": "Avis."},
        [NOBODY],
    ),
    ("honour_is_voted", "vote", lambda: honour_in("examined"), {}, [NO_VOTE]),
    (
        "honour_is_voted",
        "vote",
        lambda: honour_in("examined"),
        {"deliberation": lambda: voted_on(None, "")},
        [("The deliberation has no date of vote.", "deliberation")],
    ),
    (
        "honour_is_voted",
        "vote",
        lambda: honour_in("examined"),
        {"deliberation": lambda: voted_on(date(2015, 6, 2))},
        [("The Council has not voted yet.", "deliberation")],
    ),
    (
        "honour_is_voted",
        "vote",
        lambda: honour_in("examined"),
        {"deliberation": lambda: voted_on(date(2015, 5, 10))},
        [TOO_EARLY],
    ),
    ("honour_has_day", "award", lambda: honour_in("voted"), {}, [NO_DAY]),
    ("honour_has_day", "award", lambda: honour_in("voted"), {"awarded_on": date(2015, 5, 17)}, [BEFORE_VOTE]),
    (
        "honour_has_day",
        "award",
        lambda: honour_in("voted"),
        {"awarded_on": date(2015, 4, 1), "awarded_on_precision": "month"},
        [BEFORE_VOTE],
    ),
]


@pytest.mark.parametrize(("guard", "verb", "record", "said", "expected"), GUARDS)
def test_a_guard_gives_its_reasons(person, guard, verb, record, said, expected):
    assert guard in {function.__name__ for function in HONOUR_LIFE.guards[verb]}
    values = {name: value() if callable(value) else value for name, value in said.items()}
    assert refuses(HONOUR_LIFE, record(), verb, person, **values) == expected


def test_every_guard_is_tried():
    assert {guard for guard, *_rest in GUARDS} == {
        function.__name__ for guards in HONOUR_LIFE.guards.values() for function in guards
    }
    assert not HONOUR_LIFE.actor_guards


def test_each_group_that_exists_on_the_day_is_named_until_it_has_spoken(person):
    honour = make.HonourFactory()
    silent = [make.CouncilGroupFactory(name=name, since=since) for name, since in (("A", None), ("B", COMMISSION))]
    make.CouncilGroupFactory(since=date(2015, 5, 12))
    make.CouncilGroupFactory(until=date(2015, 5, 10))
    missing = [(f"The group {group} has not given its opinion.", "opinions") for group in silent]
    assert refuses(HONOUR_LIFE, honour, "examine", person, **given("examine")) == missing
    make.CommissionOpinionFactory(honour=honour, group=silent[0], opinion="unfavourable")
    assert refuses(HONOUR_LIFE, honour, "examine", person, **given("examine")) == missing[1:]
    make.CommissionOpinionFactory(honour=honour, group=silent[1], opinion="abstains")
    assert services.examine_honour(honour, actor=person, **given("examine")).stage == "examined"


def test_a_date_that_is_not_wholly_known_is_taken_as_it_is(person):
    year = services.award_honour(
        honour_in("voted"), actor=person, awarded_on=date(2015, 1, 1), awarded_on_precision="year"
    )
    assert (year.awarded_on, year.awarded_on_precision) == (date(2015, 1, 1), "year")
    assert services.award_honour(honour_in("voted"), actor=person, awarded_on_precision="unknown").awarded_on is None
    voted = services.vote_honour(honour_in("examined"), actor=person, deliberation=voted_on(None, "unknown"))
    assert services.award_honour(voted, actor=person, awarded_on=date(2015, 5, 28)).stage == "awarded"


def test_an_award_in_the_future_is_refused(person):
    honour = honour_in("voted")
    with pytest.raises(ValidationError) as refused:
        services.award_honour(honour, actor=person, awarded_on=date(2015, 6, 2))
    assert refused.value.message_dict == {"awarded_on": ["This has not happened yet: the date is in the future."]}


def test_a_stance_on_foreign_policy_is_warned_of_and_bars_nothing(person):
    """Rule A17: a legal risk, for which a legal opinion is asked, never required."""
    honour = honour_in("examined", foreign_policy=True)
    [warning] = rules.honour_warnings(honour)
    assert (str(warning), warning.field) == (
        "It takes a stance on French foreign policy: record a legal opinion.",
        "legal_opinion",
    )
    assert services.vote_honour(honour, actor=person, **given("vote")).stage == "voted"
    honour.refresh_from_db()
    honour.legal_opinion = "Avis juridique inventé."
    honour.save()
    assert rules.honour_warnings(honour) == []
    assert rules.honour_warnings(make.HonourFactory()) == []

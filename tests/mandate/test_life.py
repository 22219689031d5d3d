"""The life of an objective: where each verb leads, what it asks for, what it writes; and the handover."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from core.access import ApiClient
from core.exceptions import LostEdit, Refused
from core.history import changes
from core.roles import Role
from mandate import services
from mandate.enums import OBJECTIVE_LIFE
from mandate.models import Evidence, Indicator, Objective
from tests import factories as make
from tests.cooperation.lives import assert_database_holds, reasons, refuses
from tests.mandate.lives import STATES, WHY, at, given

pytestmark = pytest.mark.django_db

TODAY = date(2015, 6, 1)
NOTHING = ("Nothing shows it yet: add a piece of evidence.", "evidence")


class TestSteps:
    def test_each_verb_leads_on_from_its_states_and_from_no_other(self, officer):
        refusal = "“%s” is not possible now: the state is “%s”."
        for state in STATES:
            for step in OBJECTIVE_LIFE.transitions:
                objective = at(state)
                if state in step.sources:
                    moved = OBJECTIVE_LIFE.perform(objective, step.verb, actor=officer, **given(step.verb))
                    assert (step.verb, moved.status, moved.judged_on) == (step.verb, step.target, TODAY)
                    assert moved.status_reason == (WHY if step.keeps_reason else "")
                else:
                    said = refuses(OBJECTIVE_LIFE, objective, step.verb, officer, **given(step.verb))
                    assert said == [(refusal % (step.label, objective.get_status_display()), "")]

    @pytest.mark.parametrize("state", STATES)
    def test_the_database_leads_nowhere_else(self, state):
        assert_database_holds(OBJECTIVE_LIFE, at(state), STATES)

    @pytest.mark.parametrize("verb", ["warn", "delay", "drop"])
    def test_bad_news_says_why(self, officer, verb):
        assert refuses(OBJECTIVE_LIFE, at("on-track" if verb != "drop" else "late"), verb, officer, reason=" ") == [
            ("Say why.", "reason")
        ]

    def test_whoever_may_not_change_it_is_kept_out_and_an_old_version_is_refused(self, officer):
        objective = at("not-started")
        for role in (Role.SOLIDARITY_OFFICER, Role.PROTECTION_OFFICER, Role.DEPUTY, Role.AUDITOR, None):
            with pytest.raises(PermissionDenied):
                services.start_objective(objective, actor=make.UserFactory(role=role))
        with pytest.raises(LostEdit):
            services.start_objective(objective, actor=officer, version=objective.version + 1)

    def test_why_it_was_late_stays_in_its_history(self, officer):
        late = services.delay_objective(at("on-track"), actor=officer, reason=WHY)
        back = services.recover_objective(late, actor=officer)
        assert back.status_reason == ""
        assert [change.reason for change in changes(back, officer)][:2] == ["", WHY]

    def test_only_what_was_never_judged_is_deleted(self):
        for state in STATES:
            objective = make.ObjectiveFactory(**STATES[state])
            if state == "not-started":
                objective.delete()
                continue
            with pytest.raises(Refused, match="drop it instead"):
                objective.delete()
        assert Objective.objects.count() == len(STATES) - 1


class TestMeet:
    """What is met is shown: by what the actor sees, or by an indicator that reaches its target."""

    def test_nothing_shows_it(self, officer):
        bare = make.ObjectiveFactory()
        make.IndicatorFactory(objective=bare, by_hand=True)
        make.IndicatorFactory(objective=bare)  # without a target it shows nothing
        assert refuses(OBJECTIVE_LIFE, bare, "meet", officer) == [NOTHING]

    @pytest.mark.parametrize(
        ("direction", "value", "met"),
        [
            ("at-least", "3", True),
            ("at-least", "2.99", False),
            ("at-least", None, False),
            ("at-most", "3", True),
            ("at-most", "3.01", False),
        ],
    )
    def test_an_indicator_shows_it_by_its_last_reading(self, officer, direction, value, met):
        indicator = make.IndicatorFactory(target=3, direction=direction, title_en="Clauses")
        make.IndicatorReadingFactory(
            indicator=indicator, day=date(2015, 5, 31), value=2 if direction == "at-most" else 4
        )
        make.IndicatorReadingFactory(indicator=indicator, day=TODAY, value=value)
        if met:
            assert services.meet_objective(indicator.objective, actor=officer).status == "met"
        else:
            said = refuses(OBJECTIVE_LIFE, indicator.objective, "meet", officer)
            assert said == [NOTHING, ("“Clauses” does not reach its target.", "indicators")]

    def test_evidence_that_the_actor_does_not_see_shows_her_nothing(self, officer):
        objective = make.ObjectiveFactory()
        make.EvidenceFactory(objective=objective)
        system = ApiClient("invented", "Invented", frozenset({"mandate:read", "mandate:write"}))
        assert refuses(OBJECTIVE_LIFE, objective, "meet", system) == [NOTHING]
        assert services.meet_objective(objective, actor=officer).status == "met"

    def test_preconditions_come_first(self, officer):
        objective = at("on-track")
        needed = make.ObjectiveFactory(mandate=objective.mandate, reference="O-7", wording_en="Trips known")
        make.ObjectivePreconditionFactory(objective=objective, words_en="Set-up final")
        make.ObjectivePreconditionFactory(objective=objective, needs=needed, words_fr="", words_en="")
        assert refuses(OBJECTIVE_LIFE, objective, "meet", officer) == [
            ("A precondition is not fulfilled: Set-up final.", "preconditions"),
            ("A precondition is not fulfilled: O-7 — Trips known.", "preconditions"),
        ]
        objective.preconditions.filter(needs=None).update(fulfilled_on=TODAY)
        make.EvidenceFactory(objective=needed)
        services.meet_objective(needed, actor=officer)
        assert services.meet_objective(objective, actor=officer).status == "met"

    def test_what_alone_shows_it_stays_until_it_is_open_again(self, officer):
        objective = at("met")
        with pytest.raises(Refused, match="something must go on showing it"):
            objective.evidence.get().delete()
        with pytest.raises(IntegrityError), transaction.atomic():
            objective.evidence.all().delete()
        other = make.EvidenceFactory(objective=objective)
        other.delete()
        services.reopen_objective(objective, actor=officer, reason=WHY)
        objective.evidence.get().delete()
        assert not Evidence.objects.exists()

    def test_an_indicator_that_alone_shows_it_stays(self, officer):
        reading = make.IndicatorReadingFactory(indicator__target=3, value=3)
        services.meet_objective(reading.indicator.objective, actor=officer)
        with pytest.raises(Refused, match="something must go on showing it"):
            reading.indicator.delete()
        assert Indicator.objects.get().readings.get() == reading


class TestHandover:
    def hand_over(self, mandate, officer, **values):
        return services.hand_over(
            mandate, actor=officer, slug="next", title_fr="Suivante", ends_on=date(2026, 3, 29), **values
        )

    def test_the_next_mandate_takes_over_what_is_chosen_and_the_old_one_stays(self, officer):
        mandate = make.MandateFactory()
        late = at("late", mandate=mandate, owner=officer, due_on=date(2021, 1, 1), due_on_precision="year")
        make.ObjectiveAssociateFactory(objective=late)
        make.IndicatorFactory(objective=late, target=3, baseline=1, since=date(2015, 1, 1))
        past = at("on-track", mandate=mandate, due_on=TODAY, due_on_precision="day", due_words_fr="bientôt")
        left = at("on-track", mandate=mandate)
        before = list(Objective.objects.filter(mandate=mandate).order_by("pk").values())
        new = self.hand_over(mandate, officer, objectives=[past, late])
        assert (new.city, new.previous, new.starts_on) == (mandate.city, mandate, mandate.ends_on)
        carried = {row.continues: row for row in new.objectives.all()}
        assert carried.keys() == {late, past}
        assert not hasattr(left, "continued_by")
        assert {row.status for row in carried.values()} == {"not-started"}
        assert (carried[late].reference, carried[late].owner, carried[late].due_on) == (
            late.reference,
            officer,
            date(2021, 1, 1),
        )
        assert (carried[past].due_on, carried[past].due_words_fr) == (None, "bientôt")
        assert carried[late].associates.get().person == late.associates.get().person
        indicator = carried[late].indicators.get()
        assert (indicator.target, indicator.baseline, indicator.since) == (3, None, None)
        assert not Evidence.objects.filter(objective__mandate=new).exists()
        assert list(Objective.objects.filter(mandate=mandate).order_by("pk").values()) == before

    def test_it_is_refused_twice_and_for_what_is_over_or_of_another_mandate(self, officer):
        mandate = make.MandateFactory()
        met = at("met", mandate=mandate, reference="O-1")
        other = at("late", reference="O-2")
        with pytest.raises(Refused) as refused:
            self.hand_over(mandate, officer, objectives=[met, other])
        assert sorted(reasons(refused)) == [
            ("O-1 is met or dropped: nothing is carried over.", "objectives"),
            ("O-2 is of another mandate.", "objectives"),
        ]
        self.hand_over(mandate, officer)
        with pytest.raises(Refused, match="has been handed over already"):
            self.hand_over(mandate, officer)

    def test_nobody_else_hands_over(self, deputy):
        with pytest.raises(PermissionDenied):
            self.hand_over(make.MandateFactory(), deputy)

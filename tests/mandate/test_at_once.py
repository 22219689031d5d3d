"""Several at once, each in a transaction of its own: the rules hold for what they come to together."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils.translation import override

from core.access import Parvis
from core.exceptions import Refused
from mandate import services
from mandate.models import Evidence, IndicatorReading, Mandate, MilestoneDecision, Objective, ObjectivePrecondition
from tests import factories as make
from tests.cooperation.test_constraints import written
from tests.events.test_at_once import second_is_refused
from tests.mandate.broken_rules import divided

pytestmark = pytest.mark.django_db(transaction=True)

NOT_WHOLE = "The weights of the parts of an objective sum to 100."


def alone(act):
    """What a thread does on a connection of its own, in English."""

    def run(*given):
        try:
            with override("en"):
                return act(*given)
        finally:
            connection.close()

    return run


def test_of_many_who_divide_one_objective_one_gets_through():
    """Each brings a part that weighs the whole, and sees no other."""
    whole = make.ObjectiveFactory()

    @alone
    def divide(number: int) -> str:
        part = Objective(
            mandate_id=whole.mandate_id,
            reference=f"P-{number}",
            horizon="mid-term",
            wording_fr="Partie inventée",
            parent_id=whole.pk,
            weight=100,
        )
        try:
            part.save()
        except ValidationError as refused:
            return refused.messages[0]
        return ""

    with ThreadPoolExecutor(8) as pool:
        told = sorted(pool.map(divide, range(8)))
    assert told == ["", *[NOT_WHOLE] * 7]
    assert whole.parts.get().weight == 100


def test_a_part_is_not_made_lighter_for_another_while_it_is_taken_away():
    with transaction.atomic():
        whole, [first, _second] = divided(60, 40)
        third = make.ObjectiveFactory(mandate=whole.mandate)

    @transaction.atomic
    def share():
        written(first, weight=50)
        written(third, parent=whole, weight=10)

    second_is_refused(whole.parts.all().delete, share, refused=IntegrityError, match="sum to 100")
    assert not whole.parts.exists()


def test_two_objectives_do_not_become_parts_of_each_other():
    one = make.ObjectiveFactory()
    other = make.ObjectiveFactory(mandate=one.mandate)
    second_is_refused(
        partial(written, one, parent=other, weight=100),
        partial(written, other, parent=one, weight=100),
        refused=IntegrityError,
        match="a part of its own parts",
    )
    assert other.parts.get() == one


def test_two_preconditions_do_not_close_a_circle_together():
    one = make.ObjectiveFactory()
    other = make.ObjectiveFactory(mandate=one.mandate)
    there = ObjectivePrecondition(objective=one, needs=other)
    back = ObjectivePrecondition(objective=other, needs=one)
    second_is_refused(there.save, back.save, refused=ValidationError, match="cannot wait for each other")
    assert ObjectivePrecondition.objects.get() == there


class TestShown:
    def test_the_last_two_pieces_of_evidence_are_not_both_taken_away(self):
        with transaction.atomic():
            objective = make.ObjectiveFactory(met=True)
            one, other = objective.evidence.get(), make.EvidenceFactory(objective=objective)
        second_is_refused(one.delete, other.delete, refused=Refused, match="must go on showing it")
        assert objective.evidence.get() == other

    def test_nothing_is_met_by_evidence_that_is_being_taken_away(self):
        row = make.EvidenceFactory()
        meet = partial(services.meet_objective, row.objective, actor=Parvis())
        second_is_refused(row.delete, meet, refused=Refused, match="Nothing shows it yet")
        assert Objective.objects.get().status == "not-started"

    def test_evidence_is_not_taken_away_while_the_objective_is_met_by_it(self):
        row = make.EvidenceFactory()
        meet = partial(services.meet_objective, row.objective, actor=Parvis())
        second_is_refused(meet, Evidence.objects.get().delete, refused=Refused, match="must go on showing it")
        assert Evidence.objects.get() == row


def test_a_mandate_does_not_end_before_what_is_decided_meanwhile():
    mandate = make.MandateFactory()
    decision = make.MilestoneDecisionFactory.build(mandate=mandate, falls_on=date(2020, 7, 1))
    shortened = Mandate.objects.get()
    shortened.ends_on = date(2020, 6, 30)
    second_is_refused(decision.save, shortened.save, refused=ValidationError, match="would fall outside the mandate")
    assert Mandate.objects.get().ends_on == date(2020, 7, 3)


def test_nothing_is_decided_for_a_day_that_the_mandate_is_losing():
    mandate = make.MandateFactory()
    decision = make.MilestoneDecisionFactory.build(mandate=mandate, falls_on=date(2020, 7, 1))
    shorten = partial(written, mandate, ends_on=date(2020, 6, 30))
    second_is_refused(shorten, decision.save, refused=ValidationError, match="A milestone falls within its mandate")
    assert not MilestoneDecision.objects.exists()


def test_a_mandate_is_handed_over_once():
    mandate = make.MandateFactory()
    hand_over = partial(services.hand_over, mandate, actor=Parvis(), title_fr="Suivante", ends_on=date(2026, 3, 29))
    second_is_refused(
        partial(hand_over, slug="one"), partial(hand_over, slug="other"), refused=Refused, match="handed over already"
    )
    assert mandate.successor.slug == "one"


def test_two_runs_at_once_read_each_indicator_once():
    objective = make.ObjectiveFactory()
    areas = make.AreaFactory.create_batch(5)
    for area in areas:
        make.IndicatorFactory(objective=objective, measure="trips-to-area", parameter=area.slug)

    @alone
    def read(_number: int) -> int:
        return services.take_readings(actor=Parvis())

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(read, range(8))) == [5] * 8
    assert set(IndicatorReading.objects.values_list("indicator__parameter", "value")) == {(a.slug, 0) for a in areas}

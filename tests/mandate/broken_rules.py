"""The writes that break the rules which only a trigger holds; test_constraints.py asks what each is refused by."""

from datetime import date

from django.db import connection

from mandate.models import Evidence, Objective
from tests import factories as make
from tests.cooperation.test_constraints import Case, copied, written

APP = "mandate_"
WRITES: list[Case] = []


def case(rule: str):
    """Registers a function as the write that breaks the rule."""

    def register(write):
        WRITES.append((APP + rule, write))
        return write

    return register


def at_the_end() -> None:
    """What the database asks at the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def divided(*weights: int):
    """An objective, and its parts with these weights."""
    whole = make.ObjectiveFactory()
    Objective.objects.bulk_create(
        make.ObjectiveFactory.build(mandate=whole.mandate, parent=whole, weight=weight) for weight in weights
    )
    return whole, list(whole.parts.order_by("pk"))


# --- mandates ---


def _two_in_a_row():
    first = make.MandateFactory()
    return first, make.MandateFactory(
        city=first.city, starts_on=first.ends_on, ends_on=date(2026, 7, 3), previous=first
    )


@case("mandate_follows")
def _of_another_city():
    written(make.MandateFactory(starts_on=date(2020, 7, 3), ends_on=date(2026, 7, 3)), previous=make.MandateFactory())


@case("mandate_follows")
def _of_itself():
    mandate = make.MandateFactory()
    written(mandate, previous=mandate)


@case("mandate_follows")
def _the_one_after():
    first, second = _two_in_a_row()
    written(second, previous=None)
    written(first, previous=second)


@case("mandate_follows")
def _inserted_before():
    first = make.MandateFactory()
    copied(
        make.MandateFactory.build(city=first.city, starts_on=date(2008, 3, 21), ends_on=first.starts_on, previous=first)
    )


@case("mandate_follows")
def _begins_before_the_handover():
    _first, second = _two_in_a_row()
    written(second, starts_on=date(2020, 7, 2))


@case("mandate_follows")
def _ends_after_the_next_began():
    first, _second = _two_in_a_row()
    written(first, ends_on=date(2020, 7, 4))


@case("mandate_follows")
def _moves_to_another_city():
    first, _second = _two_in_a_row()
    written(first, city=make.CityFactory())


@case("mandate_previous_stays")
def _forgets_where_objectives_come_from():
    first, second = _two_in_a_row()
    make.ObjectiveFactory(mandate=second, continues=make.ObjectiveFactory(mandate=first))
    written(second, previous=None)


@case("mandate_decisions_within")
def _ends_before_what_was_decided():
    written(make.MilestoneDecisionFactory().mandate, ends_on=date(2017, 5, 31))


@case("mandate_decisions_within")
def _starts_after_what_was_decided():
    written(
        make.MilestoneDecisionFactory(which="day-100", falls_on=date(2014, 7, 1)).mandate, starts_on=date(2014, 7, 2)
    )


# --- objectives ---


@case("objective_parent_of_mandate")
def _part_of_another_mandate():
    written(make.ObjectiveFactory(), parent=make.ObjectiveFactory(), weight=100)


@case("objective_no_circle")
def _part_of_its_part():
    whole, [part] = divided(100)
    written(whole, parent=part, weight=100)


@case("objective_no_circle")
def _part_of_the_part_of_its_part():
    whole, [part] = divided(100)
    written(make.ObjectiveFactory(mandate=whole.mandate), parent=part, weight=100)
    written(whole, parent=part.parts.get(), weight=100)


@case("objective_weights_whole")
def _too_little():
    divided(60, 39)
    at_the_end()


@case("objective_weights_whole")
def _too_much():
    divided(60, 41)
    at_the_end()


@case("objective_weights_whole")
def _one_weighs_more():
    _whole, [first, _second] = divided(60, 40)
    written(first, weight=61)
    at_the_end()


@case("objective_weights_whole")
def _one_is_taken_away():
    _whole, [first, _second] = divided(60, 40)
    Objective.objects.filter(pk=first.pk)._raw_delete("default")
    at_the_end()


@case("objective_weights_whole")
def _one_leaves():
    _whole, [first, _second] = divided(60, 40)
    written(first, parent=None, weight=None)
    at_the_end()


@case("objective_weights_whole")
def _one_moves_to_another_whole():
    whole, [first, _second] = divided(60, 40)
    written(first, parent=make.ObjectiveFactory(mandate=whole.mandate), weight=100)
    at_the_end()


@case("objective_continues_previous")
def _continues_its_own_mandate():
    objective = make.ObjectiveFactory()
    written(make.ObjectiveFactory(mandate=objective.mandate), continues=objective)


@case("objective_continues_previous")
def _continues_another_city_s():
    written(make.ObjectiveFactory(), continues=make.ObjectiveFactory())


@case("objective_met_is_shown")
def _met_by_sql():
    written(make.ObjectiveFactory(), status="met", judged_on=date(2015, 5, 4))
    at_the_end()


@case("objective_met_is_shown")
def _met_when_it_is_entered():
    copied(make.ObjectiveFactory(), reference="X", status="met", judged_on=date(2015, 5, 4))
    at_the_end()


for _target, _value, _direction in (
    (3, "2.99", "at-least"),
    (3, "3.01", "at-most"),
    (3, None, "at-least"),
    (None, 3, "at-least"),
):

    @case("objective_met_is_shown")
    def _met_below_its_target(target=_target, value=_value, direction=_direction):
        reading = make.IndicatorReadingFactory(indicator__target=target, indicator__direction=direction, value=value)
        written(reading.indicator.objective, status="met", judged_on=date(2015, 5, 4))
        at_the_end()


@case("objective_met_is_shown")
def _met_by_an_older_reading():
    reading = make.IndicatorReadingFactory(indicator__target=3, value=3, day=date(2015, 5, 31))
    make.IndicatorReadingFactory(indicator=reading.indicator, value=2)
    written(reading.indicator.objective, status="met", judged_on=date(2015, 5, 4))
    at_the_end()


# --- preconditions ---


def needs(objective, needed):
    return make.ObjectivePreconditionFactory.build(objective=objective, needs=needed, words_fr="", words_en="")


@case("objectiveprecondition_of_mandate")
def _needs_another_mandate_s():
    copied(needs(make.ObjectiveFactory(), make.ObjectiveFactory()))


@case("objectiveprecondition_no_circle")
def _each_waits_for_the_other():
    one = make.ObjectiveFactory()
    other = make.ObjectiveFactory(mandate=one.mandate)
    copied(needs(one, other))
    copied(needs(other, one))


@case("objectiveprecondition_no_circle")
def _the_long_way():
    first = make.ObjectiveFactory()
    second, third = (make.ObjectiveFactory(mandate=first.mandate) for _ in range(2))
    copied(needs(first, second))
    copied(needs(second, third))
    copied(needs(third, first))


@case("objectiveprecondition_no_circle")
def _closed_by_another_beginning():
    one = make.ObjectiveFactory()
    other, third = (make.ObjectiveFactory(mandate=one.mandate) for _ in range(2))
    copied(needs(one, other))
    row = needs(third, one)
    copied(row)
    written(row, objective=other)


# --- what shows that an objective is met ---


def met():
    return make.ObjectiveFactory(met=True)


@case("evidence_met_stays_shown")
def _only_evidence_taken_away():
    met().evidence.all()._raw_delete("default")


@case("evidence_met_stays_shown")
def _all_taken_away_at_once():
    objective = met()
    make.EvidenceFactory.create_batch(2, objective=objective)
    Evidence.objects.filter(objective=objective)._raw_delete("default")


@case("evidence_met_stays_shown")
def _only_evidence_moved_away():
    written(met().evidence.get(), objective=make.ObjectiveFactory())


@case("evidence_met_stays_shown")
def _indicator_does_not_reach_its_target():
    objective = met()
    make.IndicatorReadingFactory(indicator__objective=objective, indicator__target=3, value=2)
    objective.evidence.all()._raw_delete("default")


def met_by_indicator():
    """A met objective that an indicator alone shows."""
    objective = met()
    reading = make.IndicatorReadingFactory(indicator__objective=objective, indicator__target=3, value=3)
    objective.evidence.all()._raw_delete("default")
    return reading.indicator


@case("indicator_met_stays_shown")
def _only_indicator_taken_away():
    """With its readings, as a form does."""
    indicator = met_by_indicator()
    type(indicator).objects.filter(pk=indicator.pk).delete()


@case("indicator_met_stays_shown")
def _only_indicator_moved_away():
    written(met_by_indicator(), objective=make.ObjectiveFactory())


for _name, _changed in (("target", "3.01"), ("target", None), ("direction", "at-most")):

    @case("indicator_met_stays_shown")
    def _target_changed(name=_name, changed=_changed):
        indicator = met_by_indicator()
        indicator.readings.update(value="3.00" if name == "target" else "4.00")
        written(indicator, **{name: changed})

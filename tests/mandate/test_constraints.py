"""What the database refuses of mandates whoever writes: each named rule broken once, by a write that asks no model."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F

from core.database import refusal, sentences
from mandate.models import Mandate
from tests import factories as make
from tests.cooperation.test_constraints import FAR_OFF, LONG_AGO, Case, copied, written
from tests.mandate.broken_reports import REPORTS
from tests.mandate.broken_rules import WRITES

pytestmark = pytest.mark.django_db

APP = "mandate_"
MANDATE, DECISION, OBJECTIVE = make.MandateFactory, make.MilestoneDecisionFactory, make.ObjectiveFactory
NEEDS, STEP, INDICATOR = make.ObjectivePreconditionFactory, make.MilestoneFactory, make.IndicatorFactory
DAY = date(2015, 3, 2)


def update(rule: str, factory, change: dict, **made) -> Case:
    """`change` is written over a record; what stands there as a function is called first."""
    return APP + rule, lambda: written(factory(**made), **{k: v() if callable(v) else v for k, v in change.items()})


def insert(rule: str, factory, change: dict | None = None, **made) -> Case:
    return APP + rule, lambda: copied(factory(**made), **change or {})


def dated(prefix: str, factory, name: str) -> list[Case]:
    """The two rules of a date with precision."""
    return [
        update(f"{prefix}_{name}_has_precision", factory, {name: DAY, f"{name}_precision": ""}),
        update(f"{prefix}_{name}_starts_its_period", factory, {name: DAY, f"{name}_precision": "month"}),
    ]


PLAIN = [
    *(update("mandate_starts_before_end", MANDATE, {"ends_on": day}) for day in (date(2014, 4, 5), date(2014, 4, 4))),
    update("mandate_dates_plausible", MANDATE, {"starts_on": LONG_AGO}),
    update("mandate_dates_plausible", MANDATE, {"ends_on": FAR_OFF}),
    *(
        insert("mandate_no_overlap", MANDATE, {"slug": "other", "starts_on": first, "ends_on": last})
        for first, last in (
            (date(2020, 7, 2), date(2026, 7, 3)),
            (date(2008, 4, 5), date(2014, 4, 6)),
            (date(2015, 1, 1), date(2015, 1, 2)),
            (date(2014, 4, 5), date(2020, 7, 3)),
        )
    ),
    insert("milestonedecision_which_known", DECISION, {"which": "else"}),
    insert("milestonedecision_dates_plausible", DECISION, {"decided_on": FAR_OFF}),
    insert("milestonedecision_says_why", DECISION, {"reason": ""}),
    update("milestonedecision_append_only", DECISION, {"reason": "another"}),
    (APP + "milestonedecision_append_only", lambda: type(d := DECISION()).objects.filter(pk=d.pk).delete()),
    *(insert("milestonedecision_within", DECISION, {"falls_on": day}) for day in (date(2014, 4, 4), date(2020, 7, 4))),
    update("objective_reference_form", OBJECTIVE, {"reference": "o 1"}),
    insert("objective_reference_once", OBJECTIVE),
    update("objective_kind_known", OBJECTIVE, {"kind": "else"}),
    update("objective_horizon_known", OBJECTIVE, {"horizon": "else"}),
    insert("objective_status_known", OBJECTIVE, {"reference": "X", "status": "else", "judged_on": DAY}),
    update("objective_letter_sets_horizon", OBJECTIVE, {"horizon": ""}),
    update("objective_not_in_itself", OBJECTIVE, {"parent": F("pk"), "weight": 100}),
    update("objective_weight_of_part", OBJECTIVE, {"weight": 100}),
    *(
        (
            APP + "objective_weight_of_part",
            lambda weight=weight: written(OBJECTIVE(), parent=OBJECTIVE(), weight=weight),
        )
        for weight in (None, 0, 101)
    ),
    *dated("objective", OBJECTIVE, "due_on"),
    update("objective_dates_plausible", OBJECTIVE, {"due_on": FAR_OFF, "due_on_precision": "day"}),
    update("objective_dates_plausible", OBJECTIVE, {"judged_on": LONG_AGO}, on_track=True),
    update("objective_judged_has_date", OBJECTIVE, {"judged_on": DAY}),
    update("objective_judged_has_date", OBJECTIVE, {"judged_on": None}, on_track=True),
    update("objective_status_says_why", OBJECTIVE, {"status_reason": "invented"}),
    *(
        update("objective_status_says_why", OBJECTIVE, {"status_reason": ""}, **{trait: True})
        for trait in ("at_risk", "late", "dropped")
    ),
    *(
        update("objective_status_says_why", OBJECTIVE, {"status_reason": "invented"}, **{trait: True})
        for trait in ("on_track", "met")
    ),
    update("objective_mandate_stays", OBJECTIVE, {"mandate": MANDATE}),
    *(
        (APP + "objective_only_unstarted_deleted", lambda trait=trait: _deleted(OBJECTIVE(**{trait: True})))
        for trait in ("on_track", "at_risk", "late", "dropped")
    ),
    update("objectiveassociate_one_body", make.ObjectiveAssociateFactory, {"person": None}),
    update(
        "objectiveassociate_one_body",
        make.ObjectiveAssociateFactory,
        {"organisation": lambda: make.OrganisationFactory(kind="directorate")},
    ),
    insert("objectiveassociate_once", make.ObjectiveAssociateFactory),
    update(
        "objectiveassociate_directorate",
        make.ObjectiveAssociateFactory,
        {"person": None, "organisation": make.OrganisationFactory},
    ),
    update("objectiveprecondition_one_kind", NEEDS, {"words_fr": "", "words_en": ""}),
    update("objectiveprecondition_one_kind", NEEDS, {"needs": OBJECTIVE}),
    update("objectiveprecondition_not_itself", NEEDS, {"needs": F("objective"), "words_fr": "", "words_en": ""}),
    update(
        "objectiveprecondition_day_of_words",
        NEEDS,
        {"needs": OBJECTIVE, "words_fr": "", "words_en": "", "fulfilled_on": DAY},
    ),
    update("objectiveprecondition_dates_plausible", NEEDS, {"fulfilled_on": FAR_OFF}),
    insert("objectiveprecondition_once", NEEDS),
    *dated("milestone", STEP, "due_on"),
    update("milestone_dates_plausible", STEP, {"reached_on": LONG_AGO}),
    insert("milestone_once", STEP),
    update("evidence_one_record", make.EvidenceFactory, {"mission": None}),
    *(
        update("evidence_one_record", make.EvidenceFactory, {name: factory})
        for name, factory in (
            ("delegation", make.DelegationFactory),
            ("event", make.EventFactory),
            ("agreement", make.AgreementFactory),
            ("project", make.ProjectFactory),
            ("grant", make.GrantFactory),
            ("membership", make.MembershipFactory),
            ("document", make.DocumentFactory),
        )
    ),
    insert("evidence_once", make.EvidenceFactory),
    update("evidence_dates_plausible", make.EvidenceFactory, {"added_on": FAR_OFF}),
    update("indicator_measured_or_judged", INDICATOR, {"measure": ""}),
    update("indicator_measured_or_judged", INDICATOR, {"judged_words_fr": "Jugé."}),
    update("indicator_measured_or_judged", INDICATOR, {"judged_words_en": "Judged."}),
    update("indicator_parameter_of_measure", INDICATOR, {"parameter": "europe"}, by_hand=True),
    update("indicator_direction_known", INDICATOR, {"direction": "else"}),
    insert("indicator_once", INDICATOR),
    insert("indicator_once", INDICATOR, by_hand=True),
    update("indicator_since_by_until", INDICATOR, {"since": date(2015, 3, 3), "until": DAY}),
    update("indicator_dates_plausible", INDICATOR, {"until": FAR_OFF}),
    insert("indicatorreading_once_a_day", make.IndicatorReadingFactory),
    update("indicatorreading_dates_plausible", make.IndicatorReadingFactory, {"day": FAR_OFF}),
]


def _deleted(row) -> None:
    type(row).objects.filter(pk=row.pk)._raw_delete("default")


CASES = [*PLAIN, *WRITES, *REPORTS]


@pytest.mark.parametrize(("rule", "write"), CASES, ids=[rule.removeprefix(APP) for rule, _ in CASES])
def test_the_database_refuses_by_name_and_with_a_sentence(rule, write):
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        write()
    assert refused.value.__cause__.diag.constraint_name == rule
    said = refusal(refused.value)
    assert isinstance(said, ValidationError)
    assert said.messages == [str(sentences()[rule])]


def test_no_rule_is_left_without_a_case():
    assert {rule for rule in sentences() if rule.startswith(APP)} == {rule for rule, _ in CASES}


class TestBounds:
    """Each bound is reached, not only never crossed."""

    def test_a_mandate_begins_on_the_day_that_another_ends_and_in_another_city_at_any_time(self):
        first = MANDATE()
        MANDATE(city=first.city, starts_on=first.ends_on, ends_on=date(2026, 7, 3), previous=first)
        MANDATE(city=first.city, starts_on=date(2008, 3, 21), ends_on=first.starts_on)
        MANDATE(starts_on=first.starts_on, ends_on=first.ends_on)
        assert Mandate.objects.count() == 4

    def test_a_milestone_falls_on_the_first_or_the_last_day(self):
        mandate = MANDATE()
        for day in (mandate.starts_on, mandate.ends_on):
            DECISION(mandate=mandate, falls_on=day)
        assert mandate.decisions.count() == 2

    def test_one_part_weighs_the_whole(self):
        part = OBJECTIVE()
        written(OBJECTIVE(mandate=part.mandate), parent=part, weight=100)
        assert part.parts.get().weight == 100

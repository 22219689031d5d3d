"""What the database refuses of cooperation whoever writes: each named rule broken once, by a write that asks no model."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F

from cooperation.enums import MARKERS
from cooperation.models import Balance
from core.database import refusal, sentences
from tests import factories as make

pytestmark = pytest.mark.django_db

APP = "cooperation_"
LONG_AGO = date(1899, 12, 31)
FAR_OFF = date(2201, 1, 1)
Case = tuple[str, Callable[[], object]]


def written(row, **change):
    """UPDATE in bulk: neither clean() nor save() is asked."""
    type(row).objects.filter(pk=row.pk).update(**change)


def copied(row, **change):
    """INSERT in bulk of the same row with other values."""
    row.pk, row._state.adding = None, True
    for name, value in change.items():
        setattr(row, name, value)
    type(row).objects.bulk_create([row])


def update(rule: str, factory, change: dict, **made) -> Case:
    return APP + rule, lambda: written(factory(**made), **change)


def insert(rule: str, factory, change: dict | None = None, **made) -> Case:
    return APP + rule, lambda: copied(factory(**made), **change or {})


def dated(prefix: str, factory, name: str, **made) -> list[Case]:
    """The two rules of a date with precision."""
    return [
        update(f"{prefix}_{name}_has_precision", factory, {name: date(2015, 3, 2), f"{name}_precision": ""}, **made),
        update(
            f"{prefix}_{name}_starts_its_period",
            factory,
            {name: date(2015, 3, 2), f"{name}_precision": "month"},
            **made,
        ),
    ]


def lasting(prefix: str, factory) -> list[Case]:
    """The rules of what holds for a time."""
    backwards = {"since": date(2015, 3, 2), "until": date(2015, 3, 1)}
    exact = {"since_precision": "day", "until_precision": "day"}
    return [
        *dated(prefix, factory, "since"),
        *dated(prefix, factory, "until"),
        update(f"{prefix}_since_by_until", factory, backwards | exact),
        update(f"{prefix}_dates_plausible", factory, {"since": LONG_AGO, "since_precision": "day"}),
    ]


def amounts(prefix: str, factory, *names: str, **made) -> list[Case]:
    return [update(f"{prefix}_{name}_not_negative", factory, {name: -1}, **made) for name in names]


def known(prefix: str, factory, *names: str, **made) -> list[Case]:
    return [update(f"{prefix}_{name}_known", factory, {name: "else"}, **made) for name in names]


COMPLETED = {
    "under_way": True,
    "stage": "completed",
    "actual_end": date(2015, 5, 4),
    "actual_end_precision": "day",
}
PROJECT = [
    update("project_reference_form", make.ProjectFactory, {"reference": "prj 1"}),
    insert("project_stage_known", make.ProjectFactory, {"reference": "PRJ-X", "stage": "else"}),
    update("project_modes_known", make.ProjectFactory, {"modes": ["else"]}),
    *dated("project", make.ProjectFactory, "planned_start"),
    *dated("project", make.ProjectFactory, "planned_end"),
    *dated("project", make.ProjectFactory, "actual_start", **COMPLETED)[1:],
    *dated("project", make.ProjectFactory, "actual_end", **COMPLETED)[1:],
    update("project_actual_start_has_precision", make.ProjectFactory, {"actual_start": date(2015, 3, 2)}),
    update("project_actual_end_has_precision", make.ProjectFactory, {"actual_end": date(2015, 3, 2)}),
    *(update(f"project_{name}_score", make.ProjectFactory, {name: 3}) for name in MARKERS),
    update("project_dates_plausible", make.ProjectFactory, {"planned_end": FAR_OFF, "planned_end_precision": "day"}),
    update(
        "project_planned_start_by_planned_end",
        make.ProjectFactory,
        {"planned_end": date(2015, 3, 1), "planned_end_precision": "day"},
        planned_start=date(2015, 3, 2),
        planned_start_precision="day",
    ),
    update("project_actual_start_by_actual_end", make.ProjectFactory, {"actual_end": date(2015, 3, 1)}, **COMPLETED),
    update(
        "project_begun_has_start",
        make.ProjectFactory,
        {"actual_start": None, "actual_start_precision": ""},
        under_way=True,
    ),
    update("project_not_begun_without_start", make.ProjectFactory, {"actual_start_precision": "unknown"}),
    update("project_only_completed_has_end", make.ProjectFactory, {"actual_end_precision": "unknown"}),
    update(
        "project_only_completed_has_end",
        make.ProjectFactory,
        {"actual_end": None, "actual_end_precision": ""},
        **COMPLETED,
    ),
    update("project_adopted_has_deliberation", make.ProjectFactory, {"deliberation": None}, adopted=True),
    update("project_stopped_says_why", make.ProjectFactory, {"stopped_reason": "invented"}),
    update(
        "project_stopped_says_why",
        make.ProjectFactory,
        {"stopped_reason": ""},
        stage="abandoned",
        stopped_reason="invented",
    ),
    update("project_not_in_itself", make.ProjectFactory, {"parent": F("pk")}),
    update("project_purposes_whole", make.ProjectFactory, {"purposes": {"99999": "100"}}),
    update("project_sdg_form", make.ProjectFactory, {"sdg_targets": ["6.1", "18"]}),
    (
        APP + "project_one_level",
        lambda: written(make.ProjectFactory(parent=make.ProjectFactory()).parent, parent=make.ProjectFactory()),
    ),
    (
        APP + "project_one_level",
        lambda: written(make.ProjectFactory(), parent=make.ProjectFactory(parent=make.ProjectFactory())),
    ),
    (APP + "project_money_on_parts", lambda: written(make.ProjectFactory(), parent=make.FundingLineFactory().project)),
    (
        APP + "project_only_ideas_deleted",
        lambda: type(p := make.ProjectFactory(adopted=True)).objects.filter(pk=p.pk).delete(),
    ),
]

PARTS = [
    *lasting("projectcity", make.ProjectCityFactory),
    *known("projectcity", make.ProjectCityFactory, "role"),
    insert("projectcity_once", make.ProjectCityFactory),
    *known("projectorganisation", make.ProjectOrganisationFactory, "role"),
    insert("projectorganisation_once", make.ProjectOrganisationFactory),
    (
        APP + "projectorganisation_one_lead",
        lambda: copied(
            make.ProjectOrganisationFactory(directorate=True), organisation=make.OrganisationFactory(kind="directorate")
        ),
    ),
    update("projectorganisation_directorate", make.ProjectOrganisationFactory, {"role": "associated"}),
    insert("projecttheme_once", make.ProjectThemeFactory),
    update("projectstep_dates_plausible", make.ProjectStepFactory, {"due_on": FAR_OFF}),
    insert("projectstep_once", make.ProjectStepFactory),
    *lasting("expertassignment", make.ExpertAssignmentFactory),
    *amounts("expertassignment", make.ExpertAssignmentFactory, "days_planned", "days_actual"),
    insert("expertassignment_once", make.ExpertAssignmentFactory),
    update("resultindicator_dates_plausible", make.ResultIndicatorFactory, {"baseline_on": LONG_AGO}),
    insert("resultindicator_once", make.ResultIndicatorFactory),
    update("resultperiod_starts_on_by_ends_on", make.ResultPeriodFactory, {"ends_on": date(2014, 12, 31)}),
    update("resultperiod_dates_plausible", make.ResultPeriodFactory, {"ends_on": FAR_OFF}),
    insert(
        "resultperiod_no_overlap",
        make.ResultPeriodFactory,
        {"starts_on": date(2015, 12, 31), "ends_on": date(2016, 1, 1)},
    ),
]


def _framework_with_a_commitment():
    framework = make.FrameworkFactory(amount=1000)
    line = make.FundingLineFactory(kind="other", organisation=framework.funder, framework=framework)
    return make.MovementFactory(line=line, amount=1000)


def _balance_of_nothing():
    Balance.objects.filter(project=make.ProjectFactory()).update(committed=1)


def _line_of_a_whole():
    whole = make.ProjectFactory(parent=make.ProjectFactory()).parent
    written(make.FundingLineFactory(), project=whole)


def _line_draws_on_framework():
    funder = (framework := make.FrameworkFactory(amount=999)).funder
    line = make.FundingLineFactory(kind="other", organisation=funder)
    make.MovementFactory(line=line, amount=1000)
    written(line, framework=framework)


MONEY = [
    (APP + "balance_of_movements", _balance_of_nothing),
    *amounts("framework", make.FrameworkFactory, "amount"),
    (APP + "framework_not_exceeded", lambda: written(_framework_with_a_commitment().line.framework, amount="999.99")),
    (APP + "framework_not_exceeded", lambda: copied(_framework_with_a_commitment(), amount="0.01")),
    (APP + "framework_not_exceeded", _line_draws_on_framework),
    update("fundingline_one_project", make.FundingLineFactory, {"project": None}),
    *known("fundingline", make.FundingLineFactory, "kind", "nature", external=True),
    update("fundingline_currency_form", make.FundingLineFactory, {"currency": "eur"}),
    update("fundingline_funder_by_kind", make.FundingLineFactory, {"kind": "own"}, external=True),
    update("fundingline_funder_by_kind", make.FundingLineFactory, {"kind": "partner-city"}),
    update("fundingline_funder_by_kind", make.FundingLineFactory, {"kind": "afd"}),
    insert("fundingline_once", make.FundingLineFactory),
    (APP + "fundingline_currency_stays", lambda: written(make.MovementFactory().line, currency="USD")),
    (APP + "fundingline_money_on_parts", _line_of_a_whole),
    *known("movement", make.MovementFactory, "kind"),
    update("movement_not_nothing", make.MovementFactory, {"amount": 0}),
    update("movement_dates_plausible", make.MovementFactory, {"on": LONG_AGO}),
    update("movement_rate_by_currency", make.MovementFactory, {"rate": 1, "rate_on": date(2015, 2, 2)}),
    update(
        "movement_rate_by_currency",
        make.MovementFactory,
        {"rate": None},
        line__currency="USD",
        rate=1,
        rate_on=date(2015, 2, 2),
    ),
    insert("movement_within_commitment", make.MovementFactory, {"kind": "disbursed", "amount": "1000.01"}),
    insert("movement_within_commitment", make.MovementFactory, {"kind": "disbursed", "on": date(2015, 2, 1)}),
    update("movement_not_below_nothing", make.MovementFactory, {"amount": "-0.01"}),
    update("movement_not_below_nothing", make.MovementFactory, {"amount": "-0.01"}, kind="requested"),
    insert("forecast_amount_eur_not_negative", make.ForecastFactory, {"amount_eur": "-0.01"}),
    insert("forecast_year_plausible", make.ForecastFactory, {"year": 1989}),
    insert("forecast_dates_plausible", make.ForecastFactory, {"made_on": FAR_OFF}),
    (APP + "forecast_frozen_once", lambda: copied(make.ForecastFactory(deliberation=make.DeliberationFactory()))),
    update("forecast_append_only", make.ForecastFactory, {"amount_eur": 1}),
    (APP + "forecast_append_only", lambda: type(f := make.ForecastFactory()).objects.filter(pk=f.pk).delete()),
]

SENT = {
    "stage": "submitted",
    "submitted_on": date(2015, 4, 1),
    "total_cost": 300,
    "amount_asked": 200,
}
WON = SENT | {"stage": "won", "amount_obtained": 100, "decided_on": date(2015, 5, 1)}
LOST = SENT | {"stage": "lost", "decision_reason": "invented", "decided_on": date(2015, 5, 1)}
CALLS = [
    update("fundingprogramme_kind_known", make.FundingProgrammeFactory, {"kind": "own"}),
    update("fundingprogramme_gates_known", make.FundingProgrammeFactory, {"gates": ["else"]}),
    *amounts("fundingprogramme", make.FundingProgrammeFactory, "min_contribution", "max_contribution"),
    update(
        "fundingprogramme_min_contribution_ordered",
        make.FundingProgrammeFactory,
        {"min_contribution": 2, "max_contribution": 1},
    ),
    update(
        "fundingprogramme_min_partners_share_percent", make.FundingProgrammeFactory, {"min_partners_share": "100.01"}
    ),
    update("fundingcall_has_deadline", make.FundingCallFactory, {"deadlines": []}),
    *known("fundingcall", make.FundingCallFactory, "deadline_model", "country_scope"),
    update("fundingcall_gates_known", make.FundingCallFactory, {"gates": ["else"]}),
    update("fundingcall_dates_plausible", make.FundingCallFactory, {"deadlines": [LONG_AGO]}),
    update("fundingcall_opens_by_deadline", make.FundingCallFactory, {"opens_on": date(2015, 12, 2)}),
    *amounts(
        "fundingcall",
        make.FundingCallFactory,
        "call_budget",
        "topic_budget",
        "min_contribution",
        "max_contribution",
    ),
    update("fundingcall_topic_budget_ordered", make.FundingCallFactory, {"topic_budget": 2, "call_budget": 1}),
    update(
        "fundingcall_min_contribution_ordered",
        make.FundingCallFactory,
        {"min_contribution": 2, "max_contribution": 1},
    ),
    update("fundingcall_cofunding_rate_percent", make.FundingCallFactory, {"cofunding_rate": "-0.01"}),
    update("fundingcall_min_partners_share_percent", make.FundingCallFactory, {"min_partners_share": "100.01"}),
    insert("calltheme_once", make.CallThemeFactory),
    insert("callcountry_once", make.CallCountryFactory),
    update("filing_gate_filed", make.FilingFactory, {"gate": "commitment"}),
    update("filing_reports_name_funder", make.FilingFactory, {"gate": "reports"}),
    update("filing_year_plausible", make.FilingFactory, {"year": 2101}),
    update("filing_dates_plausible", make.FilingFactory, {"filed_on": LONG_AGO}),
    insert("filing_once", make.FilingFactory),
    insert("application_stage_known", make.ApplicationFactory, {"stage": "else"}),
    insert("application_once", make.ApplicationFactory),
    update("application_dates_plausible", make.ApplicationFactory, {"deadline": LONG_AGO}),
    *amounts("application", make.ApplicationFactory, "total_cost", "amount_asked"),
    *amounts("application", make.ApplicationFactory, "amount_obtained", **WON),
    update("application_submitted_on_by_decided_on", make.ApplicationFactory, {"decided_on": date(2015, 3, 31)}, **WON),
    *(
        update("application_sent_is_complete", make.ApplicationFactory, {name: None}, **SENT)
        for name in ("submitted_on", "amount_asked", "total_cost")
    ),
    update("application_draft_not_sent", make.ApplicationFactory, {"submitted_on": date(2015, 4, 1)}),
    update("application_won_has_amount", make.ApplicationFactory, {"amount_obtained": 1}, **SENT),
    update("application_won_has_amount", make.ApplicationFactory, {"amount_obtained": 0}, **WON),
    update("application_won_has_amount", make.ApplicationFactory, {"decided_on": None}, **WON),
    update("application_lost_has_date", make.ApplicationFactory, {"decided_on": None}, **LOST),
    update("application_stopped_says_why", make.ApplicationFactory, {"decision_reason": ""}, **LOST),
    update("application_stopped_says_why", make.ApplicationFactory, {"decision_reason": "invented"}),
    update("application_obtained_within_asked", make.ApplicationFactory, {"amount_obtained": "200.01"}, **WON),
    update("application_asked_within_cost", make.ApplicationFactory, {"amount_asked": "300.01"}, **SENT),
]

AWARDED = {
    "stage": "awarded",
    "opinion": "invented",
    "decided_on": date(2015, 5, 1),
    "valid_until": date(2016, 5, 1),
}
CULTURE = [
    *known("culturalproject", make.CulturalProjectFactory, "kind", "status", "discipline"),
    *dated("culturalproject", make.CulturalProjectFactory, "starts_on"),
    *dated("culturalproject", make.CulturalProjectFactory, "ends_on"),
    update(
        "culturalproject_dates_plausible", make.CulturalProjectFactory, {"ends_on": FAR_OFF, "ends_on_precision": "day"}
    ),
    update(
        "culturalproject_starts_on_by_ends_on",
        make.CulturalProjectFactory,
        {"ends_on": date(2015, 3, 1), "ends_on_precision": "day"},
        starts_on=date(2015, 3, 2),
        starts_on_precision="day",
    ),
    update("culturalproject_year_plausible", make.CulturalProjectFactory, {"year": 2101}),
    update("culturaldestination_one_place", make.CulturalDestinationFactory, {"city": None}),
    insert("culturaldestination_once", make.CulturalDestinationFactory),
    *known("exchangeprogramme", make.ExchangeProgrammeFactory, "kind"),
    insert("edition_once", make.EditionFactory),
    update("edition_year_plausible", make.EditionFactory, {"year": 1989}),
    *dated("edition", make.EditionFactory, "starts_on"),
    update("edition_dates_plausible", make.EditionFactory, {"starts_on": FAR_OFF, "starts_on_precision": "day"}),
    *amounts("edition", make.EditionFactory, "planned_cost", "actual_cost"),
    update("edition_participants_within_places", make.EditionFactory, {"participants": 2, "places": 1}),
    update("edition_participants_within_applicants", make.EditionFactory, {"participants": 2, "applicants": 1}),
    insert("label_stage_known", make.LabelFactory, {"stage": "else"}),
    insert("label_once", make.LabelFactory),
    update("label_dates_plausible", make.LabelFactory, {"valid_until": FAR_OFF}, **AWARDED),
    update("label_received_on_by_decided_on", make.LabelFactory, {"decided_on": date(2015, 3, 31)}),
    update("label_decided_on_by_valid_until", make.LabelFactory, {"valid_until": date(2015, 4, 30)}, **AWARDED),
    update("label_awarded_is_valid", make.LabelFactory, {"valid_until": date(2016, 1, 1)}),
    update("label_awarded_is_valid", make.LabelFactory, {"valid_until": None}, **AWARDED),
    update("label_decided_states_opinion", make.LabelFactory, {"opinion": ""}, **AWARDED),
    update("label_stopped_says_why", make.LabelFactory, {"decision_reason": "invented"}),
    update(
        "label_stopped_says_why",
        make.LabelFactory,
        {"decision_reason": ""},
        stage="withdrawn",
        decision_reason="invented",
    ),
    *known("goodpractice", make.GoodPracticeFactory, "kind"),
    *lasting("practiceuptake", make.PracticeUptakeFactory),
    (
        APP + "practiceuptake_one_body",
        lambda: written(make.PracticeUptakeFactory(), organisation=make.OrganisationFactory()),
    ),
    insert("practiceuptake_once", make.PracticeUptakeFactory),
]


def _purpose_in_use():
    purpose = make.PurposeCodeFactory()
    make.ProjectFactory(purposes={purpose.code: "100"})
    return purpose


REFERENCE = [
    *known("theme", make.ThemeFactory, "kind"),
    update("purposecode_code_form", make.PurposeCodeFactory, {"code": "1403a"}),
    (APP + "purposecode_in_use", lambda: written(_purpose_in_use(), code="14031")),
    (APP + "purposecode_in_use", lambda: type(p := _purpose_in_use()).objects.filter(pk=p.pk).delete()),
    update("councilleadtime_days_plausible", make.CouncilLeadTimeFactory, {"days": 0}),
    update("councilleadtime_since_by_until", make.CouncilLeadTimeFactory, {"until": F("since") - timedelta(days=1)}),
    update("councilleadtime_dates_plausible", make.CouncilLeadTimeFactory, {"since": LONG_AGO}),
    insert("councilleadtime_no_overlap", make.CouncilLeadTimeFactory),
]

CASES = [*PROJECT, *PARTS, *MONEY, *CALLS, *CULTURE, *REFERENCE]


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

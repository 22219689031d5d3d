"""The life of a project: what each step needs, what it keeps and what it freezes."""

from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as StillWaiting
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction

from cooperation import services
from cooperation.enums import PROJECT_LIFE, ProjectStage
from cooperation.models import Forecast, Movement, Project
from cooperation.selectors import money
from core.exceptions import LostEdit, Refused
from core.history import changes
from core.roles import Role
from tests import factories as make
from tests.cooperation.lives import assert_database_holds, refuses

pytestmark = pytest.mark.django_db

BEGUN = {"actual_start": date(2015, 3, 2), "actual_start_precision": "day"}
OVER = {"actual_end": date(2015, 5, 4), "actual_end_precision": "day"}
WHY = "for an invented reason"


def project_at(stage: str, begun: bool = True, **values) -> Project:
    """A project that lacks nothing for any verb that leads on from there."""
    if stage not in ("idea", "in-preparation"):
        values.setdefault("deliberation", make.DeliberationFactory())
    if stage in ("under-way", "completed") or (stage == "suspended" and begun):
        values = BEGUN | values
    if stage == "completed":
        values = OVER | values
    if stage in ("suspended", "abandoned"):
        values.setdefault("stopped_reason", WHY)
    if "purposes" not in values:
        values["purposes"] = {make.PurposeCodeFactory().code: "100"}
    project = make.ProjectFactory(stage=stage, **values)
    make.ProjectCityFactory(project=project)
    make.ProjectOrganisationFactory(project=project, directorate=True)
    make.ForecastFactory(line__project=project)
    make.ProjectStepFactory(project=project, done_on=date(2015, 5, 4))
    make.ResultPeriodFactory(indicator__project=project, actual=7)
    return project


def given(verb: str) -> dict:
    """What the verb asks of whoever carries it out."""
    asked = {
        "adopt": {"deliberation": make.DeliberationFactory},
        "vote_again": {"deliberation": make.DeliberationFactory},
        "start": {"actual_start": lambda: date(2015, 3, 2)},
        "complete": {"actual_end": lambda: date(2015, 5, 4)},
    }.get(verb, {})
    needs_reason = {"reason": WHY} if PROJECT_LIFE.transition(verb).needs_reason else {}
    return {name: value() for name, value in asked.items()} | needs_reason


VERBS = [step.verb for step in PROJECT_LIFE.transitions]
STEPS = [(step.verb, source) for step in PROJECT_LIFE.transitions for source in step.sources]


class TestSteps:
    @pytest.mark.parametrize(("verb", "source"), STEPS)
    def test_each_verb_leads_on_from_each_of_its_stages(self, officer, verb, source):
        project = project_at(source, begun=verb != "prepare_again")
        moved = PROJECT_LIFE.perform(project, verb, actor=officer, **given(verb))
        assert moved.stage == (PROJECT_LIFE.transition(verb).target or source)
        assert changes(moved, officer)[0].verb == verb

    @pytest.mark.parametrize("verb", VERBS)
    def test_and_from_no_other(self, officer, verb):
        step = PROJECT_LIFE.transition(verb)
        for stage in set(ProjectStage.values) - set(step.sources):
            project = project_at(stage)
            said = f"“{step.label}” is not possible now: the state is “{project.get_stage_display()}”."
            assert refuses(PROJECT_LIFE, project, verb, officer, **given(verb)) == [(said, "")]

    @pytest.mark.parametrize("stage", ProjectStage.values)
    def test_nor_does_raw_sql(self, stage):
        assert_database_holds(PROJECT_LIFE, project_at(stage), ProjectStage.values)

    def test_an_idea_is_taken_to_completed(self, officer):
        project = services.prepare_project(project_at("idea"), actor=officer)
        project = services.adopt_project(project, actor=officer, deliberation=make.DeliberationFactory())
        project = services.start_project(project, actor=officer, actual_start=date(2015, 3, 2))
        project = services.complete_project(project, actor=officer, actual_end=date(2015, 5, 4))
        assert (project.stage, project.actual_start_precision, project.actual_end_precision) == (
            "completed",
            "day",
            "day",
        )

    def test_a_start_known_to_the_month_or_not_at_all_is_let_in(self, officer):
        month = services.start_project(
            project_at("adopted"), actor=officer, actual_start=date(2015, 2, 1), actual_start_precision="month"
        )
        unknown = services.start_project(project_at("adopted"), actor=officer, actual_start_precision="unknown")
        assert (month.stage, unknown.stage, unknown.actual_start) == ("under-way", "under-way", None)

    @pytest.mark.parametrize("role", [Role.DEPUTY, Role.AUDITOR, Role.SOLIDARITY_OFFICER, Role.PROTECTION_OFFICER])
    def test_those_who_only_read_cannot_move_it(self, role):
        reader = make.UserFactory(role=role)
        project = project_at("idea")
        with pytest.raises(PermissionDenied):
            services.prepare_project(project, actor=reader)
        assert PROJECT_LIFE.steps(project, reader) == []

    def test_a_step_based_on_an_older_version_is_refused(self, officer):
        project = project_at("idea")
        Project.objects.filter(pk=project.pk).update(title_en="Changed by another")
        with pytest.raises(LostEdit):
            services.prepare_project(project, actor=officer, version=1)

    def test_every_gate_is_shown_before_the_verb_is_tried(self, officer):
        bare = make.ProjectFactory(in_preparation=True, object_fr="")
        shown = {
            step.transition.verb: {reason.field for reason in step.missing}
            for step in PROJECT_LIFE.steps(bare, officer)
        }
        assert shown == {
            "adopt": {"places", "object_fr", "bodies", "purposes", "funding_lines", "deliberation"},
            "suspend": set(),
            "abandon": set(),
        }


# --- what stands in the way of each step ---


def without(stage: str, *related: str, **values):
    """A project that lacks what `related` names."""

    def made():
        project = project_at(stage, **values)
        for name in related:
            rows = getattr(project, name).all()
            rows._raw_delete(rows.db)
        return project

    return made


def unplanned():
    project = make.ProjectFactory(in_preparation=True)
    make.FundingLineFactory(project=project)
    return project


def of_agreement(**agreement):
    return lambda: project_at("adopted", agreement=make.AgreementFactory(reference="AGR-X", **agreement))


def with_open_step(stage):
    return make.ProjectStepFactory(project=project_at(stage), title="Dig").project


def with_unmeasured(stage):
    indicator = make.ResultIndicatorFactory(project=project_at(stage), title_en="Wells")
    return make.ResultPeriodFactory(indicator=indicator).indicator.project


def with_live_part():
    whole = make.ProjectFactory(under_way=True)
    make.ProjectFactory(parent=whole, reference="PRJ-PART", title_en="Part")
    return whole


def voted_twice():
    return project_at("adopted", deliberation=make.DeliberationFactory(number="2015 DGRI 7777"))


def coming():
    return make.DeliberationFactory(voted_on=date(2015, 6, 2))


NO_PLACE = ("No city is named; where there is none, name the region.", "places")
NO_VOTE = ("The Council's deliberation is missing.", "deliberation")
UNDATED = ("The deliberation has no date of vote.", "deliberation")
NOT_YET = ("The Council has not voted yet.", "deliberation")
IN_DRAFT = ("The agreement AGR-X is not in force: its state is “draft”.", "agreement")
IS_SIGNED = ("The agreement AGR-X is not in force: its state is “signed”.", "agreement")
EARLY = ("It cannot start before the Council's vote (9 February 2015).", "actual_start")
# (guard, verb, the project, what is said when it is carried out, the one reason)
GUARDS = [
    ("names_where", "prepare", without("idea", "places"), {}, NO_PLACE),
    ("names_where", "adopt", without("in-preparation", "places"), {}, NO_PLACE),
    (
        "states_object",
        "adopt",
        without("in-preparation", object_fr="  "),
        {},
        ("The object is missing (CGCT L1115-1).", "object_fr"),
    ),
    ("has_lead", "adopt", without("in-preparation", "bodies"), {}, ("No lead directorate is named.", "bodies")),
    (
        "is_classified",
        "adopt",
        without("in-preparation", purposes={}),
        {},
        ("No DAC purpose code is given.", "purposes"),
    ),
    (
        "has_funding_plan",
        "adopt",
        lambda: make.ProjectFactory(in_preparation=True),
        {},
        ("No funding line says who is to pay.", "funding_lines"),
    ),
    ("has_funding_plan", "adopt", unplanned, {}, ("No forecast is recorded: the vote freezes it.", "funding_lines")),
    ("is_voted", "adopt", without("in-preparation"), {"deliberation": lambda: None}, NO_VOTE),
    (
        "is_voted",
        "adopt",
        without("in-preparation"),
        {"deliberation": lambda: make.DeliberationFactory(voted_on=None, voted_on_precision="")},
        UNDATED,
    ),
    ("is_voted", "adopt", without("in-preparation"), {"deliberation": coming}, NOT_YET),
    ("is_voted", "vote_again", without("under-way"), {"deliberation": coming}, NOT_YET),
    (
        "is_another_vote",
        "vote_again",
        voted_twice,
        {"deliberation": lambda: None},
        ("This vote is already recorded: name the further one.", "deliberation"),
    ),
    (
        "has_start",
        "start",
        without("adopted"),
        {"actual_start": lambda: None},
        ("The date of the start is missing.", "actual_start"),
    ),
    ("has_start", "start", without("adopted"), {"actual_start": lambda: date(2015, 2, 8)}, EARLY),
    (
        "has_start",
        "start",
        without("adopted"),
        {"actual_start": lambda: date(2015, 1, 1), "actual_start_precision": lambda: "month"},
        EARLY,
    ),
    ("agreement_is_in_force", "start", of_agreement(), {}, IN_DRAFT),
    ("agreement_is_in_force", "start", of_agreement(signed=True), {}, IS_SIGNED),
    (
        "has_end",
        "complete",
        without("under-way"),
        {"actual_end": lambda: None},
        ("The date of the end is missing.", "actual_end"),
    ),
    ("has_no_open_step", "complete", lambda: with_open_step("under-way"), {}, ("A step is not done: Dig.", "steps")),
    (
        "results_are_measured",
        "complete",
        lambda: with_unmeasured("under-way"),
        {},
        ("No result is recorded for “Wells”.", "indicators"),
    ),
    ("parts_are_over", "complete", with_live_part, {}, ("A part of it is not over: PRJ-PART — Part.", "")),
    ("parts_are_over", "abandon", with_live_part, {}, ("A part of it is not over: PRJ-PART — Part.", "")),
    (
        "has_begun",
        "resume",
        lambda: project_at("suspended", begun=False),
        {},
        ("It had not begun: take it back to preparation instead.", ""),
    ),
    (
        "has_not_begun",
        "prepare_again",
        lambda: project_at("suspended"),
        {},
        ("It has begun: resume it, or abandon it.", ""),
    ),
]
# Of a bare project more is missing than the one thing in question.
BARE = {"has_funding_plan"}


class TestGuards:
    @pytest.mark.parametrize(("guard", "verb", "made", "said", "reason"), GUARDS)
    def test_it_is_refused_with_its_reason_and_its_field(self, officer, guard, verb, made, said, reason):
        values = given(verb) | {name: value() for name, value in said.items()}
        refused = refuses(PROJECT_LIFE, made(), verb, officer, **values)
        assert reason in refused if guard in BARE else refused == [reason]

    def test_no_guard_is_left_without_a_case(self):
        declared = {(guard.__name__, verb) for verb, guards in PROJECT_LIFE.guards.items() for guard in guards}
        assert declared == {(guard, verb) for guard, verb, *_ in GUARDS}

    @pytest.mark.parametrize("verb", [step.verb for step in PROJECT_LIFE.transitions if step.needs_reason])
    def test_stopping_and_going_back_need_a_reason(self, officer, verb):
        project = project_at("adopted")
        assert refuses(PROJECT_LIFE, project, verb, officer, reason="  ") == [("Say why.", "reason")]

    def test_a_region_stands_for_a_city(self, officer):
        project = make.ProjectFactory(region_fr="Région inventée")
        assert services.prepare_project(project, actor=officer).stage == "in-preparation"

    def test_a_whole_needs_no_line_of_its_own(self, officer):
        whole = make.ProjectFactory(in_preparation=True, purposes={make.PurposeCodeFactory().code: "100"})
        make.ProjectCityFactory(project=whole)
        make.ProjectOrganisationFactory(project=whole, directorate=True)
        forecast = make.ForecastFactory(line__project__parent=whole, amount_eur=70)
        adopted = services.adopt_project(whole, actor=officer, deliberation=make.DeliberationFactory())
        frozen = Forecast.objects.get(deliberation=adopted.deliberation)
        assert (frozen.line, frozen.amount_eur) == (forecast.line, 70)

    def test_a_future_start_or_end_is_refused_with_its_field(self, officer):
        for stage, verb, name in (("adopted", "start", "actual_start"), ("under-way", "complete", "actual_end")):
            with pytest.raises(ValidationError) as refused:
                PROJECT_LIFE.perform(project_at(stage), verb, actor=officer, **{name: date(2015, 6, 2)})
            assert refused.value.message_dict == {name: ["This has not happened yet: the date is in the future."]}


class TestReasons:
    def test_a_stop_keeps_its_reason_until_it_goes_on(self, officer):
        project = services.suspend_project(project_at("under-way"), actor=officer, reason=f" {WHY} ")
        assert (project.stage, project.stopped_reason) == ("suspended", WHY)
        project = services.resume_project(project, actor=officer)
        assert (project.stage, project.stopped_reason) == ("under-way", "")
        project = services.abandon_project(project, actor=officer, reason="for another")
        assert (project.stage, project.stopped_reason) == ("abandoned", "for another")
        assert [change.reason for change in changes(project, officer)][:3] == ["for another", "", f" {WHY} "]

    def test_going_back_to_preparation_says_why_in_the_history_alone(self, officer):
        project = services.prepare_project_again(project_at("suspended", begun=False), actor=officer, reason=WHY)
        assert (project.stage, project.stopped_reason) == ("in-preparation", "")
        assert changes(project, officer)[0].reason == WHY


class TestFrozenForecasts:
    @pytest.fixture
    def project(self):
        return project_at("in-preparation")

    @pytest.fixture
    def line(self, project):
        return project.funding_lines.get()

    def frozen(self, project) -> list[tuple[int, Decimal]]:
        return list(Forecast.objects.filter(deliberation=project.deliberation).values_list("year", "amount_eur"))

    def test_a_vote_freezes_the_last_forecast_of_each_year(self, officer, project, line):
        make.ForecastFactory(line=line, amount_eur=1500, made_on=date(2015, 2, 1))
        make.ForecastFactory(line=line, year=2016, amount_eur=800)
        make.ForecastFactory(amount_eur=9)
        adopted = services.adopt_project(project, actor=officer, deliberation=make.DeliberationFactory())
        assert self.frozen(adopted) == [(2015, 1500), (2016, 800)]
        assert {row.made_on for row in adopted.deliberation.forecasts.all()} == {date(2015, 6, 1)}

    def test_a_further_vote_freezes_anew_and_leaves_the_first(self, officer, project, line):
        adopted = services.adopt_project(project, actor=officer, deliberation=make.DeliberationFactory())
        make.ForecastFactory(line=line, amount_eur=1200, made_on=date(2015, 6, 1))
        make.MovementFactory(line=line, amount=1100)
        make.MovementFactory(line=line, kind="disbursed", amount=1100, on=date(2015, 3, 2))
        assert [(row.voted, row.latest, row.difference) for row in money.variances(officer)] == [(1000, 1200, 100)]
        again = services.record_further_vote(adopted, actor=officer, deliberation=make.DeliberationFactory())
        assert (self.frozen(adopted), self.frozen(again)) == ([(2015, 1000)], [(2015, 1200)])
        assert [(row.voted, row.latest, row.difference) for row in money.variances(officer)] == [(1200, 1200, -100)]

    def test_the_same_vote_freezes_once(self, officer, project, line):
        vote = make.DeliberationFactory()
        adopted = services.adopt_project(project, actor=officer, deliberation=vote)
        make.ForecastFactory(line=line, amount_eur=1200, made_on=date(2015, 6, 1))
        back = services.prepare_project_again(adopted, actor=officer, reason=WHY)
        assert self.frozen(services.adopt_project(back, actor=officer)) == [(2015, 1000)]

    def test_a_refused_vote_freezes_nothing(self, officer, project):
        refuses(PROJECT_LIFE, project, "adopt", officer)
        assert not Forecast.objects.filter(deliberation__isnull=False).exists()

    def test_a_forecast_is_never_changed_and_none_is_slipped_in_before(self, line):
        forecast = make.ForecastFactory(line=line, made_on=date(2015, 2, 1))
        forecast.amount_eur = 2
        with pytest.raises(ValidationError, match="never changed or taken back"):
            forecast.save()
        with pytest.raises(ValidationError) as refused:
            make.ForecastFactory(line=line, made_on=date(2015, 1, 31))
        assert refused.value.message_dict == {"made_on": ["A later forecast of that year is already recorded."]}
        with pytest.raises(ValidationError) as refused:
            make.ForecastFactory(line=line, made_on=date(2015, 6, 2))
        assert list(refused.value.message_dict) == ["made_on"]


class TestDeletion:
    @pytest.mark.parametrize("stage", [stage for stage in ProjectStage.values if stage != "idea"])
    def test_only_an_idea_is_deleted(self, stage):
        project = make.ProjectFactory(stage=stage, **_least(stage))
        with pytest.raises(Refused, match="Only an idea is deleted: abandon the project instead"):
            project.delete()
        with pytest.raises(IntegrityError, match="Only an idea is deleted"), transaction.atomic():
            Project.objects.filter(pk=project.pk).delete()
        assert Project.objects.get() == project

    def test_an_idea_goes_with_what_belongs_to_it(self):
        project = make.ProjectCityFactory().project
        make.ProjectStepFactory(project=project)
        make.FundingLineFactory(project=project)
        project.delete()
        assert not Project.objects.exists()


def _least(stage: str) -> dict:
    """What a project needs at least to stand there."""
    if stage in ("suspended", "abandoned"):
        return {"stopped_reason": WHY}
    values = {"adopted": True} if stage == "adopted" else {}
    values |= BEGUN if stage in ("under-way", "completed") else {}
    return values | (OVER if stage == "completed" else {})


def test_references_count_up_within_the_year():
    first, second = (Project.objects.create(title_fr=title) for title in "AB")
    assert (first.reference, second.reference) == ("PRJ-2015-0001", "PRJ-2015-0002")


@pytest.mark.django_db(transaction=True)
class TestRaces:
    """Two at once, each in a transaction of its own: the second waits for the first, and is refused with a sentence."""

    def second_is_refused(self, first, second, sentence):
        def alone():
            try:
                second()
            finally:
                connection.close()

        with ThreadPoolExecutor(1) as pool:
            with transaction.atomic():
                first()
                waiting = pool.submit(alone)
                with pytest.raises(StillWaiting):
                    waiting.result(timeout=0.5)
            with pytest.raises(ValidationError, match=sentence):
                waiting.result(timeout=30)

    def test_the_last_euro_of_a_commitment_is_paid_once(self):
        line = make.MovementFactory(amount=1000).line

        def pay():
            Movement(line=line, kind="disbursed", on=date(2015, 3, 2), amount=1000).save()

        self.second_is_refused(pay, pay, "never exceeds what has been committed")
        assert Movement.objects.filter(kind="disbursed").count() == 1

    def test_the_last_euro_of_a_framework_is_committed_once(self):
        framework = make.FrameworkFactory(amount=1000)
        first, second = (
            make.FundingLineFactory(kind="other", organisation=framework.funder, framework=framework) for _ in range(2)
        )

        def commit(line):
            Movement(line=line, kind="committed", on=date(2015, 3, 2), amount=1000).save()

        self.second_is_refused(lambda: commit(first), lambda: commit(second), "does not have so much left")
        assert Movement.objects.get().line == first

    def test_a_project_is_not_made_a_whole_while_it_is_given_money(self):
        project, part = make.ProjectFactory(), make.ProjectFactory()

        def part_of():
            part.parent = project
            part.save()

        self.second_is_refused(
            lambda: make.FundingLineFactory(project=project), part_of, "stands on its parts: its total is their sum"
        )

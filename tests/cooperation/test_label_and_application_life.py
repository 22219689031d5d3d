"""The lives of labels and applications: every step, every guard by its reason and field, and what winning brings."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from cooperation import services
from cooperation.enums import APPLICATION_LIFE, LABEL_LIFE, ApplicationStage, LabelStage
from cooperation.models import Application, FundingLine
from cooperation.rules import closed_gates, year_of_aid_return
from core.history import changes
from core.roles import Role
from partnerships.enums import OrganisationKind
from tests import factories as make
from tests.cooperation.lives import assert_database_holds, refuses

pytestmark = pytest.mark.django_db

WHY = "for an invented reason"
FUTURE = "This has not happened yet: the date is in the future."
DECIDED = {"opinion": "invented opinion", "decided_on": date(2015, 5, 4)}
AWARDED = DECIDED | {"valid_until": date(2016, 5, 4)}
SENT = {"amount_asked": Decimal(200), "total_cost": Decimal(300), "submitted_on": date(2015, 4, 1)}
WON = {"amount_obtained": Decimal(150), "decided_on": date(2015, 5, 4)}
LOST = {"decided_on": date(2015, 5, 4), "reason": WHY}


def label_at(stage: str, **values):
    values = {
        "received": {},
        "under-review": {},
        "awarded": AWARDED,
        "refused": DECIDED | {"decision_reason": WHY},
        "withdrawn": {"decision_reason": WHY},
    }[stage] | values
    return make.LabelFactory(stage=stage, **values)


def application_at(stage: str, **values) -> Application:
    stopped = {"decision_reason": WHY}
    values = {
        "draft": {},
        "submitted": SENT,
        "won": SENT | WON,
        "lost": SENT | stopped | {"decided_on": date(2015, 5, 4)},
        "withdrawn": stopped,
    }[stage] | values
    values.setdefault("directorate", make.OrganisationFactory(kind=OrganisationKind.DIRECTORATE))
    return make.ApplicationFactory(stage=stage, **values)


# (life, a record at a stage, every stage, what each verb is given)
LIVES = [
    (
        LABEL_LIFE,
        label_at,
        LabelStage.values,
        {
            "instruct": {},
            "award": AWARDED,
            "refuse": DECIDED | {"reason": WHY},
            "withdraw": {"reason": WHY},
        },
    ),
    (
        APPLICATION_LIFE,
        application_at,
        ApplicationStage.values,
        {"submit": SENT, "win": WON, "lose": LOST, "withdraw": {"reason": WHY}},
    ),
]
STEPS = [
    (life, at, step, source, given[step.verb])
    for life, at, _, given in LIVES
    for step in life.transitions
    for source in step.sources
]
ELSEWHERE = [
    (life, at, step, stage, given[step.verb])
    for life, at, stages, given in LIVES
    for step in life.transitions
    for stage in stages
    if stage not in step.sources
]


class TestSteps:
    @pytest.mark.parametrize(("life", "at", "step", "source", "given"), STEPS)
    def test_each_verb_leads_on_from_each_of_its_stages(self, officer, life, at, step, source, given):
        moved = life.perform(at(source), step.verb, actor=officer, **given)
        assert moved.stage == step.target
        assert moved.decision_reason == (WHY if step.keeps_reason else "")
        assert step.verb in [change.verb for change in changes(moved, officer)]

    @pytest.mark.parametrize(("life", "at", "step", "stage", "given"), ELSEWHERE)
    def test_and_from_no_other(self, officer, life, at, step, stage, given):
        record = at(stage)
        said = f"“{step.label}” is not possible now: the state is “{record.get_stage_display()}”."
        assert refuses(life, record, step.verb, officer, **given) == [(said, "")]

    @pytest.mark.parametrize(("life", "at", "stages"), [entry[:3] for entry in LIVES])
    def test_nor_does_raw_sql(self, life, at, stages):
        for stage in stages:
            assert_database_holds(life, at(stage), stages)

    @pytest.mark.parametrize(
        ("life", "at", "verb", "given"),
        [
            (life, at, step.verb, given[step.verb])
            for life, at, _, given in LIVES
            for step in life.transitions
            if step.needs_reason
        ],
    )
    def test_a_no_needs_a_reason(self, officer, life, at, verb, given):
        record = at(life.transition(verb).sources[-1])
        assert refuses(life, record, verb, officer, **given | {"reason": "  "}) == [("Say why.", "reason")]

    @pytest.mark.parametrize("role", [Role.DEPUTY, Role.AUDITOR, Role.SOLIDARITY_OFFICER, Role.PROTECTION_OFFICER])
    def test_those_who_only_read_cannot_move_them(self, role):
        reader = make.UserFactory(role=role)
        for life, record in ((LABEL_LIFE, label_at("received")), (APPLICATION_LIFE, application_at("draft"))):
            with pytest.raises(PermissionDenied):
                life.perform(record, "withdraw", actor=reader, reason=WHY)
            assert life.steps(record, reader) == []


# --- guards ---


def call(**values):
    return make.FundingCallFactory(**values)


def gated(gate: str, funder: str = "Funder"):
    programme = make.FundingProgrammeFactory(funder__name_en=funder, gates=[gate])
    return application_at("draft", call=call(programme=programme))


NO_OPINION = ("The opinion of the review is missing.", "opinion")
NO_DECISION = ("The date of the decision is missing.", "decided_on")
EARLY_DECISION = ("It is decided after it was submitted.", "decided_on")
NO_AMOUNT = ("The amount obtained is missing.", "amount_obtained")
LEAST_SHARE = "Others than the funder bear 33.3 % of the cost; the call asks for at least {} %."
# (guard, verb, the record, what is said other than usual, the one reason)
LABEL_GUARDS = [
    ("states_opinion", "award", {"opinion": "  "}, NO_OPINION),
    ("states_opinion", "award", {"decided_on": None}, NO_DECISION),
    ("states_opinion", "award", {"decided_on": date(2015, 6, 2)}, (FUTURE, "decided_on")),
    ("states_opinion", "refuse", {"opinion": ""}, NO_OPINION),
    ("states_opinion", "refuse", {"decided_on": date(2015, 6, 2)}, (FUTURE, "decided_on")),
    ("is_valid_for_a_time", "award", {"valid_until": None}, ("Say until when the label is valid.", "valid_until")),
    (
        "is_valid_for_a_time",
        "award",
        {"valid_until": date(2015, 5, 3)},
        ("A label is valid from its award on.", "valid_until"),
    ),
]
APPLICATION_GUARDS = [
    ("states_amounts", "submit", {}, {"amount_asked": None}, ("The amount asked is missing.", "amount_asked")),
    ("states_amounts", "submit", {}, {"total_cost": None}, ("The whole cost is missing.", "total_cost")),
    (
        "states_amounts",
        "submit",
        {"directorate": None},
        {},
        ("The directorate that applies is missing.", "directorate"),
    ),
    ("is_in_time", "submit", {}, {"submitted_on": None}, ("The date of the submission is missing.", "submitted_on")),
    ("is_in_time", "submit", {}, {"submitted_on": date(2015, 6, 2)}, (FUTURE, "submitted_on")),
    (
        "is_in_time",
        "submit",
        lambda: {"call": call(deadlines=[date(2015, 3, 31)])},
        {},
        ("It comes after the deadline of 31 March 2015.", "submitted_on"),
    ),
    (
        "is_in_time",
        "submit",
        lambda: {"call": call(deadlines=[date(2015, 3, 1), date(2015, 9, 1)]), "deadline": date(2015, 3, 1)},
        {},
        ("It comes after the deadline of 1 March 2015.", "submitted_on"),
    ),
    (
        "is_in_time",
        "submit",
        lambda: {"call": call(opens_on=date(2015, 4, 2))},
        {},
        ("The call was not open yet.", "submitted_on"),
    ),
    (
        "fits_the_call",
        "submit",
        lambda: {"call": call(min_contribution=201)},
        {},
        ("The call gives at least €201.", "amount_asked"),
    ),
    (
        "fits_the_call",
        "submit",
        lambda: {"call": call(max_contribution=199)},
        {},
        ("The call gives at most €199.", "amount_asked"),
    ),
    (
        "fits_the_call",
        "submit",
        lambda: {"call": call(programme=make.FundingProgrammeFactory(max_contribution=100))},
        {},
        ("The call gives at most €100.", "amount_asked"),
    ),
    (
        "fits_the_call",
        "submit",
        lambda: {"call": call(min_partners_share=40)},
        {},
        (LEAST_SHARE.format(40), "total_cost"),
    ),
    ("fits_the_call", "submit", lambda: {"call": call(cofunding_rate=50)}, {}, (LEAST_SHARE.format(50), "total_cost")),
    (
        "fits_the_call",
        "submit",
        lambda: {"call": call(cofunding_rate=50, min_partners_share=60)},
        {},
        (LEAST_SHARE.format(60), "total_cost"),
    ),
    ("has_decision", "win", {}, {"decided_on": None}, NO_DECISION),
    ("has_decision", "win", {}, {"decided_on": date(2015, 6, 2)}, (FUTURE, "decided_on")),
    ("has_decision", "win", {}, {"decided_on": date(2015, 3, 31)}, EARLY_DECISION),
    ("has_decision", "lose", {}, {"decided_on": None}, NO_DECISION),
    ("has_decision", "lose", {}, {"decided_on": date(2015, 3, 31)}, EARLY_DECISION),
    ("has_amount", "win", {}, {"amount_obtained": None}, NO_AMOUNT),
    ("has_amount", "win", {}, {"amount_obtained": Decimal(0)}, NO_AMOUNT),
    (
        "has_amount",
        "win",
        {},
        {"amount_obtained": Decimal(201)},
        ("No more is obtained than was asked.", "amount_obtained"),
    ),
    (
        "money_has_a_place",
        "win",
        lambda: {"project": make.ProjectFactory(parent=make.ProjectFactory()).parent},
        {},
        ("The money of a project that has parts stands on its parts: apply with the part.", "project"),
    ),
]


class TestGuards:
    @pytest.mark.parametrize(("guard", "verb", "said", "reason"), LABEL_GUARDS)
    def test_of_labels(self, officer, guard, verb, said, reason):
        values = (AWARDED if verb == "award" else DECIDED | {"reason": WHY}) | said
        assert refuses(LABEL_LIFE, label_at("under-review"), verb, officer, **values) == [reason]

    @pytest.mark.parametrize(("guard", "verb", "made", "said", "reason"), APPLICATION_GUARDS)
    def test_of_applications(self, officer, guard, verb, made, said, reason):
        stage = "draft" if verb == "submit" else "submitted"
        record = application_at(stage, **(made() if callable(made) else made))
        values = {"submit": SENT, "win": WON, "lose": LOST}[verb] | said
        assert refuses(APPLICATION_LIFE, record, verb, officer, **values) == [reason]

    @pytest.mark.parametrize(
        ("life", "cases"),
        [(LABEL_LIFE, LABEL_GUARDS), (APPLICATION_LIFE, [*APPLICATION_GUARDS, ("gates_are_open", "submit")])],
    )
    def test_no_guard_is_left_without_a_case(self, life, cases):
        declared = {(guard.__name__, verb) for verb, guards in life.guards.items() for guard in guards}
        assert declared == {(guard, verb) for guard, verb, *_ in cases}

    def test_exactly_the_range_and_the_share_are_let_in(self, officer):
        bounds = call(
            min_contribution=200, max_contribution=200, min_partners_share="33.33", deadlines=[date(2015, 4, 1)]
        )
        assert (
            services.submit_application(application_at("draft", call=bounds), actor=officer, **SENT).stage
            == "submitted"
        )


class TestGates:
    def test_the_aid_return_of_the_last_year_due(self, officer, settings):
        """That of year N is filed by 31 May of N+1."""
        application = gated("aid-return")
        filed = make.FilingFactory(year=2013)
        said = ("The aid return for 2014 is not recorded as filed (CGCT L1115-6).", "call")
        assert year_of_aid_return() == 2014
        assert refuses(APPLICATION_LIFE, application, "submit", officer, **SENT) == [said]
        settings.TODAY = date(2015, 5, 31)
        assert year_of_aid_return() == 2013
        assert list(closed_gates(application.call, application.project)) == []
        settings.TODAY = date(2015, 6, 1)
        filed.year = 2014
        filed.save()
        assert services.submit_application(application, actor=officer, **SENT).stage == "submitted"

    def test_the_reports_to_the_same_funder(self, officer):
        application = gated("reports")
        funder = application.call.programme.funder
        said = ("The reports on earlier grants of Funder are not recorded as filed.", "call")
        make.FilingFactory(gate="reports", year=2014, funder=make.OrganisationFactory())
        make.FilingFactory(gate="reports", year=2013, funder=funder)
        assert refuses(APPLICATION_LIFE, application, "submit", officer, **SENT) == [said]
        make.FilingFactory(gate="reports", year=2014, funder=funder)
        assert services.submit_application(application, actor=officer, **SENT).stage == "submitted"

    def test_an_agreement_or_a_vote(self, officer):
        said = ("There is neither a signed agreement nor a deliberation of the Council.", "deliberation")
        assert refuses(APPLICATION_LIFE, gated("commitment"), "submit", officer, **SENT) == [said]
        drafted = gated("commitment")
        drafted.project.agreement = make.AgreementFactory()
        drafted.project.save()
        assert refuses(APPLICATION_LIFE, drafted, "submit", officer, **SENT) == [said]
        own_vote = SENT | {"deliberation": make.DeliberationFactory()}
        assert services.submit_application(gated("commitment"), actor=officer, **own_vote).stage == "submitted"
        for opened in ({"agreement": make.AgreementFactory(signed=True)}, {"deliberation": make.DeliberationFactory()}):
            application = gated("commitment")
            for name, value in opened.items():
                setattr(application.project, name, value)
            application.project.save()
            assert services.submit_application(application, actor=officer, **SENT).stage == "submitted"

    def test_those_of_the_call_and_of_its_programme_hold_together(self):
        programme = make.FundingProgrammeFactory(gates=["commitment"])
        both = call(programme=programme, gates=["aid-return", "commitment"])
        fields = [reason.field for reason in closed_gates(both, make.ProjectFactory())]
        assert fields == ["call", "deliberation"]


class TestOutcome:
    def test_what_is_won_becomes_a_line_with_its_movements(self, officer):
        programme = make.FundingProgrammeFactory(kind="afd")
        application = application_at("submitted", call=call(programme=programme, identifier="FICOL-2015"))
        won = services.win_application(application, actor=officer, **WON)
        line = FundingLine.objects.get()
        assert won.funding_line == line
        assert (line.project, line.kind, line.organisation, line.label, line.currency, line.nature) == (
            application.project,
            "afd",
            programme.funder,
            "FICOL-2015",
            "EUR",
            "cash",
        )
        assert list(line.movements.values_list("kind", "on", "amount_eur")) == [
            ("requested", date(2015, 4, 1), 200),
            ("committed", date(2015, 5, 4), 150),
        ]

    def test_what_is_refused_leaves_no_line(self, officer):
        refuses(APPLICATION_LIFE, application_at("submitted"), "win", officer, **WON | {"amount_obtained": None})
        assert not FundingLine.objects.exists()

    def test_a_line_that_is_already_there_takes_the_win_back(self, officer):
        application = application_at("submitted")
        programme = application.call.programme
        make.FundingLineFactory(
            project=application.project,
            kind=programme.kind,
            organisation=programme.funder,
            label=application.call.identifier,
        )
        with pytest.raises(ValidationError, match="This funder already has such a line"):
            services.win_application(application, actor=officer, **WON)
        application.refresh_from_db()
        assert (application.stage, application.amount_obtained) == ("submitted", None)

    def test_what_is_lost_keeps_its_reason_and_brings_nothing(self, officer):
        lost = services.lose_application(application_at("submitted"), actor=officer, **LOST)
        assert (lost.decision_reason, lost.decided_on, lost.funding_line) == (WHY, date(2015, 5, 4), None)
        assert changes(lost, officer)[0].reason == WHY


@pytest.mark.parametrize(
    ("factory", "values", "field", "sentence"),
    [
        (make.FundingCallFactory, {"deadlines": []}, "deadlines", "A call has at least one deadline."),
        (make.FundingCallFactory, {"deadlines": None}, "deadlines", "A call has at least one deadline."),
        (
            make.FundingCallFactory,
            {"opens_on": date(2015, 12, 2)},
            "opens_on",
            "A call does not open after its first deadline.",
        ),
        (
            make.FundingCallFactory,
            {"deadlines": [date(1989, 1, 1)]},
            "deadlines",
            "A deadline lies between the years 1990 and 2100.",
        ),
        (make.FundingCallFactory, {"withdrawn_on": date(2015, 6, 2)}, "withdrawn_on", FUTURE),
        (make.FilingFactory, {"filed_on": date(2015, 6, 2)}, "filed_on", FUTURE),
        (make.ApplicationFactory, {"deadline": date(2015, 11, 30)}, "deadline", "The call has no such deadline."),
        (
            make.ApplicationFactory,
            {"directorate": make.OrganisationFactory},
            "directorate",
            "Applications are counted by directorate of the City.",
        ),
        (make.LabelFactory, {"received_on": date(2015, 6, 2)}, "received_on", FUTURE),
        (make.LabelFactory, {"programme__kind": "students"}, "programme", "This programme awards no label."),
        (
            make.LabelFactory,
            {"applicant__kind": "company"},
            "applicant",
            "Associations, schools and universities apply, nobody else.",
        ),
        (
            make.EditionFactory,
            {"year": 2016, "participants": 1},
            "participants",
            "This edition has not taken place yet.",
        ),
        (make.EditionFactory, {"year": 2016, "actual_cost": 1}, "actual_cost", "This edition has not taken place yet."),
        (
            make.ResultPeriodFactory,
            {"starts_on": date(2015, 6, 2), "actual": 1},
            "actual",
            "The period has not begun: there is nothing to measure yet.",
        ),
        (make.ProjectStepFactory, {"done_on": date(2015, 6, 2)}, "done_on", FUTURE),
        (
            make.CulturalProjectFactory,
            {"status": "past", "starts_on": date(2015, 6, 2), "starts_on_precision": "day"},
            "starts_on",
            FUTURE,
        ),
        (make.CouncilLeadTimeFactory, {"until": date(1890, 1, 1)}, "until", "The end cannot be before the beginning."),
        (make.ResultPeriodFactory, {"ends_on": date(2014, 1, 1)}, "ends_on", "The end cannot be before the beginning."),
    ],
)
def test_bad_input_is_refused_with_its_field(factory, values, field, sentence):
    values = {name: value() if callable(value) else value for name, value in values.items()}
    with pytest.raises(ValidationError) as refused:
        factory(**values)
    assert sentence in refused.value.message_dict[field]

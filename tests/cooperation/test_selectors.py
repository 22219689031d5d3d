"""What the figures of cooperation count, and what they leave out."""

from datetime import date
from decimal import Decimal

import pytest

from cooperation.enums import LIVE, ProjectStage
from cooperation.models import Project
from cooperation.selectors import calls, culture, money, projects
from core.figures import Share
from partnerships.enums import OrganisationKind
from tests import factories as make

pytestmark = pytest.mark.django_db

OVER = {"actual_end": date(2015, 5, 4), "actual_end_precision": "day"}
STAGES = {
    "idea": {},
    "in-preparation": {},
    "adopted": {"adopted": True},
    "under-way": {"under_way": True},
    "completed": {"under_way": True} | OVER,
    "suspended": {"under_way": True, "stopped_reason": "invented"},
    "abandoned": {"under_way": True, "stopped_reason": "invented"},
}


def project_at(stage: str, **values) -> Project:
    return make.ProjectFactory(**STAGES[stage] | {"stage": stage} | values)


def committed(amount, day=date(2015, 2, 2), **line):
    return make.MovementFactory(line=make.FundingLineFactory(**line), amount=amount, on=day).line


# --- the portfolio ---


class TestPortfolio:
    def test_only_projects_under_way_count_and_a_whole_with_its_parts_once(self, deputy):
        found = {stage: project_at(stage) for stage in ProjectStage.values}
        project_at("under-way", parent=found["under-way"])
        assert list(projects.under_way(deputy)) == [found["under-way"]]
        assert projects.by_stage(deputy) == dict.fromkeys(ProjectStage.values, 1)
        assert set(projects.in_preparation(deputy)) == {found["idea"], found["in-preparation"]}
        assert list(projects.stopped(deputy)) == [found["suspended"]]

    def test_each_city_of_a_project_under_way_counts_once(self, deputy):
        city = make.CityFactory()
        whole = project_at("under-way")
        make.ProjectCityFactory(project=whole, city=city)
        make.ProjectCityFactory(project=project_at("under-way", parent=whole), city=city)
        of_part = make.ProjectCityFactory(project=project_at("under-way", parent=whole)).city
        make.ProjectCityFactory(project=project_at("adopted"))
        assert set(projects.cities_under_way(deputy)) == {city, of_part}
        assert projects.project_cities(deputy).count() == 3

    def test_a_stranger_sees_none(self):
        make.ProjectCityFactory(project=project_at("under-way"))
        assert not projects.under_way(None).exists()
        assert not projects.cities_under_way(None).exists()

    def test_several_directorates_make_a_live_project_transversal(self, deputy):
        def directorate(project, role):
            body = make.OrganisationFactory(kind=OrganisationKind.DIRECTORATE)
            make.ProjectOrganisationFactory(project=project, organisation=body, role=role)

        shared, alone, with_operator, over = (
            project_at(stage) for stage in ("idea", "adopted", "under-way", "completed")
        )
        for project in (shared, alone, with_operator, over):
            directorate(project, "lead")
        directorate(shared, "associated")
        directorate(over, "associated")
        make.ProjectOrganisationFactory(project=with_operator, role="operator")
        assert projects.transversality(deputy) == Share(1, 3)

    def test_the_priority_share_counts_each_live_project_once(self, deputy):
        project = project_at("idea")
        for _ in range(2):
            make.ProjectThemeFactory(project=project, theme__is_priority=True)
        make.ProjectThemeFactory(project=project_at("adopted"))
        make.ProjectThemeFactory(project=project_at("abandoned"), theme__is_priority=True)
        assert projects.priority_share(deputy) == Share(1, 2)

    def test_live_projects_by_field_leave_out_parts_and_those_that_are_over(self, deputy):
        theme = make.ThemeFactory()
        for stage in ProjectStage.values:
            make.ProjectThemeFactory(project=project_at(stage), theme=theme)
        make.ProjectThemeFactory(project=make.ProjectFactory(parent=project_at("idea")), theme=theme)
        assert projects.project_themes(deputy).get(pk=theme.pk).live_projects == len(LIVE)

    def test_late_steps_are_open_ones_of_live_projects(self, deputy):
        late = make.ProjectStepFactory(due_on=date(2015, 5, 31))
        make.ProjectStepFactory(due_on=date(2015, 6, 1))
        make.ProjectStepFactory(due_on=date(2015, 5, 31), done_on=date(2015, 6, 1))
        make.ProjectStepFactory(due_on=date(2015, 5, 31), project=project_at("abandoned"))
        assert list(projects.late_steps(deputy)) == [late]

    def test_a_sector_is_a_field_or_a_purpose(self, deputy):
        nothing = project_at("idea")
        make.ProjectThemeFactory()
        project_at("idea", purposes={make.PurposeCodeFactory().code: "100"})
        assert list(projects.without_sector(deputy)) == [nothing]

    def test_labels_are_valid_to_their_last_day(self, deputy):
        awarded = {"stage": "awarded", "opinion": "invented", "decided_on": date(2015, 5, 1)}
        valid = make.LabelFactory(valid_until=date(2015, 6, 1), **awarded)
        make.LabelFactory(valid_until=date(2015, 5, 31), **awarded)
        make.LabelFactory()
        assert list(projects.valid_labels(deputy)) == [valid]


# --- money ---


class TestLeverage:
    def test_what_others_commit_in_cash_for_one_euro_of_ours(self, deputy):
        project = project_at("adopted")
        committed(1000, project=project)
        committed(2500, project=project, external=True)
        committed(9000, project=project, external=True, nature="in-kind")
        make.MovementFactory(
            line=make.FundingLineFactory(project=project, external=True), kind="requested", amount=9000
        )
        committed(9000, project=project_at("abandoned"), external=True)
        committed(9000, project=None, cultural_project=make.CulturalProjectFactory(), external=True)
        assert money.external_per_city_euro(deputy).value == Decimal("2.50")
        assert money.external_per_city_euro(None).value is None

    def test_it_is_in_euros_and_to_the_cent(self, deputy):
        project = committed(300).project
        line = make.FundingLineFactory(project=project, external=True, currency="USD")
        make.MovementFactory(line=line, amount=220, rate=Decimal("1.1"), rate_on=date(2015, 2, 2))
        assert money.external_per_city_euro(deputy).value == Decimal("0.67")

    def test_it_is_not_known_where_the_city_gave_nothing(self, deputy):
        assert money.external_per_city_euro(deputy).value is None
        line = committed(2500, external=True)
        assert money.external_per_city_euro(deputy).value is None
        assert [(row.key, row.measured.value) for row in money.external_by_project(deputy)] == [
            (line.project.reference, None)
        ]

    def test_it_is_zero_where_nobody_else_gave(self, deputy):
        committed(1000)
        assert money.external_per_city_euro(deputy).value == 0

    def test_by_project_a_whole_with_its_parts(self, deputy):
        whole = make.ProjectFactory(reference="PRJ-A")
        for amount, external in ((1000, False), (3000, True)):
            committed(amount, project=make.ProjectFactory(parent=whole), external=external)
        single = make.ProjectFactory(reference="PRJ-B")
        committed(1000, project=single)
        assert [(row.key, row.measured.value) for row in money.external_by_project(deputy)] == [
            ("PRJ-A", 3),
            ("PRJ-B", 0),
        ]

    def test_by_field_a_project_counts_in_each_of_its_own(self, deputy):
        project = committed(1000).project
        committed(2000, project=project, external=True)
        committed(500)
        for slug in ("a", "b"):
            make.ProjectThemeFactory(project=project, theme__slug=slug, theme__name_en=slug)
        assert [(row.key, row.measured.value) for row in money.external_by_theme(deputy)] == [("a", 2), ("b", 2)]

    def test_by_the_year_of_the_commitment(self, deputy):
        project = committed(1000, day=date(2014, 12, 31)).project
        committed(500, day=date(2014, 1, 1), project=project, external=True)
        committed(700, day=date(2015, 1, 1), project=project, external=True)
        assert [(row.key, row.measured.value) for row in money.external_by_year(deputy)] == [
            ("2014", Decimal("0.5")),
            ("2015", None),
        ]

    def test_of_a_set_of_lines_it_is_the_same_figure(self, deputy):
        project = committed(1000).project
        committed(2500, project=project, external=True)
        committed(9000, project=project, external=True, nature="in-kind")
        totals = money.totals(money.lines_of(deputy, project))
        assert totals.per_city_euro == money.external_per_city_euro(deputy)
        assert (totals.all.committed, totals.own.committed, totals.in_kind.committed) == (12500, 1000, 9000)
        row = money.with_money(Project.objects.all(), deputy).get()
        assert (row.committed, row.own_cash, row.external_cash) == (12500, 1000, 2500)


class TestVariance:
    def test_it_is_actual_minus_what_was_voted_else_the_last_forecast(self, deputy):
        line = committed(5000, day=date(2014, 1, 6))
        make.ForecastFactory(line=line, year=2014, amount_eur=900, made_on=date(2014, 1, 6))
        make.ForecastFactory(
            line=line, year=2014, amount_eur=1000, made_on=date(2014, 2, 6), deliberation=make.DeliberationFactory()
        )
        make.ForecastFactory(line=line, year=2014, amount_eur=1500, made_on=date(2014, 3, 6))
        make.ForecastFactory(line=line, year=2015, amount_eur=800)
        make.ForecastFactory(line=line, year=2015, amount_eur=700, made_on=date(2015, 1, 6))
        for day, amount in ((date(2014, 12, 31), 1200), (date(2015, 1, 1), 600)):
            make.MovementFactory(line=line, kind="disbursed", amount=amount, on=day)
        rows = [
            (row.year, row.voted, row.latest, row.actual, row.difference, row.is_over)
            for row in money.variances(deputy)
        ]
        assert rows == [(2014, 1000, 1500, 1200, 200, True), (2015, None, 700, 600, -100, False)]
        assert money.variance_of_last_year(deputy).amount == 200

    def test_it_is_not_known_without_a_forecast(self, deputy):
        line = committed(100, day=date(2014, 1, 6))
        make.MovementFactory(line=line, kind="disbursed", amount=100, on=date(2014, 1, 6))
        assert [(row.actual, row.difference) for row in money.variances(deputy)] == [(100, None)]
        assert money.variance_of_last_year(deputy).amount is None

    def test_abandoned_projects_and_cultural_ones_are_left_out_unless_asked_for(self, deputy):
        abandoned = make.ForecastFactory(line__project=project_at("abandoned"))
        make.ForecastFactory(line__project=None, line__cultural_project=make.CulturalProjectFactory())
        assert money.variances(deputy) == []
        lines = money.lines_of(deputy, abandoned.line.project)
        assert [row.difference for row in money.variances(deputy, lines)] == [-1000]


class TestFrameworks:
    def test_used_is_what_is_committed_on_it_and_left_the_rest(self, deputy):
        framework = make.FrameworkFactory(amount=1000)
        values = {"kind": "other", "organisation": framework.funder, "framework": framework}
        committed(300, **values)
        line = committed(200, **values)
        make.MovementFactory(line=line, kind="requested", amount=5000)
        committed(5000, kind="other", organisation=framework.funder)
        row = money.frameworks(deputy).get()
        assert (row.used, row.left) == (500, 500)

    def test_what_is_left_is_not_known_where_the_amount_is_not(self, deputy):
        make.FrameworkFactory(amount=None)
        row = money.frameworks(deputy).get()
        assert (row.used, row.left) == (0, None)


class TestDoubts:
    def doubts(self, deputy, project):
        return [({doubt.first, doubt.second}, doubt.why, doubt.amount) for doubt in money.doubts(deputy, project)]

    def test_two_funders_with_the_same_amount_in_cash(self, deputy):
        first = committed(1000)
        project = first.project
        second = committed(1000, project=project, external=True)
        committed(1000, project=project, external=True, nature="in-kind")
        committed(999, project=project, external=True)
        make.FundingLineFactory(project=project, external=True)
        make.FundingLineFactory(project=project, external=True)
        assert self.doubts(deputy, project) == [({first, second}, "same-amount", 1000)]

    def test_what_is_asked_counts_where_nothing_is_committed(self, deputy):
        first = committed(1000)
        second = make.MovementFactory(
            line__project=first.project, line__external=True, kind="requested", amount=1000
        ).line
        assert self.doubts(deputy, first.project) == [({first, second}, "same-amount", 1000)]

    def test_of_a_whole_its_parts_are_compared(self, deputy):
        whole = make.ProjectFactory()
        first, second = (committed(1000, project=make.ProjectFactory(parent=whole)) for _ in range(2))
        assert self.doubts(deputy, whole) == [({first, second}, "same-amount", 1000)]

    def test_one_reference_on_two_lines_also_of_another_project(self, deputy):
        mine, other, else_ = (
            make.MovementFactory(amount=amount, reference="N-1").line for amount in (1000, 1000, 1001)
        )
        make.MovementFactory(line=mine, amount=1000, reference="N-1")
        make.MovementFactory(amount=1000, reference="N-2")
        make.MovementFactory(amount=1000, reference="N-1", kind="requested")
        assert self.doubts(deputy, mine.project) == [({mine, other}, "same-reference", 1000)]
        assert self.doubts(deputy, else_.project) == []

    def test_the_same_pair_is_named_once(self, deputy):
        first = make.MovementFactory(line__external=True, reference="N-1").line
        make.MovementFactory(line__project=first.project, line__kind="own", reference="N-1")
        assert [why for _, why, _ in self.doubts(deputy, first.project)] == ["same-amount"]

    def test_a_line_that_says_why_is_left_out(self, deputy):
        first = make.MovementFactory(reference="N-1").line
        second = make.MovementFactory(line__project=first.project, line__external=True, reference="N-1").line
        assert len(self.doubts(deputy, first.project)) == 1
        second.counted_apart = "Two notices with one number."
        second.save()
        assert self.doubts(deputy, first.project) == []


# --- culture ---


class TestRotation:
    @pytest.fixture
    def company(self):
        return make.OrganisationFactory(name_en="Example Company")

    def test_a_recipient_or_a_discipline_that_comes_back_the_next_year(self, deputy, company):
        for year, kind in ((2013, "tour"), (2014, "work"), (2016, "tour")):
            make.CulturalProjectFactory(year=year, recipient=company, kind=kind, discipline="dance")
        make.CulturalProjectFactory(year=2015, discipline="music")
        table = culture.rotation(deputy)
        assert table.years == [2013, 2014, 2015, 2016]
        assert [(turn.name, turn.repeated) for turn in table.warnings] == [
            ("Example Company", [2014]),
            ("dance", [2014]),
        ]
        assert [len(turn.by_year) for turn in table.recipients] == [3]

    @pytest.mark.parametrize("other", [{"status": "cancelled"}, {"year": None}, {"kind": "tandem"}, {"year": 2016}])
    def test_what_does_not_take_a_turn_is_left_out(self, deputy, company, other):
        values = {"recipient": company, "discipline": "dance"}
        project = make.CulturalProjectFactory(year=2014, **values)
        assert culture.repeats(project) == (False, False)
        make.CulturalProjectFactory(**{"year": 2015, **values, **other})
        assert culture.rotation(deputy).warnings == []
        assert culture.repeats(project) == (False, False)

    def test_each_project_knows_its_neighbours(self, company):
        before = make.CulturalProjectFactory(year=2014, recipient=company, discipline="dance")
        same = make.CulturalProjectFactory(year=2015, recipient=company, discipline="music")
        other = make.CulturalProjectFactory(year=2015, discipline="dance")
        unknown = make.CulturalProjectFactory(year=2015)
        assert [culture.repeats(row) for row in (before, same, other, unknown)] == [
            (True, True),
            (True, False),
            (False, True),
            (False, False),
        ]


# --- queries ---


def test_the_portfolio_takes_the_same_queries_whatever_its_length(deputy, django_assert_num_queries):
    rows = []

    def add():
        project = make.ProjectCityFactory(project=project_at("under-way", agreement=make.AgreementFactory())).project
        make.ProjectOrganisationFactory(project=project, directorate=True)
        make.ProjectThemeFactory(project=project)
        committed(1000, project=project)

    def read():
        for project in money.with_money(projects.under_way(deputy), deputy):
            parts = (
                [str(place.city.country) for place in project.places.all()],
                [str(b) for b in project.bodies.all()],
            )
            rows.append((*parts, [str(f) for f in project.fields.all()], str(project.agreement), project.committed))

    add()
    may_view = 2  # the reader's permissions, read once
    with django_assert_num_queries(may_view + 4):
        read()
    for _ in range(3):
        add()
    with django_assert_num_queries(4):
        read()


def test_lines_and_doubts_take_the_same_queries_whatever_their_number(deputy, django_assert_num_queries):
    project = make.ProjectFactory()
    committed(1000, project=project)
    rows = []

    def read():
        rows.extend(str(line) + line.get_absolute_url() for line in money.lines_of(deputy, project))
        money.doubts(deputy, project)

    read()
    with django_assert_num_queries(3):
        read()
    for _ in range(3):
        committed(1000, project=project, external=True)
    with django_assert_num_queries(3):
        read()


def test_the_advice_on_calls_takes_the_same_queries_whatever_their_number(deputy, django_assert_num_queries):
    theme = make.ThemeFactory()

    def add():
        programme = make.FundingProgrammeFactory(gates=["reports", "commitment"])
        make.CallThemeFactory(theme=theme, call=make.FundingCallFactory(programme=programme, country_scope="dac"))
        project = make.ProjectThemeFactory(theme=theme).project
        make.ProjectCityFactory(project=project, city=make.CityFactory(country=make.CountryStatusFactory().country))
        make.ForecastFactory(line__project=project)

    add()
    assert len(calls.advices(deputy)[0].matches) == 1
    with django_assert_num_queries(11):
        calls.advices(deputy)
    for _ in range(3):
        add()
    with django_assert_num_queries(11):
        found = calls.advices(deputy)
    assert [len(advice.matches) for advice in found] == [4] * 4

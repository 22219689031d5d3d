"""The funding watch: which calls are open, what they match and why, and which are worth applying to."""

from datetime import date
from decimal import Decimal

import pytest

from cooperation.selectors import calls
from partnerships.enums import OrganisationKind
from tests import factories as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def theme():
    return make.ThemeFactory(name_en="Water")


@pytest.fixture
def project(theme):
    """A project in Water, of which the cost is known, in a city of a country on the DAC list."""
    return new_project(theme)


def new_project(theme, cost=300, **values):
    project = make.ProjectThemeFactory(theme=theme, project=make.ProjectFactory(**values)).project
    country = make.CountryStatusFactory(since=date(2014, 1, 1), until=date(2015, 12, 31)).country
    make.ProjectCityFactory(project=project, city__country=country)
    if cost:
        make.ForecastFactory(line__project=project, amount_eur=cost)
    return project


def new_call(theme, **values):
    return make.CallThemeFactory(theme=theme, call=make.FundingCallFactory(**values)).call


def matches(reader) -> list[calls.Match]:
    (advice,) = calls.advices(reader)
    return list(advice.matches)


def missing(reader) -> list[tuple[str, str]]:
    (match,) = matches(reader)
    return [(str(reason), reason.field) for reason in match.missing]


class TestOpen:
    def test_from_the_opening_to_the_last_deadline(self, deputy):
        past, coming = [date(2015, 5, 31)], [date(2015, 9, 1)]
        made = {
            name: make.FundingCallFactory(**values)
            for name, values in {
                "no opening": {"deadlines": coming},
                "opens today": {"deadlines": coming, "opens_on": date(2015, 6, 1)},
                "ends today": {"deadlines": [date(2015, 6, 1)]},
                "second deadline": {"deadlines": [*coming, *past]},
                "opens tomorrow": {"deadlines": coming, "opens_on": date(2015, 6, 2)},
                "over": {"deadlines": past},
                "withdrawn": {"deadlines": coming, "withdrawn_on": date(2015, 5, 1)},
            }.items()
        }
        found = {name for name, call in made.items() if call in calls.open_calls(deputy)}
        assert found == {"no opening", "opens today", "ends today", "second deadline"}
        assert list(calls.forthcoming_calls(deputy)) == [made["opens tomorrow"]]
        assert made["second deadline"].next_deadline() == date(2015, 9, 1)
        assert made["second deadline"].last_deadline == date(2015, 9, 1)

    def test_one_that_somebody_answers_is_no_longer_unanswered(self, deputy):
        call = make.FundingCallFactory()
        make.ApplicationFactory()
        assert list(calls.unanswered_calls(deputy)) == [call]


class TestFields:
    def test_only_a_field_in_common_matches_and_is_named(self, deputy, theme, project):
        make.ProjectThemeFactory()
        new_call(theme)
        (match,) = matches(deputy)
        assert match.project == project
        assert match.reasons == ("Field in common: Water", "Could ask for up to €300")
        assert match.missing == ()

    def test_several_are_named_together(self, deputy, theme, project):
        second = make.ProjectThemeFactory(project=project, theme__name_en="Waste").theme
        make.CallThemeFactory(call=new_call(theme), theme=second)
        assert matches(deputy)[0].reasons[0] == "Fields in common: Water, Waste"

    def test_a_call_without_a_field_matches_nothing(self, deputy, project):
        make.FundingCallFactory()
        assert matches(deputy) == []


class TestWho:
    def test_one_that_has_applied_already_is_left_out(self, deputy, theme, project):
        make.ApplicationFactory(call=new_call(theme), project=project)
        assert matches(deputy) == []

    @pytest.mark.parametrize("stage", ["suspended", "abandoned"])
    def test_one_that_stands_still_or_is_over_is_left_out(self, deputy, theme, stage):
        new_call(theme)
        new_project(theme, stage=stage, stopped_reason="invented")
        assert matches(deputy) == []

    def test_the_parts_apply_and_not_the_whole(self, deputy, theme, project):
        new_call(theme)
        whole = new_project(theme, cost=None)
        project.parent = whole
        project.save()
        assert [match.project for match in matches(deputy)] == [project]

    def test_the_one_that_lacks_least_comes_first(self, deputy, theme, project):
        new_call(theme)
        lacking = new_project(theme, cost=None)
        assert [match.project for match in matches(deputy)] == [project, lacking]


class TestWhere:
    def test_the_countries_listed(self, deputy, theme, project):
        call = new_call(theme, country_scope="listed")
        make.CallCountryFactory(call=call)
        assert matches(deputy) == []
        country = make.CallCountryFactory(call=call, country=project.places.get().city.country).country
        assert f"Eligible country: {country}" in matches(deputy)[0].reasons

    def test_the_dac_list_as_it_stands_today(self, deputy, settings, theme, project):
        new_call(theme, country_scope="dac", deadlines=[date(2017, 1, 1)])
        country = project.places.get().city.country
        assert f"Eligible country: {country}" in matches(deputy)[0].reasons
        settings.TODAY = date(2016, 1, 1)
        assert matches(deputy) == []

    def test_a_standing_in_the_francophonie_is_no_place_on_the_dac_list(self, deputy, theme):
        new_call(theme, country_scope="dac")
        project = make.ProjectThemeFactory(theme=theme).project
        status = make.CountryStatusFactory(kind="oif-member")
        make.ProjectCityFactory(project=project, city__country=status.country)
        assert matches(deputy) == []

    @pytest.mark.parametrize("scope", ["listed", "dac"])
    def test_without_a_city_the_country_cannot_be_checked(self, deputy, theme, scope):
        new_call(theme, country_scope=scope)
        project = make.ProjectThemeFactory(theme=theme).project
        make.ForecastFactory(line__project=project)
        assert missing(deputy) == [("The project names no city: its country cannot be checked.", "places")]

    def test_the_least_number_of_partner_cities(self, deputy, theme, project):
        call = new_call(theme, min_partners=2)
        assert missing(deputy) == [("The call asks for 2 partner cities; the project names 1.", "places")]
        make.ProjectCityFactory(project=project)
        assert missing(deputy) == []
        assert call.min_partners == 2


class TestMoney:
    def reasons(self, reader):
        return matches(reader)[0].reasons[-1]

    def test_without_a_forecast_the_cost_is_not_known(self, deputy, theme):
        new_call(theme)
        new_project(theme, cost=None)
        assert missing(deputy) == [("No forecast says what the project costs.", "funding_lines")]

    def test_the_last_forecasts_of_all_lines_and_years_are_the_cost(self, deputy, theme, project):
        new_call(theme)
        line = project.funding_lines.get()
        make.ForecastFactory(line=line, amount_eur=100, made_on=date(2015, 2, 1))
        make.ForecastFactory(line=line, year=2016, amount_eur=20)
        make.ForecastFactory(line=make.FundingLineFactory(project=project, external=True), amount_eur=3)
        assert self.reasons(deputy) == "Could ask for up to €123"

    @pytest.mark.parametrize(
        ("values", "amount"),
        [
            ({"min_partners_share": 30}, 210),
            ({"cofunding_rate": 60}, 180),
            ({"min_partners_share": 30, "cofunding_rate": 60}, 180),
            ({"min_partners_share": 50, "cofunding_rate": 60}, 150),
            ({"max_contribution": 250}, 250),
            ({"max_contribution": 250, "min_partners_share": 30}, 210),
            ({"min_contribution": 300}, 300),
        ],
    )
    def test_the_partners_share_the_rate_and_the_range(self, deputy, theme, project, values, amount):
        new_call(theme, **values)
        assert self.reasons(deputy) == f"Could ask for up to €{amount}"

    def test_those_of_the_programme_hold_for_a_call_that_states_none(self, deputy, theme, project):
        programme = make.FundingProgrammeFactory(min_partners_share=30, max_contribution=100)
        new_call(theme, programme=programme, max_contribution=200)
        assert self.reasons(deputy) == "Could ask for up to €200"

    def test_less_than_the_funder_gives_is_missing(self, deputy, theme, project):
        new_call(theme, min_contribution=211, min_partners_share=30)
        said = "The funder could bear €210 of its cost, and gives at least €211."
        assert missing(deputy) == [(said, "funding_lines")]


def test_closed_gates_are_missing(deputy, theme, project):
    programme = make.FundingProgrammeFactory(gates=["aid-return", "reports"], funder__name_en="Funder")
    new_call(theme, programme=programme, gates=["commitment"])
    assert missing(deputy) == [
        ("The aid return for 2014 is not recorded as filed (CGCT L1115-6).", "call"),
        ("The reports on earlier grants of Funder are not recorded as filed.", "call"),
        ("There is neither a signed agreement nor a deliberation of the Council.", "deliberation"),
    ]
    make.FilingFactory(year=2014)
    make.FilingFactory(gate="reports", year=2014, funder=programme.funder)
    project.deliberation = make.DeliberationFactory()
    project.save()
    assert missing(deputy) == []


def test_of_projects_in_other_fields_nothing_is_read_for_the_calls_that_are_asked_about(deputy, theme, project):
    new_project(make.ThemeFactory())
    new_call(theme)
    asked = list(calls.open_calls(deputy))
    assert calls.Desk.read(deputy, asked).projects == [project]
    assert len(calls.Desk.read(deputy).projects) == 2


# --- when ---


class TestCouncil:
    def test_the_day_is_counted_back_from_the_next_deadline(self, deputy, theme):
        make.CouncilLeadTimeFactory(days=90, since=date(2014, 1, 1), until=date(2015, 5, 31))
        make.CouncilLeadTimeFactory(days=60, since=date(2015, 6, 1), until=None)
        new_call(theme, deadlines=[date(2015, 5, 1), date(2015, 8, 1), date(2015, 12, 1)])
        (advice,) = calls.advices(deputy)
        assert (advice.deadline, advice.council_by, advice.days_left) == (date(2015, 8, 1), date(2015, 6, 2), 61)
        assert calls.council_day(date(2015, 8, 1)) == advice.council_by
        assert calls.why_now(advice) == "Deadline on 1 August 2015; the Council's file to be started by 2 June 2015"

    @pytest.mark.parametrize(("deadline", "too_late"), [(date(2015, 7, 31), False), (date(2015, 7, 30), True)])
    def test_it_is_too_late_from_the_day_after(self, deputy, theme, deadline, too_late):
        make.CouncilLeadTimeFactory(days=60, since=date(2015, 1, 1), until=None)
        new_call(theme, deadlines=[deadline])
        assert calls.advices(deputy)[0].is_too_late is too_late

    def test_without_a_lead_time_nothing_is_counted(self, deputy, theme):
        new_call(theme)
        (advice,) = calls.advices(deputy)
        assert (advice.council_by, advice.is_too_late, calls.council_day(date(2015, 8, 1))) == (None, False, None)
        assert calls.why_now(advice) == "Deadline on 1 December 2015; no lead time of the Council is recorded"


class TestWorthApplyingTo:
    def names(self, reader, **kwargs):
        return [advice.call.identifier for advice in calls.worth_applying_to(reader, **kwargs)]

    def test_least_missing_then_most_matches_then_soonest(self, deputy, theme, project):
        new_project(both := make.ThemeFactory())
        make.ProjectThemeFactory(project=project, theme=both)
        new_call(theme, identifier="LATER", deadlines=[date(2015, 12, 1)])
        new_call(theme, identifier="SOONER", deadlines=[date(2015, 11, 1)])
        new_call(both, identifier="TWO-MATCHES", deadlines=[date(2016, 1, 1)])
        new_call(both, identifier="LACKING", deadlines=[date(2015, 7, 1)], gates=["commitment"])
        assert self.names(deputy) == ["TWO-MATCHES", "SOONER", "LATER"]
        assert self.names(deputy, limit=9) == ["TWO-MATCHES", "SOONER", "LATER", "LACKING"]

    def test_those_without_a_match_or_too_late_are_left_out(self, deputy, theme, project):
        make.CouncilLeadTimeFactory(days=60, since=date(2015, 1, 1), until=None)
        new_call(theme, identifier="IN-TIME", deadlines=[date(2015, 7, 31)])
        new_call(theme, identifier="TOO-LATE", deadlines=[date(2015, 7, 30)])
        make.CallThemeFactory(call__identifier="NO-MATCH")
        assert self.names(deputy) == ["IN-TIME"]

    def test_a_stranger_is_advised_of_nothing(self, theme, project):
        new_call(theme)
        assert calls.advices(None) == []


# --- applications ---


class TestAccounts:
    @pytest.fixture(autouse=True)
    def _applications(self):
        roads, water = (
            make.OrganisationFactory(kind=OrganisationKind.DIRECTORATE, name_en=name) for name in ("Roads", "Water")
        )
        sent = {"stage": "submitted", "amount_asked": 200, "total_cost": 300}
        won = {"stage": "won", "amount_obtained": 150}
        lost = {"stage": "lost", "decision_reason": "invented"}
        day, other = date(2014, 12, 31), date(2015, 1, 1)
        make.ApplicationFactory(**sent, directorate=roads, submitted_on=other)
        make.ApplicationFactory(**sent | won, directorate=roads, submitted_on=day, decided_on=other)
        make.ApplicationFactory(**sent | lost, directorate=water, submitted_on=day, decided_on=day)
        make.ApplicationFactory(directorate=water, amount_asked=999, total_cost=999)
        make.ApplicationFactory(stage="withdrawn", decision_reason="invented")

    def test_by_year_of_the_submission(self, deputy):
        assert calls.by_year(deputy) == [
            calls.Account("2014", 2, 1, 1, Decimal(400), Decimal(150)),
            calls.Account("2015", 1, 0, 0, Decimal(200), Decimal(0)),
        ]

    def test_by_directorate(self, deputy):
        assert calls.by_directorate(deputy) == [
            calls.Account("Roads", 2, 1, 0, Decimal(400), Decimal(150)),
            calls.Account("Water", 1, 0, 1, Decimal(200), Decimal(0)),
        ]

    def test_what_was_obtained_by_year_of_the_decision(self, deputy):
        assert calls.obtained(deputy).amount == 150
        assert [(row.key, row.measured.amount) for row in calls.obtained_by_year(deputy)] == [("2015", 150)]
        assert calls.obtained(None).amount is None

    def test_drafts_and_those_without_an_answer_are_pending(self, deputy):
        assert sorted(calls.pending_applications(deputy).values_list("stage", flat=True)) == ["draft", "submitted"]

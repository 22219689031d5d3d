"""Pages of cooperation: what they say, what they leave open, and that more rows ask no more of the database."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cooperation import presentation, selectors
from core.roles import Role
from tests import factories
from tests.pages.conftest import call_for, everything, paid_project, partner_city

pytestmark = pytest.mark.django_db

# Queries of a page, reading the session, the user and her roles included.
PROJECTS, RESULTS, PROJECT, CALLS, CALL, CULTURE, EXCHANGES, PRACTICES = 41, 15, 33, 30, 21, 12, 11, 10
LISTS = ["/projects/", "/calls/", "/culture/", "/exchanges/", "/practices/"]


def queries(client, address: str, **headers) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address, headers=headers).status_code == 200
    return len(captured)


def read(client, address: str, **query) -> str:
    response = client.get(address, query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(
    ("address", "expected"), [*zip(LISTS, (PROJECTS, CALLS, CULTURE, EXCHANGES, PRACTICES), strict=True)]
)
def test_a_page_asks_as_much_for_one_row_as_for_three(deputy, address, expected):
    everything()
    deputy.get(address)
    counted = [queries(deputy, address)]
    for _row in range(2):
        everything()
    counted.append(queries(deputy, address))
    assert counted == [expected, expected]


def test_an_update_within_the_page_reads_the_list_alone(deputy):
    everything()
    deputy.get("/projects/")
    assert queries(deputy, "/projects/?stage=under-way", **{"hx-request": "true"}) == RESULTS
    body = deputy.get("/projects/", headers={"hx-request": "true"}).content.decode()
    assert "<html" not in body
    assert 'hx-swap-oob="innerHTML:#count"' in body


@pytest.mark.parametrize(("which", "expected"), [(0, PROJECT), (1, CALL)])
def test_a_record_asks_as_much_for_one_part_as_for_three(deputy, which, expected):
    project, call = everything()
    address = (project, call)[which].get_absolute_url()
    deputy.get(address)
    counted = [queries(deputy, address)]
    theme = project.fields.first().theme
    for _row in range(2):
        other = paid_project()
        factories.ProjectThemeFactory(project=other, theme=theme)
        factories.ApplicationFactory(call=call)
        factories.ApplicationFactory(call__deadlines=[date(2015, 2, 1)], project=project)
        factories.ProjectCityFactory(project=project)
        factories.ProjectStepFactory(project=project)
        factories.ExpertAssignmentFactory(project=project)
        factories.ResultPeriodFactory(indicator__project=project)
        line = factories.FundingLineFactory(project=project, external=True)
        factories.MovementFactory(line=line)
        factories.ForecastFactory(line=line, year=2014)
    counted.append(queries(deputy, address))
    assert counted == [expected, expected]


# --- the portfolio ---


def test_the_portfolio_says_in_a_sentence_where_we_stand(deputy):
    project = paid_project(title_en="Example Waterworks")
    call = call_for(project, title_en="Example Call")
    factories.CouncilLeadTimeFactory(since=date(2014, 1, 1), until=None, days=60)
    body = read(deputy, "/projects/")
    assert "<h1>1 project under way in 1 city</h1>" in body
    assert "rests on 1 project" in body
    assert "The call worth applying to now" in body
    assert call.get_absolute_url() in body
    assert "Field in common: Example Field" in body
    assert "Deadline on 1 December 2015" in body
    assert "2 October 2015" in body
    assert "1 step is late" in body
    assert "€2,000" in body


def test_what_is_not_recorded_is_never_shown_as_zero(deputy):
    factories.ProjectFactory(title_en="Example Idea")
    body = read(deputy, "/projects/")
    assert "<h1>No project is under way</h1>" in body
    assert "not known: no sum is recorded" in body
    assert '<span class="unknown">not recorded</span>' in body
    assert '<span class="unknown">not stated</span>' in body
    assert "no application was sent" in body
    assert "€0" not in body


@pytest.mark.parametrize(
    ("address", "sentences"),
    [
        ("/projects/", ["No project is recorded yet.", "No call is open today", "No framework agreement is recorded."]),
        ("/calls/", ["No funding call is open", "No call is open today", "No application has been submitted yet."]),
        ("/culture/", ["Culture: turns cannot be judged yet", "No tandem is recorded.", "No season is recorded."]),
        ("/exchanges/", ["No exchange programme is recorded yet.", "No application for a label is recorded."]),
        ("/practices/", ["No good practice is recorded yet."]),
    ],
)
def test_an_empty_page_says_why_and_what_next(deputy, address, sentences):
    body = read(deputy, address)
    assert [sentence for sentence in sentences if sentence not in body] == []
    assert "admin" in body


def test_the_list_is_narrowed_by_each_of_its_filters(deputy):
    found, other = paid_project(title_en="Example Waterworks"), factories.ProjectFactory(title_en="Example Other")
    place, field = found.places.first().city, found.fields.first().theme
    lead = found.bodies.get(role="lead").organisation
    for query in (
        {"q": "waterworks"},
        {"q": found.reference},
        {"stage": "under-way"},
        {"city": place.slug},
        {"theme": field.slug},
        {"directorate": lead.slug},
    ):
        body = read(deputy, "/projects/", **query)
        assert f'href="{found.get_absolute_url()}"' in body, query
        assert f'href="{other.get_absolute_url()}"' not in body, query
    assert "No project matches all of this." in read(deputy, "/projects/", q="zzz")


def test_the_euros_of_others_lead_to_the_projects_that_they_rest_on(deputy):
    paid, other = paid_project(title_en="Example Paid"), factories.ProjectFactory(title_en="Example Unpaid")
    whole = read(deputy, "/projects/")
    assert '/projects/?cash_committed=true#results"' in whole
    body = read(deputy, "/projects/", cash_committed="true")
    assert [f'href="{found.get_absolute_url()}"' in body for found in (paid, other)] == [True, False]
    assert "Cash committed, by whomever: yes" in body


def test_a_list_narrowed_beyond_its_form_says_by_what(deputy):
    paid_project()
    body = read(deputy, "/projects/", stage=["idea", "under-way"], transversal="false")
    assert "Narrowed further:" in body
    assert "Stage: idea, under way" in body
    assert "Several directorates: no" in body
    assert "Narrowed further:" not in read(deputy, "/projects/", stage="idea", q="example")


@pytest.mark.parametrize(
    ("address", "query"),
    [
        ("/projects/", {"stage": "married"}),
        ("/projects/", {"theme": "nowhere"}),
        ("/projects/", {"city": "999999999999999999999999"}),
        ("/projects/", {"directorate": "nowhere"}),
        ("/calls/", {"programme": "nowhere"}),
        ("/calls/", {"open": "perhaps"}),
    ],
)
def test_a_wrong_filter_value_is_answered_with_a_sentence(deputy, address, query):
    everything()
    body = read(deputy, address, **query)
    assert "This list cannot be narrowed as asked." in body
    assert "Show the whole list" in body


def test_a_long_list_is_cut_into_pages(deputy):
    factories.ProjectFactory.create_batch(26)
    assert "Page 1 of 2" in read(deputy, "/projects/")
    assert "Page 2 of 2" in read(deputy, "/projects/", page="2")


def test_a_framework_has_a_bar_only_where_its_amount_is_known(deputy):
    framework = factories.FrameworkFactory(amount=1000)
    line = factories.FundingLineFactory(kind="foundation", organisation=framework.funder, framework=framework)
    factories.MovementFactory(line=line, amount=250)
    body = read(deputy, "/projects/")
    assert "€250 used of €1,000, €750 left" in body
    assert '<rect class="length" width="25.00%"' in body
    on_agreement = read(deputy, framework.agreement.get_absolute_url())
    assert "Use of the framework agreement" in on_agreement
    assert line.project.title_en in on_agreement
    framework.amount = None
    framework.save()
    unknown = read(deputy, "/projects/")
    assert "amount of the agreement not known" in unknown
    assert 'width="25.00%"' not in unknown


# --- a project ---


def test_a_project_shows_its_life_and_what_is_missing(deputy):
    body = read(deputy, factories.ProjectFactory(in_preparation=True).get_absolute_url())
    assert "Where it stands:</h2>" not in body
    assert "No lead directorate is named." in body
    assert "No funding line says who is to pay." in body
    stopped = factories.ProjectFactory(stage="suspended", stopped_reason="Invented reason.")
    assert "Invented reason." in read(deputy, stopped.get_absolute_url())


def test_a_project_that_was_stopped_ends_there():
    project = factories.ProjectFactory(stage="abandoned", stopped_reason="Invented reason.")
    assert [step.state for step in presentation.life_steps(project)] == ["done", "done", "current"]
    begun = factories.ProjectFactory(under_way=True)
    assert [step.state for step in presentation.life_steps(begun)] == ["done", "done", "done", "current", "todo"]


def test_the_money_of_a_project_keeps_currencies_apart(deputy):
    project = factories.ProjectFactory(under_way=True)
    own = factories.FundingLineFactory(project=project)
    factories.MovementFactory(line=own, amount=1000)
    dollars = factories.FundingLineFactory(project=project, external=True, currency="USD")
    factories.MovementFactory(line=dollars, amount=3000, rate=2, rate_on=date(2015, 1, 30))
    factories.FundingLineFactory(project=project, nature="in-kind")
    body = read(deputy, project.get_absolute_url())
    assert "US$3,000" in body
    assert "€1,500" in body
    assert "€2,500" in body
    assert "no sum recorded" in body
    assert "1 line has no sum recorded: the totals are without it." in body
    assert "of which in kind" not in body
    assert "at 2 USD for €1 on 30 January 2015" in body


def test_money_that_seems_to_be_counted_twice_is_a_warning_in_words(deputy):
    project = paid_project()
    assert "The same euros may be counted twice." in read(deputy, project.get_absolute_url())
    for line in project.funding_lines.all():
        line.counted_apart = "Invented reason."
        line.save()
    assert "The same euros may be counted twice." not in read(deputy, project.get_absolute_url())


def test_forecast_and_actual_stand_side_by_side(deputy):
    project = factories.ProjectFactory(under_way=True)
    line = factories.FundingLineFactory(project=project)
    factories.ForecastFactory(line=line, year=2015, amount_eur=1000)
    factories.MovementFactory(line=line, amount=400)
    factories.MovementFactory(line=line, amount=400, kind="disbursed", on=date(2015, 3, 2))
    body = read(deputy, project.get_absolute_url())
    assert "-€600" in body
    assert "No forecast and no disbursement is recorded." not in body


def test_a_whole_shows_its_parts_and_counts_their_money_once(deputy):
    whole = factories.ProjectFactory(title_en="Example Whole")
    for amount in (1000, 500):
        part = factories.ProjectFactory(parent=whole)
        factories.MovementFactory(line=factories.FundingLineFactory(project=part), amount=amount)
    body = read(deputy, whole.get_absolute_url())
    assert "2 parts" in body
    assert body.count("€1,500") == 2  # ours, and all of it


def test_person_days_that_nobody_recorded_are_not_zero():
    project = factories.ProjectFactory()
    rows = [
        factories.ExpertAssignmentFactory(project=project, days_planned=10, days_actual=None),
        factories.ExpertAssignmentFactory(project=project, days_planned=5, days_actual=None),
    ]
    planned, actual = (presentation.person_days(rows, name) for name in ("days_planned", "days_actual"))
    assert (planned.sum, planned.unknown, planned.is_known) == (15, 0, True)
    assert (actual.unknown, actual.is_known) == (2, False)


# --- calls ---


def test_calls_are_told_apart_by_their_dates(deputy):
    factories.FundingCallFactory(title_en="Example Open")
    factories.FundingCallFactory(title_en="Example Coming", opens_on=date(2015, 9, 1))
    factories.FundingCallFactory(title_en="Example Closed", deadlines=[date(2015, 5, 1)])
    factories.FundingCallFactory(title_en="Example Withdrawn", withdrawn_on=date(2015, 5, 1))
    body = read(deputy, "/calls/")
    places = [body.index(text) for text in ("Open today", "Example Open", "Opening later", "Example Coming")]
    assert places == sorted(places)
    closed = body[body.index("2 calls are closed") :]
    assert "Example Closed" in closed
    assert "withdrawn on 1 May 2015" in closed
    assert "1 open call · 1 opens later · 2 closed" in body


def test_a_call_says_which_projects_match_and_what_they_lack(deputy):
    project = paid_project(title_en="Example Waterworks")
    call = call_for(project, gates=["aid-return", "commitment"])
    body = read(deputy, call.get_absolute_url())
    assert "1 live project matches" in body
    assert "Example Waterworks" in body
    assert "The aid return for 2014 is not recorded as filed" in body or "The aid return for 2013" in body
    assert "Each project opens it for itself." in body
    factories.FilingFactory(year=2014)
    assert "is not recorded as filed" not in read(deputy, call.get_absolute_url())


def test_what_every_match_lacks_is_said_once(deputy):
    project = paid_project()
    call = call_for(project, gates=["aid-return"])
    factories.ProjectThemeFactory(project=paid_project(), theme=project.fields.first().theme)
    (advice,) = selectors.calls.advices(deputy.user)
    matched = presentation.matched(advice)
    assert len(matched.common) == 1
    assert [missing for _match, missing in matched.projects] == [[], []]
    assert read(deputy, call.get_absolute_url()).count("is not recorded as filed") == 2  # the matches, and the gate


def test_a_closed_call_matches_nothing_any_more(deputy):
    project = paid_project()
    call = call_for(project, deadlines=[date(2015, 5, 1)])
    body = read(deputy, call.get_absolute_url())
    assert "Its last deadline was 1 May 2015." in body
    assert "Nothing can be submitted any more" in body


# --- culture, exchanges, practices ---


def test_turns_that_are_not_taken_are_a_warning_in_words(deputy):
    company = factories.OrganisationFactory(name_en="Example Company")
    for year in (2013, 2014, 2015):
        factories.CulturalProjectFactory(recipient=company, year=year)
    factories.CulturalProjectFactory(title_en="Example Undated", recipient=company)
    body = read(deputy, "/culture/")
    assert "The recipient comes back at once:</span> Example Company, 2013–2015" in body
    assert body.count("again at once") == 2
    assert "1 work or tour of a year that is not known" in body
    assert "Example Undated" in body


def test_a_turn_that_is_taken_is_no_warning(deputy):
    for year in (2013, 2015):
        factories.CulturalProjectFactory(recipient=factories.OrganisationFactory(), year=year)
    body = read(deputy, "/culture/")
    assert "Turns in culture are taken" in body
    assert "comes back at once" not in body


def test_an_edition_tells_zero_from_not_known(deputy):
    factories.EditionFactory(places=10, participants=0)
    body = read(deputy, "/exchanges/").replace("\n</td>", "</td>")
    assert '<td class="number" data-label="Participants:">0</td>' in body
    assert '<td class="number" data-label="Applicants:"><span class="unknown">not known</span></td>' in body


def test_a_comparator_with_a_good_practice_is_said_not_to_be_a_partner(deputy):
    model = factories.RelationFactory(kind="comparator").city
    partner, _agreement = partner_city()
    for place in (model, partner):
        factories.GoodPracticeFactory(city=place)
    body = read(deputy, "/practices/")
    assert body.count("a model to learn from, not a partner") == 1
    assert "Models, not partners." in body


# --- on the pages of lower floors ---


def test_a_city_shows_its_projects_exchanges_and_culture(deputy):
    project = paid_project(title_en="Example Waterworks")
    city = project.places.first().city
    factories.CulturalDestinationFactory(city=city, project__title_en="Example Tour")
    factories.EditionFactory(city=city)
    body = read(deputy, city.get_absolute_url())
    assert "1 project under way" in body
    assert "Example Waterworks" in body
    assert "Example Field" in body
    assert "Example Tour" in body
    assert "Exchanges and culture" not in read(deputy, factories.CityFactory().get_absolute_url())


def test_an_agreement_shows_the_projects_under_it(deputy):
    _city, agreement = partner_city()
    factories.ProjectFactory(agreement=agreement, title_en="Example Waterworks")
    body = read(deputy, agreement.get_absolute_url())
    assert "Projects under this agreement" in body
    assert "Example Waterworks" in body


# --- who reads ---


@pytest.mark.parametrize("role", [Role.DEPUTY, Role.OFFICER, Role.AUDITOR, Role.SOLIDARITY_OFFICER])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_each_role_reads_each_page_without_inline_script_or_style(reader, role, language):
    project, call = everything()
    client = reader(role, language)
    for address in [*LISTS, project.get_absolute_url(), call.get_absolute_url()]:
        body = read(client, address)
        assert f'<html lang="{language}"' in body
        assert 'class="audience city"' in body
        assert " style=" not in body
        assert "<style" not in body


def test_a_reader_without_a_role_sees_nothing(db):
    project, call = everything()
    user = factories.UserFactory(language="en")
    client = Client()
    client.force_login(user)
    for address in (project.get_absolute_url(), call.get_absolute_url()):
        assert client.get(address).status_code == 404
    for address in LISTS:
        body = read(client, address)
        assert "Invented" not in body, address
        assert "Example" not in body.replace("Example Person", ""), address


@pytest.mark.parametrize("address", ["/projects/PRJ-1900-0001/", "/calls/999999/", "/projects/nothing/"])
def test_what_does_not_exist_is_not_found(deputy, address):
    assert deputy.get(address).status_code == 404


def test_a_stranger_is_sent_to_sign_in(client):
    for address in LISTS:
        assert client.get(address).status_code == 302


def test_the_page_of_a_network_says_what_it_gives_to_our_projects(deputy):
    network = factories.NetworkFactory(organisation=factories.OrganisationFactory(kind="network"))
    assert "What we got from it" not in read(deputy, network.get_absolute_url())
    line = factories.FundingLineFactory(external=True, organisation=network.organisation)
    factories.MovementFactory(line=line, amount=7000)
    page = read(deputy, network.get_absolute_url())
    assert "What we got from it" in page
    assert "€7,000" in page
    assert line.project.title_en in page

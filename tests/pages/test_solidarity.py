"""Pages of solidarity: what they say, what they leave open, and that more rows ask no more of the database."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.roles import Role
from solidarity import presentation, selectors
from solidarity.enums import HealthMeasure
from solidarity.models import Grant
from tests import factories
from tests.pages.conftest import solidarity
from tests.solidarity.lives import bulk_proposed, grant_in, law_in_force, moved, pay, water

pytestmark = pytest.mark.django_db

# Queries of a page, reading the session, the user and her roles included.
FUNDS, GRANTS, RESULTS, EMERGENCIES, HEALTH = 28, 16, 7, 12, 14
FUND, ENVELOPE, GRANT = 14, 17, 33
LISTS = ["/solidarity/", "/grants/", "/solidarity/emergencies/", "/solidarity/health/"]


def queries(client, address: str, **headers) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address, headers=headers).status_code == 200
    return len(captured)


def read(client, address: str, **query) -> str:
    response = client.get(address, query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(("address", "expected"), [*zip(LISTS, (FUNDS, GRANTS, EMERGENCIES, HEALTH), strict=True)])
def test_a_page_asks_as_much_for_one_row_as_for_three(deputy, address, expected):
    solidarity()
    deputy.get(address)
    counted = [queries(deputy, address)]
    for _row in range(2):
        solidarity()
    counted.append(queries(deputy, address))
    assert counted == [expected, expected]


def test_an_update_within_the_page_reads_the_list_alone(deputy):
    solidarity()
    deputy.get("/grants/")
    assert queries(deputy, "/grants/?stage=in-payment", **{"hx-request": "true"}) == RESULTS
    body = deputy.get("/grants/", headers={"hx-request": "true"}).content.decode()
    assert "<html" not in body
    assert 'hx-swap-oob="innerHTML:#count"' in body


def test_a_fund_and_its_envelope_ask_as_much_for_one_part_as_for_three(deputy):
    grant = solidarity()
    envelope = grant.allocations.get().envelope
    pages = [envelope.fund.get_absolute_url(), envelope.get_absolute_url()]
    counted = []
    for number in range(3):
        for page in pages:
            deputy.get(page)
        counted.append([queries(deputy, page) for page in pages])
        factories.EnvelopeFactory(fund=envelope.fund, year=2016 + number)
        service = factories.FundServiceFactory(fund=envelope.fund)
        factories.ResourceBaseFactory(envelope=envelope, service=service)
        factories.FundParameterFactory(
            fund=envelope.fund, kind="yearly-target", since=date(2016 + number, 1, 1), until=date(2016 + number, 12, 31)
        )
        moved(bulk_proposed(envelope, 1, 100, service), "voted", deliberation=factories.DeliberationFactory())
    assert counted == [[FUND, ENVELOPE]] * 3


def test_a_grant_asks_as_much_for_one_part_as_for_three(deputy):
    grant = solidarity()
    counted = []
    for number in range(3):
        deputy.get(grant.get_absolute_url())
        counted.append(queries(deputy, grant.get_absolute_url()))
        factories.GrantPlaceFactory(grant=grant)
        pay(grant, 10)
        factories.ReportLineFactory(report=factories.FinancialReportFactory(grant=grant, year=2010 + number))
        factories.PieceFactory(grant=grant, kind=("statutes", "bank", "engagement")[number])
    assert counted == [GRANT] * 3


def test_bodies_that_owe_accounts_are_read_at_once(deputy):
    law_in_force()
    counted = []
    for number in range(3):
        grant = grant_in("voted", (factories.EnvelopeFactory(commitment_authorised=200000), 160000))
        factories.PublicAccountsFactory(organisation=grant.beneficiary, year=2015, approved_on=date(2015, 1, 5))
        body = read(deputy, "/solidarity/")
        assert body.count("€160,000 granted, accounts due on 5 April 2015") == number + 1
        counted.append(queries(deputy, "/solidarity/"))
    assert counted[0] == counted[1] == counted[2]


# --- funds ---


def test_the_year_stands_in_a_sentence(deputy):
    law_in_force()
    envelope, tap, _sewer = water(resources=5_000_000)
    grant = grant_in("in-payment", (envelope, 22000, tap))
    pay(grant, 5000)
    factories.FinancialReportFactory(grant=grant, year=2014, due_on=date(2015, 3, 31))
    body = read(deputy, "/solidarity/")
    assert "<h1>€22,000 committed of €1,000,000 voted for 2015, 1 report overdue</h1>" in body
    assert "€5,000 paid this year, €22,000 committed" in body
    assert "of €1,000,000 of credits (CP)" in body
    assert "1 financial report is overdue" in body
    assert "report 2014, due on 31 March 2015" in body
    assert f"{grant.get_absolute_url()}#reports" in body
    assert "of 1 grant voted" in body


def test_each_service_keeps_its_own_headroom(deputy):
    envelope, tap, _sewer = water(resources=5_000_000)
    grant_in("voted", (envelope, 20000, tap))
    for address in ("/solidarity/", envelope.get_absolute_url()):
        body = read(deputy, address)
        assert "€30,000 left: €20,000 committed of €50,000" in body
        assert "€50,000 left: €0 committed of €50,000" in body
        assert '<rect class="length" width="40.00%"' in body
        assert "€80,000 left" not in body


def test_headroom_is_not_guessed(deputy):
    envelope, tap, _sewer = water()
    envelope.bases.get(service=tap).delete()
    assert "own resources not recorded: what is left cannot be said" in read(deputy, envelope.get_absolute_url())
    envelope.fund.parameters.all().delete()
    assert "no ceiling holds today: what is left cannot be said" in read(deputy, envelope.get_absolute_url())


def test_stated_amounts_are_not_added_up(deputy):
    factories.DeclaredAidFactory(amount=700)
    factories.DeclaredAidFactory(amount=200)
    body = read(deputy, "/solidarity/")
    assert "They stand side by side and are not added up" in body
    assert "€700" in body
    assert "€200" in body
    assert "€900" not in body
    assert "not known: no envelope is recorded for 2015" in body


def test_a_grant_for_two_countries_counts_in_each(deputy):
    grant = grant_in("voted")
    for name in ("Example Land", "Example Isle"):
        factories.GrantPlaceFactory(grant=grant, city=None, country=factories.CountryFactory(name_en=name))
    body = read(deputy, "/solidarity/")
    assert "A grant for several countries counts in each of them" in body
    assert body.count('data-label="Granted:">€20,000</td>') == 4  # two countries, no field, one body
    assert "nothing yet" in body


def test_the_path_of_a_fund_tells_a_year_that_is_not_known_from_one_of_nothing(deputy):
    fund = factories.FundFactory(name_en="Example Waste")
    factories.FundParameterFactory(
        fund=fund, kind="yearly-target", value=1000, since=date(2020, 1, 1), until=date(2020, 12, 31)
    )
    body = read(deputy, fund.get_absolute_url())
    assert "What was committed is not known: this fund has no envelope yet." in body
    assert "2020, target" in body
    assert "€0" not in body
    factories.EnvelopeFactory(fund=fund)
    (first, last) = selectors.funds.path_of(selectors.funds.funds(deputy.user).get(pk=fund.pk))
    assert (first.year, first.target, first.committed, first.paid) == (2015, None, 0, 0)
    assert (last.year, last.target, last.committed, last.paid) == (2020, 1000, None, None)
    assert "Example Waste</span>: the path to its target" in read(deputy, "/solidarity/")


def test_a_fund_says_what_bounds_it_and_until_when(deputy):
    envelope, tap, _sewer = water()
    factories.FundParameterFactory(fund=envelope.fund, kind="grant-minimum", value=500, until=date(2014, 12, 31))
    body = read(deputy, envelope.fund.get_absolute_url())
    assert "1\N{NO-BREAK SPACE}%" in body
    assert "€500" in body
    assert body.count("not today") == 1
    assert tap.name_en in body
    assert "each service apart" in body


def test_an_envelope_shows_its_balance_and_grants(deputy):
    envelope = factories.EnvelopeFactory(commitment_authorised=50000, payment_credits=30000)
    grant = grant_in("in-payment", (envelope, 20000))
    pay(grant, 8000)
    proposed = grant_in("proposed", (envelope, 1000))
    body = read(deputy, envelope.get_absolute_url())
    assert "€30,000 left to commit" in body
    assert "and €1,000 proposed" in body
    assert "€22,000" in body  # left to pay
    for row in (grant, proposed):
        assert row.get_absolute_url() in body


# --- grants ---


def test_the_list_is_narrowed_by_each_of_its_filters(deputy):
    found = grant_in("voted", title_en="Example Wells", theme=factories.ThemeFactory())
    place = factories.GrantPlaceFactory(grant=found)
    other = factories.GrantFactory(title_en="Example Other", year=2014)
    for query in (
        {"q": "wells"},
        {"q": found.reference},
        {"stage": "voted"},
        {"fund": found.allocations.get().envelope.fund.slug},
        {"year": "2015"},
        {"country": place.city.country.code},
        {"theme": found.theme.slug},
        {"beneficiary": found.beneficiary.slug},
        {"unpaid": "true"},
    ):
        body = read(deputy, "/grants/", **query)
        assert f'href="{found.get_absolute_url()}"' in body, query
        assert f'href="{other.get_absolute_url()}"' not in body, query
    assert "No grant matches all of this." in read(deputy, "/grants/", q="zzz")


@pytest.mark.parametrize(
    "query", [{"stage": "married"}, {"fund": "nowhere"}, {"year": "soon"}, {"country": "AA"}, {"unpaid": "perhaps"}]
)
def test_a_wrong_filter_value_is_answered_with_a_sentence(deputy, query):
    solidarity()
    body = read(deputy, "/grants/", **query)
    assert "This list cannot be narrowed as asked." in body
    assert "Show the whole list" in body


def test_a_list_narrowed_beyond_its_form_says_by_what(deputy):
    solidarity()
    assert "Voted, not wholly paid: yes" in read(deputy, "/grants/", unpaid="true")
    assert "Narrowed further:" not in read(deputy, "/grants/", stage="draft")


def test_a_long_list_is_cut_into_pages(deputy):
    factories.GrantFactory.create_batch(26, beneficiary=factories.OrganisationFactory())
    assert "Page 1 of 2" in read(deputy, "/grants/")
    assert "Page 2 of 2" in read(deputy, "/grants/", page="2")


def test_a_grant_says_what_is_missing_before_each_step(deputy):
    draft = factories.GrantFactory(received_on=None)
    body = read(deputy, draft.get_absolute_url())
    gates = ["Before the review", "Before the proposal to the Council", "Before the vote", "Before the first payment"]
    places = [body.index(gate) for gate in gates]
    assert places == sorted(places)
    assert "A piece of the file is missing: application form." in body
    assert "The Council's deliberation is missing." in body or "The Council&#x27;s deliberation is missing." in body
    assert "Money: nothing voted" in body
    assert "No envelope bears it yet." in body
    assert "Before the review" not in read(deputy, grant_in("voted").get_absolute_url())


def test_the_money_of_a_grant_adds_up(deputy):
    grant = grant_in("in-payment", agreement=True)
    pay(grant, 5000)
    found = selectors.grants.dossier(deputy.user).get(pk=grant.pk)
    money = presentation.money(found)
    assert money.left == 15000
    assert [(part.paid, part.left) for part in money.allocations] == [(5000, 15000)]
    assert [part.paid for part in money.instalments] == [5000, 0]
    body = read(deputy, grant.get_absolute_url())
    assert "Money: €15,000 left to pay" in body
    assert "instalment 1" in body
    assert "forbidden (CGCT L1611-4)" in body


def test_the_year_of_the_body_is_held_against_the_law(deputy):
    law_in_force()
    body = factories.OrganisationFactory(kind="association")
    first = grant_in("voted", beneficiary=body)
    assert "Not above the threshold." in read(deputy, first.get_absolute_url())
    second = grant_in("voted", (factories.EnvelopeFactory(), 4000), beneficiary=body)
    page = read(deputy, second.get_absolute_url())
    assert "€24,000 in cash and in kind, this grant included; above €23,000" in page
    assert "Above the threshold: an agreement is needed." in page
    assert "Needed before the first payment, and not recorded." in page
    public = grant_in(
        "voted", (factories.EnvelopeFactory(), 30000), beneficiary=factories.OrganisationFactory(kind="state")
    )
    assert "This body is public: no agreement is asked of it." in read(deputy, public.get_absolute_url())
    stopped = grant_in("rejected")
    assert "it counts for no threshold" in read(deputy, stopped.get_absolute_url())


def test_a_report_shows_the_variance_and_whether_it_is_late(deputy):
    grant = factories.GrantFactory()
    report = factories.FinancialReportFactory(grant=grant, due_on=date(2015, 5, 31))
    assert "What was spent is not recorded." in read(deputy, grant.get_absolute_url())
    factories.ReportLineFactory(report=report, budget=1000, actual=900)
    factories.ReportLineFactory(report=report, budget=500, actual=700)
    body = read(deputy, grant.get_absolute_url())
    assert '<span class="word">late</span>' in body
    assert "-€100" in body
    assert "+€200" in body
    assert "+€100" in body  # both together
    report.received_on = date(2015, 6, 1)
    report.save()
    assert '<span class="word">late</span>' not in read(deputy, grant.get_absolute_url())


@pytest.mark.parametrize(
    ("stage", "states"),
    [
        ("voted", ["done"] * 4 + ["current"] + ["todo"] * 4),
        ("signed", ["done"] * 5 + ["current"] + ["todo"] * 3),
        ("in-payment", ["done"] * 5 + ["current"] + ["todo"] * 2),
        ("rejected", ["done"] * 3 + ["current"]),
        ("withdrawn", ["done"] * 5 + ["current"]),
    ],
)
def test_a_grant_is_shown_as_far_as_it_came(stage, states):
    grant = Grant.objects.get(pk=grant_in(stage).pk)
    assert [step.state for step in presentation.life_steps(grant)] == states


# --- emergencies and health ---


def test_an_emergency_counts_its_days(deputy):
    crisis = factories.CrisisPlaceFactory(crisis__name_en="Example Flood").crisis
    paid = grant_in("in-payment", crisis=crisis, received_on=date(2015, 3, 2))
    pay(paid, 5000, paid_on=date(2015, 4, 1))
    waiting = grant_in("submitted", crisis=crisis, received_on=date(2015, 5, 30))
    rejected = grant_in("rejected", crisis=crisis)
    body = read(deputy, "/solidarity/emergencies/")
    assert "Emergency aid: paid within 30 days of the request, half of the times" in body
    assert "30 days" in body
    assert body.count("until today") == 1
    assert waiting.get_absolute_url() in body
    assert rejected.get_absolute_url() not in body
    assert f'id="{crisis.slug}"' in body
    assert "30 days" in read(deputy, "/solidarity/")


def test_of_many_grants_a_page_shows_the_first_and_leads_to_the_others(deputy):
    crisis = factories.CrisisPlaceFactory().crisis
    place = crisis.places.get().city or factories.CityFactory()
    for _grant in range(12):
        factories.GrantPlaceFactory(grant=grant_in("voted", crisis=crisis), city=place)
    body = read(deputy, "/solidarity/emergencies/")
    assert body.count('<th scope="row"><a href="/grants/') == 3
    assert f'<a class="tap" href="/grants/?crisis={crisis.slug}#results">9 more grants answer this crisis</a>' in body
    body = read(deputy, place.get_absolute_url())
    assert "12 solidarity grants" in body
    assert body.count('<th scope="row"><a href="/grants/') == 10
    assert f'<a class="tap" href="/grants/?city={place.slug}#results">2 more grants name the city</a>' in body


def test_of_many_bodies_and_envelopes_the_page_of_funds_shows_the_first(deputy):
    body = factories.FundFactory()
    for year in range(1990, 2016):
        factories.EnvelopeFactory(fund=body, year=year)
    for _body in range(32):
        grant_in("voted", (factories.EnvelopeFactory(fund=factories.FundFactory()), 1000))
    page = read(deputy, "/solidarity/")
    assert page.count("/grants/?beneficiary=") == 30
    assert "Only in the list of grants: 2 more" in page
    assert "On the pages of their funds: 34 older envelopes" in page


def test_a_crisis_without_grants_is_not_one_without_aid(deputy):
    factories.CrisisFactory(name_en="Example Quake")
    body = read(deputy, "/solidarity/emergencies/")
    assert "Emergency aid: nothing paid yet" in body
    assert "Not known: no grant that answers this crisis is recorded." in body
    assert "no place named" in body


def test_health_holds_each_city_against_the_next_target(deputy):
    city = factories.CityFactory(name_en="Example City")
    for measure in ("diagnosed", "treated", "suppressed"):
        factories.HealthIndicatorFactory(city=None, year=2020, measure=measure, target=90, actual=None)
    factories.HealthIndicatorFactory(city=city, year=2014, measure="diagnosed", actual=0)
    factories.HealthIndicatorFactory(city=city, year=2014, measure="supported", actual=55)
    body = read(deputy, "/solidarity/health/")
    assert "90-90-90: 1 city says what it has reached" in body
    assert "<strong>0%</strong>" in body
    assert body.count("target 90% in 2020") == 3
    measured = body[body.index("targets-title") : body.index("supported-title")]
    assert "55%" not in measured
    assert "not known" in measured
    assert "is not compared with it" in body


def test_a_target_that_is_over_is_not_held_against_a_later_year():
    city = factories.CityFactory()
    rows = [
        factories.HealthIndicatorFactory(city=None, year=2010, target=50, actual=None),
        factories.HealthIndicatorFactory(city=city, year=2014, actual=Decimal(40)),
    ]
    (common, own) = presentation.health_rows(rows, (HealthMeasure.DIAGNOSED,))
    assert (common.cells[0].target, own.cells[0].target) == (50, None)


def test_health_leads_to_the_projects_of_its_fields(deputy):
    project = factories.ProjectFactory(title_en="Example Hospital")
    factories.ProjectThemeFactory(project=project, theme=factories.ThemeFactory(slug="health"))
    factories.ThemeFactory(slug="maternal-child-health")
    body = read(deputy, "/solidarity/health/")
    assert project.get_absolute_url() in body
    assert "No project in this field is recorded." in body


# --- on the pages of lower floors ---


def test_a_city_shows_its_grants_and_crises(deputy):
    city = factories.CityFactory()
    factories.GrantPlaceFactory(grant__title_en="Example Wells", city=city)
    factories.CrisisPlaceFactory(crisis__name_en="Example Flood", country=city.country)
    body = read(deputy, city.get_absolute_url())
    assert "1 solidarity grant" in body
    assert "Example Wells" in body
    assert "Example Flood" in body
    assert "solidarity grant" not in read(deputy, factories.CityFactory().get_absolute_url())


# --- what is not there, and who reads ---


@pytest.mark.parametrize(
    ("address", "sentences"),
    [
        (
            "/solidarity/",
            [
                "<h1>No envelope is recorded for 2015</h1>",
                "Not known: no envelope is recorded",
                "Not known: no grant is voted",
                "No amount that the City states is recorded.",
                "No fund is recorded yet.",
                "not known: no emergency grant is paid",
            ],
        ),
        ("/grants/", ["No application waits for us", "No grant is recorded yet: what was granted is not known."]),
        ("/solidarity/emergencies/", ["No crisis is recorded"]),
        ("/solidarity/health/", ["90-90-90: no target and no result is recorded", "Neither a target nor a result"]),
    ],
)
def test_an_empty_page_says_why_and_what_next(deputy, address, sentences):
    body = read(deputy, address)
    assert [sentence for sentence in sentences if sentence not in body] == []
    assert "in the admin" in body
    assert "€0" not in body


@pytest.mark.parametrize("role", [Role.DEPUTY, Role.OFFICER, Role.AUDITOR, Role.SOLIDARITY_OFFICER])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_each_role_reads_each_page_without_inline_script_or_style(reader, role, language):
    grant = solidarity()
    envelope = grant.allocations.get().envelope
    client = reader(role, language)
    records = [row.get_absolute_url() for row in (grant, envelope, envelope.fund)]
    for address in [*LISTS, *records]:
        body = read(client, address)
        assert f'<html lang="{language}"' in body
        assert 'class="audience city"' in body
        assert " style=" not in body
        assert "<style" not in body


def test_a_reader_without_a_role_sees_nothing(db):
    grant = solidarity()
    envelope = grant.allocations.get().envelope
    user = factories.UserFactory(language="en")
    client = Client()
    client.force_login(user)
    for row in (grant, envelope, envelope.fund):
        assert client.get(row.get_absolute_url()).status_code == 404
    for address in LISTS:
        body = read(client, address)
        assert "Invented" not in body, address
        assert "Example" not in body.replace("Example Person", ""), address


@pytest.mark.parametrize(
    "address", ["/grants/GRA-1900-0001/", "/solidarity/funds/nowhere/", "/solidarity/funds/nowhere/2015/"]
)
def test_what_does_not_exist_is_not_found(deputy, address):
    assert deputy.get(address).status_code == 404


def test_a_stranger_is_sent_to_sign_in(client):
    for address in LISTS:
        assert client.get(address).status_code == 302

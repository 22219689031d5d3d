"""Synthesis, money and mandate as they stood on a past day: what is told, what is refused, and that nothing can be done there."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from core.dates import display
from core.roles import Role
from partnerships.models import City
from solidarity.models import Envelope, Fund, Grant
from tests import factories as make
from tests.pages.conftest import full, paid_project, partner_city, solidarity
from tests.past import ago, written_on
from tests.solidarity.lives import pay

pytestmark = pytest.mark.django_db

MANDATE = "/mandate/example-2014-2020/"
FUND, ENVELOPE = "/solidarity/funds/water/", "/solidarity/funds/water/2015/"
GRANT, OBJECTIVE = "/grants/SUB-2015-0999/", f"{MANDATE}PAST/"
SYNTHESIS = ["/", "/solidarity/", "/projects/", MANDATE]
PAGES = [*SYNTHESIS, FUND, ENVELOPE, GRANT, OBJECTIVE]
# Beside the page's own queries: since when history is kept, the settings, and of two savepoints the beginning and the end.
READING = 7
# The mandate's page tells today what changed since the last visit.
NEWS = 8


@pytest.fixture
def mandate():
    return make.MandateFactory(slug="example-2014-2020", title_en="Invented mandate")


def register(mandate) -> Envelope:
    """Something on every page; answers the envelope of the fund."""
    grant = solidarity()
    Grant.objects.filter(pk=grant.pk).update(reference="SUB-2015-0999")
    envelope = grant.allocations.get().envelope
    Fund.objects.filter(pk=envelope.fund_id).update(slug="water")
    full(mandate, reference="PAST", late=True)
    paid_project()
    return envelope


def told(client, address: str, day: date, status: int = 200, **query) -> str:
    answer = client.get(address, query | {"as_of": day.isoformat()})
    assert answer.status_code == status
    return answer.content.decode()


def queries(client, address: str, **query) -> int:
    client.get(address, query)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address, query).status_code == 200
    return len(captured)


def main(page: str) -> str:
    """What the page itself says, without what every page has."""
    return page[page.index("<main") : page.index("</main>")]


# --- what is told ---


def test_the_home_page_counts_what_was_recorded_then(deputy, mandate):
    with written_on(ago(5)):
        make.ObjectiveFactory(mandate=mandate, status="on-track", judged_on=date(2015, 5, 4))
    with written_on(ago(2)):
        make.ObjectiveFactory(mandate=mandate, met=True)
    assert "0 of 1 objective met" in told(deputy, "/", ago(4))
    assert "1 of 2 objectives met" in told(deputy, "/", ago(2))
    assert "1 of 2 objectives met" in deputy.get("/").content.decode()


def test_the_page_of_money_states_the_euros_of_then(deputy):
    with written_on(ago(5)):
        envelope = solidarity().allocations.get().envelope
        Envelope.objects.filter(pk=envelope.pk).update(commitment_authorised=7654321)
    Envelope.objects.filter(pk=envelope.pk).update(commitment_authorised=8765432)

    def stated(page: str) -> list[bool]:
        return [amount in main(page) for amount in ("€7,654,321", "€8,765,432")]

    assert stated(told(deputy, "/solidarity/", ago(5))) == [True, False]
    assert stated(deputy.get("/solidarity/").content.decode()) == [False, True]


def test_the_mandate_shows_its_objectives_as_they_were_worded_and_stood(deputy, mandate):
    with written_on(ago(5)):
        objective = make.ObjectiveFactory(mandate=mandate, wording_en="Worded then", at_risk=True)
    with written_on(ago(2)):
        objective.wording_en = "Worded since"
        objective.save()
        make.ObjectiveFactory(mandate=mandate, wording_en="Added since")
    then = told(deputy, MANDATE, ago(3))
    assert "Worded then" in then
    assert "at risk" in then.lower()
    assert "Worded since" not in then
    assert "Added since" not in then
    today = deputy.get(MANDATE).content.decode()
    assert "Worded since" in today
    assert "Added since" in today


@pytest.mark.parametrize("address", [FUND, ENVELOPE])
def test_a_fund_and_its_envelope_state_the_euros_of_then(deputy, mandate, address):
    with written_on(ago(5)):
        envelope = register(mandate)
        Envelope.objects.filter(pk=envelope.pk).update(commitment_authorised=7654321)
    with written_on(ago(2)):
        Envelope.objects.filter(pk=envelope.pk).update(commitment_authorised=8765432)

    def stated(page: str) -> list[bool]:
        # What is voted, and what is left of it: the grant of 20,000 is committed on both days.
        return [amount in main(page) for amount in ("€7,654,321", "€7,634,321", "€8,765,432", "€8,745,432")]

    assert stated(told(deputy, address, ago(3))) == [True, True, False, False]
    assert stated(deputy.get(address).content.decode()) == [False, False, True, True]


def test_a_grant_states_what_was_paid_then(deputy, mandate):
    with written_on(ago(5)):
        register(mandate)
    with written_on(ago(2)):
        pay(Grant.objects.get(reference="SUB-2015-0999"), 3000)
    assert "Money: €15,000 left to pay" in told(deputy, GRANT, ago(3))
    assert "Money: €12,000 left to pay" in deputy.get(GRANT).content.decode()


def test_an_objective_stands_as_it_stood_with_the_changes_of_until_then(deputy, mandate):
    with written_on(ago(5)):
        objective = full(mandate, reference="PAST", wording_en="Worded then", late=True)
    with written_on(ago(2)):
        objective.wording_en = "Worded since"
        objective.save()
        make.EvidenceFactory(objective=objective, mission=make.MissionFactory(title_en="Shown since"))
    then, today = main(told(deputy, OBJECTIVE, ago(3))), main(deputy.get(OBJECTIVE).content.decode())
    for said, is_told in {
        "Worded then": [True, False],
        "Worded since": [False, True],
        "Shown since": [False, True],
    }.items():
        assert [said in then, said in today] == is_told
    changes = [page[page.index('id="history-title"') :].count("<li>") for page in (then, today)]
    assert changes == [1, 2]


def test_the_portfolio_counts_the_projects_and_the_euros_of_then(deputy, mandate):
    with written_on(ago(5)):
        paid_project(title_en="Known then")
    with written_on(ago(2)):
        make.MovementFactory(line=paid_project(title_en="Known since").funding_lines.first(), amount_eur=77777)
    then, today = told(deputy, "/projects/", ago(3)), deputy.get("/projects/").content.decode()
    assert ["Known since" in page for page in (then, today)] == [False, True]
    assert ["rests on 1 project" in page for page in (then, today)] == [True, False]
    assert "rests on 2 projects" in today
    for stage, number in {"under-way": 1, "idea": 0}.items():
        answer = deputy.get("/projects/", {"stage": stage, "as_of": ago(3).isoformat()})
        assert answer.context["page"].paginator.count == number


def test_the_past_is_not_searched_by_words_and_says_so(deputy, mandate):
    with written_on(ago(5)):
        paid_project(title_en="Known then")
    page = told(deputy, "/projects/", ago(3), q="known")
    assert "q — The past is not searched by words" in page
    assert "<caption>Projects, the latest reference first" not in page
    assert f'href="/projects/?as_of={ago(3).isoformat()}">Show the whole list' in page
    page = told(deputy, "/projects/", ago(3))
    assert 'id="filter-q"' not in page
    assert f'<input type="hidden" name="as_of" value="{ago(3).isoformat()}">' in page
    assert "Save this list" not in page


def test_pages_of_that_day_lead_to_one_another_as_of_it_and_to_the_others_as_they_are(deputy, mandate):
    with written_on(ago(5)):
        register(mandate)
    asked = f"as_of={ago(3).isoformat()}"
    for address, links in {
        "/": [MANDATE, "/solidarity/", "/projects/"],
        "/solidarity/": [FUND, ENVELOPE],
        FUND: ["/solidarity/", ENVELOPE],
        ENVELOPE: ["/solidarity/", FUND, GRANT],
        GRANT: [ENVELOPE],
        MANDATE: [OBJECTIVE],
        OBJECTIVE: [MANDATE],
        "/projects/": ["/projects/?stage=under-way"],
    }.items():
        page = main(told(deputy, address, ago(3)))
        then, today = (
            set(re.findall(r'href="(/[^"]*)"', text)) for text in (page, main(deputy.get(address).content.decode()))
        )
        for link in links:
            to_it = {found for found in then if found == link or found.startswith((f"{link}?", f"{link}#", f"{link}&"))}
            # The banner alone leads back to today.
            assert to_it, (address, link)
            assert not {found for found in to_it if asked not in found and link != address}, address
        assert not any("as_of" in found for found in today)
        assert not any(
            "as_of" in found
            for found in then
            if found.startswith(("/grants/?", "/cities/", "/missions/", "/agreements/"))
        )


def test_filters_and_other_mandates_stay_on_that_day(deputy, mandate):
    with written_on(ago(5)):
        full(mandate, horizon="mid-term", wording_en="Kept by the filter", at_risk=True)
        make.ObjectiveFactory(mandate=mandate, horizon="end-of-term", wording_en="Left out")
        make.MandateFactory(slug="another")
    day = ago(3).isoformat()
    page = told(deputy, MANDATE, ago(3), horizon="mid-term")
    assert "Kept by the filter" in page
    assert "Left out" not in page
    assert f'<input type="hidden" name="as_of" value="{day}">' in page
    assert '<input type="hidden" name="horizon" value="mid-term">' in page
    assert f'href="/mandate/another/?as_of={day}"' in page
    assert f"?horizon=mid-term&amp;as_of={day}#objectives" in page


def test_the_way_to_the_mandate_keeps_the_day(deputy, mandate):
    with written_on(ago(5)):
        make.ObjectiveFactory(mandate=mandate)
    day = ago(2).isoformat()
    assert deputy.get("/mandate/", {"as_of": day})["Location"] == f"{MANDATE}?as_of={day}"
    assert deputy.get("/mandate/")["Location"] == MANDATE
    assert deputy.get("/mandate/", {"as_of": "soon"}).status_code == 400


def test_a_mandate_that_was_not_recorded_yet_is_not_there(deputy, mandate):
    with written_on(ago(5)):
        make.CityFactory()
    with written_on(ago(2)):
        type(mandate).objects.filter(pk=mandate.pk).delete()
        make.MandateFactory(slug="example-2014-2020")
    told(deputy, MANDATE, ago(2))
    make.MandateFactory(slug="later")
    told(deputy, "/mandate/later/", ago(2), status=404)


def test_a_reading_that_history_does_not_know_is_said_to_be_unknown(deputy, mandate):
    with written_on(ago(5)):
        indicator = make.IndicatorFactory(objective=make.ObjectiveFactory(mandate=mandate), measure="trips")
    make.IndicatorReadingFactory(indicator=indicator, value=7)
    assert "not known" in main(told(deputy, MANDATE, ago(3)))
    assert "not known" not in main(deputy.get(MANDATE).content.decode())


# --- how it is told ---


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize(("language", "fixed_day"), [("en", "1 June 2015"), ("fr", "1er juin 2015")])
def test_a_banner_says_which_day_and_leads_back(reader, mandate, address, language, fixed_day):
    with written_on(ago(5)):
        register(mandate)
    client = reader(Role.DEPUTY, language)
    page = told(client, address, ago(3))
    with override(language):
        then = display(ago(3), "day")
    assert f'<html lang="{language}"' in page
    aside = page[page.index('<aside class="banner past"') :]
    aside = aside[: aside.index("</aside>")]
    assert f'<a class="no-print" href="{address}">' in aside
    assert then in aside
    assert fixed_day in aside
    assert 'class="banner past"' not in client.get(address).content.decode()
    # On paper the day stands on every sheet's last line.
    last = page[page.index('<p class="print-only">') :]
    assert then in last[: last.index("</p>")]


def test_with_the_real_clock_the_page_goes_by_that_day(deputy, mandate, settings):
    settings.TODAY = None
    with written_on(ago(5)):
        make.ObjectiveFactory(mandate=mandate, due_on=ago(2), due_on_precision="day")
    assert "its date has passed" not in told(deputy, MANDATE, ago(3))
    page = told(deputy, MANDATE, ago(1))
    assert "its date has passed" in page
    assert "still judged on" not in page


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize("role", [Role.DEPUTY, Role.OFFICER, Role.SOLIDARITY_OFFICER, Role.ADMINISTRATOR])
def test_nothing_can_be_done_in_the_past(reader, mandate, address, role):
    with written_on(ago(5)):
        partner_city()
        register(mandate)
        make.MissionFactory(planned=True)
        make.AgreementFactory(in_force=True, expires_on=date(2015, 7, 1))
    client = reader(role)
    today, then = (main(page) for page in (client.get(address).content.decode(), told(client, address, ago(3))))
    for verb in ('method="post"', "/admin/", "/decide/"):
        assert verb not in then
    assert "as-of-day" in today
    assert "as-of-day" in then


def test_an_officer_is_offered_verbs_today_that_she_is_not_in_the_past(reader, mandate):
    with written_on(ago(5)):
        full(mandate, late=True)
    officer = reader(Role.OFFICER)
    assert "Edit in the admin" in officer.get(MANDATE).content.decode()
    assert "Edit in the admin" not in told(officer, MANDATE, ago(3))


def test_the_right_to_see_is_that_of_today(reader, mandate):
    with written_on(ago(5)):
        full(mandate)
    client = reader(Role.DEPUTY)
    client.user.groups.clear()
    told(client, MANDATE, ago(3), status=404)


def test_a_stranger_is_sent_to_sign_in_whatever_day_she_asks(client, mandate):
    answer = client.get(MANDATE, {"as_of": ago(0).isoformat()})
    assert answer.status_code == 302
    assert answer.url.startswith("/accounts/login/")


# --- what cannot be told ---


@pytest.mark.parametrize("address", PAGES)
@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ("yesterday", "This is not a day."),
        ("2015-02-30", "This is not a day."),
        ("01/06/2015", "This is not a day."),
        ("١٢٣٤", "This is not a day."),
        ("9" * 400, "This is not a day."),
        ("9999-12-31", "That day has not come yet"),
        ("0001-01-01", "Parvis keeps history since"),
        ("<b>", "This is not a day."),
    ],
)
def test_another_day_is_refused_in_words_and_with_no_figure(deputy, mandate, address, asked, why):
    with written_on(ago(5)):
        make.CityFactory()
    answer = deputy.get(address, {"as_of": asked})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert why in page
    assert 'class="figure' not in page
    assert "as-of-day" in page
    assert f'href="{address}">Read the page as of today' in page
    assert "<b>" not in main(page).replace("<b>Parvis</b>", "")


def test_before_anything_is_recorded_there_is_no_past(deputy):
    assert "Nothing is recorded yet" in told(deputy, "/", ago(0), status=400)


def test_an_empty_day_is_today_and_other_pages_do_not_know_the_parameter(deputy):
    with written_on(ago(5)):
        city = make.CityFactory(name_en="Example Harbour")
    City.objects.filter(pk=city.pk).update(name_en="Renamed Harbour")
    assert "banner past" not in deputy.get("/", {"as_of": ""}).content.decode()
    page = told(deputy, city.get_absolute_url(), ago(3))
    assert "Renamed Harbour" in page
    assert "banner past" not in page
    # A list of today would be taken for that day's.
    page = told(deputy, "/cities/", ago(3))
    assert "as_of — There is no such filter." in page
    assert "Renamed Harbour" not in page


# --- what it asks of the database ---


def test_the_past_asks_the_same_queries_and_the_reading_itself(deputy, mandate):
    with written_on(ago(5)):
        partner_city()
        register(mandate)
    for address in PAGES:
        today, then = queries(deputy, address), queries(deputy, address, as_of=ago(3).isoformat())
        assert then == today + READING - (NEWS if address == MANDATE else 0), address


@pytest.mark.parametrize("address", PAGES)
def test_more_rows_ask_no_more(deputy, mandate, address):
    with written_on(ago(5)):
        register(mandate)
    counted = []
    for _row in range(2):
        with written_on(ago(5)):
            partner_city()
            full(mandate)
            paid_project()
        counted.append(queries(deputy, address, as_of=ago(3).isoformat()))
    assert counted[0] == counted[1]

"""Dormant partnerships on the page of agreements and on their own, what is decided in place, and the city's page."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.roles import Role
from partnerships.models import Relation, RenewalDecision
from tests import factories as make

pytestmark = pytest.mark.django_db

LIST, AGREEMENTS = "/dormant/", "/agreements/"
NEXT = "2016-06-01"


@pytest.fixture
def officer(reader):
    return reader(Role.OFFICER)


@pytest.fixture
def partner():
    return make.RelationFactory(city__slug="example-city", city__name_en="Example City").city


def page(client, address: str, **query) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200
    return answer.content.decode()


def decide(client, city, **values):
    return client.post(f"/dormant/{city.slug}/", {"verdict": "renew", "until": NEXT, "reason": "Invented."} | values)


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize("address", [LIST, AGREEMENTS])
def test_what_sleeps_is_listed_with_what_happened_last(officer, partner, address):
    other = make.RelationFactory(city__name_en="Other City").city
    event = make.EventFactory(held=True, held_city=other, actual_start=date(2013, 3, 2), title_en="Invented forum")
    body = page(officer, address)
    said = words(body)
    assert "2 dormant partnerships wait for a decision" in said
    assert "for 18 months: no mission" in said
    assert "Event — Invented forum 2 March 2013 · 26 months ago" in said
    assert f'<a href="{event.get_absolute_url()}">Invented forum</a>' in body
    assert "nothing is recorded" in said
    assert said.index("Other City") < said.index("Example City")


def test_they_lie_under_the_agreements_in_the_navigation(officer, partner):
    for address in (LIST, f"/dormant/{partner.slug}/"):
        assert '<a href="/agreements/" aria-current="true">' in page(officer, address)
    assert '<a href="/agreements/" aria-current="page">' in page(officer, AGREEMENTS)


def test_another_number_of_months_is_asked_for(deputy, partner):
    make.EventFactory(held=True, held_city=partner, actual_start=date(2014, 11, 1))
    assert "No dormant partnership waits for a decision." in page(deputy, LIST)
    assert "Example City" in page(deputy, LIST, months="6")
    assert "Example City" in page(deputy, LIST, months=" 6 ")
    assert "No dormant" in page(deputy, LIST, months="")


@pytest.mark.parametrize("months", ["5", "121", "-1", "many", "1e3", "9" * 40, "18.5"])
def test_a_number_of_months_that_makes_no_sense_is_refused_in_words(deputy, partner, months):
    body = page(deputy, LIST, months=months)
    assert "Ask for a whole number of months from 6 to 120." in body
    assert "Example City" not in body
    assert 'href="/dormant/">Show the whole list' in body


def test_a_register_without_partnership_says_so(deputy):
    assert "No partnership is recorded yet." in page(deputy, LIST)
    assert "No partnership is recorded yet." in page(deputy, AGREEMENTS)


@pytest.mark.parametrize("verdict", ["renew", "pause"])
def test_a_decision_is_recorded_in_place_and_leads_back(officer, partner, verdict):
    form = page(officer, AGREEMENTS)
    assert 'action="/dormant/example-city/"' in form
    assert 'name="back" value="/agreements/"' in form
    answer = decide(officer, partner, verdict=verdict, back=AGREEMENTS)
    assert (answer.status_code, answer.url) == (302, "/agreements/#dormant")
    decision = RenewalDecision.objects.get()
    assert (decision.verdict, decision.until, decision.reason) == (verdict, date(2016, 6, 1), "Invented.")
    assert decision.decided_by == officer.user
    body = words(page(officer, AGREEMENTS))
    assert f"The decision on the partnership with Example City is recorded: {verdict}." in body
    assert "No dormant partnership waits for a decision" in body
    assert "to be looked at again on 1 June 2016 · Decided on 1 June 2015 by" in body


@pytest.mark.parametrize("address", [LIST, AGREEMENTS, "/dormant/example-city/"])
def test_each_form_carries_the_token_that_its_sending_asks_for(officer, partner, address):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(officer.user)
    form = page(browser, address).partition('action="/dormant/example-city/"')[2]
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form.partition("</form>")[0]).group(1)
    assert decide(browser, partner).status_code == 403
    assert decide(browser, partner, csrfmiddlewaretoken=token).status_code == 302


def test_an_end_takes_the_city_off_the_list_of_partners(officer, partner):
    assert decide(officer, partner, verdict="end", until="").status_code == 302
    assert Relation.objects.get().until == date(2015, 6, 1)
    assert "No dormant partnership waits for a decision" in page(officer, LIST)


@pytest.mark.parametrize("back", ["https://evil.test/", "//evil.test", ""])
def test_who_decides_is_never_led_to_another_host(officer, partner, back):
    assert decide(officer, partner, back=back).url == "/dormant/#dormant"


def test_what_is_refused_stands_beside_its_field_with_what_was_written(officer, partner):
    answer = decide(officer, partner, until="", reason="")
    body = answer.content.decode()
    assert answer.status_code == 422
    assert 'id="example-city-until_error"' in body
    assert "Say when it is to be looked at again" in body
    assert re.search(r'<textarea name="reason"[^>]*aria-invalid="true"', body)
    again = decide(officer, partner, until="soon", reason="Kept as written")
    assert "Enter a valid date." in again.content.decode()
    assert "Kept as written" in again.content.decode()
    none = decide(officer, partner, verdict="").content.decode()
    assert 'aria-describedby="example-city-verdict_error"' in none
    assert 'id="example-city-verdict_error"' in none
    assert not RenewalDecision.objects.exists()


def test_an_end_is_refused_while_an_agreement_is_live_and_says_which(officer, partner):
    agreement = make.AgreementPartyFactory(agreement__signed=True, agreement__title_en="Invented pact", city=partner)
    answer = decide(officer, partner, verdict="end", until=NEXT)
    said = words(answer.content.decode())
    assert answer.status_code == 422
    assert f"{agreement.agreement.reference} — Invented pact is live: end it, or note that it has expired" in said
    assert "a partnership that ends has no such day." in said
    assert Relation.objects.get().until is None


def test_a_second_decision_of_the_day_is_refused_above_the_form(officer, partner):
    decide(officer, partner)
    answer = decide(officer, partner, verdict="pause")
    assert answer.status_code == 422
    assert "Decided on — A decision of that day is already recorded." in answer.content.decode()


@pytest.mark.parametrize("role", [Role.DEPUTY, Role.AUDITOR, Role.SOLIDARITY_OFFICER])
def test_who_may_not_decide_sees_who_can_and_is_refused(reader, partner, role):
    client = reader(role)
    for address in (LIST, AGREEMENTS, "/dormant/example-city/"):
        body = page(client, address)
        assert "Who can decide: Administrator, International-relations officer" in body
        assert "Record the decision" not in body
    assert decide(client, partner).status_code == 403
    assert not RenewalDecision.objects.exists()


def test_nothing_is_known_of_a_city_that_does_not_exist(officer):
    assert officer.get("/dormant/nowhere/").status_code == 404
    assert officer.put("/dormant/nowhere/").status_code == 405


def test_the_page_of_one_partnership_says_what_is_known(officer, partner):
    make.AgreementPartyFactory(agreement__signed=True, agreement__title_en="Invented pact", city=partner)
    make.RenewalDecisionFactory(city=partner, reason="Invented reason", until=date(2015, 5, 20))
    said = words(page(officer, "/dormant/example-city/"))
    for sentence in ("Invented pact", "Invented reason", "signature of an agreement", "the decision that rules"):
        assert sentence.lower() in said.lower()


def test_the_city_page_shows_the_decision_that_rules_and_the_past_ones(deputy, partner):
    assert "Decisions on the partnership" not in page(deputy, partner.get_absolute_url())
    make.RenewalDecisionFactory(city=partner, decided_on=date(2014, 5, 5), until=date(2015, 5, 5), reason="The first")
    ruling = {"decided_by": make.UserFactory(first_name="Ada", last_name="Inventée"), "reason": "The <second>"}
    make.RenewalDecisionFactory(city=partner, verdict="pause", **ruling)
    said = words(page(deputy, partner.get_absolute_url()).replace("&lt;", "‹").replace("&gt;", "›"))
    assert said.index("The ‹second›") < said.index("The first")
    assert said.count("the decision that rules") == 1
    assert "Decided on 4 May 2015 by Ada Inventée" in said
    assert "Decided on 5 May 2014, recorded by another system" in said
    assert f"The partnership with {partner.name_en} is looked at again" in said


@pytest.mark.parametrize("address", [LIST, AGREEMENTS])
def test_as_many_queries_are_asked_for_one_as_for_three(deputy, partner, address):
    page(deputy, address)
    counted = []
    for _step in range(2):
        with CaptureQueriesContext(connection) as captured:
            page(deputy, address)
        counted.append(len(captured))
        for _number in range(2):
            city = make.RelationFactory().city
            make.EventFactory(held=True, held_city=city, actual_start=date(2013, 3, 2))
            make.RenewalDecisionFactory(city=city, until=date(2015, 5, 20))
            make.RenewalDecisionFactory(city=make.RelationFactory().city)
    assert counted[0] == counted[1]

"""The home page: its sentence, its five figures with the records behind them, and what is empty."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core import deadlines
from core.roles import Role
from tests import factories as make
from tests.pages.conftest import call_for, paid_project, partner_city
from tests.solidarity.lives import grant_in, pay

pytestmark = pytest.mark.django_db

# Queries of the page: with one row of everything; with three, which leave room for fewer kinds of decisions.
ONE, THREE = 77, 77


def home(client: Client) -> str:
    answer = client.get("/")
    assert answer.status_code == 200
    return answer.content.decode()


def title(client: Client) -> str:
    return re.search(r"<h1>(.*?)</h1>", home(client)).group(1)


def sitting(day: date = date(2015, 6, 15)):
    return make.CouncilSittingFactory(starts_on=day, ends_on=day)


def ending(day: date, **values):
    return make.AgreementFactory(in_force=True, expires_on=day, **values)


def leaving(day: date, **values):
    return make.MissionFactory(planned=True, planned_start=day, planned_start_precision="day", **values)


# --- the sentence ---


def test_the_title_counts_what_must_be_decided_before_the_next_council(deputy):
    sitting(date(2015, 5, 18))
    sitting(date(2015, 9, 21))
    sitting(date(2015, 6, 15))
    ending(date(2015, 6, 14))
    ending(date(2015, 6, 15))
    ending(date(2015, 6, 16))
    assert title(deputy) == "2 decisions before the Council of 15 June 2015"


def test_one_decision_is_one_in_both_languages(reader):
    sitting(date(2015, 6, 1))
    ending(date(2015, 5, 31))
    assert title(reader(Role.DEPUTY, "en")) == "1 decision before the Council of 1 June 2015"
    assert title(reader(Role.DEPUTY, "fr")) == "1 décision avant le Conseil du 1er juin 2015"


def test_without_a_next_sitting_the_title_says_how_many_wait(deputy):
    sitting(date(2015, 5, 18))
    ending(date(2015, 6, 14))
    assert title(deputy) == "1 decision waits"


def test_what_comes_after_the_council_is_not_counted_before_it(deputy):
    sitting()
    ending(date(2015, 9, 30))
    assert title(deputy) == "No decision before the Council of 15 June 2015"


def test_where_nothing_waits_the_title_and_every_part_say_so(deputy):
    sitting()
    body = home(deputy)
    assert "<h1>Nothing waits for a decision</h1>" in body
    for sentence in (
        "Nothing waits for a decision.",
        "come here by themselves",
        "No mandate is recorded yet",
        "No mission, visit or meeting lies ahead.",
        "Nothing falls due within 30 days.",
        "no grant is voted",
        "not known: no sum is recorded",
    ):
        assert sentence in body


# --- the five figures ---


def figures(body: str) -> list[tuple[str, str, str]]:
    """Label, value and address of each."""
    cards = re.findall(r'<li class="figure.*?</li>', body, re.DOTALL)
    found = []
    for card in cards:
        link = re.search(r'<a href="([^"]+)" aria-label="[^"]*">([^<]+)</a>', card)
        address, value = link.groups() if link else ("", "")
        found.append((re.search("<h3>(.*?)</h3>", card).group(1), value, address.replace("&amp;", "&")))
        assert "Counted on 1 June 2015." in card
    return found


def test_each_figure_counts_what_the_list_that_it_leads_to_counts(deputy):
    _city, agreement = partner_city()
    agreement.refresh_from_db()
    ending(date(2016, 6, 14))
    make.AgreementFactory()
    paid = grant_in("in-payment")
    pay(paid, paid.amount_granted)
    grant_in("voted")
    make.PromiseFactory()
    make.PromiseFactory(due_on=date(2015, 5, 1), due_on_precision="day")
    make.PromiseFactory(kept=True)
    paid_project()
    body = home(deputy)
    found = figures(body)
    assert [(label, value) for label, value, _address in found] == [
        ("Live agreements", "2"),
        ("Voted, not wholly paid", "1 of 2"),
        ("Open promises", "2"),
        ("External euros per euro of the City", "€1"),
        ("Partner cities", "1"),
    ]
    counted = {
        label: re.search(r'id="count"[^>]*>\s*(\d+)', deputy.get(address.split("#")[0]).content.decode())
        for label, _value, address in found
    }
    for label, value, _address in found:
        if not value.startswith("€"):
            assert counted[label].group(1) == value.partition(" of ")[0], label
    assert 'id="external"' in deputy.get("/projects/").content.decode()
    assert '<a href="/solidarity/#envelopes">in 2015: €40,000 committed, €20,000 paid</a>' in body
    assert "€20,000 paid this year, €40,000 committed" in deputy.get("/solidarity/").content.decode()
    assert "1 overdue: 1 the City’s, 0 the partners’" in body


def test_the_euros_of_this_year_are_left_out_where_no_envelope_says_them(deputy):
    envelope = make.EnvelopeFactory(year=2014)
    grant_in("voted", (envelope, Decimal(1000)), year=2014, received_on=date(2014, 3, 3))
    assert "not known: no envelope is recorded for 2015" in home(deputy)


# --- what comes next ---


def test_the_next_three_missions_stand_with_what_is_open_with_their_cities(deputy):
    past, first, second, third, fourth, vague = (
        leaving(date(2015, month, number), title_en=f"Trip {name}")
        for name, month, number in (
            ("PAST", 5, 20),
            ("A", 6, 10),
            ("B", 7, 10),
            ("C", 8, 10),
            ("D", 9, 10),
            ("VAGUE", 6, 1),
        )
    )
    vague.planned_start_precision = "month"
    vague.save()
    city = make.DestinationFactory(mission=first).city
    make.PromiseFactory(city=city)
    make.PromiseFactory(city=city, kept=True)
    make.PromiseFactory()
    body = home(deputy)
    section = body[body.index('id="missions"') : body.index('id="due"')]
    assert [name for name in ("PAST", "VAGUE", "A", "B", "C", "D") if f"Trip {name}<" in section] == ["VAGUE", "A", "B"]
    assert section.count("1 open promise") == 1
    assert f"/briefings/missions/{first.reference}/" in section
    assert {past, second, third, fourth}


def test_visits_and_meetings_are_met_next_too_in_the_order_of_their_days(deputy):
    leaving(date(2015, 6, 20), title_en="Met THIRD")
    visit = make.DelegationFactory(
        title_en="Met SECOND", planned_start=date(2015, 6, 17), planned_start_precision="day"
    )
    make.PromiseFactory(city=visit.city)
    make.MeetingFactory(title_en="Met FIRST", mission=None, day=date(2015, 6, 11), day_precision="day")
    make.MeetingFactory(title_en="Met PAST", mission=None, day=date(2015, 5, 31), day_precision="day")
    make.MeetingFactory(
        title_en="Met NEVER",
        mission=make.MissionFactory(cancelled=True),
        day=date(2015, 6, 12),
        day_precision="day",
    )
    body = home(deputy)
    section = body[body.index('id="missions"') : body.index('id="due"')]
    assert re.findall(r"Met ([A-Z]+)</a>", section) == ["FIRST", "SECOND", "THIRD"]
    assert section.count("1 open promise") == 1


def test_no_number_of_meetings_and_visits_hides_the_next_three_missions(deputy):
    for number in range(4):
        leaving(date(2015, 7, 10 + number), title_en=f"Met TRIP{number}")
        make.MeetingFactory(
            title_en=f"Met MEETING{number}", mission=None, day=date(2015, 6, 2 + number), day_precision="day"
        )
        make.DelegationFactory(
            title_en=f"Met VISIT{number}", planned_start=date(2015, 6, 3 + number), planned_start_precision="day"
        )
    body = home(deputy)
    section = body[body.index('id="missions"') : body.index('id="due"')]
    met = re.findall(r"Met ([A-Z0-9]+)</a>", section)
    assert met == ["MEETING0", "TRIP0", "TRIP1", "TRIP2"]


def test_a_promise_to_two_of_the_cities_that_are_met_counts_once_as_does_one_of_a_city_that_the_trip_is_tied_to(deputy):
    trip = leaving(date(2015, 6, 10))
    first, second = (make.DestinationFactory(mission=trip).city for _number in range(2))
    make.TieFactory(mission=None, promise=make.PromiseFactory(city=first), city=second)
    make.PromiseFactory(city=make.TieFactory(mission=trip, city=make.CityFactory()).city)
    body = home(deputy)
    section = body[body.index('id="missions"') : body.index('id="due"')]
    assert "2 open promises" in section
    assert "3 open promises" not in section


def test_what_falls_due_in_30_days_stands_with_the_way_to_the_rest(deputy):
    for number in range(5):
        ending(date(2015, 6, 20 + number), title_en=f"Ends {number}")
    ending(date(2015, 7, 20), title_en="Ends late")
    body = home(deputy)
    section = body[body.index('id="due"') :]
    assert [name for name in (*map(str, range(5)), "late") if f"Ends {name} expires" in section] == ["0", "1", "2", "3"]
    assert "All 5 deadlines" in section
    assert "/deadlines/?within=30&amp;ahead=true" in section
    assert "/deadlines/?within=late" in section


def test_what_falls_due_of_another_mandate_than_the_one_shown_says_of_which(deputy):
    for start, title in ((date(2014, 4, 5), "Invented mandate shown"), (date(2014, 4, 4), "Invented other mandate")):
        mandate = make.MandateFactory(starts_on=start, ends_on=date(2020, 7, 3), title_en=title)
        objective = make.ObjectiveFactory(mandate=mandate, due_on=date(2015, 6, 20), due_on_precision="day")
        make.MilestoneFactory(objective=objective, due_on=date(2015, 6, 21), due_on_precision="day")
    section = home(deputy)
    section = section[section.index('id="due"') :]
    assert section.count("Invented other mandate — ") == 2
    assert "Invented mandate shown" not in section


def test_home_names_what_it_does_not_know_and_gives_no_count_as_its_title(deputy):
    ending(date(2015, 6, 20))
    body = deputy.get("/", {"date": "2015-02-31"}).content.decode()
    assert "date — There is no such filter." in body
    assert "<h1>Home</h1>" in body


def test_what_falls_due_soonest_is_the_first_of_all_that_does(deputy):
    for day in (19, 5, 12, 8):
        ending(date(2015, 6, day))
    make.DuesFactory(due_on=date(2015, 6, 10))
    make.PromiseFactory(due_on=date(2015, 6, 11), due_on_precision="day")
    month = {"since": date(2015, 6, 1), "until": date(2015, 6, 30)}
    everything = deadlines.due(deputy.user, **month)
    assert len(everything) == 6
    for first in (1, 3, 6, 7):
        assert deadlines.soonest(deputy.user, first=first, **month) == (everything[:first], 6)


def test_at_most_five_decisions_stand_there_and_the_way_to_all_of_them(deputy):
    for number in range(5):
        ending(date(2015, 6, 20 + number), title_en=f"Ends {number}")
    assert "/decisions/" not in home(deputy)
    ending(date(2015, 6, 30), title_en="Ends last")
    body = home(deputy)
    section = body[body.index('id="decide"') : body.index('id="mandate"')]
    assert "All 6 decisions" in section
    assert "Ends last" not in section
    assert section.count("Prepare the renewal") == 5


def test_the_mandate_that_runs_stands_with_its_three_days(deputy):
    mandate = make.MandateFactory(title_en="Invented mandate")
    make.MandateFactory(starts_on=date(2008, 3, 21), ends_on=date(2014, 4, 5))
    make.ObjectiveFactory(mandate=mandate, met=True)
    make.ObjectiveFactory(mandate=mandate, late=True)
    body = home(deputy)
    assert "1 of 2 objectives met, 1 late" in body
    assert f'<a href="{mandate.get_absolute_url()}?kind=objective#objectives">1 of 2 objectives met, 1 late</a>' in body
    assert body.count('class="mandate-bar"') == 1
    for day in ("Day 100", "Mid-term", "End of the mandate"):
        assert f"<strong>{day}</strong>" in body


# --- queries ---


def world() -> None:
    """One row more of everything that the page shows."""
    city, _agreement = partner_city()
    # Of a partnership that sleeps every kind of sign is asked about.
    make.RelationFactory()
    ending(date(2015, 6, 20))
    grant_in("under-review")
    grant_in("proposed")
    trip = leaving(date(2015, 6, 20))
    make.DestinationFactory(mission=trip, city=city)
    make.PromiseFactory(city=city)
    call_for(paid_project())
    make.ObjectiveFactory(mandate=make.MandateFactory(), late=True)


def test_more_rows_ask_no_more_of_the_database(deputy):
    sitting()
    make.CouncilLeadTimeFactory(days=10, since=date(2014, 1, 1), until=None)

    def asked() -> int:
        home(deputy)
        with CaptureQueriesContext(connection) as captured:
            home(deputy)
        return len(captured)

    world()
    counted = [asked()]
    world()
    world()
    counted.append(asked())
    assert counted == [ONE, THREE]

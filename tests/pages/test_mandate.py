"""The mandate: its bar, its objectives with what measures and shows them, and the records that show something of it."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from core.roles import Role
from mandate.charts import bar
from mandate.models import Evidence
from mandate.presentation import quantity
from mandate.services import meet_objective
from tests import factories as make
from tests.pages.conftest import full, parts

pytestmark = pytest.mark.django_db

MANDATE, OBJECTIVE = 24, 23


@pytest.fixture
def mandate():
    return make.MandateFactory(slug="example-2014-2020", title_en="Invented mandate")


def body(client: Client, address: str, **query) -> str:
    answer = client.get(address, query, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def places(page: str, *texts: str) -> None:
    """The texts stand on the page in this order."""
    found = [page.index(text) for text in texts]
    assert found == sorted(found)


# --- the bar ---


def test_the_bar_says_where_today_stands_and_what_each_day_judges(deputy, mandate):
    make.ObjectiveFactory(mandate=mandate, horizon="first-100-days", met=True)
    make.ObjectiveFactory(mandate=mandate, horizon="first-100-days")
    page = body(deputy, "/mandate/")
    assert "Day 422 of 2,281, until 3 July 2020" in page
    places(page, "14 July 2014, 322 days ago", "19 May 2017, in 718 days", "3 July 2020, in 1,859 days")
    assert "1 of 2 objectives met" in page
    assert "no objective for that day" in page
    drawn = bar(mandate, [])
    assert (drawn.today, drawn.done, drawn.marks[0].x) == ("18.50%", "18.50%", "4.38%")


def test_the_figure_of_a_day_leads_to_the_very_objectives_that_it_counts(deputy, mandate):
    for number, horizon in enumerate(["first-100-days", "mid-term", "end-of-term", "whole-term", "whole-term"]):
        make.ObjectiveFactory(mandate=mandate, reference=f"O-{number}", horizon=horizon)
    page = body(deputy, "/mandate/")
    counted = {}
    for query, count in re.findall(r"\?horizon=(\S+)#objectives\">0 of (\d) objectives? met", page):
        listed = body(deputy, mandate.get_absolute_url(), horizon=query)
        counted[query] = (int(count), set(re.findall(r">(O-\d)</a>", listed)))
    assert counted == {
        "first-100-days": (1, {"O-0"}),
        "mid-term": (1, {"O-1"}),
        "end-of-term,whole-term": (3, {"O-2", "O-3", "O-4"}),
    }
    assert '<option value="end-of-term,whole-term" selected>Several: end of term, whole term</option>' in listed


def test_a_day_that_has_passed_says_what_is_open_and_that_this_is_not_yet_late(deputy, mandate):
    for state in ({"met": True}, {"dropped": True}, {}, {}):
        make.ObjectiveFactory(mandate=mandate, horizon="first-100-days", **state)
    make.ObjectiveFactory(mandate=mandate, horizon="end-of-term")
    page = body(deputy, mandate.get_absolute_url())
    assert re.findall(r"passed; (\d) neither met nor dropped", page) == ["2"]
    assert "makes no objective late by itself" in page
    ahead = make.MandateFactory(starts_on=date(2015, 5, 1), ends_on=date(2020, 7, 3))
    make.ObjectiveFactory(mandate=ahead, horizon="first-100-days")
    assert "makes no objective late by itself" not in body(deputy, ahead.get_absolute_url())


def test_a_day_that_a_decision_moves_says_from_where_and_why(deputy, mandate):
    make.MilestoneDecisionFactory(mandate=mandate, falls_on=date(2017, 6, 1), reason="Invented reason")
    page = body(deputy, "/mandate/")
    assert "1 June 2017" in page
    assert "Moved from 19 May 2017 by the decision of 2 March 2015:" in page
    assert "Invented reason" in page


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [
        (date(2016, 1, 1), date(2020, 1, 1), "The mandate begins on 1 January 2016"),
        (date(2008, 3, 21), date(2014, 4, 5), "The mandate ended on 5 April 2014"),
    ],
)
def test_outside_of_the_mandate_there_is_no_today_on_the_bar(deputy, first, last, sentence):
    make.MandateFactory(starts_on=first, ends_on=last)
    page = body(deputy, "/mandate/")
    assert sentence in page
    assert ">today<" not in page


def test_the_home_page_shows_the_bar_of_the_mandate_that_runs(deputy, mandate):
    make.MandateFactory(starts_on=date(2008, 3, 21), ends_on=date(2014, 4, 5), title_en="Invented past mandate")
    page = body(deputy, "/")
    assert mandate.get_absolute_url() in page
    assert "until 3 July 2020" in page
    assert 'class="mandate-bar"' in page


def test_without_a_mandate_both_pages_say_why(deputy):
    assert "No mandate is recorded yet" in body(deputy, "/mandate/")
    assert "No mandate is recorded yet" in body(deputy, "/")
    assert "mandate-bar" not in body(deputy, "/")


# --- the list ---


def test_what_is_late_comes_first_under_its_horizon_and_commitments_stand_apart(deputy, mandate):
    make.ObjectiveFactory(mandate=mandate, reference="O-LATER", on_track=True)
    make.ObjectiveFactory(mandate=mandate, reference="O-RISK", at_risk=True)
    make.ObjectiveFactory(mandate=mandate, reference="O-PAST", due_on=date(2014, 1, 1), due_on_precision="year")
    make.ObjectiveFactory(mandate=mandate, reference="O-FIRST", horizon="first-100-days")
    make.ObjectiveFactory(mandate=mandate, reference="C-1", kind="commitment", horizon="")
    page = body(deputy, mandate.get_absolute_url())
    listed = page[page.index('id="objectives"') :]
    places(listed, ">O-FIRST<", ">O-PAST<", ">O-RISK<", ">O-LATER<", "Commitments of communications", ">C-1<")
    assert "<h1>0 of 4 objectives met, 1 late</h1>" in page
    assert "its date has passed" in page
    assert "Raison inventée." in page


def test_a_row_says_what_was_read_against_which_target_and_what_shows_it(deputy, mandate):
    full(mandate, reference="O-1")
    page = body(deputy, mandate.get_absolute_url())
    assert re.search(r"<span>Invented indicator \d+</span>: <strong>1</strong>", page)
    assert "target: at least 2" in page
    assert "1 June 2015" in page
    assert "judged by hand" in page
    assert "3 records" in page
    make.ObjectiveFactory(mandate=mandate, reference="O-2")
    page = body(deputy, mandate.get_absolute_url())
    assert "nothing measures it" in page
    assert "nothing yet" in page


def test_what_an_objective_does_not_read_is_not_nought(deputy, mandate):
    objective = make.ObjectiveFactory(mandate=mandate)
    never = make.IndicatorFactory(objective=objective)
    page = body(deputy, mandate.get_absolute_url())
    assert "not read yet" in page
    assert "no target set" in page
    make.IndicatorReadingFactory(indicator=never, value=None)
    assert "nothing to count" in body(deputy, mandate.get_absolute_url())
    make.IndicatorReadingFactory(indicator=never, value=0, day=date(2015, 6, 2))
    assert re.search(r"<strong>0\xa0%</strong>", body(deputy, mandate.get_absolute_url()))


def test_parts_stand_under_their_whole_with_their_weight(deputy, mandate):
    whole = make.ObjectiveFactory(mandate=mandate, reference="O-WHOLE")
    heavy, _light = parts(whole, 60, 40)
    make.EvidenceFactory(objective=heavy)
    meet_objective(heavy, actor=make.UserFactory(role=Role.OFFICER))
    page = body(deputy, mandate.get_absolute_url())
    places(page, ">O-WHOLE<", f">{heavy.reference}<")
    assert "60\xa0% of O-WHOLE" in page
    assert "60\xa0% by the weights of its parts" in page
    assert "<h1>0 of 1 objective met</h1>" in page
    alone = body(deputy, mandate.get_absolute_url(), status="met")
    assert f">{heavy.reference}<" in alone
    assert ">O-WHOLE</a>" not in alone
    assert "Its parts: 60\xa0% met by their weights" in body(deputy, whole.get_absolute_url())


def test_the_list_is_narrowed_and_nonsense_is_answered_with_a_sentence(deputy, mandate):
    owner = make.UserFactory(first_name="Ann", last_name="Example")
    make.ObjectiveFactory(mandate=mandate, reference="O-ANN", owner=owner)
    make.ObjectiveFactory(mandate=mandate, reference="O-WORDS", owner_words_fr="Adjointe", owner_words_en="Deputy E.")
    make.ObjectiveFactory(mandate=mandate, reference="O-100", horizon="first-100-days", met=True)
    address = mandate.get_absolute_url()
    for query, shown in (
        ({"owner": owner.pk}, {"O-ANN"}),
        ({"owner": "Adjointe"}, {"O-WORDS"}),
        ({"horizon": "first-100-days"}, {"O-100"}),
        ({"status": "met"}, {"O-100"}),
        ({"status": "not-started", "owner": owner.pk}, {"O-ANN"}),
        ({"status": ""}, {"O-ANN", "O-WORDS", "O-100"}),
    ):
        page = body(deputy, address, **query)
        assert set(re.findall(r">(O-[A-Z0-9]+)</a>", page)) == shown, query
    assert "No objective matches all of this." in body(deputy, address, horizon="whole-term")
    for query in ({"horizon": "nonsense"}, {"owner": "1' OR 1"}, {"zone": "here"}):
        page = body(deputy, address, **query)
        assert "This list cannot be narrowed as asked." in page
        assert page.index("cannot be narrowed") < page.index("<h1>")
        assert ">O-ANN</a>" not in page


def test_the_filter_of_what_is_late_finds_what_the_title_counts(deputy, mandate):
    make.ObjectiveFactory(mandate=mandate, reference="O-LATE", late=True)
    make.ObjectiveFactory(mandate=mandate, reference="O-PAST", due_on=date(2014, 1, 1), due_on_precision="year")
    parts(make.ObjectiveFactory(mandate=mandate, reference="O-OPEN"), 60, 40)
    make.ObjectiveFactory(mandate=mandate, reference="C-1", kind="commitment", horizon="")
    address = mandate.get_absolute_url()
    page = body(deputy, address)
    assert "<h1>0 of 3 objectives met, 2 late</h1>" in page
    assert ">3 objectives, 1 commitment</p>" in page
    late = body(deputy, address, status="late")
    assert ">2 objectives</p>" in late
    assert set(re.findall(r">(O-[A-Z]+)</a>", late)) == {"O-LATE", "O-PAST"}
    assert ">3 objectives</p>" in body(deputy, address, kind="objective")
    assert ">1 commitment</p>" in body(deputy, address, kind="commitment")


def test_an_empty_mandate_says_what_next_and_an_unknown_one_is_not_there(deputy, mandate):
    page = body(deputy, mandate.get_absolute_url())
    assert "No objective is recorded yet" in page
    assert "The department takes them from the mission letter" in page
    assert deputy.get("/mandate/elsewhere/").status_code == 404
    assert deputy.get("/mandate/example-2014-2020/O-0/").status_code == 404
    assert Client().get(mandate.get_absolute_url()).status_code == 302


def test_another_mandate_is_one_click_away(deputy, mandate):
    other = make.MandateFactory(starts_on=date(2008, 3, 21), ends_on=date(2014, 4, 5), title_en="Invented past mandate")
    assert f'<a href="{other.get_absolute_url()}">Invented past mandate</a>' in body(deputy, "/mandate/")


def test_the_mandate_asks_as_often_for_one_objective_as_for_three(deputy, mandate):
    counts = []
    for _more in range(2):
        full(mandate)
        counts.append(queries(deputy, mandate.get_absolute_url()))
        parts(full(mandate, kind="commitment"), 50, 50)
    assert counts == [MANDATE, MANDATE]


# --- one objective ---


def test_an_objective_answers_what_shows_it_with_records_or_nothing_yet(deputy, mandate):
    objective = make.ObjectiveFactory(mandate=mandate)
    page = body(deputy, objective.get_absolute_url())
    assert "Nothing yet." in page
    assert "No indicator is recorded." in page
    assert "nobody has judged it yet" in page
    mission = make.EvidenceFactory(objective=objective).mission
    seat = make.EvidenceFactory(objective=objective, mission=None, membership=make.MembershipFactory()).membership
    document = make.EvidenceFactory(objective=objective, mission=None, document=make.DocumentFactory()).document
    page = body(deputy, objective.get_absolute_url())
    for link in (
        mission.get_absolute_url(),
        seat.network.get_absolute_url(),
        f"/documents/{document.uuid}/",
    ):
        assert f'href="{link}"' in page
    assert "Nothing yet." not in page


def test_evidence_that_the_reader_may_not_see_is_neither_shown_nor_counted(deputy, reader, mandate):
    objective = make.ObjectiveFactory(mandate=mandate)
    note = make.WatchNoteFactory(audience="staff")
    secret = make.DocumentFactory(record=note, title="Invented secret")
    make.EvidenceFactory(objective=objective, mission=None, document=secret)
    assert "Invented secret" in body(reader(Role.OFFICER), objective.get_absolute_url())
    page = body(deputy, objective.get_absolute_url())
    assert "Invented secret" not in page
    assert "Nothing yet." in page
    assert "nothing yet" in body(deputy, mandate.get_absolute_url())


def test_an_indicator_says_what_it_counts_now_and_which_records_stand_behind_it(deputy, mandate):
    mission = make.MissionFactory(done=True, title_en="Invented trip")
    objective = make.ObjectiveFactory(mandate=mandate)
    indicator = make.IndicatorFactory(objective=objective, measure="trips", target=1)
    make.IndicatorReadingFactory(indicator=indicator, day=date(2015, 3, 1), value=0)
    make.IndicatorReadingFactory(indicator=indicator, value=1)
    page = body(deputy, objective.get_absolute_url())
    assert re.search(r'class="measured"><strong>1</strong>', page)
    assert 'class="reached">reached' in page
    assert "1 record behind it" in page
    assert f'href="{mission.get_absolute_url()}"' in page
    assert "+1 since 1 March 2015 (better)" in page


def test_what_is_judged_by_hand_says_so_and_how(deputy, mandate):
    indicator = make.IndicatorFactory(objective__mandate=mandate, by_hand=True)
    page = body(deputy, indicator.objective.get_absolute_url())
    assert "judged by hand" in page
    assert '<span lang="fr">Jugé par une personne inventée.</span>' in page


def test_the_page_names_what_must_be_true_before_the_steps_and_who_answers(deputy, mandate):
    objective = full(mandate, owner=make.UserFactory(first_name="Ann", last_name="Example"), late=True)
    needed = make.ObjectiveFactory(mandate=mandate, met=True)
    make.ObjectivePreconditionFactory(objective=objective, needs=needed, words_fr="", words_en="")
    page = body(deputy, objective.get_absolute_url())
    places(page, "Where it stands: late", "Raison inventée.", "Ann Example", "Needed by", "What must be true before")
    assert "Not fulfilled" in page
    assert "Fulfilled" in page
    assert "September 2015" in page


def test_a_late_date_that_nobody_has_judged_is_said(deputy, mandate):
    objective = make.ObjectiveFactory(mandate=mandate, due_on=date(2015, 5, 1), due_on_precision="day")
    assert "Its date has passed" in body(deputy, objective.get_absolute_url())
    month = make.ObjectiveFactory(mandate=mandate, due_on=date(2015, 6, 1), due_on_precision="month")
    assert "Its date has passed" not in body(deputy, month.get_absolute_url())


def test_the_page_of_an_objective_asks_as_often_for_much_as_for_little(deputy, mandate):
    objective = full(mandate)
    make.MissionFactory(done=True)
    parts(objective, 100)
    few = queries(deputy, objective.get_absolute_url())
    for _more in range(2):
        make.MissionFactory(done=True)
        make.EvidenceFactory(objective=objective)
        make.EvidenceFactory(objective=objective, mission=None, membership=make.MembershipFactory())
        make.MilestoneFactory(objective=objective)
        make.ObjectivePreconditionFactory(objective=objective)
        needs = make.ObjectiveFactory(mandate=mandate)
        make.ObjectivePreconditionFactory(objective=objective, needs=needs, words_fr="", words_en="")
        make.ObjectiveAssociateFactory(objective=objective)
        make.DocumentFactory(record=objective)
    assert [few, queries(deputy, objective.get_absolute_url())] == [OBJECTIVE, OBJECTIVE]


# --- the records that show it ---


def records():
    membership = make.MembershipFactory()
    return {
        "mission": (make.MissionFactory(), None),
        "delegation": (make.DelegationFactory(), None),
        "event": (make.EventFactory(), None),
        "agreement": (make.AgreementFactory(), None),
        "project": (make.ProjectFactory(), None),
        "grant": (make.GrantFactory(), None),
        "membership": (membership, membership.network),
    }


@pytest.mark.parametrize("name", ["mission", "delegation", "event", "agreement", "project", "grant", "membership"])
def test_a_record_names_the_objectives_that_it_shows(deputy, mandate, name):
    record, page_of = records()[name]
    address = (page_of or record).get_absolute_url()
    assert "Objectives of the mandate that this shows" not in body(deputy, address)
    objective = make.ObjectiveFactory(mandate=mandate, reference="O-SHOWN")
    Evidence.objects.create(objective=objective, **{name: record})
    page = body(deputy, address)
    assert "Objectives of the mandate that this shows" in page
    assert f'<a href="{objective.get_absolute_url()}">O-SHOWN</a>' in page


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "count", ""),
        (0, "count", "0"),
        (1234, "count", "1,234"),
        (50, "percent", "50\xa0%"),
        (1500, "EUR", "€1,500"),
        (3, "cities", "3 cities"),
    ],
)
def test_values_read_as_people_write_them(value, unit, text):
    with translation.override("en"):
        assert quantity(value, unit) == text

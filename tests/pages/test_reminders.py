"""My deadlines, what I was told, how I want it, whether reminders go out, and the demo's mailbox."""

import re
from datetime import date, time, timedelta

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from core import clock
from core.enums import Channel, Frequency
from core.mailbox import Mailbox
from core.models import Message, MutedRule, Notification, ReminderPreference, ReminderRule, ReminderRun, User
from core.reminders import muting, runs
from core.reminders.health import health
from core.reminders.words import in_words, troubles, when
from core.roles import Role
from tests import factories as make
from tests.pages.conftest import expiring, told

pytestmark = pytest.mark.django_db

DEADLINES, NOTIFICATIONS, PREFERENCES, HEALTH = 30, 11, 9, 13


@pytest.fixture
def officer(reader):
    return reader(Role.OFFICER)


@pytest.fixture
def administrator(reader):
    return reader(Role.ADMINISTRATOR)


def body(client: Client, address: str, status: int = 200, **query) -> str:
    answer = client.get(address, query)
    assert answer.status_code == status
    return answer.content.decode()


def queries(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


def parked(user: User, why: str = "550 no such mailbox") -> Message:
    return Message.objects.create(
        recipient=user, subject="Secret subject", body="Secret text", problem=why, attempts=3, parked_at=clock.real()
    )


def ran_well() -> ReminderRun:
    return ReminderRun.objects.create(finished_at=clock.real(), entered=4, told=3, sent=2)


# --- deadlines ---


def test_late_deadlines_come_first_then_month_by_month(deputy):
    make.DuesFactory(due_on=date(2015, 5, 20))
    expiring(date(2015, 6, 15), "Agreement of June")
    expiring(date(2015, 8, 2), "Agreement of August")
    page = body(deputy, "/deadlines/")
    table = page[page.index("<table") :]
    places = [table.index(text) for text in (">Late ", "12 days late", ">June 2015 ", "in 14 days", ">August 2015 ")]
    assert places == sorted(places)
    assert re.search(r"<h1>\d+ deadlines ahead, 1 late</h1>", page)


def test_the_list_is_narrowed_by_kind_by_time_and_to_what_is_mine(deputy):
    expiring(date(2015, 6, 15), "Agreement of June")
    expiring(date(2018, 6, 15), "Agreement of 2018")
    make.DuesFactory(due_on=date(2015, 6, 20))
    page = body(deputy, "/deadlines/", kind="agreement-expiry")
    assert "Agreement of June" in page
    assert "Dues" not in re.search(r"<table.*</table>", page, re.DOTALL).group()
    assert "Agreement of 2018" not in page
    assert "Agreement of 2018" in body(deputy, "/deadlines/", kind="agreement-expiry", within="3650")
    assert "No deadline matches all of this." in body(deputy, "/deadlines/", mine="true")


def test_what_is_late_and_what_lies_ahead_are_listed_apart(deputy):
    make.DuesFactory(due_on=date(2015, 5, 20))
    make.DuesFactory(due_on=date(2015, 6, 20))
    both, ahead, late = (
        body(deputy, "/deadlines/", **asked)
        for asked in ({"within": "30"}, {"within": "30", "ahead": "true"}, {"within": "late"})
    )
    assert "1 deadline ahead, 1 late" in both
    assert ("1 deadline ahead<" in ahead, "20 May 2015" in ahead, "20 June 2015" in ahead) == (True, False, True)
    assert ("1 deadline late<" in late, "20 May 2015" in late, "20 June 2015" in late) == (True, True, False)


def test_a_wrong_filter_is_answered_with_a_sentence_and_shows_nothing(deputy):
    expiring(date(2015, 6, 15))
    for query in ({"kind": "nonsense"}, {"within": "99999999999"}, {"within": "abc"}, {"zone": "here"}):
        page = body(deputy, "/deadlines/", **query)
        assert "This list cannot be narrowed as asked." in page
        assert "<h1>My deadlines</h1>" in page
        assert '<option value="365" selected>' in page
        assert "Invented agreement" not in page


def test_nobody_sees_a_deadline_of_what_she_may_not_see(deputy, client):
    assert "Nothing falls due." in body(deputy, "/deadlines/")
    assert client.get("/deadlines/").status_code == 302


def test_the_list_of_deadlines_asks_as_often_for_one_as_for_three(deputy):
    counts = []
    for _row in range(2):
        expiring(date(2015, 6, 15))
        counts.append(queries(deputy, "/deadlines/"))
        expiring(date(2015, 7, 15))
    assert counts == [DEADLINES, DEADLINES]


# --- what I was told ---


def test_unread_reminders_are_counted_on_every_page_and_stand_first(deputy):
    assert "No unread reminder" in body(deputy, "/notifications/")
    lines = told(deputy.user, 3)
    deputy.post(f"/notifications/{lines[0].pk}/read/")
    page = body(deputy, "/notifications/")
    assert "<h1>2 unread reminders</h1>" in page
    assert page.index("agreement 1 expires") < page.index("agreement 0 expires") < page.index("agreement 2 expires")
    assert "Not renewed" in page
    assert re.search(r'class="count-mark">.*?</span> 2</span>', body(deputy, "/cities/"))


def test_all_up_to_the_newest_are_read_at_once_and_only_one_s_own(deputy, reader):
    other = reader(Role.DEPUTY)
    theirs = told(other.user)[0]
    mine = told(deputy.user, 3)
    assert deputy.post(f"/notifications/{theirs.pk}/read/").status_code == 404
    assert deputy.get(f"/notifications/{mine[0].pk}/read/").status_code == 405
    deputy.post(f"/notifications/{mine[0].pk}/read/", {"upto": "1"})
    assert not Notification.objects.filter(recipient=deputy.user, read_at=None).exists()
    assert Notification.objects.filter(recipient=other.user, read_at=None).count() == 1
    assert "agreement 0 expires" not in body(reader(Role.OFFICER), "/notifications/")


def test_a_rule_is_muted_and_heard_again_from_the_reminder_itself(deputy):
    rule = told(deputy.user)[0].rule
    assert f'action="/reminders/rules/{rule.pk}/mute/"' in body(deputy, "/notifications/")
    answer = deputy.post(f"/reminders/rules/{rule.pk}/mute/", {"next": "/notifications/"}, follow=True)
    assert answer.redirect_chain == [("/notifications/", 302)]
    assert "You hear no more of" in answer.content.decode()
    assert MutedRule.objects.filter(user=deputy.user, rule=rule).count() == 1
    assert f'action="/reminders/rules/{rule.pk}/unmute/"' in body(deputy, "/notifications/")
    answer = deputy.post(f"/reminders/rules/{rule.pk}/unmute/", {"next": "https://elsewhere.example/"})
    assert (answer.status_code, answer["Location"]) == (302, "/preferences/")
    assert not MutedRule.objects.exists()


def test_the_list_of_reminders_asks_as_often_for_one_as_for_three(deputy):
    told(deputy.user)
    few = queries(deputy, "/notifications/")
    told(deputy.user, 2)
    assert [few, queries(deputy, "/notifications/")] == [NOTIFICATIONS, NOTIFICATIONS]


# --- how I want it ---


def test_a_wish_is_kept_and_shown(deputy):
    page = body(deputy, "/preferences/")
    assert 'name="quiet_from" value="20:00"' in page
    given = {"frequency": "weekly", "quiet_from": "", "quiet_until": ""}
    assert "This is how you will be reminded" in deputy.post("/preferences/", given, follow=True).content.decode()
    kept = ReminderPreference.objects.get(user=deputy.user)
    assert (kept.frequency, kept.quiet_from, kept.quiet_weekends) == (Frequency.WEEKLY, None, False)
    assert 'name="quiet_from" value=""' in body(deputy, "/preferences/")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"frequency": "hourly"}, "Select a valid choice"),
        ({"frequency": "daily", "quiet_from": "20:00"}, "Quiet hours have a beginning and an end."),
        ({"frequency": "daily", "quiet_from": "8:00", "quiet_until": "8:00"}, "Quiet hours that never end"),
        ({"frequency": "daily", "quiet_from": "nonsense"}, "Enter a valid time"),
    ],
)
def test_a_wish_that_cannot_be_kept_is_refused_with_its_reason(deputy, given, sentence):
    answer = deputy.post("/preferences/", given)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not ReminderPreference.objects.exists()


def test_the_rules_that_concern_me_stand_in_words(deputy):
    make.ReminderRuleFactory(title_en="For officers", roles=[Role.OFFICER.value])
    mine = make.ReminderRuleFactory(
        title_en="For deputies",
        roles=[Role.DEPUTY.value],
        days_before=60,
        channels=[Channel.EMAIL, Channel.IN_APP],
        escalation_days=7,
        escalation_role=Role.MAYORS_OFFICE.value,
    )
    make.ReminderRuleFactory(title_en="Out of use", roles=[Role.DEPUTY.value], is_active=False)
    make.ReminderRuleFactory(title_en="If nothing moves", escalation_days=1, escalation_role=Role.DEPUTY.value)
    page = body(deputy, "/preferences/")
    assert "For deputies" in page
    assert "If nothing moves" in page
    assert "For officers" not in page
    assert "Out of use" not in page
    assert (
        "60 days before, to Deputy by e-mail and on the pages of Parvis; 7 days later, if it is still due, to:"
        " Mayor’s office." in page
    )
    deputy.post(f"/reminders/rules/{mine.pk}/mute/")
    assert f'action="/reminders/rules/{mine.pk}/unmute/"' in body(deputy, "/preferences/")


def test_preferences_ask_as_often_for_one_rule_as_for_three(deputy):
    make.ReminderRuleFactory(roles=[Role.DEPUTY.value], person=deputy.user)
    few = queries(deputy, "/preferences/")
    for _more in range(2):
        make.ReminderRuleFactory(to_owner=True, person=deputy.user)
    assert [few, queries(deputy, "/preferences/")] == [PREFERENCES, PREFERENCES]


@pytest.mark.parametrize(
    ("days", "words"), [(60, "60 days before"), (1, "1 day before"), (0, "on the day itself"), (-1, "1 day after")]
)
def test_the_moment_of_a_rule_in_words(days, words):
    with translation.override("en"):
        assert when(days) == words


def test_an_unfinished_rule_has_words_too():
    with translation.override("en"):
        assert in_words(ReminderRule()) == "On the day itself, to nobody yet in no way yet."


# --- from an e-mail, without signing in ---


def test_the_address_in_an_e_mail_asks_and_only_then_mutes(client):
    user = make.UserFactory(role=Role.DEPUTY, language="en")
    rule = make.ReminderRuleFactory(title_en="Invented rule")
    address = f"/reminders/mute/{muting.token(user, rule)}/"
    assert "No more reminders of “Invented rule”?" in body(client, address)
    assert not MutedRule.objects.exists()
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post(address, {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert "To hear of it again" in answer.content.decode()
    assert [(muted.user, muted.rule) for muted in MutedRule.objects.all()] == [(user, rule)]
    strict.post(address)
    assert MutedRule.objects.count() == 1


def test_a_forged_address_and_that_of_a_leaver_are_the_same_404(client):
    user, rule = make.UserFactory(), make.ReminderRuleFactory()
    token = muting.token(user, rule)
    user.is_active = False
    user.save()
    for wrong in (token, token[:-1] + ("A" if token[-1] != "A" else "B"), "x" * 30):
        for ask in (client.get, client.post):
            assert ask(f"/reminders/mute/{wrong}/").status_code == 404
    assert not MutedRule.objects.exists()


def test_the_page_of_the_address_speaks_the_reader_s_language(client):
    user = make.UserFactory(language="fr")
    rule = make.ReminderRuleFactory()
    page = client.get(f"/reminders/mute/{muting.token(user, rule)}/", headers={"accept-language": "en"})
    assert '<html lang="fr"' in page.content.decode()


# --- whether they go out ---


def test_a_silence_is_said_to_those_who_can_mend_it_and_to_nobody_else(deputy, officer, reader):
    for role, told_of_it in ((Role.OFFICER, True), (Role.ADMINISTRATOR, True), (Role.AUDITOR, False)):
        assert ("Reminders have not run yet" in body(reader(role), "/cities/")) is told_of_it
    assert "Reminders have not run yet" not in body(deputy, "/cities/")
    assert "Reminders have not run yet" in body(officer, "/admin/")
    assert deputy.get("/reminders/").status_code == 403
    ran_well()
    assert "See what is stuck" not in body(officer, "/cities/")
    assert "See what is stuck" not in body(officer, "/admin/")
    assert "<h1>Reminders go out</h1>" in body(officer, "/reminders/")


def test_a_parked_e_mail_says_why_and_is_tried_again(officer, deputy):
    ran_well()
    person = make.UserFactory(email="gone@example.test")
    ReminderPreference.objects.create(user=person, quiet_from=None, quiet_until=None, quiet_weekends=False)
    message = parked(person)
    page = body(officer, "/reminders/")
    assert "1 e-mail could not be sent." in page
    assert "gone@example.test" in page
    assert "550 no such mailbox" in page
    assert "Secret" not in page
    assert deputy.post(f"/reminders/{message.pk}/try-again/").status_code == 404
    answer = officer.post(f"/reminders/{message.pk}/try-again/", follow=True)
    assert "The e-mail will be sent by the next run." in answer.content.decode()
    runs.run()
    assert [sent.to for sent in mail.outbox] == [["gone@example.test"]]
    assert officer.post(f"/reminders/{message.pk}/try-again/").status_code == 404


def test_what_stands_still_is_said_with_its_number_and_its_age(officer):
    ReminderRun.objects.create(started_at=clock.real() - timedelta(hours=2), problem="ConnectionRefusedError")
    for _each in range(2):
        Message.objects.create(
            recipient=officer.user, subject="Invented", body="Invented", due_at=clock.real() - timedelta(hours=3)
        )
    Message.objects.create(recipient=officer.user, subject="Invented", body="Invented", attempts=9)
    page = body(officer, "/reminders/")
    assert "3 e-mails wait, the oldest since" in page
    assert "1 e-mail has been tried in vain for more than an hour." in page
    assert "ConnectionRefusedError" in page
    assert "not yet, or cut off" in page


def test_the_page_of_the_health_asks_as_often_for_one_as_for_three(officer):
    for _more in range(2):
        ran_well()
        parked(make.UserFactory())
        few = queries(officer, "/reminders/")
        assert few == HEALTH


def test_the_orchestrator_is_told_in_one_word(client):
    assert client.get("/health/reminders/").status_code == 503
    ran_well()
    assert client.get("/health/reminders/").content == b"ok"


def test_while_all_is_well_there_is_no_trouble():
    ran_well()
    assert troubles(health()) == []


# --- the demo's mailbox ---


@pytest.fixture
def post(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    for to, text in (("ann@example.test", "See http://localhost/deadlines/ <b>"), ("bob@example.test", "Two")):
        Mailbox().send_messages([mail.EmailMessage(f"To {to}", text, "parvis@example.test", [to])])


def test_the_mailbox_is_read_as_in_a_mail_program(deputy, post):
    page = body(deputy, "/mailbox/")
    assert "<h1>2 e-mails</h1>" in page
    address = re.search(r'href="(\?letter=[0-9a-f]+)#letter"[^>]*><span class="from">ann', page).group(1)
    letter = body(deputy, f"/mailbox/{address}")
    assert '<a href="http://localhost/deadlines/"' in letter
    assert "&lt;b&gt;" in letter
    only = body(deputy, "/mailbox/", to="bob@example.test")
    assert "<h1>1 e-mail</h1>" in only
    assert "To ann@" not in only
    assert "No e-mail has been sent yet." in body(deputy, "/mailbox/", to="nobody@example.test")


def test_there_is_no_mailbox_in_production_nor_for_strangers(deputy, client, post, settings):
    assert client.get("/mailbox/").status_code == 302
    settings.MODE = "production"
    assert deputy.get("/mailbox/").status_code == 404


def test_the_demo_s_banner_leads_to_its_mailbox(deputy, settings):
    assert "/mailbox/" not in body(deputy, "/cities/")
    settings.MODE = "demo"
    assert 'href="/mailbox/"' in body(deputy, "/cities/")


def test_quiet_hours_are_read_as_times(deputy):
    deputy.post("/preferences/", {"frequency": "instant", "quiet_from": "19:30", "quiet_until": "08:15"})
    kept = ReminderPreference.objects.get()
    assert (kept.quiet_from, kept.quiet_until) == (time(19, 30), time(8, 15))

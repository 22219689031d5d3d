"""The rules of reminders as a newcomer writes them, and the ledger, the e-mails and the runs that nobody writes."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from core import clock
from core.admin.reminders import tells_today
from core.enums import Channel
from core.models import Message, MutedRule, Notification, ReminderRule, ReminderRun
from core.roles import Role
from tests import factories as make
from tests.admin.forms import body, done, errors, filled, page, queries

ADD = "admin:core_reminderrule_add"
LIST = "admin:core_reminderrule_changelist"
SAY = "admin:core_reminderrule_say"
LEDGERS = {model: reverse(f"admin:core_{model}_changelist") for model in ("notification", "message", "reminderrun")}

VALID = {
    "title_fr": "Règle inventée",
    "title_en": "Invented rule",
    "kind": "agreement-expiry",
    "days_before": "60",
    "roles": [Role.OFFICER.value],
    "channels": [Channel.EMAIL.value],
}


def line(rule, recipient, record=None, **values) -> Notification:
    record = record or make.AgreementFactory(in_force=True, expires_on=date(2015, 6, 20))
    values = {"channel": Channel.IN_APP, "what": "Invented sentence", "told_at": clock.real()} | values
    return Notification.objects.create(
        rule=rule, record=record, due_on=date(2015, 6, 20), recipient=recipient, **values
    )


def test_a_newcomer_writes_a_rule(officer):
    done(officer.post(reverse(ADD), filled(officer, reverse(ADD), **VALID)))
    rule = ReminderRule.objects.get()
    assert (rule.kind, rule.days_before, rule.roles, rule.channels, rule.is_active) == (
        "agreement-expiry",
        60,
        ["officer"],
        ["e-mail"],
        True,
    )


def test_the_kind_is_chosen_by_its_title_and_roles_by_theirs(officer):
    shown = body(officer, reverse(ADD))
    assert '<option value="agreement-expiry">Expiry of an agreement</option>' in shown
    assert "International-relations officer" in shown


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"kind": ""}, "This field is required."),
        ({"kind": "nonsense"}, "Select a valid choice"),
        ({"roles": []}, "A rule needs somebody to remind"),
        ({"channels": []}, "This field is required."),
        ({"days_before": "9999"}, "Between two years before and two years after."),
        ({"escalation_days": "7"}, "An escalation has a number of days, at least one, and a role."),
        ({"catch_up_days": "0"}, "Between one day and two years."),
    ],
)
def test_a_rule_that_cannot_work_is_refused_where_it_is_written(officer, changes, sentence):
    answer = officer.post(reverse(ADD), filled(officer, reverse(ADD), **VALID) | changes)
    assert sentence in errors(answer)
    assert not ReminderRule.objects.exists()


def test_the_sentence_follows_the_form_as_it_stands(officer, deputy):
    query = {
        "days_before": "-3",
        "to_owner": "on",
        "roles": ["officer", "nonsense"],
        "channels": ["e-mail", "nonsense"],
        "escalation_days": "7",
        "escalation_role": "mayors-office",
    }
    said = officer.get(reverse(SAY), query).content.decode()
    assert said == (
        "3 days after, to whoever answers for the record and International-relations officer by e-mail;"
        " 7 days later, if it is still due, to: Mayor’s office."
    )
    assert officer.get(reverse(SAY), {"days_before": "<b>", "person": "9" * 40}).status_code == 200
    assert deputy.get(reverse(SAY), follow=True).status_code == 403
    assert f'hx-get="{reverse(SAY)}"' in body(officer, reverse(ADD))


def test_the_list_says_what_each_rule_does(officer):
    rule = make.ReminderRuleFactory(title_en="Invented rule")
    MutedRule.objects.create(user=officer.user, rule=rule)
    shown = body(officer, reverse(LIST))
    assert "Expiry of an agreement — 30 days before, to International-relations officer by e-mail" in shown
    assert "Who does not want to hear of it" in body(officer, page(rule))
    assert str(officer.user) in body(officer, page(rule))
    assert officer.get(reverse(LIST), {"kind": "network-dues"}).context["cl"].result_count == 0


def test_a_rule_shows_what_it_speaks_of_today(officer):
    rule = make.ReminderRuleFactory()
    for number in range(12):
        make.AgreementFactory(in_force=True, expires_on=clock.today() + timedelta(5 + number))
    make.AgreementFactory(in_force=True, expires_on=clock.today() + timedelta(31))
    count, first = tells_today(rule, officer.user)
    assert (count, len(first)) == (12, 10)
    assert first[0].due == clock.today() + timedelta(5)
    worked_out = make.ReminderRuleFactory(kind="promise-due")
    make.PromiseFactory(due_on=date(2015, 6, 9), due_on_precision="day")
    assert [found.due for found in tells_today(worked_out, officer.user)[1]] == [date(2015, 6, 9)]


def test_whom_a_rule_names_in_person_is_for_administrators_to_choose(officer, administrator):
    rule = make.ReminderRuleFactory(person=administrator.user)
    assert "person" not in officer.get(page(rule)).context["adminform"].form.fields
    done(officer.post(page(rule), filled(officer, page(rule), days_before="10")))
    rule.refresh_from_db()
    assert (rule.days_before, rule.person) == (10, administrator.user)
    assert "person" in administrator.get(page(rule)).context["adminform"].form.fields


def test_a_rule_that_has_told_something_is_taken_out_of_use_and_not_deleted(administrator):
    rule = make.ReminderRuleFactory()
    line(rule, administrator.user)
    assert "take it out of use instead" in body(administrator, page(rule, "delete"))
    administrator.post(page(rule, "delete"), {"post": "yes"})
    assert ReminderRule.objects.filter(pk=rule.pk).exists()
    silent = make.ReminderRuleFactory()
    MutedRule.objects.create(user=administrator.user, rule=silent)
    administrator.post(page(silent, "delete"), {"post": "yes"})
    assert not ReminderRule.objects.filter(pk=silent.pk).exists()


# --- what nobody writes ---


def test_the_ledger_says_who_was_told_what_when(administrator, deputy):
    rule = make.ReminderRuleFactory(title_en="Invented rule")
    told = line(rule, deputy.user)
    line(rule, administrator.user, told_at=None, what="", channel=Channel.EMAIL)
    shown = body(administrator, LEDGERS["notification"])
    assert "Invented sentence" in shown
    assert str(deputy.user) in shown
    for query, count in (
        ({"state": "told"}, 1),
        ({"state": "waiting"}, 1),
        ({"state": "silent"}, 0),
        ({"channel__exact": "e-mail"}, 1),
        ({"rule__id__exact": rule.pk}, 2),
        ({"recipient__id__exact": deputy.user.pk}, 1),
    ):
        assert administrator.get(LEDGERS["notification"], query).context["cl"].result_count == count, query
    assert administrator.get(page(told)).status_code == 200


def test_the_ledger_holds_nothing_of_records_that_the_administrator_may_not_see(administrator, deputy):
    rule = make.ReminderRuleFactory()
    hidden = make.ProtectedFileFactory()
    line(rule, deputy.user, record=hidden, what="Invented secret")
    assert "Invented secret" not in body(administrator, LEDGERS["notification"])
    assert administrator.get(LEDGERS["notification"]).context["cl"].result_count == 0


@pytest.mark.parametrize("name", LEDGERS)
def test_nothing_that_parvis_writes_is_written_by_hand(administrator, name):
    line(make.ReminderRuleFactory(), administrator.user)
    Message.objects.create(recipient=administrator.user, subject="Invented")
    ReminderRun.objects.create()
    row = {"notification": Notification, "message": Message, "reminderrun": ReminderRun}[name].objects.get()
    assert administrator.get(LEDGERS[name]).status_code == 200
    assert administrator.get(reverse(f"admin:core_{name}_add")).status_code == 403
    for verb in ("change", "delete"):
        address = page(row, verb)
        assert administrator.post(address, {"post": "yes", "what": "Other"}).status_code == 403
    assert type(row).objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize(("name", "seen"), [("notification", False), ("message", True), ("reminderrun", True)])
def test_who_reads_what_came_of_reminders(officer, auditor, name, seen):
    assert officer.get(LEDGERS[name]).status_code == (200 if seen else 403)
    assert auditor.get(LEDGERS[name]).status_code == 403


def test_parked_e_mails_come_first_and_say_why_but_not_what_they_say(officer):
    Message.objects.create(recipient=make.UserFactory(), subject="Secret subject", body="Secret text")
    gone = make.UserFactory(email="gone@example.test")
    Message.objects.create(
        recipient=gone, subject="Secret subject", body="Secret text", problem="550 no", parked_at=clock.real()
    )
    Message.objects.create(recipient=make.UserFactory(), subject="Secret subject", body="Secret text")
    answer = officer.get(LEDGERS["message"])
    shown = answer.content.decode()
    assert next(row.recipient for row in answer.context["cl"].result_list) == gone
    assert "gone@example.test" in shown
    assert "550 no" in shown
    assert "Secret" not in shown
    assert officer.get(LEDGERS["message"], {"state": "parked"}).context["cl"].result_count == 1


def test_ledgers_ask_as_often_for_one_row_as_for_three(administrator):
    counts = []
    for _more in range(2):
        line(make.ReminderRuleFactory(), make.UserFactory())
        Message.objects.create(recipient=make.UserFactory(), subject="Invented")
        ReminderRun.objects.create()
        counts.append([queries(administrator, address) for address in LEDGERS.values()])
    assert counts[0] == counts[1]


def test_a_rule_whose_kind_is_gone_is_still_shown(officer):
    rule = make.ReminderRuleFactory()
    ReminderRule.objects.filter(pk=rule.pk).update(kind="gone")
    assert "Gone — 30 days before" in body(officer, reverse(LIST))
    assert officer.get(page(rule)).status_code == 200
    with pytest.raises(ValidationError):
        ReminderRule.objects.get(pk=rule.pk).full_clean()

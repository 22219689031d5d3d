"""What the database refuses of reminders whoever writes, each named rule once; and what is refused before it gets there."""

from datetime import date, time

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models.functions import Now

from core.database import refusal, sentences
from core.enums import Frequency
from core.exceptions import Refused
from core.models import Message, MutedRule, Notification, ReminderPreference, ReminderRule, ReminderRun
from core.models.reminders import FAR
from core.reminders import services
from core.roles import Role
from tests import factories as make
from tests.cooperation.test_constraints import Case, copied, written

pytestmark = pytest.mark.django_db

RULE = make.ReminderRuleFactory
MODELS: list[type[models.Model]] = [Message, MutedRule, Notification, ReminderPreference, ReminderRule, ReminderRun]


def preference(**values):
    return ReminderPreference.objects.create(user=make.UserFactory(), **values)


def message(**values):
    values = {"subject": "Invented", "body": "Invented."} | values
    return Message.objects.create(recipient=make.UserFactory(), **values)


def line(**values):
    rule, record = RULE(), make.AgreementFactory()
    values = {"due_on": date(2015, 6, 2), "channel": "e-mail"} | values
    return Notification.objects.create(rule=rule, record=record, recipient=make.UserFactory(), **values)


def muted():
    return MutedRule.objects.create(user=make.UserFactory(), rule=RULE())


def update(rule: str, factory, change: dict, **made) -> Case:
    return f"core_{rule}", lambda: written(factory(**made), **change)


def insert(rule: str, factory, change: dict | None = None, **made) -> Case:
    return f"core_{rule}", lambda: copied(factory(**made), **change or {})


TWICE_A_DAY = {"digest_on": date(2015, 6, 2)}
HALVES = [
    {"escalation_days": 7},
    {"escalation_role": "deputy"},
    {"escalation_days": 0, "escalation_role": "deputy"},
    {"escalation_days": FAR + 1, "escalation_role": "deputy"},
]
CASES = [
    *(update("reminderrule_days_plausible", RULE, {"days_before": days}) for days in (FAR + 1, -FAR - 1)),
    update("reminderrule_has_recipient", RULE, {"roles": []}),
    update("reminderrule_roles_known", RULE, {"roles": ["officer", "else"]}),
    update("reminderrule_roles_known", RULE, {"roles": ["officer", None]}),
    update("reminderrule_has_channel", RULE, {"channels": []}),
    update("reminderrule_has_channel", RULE, {"channels": ["e-mail", "pigeon"]}),
    *(update("reminderrule_escalation_whole", RULE, half) for half in HALVES),
    update("reminderrule_escalation_role_known", RULE, {"escalation_days": 7, "escalation_role": "else"}),
    *(update("reminderrule_catch_up_plausible", RULE, {"catch_up_days": days}) for days in (0, FAR + 1)),
    update("reminderpreference_frequency_known", preference, {"frequency": "hourly"}),
    update("reminderpreference_quiet_whole", preference, {"quiet_until": None}),
    update("reminderpreference_quiet_whole", preference, {"quiet_from": None}),
    update("reminderpreference_quiet_not_always", preference, {"quiet_from": time(7)}),
    insert("mutedrule_once", muted),
    insert("message_one_a_day", message, {"uuid": "00000000-0000-4000-8000-000000000000"}, **TWICE_A_DAY),
    insert("message_one_a_day", message, {"uuid": "00000000-0000-4000-8000-000000000000"}, alert="late", **TWICE_A_DAY),
    update("message_alert_known", message, {"alert": "else"} | TWICE_A_DAY),
    update("message_alert_has_day", message, {"alert": "late"}),
    update("message_sent_or_parked", message, {"sent_at": Now(), "parked_at": Now(), "problem": "550"}),
    update("message_parked_says_why", message, {"parked_at": Now()}),
    insert("notification_told_once", line),
    update("notification_channel_known", line, {"channel": "pigeon"}),
    update("notification_told_or_silent", line, {"told_at": Now(), "silenced_at": Now(), "what": "Invented."}),
    update("notification_told_in_words", line, {"told_at": Now()}),
]


@pytest.mark.parametrize(("rule", "write"), CASES, ids=[rule.removeprefix("core_") for rule, _ in CASES])
def test_the_database_refuses_by_name_and_with_a_sentence(rule, write):
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        write()
    assert refused.value.__cause__.diag.constraint_name == rule
    said = refusal(refused.value)
    assert isinstance(said, ValidationError)
    assert said.messages == [str(sentences()[rule])]


def test_no_rule_is_left_without_a_case_or_a_sentence_of_its_own():
    rules = [rule for model in MODELS for rule in model._meta.constraints]
    assert {rule.name for rule in rules} == {rule for rule, _ in CASES}
    assert [rule.name for rule in rules if rule.violation_error_message == rule.default_violation_error_message] == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"roles": []}, "roles"),
        ({"roles": ["else"]}, "roles"),
        ({"channels": []}, "channels"),
        ({"channels": ["pigeon"]}, "channels"),
        ({"kind": "else"}, "kind"),
        ({"kind": ""}, "kind"),
        ({"days_before": FAR + 1}, "days_before"),
        ({"days_before": None}, "days_before"),
        ({"catch_up_days": 0}, "catch_up_days"),
        ({"escalation_days": 7}, "escalation_role"),
        ({"escalation_role": "deputy"}, "escalation_role"),
        ({"escalation_days": 7, "escalation_role": "else"}, "escalation_role"),
        ({"title_fr": ""}, "title_fr"),
    ],
)
def test_a_form_says_beside_which_field(change, field):
    rule = RULE()
    for name, value in change.items():
        setattr(rule, name, value)
    with pytest.raises(ValidationError) as refused:
        rule.save()
    assert field in refused.value.message_dict


def test_the_bounds_themselves_are_rules():
    for days in (FAR, 0, -FAR):
        RULE(days_before=days, catch_up_days=FAR, escalation_days=FAR, escalation_role=Role.MAYORS_OFFICE.value)
    for days in (FAR, 1):
        RULE(roles=[], to_owner=True, catch_up_days=days, escalation_days=1, escalation_role=Role.DEPUTY.value)
    RULE(roles=[], person=make.UserFactory())
    assert ReminderRule.objects.count() == 6


QUIET = {"frequency": Frequency.DAILY, "quiet_from": time(20), "quiet_until": time(7), "quiet_weekends": True}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"frequency": "hourly"}, "frequency"),
        ({"quiet_until": None}, "quiet_until"),
        ({"quiet_from": None}, "quiet_until"),
        ({"quiet_from": time(7)}, "quiet_until"),
    ],
)
def test_a_wish_that_cannot_be_kept_is_refused(change, field):
    person = make.UserFactory()
    with pytest.raises(Refused) as refused:
        services.prefer(actor=person, **QUIET | change)
    assert [reason.field for reason in refused.value] == [field]
    assert not ReminderPreference.objects.exists()
    assert services.prefer(actor=person, **QUIET).quiet_until == time(7)


def test_one_digest_and_one_alert_of_each_kind_are_of_one_day():
    person = make.UserFactory()
    for alert in ("", "late", "stuck", "parked"):
        Message.objects.create(recipient=person, digest_on=date(2015, 6, 2), alert=alert, subject="Invented")
    for _each in range(2):
        Message.objects.create(recipient=person, subject="Invented")
    assert Message.objects.count() == 6

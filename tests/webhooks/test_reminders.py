"""Reminders to other systems: one message for each rule, record, day and system, of what the system may read."""

import json
from datetime import timedelta

import pytest
from django.core import mail

from core import clock
from core.enums import Channel
from core.models import Notification, WebhookDelivery
from core.reminders import runs, systems, words
from core.roles import Role
from tests import factories as make

pytestmark = pytest.mark.django_db
BY_WEBHOOK = {"channels": [Channel.WEBHOOK], "roles": []}


@pytest.fixture
def agreement():
    return make.AgreementFactory(in_force=True, expires_on=clock.today() + timedelta(20))


def test_a_system_is_told_once_and_no_person_by_this_way(agreement):
    make.UserFactory(role=Role.OFFICER)
    rule = make.ReminderRuleFactory(**BY_WEBHOOK)
    subscription = make.WebhookSubscriptionFactory()
    make.WebhookSubscriptionFactory(is_active=False)
    for _again in range(3):
        runs.run()
    [message] = WebhookDelivery.objects.all()
    assert message.subscription == subscription
    assert (mail.outbox, Notification.objects.count()) == ([], 0)
    data = json.loads(message.body)
    assert data["type"] == "reminders.due"
    assert agreement.title in data["data"].pop("what")
    assert data["data"] == {
        "rule": rule.pk,
        "kind": "agreement-expiry",
        "due": agreement.expires_on.isoformat(),
        "link": agreement.get_absolute_url(),
        "record": {"content_type": "partnerships.agreement", "object_id": agreement.pk},
    }


def test_a_due_date_that_moves_is_told_again_and_what_is_met_no_more(agreement):
    make.ReminderRuleFactory(**BY_WEBHOOK)
    make.WebhookSubscriptionFactory()
    assert systems.tell(clock.today()) == 1
    agreement.expires_on += timedelta(2)
    agreement.save()
    assert (systems.tell(clock.today()), systems.tell(clock.today())) == (1, 0)
    agreement.expires_on += timedelta(300)
    agreement.save()
    assert systems.tell(clock.today()) == 0


def test_the_number_of_queries_does_not_grow(agreement, django_assert_num_queries):
    make.ReminderRuleFactory(**BY_WEBHOOK)
    make.WebhookSubscriptionFactory()
    systems.tell(clock.today())
    for _each in range(4):
        make.AgreementFactory(in_force=True, expires_on=clock.today() + timedelta(20))
    with django_assert_num_queries(7):
        assert systems.tell(clock.today()) == 4


def test_the_rule_says_so_in_words():
    rule = make.ReminderRuleFactory(**BY_WEBHOOK, title_en="Invented")
    assert words.in_words(rule)

"""The log of deliveries is kept for 90 days, and what keeps a reminder from being told twice for longer."""

from datetime import date, timedelta

import pytest

from core import clock
from core.models import WebhookDelivery
from core.tasks import forget
from core.webhooks import services
from core.webhooks.events import REMINDER_DUE
from core.webhooks.log import KEPT_FOR
from tests import factories as make

pytestmark = pytest.mark.django_db
LONG_AGO = KEPT_FOR + timedelta(minutes=1)
NOT_YET = KEPT_FOR - timedelta(minutes=1)


def message(event="missions.updated", once=None, **ended) -> WebhookDelivery:
    to = make.WebhookSubscriptionFactory()
    written = services.message(to, event, {}, once=once)
    for name, ago in ended.items():
        setattr(written, name, clock.real() - ago)
    written.save()
    return written


def left() -> set[int]:
    return set(WebhookDelivery.objects.values_list("pk", flat=True))


@pytest.mark.parametrize("name", ["delivered_at", "parked_at"])
def test_a_message_is_forgotten_90_days_after_it_ended(name):
    message(**{name: LONG_AGO})
    kept = message(**{name: NOT_YET})
    assert forget() == 1
    assert left() == {kept.pk}


def test_what_waits_is_never_forgotten():
    waiting = message()
    WebhookDelivery.objects.update(written_at=clock.real() - 10 * KEPT_FOR)
    assert forget() == 0
    assert left() == {waiting.pk}


def test_a_reminder_stays_while_a_rule_speaks_of_its_day():
    rule = make.ReminderRuleFactory(days_before=-30, catch_up_days=7)
    day = clock.today() - timedelta(days=37)
    spoken = message(REMINDER_DUE, once=f"{rule.pk}:1:1:{day}", delivered_at=LONG_AGO)
    message(REMINDER_DUE, once=f"{rule.pk}:1:1:{day - timedelta(days=1)}", delivered_at=LONG_AGO)
    later = message(REMINDER_DUE, once=f"{rule.pk}:1:1:{date(2016, 1, 1)}", delivered_at=LONG_AGO)
    assert forget() == 1
    assert left() == {spoken.pk, later.pk}

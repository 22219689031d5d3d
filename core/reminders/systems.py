"""Reminders for other systems: a rule that tells webhooks writes a message to each system that asked for reminders."""

from datetime import date
from functools import partial

from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from core.access import ApiClient
from core.deadlines import Deadline
from core.enums import Channel
from core.models import ReminderRule, WebhookDelivery, WebhookSubscription
from core.reminders.scan import Window, source_of
from core.reminders.troubles import Attempt, at_once
from core.webhooks import services
from core.webhooks.events import REMINDER_DUE


def tell(today: date, attempt: Attempt = at_once) -> int:
    """How many messages were written: for each rule, record, day and system one, of what the system may read."""
    rules = list(ReminderRule.objects.filter(is_active=True, channels__contains=[Channel.WEBHOOK]).order_by("pk"))
    systems = WebhookSubscription.objects.filter(is_active=True, event_types__contains=[REMINDER_DUE])
    written = 0
    for subscription in systems.select_related("client__access").order_by("pk") if rules else ():
        reader = services.reader_of(subscription)
        for rule in rules:
            act = partial(_tell, subscription, reader, rule, today)
            written += attempt(f"{rule.kind}, {subscription}", act) or 0
    return written


@transaction.atomic
def _tell(subscription: WebhookSubscription, reader: ApiClient, rule: ReminderRule, today: date) -> int:
    window = Window.of(rule, today)
    due = source_of(rule).find(reader, window.since, window.until)
    found = {_once(rule, deadline): deadline for deadline in due}
    held = WebhookDelivery.objects.filter(subscription=subscription, once__in=found).values_list("once", flat=True)
    new = found.keys() - set(held)
    messages = [
        services.message(subscription, REMINDER_DUE, _said(rule, found[once]), once=once) for once in sorted(new)
    ]
    WebhookDelivery.objects.bulk_create(messages, ignore_conflicts=True, batch_size=1000)
    return len(messages)


def _once(rule: ReminderRule, deadline: Deadline) -> str:
    kind = ContentType.objects.get_for_model(deadline.record).pk
    return f"{rule.pk}:{kind}:{deadline.record.pk}:{deadline.due}"


def _said(rule: ReminderRule, deadline: Deadline) -> dict[str, object]:
    """What the message holds: the same as the list of deadlines in the API, and the rule."""
    return {
        "rule": rule.pk,
        "kind": deadline.kind,
        "due": deadline.due.isoformat(),
        "what": deadline.what,
        "link": deadline.link,
        "record": {"content_type": deadline.record._meta.label_lower, "object_id": deadline.record.pk},
    }

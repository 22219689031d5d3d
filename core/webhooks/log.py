"""How long the log of deliveries is kept."""

from datetime import date, timedelta

from django.db.models import Q
from django.db.models.functions import Right

from core import clock
from core.models import ReminderRule, WebhookDelivery
from core.reminders.scan import Window
from core.webhooks.events import REMINDER_DUE

# A quarter: whoever reconciles by the quarter still finds what was sent, and can have it sent again.
KEPT_FOR = timedelta(days=90)


def forget() -> int:
    """Deletes the messages that were delivered or parked more than 90 days ago; returns how many.

    What waits stays. So does a reminder of a day of which a rule still speaks: its row is why it is not told a second time.
    """
    before = clock.real() - KEPT_FOR
    ended = WebhookDelivery.objects.filter(Q(delivered_at__lt=before) | Q(parked_at__lt=before))
    past = ended.annotate(due=Right("once", 10)).filter(due__lt=_spoken_of_since().isoformat())
    old = ended.filter(~Q(event=REMINDER_DUE) | Q(once=None) | Q(pk__in=past.values("pk")))
    deleted, _each = old.delete()
    return deleted


def _spoken_of_since() -> date:
    """The earliest due date of which a rule speaks today, whether it is in use or not."""
    today = clock.today()
    return min((Window.of(rule, today).since for rule in ReminderRule.objects.all()), default=today)

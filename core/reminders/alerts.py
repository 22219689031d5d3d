"""What is wrong with the reminders themselves is told to whoever administers Parvis, by the same way as a reminder.

Only a run can say so: where none runs, `/health/reminders/` and the metrics do.
"""

import structlog
from django.db.models import Max, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.timezone import localtime

from core import clock
from core.enums import Alert
from core.models import Message, User
from core.reminders.health import LATE, Health
from core.reminders.writing import absolute
from core.roles import Role

log = structlog.get_logger(__name__)


def alarms(health: Health) -> list[Alert]:
    """What somebody has to be told of. A first run is not late; what was parked is told of once."""
    began = health.last_run or health.first_run
    last_told = Message.objects.filter(alert=Alert.PARKED).aggregate(at=Max("written_at"))["at"]
    found = {
        Alert.LATE: began is not None and clock.real() - began > LATE,
        Alert.STUCK: health.is_stuck,
        Alert.PARKED: health.parked_at is not None and (last_told is None or health.parked_at > last_told),
    }
    return [alert for alert, is_so in found.items() if is_so]


def tell(health: Health) -> list[Alert]:
    """Writes what is wrong to every administrator, once a day for each problem, and returns it."""
    found = alarms(health)
    for alert in found:
        log.error("reminders_alert", alert=alert.value, problem=health.problem)
    people = User.objects.filter(Q(groups__name=Role.ADMINISTRATOR) | Q(is_superuser=True), is_active=True).distinct()
    letters = [_letter(person, alert, health) for person in people for alert in found]
    # Another run at once, or one before it on this day, has told it already.
    Message.objects.bulk_create(letters, ignore_conflicts=True)
    return found


def _letter(person: User, alert: Alert, health: Health) -> Message:
    with translation.override(person.language):
        context = {"alert": alert, "health": health, "page": absolute(reverse("reminders-health"))}
        return Message(
            recipient=person,
            digest_on=localtime(clock.real()).date(),
            alert=alert,
            subject=f"Parvis: {alert.label}",
            body=render_to_string("core/reminders/alert.txt", context),
        )

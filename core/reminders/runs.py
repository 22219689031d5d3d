"""One run of the reminders, and what it leaves behind."""

from datetime import timedelta

import structlog
from django.db.models.functions import Now

from core import clock
from core.models import ReminderRun
from core.reminders import alerts, systems
from core.reminders.health import health
from core.reminders.scan import scan
from core.reminders.sending import send
from core.reminders.troubles import Troubles
from core.reminders.writing import write

log = structlog.get_logger(__name__)
# How long the runs themselves are kept.
KEPT = timedelta(days=90)


def run() -> ReminderRun:
    """Enters, words and sends what is due. What fails for one rule, one person or the mail server is noted and keeps nothing
    else back; without the database the run ends where it is, and the next one goes on from there."""
    before = health()
    this = ReminderRun.objects.create()
    troubles = Troubles()
    sent = 0
    # First, and sent at once: what follows may be what no run survives.
    if alerts.tell(before):
        sent += _send(troubles)
    this.entered = scan(clock.today(), troubles.attempt)
    this.told = write(troubles.attempt)
    this.told += troubles.attempt("webhooks", lambda: systems.tell(clock.today(), troubles.attempt)) or 0
    this.sent = sent + _send(troubles)
    ReminderRun.objects.filter(pk=this.pk).update(
        entered=this.entered, told=this.told, sent=this.sent, problem=str(troubles)[:300], finished_at=Now()
    )
    ReminderRun.objects.filter(started_at__lt=Now() - KEPT).delete()
    this.refresh_from_db()
    return this


def _send(troubles: Troubles) -> int:
    outcome = send()
    if outcome.problem:
        log.error("reminders_not_sent", problem=outcome.problem)
        troubles.note(outcome.problem)
    return outcome.sent

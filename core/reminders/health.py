"""Whether reminders go out: when they last ran, what waits and what is stuck."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Min, Q

from core import clock
from core.models import Message, ReminderRun

# The calendar of tasks starts a run every five minutes.
LATE = timedelta(minutes=30)
# An e-mail that has been due for longer is stuck: nobody sends, or the mail server does not answer.
LONG = timedelta(hours=1)
# So often an e-mail is tried in vain within about an hour (`core.reminders.sending`).
OFTEN = 7


@dataclass(frozen=True)
class Health:
    """Times are real, whatever day Parvis goes by. `last_run` ended without a problem; `first_run` is the first one kept.

    `waiting` e-mails are written and not sent, `oldest` is since when the first of them has been due, `deferred` is how many
    have been tried in vain for more than an hour; `parked` is how many need somebody, `parked_at` when the last one was.
    """

    first_run: datetime | None
    last_run: datetime | None
    running_since: datetime | None
    waiting: int
    oldest: datetime | None
    deferred: int
    parked: int
    parked_at: datetime | None
    problem: str

    @property
    def is_late(self) -> bool:
        """Also where nothing has ever run: whoever asks wants to know that nothing does."""
        return _longer_ago(self.last_run, LATE)

    @property
    def is_blocked(self) -> bool:
        return self.oldest is not None and _longer_ago(self.oldest, LONG)

    @property
    def is_stuck(self) -> bool:
        return self.is_blocked or self.deferred > 0

    @property
    def is_well(self) -> bool:
        """Whether reminders go out. One person's mailbox that is full does not stop those of the others."""
        return not self.is_late and not self.is_blocked


def _longer_ago(moment: datetime | None, time: timedelta) -> bool:
    return moment is None or clock.real() - moment > time


def health() -> Health:
    """Four short queries, whatever waits."""
    last = ReminderRun.objects.filter(finished_at__isnull=False, problem="").order_by("-finished_at").first()
    latest = ReminderRun.objects.first()
    first = ReminderRun.objects.order_by("pk").first()
    waiting = Q(sent_at=None, parked_at=None)
    found = Message.objects.filter(Q(waiting) | Q(parked_at__isnull=False)).aggregate(
        waiting=Count("pk", filter=waiting),
        oldest=Min("due_at", filter=waiting),
        deferred=Count("pk", filter=waiting & Q(attempts__gte=OFTEN)),
        parked=Count("pk", filter=Q(parked_at__isnull=False)),
        parked_at=Max("parked_at"),
    )
    return Health(
        first_run=first.started_at if first else None,
        last_run=last.finished_at if last else None,
        running_since=latest.started_at if latest and latest.finished_at is None else None,
        problem=latest.problem if latest else "",
        **found,
    )

"""The reminders' calendar. Tasks take no argument: what is to be done stands in the database."""

import pghistory
from celery import shared_task

from core.api import once
from core.exports import services as exports
from core.reminders import runs
from core.webhooks import log, outbox, sending


# A run that hangs is killed before it counts as late, so that the emergencies behind it are not kept waiting; each
# e-mail and each person's lines are in a transaction of their own, and the next run goes on.
@shared_task(time_limit=20 * 60)
def remind() -> int:
    """Tells everybody what falls due; returns how many e-mails were sent."""
    with pghistory.context(client="Parvis"):
        return runs.run().sent


@shared_task(time_limit=20 * 60)
def deliver_webhooks() -> int:
    """Tells other systems what happened and what waits for them; returns how many messages were taken."""
    try:
        outbox.fill()
    finally:
        # What was written earlier is sent, whatever keeps new messages from being written.
        taken = sending.send()
    return taken


# A worker that is killed lets go of its export, and the next run takes it up.
@shared_task(time_limit=60 * 60)
def write_exports() -> int:
    """Prepares the exports that wait; returns how many were finished."""
    return exports.work()


@shared_task(time_limit=20 * 60)
def clear_exports() -> int:
    """Takes away the exports that have expired; returns how many there were."""
    return exports.clear()


@shared_task(time_limit=20 * 60)
def forget() -> int:
    """Forgets the requests that came with an Idempotency-Key more than a day ago, and the messages to other systems that were
    delivered or parked more than 90 days ago; returns how many of both."""
    return once.forget() + log.forget()

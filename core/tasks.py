"""The reminders' calendar. Tasks take no argument: what is to be done stands in the database."""

import pghistory
from celery import shared_task

from core.reminders import runs
from core.webhooks import sending


# A run that hangs is killed before it counts as late, so that the emergencies behind it are not kept waiting; each
# e-mail and each person's lines are in a transaction of their own, and the next run goes on.
@shared_task(time_limit=20 * 60)
def remind() -> int:
    """Tells everybody what falls due; returns how many e-mails were sent."""
    with pghistory.context(client="Parvis"):
        return runs.run().sent


@shared_task(time_limit=20 * 60)
def deliver_webhooks() -> int:
    """Tells other systems what waits for them; returns how many messages were taken."""
    return sending.send()

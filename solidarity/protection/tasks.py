"""The alarm. Tasks take no argument: a broker, a log or a dead letter would keep it."""

import pghistory
from celery import shared_task

from solidarity.protection import alarms


# A short failure of the mail server is bridged by the retries, a longer one by the calendar of tasks: retries without an end
# would only add up.
@shared_task(autoretry_for=(OSError,), retry_backoff=True, max_retries=5)
def tell_protection_officers() -> int:
    """Tells every protection officer of each emergency access that nobody was told of yet; returns how many there were."""
    with pghistory.context(client="Parvis"):
        return alarms.tell()

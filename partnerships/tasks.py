import pghistory
from celery import shared_task

from core.access import Parvis
from partnerships import services


@shared_task
def expire_agreements() -> int:
    """Daily: notes the agreements that ran out; returns how many. Run twice, it finds nothing the second time."""
    with pghistory.context(client="Parvis"):
        return len(services.expire_past_agreements(actor=Parvis()))

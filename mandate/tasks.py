import pghistory
from celery import shared_task

from core.access import Parvis
from mandate import services


@shared_task
def take_readings() -> int:
    """Daily: what each indicator reads today; returns how many. Run twice, the second run writes the same rows again."""
    with pghistory.context(client="Parvis"):
        return services.take_readings(actor=Parvis())

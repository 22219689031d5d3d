"""What no file gives for the demonstration: an objective of the demo's own officer, reminders at any hour, and past readings."""

from datetime import date

import pghistory
from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from core import clock
from core.access import Parvis
from core.demo import DOMAIN
from core.enums import Precision
from core.history import event_model
from core.loading import Fault, Tallies, Unloadable
from core.models import Citation, ReminderPreference, Source, User
from events.enums import Horizon
from mandate.models import IndicatorReading, Mandate, Objective
from mandate.services import take_readings

OWNED = "EX-2"
MONTHS = 6


def make(reason: str, tallies: Tallies) -> None:
    """Makes what is not there yet; what a person changed or removed since stays as she left it. Without the demo's accounts,
    which production never has, nothing but readings of real days. Raises Unloadable where a rule refuses something."""
    accounts = list(User.objects.filter(email__endswith=f"@{DOMAIN}", is_active=True))
    try:
        with transaction.atomic(), pghistory.context(client="Parvis", reason=reason):
            _prefer_at_once(accounts)
            _own(next((user for user in accounts if user.email == f"officer@{DOMAIN}"), None), tallies)
            _read_months()
    except ValidationError as error:
        raise Unloadable(Fault(said, file="mandate/samples.py", row=OWNED) for said in error.messages) from error


def _prefer_at_once(accounts: list[User]) -> None:
    """Whoever tries the demo on a Sunday evening sees the reminders too."""
    ReminderPreference.objects.bulk_create(
        [ReminderPreference(user=user, quiet_from=None, quiet_until=None, quiet_weekends=False) for user in accounts],
        ignore_conflicts=True,
    )


def _own(officer: User | None, tallies: Tallies) -> None:
    if Objective.objects.filter(mandate__slug="sample-mandate", reference=OWNED).exists():
        tallies[Objective].unchanged += 1
        return
    mandate = Mandate.objects.filter(slug="sample-mandate").first()
    if officer is None or mandate is None or event_model(Objective).objects.filter(reference=OWNED).exists():
        return
    objective = Objective(
        mandate=mandate,
        reference=OWNED,
        horizon=Horizon.MID_TERM,
        wording_fr="Exemple inventé — préparer la visite de Pont-Exemple",
        wording_en="Invented sample — prepare the visit of Bridge Example",
        owner=officer,
        due_on=clock.today() + relativedelta(days=20),
        due_on_precision=Precision.DAY,
    )
    objective.save()
    Citation(record=objective, source=Source.objects.get(slug="invented-samples")).save()
    tallies[Objective].created += 1


def _read_months() -> None:
    """What the indicators read on the first of the last months and on the day that the demo shows, of the records as they are
    loaded; a day that was read is not read again."""
    shown = min(settings.TODAY or clock.today(), clock.today())
    first = shown.replace(day=1)
    days = {shown, *(first - relativedelta(months=back) for back in range(MONTHS))}
    read: set[date] = set(IndicatorReading.objects.filter(day__in=days).values_list("day", flat=True))
    for day in sorted(days - read):
        take_readings(actor=Parvis(), day=day)

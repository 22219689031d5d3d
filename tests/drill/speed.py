"""What the scan costs: for so many deadlines, for twice as many, and once everything is entered."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from core import clock
from core.models import Message, Notification, ReminderPreference, ReminderRule
from core.reminders.scan import scan
from core.reminders.writing import write
from core.roles import Role
from partnerships.models import Agreement
from tests import factories as make

AT_MOST = 2.0  # seconds of work for 100 000 deadlines
LINES, WRITTEN_IN = 10_000, 60.0  # seconds for so many e-mails


@dataclass(frozen=True)
class Taken:
    """Seconds on the clock, and of them what PostgreSQL's process worked: others use the machine too."""

    clock: float
    work: float

    def __str__(self) -> str:
        return f"{self.clock:.2f} s ({self.work:.2f} s of work)"


def seconds(act: Callable[[], object]) -> Taken:
    connection.ensure_connection()
    began, worked = time.perf_counter(), _worked()
    act()
    return Taken(time.perf_counter() - began, _worked() - worked)


def _worked() -> float:
    """Seconds of processor time that the process behind our connection has used (man 5 proc, utime and stime)."""
    assert connection.connection is not None
    stat = Path(f"/proc/{connection.connection.info.backend_pid}/stat").read_text().rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


def multiply(count: int) -> None:
    """Copies an agreement until there are so many, without the triggers that keep each one's history: nothing here is about them."""
    table = Agreement._meta.db_table
    own = ("id", "reference", "expires_on")
    same = [
        field.column for field in Agreement._meta.concrete_fields if field.column not in own and not field.generated
    ]
    columns = ", ".join(f'"{column}"' for column in same)
    there = Agreement.objects.count()
    model = Agreement.objects.earliest("pk")
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(
            f"INSERT INTO {table} ({columns}, reference, expires_on) "
            f"SELECT {columns}, 'DRILL-' || number, %s + (number %% 30)::int "
            f"FROM {table}, generate_series(%s::int, %s::int) AS number WHERE id = %s",
            [clock.today(), there + 1, count, model.pk],
        )
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("VACUUM ANALYZE")


def first_scan() -> Taken:
    """A scan that enters everything."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE core_notification")
    return seconds(lambda: scan(clock.today()))


def _work(taken: Taken) -> float:
    return taken.work


def measure(deadlines: int, say) -> list[str]:
    """Measures scans of one rule for one person, the best of three; returns what is too slow. Empties the ledger."""
    faults = []
    ReminderRule.objects.update(is_active=False)
    make.ReminderRuleFactory(roles=[], person=make.UserFactory(role=Role.OFFICER))
    taken: list[tuple[Taken, Taken]] = []
    for count in (deadlines // 2, deadlines):
        multiply(count)
        first = min((first_scan() for _try in range(3)), key=_work)
        again = min((seconds(lambda: scan(clock.today())) for _try in range(3)), key=_work)
        taken.append((first, again))
        say(f"Scan of {count} deadlines: {first} when all are new, {again} when all are entered.")
        if Notification.objects.count() != count:
            faults.append(f"{Notification.objects.count()} lines for {count} deadlines")
    limit = AT_MOST * max(1, deadlines / 100_000)
    for kind, half, whole in zip(("new", "entered"), *taken, strict=True):
        if whole.work > limit:
            faults.append(f"the scan of {deadlines} {kind} deadlines takes {whole}, not {limit:.0f} s")
        if whole.work > 4 * max(half.work, 0.05):
            faults.append(f"the scan of {kind} deadlines is not linear: {half} for half, {whole} for all")
    return faults + measure_writing(say)


def measure_writing(say) -> list[str]:
    """The e-mails of one person, each for one line."""
    person = Notification.objects.values_list("recipient", flat=True)[:1]
    ReminderPreference.objects.create(user_id=person[0], quiet_from=None, quiet_until=None, quiet_weekends=False)
    Notification.objects.exclude(pk__in=Notification.objects.order_by("pk").values("pk")[:LINES]).delete()
    written = Message.objects.count()
    taken = seconds(write)
    say(f"Writing {Message.objects.count() - written} e-mails: {taken.clock:.2f} s.")
    return (
        [f"writing {LINES} e-mails takes {taken.clock:.0f} s, not {WRITTEN_IN:.0f}"] if taken.clock > WRITTEN_IN else []
    )

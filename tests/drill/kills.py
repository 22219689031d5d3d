"""The drill itself: who is killed when, and what must hold afterwards."""

import logging
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import InterfaceError, OperationalError, connection
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

from core import clock
from core.embedded import Postgres, Valkey
from core.enums import Frequency
from core.models import Message, Notification, ReminderPreference, ReminderRun, User
from core.processes import Server
from core.roles import Role
from partnerships.models import Agreement
from tests import factories as make
from tests.drill.crew import Worker
from tests.drill.sink import Sink, open_sink

PEOPLE, DIGESTS = 20, 4
# How many e-mails come between two kills, or how many seconds pass where none come: a slow machine is killed no more often.
BETWEEN, AT_MOST = (50, 600), 15
# Seconds until the last kill, and without any news until the drill gives up: what was put off after a lost answer waits a
# minute or two.
CHAOS, GIVE_UP = 210, 240
# A worker of Celery that lost its broker may live on without hearing it any more (celery/celery#10205). After so many seconds
# without news it is started again, once, as whoever reads the alarm of late reminders would.
DEAF = 150
LOST = 0.005  # of the answers, until most e-mails have come


def drill(chance: random.Random, agreements: int, database: Postgres, broker: Valkey, port: int, say) -> list[str]:
    """Tells `agreements` times twenty reminders one by one, and as many lines in four digests, while servers and workers are
    killed; returns what is wrong afterwards.
    """
    call_command("migrate", verbosity=0, interactive=False)
    # That it loses connections when the database is killed is no news here.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    people(agreements)
    began = time.monotonic()
    most = agreements * PEOPLE * 0.9
    sink = Sink(lambda letter: len(sink.letters) < most and chance.random() < LOST)
    worker = Worker(Path(settings.DATA_DIR) / "worker.log")
    with open_sink(sink, port), asking():
        worker.start()
        try:
            servers: dict[str, Server] = {"PostgreSQL": database, "Valkey": broker}
            killed = kill_at_random(chance, began, servers, worker, sink, agreements * PEOPLE + DIGESTS)
            done = wait(agreements, sink, worker, killed)
        finally:
            worker.kill_all()
    say(
        f"{len(sink.once)} e-mails reached {len({letter.recipient for letter in sink.letters})} people in "
        f"{time.monotonic() - began:.0f} s; killed: "
        + ", ".join(f"{name} {times}" for name, times in sorted(killed.items()))
        + f"; answers lost: {sink.lost.total()}; sent again with the same Message-ID: {len(sink.letters) - len(sink.once)}; "
        f"runs: {asked(ReminderRun.objects.count)}, cut off: {asked(ReminderRun.objects.filter(finished_at=None).count)}."
    )
    return ([] if done else [f"nothing came for {GIVE_UP} s, and not everything was told"]) + faults(
        agreements, sink, killed
    )


def people(agreements: int) -> None:
    """Twenty who want each reminder at once, four who want a digest; and invented agreements that expire soon."""
    for number in range(PEOPLE + DIGESTS):
        person = make.UserFactory(role=Role.OFFICER if number % 2 else Role.DEPUTY)
        ReminderPreference.objects.create(
            user=person,
            frequency=Frequency.WEEKLY if number >= PEOPLE else Frequency.INSTANT,
            quiet_from=None,
            quiet_until=None,
            quiet_weekends=False,
        )
    make.ReminderRuleFactory(roles=[Role.OFFICER.value, Role.DEPUTY.value])
    expiring(agreements)


def expiring(count: int) -> None:
    """So many agreements that expire within a month."""
    today = clock.today()
    made = [
        make.AgreementFactory.build(signed=True, deliberation=None, expires_on=today + timedelta(number % 30))
        for number in range(count)
    ]
    Agreement.objects.bulk_create(made, batch_size=5000)


class asking:
    """Asks for a run every second, more often than beat would, and whether or not the broker is there."""

    def __enter__(self) -> None:
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._ask)
        self.thread.start()

    def __exit__(self, *exc_info: object) -> None:
        self.over.set()
        self.thread.join()

    def _ask(self) -> None:
        from config.celery import app

        while not self.over.wait(1):
            try:
                app.send_task("core.tasks.remind", expires=20, retry=False)
            except (BrokerError, RedisError, OSError):
                continue  # it has been killed: the next second asks again


def kill_at_random(
    chance: random.Random, began: float, servers: dict[str, Server], worker: Worker, sink: Sink, expected: int
) -> Counter[str]:
    """Until everything has come, or the time is over; returns how often what was killed."""
    killed: Counter[str] = Counter()
    while time.monotonic() - began < CHAOS and len(sink.once) < expected:
        until_more_came(sink, chance.randint(*BETWEEN))
        name = chance.choice(["worker", *servers])
        if name == "worker":
            killed[how := worker.kill(chance)] += 1
            if how != "worker's hand":
                worker.start()
            continue
        server = servers[name]
        assert server.process is not None
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait()
        killed[name] += 1
        time.sleep(chance.uniform(0, 2))
        server.start_or_join()
    return killed


def until_more_came(sink: Sink, more: int) -> None:
    wanted, end = len(sink.letters) + more, time.monotonic() + AT_MOST
    while len(sink.letters) < wanted and time.monotonic() < end:
        time.sleep(0.01)


def asked(question: Callable[[], int]) -> int:
    """The answer, also of a database that was killed and of which a connection is left that knows nothing of it."""
    while True:
        try:
            return question()
        except (OperationalError, InterfaceError):
            connection.close()


def wait(agreements: int, sink: Sink, worker: Worker, killed: Counter[str]) -> bool:
    """Whether everything was told, however slow the machine is; not when nothing happens any more. A worker that hears nothing is
    counted as killed."""
    told = Notification.objects.filter(told_at__isnull=False)
    came, news = 0, time.monotonic()
    while asked(told.count) < agreements * (PEOPLE + DIGESTS):
        if len(sink.letters) > came:
            came, news = len(sink.letters), time.monotonic()
        silence = time.monotonic() - news
        if silence > DEAF and not killed["deaf worker"]:
            killed["deaf worker"] += 1
            worker.kill_all()
            worker.start()
            news = time.monotonic()
        if silence > GIVE_UP:
            return False
        time.sleep(0.5)
    return True


def faults(agreements: int, sink: Sink, killed: Counter[str]) -> list[str]:
    """What does not hold: each person has each message once, and what came twice is one message."""
    expected = {user.email: agreements for user in User.objects.order_by("pk")[:PEOPLE]}
    expected |= {user.email: 1 for user in User.objects.order_by("pk")[PEOPLE:]}
    came = Counter(letter.recipient for letter in sink.once)
    about: Counter[tuple[str, str]] = Counter((letter.recipient, letter.subject) for letter in sink.once)
    doubles = {identity for identity, copies in sink.copies.items() if copies > 1}
    # One message at most is in each of the worker's two hands.
    cut_off = 2 * sum(times for name, times in killed.items() if name != "Valkey")
    held = {
        "each person has as many messages as expected": came == expected,
        "no person is told of one thing in two messages": set(about.values()) == {1},
        "no Message-ID stands for two messages": len({letter.identity for letter in sink.once}) == len(sink.once),
        "what is sent is what came": sent() == {letter.identity for letter in sink.once},
        "an answer that was lost made a double": set(sink.lost) <= doubles,
        "nothing else came twice than what was in a hand": len(doubles - set(sink.lost)) <= cut_off,
        "nothing waits or is parked": not Message.objects.filter(sent_at=None).exists(),
        "nothing fell silent": not Notification.objects.filter(silenced_at__isnull=False).exists(),
        "there were as many lines as expected": Notification.objects.count() == agreements * (PEOPLE + DIGESTS),
    }
    return [f"not so: {claim}" for claim, holds in held.items() if not holds]


def sent() -> set[str]:
    return {f"<{number}@localhost>" for number in Message.objects.values_list("uuid", flat=True)}

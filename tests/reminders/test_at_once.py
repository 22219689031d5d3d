"""Several beats at once, each run on a connection of its own: nothing is doubled, and the counts are right."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection, transaction

from core import clock
from core.enums import TO_PEOPLE, Frequency
from core.models import Message, Notification, ReminderRun
from core.reminders import alerts, runs, writing
from core.reminders.health import health
from core.reminders.scan import scan
from core.reminders.sending import send
from core.roles import Role
from tests import factories as make
from tests.reminders.conftest import expiring, ledger

pytestmark = pytest.mark.django_db(transaction=True)


def together(act, times: int = 2) -> list:
    """What each of them returns; they start at one moment."""
    ready = Barrier(times)

    def alone(_number):
        try:
            ready.wait(timeout=10)
            return act()
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(alone, range(times)))


@pytest.fixture
def much(transactional_db, reader):
    """Fifteen deadlines for four people, of whom one wants digests: 60 lines by two channels, and 46 e-mails."""
    for frequency in (Frequency.INSTANT, Frequency.INSTANT, Frequency.INSTANT, Frequency.DAILY):
        reader(frequency=frequency)
    make.ReminderRuleFactory(channels=list(TO_PEOPLE))
    for days in range(15):
        expiring(days)


@pytest.mark.parametrize("beats", [2, 3, 4])
def test_two_beats_at_once(much, server, beats, monkeypatch):
    monkeypatch.setattr(writing, "DIGEST_HOUR", 0)
    done = together(runs.run, beats)
    assert [run.problem for run in done] == [""] * beats
    # Who waits for another run leaves it the rest: one more run, and there is nothing left.
    done.append(runs.run())
    assert sum(run.entered for run in done) == sum(run.told for run in done) == 120
    assert sum(run.sent for run in done) == len(server.received) == 46
    assert len({message["Message-ID"] for _address, message in server.received}) == 46
    assert ledger() == {"told": 120, "silent": 0, "waiting": 0}
    assert ReminderRun.objects.filter(finished_at=None).count() == 0
    assert runs.run().sent == 0


def test_each_step_alone_done_by_four_at_once(much, server, monkeypatch):
    monkeypatch.setattr(writing, "DIGEST_HOUR", 0)
    assert sum(together(lambda: scan(clock.today()), 4)) == Notification.objects.count() == 120
    told = sum(together(writing.write, 4)) + writing.write()
    assert (told, Message.objects.count()) == (120, 46)
    assert sum(outcome.sent for outcome in together(send, 4)) == len(server.received) == 46


def test_a_digest_that_another_run_is_writing_is_written_once(reader, monkeypatch):
    monkeypatch.setattr(writing, "DIGEST_HOUR", 0)
    person = reader(frequency=Frequency.DAILY)
    make.ReminderRuleFactory()
    expiring(3)
    scan(clock.today())
    with transaction.atomic():
        assert writing.write() == 1
        # It neither waits for the first nor writes a second digest.
        assert together(lambda: expiring(4) and scan(clock.today()) and writing.write(), 1) == [0]
    assert writing.write() == 0
    assert Message.objects.filter(recipient=person).count() == 1
    assert ledger()["waiting"] == 2


def test_an_e_mail_that_another_is_sending_is_left_to_it(officer, server):
    make.ReminderRuleFactory()
    expiring(3)
    scan(clock.today())
    writing.write()
    with transaction.atomic():
        assert Message.objects.select_for_update().count() == 1
        assert len(Message.objects.select_for_update()) == 1
        assert together(send, 1)[0].sent == 0
    assert send().sent == 1


def test_an_alert_is_written_once_whoever_finds_it(transactional_db):
    make.UserFactory(role=Role.ADMINISTRATOR)
    make.UserFactory(role=Role.ADMINISTRATOR, is_superuser=True)
    make.UserFactory(role=Role.ADMINISTRATOR, is_active=False)
    ReminderRun.objects.create(started_at=clock.real() - timedelta(hours=1))
    found = health()
    together(lambda: alerts.tell(found), 4)
    assert Message.objects.filter(alert="late").count() == 2

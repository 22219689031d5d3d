"""The small drill: two hundred reminders, and a worker that is killed with an e-mail in its hands. The large one: `make drill`."""

import os
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

from config.celery import app
from core.models import Message, ReminderRun
from core.tasks import remind
from tests import factories as make
from tests.drill.crew import Worker, wait_until
from tests.drill.sink import Sink, open_sink
from tests.reminders.conftest import expiring, ledger

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE, AGREEMENTS = 10, 20


@pytest.fixture
def due(transactional_db, reader):
    for _person in range(PEOPLE):
        reader()
    make.ReminderRuleFactory()
    for days in range(AGREEMENTS):
        expiring(days)


@pytest.fixture
def worker(transactional_db, port, tmp_path, monkeypatch):
    """Outside this process, on the database and the broker of the test."""
    here = urlsplit(os.environ["DATABASE_URL"])
    monkeypatch.setenv("DATABASE_URL", urlunsplit(here._replace(path=f"/{connection.settings_dict['NAME']}")))
    monkeypatch.setenv("EMAIL_URL", f"smtp://127.0.0.1:{port}")
    app.control.purge()
    crew = Worker(tmp_path / "worker.log", concurrency=1)
    crew.start()
    yield crew
    crew.kill_all()
    app.control.purge()


@pytest.mark.walk
def test_a_worker_killed_with_an_e_mail_in_its_hands_sends_that_one_twice_and_no_other(due, worker, port):
    killed: list[str] = []

    def kills_at_the_hundredth(letter) -> bool:
        if len(sink.letters) == 100:
            worker.kill_all()
            killed.append(letter.identity)
        return False

    sink = Sink(kills_at_the_hundredth)
    with open_sink(sink, port):
        remind.delay()
        assert wait_until(lambda: killed, 20), worker.log.read_text()
        assert Message.objects.filter(sent_at__isnull=False).count() == 99
        assert ReminderRun.objects.get().finished_at is None
        worker.start()
        remind.delay()
        everything = PEOPLE * AGREEMENTS
        assert wait_until(lambda: ReminderRun.objects.filter(finished_at__isnull=False).exists(), 25)
        assert {identity: copies for identity, copies in sink.copies.items() if copies > 1} == {killed[0]: 2}
        assert (len(sink.once), len(sink.letters)) == (everything, everything + 1)
        assert ledger() == {"told": everything, "silent": 0, "waiting": 0}

"""Mail that is refused, put off, hung up on or not taken at all, by a real mail server: nothing is lost, and somebody sees why."""

import asyncio
import socket
import threading
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.db.models.functions import Now
from django.urls import reverse

from core import clock
from core.models import Message, User
from core.reminders import runs, sending, services
from core.reminders.health import health
from core.reminders.sending import HUNG_UP, TRIES
from core.roles import Role
from tests import factories as make
from tests.reminders.conftest import expiring, ledger
from tests.solidarity.test_alarm import MailServer, running

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(reader):
    """Two officers, one of whom may be refused; and something to tell them."""
    make.ReminderRuleFactory()
    expiring(20)
    return reader(email="refused@example.test"), reader()


def again() -> int:
    """The next run, once the time to wait is over."""
    Message.objects.filter(sent_at=None).update(due_at=Now())
    return runs.run().sent


def parked() -> list[str]:
    return list(Message.objects.filter(parked_at__isnull=False).values_list("problem", flat=True))


def identities(server: MailServer) -> list[str]:
    return [message["Message-ID"] for _address, message in server.received]


class Impolite(MailServer):
    """Does what no protocol allows, the first `times` times: takes a message and hangs up, or never answers."""

    def __init__(self, times: int, answer: str = "") -> None:
        super().__init__()
        self.times, self.answer = times, answer
        self.over = threading.Event()

    async def handle_DATA(self, server, session, envelope) -> str:
        said = await super().handle_DATA(server, session, envelope)
        if self.times > 0:
            self.times -= 1
            if self.answer == "silence":
                while not self.over.is_set():
                    await asyncio.sleep(0.05)
            if self.answer in ("", "silence"):
                server.transport.abort()
                return "421 gone"
            return self.answer
        return said


class TestRefused:
    def test_an_address_that_bounces_is_parked_at_once_and_the_others_go_on(self, people, server, client):
        refused, other = people
        server.refused[refused.email] = "550 no such mailbox"
        assert runs.run().sent == 1
        assert server.told() == [other.email]
        assert parked() == ["550 no such mailbox"]
        assert (health().parked, health().waiting, health().is_well) == (1, 0, True)
        client.force_login(other)
        page = client.get(reverse("reminders-health")).content.decode()
        assert "550 no such mailbox" in page
        assert refused.email in page
        assert again() == 0

    def test_it_is_sent_once_somebody_has_mended_it(self, people, server):
        refused, other = people
        server.refused[refused.email] = "550 no such mailbox"
        runs.run()
        server.refused = {}
        [message] = services.parked(other)
        with pytest.raises(PermissionDenied):
            services.try_again(actor=make.UserFactory(role=Role.DEPUTY), message=message)
        services.try_again(actor=other, message=message)
        assert (runs.run().sent, server.told()) == (1, sorted([refused.email, other.email]))
        assert ledger() == {"told": 2, "silent": 0, "waiting": 0}

    @pytest.mark.parametrize("said", ["450 mailbox busy", "421 too many connections", "452 no room", "451 greylisted"])
    def test_not_now_is_tried_again_and_not_lost(self, people, server, said):
        refused, other = people
        server.refused[refused.email] = said
        assert (runs.run().sent, server.told()) == (1, [other.email])
        waits = Message.objects.get(sent_at=None)
        assert (waits.attempts, waits.problem, waits.parked_at) == (1, said, None)
        assert timedelta(0) < waits.due_at - clock.real() < timedelta(minutes=1)
        assert runs.run().sent == 0, "it is tried again later, not at once"
        server.refused = {}
        assert (again(), ledger()) == (1, {"told": 2, "silent": 0, "waiting": 0})

    def test_it_is_tried_for_three_days_ever_more_seldom_and_then_parked(self, people, server):
        server.refused[people[0].email] = "450 mailbox full"
        waits = []
        for _try in range(TRIES):
            again()
            put_off = Message.objects.get(sent_at=None)
            waits.append(timedelta(minutes=round((put_off.due_at - clock.real()) / timedelta(minutes=1))))
            assert (put_off.parked_at is None) == (put_off.attempts < TRIES)
        assert waits == sorted(waits)
        assert [wait // timedelta(minutes=1) for wait in waits[:10]] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360]
        assert timedelta(days=2.5) < sum(waits, timedelta()) < timedelta(days=3.5)
        assert parked() == ["450 mailbox full"]
        assert again() == 0

    def test_after_a_week_without_a_mail_server_not_now_parks_nothing(self, people, server):
        server.refused[people[0].email] = "450 greylisted"
        runs.run()
        Message.objects.update(written_at=F("written_at") - timedelta(days=8))
        again()
        assert parked() == []

    def test_an_account_that_was_closed_meanwhile(self, people, server):
        refused, other = people
        server.refused[refused.email] = "450 mailbox busy"
        runs.run()
        User.objects.filter(pk=refused.pk).update(is_active=False)
        server.refused = {}
        again()
        assert (server.told(), parked()) == ([other.email], ["The account is closed."])

    def test_what_no_server_can_take_is_parked_and_the_others_go_on(self, people, server):
        refused, other = people
        User.objects.filter(pk=refused.pk).update(email="accentué@example.test\n")
        runs.run()
        assert server.told() == [other.email]
        assert len(parked()) == 1

    @pytest.mark.parametrize(("answer", "reason"), [("554 looks like spam", True), ("452 no room", False)])
    def test_a_text_that_is_refused(self, people, port, answer, reason):
        server = Impolite(1, answer)
        with running(server, port):
            assert runs.run().sent == 1
            assert parked() == [answer] * reason
            assert again() == (0 if reason else 1)


class TestHungUp:
    def test_an_answer_that_is_lost_makes_a_double_of_the_same_identity(self, people, port):
        server = Impolite(1)
        with running(server, port):
            first = runs.run()
            assert (first.sent, first.problem) == (1, "")
            assert (again(), runs.run().sent) == (1, 0)
        assert len(identities(server)) == 3
        assert len(set(identities(server))) == 2
        assert ledger()["told"] == 2

    def test_a_server_that_always_hangs_up_ends_the_run_which_says_so(self, people, port, reader):
        for _more in range(HUNG_UP):
            reader()
        server = Impolite(HUNG_UP)
        with running(server, port):
            done = runs.run()
            assert (done.sent, len(server.received)) == (0, HUNG_UP)
            assert "SMTPServerDisconnected" in done.problem
            assert again() == HUNG_UP + 2
        assert len(set(identities(server))) == HUNG_UP + 2

    def test_one_message_that_makes_it_hang_up_keeps_no_other_back(self, people, port):
        """Otherwise the first in the queue would stop everybody's for ever."""
        refused, other = people

        class Allergic(MailServer):
            async def handle_DATA(self, server, session, envelope) -> str:
                if envelope.rcpt_tos == [refused.email]:
                    server.transport.abort()
                return await super().handle_DATA(server, session, envelope)

        server = Allergic()
        with running(server, port):
            assert runs.run().sent == 1
        assert other.email in server.told()

    def test_a_server_that_hangs_is_waited_for_and_left(self, people, port, monkeypatch):
        monkeypatch.setattr(sending, "TIMEOUT", 0.3)
        server = Impolite(1, "silence")
        with running(server, port):
            assert runs.run().sent == 1
            server.over.set()
            assert again() == 1
        assert len(set(identities(server))) == 2

    def test_a_server_that_takes_the_call_and_says_nothing(self, people, port, monkeypatch):
        monkeypatch.setattr(sending, "TIMEOUT", 0.3)
        with listening(port):
            done = runs.run()
        assert (done.sent, Message.objects.filter(attempts=0, parked_at=None).count()) == (0, 2)
        assert done.problem
        with running(MailServer(), port):
            assert runs.run().sent == 2


@contextmanager
def listening(port: int):
    with socket.create_server(("127.0.0.1", port)) as silent:
        yield silent


class TestDown:
    def test_nothing_is_lost_and_the_run_says_why(self, people, port):
        done = runs.run()
        assert (done.entered, done.told, done.sent) == (2, 2, 0)
        assert "ConnectionRefusedError" in done.problem
        assert done.finished_at
        assert Message.objects.filter(attempts=0, problem="", parked_at=None).count() == 2
        assert (health().last_run, health().problem) == (None, done.problem)
        server = MailServer()
        with running(server, port):
            assert (runs.run().sent, runs.run().sent) == (2, 0)
        assert ledger() == {"told": 2, "silent": 0, "waiting": 0}
        assert health().is_well

    def test_a_server_that_refuses_the_sender_keeps_everything(self, people, port):
        class Stranger(MailServer):
            welcome = False

            async def handle_MAIL(self, server, session, envelope, address, options) -> str:
                envelope.mail_from = address
                return "250 OK" if self.welcome else "550 who are you"

        server = Stranger()
        with running(server, port):
            for _run in range(3):
                again()
            assert parked() == []
            server.welcome = True
            assert again() == 2

    def test_with_nothing_to_send_nobody_is_asked(self, port):
        with listening(port) as silent:
            silent.settimeout(0.1)
            sending.send()
            with pytest.raises(TimeoutError):
                silent.accept()


def test_what_is_sent_keeps_no_text_and_carries_what_mail_programs_ask_for(people, server):
    runs.run()
    _address, message = server.received[0]
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "/reminders/mute/" in message["List-Unsubscribe"]
    assert message["Message-ID"].endswith("@localhost>")
    assert set(Message.objects.values_list("body", "mute_link")) == {("", "")}

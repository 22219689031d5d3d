"""An emergency access: every protection officer is told at once, by a real worker and a real mail server, and of no file."""

import email
import email.policy
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from smtplib import SMTPRecipientsRefused

import pytest
from aiosmtpd.controller import Controller
from celery.contrib.testing.worker import start_worker
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext, override

from config.celery import app
from core import clock
from core.exceptions import Refused
from core.roles import Role
from core.sealing import seal
from solidarity.models.protected import FileAccess, ProtectedFile
from solidarity.protection import alarms, rules, services
from solidarity.protection.tasks import tell_protection_officers
from tests import factories as make
from tests.events.test_at_once import second_is_refused

pytestmark = pytest.mark.django_db(transaction=True)

WHY = "A night call about the kwyjibo lodging."
SUBJECT = "Parvis: a protected file was opened in an emergency"


class MailServer:
    """Keeps what it is sent; an address may be refused, for good or for now."""

    def __init__(self) -> None:
        self.received: list[tuple[str, email.message.EmailMessage]] = []
        self.refused: dict[str, str] = {}
        self.one_came = threading.Event()

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self.received += [(address, message) for address in envelope.rcpt_tos]
        self.one_came.set()
        return "250 OK"

    def told(self) -> list[str]:
        return sorted(address for address, _message in self.received)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@contextmanager
def running(server: MailServer, port: int):
    controller = Controller(server, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield
    finally:
        controller.stop()


@pytest.fixture
def port(settings) -> int:
    """Where mail goes to; nothing listens there yet."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", free_port(), 5
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    return settings.EMAIL_PORT


@pytest.fixture
def mail(port):
    server = MailServer()
    with running(server, port):
        yield server


@pytest.fixture
def officers(transactional_db) -> list:
    """Two protection officers who can sign in, in two languages; one who cannot any more; somebody else."""
    make.UserFactory(role=Role.PROTECTION_OFFICER, is_active=False)
    make.UserFactory(role=Role.OFFICER)
    return [make.UserFactory(role=Role.PROTECTION_OFFICER, language=language) for language in ("fr", "en")]


@pytest.fixture
def file(officers) -> ProtectedFile:
    return make.ProtectedFileFactory(opened_by=officers[0], pseudonym=seal("Kwyjibo"), identity=seal("Kwyjibo Name"))


@pytest.fixture
def by_hand(monkeypatch) -> list:
    """The times that the task was asked for; nothing carries it out."""
    asked: list = []
    monkeypatch.setattr(tell_protection_officers, "delay", lambda *args: asked.append(args))
    return asked


@pytest.fixture
def worker(transactional_db):
    """A real one, in a thread, on the real broker."""
    app.control.purge()
    app.conf.worker_hijack_root_logger = False
    with start_worker(app, perform_ping_check=False, pool="solo", shutdown_timeout=20):
        yield
    connection.close()


def emergency(file, officer) -> FileAccess:
    services.break_glass(actor=officer, code=file.code, reason=WHY)
    return FileAccess.objects.filter(origin="break-glass").latest("pk")


def wait_for(condition, seconds: float = 15) -> None:
    pause = threading.Event()
    for _try in range(int(seconds / 0.05)):
        if condition():
            return
        pause.wait(0.05)
    pytest.fail("it did not happen in time")


def test_every_active_officer_is_told_at_once_in_her_language_and_of_no_file(mail, worker, file, officers):
    access = emergency(file, officers[1])
    wait_for(lambda: FileAccess.objects.get(pk=access.pk).alerted_at)
    assert mail.told() == sorted(officer.email for officer in officers)
    for address, message in mail.received:
        officer = next(officer for officer in officers if officer.email == address)
        text = "\n".join([*(f"{name}: {value}" for name, value in message.items()), message.get_content()])
        with override(officer.language):
            assert message["Subject"].strip() == gettext(SUBJECT)
            assert date_format(localtime(access.until - rules.EMERGENCY_ACCESS), "DATETIME_FORMAT") in text
        assert str(officers[1]) in text
        for secret in ("kwyjibo", file.code.lower(), "night call", "refuge"):
            assert secret not in text.lower(), secret
    assert tell_protection_officers.apply().get() == 0
    assert len(mail.received) == 2


def test_a_mail_server_that_is_down_takes_nothing_back_and_the_next_run_catches_up(port, by_hand, file, officers):
    access = emergency(file, officers[0])
    with pytest.raises(ConnectionRefusedError):
        alarms.tell()
    access.refresh_from_db()
    assert (access.alerted_at, access.is_current, by_hand) == (None, True, [()])
    server = MailServer()
    with running(server, port):
        assert [alarms.tell(), alarms.tell()] == [1, 0]
    assert server.told() == sorted(officer.email for officer in officers)


def test_a_broker_that_is_down_takes_nothing_back_either(mail, monkeypatch, file, officers):
    def fails(*args):
        raise ConnectionError("invented fault")

    monkeypatch.setattr(tell_protection_officers, "delay", fails)
    access = emergency(file, officers[0])
    assert (access.is_current, access.alerted_at) == (True, None)
    assert alarms.tell() == 1


def test_an_address_refused_for_good_keeps_nobody_else_from_being_told(mail, by_hand, file, officers):
    mail.refused[officers[0].email] = "550 no such mailbox"
    emergency(file, officers[1])
    assert [alarms.tell(), alarms.tell()] == [1, 0]
    assert mail.told() == [officers[1].email]


@pytest.mark.parametrize("said", ["450 try again", "550 no such mailbox"])
def test_where_nobody_was_reached_it_is_tried_again(mail, by_hand, file, officers, said):
    mail.refused = {officer.email: said for officer in officers}
    emergency(file, officers[1])
    with pytest.raises(SMTPRecipientsRefused):
        alarms.tell()
    mail.refused = {}
    assert alarms.tell() == 1
    assert mail.told() == sorted(officer.email for officer in officers)


def test_one_that_fails_has_no_other_told_twice(mail, by_hand, file, officers, monkeypatch):
    for officer in officers:
        emergency(file, officer)
    real, calls = alarms._send, []

    def fails_the_second_time(messages):
        calls.append(messages)
        if len(calls) == 2:
            raise ConnectionError("invented fault")
        real(messages)

    monkeypatch.setattr(alarms, "_send", fails_the_second_time)
    with pytest.raises(ConnectionError):
        alarms.tell()
    assert alarms.tell() == 1
    assert len(mail.received) == 4


def test_two_runs_at_once_tell_once(mail, by_hand, file, officers):
    emergency(file, officers[0])

    def run():
        try:
            return alarms.tell()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(lambda _number: run(), range(4))) == 1
    assert len(mail.received) == 2


def test_two_emergencies_at_once_are_both_kept_and_both_told(mail, by_hand, file, officers):
    def act(officer):
        try:
            services.break_glass(actor=officer, code=file.code.lower(), reason=WHY)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(act, officers))
    accesses = FileAccess.objects.filter(origin="break-glass")
    assert {access.user for access in accesses} == set(officers)
    assert len(by_hand) == 2
    assert [alarms.tell(), len(mail.received)] == [2, 4]


def test_it_lasts_a_day_and_opens_this_file_alone(by_hand, file, officers):
    other = make.ProtectedFileFactory(opened_by=officers[0])
    access = emergency(file, officers[1])
    assert timedelta(hours=23) < access.until - clock.now() <= rules.EMERGENCY_ACCESS == timedelta(hours=24)
    assert set(ProtectedFile.objects.visible_to(officers[1])) == {file}
    assert services.read(file, "identity", actor=officers[1]) == "Kwyjibo Name"
    FileAccess.objects.filter(pk=access.pk).update(until=clock.now() - timedelta(seconds=1))
    assert not ProtectedFile.objects.visible_to(officers[1]).exists()
    assert other.code != file.code


def test_is_refused_without_a_reason_a_code_or_the_role(by_hand, file, officers):
    for code, reason, field in ((file.code, "soon", "reason"), ("7K2Q-9FHM", WHY, "code")):
        with pytest.raises(Refused) as refused, override("en"):
            services.break_glass(actor=officers[0], code=code, reason=reason)
        assert [found.field for found in refused.value] == [field]
    for role in set(Role) - {Role.PROTECTION_OFFICER}:
        with pytest.raises(PermissionDenied):
            services.break_glass(actor=make.UserFactory(role=role, is_superuser=True), code=file.code, reason=WHY)
    assert (FileAccess.objects.count(), by_hand) == (0, [])


def test_a_file_that_is_being_erased_is_one_that_is_gone(by_hand, officers):
    file = make.ProtectedFileFactory(opened_by=officers[0], level="restricted")
    second_is_refused(
        partial(services.erase, file, actor=officers[0], confirmation=file.code),
        partial(services.break_glass, actor=officers[1], code=file.code, reason=WHY),
        refused=Refused,
        match="There is no file of this code.",
    )
    assert by_hand == []


def test_a_text_that_is_being_erased_is_not_read(officers):
    file = make.ProtectedFileFactory(opened_by=officers[0], level="restricted")
    second_is_refused(
        partial(services.erase, file, actor=officers[0], confirmation=file.code),
        partial(services.read, file, "identity", actor=officers[1]),
        refused=ProtectedFile.DoesNotExist,
        match="does not exist",
    )


def test_what_is_taken_back_tells_nobody(by_hand, file, officers):
    @transaction.atomic
    def takes_it_back():
        services.break_glass(actor=officers[0], code=file.code, reason=WHY)
        raise RuntimeError("invented fault")

    with pytest.raises(RuntimeError, match="invented fault"):
        takes_it_back()
    assert (FileAccess.objects.count(), by_hand) == (0, [])

"""That a receiver which is slow, dead or ill-willed keeps neither the other receivers waiting nor whoever writes to it."""

import socket
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.db import connection
from standardwebhooks import Webhook, WebhookVerificationError

from core import clock
from core.models import WebhookDelivery, WebhookSubscription
from core.roles import Role
from core.sealing import unseal
from core.webhooks import posting, sending, services
from core.webhooks.events import REMINDER_DUE
from tests import factories as make
from tests.webhooks.receiver import receiver

# Sending uses threads with connections of their own, which see only what is committed.
sends = pytest.mark.django_db(transaction=True)


def waiting_for(url: str, count: int = 1, **fields) -> WebhookSubscription:
    to = make.WebhookSubscriptionFactory(url=url, **fields)
    for number in range(count):
        services.write(to, REMINDER_DUE, {"number": number, "what": "Échéance inventée"})
    return to


def refreshed(record):
    record.refresh_from_db()
    return record


@sends
def test_another_implementation_of_the_standard_takes_the_signature(there):
    """Svix's, by the authors of the specification: also of a secret that is being replaced, and not of what was altered."""
    to = waiting_for(there.url)
    old = unseal(to.secret)
    new = services.rotate(to, actor=make.UserFactory(role=Role.ADMINISTRATOR))
    sending.send()
    [(headers, body)] = there.got
    for secret in (old, new):
        assert Webhook(secret).verify(body, headers)["data"]["what"] == "Échéance inventée"
    with pytest.raises(WebhookVerificationError):
        Webhook(new).verify(body.replace(b"0", b"1"), headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new).verify(body, headers | {"webhook-id": "another"})


@sends
def test_more_slow_receivers_than_are_served_at_once_delay_no_other(there, monkeypatch):
    """Twenty that answer only after their time is over: the quick one has its messages within the time of two of them, and
    the next time without any delay."""
    monkeypatch.setattr(posting, "SECONDS", 0.5)
    with receiver() as slow:
        slow.answers = [lambda: time.sleep(1) or 204] * 40
        for _each in range(20):
            waiting_for(slow.url)
        quick = waiting_for(there.url, 5)
        monkeypatch.setattr(sending, "RUN", 1.2)
        sending.send()
        sending.send()
        assert len(there.got) == 5
        monkeypatch.setattr(posting, "SECONDS", 2)
        slow.answers = [lambda: time.sleep(3) or 204] * 20
        WebhookSubscription.objects.exclude(pk=quick.pk).update(failures=1, retry_at=None)
        services.write(quick, REMINDER_DUE, {})
        begun, came = time.monotonic(), []
        there.answers = [lambda: came.append(time.monotonic()) or 204]
        sending.send()
        assert came[0] - begun < 1.5


@sends
def test_one_that_is_slow_but_answers_waits_with_the_slow_ones_the_next_time(there, monkeypatch):
    monkeypatch.setattr(sending, "SLOW", 0.5)
    there.answers = [lambda: time.sleep(0.6) or 204]
    to = waiting_for(there.url, 3)
    assert sending.send() == 1, "one message a turn"
    assert refreshed(to).answered_in >= 600
    assert [list(lane) for lane in sending._in_lanes()] == [[], [to.pk]]
    assert sending.send() == 2
    assert refreshed(to).answered_in < 500


@sends
def test_who_waits_longest_has_the_next_turn(there):
    first, second, third = (waiting_for(there.url) for _each in range(3))
    WebhookSubscription.objects.filter(pk=first.pk).update(tried_at=clock.real())
    WebhookSubscription.objects.filter(pk=second.pk).update(tried_at=clock.real() - timedelta(minutes=1))
    assert next(sending._in_lanes()) == [third.pk, second.pk, first.pk]


@sends
def test_a_receiver_that_answers_byte_by_byte_is_cut_off(monkeypatch):
    monkeypatch.setattr(posting, "SECONDS", 0.5)
    over = threading.Event()

    def drips(server: socket.socket) -> None:
        line, _address = server.accept()
        with line:
            for letter in b"HTTP/1.1 204 No Content\r\nX-Long: " + b"x" * 1000:
                try:
                    line.sendall(bytes([letter]))
                except OSError:
                    return
                if over.wait(0.05):
                    return

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=drips, args=(server,))
        thread.start()
        waiting_for(f"http://127.0.0.1:{server.getsockname()[1]}/")
        begun = time.monotonic()
        assert sending.send() == 0
        assert time.monotonic() - begun < 3
        over.set()
        thread.join()
    assert WebhookDelivery.objects.get().problem.startswith("TimeoutError: no answer within")


@sends
def test_nobody_waits_for_a_receiver_that_is_being_spoken_to(there):
    """Its subscription is changed, and messages are written to it, while it thinks."""
    asked, thinks = threading.Event(), threading.Event()
    there.answers = [lambda: asked.set() or (thinks.wait(20) and 204)]
    to = waiting_for(there.url)
    with ThreadPoolExecutor(1) as thread:
        at_work = thread.submit(sending.send)
        assert asked.wait(20)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
        try:
            services.write(to, REMINDER_DUE, {})
            to.name = "Changed"
            to.save()
            services.rotate(to, actor=make.UserFactory(role=Role.ADMINISTRATOR))
            assert sending.send() == 0, "one worker at a time speaks to it"
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SET lock_timeout = DEFAULT")
            thinks.set()
        assert at_work.result() == 2
    assert len(there.ids()) == 2
    assert refreshed(to).name == "Changed"


@sends
def test_what_a_worker_that_died_held_is_free_after_a_minute(there):
    to = waiting_for(there.url)
    WebhookSubscription.objects.filter(pk=to.pk).update(held_until=clock.real() + timedelta(seconds=50))
    assert sending.send() == 0
    WebhookSubscription.objects.filter(pk=to.pk).update(held_until=clock.real() - timedelta(seconds=1))
    assert sending.send() == 1
    assert refreshed(to).held_until is None


@sends
def test_a_secret_that_no_key_opens_is_that_systems_trouble_alone(there, settings):
    broken = waiting_for(there.url)
    settings.SEALING_KEYS = ["b3RoZXItaW52ZW50ZWQta2V5LW9mLXRlc3RzLW9ubHk="]
    healthy = waiting_for(there.url)
    assert sending.send() == 1
    assert WebhookDelivery.objects.get(subscription=healthy).delivered_at
    assert "PARVIS_SEALING_KEYS" in WebhookDelivery.objects.get(subscription=broken).problem
    assert refreshed(broken).retry_at > clock.real()


@sends
def test_an_unforeseen_failure_keeps_no_other_system_waiting_and_is_not_hidden(there, monkeypatch):
    first = waiting_for("http://127.0.0.1:9/broken/")
    waiting_for(there.url)
    post = posting.post

    def breaks(url, *given):
        if "broken" in url:
            raise ZeroDivisionError("invented")
        return post(url, *given)

    monkeypatch.setattr(posting, "post", breaks)
    monkeypatch.setattr(sending, "AT_ONCE", 1)
    with pytest.raises(ZeroDivisionError, match="invented"):
        sending.send()
    assert len(there.got) == 1
    assert refreshed(first).held_until > clock.real()


@sends
def test_everything_older_than_three_days_is_parked_with_the_first_failure(there):
    to = waiting_for(there.url, 3)
    WebhookDelivery.objects.update(written_at=clock.real() - timedelta(days=4))
    fresh = services.write(to, REMINDER_DUE, {})
    there.answers = [500]
    sending.send()
    assert WebhookDelivery.objects.filter(parked_at__isnull=False).count() == 3
    assert refreshed(fresh).state == "waiting"


# --- names, numbers and certificates ---


def certificate(folder, name: str):
    """Signed by itself, for one name: its file with the key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / "certificate.pem"
    file.write_bytes(pem + made.public_bytes(serialization.Encoding.PEM))
    return file


@pytest.mark.parametrize(("name", "taken"), [("systems.example", 1), ("other.example", 0)])
@sends
def test_the_number_that_was_checked_must_show_the_certificate_of_the_name(tmp_path, monkeypatch, name, taken):
    file = certificate(tmp_path, "systems.example")
    serves = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serves.load_cert_chain(file)
    trusts = ssl.create_default_context(cafile=str(file))
    monkeypatch.setattr(posting, "_trust", lambda: trusts)
    with receiver(serves) as there:
        port = there.url.split(":")[2].split("/")[0]
        monkeypatch.setattr(posting.addresses, "resolved", lambda parts: ["127.0.0.1"])
        waiting_for(f"https://{name}:{port}/hooks/?of=Parvis")
        assert sending.send() == taken
        assert len(there.got) == taken
        if taken:
            assert there.got[0][0]["host"] == f"{name}:{port}"
        else:
            assert "certificate" in WebhookDelivery.objects.get().problem.lower()


@sends
def test_a_name_is_looked_up_once_for_what_is_checked_and_connected_to(settings, monkeypatch, there):
    """A name that answers with a public number first and with one of the house afterwards (DNS rebinding)."""
    settings.WEBHOOKS_TO_PRIVATE = False
    asked, connected = [], []
    numbers = iter(["93.184.216.34", "127.0.0.1", "127.0.0.1"])

    def looked_up(name, port, *_how, **_more):
        asked.append(name)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(numbers), port))]

    def connects(address, timeout):
        connected.append(address[0])
        raise ConnectionRefusedError("invented")

    to = waiting_for("https://rebinding.example/")
    # The database is spoken to over a socket of the file system: nothing else looks names up here.
    monkeypatch.setattr(posting.addresses.socket, "getaddrinfo", looked_up)
    monkeypatch.setattr(posting.socket, "create_connection", connects)
    assert sending.send() == 0
    assert (asked, connected) == (["rebinding.example"], ["93.184.216.34"])
    WebhookSubscription.objects.filter(pk=to.pk).update(retry_at=None)
    assert sending.send() == 0
    assert (len(asked), connected) == (2, ["93.184.216.34"])
    assert "not public" in WebhookDelivery.objects.get().problem

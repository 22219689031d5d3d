"""Messages to other systems: signed, sent once each, tried again, and never into the house itself."""

import base64
import hashlib
import hmac
import json
import socket
import time
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from core import clock
from core.exceptions import Refused
from core.models import WebhookDelivery, WebhookSubscription
from core.roles import Role
from core.sealing import unseal
from core.webhooks import addresses, posting, sending, services, signing
from core.webhooks.events import REMINDER_DUE
from tests import factories as make
from tests.webhooks.receiver import receiver

pytestmark = pytest.mark.django_db
# Sending uses threads with connections of their own, which see only what is committed.
sends = pytest.mark.django_db(transaction=True)


def subscription(url: str, **fields) -> WebhookSubscription:
    return make.WebhookSubscriptionFactory(url=url, **fields)


def refreshed(record):
    record.refresh_from_db()
    return record


def by_hand(secret: str, headers: dict[str, str], body: bytes) -> str:
    """The signature as the specification describes it, step by step."""
    key = base64.b64decode(secret.split("_", 1)[1])
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body.decode()}"
    return "v1," + base64.b64encode(hmac.new(key, signed.encode(), hashlib.sha256).digest()).decode()


@sends
def test_a_message_is_signed_and_taken_once(there):
    to = subscription(there.url)
    written = services.write(to, REMINDER_DUE, {"due_on": "2015-06-30", "what": "Échéance inventée"})
    assert (sending.send(), sending.send()) == (1, 0)
    [(headers, body)] = there.got
    assert json.loads(body)["data"]["what"] == "Échéance inventée"
    assert headers["webhook-id"] == str(written.uuid)
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    assert headers["webhook-signature"] == by_hand(unseal(to.secret), headers, body)
    assert refreshed(written).delivered_at
    assert (written.status, written.attempts) == (204, 1)


@sends
def test_messages_come_in_order_and_wait_for_one_that_is_not_taken(there):
    to = subscription(there.url)
    written = [services.write(to, REMINDER_DUE, {"number": number}) for number in range(3)]
    there.answers = [204, 500]
    assert sending.send() == 1
    assert there.ids() == [str(message.uuid) for message in written[:2]]
    assert refreshed(to).failures == 1
    assert sending.send() == 0, "not before its time"
    WebhookSubscription.objects.update(retry_at=clock.real())
    assert sending.send() == 2
    assert there.ids()[-2:] == [str(message.uuid) for message in written[1:]]
    assert refreshed(to).failures == 0


@sends
def test_the_waits_grow_and_after_three_days_a_message_is_parked(there):
    to = subscription(there.url)
    written = services.write(to, REMINDER_DUE, {})
    waits = []
    for _attempt in range(4):
        there.answers = [503]
        WebhookSubscription.objects.update(retry_at=None)
        sending.send()
        waits.append(round((refreshed(to).retry_at - clock.real()).total_seconds() / 60))
    assert waits == [1, 2, 4, 8]
    WebhookDelivery.objects.update(written_at=clock.real() - timedelta(days=4))
    WebhookSubscription.objects.update(retry_at=None)
    there.answers = [503]
    sending.send()
    assert refreshed(written).parked_at
    assert written.problem == "answered 503"


@sends
def test_a_slow_or_dead_receiver_delays_nobody_else(there, monkeypatch):
    monkeypatch.setattr(posting, "SECONDS", 1.0)
    with receiver() as slow, socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()  # takes the connection, and never says a word
        slow.answers = [lambda: time.sleep(3) or 204]
        dead = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        for url in (slow.url, dead, there.url):
            to = subscription(url)
            for number in range(3):
                services.write(to, REMINDER_DUE, {"number": number})
        begun = time.monotonic()
        assert sending.send() == 3
        assert time.monotonic() - begun < 3
    assert len(there.got) == 3
    assert WebhookDelivery.objects.filter(problem__icontains="timeout").count() == 2


@sends
def test_two_workers_send_nothing_twice(there):
    to = subscription(there.url)
    for number in range(20):
        services.write(to, REMINDER_DUE, {"number": number})
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _worker: sending.send(), range(4)))
    sending.send()
    assert len(there.ids()) == len(set(there.ids())) == 20


@sends
def test_a_redirection_is_not_followed_and_gone_ends_the_subscription(there):
    to = subscription(there.url)
    written = services.write(to, REMINDER_DUE, {})
    there.answers = [302]
    assert sending.send() == 0
    assert len(there.got) == 1
    assert "not followed" in refreshed(written).problem
    WebhookSubscription.objects.update(retry_at=None)
    there.answers = [410]
    sending.send()
    assert not refreshed(to).is_active
    assert refreshed(written).parked_at


@sends
def test_a_rotated_secret_goes_on_signing_for_a_day(there):
    to, administrator = subscription(there.url), make.UserFactory(role=Role.ADMINISTRATOR)
    old = unseal(to.secret)
    new = services.rotate(to, actor=administrator)
    assert new.startswith(signing.PREFIX)
    services.write(to, REMINDER_DUE, {})
    sending.send()
    headers, body = there.got[-1]
    assert headers["webhook-signature"].split() == [by_hand(secret, headers, body) for secret in (new, old)]
    WebhookSubscription.objects.update(old_until=clock.real() - timedelta(minutes=1))
    services.write(to, REMINDER_DUE, {})
    sending.send()
    headers, body = there.got[-1]
    assert headers["webhook-signature"] == by_hand(new, headers, body)


@sends
def test_a_message_is_sent_again_with_the_same_id(there):
    to, administrator = subscription(there.url), make.UserFactory(role=Role.ADMINISTRATOR)
    written = services.write(to, REMINDER_DUE, {})
    with pytest.raises(Refused):
        services.send_again(written, actor=administrator)
    sending.send()
    services.send_again(written, actor=administrator)
    sending.send()
    assert there.ids() == [str(written.uuid)] * 2


@pytest.mark.parametrize("role", [Role.OFFICER, Role.DEPUTY, Role.AUDITOR])
def test_only_an_administrator_rotates_and_sends_again(role):
    to, actor = subscription("http://127.0.0.1:9/"), make.UserFactory(role=role)
    with pytest.raises(Refused):
        services.rotate(to, actor=actor)
    with pytest.raises(Refused):
        services.send_again(services.write(to, REMINDER_DUE, {}), actor=actor)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://systems.example/",
        "https://",
        "https://someone:secret@systems.example/",
        "https://systems.example/#part",
        "https://systems.example:99999/",
        "http://systems.example/",
    ],
)
def test_an_address_that_is_none_is_refused(url, settings):
    settings.WEBHOOKS_TO_PRIVATE = False
    with pytest.raises(ValidationError) as refused:
        subscription(url)
    assert "url" in refused.value.message_dict


@pytest.mark.parametrize(
    "number",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fc00::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "2002:7f00:1::",
        "64:ff9b::7f00:1",
        "64:ff9b:1::7f00:1",
        "::7f00:1",
        "::ffff:0:7f00:1",
        "fec0::1",
        "2001:db8::1",
        "3fff::1",
        "ff02::1",
    ],
)
def test_no_message_goes_into_the_house(number, settings, monkeypatch):
    """Looked up at the moment of sending, so that a name that leads inside only then is refused too."""
    settings.WEBHOOKS_TO_PRIVATE = False
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda *_asked, **_how: [(0, 0, 0, "", ("93.184.216.34", 443)), (0, 0, 0, "", (number, 443))],
    )
    with pytest.raises(addresses.Forbidden):
        addresses.resolved(urlsplit("https://systems.example/"))


@sends
def test_a_refused_address_is_a_failure_that_says_why(settings, there):
    to = subscription(there.url)
    written = services.write(to, REMINDER_DUE, {})
    settings.WEBHOOKS_TO_PRIVATE = False
    assert sending.send() == 0
    assert refreshed(written).problem == "refused: the name leads to an address that is not public"
    assert there.got == []


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("has_event", {"event_types": []}),
        ("has_secret", {"secret": ""}),
        ("secret_sealed", {"secret": "whsec_in_clear"}),
        ("old_secret_sealed", {"old_secret": "whsec_in_clear"}),
    ],
)
def test_the_database_refuses_by_name(rule, change):
    to = subscription("http://127.0.0.1:9/")
    with pytest.raises(IntegrityError, match=f"core_webhooksubscription_{rule}"):
        WebhookSubscription.objects.filter(pk=to.pk).update(**change)


def test_what_was_delivered_is_not_parked():
    message = services.write(subscription("http://127.0.0.1:9/"), REMINDER_DUE, {})
    with pytest.raises(IntegrityError, match="core_webhookdelivery_delivered_or_parked"):
        WebhookDelivery.objects.filter(pk=message.pk).update(delivered_at=clock.real(), parked_at=clock.real())


def test_an_unknown_event_is_refused():
    with pytest.raises(ValidationError, match=r"agreements\.invented"):
        subscription("http://127.0.0.1:9/", event_types=[REMINDER_DUE, "agreements.invented"])

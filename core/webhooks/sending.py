"""Sends what waits, to each system by itself."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import structlog
import urllib3
from django.db import close_old_connections, connection, transaction
from django.db.models import F, Q

from core import clock
from core.models import WebhookDelivery, WebhookSubscription
from core.sealing import unseal
from core.webhooks import addresses, signing

log = structlog.get_logger(__name__)

# So many systems are served at once; a receiver has so many seconds to answer.
AT_ONCE = 8
SECONDS = 10.0
# A run serves one system for so long at most: the next one goes on.
TURN = timedelta(minutes=4)
LONGEST_WAIT = timedelta(hours=6)
PATIENCE = timedelta(days=3)
# A message asks for a short answer: no more of it is read.
MOST_READ = 1024
_LOCK = 0x77686F6B


def send() -> int:
    """Sends what waits to every system whose turn it is; returns how many messages were taken."""
    waiting = (
        WebhookSubscription.objects.filter(is_active=True)
        .filter(Q(retry_at=None) | Q(retry_at__lte=clock.real()))
        .filter(deliveries__delivered_at=None, deliveries__parked_at=None, deliveries__isnull=False)
    )
    keys = list(waiting.order_by("pk").values_list("pk", flat=True).distinct())
    if not keys:
        return 0
    with ThreadPoolExecutor(min(AT_ONCE, len(keys)), thread_name_prefix="webhooks") as threads:
        return sum(threads.map(_in_its_own_connection(_serve), keys))


def _in_its_own_connection(serve: Callable[[int], int]) -> Callable[[int], int]:
    def served(key: int) -> int:
        close_old_connections()
        try:
            return serve(key)
        finally:
            connection.close()

    return served


def _serve(key: int) -> int:
    """Everything that waits for one system, oldest first, until it does not take one."""
    taken, until = 0, clock.real() + TURN
    while clock.real() < until:
        done = _send_next(key)
        if not done:
            break
        taken += 1
    return taken


@transaction.atomic
def _send_next(key: int) -> bool:
    """Whether the next message to this system was taken. Its row is locked while it is sent, so that no other worker sends
    it too, and one that dies lets go of it."""
    subscription = (
        WebhookSubscription.objects.filter(pk=key, is_active=True)
        .filter(Q(retry_at=None) | Q(retry_at__lte=clock.real()))
        .select_for_update(skip_locked=True)
        .first()
    )
    if subscription is None:
        return False
    message = subscription.deliveries.filter(delivered_at=None, parked_at=None).order_by("pk").first()
    if message is None:
        return False
    status, problem = _post(subscription, message)
    if not problem:
        _took(subscription, message, status)
    else:
        _failed(subscription, message, status, problem)
    return not problem


def _post(subscription: WebhookSubscription, message: WebhookDelivery) -> tuple[int | None, str]:
    """The status of the answer, and what is wrong with it; empty where the message was taken (2xx)."""
    body = message.body.encode()
    now = clock.real()
    held = [subscription.secret]
    if subscription.old_secret and subscription.old_until and subscription.old_until > now:
        held.append(subscription.old_secret)
    headers = signing.headers(
        [unseal(secret) for secret in held], message=str(message.uuid), timestamp=int(time.time()), body=body
    )
    headers |= {"Content-Type": "application/json", "User-Agent": "Parvis", "Content-Length": str(len(body))}
    try:
        status = _request(subscription.url, body, headers)
    except addresses.Forbidden as error:
        return None, f"refused: {error}"[:300]
    except (urllib3.exceptions.HTTPError, OSError, UnicodeError) as error:
        return None, f"{type(error).__name__}: {error}"[:300]
    if 200 <= status < 300:
        return status, ""
    return status, "a redirection, which is not followed" if 300 <= status < 400 else f"answered {status}"


def _request(url: str, body: bytes, headers: dict[str, str]) -> int:
    """One request to the address in numbers that was checked, under the name that the certificate must bear."""
    parts = urlsplit(url)
    number = addresses.resolved(parts)
    timeout = urllib3.Timeout(total=SECONDS)
    pool: urllib3.HTTPConnectionPool
    if parts.scheme == "https":
        pool = urllib3.HTTPSConnectionPool(
            number,
            parts.port or 443,
            timeout=timeout,
            retries=False,
            server_hostname=parts.hostname,
            assert_hostname=parts.hostname,
        )
    else:
        pool = urllib3.HTTPConnectionPool(number, parts.port or 80, timeout=timeout, retries=False)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    with pool:
        answer = pool.request(
            "POST", path, body=body, headers=headers | {"Host": parts.netloc}, redirect=False, preload_content=False
        )
        answer.read(MOST_READ)
        answer.release_conn()
        return answer.status


def _took(subscription: WebhookSubscription, message: WebhookDelivery, status: int | None) -> None:
    WebhookDelivery.objects.filter(pk=message.pk).update(
        delivered_at=clock.real(), status=status, problem="", attempts=F("attempts") + 1
    )
    if subscription.failures:
        WebhookSubscription.objects.filter(pk=subscription.pk).update(failures=0, retry_at=None)


def _failed(subscription: WebhookSubscription, message: WebhookDelivery, status: int | None, problem: str) -> None:
    """The message waits with all that follow it; what is older than three days is parked, and 410 ends the subscription."""
    now: datetime = clock.real()
    log.warning("webhook_failed", subscription=subscription.pk, message=str(message.uuid), problem=problem)
    parked = now if now - message.written_at > PATIENCE or status == 410 else None
    WebhookDelivery.objects.filter(pk=message.pk).update(
        status=status, problem=problem, attempts=F("attempts") + 1, parked_at=parked
    )
    wait = min(timedelta(minutes=2 ** min(subscription.failures, 10)), LONGEST_WAIT)
    WebhookSubscription.objects.filter(pk=subscription.pk).update(
        failures=F("failures") + 1, retry_at=now + wait, is_active=status != 410
    )

"""Sends what waits: to each system by itself, in turns, so that one that is slow or gone delays nobody else.

A worker claims a system for a minute before it speaks to it (`held_until`), so that no other speaks to it too; a worker that
dies lets go by that. While a receiver is waited for, no row is locked, no transaction open and no connection held: whoever
writes messages to it, or changes its subscription, does not wait with us.
"""

import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.db import close_old_connections, connection, transaction
from django.db.models import F, Q, QuerySet

from core import clock
from core.exceptions import Refused
from core.models import WebhookDelivery, WebhookSubscription
from core.sealing import unseal
from core.webhooks import posting, signing

log = structlog.get_logger(__name__)

# So many systems are spoken to at once; and as many of those that were slow or failed the last time, beside them.
AT_ONCE = 8
# A run begins nothing after so many seconds: the next one goes on, and the worker has time for other things between them.
RUN = 15.0
# After so many seconds the next system has its turn; a slow one after one message.
TURN = 1.0
# Whoever took longer, in seconds, waits with the slow ones the next time.
SLOW = 2.0
# Longer than a message can take.
HOLD = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)
PATIENCE = timedelta(days=3)
_BATCH = 100


def send() -> int:
    """Sends what waits to every system whose turn it is; returns how many messages were taken.

    One that answers within `SLOW` seconds is never kept waiting by those that do not, but for the ten seconds in which the
    others fail for the first time.
    """
    until = time.monotonic() + RUN
    lanes = [Lane(deque(keys), until) for keys in _in_lanes()]
    with ThreadPoolExecutor(2 * AT_ONCE, thread_name_prefix="webhooks") as threads:
        at_work = [threads.submit(lane.work) for lane in lanes for _one in range(min(AT_ONCE, len(lane.keys)))]
    taken = sum(one.result() for one in at_work)
    for lane in lanes:
        if lane.errors:
            raise lane.errors[0]
    return taken


def _in_lanes() -> Iterator[list[int]]:
    """The systems that something waits for, the quick ones, then those that were slow or failed: who waits longest first."""
    waiting = WebhookDelivery.objects.waiting().values("subscription")
    due = _due().filter(pk__in=waiting).order_by(F("tried_at").asc(nulls_first=True), "pk")
    is_slow = Q(failures__gt=0) | Q(answered_in__gt=SLOW * 1000)
    yield list(due.exclude(is_slow).values_list("pk", flat=True))
    yield list(due.filter(is_slow).values_list("pk", flat=True))


def _due() -> QuerySet[WebhookSubscription]:
    now = clock.real()
    return WebhookSubscription.objects.filter(
        Q(retry_at=None) | Q(retry_at__lte=now), Q(held_until=None) | Q(held_until__lte=now), is_active=True
    )


@dataclass
class Lane:
    """Systems in the order of their turns, and who serves them until the run is over."""

    keys: deque[int]
    until: float
    errors: list[Exception] = field(default_factory=list)

    def work(self) -> int:
        """How many messages one thread brought. What goes wrong with one system keeps no other from its turn."""
        taken = 0
        while time.monotonic() < self.until:
            try:
                key = self.keys.popleft()
            except IndexError:
                break
            try:
                turn = Turn(key)
                turn.serve()
            except Exception as error:
                log.exception("webhook_turn_failed", subscription=key)
                self.errors.append(error)
                continue
            taken += turn.taken
            if turn.goes_on:
                self.keys.append(key)
        return taken


@contextmanager
def _database() -> Iterator[None]:
    """A connection for as long as it is needed: none is held while a receiver is waited for."""
    close_old_connections()
    try:
        yield
    finally:
        connection.close()


class Turn:
    """The messages to one system, oldest first, until one is not taken or its turn is over."""

    def __init__(self, key: int) -> None:
        self.key = key
        self.taken = 0
        self.goes_on = False
        self.held_until: datetime = clock.real() + HOLD

    def serve(self) -> None:
        with _database():
            subscription, messages = self._claim()
        if subscription is None:
            return
        end, answer = time.monotonic() + TURN, None
        for message in messages:
            answer = _post(subscription, message)
            with _database():
                _note(subscription, message, answer)
            self.taken += answer.is_taken
            if not answer.is_taken or answer.seconds > SLOW or time.monotonic() > end:
                break
        with _database():
            self._let_go(answer)
        self.goes_on = answer is not None and answer.is_taken and answer.seconds <= SLOW

    def _claim(self) -> tuple[WebhookSubscription | None, list[WebhookDelivery]]:
        now = clock.real()
        if not _due().filter(pk=self.key).update(held_until=self.held_until, tried_at=now):
            return None, []
        subscription = WebhookSubscription.objects.filter(pk=self.key).first()
        waiting = WebhookDelivery.objects.waiting().filter(subscription=self.key)
        return subscription, list(waiting.order_by("pk")[:_BATCH])

    def _let_go(self, answer: posting.Answer | None) -> None:
        """Only of what this turn holds: another worker has it where this one took too long."""
        mine = WebhookSubscription.objects.filter(pk=self.key, held_until=self.held_until)
        fares = {"answered_in": round(answer.seconds * 1000)} if answer else {}
        mine.update(held_until=None, **fares)


def _post(subscription: WebhookSubscription, message: WebhookDelivery) -> posting.Answer:
    body = message.body.encode()
    held = [subscription.secret]
    if subscription.old_secret and subscription.old_until and subscription.old_until > clock.real():
        held.append(subscription.old_secret)
    try:
        secrets = [unseal(secret) for secret in held]
    except Refused as lost:
        return posting.Answer(None, str(lost)[:300], 0)
    headers = signing.headers(secrets, message=str(message.uuid), timestamp=int(time.time()), body=body)
    return posting.post(
        subscription.url,
        body,
        headers | {"Content-Type": "application/json", "User-Agent": "Parvis", "Connection": "close"},
    )


@transaction.atomic
def _note(subscription: WebhookSubscription, message: WebhookDelivery, answer: posting.Answer) -> None:
    if answer.is_taken:
        _took(subscription, message, answer)
    else:
        _failed(subscription, message, answer)


def _took(subscription: WebhookSubscription, message: WebhookDelivery, answer: posting.Answer) -> None:
    WebhookDelivery.objects.filter(pk=message.pk).update(
        delivered_at=clock.real(), parked_at=None, status=answer.status, problem="", attempts=F("attempts") + 1
    )
    if subscription.failures:
        WebhookSubscription.objects.filter(pk=subscription.pk).update(failures=0, retry_at=None)
        subscription.failures = 0


def _failed(subscription: WebhookSubscription, message: WebhookDelivery, answer: posting.Answer) -> None:
    """The message waits with all that follow it; what is older than three days is parked, and 410 ends the subscription."""
    now = clock.real()
    log.warning("webhook_failed", subscription=subscription.pk, message=str(message.uuid), problem=answer.problem)
    WebhookDelivery.objects.filter(pk=message.pk).update(
        status=answer.status, problem=answer.problem, attempts=F("attempts") + 1
    )
    late = Q(written_at__lt=now - PATIENCE) | (Q(pk=message.pk) if answer.is_gone else Q())
    WebhookDelivery.objects.waiting().filter(late, subscription=subscription.pk).update(parked_at=now)
    wait = min(timedelta(minutes=2 ** min(subscription.failures, 10)), LONGEST_WAIT)
    ends = {"is_active": False} if answer.is_gone else {}
    WebhookSubscription.objects.filter(pk=subscription.pk).update(
        failures=F("failures") + 1, retry_at=now + wait, **ends
    )

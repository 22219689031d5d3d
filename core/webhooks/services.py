"""What is done with webhooks: a system subscribes, its secret is replaced, it is told, a message is sent again."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import clock
from core.access import ApiClient
from core.api.scopes import AppScopes
from core.exceptions import Refused
from core.models import WebhookDelivery, WebhookSubscription
from core.sealing import seal
from core.webhooks import signing
from core.webhooks.events import TEST

# How long a secret that was replaced goes on signing.
OVERLAP = timedelta(hours=24)
NOT_IN_USE = gettext_lazy("The subscription is not in use: take it into use first.")


def reader_of(subscription: WebhookSubscription) -> ApiClient:
    """The system as a reader: it hears of what its client may read, whatever token it holds at the moment."""
    client = subscription.client
    scopes = frozenset(AppScopes().get_available_scopes(client))
    return ApiClient(client_id=client.client_id, name=client.name or client.client_id, scopes=scopes)


@transaction.atomic
def subscribe(
    *, actor, client, name: str, url: str, events: Iterable[str], is_active: bool = True
) -> tuple[WebhookSubscription, str]:
    """The subscription and its secret, which is shown this once; refuses an address inside the house and unknown events."""
    secret = signing.new_secret()
    subscription = WebhookSubscription(
        client=client, name=name, url=url, event_types=sorted(set(events)), secret=seal(secret), is_active=is_active
    )
    _check(actor, subscription)
    subscription.save()
    return subscription, secret


@transaction.atomic
def rotate(subscription: WebhookSubscription, *, actor) -> str:
    """A new secret, shown this once; the old one signs beside it for a day. The one before that is worth nothing any more."""
    _check(actor, subscription)
    held = WebhookSubscription.objects.select_for_update(of=("self",)).get(pk=subscription.pk)
    secret = signing.new_secret()
    held.old_secret, held.old_until, held.secret = held.secret, clock.real() + OVERLAP, seal(secret)
    held.save()
    return secret


def try_at_once(subscription: WebhookSubscription) -> None:
    """What waits is sent with the next run, however often it failed: its receiver was mended, or somebody looks at it."""
    WebhookSubscription.objects.filter(pk=subscription.pk).update(retry_at=None)


@transaction.atomic
def send_test(subscription: WebhookSubscription, *, actor) -> WebhookDelivery:
    """A message that tells of nothing, to see whether it is taken and its signature checked: behind those that wait already."""
    _check(actor, subscription)
    if not subscription.is_active:
        raise Refused([NOT_IN_USE])
    try_at_once(subscription)
    return write(subscription, TEST, {"subscription": subscription.pk})


@transaction.atomic
def send_again(delivery: WebhookDelivery, *, actor) -> None:
    """The message is sent once more, with the same id: whether it was taken or parked. Refuses one that still waits."""
    _check(actor, delivery.subscription)
    held = WebhookDelivery.objects.select_for_update(of=("self",)).select_related("subscription").get(pk=delivery.pk)
    if held.delivered_at is None and held.parked_at is None:
        raise Refused([_("This message is on its way already.")])
    if not held.subscription.is_active:
        raise Refused([NOT_IN_USE])
    held.delivered_at = held.parked_at = None
    held.problem, held.written_at = "", clock.real()
    held.save()
    try_at_once(held.subscription)


def write(subscription: WebhookSubscription, event: str, data: Mapping[str, Any]) -> WebhookDelivery:
    """The message that a system is told of an event by, in the transaction of what it tells of."""
    written = message(subscription, event, data)
    written.save()
    written.refresh_from_db(fields=["written_at"])
    return written


def message(
    subscription: WebhookSubscription,
    event: str,
    data: Mapping[str, Any],
    once: str | None = None,
    happened_at: datetime | None = None,
) -> WebhookDelivery:
    """The same, not yet saved; a system gets one message at most with the same `once`. It happened now unless said otherwise."""
    body = {"type": event, "timestamp": (happened_at or clock.real()).isoformat(), "data": data}
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return WebhookDelivery(subscription=subscription, event=event, body=text, once=once)


def _check(actor, subscription: WebhookSubscription) -> None:
    if not subscription.allows(actor, "change"):
        raise Refused([_("Only who administers the clients of the API may do this, and each client for itself.")])

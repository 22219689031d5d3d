"""What is done with webhooks: a system subscribes, its secret is replaced, it is told, a message is sent again."""

import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import clock
from core.access import ApiClient, may
from core.api.scopes import AppScopes
from core.exceptions import Refused
from core.models import WebhookDelivery, WebhookSubscription
from core.sealing import seal
from core.webhooks import signing

# How long a secret that was replaced goes on signing.
OVERLAP = timedelta(hours=24)


def reader_of(subscription: WebhookSubscription) -> ApiClient:
    """The system as a reader: it hears of what its client may read, whatever token it holds at the moment."""
    client = subscription.client
    scopes = frozenset(AppScopes().get_available_scopes(client))
    return ApiClient(client_id=client.client_id, name=client.name or client.client_id, scopes=scopes)


@transaction.atomic
def subscribe(*, actor, client, name: str, url: str, events: Iterable[str]) -> tuple[WebhookSubscription, str]:
    """The subscription and its secret, which is shown this once; refuses an address inside the house and unknown events."""
    _check(actor)
    secret = signing.new_secret()
    subscription = WebhookSubscription(
        client=client, name=name, url=url, event_types=sorted(set(events)), secret=seal(secret)
    )
    subscription.save()
    return subscription, secret


@transaction.atomic
def rotate(subscription: WebhookSubscription, *, actor) -> str:
    """A new secret, shown this once; the old one signs beside it for a day. The one before that is worth nothing any more."""
    _check(actor)
    held = WebhookSubscription.objects.select_for_update(of=("self",)).get(pk=subscription.pk)
    secret = signing.new_secret()
    held.old_secret, held.old_until, held.secret = held.secret, clock.real() + OVERLAP, seal(secret)
    held.save()
    return secret


@transaction.atomic
def send_again(delivery: WebhookDelivery, *, actor) -> None:
    """The message is sent once more, with the same id: whether it was taken or parked. Refuses one that still waits."""
    _check(actor)
    held = WebhookDelivery.objects.select_for_update(of=("self",)).select_related("subscription").get(pk=delivery.pk)
    if held.delivered_at is None and held.parked_at is None:
        raise Refused([_("This message is on its way already.")])
    if not held.subscription.is_active:
        raise Refused([_("The subscription is not in use: take it into use first.")])
    held.delivered_at = held.parked_at = None
    held.problem, held.written_at = "", clock.real()
    held.save()
    WebhookSubscription.objects.filter(pk=held.subscription_id).update(retry_at=None)


def write(subscription: WebhookSubscription, event: str, data: Mapping[str, Any]) -> WebhookDelivery:
    """The message that a system is told of an event by, in the transaction of what it tells of."""
    written = message(subscription, event, data)
    written.save()
    return written


def message(
    subscription: WebhookSubscription, event: str, data: Mapping[str, Any], once: str | None = None
) -> WebhookDelivery:
    """The same, not yet saved; a system gets one message at most with the same `once`."""
    body = {"type": event, "timestamp": clock.real().isoformat(), "data": data}
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return WebhookDelivery(subscription=subscription, event=event, body=text, once=once)


def _check(actor) -> None:
    if not may(actor, "change", WebhookSubscription):
        raise Refused([_("Only who administers the clients of the API may do this.")])

"""From history to messages. The outbox is the history itself: its triggers note each change in the change's own
transaction, by whatever way it was written, and what they noted becomes one message for each system that asked for it."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import models, transaction
from django.db.models import Min, OuterRef, Subquery
from django.urls import reverse

from core.access import may
from core.history import event_model
from core.models import WebhookDelivery, WebhookPosition, WebhookSubscription
from core.reminders.writing import absolute
from core.settled import settled
from core.webhooks import events, services

_BATCH = 1000


def fill() -> int:
    """Writes the messages of everything that was committed since the last time; returns how many.

    Each change is told to each subscription once, in the order in which it was written: the position moves in the
    transaction that writes the messages, and one worker at a time moves it. A subscription that is made, or asks for more,
    hears of all that is committed from then on, also where it was begun before, and perhaps of the seconds before.
    """
    until = settled()
    systems = list(WebhookSubscription.objects.filter(is_active=True).select_related("client__access").order_by("pk"))
    _begin(until)
    with transaction.atomic():
        position = WebhookPosition.objects.select_for_update(skip_locked=True).first()
        if position is None or until <= position.until:
            return 0
        written = sum(_tell(resource, systems, position.until, until) for resource in events.resources())
        WebhookPosition.objects.update(until=until)
    return written


def _begin(until: datetime) -> None:
    """The first time of all, which a new Parvis has within a minute: from the first subscription on, where there is one."""
    if not WebhookPosition.objects.exists():
        first = WebhookSubscription.objects.aggregate(Min("created_at"))["created_at__min"]
        WebhookPosition.objects.get_or_create(defaults={"until": min(first or until, until)})


def _tell(resource: str, systems: list[WebhookSubscription], since: datetime, until: datetime) -> int:
    """What happened to the records of one resource from one moment on, until just before another: told to each system."""
    model = events.resources()[resource]
    names = set(events.names_of(resource))
    asking = [system for system in systems if names & set(system.event_types)]
    noted = event_model(model).objects.filter(pgh_created_at__gte=since, pgh_created_at__lt=until).order_by("pgh_id")
    if not asking or not noted.exists():
        return 0
    return sum(_write(_messages(system, resource, model, noted)) for system in asking)


def _write(messages: Iterator[WebhookDelivery]) -> int:
    written = 0
    while batch := list(islice(messages, _BATCH)):
        # One that is there already is known by its `once`: also where a restored database reads a stretch of time again.
        WebhookDelivery.objects.bulk_create(batch, ignore_conflicts=True)
        written += len(batch)
    return written


def _messages(
    system: WebhookSubscription, resource: str, model: Any, noted: models.QuerySet
) -> Iterator[WebhookDelivery]:
    reader = services.reader_of(system)
    if not may(reader, "view", model):
        return
    address = absolute(reverse(f"api:{resource}-list"))
    for event, happening in _as_seen(model, noted, reader):
        name = f"{resource}.{happening}"
        if name in system.event_types:
            data = {
                "resource": resource,
                "id": event.pgh_obj_id,
                "version": event.version,
                "url": f"{address}{event.pgh_obj_id}/",
            }
            yield services.message(
                system, name, data, once=f"{resource}:{event.pgh_id}", happened_at=event.pgh_created_at
            )


def _as_seen(model: Any, noted: models.QuerySet, reader) -> Iterator[tuple[Any, str]]:
    """Each event with what it is to this reader: a record that comes into her sight is added, one that leaves it is gone, and
    what happens out of her sight is nothing.

    Judged, as history is, by each event's own columns: by the record as it stood then.
    """
    rows = noted.only("pgh_id", "pgh_obj_id", "pgh_label", "pgh_created_at", "version")
    rule = model.visibility(reader)
    if not rule:
        for event in rows.iterator(_BATCH):
            yield event, _happening(event.pgh_label, True, True)
        return
    known = event_model(model).objects
    seen = set(noted.filter(rule).values_list("pgh_id", flat=True))
    earlier = known.filter(pgh_obj_id=OuterRef("pgh_obj_id"), pgh_id__lt=OuterRef("pgh_id")).order_by("-pgh_id")
    before = Subquery(earlier.values("pgh_id")[:1])
    seen_before = set(
        known.filter(rule, pgh_id__in=noted.order_by().annotate(_before=before).values("_before")).values_list(
            "pgh_id", flat=True
        )
    )
    for event in rows.annotate(_before=before).iterator(_BATCH):
        happening = _happening(event.pgh_label, event.pgh_id in seen, event._before in seen_before)
        if happening:
            yield event, happening


def _happening(label: str, is_seen: bool, was_seen: bool) -> str:
    """What an `insert`, `update` or `delete` of history is to a reader who sees the record as it stands there, and saw it
    before; empty for nothing. A deletion notes the record as it stood last."""
    if label == "insert":
        return events.CREATED if is_seen else ""
    if label == "delete":
        return events.DELETED if is_seen else ""
    if is_seen:
        return events.UPDATED if was_seen else events.CREATED
    return events.DELETED if was_seen else ""

"""What changed since a moment, and what is gone, for those who keep a copy; read from history, which nothing escapes.

Moments are to come from `core.settled`: events bear the start of their transaction, so that a late commit bears an early date.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from core.access import may
from core.history import event_model
from core.models.base import BaseModel, Through
from core.search import OneOf

NONE = Q(pk__in=[])


def changed_since(model: type[BaseModel], shown: Iterable[str], reader, moment: datetime) -> Q:
    """The records of the model that changed at the moment or later, with what their rows show of other records.

    `shown` are paths from the model to those records, over foreign keys in both directions: a change of any record on the way
    counts, so does one that was taken away. A record that is seen with another one (`seen_through`) changes with it.
    Sometimes a record is named that did not change, or changed for others only; never is one left out.
    """
    found = _among("pk", _turned(model, moment))
    for path in shown:
        found |= _reached(model, path, reader, moment)
    return found


def gone_since(model: type[BaseModel], reader, moment: datetime) -> QuerySet:
    """The events that tell how records last stood that the reader could see at the moment or later, and cannot see now:
    deleted, or withdrawn from her sight. One for each record, by `pgh_obj_id`. Of what she never saw nothing is told.
    """
    if not may(reader, "view", model):
        return event_model(model).objects.none()
    kept = model._default_manager.visible_to(reader).order_by().filter(pk=OuterRef("pgh_obj_id"))
    events = _events(model).filter(_stood(model, reader, moment), pgh_obj_id__in=_turned(model, moment))
    return events.filter(~Exists(kept)).order_by("pgh_obj_id", "-pgh_id").distinct("pgh_obj_id")


@dataclass(frozen=True)
class Tombstone:
    """That the record is gone for the reader, and since when: unknown where another record took it out of sight."""

    pk: int
    deleted_at: datetime | None


def tombstones(model: type[BaseModel], last_seen: list) -> list[Tombstone]:
    """Of events from `gone_since`: since when each record is gone, as the event after it tells. One query."""
    after: dict[int, datetime] = {}
    seen = {event.pgh_obj_id: event.pgh_id for event in last_seen}
    later = _events(model).filter(pgh_obj_id__in=seen).order_by("pgh_id")
    for key, number, at in later.values_list("pgh_obj_id", "pgh_id", "pgh_created_at"):
        if number > seen[key]:
            after.setdefault(key, at)
    tied = _tied(model)
    return [
        Tombstone(
            event.pgh_obj_id,
            None if any(tie.holds(event) for tie in tied) else after.get(event.pgh_obj_id, event.pgh_created_at),
        )
        for event in last_seen
    ]


def _events(model: Any) -> QuerySet:
    return event_model(model).objects.order_by()


def _has_limits(model: Any) -> bool:
    """Whether some of its records are for some of its readers only."""
    unlimited: Any = BaseModel.visibility
    return model.visibility.__func__ is not unlimited.__func__


def _tied(model: type[BaseModel]) -> list[Through]:
    """Of what its records are seen with, that which may come into sight and go."""
    return [tie for tie in model.seen_through() if _has_limits(tie.model)]


def _turned(model: type[BaseModel], moment: datetime) -> QuerySet:
    """The numbers of records that were written at the moment or later, or are seen with one that was."""
    events = _events(model).filter(Q(pgh_created_at__gte=moment) | _turned_with(model, moment))
    return events.values("pgh_obj_id")


def _turned_with(model: type[BaseModel], moment: datetime) -> Q:
    """Of records or events: those that are seen with a record that was written at the moment or later."""
    found = NONE
    for tie in _tied(model):
        found |= tie.rows & _among(tie.key, _turned(tie.model, moment))
    return found


def _reached(model: Any, path: str, reader, moment: datetime, key: str = "pk") -> Q:
    """Of records (or of events, where `key` is `pgh_obj_id`): those from which the path leads to one that was written."""
    name, _way, rest = path.partition("__")
    field = model._meta.get_field(name)
    target: Any = field.related_model
    if moment_of := getattr(target, "own_history", ""):
        rows = target._base_manager.filter(**{f"{moment_of}__gte": moment})
        return _among(key, rows.values(field.field.attname))
    written = Q(pgh_obj_id__in=_turned(target, moment))
    if rest:
        written |= _reached(target, rest, reader, moment, "pgh_obj_id")
    if _has_limits(target):
        written &= _stood(target, reader, moment)
    found = _events(target).filter(written)
    if field.concrete:
        return _among(name, found.values("pgh_obj_id"))
    return _among(key, found.values(field.field.attname))


def _among(key: str, numbers: QuerySet) -> Q:
    """Those whose key is one of these numbers: as an array, so that an index finds them beside other conditions."""
    return Q(OneOf(F(key), ArraySubquery(numbers.order_by())))


def _stood(model: type[BaseModel], reader, moment: datetime) -> Q:
    """Events that tell how a record stood at the moment or later, where the reader could see it."""
    overtaken = _events(model).filter(
        pgh_obj_id=OuterRef("pgh_obj_id"), pgh_id__gt=OuterRef("pgh_id"), pgh_created_at__lt=moment
    )
    ties = model.seen_through()
    seen = NONE if ties else model.visibility(reader)
    for tie in ties:
        seen |= tie.rows & _seen_with(model, tie, reader, moment)
    return seen & (Q(pgh_created_at__gte=moment) | ~Q(Exists(overtaken)))


def _seen_with(model: type[BaseModel], tie: Through, reader, moment: datetime) -> Q:
    """Of the model's events: those that held while the reader could see the record that they name.

    An update bears two moments, the beginning of its transaction and its own; it counts as past only where both are.
    """
    if not may(reader, "view", tie.model):
        return NONE
    if not _has_limits(tie.model):
        return Q(**{f"{tie.key}__isnull": False})
    later = {"pgh_obj_id": OuterRef("pgh_obj_id"), "pgh_id__gt": OuterRef("pgh_id")}
    began = OuterRef(OuterRef("pgh_created_at"))
    hidden_before = _events(tie.model).filter(
        **later, pgh_label="update", pgh_created_at__lte=began, updated_at__lte=began
    )
    shown = OuterRef("pgh_created_at")
    gone_before = _events(model).filter(
        pgh_obj_id=OuterRef(OuterRef("pgh_obj_id")),
        pgh_id__gt=OuterRef(OuterRef("pgh_id")),
        pgh_created_at__lte=shown,
        updated_at__lte=shown,
    )
    states = _events(tie.model).filter(_stood(tie.model, reader, moment), pgh_obj_id=OuterRef(tie.key))
    shown_with = states.exclude(pgh_label="delete").filter(~Exists(hidden_before), ~Exists(gone_before))
    return Q(~Q(pgh_label="delete"), Exists(shown_with))

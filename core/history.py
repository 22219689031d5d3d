"""Who changed what, when and why, read from the event tables that the triggers fill."""

from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.utils.translation import gettext as _

from core.dates import display


@dataclass(frozen=True)
class FieldChange:
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """One write: `action` is `insert`, `update` or `delete`; `author` is empty for changes made outside Parvis (SQL)."""

    at: datetime
    action: str
    author: str
    reason: str
    verb: str
    request_id: str
    fields: tuple[FieldChange, ...]


def event_model(model: type[models.Model]) -> type[models.Model]:
    return model.pgh_event_model  # type: ignore[attr-defined]


def changes(record: models.Model, limit: int = 200) -> list[Change]:
    """The record's changes, newest first, each with the fields that it changed and how they read."""
    from core.models import User

    events = list(event_model(type(record)).objects.filter(pgh_obj_id=record.pk).order_by("-pgh_id")[: limit + 1])
    authors = {user.pk: str(user) for user in User.objects.filter(pk__in={_user(event) for event in events} - {None})}
    names = _related_names(type(record), events)
    found = []
    for position, event in enumerate(events[:limit]):
        before = events[position + 1] if position + 1 < len(events) else None
        context = event.pgh_context or {}
        found.append(
            Change(
                at=event.pgh_created_at,
                action=event.pgh_label,
                author=authors.get(_user(event), context.get("client", "")),
                reason=context.get("reason", ""),
                verb=context.get("verb", ""),
                request_id=context.get("request_id") or "",
                fields=_differences(type(record), before, event, names),
            )
        )
    return found


def _user(event) -> int | None:
    return (event.pgh_context or {}).get("user")


def _shown_fields(model: type[models.Model], event) -> list[models.Field]:
    kept = {field.name for field in event._meta.concrete_fields}
    hidden = {"id", "version", "created_at", "updated_at"}
    return [field for field in model._meta.concrete_fields if field.name in kept and field.name not in hidden]


def _differences(model, before, after, names) -> tuple[FieldChange, ...]:
    if after.pgh_label == "delete":
        return ()
    found = []
    for field in _shown_fields(model, after):
        old = _read(field, before, names) if before is not None and after.pgh_label != "insert" else ""
        new = _read(field, after, names)
        if old != new:
            found.append(FieldChange(str(field.verbose_name), old, new))
    return tuple(found)


def _related_names(model, events) -> dict[tuple[str, int], str]:
    """The names of the records that foreign keys pointed to, read once for each key."""
    names = {}
    for field in _shown_fields(model, events[0]) if events else []:
        if field.remote_field is None:
            continue
        keys = {getattr(event, field.attname) for event in events} - {None}
        related = field.remote_field.model._base_manager.filter(pk__in=keys)
        names |= {(field.name, record.pk): str(record) for record in related}
    return names


def _read(field: models.Field, event, names) -> str:
    value = getattr(event, field.attname)
    if value is None or value == "":
        return ""
    if field.remote_field is not None:
        return names.get((field.name, value), _("deleted record %(key)s") % {"key": value})
    if isinstance(field, models.BooleanField):
        return _("yes") if value else _("no")
    if isinstance(field, models.DateField) and not isinstance(field, models.DateTimeField):
        return display(value, getattr(event, f"{field.name}_precision", "day") or "day")
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    return str(value)

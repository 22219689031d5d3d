"""Who changed what, when and why, read from the event tables that the triggers fill."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.contrib.auth.models import Group
from django.db import models
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import clock
from core.access import may
from core.dates import display
from core.roles import role_name


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


def event_model(model: type[models.Model]) -> Any:
    """The model of the record's events; pghistory makes its columns when Parvis starts, so that no type names them."""
    return model.pgh_event_model  # type: ignore[attr-defined]  # set by pghistory when it tracks the model


def _visible_events(model: Any, reader, seen: models.Q | None = None) -> models.QuerySet:
    """The events of records that the reader could see as they stood then; of the others nothing is shown, not even as "before"."""
    events = event_model(model).objects.order_by("-pgh_id")
    if not may(reader, "view", model):
        return events.none()
    if past := clock.past_day():
        events = events.filter(pgh_created_at__lt=clock.end_of(past))
    return events.filter(model.visibility(reader) if seen is None else seen)


def changes(record: models.Model, reader, limit: int = 200) -> list[Change]:
    """The record's changes that the reader may see, newest first, each with the fields that it changed and how they read."""
    events = list(_visible_events(type(record), reader).filter(pgh_obj_id=record.pk)[: limit + 1])
    return _described(type(record), events)[:limit]


def changes_of_rows(
    rows: models.QuerySet, parent: dict[str, int], reader, limit: int = 500
) -> list[tuple[str, Change]]:
    """The changes of the rows of a record, each with the row's name, newest first, those of deleted rows included.

    `rows` are the rows that the reader may see, `parent` the columns that tie a row to its record, with their values.
    A row that is hidden from the reader now, or was when it was deleted, is left out whole.
    """
    model = rows.model
    seen = {row.pk: str(row) for row in rows.filter(**parent)}
    visible = _visible_events(model, reader).filter(**parent)
    deleted = visible.filter(pgh_label="delete").values_list("pgh_obj_id", flat=True)
    shown = list(visible.filter(models.Q(pgh_obj_id__in=seen) | models.Q(pgh_obj_id__in=deleted.order_by()))[:limit])
    described = zip(shown, _described(model, shown), strict=True)
    return [(seen.get(event.pgh_obj_id, ""), change) for event, change in described]


def changes_of_roles(user, limit: int = 200) -> list[tuple[str, Change]]:
    """The roles given to a person (`insert`) and taken away (`delete`), newest first, each with the role's name."""
    from core.models import UserRole

    events = list(event_model(UserRole).objects.filter(user_id=user.pk).order_by("-pgh_id")[:limit])
    groups = dict(Group.objects.filter(pk__in={event.group_id for event in events}).values_list("pk", "name"))
    described = zip(events, _described(UserRole, events), strict=True)
    # The person and the role are all that there is in such a row: the name says it, no list of fields need repeat it.
    return [(_role(event.group_id, groups), replace(change, fields=())) for event, change in described]


def _role(key: int, groups: dict[int, str]) -> str:
    return role_name(groups[key]) if key in groups else _("deleted record %(key)s") % {"key": key}


def _described(model: type[models.Model], events: list) -> list[Change]:
    """Events, newest first, as changes: each against the one before it of the same record."""
    from core.models import User

    authors = {user.pk: str(user) for user in User.objects.filter(pk__in={_user(event) for event in events} - {None})}
    names = _related_names(model, events)
    found = []
    older: dict[int, object] = {}
    for event in reversed(events):
        context = event.pgh_context or {}
        found.append(
            Change(
                at=event.pgh_created_at,
                action=event.pgh_label,
                author=authors.get(_user(event), context.get("client", "")),
                reason=_why(context),
                verb=context.get("verb", ""),
                request_id=context.get("request_id") or "",
                fields=_differences(model, older.get(event.pgh_obj_id), event, names),
            )
        )
        older[event.pgh_obj_id] = event
    return found[::-1]


# What the commands that load data leave as their reason, in words of people.
LOADED = {"load_paris": gettext_lazy("Import of the reference data"), "load_samples": gettext_lazy("Invented samples")}


def _why(context: dict) -> str:
    reason = context.get("reason", "")
    return str(LOADED.get(reason, reason))


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
    names: dict[tuple[str, int], str] = {}
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
    if isinstance(value, datetime):
        return date_format(timezone.localtime(value), "DATETIME_FORMAT")
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    return str(value)


# --- what a stretch of time changed ---


@dataclass(frozen=True)
class Turn:
    """How the record `key` stood before a stretch of time and after it, as events; None where it was not there yet, or not
    any more. What happened in between and left nothing is no turn."""

    key: int
    at: datetime
    before: Any
    after: Any

    def changed(self, model: type[models.Model]) -> list[models.Field]:
        """The fields of the record that read differently; none where it is new or gone."""
        if self.before is None or self.after is None:
            return []
        return [
            field
            for field in _shown_fields(model, self.after)
            if getattr(self.before, field.attname) != getattr(self.after, field.attname)
        ]


def turns_since(model, reader, moment: datetime, *, seen: models.Q | None = None, **within) -> list[Turn]:
    """What was written of the model's records after the moment, of what the reader could see at each end, the latest first.

    `within` narrows the records by their own columns; `seen` is what `visibility` says of these, where that is said with less.
    Two queries.
    """
    visible = _visible_events(model, reader, seen).filter(**within).order_by("pgh_obj_id", "-pgh_id")
    last = visible.filter(pgh_created_at__gt=moment)
    # Of all that changed, seen or not: what of it is seen is asked once, of the last event.
    keys = event_model(model).objects.filter(pgh_created_at__gt=moment, **within).order_by().values("pgh_obj_id")
    earlier = visible.filter(pgh_created_at__lte=moment, pgh_obj_id__in=keys).exclude(pgh_label="delete")
    before = {event.pgh_obj_id: event for event in earlier.distinct("pgh_obj_id")}
    found = []
    for event in last.distinct("pgh_obj_id"):
        after = None if event.pgh_label == "delete" else event
        turn = Turn(event.pgh_obj_id, event.pgh_created_at, before.get(event.pgh_obj_id), after)
        if (turn.before is None) != (turn.after is None) or turn.changed(model):
            found.append(turn)
    return sorted(found, key=lambda turn: turn.at, reverse=True)

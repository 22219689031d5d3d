"""What the database holds of the rows, which of it the loader wrote, and the writing."""

from collections import defaultdict
from typing import Any

from django.db import models, transaction

from core.history import event_model
from core.loading.rows import Rows, Tally
from core.loading.values import defaults
from core.models import BaseModel

Key = tuple[Any, ...]


class Stored:
    """Each model is read once; history is asked only where something differs. `reason` marks the loader's writes."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        self.tallies: dict[type[BaseModel], Tally] = defaultdict(Tally)
        self._held: dict[tuple[type[BaseModel], Key], dict[Key, BaseModel]] = {}
        self._loaded_before: dict[type[BaseModel], bool] = {}

    def held(self, rows: Rows) -> dict[Key, BaseModel]:
        """The records of the model, by identity."""
        columns = rows.identity()
        if (rows.model, columns) not in self._held:
            records = rows.model._base_manager.order_by("pk")
            self._held[rows.model, columns] = {_key(record, columns): record for record in records}
        return self._held[rows.model, columns]

    def find(self, rows: Rows, key: Key) -> tuple[BaseModel | None, bool]:
        """The record of this identity, also where a person has renamed it since; and whether a person removed it."""
        record = self.held(rows).get(key)
        if record is not None or not self._is_loaded_before(rows.model):
            return record, False
        known_as = dict(zip(rows.identity(), key, strict=True))
        last = self._own_events(rows.model).filter(**known_as).order_by("-pgh_id").first()
        if last is None or last.pgh_label == "delete":
            return None, False
        record = rows.model._base_manager.filter(pk=last.pgh_obj_id).first()
        return record, record is None

    def write(self, rows: Rows, record: BaseModel | None, columns: dict[str, Any]) -> BaseModel:
        """Saves the columns where the record does not have them yet; ValidationError and DatabaseError as `save()`."""
        tally = self.tallies[rows.model]
        if record is None:
            record = rows.model(**columns)
            self._save(record)
            tally.created += 1
            self.held(rows)[_key(record, rows.identity())] = record
            return record
        changes, kept = self._merge(rows, record, columns)
        if changes:
            for name, value in changes.items():
                setattr(record, name, value)
            self._save(record)
            tally.changed += 1
        elif kept:
            tally.kept += 1
        else:
            tally.unchanged += 1
        return record

    def remove_others(self, rows: Rows, parent: BaseModel, staying: set[int]) -> None:
        """Removes the children of `parent` that the loader wrote and the file no longer has; a person's own stay."""
        place = tuple(rows.place(parent).values())
        for key, record in list(self.held(rows).items()):
            if key[: len(place)] == place and record.pk not in staying and self._is_own(record):
                # A savepoint, as in `_save()`.
                with transaction.atomic():
                    record.delete()
                del self.held(rows)[key]
                self.tallies[rows.model].removed += 1

    def _save(self, record: BaseModel) -> None:
        # A savepoint, so that a row that the database refuses leaves the run able to read the others.
        with transaction.atomic():
            record.save()

    def _merge(self, rows: Rows, record: BaseModel, columns: dict[str, Any]) -> tuple[dict[str, Any], bool]:
        """What to change, and whether something was left because a person changed it after the loader wrote it."""
        differing = {name: value for name, value in columns.items() if getattr(record, name) != value}
        if not differing:
            return {}, False
        empty = {name: value for field in rows.fields().values() for name, value in defaults(field).items()}
        ours = self._ours(record, list(differing), empty)
        return {name: differing[name] for name in ours}, len(ours) < len(differing)

    def _ours(self, record: BaseModel, names: list[str], empty: dict[str, Any]) -> list[str]:
        """The columns that the loader was the last to set, and those that nobody ever filled."""
        events = event_model(type(record))._base_manager.filter(pgh_obj_id=record.pk).order_by("pgh_id")
        history = list(events.values_list("pgh_context__reason", *names))
        found = []
        for position, name in enumerate(names, start=1):
            value, reason, untouched = empty.get(name), self.reason, True
            for event in history:
                if event[position] != value:
                    value, reason, untouched = event[position], event[0], False
            if untouched or reason == self.reason:
                found.append(name)
        return found

    def _own_events(self, model: type[BaseModel]) -> models.QuerySet:
        return event_model(model)._base_manager.filter(pgh_context__reason=self.reason)

    def _is_loaded_before(self, model: type[BaseModel]) -> bool:
        if model not in self._loaded_before:
            self._loaded_before[model] = self._own_events(model).exists()
        return self._loaded_before[model]

    def _is_own(self, record: BaseModel) -> bool:
        """Whether the loader was the last to write the record."""
        events = event_model(type(record))._base_manager.filter(pgh_obj_id=record.pk).order_by("-pgh_id")
        return events.values_list("pgh_context__reason", flat=True).first() == self.reason


def _key(record: BaseModel, columns: tuple[str, ...]) -> Key:
    return tuple(getattr(record, name) for name in columns)

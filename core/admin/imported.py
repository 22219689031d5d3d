"""Columns of a file that is imported: each is read as the record's own field reads it, and refused in the same words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from import_export.fields import Field
from import_export.resources import ModelResource
from import_export.widgets import Widget

from core.exceptions import Refused

SEPARATOR = ";"


class Absent:
    """A cell that its row does not have, where others of the file do: what the record says there stays."""


@dataclass(frozen=True)
class Tied:
    """Rows that tie the record to others, written in one column: `model` has the record under `tie` and the other one
    under `to`, which the file names by its `key`."""

    model: type[models.Model]
    tie: str
    to: str
    key: str


def listed(value: Any) -> list[str]:
    """The items of a cell: a list, or a text with separators."""
    if value is None or value == "":
        return []
    if isinstance(value, str):
        return [item.strip() for item in value.split(SEPARATOR) if item.strip()]
    if isinstance(value, list) and all(isinstance(item, str | int | float) for item in value):
        return [str(item).strip() for item in value]
    raise ValueError(_("Write a list of values here."))


def found(model: type[models.Model], key: str, name: str, reader) -> models.Model:
    """The record that the reader may see under this name."""
    record = model._default_manager.visible_to(reader).filter(**{key: name}).first()  # type: ignore[attr-defined]
    if record is None:
        raise ValueError(_("There is no %(kind)s “%(name)s”.") % {"kind": model._meta.verbose_name, "name": name})
    return record


class CellWidget(Widget):
    """Reads a cell as the model's field does; empty is what the record has where nothing is said."""

    def __init__(self, column: models.Field, key: str = "", reader=None):
        super().__init__()
        self.column = column
        self.key = key
        self.reader = reader

    def clean(self, value, row=None, **kwargs):
        column = self.column
        if isinstance(column, ArrayField):
            return self._read(column.base_field.to_python, listed(value))
        text = "" if value is None else value
        if isinstance(text, list | dict | bool):
            raise ValueError(_("Write one value here, not a list or a mapping."))
        text = str(text).strip()
        if not text:
            return None if column.null else column.get_default()
        if column.remote_field:
            return found(column.remote_field.model, self.key, text, self.reader)
        return self._read(column.to_python, [text])[0]

    def _read(self, to_python, texts: list[str]) -> list:
        try:
            return [to_python(text) for text in texts]
        except ValidationError as error:
            raise ValueError(" ".join(error.messages)) from error

    def render(self, value, obj=None, **kwargs) -> str:
        if value is None:
            return ""
        if isinstance(value, models.Model):
            return str(getattr(value, self.key))
        if isinstance(value, list):
            return f"{SEPARATOR} ".join(self.render(item) for item in value)
        return value.isoformat() if isinstance(value, date) else str(value)


class Column(Field):
    """One column of the file and of the record."""

    def __init__(self, column: Any, key: str = ""):
        super().__init__(attribute=column.name, column_name=column.name, widget=CellWidget(column, key))


class TiedColumn(Field):
    """A column that names other records; they are tied to this one once it is saved."""

    def __init__(self, name: str, tied: Tied):
        super().__init__(attribute=name, column_name=name)
        self.tied = tied
        self.reader = None

    def save(self, instance, row, is_m2m=False, **kwargs):
        column: Any = self.tied.model._meta.get_field(self.tied.to)
        wanted = column.remote_field.model
        names = list(dict.fromkeys(listed(row[self.column_name])))
        instance._to_tie = {
            **getattr(instance, "_to_tie", {}),
            self.column_name: [found(wanted, self.tied.key, name, self.reader) for name in names],
        }

    def get_value(self, instance) -> str:
        given = getattr(instance, "_to_tie", {}).get(self.column_name)
        if given is None:
            rows = self.rows(instance) if instance.pk else []
            given = [getattr(row, self.tied.to) for row in rows]
        return f"{SEPARATOR} ".join(sorted(str(getattr(record, self.tied.key)) for record in given))

    def rows(self, instance) -> Sequence[models.Model]:
        manager: Any = self.tied.model._default_manager
        return list(manager.visible_to(self.reader).filter(**{self.tied.tie: instance}).select_related(self.tied.to))

    def tie(self, instance) -> None:
        """Makes the rows those that the file names: each is saved by itself, so that its own rules are asked."""
        if self.column_name not in getattr(instance, "_to_tie", {}):
            return
        wanted = {record.pk: record for record in instance._to_tie[self.column_name]}
        for row in self.rows(instance):
            if wanted.pop(getattr(row, f"{self.tied.to}_id"), None) is None:
                row.delete()
        for record in wanted.values():
            self.tied.model(**{self.tied.tie: instance, self.tied.to: record}).save()


class ImportedResource(ModelResource):
    """Rows of a file as records; `reader` is who imports them."""

    def __init__(self, reader=None, **kwargs):
        super().__init__(**kwargs)
        for field in self.fields.values():
            if isinstance(field, TiedColumn):
                field.reader = reader
            else:
                field.widget.reader = reader

    def before_import(self, dataset, **kwargs):
        headers = list(dataset.headers or [])
        key = self.get_import_id_fields()[0]
        reasons = [
            _("There is no column “%(name)s” to import.") % {"name": name}
            for name in headers
            if name not in self.fields
        ]
        if key not in headers:
            reasons.append(_("The column “%(name)s” is missing: it tells the records apart.") % {"name": key})
        twice = sorted({str(name) for name in headers if headers.count(name) > 1})
        reasons += [_("The column “%(name)s” stands twice.") % {"name": name} for name in twice]
        if reasons:
            raise Refused(reasons)
        self.keys_seen: set[str] = set()

    def before_import_row(self, row, **kwargs):
        for name in [name for name, value in row.items() if value is Absent]:
            del row[name]
        key = self.get_import_id_fields()[0]
        text = str(row.get(key) or "").strip()
        if not text:
            raise ValidationError({key: _("This field is required.")})
        if text in self.keys_seen:
            raise ValidationError({key: _("“%(key)s” stands twice in the file.") % {"key": text}})
        self.keys_seen.add(text)
        row[key] = text

    def after_save_instance(self, instance, row, **kwargs):
        for field in self.fields.values():
            if isinstance(field, TiedColumn):
                field.tie(instance)


def resource_of(model: type[models.Model], key: str, columns: Sequence[str], refer: dict, tied: dict) -> type:
    """The resource that imports these columns of the model. `key` tells a record from the others; `refer` gives the
    key by which a foreign key is named, `tied` the columns that name other records."""
    fields: dict[str, Field] = {
        name: TiedColumn(name, tied[name]) if name in tied else Column(model._meta.get_field(name), refer.get(name, ""))
        for name in columns
    }
    meta = type(
        "Meta",
        (),
        {
            "model": model,
            "fields": list(fields),
            "import_order": list(fields),
            "import_id_fields": [key],
            "clean_model_instances": True,
            "skip_unchanged": True,
            "report_skipped": True,
            "use_transactions": True,
        },
    )
    return type(f"{model.__name__}Import", (ImportedResource,), {**fields, "Meta": meta})

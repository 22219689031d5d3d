"""How rows are written in the files, and what is said of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models

from core.dates import PrecisionField
from core.exceptions import Reason, Refused
from core.models import Attached, BaseModel, Citation, Source


@dataclass(frozen=True)
class Rows:
    """How rows of a model are written. `key` names a row (among those of its `parent`); `also` are fields that no
    form edits but the data give; `children` are lists within the row, by the name they are written under."""

    model: type[BaseModel]
    key: tuple[str, ...]
    parent: str = ""
    also: tuple[str, ...] = ()
    children: Mapping[str, "Rows"] = field(default_factory=dict)

    @property
    def is_attached(self) -> bool:
        return issubclass(self.model, Attached)

    @property
    def is_cited(self) -> bool:
        """Everything says where it comes from, but for the sources, what names them, and what nothing is attached to."""
        return self.model.has_attachments and self.model not in (Source, Citation)

    def lists(self) -> dict[str, "Rows"]:
        return {**self.children, "citations": CITATIONS} if self.is_cited else dict(self.children)

    def fields(self) -> dict[str, models.Field]:
        """What a row may give. A precision is read with its date, the parent from where the row stands."""
        placed = {"content_type", "object_id"} if self.is_attached else {self.parent}
        return {
            column.name: column
            for column in self.model._meta.concrete_fields
            if (column.editable or column.name in self.also)
            and not (column.primary_key or column.name in placed or isinstance(column, PrecisionField))
        }

    def place(self, parent: BaseModel | None) -> dict[str, Any]:
        """The columns that tie a row to its parent; none for a row that stands alone."""
        if parent is None:
            return {}
        if self.is_attached:
            return {"content_type_id": ContentType.objects.get_for_model(parent).pk, "object_id": parent.pk}
        return {self._column(self.parent): parent.pk}

    def identity(self) -> tuple[str, ...]:
        """The columns that tell a row from all others, those of its place first."""
        if self.is_attached:
            return ("content_type_id", "object_id", *map(self._column, self.key))
        return tuple(map(self._column, (self.parent, *self.key) if self.parent else self.key))

    def _column(self, name: str) -> str:
        return self.model._meta.get_field(name).attname  # type: ignore[union-attr]  # the name is that of a column


CITATIONS = Rows(Citation, ("source", "section", "fact"), parent="record")


@dataclass(frozen=True)
class Fault(Reason):
    """What is wrong, and where: the file, the line (the first is 1), the row by its key, and the field."""

    file: str = ""
    line: int = 1
    row: str = ""

    def __str__(self) -> str:
        return ": ".join(filter(None, (f"{self.file}:{self.line}", self.row, self.field, str(self.message))))


class Unloadable(Refused):
    """The data are refused as a whole, with every fault."""


@dataclass
class Tally:
    """How many rows of a model a run created, changed, left alone, left as a person made them, and removed."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    kept: int = 0
    removed: int = 0


class Skipped(Exception):
    """The row leans on one that cannot be had: faulty itself, or removed by a person. Nothing more to say of it."""


class Unreadable(ValueError):
    """A value is not one for its field: a sentence that says why."""

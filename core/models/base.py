"""What every record shares: visibility, validation on save, timestamps, a version, and history that nothing escapes."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

import pghistory
import pgtrigger
from django.contrib.contenttypes.fields import GenericRelation
from django.contrib.postgres.indexes import BrinIndex
from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.models import Q
from django.db.models.expressions import DatabaseDefault
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.access import may
from core.constraints import foreign_keys, held, is_overlap, points_to_records
from core.database import REFUSALS, Unexplained, explained
from core.references import Drawn
from core.search import matches

Record = TypeVar("Record", bound="BaseModel")
# What is written of a new record: by its column, what stands in the statement, and the values that this takes.
Row = dict[str, tuple[str, tuple[Any, ...]]]


class VisibleQuerySet(models.QuerySet[Record]):
    """Every read starts from `visible_to(reader)`."""

    def visible_to(self, reader):
        """The records this reader may see; none for a stranger. A model narrows it with `visibility(reader)`."""
        if not may(reader, "view", self.model):
            return self.none()
        # Most models say no less, and an empty condition costs as much to write into a query as any other.
        narrowed = self.model.visibility(reader)
        return self.filter(narrowed) if narrowed else self.all()

    def matching(self, text: str, reader):
        """Full text, accents ignored, words unfinished from three letters on; everything for an empty text."""
        return matches(self, text, reader)


@dataclass(frozen=True)
class Through:
    """That records are seen with the record of `model` that their column `key` names; of any kind, with those of one `kind`."""

    model: Any
    key: str
    kind: int | None = None

    @property
    def rows(self) -> Q:
        """The records, or the events of them, that this is said of."""
        return Q() if self.kind is None else Q(content_type=self.kind)

    def holds(self, row) -> bool:
        """Whether it is said of this one."""
        return getattr(row, self.key) is not None and self.kind in (None, getattr(row, "content_type_id", None))


class BaseModel(models.Model):
    """A record of Parvis.

    What `save()` refuses it says in the words of `full_clean()`, so that admin, API and loaders refuse with the same
    sentence: the database is asked to write, and only where it refuses what is wrong. `version` and `updated_at` are kept
    by a trigger, so that bulk and raw SQL writes count too; `version` is what lost-edit checks compare.
    """

    created_at = models.DateTimeField(_("created"), db_default=Now(), editable=False)
    updated_at = models.DateTimeField(_("last change"), db_default=Now(), editable=False)
    version = models.PositiveIntegerField(_("version"), db_default=1, editable=False)
    citations = GenericRelation("core.Citation", "object_id", "content_type")
    documents = GenericRelation("core.Document", "object_id", "content_type")

    objects = VisibleQuerySet.as_manager()
    # Which related searches `?q=` reaches besides the record's own words, e.g. ("country",).
    search_through: ClassVar[tuple[str, ...]] = ()
    # The sentences of the rules that only a trigger can hold, by the constraint name that the trigger raises.
    refusals: ClassVar[dict[str, object]] = {}
    # Whether documents and citations can be attached to it.
    has_attachments: ClassVar[bool] = True
    # Columns that history must not keep (a password's hash, say).
    untracked: ClassVar[tuple[str, ...]] = ()
    # Whether a page that is read as of a past day may tell of it (`core.as_of`).
    told_as_of: ClassVar[bool] = True

    class Meta:
        abstract = True

    # Of a new record that is all its transaction writes, the names of the values that it was given.
    _given: Collection[str] | None = None
    # The foreign keys whose records have just been asked for.
    _seen: Collection[str] = ()

    def save(self, *args, **kwargs):
        if kwargs.get("update_fields") is not None or not self._is_clean():
            self.full_clean()
        adding, alone = self._state.adding, self._given is not None
        try:
            with transaction.atomic(savepoint=not alone):
                super().save(*args, **kwargs)
        except REFUSALS as error:
            if alone:
                raise Unexplained(self, error, _drawn(type(self), self._given)) from error
            raise explained(self, error) from error
        if not adding:
            self.refresh_from_db(fields=["version", "updated_at"])

    def add_alone(self, given: Collection[str], *, seen: Collection[str] = ()) -> None:
        """As `save()`, for a new record that is all its transaction writes: it needs no savepoint of its own.

        `given` are the names of the values that it was given, `seen` the foreign keys among them whose records were just
        found in the same transaction. What the database refuses raises `Unexplained`, with which
        the transaction has to end.
        """
        self._given, self._seen = given, seen
        try:
            self.save()
        finally:
            del self._given, self._seen

    def row_to_add(self, key: int, seen: Collection[str]) -> Row | None:
        """A new record as it is written under this key, whose foreign keys `seen` were just found; None where `save()` has to
        write it: where that would be refused, or does more."""
        self._seen = seen
        try:
            if not self._is_clean():
                return None
        finally:
            del self._seen
        columns: Row = {}
        for field in self._meta.local_concrete_fields:
            if isinstance(field, models.GeneratedField):
                continue
            given = key if field.primary_key else field.pre_save(self, add=True)
            if isinstance(given, DatabaseDefault):
                continue
            if hasattr(given, "resolve_expression"):
                return None
            if isinstance(given, Drawn):
                columns[str(field.column)] = given.question, given.values
            else:
                columns[str(field.column)] = _place(field, given), (field.get_db_prep_save(given, connection),)
        return columns

    def _is_clean(self) -> bool:
        """Whether all holds that the database does not judge when it writes: the form of values, what `clean()` knows of other
        rows and of today, and that the records are there to which this one points, of which the database speaks at the end."""
        try:
            self.clean_fields(exclude=foreign_keys(type(self)))
            self.clean()
        except ValidationError:
            return False
        return points_to_records(self, but=self._seen)

    def validate_constraints(self, exclude=None):
        self._held = held(self, exclude or ())
        try:
            # The database cannot even compare a time that ends before it begins, which a check has to refuse first.
            for self._overlaps in (False, True):
                super().validate_constraints(exclude)
        finally:
            del self._held, self._overlaps

    def get_constraints(self):
        if not hasattr(self, "_held"):
            return super().get_constraints()
        return [
            (model, [rule for rule in rules if rule.name not in self._held and is_overlap(rule) == self._overlaps])
            for model, rules in super().get_constraints()
        ]

    @classmethod
    def visibility(cls, reader) -> Q:
        """Which records a reader who may view this model sees: all, unless the model says less.

        It speaks of the model's own columns only, because history asks it of the record as it stood at each event.
        """
        return Q()

    @classmethod
    def seen_through(cls) -> list[Through]:
        """The other records with which these are seen, where `visibility` asks others: each of these is enough."""
        return []

    def allows(self, actor, verb: str) -> bool:
        """Whether the actor, who sees this record, may `view`, `change` or `delete` it: as the kind, unless the model says less."""
        return may(actor, verb, type(self))

    def takes_attachments(self, actor) -> bool:
        """Whether the actor may attach documents and citations, change and remove them: as the record, unless the model says less."""
        return self.allows(actor, "change")


def _place(field: models.Field, value: Any) -> str:
    """Where the statement takes the value."""
    return field.get_placeholder(value, None, connection) if hasattr(field, "get_placeholder") else "%s"


def _drawn(model: type[models.Model], given: Collection[str] | None) -> set[str]:
    """The unique columns whose value the model made itself, because none was given."""
    return {
        field.name
        for field in model._meta.concrete_fields
        if getattr(field, "unique", False) and field.has_default() and field.name not in (given or ())
    }


def in_context() -> dict[str, Any]:
    """What every history keeps of a change: who made it, in which request, why."""
    return {"context_field": pghistory.ContextJSONField(), "context_id_field": pghistory.ContextUUIDField()}


def tracked(model):
    """Class decorator of every concrete record: history by triggers, and the version that counts each change.

    A write that changes nothing leaves no trace and no new version.
    """
    kept_by_database = {"version", "updated_at", "created_at"} | {
        field.name for field in model._meta.concrete_fields if isinstance(field, models.GeneratedField)
    }
    left_out = kept_by_database | set(model.untracked)
    matters = [field.name for field in model._meta.concrete_fields if field.name not in left_out]
    changed = pgtrigger.AnyChange(*matters)
    pgtrigger.register(
        pgtrigger.Trigger(
            name="count_version",
            operation=pgtrigger.Update,
            when=pgtrigger.Before,
            condition=changed,
            func="NEW.version = OLD.version + 1; NEW.updated_at = statement_timestamp(); RETURN NEW;",
        )
    )(model)
    return pghistory.track(
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(condition=changed),
        pghistory.DeleteEvent(),
        exclude=sorted(left_out - {"created_at", "updated_at", "version"}),
        # Events are written in the order of time, or nearly: this index costs a write next to nothing.
        meta={"indexes": [BrinIndex(fields=["pgh_created_at"], autosummarize=True)]},
        **in_context(),
    )(model)

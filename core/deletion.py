"""What goes with a record that is deleted, what holds it, and what of this a reader may be told."""

from collections.abc import Iterable, Iterator, Sequence

from django.contrib.admin.utils import NestedObjects
from django.db import models, router
from django.db.models import ProtectedError
from django.utils.translation import gettext_lazy as _

from core.exceptions import Reason, Refused
from core.models.base import BaseModel

OUT_OF_REACH = _("It cannot be deleted: other records depend on it.")


def whole(records: Sequence[models.Model] | models.QuerySet, model: type[models.Model]) -> NestedObjects:
    """Everything that would go with these records, and what protects them."""
    collector = NestedObjects(using=router.db_for_write(model), origin=records)
    collector.collect(records)
    return collector


def seen_among(records: Iterable[models.Model], reader) -> set[models.Model]:
    """Those that the reader may see; what is no record of Parvis (a token, a session) is hidden from nobody."""
    seen: set[models.Model] = set()
    by_model: dict[type[models.Model], dict[object, models.Model]] = {}
    for record in records:
        by_model.setdefault(type(record), {})[record.pk] = record
    for model, found in by_model.items():
        if issubclass(model, BaseModel):
            visible = model._default_manager.visible_to(reader).filter(pk__in=found)
            seen |= {found[key] for key in visible.values_list("pk", flat=True)}
        else:
            seen |= set(found.values())
    return seen


def not_to_delete(records: Iterable[models.Model], actor) -> Iterator[models.Model]:
    """Those that the actor may see but not delete."""
    for record in seen_among(records, actor):
        if isinstance(record, BaseModel) and not record.allows(actor, "delete"):
            yield record


def check_deletion(record: models.Model, actor) -> None:
    """Refuses where other records hold this one (ProtectedError), or where one would go that the actor may not see or delete."""
    collector = whole([record], type(record))
    if collector.protected:
        raise ProtectedError(str(OUT_OF_REACH), collector.protected)
    gone = {found for records in collector.model_objs.values() for found in records}
    if gone - seen_among(gone, actor) or any(not_to_delete(gone, actor)):
        raise Refused([Reason(OUT_OF_REACH)])

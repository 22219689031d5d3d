"""What a system needs that keeps a copy: a list by cursors, what changed with all that its rows show, and what is gone."""

from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError

from core import changes
from core.api.cursors import CursorPages, EitherPages
from core.api.reading import Rows
from core.api.serializers import Moment
from core.filters import MomentField


class DeletionSerializer(serializers.Serializer):
    """A record that was deleted, or withdrawn from the caller's sight."""

    id = serializers.IntegerField(source="pk")
    deleted_at = Moment(
        allow_null=True, help_text="Since when; null where the record that it belongs to took it out of sight."
    )


class Gone:
    """The records that are gone since a moment, by number."""

    def __init__(self, model: type[Any], reader, since: datetime):
        self.model, self.reader, self.since = model, reader, since

    def after(self, key: int, size: int) -> Rows:
        """At most `size` tombstones of records with a number above `key`, by number."""
        events = list(changes.gone_since(self.model, self.reader, self.since).filter(pgh_obj_id__gt=key)[: size + 1])
        last = events[size - 1].pgh_obj_id if len(events) > size else None
        return Rows(changes.tombstones(self.model, events[:size]), len(events), last)


class Mirrored:
    """Part of a resource of records.

    `told_of` are paths to the other records that a row in the list tells of, besides the parts that stand inside it: names
    of people, totals. What a row tells of the day alone is no change of the record.
    """

    model: ClassVar[Any]
    serializer_class: Any
    pagination_class: Any = EitherPages
    told_of: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def shown(cls) -> tuple[str, ...]:
        """Paths to all the records that a row in the list tells of."""
        return (*_parts(cls.serializer_class), *cls.told_of)

    def known_parameters(self: Any) -> set[str]:
        known = super().known_parameters()  # type: ignore[misc]  # of the list that this is mixed into
        if self.action == "deletions":
            return {"since", "cursor", "page_size"}
        return known | {"paging", "cursor"} if self.action == "list" else known

    @extend_schema(
        summary="What is gone",
        parameters=[
            OpenApiParameter("since", OpenApiTypes.DATETIME, required=True, description="`settled_at` of the last run.")
        ],
        responses=DeletionSerializer(many=True),
    )
    @action(detail=False, filter_backends=[], pagination_class=CursorPages)
    def deletions(self: Any, request, *args, **kwargs):
        """The records that the caller saw since then and sees no more: deleted, or withdrawn from her sight."""
        gone = Gone(self.model, request.user, _since(request.query_params.get("since", "")))
        page = self.paginate_queryset(gone)
        return self.get_paginated_response(DeletionSerializer(page, many=True).data)


def _since(text: str) -> datetime:
    try:
        return MomentField(error_messages={"required": _("Say since when.")}).clean(text)
    except forms.ValidationError as error:
        raise ValidationError({"since": error.messages}) from error


def _parts(serializer) -> list[str]:
    """Paths to the records that the representation shows inside it; what stands between them and the record counts too."""
    found = []
    for name, field in serializer._declared_fields.items():
        shown = getattr(getattr(getattr(field, "child", None), "Meta", None), "model", None)
        if not isinstance(field, serializers.ListSerializer) or shown is None:
            continue
        way: Any = serializer.Meta.model._meta.get_field(field.source or name)
        if way.many_to_many:
            between = way.remote_field.through._meta.get_field(way.m2m_field_name())
            found.append(f"{between.remote_field.name}__{way.m2m_reverse_field_name()}")
        else:
            found.append(way.name)
    return found

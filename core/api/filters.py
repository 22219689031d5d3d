"""What narrows and orders a list: the resource's filters (which hold `q` and `updated_since`), and `ordering`."""

import django_filters
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import ValidationError
from rest_framework.filters import BaseFilterBackend

from core.filters import RecordFilter


class Filters(DjangoFilterBackend):
    """All filters together: a record must satisfy every one."""

    filterset_base = RecordFilter

    def get_filterset(self, request, queryset, view):
        found = super().get_filterset(request, queryset, view)
        if isinstance(found, RecordFilter):
            found.shown = getattr(view, "shown", tuple)()
        return found


class Ordering(BaseFilterBackend):
    """`?ordering=-signed_on,reference`, with the number as the last word, so that pages never overlap."""

    def filter_queryset(self, request, queryset, view):
        text = request.query_params.get("ordering", "")
        names = [name for name in text.split(",") if name]
        unknown = [name for name in names if name.removeprefix("-") not in view.ordering_fields]
        if unknown:
            allowed = {"unknown": ", ".join(unknown), "allowed": ", ".join(view.ordering_fields)}
            raise ValidationError({"ordering": _("Not possible by %(unknown)s; possible by: %(allowed)s.") % allowed})
        order = [_last_without(name) for name in names] or queryset.query.order_by or queryset.model._meta.ordering
        return queryset.order_by(*order, "pk")

    def get_schema_operation_parameters(self, view):
        # A text, because generated clients would repeat the parameter for each name of a list.
        pattern = f"^(-?({'|'.join(view.ordering_fields)})(,|$))+$"
        text = "The fields to order by, separated by commas, `-` for the reverse."
        schema = {"type": "string", "pattern": pattern}
        return [{"name": "ordering", "in": "query", "required": False, "description": text, "schema": schema}]


def _last_without(name: str):
    """What has no value comes last in both directions: the latest signed first, then what is not signed."""
    return models.F(name[1:]).desc(nulls_last=True) if name.startswith("-") else name


class AttachedFilter(RecordFilter):
    """Base for what is attached to records: `content_type=partnerships.city&object_id=12`."""

    content_type = django_filters.CharFilter(
        method="of_kind", label=gettext_lazy("Kind of record, e.g. partnerships.city")
    )
    object_id = django_filters.NumberFilter(
        min_value=1, max_value=2**63 - 1, label=gettext_lazy("Number of the record")
    )

    def of_kind(self, queryset, name, value):
        app, _dot, model = value.partition(".")
        return queryset.filter(content_type__in=ContentType.objects.filter(app_label=app, model=model))

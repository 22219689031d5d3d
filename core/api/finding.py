"""`/search/`: what the caller may read, of every kind, that holds the words of `?q=`."""

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from core.api.resources import READ_ONLY, ListedView
from core.finding import COUNTED, SHOWN, Group, Row, find, kinds
from core.search import MOST_CHARACTERS, refuse_many


class AskedSerializer(serializers.Serializer):
    q = serializers.CharField(
        max_length=MOST_CHARACTERS, validators=[refuse_many], help_text="Words, a name, or a reference."
    )


class FoundSerializer(serializers.Serializer):
    object_id = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]  # the base class has an attribute of this name
    link = serializers.CharField(help_text="The page of the record.")
    spelt_alike = serializers.BooleanField(help_text="It holds no such words: its name is spelt nearly so.")


class FoundKindSerializer(serializers.Serializer):
    content_type = serializers.CharField(help_text="e.g. partnerships.agreement")
    label = serializers.CharField()  # type: ignore[assignment]  # the base class has an attribute of this name
    count = serializers.IntegerField(help_text=f"Records that hold the words: at most {COUNTED} are counted.")
    is_more = serializers.BooleanField(help_text=f"Whether there are more than {COUNTED}.")
    spelt_alike = serializers.IntegerField(help_text="Records whose names are spelt nearly so.")
    records = FoundSerializer(many=True, help_text=f"The likeliest first, at most {SHOWN}.")


class Search(ListedView):
    """What the caller may read that holds every word of `?q=`, by kind; ask the kind's own list for the rest, by `?q=` too.

    Accents do not matter, a word may be unfinished, and where little is found a name may be misspelt. French and English
    words that stand in almost every text are left out.
    """

    app = "core"
    serializer_class = FoundKindSerializer
    http_method_names = READ_ONLY
    filter_backends = ()
    parameters = {"list": ("q",)}

    @classmethod
    def opened_by(cls) -> tuple[str, ...]:
        return tuple(dict.fromkeys(kind.model._meta.app_label for kind in kinds()))

    @extend_schema(parameters=[AskedSerializer])
    def list(self, request, *args, **kwargs):
        asked = AskedSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = find(request.user, asked.validated_data["q"])
        if found.asked.is_too_short:
            raise ValidationError({"q": [_("Type two letters at least.")]})
        page = self.paginate_queryset([_group(request, group) for group in found.groups])
        return self.get_paginated_response(self.get_serializer(page, many=True).data)


def _group(request, group: Group) -> dict[str, Any]:
    return {
        "content_type": group.kind.model._meta.label_lower,
        "label": group.kind.label,
        "count": group.count,
        "is_more": group.is_more,
        "spelt_alike": group.nearly,
        "records": [_record(request, row) for row in group.rows],
    }


def _record(request, row: Row) -> dict[str, Any]:
    record: Any = row.record
    return {
        "object_id": record.pk,
        "label": row.label,
        "link": request.build_absolute_uri(record.get_absolute_url()),
        "spelt_alike": row.alike,
    }

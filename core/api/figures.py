"""The figures that are published, each with its definition and the records behind it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from core import clock
from core.api.resources import READ_ONLY, ListedView
from core.as_of import NotTold, reading
from core.as_of.pages import asked_day
from core.figures import Figure, Measured, Query, Share, figures_for, on_the_day, published, unit_of, value_of

UNITS = [
    ("count", "a number of records"),
    ("percent", "a share, rounded to whole per cent"),
    ("EUR", "an amount in euros"),
    ("ratio", "so many for one"),
]

AS_OF = OpenApiParameter("as_of", date, description="Count what was recorded by the end of this day.")


@extend_schema_field(
    {
        "oneOf": [
            {"type": "integer"},
            {"type": "string", "format": "decimal", "pattern": r"^-?\d+\.\d{2}$", "examples": ["1234.50"]},
            {"type": "null"},
        ],
        "description": "A number for `count` and `percent`, a decimal string for `EUR` and `ratio`. "
        "Null where there is nothing to count, or where it is not known.",
    }
)
class ValueField(serializers.Field):
    def to_representation(self, value):
        return f"{value:.2f}" if isinstance(value, Decimal) else value


class FigureRowSerializer(serializers.Serializer):
    """One part of a figure that is broken down."""

    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the base class has an attribute of this name
    unit = serializers.ChoiceField(choices=UNITS)
    value = ValueField()
    part = serializers.IntegerField(allow_null=True, help_text="Of a share: how many.")
    whole = serializers.IntegerField(allow_null=True, help_text="Of a share: out of how many.")


class FigureSerializer(serializers.Serializer):
    """A figure with its one definition, the day it holds for, and the records behind it."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # the base class has an attribute of this name
    definition = serializers.CharField()
    unit = serializers.ChoiceField(choices=UNITS)
    value = ValueField()
    part = serializers.IntegerField(allow_null=True, help_text="Of a share: how many.")
    whole = serializers.IntegerField(allow_null=True, help_text="Of a share: out of how many.")
    on = serializers.DateField()
    link = serializers.URLField(help_text="The records counted; of a share, the whole.")
    part_link = serializers.URLField(allow_null=True, help_text="Of a share: the records of the part.")
    less_link = serializers.URLField(allow_null=True, help_text="Of a difference: the records that are taken away.")
    breakdown = FigureRowSerializer(many=True, allow_null=True, help_text="The figure by what `by` names, else null.")


def _measured(measured: Measured) -> dict[str, Any]:
    share = measured if isinstance(measured, Share) else None
    return {
        "unit": unit_of(measured),
        "value": value_of(measured),
        "part": share.part if share else None,
        "whole": share.whole if share else None,
    }


def _known_breakdowns() -> list[str]:
    return sorted({name for figure in published() for name in figure.breakdowns})


class Figures(ListedView):
    """The figures of what the caller may view, each with its definition and the records behind it.

    `?by=` breaks one down, by theme or by year for instance, where it can be. `?as_of=` counts what was recorded by the end
    of a past day; the links lead to the records as they stand today.
    """

    app = "core"
    serializer_class = FigureSerializer
    http_method_names = READ_ONLY
    filter_backends = ()
    lookup_field = "name"
    lookup_value_regex = "[a-z0-9-]+"
    parameters = {"list": ("as_of",), "retrieve": ("by", "as_of")}

    @classmethod
    def opened_by(cls) -> tuple[str, ...]:
        return tuple(dict.fromkeys(figure.app for figure in published()))

    @extend_schema(parameters=[AS_OF])
    def list(self, request, *args, **kwargs):
        page = self.paginate_queryset(figures_for(request.user))
        with self._as_asked():
            shown = [self.represent(figure) for figure in page or ()]
        return self.get_paginated_response(self.get_serializer(shown, many=True).data)

    @extend_schema(
        parameters=[
            AS_OF,
            OpenApiParameter(
                "name", str, "path", description="As the list names it.", enum=[figure.name for figure in published()]
            ),
            OpenApiParameter("by", str, description="What to break the figure down by.", enum=_known_breakdowns()),
        ]
    )
    def retrieve(self, request, *args, **kwargs):
        found = next((figure for figure in figures_for(request.user) if figure.name == kwargs["name"]), None)
        if found is None:
            raise Http404
        with self._as_asked():
            shown = self.represent(found, self._asked(found))
        return Response(self.get_serializer(shown).data)

    @contextmanager
    def _as_asked(self) -> Iterator[None]:
        """Within is read what was recorded by the day that the address asks for, or today; refuses a day that cannot be told."""
        text = self.request.query_params.get(AS_OF.name, "").strip()
        if not text:
            yield
            return
        try:
            with reading(asked_day(text)):
                yield
        except NotTold as refused:
            raise ValidationError({AS_OF.name: [str(refused)]}) from refused

    def _asked(self, figure: Figure) -> str:
        """The breakdown that the address asks for, if any; refuses one that the figure does not have."""
        by = self.request.query_params.get("by", "")
        if not by or by in figure.breakdowns:
            return by
        if not figure.breakdowns:
            raise ValidationError({"by": [_("This figure is not broken down.")]})
        values = {"unknown": by, "allowed": ", ".join(figure.breakdowns)}
        raise ValidationError({"by": [_("There is no %(unknown)s here; there are: %(allowed)s.") % values]})

    def represent(self, figure: Figure, by: str = "") -> dict[str, Any]:
        reader = self.request.user
        rows, less = figure.breakdowns[by](reader) if by else None, figure.less
        return {
            "name": figure.name,
            "label": figure.label,
            "definition": figure.definition,
            **_measured(figure.measure(reader)),
            "on": clock.today(),
            "link": self._list(figure.resource, figure.query),
            "part_link": self._list(figure.resource, figure.part_query) if figure.part_query else None,
            "less_link": self._list(less[0], on_the_day(less[1])) if less else None,
            "breakdown": rows and [{"key": row.key, "label": row.label, **_measured(row.measured)} for row in rows],
        }

    def _list(self, resource: str, query: Query) -> str:
        match: Any = self.request.resolver_match
        address = reverse(f"{match.namespace}:{resource}-list")
        return self.request.build_absolute_uri(f"{address}?{urlencode(query, doseq=True)}")

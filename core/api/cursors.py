"""`?paging=cursor`: a list by number, from one cursor to the next, for systems that copy it whole.

A page costs the same wherever it lies, and what is written meanwhile shifts none: what was there all the time is told once.
`settled_at` is asked before the first page is read, and every page of the run bears it: whoever next asks for what changed
since then misses nothing (`core.settled`).
"""

from typing import Any, Protocol

from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from core.api.pagination import NumberedPages
from core.api.serializers import Moment
from core.settled import settled

# What may change from page to page without another list being meant.
_PLACE = {"cursor", "page_size", "fields", "expand"}
SETTLED = (
    "With cursors: ask next time for what changed since this moment (`updated_since`, and `since` of deletions). "
    "It is that of the first page on every page of a run."
)


class Numbered(Protocol):
    """Rows that have a number each, as `core.api.reading.Reading` has them."""

    def after(self, key: int, size: int) -> list[Any]:
        """At most `size` rows with a number above `key`, by number; each has it as `pk`."""


class CursorPages(NumberedPages):
    """Cursors alone. They are opaque and signed: one that was altered, or comes from another list, is 400."""

    request: Any

    def paginate_queryset(self, queryset: Any, request, view=None):
        self.check_numbers(request, self.page_size_query_param)
        self.request = request
        key, self.settled_at = self._begin()
        size = self.get_page_size(request)
        rows = queryset.after(key, size + 1)
        self.last = rows[size - 1].pk if len(rows) > size else None
        return rows[:size]

    def _begin(self) -> tuple[int, str]:
        """After which number to read, and the moment of the run; a new run where no cursor is given."""
        cursor = self.request.query_params.get("cursor")
        if cursor is None:
            return 0, Moment().to_representation(settled())
        try:
            key, settled_at = self._signer().unsign_object(cursor)
        except (BadSignature, ValueError) as error:
            raise ValidationError({"cursor": _("This is no cursor of this list: take it from “next”.")}) from error
        return key, settled_at

    def _signer(self) -> Signer:
        """Signs for one list alone: its address with what narrows it."""
        asked = sorted((name, values) for name, values in self.request.query_params.lists() if name not in _PLACE)
        return Signer(sep=".", salt=f"{__name__} {self.request.path} {asked}")

    def get_next_link(self):
        if self.last is None:
            return None
        cursor = self._signer().sign_object([self.last, self.settled_at])
        return replace_query_param(self.request.build_absolute_uri(), "cursor", cursor)

    def get_paginated_response(self, data):
        return Response(
            {
                "count": None,
                "is_more": None,
                "next": self.get_next_link(),
                "previous": None,
                "settled_at": self.settled_at,
                "results": data,
            }
        )

    def get_paginated_response_schema(self, schema):
        described = super().get_paginated_response_schema(schema)
        for name in ("count", "is_more"):
            told = described["properties"][name]
            described["properties"][name] = told | {
                "type": [told["type"], "null"],
                "description": f"{told['description']} Null with cursors, which count nothing.",
            }
        described["properties"]["settled_at"] = {
            "type": "string",
            "format": "date-time",
            "example": "2015-06-01T08:00:00.000000Z",
            "description": SETTLED,
        }
        return described

    def get_schema_operation_parameters(self, view):
        numbered = super().get_schema_operation_parameters(view)
        text = "Where to read on, as `next` has it; without, from the beginning."
        cursor = {"name": "cursor", "in": "query", "required": False, "description": text, "schema": {"type": "string"}}
        return [parameter for parameter in numbered if parameter["name"] == self.page_size_query_param] + [cursor]


class EitherPages(BasePagination):
    """Numbered pages, or cursors where `?paging=cursor` asks for them."""

    def paginate_queryset(self, queryset, request, view=None):
        given = request.query_params
        if given.get("paging") == "cursor":
            self.pages: NumberedPages = CursorPages()
            self._refuse(given, page=_("Cursors have no numbered pages: leave it out."))
            self._refuse(given, ordering=_("Cursors go by number: leave it out."))
        else:
            self.pages = NumberedPages()
            self._refuse(given, paging=_("The one other way of paging is “cursor”."))
            self._refuse(given, cursor=_("A cursor is read with “paging=cursor” only."))
        return self.pages.paginate_queryset(queryset, request, view)

    @staticmethod
    def _refuse(given, **sentence: str) -> None:
        if given.keys() & sentence.keys():
            raise ValidationError(sentence)

    def get_paginated_response(self, data):
        return self.pages.get_paginated_response(data)

    def get_paginated_response_schema(self, schema):
        return CursorPages().get_paginated_response_schema(schema)

    def get_schema_operation_parameters(self, view):
        numbered = NumberedPages().get_schema_operation_parameters(view)
        text = "`cursor`: by number, from one cursor to the next, without a count, for who copies the list whole."
        schema = {"type": "string", "enum": ["cursor"]}
        paging = {"name": "paging", "in": "query", "required": False, "description": text, "schema": schema}
        return [*numbered, paging, CursorPages().get_schema_operation_parameters(view)[-1]]

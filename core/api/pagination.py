from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response
from rest_framework.utils.urls import remove_query_param, replace_query_param

from core.api.reading import COUNTED, Reading, Rows, Tally


@dataclass(frozen=True)
class Numbered:
    """Where one reads: the page of this number and size, of the list that stands at the address."""

    address: str
    number: int
    size: int
    tally: Tally = field(compare=False)

    @property
    def given(self) -> Sequence[Any]:
        """What its statement takes."""
        return self.tally.known

    def told(self, rows: Rows) -> dict[str, Any]:
        """What is answered. Where there is no next page, what stands before it and on it is all."""
        self.tally.note(rows)
        begins = (self.number - 1) * self.size
        if not rows.count and self.number > 1:
            raise NotFound(NumberedPages.invalid_page_message)
        counted = begins + rows.count if rows.counted is None else rows.counted
        is_more = rows.counted is not None and counted > COUNTED
        return {
            "count": COUNTED if is_more else counted,
            "is_more": is_more,
            "next": self._link(self.number + 1) if rows.count > self.size else None,
            "previous": self._link(self.number - 1) if self.number > 1 else None,
            "results": rows.told,
        }

    def _link(self, number: int) -> str:
        return (
            remove_query_param(self.address, "page")
            if number == 1
            else replace_query_param(self.address, "page", number)
        )


class NumberedPages(PageNumberPagination):
    """`?page=` and `?page_size=` (50, at most 200), with the count of all, up to ten thousand. A page past the end is 404, nonsense is 400."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    last_page_strings = ()
    invalid_page_message: Any = _("There is no such page.")
    # Where one reads, of records.
    place: Any = None
    rows: Rows

    def paginate_queryset(self, queryset, request, view=None):
        self.check_numbers(request, self.page_query_param, self.page_size_query_param)
        if len(request.query_params.get(self.page_query_param, "")) > 15:
            raise NotFound(self.invalid_page_message)
        if not isinstance(queryset, Reading):
            return super().paginate_queryset(queryset, request, view)
        number = int(request.query_params.get(self.page_query_param, 1))
        size = self.get_page_size(request)
        self.rows = queryset.page((number - 1) * size, size)
        self.place = Numbered(request.build_absolute_uri(), number, size, queryset.tally)
        return self.rows.told

    def get_paginated_response(self, data):
        if self.place:
            return Response(self.place.told(self.rows))
        page: Any = self.page
        links = {"next": self.get_next_link(), "previous": self.get_previous_link()}
        return Response({"count": page.paginator.count, "is_more": False, **links, "results": data})

    def get_paginated_response_schema(self, schema):
        described = super().get_paginated_response_schema(schema)
        address = {"type": ["string", "null"], "format": "uri", "example": None}
        described["properties"] |= {
            "count": {
                "type": "integer",
                "example": 123,
                "description": f"All that there are; at most {COUNTED} are counted.",
            },
            "is_more": {"type": "boolean", "example": False, "description": f"Whether there are more than {COUNTED}."},
            # The base writes `nullable`, which OpenAPI 3.1 does not know.
            "next": address | {"description": "The address of the next page."},
            "previous": address | {"description": "The address of the page before."},
        }
        described["required"] = ["count", "is_more", "next", "previous", "results"]
        return described

    def get_page_size(self, request):
        text = request.query_params.get(self.page_size_query_param)
        if text is None:
            return self.page_size
        return self.max_page_size if len(text) > 9 else min(int(text), self.max_page_size)

    def check_numbers(self, request, *names: str) -> None:
        for name in names:
            text = request.query_params.get(name)
            if text is not None and not self._is_number(text):
                raise ValidationError({name: _("This is not a number from 1 on.")})

    @staticmethod
    def _is_number(text: str) -> bool:
        return text.isascii() and text.isdigit() and text.strip("0") != ""

    def get_schema_operation_parameters(self, view):
        texts = {
            "page": "The page, from 1 on.",
            "page_size": f"Records on a page: {self.page_size}, at most {self.max_page_size}.",
        }
        return [
            {
                "name": name,
                "in": "query",
                "required": False,
                "description": text,
                "schema": {"type": "integer", "minimum": 1},
            }
            for name, text in texts.items()
        ]

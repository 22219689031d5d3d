from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import PageNumberPagination
from rest_framework.response import Response

from core.api.reading import COUNTED, Reading


class Page:
    """A page of records, with what `PageNumberPagination` asks of one. One row more is read than shown: it tells that there is
    a next page, and where there is none, the count is known."""

    def __init__(self, reading: Reading, number: int, size: int):
        start = (number - 1) * size
        rows = reading.page(start, size + 1)
        if not rows and number > 1:
            raise NotFound(NumberedPages.invalid_page_message)
        self.number, self.rows, self.paginator = number, rows[:size], self
        self._next = len(rows) > size
        counted = reading.count() if self._next else start + len(rows)
        self.is_more = self._next and counted > COUNTED
        self.count = COUNTED if self.is_more else counted

    def has_next(self) -> bool:
        return self._next

    def has_previous(self) -> bool:
        return self.number > 1

    def next_page_number(self) -> int:
        return self.number + 1

    def previous_page_number(self) -> int:
        return self.number - 1


class NumberedPages(PageNumberPagination):
    """`?page=` and `?page_size=` (50, at most 200), with the count of all, up to ten thousand. A page past the end is 404, nonsense is 400."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    last_page_strings = ()
    invalid_page_message: Any = _("There is no such page.")

    def paginate_queryset(self, queryset, request, view=None):
        self.check_numbers(request, self.page_query_param, self.page_size_query_param)
        if len(request.query_params.get(self.page_query_param, "")) > 15:
            raise NotFound(self.invalid_page_message)
        self.is_more = False
        if not isinstance(queryset, Reading):
            return super().paginate_queryset(queryset, request, view)
        self.request = request
        page = Page(queryset, int(request.query_params.get(self.page_query_param, 1)), self.get_page_size(request))
        self.page: Any = page
        self.is_more = page.is_more
        return page.rows

    def get_paginated_response(self, data):
        links = {"next": self.get_next_link(), "previous": self.get_previous_link()}
        return Response({"count": self.page.paginator.count, "is_more": self.is_more, **links, "results": data})

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

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import PageNumberPagination


class NumberedPages(PageNumberPagination):
    """`?page=` and `?page_size=` (50, at most 200), with the count of all. A page past the end is 404, nonsense is 400."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    last_page_strings = ()
    invalid_page_message: Any = _("There is no such page.")

    def paginate_queryset(self, queryset, request, view=None):
        for name in (self.page_query_param, self.page_size_query_param):
            text = request.query_params.get(name)
            if text is not None and not self._is_number(text):
                raise ValidationError({name: _("This is not a number from 1 on.")})
        if len(request.query_params.get(self.page_query_param, "")) > 18:
            raise NotFound(self.invalid_page_message)
        return super().paginate_queryset(queryset, request, view)

    def get_page_size(self, request):
        text = request.query_params.get(self.page_size_query_param)
        if text is None:
            return self.page_size
        return self.max_page_size if len(text) > 9 else min(int(text), self.max_page_size)

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

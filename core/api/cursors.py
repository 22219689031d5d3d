"""`?paging=cursor`: a list by number, from one cursor to the next, for systems that copy it whole.

A page costs the same wherever it lies, and what is written meanwhile shifts none: what was there all the time is told once.
`settled_at` is asked before the first page is read, and every page of the run bears it: whoever next asks for what changed
since then misses nothing (`core.settled`).
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from core.api.pagination import NumberedPages
from core.api.reading import Rows
from core.api.serializers import Moment
from core.settled import settled

# Nobody can write it into an address, not knowing it.
PLACE = secrets.token_hex()
# What may change from page to page without another list being meant.
_PLACE = {"cursor", "page_size", "fields", "expand"}
SETTLED = (
    "With cursors: ask next time for what changed since this moment (`updated_since`, and `since` of deletions). "
    "It is that of the first page on every page of a run."
)


class Listed(Protocol):
    """What has numbers, as `core.api.reading.Reading` has them."""

    def after(self, key: int, size: int) -> Rows:
        """At most `size` rows with a number above `key`, by number."""


@dataclass(frozen=True)
class Cursor:
    """Where one reads: `size` rows above the number `key`, in the run that began at `settled_at`, of the list that stands at the
    address, which holds PLACE where it takes a cursor; `salt` names that list alone, its address with what narrows it."""

    address: str
    salt: str
    size: int
    key: int = 0
    settled_at: str = ""

    @property
    def given(self) -> Sequence[Any]:
        """What its statement takes."""
        return [self.key]

    def at(self, cursor: str) -> "Cursor":
        """Where this cursor of the list leads; refuses one that was altered, or is another list's."""
        try:
            key, settled_at = self._signer().unsign_object(cursor)
        except (BadSignature, ValueError) as error:
            raise ValidationError({"cursor": _("This is no cursor of this list: take it from “next”.")}) from error
        return replace(self, key=key, settled_at=settled_at)

    def told(self, rows: Rows) -> dict[str, Any]:
        """What is answered."""
        return {
            "count": None,
            "is_more": None,
            "next": self._link(rows.last) if rows.last is not None else None,
            "previous": None,
            "settled_at": self.settled_at,
            "results": rows.told,
        }

    def _link(self, last: int) -> str:
        return self.address.replace(PLACE, self.signed(last))

    def signed(self, key: int) -> str:
        """The cursor that leads on after this number."""
        return self._signer().sign_object([key, self.settled_at])

    def _signer(self) -> Signer:
        return Signer(sep=".", salt=self.salt)


class CursorPages(NumberedPages):
    """Cursors alone. They are opaque and signed: one that was altered, or comes from another list, is 400."""

    def paginate_queryset(self, queryset: Any, request, view=None):
        self.check_numbers(request, self.page_size_query_param)
        place = Cursor(
            replace_query_param(request.build_absolute_uri(), "cursor", PLACE),
            salt(request.path, dict(request.query_params.lists())),
            self.get_page_size(request),
        )
        cursor = request.query_params.get("cursor")
        # A new run where no cursor is given.
        begun = replace(place, settled_at=Moment().to_representation(settled())) if cursor is None else place.at(cursor)
        self.place, self.rows = begun, queryset.after(begun.key, begun.size)
        return self.rows.told

    def get_paginated_response(self, data):
        return Response(self.place.told(replace(self.rows, told=data)))

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


def salt(path: str, asked: Mapping[str, list[str]]) -> str:
    """What names the list at the path that these parameters narrow."""
    return f"{__name__} {path} {sorted((name, values) for name, values in asked.items() if name not in _PLACE)}"


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

    @property
    def place(self) -> Any:
        """Where one reads."""
        return self.pages.place

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

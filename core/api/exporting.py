"""`/export/` of every resource: its list, as it is narrowed and ordered, as one file."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError

from core.enums import ExportFormat, Separator
from core.exports import answers
from core.exports.listing import Listing

AS, SEPARATOR = "as", "separator"
OWN = (AS, SEPARATOR)
PARAMETERS = (
    OpenApiParameter(AS, str, enum=ExportFormat.values, required=True, description="The format of the file."),
    OpenApiParameter(
        SEPARATOR,
        str,
        enum=Separator.values,
        description="Of CSV: `comma` (RFC 4180, by default), or `semicolon` with decimal commas, as Excel reads it in French.",
    ),
    OpenApiParameter("fields", str, description="Keep only these fields (and `id`), separated by commas."),
    OpenApiParameter(
        "expand", str, description="Read these records too: their fields are columns `expanded.<name>.<field>`."
    ),
)
MEDIA_TYPES = (
    "text/csv",
    "application/x-ndjson",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.oasis.opendocument.spreadsheet",
)
# What nearly everybody accepts, as the header says it: nothing needs to be weighed.
USUAL = (None, "*/*", "application/json")


class Exported:
    """What a resource's view gains: the action `export`."""

    # What stands above a column that people read, where it is no column of the model: the field's name with its words.
    headings: ClassVar[dict[str, Any]] = {}
    # What people read in a column where the pages say more than its field does: by its name, from the row; empty where they do not.
    in_words: ClassVar[dict[str, Callable[[dict[str, Any]], str]]] = {}
    action: Any
    request: Any
    basename: str
    get_renderers: Any

    def perform_content_negotiation(self, request, force=False):
        """The file is of the type that `as` names, whatever the caller accepts; only refusals are written here."""
        if request.META.get("HTTP_ACCEPT") in USUAL:
            renderer = self.get_renderers()[0]
            return renderer, renderer.media_type
        return super().perform_content_negotiation(request, force or self.action == "export")  # type: ignore[misc]

    @extend_schema(parameters=list(PARAMETERS), responses={(200, *MEDIA_TYPES): OpenApiTypes.BINARY}, filters=True)
    @action(detail=False, pagination_class=None)
    def export(self, request, *args, **kwargs):
        """The rows of the list, all of them, as a file. Spreadsheets of more than 50 000 rows are refused (409): see `exports`."""
        # Memory stays flat however many there are. In spreadsheets nested fields are columns (`expanded.city.slug`) and lists
        # are JSON texts; a text that a program would compute begins with an apostrophe in CSV. What breaks off is no whole file.
        query = request.query_params.copy()
        for name in OWN:
            query.pop(name, None)
        listing = Listing(self.basename, request.user, query, origin=request._request)
        file_format = chosen(request.query_params, AS, ExportFormat.values)
        answers.check_length(listing, file_format)
        separator = chosen(request.query_params, SEPARATOR, Separator.values, Separator.COMMA)
        return answers.as_export(request, listing, file_format, separator)


def chosen(query: Any, name: str, allowed: list[str], usual: str = "") -> str:
    """The value of a parameter; refuses one that is not among those allowed, and none where there is no usual one."""
    given = query.get(name, usual)
    if given not in allowed:
        values = {"unknown": given, "allowed": ", ".join(allowed)}
        raise ValidationError({name: [_("There is no %(unknown)s here; there are: %(allowed)s.") % values]})
    return given

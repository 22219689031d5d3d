"""Lists as answers: sent while they are read, or as the file that a job has written."""

from collections.abc import Iterator
from contextlib import ExitStack
from tempfile import TemporaryFile
from typing import IO, Any

import structlog
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpResponse, StreamingHttpResponse
from django.utils.translation import gettext as _

from core import clock
from core.access import may
from core.enums import ExportStatus
from core.exceptions import Refused
from core.exports.formats import FORMATS, write
from core.exports.listing import Listing, resources
from core.models import Export

log = structlog.get_logger(__name__)


# A sheet with more rows is prepared in the background: it is sent only when its last row is written. Without a limit are CSV
# and JSON lines, which are sent as they are read.
DIRECT_ROWS = 50_000


def check_length(listing: Listing, file_format: str) -> None:
    """Refuses a sheet that would keep its reader waiting."""
    if FORMATS[file_format].is_sheet and listing.is_longer_than(DIRECT_ROWS):
        raise Refused(
            [
                _(
                    "This list has more than %(rows)s rows, which takes a while as a spreadsheet: have it prepared in the "
                    "background (POST /api/v1/exports/), or take CSV or JSON lines."
                )
                % {"rows": DIRECT_ROWS}
            ]
        )


def as_export(request: Any, listing: Listing, file_format: str, separator: str) -> HttpResponse | StreamingHttpResponse:
    """The list as a file to save. What fails before the first block is an answer of its own; what fails later breaks the
    connection off, which every client notices: the answer ends without the last chunk of HTTP/1.1 (RFC 9112, 8)."""
    if request.method == "HEAD":
        return _headed(HttpResponse(), listing, file_format)
    found = write(listing, file_format, separator)
    if request.META.get("SERVER_PROTOCOL") == "HTTP/1.0":
        # There the end of an answer is the end of the connection, whatever ended it: only a length tells a part from the whole.
        return _headed(FileResponse(_spooled(found)), listing, file_format)
    return _headed(StreamingHttpResponse(_Begun(found)), listing, file_format)


class _Begun:
    """An iterator whose first block is there already. Its `close` closes the reading, also before anything was sent."""

    def __init__(self, found: Iterator[bytes]):
        self._found = found
        self._first: bytes | None = next(found)

    def __iter__(self):
        return self

    def __next__(self) -> bytes:
        first, self._first = self._first, None
        return next(self._found) if first is None else first

    def close(self) -> None:
        self._found.close()  # type: ignore[attr-defined]  # every format is a generator


def _spooled(found: Iterator[bytes]) -> IO[bytes]:
    with ExitStack() as stack:
        file = stack.enter_context(TemporaryFile(prefix="parvis-"))
        for block in found:
            file.write(block)
        file.seek(0)
        stack.pop_all()  # whoever sends it closes it
        return file


def as_file(export: Export, reader: Any) -> FileResponse:
    """The file of an export that the reader asked for; refuses one that is not ready, or of what she may no longer view."""
    if export.status != ExportStatus.DONE:
        raise Refused([_("This export is not ready.")])
    if not may(reader, "view", resources()[export.resource].model):
        raise PermissionDenied(_("You may no longer read what this export holds."))
    try:
        file = export.file.open("rb")
    except FileNotFoundError as error:
        log.exception("export_missing_from_storage", export=export.pk)
        raise Http404 from error
    return headed(FileResponse(file), export.resource, export.file_format)


def filename(resource: str, file_format: str) -> str:
    return f"{resource}-{clock.today().isoformat()}.{file_format}"


def _headed(response: Any, listing: Listing, file_format: str) -> Any:
    return headed(response, listing.resource, file_format)


def headed(response: Any, resource: str, file_format: str) -> Any:
    """What every file of an export says of itself: saved, never shown by the browser, nor kept on the way."""
    response["Content-Type"] = FORMATS[file_format].media_type
    response["Content-Disposition"] = f'attachment; filename="{filename(resource, file_format)}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response

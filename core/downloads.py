"""Documents as files to save: the pages and the API serve them alike."""

import structlog
from django.http import FileResponse, Http404

from core.models import Document

logger = structlog.get_logger(__name__)


def as_download(document: Document) -> FileResponse:
    """The content, never run or shown by the browser nor kept on the way; 404 where the storage has lost it.

    Whether the reader may see the document is asked before.
    """
    try:
        file = document.file.open("rb")
    except FileNotFoundError as error:
        logger.exception("document_missing_from_storage", document=str(document.uuid))
        raise Http404 from error
    response = FileResponse(file, as_attachment=True, filename=document.filename, content_type=document.media_type)
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response

import json
from collections import Counter
from collections.abc import Callable, Iterable
from tempfile import SpooledTemporaryFile
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import APIException, ParseError, ValidationError
from rest_framework.parsers import BaseParser, get_encoding  # type: ignore[attr-defined]  # re-exported there, not in the stubs
from rest_framework.utils import json as strict

TOO_DEEP = gettext_lazy("The body is not JSON that can be read: a number is too long or the nesting too deep.")

BLOCK = 64 * 1024  # bytes


class Packed(APIException):
    status_code = 415
    # What would be read (RFC 9110, 15.5.16).
    headers = {"Accept-Encoding": "identity"}
    default_detail = gettext_lazy("The body is packed (Content-Encoding): send it as it is.")


class _TooLong:
    """A body of which no part is taken for the whole."""

    def read(self, _size: int = -1) -> bytes:
        raise RequestDataTooBig

    readline = read


def measured(application: Callable[..., Iterable[bytes]], limit: int) -> Callable[..., Iterable[bytes]]:
    """The application, for which a body that comes in chunks without its length (RFC 9112, 7.1) has one: Django takes such a
    body for none, and .NET's client sends JSON so. A body that is longer than a document, its form, and `limit` (bytes) is refused
    by whoever reads it."""
    longest = max(settings.DOCUMENT_MAX_BYTES + settings.DATA_UPLOAD_MAX_MEMORY_SIZE, limit)

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not (environ.get("HTTP_TRANSFER_ENCODING") and environ.get("wsgi.input_terminated")):
            return application(environ, start_response)
        with SpooledTemporaryFile(settings.FILE_UPLOAD_MAX_MEMORY_SIZE, prefix="parvis-") as body:
            while left := longest + 1 - body.tell():
                if not (block := environ["wsgi.input"].read(min(left, BLOCK))):
                    break
                body.write(block)
            environ |= {
                "CONTENT_LENGTH": str(body.tell()),
                "wsgi.input": body if body.tell() <= longest else _TooLong(),
            }
            body.seek(0)
            return application(environ, start_response)

    return answer


def refuse_packed(request) -> None:
    """Bodies are read as they are: a small packed one may be huge once it is unpacked."""
    if request.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        raise Packed


class Json(BaseParser):
    """JSON as RFC 8259 has it, of a bounded size and depth; a body that cannot be read is refused with its place.

    Not REST framework's own JSONParser, for which it reads the whole body first, as far as forms may go.

    A name that stands twice in an object is refused as well (RFC 7493, 2.3): which of the two counts, every reader
    decides for itself, and so one that checks could see another value than one that writes. The bound is the view's own
    `body_limit` (bytes), or that of every form.
    """

    media_type = "application/json"

    def parse(self, stream, media_type=None, parser_context=None):
        context = parser_context or {}
        limit = getattr(context.get("view"), "body_limit", settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise RequestDataTooBig
        try:
            return understood(body.decode(get_encoding(context)))
        except UnicodeDecodeError as error:
            raise ParseError(
                _("The body is not valid text: byte %(place)s cannot be read.") % {"place": error.start}
            ) from error
        except json.JSONDecodeError as error:
            place = {"line": error.lineno, "column": error.colno}
            raise ParseError(_("The body is not valid JSON: line %(line)s, column %(column)s.") % place) from error
        except (ValueError, RecursionError) as error:
            raise ParseError(TOO_DEEP) from error


def understood(text: str):
    """What the text says; `ValueError` or `RecursionError` where it is no JSON, `ValidationError` where a name stands twice."""
    return json.loads(text, parse_constant=strict.strict_constant, object_pairs_hook=_each_once)


def _each_once(pairs: list[tuple]) -> dict:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = sorted(name for name, times in Counter(name for name, _value in pairs).items() if times > 1)
        raise ValidationError({name: [_("This name stands twice in one object.")] for name in twice})
    return found

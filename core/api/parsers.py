import json

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser, get_encoding  # type: ignore[attr-defined]  # re-exported there, not in the stubs
from rest_framework.utils import json as strict


class Json(JSONParser):
    """JSON as RFC 8259 has it, of a bounded size and depth; a body that cannot be read is refused with its place."""

    def parse(self, stream, media_type=None, parser_context=None):
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(limit + 1)
        if len(body) > limit:
            raise RequestDataTooBig
        try:
            text = body.decode(get_encoding(parser_context or {}))
            return json.loads(text, parse_constant=strict.strict_constant)
        except UnicodeDecodeError as error:
            raise ParseError(
                _("The body is not valid text: byte %(place)s cannot be read.") % {"place": error.start}
            ) from error
        except json.JSONDecodeError as error:
            place = {"line": error.lineno, "column": error.colno}
            raise ParseError(_("The body is not valid JSON: line %(line)s, column %(column)s.") % place) from error
        except (ValueError, RecursionError) as error:
            raise ParseError(
                _("The body is not JSON that can be read: a number is too long or the nesting too deep.")
            ) from error

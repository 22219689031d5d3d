"""Every refusal of the API as problem details (RFC 9457), in the caller's language, naming the field."""

from collections.abc import Iterator
from functools import singledispatch

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import PermissionDenied as DjangoPermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.db import DataError, IntegrityError
from django.db.models import ProtectedError
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions, serializers, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

from core.database import refusal
from core.deletion import OUT_OF_REACH, seen_among
from core.exceptions import LostEdit, Refused

MEDIA_TYPE = "application/problem+json"
NAMED_AT_MOST = 20
# What PostgreSQL refuses to take (its class 22): a text too long, a number out of range, what is no date, a date out
# of range, a character that it does not know.
BEYOND = {"22001", "22003", "22007", "22008", "22021", "22P05"}

# What each kind of problem is called: its slug (the `type` is `urn:parvis:problem:<slug>`) and its title.
KINDS = {
    400: ("invalid", gettext_lazy("The request is not valid.")),
    401: ("not-signed-in", gettext_lazy("Sign in, or send an access token.")),
    403: ("not-allowed", gettext_lazy("You may not do this.")),
    404: ("not-found", gettext_lazy("There is nothing here that you may see.")),
    405: ("method", gettext_lazy("This address does not take this method.")),
    406: ("not-acceptable", gettext_lazy("The answer cannot be given in the type that was asked for.")),
    409: ("refused", gettext_lazy("The rules refuse this.")),
    412: ("changed-since", gettext_lazy("The record was changed since you read it.")),
    413: ("too-large", gettext_lazy("The body is too large.")),
    415: ("media-type", gettext_lazy("The body is of a type that is not read here.")),
    422: ("key-reused", gettext_lazy("The Idempotency-Key belongs to another request.")),
    428: ("precondition", gettext_lazy("Say which version you change, with If-Match.")),
    429: ("quota-exceeded", gettext_lazy("These are too many requests: wait a moment.")),
    500: ("fault", gettext_lazy("Something went wrong here")),
}


class PreconditionRequired(exceptions.APIException):
    status_code = status.HTTP_428_PRECONDITION_REQUIRED
    default_detail = gettext_lazy(
        "Send the ETag of the record that you read as If-Match, so that nobody's change is lost."
    )


class ProblemErrorSerializer(serializers.Serializer):
    field = serializers.CharField(help_text="The field or parameter; empty where the whole record is meant.")
    message = serializers.CharField()


class ProblemSerializer(serializers.Serializer):
    """Problem details (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    instance = serializers.CharField()
    errors = ProblemErrorSerializer(many=True)  # type: ignore[assignment]  # the base class has a method of this name


Description = tuple[int, str, list[dict]]


@singledispatch
def describe(error, reader=None) -> Description | None:
    """Status, detail and errors of a refusal; None for what is no refusal but a fault."""
    return None


@describe.register
def _refused(error: Refused, reader=None):
    return 409, str(error), [{"field": reason.field, "message": str(reason)} for reason in error.reasons]


@describe.register
def _lost(error: LostEdit, reader=None):
    return (
        412,
        str(error),
        [{"field": reason.field, "message": str(reason)} for reason in error.reasons if reason.field],
    )


@describe.register
def _django_validation(error: DjangoValidationError, reader=None):
    messages = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    return _invalid(list(_flatten(messages)))


@describe.register
def _validation(error: exceptions.ValidationError, reader=None):
    return _invalid(list(_flatten(error.detail)))


@describe.register
def _api(error: exceptions.APIException, reader=None):
    return error.status_code, str(error.detail), []


@describe.register
def _missing(error: Http404, reader=None):
    return 404, str(KINDS[404][1]), []


@describe.register
def _forbidden(error: DjangoPermissionDenied, reader=None):
    return 403, str(error) or str(KINDS[403][1]), []


@describe.register
def _too_large(error: RequestDataTooBig, reader=None):
    return 413, str(KINDS[413][1]), []


@describe.register(SuspiciousOperation)
@describe.register(BadRequest)
def _bad(error, reader=None):
    return 400, str(KINDS[400][1]), []


@describe.register
def _held(error: ProtectedError, reader=None):
    """Names the records that hold it and that the caller may see; the others leave no trace, neither kind nor number."""
    by_model: dict = {}
    for record in seen_among(error.protected_objects, reader):
        by_model.setdefault(type(record), []).append(record)
    messages = []
    for model, records in by_model.items():
        name = model._meta.verbose_name
        records.sort(key=lambda record: record.pk)
        messages += [_("%(kind)s: %(record)s") % {"kind": name, "record": record} for record in records[:NAMED_AT_MOST]]
        more = len(records) - NAMED_AT_MOST
        if more > 0:
            messages.append(
                _("and %(count)s more: %(kind)s") % {"count": more, "kind": model._meta.verbose_name_plural}
            )
    detail = _("Other records depend on it: take these away first.") if messages else str(OUT_OF_REACH)
    return 409, detail, [{"field": "", "message": message} for message in messages]


@describe.register
def _integrity(error: IntegrityError, reader=None):
    sentence = refusal(error)
    if isinstance(sentence, DjangoValidationError):
        return describe(sentence, reader)
    return 409, _("Another change at the same moment stands in the way: read the records again."), []


@describe.register
def _beyond(error: DataError, reader=None):
    # A value that the database refuses is the caller's; one that it holds and cannot be read is a fault of ours.
    refused = getattr(error.__cause__, "sqlstate", None) in BEYOND
    return (400, _("A value is beyond what can be kept."), []) if refused else None


def _invalid(errors: list[dict]) -> Description:
    return 400, "; ".join(error["message"] for error in errors), errors


def _flatten(detail, path: str = "") -> Iterator[dict]:
    """Every message with the path of its field: `parties.0.city`."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            own = "" if name in ("__all__", "non_field_errors", "detail") else str(name)
            yield from _flatten(inner, ".".join(part for part in (path, own) if part))
    elif isinstance(detail, (list, tuple)):
        nested = any(isinstance(inner, (dict, list)) for inner in detail)
        for position, inner in enumerate(detail):
            yield from _flatten(inner, f"{path}.{position}".lstrip(".") if nested else path)
    else:
        yield {"field": path, "message": str(detail)}


def _writable(value):
    """What the caller sent may hold halves of characters, which no answer can carry."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, list):
        return [_writable(item) for item in value]
    if isinstance(value, dict):
        return {_writable(key): _writable(item) for key, item in value.items()}
    return value


def problem(code: int, detail: str, errors: list[dict], address: str, kind: tuple | None = None) -> dict:
    """The body of an answer with this HTTP status, in the active language; `kind` where it is not the one of KINDS."""
    slug, title = kind or KINDS.get(code, KINDS[400])
    body = {
        "type": f"urn:parvis:problem:{slug}",
        "title": str(title),
        "status": code,
        "detail": detail,
        "instance": address,
        "errors": errors,
    }
    return _writable(body)


def problem_details(error, context) -> Response | None:
    """REST framework's exception handler; a fault of ours is not described but raised, so that it is seen and mended."""
    request = context["request"]
    # Not `request.user`: where the authentication itself failed, that would try it again.
    described = describe(error, getattr(request, "_user", None))
    if described is None:
        return None
    code, detail, errors = described
    body = problem(code, detail, errors, request.path, getattr(error, "kind", None))
    headers = dict(getattr(error, "headers", {}))
    if getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = error.auth_header
    set_rollback()
    return Response(body, status=code, headers=headers, content_type=MEDIA_TYPE)

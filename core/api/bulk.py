"""Many records at once, all or none: `POST /api/v1/<resource>/bulk/` adds, `PATCH /api/v1/<resource>/bulk/` changes.

The body is a JSON array of 1 to 1 000 rows, each as it would be sent alone; a row that changes a record says which, by
`id`, and which state of it, by `version`. Every row is tried, so that all that is wrong is said at once, each error with
the place of its row (`3.title_fr`, counted from 0); where one is refused, nothing is written. The answer holds the
records as the list shows them, in the order of the rows.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, PermissionDenied, ValidationError
from rest_framework.response import Response

from core import references
from core.access import may
from core.api.permissions import UNREADABLE
from core.api.problems import Description, describe
from core.api.reading import Reading
from core.exceptions import LostEdit, Reason

ROWS_AT_MOST = 1000
# A thousand grants with their descriptions and opinions, at ten kilobytes each.
BODY_BYTES = 10 * 1024 * 1024
ACTIONS = ("bulk_create", "bulk_update")
NO_SUCH_RECORD = gettext_lazy("There is no such record: {pk_value}.")


class RowsRefused(APIException):
    """Some rows are refused, and so all. The status is the one that they share, or 400 where they differ."""

    def __init__(self, errors: list[dict], codes: set[int], rows: int, total: int):
        sentence = ngettext(
            "%(rows)s row of %(total)s is refused, and nothing is written.",
            "%(rows)s rows of %(total)s are refused, and nothing is written.",
            rows,
        )
        super().__init__(sentence % {"rows": rows, "total": total})
        self.errors = errors
        self.status_code = codes.copy().pop() if len(codes) == 1 else status.HTTP_400_BAD_REQUEST


@describe.register
def _rows(error: RowsRefused, reader=None) -> Description:
    return error.status_code, str(error.detail), error.errors


class Trial:
    """Tries each row by itself and keeps why it is refused."""

    def __init__(self, reader, total: int):
        self.reader, self.total = reader, total
        self.errors: dict[int, list[dict]] = {}
        self.codes: set[int] = set()

    @contextmanager
    def row(self, place: int) -> Iterator[None]:
        """What is done within belongs to this row; a refusal takes it back, and the next row is tried."""
        try:
            with transaction.atomic():
                yield
        except Exception as error:
            described = describe(error, self.reader)
            if described is None:
                raise
            self.refuse(place, described)

    def refuse(self, place: int, described: Description) -> None:
        code, detail, errors = described
        self.codes.add(code)
        self.errors[place] = [
            {"field": f"{place}.{error['field']}".rstrip("."), "message": error["message"]}
            for error in errors or [{"field": "", "message": detail}]
        ]

    def end(self) -> None:
        """Refuses all where one was refused."""
        if self.errors:
            listed = [error for place in sorted(self.errors) for error in self.errors[place]]
            raise RowsRefused(listed, self.codes, len(self.errors), self.total)


def add_bulk(view) -> None:
    """Gives the view the two actions, as far as its records are added and changed at all."""
    if "post" not in view.http_method_names:
        return
    one = view.detail_class or view.serializer_class
    answer = view.serializer_class(many=True)
    shared: dict[str, Any] = {"url_path": "bulk", "url_name": "bulk", "filter_backends": [], "pagination_class": None}
    creation = action(detail=False, methods=["post"], **shared)(_creation())
    view.bulk_create = extend_schema(request=one(many=True), responses={201: answer})(creation)
    if "patch" in view.http_method_names:
        change = creation.mapping.patch(_change())
        view.bulk_update = extend_schema(request=one(many=True, partial=True), responses={200: answer})(change)


def _creation():
    @transaction.atomic
    def bulk_create(self, request, *args, **kwargs):
        """Adds up to 1 000 records, all or none; every error is named with its row."""
        if not may(request.user, "view", self.model):
            raise PermissionDenied(UNREADABLE)
        rows = _rows_of(request.data)
        trial, keys = Trial(request.user, len(rows)), []
        serializer = self.get_serializer()
        with references.many():
            for place, row in enumerate(rows):
                with trial.row(place):
                    keys.append(serializer.create(serializer.run_validation(row)).pk)
        return _answer(self, trial, keys, status.HTTP_201_CREATED)

    return bulk_create


def _change():
    @transaction.atomic
    def bulk_update(self, request, *args, **kwargs):
        """Changes up to 1 000 records, all or none; every error is named with its row."""
        rows = _rows_of(request.data)
        trial = Trial(request.user, len(rows))
        keys: dict[int, int] = {}
        serializer = self.get_serializer(partial=True)
        held = _held(self, rows)
        for place, row in enumerate(rows):
            with trial.row(place):
                key = _key(row, held, keys)
                keys[key] = place
                serializer.instance = _record(self, key)
                _check_version(row, held[key])
                values = {name: value for name, value in row.items() if name not in ("id", "version")}
                serializer.update(serializer.instance, serializer.run_validation(values))
        return _answer(self, trial, list(keys), status.HTTP_200_OK)

    return bulk_update


def _rows_of(data) -> list:
    if not isinstance(data, list) or not 1 <= len(data) <= ROWS_AT_MOST:
        raise ValidationError(_("Send an array of 1 to %(most)s rows.") % {"most": ROWS_AT_MOST})
    return data


def _held(view, rows: list) -> dict[int, int]:
    """The version of each record that is named and seen, held until the end; in the order of numbers, so that two
    requests on the same records wait for each other and never both."""
    named = [row["id"] for row in rows if isinstance(row, dict) and _is_number(row.get("id"))]
    visible = view.model._default_manager.visible_to(view.request.user)
    records = visible.select_for_update(of=("self",)).filter(pk__in=named).order_by("pk").only("pk", "version")
    return {record.pk: record.version for record in records}


def _is_number(value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63


def _key(row, held: dict[int, int], done: dict[int, int]) -> int:
    """The number of the row's record; refuses what names none, and one that an earlier row changes."""
    if not isinstance(row, dict):
        raise ValidationError(_("A row is an object with “id”, “version” and what changes."))
    errors = {}
    for name in ("id", "version"):
        if name not in row:
            errors[name] = [_("This field is required.")]
        elif not _is_number(row[name]):
            errors[name] = [_("This is not a number from 1 on.")]
    if errors:
        raise ValidationError(errors)
    key = row["id"]
    if key in done:
        raise ValidationError({"id": [_("Row %(row)s changes this record already.") % {"row": done[key]}]})
    if key not in held:
        raise ValidationError({"id": [NO_SUCH_RECORD.format(pk_value=key)]})
    return key


def _record(view, key: int):
    """As the rows before it have left it."""
    record = view.model._default_manager.visible_to(view.request.user).filter(pk=key).first()
    if record is None:
        raise ValidationError({"id": [NO_SUCH_RECORD.format(pk_value=key)]})
    view.check_object_permissions(view.request, record)
    return record


def _check_version(row: dict, version: int) -> None:
    if row["version"] != version:
        sentence = _("This record was changed since you opened it. Read it again, then make your change.")
        raise LostEdit([Reason(sentence, "version")])


def _answer(view, trial: Trial, keys: list[int], code: int) -> Response:
    """All records of the request in one reading, in the order of its rows; what the caller may not read is refused."""
    trial.end()
    view.check_written()
    view.action = "list"  # as which they are read
    told = {row.pk: row.told for row in Reading(view).several(keys)}
    for place, key in enumerate(keys):
        if key not in told:
            trial.refuse(place, (403, str(UNREADABLE), []))
    trial.end()
    return Response([told[key] for key in keys], status=code)

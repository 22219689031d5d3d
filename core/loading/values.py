"""From the text in a file to the value of a field."""

from collections.abc import Callable
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _

from core import dates
from core.dates import PrecisionField
from core.enums import Precision
from core.loading.rows import Unreadable
from core.shares import SharesField

Refer = Callable[[type[Any], str], Any]


def defaults(field: models.Field) -> dict[str, Any]:
    """The columns of the field where nothing is given: its own, and that of its precision."""
    precision = _precision(field)
    return {field.attname: field.get_default()} | ({precision.attname: precision.get_default()} if precision else {})


def read(field: models.Field, given: Any, refer: Refer) -> dict[str, Any]:
    """The columns that the text sets; a foreign key is looked up by `refer`. Unreadable where the text is not one for
    this field."""
    if given is None:
        return defaults(field)
    if isinstance(field, ArrayField):
        return {field.attname: _list(field, given)}
    if isinstance(field, SharesField):
        return {field.attname: _shares(field, given)}
    if not isinstance(given, str):
        raise Unreadable(_("Write one value here, not a list or a mapping."))
    if field.remote_field is not None:
        return {field.attname: refer(field.remote_field.model, given)}
    if isinstance(field, models.DateField):
        return _date(field, given)
    if isinstance(field, models.BooleanField):
        return {field.attname: _boolean(given)}
    try:
        return {field.attname: field.to_python(given)}
    except ValidationError as error:
        raise Unreadable(" ".join(error.messages)) from error


def _precision(field: models.Field) -> models.Field | None:
    columns = {column.name: column for column in field.model._meta.concrete_fields}
    found = columns.get(f"{field.name}_precision")
    return found if isinstance(found, PrecisionField) else None


def _date(field: models.Field, given: str) -> dict[str, Any]:
    try:
        value, precision = dates.parse(given)
    except ValueError as error:
        raise Unreadable(str(error)) from error
    companion = _precision(field)
    if companion is not None:
        return {field.attname: value, companion.attname: precision}
    if precision != Precision.DAY:
        raise Unreadable(_("“%(text)s” is not a day, and this date must be known to the day.") % {"text": given})
    return {field.attname: value}


def _list(field: ArrayField, given: Any) -> list:
    """The values of a list, each read as the list's own kind of field."""
    if not isinstance(given, list) or not all(isinstance(item.value, str) for item in given):
        raise Unreadable(_("Write a list of values here."))
    try:
        return [field.base_field.to_python(item.value) for item in given]
    except ValidationError as error:
        raise Unreadable(" ".join(error.messages)) from error


def _shares(field: SharesField, given: Any) -> dict[str, str]:
    if not isinstance(given, dict) or not all(isinstance(item.value, str) for item in given.values()):
        raise Unreadable(_("Write codes with their percentages here."))
    try:
        return field.to_python({code: item.value for code, item in given.items()})
    except ValidationError as error:
        raise Unreadable(" ".join(error.messages)) from error


def _boolean(given: str) -> bool:
    if given not in ("true", "false"):
        raise Unreadable(_("Write true or false, not “%(text)s”.") % {"text": given})
    return given == "true"

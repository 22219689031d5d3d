"""Columns of lists."""

from collections.abc import Callable

from django.contrib import admin
from django.db import models
from unfold.decorators import display as labelled

from core.dates import display


def text(attribute: str, label, ordering: str | None = None) -> Callable:
    """An attribute of the record that is no column of its own, such as a name in the reader's language."""

    @admin.display(description=label, ordering=ordering)
    def show(record: models.Model):
        value: object = record
        for name in attribute.split("__"):
            value = getattr(value, name, None)
        return value

    return show


def day(field: str, label) -> Callable:
    """A date as exactly as it is known."""

    @admin.display(description=label, ordering=field)
    def show(record: models.Model):
        return display(getattr(record, field), getattr(record, f"{field}_precision", "day") or "") or None

    return show


def state(field: str, label, colours: dict[str, str]) -> Callable:
    """A choice, in colour: `colours` gives `success`, `info`, `warning` or `danger` for its values."""

    @labelled(description=label, ordering=field, label=colours)
    def show(record: models.Model):
        return getattr(record, field), getattr(record, f"get_{field}_display")()

    return show

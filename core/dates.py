"""Dates known to the day, the month, the season, the year, or not at all.

A date with precision is two columns: `<name>`, the first day of the period (so that it sorts), and
`<name>_precision`. Seasons are the meteorological ones, named in the data: spring starts on 1 March.
"""

from collections.abc import Container
from datetime import date, timedelta
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from core import clock
from core.constraints import FieldCheck, check
from core.enums import Precision
from core.translated import active_language

SEASONS = {
    3: pgettext_lazy("season", "spring"),
    6: pgettext_lazy("season", "summer"),
    9: pgettext_lazy("season", "autumn"),
    12: pgettext_lazy("season", "winter"),
}


class PrecisionField(models.CharField):
    """The companion of a date: how exactly it is known."""

    def __init__(self, **kwargs):
        usual: dict[str, Any] = {
            "max_length": 8,
            "choices": Precision,
            "blank": True,
            "default": "",
            "verbose_name": _("date known to"),
        }
        super().__init__(**usual | kwargs)


@cache
def with_precision(model: type[models.Model]) -> tuple[str, ...]:
    """The names of the model's dates that have a precision."""
    columns = [column.name for column in model._meta.concrete_fields if isinstance(column, PrecisionField)]
    return tuple(name.removesuffix("_precision") for name in columns)


def complete(model: type[models.Model], values: dict[str, Any], fields: Container[str]) -> None:
    """Adds what goes without saying to values that may hold the `fields`: a date written without its precision is known to
    the day."""
    for name in with_precision(model):
        precision = f"{name}_precision"
        if values.get(name) and precision in fields and not values.get(precision):
            values[precision] = Precision.DAY.value


class StartsItsPeriod(FieldCheck):
    """Held by every date that there is. PostgreSQL cannot take the day of an untyped NULL, so that Django's own check
    of an empty date would be an error in the log; the database itself has no such trouble."""

    def validate(self, model, instance, exclude=None, using=DEFAULT_DB_ALIAS):
        if getattr(instance, self.field) is not None:
            super().validate(model, instance, exclude, using)


def constraints(prefix: str, name: str) -> list[models.CheckConstraint]:
    """The rules of a date with precision, named `<prefix>_<name>_...`, for a model's Meta; refused beside the date."""
    known = Q(**{f"{name}__isnull": False})
    precision = f"{name}_precision"
    starts = StartsItsPeriod(
        name=f"{prefix}_{name}_starts_its_period",
        condition=~Q(**{f"{precision}__in": ["month", "season", "year"]})
        | (
            Q(**{f"{name}__day": 1})
            & (~Q(**{precision: "season"}) | Q(**{f"{name}__month__in": list(SEASONS)}))
            & (~Q(**{precision: "year"}) | Q(**{f"{name}__month": 1}))
        ),
        violation_error_message=_(
            "A date known to the month, season or year is written as the first day of that period."
        ),
    )
    starts.field = name
    return [
        check(
            f"{prefix}_{name}_has_precision",
            (known & Q(**{f"{precision}__in": ["day", "month", "season", "year"]}))
            | (~known & Q(**{f"{precision}__in": ["", "unknown"]})),
            _("A date needs its precision, and a precision other than “not known” needs a date."),
            name,
        ),
        starts,
    ]


def first_day(value: date, precision: str) -> date:
    """The first day of the month, season or year that the day lies in; the day itself for a whole day."""
    if precision == Precision.YEAR:
        return date(value.year, 1, 1)
    if precision == Precision.SEASON:
        month = value.month // 3 * 3 or 12
        return date(value.year - (value.month < 3), month, 1)
    if precision == Precision.MONTH:
        return value.replace(day=1)
    return value


def last_day(value: date, precision: str) -> date:
    """The last day of the period that starts on `value`."""
    months = {Precision.MONTH: 1, Precision.SEASON: 3, Precision.YEAR: 12}.get(Precision(precision))
    if months is None:
        return value
    years, month = divmod(value.month - 1 + months, 12)
    return date(value.year + years, month + 1, 1) - timedelta(days=1)


def has_passed(written: str | None, precision: str) -> bool:
    """Whether a date that the API has written lies before today with its last day; one that is not known has not passed."""
    return bool(written and last_day(date.fromisoformat(written), precision) < clock.today())


def display(value: date | None, precision: str) -> str:
    """The date as a person writes it, in the active language: `1 June 2015`, `June 2015`, `spring 2015`, `2015`.

    Empty where there is no date; "date not known" where it happened but nobody says when.
    """
    if value is None:
        return gettext("date not known") if precision == Precision.UNKNOWN else ""
    if precision == Precision.MONTH:
        return date_format(value, "F Y")
    if precision == Precision.SEASON:
        year = f"{value.year}-{value.year + 1}" if value.month == 12 else str(value.year)
        return f"{SEASONS[value.month]} {year}"
    if precision == Precision.YEAR:
        return str(value.year)
    # French says "first" for the first day of a month only.
    return date_format(value, r"j\e\r F Y" if value.day == 1 and active_language() == "fr" else "j F Y")


def parse(text: str | None) -> tuple[date | None, str]:
    """Reads `2015-06-01`, `2015-06`, `2015-spring`, `2015`, `unknown` or nothing; ValueError names what it could not read."""
    if not text:
        return None, ""
    text = str(text)
    if text == "unknown":
        return None, Precision.UNKNOWN.value
    starts = {"spring": 3, "summer": 6, "autumn": 9, "winter": 12}
    parts = text.split("-")
    try:
        if len(parts) == 3:
            return date.fromisoformat(text), Precision.DAY.value
        if len(parts) == 2 and parts[1] in starts:
            return date(int(parts[0]), starts[parts[1]], 1), Precision.SEASON.value
        if len(parts) == 2:
            return date(int(parts[0]), int(parts[1]), 1), Precision.MONTH.value
        return date(int(text), 1, 1), Precision.YEAR.value
    except ValueError as error:
        raise ValueError(
            gettext("“%(text)s” is not a date: write 2015-06-01, 2015-06, 2015-spring, 2015 or unknown.")
            % {"text": text}
        ) from error


def refuse_future(record: models.Model, *names: str) -> None:
    """For `clean()`: dates of things that have happened are not after today; a vague date counts from its first day."""
    today = clock.today()
    late = {
        name: gettext("This has not happened yet: the date is in the future.")
        for name in names
        if getattr(record, name) and getattr(record, name) > today
    }
    if late:
        raise ValidationError(late)


def refuse_backwards(record: models.Model, first: str, last: str) -> None:
    """For `clean()` of periods that the database keeps from overlapping: it makes no range of days in the wrong order."""
    begins, ends = getattr(record, first), getattr(record, last)
    if begins and ends and ends < begins:
        raise ValidationError({last: gettext("The end cannot be before the beginning.")})

"""Builders for the constraints that models repeat; each takes the full name and the sentence a person reads."""

from collections.abc import Sequence
from datetime import date

from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class FieldCheck(models.CheckConstraint):
    """A rule that is mended in one field: its sentence stands there, in forms and in the API's problems."""

    field = ""

    def validate(self, model, instance, exclude=None, using=DEFAULT_DB_ALIAS):
        try:
            super().validate(model, instance, exclude, using)
        except ValidationError as error:
            raise ValidationError({self.field: error}) from error

    def deconstruct(self):
        _path, args, kwargs = super().deconstruct()
        return "django.db.models.CheckConstraint", args, kwargs

    def clone(self):
        # Django clones every constraint of a model by what it deconstructs to, which does not know the field.
        rule = super().clone()
        rule.field = self.field
        return rule


def check(name: str, condition: Q, message, field: str = "") -> models.CheckConstraint:
    """`condition` must hold, or the person reads `message`: beside `field`, or the only field that the rule is about."""
    about = condition.referenced_base_fields
    field = field or (next(iter(about)) if len(about) == 1 else "")
    rule = (FieldCheck if field else models.CheckConstraint)(
        name=name, condition=condition, violation_error_message=message
    )
    if isinstance(rule, FieldCheck):
        rule.field = field
    return rule


def ordered(prefix: str, first: str, second: str, message=None) -> models.CheckConstraint:
    """`first` is not later than `second`, where both are known."""
    return check(
        f"{prefix}_{first}_by_{second}",
        Q(**{f"{first}__isnull": True}) | Q(**{f"{second}__isnull": True}) | Q(**{f"{first}__lte": F(second)}),
        message or _("The end cannot be before the beginning."),
        second,
    )


def positive(prefix: str, field: str) -> models.CheckConstraint:
    """An amount in EUR that is known is not negative."""
    return check(
        f"{prefix}_{field}_not_negative",
        Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__gte": 0}),
        _("An amount cannot be negative."),
    )


def one_of(name: str, fields: Sequence[str], message) -> models.CheckConstraint:
    """Exactly one of the foreign keys is set."""
    condition = Q()
    for chosen in fields:
        condition |= Q(**{f"{field}__isnull": field != chosen for field in fields})
    return check(name, condition, message)


def one_of_choices(
    prefix: str, field: str, choices: type[models.TextChoices], blank: bool = False
) -> models.CheckConstraint:
    """The column holds one of the declared choices, also for raw SQL and bulk writes."""
    values = [*choices.values, ""] if blank else choices.values
    return check(f"{prefix}_{field}_known", Q(**{f"{field}__in": values}), _("This is not one of the choices."))


def plausible_year(prefix: str) -> models.CheckConstraint:
    """`year`, where it is known, lies between 1990 and 2100."""
    return check(
        f"{prefix}_year_plausible",
        Q(year__isnull=True) | Q(year__range=(1990, 2100)),
        _("A year lies between 1990 and 2100."),
    )


def plausible_dates(prefix: str, *fields: str) -> models.CheckConstraint:
    """Each date that is known lies between 1900 and 2200: a slip of the keyboard is not a day."""
    condition = Q()
    for field in fields:
        condition &= Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__range": (date(1900, 1, 1), date(2200, 12, 31))})
    return check(f"{prefix}_dates_plausible", condition, _("A date lies between the years 1900 and 2200."))

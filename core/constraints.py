"""Builders for the constraints that models repeat; each takes the full name and the sentence a person reads."""

from collections.abc import Collection, Sequence
from datetime import date
from functools import cache
from itertools import combinations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, DatabaseError, DataError, connection, models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.database import prepared


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


class FieldUnique(models.UniqueConstraint):
    """A combination that exists once, and is mended in one of its fields: the sentence stands there."""

    field = ""

    def validate(self, model, instance, exclude=None, using=DEFAULT_DB_ALIAS):
        try:
            super().validate(model, instance, exclude, using)
        except ValidationError as error:
            raise ValidationError({self.field: error}) from error

    def deconstruct(self):
        _path, args, kwargs = super().deconstruct()
        return "django.db.models.UniqueConstraint", args, kwargs

    def clone(self):
        rule = super().clone()
        rule.field = self.field
        return rule


def once(name: str, fields: Sequence[str], message, field: str, **options) -> models.UniqueConstraint:
    """No two records agree in all of `fields`, or the person reads `message` beside `field`; `options` as UniqueConstraint's."""
    rule = FieldUnique(fields=fields, name=name, violation_error_message=message, **options)
    rule.field = field
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


def at_most_one(fields: Sequence[str]) -> Q:
    """The condition that no two of the foreign keys are set."""
    condition = Q()
    for one, other in combinations(fields, 2):
        condition &= Q(**{f"{one}__isnull": True}) | Q(**{f"{other}__isnull": True})
    return condition


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


def one_at_a_time(
    name: str, same: Sequence[str], message, first: str = "since", last: str = "until", condition: Q | None = None
) -> ExclusionConstraint:
    """No two records that agree in all of `same` hold on one day: from `first` to `last`, which counts; or without end."""
    days = models.Func(F(first), F(last), models.Value("[]"), function="daterange", output_field=DateRangeField())
    return ExclusionConstraint(
        name=name,
        expressions=[*((field, RangeOperators.EQUAL) for field in same), (days, RangeOperators.OVERLAPS)],
        condition=condition,
        violation_error_message=message,
    )


def is_overlap(rule: models.BaseConstraint) -> bool:
    """Whether the rule compares the times of two records."""
    return isinstance(rule, ExclusionConstraint)


# --- asking all of them at once ---


@cache
def _written(model: type[models.Model]) -> dict[str, tuple[str, frozenset[str]]]:
    """Of each check of the model its SQL, as the database holds it, and the fields that it speaks of."""
    key = model._meta.pk.name
    with connection.schema_editor(collect_sql=True, atomic=False) as editor:
        return {
            rule.name: (
                str(rule._get_check_sql(model, editor)),  # type: ignore[attr-defined]  # missing in the stubs
                frozenset(key if name == "pk" else name for name in rule.condition.referenced_base_fields),  # type: ignore[union-attr]  # every condition of ours is a Q
            )
            for rule in model._meta.constraints
            if isinstance(rule, models.CheckConstraint)
        }


def held(record: models.Model, exclude: Collection[str]) -> set[str]:
    """The names of the checks that hold for the record's values, asked in one query; Django alone asks three for each.

    What is not among them is broken, speaks of an excluded field, or must be asked in Django's own way: by the value of a
    generated column, or by one that only the database knows.
    """
    fields: dict[str, models.Field] = {
        field.name: field
        for field in record._meta.concrete_fields
        if field.name not in exclude and not isinstance(field, models.GeneratedField)
    }
    asked = {name: sql for name, (sql, about) in _written(type(record)).items() if about <= fields.keys()}
    used = sorted({name for rule in asked for name in _written(type(record))[rule][1]})
    values = [getattr(record, fields[name].attname) for name in used]
    if not asked or any(hasattr(value, "resolve_expression") for value in values):
        return set()
    columns = ", ".join(f'%s::{fields[name].rel_db_type(connection)} AS "{fields[name].column}"' for name in used)
    answers = ", ".join(f"({sql}) IS NOT FALSE" for sql in asked.values()).replace("%", "%%")
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            given = [fields[name].get_db_prep_save(value, connection) for name, value in zip(used, values, strict=True)]
            cursor.execute(f"SELECT {answers} FROM (SELECT {columns}) AS given", given)
            row = cursor.fetchone()
    except (DatabaseError, ValueError, TypeError, ArithmeticError):
        return set()  # Django asks one by one, and says which value cannot be one of its column
    return {name for name, holds in zip(asked, row, strict=True) if holds}


@cache
def foreign_keys(model: type[models.Model]) -> dict[str, str]:
    """Of each foreign key of the model, by its name, the question whether the database holds the record that it names."""
    quoted = connection.ops.quote_name
    return {
        field.name: (
            f"EXISTS (SELECT 1 FROM {quoted(field.related_model._meta.db_table)} "
            f"WHERE {quoted(str(field.target_field.column))} = %s)"
        )
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey)
    }


def points_to_records(record: models.Model, but: Collection[str] = ()) -> bool:
    """Whether each foreign key of the record, `but` those named, is as its column asks: asked in one prepared question.

    The database itself looks only at the end of the transaction. False also where only Django can say: of an expression,
    of a choice of records that a field limits.
    """
    asked, values = [], []
    for name, question in foreign_keys(type(record)).items():
        if name in but:
            continue
        field: models.ForeignKey = record._meta.get_field(name)  # type: ignore[assignment]
        value = getattr(record, field.attname)
        if value is None and field.null and field.blank:
            continue
        if value in field.empty_values or field.get_limit_choices_to():
            return False
        try:
            values.append(field.target_field.to_python(value))
        except ValidationError:
            return False
        asked.append(question)
    if not asked:
        return True
    try:
        with prepared() as cursor:
            cursor.execute(f"SELECT {' AND '.join(asked)}", values)
            return cursor.fetchone()[0]
    except (DataError, UnicodeEncodeError):  # a text that cannot even be sent
        return False

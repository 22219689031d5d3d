"""Filters that pages and API share: what a list may be narrowed by, said once, with the sentence for a wrong value.

Beside the label of a filter, `written` of its class tells other systems how its value is written.
"""

from collections.abc import Iterable
from datetime import UTC
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django_filters.filterset import FILTER_FOR_DBFIELD_DEFAULTS
from drf_spectacular.drainage import set_override

from core.changes import changed_since
from core.search import MOST_CHARACTERS, MOST_WORDS, refuse_many

NATURAL_KEYS = ("slug", "code", "reference", "number")
TRUE_FALSE = (("true", _("yes")), ("false", _("no")))


def named(records: models.QuerySet, name: str) -> Any:
    """The one of the records that is named by its number or by its short name, code or reference; None where there is none."""
    wanted = Q()
    for key in natural_keys(records.model):
        wanted |= Q(**{key: name})
    if name.isascii() and name.isdigit() and len(name) < 19:
        wanted |= Q(pk=int(name))
    return records.filter(wanted).first() if wanted else None


def among(queryset: models.QuerySet, found: models.QuerySet, value: str) -> models.QuerySet:
    """Those of the queryset that a selector finds, for `true`; the others for `false`."""
    condition = Q(pk__in=found.order_by().values("pk"))
    return queryset.filter(condition if value == "true" else ~condition)


class ReferenceField(forms.ModelChoiceField):
    """A record named by its number or by its short name, code or reference."""

    queryset: Any
    default_error_messages = {"invalid_choice": _("There is no record “%(value)s”.")}

    def to_python(self, value):
        if value in self.empty_values or isinstance(value, self.queryset.model):
            return super().to_python(value or None)
        forms.CharField().run_validators(value)
        found = named(self.queryset, value)
        if found is None:
            raise forms.ValidationError(
                self.error_messages["invalid_choice"], code="invalid_choice", params={"value": value}
            )
        return found

    def validate(self, value):
        return forms.Field.validate(self, value)


class ReferenceFilter(django_filters.ModelChoiceFilter):
    """Narrows to one record among those that the reader may see."""

    field_class = ReferenceField

    def __init__(self, *args, model: Any, **kwargs):
        self.model_named = model
        kwargs.setdefault("queryset", self._visible)
        kwargs.setdefault("to_field_name", next(iter(natural_keys(model)), None))
        super().__init__(*args, **kwargs)
        set_override(self, "field", {"type": "string"})
        self.written = f"by its {' or '.join(['id', *natural_keys(model)])}"

    def _visible(self, request):
        manager = self.model_named._default_manager
        return manager.visible_to(request.user) if request else manager.none()


class YesNoFilter(django_filters.ChoiceFilter):
    """`true` or `false`; anything else is refused, where django-filter's own would silently not filter."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, choices=TRUE_FALSE, **kwargs)
        set_override(self, "field", {"type": "boolean"})

    def filter(self, queryset, value):
        if self.method or value not in ("true", "false"):
            return super().filter(queryset, value)
        return self.get_method(queryset)(**{f"{self.field_name}__{self.lookup_expr}": value == "true"})


# Between several choices in one value: an option of a select has one only.
COMMA = ","


def apart(values: Iterable[str]) -> list[str]:
    """Each choice by itself, of values that may hold several."""
    return [choice.strip() for value in values for choice in value.split(COMMA) if choice.strip()]


class AnyOfField(django_filters.fields.MultipleChoiceField):
    def to_python(self, value):
        return super().to_python(apart(value) if isinstance(value, list) else value)


class AnyOfFilter(django_filters.MultipleChoiceFilter):
    """One or more of the choices, by repeating the parameter, `status=signed&status=in-force`, or with commas between."""

    field_class = AnyOfField
    written = "repeat it for several"

    def __init__(self, *args, choices, **kwargs):
        super().__init__(*args, choices=choices, distinct=False, **kwargs)
        values = [value for value, _label in getattr(choices, "choices", choices)]
        set_override(self, "field", {"type": "string", "enum": values})


class MomentField(django_filters.fields.IsoDateTimeField):
    """A moment as ISO 8601 has it; in UTC, because the database does not take every offset that ISO allows."""

    def clean(self, value):
        moment = super().clean(value)
        try:
            return moment and moment.astimezone(UTC)
        except OverflowError as error:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from error


class MomentFilter(django_filters.IsoDateTimeFilter):
    field_class = MomentField


class ChangedSinceFilter(MomentFilter):
    """Narrows to what changed at the moment or later, with what its rows show of other records."""

    def filter(self, queryset, value):
        if not value:
            return queryset
        return queryset.filter(changed_since(queryset.model, self.parent.shown, self.parent.request.user, value))


class SearchFilter(django_filters.CharFilter):
    """Full text over the record's words and those of the records it names."""

    written = (
        f"at most {MOST_WORDS} different words, all of them in the record or in what names it; "
        "their accents and ends may be missing"
    )

    def __init__(self, **options):
        # What is longer would be looked for in part.
        super().__init__(max_length=MOST_CHARACTERS, validators=[refuse_many], **options)
        set_override(self, "field", {"type": "string", "maxLength": MOST_CHARACTERS})

    def filter(self, queryset, value):
        return queryset.matching(value, self.parent.request.user) if value else queryset


def _related(field: Any) -> dict:
    return {"model": field.remote_field.model}


class RecordFilter(django_filters.FilterSet):
    """Base of every filter: `q` where the model has words to search, `updated_since`, and strict values."""

    # Paths to the other records that the rows show (`core.changes`).
    shown: tuple[str, ...] = ()
    FILTER_DEFAULTS = FILTER_FOR_DBFIELD_DEFAULTS | {
        models.BooleanField: {"filter_class": YesNoFilter},
        models.ForeignKey: {
            "filter_class": ReferenceFilter,
            "extra": lambda field: {"model": field.remote_field.model},
        },
        models.OneToOneField: {
            "filter_class": ReferenceFilter,
            "extra": lambda field: {"model": field.remote_field.model},
        },
    }

    @classmethod
    def filter_for_lookup(cls, field, lookup_type):
        if lookup_type == "exact" and field.choices:
            return AnyOfFilter, {"choices": field.choices}
        return super().filter_for_lookup(field, lookup_type)

    @classmethod
    def get_filters(cls):
        filters = super().get_filters()
        model = cls._meta.model
        if model is None:
            return filters
        if has_field(model, "search"):
            filters.setdefault("q", SearchFilter(field_name="search", label=_("Search")))
        if has_field(model, "updated_at"):
            filters.setdefault("updated_since", ChangedSinceFilter(label=_("Changed since")))
        return filters


def natural_keys(model: type[models.Model]) -> list[str]:
    """The columns that name a record in words; an instalment's number, which counts, is none."""
    names = [name for name in NATURAL_KEYS if has_field(model, name)]
    return [name for name in names if isinstance(model._meta.get_field(name), models.CharField)]


def has_field(model: type[models.Model], name: str) -> bool:
    try:
        model._meta.get_field(name)
    except FieldDoesNotExist:
        return False
    return True

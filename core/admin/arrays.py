"""Form fields of columns that hold several values: choices as checkboxes, days one beside the other, words by commas."""

from collections.abc import Iterable
from datetime import date
from typing import Any, cast

from django import forms
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.forms import SimpleArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextInputWidget,
)

# Empty inputs that stand ready beside the days that are there.
SPARE_DAYS = 2
LEAST_DAYS = 4


class DayInputs(forms.Widget):
    """One input a day, all sent under one name; those left empty say nothing."""

    template_name = "core/admin/widgets/days.html"
    use_fieldset = True

    def __init__(self, label: str = "", attrs: dict[str, Any] | None = None):
        super().__init__(attrs)
        self.label = label
        self.day = UnfoldAdminSingleDateWidget()

    @property
    def media(self):
        return self.day.media

    def id_for_label(self, id_: str | None) -> str:
        return f"{id_}_0" if id_ else ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        days = list(value or [])
        shown = [*days, *[None] * max(SPARE_DAYS, LEAST_DAYS - len(days))]
        base = context["widget"]["attrs"]
        context["widget"]["days"] = [
            self.day.get_context(name, day, self._attrs(base, place))["widget"] for place, day in enumerate(shown)
        ]
        return context

    def _attrs(self, base: dict[str, Any], place: int) -> dict[str, Any]:
        named = {"aria-label": f"{self.label} {place + 1}"} if self.label else {}
        # Only the whole is required, not every input of it.
        return {key: value for key, value in base.items() if key != "required"} | {
            "id": f"{base.get('id', 'id')}_{place}",
            **named,
        }

    def value_from_datadict(self, data, files, name: str) -> list[str]:
        given = data.getlist(name) if hasattr(data, "getlist") else data.get(name, [])
        return [text for text in given if str(text).strip()]

    def value_omitted_from_data(self, data, files, name: str) -> bool:
        return name not in data


class DaysField(forms.Field):
    """A list of days. What is no day is refused by its text; what the whole must hold is the record's to say."""

    def __init__(self, *, label: str = "", required_message: str = "", **kwargs):
        kwargs.setdefault("widget", DayInputs(label=str(label)))
        super().__init__(label=label, **kwargs)
        if required_message:
            self.error_messages["required"] = required_message
        self.day = forms.DateField()

    def to_python(self, value: Iterable[Any] | None) -> list[date]:
        days, wrong = [], []
        for text in value or []:
            try:
                day = self.day.clean(text)
            except ValidationError:
                wrong.append(ValidationError(_("“%(text)s” is not a day."), params={"text": text}))
            else:
                days.append(day)
        if wrong:
            raise ValidationError(wrong)
        return days

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return list(initial or []) != self.to_python(data)
        except ValidationError:
            return True


class WordsField(SimpleArrayField):
    """Short texts separated by commas; what stands empty between two commas is left out."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(str(item) for item in value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = self.delimiter.join(item for item in value.split(self.delimiter) if item.strip())
        return super().to_python(value)


def array_field(column: ArrayField) -> forms.Field:
    """The form field of the column, by what its values are."""
    usual: dict[str, Any] = {
        "label": capfirst(str(column.verbose_name)),
        "help_text": column.help_text,
        "required": not column.blank,
    }
    base: models.Field = column.base_field
    if base.choices:
        return forms.MultipleChoiceField(
            choices=base.get_choices(include_blank=False),
            widget=UnfoldAdminCheckboxSelectMultipleWidget,
            **usual,
        )
    if isinstance(base, models.DateField):
        return DaysField(required_message=str(column.error_messages["blank"]), **usual)
    return WordsField(cast("forms.Field", base.formfield()), widget=UnfoldAdminTextInputWidget, **usual)

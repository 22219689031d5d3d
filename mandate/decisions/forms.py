"""What a decision asks for. The forms hold no rule: the verb's service refuses, and the page shows every reason."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.dates import PrecisionField
from core.exceptions import Refused
from core.pages import AskedForm
from core.workflow import Transition
from mandate.decisions.registry import kinds

REASON_LENGTH = 500


class Asked(AskedForm):
    """How the list of decisions is narrowed."""

    kind = forms.ChoiceField(label=_("Kind"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        field: Any = self.fields["kind"]
        field.choices = sorted(((kind, str(known.title)) for kind, known in kinds().items()), key=lambda row: row[1])

    @property
    def choices(self) -> list[tuple[str, str]]:
        field: Any = self.fields["kind"]
        return list(field.choices)

    @property
    def chosen(self) -> str:
        """What is chosen, also where it is wrong."""
        return self.data.get("kind", "").strip()


class VerbForm(forms.Form):
    """The fields of one verb, why it is done, and the version of the record that was read."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def refuse(self, error: Refused | ValidationError) -> None:
        """Each reason beside its field where the form has it, otherwise above."""
        if isinstance(error, Refused):
            for reason in error.reasons:
                self.add_error(reason.field if reason.field in self.fields else None, str(reason.message))
            return
        for sentence in error.messages:
            self.add_error(None, sentence)


def verb_form(record: models.Model, transition: Transition, reader, data=None) -> VerbForm:
    """The form of the verb for this record, as it stands; whoever records it may choose among what she sees."""
    columns = {name: _asked(record._meta.get_field(name), reader) for name in transition.fields}
    help_text = _("Required; kept in the history.") if transition.needs_reason else _("Optional; kept in the history.")
    reason = forms.CharField(
        label=_("Why?"),
        required=False,
        max_length=REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=help_text,
    )
    made: type[VerbForm] = type("AskedForm", (VerbForm,), {**columns, "reason": reason})
    initial = {name: record.serializable_value(name) for name in transition.fields}
    return made(data, initial=initial | {"version": record.version})  # type: ignore[attr-defined]  # every record has one


def _asked(column: Any, reader) -> forms.Field:
    field: Any = column.formfield()
    # The guards say what is missing, all at once.
    field.required = False
    if isinstance(column, models.DateField):
        field.widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    if isinstance(column, models.ForeignKey):
        model: Any = column.related_model
        field.queryset = model.objects.visible_to(reader)
    if isinstance(column, PrecisionField):
        field.help_text = _("Empty = to the day.")
    return field

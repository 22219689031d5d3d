"""For how long a partnership must have slept to be listed, and what is decided of it. The forms hold no rule: the service does."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext_lazy as _

from core.exceptions import Refused
from core.pages import AskedForm
from mandate.selectors.dormant import FEWEST, MOST
from partnerships.enums import RenewalVerdict
from partnerships.models import RenewalDecision

BETWEEN = _("Ask for a whole number of months from %(fewest)s to %(most)s.")


class Asked(AskedForm):
    """For how many months nothing has happened; empty = as the department has set it."""

    months = forms.IntegerField(label=_("Months without a sign of life"), required=False)

    def clean_months(self) -> int:
        months = self.cleaned_data["months"]
        if months is None:
            return settings.DORMANT_MONTHS
        if not FEWEST <= months <= MOST:
            raise ValidationError(self.sentence())
        return months

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["months"].error_messages["invalid"] = self.sentence()

    @staticmethod
    def sentence() -> str:
        return str(BETWEEN) % {"fewest": FEWEST, "most": MOST}

    @property
    def chosen(self) -> str:
        """What is asked for, also where it is out of bounds; a field for numbers shows nothing else."""
        asked = self.data.get("months", "").strip() or str(settings.DORMANT_MONTHS)
        return asked if asked.isascii() and asked.isdigit() else ""


class Decide(forms.Form):
    """What becomes of the partnership. A page may hold one for each city: the fields' ids begin with the city's short name."""

    verdict = forms.ChoiceField(
        label=_("What becomes of the partnership"),
        choices=RenewalVerdict,
        required=False,
        widget=forms.RadioSelect,
    )
    until = forms.DateField(
        label=_("To be looked at again on"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("Until then nobody is asked again. A partnership that ends has no such day."),
    )
    reason = forms.CharField(
        label=_("Why?"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Everybody who sees the city reads it."),
    )
    back = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, city: str, data=None, **initial: Any):
        super().__init__(data, auto_id=f"{city}-%s", initial=initial)

    def refuse(self, error: Refused | ValidationError) -> None:
        """Each reason beside its field where the form has it, otherwise above."""
        for name, sentence in _sentences(error):
            known = name if name in self.fields else None
            if sentence not in self.errors.get(known or NON_FIELD_ERRORS, []):
                self.add_error(known, _about(name, sentence))


def _sentences(error: Refused | ValidationError) -> list[tuple[str, str]]:
    if isinstance(error, Refused):
        return [(reason.field, str(reason)) for reason in error]
    if hasattr(error, "error_dict"):
        return [(name, sentence) for name, told in error.message_dict.items() for sentence in told]
    return [("", sentence) for sentence in error.messages]


def _about(name: str, sentence: str) -> str:
    """What is wrong with a column that the form does not ask for stands above it, with the column's name."""
    if name in ("", NON_FIELD_ERRORS) or name in Decide.base_fields:
        return sentence
    label = RenewalDecision._meta.get_field(name).verbose_name  # type: ignore[union-attr]  # every column has one
    return f"{str(label).capitalize()} — {sentence}"

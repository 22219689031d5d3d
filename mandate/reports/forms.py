"""What the addresses of the report ask for: a period, a paper, a language."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override, pgettext_lazy

from core import clock
from core.enums import Language
from core.pages import AskedForm
from core.templatetags.parvis import day
from mandate.models import Report

PAGE, PDF = "", "pdf"


class Period(AskedForm):
    """From one day to another, both included: what an account is made of without being kept."""

    besides = ("as", "language")

    since = forms.DateField(
        label=pgettext_lazy("period", "From"),
        error_messages={"required": gettext_lazy("Say on which day the period begins.")},
    )
    until = forms.DateField(
        label=pgettext_lazy("period", "To"),
        error_messages={"required": gettext_lazy("Say on which day the period ends.")},
    )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        since, until = found.get("since"), found.get("until")
        for name, value in list(found.items()):
            if value and not 1900 <= value.year <= 2200:
                self.add_error(name, _("A date lies between the years 1900 and 2200."))
        if until and until > clock.today():
            sentence = _("This day is yet to come: an account ends today at the latest, on %(day)s.")
            self.add_error("until", sentence % {"day": day(clock.today())})
        if since and until and until < since:
            self.add_error("until", _("The last day is not before the first."))
        return found

    @property
    def days(self) -> dict[str, str]:
        """What the fields show, as browsers write days; nothing where what was asked is none, for they would not show it."""
        known = self.cleaned_data if self.is_bound else self.initial
        return {name: found.isoformat() if (found := known.get(name)) else "" for name in self.fields}

    @property
    def report(self) -> Report:
        """The report on this period, titled in both languages; never saved."""
        since, until = self.cleaned_data["since"], self.cleaned_data["until"]
        titles = {}
        for language in Language.values:
            with override(language):
                sentence = _("The international action of the City from %(since)s to %(until)s")
                titles[f"title_{language}"] = sentence % {"since": day(since), "until": day(until)}
        return Report(starts_on=since, ends_on=until, **titles)


class Wanted(AskedForm):
    """`as=pdf` for paper, and `language` where another one than the reader's is wanted."""

    besides = ("since", "until")

    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False, choices=Language)

    def __init__(self, data):
        super().__init__(data)
        # A field of this name cannot stand in the body of a class.
        self.fields["as"] = forms.ChoiceField(
            label=gettext_lazy("Format"), required=False, choices=[(PAGE, gettext_lazy("page")), (PDF, "PDF")]
        )

    @property
    def is_paper(self) -> bool:
        return self.is_valid() and self.cleaned_data["as"] == PDF

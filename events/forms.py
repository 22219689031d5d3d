"""What the addresses of a briefing ask for: a paper, a language."""

from django import forms
from django.utils.translation import get_language, gettext_lazy

from core.enums import Language
from core.pages import AskedForm

PAGE, PDF = "html", "pdf"


class Wanted(AskedForm):
    """`format=pdf` for paper, and `language` where another one than the reader's is wanted."""

    besides = ()

    format = forms.ChoiceField(
        label=gettext_lazy("Format"), required=False, choices=[(PAGE, gettext_lazy("page")), (PDF, "PDF")]
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False, choices=Language)

    @property
    def is_paper(self) -> bool:
        return self.is_valid() and self.cleaned_data["format"] == PDF

    @property
    def spoken(self) -> str:
        """The language that it is written in: the reader's where none is asked for, or none that there is."""
        return self.cleaned_data.get("language") or get_language() or Language.FRENCH

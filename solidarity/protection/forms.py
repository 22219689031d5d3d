"""The forms of protection: short, one act each. What they refuse besides is refused by the services."""

from datetime import datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.models import User
from solidarity.enums import FileKind, FileLevel
from solidarity.models import ResidencyProgramme
from solidarity.models.protected import Publication
from solidarity.protection import rules, selectors

REASON_HELP = _("A sentence that others understand later. It is sealed like the file.")
# Neither suggested to the next person nor sent to a spelling service.
PRIVATE = {"autocomplete": "off", "spellcheck": "false"}


class _Form(forms.Form):
    """Several stand on one page: the fields of each have names of their own there."""

    says_optional = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": f"{type(self).__name__.lower()}-%s"} | kwargs)


def _asked(attrs: dict[str, Any], *, asked: bool) -> dict[str, Any]:
    """The browser asks for what the services refuse to do without; their sentence says why."""
    return attrs | {"required": True} if asked else attrs


def _day(label, *, asked: bool = False, help_text="") -> forms.DateField:
    attrs = _asked({"type": "date", "autocomplete": "off"}, asked=asked)
    return forms.DateField(
        label=label, required=False, help_text=help_text, widget=forms.DateInput(attrs=attrs, format="%Y-%m-%d")
    )


def _text(label, *, rows: int = 4, asked: bool = False, help_text="") -> forms.CharField:
    widget = forms.Textarea(attrs=_asked(PRIVATE | {"rows": rows}, asked=asked))
    return forms.CharField(label=label, required=False, help_text=help_text, max_length=20000, widget=widget)


def _line(label, *, help_text="") -> forms.CharField:
    widget = forms.TextInput(attrs=_asked(dict(PRIVATE), asked=True))
    return forms.CharField(label=label, required=False, help_text=help_text, max_length=200, widget=widget)


class OpenForm(_Form):
    kind = forms.ChoiceField(label=_("About"), choices=FileKind)
    level = forms.ChoiceField(label=_("Level"), choices=FileLevel, initial=FileLevel.PROTECTED)
    pseudonym = _line(_("Pseudonym"), help_text=_("What is shown instead of the name; nothing that points to it."))
    erase_on = _day(_("To be erased on"), asked=True, help_text=_("Ten years ahead at most."))
    reason = _text(_("Why the file is opened"), rows=2, asked=True, help_text=REASON_HELP)
    identity = _text(_("Identity"), rows=2)
    situation = _text(_("Danger and risk"))
    begins_on = _day(_("Beginning"))
    ends_on = _day(_("End"))


class TextForm(_Form):
    """One text of a file; its label is the field's."""

    says_optional = False
    text = _text(_("Text"), rows=10)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, label, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["text"].label = capfirst(label)


class DatesForm(_Form):
    """The dates of a file and, for protection officers, its level."""

    begins_on = _day(_("Beginning"))
    ends_on = _day(_("End"))
    erase_on = _day(_("To be erased on"), asked=True, help_text=_("Ten years ahead at most."))
    level = forms.ChoiceField(label=_("Level"), choices=FileLevel)
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, reader, **kwargs):
        super().__init__(*args, **kwargs)
        if not rules.is_protection_officer(reader):
            del self.fields["level"]


class _Person(forms.ModelChoiceField):
    def label_from_instance(self, obj: User) -> str:
        # Two people may have one name.
        return f"{obj} ({obj.email})"


class AccessForm(_Form):
    user = _Person(
        label=_("Who"),
        queryset=None,
        error_messages={
            "invalid_choice": _(
                "Nobody grants herself access, and only those whose role opens protected files can be named: "
                "choose somebody in the list."
            )
        },
    )
    until = _day(
        pgettext_lazy("access", "Until"), asked=True, help_text=_("The end of that day; a year ahead at most.")
    )
    reason = _text(_("Reason"), rows=2, asked=True, help_text=REASON_HELP)

    def __init__(self, *args, reader, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["user"].queryset = selectors.people_to_name(reader)  # type: ignore[attr-defined]  # a ModelChoiceField

    def clean_until(self) -> datetime | None:
        day = self.cleaned_data["until"]
        return timezone.make_aware(datetime.combine(day, time.max)) if day else None


class EmergencyForm(_Form):
    code = _line(_("Code of the file"), help_text=_("As in 7K2Q-9FHM."))
    reason = _text(_("What is the emergency?"), rows=3, asked=True, help_text=REASON_HELP)


class HoldForm(_Form):
    until = forms.DateField(
        label=_("Legal hold until"),
        help_text=_("Until that day nobody erases the file."),
        widget=forms.DateInput(attrs={"type": "date", "autocomplete": "off"}, format="%Y-%m-%d"),
    )
    reason = _text(_("Reason"), rows=2, asked=True, help_text=REASON_HELP)


class PublicationForm(_Form):
    name = _line(_("Name in public"))
    wording = _text(_("What is said in public"))
    consent_on = _day(_("Consent given on"), asked=True)


class ClearanceForm(_Form):
    """What a second person says of a publication that she has read: of that one, and not of one asked for since."""

    programme: forms.ModelChoiceField = forms.ModelChoiceField(
        label=_("Published under the programme"),
        queryset=None,
        required=False,
        widget=forms.Select(attrs=_asked({}, asked=True)),
    )
    harmless = forms.BooleanField(label=_("I have read what is to be published, and it does not endanger her."))
    asked = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args, reader, publication: Publication, **kwargs):
        super().__init__(*args, **{"initial": {"asked": publication.pk}} | kwargs)
        self.publication = publication
        self.fields["programme"].queryset = ResidencyProgramme.objects.visible_to(reader)  # type: ignore[attr-defined]
        if publication.file.kind == FileKind.HONOUR:
            del self.fields["programme"]

    def clean_asked(self) -> int:
        if self.cleaned_data["asked"] != self.publication.pk:
            raise forms.ValidationError(_("It was withdrawn meanwhile and asked for anew: read it again."))
        return self.publication.pk


class ErasureForm(_Form):
    confirmation = _line(_("Type the code of the file"))

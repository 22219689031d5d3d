"""How a person says how she wants to be reminded: what is written is read here, and judged by the service."""

from django import forms
from django.utils.translation import gettext_lazy as _

from core.enums import Frequency


class Wish(forms.Form):
    frequency = forms.ChoiceField(label=_("How often"), choices=Frequency, widget=forms.RadioSelect)
    quiet_from = forms.TimeField(label=_("No e-mail from"), required=False)
    quiet_until = forms.TimeField(label=_("until"), required=False)
    quiet_weekends = forms.BooleanField(label=_("No e-mail on Saturdays and Sundays"), required=False)

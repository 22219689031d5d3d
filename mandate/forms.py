"""How the list of a mandate's objectives is narrowed; an empty field narrows nothing."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from events.enums import Horizon
from mandate.enums import ObjectiveStatus
from mandate.models import Objective


def answers_for(objective: Objective) -> tuple[str, str]:
    """Who answers for it, as the filter names and shows them: a person, or whom the document names; empty where nobody does."""
    if objective.owner:
        return str(objective.owner_id), str(objective.owner)
    return objective.owner_words_fr, objective.owner_words


class Asked(forms.Form):
    horizon = forms.ChoiceField(label=_("Horizon"), required=False, choices=Horizon)
    status = forms.ChoiceField(label=_("Status"), required=False, choices=ObjectiveStatus)
    owner = forms.ChoiceField(label=_("Who answers for it"), required=False)

    def __init__(self, data, *, objectives: list[Objective]):
        super().__init__(data)
        owners = {answers_for(found) for found in objectives} - {("", "")}
        owner: Any = self.fields["owner"]
        owner.choices = sorted(owners, key=lambda choice: choice[1].casefold())

    @property
    def choices(self) -> dict[str, list[tuple[str, str]]]:
        """What each field offers."""
        fields: dict[str, Any] = self.fields
        return {name: list(field.choices) for name, field in fields.items()}

    @property
    def chosen(self) -> dict[str, str]:
        """What is chosen in each field, also where it is wrong."""
        return {name: self.data.get(name, "").strip() for name in self.fields}

    def keeps(self, objective: Objective) -> bool:
        """Whether the list, narrowed so, holds the objective."""
        wanted = self.cleaned_data
        return (
            wanted["horizon"] in ("", objective.horizon)
            and wanted["status"] in ("", objective.status)
            and wanted["owner"] in ("", answers_for(objective)[0])
        )

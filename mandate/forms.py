"""How the list of a mandate's objectives is narrowed; an empty field narrows nothing."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.as_of.pages import PARAMETER as AS_OF
from core.filters import COMMA, AnyOfField, apart
from core.pages import AskedForm
from events.enums import Horizon
from mandate.enums import ObjectiveKind, ObjectiveStatus
from mandate.models import Objective
from mandate.presentation import is_late


def answers_for(objective: Objective) -> tuple[str, str]:
    """Who answers for it, as the filter names and shows them: a person, or whom the document names; empty where nobody does."""
    if objective.owner:
        return str(objective.owner_id), str(objective.owner)
    return objective.owner_words_fr, objective.owner_words


def _stands(objective: Objective, status: str) -> bool:
    """Late is also what nobody noted so, but is open after its last day: the title of the page counts it too."""
    return status in ("", objective.status) or (status == ObjectiveStatus.LATE and is_late(objective))


class Asked(AskedForm):
    besides = (AS_OF,)
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=ObjectiveKind)
    horizon = AnyOfField(label=_("Horizon"), required=False, choices=Horizon)
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
        given: Any = self.data
        several = {"horizon": COMMA.join(apart(given.getlist("horizon")))}
        return {name: self.data.get(name, "").strip() for name in self.fields} | several

    def keeps(self, objective: Objective) -> bool:
        """Whether the list, narrowed so, holds the objective."""
        wanted = self.cleaned_data
        return (
            wanted["kind"] in ("", objective.kind)
            and (not wanted["horizon"] or objective.horizon in wanted["horizon"])
            and _stands(objective, wanted["status"])
            and wanted["owner"] in ("", answers_for(objective)[0])
        )

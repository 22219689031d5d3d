"""What an objective consists of: its parts and their weights are set together, so that they can sum to 100 in one save."""

from typing import TYPE_CHECKING, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.forms import BaseFormSet, formset_factory
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action
from unfold.widgets import UnfoldAdminIntegerFieldWidget, UnfoldAdminSelectWidget

from core.admin.forms import as_validation_error
from core.admin.lost import lost_edit
from core.exceptions import LostEdit, Refused
from mandate import services
from mandate.models import Objective
from mandate.selectors import objectives as selectors

if TYPE_CHECKING:
    from core.admin.base import RecordAdmin as Page
else:
    Page = object

# Empty lines for further parts; a saved page has as many again.
FURTHER = 4


class PartChoice(forms.ModelChoiceField):
    def label_from_instance(self, objective: Objective) -> str:
        return Truncator(f"{objective.reference} — {objective.wording}").chars(120)


class PartForm(forms.Form):
    """One part; a line that is emptied is no part any more."""

    weight = forms.IntegerField(
        label=gettext_lazy("weight in the whole (%)"), required=False, widget=UnfoldAdminIntegerFieldWidget
    )
    field_order = ["part", "weight"]

    def clean(self):
        part, weight = self.cleaned_data.get("part"), self.cleaned_data.get("weight")
        if part and weight is None and "weight" not in self.errors:
            self.add_error("weight", _("Say how much it weighs."))
        if weight is not None and part is None and "part" not in self.errors:
            self.add_error("part", _("Say which part this is."))
        return self.cleaned_data


class PartFormSet(BaseFormSet):
    """The lines together. It holds no rule: the service refuses, and the page shows it beside the weights."""

    @property
    def weights(self) -> dict[Objective, int]:
        rows = (form.cleaned_data for form in self.forms)
        return {row["part"]: row["weight"] for row in rows if row.get("part")}

    def clean(self) -> None:
        named = [form.cleaned_data["part"] for form in self.forms if form.is_valid() and form.cleaned_data.get("part")]
        if len(set(named)) < len(named):
            raise ValidationError(_("An objective is named twice."))

    def refuse(self, error: ValidationError) -> None:
        self._non_form_errors.extend(self.error_class(error.messages))  # type: ignore[attr-defined]  # private to Django


class Parts(Page):
    actions_detail = ["set_parts"]
    parts_template = "mandate/admin/parts.html"

    def has_set_parts_permission(self, request, object_id=None) -> bool:
        return self.has_change_permission(request)

    @action(
        description=gettext_lazy("Parts and their weights"),
        url_path="parts",
        permissions=["set_parts"],
        icon="pie_chart",
    )
    def set_parts(self, request, object_id):
        objective = self.get_object(request, object_id)
        if objective is None:
            return redirect(reverse("admin:mandate_objective_changelist"))
        if not self.has_change_permission(request, objective):
            raise PermissionDenied
        formset = self.parts_formset(request, objective)
        if request.method == "POST" and formset.is_valid() and self.parts_set(request, objective, formset):
            messages.success(request, _("The parts of %(objective)s are set.") % {"objective": objective.reference})
            return redirect("admin:mandate_objective_change", objective.pk)
        return self.ask_parts(request, objective, formset)

    def parts_formset(self, request, objective: Objective) -> PartFormSet:
        reader = request.user
        offered = Objective.objects.visible_to(reader).filter(mandate=objective.mandate_id).exclude(pk=objective.pk)
        part = PartChoice(
            label=gettext_lazy("part"),
            queryset=offered.filter(Q(parent=None) | Q(parent=objective)).order_by("pk"),
            required=False,
            widget=UnfoldAdminSelectWidget,
        )
        form = type("PartOfForm", (PartForm,), {"part": part})
        formset = cast("type[PartFormSet]", formset_factory(form, formset=PartFormSet, extra=FURTHER))
        initial = [{"part": row.pk, "weight": row.weight} for row in selectors.parts_of(reader, objective)]
        return formset(request.POST if request.method == "POST" else None, initial=initial, prefix="parts")

    def parts_set(self, request, objective: Objective, formset: PartFormSet) -> bool:
        """Whether they are set; otherwise the formset says why not."""
        try:
            services.set_parts(
                objective, actor=request.user, weights=formset.weights, version=_version(request.POST.get("version"))
            )
        except LostEdit as lost:
            formset.refuse(lost_edit(objective, lost, request.user))
        except (Refused, ValidationError) as error:
            formset.refuse(as_validation_error(error))
        else:
            return True
        return False

    def ask_parts(self, request, objective: Objective, formset: PartFormSet):
        # Read again: a refusal may leave its values on the record in hand.
        fresh = self.get_queryset(request).get(pk=objective.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Parts and their weights"),
            "subtitle": str(fresh),
            "original": fresh,
            "formset": formset,
            "version": request.POST.get("version", fresh.version),
            "media": self.media + formset.media,
            "back": reverse("admin:mandate_objective_change", args=[fresh.pk]),
        }
        return TemplateResponse(request, self.parts_template, context)


def _version(text: str | None) -> int:
    """The version that the page was opened with; 0, which no record has, where the page does not say."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0

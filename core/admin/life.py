"""Buttons of a record's life, drawn from its workflow: what may happen next, and what is still missing."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextareaWidget

from core.admin.forms import REASON_LENGTH, as_validation_error
from core.dates import PrecisionField
from core.exceptions import Reason, Refused
from core.workflow import Step, Transition

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin as Page
else:
    Page = object


@dataclass(frozen=True)
class Button:
    """A verb on the record's page. What its own form asks for is named, but does not bar the way."""

    step: Step
    address: str

    @property
    def label(self):
        return self.step.transition.label

    @property
    def verb(self) -> str:
        return self.step.transition.verb

    @property
    def asked(self) -> list[Reason]:
        return [reason for reason in self.step.missing if reason.field in self.step.transition.fields]

    @property
    def barred(self) -> list[Reason]:
        return [reason for reason in self.step.missing if reason.field not in self.step.transition.fields]


class LifeForm(forms.Form):
    """What a verb asks for, and why it is done. It holds no rule: the verb's service refuses, and the form shows it."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def refuse(self, error: Refused | ValidationError) -> None:
        """Each reason beside its field where the form has it, otherwise above."""
        if isinstance(error, Refused):
            for reason in error.reasons:
                self.add_error(reason.field if reason.field in self.fields else None, str(reason.message))
            return
        for sentence in as_validation_error(error).messages:
            self.add_error(None, sentence)


class WithLife(Page):
    """For records that have a `life` (core.workflow): its state is shown, and changed by its verbs alone."""

    life_template = "core/admin/life.html"

    def get_urls(self) -> list:
        if not hasattr(self.model, "life"):
            return super().get_urls()
        name = f"{self.opts.app_label}_{self.opts.model_name}_life"
        return [
            path("<path:object_id>/life/<slug:verb>/", self.admin_site.admin_view(self.life_view), name=name),
            *super().get_urls(),
        ]

    def buttons(self, request, record) -> list[Button]:
        """The verbs that lead on from where the record stands, for a reader who may change it."""
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}_life"
        return [
            Button(step, reverse(name, args=[record.pk, step.transition.verb]))
            for step in self.model.life.steps(record, request.user)
        ]

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["life"] = None
        if change and obj is not None and hasattr(self.model, "life"):
            # Read again: a form that was refused leaves its values on the record in hand.
            record = self.get_queryset(request).get(pk=obj.pk)
            field = self.model.life.field
            context["life"] = {
                "state": getattr(record, f"get_{field}_display")(),
                "label": self.model._meta.get_field(field).verbose_name,
                "buttons": self.buttons(request, record),
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def life_view(self, request, object_id: str, verb: str):
        """Asks for exactly what the verb needs, then carries it out; every reason of a refusal is shown."""
        record = self.get_object(request, unquote(object_id))
        if record is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]  # private to Django
        if not self.has_change_permission(request, record):
            raise PermissionDenied
        transition = next((known for known in self.model.life.transitions if known.verb == verb), None)
        if transition is None:
            raise Http404
        form = self.life_form(request, record, transition)
        if request.method == "POST" and form.is_valid() and self.carried_out(request, record, transition, form):
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", record.pk)
        return self.render_life(request, record, transition, form)

    def carried_out(self, request, record, transition: Transition, form: LifeForm) -> bool:
        values = {name: form.cleaned_data[name] for name in transition.fields}
        try:
            self.model.life.perform(
                record,
                transition.verb,
                actor=request.user,
                version=form.cleaned_data["version"],
                reason=form.cleaned_data["reason"],
                **values,
            )
        except (Refused, ValidationError) as error:
            form.refuse(error)
            return False
        messages.success(request, _("Done: %(verb)s — %(record)s.") % {"verb": transition.label, "record": record})
        return True

    def asked_fields(self, request, transition: Transition) -> dict[str, forms.Field]:
        columns = {column.name: column for column in self.opts.fields}
        asked = {}
        for name in transition.fields:
            field = self.formfield_for_dbfield(columns[name], request)
            if field is None:
                raise TypeError(f"No form can ask for {name}")
            # The guards say what is missing, all at once.
            field.required = False
            if isinstance(columns[name], PrecisionField):
                field.help_text = gettext_lazy("Empty = to the day.")
            asked[name] = field
        return asked

    def life_form(self, request, record, transition: Transition) -> LifeForm:
        asked = self.asked_fields(request, transition)
        reason = forms.CharField(
            label=gettext_lazy("Why?"),
            required=False,
            max_length=REASON_LENGTH,
            widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
            help_text=gettext_lazy("Required; kept in the history.")
            if transition.needs_reason
            else gettext_lazy("Optional; kept in the history."),
        )
        form_class = type("VerbForm", (LifeForm,), {**asked, "reason": reason})
        initial = {name: record.serializable_value(name) for name in transition.fields} | {"version": record.version}
        return form_class(request.POST if request.method == "POST" else None, initial=initial)

    def render_life(self, request, record, transition: Transition, form: LifeForm):
        step = Step(transition, self.model.life.missing(record, transition.verb))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": transition.label,
            "subtitle": str(record),
            "original": record,
            "button": Button(step, request.path),
            "form": form,
            "media": self.media + form.media,
            "back": reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[record.pk]),
        }
        return TemplateResponse(request, self.life_template, context)

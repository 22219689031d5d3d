"""Buttons of a record's life, drawn from its workflow: what may happen next, and what is still missing."""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django import forms
from django.contrib import messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminTextareaWidget

from core.admin.forms import REASON_LENGTH, as_validation_error
from core.admin.lost import lost_edit
from core.dates import PrecisionField
from core.exceptions import LostEdit, Reason, Refused
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
    # The pages of the records that a reason may name, by that name.
    named: dict[str, str] = field(default_factory=dict)

    @property
    def label(self):
        return self.step.transition.label

    @property
    def verb(self) -> str:
        return self.step.transition.verb

    @property
    def secondary(self) -> bool:
        """A verb that must be justified is not the way that a record usually takes."""
        return self.step.transition.needs_reason

    @property
    def missing(self) -> list[str]:
        return [self._linked(reason) for reason in self.step.missing]

    @property
    def asked(self) -> list[str]:
        return [self._linked(reason) for reason in self.step.missing if reason.field in self.step.transition.fields]

    @property
    def barred(self) -> list[str]:
        return [self._linked(reason) for reason in self.step.missing if reason.field not in self.step.transition.fields]

    def _linked(self, reason: Reason) -> str:
        """The sentence, with a link on each record that it names."""
        if not self.named:
            return str(reason)
        names = sorted(self.named, key=len, reverse=True)
        parts = re.split(f"({'|'.join(map(re.escape, names))})", str(reason))
        return format_html_join(
            "",
            "{}",
            (
                (
                    format_html('<a class="underline" href="{}">{}</a>', self.named[part], part)
                    if part in self.named
                    else part,
                )
                for part in parts
            ),
        )


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
        named = self.records_named(request, record)
        return [
            Button(step, reverse(name, args=[record.pk, step.transition.verb]), named)
            for step in self.model.life.steps(record, request.user)
        ]

    def records_named(self, request, record) -> dict[str, str]:
        """The pages of the records that reasons about this one may name, by that name."""
        return {}

    def started_by(self, request, record, transition: Transition):
        """The record that a verb without target has started, where there is one: the reader goes on there."""
        return None

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
            shown = self.announced(request, record, transition)
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", shown.pk)
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
        except LostEdit as lost:
            form.refuse(lost_edit(record, lost, request.user))
            return False
        except (Refused, ValidationError) as error:
            form.refuse(error)
            return False
        return True

    def announced(self, request, record, transition: Transition):
        """Says what came of the verb, and returns the record that the reader goes on with."""
        record.refresh_from_db()
        started = self.started_by(request, record, transition)
        if started is not None:
            sentence = _("%(new)s was started from %(record)s.") % {"new": started, "record": record}
        else:
            state = getattr(record, f"get_{self.model.life.field}_display")()
            sentence = _("%(record)s: now “%(state)s”.") % {"record": record, "state": state}
        messages.success(request, sentence)
        return started or record

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
        step = Step(transition, self.model.life.missing(record, transition.verb, request.user))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": transition.label,
            "subtitle": str(record),
            "original": record,
            "button": Button(step, request.path, self.records_named(request, record)),
            "form": form,
            "media": self.media + form.media,
            "back": reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[record.pk]),
        }
        return TemplateResponse(request, self.life_template, context)

"""The handover of a mandate: what is carried over is chosen, read once more, and then done."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import action
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from core.admin.forms import as_validation_error
from core.exceptions import Refused
from mandate import services
from mandate.enums import OPEN
from mandate.models import Mandate, Objective
from mandate.selectors import objectives as selectors

if TYPE_CHECKING:
    from core.admin.base import RecordAdmin as Page
else:
    Page = object

ASKED = ("title_fr", "title_en", "slug", "starts_on", "ends_on")
# Sent by the page that shows everything once more.
CONFIRMED = "confirmed"


class ObjectivesChoice(forms.ModelMultipleChoiceField):
    def label_from_instance(self, objective: Objective) -> str:
        return f"{objective.reference} ({objective.get_status_display()}) — {objective.wording}"


class HandoverForm(forms.Form):
    """What the next mandate is called and when it runs. It holds no rule: the service refuses, and the form shows it."""

    def refuse(self, error: Refused | ValidationError) -> None:
        """Each sentence beside its field where the form has it, otherwise above."""
        if isinstance(error, Refused):
            for reason in error.reasons:
                self.add_error(reason.field if reason.field in self.fields else None, str(reason.message))
            return
        found = error.message_dict if hasattr(error, "error_dict") else {"": as_validation_error(error).messages}
        for name, sentences in found.items():
            self.add_error(name if name in self.fields else None, sentences)


class HandedOver(Page):
    actions_detail = ["hand_over"]
    handover_template = "mandate/admin/handover.html"

    @action(
        description=gettext_lazy("Hand over to the next mandate"),
        url_path="hand-over",
        permissions=["hand_over"],
        icon="forward",
    )
    def hand_over(self, request, object_id):
        mandate = self.get_object(request, object_id)
        if mandate is None:
            return redirect(reverse("admin:mandate_mandate_changelist"))
        if not self.has_hand_over_permission(request, object_id):
            raise PermissionDenied
        form = self.handover_form(request, mandate)
        confirmed = CONFIRMED in request.POST
        valid = form.is_valid()
        if valid and confirmed:
            new = self.handed_over(request, mandate, form)
            if new is not None:
                return redirect("admin:mandate_mandate_change", new.pk)
        return self.ask(request, mandate, form, review=valid and not confirmed)

    def handover_form(self, request, mandate: Mandate) -> HandoverForm:
        columns = {column.name: column for column in self.opts.fields}
        asked: dict[str, Any] = {name: self.formfield_for_dbfield(columns[name], request) for name in ASKED}
        asked["starts_on"].required = False
        asked["starts_on"].help_text = gettext_lazy("Empty = the day of the handover.")
        open_ones = Objective.objects.visible_to(request.user).filter(mandate=mandate, status__in=OPEN)
        asked["objectives"] = ObjectivesChoice(
            label=gettext_lazy("open objectives to carry over"),
            queryset=open_ones.order_by("pk"),
            required=False,
            widget=UnfoldAdminCheckboxSelectMultipleWidget,
            help_text=gettext_lazy(
                "As new ones that have not started: wording, owner, associates and indicators go along; judgement,"
                " evidence and readings stay here."
            ),
        )
        initial = {"objectives": list(open_ones.values_list("pk", flat=True))}
        form = type("NextMandateForm", (HandoverForm,), asked)
        return form(request.POST if request.method == "POST" else None, initial=initial)

    def handed_over(self, request, mandate: Mandate, form: HandoverForm) -> Mandate | None:
        values = dict(form.cleaned_data)
        try:
            new = services.hand_over(mandate, actor=request.user, **values)
        except (Refused, ValidationError) as error:
            form.refuse(error)
            return None
        carried = selectors.objectives(request.user, new).count()
        sentence = ngettext(
            "%(mandate)s is open, with %(number)s objective carried over.",
            "%(mandate)s is open, with %(number)s objectives carried over.",
            carried,
        )
        messages.success(request, sentence % {"mandate": new, "number": carried})
        return new

    def ask(self, request, mandate: Mandate, form: HandoverForm, *, review: bool):
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Hand over to the next mandate"),
            "subtitle": str(mandate),
            "original": mandate,
            "form": form,
            "review": review,
            "asked": [form[name] for name in ASKED],
            "carried": list(form.cleaned_data["objectives"]) if review else [],
            "confirmed": CONFIRMED,
            "media": self.media + form.media,
            "back": reverse("admin:mandate_mandate_change", args=[mandate.pk]),
        }
        return TemplateResponse(request, self.handover_template, context)

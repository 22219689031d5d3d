"""A session of the Council, prepared from the list of grants: its table, and one vote for all of them."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from tablib import Dataset  # type: ignore[import-untyped]
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from core import clock
from core.admin.forms import REASON_LENGTH, as_validation_error
from core.admin.listing import harmless
from core.exceptions import Refused
from core.templatetags.parvis import euros
from core.translated import labelled, order
from solidarity import services
from solidarity.enums import GrantStage
from solidarity.models import Grant
from solidarity.selectors import grants as selectors
from solidarity.selectors import work

if TYPE_CHECKING:
    from core.admin.base import RecordAdmin as Page
else:
    Page = object

# Sent by the page that asks, not by the list.
CONFIRMED = "confirmed"


def borne_by(grant: Grant) -> str:
    """Each envelope with the service and the amount."""
    rows = (
        (f"{row.envelope} ({row.service})" if row.service else str(row.envelope), euros(row.amount))
        for row in grant.allocations.all()
    )
    return "; ".join(labelled(name, amount) for name, amount in rows)


def table(rows: list[work.SessionRow]) -> Dataset:
    """The list that is annexed to the deliberation; amounts in EUR, as numbers."""
    data = Dataset(title=_("Grants"))
    data.headers = [
        _("Number"),
        _("Body"),
        _("SIRET or RNA"),
        _("Object"),
        _("Amount (EUR)"),
        _("Envelopes"),
        _("The body's year with this list (EUR)"),
    ]
    for row in rows:
        grant, body = row.grant, row.grant.beneficiary
        texts = (grant.reference, str(body), body.siret or body.rna, str(grant.title))
        data.append([*map(harmless, texts), grant.amount_granted, harmless(borne_by(grant)), row.cumulated])
    return data


class CouncilSession(Page):
    """Actions on the grants chosen in the list. They hold no rule: the service refuses, all or none."""

    actions = ["export_session", "vote_session"]
    session_template = "solidarity/admin/council.html"

    def chosen(self, request, queryset):
        """The grants as they were chosen, also where the list would no longer show one of them."""
        found = selectors.grants(request.user)
        if CONFIRMED in request.POST:
            keys = [key for key in request.POST.getlist(ACTION_CHECKBOX_NAME) if key.isdecimal()]
            found = found.filter(pk__in=keys)
        else:
            found = found.filter(pk__in=queryset.order_by().values("pk"))
        return found.order_by(order("beneficiary__name"), "reference")

    @admin.action(description=gettext_lazy("Export the list for the deliberation"), permissions=["view"])
    def export_session(self, request, queryset):
        found = list(self.chosen(request, queryset))
        others = [grant.reference for grant in found if grant.stage != GrantStage.PROPOSED]
        if others:
            sentence = _("Not proposed to the Council: %(grants)s.") % {"grants": ", ".join(others)}
            messages.error(request, sentence)
            return None
        formats = {str(place): kind() for place, kind in enumerate(self.get_export_formats())}
        choices = [(place, kind.get_title().upper()) for place, kind in formats.items()]
        asked = forms.ChoiceField(label=_("File"), choices=choices, widget=UnfoldAdminSelectWidget)
        form = type("FormatForm", (forms.Form,), {"format": asked})(request.POST if CONFIRMED in request.POST else None)
        rows = work.session(found)
        if form.is_valid():
            return self.file(formats[form.cleaned_data["format"]], table(rows))
        return self.ask(request, "export_session", rows, form, _("Export the list for the deliberation"))

    def file(self, kind, data: Dataset) -> HttpResponse:
        name = f"{_('grants')}-{clock.today().isoformat()}.{kind.get_extension()}"
        answer = HttpResponse(kind.export_data(data), content_type=kind.get_content_type())
        answer["Content-Disposition"] = f'attachment; filename="{name}"'
        return answer

    @admin.action(description=gettext_lazy("Record one vote for these grants"), permissions=["change"])
    def vote_session(self, request, queryset):
        found = list(self.chosen(request, queryset))
        form = self.vote_form(request)
        if form.is_valid() and self.voted(request, found, form):
            return redirect(request.get_full_path())
        return self.ask(request, "vote_session", work.session(found), form, _("Record one vote for these grants"))

    def vote_form(self, request) -> forms.Form:
        deliberation: Any = self.formfield_for_dbfield(Grant._meta.get_field("deliberation"), request)
        deliberation.required = True
        reason = forms.CharField(
            label=_("Why?"),
            required=False,
            max_length=REASON_LENGTH,
            widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
            help_text=_("Optional; kept in the history."),
        )
        form = type("VoteForm", (forms.Form,), {"deliberation": deliberation, "reason": reason})
        return form(request.POST if CONFIRMED in request.POST else None)

    def voted(self, request, found: list[Grant], form: forms.Form) -> bool:
        """Whether all of them are voted; otherwise the form says of each grant why none is."""
        try:
            done = services.vote_grants(found, actor=request.user, **form.cleaned_data)
        except (Refused, ValidationError) as error:
            form.add_error(None, as_validation_error(error))
            return False
        sentence = ngettext(
            "The vote on %(number)s grant is recorded.", "The vote on %(number)s grants is recorded.", len(done)
        )
        messages.success(request, sentence % {"number": len(done)})
        return True

    def ask(self, request, name: str, rows: list[work.SessionRow], form: forms.Form, title: str):
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "action": name,
            "selected": ACTION_CHECKBOX_NAME,
            "confirmed": CONFIRMED,
            "rows": [(row, borne_by(row.grant)) for row in rows],
            "total": sum(row.grant.amount_granted or 0 for row in rows),
            "form": form,
            "media": self.media + form.media,
            "back": request.get_full_path(),
        }
        return TemplateResponse(request, self.session_template, context)

"""The city's other systems that call the API: OAuth2 clients, for administrators."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import get_application_model
from unfold.admin import ModelAdmin
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminTextInputWidget,
)

from core import clients, history
from core.access import may
from core.admin.base import Place
from core.admin.client_verbs import DONE, DRAWN, VERBS, VerbForm
from core.admin.forms import REASON_LENGTH
from core.admin.history import Entry, WithHistory
from core.admin.permissions import ForRoles
from core.admin.sidebar import ADMINISTRATION
from core.api.scopes import declared, protected
from core.exceptions import Refused
from core.models import ClientAccess
from core.workflow import check_version

Application: Any = get_application_model()


def scope_choices() -> list[tuple[str, str]]:
    """Every scope with what it allows; a protected one says so, because it is given with care."""
    hidden = protected()
    return [
        (name, (_("%(scope)s — %(text)s (protected)") if name in hidden else "%(scope)s — %(text)s") % said)
        for name, text in declared().items()
        for said in ({"scope": name, "text": text},)
    ]


class ApplicationForm(forms.ModelForm):
    """The system's name and what it may ask for; what its access refuses stands beside the field."""

    scopes = forms.MultipleChoiceField(
        label=capfirst(_("scopes")),
        required=False,
        choices=scope_choices,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_(
            "It may ask for these and for nothing else. What is taken away opens nothing from the next request on."
        ),
    )
    requests_per_minute = forms.IntegerField(
        label=capfirst(_("requests per minute")),
        required=False,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=_("Empty = as every system."),
    )
    opened_version = forms.IntegerField(required=False, label="", widget=forms.HiddenInput)
    change_reason = forms.CharField(
        label=_("Why this change?"),
        required=False,
        max_length=REASON_LENGTH,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Optional; kept in the history."),
    )

    class Meta:
        model = Application
        fields = ["name"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        access = access_of(self.instance)
        if access is not None:
            self.initial.update(
                scopes=access.scopes,
                requests_per_minute=access.requests_per_minute,
                opened_version=access.version,
            )

    def clean_name(self) -> str:
        name = self.cleaned_data["name"].strip()
        if not name:
            raise forms.ValidationError(_("Name the system that calls."))
        return name

    def clean(self):
        cleaned = super().clean() or self.cleaned_data
        access = access_of(self.instance) or ClientAccess()
        try:
            if access.pk:
                check_version(access, cleaned.get("opened_version") or 0)
            access.scopes = cleaned.get("scopes", [])
            access.requests_per_minute = cleaned.get("requests_per_minute")
            access.full_clean(exclude={"client"})
        except Refused as refused:
            raise ValidationError([str(reason) for reason in refused]) from refused
        return cleaned


def access_of(client) -> ClientAccess | None:
    """None for a new client, and for one that was made by hand and never given anything."""
    return ClientAccess.objects.filter(client=client.pk).select_related("client").first() if client.pk else None


def _moment(client, name: str) -> str | None:
    """A moment of the client's access, to the minute, here; the admin shows one that is no column as it is kept, in UTC."""
    moment = getattr(getattr(client, "access", None), name, None)
    return date_format(timezone.localtime(moment), "DATETIME_FORMAT") if moment else None


@admin.register(Application)
class ApplicationAdmin(ForRoles, WithHistory, ModelAdmin):
    """Opened and closed by administrators. The secret is drawn here and shown once: only its hash is kept."""

    form = ApplicationForm
    change_form_template = "core/admin/client.html"
    list_display = ["name", "client_id", "last_use", "created"]
    list_select_related = ["access"]
    search_fields = ["name__unaccent__icontains", "client_id__icontains"]
    fieldsets = [
        (None, {"fields": ["name", "client_id", "scopes", "requests_per_minute"]}),
        (_("Use"), {"fields": [("last_use", "created")]}),
        (_("Secret and tokens"), {"fields": [("secret_drawn", "old_until"), ("tokens", "tokens_withdrawn")]}),
    ]
    add_fieldsets = [(None, {"fields": ["name", "scopes", "requests_per_minute"]})]
    readonly_fields = ["client_id", "created", "last_use", "secret_drawn", "old_until", "tokens", "tokens_withdrawn"]
    ordering = ["name", "pk"]
    # Its own page is the admin's: the address that the library knows does not exist here.
    view_on_site = False
    sidebar = Place(910, "key", ADMINISTRATION)

    def allowed(self, request, verb: str, obj) -> bool:
        return may(request.user, verb, ClientAccess)

    def get_fieldsets(self, request, obj=None):
        return self.fieldsets if obj else self.add_fieldsets

    def get_object(self, request, object_id, from_field=None):
        client = super().get_object(request, object_id, from_field)
        if client is not None and request.method == "POST":
            # Held until the answer, so that nobody changes it between the check of its version and the save.
            ClientAccess.objects.select_for_update(of=("self",)).filter(client=client).first()
        return client

    # --- what is shown ---

    @admin.display(description=_("last use"), ordering="access__last_used_at")
    def last_use(self, client):
        return _moment(client, "last_used_at") or _("never")

    @admin.display(description=_("secret drawn"))
    def secret_drawn(self, client):
        return _moment(client, "secret_drawn_at")

    @admin.display(description=_("the old secret works until"))
    def old_until(self, client):
        access = getattr(client, "access", None)
        return _moment(client, "old_until") if access and clients.old_secret_works(access) else None

    @admin.display(description=_("valid tokens"))
    def tokens(self, client) -> int:
        return clients.tokens_of(client).count()

    @admin.display(description=_("tokens withdrawn"))
    def tokens_withdrawn(self, client):
        return _moment(client, "tokens_withdrawn_at")

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        access = access_of(obj) if change and obj is not None else None
        context["verbs"] = [
            {"verb": verb, "address": reverse("admin:oauth2_provider_application_verb", args=[obj.pk, name])}
            for name, verb in VERBS.items()
            if access is not None and verb.offered(access)
        ]
        return super().render_change_form(request, context, add, change, form_url, obj)

    def entries(self, request, record) -> list[Entry]:
        access = access_of(record)
        if access is None:
            return []
        return [
            Entry(change, "", str(DONE.get(change.verb, change.verb)))
            for change in history.changes(access, request.user)
        ]

    # --- what is done ---

    def save_model(self, request, obj, form, change):
        given = {name: form.cleaned_data[name] for name in ("name", "scopes", "requests_per_minute")}
        if change:
            access, _made = ClientAccess.objects.get_or_create(client=obj)
            clients.change_client(access, actor=request.user, reason=form.cleaned_data["change_reason"], **given)
            return
        client, secret = clients.open_client(actor=request.user, **given)
        obj.pk, obj.client_id = client.pk, client.client_id
        messages.warning(request, DRAWN % {"id": client.client_id, "secret": secret})

    def get_urls(self) -> list:
        view = self.admin_site.admin_view(self.verb_view)
        return [
            path("<path:object_id>/do/<slug:name>/", view, name="oauth2_provider_application_verb"),
            *super().get_urls(),
        ]

    def verb_view(self, request, object_id: str, name: str):
        """Says what the verb does, asks why, and does it; a refusal is shown above the form."""
        client = self.get_queryset(request).filter(pk=unquote(object_id)).first() if object_id.isdigit() else None
        access = access_of(client) if client is not None else None
        if not self.has_change_permission(request, client):
            raise PermissionDenied
        if access is None or name not in VERBS:
            raise Http404
        verb, back = VERBS[name], reverse("admin:oauth2_provider_application_change", args=[access.client_id])
        form = VerbForm(request.POST or None, initial={"version": access.version})
        if request.method == "POST" and form.is_valid():
            try:
                said = verb.act(access, actor=request.user, **form.cleaned_data)
            except Refused as refused:
                form.add_error(None, [str(reason) for reason in refused])
            else:
                (messages.warning if name == "rotate-secret" else messages.success)(request, said)
                return redirect(back)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": verb.label,
            "subtitle": str(client),
            "text": verb.text,
            "original": client,
            "form": form,
            "media": self.media + form.media,
            "back": back,
        }
        return TemplateResponse(request, "core/admin/client_verb.html", context)

    # The history is kept by the database; a second log beside it could only disagree.
    def log_addition(self, request, obj, message):
        return None

    def log_change(self, request, obj, message):
        return None

    def log_deletions(self, request, queryset):
        return None

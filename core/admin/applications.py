"""The city's other systems that call the API: OAuth2 clients, for administrators."""

import secrets

from django import forms
from django.contrib import admin, messages
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import get_application_model
from unfold.admin import ModelAdmin

from core.admin.base import Place
from core.admin.permissions import ForRoles
from core.admin.sidebar import ADMINISTRATION
from core.roles import Role

Application = get_application_model()


class ApplicationForm(forms.ModelForm):
    class Meta:
        model = Application
        fields = ["name"]

    def clean_name(self) -> str:
        name = self.cleaned_data["name"].strip()
        if not name:
            raise forms.ValidationError(_("Name the system that calls."))
        return name


@admin.register(Application)
class ApplicationAdmin(ForRoles, ModelAdmin):
    """Opened and closed by administrators. The secret is drawn here and shown once: only its hash is kept."""

    form = ApplicationForm
    list_display = ["name", "client_id", "created"]
    search_fields = ["name__unaccent__icontains", "client_id__icontains"]
    fields = ["name", "client_id", "created", "updated"]
    add_fieldsets = [(None, {"fields": ["name"]})]
    readonly_fields = ["client_id", "created", "updated"]
    ordering = ["name", "pk"]
    sidebar = Place(910, "key", ADMINISTRATION)

    def _administers(self, request) -> bool:
        user = request.user
        return user.is_active and (user.is_superuser or Role.ADMINISTRATOR in user.role_names)

    def has_view_permission(self, request, obj=None) -> bool:
        return self._administers(request)

    has_add_permission = has_change_permission = has_delete_permission = has_view_permission

    def save_model(self, request, obj, form, change):
        if change:
            super().save_model(request, obj, form, change)
            return
        secret = secrets.token_urlsafe(32)
        obj.client_type = Application.CLIENT_CONFIDENTIAL
        obj.authorization_grant_type = Application.GRANT_CLIENT_CREDENTIALS
        obj.client_secret = secret
        super().save_model(request, obj, form, change)
        sentence = _("Client id: %(id)s. Secret: %(secret)s. Copy it now: it is not shown again.")
        messages.warning(request, sentence % {"id": obj.client_id, "secret": secret})

    def log_addition(self, request, obj, message):
        return None

    def log_change(self, request, obj, message):
        return None

    def log_deletions(self, request, queryset):
        return None

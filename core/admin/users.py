"""Accounts and their roles, for administrators."""

from django import forms
from django.contrib import admin
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminPasswordWidget

from core import history
from core.accounts import KEPT, delete_account, is_kept, keep_address, keep_own_access, set_roles
from core.admin.base import Place, RecordAdmin, saving
from core.admin.forms import RecordForm
from core.admin.history import Entry
from core.admin.sidebar import ADMINISTRATION
from core.exceptions import Refused
from core.models import User
from core.roles import Role


class UserForm(RecordForm):
    """Roles as checkboxes; a password only where one is set by hand, because most people come by single sign-on."""

    roles = forms.MultipleChoiceField(
        label=_("roles"),
        required=False,
        choices=[(role.value, role.label) for role in Role],
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("What the person may do comes from the roles and from nothing else."),
    )
    new_password = forms.CharField(
        label=_("new password"),
        required=False,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=_("Empty = unchanged; without any password the person comes by single sign-on."),
    )

    # Who fills the form in.
    actor: User

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["roles"] = sorted(self.instance.role_names)

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()

    def clean_new_password(self) -> str:
        password = self.cleaned_data["new_password"]
        if password:
            validate_password(password, self.instance)
        return password

    def clean(self):
        cleaned = super().clean()
        if not self.instance.password and not cleaned.get("new_password"):
            self.instance.set_unusable_password()
        if cleaned.get("new_password"):
            self.instance.set_password(cleaned["new_password"])
        roles = cleaned.get("roles", self.instance.role_names if self.instance.pk else [])
        try:
            keep_own_access(self.instance, actor=self.actor, roles=roles, is_active=cleaned.get("is_active", True))
        except Refused as refused:
            for reason in refused:
                self.add_error(reason.field, str(reason))
        return cleaned


@admin.register(User)
class UserAdmin(RecordAdmin):
    form = UserForm
    list_display = ["__str__", "email", "role_list", "directorate", "is_active", "last_login"]
    list_filter = ["groups", "is_active"]
    search_fields = [
        "email__icontains",
        "first_name__unaccent__icontains",
        "last_name__unaccent__icontains",
        "directorate__unaccent__icontains",
    ]
    fieldsets = [
        (None, {"fields": [("first_name", "last_name"), "email", "directorate", "language"]}),
        (_("Access"), {"fields": ["roles", "is_active", "new_password", "last_login"]}),
    ]
    readonly_fields = ["last_login"]
    sidebar = Place(900, "group", ADMINISTRATION)
    attaches = False

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("groups")

    @admin.display(description=_("roles"))
    def role_list(self, user: User) -> str:
        held = {group.name for group in user.groups.all()}
        return ", ".join(str(role.label) for role in Role if role in held)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.actor = request.user
        return form

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        with saving(None):
            set_roles(form.instance, form.cleaned_data["roles"], actor=request.user)
        keep_address(form.instance)

    def get_deleted_objects(self, objs, request):
        """Of an account that is kept, that it is, and nothing of what holds it."""
        if any(user.pk != request.user.pk and is_kept(user) for user in objs):
            return [], {}, set(), [KEPT]
        return super().get_deleted_objects(objs, request)

    def delete_model(self, request, obj):
        with saving(None):
            delete_account(obj, actor=request.user)

    def entries(self, request, record) -> list[Entry]:
        """The changes of the account, and the roles given and taken away."""
        sentences = {"insert": gettext("Role given: %(role)s"), "delete": gettext("Role taken away: %(role)s")}
        roles = [
            Entry(change, "", sentences[change.action] % {"role": role})
            for role, change in history.changes_of_roles(record)
        ]
        return [*super().entries(request, record), *roles]

"""What pages of records and the rows within them share: whom they show, and how their fields are asked for."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelect2Widget

from core.admin.arrays import array_field
from core.admin.forms import visible_choices
from core.admin.permissions import ForRoles
from core.admin.shares import Choices, shares_field
from core.shares import SharesField


class FoundByTyping(AutocompleteSelect):
    """Shows the chosen record by its name; an address or a form that names no key at all has chosen nothing."""

    @property
    def media(self) -> forms.Media:
        """Select2 as Unfold's own fields load it, with the texts of the active language: Django's would be a second one, to
        which these texts would go while the first one speaks English."""
        language = self.i18n_name  # type: ignore[attr-defined]  # missing in the stubs
        texts = (f"admin/js/vendor/select2/i18n/{language}.js",) if language else ()
        init = ("admin/js/jquery.init.js", "admin/js/autocomplete.js")
        return UnfoldAdminSelect2Widget().media + forms.Media(
            js=("admin/js/vendor/select2/select2.full.js", *texts, *init)
        )

    def optgroups(self, name, value, attr=None):
        return super().optgroups(name, [key for key in value if self._is_key(key)], attr)

    def _is_key(self, value) -> bool:
        try:
            self.field.target_field.clean(value, None)
        except ValidationError:
            return False
        return True


class VisibleRecords(ForRoles):
    """Only records, and choices of records, that the reader may see."""

    # The codes that a column of shares is written with: its name -> function of the reader, which gives codes with names.
    choices_from: Mapping[str, Callable[..., Choices]] = MappingProxyType({})

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """Columns that hold several values are asked for one by one."""
        if isinstance(db_field, ArrayField):
            return array_field(db_field)
        if isinstance(db_field, SharesField):
            offered = self.choices_from.get(db_field.name)
            return shares_field(db_field, offered(request.user) if offered else ())
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_queryset(self, request) -> models.QuerySet:
        return self.model._default_manager.visible_to(request.user).order_by(*self.get_ordering(request))

    def get_ordering(self, request):
        return self.ordering or self.model._meta.ordering

    def get_autocomplete_fields(self, request) -> list[str]:
        """Every foreign key to a record that has a searchable page is found by typing."""
        return [field.name for field in self.model._meta.concrete_fields if self._is_searched(request, field)]

    def _is_searched(self, request, field) -> bool:
        if field.remote_field is None or not field.editable:
            return False
        page = self.admin_site._registry.get(field.remote_field.model)
        return page is not None and bool(page.get_search_fields(request))

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        kwargs.setdefault("queryset", visible_choices(db_field, request.user))
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", FoundByTyping(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_choice_field(self, db_field, request, **kwargs):
        if not db_field.has_default() and not db_field.blank:
            # Chosen, never left as what happens to stand first.
            kwargs.setdefault("choices", db_field.get_choices(include_blank=True, blank_choice=[("", _("Choose"))]))
        return super().formfield_for_choice_field(db_field, request, **kwargs)

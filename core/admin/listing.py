"""Lists: saved views beside search and filters, and exports of what the list shows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin.exceptions import DisallowedModelAdminLookup
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG
from django.db import models
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from import_export.admin import ExportMixin
from import_export.fields import Field
from import_export.formats.base_formats import CSV, ODS, XLSX
from import_export.resources import ModelResource
from unfold.contrib.import_export.forms import ExportForm
from unfold.views import ChangeList

from core.dates import PrecisionField
from core.search import typed

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin as Page
else:
    Page = object

VIEW = "view"


@dataclass(frozen=True)
class SavedView:
    """A question that is asked of a list again and again; `find(reader)` is the selector that answers it."""

    name: str
    label: str | Promise
    find: Callable[..., models.QuerySet]


class RecordList(ChangeList):
    """A list that `?view=<name>` narrows to a saved view; a name that does not exist shows nothing."""

    def get_filters_params(self, params=None):
        lookups = super().get_filters_params(params)
        lookups.pop(VIEW, None)
        # Where the reader came from, on addresses that the record's page hands on.
        lookups.pop("_changelist_filters", None)
        return lookups

    def get_filters(self, request):
        """What the list does not offer, or cannot read, is left out: the reader is led to the list without it."""
        try:
            return super().get_filters(request)
        except (DisallowedModelAdminLookup, ValueError, OverflowError) as error:
            raise IncorrectLookupParameters from error

    def get_results(self, request):
        super().get_results(request)
        if not self.model_admin.search_fields and typed(self.query).cut:
            messages.warning(request, _("This is long: only its first words were looked for."))

    def get_queryset(self, request, exclude_parameters=None):
        queryset = super().get_queryset(request, exclude_parameters)
        name = request.GET.get(VIEW)
        if not name:
            return queryset
        chosen = next((view for view in self.model_admin.views if view.name == name), None)
        if chosen is None:
            return queryset.none()
        return queryset.filter(pk__in=chosen.find(request.user).order_by().values("pk"))


def tabs(request) -> list[dict]:
    """The saved views of the list that is shown, as tabs above it. Those of the others are left out: Unfold would compare
    each link of the sidebar with every one of them."""
    found = []
    for model, page in admin.site._registry.items():
        views = getattr(page, "views", ())
        if not views or not page.has_view_permission(request):
            continue
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        if request.path != address:
            continue
        chosen = request.GET.get(VIEW, "")
        everything = [{"title": _("All"), "link": address, "active": lambda request, on=chosen == "": on}]
        items = [
            {
                "title": view.label,
                "link": f"{address}?{VIEW}={view.name}",
                "active": lambda request, on=chosen == view.name: on,
            }
            for view in views
        ]
        found.append({"models": [str(model._meta)], "items": everything + items})
    return found


def harmless(value):
    """A text that a spreadsheet does not take for a formula."""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r", "\n")):
        return f"'{value}"
    return value


class ExportedField(Field):
    """A column as a person reads it: the name of a record and the label of a choice, not their keys."""

    def get_value(self, instance):
        label = getattr(instance, f"get_{self.attribute}_display", None)
        value = label() if label else super().get_value(instance)
        return str(value) if isinstance(value, models.Model | Promise) else value

    def export(self, instance, **kwargs):
        cell = super().export(instance, **kwargs)
        # A number may start with a minus; whatever else may hold words is never let through as a formula.
        return cell if isinstance(self.get_value(instance), int | float | Decimal) else harmless(cell)


class ComputedField(ExportedField):
    """A column that no single field of the record holds."""

    def __init__(self, function: Callable[..., str], column_name: str):
        super().__init__(column_name=column_name, readonly=True)
        self.function = function

    def get_value(self, instance):
        return self.function(instance)


class RecordResource(ModelResource):
    DEFAULT_RESOURCE_FIELD = ExportedField


class OfferedFilters(Page):
    """A list is narrowed by the filters that it shows, and by nothing else: any other lookup could ask about hidden records."""

    def lookup_allowed(self, lookup: str, value: str, request=None) -> bool:
        offered = {f"{self.date_hierarchy}__{part}" for part in ("year", "month", "day")}
        name: Any
        for chosen in self.get_list_filter(request):
            name = getattr(chosen, "parameter_name", None) or (chosen[0] if isinstance(chosen, tuple) else chosen)
            offered |= {name, f"{name}__exact", f"{name}__isnull", f"{name}__id__exact"}
        return lookup in offered


class ExportedList(ExportMixin):
    """Exports what the list shows, with its search, filters and view, as CSV, ODS or XLSX; never more than the reader sees."""

    export_form_class = ExportForm
    # Columns that no export holds.
    not_exported: tuple[str, ...] = ()
    # Columns beside the record's own: name -> (header, function of the record).
    export_columns: Mapping[str, tuple[str | Promise, Callable[..., str]]] = MappingProxyType({})

    def get_export_formats(self) -> list:
        return [CSV, ODS, XLSX]

    def has_export_permission(self, request) -> bool:
        return self.has_view_permission(request)

    def get_export_resource_classes(self, request) -> list:
        meta = self.model._meta
        columns = {
            field.name: ExportedField(attribute=field.name, column_name=self.export_header(field), readonly=True)
            for field in meta.concrete_fields
            if not isinstance(field, models.GeneratedField)
            and field.name not in self.not_exported
            and field.name not in self.model.untracked
        }
        columns |= {
            name: ComputedField(find, capfirst(str(label))) for name, (label, find) in self.export_columns.items()
        }
        declared = type("Meta", (), {"model": self.model, "fields": list(columns)})
        resource = type(f"{self.model.__name__}Resource", (RecordResource,), {**columns, "Meta": declared})
        return [resource]

    def export_header(self, field: models.Field) -> str:
        """The field's label in the reader's language; what says how exactly a date is known names its date."""
        if isinstance(field, PrecisionField):
            date = self.model._meta.get_field(field.name.removesuffix("_precision"))
            return f"{capfirst(str(date.verbose_name))} ({field.verbose_name})"
        return capfirst(str(field.verbose_name))

    def export_action(self, request):
        try:
            return super().export_action(request)
        except IncorrectLookupParameters:
            return redirect(f"{request.path}?{ERROR_FLAG}=1")

    def get_export_queryset(self, request):
        related = [field.name for field in self.model._meta.concrete_fields if field.many_to_one or field.one_to_one]
        return super().get_export_queryset(request).select_related(*related)

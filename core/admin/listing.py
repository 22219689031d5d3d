"""Lists: saved views beside search and filters, and exports of what the list shows."""

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import admin
from django.db import models
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from import_export.admin import ExportMixin
from import_export.fields import Field
from import_export.formats.base_formats import CSV, ODS, XLSX
from import_export.resources import ModelResource
from unfold.contrib.import_export.forms import ExportForm
from unfold.views import ChangeList

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
    """The saved views of every list, as tabs above it."""
    found = []
    for model, page in admin.site._registry.items():
        views = getattr(page, "views", ())
        if not views or not page.has_view_permission(request):
            continue
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        chosen = request.GET.get(VIEW, "") if request.path == address else None
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
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return value


class ExportedField(Field):
    def get_value(self, instance):
        value = super().get_value(instance)
        return str(value) if isinstance(value, models.Model) else value

    def export(self, instance, **kwargs):
        return harmless(super().export(instance, **kwargs))


class RecordResource(ModelResource):
    DEFAULT_RESOURCE_FIELD = ExportedField


class ExportedList(ExportMixin):
    """Exports what the list shows, with its search, filters and view, as CSV, ODS or XLSX; never more than the reader sees."""

    export_form_class = ExportForm
    # Columns that no export holds.
    not_exported: tuple[str, ...] = ()

    def get_export_formats(self) -> list:
        return [CSV, ODS, XLSX]

    def has_export_permission(self, request) -> bool:
        return self.has_view_permission(request)

    def get_export_resource_classes(self, request) -> list:
        meta = self.model._meta
        columns = {
            field.name: ExportedField(attribute=field.name, column_name=field.name, readonly=True)
            for field in meta.concrete_fields
            if not isinstance(field, models.GeneratedField)
            and field.name not in self.not_exported
            and field.name not in self.model.untracked
        }
        declared = type("Meta", (), {"model": self.model, "fields": list(columns)})
        resource = type(f"{self.model.__name__}Resource", (RecordResource,), {**columns, "Meta": declared})
        return [resource]

    def get_export_queryset(self, request):
        related = [field.name for field in self.model._meta.concrete_fields if field.many_to_one or field.one_to_one]
        return super().get_export_queryset(request).select_related(*related)

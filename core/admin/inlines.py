"""Rows shown within the page of the record that they belong to."""

from django.contrib.contenttypes.models import ContentType
from django.forms.models import _get_foreign_key
from unfold.admin import GenericStackedInline, GenericTabularInline, StackedInline, TabularInline

from core.admin.fields import VisibleRecords
from core.admin.forms import AttachedFormSet, RowForm, RowFormSet


class Rows(VisibleRecords):
    """Rows by role, checked whole, refused where somebody else has changed them meanwhile."""

    form = RowForm
    formset = RowFormSet
    extra = 0
    fk_name: str | None

    def get_fields(self, request, obj=None) -> list:
        fields = [name for name in super().get_fields(request, obj) if name != "opened_version"]
        return [*fields, "opened_version"] if self.has_change_permission(request, obj) else fields

    def tie(self, record) -> dict[str, int]:
        """The columns that tie these rows to their record, with their values."""
        key = _get_foreign_key(type(record), self.model, fk_name=self.fk_name)
        return {key.attname: record.pk}


class RowsTable(Rows, TabularInline):
    """Few short fields: one line a row."""


class RowsStack(Rows, StackedInline):
    """Many or long fields."""

    collapsible = True


class AttachedRows(Rows):
    """Rows that any kind of record may have."""

    formset = AttachedFormSet
    ct_field = "content_type"
    ct_fk_field = "object_id"

    def tie(self, record) -> dict[str, int]:
        return {"content_type_id": ContentType.objects.get_for_model(record).pk, "object_id": record.pk}


class AttachedTable(AttachedRows, GenericTabularInline):
    tab = True


class AttachedStack(AttachedRows, GenericStackedInline):
    tab = True

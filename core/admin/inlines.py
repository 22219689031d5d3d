"""Rows shown within the page of the record that they belong to."""

from django import forms
from django.contrib import admin
from django.contrib.contenttypes.models import ContentType
from django.forms.models import _get_foreign_key
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import GenericStackedInline, GenericTabularInline, StackedInline, TabularInline

from core.admin.fields import VisibleRecords
from core.admin.forms import AttachedFormSet, RowForm, RowFormSet
from core.models import Citation, Document


class Rows(VisibleRecords):
    """Rows by role, checked whole, refused where somebody else has changed them meanwhile."""

    form = RowForm
    formset = RowFormSet
    extra = 0
    fk_name: str | None
    # Columns that the database keeps by itself: nobody changed them.
    not_in_history: tuple[str, ...] = ()

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
    """Many or long fields. A row opens by a click; a new one, and one that is refused, stands open."""

    template = "core/admin/rows_stack.html"
    # What stands above the rows.
    template_before = ""
    collapsible = True


class AttachedRows(Rows):
    """Rows that any kind of record may have."""

    formset = AttachedFormSet
    ct_field = "content_type"
    ct_fk_field = "object_id"

    def allowed(self, request, verb: str, obj) -> bool:
        """Whoever writes these rows changes the record that they are attached to."""
        if not super().allowed(request, verb, obj):
            return False
        return verb == "view" or obj is None or obj.takes_attachments(request.user)

    def tie(self, record) -> dict[str, int]:
        return {"content_type_id": ContentType.objects.get_for_model(record).pk, "object_id": record.pk}


class AttachedTable(AttachedRows, GenericTabularInline):
    tab = True


class AttachedStack(AttachedRows, GenericStackedInline):
    tab = True


class KeptFile(forms.Widget):
    """A file that is already kept: a link to read it, nothing to replace it with."""

    def __init__(self, document: Document):
        super().__init__()
        self.document = document

    def render(self, name, value, attrs=None, renderer=None) -> SafeString:
        return link_to(self.document)


def link_to(document: Document) -> SafeString:
    """A link to the file, which the app serves to those who see its record."""
    return format_html(
        '<a class="underline text-primary-600 dark:text-primary-500" href="{}">{}</a>',
        reverse("document", args=[document.uuid]),
        document.filename,
    )


class DocumentForm(RowForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk and "file" in self.fields:
            self.fields["file"].disabled = True
            self.fields["file"].widget = KeptFile(self.instance)


class DocumentRows(AttachedTable):
    model = Document
    form = DocumentForm
    not_in_history = ("uuid", "sha256")
    fields = ["title", "file", "kind_and_size", "created_at"]
    readonly_fields = ["kind_and_size", "created_at"]
    verbose_name_plural = _("documents")

    @admin.display(description=_("type and size"))
    def kind_and_size(self, document: Document) -> str:
        if document._state.adding:
            return ""
        kilobytes = max(document.size // 1000, 1)
        return f"{document.media_type}, {kilobytes} kB"


class CitationRows(AttachedTable):
    model = Citation
    fields = ["source", "section", "fact", "note_fr", "note_en"]
    verbose_name_plural = _("sources of the facts")

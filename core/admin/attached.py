"""Documents and citations on the page of their record, and the sources that facts are taken from."""

from django import forms
from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from core.admin import columns
from core.admin.base import Place, RecordAdmin
from core.admin.forms import RowForm
from core.admin.inlines import AttachedTable
from core.admin.sidebar import ADMINISTRATION
from core.models import Citation, Document, Source


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


class AttachedAdmin(RecordAdmin):
    """Lists across records. Attaching is done on the page of the record itself."""

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("record")


@admin.register(Document)
class DocumentAdmin(AttachedAdmin):
    list_display = ["title", "file_link", columns.text("record", _("record")), "media_type", "created_at"]
    search_fields = ["title__unaccent__icontains", "filename__unaccent__icontains"]
    list_filter = ["media_type"]
    fields = ["title", "file_link", "record_name", "media_type", "size", "sha256", "created_at"]
    readonly_fields = ["file_link", "record_name", "media_type", "size", "sha256", "created_at"]
    sidebar = Place(810, "attach_file", ADMINISTRATION)
    not_exported = ("file",)

    @admin.display(description=_("file"))
    def file_link(self, document: Document) -> str:
        return link_to(document)

    @admin.display(description=_("record"))
    def record_name(self, document: Document) -> str:
        return str(document.record)


@admin.register(Citation)
class CitationAdmin(AttachedAdmin):
    list_display = ["source", "section", columns.text("record", _("record")), "fact"]
    list_select_related = ["source"]
    search_fields = ["section__unaccent__icontains", "note__unaccent__icontains", "source__title__unaccent__icontains"]
    list_filter = ["source"]
    fields = ["record_name", "source", "section", "fact", "note_fr", "note_en"]
    readonly_fields = ["record_name"]

    @admin.display(description=_("record"))
    def record_name(self, citation: Citation) -> str:
        return str(citation.record)


@admin.register(Source)
class SourceAdmin(RecordAdmin):
    list_display = [
        columns.text("title", _("title"), "title_fr"),
        columns.state("kind", _("kind"), {"official": "success", "outside": "warning"}),
        "published_on",
    ]
    search_fields = ["title_fr__unaccent__icontains", "title_en__unaccent__icontains", "slug__icontains"]
    list_filter = ["kind"]
    prepopulated_fields = {"slug": ["title_fr"]}
    fields = [("title_fr", "title_en"), "slug", "kind", "published_on", "url"]
    sidebar = Place(820, "menu_book", ADMINISTRATION)
    attaches = False

"""Documents and citations across records, and the sources that facts are taken from."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin import columns
from core.admin.base import Place, RecordAdmin
from core.admin.inlines import link_to
from core.admin.sidebar import ADMINISTRATION
from core.models import Citation, Document, Source


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
    not_in_history = ("uuid", "sha256")

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
    search_fields = [
        "section__unaccent__icontains",
        "note_fr__unaccent__icontains",
        "note_en__unaccent__icontains",
        "source__title_fr__unaccent__icontains",
        "source__title_en__unaccent__icontains",
    ]
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

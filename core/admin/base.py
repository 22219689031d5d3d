"""What the pages of every record share."""

from dataclasses import dataclass
from typing import cast

import pghistory
from django.contrib import messages
from django.contrib.admin import ShowFacets
from django.contrib.admin.utils import quote
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection
from django.db.models import ProtectedError
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin

from core.admin.fields import VisibleRecords
from core.admin.forms import REASON_LENGTH, RecordForm, as_validation_error
from core.admin.history import WithHistory
from core.admin.inlines import CitationRows, DocumentRows
from core.admin.life import WithLife
from core.admin.listing import ExportedList, OfferedFilters, RecordList, SavedView
from core.database import refusal
from core.deletion import OUT_OF_REACH, check_deletion, not_to_delete, seen_among, whole
from core.exceptions import Refused
from core.models import Attached, BaseModel
from core.models.attached import no_file_without_document
from core.search import matches


@dataclass(frozen=True)
class Place:
    """Where the list stands in the sidebar: the group, the order within the whole, and a Material symbol."""

    order: int
    icon: str
    group: str | Promise = ""


class RowRefused(Exception):
    """What the database or another row refused on saving, with the prefix of the form that it belongs to."""

    def __init__(self, prefix: str | None, error: ValidationError):
        self.prefix = prefix
        self.error = error
        super().__init__(str(error))


class RecordAdmin(VisibleRecords, WithLife, WithHistory, OfferedFilters, ExportedList, ModelAdmin):
    """Pages of a record: who sees it, what refuses it, its life, its history, its documents and its export.

    It holds no rule. Whatever saving refuses (ValidationError, Refused, a constraint of the database) takes the whole
    page back and is shown in the form where it belongs, with nothing written.
    """

    form = RecordForm
    change_form_template = "core/admin/change_form.html"
    list_per_page = 50
    show_facets = ShowFacets.NEVER
    list_filter_submit = True
    show_full_result_count = False
    sidebar: Place | None = None
    views: tuple[SavedView, ...] = ()
    # Whether documents and citations are attached on this record's page.
    attaches = True

    # --- lists ---

    def get_changelist(self, request, **kwargs):
        return RecordList

    def get_search_fields(self, request):
        if self.search_fields:
            return self.search_fields
        return ("search",) if any(field.name == "search" for field in self.model._meta.fields) else ()

    def get_search_results(self, request, queryset, search_term):
        """Full text where the record has it; otherwise its search fields, accents ignored."""
        if self.search_fields:
            return super().get_search_results(request, queryset, search_term)
        return matches(queryset, search_term, request.user), False

    # --- pages ---

    def get_inlines(self, request, obj):
        inlines = super().get_inlines(request, obj)
        if (
            obj is None
            or not self.attaches
            or not issubclass(self.model, BaseModel)
            or issubclass(self.model, Attached)
        ):
            return inlines
        return [*inlines, DocumentRows, CitationRows]

    def get_object(self, request, object_id, from_field=None):
        if request.method == "POST" and connection.in_atomic_block:
            # Held until the answer, so that nobody changes the record between the check of its version and the save.
            field = self.model._meta.get_field(from_field) if from_field else self.model._meta.pk
            try:
                key = field.to_python(object_id)
            except (ValidationError, ValueError):
                return None
            self.model._base_manager.select_for_update(of=("self",)).filter(**{field.name: key}).first()
        return super().get_object(request, object_id, from_field)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = cast("type[RecordForm]", super().get_form(request, obj, change=change, **kwargs))
        form.reader = request.user
        form.refusal = getattr(request, "refused_rows", {}).get(None)
        return form

    def _create_formsets(self, request, obj, change):
        formsets, inlines = super()._create_formsets(request, obj, change)
        for formset in formsets:
            formset.form.reader = request.user
        refused = getattr(request, "refused_rows", {})
        for form in (form for formset in formsets for form in formset.forms if form.prefix in refused):
            form.refusal = refused[form.prefix]
        return formsets, inlines

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        if request.method != "POST":
            return super().changeform_view(request, object_id, form_url, extra_context)
        reason = request.POST.get("change_reason", "").strip()[:REASON_LENGTH]
        with pghistory.context(**({"reason": reason} if reason else {})):
            try:
                with no_file_without_document():
                    return super().changeform_view(request, object_id, form_url, extra_context)
            except RowRefused as refused:
                # Everything was rolled back; the same form is shown again, with the reason where it belongs.
                request.refused_rows = {refused.prefix: refused.error}
                return super().changeform_view(request, object_id, form_url, extra_context)

    # --- saving ---

    def save_model(self, request, obj, form, change):
        with saving(None):
            super().save_model(request, obj, form, change)

    def save_formset(self, request, form, formset, change):
        formset.save(commit=False)
        for gone in formset.deleted_objects:
            prefix = next(row.prefix for row in formset.initial_forms if row.instance.pk == gone.pk)
            with saving(prefix, request.user):
                check_deletion(gone, request.user)
                gone.delete()
        written = {id(record) for record in formset.new_objects} | {
            id(record) for record, _names in formset.changed_objects
        }
        for row in formset.saving_order():
            if id(row.instance) in written:
                with saving(row.prefix):
                    row.instance.save()

    # The history is kept by the database; a second log beside it could only disagree.
    def log_addition(self, request, obj, message):
        return None

    def log_change(self, request, obj, message):
        return None

    def log_deletions(self, request, queryset):
        return None

    # --- deleting ---

    def get_deleted_objects(self, objs, request):
        """What goes with the record and what protects it; of what the reader may not see, neither kind nor number."""
        collector = whole(objs, self.model)
        gone = {record for records in collector.model_objs.values() for record in records}
        seen, holding = seen_among(gone, request.user), seen_among(collector.protected, request.user)
        lacking = {record._meta.verbose_name for record in not_to_delete(seen, request.user)}
        if gone - seen:
            lacking.add(_("other records"))
        kinds = [record._meta.verbose_name_plural for record in seen]
        counts = {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}
        names = Names(self, request)
        protected = sorted({names.name(record) for record in holding})
        if collector.protected and not protected:
            protected = [_("other records")]
        collector.edges = {of: [row for row in rows if row in seen] for of, rows in collector.edges.items()}
        return collector.nested(names.name), counts, lacking, protected

    def delete_view(self, request, object_id, extra_context=None):
        try:
            return super().delete_view(request, object_id, extra_context)
        except RowRefused as refused:
            for sentence in refused.error.messages:
                messages.error(request, sentence)
            return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", object_id)

    def delete_model(self, request, obj):
        with saving(None, request.user):
            check_deletion(obj, request.user)
            super().delete_model(request, obj)


class Names:
    """How records read on the page that asks whether to delete: with a link where they have a page."""

    def __init__(self, page: RecordAdmin, request):
        self.page = page
        self.request = request

    def name(self, record) -> str:
        kind = capfirst(record._meta.verbose_name)
        text = format_html("{} — {}", kind, record)
        if type(record) not in self.page.admin_site._registry:
            return text
        try:
            address = reverse(
                f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[quote(record.pk)]
            )
        except NoReverseMatch:
            return text
        return format_html('{}: <a class="underline" href="{}">{}</a>', kind, address, record)


class saving:
    """Turns whatever saving refuses into a RowRefused of the form with this prefix; names only what the reader may see."""

    def __init__(self, prefix: str | None, reader=None):
        self.prefix = prefix
        self.reader = reader

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind, error, traceback) -> None:
        if isinstance(error, ProtectedError):
            kinds = {str(record._meta.verbose_name) for record in seen_among(error.protected_objects, self.reader)}
            sentence = str(OUT_OF_REACH)
            if kinds:
                sentence = _("Other records still need it: %(records)s.") % {"records": ", ".join(sorted(kinds))}
            raise RowRefused(self.prefix, ValidationError(sentence)) from error
        if isinstance(error, IntegrityError):
            error = refusal(error)
        if isinstance(error, (Refused, ValidationError)):
            raise RowRefused(self.prefix, as_validation_error(error)) from error

"""A record's history page: who changed what, when and why, its rows included."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.template.response import TemplateResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core import history
from core.admin.inlines import Rows

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin as Page
else:
    Page = object

PER_PAGE = 50


@dataclass(frozen=True)
class Entry:
    """One change, and the row that it concerns where it is not the record's own; `tie` names what every row repeats."""

    change: history.Change
    row: str
    verb: str
    tie: frozenset[str] = frozenset()

    @property
    def fields(self) -> list[history.FieldChange]:
        return [field for field in self.change.fields if field.label not in self.tie]

    @property
    def action(self) -> str:
        return {"insert": _("added"), "update": _("changed"), "delete": _("deleted")}[self.change.action]


class WithHistory(Page):
    object_history_template = "core/admin/history.html"
    # Columns that the database or Parvis keeps by itself: nobody changed them.
    not_in_history: tuple[str, ...] = ()

    def history_view(self, request, object_id, extra_context=None):
        """The changes of the record and of its rows, those made by SQL included, newest first."""
        record = self.get_object(request, unquote(object_id))
        if record is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]  # private to Django
        if not self.has_view_permission(request, record):
            raise PermissionDenied
        entries = sorted(self.entries(request, record), key=lambda entry: entry.change.at, reverse=True)
        context = {
            **self.admin_site.each_context(request),
            "title": _("History"),
            "subtitle": str(record),
            "opts": self.opts,
            "object": record,
            "page": Paginator(entries, PER_PAGE).get_page(request.GET.get("p")),
            **(extra_context or {}),
        }
        return TemplateResponse(request, self.object_history_template, context)

    def entries(self, request, record) -> list[Entry]:
        kept = frozenset(
            str(field.verbose_name) for field in self.opts.concrete_fields if field.name in self.not_in_history
        )
        found = [
            Entry(change, "", self.verb_label(change.verb), kept) for change in history.changes(record, request.user)
        ]
        for inline in cast("list[Rows]", self.get_inline_instances(request, record)):
            columns = inline.tie(record)
            meta = inline.model._meta
            left_out = {*columns, *inline.not_in_history}
            tie = frozenset(str(field.verbose_name) for field in meta.concrete_fields if field.attname in left_out)
            kind = capfirst(meta.verbose_name)
            for name, change in history.changes_of_rows(inline.get_queryset(request), columns, request.user):
                found.append(Entry(change, f"{kind} — {name}" if name else kind, "", tie))
        return found

    def verb_label(self, verb: str) -> str:
        life = getattr(self.model, "life", None)
        known = {transition.verb: transition.label for transition in life.transitions} if life else {}
        return str(known.get(verb, verb))

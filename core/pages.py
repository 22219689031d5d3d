"""What the pages of every app share: lists narrowed by their address, answers within the page, and what records carry."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from django.shortcuts import render

from core import translated
from core.models import BaseModel, Citation, Document


def narrowed(request, filter_class, queryset) -> tuple[QuerySet, dict[Any, Any], dict[str, str]]:
    """The rows that the address asks for, the sentences for what it asks wrongly, and what is chosen in each filter.

    Where something is asked wrongly there are no rows.
    """
    data = request.GET.copy()
    for name in list(data):
        data.setlist(name, [value for value in data.getlist(name) if value.strip()])
        if not data.getlist(name):
            del data[name]
    filters = filter_class(data, queryset=queryset, request=request)
    chosen = {name: data.get(name, "") for name in filters.filters}
    if filters.is_valid():
        return filters.qs, {}, chosen
    problems = {
        filters.form.fields[name].label or name: errors
        for name, errors in filters.form.errors.items()
        if name in filters.form.fields
    }
    return queryset.none(), problems, chosen


def show(request, page: str, context: dict):
    """The whole page, or its results alone for an update within the page.

    `page` names both: `partnerships/agreements` is `partnerships/agreements.html` and
    `partnerships/_agreements_results.html`.
    """
    partial = request.htmx and not request.htmx.history_restore_request
    folder, _slash, name = page.rpartition("/")
    response = render(request, f"{folder}/_{name}_results.html" if partial else f"{page}.html", context)
    response["Vary"] = "HX-Request, Cookie"
    return response


def options(rows: QuerySet) -> list[tuple[str, str]]:
    """The slug and the name of each row, to choose from: read without the records, of which there may be hundreds."""
    named = rows.values_list("slug", "name_fr", "name_en")
    return [(slug, translated.read(fr, en)) for slug, fr, en in named]


def cited(reader, model: type[BaseModel]) -> Prefetch:
    """Where each record of the model comes from, as `visible_citations`."""
    citations = Citation.objects.of(model, reader).select_related("source")
    return Prefetch("citations", citations, to_attr="visible_citations")


def attached(reader, model: type[BaseModel]) -> Prefetch:
    """The documents of each record of the model, as `visible_documents`."""
    return Prefetch("documents", Document.objects.of(model, reader), to_attr="visible_documents")

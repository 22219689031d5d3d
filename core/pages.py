"""What the pages of every app share: lists narrowed by their address, answers within the page, and what records carry."""

from collections.abc import Collection, Iterable
from typing import Any

from django import forms
from django.db.models import Prefetch, QuerySet
from django.http import QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from core import clock, translated
from core.as_of.pages import PARAMETER as AS_OF
from core.filters import COMMA, AnyOfFilter, apart
from core.models import BaseModel, Citation, Document

# What the address of a list may hold besides its filters.
BESIDES = ("page",)


def unknown(asked: QueryDict, known: Iterable[str]) -> dict[Any, list[str]]:
    """The sentence for each parameter that nothing on the page answers to: passed over, it would seem to have narrowed."""
    wrong = {name for name in asked if any(value.strip() for value in asked.getlist(name))} - {*known}
    return {name: [_("There is no such filter.")] for name in sorted(wrong)}


class AskedForm(forms.Form):
    """How a list is narrowed that is worked out in Python; an empty field narrows nothing."""

    besides: Collection[str] = BESIDES

    def is_valid(self) -> bool:
        return super().is_valid() and not self._unknown()

    def _unknown(self) -> dict[Any, list[str]]:
        return unknown(self.data, (*self.fields, *self.besides))  # type: ignore[arg-type]  # always of an address

    @property
    def problems(self) -> dict[Any, Any]:
        """The sentences for what is asked wrongly, as those of `narrowed`."""
        return {self.fields[name].label: errors for name, errors in self.errors.items()} | self._unknown()


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
    chosen = {name: _chosen(known, data.getlist(name)) for name, known in filters.filters.items()}
    past = clock.past_day()
    strange = unknown(data, (*filters.filters, *BESIDES, *((AS_OF,) if past else ())))
    if past and "q" in data:
        # The words of then are kept in no index.
        strange["q"] = [_("The past is not searched by words: narrow the list in another way.")]
    if filters.is_valid() and not strange:
        return filters.qs, {}, chosen
    problems = {
        filters.form.fields[name].label or name: errors
        for name, errors in filters.form.errors.items()
        if name in filters.form.fields
    }
    return queryset.none(), problems | strange, chosen


def _chosen(known, values: list[str]) -> str:
    """What a control shows as chosen: of a filter that takes several values all of them, of another one the last."""
    return COMMA.join(apart(values)) if isinstance(known, AnyOfFilter) else (values or [""])[-1]


def narrowing(filter_class, asked: QueryDict, *, shown: Collection[str]) -> list[str]:
    """What narrows a list besides the fields of its form, in words: a figure's link asks for more than the form can say."""
    said = []
    for name, known in filter_class.base_filters.items():
        values = [value for value in asked.getlist(name) if value.strip()]
        values = apart(values) if isinstance(known, AnyOfFilter) else values
        if not values or (name in shown and len(values) == 1):
            continue
        choices = known.extra.get("choices", ())
        labels = {str(value): str(label) for value, label in getattr(choices, "choices", choices)}
        said.append(translated.labelled(known.label, ", ".join(labels.get(v, v) for v in values)))
    return said


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

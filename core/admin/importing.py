"""Lists that take in a file: it is read, shown before anything is written, then written whole or not at all."""

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from import_export.admin import ImportMixin
from import_export.formats.base_formats import CSV, JSON
from import_export.results import Result
from import_export.tmp_storages import CacheStorage
from tablib import Dataset  # type: ignore[import-untyped]
from unfold.contrib.import_export.forms import ImportForm

from core.admin.imported import Absent, Tied, resource_of
from core.exceptions import Refused

LARGEST = 2 * 1024 * 1024
MOST_ROWS = 2000
# Refusals that are shown at once.
SHOWN = 100


class ImportedFileForm(ImportForm):
    def clean_import_file(self):
        file = self.cleaned_data["import_file"]
        if file.size > LARGEST:
            raise ValidationError(_("The file is larger than %(size)s MB.") % {"size": LARGEST // 1024 // 1024})
        return file


class RowsFromCSV(CSV):
    """A table; the separator is the one of its first line, a comma or a semicolon."""

    def create_dataset(self, in_stream, **kwargs):
        text = in_stream.decode(self.encoding or "utf-8-sig") if isinstance(in_stream, bytes) else in_stream
        first = text.partition("\n")[0]
        delimiter = ";" if first.count(";") > first.count(",") else ","
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(cell.strip() for cell in row)]
        return table([dict(zip(rows[0], row, strict=False)) for row in rows[1:]] if rows else [])


class RowsFromJSON(JSON):
    """A list of objects; one that leaves a name out leaves what the record says."""

    def create_dataset(self, in_stream, **kwargs):
        text = in_stream.decode(self.encoding or "utf-8-sig") if isinstance(in_stream, bytes) else in_stream
        rows = json.loads(text, parse_float=Decimal)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise Refused([_("A JSON file to import holds a list of objects.")])
        return table(rows)


def table(rows: list[dict[str, Any]]) -> Dataset:
    headers = list(dict.fromkeys(name for row in rows for name in row))
    if len(rows) > MOST_ROWS:
        raise Refused([_("The file holds more than %(number)s rows.") % {"number": MOST_ROWS}])
    return Dataset(*[tuple(row.get(name, Absent) for name in headers) for row in rows], headers=headers)


class KeptUpload(CacheStorage):
    """The file between its preview and its import; every web process finds it."""

    CACHE_LIFETIME = 3600

    def read(self) -> bytes:
        data = super().read()
        if data is None:
            raise Refused([_("The file is no longer kept: choose it again.")])
        return data


@dataclass(frozen=True)
class Explained:
    """A column as the import page explains it."""

    name: str
    label: str
    help: str | Promise = ""


class ImportedList(ImportMixin):
    """For those who may add and change the records. Importing a file again changes the records that it names."""

    import_export_change_list_template = "admin/import_export/change_list_import_export.html"
    import_template_name = "core/admin/import.html"
    import_form_class = ImportedFileForm
    tmp_storage_class = KeptUpload
    skip_admin_log = True
    # The columns of the file, the one that tells records apart, and how other records are named.
    import_key: str
    import_columns: Sequence[str] = ()
    import_refer: Mapping[str, str] = MappingProxyType({})
    import_tied: Mapping[str, Tied] = MappingProxyType({})
    import_help: Mapping[str, str | Promise] = MappingProxyType({})

    def has_import_permission(self, request) -> bool:
        return self.has_add_permission(request) and self.has_change_permission(request)

    def get_import_formats(self) -> list:
        return [RowsFromCSV, RowsFromJSON]

    def get_import_resource_classes(self, request) -> list:
        columns = self.import_columns
        return [resource_of(self.model, self.import_key, columns, dict(self.import_refer), dict(self.import_tied))]

    def get_import_resource_kwargs(self, request, **kwargs) -> dict:
        return {"reader": request.user}

    def get_import_context_data(self, **kwargs) -> dict:
        return {"columns": [self._explained(name) for name in self.import_columns]}

    def _explained(self, name: str) -> Explained:
        column: Any = self.model._meta.get_field(name)
        label = str(getattr(column, "verbose_name", None) or self.import_tied[name].model._meta.verbose_name_plural)
        choices = getattr(column, "base_field", column)
        offered = ", ".join(value for value, _label in getattr(choices, "flatchoices", ()) or ())
        return Explained(name, label, self.import_help.get(name, "") or offered)

    def add_data_read_fail_error_to_form(self, form, e):
        if isinstance(e, Refused):
            for reason in e:
                form.add_error("import_file", str(reason))
        else:
            form.add_error("import_file", _("The file cannot be read: choose the format that it is in, in UTF-8."))

    def import_action(self, request, **kwargs):
        response = super().import_action(request, **kwargs)
        result = response.context_data.get("result")
        response.context_data |= {"problems": problems(result), "changes": changes(result)}
        return response

    def process_import(self, request, **kwargs):
        try:
            return super().process_import(request, **kwargs)
        except Refused as refused:
            return self._nothing_imported(request, [str(reason) for reason in refused])

    def process_dataset(self, dataset, form, request, **kwargs):
        return super().process_dataset(dataset, form, request, rollback_on_validation_errors=True, **kwargs)

    def process_result(self, result, request):
        found = problems(result)
        if found:
            return self._nothing_imported(request, found)
        return super().process_result(result, request)

    def _nothing_imported(self, request, found: list[str]):
        messages.error(request, _("Nothing was imported."))
        for sentence in found[:SHOWN]:
            messages.error(request, sentence)
        return redirect(reverse("admin:{}_{}_import".format(*self.get_model_info())))

    def add_success_message(self, result, request):
        totals = result.totals
        sentence = _("Imported: %(new)s new, %(changed)s changed, %(same)s unchanged.")
        messages.success(
            request, sentence % {"new": totals["new"], "changed": totals["update"], "same": totals["skip"]}
        )


def problems(result: Result | None) -> list[str]:
    """Every refusal, with its row (the first after the headings is 1) and its column."""
    if result is None:
        return []
    found = []
    for error in result.base_errors:
        reasons = error.error if isinstance(error.error, Refused) else [error.error]
        found += [str(reason) for reason in reasons]
    if found:
        return found
    rows = [(row.number, str(error.error)) for row in result.error_rows for error in row.errors]
    for row in result.invalid_rows:
        rows += [
            (row.number, f"{name}: {sentence}")
            for name, sentences in row.field_specific_errors.items()
            for sentence in sentences
        ]
        rows += [(row.number, str(sentence)) for sentence in row.non_field_specific_errors]
    return [_("Row %(number)s — %(what)s") % {"number": number, "what": what} for number, what in sorted(rows)]


@dataclass(frozen=True)
class RowChange:
    kind: str
    name: str
    cells: list[tuple[str, str]]

    @property
    def label(self) -> str:
        return {"new": _("new"), "update": _("changed"), "skip": _("unchanged")}[self.kind]


def changes(result: Result | None) -> list[RowChange]:
    """What the import would write, record by record: the columns that say something new."""
    if result is None or problems(result):
        return []
    return [
        RowChange(
            row.import_type,
            row.object_repr or "",
            [
                (header, cell)
                for header, cell in zip(result.diff_headers, row.diff or [], strict=False)
                if "<ins" in cell or "<del" in cell
            ],
        )
        for row in result.valid_rows()
    ]

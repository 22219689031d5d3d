"""One run over the files: reads every row, names what is wrong, and writes what is right."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from core.database import refusal
from core.loading import marked, values
from core.loading.marked import BadYaml, Marked
from core.loading.rows import Fault, Rows, Skipped, Unreadable
from core.loading.stored import Stored
from core.models import BaseModel


@dataclass(frozen=True)
class Place:
    file: str
    row: str = ""


class Loader:
    """`files` are loaded; `registered` say by which key a row of any model is named."""

    def __init__(self, reason: str, files: list[tuple[Path, Rows]], registered: list[tuple[Path, Rows]]) -> None:
        self.files = files
        self.faults: list[Fault] = []
        self.stored = Stored(reason)
        self._rows = {rows.model: rows for _path, rows in [*registered, *files]}
        self._seen: dict[tuple, str] = {}
        self._faulty: set[tuple[type[BaseModel], str]] = set()

    def run(self) -> None:
        for path, rows in self.files:
            place = Place("/".join(path.parts[-3:]))
            try:
                document = marked.read(path)
            except BadYaml as error:
                self._fault(place, error.line, str(error))
                continue
            self._document(rows, document, place)
            if not self.faults:
                self._settle(place)

    def _settle(self, place: Place) -> None:
        """Asks after each file what the database asks at the end of the transaction, so that it names the file."""
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        except IntegrityError as error:
            refused = refusal(error)
            said = refused.messages if isinstance(refused, ValidationError) else str(error).splitlines()[:1]
            for message in said:
                self._fault(place, 1, message)

    def _fault(self, place: Place, line: int, message: str, name: str = "") -> None:
        self.faults.append(Fault(message, name, place.file, line, place.row))

    def _document(self, rows: Rows, document: Marked, place: Place) -> None:
        parts = document.value if isinstance(document.value, dict) else {}
        if "rows" not in parts:
            self._fault(place, document.line, _("The file has no list of “rows”."))
        for name in parts.keys() - {"rows", "citations", "not_loaded"}:
            self._fault(
                place, parts[name].line, _("A file has “rows”, “citations” and “not_loaded”, nothing else."), name
            )
        for item in self._items(parts, "not_loaded", place):
            if not isinstance(item.value, dict) or item.value.keys() != {"what", "why"}:
                self._fault(place, item.line, _("Say “what” is not loaded and “why”."), "not_loaded")
        common = self._items(parts, "citations", place)
        for item in self._items(parts, "rows", place):
            self._row(rows, item, place, common=common)

    def _items(self, parts: dict[str, Marked], name: str, place: Place) -> list[Marked]:
        if name not in parts:
            return []
        if not isinstance(parts[name].value, list):
            self._fault(place, parts[name].line, _("This must be a list."), name)
            return []
        return parts[name].value

    def _row(
        self, rows: Rows, item: Marked, place: Place, *, parent: BaseModel | None = None, common: Iterable[Marked] = ()
    ) -> BaseModel | None:
        """Reads a row with its lists, and writes it unless something is wrong. A child whose parent is faulty is read
        all the same, so that its own faults are named too."""
        if not isinstance(item.value, dict):
            self._fault(place, item.line, _("A row is a mapping of names to values."))
            return None
        label = " / ".join(str(item.value[name].value) for name in rows.key if name in item.value)
        place = Place(place.file, " › ".join(filter(None, (place.row, label))))
        faults = len(self.faults)
        record = None
        try:
            columns = self._columns(rows, item, place)
            if len(self.faults) == faults and (parent is not None or not rows.parent):
                record = self._write(rows, columns | rows.place(parent), item, place)
        except Skipped:
            return None
        if len(self.faults) > faults:
            self._faulty.add((rows.model, label))
        self._lists(rows, item, place, record, common)
        return record

    def _lists(
        self, rows: Rows, item: Marked, place: Place, record: BaseModel | None, common: Iterable[Marked]
    ) -> None:
        for name, child in rows.lists().items():
            listed = self._items(item.value, name, place)
            if name == "citations":
                listed = [*listed, *common]
                if not listed:
                    self._fault(place, item.line, _("Say where this comes from: the row has no citation."), name)
            written = [self._row(child, each, place, parent=record) for each in listed]
            if record is not None and not self.faults:
                self._remove_others(child, record, {each.pk for each in written if each is not None}, item, place, name)

    def _remove_others(
        self, rows: Rows, parent: BaseModel, staying: set[int], item: Marked, place: Place, name: str
    ) -> None:
        try:
            self.stored.remove_others(rows, parent, staying)
        except (ProtectedError, DatabaseError) as error:
            reason = str(error.args[0]).splitlines()[0]
            self._fault(
                place,
                item.line,
                _("What has left this list cannot be taken back: %(reason)s") % {"reason": reason},
                name,
            )

    def _columns(self, rows: Rows, item: Marked, place: Place) -> dict[str, Any]:
        """The columns that the row gives, and the defaults of those that it leaves out."""
        fields = rows.fields()
        names = {*fields, *rows.lists()}
        for name in item.value.keys() - names:
            known = {"names": ", ".join(sorted(names))}
            self._fault(
                place, item.value[name].line, _("There is no such field here; there are: %(names)s.") % known, name
            )
        found: dict[str, Any] = {}
        for name, field in fields.items():
            given = item.value.get(name, Marked(None, item.line))
            if given.value is None and name in rows.key and not (field.blank or field.null):
                self._fault(place, given.line, _("This names the row: it cannot be left out."), name)
                continue
            try:
                found |= values.read(field, given.value, self._refer)
            except Unreadable as error:
                self._fault(place, given.line, str(error), name)
        return found

    def _refer(self, model: type[Any], text: str) -> Any:
        """The primary key of the row that `text` names; Unreadable where there is none.

        A row that is named by another row (a framework by its agreement) goes by that row's name; one that is named by
        several fields (an objective of a mandate), by all of them with ` / ` between.
        """
        rows = self._rows.get(model)
        if rows is None or rows.parent:
            raise Unreadable(_("No file can name %(kind)s.") % {"kind": model._meta.verbose_name_plural})
        named = [model._meta.get_field(name) for name in rows.key]
        parts = text.split(" / ") if len(named) > 1 else [text]
        record, removed = None, False
        if len(parts) == len(named):
            key = tuple(
                self._refer(field.remote_field.model, part) if field.remote_field else part
                for field, part in zip(named, parts, strict=True)
            )
            record, removed = self.stored.find(rows, key)
        if record is not None:
            return record.pk
        if removed or (model, text) in self._faulty:
            raise Skipped
        raise Unreadable(_("There is no %(kind)s “%(key)s”.") % {"kind": model._meta.verbose_name, "key": text})

    def _write(self, rows: Rows, columns: dict[str, Any], item: Marked, place: Place) -> BaseModel | None:
        key = tuple(columns[name] for name in rows.identity())
        identity = (rows.model, rows.identity(), key)
        if identity in self._seen:
            self._fault(place, item.line, _("This row stands already at %(place)s.") % {"place": self._seen[identity]})
            return None
        self._seen[identity] = f"{place.file}:{item.line}"
        record, removed = self.stored.find(rows, key)
        if removed:
            self.stored.tallies[rows.model].kept += 1
            raise Skipped
        try:
            return self.stored.write(rows, record, columns)
        except ValidationError as error:
            # What only the database could refuse names no field.
            named = ValidationError(error.update_error_dict({}))
            for name, messages in named.message_dict.items():
                shown = "" if name == NON_FIELD_ERRORS else name
                line = item.value.get(shown.removesuffix("_precision"), item).line
                for message in messages:
                    self._fault(place, line, message, shown)
        except DatabaseError as error:
            self._fault(place, item.line, str(error).splitlines()[0])
        return None

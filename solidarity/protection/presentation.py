"""How a file is shown: its texts by name, who may open it, what was read."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.templatetags.parvis import number
from solidarity.models.protected import FileAccess, FileRead, ProtectedFile
from solidarity.protection.selectors import Shown
from solidarity.protection.services import TEXTS


def headline(files: list[Shown]) -> str:
    if not files:
        return _("No protected file is open to you")
    said = ngettext(
        "%(count)s protected file is open to you", "%(count)s protected files are open to you", len(files)
    ) % {"count": number(len(files))}
    due = sum(file.to_be_erased for file in files)
    if not due:
        return said
    late = ngettext("%(count)s to be erased now", "%(count)s to be erased now", due) % {"count": number(due)}
    return f"{said}, {late}"


@dataclass(frozen=True)
class Text:
    """One text of a file by its name; what it says is not here."""

    name: str
    label: str
    is_written: bool


def label(name: str) -> str:
    """What a text, or another thing that is read and noted, is called."""
    others = {"publication": _("what is asked to be published"), "reasons": _("reasons of the accesses")}
    return others.get(name) or str(ProtectedFile._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def texts(file: ProtectedFile) -> list[Text]:
    return [Text(name, label(name), bool(getattr(file, name))) for name in TEXTS]


@dataclass(frozen=True)
class Who:
    """An access with its reason, which stays empty until it is read."""

    access: FileAccess
    reason: str


@dataclass(frozen=True)
class Accesses:
    """Who may open a file now, the first to end first, and who could once."""

    current: list[Who]
    past: list[Who]

    def only(self, reader) -> bool:
        """Whether nobody but the reader is named."""
        return {who.access.user_id for who in self.current} == {reader.pk}


def accesses(found: Iterable[FileAccess], reasons: dict[int | None, str]) -> Accesses:
    all_of_them = [Who(access, reasons.get(access.pk, "")) for access in found]
    current = sorted((who for who in all_of_them if who.access.is_current), key=lambda who: who.access.until)
    return Accesses(current, [who for who in all_of_them if not who.access.is_current])


@dataclass(frozen=True)
class Reading:
    read: FileRead
    label: str


def readings(found: Iterable[FileRead]) -> list[Reading]:
    return [Reading(row, label(row.field)) for row in found]

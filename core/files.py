"""What files are let in, judged by their content and not by their name alone."""

import zipfile
from pathlib import PurePath
from typing import IO

import puremagic
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# What a city hall exchanges. Nothing that a browser would run (HTML, SVG) and nothing that a desktop would.
SIGNED = {".pdf": "application/pdf", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
# Office files are zip archives; each kind has a member that the others lack.
ARCHIVES = {
    ".docx": ("word/document.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ".xlsx": ("xl/workbook.xml", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ".odt": ("META-INF/manifest.xml", "application/vnd.oasis.opendocument.text"),
    ".ods": ("META-INF/manifest.xml", "application/vnd.oasis.opendocument.spreadsheet"),
}
TEXTS = {".txt": "text/plain", ".csv": "text/csv"}
EXTENSIONS = [*SIGNED, *ARCHIVES, *TEXTS]


def check_content(file: IO[bytes], filename: str) -> str:
    """The media type of an allowed file, whose position is left at the start.

    Refuses, with a sentence for the field `file`, an empty file, a type that is not allowed, and a content that is not
    what the name says.
    """
    extension = PurePath(filename).suffix.lower()
    if extension not in EXTENSIONS:
        allowed = ", ".join(name.removeprefix(".") for name in EXTENSIONS)
        raise ValidationError({"file": _("Only these types of file are accepted: %(allowed)s.") % {"allowed": allowed}})
    file.seek(0)
    head = file.read(8192)
    file.seek(0)
    if not head:
        raise ValidationError({"file": _("The file is empty.")})
    media_type = _signed(extension, head) or _archive(extension, file) or _text(extension, head)
    file.seek(0)
    if media_type is None:
        raise ValidationError(
            {
                "file": _("The content of the file is not that of a %(type)s file.")
                % {"type": extension.removeprefix(".")}
            }
        )
    return media_type


def _signed(extension: str, head: bytes) -> str | None:
    if extension not in SIGNED:
        return None
    try:
        found = {match.mime_type for match in puremagic.magic_string(head)}
    except puremagic.PureError:
        return None
    return SIGNED[extension] if SIGNED[extension] in found else None


def _archive(extension: str, file: IO[bytes]) -> str | None:
    if extension not in ARCHIVES or not zipfile.is_zipfile(file):
        return None
    member, media_type = ARCHIVES[extension]
    with zipfile.ZipFile(file) as archive:
        names = archive.namelist()
        if member not in names:
            return None
        if "mimetype" in names and archive.read("mimetype").decode(errors="replace").strip() != media_type:
            return None
    return media_type


def _text(extension: str, head: bytes) -> str | None:
    if extension not in TEXTS or b"\x00" in head:
        return None
    return TEXTS[extension]

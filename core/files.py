"""What files are let in, judged by their content and not by their name alone."""

import zipfile
import zlib
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
# A member `mimetype` is one short line: what is longer is not read.
MIMETYPE_MAX_BYTES = 200
# Every way in which zipfile gives up on a damaged, encrypted or strangely packed archive.
UNREADABLE = (zipfile.BadZipFile, RuntimeError, NotImplementedError, zlib.error, EOFError, OSError, ValueError)
TEXTS = {".txt": "text/plain", ".csv": "text/csv"}
EXTENSIONS = [*SIGNED, *ARCHIVES, *TEXTS]
MEDIA_TYPES = sorted({*SIGNED.values(), *TEXTS.values(), *(media_type for _member, media_type in ARCHIVES.values())})


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
    if extension not in ARCHIVES:
        return None
    member, media_type = ARCHIVES[extension]
    try:
        with zipfile.ZipFile(file) as archive:
            declared = _declared(archive)
            complete = member in archive.namelist()
    except UNREADABLE:
        return None
    return media_type if complete and declared in (None, media_type) else None


def _declared(archive: zipfile.ZipFile) -> str | None:
    """What the archive says it is, never unpacking more than that takes; None where it says nothing."""
    if "mimetype" not in archive.namelist():
        return None
    if archive.getinfo("mimetype").file_size > MIMETYPE_MAX_BYTES:
        return ""
    with archive.open("mimetype") as member:
        return member.read(MIMETYPE_MAX_BYTES).decode(errors="replace").strip()


def _text(extension: str, head: bytes) -> str | None:
    if extension not in TEXTS or b"\x00" in head:
        return None
    return TEXTS[extension]

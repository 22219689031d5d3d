import io
import tracemalloc
import zipfile

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.translation import override

from core.files import check_content
from core.models import Document
from core.roles import Role
from tests.factories import CityFactory, DocumentFactory, UserFactory, WatchNoteFactory

pytestmark = pytest.mark.django_db


def archive(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in members:
            file.writestr(name, content)
    return buffer.getvalue()


DOCX = archive(("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<document/>"))
BOMB = archive(
    ("mimetype", b"application/vnd.oasis.opendocument.text" + b" " * 2_000_000), ("META-INF/manifest.xml", b"")
)


def spoilt(content: bytes, *, flag: int = 0, method: int = 8) -> bytes:
    """The same archive, its members said to be encrypted (flag 1) or packed in another way."""
    changed = bytearray(content)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = changed.find(mark)
        while place >= 0:
            changed[place + at] |= flag
            changed[place + at + 2] = method
            place = changed.find(mark, place + 4)
    return bytes(changed)


ODT = archive(("mimetype", b"application/vnd.oasis.opendocument.text"), ("META-INF/manifest.xml", b"<manifest/>"))


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("letter.pdf", b"%PDF-1.7\ninvented", "application/pdf"),
        ("LETTER.PDF", b"%PDF-1.7\ninvented", "application/pdf"),
        ("photo.png", b"\x89PNG\r\n\x1a\n" + b"0" * 20, "image/png"),
        ("note.txt", "Écrit à Paris".encode(), "text/plain"),
        ("minutes.docx", DOCX, "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("minutes.odt", ODT, "application/vnd.oasis.opendocument.text"),
    ],
)
def test_a_document_is_described_by_its_content(name, content, media_type):
    document = DocumentFactory(file=ContentFile(content, name))
    assert (document.media_type, document.filename, document.size) == (media_type, name, len(content))
    assert len(document.sha256) == 64
    assert name not in document.file.name


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("page.html", b"<script>alert(1)</script>", "Only these types of file are accepted"),
        ("drawing.svg", b"<svg onload='alert(1)'/>", "Only these types of file are accepted"),
        ("letter.pdf", b"MZ\x90\x00 a program", "not that of a pdf file"),
        ("letter.pdf", b"<html>%PDF-", "not that of a pdf file"),
        ("minutes.docx", archive(("evil.exe", b"MZ")), "not that of a docx file"),
        ("minutes.ods", ODT, "not that of a ods file"),
        ("minutes.odt", BOMB, "not that of a odt file"),
        ("minutes.odt", spoilt(ODT, flag=1, method=0), "not that of a odt file"),
        ("minutes.odt", spoilt(ODT, method=99), "not that of a odt file"),
        ("minutes.odt", spoilt(ODT, method=8), "not that of a odt file"),
        ("minutes.odt", spoilt(ODT, method=12), "not that of a odt file"),
        ("minutes.odt", ODT[:-40], "not that of a odt file"),
        ("minutes.odt", ODT.replace(b"PK\x01\x02", b"PK\x01\x09"), "not that of a odt file"),
        ("minutes.odt", ODT.replace(b"PK\x03\x04", b"PK\x03\x09"), "not that of a odt file"),
        ("note.txt", b"\x00\x01", "not that of a txt file"),
        ("empty.txt", b"", "The file is empty"),
        ("noextension", b"text", "Only these types of file are accepted"),
    ],
)
def test_a_document_that_is_not_what_it_says_is_refused(name, content, sentence):
    city = CityFactory()
    with override("en"), pytest.raises(ValidationError, match=sentence) as refused:
        DocumentFactory(record=city, file=ContentFile(content, name))
    assert "file" in refused.value.message_dict
    assert not Document.objects.exists()


def test_no_more_of_an_archive_is_unpacked_than_its_type_takes():
    tracemalloc.start()
    try:
        with pytest.raises(ValidationError):
            check_content(io.BytesIO(BOMB), "minutes.odt")
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1_000_000


def test_a_document_that_is_too_large_is_refused(settings):
    settings.DOCUMENT_MAX_BYTES = 1024 * 1024
    with override("en"), pytest.raises(ValidationError, match="larger than 1 MB"):
        DocumentFactory(file=ContentFile(b"a" * (1024 * 1024 + 1), "note.txt"))


def test_a_document_inherits_the_visibility_of_its_record():
    note = WatchNoteFactory(audience="staff")
    document = DocumentFactory(record=note)
    officer, deputy = UserFactory(role=Role.OFFICER), UserFactory(role=Role.DEPUTY)
    assert list(Document.objects.visible_to(officer)) == [document]
    assert list(Document.objects.visible_to(deputy)) == []


def test_nothing_is_attached_to_a_record_that_is_not_there():
    city = CityFactory()
    document = DocumentFactory(record=city)
    document.object_id = city.pk + 1
    with override("en"), pytest.raises(ValidationError, match="There is no such record"):
        document.save()


def test_nothing_is_attached_to_what_is_attached():
    with override("en"), pytest.raises(ValidationError, match="Nothing can be attached"):
        DocumentFactory(record=DocumentFactory())

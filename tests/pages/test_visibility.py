"""What a reader may not see leaves no trace on any page."""

import pytest
from django.core.files.base import ContentFile

from core.roles import Role
from tests import factories
from tests.pages.conftest import partner_city

pytestmark = pytest.mark.django_db


def test_a_note_for_others_is_invisible_and_uncounted(reader):
    city, _agreement = partner_city()
    factories.WatchNoteFactory(city=city, title="Invented staff note", audience="staff")
    pages = {
        role: reader(role).get(city.get_absolute_url()).content.decode()
        for role in (Role.OFFICER, Role.DEPUTY, Role.AUDITOR)
    }
    assert "Invented staff note" in pages[Role.OFFICER]
    assert "The department" in pages[Role.OFFICER]
    for role in (Role.DEPUTY, Role.AUDITOR):
        assert "Invented staff note" not in pages[role]
        assert "No note that you may read." in pages[role]


def test_each_note_says_for_whom_it_is_written(deputy):
    city, _agreement = partner_city()
    factories.WatchNoteFactory(city=city, title="Invented note", audience="deputies")
    body = deputy.get(city.get_absolute_url()).content.decode()
    assert "Invented note" in body
    assert 'class="audience deputies"' in body


def test_a_document_is_a_file_to_save_for_those_who_see_its_record(deputy):
    city, _agreement = partner_city()
    document = factories.DocumentFactory(record=city, file=ContentFile(b"Invented.", name="note d'été.txt"))
    address = f"/documents/{document.uuid}/"
    assert address in deputy.get(city.get_absolute_url()).content.decode()
    response = deputy.get(address)
    assert response.status_code == 200
    assert b"".join(response.streaming_content) == b"Invented."
    assert response["Content-Disposition"].startswith("attachment;")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Type"] == "text/plain"
    assert response["Cache-Control"] == "private, no-store"


def test_the_document_of_a_note_for_others_does_not_exist(reader):
    note = factories.WatchNoteFactory(audience="staff")
    document = factories.DocumentFactory(record=note)
    answers = {
        role: reader(role).get(f"/documents/{document.uuid}/").status_code
        for role in (Role.OFFICER, Role.DEPUTY, Role.AUDITOR)
    }
    assert answers == {Role.OFFICER: 200, Role.DEPUTY: 404, Role.AUDITOR: 404}


def test_a_document_lost_from_storage_is_not_found(deputy):
    document = factories.DocumentFactory()
    document.file.storage.delete(document.file.name)
    assert deputy.get(f"/documents/{document.uuid}/").status_code == 404


def test_a_stranger_gets_no_document(client):
    document = factories.DocumentFactory()
    assert client.get(f"/documents/{document.uuid}/").status_code == 302


def test_outside_sources_are_marked_as_such(deputy):
    city, _agreement = partner_city()
    factories.CitationFactory(record=city, source=factories.SourceFactory(kind="official"))
    assert "outside source" not in deputy.get(city.get_absolute_url()).content.decode()
    factories.CitationFactory(record=city, source=factories.SourceFactory(kind="outside"))
    assert "outside source" in deputy.get(city.get_absolute_url()).content.decode()

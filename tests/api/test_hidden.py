"""What the caller may not see: it answers as if it were not there, and cannot be written, moved or destroyed by the way."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core.models import Citation, Document
from core.roles import Role
from partnerships import models
from tests import factories
from tests.api.conftest import bearer, messages, signed_in

pytestmark = pytest.mark.django_db
ABSENT = (400, {"object_id": "There is no such record."})
NOT_YOURS = (403, "You may not change the record that this belongs to.")
HELD = (409, "It cannot be deleted: other records depend on it.")
ANY = {"If-Match": "*"}


@pytest.fixture(autouse=True)
def stored(settings, tmp_path):
    """The folder where uploaded files go, empty at the start of each test."""
    storages = {name: dict(options) for name, options in settings.STORAGES.items()}
    storages["default"]["OPTIONS"] = {"location": tmp_path / "stored"}
    settings.STORAGES = storages
    return tmp_path / "stored"


def files(folder) -> list:
    return [path for path in folder.rglob("*") if path.is_file()]


def document(record, **changes) -> dict:
    label = record._meta.label_lower
    file = SimpleUploadedFile("letter.pdf", b"%PDF-1.7\ninvented")
    return {"content_type": label, "object_id": record.pk, "title": "Letter", "file": file} | changes


def citation(record, source, **changes) -> dict:
    return {"content_type": record._meta.label_lower, "object_id": record.pk, "source": source.pk} | changes


def answer(response) -> tuple:
    return response.status_code, response.json()["detail"]


def test_a_hidden_record_and_an_absent_one_answer_alike(api, stored):
    note = factories.WatchNoteFactory(audience="staff")
    cited = factories.CitationFactory(record=note)
    person = factories.UserFactory()
    for record, key in ((note, note.pk), (note, note.pk + 1000), (person, person.pk), (person, person.pk + 1000)):
        written = api.post("/api/v1/citations/", citation(record, cited.source, section=cited.section, object_id=key))
        assert (written.status_code, messages(written)) == ABSENT
        sent = api.post("/api/v1/documents/", document(record, object_id=key), format="multipart")
        assert (sent.status_code, messages(sent)) == ABSENT
    assert Citation.objects.count() == 1
    assert files(stored) == []


def test_nothing_is_moved_to_a_hidden_record(api):
    note = factories.WatchNoteFactory(audience="staff")
    document = factories.DocumentFactory(record=factories.CityFactory())
    body = {"content_type": "partnerships.watchnote", "object_id": note.pk}
    response = api.patch(f"/api/v1/documents/{document.pk}/", body, headers=ANY)
    assert (response.status_code, messages(response)) == ABSENT


CALLERS = {
    "a person": lambda: signed_in(Role.PROTECTION_OFFICER),
    "a client": lambda: bearer("core:read", "core:write", "partnerships:read"),
}


@pytest.mark.parametrize("caller", CALLERS)
def test_what_is_attached_is_written_by_those_who_may_change_its_record(caller, stored):
    api = CALLERS[caller]()
    city = factories.CityFactory()
    attached, cited = factories.DocumentFactory(record=city), factories.CitationFactory(record=city)
    kept = files(stored)
    assert answer(api.post("/api/v1/documents/", document(city), format="multipart")) == NOT_YOURS
    assert answer(api.post("/api/v1/citations/", citation(city, cited.source, section="other"))) == NOT_YOURS
    for address in (f"/api/v1/documents/{attached.pk}/", f"/api/v1/citations/{cited.pk}/"):
        assert api.get(address).status_code == 200
        assert answer(api.patch(address, {}, headers=ANY)) == NOT_YOURS
        assert answer(api.delete(address, headers=ANY)) == NOT_YOURS
    assert (Document.objects.count(), Citation.objects.count(), files(stored)) == (1, 1, kept)


def test_a_document_is_not_moved_between_records_without_the_right_to_both():
    officer = signed_in(Role.SOLIDARITY_OFFICER)  # she may change organisations, not cities
    city, organisation = factories.CityFactory(), factories.OrganisationFactory()
    on_city, on_organisation = factories.DocumentFactory(record=city), factories.DocumentFactory(record=organisation)
    to_city = {"content_type": "partnerships.city", "object_id": city.pk}
    to_organisation = {"content_type": "partnerships.organisation", "object_id": organisation.pk}
    assert answer(officer.patch(f"/api/v1/documents/{on_organisation.pk}/", to_city, headers=ANY)) == NOT_YOURS
    assert answer(officer.patch(f"/api/v1/documents/{on_city.pk}/", to_organisation, headers=ANY)) == NOT_YOURS
    renamed = officer.patch(f"/api/v1/documents/{on_organisation.pk}/", {"title": "New"}, headers=ANY)
    assert renamed.status_code == 200, renamed.content


def test_a_delete_that_would_destroy_what_the_caller_cannot_see_is_refused(api):
    note = factories.WatchNoteFactory(audience="staff")
    factories.DocumentFactory(record=note)
    address = f"/api/v1/cities/{note.city_id}/"
    assert answer(api.delete(address, headers=ANY)) == HELD
    assert models.WatchNote.objects.filter(pk=note.pk).exists()
    assert Document.objects.exists()
    assert signed_in(Role.ADMINISTRATOR).delete(address, headers=ANY).status_code == 204


def test_a_delete_that_would_destroy_what_the_caller_cannot_delete_is_refused():
    city = factories.CityFactory()
    factories.CitationFactory(record=factories.RelationFactory(city=city))
    address = f"/api/v1/cities/{city.pk}/"
    assert answer(bearer("core:read", "partnerships:read", "partnerships:write").delete(address, headers=ANY)) == HELD
    assert models.Relation.objects.exists()
    assert bearer().delete(address, headers=ANY).status_code == 204


def test_what_holds_a_record_is_not_told_to_those_who_cannot_see_it():
    source = factories.SourceFactory()
    factories.CitationFactory(source=source, record=factories.WatchNoteFactory(audience="staff"))
    response = bearer().delete(f"/api/v1/sources/{source.pk}/", headers=ANY)
    assert (answer(response), messages(response)) == (HELD, {})
    seen = factories.CitationFactory(source=source, record=factories.CityFactory())
    response = bearer().delete(f"/api/v1/sources/{source.pk}/", headers=ANY)
    assert [error["message"] for error in response.json()["errors"]] == [f"citation: {seen}"]


def test_a_refused_upload_leaves_no_file(stored, monkeypatch):
    city = factories.CityFactory()
    blind = bearer("core:write", "partnerships:read", "partnerships:write")
    response = blind.post("/api/v1/documents/", document(city), format="multipart")
    assert answer(response) == (403, "You may not write a record that you could not read.")
    assert files(stored) == []


def test_an_upload_that_is_taken_back_leaves_no_file(api, stored, monkeypatch):
    city = factories.CityFactory()

    def fails(self, record, code=200, found=None):
        assert files(stored), "the file is there until the transaction fails"
        raise RuntimeError("invented fault")

    monkeypatch.setattr("core.api.resources.Resource.represent", fails)
    with pytest.raises(RuntimeError, match="invented fault"):
        api.post("/api/v1/documents/", document(city), format="multipart")
    assert files(stored) == []
    assert not Document.objects.exists()


def test_a_system_downloads_what_it_may_see(api):
    shown = factories.DocumentFactory(record=factories.CityFactory())
    hidden = factories.DocumentFactory(record=factories.WatchNoteFactory(audience="staff"))
    address = api.get(f"/api/v1/documents/{shown.pk}/").json()["url"]
    response = api.get(address, headers={"Accept": "application/pdf"})
    assert response.status_code == 200
    assert b"".join(response.streaming_content) == shown.file.read()
    assert response.headers["Content-Type"] == shown.media_type
    assert response.headers["Content-Disposition"] == f'attachment; filename="{shown.filename}"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "private, no-store"
    assert api.get(address.replace(f"/{shown.pk}/", f"/{hidden.pk}/")).status_code == 404
    assert bearer("partnerships:read").get(address).status_code == 403

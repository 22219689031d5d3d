"""What the reader may not see cannot be asked about, and cannot be written or destroyed by the way."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from core.models import Citation, Document
from core.roles import Role
from partnerships.models import City, WatchNote
from tests.admin.conftest import _client
from tests.admin.forms import filled
from tests.factories import (
    CitationFactory,
    CityFactory,
    DeliberationFactory,
    DocumentFactory,
    OrganisationFactory,
    RelationFactory,
    SourceFactory,
    WatchNoteFactory,
)

pytestmark = pytest.mark.django_db


def page(record, name: str) -> str:
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_{name}", args=[record.pk])


@pytest.mark.parametrize("place", ["changelist", "export"])
@pytest.mark.parametrize(
    "question",
    [
        "watch_notes__isnull=False",
        "watch_notes=1",
        "watch_notes__id=1",
        "watch_notes__pk__gte=1",
        "watch_notes__title__startswith=S",
        "kind__regex=(",
        "nonsense=1",
    ],
)
def test_a_list_is_narrowed_only_by_the_filters_that_it_shows(auditor, place, question):
    address = reverse(f"admin:partnerships_city_{place}")
    answer = auditor.get(f"{address}?{question}")
    assert (answer.status_code, answer["Location"]) == (302, f"{address}?e=1")
    assert auditor.get(answer["Location"]).status_code == 200


def test_the_filters_that_a_list_shows_narrow_it(auditor):
    city, _other = RelationFactory(kind="partner").city, CityFactory()
    cities = reverse("admin:partnerships_city_changelist")
    answer = auditor.get(f"{cities}?relations__kind__exact=partner")
    assert list(answer.context["cl"].result_list) == [city]
    for links in (spec.choices(answer.context["cl"]) for spec in answer.context["cl"].filter_specs):
        for link in links:
            if "query_string" in link:
                assert auditor.get(cities + link["query_string"]).status_code == 200
    source = CitationFactory().source
    citations = auditor.get(reverse("admin:core_citation_changelist") + f"?source__id__exact={source.pk}")
    assert citations.context["cl"].result_count == 1


def test_a_date_that_does_not_exist_is_left_out(auditor):
    DeliberationFactory()
    address = reverse("admin:partnerships_deliberation_changelist")
    assert auditor.get(f"{address}?voted_on__year=9999").status_code == 302
    assert auditor.get(f"{address}?voted_on__year=2014&voted_on__month=5").status_code == 200


def attach(record) -> dict:
    return {
        "core-document-content_type-object_id-TOTAL_FORMS": 1,
        "core-document-content_type-object_id-0-title": "Letter",
        "core-document-content_type-object_id-0-file": SimpleUploadedFile("letter.pdf", b"%PDF-1.7\ninvented"),
    }


def test_attachments_are_changed_by_those_who_may_change_their_record():
    officer = _client(Role.SOLIDARITY_OFFICER)  # she may change organisations, not cities
    city, organisation = CityFactory(), OrganisationFactory()
    on_city, on_organisation = DocumentFactory(record=city), DocumentFactory(record=organisation)
    cited = CitationFactory(record=city)
    for record in (on_city, cited):
        assert officer.get(page(record, "change")).status_code == 200
        assert officer.post(page(record, "change"), {"title": "Other"}).status_code == 403
        assert officer.post(page(record, "delete"), {"post": "yes"}).status_code == 403
    assert officer.post(page(city, "change"), attach(city)).status_code == 403
    assert officer.post(page(on_organisation, "delete"), {"post": "yes"}).status_code == 302
    assert set(Document.objects.all()) == {on_city}
    assert Citation.objects.exists()


def test_rows_of_attachments_are_not_offered_to_those_who_may_not_change_the_record():
    city, organisation = CityFactory(), OrganisationFactory()
    DocumentFactory(record=city)
    for record, may_add in ((city, False), (organisation, True)):
        answer = _client(Role.SOLIDARITY_OFFICER).get(page(record, "change"))
        rows = [row for row in answer.context["inline_admin_formsets"] if row.opts.model in (Document, Citation)]
        assert [row.has_add_permission for row in rows] == [may_add, may_add]


def test_an_upload_that_is_refused_with_its_page_leaves_no_file(administrator, settings, tmp_path, monkeypatch):
    storages = {name: dict(options) for name, options in settings.STORAGES.items()}
    storages["default"]["OPTIONS"] = {"location": tmp_path}
    settings.STORAGES = storages
    city = CityFactory()

    def fails(self, *args):
        assert [path for path in tmp_path.rglob("*") if path.is_file()]
        raise RuntimeError("invented fault")

    monkeypatch.setattr("core.admin.base.RecordAdmin.log_change", fails)
    with pytest.raises(RuntimeError, match="invented fault"):
        administrator.post(page(city, "change"), filled(administrator, page(city, "change")) | attach(city))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not Document.objects.exists()


@pytest.fixture
def blind(administrator, monkeypatch):
    """An administrator outside every audience but the City's: no role is so today, and a role may become so."""
    monkeypatch.setattr("partnerships.models.places.audiences", lambda reader: ["city"])
    return administrator


def test_a_delete_never_destroys_nor_names_what_the_reader_may_not_see(blind):
    note = WatchNoteFactory(audience="staff", title="Secret title")
    DocumentFactory(record=note, title="Secret document")
    asked = blind.get(page(note.city, "delete")).content.decode()
    assert "Secret" not in asked
    assert "political watch note" not in asked
    assert "other records" in asked
    assert blind.post(page(note.city, "delete"), {"post": "yes"}).status_code == 403
    assert (WatchNote.objects.count(), Document.objects.count()) == (1, 1)
    bare = CityFactory()
    assert blind.post(page(bare, "delete"), {"post": "yes"}).status_code == 302
    assert list(City.objects.all()) == [note.city]


def test_a_delete_is_not_told_by_what_hidden_records_it_is_held(blind):
    source = SourceFactory()
    CitationFactory(source=source, record=WatchNoteFactory(audience="staff"), section="Secret section")
    asked = blind.get(page(source, "delete")).content.decode()
    assert "Secret" not in asked
    assert "Citation" not in asked.split('id="content"')[-1]
    assert "other records" in asked
    seen = CitationFactory(source=source)
    asked = blind.get(page(source, "delete")).content.decode()
    assert str(seen.section) in asked
    assert "Secret" not in asked

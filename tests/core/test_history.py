import pghistory
import pytest
from django.apps import apps
from django.db import ProgrammingError, connection
from django.utils.translation import override

from core.access import Parvis
from core.history import changes, changes_of_rows
from core.models import BaseModel, Document
from core.roles import Role
from partnerships.models import City, WatchNote
from tests.factories import CityFactory, CountryFactory, DocumentFactory, UserFactory, WatchNoteFactory

pytestmark = pytest.mark.django_db


def test_every_record_is_tracked():
    untracked = [
        m.__name__ for m in apps.get_models() if issubclass(m, BaseModel) and not hasattr(m, "pgh_event_model")
    ]
    assert untracked == []


def test_history_says_who_changed_what_when_and_why():
    person = UserFactory(first_name="Example", last_name="Officer")
    city = CityFactory(name_fr="Avant", name_en="Before")
    with pghistory.context(user=person.pk, reason="a mistake", request_id="r-1"):
        city.name_en = "After"
        city.save()
    with override("en"):
        update, insert = changes(city, Parvis())
    assert (update.action, update.author, update.reason, update.request_id) == (
        "update",
        "Example Officer",
        "a mistake",
        "r-1",
    )
    assert [(field.label, field.before, field.after) for field in update.fields] == [
        ("name in English", "Before", "After")
    ]
    assert insert.action == "insert"
    assert ("name in French", "", "Avant") in [(field.label, field.before, field.after) for field in insert.fields]


def test_history_says_in_words_what_a_command_loaded():
    with pghistory.context(client="Parvis", reason="load_samples"):
        city = CityFactory()
    with override("en"):
        (insert,) = changes(city, Parvis())
    assert insert.reason == "Invented samples"


def test_history_names_what_foreign_keys_point_to():
    before, after = CountryFactory(name_fr="Pays A"), CountryFactory(name_fr="Pays B")
    city = CityFactory(country=before)
    city.country = after
    city.save()
    with override("fr"):
        assert [(field.before, field.after) for field in changes(city, Parvis())[0].fields] == [("Pays A", "Pays B")]


def test_bulk_and_raw_changes_are_kept_too():
    city = CityFactory()
    City.objects.filter(pk=city.pk).update(alias="bulk")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE partnerships_city SET alias = 'raw' WHERE id = %s", [city.pk])
    assert [change.fields[0].after for change in changes(city, Parvis())[:2]] == ["raw", "bulk"]
    assert [change.author for change in changes(city, Parvis())[:2]] == ["", ""]


def test_a_write_that_changes_nothing_leaves_no_trace():
    city = CityFactory()
    city.save()
    City.objects.filter(pk=city.pk).update(alias=city.alias)
    assert len(changes(city, Parvis())) == 1
    assert City.objects.get(pk=city.pk).version == 1


def test_the_version_counts_every_change_also_by_raw_sql():
    city = CityFactory()
    city.alias = "one"
    city.save()
    assert city.version == 2
    with connection.cursor() as cursor:
        cursor.execute("UPDATE partnerships_city SET alias = 'two' WHERE id = %s", [city.pk])
    city.refresh_from_db()
    assert city.version == 3
    assert city.updated_at > city.created_at


def test_history_itself_cannot_be_rewritten():
    city = CityFactory()
    with pytest.raises(ProgrammingError, match="Cannot update"), connection.cursor() as cursor:
        cursor.execute("UPDATE partnerships_cityevent SET alias = 'forged' WHERE pgh_obj_id = %s", [city.pk])


def test_history_keeps_no_password():
    event = UserFactory().pgh_event_model
    assert {"password", "last_login"}.isdisjoint({field.name for field in event._meta.get_fields()})


def test_history_takes_a_fixed_number_of_queries(django_assert_num_queries):
    person = UserFactory()
    city = CityFactory()
    for number in range(5):
        with pghistory.context(user=person.pk):
            city.alias = str(number)
            city.country = CountryFactory()
            city.save()
    with django_assert_num_queries(3):
        assert len(changes(city, Parvis())) == 6


def told(found) -> str:
    return " ".join(f"{field.before} {field.after}" for change in found for field in change.fields)


def of_city(reader, note) -> list:
    rows = WatchNote.objects.visible_to(reader)
    return [change for _name, change in changes_of_rows(rows, {"city_id": note.city_id}, reader)]


def test_history_tells_of_a_note_only_what_the_reader_could_read_then():
    auditor, officer = UserFactory(role=Role.AUDITOR), UserFactory(role=Role.OFFICER)
    note = WatchNoteFactory(audience="staff", title="Secret title", text="Secret text")
    note.audience, note.title, note.text = "city", "Open title", "Open text"
    note.save()
    for found in (changes(note, auditor), of_city(auditor, note)):
        assert [change.action for change in found] == ["update"]
        assert "Secret" not in told(found)
        assert "Open title" in told(found)
    for found in (changes(note, officer), of_city(officer, note)):
        assert "Secret title Open title" in told(found)


def test_history_tells_nothing_of_a_note_that_is_hidden_now_or_was_when_it_was_deleted():
    auditor = UserFactory(role=Role.AUDITOR)
    note = WatchNoteFactory(audience="city")
    note.audience = "staff"
    note.save()
    assert of_city(auditor, note) == []
    WatchNote.objects.filter(pk=note.pk).delete()
    assert of_city(auditor, note) == []
    other = WatchNoteFactory(audience="city", city=note.city)
    WatchNote.objects.filter(pk=other.pk).delete()
    assert [change.action for change in of_city(auditor, note)] == ["delete", "insert"]


def test_history_of_what_is_attached_follows_the_record_it_was_attached_to():
    auditor = UserFactory(role=Role.AUDITOR)
    document = DocumentFactory(record=WatchNoteFactory(audience="staff"), title="Secret title")
    document.record = city = CityFactory()
    document.title = "Open title"
    document.save()
    assert "Secret" not in told(changes(document, auditor))
    assert "Open title" in told(changes(document, auditor))
    document.delete()
    tie = {"content_type_id": document.content_type_id, "object_id": city.pk}
    found = changes_of_rows(Document.objects.visible_to(auditor), tie, auditor)
    assert [change.action for _name, change in found] == ["delete", "update"]

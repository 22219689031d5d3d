"""Exports in the background: who may ask, whose rights hold, what becomes of them when something goes wrong."""

import csv
import io
from datetime import timedelta

import pytest
from celery import current_app
from django.db import IntegrityError, OperationalError, connection
from django.db.models.functions import Now
from django.http import QueryDict
from kombu.exceptions import OperationalError as NoBroker

from config.celery import app
from core import database
from core.access import Parvis
from core.api import reading
from core.enums import Audience, ExportStatus
from core.exports import formats, listing, services, tables
from core.models import Export
from core.roles import Role
from core.tasks import clear_exports, write_exports
from tests import factories
from tests.api.conftest import bearer, messages, signed_in
from tests.api.served import database_of_the_test
from tests.drill.crew import Worker, wait_until

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/exports/"


@pytest.fixture(autouse=True)
def storage(settings, tmp_path):
    """A folder of the test's own, to see what is left in it."""
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path},
        }
    }
    return tmp_path


@pytest.fixture(autouse=True)
def cities():
    for number in range(5):
        factories.CityFactory(slug=f"city-{number}", name_fr=f"Ville {number}")


def files(folder) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def ask(caller, **given):
    return caller.post(ADDRESS, {"resource": "cities", "as": "csv", "query": "fields=slug&ordering=-slug"} | given)


def asked(caller, **given) -> dict:
    response = ask(caller, **given)
    assert response.status_code == 202, response.content
    return response.json()


def told(caller, export: dict) -> dict:
    return caller.get(f"{ADDRESS}{export['id']}/").json()


def content(caller, link: str) -> bytes:
    response = caller.get(link)
    assert response.status_code == 200, response.content
    return b"".join(response.streaming_content)


def slugs(body: bytes) -> list[str]:
    return [row["slug"] for row in csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""))]


def test_an_export_is_asked_for_prepared_and_fetched(api, storage):
    response = ask(api)
    export = response.json()
    assert (response.status_code, response["Location"]) == (202, f"http://testserver{ADDRESS}{export['id']}/")
    moments = {"asked_at": export["asked_at"]}
    whole = {
        "id": export["id"],
        "resource": "cities",
        "query": "fields=slug&ordering=-slug",
        "separator": "comma",
        "status": "waiting",
        "rows": None,
        "rows_done": 0,
        "problem": "",
        "link": "",
        "expires_at": None,
        "as": "csv",
    }
    assert export == whole | moments
    assert api.get(f"{ADDRESS}{export['id']}/file/").status_code == 409
    assert write_exports() == 1
    done = told(api, export)
    link = f"http://testserver{ADDRESS}{export['id']}/file/"
    lasts = {"status": "done", "rows": 5, "rows_done": 5, "link": link, "expires_at": done["expires_at"]}
    assert done == whole | moments | lasts
    row = Export.objects.get()
    assert row.expires_at - row.asked_at >= timedelta(hours=24)
    answer = api.get(link, headers={"Accept": "text/csv"})
    assert answer["Content-Disposition"] == 'attachment; filename="cities-2015-06-01.csv"'
    assert slugs(b"".join(answer.streaming_content)) == [f"city-{number}" for number in reversed(range(5))]
    assert write_exports() == 0
    assert api.get(ADDRESS).json()["count"] == 1
    assert files(storage)


def test_an_export_is_seen_by_whoever_asked_alone(api):
    export = asked(api)
    mine = asked(signed_in(Role.DEPUTY))
    write_exports()
    for other in (bearer(name="another system"), signed_in(Role.ADMINISTRATOR)):
        assert other.get(ADDRESS).json()["count"] == 0
        for row in (export, mine):
            for address in (f"{ADDRESS}{row['id']}/", f"{ADDRESS}{row['id']}/file/"):
                assert other.get(address).status_code == 404
            assert other.delete(f"{ADDRESS}{row['id']}/").status_code == 404
    assert told(api, export)["status"] == "done"


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({"query": "country=AA"}, "country", "There is no record “AA”."),
        ({"query": "unicorn=1"}, "unicorn", "There is no such parameter."),
        ({"query": "fields=nothing"}, "fields", "There is no nothing here; there are: "),
        ({"as": "pdf"}, "as", '"pdf" is not a valid choice.'),
        ({"status": "done"}, "status", "This field cannot be written."),
        ({"rows_from": 1}, "rows_from", "There is no such field."),
    ],
)
def test_what_is_asked_wrongly_is_refused_at_once(api, given, field, sentence):
    response = ask(api, **given)
    assert response.status_code == 400, response.content
    assert messages(response)[field].startswith(sentence)
    assert not Export.objects.exists()


def test_a_list_that_does_not_exist_is_refused(api):
    for name in ("unicorns", "deadlines"):
        response = ask(api, resource=name)
        assert (response.status_code, messages(response)) == (400, {"resource": "There is no such list."})


def test_a_client_needs_the_scope_to_read_and_none_to_write():
    caller = bearer("partnerships:read")
    assert asked(caller)["status"] == "waiting"
    assert ask(caller, resource="grants").status_code == 403
    assert ask(bearer("partnerships:write")).status_code == 403


def test_no_more_than_five_are_under_way(api):
    exports = [asked(api) for _number in range(5)]
    response = ask(api)
    assert (response.status_code, response.json()["detail"]) == (
        409,
        "You have 5 exports under way: wait for one, or withdraw one.",
    )
    assert asked(bearer(name="another system"))
    assert api.delete(f"{ADDRESS}{exports[0]['id']}/").status_code == 204
    assert asked(api)


# --- whose rights, and when ---


def test_the_rows_are_those_that_the_asker_sees_when_it_runs():
    officer = signed_in(Role.OFFICER)
    factories.WatchNoteFactory(audience=Audience.STAFF, title="CANARI-7391")
    export = asked(officer, resource="watch-notes", query="")
    person = Export.objects.get().person
    person.groups.set([])
    person.groups.add(factories.UserFactory(role=Role.DEPUTY).groups.get())
    write_exports()
    assert b"CANARI" not in content(officer, told(officer, export)["link"])


def test_whoever_may_no_longer_read_gets_a_reason_and_no_file(storage):
    officer = signed_in(Role.OFFICER)
    export = asked(officer)
    Export.objects.get().person.groups.set([])
    write_exports()
    failed = told(officer, export)
    assert (failed["status"], failed["link"]) == ("failed", "")
    assert failed["problem"] == "Your role does not let you read: cities."
    assert files(storage) == []


def test_a_file_is_not_served_to_whoever_may_no_longer_read():
    officer = signed_in(Role.OFFICER)
    export = asked(officer)
    write_exports()
    link = told(officer, export)["link"]
    Export.objects.get().person.groups.set([])
    assert officer.get(link).status_code == 403


def test_a_client_uses_no_more_than_the_token_that_it_asked_with():
    export = asked(bearer("partnerships:read"))
    row = Export.objects.get()
    assert (export["status"], row.scopes) == ("waiting", ["partnerships:read"])
    assert services.reader_of(row).scopes == {"partnerships:read"}
    row.scopes = ["partnerships:read", "invented:read"]
    assert services.reader_of(row).scopes == {"partnerships:read"}


# --- what goes wrong ---


def in_chunks_of(rows: int, monkeypatch) -> None:
    for room, name in ((listing, "CHUNK"), (tables, "CHUNK"), (database, "BLOCK")):
        monkeypatch.setattr(room, name, rows)


def test_progress_is_written_every_chunk(api, monkeypatch):
    in_chunks_of(2, monkeypatch)
    progress = []
    tell = services._tell
    monkeypatch.setattr(services, "_tell", lambda export, **said: (progress.append(said), tell(export, **said)))
    asked(api)
    write_exports()
    assert progress == [{"rows": 5}, {"rows_done": 2}, {"rows_done": 4}]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["jsonl", "csv", "xlsx"])
def test_an_export_whose_question_is_broken_off_is_begun_anew(cities, monkeypatch, kind):
    copied = database.copied

    def broken_off(statement, *options):
        return copied(f"SELECT t.* FROM ({statement}) AS t, pg_cancel_backend(pg_backend_pid()), pg_sleep(9)", *options)

    export = asked(bearer(), **{"as": kind})
    with monkeypatch.context() as patch:
        for room in (reading, tables):
            patch.setattr(room, "copied", broken_off)
        with pytest.raises(OperationalError):
            write_exports()
    assert Export.objects.get(pk=export["id"]).status == ExportStatus.RUNNING
    write_exports()
    assert Export.objects.get(pk=export["id"]).status == ExportStatus.DONE


def test_an_export_that_is_withdrawn_leaves_nothing(api, storage):
    export = asked(api)
    write_exports()
    assert files(storage)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.db.transaction.on_commit", lambda act, **kwargs: act())
        assert api.delete(f"{ADDRESS}{export['id']}/").status_code == 204
    assert files(storage) == []
    assert api.get(f"{ADDRESS}{export['id']}/").status_code == 404


@pytest.mark.parametrize("chunk", [2, 1000])
def test_a_worker_stops_when_its_export_is_withdrawn(api, storage, monkeypatch, chunk):
    in_chunks_of(chunk, monkeypatch)
    written = services.write

    def withdrawn_meanwhile(*given):
        Export.objects.all().delete()
        return written(*given)

    monkeypatch.setattr(services, "write", withdrawn_meanwhile)
    asked(api)
    write_exports()
    assert files(storage) == []


def test_a_fault_is_told_and_raised(api, storage, monkeypatch):
    def broken(*given):
        yield b"half"
        raise RuntimeError("invented")

    monkeypatch.setattr(services, "write", broken)
    export = asked(api)
    with pytest.raises(RuntimeError, match="invented"):
        write_exports()
    assert told(api, export)["problem"] == "It could not be prepared. The administrators find the reason in the logs."
    assert files(storage) == []
    assert write_exports() == 0


def test_what_no_worker_survives_is_given_up(api):
    export = asked(api)
    Export.objects.update(status=ExportStatus.RUNNING, attempts=services.ATTEMPTS)
    write_exports()
    assert told(api, export)["problem"].startswith("Preparing it was broken off several times.")


def test_a_sheet_that_holds_no_more_rows_is_refused(api, monkeypatch):
    monkeypatch.setattr(services, "SHEET_ROWS", 4)
    export = asked(api, **{"as": "ods"})
    write_exports()
    assert told(api, export)["problem"] == "A sheet holds no more than 4 rows: take CSV or JSON lines."


def test_the_reason_is_told_in_the_language_of_whoever_asked():
    officer = signed_in(Role.OFFICER, "fr")
    export = asked(officer)
    Export.objects.get().person.groups.set([])
    write_exports()
    assert told(officer, export)["problem"].startswith("Votre rôle")


def test_without_a_broker_it_waits_for_the_calendar(api, monkeypatch, django_capture_on_commit_callbacks):
    def gone(*given, **kwargs):
        raise NoBroker

    monkeypatch.setattr(current_app, "send_task", gone)
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        asked(api)
    assert callbacks
    assert write_exports() == 1


@pytest.mark.parametrize("status", [ExportStatus.DONE, ExportStatus.FAILED])
def test_what_has_expired_is_not_there_and_is_taken_away(api, storage, status):
    export = asked(api)
    if status == ExportStatus.FAILED:
        Export.objects.update(status=status, problem="invented", expires_at=Now())
    else:
        write_exports()
    kept = asked(bearer(name="another system"))
    write_exports()
    assert clear_exports() == (status == ExportStatus.FAILED)
    Export.objects.filter(pk=export["id"]).update(expires_at=Now())
    assert api.get(f"{ADDRESS}{export['id']}/").status_code == 404
    assert api.get(f"{ADDRESS}{export['id']}/file/").status_code == 404
    clear_exports()
    assert [row.pk for row in Export.objects.all()] == [kept["id"]]
    assert len(files(storage)) == 1


BROKEN = {
    "core_export_one_asker": {"person": None, "client": None},
    "core_export_format_known": {"file_format": "pdf"},
    "core_export_done_has_file": {"status": "done", "expires_at": Now()},
    "core_export_failed_says_why": {"status": "failed", "expires_at": Now()},
    "core_export_finished_expires": {"status": "failed", "problem": "invented"},
}


@pytest.mark.parametrize("rule", BROKEN)
def test_the_database_refuses_by_name(api, rule):
    asked(api)
    with pytest.raises(IntegrityError, match=rule):
        Export.objects.update(**BROKEN[rule])


def test_the_database_knows_no_other_status(api):
    asked(api)
    with pytest.raises(IntegrityError, match="core_export_finished_expires"):
        Export.objects.update(status="asleep")


# --- several workers, and those that die ---


@pytest.fixture
def another_connection(transactional_db):
    other = connection.copy()
    yield other
    other.close()


@pytest.mark.django_db(transaction=True)
def test_an_export_is_its_workers_until_that_one_dies(cities, another_connection):
    """A lock of the worker's connection, which PostgreSQL takes back when the process is gone."""
    caller = bearer()
    export = asked(caller)
    with another_connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [services._OF_EXPORT, export["id"]])
    Export.objects.update(status=ExportStatus.RUNNING, attempts=1, rows_done=3)
    assert services.work() == 0
    another_connection.close()
    assert wait_until(services.work, 5)
    assert slugs(content(caller, told(caller, export)["link"]))[0] == "city-4"
    assert Export.objects.get().attempts == 2


@pytest.mark.django_db(transaction=True)
def test_no_more_than_two_workers_write_at_once(cities, another_connection):
    asked(bearer())
    with another_connection.cursor() as cursor:
        for place in range(services.AT_ONCE):
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [services._OF_PLACE, place])
    assert services.work() == 0
    with another_connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [services._OF_PLACE, 1])
    assert services.work() == 1


@pytest.mark.django_db(transaction=True)
def test_a_reading_that_is_given_up_leaves_no_cursor_open(cities, monkeypatch):
    in_chunks_of(2, monkeypatch)

    def cursors() -> int:
        with connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM pg_cursors WHERE is_holdable")
            return cursor.fetchone()[0]

    rows = tables.rows_of("SELECT generate_series(1, 5)")
    next(rows)
    assert cursors() == 1
    rows.close()
    assert cursors() == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_a_reading_keeps_nothing_open_in_the_database_while_it_is_taken(cities, monkeypatch, kind):
    in_chunks_of(2, monkeypatch)
    monkeypatch.setattr(formats, "BLOCK", 1)
    blocks = formats.write(listing.Listing("cities", Parvis(), QueryDict("")), kind)
    next(blocks)
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM pg_cursors WHERE is_holdable")
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active'")
        assert cursor.fetchone() == (1,)
    blocks.close()


@pytest.mark.walk
@pytest.mark.django_db(transaction=True)
def test_a_worker_takes_up_what_is_asked(cities, tmp_path, monkeypatch, settings):
    monkeypatch.setenv("DATABASE_URL", database_of_the_test())
    app.control.purge()
    crew = Worker(tmp_path / "worker.log", concurrency=1)
    crew.start()
    try:
        person = signed_in(Role.OFFICER)
        asked(person)
        assert wait_until(lambda: Export.objects.filter(status="done").exists(), 60), crew.log.read_text()
    finally:
        crew.kill_all()
        app.control.purge()
    assert Export.objects.get().rows_done == 5

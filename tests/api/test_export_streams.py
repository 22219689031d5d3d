"""Exports as they leave the house: memory that stays flat, and a broken answer that nobody takes for a whole one."""

import http.client
import io
import zipfile

import pytest
from django.db import connection

from core.exports import listing, tables
from solidarity.models import Crisis
from tests import factories as make
from tests.api.conftest import bearer, token_for
from tests.api.served import peak_memory, served
from tests.drill.crew import wait_until

FEW, MANY = 20_000, 400_000
INSERTED = """
    INSERT INTO core_source (created_at, updated_at, version, slug, title_fr, title_en, kind, url, published_on)
    SELECT now(), now(), 1, %s || n, 'Source inventée à l’été ' || n, 'Invented source ' || n, %s, '', '2015-01-01'
      FROM generate_series(1, %s) AS n
"""
# A list is read to its end as an answer would be, and nothing of it is kept.
READS = """
import os, resource, sys
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
import django
django.setup()
from django.http import QueryDict
from core.access import Parvis
from core.exports.formats import write
from core.exports.listing import Listing
size = sum(len(block) for block in write(Listing("sources", Parvis(), QueryDict(sys.argv[2])), sys.argv[1]))
assert size > int(sys.argv[3]) * 5, size
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def sources(prefix: str, kind: str, number: int) -> None:
    with connection.cursor() as cursor:
        # History is not what is measured.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(INSERTED, [prefix, kind, number])
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("ANALYZE core_source")


@pytest.mark.walk
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("file_format", ["csv", "jsonl", "xlsx", "ods"])
def test_memory_stays_flat_however_long_the_list_is(file_format):
    sources("few-", "outside", FEW)
    # Sheets take minutes for as many: a tenth of them shows a growth as well.
    many = MANY if file_format in ("csv", "jsonl") else MANY // 4
    sources("many-", "official", many)
    few = peak_memory(READS, file_format, "kind=outside", str(FEW))
    more = peak_memory(READS, file_format, "kind=official", str(many))
    assert more < few * 1.15, f"{few} KiB for {FEW} rows, {more} KiB for {many}"


@pytest.fixture
def many(transactional_db):
    sources("many-", "official", 30_000)


@pytest.fixture
def many_with_parts(transactional_db):
    """Rows with parts of their own (places), which Python puts into columns."""
    make.CrisisFactory(name_fr="Crise inventée " * 9, name_en="Invented crisis " * 9)
    columns = ", ".join(
        field.column for field in Crisis._meta.concrete_fields if field.name not in ("id", "slug", "search")
    )
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            f"INSERT INTO solidarity_crisis (slug, {columns}) SELECT 'invented-' || n, {columns} "
            "FROM solidarity_crisis, generate_series(1, 30000) AS n"
        )
        cursor.execute("SET session_replication_role = DEFAULT")


def began(port: int, file_format: str, resource: str = "sources"):
    """A connection and an answer of which some kilobytes are read: the rest waits until there is room again."""
    caller = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    caller.request(
        "GET",
        f"/api/v1/{resource}/export/?as={file_format}",
        headers={"Authorization": f"Bearer {token_for('core:read', 'solidarity:read')}", "Host": "localhost"},
    )
    answer = caller.getresponse()
    assert answer.status == 200
    assert answer.read(1000)
    return caller, answer


def reading() -> list[int]:
    """The sessions of PostgreSQL that read the sources for somebody else."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        )
        return [pid for (pid,) in cursor.fetchall()]


def end_their_sessions() -> None:
    with connection.cursor() as cursor:
        for pid in reading():
            cursor.execute("SELECT pg_terminate_backend(%s)", [pid])


@pytest.mark.walk
@pytest.mark.parametrize("file_format", ["csv", "jsonl"])
def test_what_was_copied_before_it_began_needs_the_database_no_more(many, tmp_path, file_format):
    with served(tmp_path / "web.log") as port:
        caller, answer = began(port, file_format)
        end_their_sessions()
        assert answer.read().count(b"\n") > 29_000
        caller.close()


@pytest.mark.walk
def test_a_failure_in_the_middle_breaks_the_answer_off(many_with_parts, tmp_path):
    with served(tmp_path / "web.log") as port:
        caller, answer = began(port, "csv", "crises")
        end_their_sessions()
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            answer.read()
        caller.close()
        assert "streaming_failed" in (tmp_path / "web.log").read_text()


@pytest.mark.walk
def test_a_caller_who_goes_away_keeps_no_session_busy(many, tmp_path):
    with served(tmp_path / "web.log") as port:
        caller, answer = began(port, "csv")
        answer.close()
        caller.close()

        def idle() -> bool:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE state <> 'idle' AND pid = ANY(%s)", [reading()]
                )
                return cursor.fetchone()[0] == 0  # none is left where connections are not pooled

        assert wait_until(idle, 10)
        # The same process, with as many threads, serves the next one whole.
        again, answer = began(port, "csv")
        assert answer.read().count(b"\r\n") > 29_000
        again.close()


@pytest.mark.django_db
def test_over_http_1_0_an_answer_says_how_long_it_is():
    """There nothing else would tell a part from the whole."""
    sources("some-", "official", 10)
    response = bearer().get("/api/v1/sources/export/?as=csv", SERVER_PROTOCOL="HTTP/1.0")
    body = b"".join(response.streaming_content)
    assert int(response["Content-Length"]) == len(body)
    assert body.count(b"\r\n") == 11


@pytest.mark.django_db
@pytest.mark.parametrize("file_format", ["csv", "jsonl", "xlsx", "ods"])
def test_a_failure_before_the_first_block_is_an_answer_of_its_own(monkeypatch, file_format):
    sources("some-", "official", 1)

    def broken(*given):
        raise RuntimeError("invented")
        yield

    monkeypatch.setattr(listing, "lines_of", broken)
    monkeypatch.setattr(tables, "csv_lines", broken)
    with pytest.raises(RuntimeError, match="invented"):
        bearer().get(f"/api/v1/sources/export/?as={file_format}")


@pytest.mark.django_db
def test_half_an_ods_is_no_ods(monkeypatch):
    sources("some-", "official", 10)
    response = bearer().get("/api/v1/sources/export/?as=ods")
    body = b"".join(response.streaming_content)
    assert zipfile.is_zipfile(io.BytesIO(body))
    assert not zipfile.is_zipfile(io.BytesIO(body[: len(body) // 2]))

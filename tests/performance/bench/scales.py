"""What the API is measured on: as many records as asked, in a database of their own, with both servers that answer from it."""

import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

from django.conf import settings
from django.db import connection
from oauth2_provider.models import AccessToken, Application
from psycopg.sql import SQL, Identifier

from cooperation.models import Project
from core import clock
from core.api.cursors import Cursor, salt
from core.api.scopes import unprotected
from core.models import ClientAccess
from core.processes import spawn, stop
from solidarity.models import Grant
from tests.performance import bulk as building
from tests.performance.__main__ import SMALL
from tests.performance.bench.grow import grow
from tests.performance.bench.workloads import TOKEN, Facts

WORKERS, THREADS = 2, 4
PATIENCE = 30  # seconds
MANY = "parvis_many"


@dataclass(frozen=True)
class Served:
    """A server of this port."""

    port: int
    process: Any

    def memory(self) -> float:
        """The peak of the largest worker (MB)."""
        pids = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return max(_peak(int(pid)) for pid in pids)


@dataclass(frozen=True)
class Scale:
    """So many grants, and all else in proportion, in the database of this name; both servers answer from it."""

    grants: int
    database: str
    facts: Facts
    bare: Served
    ours: Served

    @contextmanager
    def asked(self) -> Iterator[Any]:
        """A cursor in its database."""
        with within(self.database), connection.cursor() as cursor:
            yield cursor


@contextmanager
def scales(server: str, share: float, times: int) -> Iterator[list[Scale]]:
    """The share of 20 000 grants, built where there are none yet, and so many times as many, where they are more than once."""
    first = connection.settings_dict["NAME"]
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # WhiteNoise warns where there is none
    _build(share)
    if times > 1:
        _build_many(first, times)
    with ExitStack() as stack:
        yield [
            stack.enter_context(_scale(name, server, port))
            for name, port in [(first, 8131), (MANY, 8133)][: 1 if times == 1 else 2]
        ]


def _build_many(first: str, times: int) -> None:
    """In a copy of the database, made anew."""
    begun = time.monotonic()
    with within("postgres"), connection.cursor() as cursor:
        cursor.execute(SQL("DROP DATABASE IF EXISTS {}").format(Identifier(MANY)))
        cursor.execute(
            SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(Identifier(MANY), Identifier(first))
        )
    with within(MANY):
        grow(times)
    sys.stdout.write(f"{times} times the records, made in {time.monotonic() - begun:.0f} s.\n")


@contextmanager
def within(database: str) -> Iterator[None]:
    """Asks another database of the same server meanwhile."""
    before = connection.settings_dict["NAME"]
    _turn_to(database)
    try:
        yield
    finally:
        _turn_to(before)


def _turn_to(database: str) -> None:
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # of Django's PostgreSQL
    connection.settings_dict["NAME"] = database


@contextmanager
def _scale(database: str, server: str, port: int) -> Iterator[Scale]:
    with within(database):
        found, grants = _facts(), Grant._base_manager.count()
        given = connection.get_connection_params()
    with _served("bare", server, port, given) as bare, _served("ours", server, port + 1, given) as ours:
        yield Scale(grants, database, found, bare, ours)


def _peak(pid: int) -> float:
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.partition("VmHWM:")[2].split()[0]) / 1000


@contextmanager
def _served(name: str, server: str, port: int, given: dict[str, Any]) -> Iterator[Served]:
    """A server that asks the database of these parameters."""
    os.environ["BENCH_DATABASE"] = " ".join(
        f"{key}='{given[key]}'" for key in ("host", "port", "dbname", "user", "password", "options") if given.get(key)
    )
    os.environ["DATABASE_URL"] = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{given['dbname']}").geturl()
    application = {"bare": "tests.performance.bench.bare:application", "ours": "config.wsgi:application"}[name]
    if server == "granian":
        command = ["-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
        command += ["--workers", str(WORKERS), "--blocking-threads", str(THREADS), application]
    else:
        command = ["-m", "gunicorn", "--config", "config/gunicorn.py", "--bind", f"127.0.0.1:{port}"]
        command += ["--workers", str(WORKERS), "--threads", str(THREADS), "--worker-class", server, application]
        command += ["--max-requests", "0"]
    with tempfile.TemporaryFile() as log:
        process = spawn([sys.executable, *command], death_signal=signal.SIGTERM, log=log)
        try:
            _wait(port, process, log)
            yield Served(port, process)
        finally:
            stop(process, signal.SIGTERM)


def _wait(port: int, process, log) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            urlopen(f"http://127.0.0.1:{port}/health/live/", timeout=5).close()
            return
        except OSError as error:
            if hasattr(error, "code"):
                return  # it answers, be it with a refusal
            if process.poll() is not None or time.monotonic() > deadline:
                log.seek(0)
                raise SystemExit(f"A server did not begin:\n{log.read().decode()[-3000:]}") from error
            time.sleep(0.1)


# --- records ---


def _build(share: float) -> None:
    if not Grant._base_manager.exists():
        bulk = building.Bulk()
        building.build(bulk, SMALL)
        building.build(bulk, share)
    building.analyse(vacuum=True)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS bench_grant")
        cursor.execute("CREATE TABLE bench_grant (LIKE solidarity_grant INCLUDING ALL)")
        for field in Grant._meta.concrete_fields:
            if not field.primary_key:
                cursor.execute(f'ALTER TABLE bench_grant ALTER "{field.column}" DROP NOT NULL')
    _client()


def _client() -> None:
    """A system with every scope, and its token."""
    client, _made = Application.objects.get_or_create(
        name="Bench",
        defaults={"client_type": "confidential", "authorization_grant_type": "client-credentials"},
    )
    scopes = sorted(unprotected())
    if not ClientAccess.objects.filter(client=client).exists():
        ClientAccess.objects.create(client=client, scopes=scopes, requests_per_minute=1_000_000)
    AccessToken.objects.get_or_create(
        token=TOKEN,
        defaults={"application": client, "expires": clock.real() + timedelta(days=1), "scope": " ".join(scopes)},
    )


def _facts() -> Facts:
    keys = list(Project._base_manager.order_by("pk").values_list("pk", flat=True))
    deep = Grant._base_manager.order_by("-pk")[Grant._base_manager.count() // 10].pk
    return Facts(
        projects=keys[:: max(1, len(keys) // 200)],
        beneficiary=Grant._base_manager.values_list("beneficiary", flat=True)[0],
        deep_key=deep,
        deep_cursor=_cursor(deep),
    )


def _cursor(key: int) -> str:
    """As the API itself would have signed it, had one read so far."""
    return Cursor(
        "", salt("/api/v1/grants/", {"paging": ["cursor"]}), 50, settled_at="2015-06-01T00:00:00.000000Z"
    ).signed(key)

"""The embedded servers, as a program that uses them meets them: each test runs real ones, in a folder of its own."""

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
import pytest
import redis

PROJECT = Path(__file__).resolve().parent.parent
PROGRAM = """
import os, sys
from pathlib import Path
from core.embedded import servers
from core.processes import ServerError
try:
    with servers(Path(sys.argv[1]), durable=False):
        print(os.environ["DATABASE_URL"], os.environ["REDIS_URL"], flush=True)
        sys.stdin.read()
except ServerError as error:
    sys.exit(str(error))
"""
OURS = {"DATABASE_URL", "REDIS_URL", "PARVIS_EMBEDDED"}
NOBODY = 65534
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")


class Program:
    """A program inside `servers(folder)`, until its input is closed or a signal ends it."""

    def __init__(self, folder: Path) -> None:
        environ = {name: value for name, value in os.environ.items() if name not in OURS}
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=PROJECT,
            env=environ,
        )
        self.database_url, self.redis_url = [*self.process.stdout.readline().split(), "", ""][:2]

    @property
    def valkey(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=unquote(urlsplit(self.redis_url).path))

    def knock(self) -> None:
        with socket.socket(socket.AF_UNIX) as visitor:
            visitor.connect(unquote(urlsplit(self.redis_url).path))

    def end(self) -> tuple[int, str]:
        errors = self.process.communicate(timeout=30)[1]
        return self.process.returncode, errors


@contextmanager
def program(folder: Path) -> Iterator[Program]:
    started = Program(folder)
    try:
        yield started
    finally:
        if started.process.poll() is None:
            started.end()


@pytest.fixture
def folder() -> Iterator[Path]:
    """Outside pytest's own folder, whose name is long and which nobody else may enter."""
    with tempfile.TemporaryDirectory(prefix="parvis-") as name:
        os.chmod(name, 0o755)
        yield Path(name) / "data"


def all_gone(folder: Path) -> bool:
    """Whether every process of both servers has ended: each of them holds the lock."""
    for name in ("postgres", "valkey"):
        with (folder / "servers" / f"{name}.lock").open() as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
    return True


def soon(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def refusal(folder: Path) -> str:
    """What a program is told that cannot have its servers: one line, and code 1."""
    with program(folder) as refused:
        code, errors = refused.end()
    assert code == 1
    assert errors.count("\n") == 1, errors
    return errors


def test_both_are_real_keep_their_data_and_open_no_port(folder: Path) -> None:
    with program(folder) as first, psycopg.connect(first.database_url) as database:
        for extension in ("unaccent", "pg_trgm", "btree_gist"):
            database.execute(f"CREATE EXTENSION {extension}")
        assert database.execute("SELECT lower('ÉVREUX'), unaccent('Évreux')").fetchone() == ("évreux", "Evreux")
        assert database.execute("SHOW listen_addresses").fetchone() == ("",)
        assert first.valkey.config_get("port") == {"port": "0"}
    assert all_gone(folder)
    with program(folder) as second, psycopg.connect(second.database_url) as database:
        assert database.execute("SELECT count(*) FROM pg_extension WHERE extname = 'unaccent'").fetchone() == (1,)


def test_a_second_program_joins_and_stops_nothing(folder: Path) -> None:
    with program(folder) as first:
        with program(folder) as second:
            assert second.database_url == first.database_url
        assert first.valkey.ping()
        with psycopg.connect(first.database_url) as database:
            assert database.execute("SELECT 1").fetchone() == (1,)
    assert all_gone(folder)


@pytest.mark.parametrize(
    "how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGKILL], ids=lambda one: one.name
)
def test_no_signal_leaves_a_server_behind(folder: Path, how: signal.Signals) -> None:
    with program(folder) as ended:
        assert not all_gone(folder)
        ended.process.send_signal(how)
        ended.end()
    if how is signal.SIGKILL and not shutil.which("setpriv"):
        pytest.skip("setpriv is missing: only an orderly end stops the servers")
    assert soon(lambda: all_gone(folder))
    with program(folder) as again:
        assert again.valkey.ping()


def test_a_folder_too_deep_for_a_socket_works(folder: Path) -> None:
    deep = folder / ("d" * 60) / ("e" * 60)
    with program(deep) as started, psycopg.connect(started.database_url) as database:
        assert database.execute("SELECT 1").fetchone() == (1,)
        short = Path(unquote(urlsplit(started.redis_url).path)).parent
        assert short.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(short)


def test_an_interrupted_creation_and_a_stale_lock_heal(folder: Path) -> None:
    draft = folder / "servers" / "postgres.draft"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")
    with program(folder) as first:
        assert first.database_url
    # A process id that is alive, and not PostgreSQL's: what a crash and a reboot leave behind.
    data = folder / "servers" / "postgres"
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n1\n5432\n{data.parent}\n\n1 1\nready\n")
    with program(folder) as second, psycopg.connect(second.database_url) as database:
        assert database.execute("SELECT 1").fetchone() == (1,)


def test_another_version_is_told_in_one_line(folder: Path) -> None:
    data = folder / "servers" / "postgres"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("17\n")
    assert f"{data} was not made by PostgreSQL 18" in refusal(folder)
    assert (data / "PG_VERSION").read_text() == "17\n"


def test_damaged_data_are_told_in_one_line(folder: Path) -> None:
    with program(folder):
        pass
    shutil.rmtree(folder / "servers" / "postgres" / "global")
    assert "postgres does not start from" in refusal(folder)


def test_a_file_in_the_place_of_the_folder_is_told_in_one_line(folder: Path) -> None:
    folder.write_text("")
    assert str(folder) in refusal(folder)


@as_root
def test_somebody_elses_folder_is_told_in_one_line(folder: Path) -> None:
    (folder / "servers").mkdir(parents=True)
    os.chown(folder / "servers", NOBODY, NOBODY)
    assert f"belongs to user id {NOBODY}" in refusal(folder)


@as_root
def test_nobody_else_gets_in(folder: Path) -> None:
    with program(folder) as started:
        assert "Permission denied" in told_to_nobody(lambda: psycopg.connect(started.database_url))
        assert "Permission denied" in told_to_nobody(started.knock)
        # Even where the folder has been opened by mistake, PostgreSQL asks the kernel who calls.
        for opened in (folder, folder / "servers"):
            opened.chmod(0o755)
        assert "Peer authentication failed" in told_to_nobody(lambda: psycopg.connect(started.database_url))
        assert "Permission denied" in told_to_nobody(started.knock)


@as_root
def test_other_processes_of_nobody_find_no_memory_of_the_server(folder: Path) -> None:
    with program(folder) as started, psycopg.connect(started.database_url) as database:
        assert database.execute("SELECT sum(n) FROM generate_series(1, 100000) n").fetchone() == (5000050000,)
        server = (folder / "servers" / "postgres" / "postmaster.pid").read_text().splitlines()[0]
        assert "/dev/shm" not in Path(f"/proc/{server}/maps").read_text()
        assert "Permission denied" in told_to_nobody(lambda: os.listdir(folder / "servers" / "postgres"))


def told_to_nobody(attempt: Callable[[], object]) -> str:
    """What an unprivileged user of the machine is told who makes this attempt."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the child only connects, and ends without cleaning up
        child = os.fork()
    if child == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        try:
            attempt()
            answer = "welcome"
        except (psycopg.OperationalError, OSError) as error:
            answer = str(error)
        os.write(writing, answer.encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as answer_of_child:
        return answer_of_child.read()

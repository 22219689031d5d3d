"""`make demo`, as the person who types it meets it; and what must never exist in production."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import validate_password
from django.core.checks import run_checks
from django.core.management import call_command
from django.db import connection
from oauth2_provider.models import get_application_model

from core import demo
from core.exceptions import Refused
from core.management.commands.migrate import LOCK
from core.models import User
from core.roles import Role
from tests.test_settings import FINE

PROJECT = Path(__file__).resolve().parent.parent
OWN = ("DATABASE_URL", "REDIS_URL", "REDIS_PREFIX", "PARVIS_EMBEDDED", "PARVIS_TODAY", "DEMO_PASSWORD")
STARTING = 180  # seconds: the first start creates the database and loads every floor


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def start(folder: Path, port: int, **environ: str) -> subprocess.Popen[str]:
    clean = {name: value for name, value in os.environ.items() if name not in OWN}
    own = {"PARVIS_MODE": "demo", "PARVIS_DATA": str(folder), "PORT": str(port), "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [sys.executable, "manage.py", "demo"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
        env=clean | own | environ,
    )


@contextmanager
def running(folder: Path, port: int, **environ: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The demo and what it has printed when it is ready."""
    process = start(folder, port, **environ)
    guard = threading.Timer(STARTING, process.kill)
    guard.start()
    try:
        printed = ""
        for line in process.stdout:
            printed += line
            if "Ctrl-C stops everything" in line:
                break
        else:
            pytest.fail(f"The demo did not start:\n{printed}\n{process.stderr.read()}")
        guard.cancel()
        yield process, printed
    finally:
        guard.cancel()
        process.terminate()
        process.communicate(timeout=60)


def family(pid: int) -> dict[int, str]:
    """Every process beneath this one, with its command."""
    found = {}
    for child in map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()):
        found |= {child: Path(f"/proc/{child}/cmdline").read_text().replace("\0", " ")} | family(child)
    return found


def get(url: str, token: str = "") -> tuple[int, str]:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"} if token else {})
    with urllib.request.urlopen(request, timeout=30) as response:
        return response.status, response.read().decode()


def records(folder: Path) -> tuple[int, ...]:
    """How many of everything there are: accounts, clients, recorded changes, and rows of every app; but for the ledger of
    reminders, which grows while the demo runs."""
    url = f"postgresql://parvis@:5432/parvis?host={folder / 'servers'}"
    with psycopg.connect(url) as database:
        tables = database.execute(
            "SELECT tablename FROM pg_tables WHERE tablename ~ '^(core|partnerships|cooperation|oauth2)_'"
            " AND tablename !~ '^core_(message|notification|reminderrun)$' ORDER BY tablename"
        )
        counts = [database.execute(f'SELECT count(*) FROM "{name}"').fetchone() for (name,) in tables.fetchall()]
    return tuple(count for (count,) in counts)


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="parvis-demo-") as name:
        yield Path(name)


@pytest.mark.walk
def test_from_the_first_start_to_the_last_process(folder: Path) -> None:
    port = free_port()
    with running(folder, port) as (process, printed):
        for name, *_rest in demo.ACCOUNTS:
            assert f"{name}@demo.test" in printed
        assert get(f"http://127.0.0.1:{port}/accounts/login/")[0] == 200
        assert printed_commands_find_a_city(printed)
        first = records(folder)
        everyone = family(process.pid)
        assert all(any(part in command for command in everyone.values()) for part in ("gunicorn", "worker", "beat"))
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
        assert [command for pid, command in everyone.items() if Path(f"/proc/{pid}").exists()] == []

    began = time.monotonic()
    with running(folder, port) as (process, _printed):
        assert time.monotonic() - began < 30
        after = records(folder)
        busy = start(folder, port)
        assert_one_line(busy, f"Port {port} of 127.0.0.1 cannot be used")
        beat = next(pid for pid, command in family(process.pid).items() if " beat " in command)
        os.kill(beat, signal.SIGKILL)
        assert process.wait(60) == 1
        assert "The beat has stopped by itself (code -9)" in process.stderr.read()
    assert after == first


def printed_commands_find_a_city(printed: str) -> bool:
    """Run what the demo prints for scripts to copy."""
    if not shutil.which("curl"):
        pytest.skip("curl is missing: the printed commands cannot be tried")
    commands = "\n".join(re.findall(r"^ +((?:TOKEN=|curl ).*)$", printed, flags=re.MULTILINE))
    answer = subprocess.run(["bash", "-c", commands], capture_output=True, text=True, check=True).stdout
    return json.loads(answer)["count"] == 1


def assert_one_line(process: subprocess.Popen[str], sentence: str) -> None:
    _printed, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert sentence in errors
    assert errors.count("\n") == 1, errors


@pytest.mark.walk
def test_unreachable_servers_are_told_in_one_line(folder: Path) -> None:
    nowhere = free_port()
    servers = {"DATABASE_URL": f"postgresql://somebody:s3cret@127.0.0.1:{nowhere}/parvis"}
    process = start(folder, free_port(), **servers, REDIS_URL=f"redis://127.0.0.1:{nowhere}/0")
    assert_one_line(process, "PostgreSQL, as DATABASE_URL names it, does not let Parvis in")
    process = start(
        folder, free_port(), DATABASE_URL=os.environ["DATABASE_URL"], REDIS_URL=f"redis://127.0.0.1:{nowhere}/0"
    )
    assert_one_line(process, "Valkey, as REDIS_URL names it, does not answer")


@pytest.mark.walk
def test_production_runs_no_demo(folder: Path) -> None:
    assert_one_line(start(folder, free_port(), **FINE), "PARVIS_MODE=demo only")


def test_production_refuses_an_embedded_server(folder: Path) -> None:
    joined = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL")}
    for how in (joined, {"PARVIS_EMBEDDED": "1"}):
        process = start(folder, free_port(), **FINE | how)
        assert "Production needs its own servers" in process.communicate(timeout=60)[1]
        assert process.returncode == 1


@pytest.mark.django_db
def test_one_account_per_role_and_a_second_time_nothing() -> None:
    assert {role for user in demo.create_demo_accounts() for role in user.roles} == set(Role)
    before = list(User.objects.order_by("pk").values_list("pk", "version", "password"))
    secret = get_application_model().objects.get(client_id="demo").client_secret
    demo.create_demo_accounts()
    assert list(User.objects.order_by("pk").values_list("pk", "version", "password")) == before
    assert get_application_model().objects.get(client_id="demo").client_secret == secret
    assert EmailAddress.objects.filter(verified=True, primary=True).count() == len(before) == len(demo.ACCOUNTS)


@pytest.mark.django_db
def test_another_password_reaches_every_account_and_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    demo.create_demo_accounts()
    monkeypatch.setenv("DEMO_PASSWORD", "something else")
    demo.create_demo_accounts()
    assert all(user.check_password("something else") for user in User.objects.all())
    client = get_application_model().objects.get(client_id="demo")
    assert check_password("something else", client.client_secret)
    assert not client.redirect_uris


@pytest.mark.django_db
def test_no_demo_account_in_production(settings) -> None:
    settings.MODE = "production"
    with pytest.raises(Refused):
        demo.create_demo_accounts()
    assert not User.objects.exists()


@pytest.mark.django_db
def test_production_does_not_migrate_a_database_with_demo_accounts(settings) -> None:
    demo.create_demo_accounts()
    run_checks(databases=["default"])
    settings.MODE = "production"
    found = [message.msg for message in run_checks(databases=["default"]) if message.id == "parvis.C001"]
    assert len(found) == 2
    assert "accounts @demo.test" in found[0]
    assert "API client “demo”" in found[1]
    User.objects.all().delete()
    get_application_model().objects.all().delete()
    assert not [message for message in run_checks(databases=["default"]) if message.id == "parvis.C001"]


@pytest.mark.django_db
def test_the_default_password_passes_the_validators() -> None:
    for user in demo.create_demo_accounts():
        validate_password(demo.DEFAULT_PASSWORD, user)


@pytest.mark.django_db
def test_replicas_migrate_one_after_the_other() -> None:
    output = StringIO()

    def migrate() -> None:
        call_command("migrate", plan=True, stdout=output)
        connection.close()

    with closing(psycopg.connect(**connection.get_connection_params(), autocommit=True)) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        replica = threading.Thread(target=migrate)
        replica.start()
        replica.join(2)
        assert replica.is_alive()
    replica.join(30)
    assert not replica.is_alive()
    assert output.getvalue().startswith("Another replica is migrating; waiting for it.")
    assert "No planned migration operations" in output.getvalue()

"""Parvis in a process of its own, on the database of the test: as gunicorn serves it, or as a script."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db import connection

from tests.drill.crew import wait_until

GUNICORN = [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py", "--workers", "1", "--threads", "2"]


def database_of_the_test() -> str:
    here = urlsplit(os.environ["DATABASE_URL"])
    return urlunsplit(here._replace(path=f"/{connection.settings_dict['NAME']}"))


def environment() -> dict[str, str]:
    return os.environ | {"DATABASE_URL": database_of_the_test()}


@contextmanager
def served(log: Path) -> Iterator[int]:
    """The port that gunicorn listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [*GUNICORN, "--bind", f"127.0.0.1:{port}"]
    with log.open("ab") as out:
        web = subprocess.Popen(command, cwd=settings.BASE_DIR, env=environment(), stdout=out, stderr=out)
    try:
        assert wait_until(lambda: _listens(port), 60), log.read_text()
        yield port
    finally:
        web.send_signal(signal.SIGTERM)
        web.wait(30)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def peak_memory(script: str, *arguments: str) -> int:
    """The most memory (RSS, in KiB) that a script used, which says so itself at its end."""
    answered = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=settings.BASE_DIR,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert answered.returncode == 0, answered.stderr
    return int(answered.stdout.splitlines()[-1])

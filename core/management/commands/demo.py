"""The whole of Parvis in one terminal, on the Paris data: web, Celery worker and beat, until Ctrl-C."""

import http.client
import json
import logging
import os
import shlex
import signal
import socket
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import psycopg
import redis
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.template.loader import render_to_string

from core import demo
from core.processes import Leaving, shielded, spawn, stop
from core.tasks import remind

PATIENCE = 60  # seconds for the web to answer its first request
CONNECTING = 5  # seconds for a server to answer
CELERY = (sys.executable, "-m", "celery", "--app", "config", "--quiet")


class Command(BaseCommand):
    help = "Run Parvis on the Paris data, with one account per role. Refused in production."
    requires_system_checks: list[str] = []  # the database they ask may not answer yet; `migrate` checks

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default=os.environ.get("DEMO_HOST", "127.0.0.1"), help="where to listen")
        parser.add_argument("--port", default=os.environ.get("PORT", "8000"), help="the port to listen on")

    def handle(self, *, host: str, port: str, **options: Any) -> None:
        if settings.MODE != "demo":
            raise CommandError("The demo has public passwords: it runs with PARVIS_MODE=demo only (`make demo`).")
        number = free_port(host, port)
        try:
            check_servers()
            self._prepare()
            with Children(settings.DATA_DIR / "logs") as children:
                start_children(children, host, number)
                self._wait_for_the_web(children, host, number)
                remind.delay()  # beat asks for it in some minutes only
                self.stdout.write(welcome(host, number))
                self.stdout.flush()
                while True:
                    children.check()
                    for line in children.errors("web"):
                        self.stderr.write(f"web: {line}; see {children.logs / 'web.log'}")
                    time.sleep(0.5)
        except (KeyboardInterrupt, Leaving):
            self.stdout.write("\nParvis has stopped.")

    def _prepare(self) -> None:
        self.stdout.write("Preparing the database and the Paris data…")
        # What the samples hand to the worker stands in the worker's log.
        logging.getLogger("django_structlog.celery").setLevel(logging.WARNING)
        call_command("migrate", verbosity=0, interactive=False, stdout=self.stdout)
        call_command("load_paris", verbosity=0, stdout=self.stdout)
        demo.create_demo_accounts()  # before the samples, which name them for a protected file
        call_command("load_samples", verbosity=0, stdout=self.stdout)
        connection.close()

    def _wait_for_the_web(self, children: "Children", host: str, port: int) -> None:
        deadline = time.monotonic() + PATIENCE
        while not (status := web_status(host, port)):
            children.check()
            if time.monotonic() > deadline:
                raise CommandError(f"The web did not answer within {PATIENCE} seconds; see {children.logs / 'web.log'}")
            time.sleep(0.1)
        if status >= 500:
            reasons = "; ".join(children.errors("web"))
            raise CommandError(f"The web answers with error {status} ({reasons}); see {children.logs / 'web.log'}")


def free_port(host: str, port: str) -> int:
    """The port as a number; refused when it is none, or when something listens there already."""
    if not port.isdecimal() or not 0 < int(port) < 65536:
        raise CommandError(f"PORT must be a number from 1 to 65535, not {port!r}.")
    with socket.socket() as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind((host, int(port)))
        except OSError as error:
            raise CommandError(
                f"Port {port} of {host} cannot be used ({error.strerror}): try `make demo PORT=8001`."
            ) from None
    return int(port)


def check_servers() -> None:
    """Refuse a server that does not answer in one sentence instead of a page of traces."""
    try:
        psycopg.connect(**connection.get_connection_params(), connect_timeout=CONNECTING).close()
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        raise CommandError(f"PostgreSQL, as DATABASE_URL names it, does not let Parvis in: {reason}") from None
    location = settings.CACHES["default"]["LOCATION"]
    try:
        redis.Redis.from_url(location, socket_connect_timeout=CONNECTING, socket_timeout=CONNECTING).ping()
    except redis.RedisError as error:
        raise CommandError(f"Valkey, as REDIS_URL names it, does not answer: {error}") from None


def web_status(host: str, port: int) -> int:
    """The HTTP status of the first page, or 0 while nothing answers."""
    web = http.client.HTTPConnection(host, port, timeout=30)
    try:
        web.request("GET", "/", headers={"Host": "localhost"})
        return web.getresponse().status
    except OSError:
        return 0
    finally:
        web.close()


def start_children(children: "Children", host: str, port: int) -> None:
    """In the order that lets beat stop first, so that nothing new is asked for, and the worker last."""
    os.environ.setdefault("PARVIS_URL", f"http://{host}:{port}")  # where the links of their e-mails lead
    worker = ["worker", "--concurrency=1", "--without-gossip", "--without-mingle", "--loglevel=INFO"]
    children.start("worker", [*CELERY, *worker])
    gunicorn = [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py"]
    children.start("web", [*gunicorn, "--bind", f"{host}:{port}", "--workers", "1", "--threads", "8"])
    schedule = settings.DATA_DIR / "celerybeat-schedule"
    children.start("beat", [*CELERY, "beat", "--schedule", str(schedule), "--pidfile=", "--loglevel=INFO"])


def welcome(host: str, port: int) -> str:
    context = {
        "url": f"http://{host}:{port}",
        "accounts": [f"{name}@{demo.DOMAIN}" for name, _role in demo.ACCOUNTS],
        "password": demo.password(),
        "client": shlex.quote(f"{demo.CLIENT_ID}:{demo.password()}"),
        "today": settings.TODAY,
        "logs": settings.DATA_DIR / "logs",
    }
    return render_to_string("demo.txt", context)


class Children:
    """The processes of the demo, each with a log of its own, stopped together in reverse order."""

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self.processes: dict[str, Any] = {}
        self.readers: dict[str, BinaryIO] = {}

    def __enter__(self) -> "Children":
        self.logs.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self

    def __exit__(self, *exc_info: object) -> None:
        with shielded():
            for process in reversed(self.processes.values()):
                stop(process, signal.SIGTERM)
            for reader in self.readers.values():
                reader.close()

    def start(self, name: str, command: list[str]) -> None:
        path = self.logs / f"{name}.log"
        with path.open("wb") as log:
            self.processes[name] = spawn(command, death_signal=signal.SIGTERM, log=log, cwd=settings.BASE_DIR)
        self.readers[name] = path.open("rb")

    def check(self) -> None:
        """Refuse to go on without one of them."""
        for name, process in self.processes.items():
            if process.poll() is not None:
                code = process.returncode
                raise CommandError(f"The {name} has stopped by itself (code {code}): {self.last_lines(name)}")

    def last_lines(self, name: str, count: int = 12) -> str:
        path = self.logs / f"{name}.log"
        return f"see {path}\n" + "\n".join(path.read_text(errors="replace").splitlines()[-count:])

    def errors(self, name: str) -> Iterator[str]:
        """What went wrong according to a child's log since the last call, each on one line."""
        for line in self.readers[name]:
            if line.startswith(b"{") and line.endswith(b"}\n"):
                entry = json.loads(line)
                if entry.get("level") in ("error", "critical"):
                    cause = entry.get("exception", "").strip().splitlines()[-1:]
                    yield " ".join([entry["event"], entry.get("request", ""), *cause])
            elif b"[ERROR]" in line:
                yield line.decode(errors="replace").strip()

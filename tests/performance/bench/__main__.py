"""`make bench`: the API beside a bare psycopg server, on the same data, in the same run.

python -m tests.performance.bench [--seconds 4] [--times 20] [--share 1.0] [--server gthread|sync|granian]
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from core.processes import leaving_on_signals, spawn, stop
from tests.performance.__main__ import SMALL, scene
from tests.performance.bench import load
from tests.performance.bench.workloads import EXPORTED, WORKLOADS, Facts

CONNECTIONS = (1, 16)
TOKEN = "invented-token-of-the-bench"
WORKERS, THREADS = 2, 4
PATIENCE = 30  # seconds
# The least of an export's rows per second, as a share of those of COPY; how much its peak memory may grow with the data.
OF_COPY, MORE_MEMORY = 0.30, 1.15


@dataclass(frozen=True)
class Line:
    """A row of the table: one workload at one number of connections."""

    name: str
    connections: int
    bare: load.Load
    ours: load.Load
    goal: float
    kept: float

    @property
    def ratio(self) -> float:
        return self.ours.rate / self.bare.rate


@dataclass(frozen=True)
class Export:
    """Every grant in one format: its rows per second as a share of those of COPY, and the peak memory of a worker (MB)."""

    form: str
    share: float
    memory: float


@dataclass(frozen=True)
class Round:
    lines: list[Line]
    exports: list[Export]


def main() -> int:
    asked = argparse.ArgumentParser(prog="tests.performance.bench", description=__doc__.splitlines()[0])
    asked.add_argument("--seconds", type=float, default=4, help="for each measurement")
    asked.add_argument("--times", type=int, default=20, help="how much larger the second round is; 1: none")
    asked.add_argument("--share", type=float, default=1.0, help="of the records of the first round")
    asked.add_argument("--server", choices=("gthread", "sync", "granian"), default="gthread")
    asked.add_argument("--folder", type=Path, help="keep the database there, and take it up again")
    wanted = asked.parse_args()
    with (
        leaving_on_signals(),
        tempfile.TemporaryDirectory(prefix="parvis-bench-") as folder,
        scene(wanted.folder or Path(folder)),
    ):
        os.environ |= {"API_REQUESTS_PER_MINUTE": "10000000"}
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        rounds = [_round(1, wanted)]
        if wanted.times > 1:
            rounds.append(_round(wanted.times, wanted))
        return _judged(rounds)


def _round(times: int, wanted) -> Round:
    from solidarity.models import Grant
    from tests.performance.bench.grow import grow

    begun = time.monotonic()
    if times > 1:
        grants = grow(times)
    else:
        _built(wanted.share)
        grants = Grant._base_manager.count()
    say(f"\n{grants} grants, made in {time.monotonic() - begun:.0f} s; {wanted.server}, {WORKERS} workers.\n")
    facts = _facts()
    lines = []
    with _served("bare", wanted.server) as bare, _served("ours", wanted.server) as ours:
        say(
            f"| {'workload':<44} | connections | bare: requests/s | p50 | p95 | Parvis: requests/s | p50 | p95 | share |"
        )
        say("|---|---|---|---|---|---|---|---|---|")
        for work in WORKLOADS:
            for connections in CONNECTIONS:
                # Once to warm both.
                load.ask(bare.port, work.bare(facts), connections, 0.5)
                load.ask(ours.port, work.ours(facts, TOKEN), connections, 0.5)
                one = load.ask(bare.port, work.bare(facts), connections, wanted.seconds)
                two = load.ask(ours.port, work.ours(facts, TOKEN), connections, wanted.seconds)
                line = Line(work.name, connections, one, two, work.goal, work.kept)
                lines.append(line)
                say(
                    f"| {line.name:<44} | {connections} | {one.rate:.0f} | {one.p50:.1f} | {one.p95:.1f} "
                    f"| {two.rate:.0f} | {two.p50:.1f} | {two.p95:.1f} | {line.ratio:.2f} |"
                )
        say(f"\nPeak memory of a worker: bare {bare.memory():.0f} MB, Parvis {ours.memory():.0f} MB.")
        return Round(lines, _export(ours, grants))


def _built(share: float) -> None:
    from django.db import connection

    from solidarity.models import Grant
    from tests.performance import bulk as building

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
    from datetime import timedelta

    from oauth2_provider.models import AccessToken, Application

    from core import clock
    from core.api.scopes import unprotected
    from core.models import ClientAccess

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
    from cooperation.models import Project
    from solidarity.models import Grant

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
    from core.api.cursors import Cursor, salt

    return Cursor(
        "", salt("/api/v1/grants/", {"paging": ["cursor"]}), 50, settled_at="2015-06-01T00:00:00.000000Z"
    ).signed(key)


# --- servers ---


@dataclass
class Served:
    port: int
    process: Any

    def memory(self) -> float:
        """The peak of the largest worker (MB)."""
        pids = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return max(_peak(int(pid)) for pid in pids)


def _peak(pid: int) -> float:
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.partition("VmHWM:")[2].split()[0]) / 1000


@contextmanager
def _served(name: str, server: str) -> Iterator[Served]:
    import signal

    from django.db import connection

    port = {"bare": 8131, "ours": 8132}[name]
    given = connection.get_connection_params()
    os.environ["BENCH_DATABASE"] = " ".join(
        f"{key}='{given[key]}'" for key in ("host", "port", "dbname", "user", "password", "options") if given.get(key)
    )
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


# --- export ---


def _export(ours: Served, grants: int) -> list[Export]:
    from django.db import connection

    columns = [
        f'"{name}_id"' if name in ("beneficiary", "theme", "crisis", "deliberation") else f'"{name}"'
        for name in EXPORTED
    ]

    def copied() -> int:
        statement = f"COPY (SELECT id, {', '.join(columns)} FROM solidarity_grant ORDER BY id) TO STDOUT"
        with connection.cursor() as cursor, cursor.copy(statement) as blocks:
            for _block in blocks:
                pass
        return grants

    _rows, copy = _quickest(copied)
    before, exports = ours.memory(), []
    for file_format in ("jsonl", "csv"):
        address = f"/api/v1/grants/export/?as={file_format}&ordering=id&fields={','.join(EXPORTED)}"
        asked = Request(
            f"http://127.0.0.1:{ours.port}{address}", headers={"Authorization": f"Bearer {TOKEN}", "Host": "localhost"}
        )
        rows, rate = _quickest(lambda asked=asked: _exported(asked))
        export = Export(file_format, rate / copy, ours.memory())
        exports.append(export)
        say(
            f"Export of {rows} rows as {file_format}: {rate:.0f} rows/s, {export.share:.2f} of COPY ({copy:.0f} rows/s); "
            f"peak memory {export.memory:.0f} MB, before it {before:.0f} MB."
        )
    return exports


def _exported(asked: Request) -> int:
    with urlopen(asked, timeout=600) as answer:
        return sum(block.count(b"\n") for block in iter(lambda: answer.read(1 << 16), b""))


def _quickest(read: Callable[[], int]) -> tuple[int, float]:
    """How many rows are read, and how many a second in the best of three."""
    rows, rate = 0, 0.0
    for _each in range(3):
        begun = time.monotonic()
        rows = read()
        rate = max(rate, rows / (time.monotonic() - begun))
    return rows, rate


# --- the goals ---


def _judged(rounds: list[Round]) -> int:
    """Says what missed its goal; 1 where anything did."""
    missed = [
        f"{line.name}: {line.ratio:.2f} of the bare server, not {line.goal}"
        for line in rounds[0].lines
        if line.connections == CONNECTIONS[-1] and line.ratio < line.goal
    ]
    missed += [
        f"export as {export.form}: {export.share:.2f} of COPY, not {OF_COPY}"
        for found in rounds
        for export in found.exports
        if export.share < OF_COPY
    ]
    if len(rounds) > 1:
        missed += _lost(*rounds)
    for sentence in missed:
        say(f"MISSED: {sentence}")
    return 1 if missed else 0


def _lost(few: Round, many: Round) -> Iterator[str]:
    """What the larger data takes more of than it may."""
    say("\nWhat is left of the rate with the larger data, at 16 connections:")
    for small, large in zip(few.lines, many.lines, strict=True):
        if small.connections == CONNECTIONS[-1]:
            left = large.ours.rate / small.ours.rate
            say(f"- {small.name}: Parvis {left:.2f}, bare {large.bare.rate / small.bare.rate:.2f}")
            if left < small.kept:
                yield f"{small.name}: {left:.2f} of the rate is left, not {small.kept}"
    for less, more in zip(few.exports, many.exports, strict=True):
        if more.memory > less.memory * MORE_MEMORY:
            yield f"export as {more.form}: {more.memory:.0f} MB, with few records {less.memory:.0f}"


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())

"""`make bench`: the API beside a bare psycopg server, on the same data, in the same run.

python -m tests.performance.bench [--seconds 4] [--times 20] [--share 1.0] [--server gthread|sync|granian]
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING
from urllib.request import Request, urlopen

from psycopg import connect

from core.processes import leaving_on_signals
from tests.performance.__main__ import scene
from tests.performance.bench import load
from tests.performance.bench.workloads import EXPORTED, TOKEN, WORKLOADS, Workload

if TYPE_CHECKING:
    from tests.performance.bench.plans import Plan
    from tests.performance.bench.scales import Scale

CONNECTIONS = (1, 16)
# Each measurement in so many parts, between which the others have their turn: what the machine does besides meets all alike.
PARTS = 4
# How often something is written meanwhile, where it is (per second).
WRITES = 10
# The least of an export's rows per second, as a share of those of COPY; how much its peak memory may grow with the data.
OF_COPY, MORE_MEMORY = 0.30, 1.15


@dataclass(frozen=True)
class Line:
    """A row of the table: one workload at one number of connections, with so many grants."""

    work: Workload
    grants: int
    connections: int
    bare: load.Load
    ours: load.Load

    @property
    def ratio(self) -> float:
        return self.ours.rate / self.bare.rate

    def __str__(self) -> str:
        rates = " | ".join(f"{one.rate:.0f} | {one.p50:.1f} | {one.p95:.1f}" for one in (self.bare, self.ours))
        return f"| {self.work.name:<44} | {self.grants} | {self.connections} | {rates} | {self.ratio:.2f} |"


@dataclass(frozen=True)
class Export:
    """Every grant in one format: its rows per second as a share of those of COPY, and the peak memory of a worker (MB)."""

    form: str
    share: float
    memory: float


def main() -> int:
    asked = argparse.ArgumentParser(prog="tests.performance.bench", description=__doc__.splitlines()[0])
    asked.add_argument("--seconds", type=float, default=4, help="for each measurement")
    asked.add_argument("--times", type=int, default=20, help="how much larger the other data are; 1: none")
    asked.add_argument("--share", type=float, default=1.0, help="of the records of the smaller data")
    asked.add_argument("--server", choices=("gthread", "sync", "granian"), default="gthread")
    asked.add_argument("--folder", type=Path, help="keep the databases there, and take up the smaller one again")
    wanted = asked.parse_args()
    with (
        leaving_on_signals(),
        tempfile.TemporaryDirectory(prefix="parvis-bench-") as folder,
        # As much as PostgreSQL's manual advises on a machine of 4 GB.
        scene(wanted.folder or Path(folder), {"shared_buffers": "1GB"}),
    ):
        os.environ |= {"API_REQUESTS_PER_MINUTE": "10000000"}
        import django

        django.setup()
        from django.core.management import call_command

        from tests.performance.bench.scales import scales

        call_command("migrate", verbosity=0)
        from tests.performance.bench.plans import plans

        with scales(wanted.server, wanted.share, wanted.times) as found:
            measured, exported = _measured(found, wanted.seconds), [_exports(scale) for scale in found]
            return _judged(measured, exported, [plan for scale in found for plan in plans(scale)])


def _measured(scales: "list[Scale]", seconds: float) -> list[list[Line]]:
    """The lines of each scale, in the same order."""
    say(
        f"\n| {'workload':<44} | grants | connections "
        "| bare: requests/s | p50 | p95 | Parvis: requests/s | p50 | p95 | share |"
    )
    say("|---|---|---|---|---|---|---|---|---|---|")
    found: list[list[Line]] = [[] for _scale in scales]
    for work in WORKLOADS:
        for connections in CONNECTIONS:
            for lines, line in zip(found, _beside(work, connections, scales, seconds), strict=True):
                lines.append(line)
                say(str(line))
    for work in (work for work in WORKLOADS if work.is_counted):
        with ExitStack() as writing:
            for scale in scales:
                writing.enter_context(_writing(scale))
            asked = replace(work, name=f"the same, written to {WRITES} times a second")
            for lines, line in zip(found, _beside(asked, CONNECTIONS[-1], scales, seconds), strict=True):
                lines.append(line)
                say(str(line))
    for scale in scales:
        memory = f"bare {scale.bare.memory():.0f} MB, Parvis {scale.ours.memory():.0f} MB"
        say(f"Peak memory of a worker, {scale.grants} grants: {memory}.")
    return found


def _beside(work: Workload, connections: int, scales: "list[Scale]", seconds: float) -> list[Line]:
    """One line of each scale, measured by turns, once to warm them."""
    asked = [
        (port, requests)
        for scale in scales
        for port, requests in (
            (scale.bare.port, work.bare(scale.facts)),
            (scale.ours.port, work.ours(scale.facts, TOKEN)),
        )
    ]
    for port, requests in asked:
        load.ask(port, requests, connections, 0.5)
    parts: list[list[load.Load]] = [[] for _each in asked]
    turns = list(zip(asked, parts, strict=True))
    for _part in range(PARTS):
        for (port, requests), of in turns:
            of.append(load.ask(port, requests, connections, seconds / PARTS))
        turns.reverse()  # none always follows the same other
    one = [load.whole(of) for of in parts]
    return [
        Line(work, scale.grants, connections, bare, ours)
        for scale, bare, ours in zip(scales, one[::2], one[1::2], strict=True)
    ]


@contextmanager
def _writing(scale: "Scale") -> Iterator[None]:
    """Something is written all the while, which nobody reads."""
    done = Event()

    def write() -> None:
        with connect(os.environ["BENCH_DATABASE"], dbname=scale.database, autocommit=True) as connection:
            while not done.wait(1 / WRITES):
                connection.execute("INSERT INTO bench_grant (title_fr) VALUES ('Titre inventé')")

    with ThreadPoolExecutor() as threads:
        writing = threads.submit(write)
        try:
            yield
        finally:
            done.set()
            writing.result()


# --- export ---


def _exports(scale: "Scale") -> list[Export]:
    columns = [
        f'"{name}_id"' if name in ("beneficiary", "theme", "crisis", "deliberation") else f'"{name}"'
        for name in EXPORTED
    ]

    def copied() -> int:
        statement = f"COPY (SELECT id, {', '.join(columns)} FROM solidarity_grant ORDER BY id) TO STDOUT"
        with scale.asked() as cursor:
            with cursor.copy(statement) as blocks:
                for _block in blocks:
                    pass
            return cursor.rowcount

    _rows, copy = _quickest(copied)
    before, exports = scale.ours.memory(), []
    for file_format in ("jsonl", "csv"):
        address = f"/api/v1/grants/export/?as={file_format}&ordering=id&fields={','.join(EXPORTED)}"
        asked = Request(
            f"http://127.0.0.1:{scale.ours.port}{address}",
            headers={"Authorization": f"Bearer {TOKEN}", "Host": "localhost"},
        )
        rows, rate = _quickest(lambda asked=asked: _exported(asked))
        export = Export(file_format, rate / copy, scale.ours.memory())
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


def _judged(lines: list[list[Line]], exports: list[list[Export]], plans: "list[Plan]") -> int:
    """Says what missed its goal; 1 where anything did."""
    missed = [
        f"{line.work.name}: {line.ratio:.2f} of the bare server, not {line.work.goal}"
        for line in lines[0]
        if line.connections == CONNECTIONS[-1] and line.ratio < line.work.goal
    ]
    missed += [
        f"export as {export.form}: {export.share:.2f} of COPY, not {OF_COPY}"
        for found in exports
        for export in found
        if export.share < OF_COPY
    ]
    say("\nHow PostgreSQL finds it, with the rows that come by each index:")
    for plan in plans:
        say(str(plan))
        missed += [f"{plan.work.name}: the whole of {table} is read" for table in plan.reads_too_much]
    if len(lines) > 1:
        missed += _lost(*lines)
        missed += _grown(*exports)
    for sentence in missed:
        say(f"MISSED: {sentence}")
    return 1 if missed else 0


def _lost(few: list[Line], many: list[Line]) -> Iterator[str]:
    """What the larger data takes more of than it may."""
    say("\nWhat is left of the rate with the larger data, at 16 connections:")
    for small, large in zip(few, many, strict=True):
        if small.connections == CONNECTIONS[-1]:
            left = large.ours.rate / small.ours.rate
            say(f"- {small.work.name}: Parvis {left:.2f}, bare {large.bare.rate / small.bare.rate:.2f}")
            if left < small.work.kept:
                yield f"{small.work.name}: {left:.2f} of the rate is left, not {small.work.kept}"


def _grown(few: list[Export], many: list[Export]) -> Iterator[str]:
    for less, more in zip(few, many, strict=True):
        if more.memory > less.memory * MORE_MEMORY:
            yield f"export as {more.form}: {more.memory:.0f} MB, with few records {less.memory:.0f}"


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())

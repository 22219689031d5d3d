"""`make drill`: are reminders told once, whatever is killed, and is the scan fast? Ends by itself, in about five minutes.

python -m tests.drill [--seed 7] [--agreements 500]
"""

import argparse
import os
import random
import secrets
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from core.embedded import MARK, Postgres, Valkey, private_folder, socket_folder
from core.processes import leaving_on_signals


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def scene(folder: Path, port: int) -> Iterator[tuple[Postgres, Valkey]]:
    """Servers of its own in the folder, and settings that name them."""
    home = private_folder(folder)
    sockets = socket_folder(home)
    (sockets / MARK).touch()
    database, broker = Postgres(home, sockets, durable=True), Valkey(home, sockets, durable=True)
    with ExitStack() as stack:
        for server in (database, broker):
            # The one that runs in the end, which is another object after it was killed.
            stack.callback(server.stop)
            server.start_or_join()
        os.environ |= {
            "PARVIS_MODE": "demo",  # connections are pooled as in production
            "PARVIS_DATA": str(folder),
            "PARVIS_TODAY": "2015-06-02",
            "DATABASE_URL": database.url,
            "REDIS_URL": broker.url,
            "EMAIL_URL": f"smtp://127.0.0.1:{port}",
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "LOG_LEVEL": "ERROR",
        }
        yield database, broker


def main() -> int:
    asked = argparse.ArgumentParser(prog="tests.drill", description=__doc__.splitlines()[0])
    asked.add_argument("--seed", type=int, default=secrets.randbelow(10**6), help="repeats the kills of another drill")
    asked.add_argument(
        "--agreements", type=int, default=500, help="each is told to twenty people at once, and in digests"
    )
    asked.add_argument("--deadlines", type=int, default=100_000, help="how many the scan has to get through")
    wanted = asked.parse_args()
    port = free_port()
    with (
        leaving_on_signals(),
        tempfile.TemporaryDirectory(prefix="parvis-drill-") as folder,
        scene(Path(folder), port) as (database, broker),
    ):
        import django

        django.setup()
        from tests.drill import kills, speed

        say(f"Drill, seed {wanted.seed}.")
        faults = kills.drill(random.Random(wanted.seed), wanted.agreements, database, broker, port, say)
        faults += speed.measure(wanted.deadlines, say)
        for fault in faults:
            say(f"FAULT: {fault}")
        say("The drill has failed." if faults else "Everything was told once.")
        return 1 if faults else 0


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

"""`make budgets`: are pages and search fast with 20 000 grants, 60 000 payments and 2 000 projects? In a database of its own.

python -m tests.performance [--share 1.0]
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib import import_module
from pathlib import Path

from core.embedded import servers
from core.processes import leaving_on_signals

SERVER_TIME, SEARCH_TIME = 150, 100  # ms
RECORDS = 100_000
BUILT_IN = 180  # seconds
SMALL = 0.001
# Which kinds of records are asked about may depend on what is found: of a partnership that sleeps, one kind of signs after the
# other. A page that asked something of each row would ask more than this: there are 25 rows to a page.
MORE_STATEMENTS = 15
QUERIES = [
    "{city}",
    "{city_misspelt}",
    "eau potable",
    "acces eau potabel",
    "ORDER-1",
    "GRA-BULK-777",
    "sida {city}",
    "subvension",
    "access to drinking water",
    "de la",
    "su",
    "san",
    "zzzzqqqq",
    "a",
    "'; DROP TABLE x; --",
    "mot " * 200,
]


@contextmanager
def scene(folder: Path, database: Mapping[str, str] | None = None) -> Iterator[None]:
    """Servers of its own in the folder, and settings that name them; `database` are settings of PostgreSQL."""
    for name in ("DATABASE_URL", "REDIS_URL"):
        os.environ.pop(name, None)  # never the database of somebody
    os.environ |= {
        "PARVIS_MODE": "demo",  # connections are pooled as in production
        "PARVIS_DATA": str(folder),
        "PARVIS_TODAY": "2015-06-01",
        "EMAIL_URL": "smtp://127.0.0.1:1",
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "LOG_LEVEL": "ERROR",
        "ALLOWED_HOSTS": "testserver,localhost",
    }
    with ExitStack() as stack:
        stack.enter_context(servers(folder, durable=False, database=database))
        yield


def main() -> int:
    asked = argparse.ArgumentParser(prog="tests.performance", description=__doc__.splitlines()[0])
    asked.add_argument("--share", type=float, default=1.0, help="of the records; the limits are those of the whole")
    wanted = asked.parse_args()
    with (
        leaving_on_signals(),
        tempfile.TemporaryDirectory(prefix="parvis-budgets-") as folder,
        scene(Path(folder)),
    ):
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        import_module("config.wsgi")  # as the web server begins
        faults = run(wanted.share)
        for fault in faults:
            say(f"FAULT: {fault}")
        say("A budget is exceeded." if faults else "Every page keeps its budget.")
        return 1 if faults else 0


def run(share: float) -> list[str]:
    from tests.performance import bulk as building
    from tests.performance import pages

    bulk = building.Bulk()
    building.build(bulk, SMALL)
    client = pages.client_of(building.reader())
    addresses = pages.addresses(client, bulk)
    few = {address: pages.statements(client, address) for address in addresses}
    begun = time.monotonic()
    records = building.build(bulk, share)
    building.analyse(vacuum=True)
    taken = time.monotonic() - begun
    say(f"{records} records in {taken:.0f} s.")
    faults = []
    if share >= 1 and records < RECORDS:
        faults.append(f"{records} records are fewer than {RECORDS}")
    if share >= 1 and taken > BUILT_IN:
        faults.append(f"they took {taken:.0f} s, not {BUILT_IN}")
    return faults + _pages(client, addresses, few) + _searches(client, bulk)


def _pages(client, addresses: list[str], few: dict[str, int]) -> list[str]:
    from tests.performance import pages

    faults = []
    say(f"{'page':<50} {'best':>8} {'slowest':>8}  statements")
    for address in addresses:
        answer = pages.measure(client, address, SERVER_TIME)
        grown = answer.statements > few[address] + MORE_STATEMENTS
        told = f"{answer.statements}" + (
            f", with few records {few[address]}" if few[address] != answer.statements else ""
        )
        say(f"{address:<50} {answer.best:>5.0f} ms {answer.slowest:>5.0f} ms  {told}")
        if answer.best > SERVER_TIME:
            faults.append(f"{address} takes {answer.best:.0f} ms, not {SERVER_TIME}")
        if grown:
            faults.append(f"{address} asks {answer.statements} statements, with few records {few[address]}")
    return faults


def _searches(client, bulk) -> list[str]:
    from urllib.parse import urlencode

    from tests.performance import pages

    faults = []
    city = bulk.made["cities"][-1].name_fr
    say(f"{'search':<50} {'best':>8} {'slowest':>8}  statements")
    for query in QUERIES:
        text = query.format(city=city, city_misspelt=city[:3] + city[4:])
        answer = pages.measure(client, f"/search/?{urlencode({'q': text})}", SEARCH_TIME)
        say(f"{text[:50]:<50} {answer.best:>5.0f} ms {answer.slowest:>5.0f} ms  {answer.statements}")
        if answer.best > SEARCH_TIME:
            faults.append(f"the search for {text[:50]!r} takes {answer.best:.0f} ms, not {SEARCH_TIME}")
    return faults


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

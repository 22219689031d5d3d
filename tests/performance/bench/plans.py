"""How PostgreSQL finds what each workload reads: by which indexes, how many rows, and in what time."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.performance.bench.scales import Scale, within
from tests.performance.bench.workloads import TOKEN, WORKLOADS, Workload

# Tables up to so many rows may be read as a whole: an index would take as long.
FEW = 1000


@dataclass(frozen=True)
class Plan:
    """`milliseconds` of PostgreSQL and `pages` of 8 KiB that it looked at; how many rows came by each index, and of each table
    that was read as a whole, those that were passed over included."""

    work: Workload
    grants: int
    milliseconds: float
    pages: int
    by_index: Counter[str]
    whole: Counter[str]

    @property
    def reads_too_much(self) -> list[str]:
        """The tables that were read as a whole and are too long for it."""
        return sorted(table for table, rows in self.whole.items() if rows > FEW)

    def __str__(self) -> str:
        found = [f"{name} {rows}" for name, rows in self.by_index.most_common()]
        found += [f"the whole of {name} {rows}" for name, rows in self.whole.most_common()]
        cost = f"{self.milliseconds:.1f} ms, {self.pages} pages"
        return f"- {self.work.name}, {self.grants} grants: {cost}: {', '.join(found)}"


def plans(scale: Scale) -> Iterator[Plan]:
    """That of each workload that reads."""
    with within(scale.database):
        for work in WORKLOADS:
            method, address, _rest = next(work.ours(scale.facts, TOKEN)).decode().split(" ", 2)
            if method == "GET":
                yield _plan(work, scale.grants, _statement(address))


def _statement(address: str) -> str:
    """What an answer is found by, with its values."""
    with CaptureQueriesContext(connection) as asked:
        answer = Client(SERVER_NAME="localhost").get(address, headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200, answer.content
    (found,) = [query["sql"] for query in asked.captured_queries if "row_to_json" in query["sql"]]
    return found


def _plan(work: Workload, grants: int, statement: str) -> Plan:
    with connection.cursor() as cursor:
        for _warm in range(2):
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}")
            found = cursor.fetchone()[0]
    (told,) = json.loads(found) if isinstance(found, str) else found
    by_index: Counter[str] = Counter()
    whole: Counter[str] = Counter()
    for node in _nodes(told["Plan"]):
        rows = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
        if index := node.get("Index Name"):
            by_index[index] += round(rows * node["Actual Loops"])
        elif node["Node Type"] == "Seq Scan":
            whole[node["Relation Name"]] = max(round(rows), whole[node["Relation Name"]])
    pages = told["Plan"]["Shared Hit Blocks"] + told["Plan"]["Shared Read Blocks"]
    return Plan(work, grants, told["Execution Time"], pages, by_index, whole)


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for part in node.get("Plans", ()):
        yield from _nodes(part)

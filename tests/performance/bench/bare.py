"""The bare server: psycopg, PostgreSQL's JSON, and nothing else. A path is a statement, the query is its number."""

import os

from psycopg_pool import ConnectionPool

from tests.performance.bench.workloads import STATEMENTS

pool = ConnectionPool(
    os.environ["BENCH_DATABASE"],
    min_size=1,
    max_size=8,
    open=False,
    kwargs={"autocommit": True, "prepare_threshold": 1},
)


def application(environ, start_response):
    if pool.closed:
        pool.open()  # in the worker, not in the process that forks it
    statement = STATEMENTS.get(environ["PATH_INFO"])
    if statement is None:
        start_response("200 OK", [("Content-Length", "0")])
        return [b""]
    with pool.connection() as connection:
        row = connection.execute(statement, [int(environ["QUERY_STRING"])]).fetchone()
    body = (row[0] or "null").encode()
    start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]

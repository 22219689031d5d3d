"""Before Django reads its settings: the mode, the day, and servers of the tests' own.

The process that was asked for the tests starts them; the xdist workers inherit their addresses and take a
database each.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from core.embedded import servers
from core.processes import ServerError

TODAY = "2015-06-01"


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:
        _own_share(worker)
    else:
        _start(early_config)
    yield


def _start(config: pytest.Config) -> None:
    os.environ |= {"PARVIS_MODE": "test", "PARVIS_TODAY": TODAY}
    # A test asks for more in a second than a system in a minute; those that are about limits set their own.
    os.environ |= {"API_REQUESTS_PER_MINUTE": "1000000", "API_TOKENS_PER_MINUTE": "1000000"}
    for name in (
        "SECRET_KEY",
        "DEBUG",
        "ALLOWED_HOSTS",
        "DEMO_PASSWORD",
        "PORT",
        "EMAIL_URL",
        "OIDC_SERVER_URL",
        "CORS_ALLOWED_ORIGINS",
    ):
        os.environ.pop(name, None)
    stack = ExitStack()
    config.add_cleanup(stack.close)
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="parvis-test-"))
    os.environ["PARVIS_DATA"] = folder
    (Path(folder) / "static").mkdir()  # WhiteNoise warns of a missing one
    try:
        stack.enter_context(servers(Path(folder), durable=False))
    except ServerError as error:
        raise pytest.UsageError(str(error)) from error


def _own_share(worker: str) -> None:
    """Of Valkey a database of its own; of PostgreSQL pytest-django already gives one."""
    number = int(worker.removeprefix("gw")) + 1
    os.environ["REDIS_URL"] = with_database(os.environ["REDIS_URL"], number)
    os.environ["REDIS_PREFIX"] = f"parvis-{worker}"


def with_database(redis_url: str, number: int) -> str:
    """The same Valkey server, another of its databases."""
    if redis_url.startswith("redis+socket:"):
        return f"{redis_url.partition('?')[0]}?virtual_host={number}"
    return urlunsplit(urlsplit(redis_url)._replace(path=f"/{number}"))

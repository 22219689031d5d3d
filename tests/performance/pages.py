"""Every page that deputies read: its address, how long it takes on the server, and how many statements it asks."""

import time
from dataclasses import dataclass

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import NoReverseMatch, get_resolver, reverse

from core.models import User
from tests.pages.test_access import patterns
from tests.performance.bulk import Bulk

TRIES = 5
# Of these so many more where the best of the first ones is above the limit: the machine may have been busy with something else.
MORE_TRIES = 20
# Not for deputies, or without anything that grows.
LEFT = (
    "admin:",
    "api:",
    "oauth2_provider:",
    "solidarity:protection",
    "account",
    "mfa_",
    "socialaccount",
    "openid",
    "health",
)
# Of each kind the record that most of the others hang on.
OF_RECORDS = [
    "cities",
    "agreements",
    "networks",
    "projects",
    "funds",
    "envelopes 2015",
    "grants",
    "missions",
    "delegations",
    "events",
    "meetings",
    "promises",
    "mandates",
    "objectives",
]


@dataclass(frozen=True)
class Answer:
    """The best server time of several answers (ms), the slowest, and the number of statements. The best, because whatever
    else the machine does can only add to it."""

    best: float
    slowest: float
    statements: int


def addresses(client: Client, bulk: Bulk) -> list[str]:
    """Every page that stands alone, found by its name, and one record of each kind."""
    lists = []
    for name, entry in patterns(get_resolver()):
        if name.startswith(LEFT) or getattr(entry.pattern, "converters", None):
            continue
        try:
            address = reverse(name)
        except NoReverseMatch:
            continue
        response = client.get(address)
        if response.status_code == 200 and "html" in response.get("Content-Type", ""):
            lists.append(address)
    records = [bulk.made[kind][0].get_absolute_url() for kind in OF_RECORDS]
    account = f"{reverse('mandate:report-of')}?since=2014-04-05&until=2015-06-01"
    return [*dict.fromkeys(lists), *records, f"/briefings/missions/{bulk.made['missions'][0].reference}/", account]


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def statements(client: Client, address: str) -> int:
    """How many statements a page asks once what is read once a process has been read."""
    _read(client, address)
    with CaptureQueriesContext(connection) as captured:
        _read(client, address)
    return len(captured)


def measure(client: Client, address: str, limit: int) -> Answer:
    """The best of `TRIES` answers; above the limit (ms), of so many more, until one is below it."""
    count = statements(client, address)
    taken: list[float] = []
    while len(taken) < TRIES or (min(taken) > limit and len(taken) < TRIES + MORE_TRIES):
        begun = time.perf_counter()
        _read(client, address)
        taken.append(1000 * (time.perf_counter() - begun))
    return Answer(min(taken), max(taken), count)


def _read(client: Client, address: str) -> None:
    response = client.get(address)
    if response.status_code != 200:
        raise AssertionError(f"{address} answers {response.status_code}")

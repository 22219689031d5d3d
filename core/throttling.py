"""How often somebody asks: counted in Valkey, a fixed window of one minute for each caller.

Written against redis-py and not Django's cache, because one round trip is all that a request of the API may pay for this, and
because a server that hangs must not hold the API up: Django's cache takes three, and waits without end. Where it does not answer,
nobody is counted and everybody is served.
"""

import hashlib
import math
import os
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv6Address, ip_address, ip_network

import redis
import structlog
from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.exceptions import PermissionDenied
from redis.backoff import NoBackoff
from redis.connection import ConnectionInterface
from redis.retry import Retry

from core import clock

WINDOW = 60  # seconds
# How long an answer is waited for, and how long nobody is asked after none came, in seconds.
PATIENCE = 0.25
PAUSE = 5.0

# At once, for a connection that the server closed meanwhile; redis-py itself would wait for seconds.
ONCE_MORE = Retry(NoBackoff(), 1)

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Limit:
    """`most` requests a minute for the one named by `key`; `policy` is how the headers call it."""

    policy: str
    key: str
    most: int


@dataclass(frozen=True)
class Quota:
    """What is left of a limit, and in how many seconds it begins anew. The first request beyond it has `left` below zero."""

    policy: str
    most: int
    left: int
    resets: int


class _Counter:
    """The connection, and until when it is not tried because it failed."""

    paused_until = 0.0

    def count(self, keys: Sequence[str]) -> list[int] | None:
        if time.monotonic() < self.paused_until:
            return None
        try:
            return [_one_more(key) for key in keys]
        except (redis.RedisError, OSError) as error:
            self.paused_until = time.monotonic() + PAUSE
            log.error("requests_are_not_counted", error=str(error), seconds=PAUSE)
            return None


counter = _Counter()


# In one step: a process that ends between two would leave a number that nobody forgets.
ONE_MORE = """
local number = redis.call('INCR', KEYS[1])
if number == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return number
"""


def _one_more(key: str) -> int:
    """The number of the key, one higher; it is forgotten once its minute is long over."""
    connection = _connection()

    def asked() -> int:
        try:
            connection.send_command("EVAL", ONE_MORE, 1, key, 2 * WINDOW)
            return connection.read_response()
        except BaseException:
            # Whoever asks next would be given the answer to this.
            connection.disconnect()
            raise

    return ONCE_MORE.call_with_retry(asked, lambda _error: None)


class _OfThread(threading.local):
    """Each thread keeps its connection: to take one from a pool and to bring it back costs as much as the question."""

    connection: ConnectionInterface | None = None


_of_thread = _OfThread()


def _forget() -> None:
    _of_thread.connection = None


# What two processes ask over one connection, either may be given.
os.register_at_fork(after_in_child=_forget)


def _connection() -> ConnectionInterface:
    if _of_thread.connection is None:
        _of_thread.connection = _server().connection_pool.make_connection()
    return _of_thread.connection


@cache
def _server() -> redis.Redis:
    location = settings.CACHES["default"]["LOCATION"]
    # As many as there are threads: redis-py counts what it made, and not what has ended.
    options = {"max_connections": 2**31, "retry": Retry(NoBackoff(), 0)}
    return redis.Redis.from_url(location, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE, **options)


def count(limits: Sequence[Limit]) -> list[Quota]:
    """Counts one request against each limit and tells what is left of it; nothing where the counters do not answer."""
    window, passed = divmod(clock.real().timestamp(), WINDOW)
    prefix = settings.CACHES["default"]["KEY_PREFIX"]
    counts = counter.count([f"{prefix}:quota:{limit.key}:{int(window)}" for limit in limits])
    if counts is None:
        return []
    resets = math.ceil(WINDOW - passed)
    return [
        Quota(limit.policy, limit.most, limit.most - number, resets)
        for limit, number in zip(limits, counts, strict=True)
    ]


def spent(quotas: Iterable[Quota]) -> bool:
    """Whether the request that was counted is one too many."""
    return any(quota.left < 0 for quota in quotas)


def headers(quotas: Sequence[Quota]) -> dict[str, str]:
    """`RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers: lists of RFC 9651), and `Retry-After`
    (RFC 9110, 10.2.3) where the request was one too many; a minute's policies all begin anew at the same moment."""
    if not quotas:
        return {}
    told = {
        "RateLimit-Policy": ", ".join(f'"{quota.policy}";q={quota.most};w={WINDOW}' for quota in quotas),
        "RateLimit": ", ".join(f'"{quota.policy}";r={max(quota.left, 0)};t={quota.resets}' for quota in quotas),
    }
    return told | ({"Retry-After": str(quotas[0].resets)} if spent(quotas) else {})


def address_of(request) -> str:
    """Whom the request comes from, as sign-in counts it (TRUSTED_PROXIES); of IPv6 the network, which one household has
    whole (RFC 6177)."""
    try:
        address = ip_address(get_adapter(request).get_client_ip(request))
    except (PermissionDenied, ValueError):
        return "unknown"
    return str(ip_network((address, 64), strict=False)) if isinstance(address, IPv6Address) else str(address)


def name_of(text: str) -> str:
    """A key of fixed length for what a caller wrote or where it comes from, which the counters then do not keep."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:24]

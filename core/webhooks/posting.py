"""One message to one address: over a connection to the very number that was checked, for ten seconds at most."""

import socket
import ssl
import threading
import time
from dataclasses import dataclass
from functools import cache
from http.client import HTTPConnection, HTTPException
from urllib.parse import SplitResult, urlsplit

import structlog

from core.webhooks import addresses

log = structlog.get_logger(__name__)
# A receiver has so many seconds for everything: to be reached, to show its certificate, to answer, byte by byte or at once.
SECONDS = 10.0


@dataclass(frozen=True)
class Answer:
    """The status, and what is wrong with it: nothing where the message was taken (2xx). `seconds` is how long it took."""

    status: int | None
    problem: str
    seconds: float

    @property
    def is_taken(self) -> bool:
        return not self.problem

    @property
    def is_gone(self) -> bool:
        """Whether the receiver wants no message any more (RFC 9110, 410)."""
        return self.status == 410


def post(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    """What came of it. Redirections are not followed: they would lead where nobody looked."""
    begun = time.monotonic()
    status: int | None = None
    try:
        status = _request(urlsplit(url), body, headers, begun + SECONDS)
        problem = _problem(status)
    except addresses.Forbidden as error:
        # Which number it was is for who looks after Parvis, not for who wrote the address.
        log.warning("webhook_forbidden", url=url, error=str(error))
        problem = "refused: the name leads to an address that is not public"
    except (HTTPException, OSError, UnicodeError, ValueError) as error:
        problem = f"{type(error).__name__}: {error}"[:300]
    return Answer(status, problem, time.monotonic() - begun)


def _problem(status: int) -> str:
    if 200 <= status < 300:
        return ""
    return "a redirection, which is not followed" if 300 <= status < 400 else f"answered {status}"


def _request(parts: SplitResult, body: bytes, headers: dict[str, str], until: float) -> int:
    """The status of the answer; TimeoutError where it has not come by then. What else the receiver says is not read."""
    line = HTTPConnection(parts.hostname or "", addresses.port_of(parts))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    with (
        _connected(addresses.resolved(parts), addresses.port_of(parts), until) as raw,
        _Deadline(raw, until) as deadline,
    ):
        try:
            # The certificate must bear the name, whatever number answers.
            line.sock = _trust().wrap_socket(raw, server_hostname=parts.hostname) if parts.scheme == "https" else raw
            line.request("POST", path, body=body, headers=headers | {"Host": parts.netloc})
            with line.getresponse() as answer:
                return answer.status
        except (HTTPException, OSError) as error:
            raise TimeoutError(f"no answer within {SECONDS:.0f} s") if deadline.is_over else error from None
        finally:
            line.close()


def _connected(numbers: list[str], port: int, until: float) -> socket.socket:
    """To the first of the addresses that takes the connection."""
    for place, number in enumerate(numbers, start=1):
        try:
            return socket.create_connection((number, port), timeout=max(until - time.monotonic(), 0.01))
        except OSError:
            if place == len(numbers):
                raise
    raise OSError("the name leads nowhere")


@cache
def _trust() -> ssl.SSLContext:
    """The authorities that this machine trusts; read once, because reading them takes longer than most messages."""
    return ssl.create_default_context()


class _Deadline:
    """Cuts a connection off when its time is over. The timeout of a socket begins anew with each byte, so that a receiver
    that sends one every nine seconds would hold its sender for hours."""

    def __init__(self, raw: socket.socket, until: float) -> None:
        # A handle of its own: encryption takes the socket away from the object that it was.
        self._handle = raw.dup()
        self._timer = threading.Timer(max(until - time.monotonic(), 0), self._cut)
        self.is_over = False

    def __enter__(self) -> "_Deadline":
        self._timer.daemon = True
        self._timer.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._timer.cancel()
        self._timer.join()
        self._handle.close()

    def _cut(self) -> None:
        self.is_over = True
        try:
            self._handle.shutdown(socket.SHUT_RDWR)
        except OSError:
            return  # the other side was quicker: there is nothing left to cut

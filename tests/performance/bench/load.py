"""Asks a server for a while over so many connections, each one question after the other."""

import asyncio
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

LOST = (asyncio.IncompleteReadError, ConnectionError)


@dataclass(frozen=True)
class Load:
    """How long each answer took (ms), within so many seconds in which they were asked for."""

    times: list[float]
    seconds: float

    @property
    def rate(self) -> float:
        """Requests per second."""
        return len(self.times) / self.seconds

    @property
    def p50(self) -> float:
        return self._of(50)

    @property
    def p95(self) -> float:
        return self._of(95)

    def _of(self, hundredths: int) -> float:
        return sorted(self.times)[len(self.times) * hundredths // 100]


def whole(parts: Iterable[Load]) -> Load:
    """Parts of one measurement in one."""
    found = list(parts)
    return Load([time for part in found for time in part.times], sum(part.seconds for part in found))


class WrongAnswer(Exception):
    """A server that is measured answers rightly."""


def ask(port: int, requests: Iterator[bytes], connections: int, seconds: float) -> Load:
    return asyncio.run(_ask(port, requests, connections, seconds))


async def _ask(port: int, requests: Iterator[bytes], connections: int, seconds: float) -> Load:
    times: list[float] = []
    begun = time.perf_counter()
    await asyncio.gather(*(_caller(port, requests, begun + seconds, times) for _each in range(connections)))
    return Load(times, time.perf_counter() - begun)


async def _caller(port: int, requests: Iterator[bytes], until: float, times: list[float]) -> None:
    reader = writer = None
    while (now := time.perf_counter()) < until:
        if writer is None:
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
        try:
            writer.write(next(requests))
            stays = await _answered(reader)
        except LOST:
            # A worker was recycled between two questions.
            writer.close()
            writer = None
            continue
        times.append((time.perf_counter() - now) * 1000)
        if not stays:
            writer.close()
            writer = None
    if writer is not None:
        writer.close()


async def _answered(reader) -> bool:
    """Whether the connection stays, once an answer was read to its end."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = int(head.partition("content-length:")[2].partition("\r\n")[0])
    body = await reader.readexactly(length)
    if head[9:12] not in ("200", "201"):
        raise WrongAnswer(f"{head.splitlines()[0]}: {body[:300].decode('utf-8', 'replace')}")
    return "connection: close" not in head

"""Asks a server for a while over so many connections, each one question after the other."""

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass

LOST = (asyncio.IncompleteReadError, ConnectionError)


@dataclass(frozen=True)
class Load:
    """Requests per second, and how long half of them and 95 of 100 took at most (ms); `size` of an answer in kB."""

    rate: float
    p50: float
    p95: float
    size: float


class WrongAnswer(Exception):
    """A server that is measured answers rightly."""


def ask(port: int, requests: Iterator[bytes], connections: int, seconds: float) -> Load:
    return asyncio.run(_ask(port, requests, connections, seconds))


async def _ask(port: int, requests: Iterator[bytes], connections: int, seconds: float) -> Load:
    times: list[float] = []
    sizes: list[int] = []
    begun = time.perf_counter()
    until = begun + seconds
    await asyncio.gather(*(_caller(port, requests, until, times, sizes) for _each in range(connections)))
    taken = time.perf_counter() - begun
    times.sort()
    return Load(
        rate=len(times) / taken,
        p50=times[len(times) // 2] * 1000,
        p95=times[len(times) * 95 // 100] * 1000,
        size=sum(sizes) / len(sizes) / 1000,
    )


async def _caller(port: int, requests: Iterator[bytes], until: float, times: list[float], sizes: list[int]) -> None:
    reader = writer = None
    while (now := time.perf_counter()) < until:
        if writer is None:
            reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**20)
        try:
            writer.write(next(requests))
            size, stays = await _answer(reader)
        except LOST:
            # A worker was recycled between two questions.
            writer.close()
            writer = None
            continue
        times.append(time.perf_counter() - now)
        sizes.append(size)
        if not stays:
            writer.close()
            writer = None
    if writer is not None:
        writer.close()


async def _answer(reader) -> tuple[int, bool]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = int(head.partition("content-length:")[2].partition("\r\n")[0])
    body = await reader.readexactly(length)
    if head[9:12] not in ("200", "201"):
        raise WrongAnswer(f"{head.splitlines()[0]}: {body[:300].decode('utf-8', 'replace')}")
    return length, "connection: close" not in head

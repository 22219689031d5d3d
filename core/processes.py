"""Children that never outlive their parent, and parents that leave in order."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import IO, NoReturn

PATIENCE = 60  # seconds a server may take to answer: crash recovery on a slow disk included
LEAVING = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}

# PostgreSQL refuses to run as root, so root runs it as `nobody`. The one privilege kept lets it enter folders
# that only root may enter (a clone under /root), so that nothing of root's has to be opened to others; as a
# side effect the kernel hides its memory and files from everybody else's `nobody`. A user namespace would do
# without, but containers forbid those.
AS_NOBODY = [
    "--reuid=nobody",
    "--regid=65534",
    "--clear-groups",
    "--no-new-privs",
    "--inh-caps=-all,+dac_override",
    "--ambient-caps=-all,+dac_override",
]


class ServerError(Exception):
    """A server cannot start; the message is one sentence for the person at the terminal."""


class Leaving(SystemExit):
    """This process was asked to end, by a signal."""


def guarded(death_signal: signal.Signals, *, as_nobody: bool = False) -> list[str]:
    """The words to put before a command so that the kernel sends it `death_signal` when this process dies."""
    setpriv = shutil.which("setpriv")
    if setpriv:
        return [setpriv, f"--pdeathsig={death_signal.name[3:]}", *(AS_NOBODY if as_nobody else [])]
    if as_nobody:
        raise ServerError(
            "PostgreSQL does not run as root and `setpriv` is missing: start Parvis as another user, "
            "or install util-linux."
        )
    return []  # not Linux: an orderly end still stops every child


def clean_environment() -> dict[str, str]:
    """The environment without PostgreSQL's own variables, which would point its programs elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")}


def spawn(
    command: list[str],
    *,
    death_signal: signal.Signals,
    log: IO[bytes],
    as_nobody: bool = False,
    keep: tuple[int, ...] = (),
    cwd: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own: Ctrl-C reaches it when this process decides, not before.

    `keep` are file descriptors the child holds until it ends.
    """
    return subprocess.Popen(
        [*guarded(death_signal, as_nobody=as_nobody), *command],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        pass_fds=keep,
        cwd=cwd,
        env=clean_environment(),
    )


def stop(process: subprocess.Popen[bytes], how: signal.Signals, patience: float = 15) -> None:
    """Ask a child to stop and wait until it is gone; after `patience` seconds, insist."""
    if process.poll() is not None:
        return
    process.send_signal(how)
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextlib.contextmanager
def shielded() -> Iterator[None]:
    """Hold signals back until the block is done: a second Ctrl-C does not interrupt the tidying."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, LEAVING)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextlib.contextmanager
def leaving_on_signals() -> Iterator[None]:
    """SIGTERM and SIGHUP raise `Leaving` in the block, as SIGINT already raises KeyboardInterrupt."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {one: signal.getsignal(one) for one in LEAVING}
    for one, handler in before.items():
        if one is signal.SIGINT and handler is signal.SIG_IGN:
            # Shells ignore it for what a script starts in the background; who sends it there means it.
            signal.signal(one, signal.default_int_handler)
        elif handler is signal.SIG_DFL:  # an ignored SIGHUP stays ignored: `nohup` means it
            signal.signal(one, _leave)
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _leave(number: int, frame: FrameType | None) -> NoReturn:
    raise Leaving(128 + number)


def last_words(text: str) -> str:
    """The line of a log that says why, on one line: the last fatal one, else the last."""
    lines = [line.strip() for line in text.splitlines() if line.strip()] or ["it said nothing"]
    reasons = [line for line in lines if any(word in line for word in ("FATAL", "PANIC", "error:", "Fatal"))]
    return (reasons or lines)[-1]


class Server:
    """One server of one folder; alive as long as its lock is held.

    The lock is a file whose descriptor the server inherits: the kernel frees it when the last of its
    processes is gone, so a crashed server, a recycled process id or a server that is still stopping are never
    taken for a running one.
    """

    name: str
    stop_signal: signal.Signals
    as_nobody = False

    def __init__(self, home: Path, sockets: Path, *, durable: bool) -> None:
        self.home = home
        self.data = home / self.name
        self.log = home / f"{self.name}.log"
        self.durable = durable
        self.sockets = sockets
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        raise NotImplementedError

    def prepare(self) -> None:
        """Make the data folder fit to start from; called while no other process uses it."""
        raise NotImplementedError

    def command(self) -> list[str]:
        raise NotImplementedError

    def answers(self) -> bool:
        raise NotImplementedError

    def start_or_join(self) -> None:
        deadline = time.monotonic() + PATIENCE
        with (self.home / f"{self.name}.lock").open("w") as lock:
            while not self._take(lock.fileno()):
                if self.answers():
                    return
                if time.monotonic() > deadline:
                    raise ServerError(f"{self.name} in {self.data} is running but does not answer; see {self.log}")
                time.sleep(0.05)
            self.prepare()
            with self.log.open("wb") as log:
                self.process = spawn(
                    self.command(),
                    death_signal=self.stop_signal,
                    log=log,
                    as_nobody=self.as_nobody,
                    keep=(lock.fileno(),),
                    cwd=self.home,
                )
        self._wait_until_it_answers(deadline)

    @staticmethod
    def _take(lock: int) -> bool:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _wait_until_it_answers(self, deadline: float) -> None:
        assert self.process is not None
        while not self.answers():
            if self.process.poll() is not None:
                raise ServerError(f"{self.name} does not start from {self.data}: {last_words(self.log.read_text())}")
            if time.monotonic() > deadline:
                raise ServerError(f"{self.name} did not answer within {PATIENCE} seconds; see {self.log}")
            time.sleep(0.02)

    def stop(self) -> None:
        if self.process is not None:
            with shielded():
                stop(self.process, self.stop_signal)

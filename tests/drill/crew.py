"""A real Celery worker as a process of its own, which can be killed in three ways."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from core.processes import spawn

PROJECT = Path(__file__).resolve().parents[2]
CELERY = [sys.executable, "-m", "celery", "--app", "config", "--quiet"]
FAST = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel=INFO"]


class Worker:
    """Processes that work, and one that leads them; only what this class started is ever killed."""

    def __init__(self, log: Path, concurrency: int = 2) -> None:
        self.log = log
        self.concurrency = concurrency
        # Not waited for before their whole group is killed: until then nobody else gets their numbers.
        self.heads: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        with self.log.open("ab") as log:
            command = [*CELERY, "worker", f"--concurrency={self.concurrency}", *FAST]
            self.heads.append(spawn(command, death_signal=signal.SIGKILL, log=log, cwd=PROJECT))

    def kill(self, chance: random.Random) -> str:
        """All of it, its head alone (the hands work on as orphans), or one of the hands: then the head goes on by itself."""
        how = chance.choice(["worker", "worker", "worker's head", "worker's hand"])
        if how == "worker":
            self.kill_all()
        elif how == "worker's head":
            os.kill(self.heads[-1].pid, signal.SIGKILL)
        elif hands := self._hands():
            os.kill(chance.choice(hands), signal.SIGKILL)
        return how

    def _hands(self) -> list[int]:
        head = self.heads[-1].pid
        children = Path(f"/proc/{head}/task/{head}/children")
        return [int(number) for number in children.read_text().split()]

    def kill_all(self) -> None:
        """Every process of every group that was started here, orphans included: each head has a session of its own."""
        for head in self.heads:
            os.killpg(head.pid, signal.SIGKILL)
            head.wait()
        self.heads.clear()


def wait_until(condition, seconds: float, every: float = 0.1) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(every)
    return True

"""A mail server that counts, and now and then takes a message and hangs up before it says so."""

import email
import email.policy
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiosmtpd.controller import Controller


@dataclass(frozen=True)
class Letter:
    recipient: str
    identity: str
    subject: str


@dataclass
class Sink:
    """`hangs_up(letter)` says whether the answer to this one is lost."""

    hangs_up: Callable[[Letter], bool]
    letters: list[Letter] = field(default_factory=list)
    lost: Counter[str] = field(default_factory=Counter)

    async def handle_DATA(self, server, session, envelope) -> str:
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        [recipient] = envelope.rcpt_tos
        letter = Letter(recipient, str(message["Message-ID"]), str(message["Subject"]))
        self.letters.append(letter)
        if self.hangs_up(letter):
            self.lost[letter.identity] += 1
            server.transport.abort()
        return "250 OK"

    @property
    def copies(self) -> Counter[str]:
        """How often each Message-ID came."""
        return Counter(letter.identity for letter in self.letters)

    @property
    def once(self) -> set[Letter]:
        """What came, doubles of one identity left out."""
        return set(self.letters)


@contextmanager
def open_sink(sink: Sink, port: int) -> Iterator[None]:
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield
    finally:
        controller.stop()

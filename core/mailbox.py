"""The mailbox of the demo: what Parvis would send stays in a folder, and can be read on a page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


def folder() -> Path:
    return settings.DATA_DIR / "mailbox"


class Mailbox(BaseEmailBackend):
    """Keeps each e-mail as a file of its own."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        folder().mkdir(mode=0o700, parents=True, exist_ok=True)
        for message in email_messages:
            (folder() / f"{uuid4().hex}.eml").write_bytes(message.message().as_bytes())
        return len(email_messages)


@dataclass(frozen=True)
class Letter:
    """An e-mail as its reader would see it."""

    name: str
    received: datetime
    sender: str
    to: str
    subject: str
    text: str


def letters(to: str = "") -> list[Letter]:
    """What the mailbox holds for an address, or for everybody; the latest first."""
    found = (letter for letter in _read() if not to or letter.to == to)
    return sorted(found, key=lambda letter: letter.received, reverse=True)


def _read() -> Iterator[Letter]:
    for path in folder().glob("*.eml"):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        text = message.get_body(("plain",))
        yield Letter(
            path.stem,
            datetime.fromtimestamp(path.stat().st_mtime).astimezone(),
            str(message["From"]),
            str(message["To"]),
            str(message["Subject"]),
            text.get_content() if text else "",
        )

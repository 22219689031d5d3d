"""What the logs keep: never the secret part of an address. The settings import it, so it imports nothing of Django."""

import re
from collections.abc import Callable, MutableMapping, Sequence
from typing import Any

Event = MutableMapping[str, Any]


def without_secrets(prefixes: Sequence[str]) -> Callable[[Any, str, Event], Event]:
    """A processor of structlog, the last before a line is written: what follows these prefixes of addresses is left out."""
    secret = re.compile("|".join(rf"(?<={re.escape(prefix)})[^/\s\"'?]+" for prefix in prefixes))

    def process(logger: Any, name: str, event: Event) -> Event:
        for key, value in event.items():
            if isinstance(value, str):
                event[key] = secret.sub("[secret]", value)
        return event

    return process

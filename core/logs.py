"""What the logs keep: never the secret part of an address. The settings import it, so it imports nothing of Django."""

import re
from collections.abc import Callable, MutableMapping, Sequence
from typing import Any

import structlog

Event = MutableMapping[str, Any]
# As it stands in an address, or escaped as often as one address was put into another (`?next=`).
SLASH = r"(?:/|%(?:25)*2F)"


def without_secrets(prefixes: Sequence[str]) -> Callable[[Any, str, Event], Event]:
    """A processor of structlog, the last before a line is written: all that follows these prefixes of addresses is left out."""
    begun = "|".join(SLASH.join(re.escape(part) for part in prefix.split("/")) for prefix in prefixes)
    secret = re.compile(rf"({begun})[^\s\"'?&<>]+", re.IGNORECASE)

    def without(value: Any) -> Any:
        if isinstance(value, str):
            return secret.sub(r"\1[secret]", value)
        if isinstance(value, dict):
            return {without(key): without(inner) for key, inner in value.items()}
        if isinstance(value, (list, tuple)):
            return [without(inner) for inner in value]
        return value

    def process(logger: Any, name: str, event: Event) -> Event:
        return {key: without(value) for key, value in event.items()}

    return process


def configuration(level: str, secret_paths: Sequence[str]) -> dict[str, Any]:
    """The setting LOGGING: one line of JSON for each event, on standard error."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    without_secrets(secret_paths),
                    structlog.processors.JSONRenderer(),
                ],
                "foreign_pre_chain": [
                    structlog.contextvars.merge_contextvars,
                    structlog.stdlib.add_log_level,
                    structlog.stdlib.add_logger_name,
                    structlog.processors.TimeStamper(fmt="iso"),
                    structlog.processors.format_exc_info,
                ],
            }
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["console"], "level": level},
    }


def configure() -> None:
    """What structlog hands to those lines."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.filter_by_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )

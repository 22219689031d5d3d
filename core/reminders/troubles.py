"""What goes wrong with one rule or one person keeps nobody else from being reminded, and is not forgotten either."""

from collections.abc import Callable
from typing import Protocol, TypeVar

import structlog
from django.db import InterfaceError, OperationalError, transaction

log = structlog.get_logger(__name__)
T = TypeVar("T")


class Attempt(Protocol):
    """Carries out one of many acts; None where it failed and the others go on."""

    def __call__(self, what: str, act: Callable[[], T]) -> T | None: ...


def at_once(what: str, act: Callable[[], T]) -> T | None:
    """The first failure ends everything."""
    return act()


class Troubles:
    """The failures of one run."""

    def __init__(self) -> None:
        self.noted: list[str] = []

    def attempt(self, what: str, act: Callable[[], T]) -> T | None:
        """Carries it out, all or nothing. Only a database that does not answer, or that must be asked again, ends the run."""
        try:
            with transaction.atomic():
                return act()
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            log.exception("reminders_failed", what=what)
            self.note(f"{what}: {type(error).__name__}: {error}")
            return None

    def note(self, problem: str) -> None:
        if problem not in self.noted:
            self.noted.append(problem)

    def __str__(self) -> str:
        return "; ".join(self.noted)

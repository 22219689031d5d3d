"""What waits to be decided: each source names its records, the day by which, why now, and who may decide."""

from mandate.decisions import sources  # noqa: F401  they are registered there
from mandate.decisions.registry import (
    Act,
    Decision,
    Waiting,
    first_waiting,
    kinds,
    known,
    listed,
    source,
    told,
    waiting,
)

__all__ = ["Act", "Decision", "Waiting", "first_waiting", "kinds", "known", "listed", "source", "told", "waiting"]

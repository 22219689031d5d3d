from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class Reason:
    """One thing that stands in the way: a sentence for a person, and the field to mend where there is one."""

    message: str | Promise
    field: str = ""

    def __str__(self) -> str:
        return str(self.message)


class Refused(Exception):
    """An act that the rules refuse, with every reason at once. The API answers 409, the admin shows the same list."""

    def __init__(self, reasons: Iterable[Reason | str | Promise]):
        self.reasons = tuple(reason if isinstance(reason, Reason) else Reason(reason) for reason in reasons)
        super().__init__("; ".join(str(reason) for reason in self.reasons))

    def __iter__(self) -> Iterator[Reason]:
        return iter(self.reasons)


class LostEdit(Refused):
    """The record was changed by somebody else since it was read; the API answers 412."""

"""The figures that Parvis publishes. Each app registers its own in `figures.py`; pages, API and reports read the same ones."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import ClassVar

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise

from core.access import may

Query = dict[str, str | list[str]]
# What follows from the day is worked out on the day that is told of.
Asked = Query | Callable[[], Query]


@dataclass(frozen=True)
class Share:
    """`part` of `whole`; the rate, in whole per cent, is None where there is nothing to count."""

    part: int
    whole: int

    unit: ClassVar[str] = "percent"

    @property
    def percent(self) -> int | None:
        return round(100 * self.part / self.whole) if self.whole else None

    @property
    def value(self) -> int | None:
        return self.percent


@dataclass(frozen=True)
class Euros:
    """An amount in EUR; None where it is not known, which is not the same as 0."""

    amount: Decimal | None

    unit: ClassVar[str] = "EUR"

    @property
    def value(self) -> Decimal | None:
        return self.amount


@dataclass(frozen=True)
class Ratio:
    """So many for one (euros of others for one of ours, say); None where there is nothing to divide by.

    `note` says in words what it rests on, for the pages.
    """

    value: Decimal | None
    note: str | Promise = ""

    unit: ClassVar[str] = "ratio"


# A plain number counts records.
Measured = int | Share | Euros | Ratio


def unit_of(measured: Measured) -> str:
    """`count`, `percent`, `EUR` or `ratio`."""
    return "count" if isinstance(measured, int) else measured.unit


def value_of(measured: Measured) -> int | Decimal | None:
    """The number itself; None where there is nothing to count, or where it is not known."""
    return measured if isinstance(measured, int) else measured.value


@dataclass(frozen=True)
class Row:
    """One part of a figure that is broken down: `key` is what the address of a filter would say, `label` what people read."""

    key: str
    label: str | Promise
    measured: Measured


@dataclass(frozen=True)
class Figure:
    """`measure(reader)` is its one definition in code, `definition` the same in words.

    `resource` and `counted` are the API's list that it counts; `part` is a share's part of it, and `less` (a list of the API, and
    what is asked of it) what a difference takes away. `model` (`app.model`) is what a reader must be allowed to view to be
    shown the figure. `breakdowns` are the figure by theme, by year...
    """

    name: str
    label: str | Promise
    definition: str | Promise
    measure: Callable[..., Measured]
    resource: str
    counted: Asked
    part: Asked | None = None
    less: tuple[str, Asked] | None = field(default=None, kw_only=True)
    model: str = field(kw_only=True)
    breakdowns: Mapping[str, Callable[..., Sequence[Row]]] = field(default_factory=dict, kw_only=True)

    @property
    def app(self) -> str:
        return self.model.partition(".")[0]

    @property
    def query(self) -> Query:
        """What the API's list is asked for, as of the day that is told of."""
        return on_the_day(self.counted)

    @property
    def part_query(self) -> Query | None:
        return None if self.part is None else on_the_day(self.part)

    def is_for(self, reader) -> bool:
        return may(reader, "view", apps.get_model(self.model))


def on_the_day(asked: Asked) -> Query:
    return asked() if callable(asked) else asked


_figures: dict[str, Figure] = {}


def register(*figures: Figure) -> None:
    """Adds figures to those that are published, in this order; refuses a name that is taken and a model that is not there."""
    for new in figures:
        if new.name in _figures:
            raise ImproperlyConfigured(f"Two figures are called {new.name}.")
        apps.get_model(new.model)
        _figures[new.name] = new


def published() -> list[Figure]:
    """Every figure, whoever may see it."""
    return list(_figures.values())


def figures_for(reader) -> list[Figure]:
    """The figures of what the reader may view; the others do not exist for her."""
    return [found for found in _figures.values() if found.is_for(reader)]


def figure(name: str) -> Figure:
    """The figure of this name, which must be there; a request asks `figures_for` instead."""
    return _figures[name]

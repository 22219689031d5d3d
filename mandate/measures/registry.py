"""What a measure is, what can narrow it, and which there are. A measure knows nothing of mandates and objectives, which name
it: it takes its value from a selector of the floors below, where the figure is defined, and names the records behind it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cooperation.models import ExchangeProgramme, Theme
from core.access import may
from core.figures import Share
from events.enums import EventKind
from events.models import Event
from partnerships.models import Area, City, Network, Organisation
from solidarity.models import Fund


@dataclass(frozen=True)
class Measure:
    """What was measured: the value in the measure's unit (None = there is nothing to count, which is not 0), and the
    records behind it, as the reader may see them. Of a share, `whole` is what it is a share of."""

    value: Decimal | int | None
    records: tuple[QuerySet, ...] = ()
    whole: QuerySet | None = None


Function = Callable[..., Measure]
NOTHING = _("nothing to count")


@dataclass(frozen=True)
class KnownMeasure:
    """A measure as it is registered: `unit` is count, percent, EUR or ratio; `parameter` what narrows it (an area, say), or
    empty; `model` (`app.model`) what a reader must be allowed to view to be shown it, or empty. `of_today` is a measure of what
    stands today, which nobody can ask of another day. `nothing` is said where it has no value."""

    name: str
    title: str | Promise
    unit: str
    function: Function
    parameter: str = ""
    model: str = ""
    of_today: bool = False
    nothing: str | Promise = NOTHING

    def is_for(self, reader) -> bool:
        return not self.model or may(reader, "view", apps.get_model(self.model))

    def what_is_wrong_with(self, parameter: str) -> str | Promise:
        """Why the measure cannot be narrowed by this; empty where it can."""
        if not self.parameter:
            return _("This measure is not narrowed.") if parameter else ""
        if not parameter:
            return _("Say what it measures: the short name is missing.")
        return "" if PARAMETERS[self.parameter](parameter) else _("There is nothing of this short name.")

    def take(self, reader, since: date, until: date, parameter: str = "") -> Measure:
        """The value for the reader from `since` to `until`, both included; nothing where she may not view what it counts."""
        return self.function(reader, since, until, parameter) if self.is_for(reader) else Measure(None)


def _named(model: type[Model], column: str = "slug") -> Callable[[str], bool]:
    return lambda name: model._default_manager.filter(**{column: name}).exists()


# What a measure can be narrowed by, and whether there is one of this short name.
PARAMETERS: dict[str, Callable[[str], bool]] = {
    "area": _named(Area),
    "city": _named(City),
    "network": _named(Network),
    "organisation": _named(Organisation),
    "theme": _named(Theme),
    "programme": _named(ExchangeProgramme),
    "fund": _named(Fund),
    "event": _named(Event, "reference"),
    "event-kind": lambda name: name in EventKind.values,
}
_measures: dict[str, KnownMeasure] = {}


def measure(
    name: str,
    *,
    title: str | Promise,
    unit: str,
    parameter: str = "",
    model: str = "",
    of_today: bool = False,
    nothing: str | Promise = NOTHING,
):
    """Registers `function(reader, since, until, parameter) -> Measure`; refuses a name that is taken and an unknown parameter."""

    def register(function: Function) -> Function:
        if name in _measures:
            raise ImproperlyConfigured(f"Two measures are called {name}.")
        if parameter and parameter not in PARAMETERS:
            raise ImproperlyConfigured(f"{name} is narrowed by {parameter}, which nothing knows.")
        _measures[name] = KnownMeasure(name, title, unit, function, parameter, model, of_today, nothing)
        return function

    return register


def registered() -> dict[str, KnownMeasure]:
    """Every measure by its name, whoever may be shown it."""
    return dict(_measures)


def choices() -> list[tuple[str, str | Promise]]:
    """The measures to choose from, for forms and the API."""
    return [(known.name, known.title) for known in _measures.values()]


def counted(records: QuerySet) -> Measure:
    """How many there are, and which."""
    return Measure(records.count(), (records,))


def share(part: QuerySet, whole: QuerySet) -> Measure:
    """The part of the whole in whole per cent; None where the whole is empty."""
    return Measure(Share(part.count(), whole.count()).percent, (part,), whole)


def in_year(since: date, until: date) -> tuple[date, date]:
    """The days of the period that lie in the calendar year in which it ends."""
    return max(since, date(until.year, 1, 1)), until

"""The map as a reader may see it: cities, euros, symbols and legend."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.templatetags.parvis import number
from mandate.atlas import drawing
from mandate.selectors import places
from mandate.selectors.places import CityEuros
from partnerships.models import City
from partnerships.presentation import Family, Mark, marks

UNKNOWN = CityEuros()
# How many cities a map can tell apart, each with its symbol, and its table lists at once.
DRAWN = 50


@dataclass(frozen=True)
class Row:
    """A city of the map, with its ties of today and its euros (EUR)."""

    city: City
    marks: list[Mark]
    euros: CityEuros

    @property
    def family(self) -> Family:
        """What binds most: the symbol's shape."""
        return self.marks[0].family

    @property
    def is_placed(self) -> bool:
        return self.city.latitude is not None


@dataclass(frozen=True)
class Kind:
    """An entry of the legend of relations: how many cities have such a tie, whatever their symbol says."""

    family: Family
    count: int


@dataclass(frozen=True)
class Atlas:
    """Rows by euros, the most first, then by name; what is not known comes last.

    Those from `first` on have their symbols, as many as a map can tell apart; all others are its crowd.
    """

    rows: list[Row]
    top: Decimal
    first: int = 0

    @property
    def drawn(self) -> list[Row]:
        return self.rows[self.first : self.first + DRAWN]

    @cached_property
    def crowd(self) -> list[Row]:
        others = (*self.rows[: self.first], *self.rows[self.first + DRAWN :])
        return [row for row in others if row.is_placed]

    @property
    def unplaced(self) -> list[Row]:
        return [row for row in self.rows if not row.is_placed]

    @property
    def kinds(self) -> list[Kind]:
        count = dict.fromkeys(places.TIES, 0)
        for row in self.rows:
            for mark in row.marks:
                if mark.family in count:
                    count[mark.family] += 1
        return [Kind(family, found) for family, found in count.items() if found]

    @property
    def is_measured(self) -> bool:
        """Whether the euros of any city are known: else every symbol has one size, and a legend of sizes explains nothing."""
        return any(row.euros.total is not None for row in self.rows)

    @property
    def sizes(self) -> dict[str, drawing.Sizes]:
        """The legend of sizes of both drawings."""
        return {
            "wide": drawing.sizes(self.top, drawing.WIDE[0]),
            "narrow": drawing.sizes(self.top, drawing.NARROW[0]),
        }

    @property
    def wide(self) -> list[drawing.Drawing]:
        return self._drawings(drawing.WIDE)

    @property
    def narrow(self) -> list[drawing.Drawing]:
        return self._drawings(drawing.NARROW)

    @cached_property
    def _places(self) -> tuple[list[drawing.Place], list[drawing.Spot]]:
        return [_place(row) for row in self.drawn if row.is_placed], [_spot(row) for row in self.crowd]

    def _drawings(self, layouts: Sequence[drawing.Layout]) -> list[drawing.Drawing]:
        found, crowd = self._places
        return drawing.drawings(found, self.top, layouts, crowd)


def atlas(reader, cities: QuerySet[City] | None = None) -> Atlas:
    """The map of these cities (all those with a tie today), of what the reader may see, in a fixed number of queries.

    Sizes are the same whatever the map is narrowed to, so that two maps can be compared.
    """
    known = places.euros_by_city(reader)
    found = places.tied_cities(reader) if cities is None else cities
    rows = [Row(city, marks(city), known.get(city.pk, UNKNOWN)) for city in found]
    top = drawing.top_of([amount.total for amount in known.values()])
    rows = [row for row in rows if row.marks and row.family in places.TIES]
    return Atlas(sorted(rows, key=_rank), top)


def _rank(row: Row) -> tuple:
    total = row.euros.total
    return total is None, -(total or 0)


def _place(row: Row) -> drawing.Place:
    city = row.city
    return drawing.Place(
        slug=city.slug,
        name=str(city.name),
        country=str(city.country.name),
        country_code=city.country.code,
        address=city.get_absolute_url(),
        family=row.family,
        words=", ".join(mark.words for mark in row.marks if mark.family in places.TIES),
        longitude=float(city.longitude or 0),
        latitude=float(city.latitude or 0),
        euros=row.euros.total,
    )


def _spot(row: Row) -> drawing.Spot:
    city = row.city
    return drawing.Spot(city.country.code, row.family, float(city.longitude or 0), float(city.latitude or 0))


def words(found: Atlas) -> str:
    """What the map shows, in a sentence, for those who do not see it."""
    return _("Map of %(number)s cities: %(kinds)s.") % {
        "number": number(len(found.rows) - len(found.unplaced)),
        "kinds": ", ".join(f"{kind.family.label} {number(kind.count)}" for kind in found.kinds) or _("no tie"),
    }

"""The figures of the register as they are published: each names its selector, its definition and the records behind it."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from partnerships import selectors
from partnerships.enums import CITY_KINDS, LIVE, ClauseKind
from partnerships.selectors import Share

Query = dict[str, str | list[str]]


@dataclass(frozen=True)
class Figure:
    """`measure(reader)` gives a number or a `Share`. `resource` and `query` are the list it counts; `part_query` a share's part."""

    name: str
    label: str | Promise
    definition: str | Promise
    measure: Callable[..., int | Share]
    resource: str
    query: Query
    part_query: Query | None = None


_LIVE: Query = {"status": [str(status) for status in LIVE]}
_WITH_CITIES: Query = _LIVE | {"kind": [str(kind) for kind in CITY_KINDS]}

FIGURES = (
    Figure(
        "partner-cities",
        _("Partner cities"),
        _("Cities with a partnership that holds today, or with a live agreement. A comparator is not a partner."),
        lambda reader: selectors.partner_cities(reader).count(),
        "cities",
        {"partner": "true"},
    ),
    Figure(
        "live-agreements",
        _("Live agreements"),
        _("Agreements signed or in force today."),
        lambda reader: selectors.live_agreements(reader).count(),
        "agreements",
        _LIVE,
    ),
    Figure(
        "agreements-in-force",
        _("Agreements in force"),
        _("Agreements sent to the prefect whose effect has begun (CGCT L1115-1)."),
        lambda reader: selectors.agreements_in_force(reader).count(),
        "agreements",
        {"status": "in-force"},
    ),
    Figure(
        "ambassador-coverage",
        _("Ambassador coverage"),
        _("Of the countries of cities with a live agreement, those with an ambassador today."),
        selectors.ambassador_coverage,
        "countries",
        {"agreement": "true"},
        {"agreement": "true", "ambassador": "true"},
    ),
    Figure(
        "gender-clause",
        _("Agreements with a gender-equality clause"),
        _("Of the live agreements with cities, those that carry a gender-equality clause."),
        selectors.gender_clause_share,
        "agreements",
        _WITH_CITIES,
        _WITH_CITIES | {"clause": str(ClauseKind.GENDER_EQUALITY)},
    ),
)

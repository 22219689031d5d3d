"""The figures of the register as they are published: each names its selector, its definition and the records behind it."""

from django.utils.translation import gettext_lazy as _

from core.figures import Figure, Query, register
from partnerships import selectors
from partnerships.enums import CITY_KINDS, LIVE, ClauseKind

_LIVE: Query = {"status": [str(status) for status in LIVE]}
_WITH_CITIES: Query = _LIVE | {"kind": [str(kind) for kind in CITY_KINDS]}

register(
    Figure(
        "partner-cities",
        _("Partner cities"),
        _("Cities with a partnership that holds today, or with a live agreement. A comparator is not a partner."),
        lambda reader: selectors.partner_cities(reader).count(),
        "cities",
        {"partner": "true"},
        model="partnerships.city",
    ),
    Figure(
        "live-agreements",
        _("Live agreements"),
        _("Agreements signed or in force today, with cities and with other bodies alike."),
        lambda reader: selectors.live_agreements(reader).count(),
        "agreements",
        _LIVE,
        model="partnerships.agreement",
    ),
    Figure(
        "agreements-in-force",
        _("Agreements in force"),
        _("Agreements sent to the prefect whose effect has begun (CGCT L1115-1)."),
        lambda reader: selectors.agreements_in_force(reader).count(),
        "agreements",
        {"status": "in-force"},
        model="partnerships.agreement",
    ),
    Figure(
        "ambassador-coverage",
        _("Ambassador coverage"),
        _("Of the countries of cities with a live agreement, those with an ambassador today."),
        selectors.ambassador_coverage,
        "countries",
        {"agreement": "true"},
        {"agreement": "true", "ambassador": "true"},
        model="partnerships.ambassador",
    ),
    Figure(
        "gender-clause",
        _("Agreements with a gender-equality clause"),
        _("Of the live agreements with cities, those that carry a gender-equality clause."),
        selectors.gender_clause_share,
        "agreements",
        _WITH_CITIES,
        _WITH_CITIES | {"clause": str(ClauseKind.GENDER_EQUALITY)},
        model="partnerships.agreement",
    ),
)

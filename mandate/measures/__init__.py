"""What can be measured of the City's action: each measure has one definition, read by pages, API, readings and reports.

One file for each floor below; here stands the one measure of people under threat, a number with nothing behind it.
"""

from datetime import date

from django.utils.translation import gettext_lazy as _

from mandate.measures import agreements, grants, occasions, projects  # noqa: F401  each registers its own
from mandate.measures.registry import NOTHING, PARAMETERS, KnownMeasure, Measure, choices, measure, registered
from solidarity.protection.selectors import hosted_in

__all__ = ["NOTHING", "PARAMETERS", "KnownMeasure", "Measure", "choices", "measure", "registered"]


@measure(
    "refuges-begun",
    title=_("People in refuge whose stay began in the year"),
    unit="count",
    nothing=_("fewer than five, which is not told"),
)
def refuges_begun(reader, since: date, until: date, parameter: str) -> Measure:
    """How many stays began in the calendar year that the period ends in, from five on: no name, no file, no list."""
    return Measure(hosted_in(until.year))

"""What solidarity has to say on the pages of cities."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.panels import Panel, panel
from core.templatetags.parvis import number
from partnerships.models import City
from solidarity import dossiers

ROWS = 10


@panel(City)
def grants_and_crises_of_city(city: City, reader) -> Panel | None:
    """The grants spent in the city, and the crises that strike it or its country."""
    found = dossiers.grants_in_city(reader, city)
    count = found.count()
    crises = list(dossiers.crises_of_city(reader, city))
    if not count and not crises:
        return None
    title = _counted(count) if count else _("Crises, no grant recorded")
    context = {"grants": found[:ROWS], "others": max(count - ROWS, 0), "crises": crises, "city": city}
    return Panel(title, "solidarity/_city_grants.html", context, order=30)


def _counted(count: int) -> str:
    return ngettext("%(count)s solidarity grant", "%(count)s solidarity grants", count) % {"count": number(count)}

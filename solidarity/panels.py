"""What solidarity has to say on the pages of cities."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.panels import Panel, panel
from core.templatetags.parvis import number
from partnerships.models import City
from solidarity import dossiers


@panel(City)
def grants_and_crises_of_city(city: City, reader) -> Panel | None:
    """The grants spent in the city, and the crises that strike it or its country."""
    grants = list(dossiers.grants_in_city(reader, city))
    crises = list(dossiers.crises_of_city(reader, city))
    if not grants and not crises:
        return None
    title = _counted(len(grants)) if grants else _("Crises, no grant recorded")
    return Panel(title, "solidarity/_city_grants.html", {"grants": grants, "crises": crises}, order=30)


def _counted(count: int) -> str:
    return ngettext("%(count)s solidarity grant", "%(count)s solidarity grants", count) % {"count": number(count)}

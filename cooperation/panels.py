"""What cooperation has to say on the pages of cities, agreements and networks."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cooperation import dossiers, presentation, selectors
from cooperation.enums import ProjectStage
from cooperation.models import Edition
from core.panels import Panel, panel
from core.templatetags.parvis import number
from partnerships.models import Agreement, City, Network


@panel(City)
def projects_of_city(city: City, reader) -> Panel | None:
    """The cooperation projects that name the city, with their stage and field."""
    found = list(dossiers.projects_of_city(reader, city))
    if not found:
        return None
    begun = sum(project.stage == ProjectStage.UNDER_WAY for project in found)
    said = ngettext("%(count)s project under way", "%(count)s projects under way", begun) % {"count": number(begun)}
    title = said if begun else _("Cooperation projects, none under way")
    return Panel(title, "cooperation/_city_projects.html", {"projects": found}, order=10)


@panel(City)
def exchanges_and_culture_of_city(city: City, reader) -> Panel | None:
    """The exchanges and the cultural projects that name the city."""
    editions = Edition.objects.visible_to(reader).filter(city=city).select_related("programme")
    context = {
        "editions": list(editions.order_by("-year", "pk")),
        "cultural": list(selectors.culture.cultural_projects(reader).filter(destinations__city=city)),
    }
    if not any(context.values()):
        return None
    return Panel(_("Exchanges and culture"), "cooperation/_city_exchanges.html", context, order=20)


@panel(Agreement)
def use_of_framework(agreement: Agreement, reader) -> Panel | None:
    """How much of a framework agreement is used, and by which lines."""
    framework = dossiers.framework_of(reader, agreement)
    if framework is None:
        return None
    context = {
        "use": presentation.use(framework),
        "lines": list(selectors.money.lines(reader).filter(framework=framework)),
    }
    return Panel(_("Use of the framework agreement"), "cooperation/_framework_use.html", context, order=10)


@panel(Agreement)
def projects_under_agreement(agreement: Agreement, reader) -> Panel | None:
    """The projects that are carried out under the agreement."""
    found = list(dossiers.projects_under(reader, agreement))
    if not found:
        return None
    return Panel(_("Projects under this agreement"), "cooperation/_city_projects.html", {"projects": found}, order=20)


@panel(Network)
def given_by_network(network: Network, reader) -> Panel | None:
    """What the network gives to our projects, as the organisation that it is."""
    if network.organisation_id is None:
        return None
    found = list(selectors.money.lines(reader).filter(organisation=network.organisation_id))
    if not found:
        return None
    return Panel(_("What we got from it"), "cooperation/_network_money.html", {"lines": found}, order=20)

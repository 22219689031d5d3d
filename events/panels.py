"""What missions, visits and events have to say on the pages of cities, networks, agreements, projects and grants."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cooperation.models import Project
from core.access import may
from core.models import BaseModel
from core.panels import Panel, panel
from core.templatetags.parvis import number
from events import dossiers, presentation, selectors
from events.models import Promise
from partnerships.models import Agreement, City, Network
from solidarity.models import Grant


@panel(City)
def before_meeting_city(city: City, reader) -> Panel | None:
    """What is promised and still open with the city, overdue first, and its briefing; it stands before all other sections."""
    if not may(reader, "view", Promise):
        return None
    found = list(dossiers.overdue_first(selectors.promises.open_promises_with(reader, [city.pk]), reader))
    title = ngettext("%(count)s open promise", "%(count)s open promises", len(found)) % {"count": number(len(found))}
    context = {"promises": found, "city": city}
    return Panel(title if found else _("No open promise"), "events/_city_promises.html", context, order=-10)


@panel(City)
def met_with_city(city: City, reader) -> Panel | None:
    """The missions, delegations, events and meetings with the city: what lies ahead, what took place last."""
    found = dossiers.met(reader, city)
    if not found.coming and not found.past:
        return None
    context = {
        "met": found,
        "city": city,
        "coming": [presentation.named(row) for row in found.coming],
        "past": [presentation.recalled(row) for row in found.past],
    }
    return Panel(_("Missions, visits and events"), "events/_city_met.html", context, order=5)


@panel(Network)
def meetings_of_network(network: Network, reader) -> Panel | None:
    """The statutory meetings of the network with their places, and what else is tied to it."""
    found = list(dossiers.network_events(reader, network))
    tied = presentation.tied_from(dossiers.ties_of(reader, network=network))
    if not found and not tied:
        return None
    context = {"events": found, "tied": tied}
    return Panel(_("Meetings of the network"), "events/_network_events.html", context)


@panel(Agreement)
def tied_to_agreement(agreement: Agreement, reader) -> Panel | None:
    return _tied(agreement, reader, "agreement")


@panel(Project)
def tied_to_project(project: Project, reader) -> Panel | None:
    return _tied(project, reader, "project")


@panel(Grant)
def tied_to_grant(grant: Grant, reader) -> Panel | None:
    return _tied(grant, reader, "grant")


def _tied(record: BaseModel, reader, name: str) -> Panel | None:
    """The missions, visits, events, meetings and promises that are about the record, or led to it."""
    led = selectors.occasions.outcomes_before(reader, **{f"led_to_{name}": record})
    found = presentation.tied_from(dossiers.ties_of(reader, **{name: record}), led)
    if not found:
        return None
    return Panel(_("Missions, visits and events"), "events/_tied_from.html", {"tied": found}, order=40)

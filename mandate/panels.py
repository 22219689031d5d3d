"""What the mandate has to say on the home page, and on the pages of the records that show something of it."""

from django.utils.translation import gettext as _

from cooperation.models import Project
from core.access import may
from core.models import BaseModel
from core.panels import Panel, page_panel, panel
from events.models import Delegation, Event, Mission
from mandate import charts, dossiers, presentation
from mandate.models import Mandate, Objective
from partnerships.models import Agreement, Network
from solidarity.models import Grant


@page_panel("home")
def mandate_bar(reader) -> Panel | None:
    """Where the mandate that runs stands."""
    found = dossiers.chosen_mandate(reader) if may(reader, "view", Mandate) else None
    if found is None:
        return None
    objectives = dossiers.objectives(reader, found)
    context = {"bar": charts.bar(found, objectives), "headline": presentation.headline(objectives)}
    return Panel(found.title, "mandate/_home.html", context)


@panel(Mission)
def shown_by_mission(mission: Mission, reader) -> Panel | None:
    return _shows(mission, reader, "mission")


@panel(Delegation)
def shown_by_delegation(delegation: Delegation, reader) -> Panel | None:
    return _shows(delegation, reader, "delegation")


@panel(Event)
def shown_by_event(event: Event, reader) -> Panel | None:
    return _shows(event, reader, "event")


@panel(Agreement)
def shown_by_agreement(agreement: Agreement, reader) -> Panel | None:
    return _shows(agreement, reader, "agreement")


@panel(Project)
def shown_by_project(project: Project, reader) -> Panel | None:
    return _shows(project, reader, "project")


@panel(Grant)
def shown_by_grant(grant: Grant, reader) -> Panel | None:
    return _shows(grant, reader, "grant")


@panel(Network)
def shown_by_network(network: Network, reader) -> Panel | None:
    return _shows(network, reader, "membership")


def _shows(record: BaseModel, reader, name: str) -> Panel | None:
    """The objectives that the record shows something of."""
    if not may(reader, "view", Objective):
        return None
    found = list(dossiers.shown_by_record(reader, record, name))
    if not found:
        return None
    return Panel(_("Objectives of the mandate that this shows"), "mandate/_shows.html", {"objectives": found}, order=50)

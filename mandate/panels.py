"""What the mandate has to say on the pages of cities, and of the records that show something of it."""

from django.urls import reverse
from django.utils.translation import gettext as _

from cooperation.models import Project
from core.access import may
from core.models import BaseModel
from core.panels import Panel, page_panel, panel
from core.templatetags.parvis import euros as euro_amount
from events.models import Delegation, Event, Mission
from mandate import charts, dossiers, presentation, selectors
from mandate.dormancy import presentation as dormancy
from mandate.models import Objective
from mandate.selectors.places import CityEuros
from partnerships.models import Agreement, City, Network, RenewalDecision
from solidarity.models import Grant


@page_panel("partnerships:agreements")
def dormant_partnerships(reader) -> Panel | None:
    """The partnerships that sleep, with what can be decided of each in place."""
    if not may(reader, "view", RenewalDecision):
        return None
    context = dormancy.section(reader, back=reverse("partnerships:agreements"))
    return Panel(dormancy.headline(len(context["waiting"])), "mandate/dormancy/_section.html", context)


@panel(City)
def euros_of_city(city: City, reader) -> Panel | None:
    """What the City has committed for the city in this year and the four before."""
    found = selectors.places.euros_by_year(reader, city)
    span, euros = (found[0][0], found[-1][0]), sum((euros for _year, euros in found), CityEuros())
    if euros.total is None:
        return None
    said = {"euros": euro_amount(euros.total), "first": span[0], "last": span[1]}
    title = _("%(euros)s committed for the city, %(first)s to %(last)s") % said
    context = {
        "whole": presentation.Proved(city, euros, span),
        "years": [(year, presentation.Proved(city, euros, (year, year))) for year, euros in found],
        "bars": charts.year_bars(found),
    }
    return Panel(title, "mandate/_city_euros.html", context, order=8)


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

"""Readers and a small invented register for the tests of pages."""

from datetime import date, time, timedelta
from types import SimpleNamespace

import pytest
from django.db import transaction
from django.test import Client

from cooperation.models import FundingCall, Project, Theme
from core import clock
from core.enums import Channel
from core.models import Notification, User
from core.roles import Role
from tests import factories
from tests.solidarity.lives import grant_in, pay, water


@pytest.fixture
def reader(db):
    """`reader(role)`: a signed-in client that reads English."""

    def sign_in(role: Role, language: str = "en") -> Client:
        user = factories.UserFactory(role=role, language=language, is_staff=role != Role.DEPUTY)
        client = Client()
        client.force_login(user)
        client.user = user
        return client

    return sign_in


@pytest.fixture
def deputy(reader):
    return reader(Role.DEPUTY)


def partner_city(**fields):
    """A partner city with an area, a source for its tie, and a signed agreement that is not in force."""
    city = factories.CityFactory(**fields)
    factories.CityAreaFactory(city=city)
    relation = factories.RelationFactory(city=city)
    factories.CitationFactory(record=relation)
    agreement = factories.AgreementFactory(signed=True)
    factories.AgreementPartyFactory(agreement=agreement, city=city)
    return city, agreement


def joined_network():
    network = factories.NetworkFactory()
    factories.MembershipFactory(network=network, role="chair")
    factories.DuesFactory(network=network)
    return network


def paid_project(**fields) -> Project:
    """A project under way, with everything that its page and its row look at."""
    project = factories.ProjectFactory(under_way=True, **fields)
    factories.ProjectCityFactory(project=project)
    factories.ProjectThemeFactory(project=project)
    factories.ProjectOrganisationFactory(project=project, directorate=True)
    factories.ProjectStepFactory(project=project, due_on=date(2015, 5, 1))
    factories.ExpertAssignmentFactory(project=project)
    factories.ResultPeriodFactory(indicator__project=project)
    for line in (
        factories.FundingLineFactory(project=project),
        factories.FundingLineFactory(project=project, external=True),
    ):
        factories.MovementFactory(line=line)
        factories.ForecastFactory(line=line)
    return project


def call_for(project: Project, **fields):
    """An open call in the project's field."""
    call = factories.FundingCallFactory(**fields)
    factories.CallThemeFactory(call=call, theme=project.fields.first().theme)
    return call


def everything() -> tuple[Project, FundingCall]:
    """One row of each kind on each page."""
    project = paid_project()
    call = call_for(project)
    factories.ApplicationFactory(call=factories.FundingCallFactory(deadlines=[date(2015, 3, 1)]), project=project)
    tour = factories.CulturalProjectFactory(year=2015, recipient=factories.OrganisationFactory(), discipline="dance")
    factories.CulturalDestinationFactory(project=tour)
    factories.MovementFactory(line=factories.FundingLineFactory(project=None, cultural_project=tour))
    factories.EditionFactory(city=factories.CityFactory())
    factories.LabelFactory()
    factories.PracticeUptakeFactory(practice__city=factories.CityFactory())
    return project, call


def solidarity():
    """One row of each kind on each page of solidarity; answers a grant in payment with an agreement and a report that is late."""
    envelope, service, _other = water()
    factories.FundParameterFactory(
        fund=envelope.fund, kind="yearly-target", value=50000, since=date(2015, 1, 1), until=date(2015, 12, 31)
    )
    crisis = factories.CrisisFactory()
    factories.CrisisPlaceFactory(crisis=crisis)
    grant = grant_in(
        "in-payment", (envelope, 20000, service), agreement=True, crisis=crisis, theme=factories.ThemeFactory()
    )
    for place in ({}, {"city": None, "country": factories.CountryFactory()}):
        factories.GrantPlaceFactory(grant=grant, **place)
    factories.CrisisPlaceFactory(crisis=crisis, country=None, city=grant.places.first().city)
    pay(grant, 5000)
    factories.ReportLineFactory(report__grant=grant, report__due_on=date(2015, 3, 31))
    factories.CitationFactory(record=factories.DeclaredAidFactory(fund=envelope.fund))
    factories.CitationFactory(record=factories.HealthIndicatorFactory(target=90))
    factories.HealthIndicatorFactory(measure="supported")
    field, _created = Theme.objects.get_or_create(slug="health", defaults={"name_fr": "Santé inventée"})
    factories.ProjectThemeFactory(project=factories.ProjectFactory(), theme=field)
    factories.GrantFactory(theme=factories.ThemeFactory())
    return grant


def diary() -> SimpleNamespace:
    """One row of each kind on each page of missions, visits, events and promises; the city is where all of it meets."""
    city = factories.CityFactory()
    network = factories.NetworkFactory()
    series = factories.EventFactory(kind="working-group", network=network, planned_city=city)
    factories.EventFactory(kind="session", part_of=series)
    event = factories.EventFactory(
        kind="bid", network=network, held_city=city, planned_city=factories.CityFactory(), held=True
    )
    factories.PreconditionFactory(event=event)
    factories.BidStageFactory(event=event)
    mission = factories.MissionFactory(
        planned=True, emblematic=True, event=event, planned_start=date(2015, 6, 20), planned_start_precision="day"
    )
    factories.DestinationFactory(mission=mission, city=city)
    delegation = factories.DelegationFactory(received=True, city=city, event=event, theme=factories.ThemeFactory())
    factories.ExpertiseFactory(delegation=delegation, shown_by=factories.OrganisationFactory())
    factories.ParticipantFactory(mission=mission, elected=True)
    factories.ParticipantFactory(mission=mission, staff=True)
    factories.LegFactory(mission=mission, distance_km=300, passengers=2, factor=factories.EmissionFactorFactory())
    project = factories.ProjectFactory()
    for kind, record in {"mission": mission, "delegation": delegation, "event": event}.items():
        subject = dict.fromkeys(("mission", "delegation", "event")) | {kind: record}
        meeting = factories.MeetingFactory(
            **subject, city=city, day=date(2015, 6, 22), day_precision="day", starts_at=time(9), ends_at=time(10)
        )
        factories.MeetingNoteFactory(meeting=meeting, audience="deputies")
        factories.ParticipantFactory(**dict.fromkeys(subject), meeting=meeting, quality="")
        factories.ParticipantFactory(**subject, quality="civil-society", person=None, description_fr="Élèves inventés")
        factories.ProgrammeItemFactory(**subject)
        factories.TieFactory(**subject, city=None, project=project)
        factories.OutcomeFactory(**subject, led_to_project=project)
        factories.PromiseFactory(**subject, city=city, due_on=date(2015, 5, 1), due_on_precision="day")
    factories.TieFactory(mission=None, meeting=meeting, city=None, network=network)
    return SimpleNamespace(
        city=city,
        network=network,
        series=series,
        event=event,
        mission=mission,
        delegation=delegation,
        meeting=meeting,
        project=project,
        promise=mission.promises.get(),
    )


def hospitality():
    """One row of each kind on the page of honours and residencies."""
    programme = factories.ResidencyProgrammeFactory(volume_per_year=1, duration_months=12)
    factories.ProgrammeHostFactory(programme=programme)
    factories.ResidencyFactory(programme=programme, host=factories.OrganisationFactory())
    honour = factories.HonourFactory(awarded=True, deliberation=factories.DeliberationFactory(), foreign_policy=True)
    factories.CommissionOpinionFactory(honour=honour)
    for record in (programme, honour, programme.residencies.get()):
        factories.CitationFactory(record=record)
    return honour


def expiring(day: date, title: str = "Invented agreement"):
    return factories.AgreementFactory(in_force=True, expires_on=day, title_en=title)


def told(user: User, count: int = 1, **rule) -> list[Notification]:
    """So many reminders that the user was told on her pages, the last one first."""
    made = factories.ReminderRuleFactory(**{"channels": [Channel.IN_APP]} | rule)
    for number in range(count):
        agreement = expiring(clock.today() + timedelta(10 + number), f"Invented agreement {number}")
        Notification.objects.create(
            rule=made,
            record=agreement,
            due_on=agreement.expires_on,
            recipient=user,
            channel=Channel.IN_APP,
            what=f"Invented agreement {number} expires",
            details=["Not renewed"],
            link=agreement.get_absolute_url(),
            told_at=clock.real(),
        )
    return list(Notification.objects.filter(recipient=user).order_by("-pk"))


def full(mandate, **values):
    """An objective with something of everything that its row and its page show."""
    objective = factories.ObjectiveFactory(mandate=mandate, **values)
    factories.EvidenceFactory(objective=objective)
    factories.EvidenceFactory(objective=objective, mission=None, membership=factories.MembershipFactory())
    factories.EvidenceFactory(
        objective=objective, mission=None, document=factories.DocumentFactory(title="Invented proof")
    )
    indicator = factories.IndicatorFactory(objective=objective, measure="trips", target=2)
    factories.IndicatorReadingFactory(indicator=indicator, value=1)
    factories.IndicatorFactory(objective=objective, by_hand=True, measure="")
    factories.MilestoneFactory(objective=objective, due_on=date(2015, 9, 1), due_on_precision="month")
    factories.ObjectiveAssociateFactory(objective=objective)
    factories.ObjectivePreconditionFactory(objective=objective)
    factories.ObjectivePreconditionFactory(
        objective=factories.ObjectiveFactory(mandate=mandate), needs=objective, words_fr="", words_en=""
    )
    factories.CitationFactory(record=objective)
    return objective


def parts(whole, *weights: int):
    """Parts of the objective with these weights."""
    with transaction.atomic():
        return [
            factories.ObjectiveFactory(mandate=whole.mandate, parent=whole, weight=weight, horizon=whole.horizon)
            for weight in weights
        ]

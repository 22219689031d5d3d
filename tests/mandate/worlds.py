"""For each measure a small world that holds what it counts and what it must leave out: of what, how much, which records."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from tests import factories as make

World = tuple[str, Any, set]
WORLDS: dict[str, Callable[[], World]] = {}
BEFORE = date(2014, 12, 31)  # the tests measure the year 2015


def world(name: str):
    def keep(build: Callable[[], World]) -> Callable[[], World]:
        WORLDS[name] = build
        return build

    return keep


def trip(**values):
    return make.MissionFactory(done=True, **values)


# --- missions and meetings ---


@world("trips")
def trips() -> World:
    trip(actual_start=BEFORE)
    make.MissionFactory(planned=True)
    return "", 1, {trip()}


@world("trips-to-area")
def trips_to_area() -> World:
    city = make.CityAreaFactory().city
    there = make.DestinationFactory(mission=trip(), city=city, stage="actual")
    make.DestinationFactory(mission=trip(), stage="actual")
    return city.areas.get().slug, 1, {there.mission}


@world("trips-to-city")
def trips_to_city() -> World:
    city = make.CityFactory()
    there = make.DestinationFactory(mission=trip(), city=city)
    elsewhere = make.DestinationFactory(mission=trip(), city=city).mission
    make.DestinationFactory(mission=elsewhere, stage="actual")
    make.DestinationFactory(mission=trip(actual_start=BEFORE), city=city)
    return city.slug, 1, {there.mission}


@world("trips-with-civil-society")
def trips_with_civil_society() -> World:
    with_them = make.ParticipantFactory(mission=trip()).mission
    make.ParticipantFactory(mission=trip(), elected=True)
    make.ParticipantFactory()
    return "", 1, {with_them}


@world("emblematic-with-all-groups")
def emblematic_with_all_groups() -> World:
    groups = make.CouncilGroupFactory.create_batch(2, since=date(2015, 1, 1))
    complete, lacking = trip(emblematic=True), trip(emblematic=True)
    for mission, present in ((complete, groups), (lacking, groups[:1])):
        for group in present:
            make.ParticipantFactory(mission=mission, elected=True, council_group=group)
    trip(emblematic=True)  # nobody noted its groups
    return "", 50, {complete}


@world("bilateral-meetings")
def bilateral_meetings() -> World:
    city = make.CityFactory()
    theirs = make.MeetingFactory(held=True)
    make.ParticipantFactory(mission=None, meeting=theirs, city=city, person=None, quality="", role="counterpart")
    there = make.MeetingFactory(held=True, city=city)
    make.MeetingFactory(city=city)
    make.MeetingFactory(held=True, city=city, kind="visit")
    return city.slug, 2, {theirs, there}


@world("meetings-with-organisation")
def meetings_with_organisation() -> World:
    theirs = make.OrganisationFactory()
    held, planned = make.MeetingFactory(held=True), make.MeetingFactory()
    for meeting in (held, planned):
        make.ParticipantFactory(
            mission=None, meeting=meeting, organisation=theirs, person=None, quality="", role="counterpart"
        )
    return theirs.slug, 1, {held}


# --- events ---


@world("events-of-kind")
def events_of_kind() -> World:
    make.EventFactory(kind="press")
    make.EventFactory(kind="press", held=True, actual_start=BEFORE)
    make.EventFactory(kind="forum", held=True)
    return "press", 1, {make.EventFactory(kind="press", held=True)}


@world("event-held")
def event_held() -> World:
    make.EventFactory(held=True)
    event = make.EventFactory(held=True)
    return event.reference, 1, {event}


@world("sessions-held")
def sessions_held() -> World:
    group = make.EventFactory(kind="working-group")
    make.EventFactory(kind="session", part_of=group)
    return group.reference, 1, {make.EventFactory(kind="session", part_of=group, held=True)}


@world("civil-society-at-event")
def civil_society_at_event() -> World:
    event = make.EventFactory(held=True)
    make.ParticipantFactory.create_batch(2, mission=None, event=event)
    make.ParticipantFactory(mission=None, event=event, quality="", role="guest")
    return event.reference, 2, {event}


def statutory(network, **values):
    return make.EventFactory(kind="statutory", network=network, **values)


@world("network-meetings")
def network_meetings() -> World:
    statutory(make.NetworkFactory())
    make.EventFactory(held=True)
    return "", 1, {statutory(make.NetworkFactory(), held=True)}


@world("meetings-of-network")
def meetings_of_network() -> World:
    network = make.NetworkFactory()
    statutory(network)
    statutory(make.NetworkFactory(), held=True)
    return network.slug, 1, {statutory(network, held=True)}


@world("remembrance-events")
def remembrance_events() -> World:
    make.EventFactory(kind="commemoration")
    make.EventFactory(kind="commemoration", held=True, actual_start=BEFORE)
    return "", 1, {make.EventFactory(kind="commemoration", held=True)}


@world("remembrance-with-schools-or-associations")
def remembrance_with_schools_or_associations() -> World:
    make.EventFactory(kind="inauguration", held=True)
    event = make.EventFactory(kind="commemoration", held=True)
    make.ParticipantFactory(mission=None, event=event, category="youth")
    return "", 50, {event}


# --- the register ---


@world("agreements-with-gender-clause")
def agreements_with_gender_clause() -> World:
    make.AgreementFactory(in_force=True)
    return "", 50, {make.AgreementClauseFactory(agreement=make.AgreementFactory(in_force=True)).agreement}


@world("agreements-in-area")
def agreements_in_area() -> World:
    inside = make.CityAreaFactory()
    live = make.AgreementPartyFactory(agreement=make.AgreementFactory(in_force=True), city=inside.city)
    make.AgreementPartyFactory(city=inside.city)
    make.AgreementPartyFactory(agreement=make.AgreementFactory(in_force=True))
    return inside.area.slug, 1, {live.agreement}


@world("agreements-with-schools")
def agreements_with_schools() -> World:
    def bound(kind):
        party = make.OrganisationFactory(kind=kind)
        agreement = make.AgreementFactory(in_force=True)
        return make.AgreementPartyFactory(agreement=agreement, city=None, organisation=party).agreement

    bound("foundation")
    return "", 1, {bound("school")}


@world("ambassadors-in-agreement-countries")
def ambassadors_in_agreement_countries() -> World:
    bound = [make.AgreementPartyFactory(agreement=make.AgreementFactory(in_force=True)) for _each in range(2)]
    country = bound[0].city.country
    make.AmbassadorFactory(country=country)
    make.AmbassadorFactory(country=bound[1].city.country, until=date(2015, 5, 31))
    make.AmbassadorFactory()
    return "", 50, {country}


@world("networks-joined")
def networks_joined() -> World:
    make.NetworkFactory()
    make.MembershipFactory(network__status="planned")
    return "", 1, {make.MembershipFactory().network}


@world("networks-chaired")
def networks_chaired() -> World:
    make.MembershipFactory()
    return "", 1, {make.MembershipFactory(role="chair").network}


@world("network-members")
def network_members() -> World:
    network = make.NetworkFactory()
    make.NetworkCityFactory()
    make.NetworkCityFactory(network=network, since=BEFORE, since_precision="day", until=BEFORE, until_precision="day")
    return network.slug, 1, {make.NetworkCityFactory(network=network).city}


# --- projects ---


def in_field(**theme):
    return make.ProjectThemeFactory(theme=make.ThemeFactory(**theme))


@world("projects-in-field")
def projects_in_field() -> World:
    found = in_field()
    in_field()
    make.ProjectThemeFactory(theme=found.theme, project__stage="abandoned", project__stopped_reason="Raison inventée.")
    return found.theme.slug, 50, {found.project}


@world("projects-in-priority-fields")
def projects_in_priority_fields() -> World:
    in_field()
    return "", 50, {in_field(is_priority=True).project}


@world("projects-beyond-tradition")
def projects_beyond_tradition() -> World:
    in_field(kind="traditional")
    make.ProjectFactory()
    return "", 50, {in_field(kind="new").project, in_field(kind="opening").project}


@world("projects-in-area")
def projects_in_area() -> World:
    inside = make.CityAreaFactory()
    make.ProjectCityFactory()
    return inside.area.slug, 1, {make.ProjectCityFactory(city=inside.city).project}


@world("transversal-projects")
def transversal_projects() -> World:
    project = make.ProjectFactory()
    make.ProjectOrganisationFactory(project=project, directorate=True)
    make.ProjectOrganisationFactory(project=project, directorate=True, role="associated")
    make.ProjectOrganisationFactory(directorate=True)
    return "", 50, {project}


@world("projects-with-gender-marker")
def projects_with_gender_marker() -> World:
    make.ProjectFactory(gender=0)
    make.ProjectFactory()
    make.ProjectFactory()
    return "", 25, {make.ProjectFactory(gender=1)}


# --- money, calls ---


def external() -> World:
    line = make.FundingLineFactory(external=True)
    make.MovementFactory(line=line, amount=300)
    make.MovementFactory(line=line, amount=50, kind="requested")
    make.MovementFactory(line=line, amount=70, on=BEFORE)
    make.MovementFactory(line=make.FundingLineFactory(project=line.project), amount=740)
    return "", Decimal(300), {line.project}


WORLDS["external-money"] = WORLDS["external-money-of-year"] = external


@world("external-per-city-euro")
def external_per_city_euro() -> World:
    _of, _value, projects = external()
    return "", Decimal("0.50"), projects  # (300 + 70) / 740


def sent(**values):
    usual = {
        "call__programme__kind": "european-commission",
        "stage": "submitted",
        "amount_asked": 1000,
        "total_cost": 2000,
        "submitted_on": date(2015, 3, 2),
        "directorate": make.OrganisationFactory(kind="directorate"),
    }
    return make.ApplicationFactory(**usual | values)


@world("directorates-applying-to-europe")
def directorates_applying_to_europe() -> World:
    one = sent()
    again = sent(directorate=one.directorate)
    sent(call__programme__kind="other")
    sent(submitted_on=BEFORE)
    make.ApplicationFactory(call__programme__kind="european-commission")
    return "", 1, {one, again}


@world("european-programmes-applied-to")
def european_programmes_applied_to() -> World:
    one = sent()
    again = sent(call=one.call)
    sent(call__programme__kind="other")
    return "", 1, {one, again}


@world("european-applications")
def european_applications() -> World:
    sent(call__programme__kind="other")
    sent(submitted_on=BEFORE)
    return "", 1, {sent()}


@world("obtained-in-year")
def obtained_in_year() -> World:
    won = sent(stage="won", decided_on=date(2015, 4, 7), amount_obtained=600)
    sent(stage="lost", decided_on=date(2015, 4, 7), decision_reason="Raison inventée.")
    sent(stage="won", submitted_on=BEFORE, decided_on=BEFORE, amount_obtained=400)
    return "", Decimal(600), {won}


# --- culture and exchanges ---


@world("rotation-repeats")
def rotation_repeats() -> World:
    recipient = make.OrganisationFactory()
    again = {year: make.CulturalProjectFactory(recipient=recipient, year=year) for year in (2014, 2015)}
    make.CulturalProjectFactory(recipient=make.OrganisationFactory(), year=2015)
    return "", 1, {again[2015]}


@world("tandems")
def tandems() -> World:
    make.CulturalProjectFactory(kind="tandem", status="past")
    make.CulturalProjectFactory(kind="tandem", status="planned", year=2015)
    make.CulturalProjectFactory(kind="tandem", status="past", year=2014)
    return "", 1, {make.CulturalProjectFactory(kind="tandem", status="current", year=2015)}


@world("programme-editions")
def programme_editions() -> World:
    edition = make.EditionFactory()
    make.EditionFactory()
    make.EditionFactory(programme=edition.programme, year=2014)
    return edition.programme.slug, 1, {edition}


@world("programme-cities")
def programme_cities() -> World:
    city, programme = make.CityFactory(), make.ExchangeProgrammeFactory()
    make.EditionFactory(programme=programme, city=city)
    make.EditionFactory(programme=programme)
    make.EditionFactory(programme=programme, city=make.CityFactory(), year=2014)
    return programme.slug, 1, {city}


# --- funds, honours, residencies ---


@world("fund-budget-of-year")
def fund_budget_of_year() -> World:
    envelope = make.EnvelopeFactory(commitment_authorised=250000)
    make.EnvelopeFactory(fund=envelope.fund, year=2014)
    return envelope.fund.slug, Decimal(250000), {envelope}


@world("fund-committed-of-year")
def fund_committed_of_year() -> World:
    envelope = make.EnvelopeFactory()
    make.AllocationFactory(envelope=envelope)  # of a draft, which takes nothing yet
    return envelope.fund.slug, Decimal(0), {envelope}


@world("honours-before-commission")
def honours_before_commission() -> World:
    make.HonourFactory()
    examined = make.HonourFactory(
        stage="examined", nominated_on=date(2015, 3, 2), examined_on=date(2015, 4, 7), opinion_fr="Avis inventé."
    )
    return "", 1, {examined}


@world("residencies-begun")
def residencies_begun() -> World:
    make.ResidencyFactory(since=None, since_precision="unknown")
    make.ResidencyFactory(since=BEFORE, since_precision="day")
    return "", 1, {make.ResidencyFactory(since=date(2015, 3, 2), since_precision="day")}


@world("refuges-begun")
def refuges_begun() -> World:
    make.ProtectedFileFactory.create_batch(5, kind="refuge", begins_on=date(2015, 3, 2))
    make.ProtectedFileFactory(kind="refuge", begins_on=date(2014, 3, 2))
    return "", 5, set()

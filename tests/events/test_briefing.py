"""The briefing: what a reader may know before a meeting, on the page and on paper, and what she may not."""

import io
import re
from datetime import date, time
from timeit import repeat

import pytest
from django.urls import reverse
from django.utils import translation
from pypdf import PdfReader

from core.enums import Audience
from core.roles import Role
from events import dossiers
from events.printing import briefing_pdf
from events.selectors.briefings import Briefing, briefing
from tests import factories as make

pytestmark = pytest.mark.django_db

QUERIES = 23

SECTIONS = [
    "promises",
    "relations",
    "agreements",
    "projects",
    "grants",
    "networks",
    "people",
    "past",
    "coming",
    "watch",
]


@pytest.fixture(autouse=True)
def _in_english():
    translation.activate("en")


@pytest.fixture
def city():
    """A city of which something is known in every section."""
    city = make.CityFactory(name_fr="Exampleville", name_en="Exampleville")
    make.RelationFactory(city=city, description_en="Tie between two rivers")
    agreement = make.AgreementFactory(signed=True, title_en="Agreement on rivers")
    make.AgreementPartyFactory(agreement=agreement, city=city)
    project = make.ProjectFactory(under_way=True, title_en="Project on rivers")
    make.ProjectCityFactory(project=project, city=city)
    line = make.FundingLineFactory(project=project)
    make.MovementFactory(line=line, kind="committed", amount="60000", on=date(2015, 3, 2))
    make.GrantPlaceFactory(grant__title_en="Grant for rivers", city=city)
    network = make.NetworkFactory(name_en="Network of rivers")
    make.MembershipFactory(network=network)
    make.NetworkCityFactory(network=network, city=city)
    make.PersonRoleFactory(
        person__name="Example Mayor", person__email="mayor@example.test", person__phone="0100000000", city=city
    )
    trip = make.MissionFactory(done=True, title_en="Trip to the rivers")
    make.DestinationFactory(mission=trip, city=city, stage="actual")
    make.OutcomeFactory(mission=trip, what_en="A letter of intent on rivers.")
    make.PromiseFactory(
        mission=trip, city=city, what_en="Send the map of rivers", due_on=date(2015, 5, 1), due_on_precision="day"
    )
    visit = make.DelegationFactory(confirmed=True, city=city, title_en="Visit from the rivers")
    assert visit.pk
    for audience in Audience.values:
        make.WatchNoteFactory(city=city, title=f"Watch {audience}", audience=audience)
        meeting = make.MeetingFactory(mission=trip, held=True, title_en=f"Talk {audience}")
        make.MeetingNoteFactory(meeting=meeting, text=f"Said {audience}.", audience=audience)
    return city


def words(found: Briefing) -> str:
    return "\n".join(
        f"{line.when} {line.what} {line.detail}"
        for part in found.parts
        for section in part.sections
        for line in section.lines
    )


def text(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


def test_every_section_says_what_is_known(city):
    found = briefing(city, make.UserFactory(role=Role.OFFICER))
    (part,) = found.parts
    assert [section.key for section in part.sections] == SECTIONS
    said = {section.key: sorted(line.what for line in section.lines) for section in part.sections}
    assert said == {
        "promises": ["Send the map of rivers"],
        "relations": ["Partner"],
        "agreements": ["Agreement on rivers"],
        "projects": ["Project on rivers"],
        "grants": ["Grant for rivers"],
        "networks": ["Network of rivers"],
        "people": ["Example Mayor"],
        "past": ["Talk city", "Talk deputies", "Talk staff", "Trip to the rivers"],
        "coming": ["Visit from the rivers"],
        "watch": ["Watch city", "Watch deputies", "Watch staff"],
    }
    assert "Send the map of rivers" in words(found)
    (promise,) = part.sections[0].lines
    assert promise.alert
    assert "overdue" in promise.detail
    assert "€60,000" in words(found)
    assert "A letter of intent on rivers." in words(found)


def test_nobody_s_address_is_carried_about(city):
    found = briefing(city, make.UserFactory(role=Role.ADMINISTRATOR))
    assert "example.test" not in words(found)
    assert "0100000000" not in words(found)


@pytest.mark.parametrize(
    ("role", "seen", "hidden"),
    [
        (Role.OFFICER, ["city", "deputies", "staff"], []),
        (Role.DEPUTY, ["city", "deputies"], ["staff"]),
        (Role.AUDITOR, ["city"], ["deputies", "staff"]),
    ],
)
def test_it_differs_between_readers_and_leaks_nothing(city, role, seen, hidden):
    reader = make.UserFactory(role=role)
    found = briefing(city, reader)
    on_paper = text(briefing_pdf(found, reader))
    for said in (words(found), on_paper):
        for audience in seen:
            assert f"Watch {audience}" in said
            assert f"Said {audience}." in said
        for audience in hidden:
            assert f"Watch {audience}" not in said
            assert f"Said {audience}." not in said


def test_before_a_trip_it_holds_the_trip_and_each_of_its_cities(city):
    trip = make.MissionFactory(
        planned=True, emblematic=True, planned_start=date(2015, 6, 20), planned_start_precision="day"
    )
    other = make.CityFactory(name_fr="Othertown", name_en="Othertown")
    for place in (city, other):
        make.DestinationFactory(mission=trip, city=place)
    make.ParticipantFactory(mission=trip, quality="elected", category="", person__name="Example Member")
    group = make.CouncilGroupFactory(name="Example Group")
    make.MeetingFactory(mission=trip, title_en="Talk on water", agenda_en="Wells and springs")
    found = briefing(trip, make.UserFactory(role=Role.DEPUTY))
    assert [part.title.partition(",")[0] for part in found.parts] == ["The mission", "Exampleville", "Othertown"]
    said = words(found)
    assert "Example Member has no special mandate (voted before the departure)." in said
    assert f"Council groups not represented {group.name}" in said
    assert "Wells and springs" in said
    # The trip that it is for is no news of its own cities.
    assert "Send the map of rivers" in said
    assert trip.title not in {line.what for line in found.parts[1].sections[SECTIONS.index("coming")].lines}


def test_a_city_of_which_nothing_is_known_says_so():
    city = make.CityFactory()
    reader = make.UserFactory(role=Role.DEPUTY)
    found = briefing(city, reader)
    assert all(section.lines == [] and section.empty for section in found.parts[0].sections)
    assert "Nothing is promised and still open." in text(briefing_pdf(found, reader))


def test_it_asks_as_often_for_much_as_for_little(city, django_assert_num_queries):
    reader, another = make.UserFactory(role=Role.OFFICER), make.UserFactory(role=Role.OFFICER)
    with django_assert_num_queries(QUERIES):
        briefing(city, reader)
    for number in range(3):
        trip = make.MissionFactory(done=True)
        make.DestinationFactory(mission=trip, city=city, stage="actual")
        make.PromiseFactory(mission=trip, city=city)
        make.OutcomeFactory(mission=trip)
        make.WatchNoteFactory(city=city)
        make.ProjectCityFactory(city=city)
        make.MeetingNoteFactory(meeting__mission=trip, meeting__held=True)
        make.ParticipantFactory(mission=trip, person__name=f"Example Traveller {number}")
    with django_assert_num_queries(QUERIES):
        briefing(city, another)


def test_the_pdf_is_tagged_titled_and_in_the_reader_s_language(city):
    reader = make.UserFactory(role=Role.OFFICER)
    with translation.override("fr"):
        made = PdfReader(io.BytesIO(briefing_pdf(briefing(city, reader), reader)))
        title = f"Note de briefing\N{NO-BREAK SPACE}: {city.name}"
    root = made.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"].value is True
    assert "/StructTreeRoot" in root
    assert root["/Lang"] == "fr"
    assert made.metadata is not None
    assert made.metadata.title == title
    assert b"pdfuaid" in made.trailer["/Root"]["/Metadata"].get_data()
    assert "Promesses en cours" in " ".join(page.extract_text() for page in made.pages)


@pytest.mark.parametrize(
    ("role", "audience"),
    [
        (Role.OFFICER, "The department"),
        (Role.DEPUTY, "The department and the deputies"),
        (Role.AUDITOR, "Everyone who signs in"),
    ],
)
def test_every_page_says_whom_it_is_for(city, client, role, audience):
    for number in range(60):
        make.WatchNoteFactory(city=city, title=f"Note {number}", audience=Audience.CITY)
    reader = make.UserFactory(role=role, first_name="Ada", last_name="Example", language="en")
    said = f"Visible to: {audience} · Made for Ada Example"
    pages = PdfReader(io.BytesIO(briefing_pdf(briefing(city, reader), reader))).pages
    assert len(pages) > 1
    assert all(said in page.extract_text() for page in pages)
    client.force_login(reader)
    printed = client.get(reverse("events:city-briefing", args=[city.slug])).content.decode()
    assert f'data-made-for="{said}"' in printed


def test_code_of_the_typesetter_is_text(city):
    make.WatchNoteFactory(city=city, title='#read("/manage.py") $x$ *bold* <label>', audience=Audience.CITY)
    reader = make.UserFactory(role=Role.AUDITOR)
    said = text(briefing_pdf(briefing(city, reader), reader))
    assert '#read("/manage.py") $x$ *bold* <label>' in said


def test_it_is_made_in_under_a_second(city):
    reader = make.UserFactory(role=Role.OFFICER)
    briefing_pdf(briefing(city, reader), reader)  # the fonts are read once
    assert min(repeat(lambda: briefing_pdf(briefing(city, reader), reader), number=1, repeat=3)) < 1


def test_a_meeting_that_is_planned_with_the_city_is_coming(deputy, city):
    make.MeetingFactory(city=city, title_en="Talk to come")
    (part,) = briefing(city, deputy).parts
    coming = next(section for section in part.sections if section.key == "coming")
    assert "Talk to come" in [line.what for line in coming.lines]


def test_what_took_place_with_a_city_that_a_mission_concerns_is_told(deputy):
    city = make.CityFactory()
    make.DelegationFactory(received=True, city=city, title_en="Visit in autumn")
    mission = make.MissionFactory(planned=True)
    make.TieFactory(mission=mission, city=city)
    assert "Visit in autumn" in words(briefing(mission, deputy))


def test_what_is_coming_stands_in_the_order_of_its_days_and_without_what_is_cancelled(deputy):
    city = make.CityFactory()

    def day(number: int, name: str = "planned_start"):
        return {name: date(2015, 7, number), f"{name}_precision": "day"}

    make.DelegationFactory(city=city, title_en="undated")
    make.MeetingFactory(city=city, title_en="talk without day")
    make.DelegationFactory(city=city, title_en="visit of the 9th", **day(9))
    make.EventFactory(planned_city=city, title_en="event of the 3rd", **day(3))
    for hour in (16, 9):
        make.MeetingFactory(city=city, title_en=f"talk at {hour}", starts_at=time(hour), **day(5, "day"))
    make.DestinationFactory(
        mission__title_en="trip of the 1st", city=city, **{f"mission__{k}": v for k, v in day(1).items()}
    )
    for kind, factory in (
        ("mission", make.MissionFactory),
        ("delegation", make.DelegationFactory),
        ("event", make.EventFactory),
    ):
        over = factory(status="cancelled", cancelled_reason="invented")
        make.MeetingFactory(city=city, title_en=f"of a cancelled {kind}", **{kind: over})
    (part,) = briefing(city, deputy).parts
    coming = next(section for section in part.sections if section.key == "coming")
    in_order = ["trip of the 1st", "event of the 3rd", "talk at 9", "talk at 16", "visit of the 9th"]
    assert [line.what for line in coming.lines] == [*in_order, "undated", "talk without day"]
    met = dossiers.met(deputy, city)
    assert {row.title for row in met.coming} == {*in_order, "undated", "talk without day"}


def section(part, key: str) -> list[str]:
    return [line.what for found in part.sections if found.key == key for line in found.lines]


def test_a_trip_tells_its_meetings_once_and_none_that_is_cancelled(deputy):
    city = make.CityFactory()
    trip = make.DestinationFactory(city=city).mission
    make.MeetingFactory(mission=trip, title_en="Kept")
    make.MeetingFactory(mission=trip, title_en="Held", held=True)
    make.MeetingFactory(mission=trip, title_en="Over", status="cancelled", cancelled_reason="Raison inventée.")
    own, there = briefing(trip, deputy).parts
    assert sorted(section(own, "meetings")) == ["Held", "Kept"]
    assert (section(there, "past"), section(there, "coming")) == ([], [])


def test_a_mission_that_is_cancelled_says_so_first(deputy):
    trip = make.MissionFactory(status="cancelled", cancelled_reason="Raison inventée.", purpose_fr="But")
    first = briefing(trip, deputy).parts[0].sections[0].lines[0]
    assert (first.what, first.detail, first.alert) == ("The mission is cancelled.", "Raison inventée.", True)


def test_meetings_of_which_nobody_knows_the_day_hide_none_with_a_day(deputy, city):
    for _each in range(7):
        make.MeetingFactory(city=city, held=True, day=None, day_precision="unknown")
    make.MeetingFactory(city=city, title_en="Talk of May", held=True, day=date(2015, 5, 30), day_precision="day")
    (part,) = briefing(city, deputy).parts
    assert "Talk of May" in section(part, "past")


def test_what_is_written_in_another_language_is_marked(client):
    city = make.CityFactory()
    make.MeetingFactory(city=city, title_fr="Entretien", title_en="", day=date(2015, 6, 9), day_precision="day")
    client.force_login(make.UserFactory(role=Role.DEPUTY, language="en"))
    for address in (f"/briefings/cities/{city.slug}/", "/agenda/?month=2015-06"):
        page = client.get(address).content.decode()
        assert re.search(r'<(a|span)[^>]* lang="fr">Entretien<', page), address


def test_a_mission_carries_its_travel_its_mandates_and_its_cost(deputy):
    trip = make.MissionFactory(confirmed=True, planned_cost=6400)
    make.ParticipantFactory(mission=trip, elected=True, person__name="Ada", mandate__number="2015 DGRI 7")
    make.ParticipantFactory(mission=trip, staff=True, person__name="Bob")
    make.LegFactory(
        mission=trip,
        mode="plane",
        origin="Paris",
        destination="Kinshasa",
        carrier="EX 567",
        leaves_on=date(2015, 7, 6),
        leaves_at=time(7, 15),
        arrives_at=time(14, 5),
        passengers=2,
    )
    said = {section.key: section.lines for section in briefing(trip, deputy).parts[0].sections}
    assert list(said) == ["purpose", "delegation", "travel", "programme", "meetings", "cost"]
    (leg,) = said["travel"]
    assert (leg.what, leg.when) == ("Paris – Kinshasa", "6 July 2015, 07:15–14:05")
    assert leg.detail == "Plane, EX 567, 2 people"
    assert [line.detail for line in said["delegation"]] == [
        "Elected member\nSpecial mandate: 2015 DGRI 7, voted: 9 February 2015",
        "Staff of the City\nMission order: OM-2015-1, 9 February 2015",
    ]
    assert [(line.what, line.detail) for line in said["cost"]] == [("Planned cost", "€6,400")]
    over = make.MissionFactory(done=True, actual_cost=7000)
    make.ParticipantFactory(mission=over, quality="elected", person__name="Eve", uncovered_reason="Urgence.")
    said = {section.key: section.lines for section in briefing(over, deputy).parts[0].sections}
    assert [line.what for line in said["delegation"] if line.alert] == [
        "Eve has no special mandate (voted before the departure). Why: Urgence."
    ]
    assert [(line.what, line.detail) for line in said["cost"]] == [("Actual cost", "€7,000")]


def test_the_last_encounter_lies_before_the_meeting_and_is_not_its_own_trip(deputy):
    city = make.CityFactory()

    def held(day: date | None, precision="day", **values):
        return make.MeetingFactory(city=city, status="held", day=day, day_precision=precision, **values)

    def last(meeting):
        return dossiers.meeting_dossier(deputy, meeting.pk).last

    first, second = held(date(2014, 3, 3)), held(date(2014, 5, 1), "month")
    trip = make.MissionFactory(done=True)
    make.DestinationFactory(mission=trip, city=city)
    third = held(date(2015, 3, 3), mission=trip)
    for number in range(dossiers.RECALLED):
        held(date(2015, 4, 1 + number))
    assert last(first) is None
    assert last(second) == first
    assert last(third) == second
    assert last(held(date(2014, 5, 20))) == first  # some day of May may have been later
    assert last(held(None, "unknown")) is None
    assert last(make.MeetingFactory(city=city)).day == date(2015, 4, dossiers.RECALLED)

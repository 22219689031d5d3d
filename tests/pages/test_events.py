"""Pages of missions, visits, events, meetings and promises: what they say, to whom, and that more rows ask no more."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from core.roles import Role
from events import presentation, services
from tests import factories
from tests.pages.conftest import diary

pytestmark = pytest.mark.django_db

LISTS = ["/agenda/", "/missions/", "/delegations/", "/events/", "/promises/"]
# Queries of a page, reading the session, the user and her roles included.
AGENDA, MISSIONS, DELEGATIONS, EVENTS, PROMISES = 17, 17, 17, 14, 14
RECORDS = {
    "mission": 32,
    "delegation": 25,
    "event": 29,
    "meeting": 27,
    "promise": 15,
    "network": 17,
    "project": 28,
}


def queries(client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def read(client, address: str, **query) -> str:
    response = client.get(address, query)
    assert response.status_code == 200
    return response.content.decode()


def test_a_list_asks_as_much_for_one_row_as_for_three(deputy):
    diary()
    counted = []
    for _rows in range(2):
        for address in LISTS:
            deputy.get(address)
        counted.append({address: queries(deputy, address) for address in LISTS})
        diary()
        diary()
    expected = dict(zip(LISTS, (AGENDA, MISSIONS, DELEGATIONS, EVENTS, PROMISES), strict=True))
    assert counted == [expected, expected]


def test_a_record_asks_as_much_for_one_part_as_for_three(deputy):
    found = diary()
    addresses = {name: getattr(found, name).get_absolute_url() for name in RECORDS}
    for address in addresses.values():
        deputy.get(address)
    counted = [{name: queries(deputy, address) for name, address in addresses.items()}]
    for _row in range(2):
        more(found)
    counted.append({name: queries(deputy, address) for name, address in addresses.items()})
    assert counted == [RECORDS, RECORDS]


def more(found) -> None:
    """Another row of each kind on each record."""
    factories.DestinationFactory(mission=found.mission)
    factories.ParticipantFactory(
        mission=found.mission, elected=True, person__council_group=factories.CouncilGroupFactory()
    )
    factories.LegFactory(mission=found.mission, distance_km=9, passengers=1, factor=factories.EmissionFactorFactory())
    factories.ExpertiseFactory(delegation=found.delegation, shown_by=factories.OrganisationFactory())
    factories.BidStageFactory(event=found.event)
    factories.PreconditionFactory(event=found.event)
    factories.EventFactory(network=found.network)
    factories.TieFactory(mission=None, meeting=found.meeting)
    factories.TieFactory(mission=None, promise=found.promise)
    factories.TieFactory(city=None, project=found.project)
    factories.MeetingNoteFactory(meeting=found.meeting, audience="city")
    factories.ParticipantFactory(mission=None, meeting=found.meeting)
    for kind in ("mission", "delegation", "event"):
        subject = {"mission": None} | {kind: getattr(found, kind)}
        meeting = factories.MeetingFactory(**subject, city=factories.CityFactory())
        factories.MeetingNoteFactory(meeting=meeting, audience="deputies")
        factories.ParticipantFactory(mission=None, meeting=meeting)
        factories.ProgrammeItemFactory(**subject)
        factories.TieFactory(**subject)
        factories.OutcomeFactory(**subject, led_to_grant=factories.GrantFactory())
        factories.PromiseFactory(**subject, city=found.city)


# --- the agenda ---


def test_the_agenda_keeps_vague_dates_vague_and_those_without_any_apart(deputy):
    factories.MissionFactory(title_en="Example Trip", confirmed=True)
    factories.EventFactory(title_en="Example Forum", planned_start=date(2015, 7, 1), planned_start_precision="month")
    factories.EventFactory(title_en="Example Day", planned_start=date(2015, 1, 1), planned_start_precision="year")
    factories.MissionFactory(title_en="Example Wish", when_en="once the set-up is final")
    factories.EventFactory(title_en="Example Cancelled", status="cancelled", cancelled_reason="Raison inventée.")
    factories.CouncilSittingFactory(starts_on=date(2015, 7, 6), ends_on=date(2015, 7, 8))
    body = read(deputy, "/agenda/", month="2015-07")
    assert "<h1>July 2015: 2 entries</h1>" in body
    places = [
        body.index(text)
        for text in (
            "6 July 2015 – 9 July 2015",
            "July 2015, day not known",
            "Example Forum",
            ">2015, day not known",
            "Example Day",
            "Date not set yet",
            "Example Wish",
            "once the set-up is final",
        )
    ]
    assert places == sorted(places)
    assert "Example Cancelled" not in body
    assert body.count("(goes on)") == 5  # three days of the trip, two of the Council
    assert 'href="?month=2015-06"' in body
    assert 'href="?month=2015-08"' in body
    only = read(deputy, "/agenda/", month="2015-07", kind="council")
    assert "Sitting of the Council" in only
    assert "Example Trip" not in only
    assert 'href="?month=2015-08&amp;kind=council"' in only


def test_the_agenda_warns_of_somebody_expected_in_two_places(deputy):
    someone = factories.PersonFactory(name="Alix Exemple")
    mission = factories.MissionFactory(title_en="Example Trip", confirmed=True)
    factories.DestinationFactory(mission=mission)
    event = factories.EventFactory(title_en="Example Forum", confirmed=True, planned_city=factories.CityFactory())
    factories.ParticipantFactory(mission=mission, person=someone)
    assert "In two places at once" not in read(deputy, "/agenda/", month="2015-07")
    factories.ParticipantFactory(mission=None, event=event, person=someone)
    body = read(deputy, "/agenda/", month="2015-07")
    assert "1 conflict" in body
    alert = body[body.index("In two places at once") :]
    assert alert.index("6 July 2015") < alert.index("Alix Exemple") < alert.index("Example Forum")


@pytest.mark.parametrize("query", [{"month": "soon"}, {"month": "2015-13"}, {"kind": "party"}, {"zone": "here"}])
def test_a_month_or_kind_that_is_none_is_answered_with_a_sentence(deputy, query):
    body = read(deputy, "/agenda/", **query)
    assert "This list cannot be narrowed as asked." in body
    assert "<h1>Agenda</h1>" in body
    assert "June 2015" in body


@pytest.mark.parametrize(
    ("month", "sentence"),
    [
        ("soon", "Write it as 2015-06."),
        *((month, "Ask for a month from 1900-01 to 2200-12.") for month in ("2015-99", "9999-12", "0000-01")),
    ],
)
def test_a_month_out_of_range_is_told_from_what_is_no_month(deputy, month, sentence):
    assert f"Month — {sentence}" in read(deputy, "/agenda/", month=month)


# --- lists ---


def test_an_empty_page_says_why_and_what_next(deputy):
    for address, sentence in {
        "/agenda/": "Nothing stands on a known day of this month.",
        "/missions/": "No mission is recorded yet.",
        "/delegations/": "No delegation is recorded yet: how many came is not known.",
        "/events/": "No event is recorded yet.",
        "/promises/": "No promise is recorded yet: what was promised is not known.",
    }.items():
        assert sentence in read(deputy, address), address


def test_each_list_is_narrowed_by_each_of_its_filters(deputy):
    found = diary()
    other = {"mission": factories.MissionFactory(), "delegation": factories.DelegationFactory()}
    other |= {"event": factories.EventFactory(), "promise": factories.PromiseFactory(kept=True, side="theirs")}
    found.mission.horizon = "mid-term"
    found.mission.save()
    asked = {
        "mission": [
            {"status": "planned"},
            {"horizon": "mid-term"},
            {"country": found.city.country.code},
            {"year": "2015"},
            {"q": found.mission.reference},
        ],
        "delegation": [{"status": "received"}, {"country": found.city.country.code}, {"year": "2015"}],
        "event": [{"kind": "bid"}, {"network": found.network.slug}, {"year": "2015"}, {"status": "held"}],
        "promise": [{"side": "ours"}, {"status": "open"}, {"city": found.city.slug}, {"due_before": "2015-05-02"}],
    }
    for name, all_asked in asked.items():
        for query in all_asked:
            body = read(deputy, f"/{name}s/", **query)
            assert f'href="{getattr(found, name).get_absolute_url()}"' in body, query
            assert f'href="{other[name].get_absolute_url()}"' not in body, query
        assert f"No {name} matches all of this." in read(deputy, f"/{name}s/", q="zzz")
        wrong = read(deputy, f"/{name}s/", status="nowhere")
        assert "This list cannot be narrowed as asked." in wrong
        partial = deputy.get(f"/{name}s/", headers={"hx-request": "true"}).content.decode()
        assert "<html" not in partial
        assert 'hx-swap-oob="innerHTML:#count"' in partial


def test_the_lists_say_in_a_sentence_where_we_stand(deputy):
    factories.MissionFactory(done=True)
    factories.MissionFactory(planned_start=date(2014, 9, 1), planned_start_precision="season", planned=True)
    factories.DelegationFactory(received=True)
    factories.DelegationFactory(city=None, organisation=factories.OrganisationFactory(), received=True)
    body = read(deputy, "/missions/")
    assert "<h1>1 mission in preparation, 1 took place</h1>" in body
    assert body.count("its date has passed") == 1
    body = read(deputy, "/delegations/")
    assert "<h1>2 delegations received</h1>" in body
    assert "Most were received in 2015" in body
    assert "Country not known" in body


def test_a_series_shows_its_parts_and_a_narrowed_list_finds_them_alone(deputy):
    series = factories.EventFactory(kind="public-day", title_en="Example Open Day")
    factories.EventFactory(kind="edition", part_of=series, title_en="Example Open Day 2015", held=True)
    body = read(deputy, "/events/")
    assert "1 event or series" in body
    assert body.count("Example Open Day 2015") == 1
    alone = read(deputy, "/events/", kind="edition")
    assert "1 event or series" not in alone
    assert "Example Open Day 2015" in alone
    assert "part of" in alone
    assert "Example Open Day 2015" in read(deputy, series.get_absolute_url())


def test_what_happens_in_the_world_is_none_of_the_city_s_events(deputy):
    factories.EventFactory(held=True)
    happened = factories.EventFactory(kind="world", held=True, title_en="Example Storm")
    body = read(deputy, "/events/")
    assert "<h1>No event planned, 1 took place, 1 in the world</h1>" in body
    row = body[body.index("Example Storm") :]
    assert "in the world" in row[: row.index("</tr>")]
    assert "Held" not in row[: row.index("</tr>")]
    page = read(deputy, happened.get_absolute_url())
    assert "An event in the world." in page
    for of_our_own in ('id="life-title"', "planned", "Who takes part", "The purpose is not recorded."):
        assert of_our_own not in page[page.index("<main") : page.index("</main>")], of_our_own


def test_the_ledger_puts_what_is_overdue_first(deputy):
    due = {"Year": (date(2015, 1, 1), "year"), "Late": (date(2015, 5, 1), "day"), "Month": (date(2015, 6, 1), "month")}
    for name, (day, precision) in due.items():
        factories.PromiseFactory(what_en=f"Example {name}", due_on=day, due_on_precision=precision)
    factories.PromiseFactory(what_en="Example Undated")
    factories.PromiseFactory(what_en="Example Kept", kept=True, due_on=date(2014, 5, 1), due_on_precision="day")
    body = read(deputy, "/promises/")
    assert "<h1>4 open promises, 1 overdue</h1>" in body
    places = [body.index(f"Example {name}<") for name in ("Late", "Year", "Month", "Undated", "Kept")]
    assert places == sorted(places)
    assert body.count('<span class="word">Overdue</span>') == 1


# --- records ---


def test_a_mission_names_who_lacks_a_mandate_which_groups_are_missing_and_what_is_still_promised(deputy):
    here, missing = factories.CouncilGroupFactory(name="Groupe A"), factories.CouncilGroupFactory(name="Groupe B")
    mission = factories.MissionFactory(
        planned=True,
        emblematic=True,
        planned_start=date(2015, 6, 20),
        planned_start_precision="day",
        planned_cost=5000,
    )
    place = factories.DestinationFactory(mission=mission)
    factories.ParticipantFactory(mission=mission, quality="elected", person__name="Alix Exemple", council_group=here)
    factories.ParticipantFactory(mission=mission, person=None, description_fr="Associations inventées")
    factories.PromiseFactory(
        city=place.city, what_en="Example Exchange", due_on=date(2015, 5, 1), due_on_precision="day"
    )
    body = read(deputy, mission.get_absolute_url())
    before = body[body.index("Before you go") : body.index('id="purpose-title"')]
    assert "Alix Exemple has no special mandate" in before
    assert "1 promise is still open with its cities" in before
    assert '<span class="word">Overdue</span>' in before
    assert f"/briefings/missions/{mission.reference}/?format=pdf" in before
    assert "1 group of the Council is missing" in body
    groups = body[body.index('id="groups"') :]
    assert groups.index("Represented") < groups.index(here.name) < groups.index("Missing<") < groups.index(missing.name)
    assert "(number not known)" in body
    assert "€5,000" in body
    assert "emissions are not known" in body


def test_what_was_planned_and_what_happened_stay_apart(deputy):
    planned, held = (factories.CityFactory(name_en=f"Example {name}") for name in ("Harbour", "Bridge"))
    event = factories.EventFactory(
        held=True,
        planned_city=planned,
        held_city=held,
        planned_start=date(2014, 9, 1),
        planned_start_precision="season",
    )
    body = read(deputy, event.get_absolute_url())
    places = [
        body.index(text) for text in ("Where, as planned", "Example Harbour", "Where it was held", "Example Bridge")
    ]
    assert places == sorted(places)
    assert body.index("autumn 2014") < body.index("When it took place") < body.rindex("2 March 2015")
    assert "planned in: Example Harbour" in read(deputy, "/events/")
    mission = factories.MissionFactory(done=True, planned_cost=5000, actual_cost=6000)
    factories.LegFactory(mission=mission, distance_km=300, passengers=2, factor=factories.EmissionFactorFactory())
    factories.LegFactory(mission=mission)
    body = read(deputy, mission.get_absolute_url())
    assert "actual − planned: +€1,000" in body
    assert "Travel: at least 6 kg CO2e" in body
    assert "Nobody recorded which groups went along." in body
    assert "Before you go" not in body


def test_a_life_ends_where_it_was_cancelled_or_released_and_says_why(reader):
    officer = reader(Role.OFFICER)
    mission = factories.MissionFactory()
    services.cancel_mission(mission, actor=officer.user, reason="No longer wanted.")
    body = read(officer, mission.get_absolute_url())
    assert "No longer wanted." in body
    steps = presentation.life_steps(mission.__class__.objects.get(pk=mission.pk))
    assert [(str(step.label), step.state) for step in steps][-1][1] == "current"
    promise = factories.PromiseFactory()
    services.release_promise(promise, actor=officer.user, closed_on=date(2015, 5, 4), reason="Both agreed.")
    body = read(officer, promise.get_absolute_url())
    assert "Both agreed." in body
    assert "4 May 2015" in body


def test_notes_are_read_by_those_whom_they_are_written_for(reader):
    meeting = factories.MeetingFactory(mission=factories.MissionFactory(), held=True)
    for audience in ("staff", "deputies", "city"):
        factories.MeetingNoteFactory(meeting=meeting, audience=audience, text=f"Example for {audience}.")
    seen = {Role.OFFICER: 3, Role.DEPUTY: 2, Role.AUDITOR: 1}
    for role, count in seen.items():
        client = reader(role)
        for record in (meeting, meeting.mission):
            assert read(client, record.get_absolute_url()).count("Example for ") == count, (role, record)


# --- what lower floors show ---


def test_the_pages_below_show_what_is_tied_to_them_and_the_city_its_open_promises_first(deputy):
    found = diary()
    body = read(deputy, found.city.get_absolute_url())
    assert body.index("3 open promises") < body.index('id="ties-title"') < body.index("What lies ahead")
    assert f"/briefings/cities/{found.city.slug}/" in body
    assert f'href="{found.mission.get_absolute_url()}"' in body
    assert "No open promise" in read(deputy, factories.CityFactory().get_absolute_url())
    network = read(deputy, found.network.get_absolute_url())
    assert found.event.title_en in network
    assert f'href="{found.meeting.get_absolute_url()}"' in network
    agreement, grant = factories.AgreementFactory(), factories.GrantFactory()
    factories.TieFactory(city=None, agreement=agreement, mission=found.mission)
    factories.OutcomeFactory(mission=found.mission, led_to_grant=grant)
    for record in (found.project, agreement, grant):
        body = read(deputy, record.get_absolute_url())
        assert "Missions, visits and events" in body
        assert body.count(f'href="{found.mission.get_absolute_url()}"') == 1, record


# --- briefings ---


def test_a_briefing_is_a_page_and_a_pdf_in_either_language_and_holds_what_its_reader_may_see(reader):
    found = diary()
    factories.WatchNoteFactory(city=found.city, audience="staff", text="Example secret.")
    factories.WatchNoteFactory(city=found.city, audience="deputies", text="Example politics.")
    seen = {
        Role.OFFICER: ("Example secret.", "Example politics."),
        Role.DEPUTY: ("Example politics.",),
        Role.AUDITOR: (),
    }
    badges = {Role.OFFICER: "staff", Role.DEPUTY: "deputies", Role.AUDITOR: "city"}
    for role, texts in seen.items():
        client = reader(role)
        for address in (f"/briefings/cities/{found.city.slug}/", f"/briefings/missions/{found.mission.reference}/"):
            body = read(client, address)
            for text in ("Example secret.", "Example politics."):
                assert (text in body) == (text in texts), (role, address, text)
            assert f'class="audience {badges[role]}"' in body
            assert "To watch" in body
    french = read(client, address, language="fr")
    assert '<html lang="fr"' in french
    response = client.get(address, {"format": "pdf", "language": "fr"})
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == f'inline; filename="briefing-{found.mission.reference.lower()}.pdf"'
    assert response["Cache-Control"] == "private, no-store"
    assert response.content.startswith(b"%PDF")


def test_a_briefing_in_a_form_or_language_that_is_none_is_refused(deputy):
    address = f"/briefings/cities/{factories.CityFactory().slug}/"
    for asked, sentence in (
        ({"format": "docx"}, "Format — Select a valid choice. docx is not one of the available choices."),
        ({"language": "de"}, "Language — Select a valid choice. de is not one of the available choices."),
        ({"format": "pdf", "language": "de"}, "Language — Select a valid choice."),
        ({"format": "pdf", "colour": "red"}, "colour — There is no such filter."),
    ):
        answer = deputy.get(address, asked)
        assert answer.status_code == 400, asked
        assert sentence in answer.content.decode()
    assert deputy.get(address, {"format": "", "language": ""}).status_code == 200
    assert deputy.get("/briefings/cities/nowhere/").status_code == 404
    assert deputy.get("/briefings/missions/nothing/").status_code == 404


def test_a_briefing_refuses_in_the_readers_language(reader):
    client = reader(Role.DEPUTY, "fr")
    page = client.get(f"/briefings/cities/{factories.CityFactory().slug}/", {"format": "xml"}).content.decode()
    assert "Format — Sélectionnez un choix valide. xml n’en fait pas partie." in page


# --- who reads ---


@pytest.mark.parametrize(
    ("role", "language"), [(Role.OFFICER, "fr"), (Role.AUDITOR, "en"), (Role.PROTECTION_OFFICER, "fr")]
)
def test_each_role_reads_each_page_without_inline_script_or_style(reader, role, language):
    found = diary()
    client = reader(role, language)
    records = (found.mission, found.delegation, found.event, found.series, found.meeting, found.promise)
    for address in [*LISTS, *(record.get_absolute_url() for record in records)]:
        body = read(client, address)
        assert f'<html lang="{language}"' in body
        assert 'class="audience city"' in body
        assert " style=" not in body
        assert "<style" not in body


def test_a_reader_without_a_role_sees_nothing_and_a_stranger_signs_in(client):
    found = diary()
    user = factories.UserFactory(language="en")
    stranger = Client()
    client.force_login(user)
    for record in (found.mission, found.delegation, found.event, found.meeting, found.promise):
        assert client.get(record.get_absolute_url()).status_code == 404
    assert client.get(f"/briefings/cities/{found.city.slug}/").status_code == 404
    assert client.get(f"/briefings/missions/{found.mission.reference}/").status_code == 404
    for address in LISTS:
        body = read(client, address, **({"month": "2015-06"} if address == "/agenda/" else {}))
        assert "Invented" not in body, address
        assert stranger.get(address).status_code == 302


def test_a_meeting_says_that_nobody_of_the_other_side_is_recorded(deputy):
    meeting = factories.MeetingFactory()
    factories.ParticipantFactory(mission=None, meeting=meeting, quality="elected")
    assert "Of the other side, nobody is recorded." in deputy.get(meeting.get_absolute_url()).content.decode()


def test_a_meeting_leads_to_the_briefing_of_whom_one_meets_and_to_the_last_encounter(deputy):
    city, place = factories.CityFactory(name_en="Exampleville"), factories.CityFactory(name_en="Elsewhere")
    mayor = factories.PersonRoleFactory(city=city).person
    talks = [
        factories.MeetingFactory(held=True, day=date(2015, 4, 2), title_en="Talk in spring"),
        factories.MeetingFactory(city=place, day=date(2015, 6, 20), day_precision="day", title_en="Talk to come"),
    ]
    for talk in talks:
        factories.ParticipantFactory(mission=None, meeting=talk, quality="", person=mayor)
    said = read(deputy, talks[1].get_absolute_url())
    assert f'class="button primary" href="/briefings/cities/{city.slug}/"' in said
    assert f'href="/briefings/cities/{place.slug}/"' in said
    assert re.search(r"Last encounter</dt>.*Talk in spring.*\(Exampleville\)", said, re.DOTALL)
    assert f'href="/meetings/{talks[0].pk}/#notes"' in said
    page = read(deputy, city.get_absolute_url())
    assert page.index("What lies ahead") < page.index("Talk to come") < page.index("What took place last")
    assert f'<a href="/meetings/{talks[0].pk}/#notes">Talk in spring</a>' in page


def test_a_meeting_of_a_mission_without_a_city_leads_to_the_briefing_of_the_mission(deputy):
    meeting = factories.MeetingFactory(mission=factories.MissionFactory())
    said = read(deputy, meeting.get_absolute_url())
    assert f'href="/briefings/missions/{meeting.mission.reference}/"' in said


def test_what_lies_ahead_has_not_taken_place_yet_and_what_is_cancelled_did_not(deputy):
    for mission, words in (
        (factories.MissionFactory(confirmed=True), "It has not taken place yet."),
        (factories.MissionFactory(cancelled=True), "It did not take place: it is cancelled."),
    ):
        assert words in deputy.get(mission.get_absolute_url()).content.decode()

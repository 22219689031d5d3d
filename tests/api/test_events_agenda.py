"""The agenda, who is in two places, and briefings, as other systems and each role read them."""

from datetime import date, time

import pytest

from core.enums import Audience
from core.roles import Role
from tests import factories
from tests.api.conftest import bearer, messages, signed_in
from tests.api.test_lists import queries
from tests.api.test_representation import page

pytestmark = pytest.mark.django_db


def day(number: int, month: int = 6) -> dict:
    return {"planned_start": date(2015, month, number), "planned_start_precision": "day"}


def test_the_agenda_of_this_month_in_order(api):
    there = factories.CityFactory(name_fr="Bourg", name_en="Town")
    mission = factories.MissionFactory(**day(8), planned_end=date(2015, 6, 9), planned_end_precision="day")
    factories.DestinationFactory(mission=mission, city=there)
    meeting = factories.MeetingFactory(
        day=date(2015, 6, 8), day_precision="day", starts_at=time(9), ends_at=time(10), place="Salle", city=there
    )
    sitting = factories.CouncilSittingFactory(starts_on=date(2015, 6, 29), ends_on=date(2015, 7, 2))
    season = factories.EventFactory(planned_start=date(2015, 6, 1), planned_start_precision="season")
    factories.EventFactory(**day(8), kind="world")
    factories.MissionFactory(**day(8), cancelled=True)
    factories.MissionFactory(**day(1, month=7))
    bare = {"end": None, "end_precision": "", "starts_at": None, "ends_at": None, "where": "", "origin": ""}
    exact = {"start": "2015-06-08", "start_precision": "day"}
    base = "http://testserver"
    expected = [
        bare | {
            "kind": "event", "title": season.title_en, "status": "planned", "start": "2015-06-01", "start_precision": "season",
            "record": {"resource": "events", "id": season.pk}, "link": f"{base}{season.get_absolute_url()}",
        },
        bare | exact | {
            "kind": "mission", "title": mission.title_en, "status": "idea", "end": "2015-06-09", "end_precision": "day",
            "where": "Town", "record": {"resource": "missions", "id": mission.pk}, "link": f"{base}{mission.get_absolute_url()}",
        },
        bare | exact | {
            "kind": "meeting", "title": meeting.title_en, "status": "planned", "starts_at": "09:00:00", "ends_at": "10:00:00",
            "where": "Salle, Town", "record": {"resource": "meetings", "id": meeting.pk},
            "link": f"{base}{meeting.get_absolute_url()}",
        },
        bare | {
            "kind": "council", "title": "sitting of the Council", "status": "", "start": "2015-06-29", "start_precision": "day",
            "end": "2015-07-02", "end_precision": "day", "record": {"resource": "council-sittings", "id": sitting.pk}, "link": None,
        },
    ]  # fmt: skip
    assert api.get("/api/v1/agenda/").json() == page(*expected)
    asked = {
        "since=2015-06-01&until=2015-06-30": 4,
        "since=2015-06-09": 3,
        "until=2015-07-31": 3,
        "since=2015-07-03&until=2015-08-31&kind=event": 1,
        "since=2015-09-01&until=2016-10-05": 0,
        "kind=mission&kind=council": 2,
        "kind=delegation": 0,
    }
    found = {query: api.get(f"/api/v1/agenda/?{query}").json()["count"] for query in asked}
    assert found == asked
    second = api.get("/api/v1/agenda/?page_size=1&page=2").json()
    assert (second["count"], second["results"]) == (4, [expected[1]])


def test_somebody_in_two_places_on_one_day(api):
    person = factories.PersonFactory(name="Ada Inventée")
    mission = factories.MissionFactory(**day(8), planned_end=date(2015, 6, 9), planned_end_precision="day")
    factories.DestinationFactory(mission=mission)
    factories.ParticipantFactory(mission=mission, person=person)
    event = factories.EventFactory(**day(9), planned_venue_fr="Hôtel inventé")
    factories.ParticipantFactory(mission=None, event=event, quality="", person=person)
    listed = {(row["kind"], row["record"]["id"]): row for row in api.get("/api/v1/agenda/").json()["results"]}
    assert api.get("/api/v1/agenda-conflicts/").json() == page(
        {
            "person": {"id": person.pk, "name": "Ada Inventée"},
            "on": "2015-06-09",
            "one": listed["mission", mission.pk],
            "other": listed["event", event.pk],
        }
    )
    assert api.get("/api/v1/agenda-conflicts/?kind=mission").json()["count"] == 0


@pytest.mark.parametrize("resource", ["agenda", "agenda-conflicts"])
def test_a_period_that_cannot_be_is_refused(api, resource):
    order = "The last day is not before the first, nor more than 400 days after."
    malformed = "Date has wrong format. Use one of these formats instead: YYYY-MM-DD."
    for query, expected in {
        "since=2015-06-02&until=2015-06-01": {"until": order},
        "since=2015-06-01&until=2016-07-06": {"until": order},
        "since=0001-01-01": {"since": "This is more than a hundred years away."},
        "until=9999-12-31": {"until": "This is more than a hundred years away."},
        "since=soon": {"since": malformed},
        "since=2015-02-30": {"since": malformed},
        "kind=party": {"kind": '"party" is not a valid choice.'},
        "colour=red": {"colour": "There is no such parameter."},
    }.items():
        response = api.get(f"/api/v1/{resource}/?{query}")
        assert (response.status_code, messages(response)) == (400, expected), query
    assert api.get(f"/api/v1/{resource}/?since=2015-06-01&until=2016-07-05").status_code == 200


def test_the_agenda_asks_the_database_as_often_for_many_items_as_for_one(api):
    def fill():
        for each in range(8, 10):
            mission = factories.MissionFactory(**day(each))
            factories.DestinationFactory(mission=mission)
            factories.ParticipantFactory(mission=mission)
            factories.DelegationFactory(**day(each))
            factories.EventFactory(**day(each), planned_city=factories.CityFactory())
            factories.MeetingFactory(day=date(2015, 6, each), day_precision="day", mission=mission)

    fill()
    one = [len(queries(api, f"/api/v1/{name}/")) for name in ("agenda", "agenda-conflicts")]
    fill()
    # The token, five kinds and the destinations; who takes part besides.
    assert [len(queries(api, f"/api/v1/{name}/")) for name in ("agenda", "agenda-conflicts")] == one == [7, 8]


# --- briefings ---


def sections(person, query: str) -> dict[str, list[str]]:
    """The words of each section of every part."""
    response = person.get(f"/api/v1/briefings/?{query}")
    assert response.status_code == 200, response.content
    found: dict[str, list[str]] = {}
    for part in response.json()["parts"]:
        for section in part["sections"]:
            found.setdefault(section["key"], []).extend(line["what"] for line in section["lines"])
    return found


def test_a_briefing_says_what_is_open_with_the_city(api):
    city = factories.CityFactory(name_en="Town")
    promise = factories.PromiseFactory(city=city, what_en="Send the handbook.")
    response = api.get(f"/api/v1/briefings/?city={city.pk}")
    found = response.json()
    assert set(found) == {"title", "subtitle", "made_on", "parts"}
    assert (found["title"], found["made_on"]) == ("Briefing: Town", "2015-06-01")
    assert response.headers["Content-Language"] == "en"
    lines = [line for part in found["parts"] for section in part["sections"] for line in section["lines"]]
    told = next(line for line in lines if "Send the handbook." in line["what"])
    assert set(told) == {"what", "detail", "when", "link", "alert", "language"}
    assert (told["link"], told["language"]) == (f"http://testserver{promise.get_absolute_url()}", "")
    mission = factories.DestinationFactory(city=city).mission
    assert "Send the handbook." in str(sections(api, f"mission={mission.pk}"))


def test_a_briefing_is_asked_for_by_name_or_by_number(api):
    mission = factories.MissionFactory()
    city = factories.DestinationFactory(mission=mission).city
    by_name = [f"city={city.slug}", f"mission={mission.reference}"]
    by_number = [f"city={city.pk}", f"mission={mission.pk}"]
    for name, number in zip(by_name, by_number, strict=True):
        found = [api.get(f"/api/v1/briefings/?{query}").json() for query in (name, number)]
        assert found[0] == found[1]
        assert found[0]["parts"]


def test_each_reader_has_a_briefing_of_her_own():
    city = factories.CityFactory()
    for audience in Audience.values:
        factories.WatchNoteFactory(city=city, audience=audience, title=f"For {audience}")
    seen = {
        role: [audience for audience in Audience.values if f"For {audience}" in str(sections(signed_in(role), f"city={city.pk}"))]
        for role in (Role.OFFICER, Role.DEPUTY, Role.AUDITOR)
    }  # fmt: skip
    assert seen == {
        Role.OFFICER: ["staff", "deputies", "city"],
        Role.DEPUTY: ["deputies", "city"],
        Role.AUDITOR: ["city"],
    }


def test_a_client_is_briefed_on_what_its_scopes_open():
    city = factories.CityFactory()
    factories.GrantPlaceFactory(city=city, grant__title_en="Invented wells", grant__title_fr="Puits inventés")
    whole, narrow = bearer(), bearer("events:read", "partnerships:read")
    query = f"city={city.pk}"
    assert "Invented wells" in str(sections(whole, query))
    assert "Invented wells" not in str(sections(narrow, query))


@pytest.mark.parametrize(
    ("query", "code", "expected"),
    [
        ("", 400, {"": "Name a city or a mission: one of the two."}),
        ("city=1&mission=1", 400, {"": "Name a city or a mission: one of the two."}),
        ("city=", 400, {"": "Name a city or a mission: one of the two."}),
        ("city=nowhere", 404, {}),
        ("city=0", 404, {}),
        ("mission=99999999999999999999", 404, {}),
        ("city=1&page=1", 400, {"page": "There is no such parameter."}),
        ("city=1000000", 404, {}),
        ("mission=1000000", 404, {}),
    ],
)  # fmt: skip
def test_a_briefing_on_nothing_is_refused(api, query, code, expected):
    response = api.get(f"/api/v1/briefings/?{query}")
    assert (response.status_code, messages(response)) == (code, expected)
    assert response.headers["Content-Type"] == "application/problem+json"


def test_a_briefing_is_only_read(api, client):
    assert api.post("/api/v1/briefings/", {}).status_code == 405
    assert client.get("/api/v1/briefings/?city=1").status_code == 401
    assert bearer("partnerships:read").get("/api/v1/briefings/?city=1").status_code == 403

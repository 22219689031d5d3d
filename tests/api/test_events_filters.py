"""What the lists of missions, visits, events, meetings and promises are narrowed by."""

from datetime import date

import pytest

from tests import factories
from tests.api import lives

pytestmark = pytest.mark.django_db


def tied(**subject) -> None:
    """Ties to one record of each kind that a list is narrowed by."""
    own = {"mission": None, "city": None, **subject}
    factories.TieFactory(**own | {"network": factories.NetworkFactory(slug=f"net-{len(subject)}")})
    factories.TieFactory(**own | {"organisation": factories.OrganisationFactory(slug="body")})
    factories.TieFactory(**own | {"project": factories.ProjectFactory(reference="PRJ-1")})
    factories.TieFactory(**own | {"agreement": factories.AgreementFactory(reference="AGR-1")})
    factories.TieFactory(**own | {"grant": factories.GrantFactory(reference="GRA-1")})
    factories.TieFactory(**own | {"city": factories.CityFactory(slug="tied")})


TIES = {"network=net-1": 1, "organisation=body": 1, "project=PRJ-1": 1, "agreement=AGR-1": 1, "grant=GRA-1": 1}


def narrowed(api, resource: str, expected: dict[str, int]) -> None:
    """Each query finds so many; one of them at least finds fewer than there are."""
    found = {}
    for query in expected:
        response = api.get(f"/api/v1/{resource}/?{query}")
        assert response.status_code == 200, (query, response.content)
        found[query] = response.json()["count"]
    assert found == expected


def test_missions_are_narrowed(api):
    far = factories.CityFactory(slug="far", country__code="AA")
    summit = factories.EventFactory(reference="EVT-SUMMIT")
    done = factories.MissionFactory(done=True, horizon="mid-term", emblematic=True, event=summit)
    factories.DestinationFactory(mission=done, city=far, stage="actual")
    factories.DestinationFactory(mission=done, city=None, country=factories.CountryFactory(code="BB"))
    factories.ParticipantFactory(mission=done, person__slug="somebody")
    factories.ParticipantFactory(mission=done, elected=True, person=None, description_fr="Tous", all_groups=True)
    tied(mission=done)
    factories.MissionFactory(title_fr="Écoles", planned_start=date(2016, 6, 1), planned_start_precision="season")
    factories.MissionFactory()
    expected = {
        "": 3,
        "status=done": 1,
        "status=done&status=idea": 3,
        "horizon=mid-term": 1,
        "emblematic=true": 1,
        "emblematic=false": 2,
        "groups_recorded=true": 1,
        "groups_recorded=false": 2,
        "event=EVT-SUMMIT": 1,
        "city=far": 1,
        "city=tied": 1,
        "country=AA": 1,
        "country=BB": 1,
        "person=somebody": 1,
        "year=2015": 1,
        "year=2016": 1,
        "begins_after=2015-03-02": 2,
        "begins_after=2015-03-03": 1,
        "begins_before=2015-03-02": 1,
        "start_recorded=true": 1,
        "start_recorded=false": 2,
        "q=ecoles": 1,
        "q=ecoles&status=done": 0,
    }
    narrowed(api, "missions", expected | TIES)


def test_delegations_are_narrowed(api):
    came = factories.DelegationFactory(received=True, city__slug="far", city__country__code="AA")
    factories.ParticipantFactory(mission=None, delegation=came, quality="", person__slug="somebody")
    tied(delegation=came)
    sent = factories.OrganisationFactory(slug="sender", country=factories.CountryFactory(code="BB"))
    theme = factories.ThemeFactory(slug="water")
    summit = factories.EventFactory(reference="EVT-SUMMIT")
    factories.DelegationFactory(city=None, organisation=sent, theme=theme, event=summit)
    expected = {
        "": 2,
        "status=received": 1,
        "city=far": 1,
        "city=tied": 1,
        "country=AA": 1,
        "country=BB": 1,
        "organisation=sender": 1,
        "theme=water": 1,
        "event=EVT-SUMMIT": 1,
        "person=somebody": 1,
        "year=2015": 1,
        "begins_after=2015-03-03": 0,
    }
    narrowed(api, "delegations", expected | TIES)


def test_events_are_narrowed(api):
    planned = factories.CityFactory(slug="planned", country__code="AA")
    held = factories.CityFactory(slug="held", country__code="BB")
    own = factories.NetworkFactory(slug="own")
    moved = factories.EventFactory(held=True, kind="statutory", network=own, planned_city=planned, held_city=held)
    factories.ParticipantFactory(
        mission=None, event=moved, quality="", person=None, city=factories.CityFactory(slug="guest")
    )
    tied(event=moved)
    group = factories.EventFactory(kind="working-group", reference="EVT-GROUP", planned_city=planned)
    factories.EventFactory(kind="session", part_of=group)
    expected = {
        "": 3,
        "kind=statutory": 1,
        "kind=statutory&kind=session": 2,
        "status=held": 1,
        "network=own": 1,
        "part_of=EVT-GROUP": 1,
        "city=planned": 2,
        "city=held": 1,
        "city=guest": 1,
        "country=AA": 1,
        "country=BB": 1,
        "year=2015": 1,
    }
    narrowed(api, "events", expected | TIES)


def test_meetings_are_narrowed(api):
    mission = factories.MissionFactory(reference="MIS-1")
    met = factories.MeetingFactory(
        held=True, kind="courtesy", mission=mission, city=factories.CityFactory(slug="there")
    )
    factories.ParticipantFactory(mission=None, meeting=met, quality="", person__slug="somebody")
    tied(meeting=met)
    factories.MeetingFactory(day=date(2015, 6, 30), day_precision="day")
    expected = {
        "": 2,
        "kind=courtesy": 1,
        "status=held": 1,
        "status=planned": 1,
        "mission=MIS-1": 1,
        "city=there": 1,
        "city=tied": 1,
        "person=somebody": 1,
        "day_after=2015-06-01": 1,
        "day_before=2015-03-03": 1,
    }
    narrowed(api, "meetings", expected | TIES)


def test_promises_are_narrowed(api):
    due = {
        "due_on": date(2015, 5, 31),
        "due_on_precision": "day",
        "made_on": date(2015, 3, 3),
        "made_on_precision": "day",
    }
    late = factories.PromiseFactory(
        mission__reference="MIS-1",
        city__slug="far",
        city__country__code="AA",
        responsible=factories.OrganisationFactory(slug="bureau"),
        promised_by=factories.PersonFactory(slug="giver"),
        promised_to=factories.PersonFactory(slug="taker"),
        **due,
    )
    tied(promise=late)
    factories.PromiseFactory(side="theirs", city=None, country=factories.CountryFactory(code="BB"))
    factories.PromiseFactory(kept=True, city=None, organisation=factories.OrganisationFactory(slug="other"))
    expected = {
        "": 3,
        "side=theirs": 1,
        "status=open": 2,
        "status=kept&status=not-kept": 1,
        "overdue=true": 1,
        "overdue=false": 2,
        "city=far": 1,
        "city=tied": 1,
        "country=AA": 1,
        "country=BB": 1,
        "organisation=other": 1,
        "responsible=bureau": 1,
        "promised_by=giver": 1,
        "promised_to=taker": 1,
        "mission=MIS-1": 1,
        "due_before=2015-05-30": 0,
        "due_after=2015-05-31": 1,
        "made_before=2015-03-03": 1,
        "made_after=2015-03-04": 0,
    }
    narrowed(api, "promises", expected | TIES)


def test_what_belongs_to_occasions_is_narrowed(api):
    mission, event = lives.mission(reference="MIS-1"), lives.event(reference="EVT-1")
    delegation = lives.delegation(reference="DEL-1")
    factories.PreconditionFactory(event=event, met_on=date(2015, 5, 4), met_on_precision="day")
    factories.OutcomeFactory(led_to_event=event)
    factories.ProgrammeItemFactory(mission=mission, day=date(2015, 7, 7))
    factories.EmissionFactorFactory(mode="plane", valid_to=date(2014, 12, 31))
    factories.BidStageFactory(event=event, due_on=date(2015, 9, 15), due_on_precision="day")
    sitting = factories.CouncilSittingFactory(starts_on=date(2015, 6, 15), ends_on=date(2015, 6, 18))
    for address, count in {
        "participants/?mission=MIS-1": 1,
        "participants/?quality=civil-society&role=member": 1,
        "destinations/?mission=MIS-1&stage=planned": 1,
        "destinations/?stage=actual": 0,
        "legs/?mission=MIS-1&mode=train": 1,
        "legs/?leaves_after=2015-01-01": 0,
        "emission-factors/?mode=plane": 1,
        "emission-factors/?holds_on=2014-12-31": 2,
        "emission-factors/?holds_on=2015-01-01": 1,
        "programme-items/?event=EVT-1": 1,
        "programme-items/?day_after=2015-07-07&day_before=2015-07-07": 1,
        "meeting-notes/?audience=city": 3,
        "ties/?delegation=DEL-1": 1,
        f"ties/?city={mission.ties.get().city.slug}": 1,
        "outcomes/?mission=MIS-1": 1,
        "outcomes/?led_to_event=EVT-1": 1,
        "expertise/?delegation=DEL-1": 1,
        "preconditions/?event=EVT-1&met=true": 1,
        "preconditions/?met=false": 1,
        "bid-stages/?passed=false&event=EVT-1": 2,
        "bid-stages/?passed=true": 0,
        "bid-stages/?due_after=2015-09-15&due_before=2015-09-15": 1,
        f"council-sittings/?sits_after={sitting.ends_on}&sits_before={sitting.ends_on}": 1,
        "council-sittings/?sits_after=2015-06-19": 0,
        f"meetings/?delegation={delegation.pk}": 1,
    }.items():
        response = api.get(f"/api/v1/{address}")
        assert (response.status_code, response.json().get("count")) == (200, count), (address, response.content)


def test_each_figure_counts_the_records_behind_its_links(api):
    whole = factories.MissionFactory(done=True, emblematic=True)
    group = factories.CouncilGroupFactory()
    factories.ParticipantFactory(mission=whole, elected=True, council_group=group)
    factories.MissionFactory(done=True, emblematic=True)  # of which no group is recorded
    factories.MissionFactory()
    factories.DelegationFactory(received=True)
    factories.PromiseFactory(kept=True)
    factories.PromiseFactory(not_kept=True)
    factories.PromiseFactory()
    figures = {figure["name"]: figure for figure in api.get("/api/v1/figures/").json()["results"]}
    expected = {
        "missions-done": (2, None),
        "missions-ahead": (4, None),
        "emblematic-with-all-groups": (100, 1),
        "delegations-received": (1, None),
        "promises-open": (1, None),
        "promises-kept": (50, 2),
    }
    assert {name: (figures[name]["value"], figures[name]["whole"]) for name in expected} == expected
    for name, (value, whole) in expected.items():
        assert api.get(figures[name]["link"]).json()["count"] == (value if whole is None else whole), name

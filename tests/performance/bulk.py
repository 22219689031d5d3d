"""An invented city's records of many years, in bulk: every constraint of the database stands while they come.

Built twice: once small, to count what pages ask of the database, then large beside it, to see that they ask no more.
"""

from datetime import date, timedelta

from django.apps import apps
from django.db import transaction

from cooperation import models as cooperation
from core import clock
from core.models import BaseModel, User
from core.roles import Role
from events import models as events
from partnerships import models as partnerships
from tests import factories as make
from tests.performance.base import LEAST, YEARS, Bulk, analyse, store, times
from tests.performance.money import money

# What the large build holds; the small one holds a share of it, and of each at least LEAST.
LARGE = {
    "countries": 40,
    "cities": 600,
    "organisations": 2000,
    "persons": 500,
    "deliberations": 1200,
    "agreements": 400,
    "networks": 30,
    "themes": 20,
    "projects": 2000,
    "calls": 150,
    "missions": 1200,
    "delegations": 400,
    "events": 600,
    "meetings": 1000,
    "promises": 800,
    "funds": 36,
    "crises": 20,
    "grants": 20_000,
    "objectives": 80,
}


def build(bulk: Bulk, share: float) -> int:
    """Adds that share of `LARGE` and answers how many records of Parvis there are now."""
    wanted = {kind: max(LEAST, round(number * share)) for kind, number in LARGE.items()}
    for step in (_places, _people, _agreements, _networks, _projects, _calls, _occasions, money, _mandate):
        with transaction.atomic():
            step(bulk, wanted)
        # The triggers' own questions are planned by what the tables hold.
        analyse()
    return sum(model._base_manager.count() for model in _models())


def _models() -> list[type[BaseModel]]:
    """Records, without the history that the triggers keep of them."""
    return [model for model in apps.get_models() if issubclass(model, BaseModel) and not model._meta.proxy]


# --- the register ---


def _places(bulk: Bulk, wanted: dict[str, int]) -> None:
    room = 26 * 4 - len(bulk.made.get("countries", ()))
    bulk.keep("countries", times(min(wanted["countries"], room), make.CountryFactory.build))
    if "areas" not in bulk.made:
        bulk.keep("areas", make.AreaFactory.build_batch(6))
    bulk.keep("cities", times(wanted["cities"], lambda: _city(bulk)))
    fresh = bulk.made["cities"][-wanted["cities"] :]
    store(make.CityAreaFactory.build(city=city, area=bulk.pick("areas")) for city in fresh)
    store(
        make.RelationFactory.build(
            city=city, kind=bulk.chance.choice(["partner", "strengthening", "solidarity", "project-city"])
        )
        for city in fresh[:200]
    )
    store(make.WatchNoteFactory.build(city=bulk.pick("cities"), audience="deputies") for _note in range(len(fresh)))


def _city(bulk: Bulk) -> partnerships.City:
    french, english = bulk.name()
    return make.CityFactory.build(
        name_fr=french,
        name_en=english,
        country=bulk.pick("countries"),
        latitude=round(bulk.chance.uniform(-40, 60), 4),
        longitude=round(bulk.chance.uniform(-120, 140), 4),
    )


def _people(bulk: Bulk, wanted: dict[str, int]) -> None:
    bulk.keep("organisations", times(wanted["organisations"], make.OrganisationFactory.build))
    for kind in ("foundation", "directorate", "funder"):
        bulk.keep(kind, make.OrganisationFactory.build_batch(LEAST, kind=kind))
    bulk.keep("persons", times(wanted["persons"], make.PersonFactory.build))
    store(make.PersonRoleFactory.build(person=person, city=bulk.pick("cities")) for person in bulk.some("persons", 200))
    for year in YEARS:
        each = max(2, wanted["deliberations"] // len(YEARS))
        bulk.keep(f"deliberations {year}", times(each, lambda year=year: _deliberation(bulk, year)))
    bulk.made["deliberations"] = [row for year in YEARS for row in bulk.made[f"deliberations {year}"]]


def _deliberation(bulk: Bulk, year: int) -> partnerships.Deliberation:
    number = bulk.number(f"deliberation {year}")
    return make.DeliberationFactory.build(number=f"{year} DGRI {number}", voted_on=date(year, 2, 9), **bulk.title())


def _agreements(bulk: Bulk, wanted: dict[str, int]) -> None:
    rows = bulk.keep("agreements", times(wanted["agreements"], lambda: _agreement(bulk)))
    # Of one kind a city has one agreement at a time.
    there = len(bulk.made["agreements"]) - len(rows)
    free = iter(bulk.made["cities"][there:])
    store(make.AgreementPartyFactory.build(agreement=row, city=next(free)) for row in rows)
    store(make.AgreementClauseFactory.build(agreement=row) for row in rows[::2])


def _agreement(bulk: Bulk) -> partnerships.Agreement:
    expires = date(2015, 6, 1) + timedelta(bulk.chance.randrange(1, 2000))
    reference = f"AGR-BULK-{bulk.number('agreement')}"
    common = {"reference": reference, "expires_on": expires, **bulk.title()}
    if bulk.chance.random() < 0.2:
        return make.AgreementFactory.build(**common)
    return make.AgreementFactory.build(in_force=True, deliberation=bulk.pick("deliberations"), **common)


def _networks(bulk: Bulk, wanted: dict[str, int]) -> None:
    rows = bulk.keep("networks", times(wanted["networks"], make.NetworkFactory.build))
    bulk.keep("memberships", (make.MembershipFactory.build(network=row) for row in rows))
    store(make.DuesFactory.build(network=row, year=year) for row in rows for year in YEARS)
    store(make.NetworkCityFactory.build(network=row, city=city) for row in rows for city in bulk.some("cities", 10))


# --- cooperation ---


def _projects(bulk: Bulk, wanted: dict[str, int]) -> None:
    bulk.keep("themes", times(min(wanted["themes"], 20), make.ThemeFactory.build))
    rows = bulk.keep("projects", times(wanted["projects"], lambda: _project(bulk)))
    store(make.ProjectCityFactory.build(project=row, city=bulk.pick("cities")) for row in rows)
    store(make.ProjectThemeFactory.build(project=row, theme=bulk.pick("themes")) for row in rows)
    lead = {"organisation": bulk.made["directorate"][0], "role": "lead"}
    store(make.ProjectOrganisationFactory.build(project=row, **lead) for row in rows)
    store(make.ProjectStepFactory.build(project=row) for row in rows[::4])
    lines = store(cooperation.FundingLine(project=row, kind="own") for row in rows)
    lines += store(
        cooperation.FundingLine(project=row, kind="foundation", organisation=bulk.pick("foundation")) for row in rows
    )
    for kind, amount in (("committed", 9000), ("disbursed", 4000)):
        store(
            cooperation.Movement(line=line, kind=kind, currency="EUR", amount=amount, on=_day(bulk, 2014, kind))
            for line in lines
        )
    store(make.ForecastFactory.build(line=line) for line in lines[::2])


def _day(bulk: Bulk, year: int, kind: str) -> date:
    """A commitment early in the year, a disbursement later."""
    return date(year, 1, 15) if kind == "committed" else date(year, 3, 1) + timedelta(bulk.chance.randrange(300))


def _project(bulk: Bulk) -> cooperation.Project:
    common = {"reference": f"PRJ-BULK-{bulk.number('project')}", **bulk.title()}
    begun = {
        "deliberation": bulk.pick("deliberations"),
        "actual_start": date(2012, 3, 5),
        "actual_start_precision": "day",
    }
    # One in ten is live, as in a city that has worked for twenty years.
    if bulk.chance.random() < 0.9 and bulk.made.get("projects"):
        ended = {"actual_end": date(2014, 6, 2), "actual_end_precision": "day"}
        return make.ProjectFactory.build(stage="completed", **begun, **ended, **common)
    if bulk.chance.random() < 0.3:
        return make.ProjectFactory.build(stage=bulk.chance.choice(["idea", "in-preparation"]), **common)
    return make.ProjectFactory.build(stage="under-way", **begun, **common)


def _calls(bulk: Bulk, wanted: dict[str, int]) -> None:
    if "funding programmes" not in bulk.made:
        bulk.keep(
            "funding programmes",
            (make.FundingProgrammeFactory.build(funder=bulk.pick("funder")) for _row in range(LEAST)),
        )
    rows = store(_call(bulk) for _row in range(wanted["calls"]))
    store(make.CallThemeFactory.build(call=row, theme=bulk.pick("themes")) for row in rows)


def _call(bulk: Bulk) -> cooperation.FundingCall:
    # One in five is still open.
    last = date(2015, 6, 1) + timedelta(bulk.chance.randrange(-1600, 400))
    return make.FundingCallFactory.build(
        programme=bulk.pick("funding programmes"), deadlines=[last], last_deadline=last, **bulk.title()
    )


# --- missions, visits, events, promises ---


def _occasions(bulk: Bulk, wanted: dict[str, int]) -> None:
    missions = bulk.keep("missions", times(wanted["missions"], lambda: _occasion(bulk, make.MissionFactory, "MIS")))
    store(make.DestinationFactory.build(mission=row, city=bulk.pick("cities")) for row in missions)
    store(make.ParticipantFactory.build(mission=row, person=bulk.pick("persons")) for row in missions)
    bulk.keep(
        "delegations",
        (
            _occasion(bulk, make.DelegationFactory, "DEL", city=bulk.pick("cities"))
            for _row in range(wanted["delegations"])
        ),
    )
    bulk.keep(
        "events",
        (
            _occasion(bulk, make.EventFactory, "EVT", planned_city=bulk.pick("cities"))
            for _row in range(wanted["events"])
        ),
    )
    bulk.keep("meetings", (_meeting(bulk) for _row in range(wanted["meetings"])))
    bulk.keep("promises", (_promise(bulk) for _row in range(wanted["promises"])))
    if "sittings" not in bulk.made:
        bulk.keep(
            "sittings", [make.CouncilSittingFactory.build(starts_on=date(2015, 6, 15), ends_on=date(2015, 6, 16))]
        )


def _occasion(bulk: Bulk, factory, prefix: str, **values):
    """Three in four have taken place; the others are planned for the months to come."""
    common = {"reference": f"{prefix}-BULK-{bulk.number(prefix)}", **bulk.title(), **values}
    if bulk.chance.random() < 0.75:
        day = date(2010, 1, 10) + timedelta(bulk.chance.randrange(1900))
        status = {"MIS": "done", "DEL": "received", "EVT": "held"}[prefix]
        return factory.build(status=status, actual_start=day, actual_start_precision="day", **common)
    day = clock.today() + timedelta(bulk.chance.randrange(1, 365))
    return factory.build(status="planned", planned_start=day, planned_start_precision="day", **common)


def _meeting(bulk: Bulk) -> events.Meeting:
    day = date(2010, 1, 10) + timedelta(bulk.chance.randrange(1900))
    return make.MeetingFactory.build(
        status="held",
        day=day,
        day_precision="day",
        city=bulk.pick("cities"),
        mission=bulk.pick("missions"),
        **bulk.title(),
    )


def _promise(bulk: Bulk) -> events.Promise:
    title = bulk.title()
    settled = bulk.chance.random() < 0.85
    proof = {"status": "kept", "closed_on": date(2015, 5, 4), "proof_fr": "Preuve inventée."} if settled else {}
    return make.PromiseFactory.build(
        **proof,
        reference=f"PRM-BULK-{bulk.number('promise')}",
        mission=bulk.pick("missions"),
        city=bulk.pick("cities"),
        what_fr=title["title_fr"],
        what_en=title["title_en"],
        due_on=clock.today() + timedelta(bulk.chance.randrange(-200, 700)),
        due_on_precision="day",
    )


# --- the mandate ---


def _mandate(bulk: Bulk, wanted: dict[str, int]) -> None:
    if "mandates" not in bulk.made:
        bulk.keep("mandates", [make.MandateFactory.build(city=bulk.made["cities"][0])])
    ours = bulk.made["mandates"][0]
    rows = bulk.keep(
        "objectives",
        (
            make.ObjectiveFactory.build(mandate=ours, reference=f"B-{bulk.number('objective')}")
            for _row in range(wanted["objectives"])
        ),
    )
    store(
        make.EvidenceFactory.build(objective=row, mission=mission)
        for row in rows
        for mission in bulk.some("missions", 5)
    )
    store(make.IndicatorFactory.build(objective=row, measure="trips", target=100) for row in rows)
    store(make.MilestoneFactory.build(objective=row) for row in rows)


def reader() -> User:
    """The deputy who reads the pages."""
    return make.UserFactory(role=Role.DEPUTY, language="fr")

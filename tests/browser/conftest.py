"""A real browser: Debian's Chromium, against the test server. Where it is missing the tests say so and skip."""

import os
import shutil
from datetime import date, timedelta

import pytest
from django.core.mail import EmailMessage

from core import clock
from core.as_of.reading import last_day
from core.mailbox import Mailbox
from core.models import Export
from core.roles import Role
from tests import factories
from tests.browser.screen import FLAGS, PHONE, TABLET
from tests.mandate.accounts import adopted
from tests.pages.conftest import (
    diary,
    everything,
    full,
    hospitality,
    joined_network,
    partner_city,
    parts,
    solidarity,
    told,
)
from tests.solidarity.lives import grant_in, law_in_force

__all__ = ["FLAGS", "PHONE", "TABLET"]


@pytest.fixture(scope="session")
def chromium() -> str:
    found = shutil.which("chromium")
    if found:
        return found
    reason = "Chromium is not installed (apt install chromium): the pages were not tried in a browser."
    if os.environ.get("REQUIRE_CHROMIUM") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def browser_type_launch_args(chromium: str) -> dict:
    return {"executable_path": chromium, "args": FLAGS}


@pytest.fixture(scope="session", autouse=True)
def _allow_the_orm_beside_the_browser():
    """Playwright's loop runs in this thread, and Django takes any running loop for asynchronous code."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    yield
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def register(transactional_db):
    """An invented register with something on every page, and the addresses of these pages."""
    city, agreement = partner_city(
        name_fr="Ville d'exemple au nom particulièrement long", name_en="Example City with an unusually long name"
    )
    agreement.expires_on = "2015-09-30"
    agreement.save()
    factories.WatchNoteFactory(city=city, audience="deputies")
    factories.DocumentFactory(record=city)
    factories.PersonRoleFactory(city=city)
    factories.RelationFactory(city=factories.CityFactory(), kind="comparator")
    factories.CitationFactory(record=city, source=factories.SourceFactory(kind="outside", url="https://example.test/"))
    network = joined_network()
    factories.NetworkCityFactory(network=network, city=city)
    factories.NetworkFactory(status="planned")
    draft = factories.AgreementFactory(object_fr="", forecast_amount=None)
    project, call = cooperation()
    grant = aid()
    hospitality()
    envelope = grant.allocations.get().envelope
    met = meetings()
    return [
        "/",
        "/cities/",
        city.get_absolute_url(),
        "/agreements/",
        agreement.get_absolute_url(),
        draft.get_absolute_url(),
        "/decisions/",
        "/decisions/?kind=nonsense",
        *dormant(),
        "/networks/",
        network.get_absolute_url(),
        "/projects/",
        project.get_absolute_url(),
        "/calls/",
        call.get_absolute_url(),
        "/culture/",
        "/exchanges/",
        "/practices/",
        "/solidarity/",
        envelope.fund.get_absolute_url(),
        envelope.get_absolute_url(),
        "/grants/",
        grant.get_absolute_url(),
        factories.GrantFactory(received_on=None).get_absolute_url(),
        "/solidarity/emergencies/",
        "/solidarity/health/",
        "/agenda/",
        "/agenda/subscriptions/",
        "/missions/",
        met.mission.get_absolute_url(),
        "/delegations/",
        met.delegation.get_absolute_url(),
        "/events/",
        met.event.get_absolute_url(),
        met.meeting.get_absolute_url(),
        "/promises/",
        met.promise.get_absolute_url(),
        f"/briefings/missions/{met.mission.reference}/",
        "/honours/",
        *mandates(),
        *reports(city),
        *reminders(),
        "/search/",
        "/search/?q=exemple",
        "/preferences/",
        "/exports/",
        "/accounts/2fa/",
        "/accounts/password/change/",
        "/accessibility/",
        f"/?as_of={last_day().isoformat()}",
        "/solidarity/?as_of=nonsense",
        "/nowhere/",
    ]


def dormant() -> list[str]:
    """A partnership in which nothing happens, one that waits again, and one that is paused."""
    asleep, again, paused = (factories.RelationFactory().city for _number in range(3))
    factories.EventFactory(held=True, held_city=again, actual_start=date(2012, 3, 2))
    factories.RenewalDecisionFactory(city=again, until=date(2015, 5, 20))
    factories.RenewalDecisionFactory(city=paused, verdict="pause")
    return ["/dormant/", "/dormant/?months=many", f"/dormant/{asleep.slug}/", f"/dormant/{again.slug}/"]


def cooperation():
    """Something on every page of cooperation: what is known and what is not, what is late, closed, or counted twice."""
    project, call = everything()
    factories.FundingLineFactory(project=project, nature="in-kind")
    factories.ProjectFactory(stage="suspended", stopped_reason="Invented reason.", parent=factories.ProjectFactory())
    factories.FrameworkFactory()
    factories.FundingCallFactory(opens_on=date(2015, 9, 1))
    factories.CouncilLeadTimeFactory(since=date(2014, 1, 1), until=None)
    company = factories.OrganisationFactory()
    for year in (2014, 2015, None):
        factories.CulturalProjectFactory(recipient=company, year=year, discipline="theatre")
    factories.GoodPracticeFactory(city=factories.RelationFactory(kind="comparator").city)
    return project, call


def aid():
    """Something on every page of solidarity: what is paid, late, stopped, and what is not known."""
    law_in_force()
    grant = solidarity()
    grant_in("rejected")
    factories.CrisisFactory()
    factories.FundFactory()
    factories.HealthIndicatorFactory(city=None, year=2020, target=90, actual=None)
    return grant


def meetings():
    """Something on every page of missions and events: a conflict, vague dates and none, what is cancelled or overdue."""
    met = diary()
    someone = factories.PersonFactory()
    factories.CouncilSittingFactory(starts_on=date(2015, 6, 15), ends_on=date(2015, 6, 16))
    for name in ("Exemple-sur-Mer", "Exemple-les-Bains"):
        trip = factories.MissionFactory(
            planned=True,
            planned_start=date(2015, 6, 20),
            planned_start_precision="day",
            title_fr=f"Déplacement à {name}",
        )
        factories.DestinationFactory(mission=trip)
        factories.ParticipantFactory(mission=trip, person=someone)
    factories.MissionFactory(planned_start=date(2015, 6, 1), planned_start_precision="month")
    factories.MissionFactory(when_fr="juste avant la conférence inventée")
    factories.MissionFactory(cancelled=True)
    factories.PromiseFactory(not_kept=True)
    return met


def mandates() -> list[str]:
    """A mandate with all that its pages show, and one where nothing is recorded."""
    mandate = factories.MandateFactory()
    objective = full(mandate, owner=factories.UserFactory(), late=True)
    parts(objective, 60, 40)
    factories.ObjectiveFactory(mandate=mandate, at_risk=True, kind="commitment")
    factories.MilestoneDecisionFactory(mandate=mandate)
    empty = factories.MandateFactory(starts_on=date(2008, 3, 21), ends_on=date(2014, 4, 5))
    bare = factories.ObjectiveFactory(mandate=mandate)
    return ["/mandate/", empty.get_absolute_url(), objective.get_absolute_url(), bare.get_absolute_url()]


def reports(city) -> list[str]:
    """A draft with texts in one language and in both, one that was adopted before, and periods asked for well and wrongly."""
    kept = {"key": "kept", "label_en": "The City had 7 partner cities.", "value": 7, "unit": "count"}
    proof = {"fr": city.name_fr, "en": city.name_en, "reference": "", "link": city.get_absolute_url()}
    parts = [
        {"fr": city.name_fr, "en": city.name_en, "value": "4"},
        {"fr": "Ailleurs", "en": "Elsewhere", "value": None},
    ]
    earlier = adopted(
        kept | {"records": [proof], "rows": parts}, starts_on=date(2013, 1, 1), ends_on=date(2013, 12, 31)
    )
    draft = factories.ReportFactory(title_fr="Communication inventée au titre particulièrement long", title_en="")
    factories.ReportBlockFactory(report=draft, section="introduction")
    factories.ReportBlockFactory(report=draft, text_en="")
    return [
        "/report/",
        "/report/of/?since=2014-04-05&until=2015-06-01",
        "/report/of/?since=2015-06-01&until=nonsense",
        draft.get_absolute_url(),
        earlier.get_absolute_url(),
    ]


def reminders() -> list[str]:
    """A rule that one may mute, and an e-mail of the demo."""
    factories.ReminderRuleFactory(roles=[Role.DEPUTY.value], title_en="")
    Mailbox().send_messages([EmailMessage("Invented", "http://localhost/", "a@example.test", ["b@example.test"])])
    return [
        "/deadlines/",
        "/deadlines/?kind=nonsense",
        "/notifications/",
        "/mailbox/",
        "/mailbox/?to=nobody@example.test",
    ]


@pytest.fixture
def deputy(register):
    user = factories.UserFactory(role=Role.DEPUTY, email="deputy@example.test")
    told(user, 2)
    files(user)
    return user


def files(user) -> None:
    """Exports of hers in every state: one that is written, one that is ready, one that was not possible."""
    asked = {"person": user, "resource": "grants", "is_readable": True, "query": "stage=voted"}
    Export.objects.create(file_format="xlsx", status="running", rows=60_000, rows_done=24_000, **asked)
    tomorrow = clock.real() + timedelta(hours=24)
    Export.objects.create(file_format="ods", status="failed", problem="Invented.", expires_at=tomorrow, **asked)
    Export.objects.create(file_format="csv", status="done", file="exports/none.csv", expires_at=tomorrow, **asked)


@pytest.fixture
def watched(page, live_server):
    """The page, and what it must not do: ask another host, or complain in the console."""
    complaints: list[str] = []
    page.on(
        "request",
        lambda request: (
            complaints.append(request.url) if not request.url.startswith((live_server.url, "data:")) else None
        ),
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if _is_fault(message) else None)
    page.complaints = complaints
    return page


def _is_fault(message) -> bool:
    # Pages that are not found or asked wrongly are among those that are looked at; the browser notes their status.
    noted = ("404 (Not Found)", "400 (Bad Request)")
    return message.type in ("error", "warning") and not message.text.endswith(noted)


@pytest.fixture
def signed_in(watched, live_server, deputy):
    """The page of a deputy who has signed in through the form."""
    watched.set_viewport_size(TABLET)
    watched.goto(f"{live_server.url}/accounts/login/")
    watched.fill("[name=login]", deputy.email)
    watched.fill("[name=password]", "invented-password")
    watched.click("main button.primary")
    watched.wait_for_url(f"{live_server.url}/")
    return watched

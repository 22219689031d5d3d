"""Subscriptions: a secret address, one's own, that a calendar reads; and what becomes of a wrong or revoked one."""

import io
import json
import logging
import re
from datetime import date, datetime, time

import pytest
import vobject
from cryptography.fernet import Fernet
from django.test import Client
from django.urls import reverse

from core.exceptions import Refused
from core.roles import Role
from events import services
from events.models import CalendarSubscription
from tests import factories as make

pytestmark = pytest.mark.django_db

QUERIES = 36


@pytest.fixture
def deputy():
    return make.UserFactory(role=Role.DEPUTY, language="en")


def subscribed(user) -> tuple[CalendarSubscription, str]:
    subscription, token = services.subscribe(actor=user, name="Tablet")
    return subscription, reverse("events:feed", args=[token])


def read(address: str) -> vobject.base.Component:
    """As a calendar client reads it: without signing in, and by another library than the one that wrote it."""
    answer = Client().get(address)
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Cache-Control"] == "private, no-store"
    found = vobject.readOne(io.StringIO(answer.content.decode()))
    found.validate(raiseException=True)
    return found


def entries(address: str) -> dict:
    return {entry.summary.value: entry for entry in read(address).contents.get("vevent", [])}


@pytest.fixture
def full_agenda():
    trip = make.MissionFactory(
        confirmed=True, title_en="Trip; with, signs\\ and a very long name that is folded " + "é" * 60
    )
    make.DestinationFactory(mission=trip, city__name_en="Exampleville")
    make.MeetingFactory(
        title_en="Talk on water",
        mission=trip,
        day=date(2015, 7, 7),
        day_precision="day",
        starts_at=time(9, 30),
        ends_at=time(10, 15),
    )
    make.EventFactory(title_en="Some day in July", planned_start=date(2015, 7, 1), planned_start_precision="month")
    make.CouncilSittingFactory(starts_on=date(2015, 6, 29), ends_on=date(2015, 7, 2), note_en="Council of July")
    make.PromiseFactory(what_en="Send the map", due_on=date(2015, 9, 30), due_on_precision="day")
    return trip


def test_a_calendar_reads_what_is_known_to_the_day(deputy, full_agenda):
    _subscription, address = subscribed(deputy)
    found = entries(address)
    assert set(found) == {full_agenda.title_en, "Talk on water", "Council of July", "Promise: Send the map"}
    trip = found[full_agenda.title_en]
    assert (trip.dtstart.value, trip.dtend.value) == (date(2015, 7, 6), date(2015, 7, 10))
    assert trip.status.value == "CONFIRMED"
    assert trip.location.value == "Exampleville"
    assert trip.url.value == f"http://testserver{full_agenda.get_absolute_url()}"
    talk = found["Talk on water"]
    # The hour that is said there, wherever the calendar is.
    assert (talk.dtstart.value, talk.dtend.value) == (datetime(2015, 7, 7, 9, 30), datetime(2015, 7, 7, 10, 15))  # noqa: DTZ001
    assert found["Promise: Send the map"].transp.value == "TRANSPARENT"
    assert len({entry.uid.value for entry in found.values()}) == len(found)


def test_it_speaks_the_reader_s_language_and_holds_no_note(deputy, full_agenda):
    deputy.language = "fr"
    deputy.save()
    make.MeetingNoteFactory(meeting=full_agenda.meetings.get(), text="Said in confidence", audience="city")
    _subscription, address = subscribed(deputy)
    body = Client().get(address).content.decode()
    assert full_agenda.title_fr in body.replace("\r\n ", "")
    assert "confidence" not in body


def test_an_edit_keeps_the_identifier_and_counts_on(deputy, full_agenda):
    _subscription, address = subscribed(deputy)
    before = entries(address)[full_agenda.title_en]
    full_agenda.refresh_from_db()
    full_agenda.purpose_fr = "Autre but inventé."
    full_agenda.save()
    after = entries(address)[full_agenda.title_en]
    assert after.uid.value == before.uid.value
    assert int(after.sequence.value) == int(before.sequence.value) + 1


def test_a_guessed_a_revoked_and_a_leaver_s_address_are_the_same_404(deputy):
    subscription, address = subscribed(deputy)
    other = make.UserFactory(role=Role.DEPUTY)
    _theirs, leaver = subscribed(other)
    services.revoke(subscription, actor=deputy)
    other.is_active = False
    other.save()
    paths = [reverse("events:feed", args=["x" * 43]), address, leaver]
    answers = [Client().get(path) for path in paths]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    # Nothing but the address itself and the token of the form tells them apart.
    bodies = {
        re.sub(r"csrf[^>]*", "", answer.content.decode().replace(path, ""))
        for path, answer in zip(paths, answers, strict=True)
    }
    assert len(bodies) == 1


def test_a_revoked_address_never_works_again(deputy):
    subscription, address = subscribed(deputy)
    first = services.revoke(subscription, actor=deputy).revoked_at
    assert services.revoke(subscription, actor=deputy).revoked_at == first
    assert Client().get(address).status_code == 404


def test_only_the_digest_of_the_secret_is_kept_and_no_history_of_it(deputy):
    subscription, token = services.subscribe(actor=deputy, name="Tablet")
    assert len(token) >= 43
    assert token not in json.dumps(list(CalendarSubscription.objects.values()), default=str)
    events = CalendarSubscription.pgh_event_model.objects.values()
    assert "token_digest" not in events[0]
    assert subscription.token_digest not in json.dumps(list(events), default=str)


def test_the_secret_is_in_no_log(deputy, settings, caplog):
    _subscription, token = services.subscribe(actor=deputy, name="Tablet")
    lines = [
        handler.formatter
        for handler in logging.getLogger().handlers
        if type(handler.formatter).__name__ == "ProcessorFormatter"
    ]
    formatter = lines[0]
    path = reverse("events:feed", args=[token])
    for logger, message in (("django.request", f"Internal Server Error: {path}"), ("any", f"GET {path} HTTP/1.1")):
        written = formatter.format(logging.LogRecord(logger, logging.ERROR, "", 1, message, (), None))
        assert token not in written
        assert "/agenda/calendars/[secret]" in written


def test_one_s_addresses_are_one_s_own(deputy):
    subscription, _address = subscribed(deputy)
    stranger = Client()
    stranger.force_login(make.UserFactory(role=Role.ADMINISTRATOR))
    assert stranger.post(reverse("events:revoke", args=[subscription.pk])).status_code == 404
    assert "Tablet" not in stranger.get(reverse("events:subscriptions")).content.decode()
    subscription.refresh_from_db()
    assert subscription.revoked_at is None


def test_until_it_is_shown_the_secret_lies_sealed(deputy, settings):
    client = Client()
    client.force_login(deputy)
    page = reverse("events:subscriptions")
    client.post(page, {"name": "Tablet"})
    key, settings.SEALING_KEYS = settings.SEALING_KEYS, [Fernet.generate_key().decode()]
    assert "None of the keys opens this text" in client.get(page).content.decode()
    settings.SEALING_KEYS = key
    assert "/agenda/calendars/" not in client.get(page).content.decode()
    client.post(page, {"name": "Telephone"})
    kept = " ".join(str(value) for value in client.session.values())
    token = client.get(page).content.decode().partition("/agenda/calendars/")[2].partition(".ics")[0]
    assert len(token) > 20
    assert "gAAAA" in kept
    assert token not in kept


def test_the_page_shows_the_secret_once(deputy):
    client = Client()
    client.force_login(deputy)
    page = reverse("events:subscriptions")
    made = client.post(page, {"name": "Phone"}, follow=True)
    # The form is not sent again by whoever reloads the page.
    assert made.redirect_chain == [(page, 302)]
    (address,) = re.findall(r'value="(http://testserver/agenda/calendars/[^"]+)"', made.content.decode())
    assert Client().get(address).status_code == 200
    assert "/agenda/calendars/" not in client.get(page).content.decode()
    assert deputy.subscriptions.count() == 1
    refused = client.post(page, {"name": "  "})
    assert refused.status_code == 422
    assert "Name the device or calendar." in refused.content.decode()
    revoked = client.post(reverse("events:revoke", args=[deputy.subscriptions.get().pk]), follow=True)
    assert "“Phone” no longer reads your agenda." in revoked.content.decode()
    assert Client().get(address).status_code == 404


def test_the_first_of_a_month_is_written_as_french_writes_it(deputy):
    deputy.language = "fr"
    deputy.save()
    subscription, _address = subscribed(deputy)
    services.revoke(subscription, actor=deputy)
    client = Client()
    client.force_login(deputy)
    page = client.get(reverse("events:subscriptions")).content.decode()
    assert "le 1er juin 2015" in page[page.index("<tbody") : page.index("</tbody>")]


def test_two_addresses_in_use_have_two_names(deputy):
    subscription, _address = subscribed(deputy)
    services.subscribe(actor=make.UserFactory(role=Role.DEPUTY), name="Tablet")
    with pytest.raises(Refused, match="An address of this name is in use"):
        services.subscribe(actor=deputy, name=" Tablet ")
    services.revoke(subscription, actor=deputy)
    subscribed(deputy)
    assert [row.revoked_at is None for row in deputy.subscriptions.order_by("pk")] == [False, True]


def test_who_wants_appointments_alone_is_told_nothing_of_what_falls_due(deputy, full_agenda):
    client = Client()
    client.force_login(deputy)
    page = reverse("events:subscriptions")
    made = client.post(page, {"name": "Phone"}, follow=True).content.decode()
    (address,) = re.findall(r'value="(http://testserver/agenda/calendars/[^"]+)"', made)
    assert set(entries(address)) == {full_agenda.title_en, "Talk on water", "Council of July"}
    made = client.post(page, {"name": "Tablet", "with_deadlines": "on"}, follow=True).content.decode()
    (address,) = re.findall(r'value="(http://testserver/agenda/calendars/[^"]+)"', made)
    assert "Promise: Send the map" in entries(address)


def test_what_falls_due_in_a_period_says_so_on_its_last_day(deputy):
    make.PromiseFactory(what_en="Send the map", due_on=date(2015, 9, 1), due_on_precision="month")
    bid = make.EventFactory(kind="bid", title_en="Games", planned_start=date(2016, 6, 1), planned_start_precision="day")
    make.BidStageFactory(event=bid, title_en="File", due_on=date(2016, 3, 1), due_on_precision="season")
    _subscription, address = subscribed(deputy)
    found = {summary: entry.dtstart.value for summary, entry in entries(address).items()}
    assert found == {
        "Games": date(2016, 6, 1),
        "Promise: Send the map (at the latest: September 2015)": date(2015, 9, 30),
        "Games: File (at the latest: spring 2016)": date(2016, 5, 31),
    }


def test_no_day_is_shown_that_nobody_chose(deputy):
    make.MissionFactory(
        title_en="Trip",
        planned_start=date(2015, 7, 6),
        planned_start_precision="day",
        planned_end=date(2015, 9, 1),
        planned_end_precision="month",
    )
    make.EventFactory(title_en="Some day in July", planned_start=date(2015, 7, 1), planned_start_precision="month")
    _subscription, address = subscribed(deputy)
    found = entries(address)
    assert list(found) == ["Trip"]
    # Of the return only the month is known.
    assert (found["Trip"].dtstart.value, found["Trip"].dtend.value) == (date(2015, 7, 6), date(2015, 7, 7))


def test_a_meeting_without_an_end_has_none(deputy):
    make.MeetingFactory(title_en="Talk", day=date(2015, 7, 7), day_precision="day", starts_at=time(9, 30))
    _subscription, address = subscribed(deputy)
    talk = entries(address)["Talk"]
    assert talk.dtstart.value == datetime(2015, 7, 7, 9, 30)  # noqa: DTZ001
    assert "dtend" not in talk.contents


def test_a_delegation_received_is_in_our_city_and_comes_from_its_own(deputy, settings):
    make.DelegationFactory(title_en="Visit", city=make.CityFactory(name_en="Exampleville"), confirmed=True)
    _subscription, address = subscribed(deputy)
    visit = entries(address)["Visit"]
    assert visit.location.value == settings.CITY_NAME
    assert visit.description.value == "confirmed, from Exampleville"


def test_nobody_has_more_than_ten(deputy):
    for number in range(services.SUBSCRIPTIONS):
        services.subscribe(actor=deputy, name=f"Device {number}")
    with pytest.raises(Refused, match="10"):
        services.subscribe(actor=deputy, name="One more")
    with pytest.raises(Refused, match="80"):
        services.subscribe(actor=make.UserFactory(role=Role.AUDITOR), name="x" * 81)


def test_it_asks_as_often_for_much_as_for_little(deputy, full_agenda, django_assert_num_queries):
    _subscription, address = subscribed(deputy)
    Client().get(address)
    with django_assert_num_queries(QUERIES):
        entries(address)
    for _number in range(3):
        trip = make.MissionFactory(confirmed=True)
        make.DestinationFactory(mission=trip)
        make.MeetingFactory(day=date(2015, 7, 8), day_precision="day")
        make.PromiseFactory(due_on=date(2015, 10, 1), due_on_precision="day")
    with django_assert_num_queries(QUERIES):
        entries(address)

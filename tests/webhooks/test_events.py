"""What happened to records, told from their history: once each, in order, to those who asked and may see it."""

import json
import threading
from datetime import datetime, timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from core import clock, settled, tasks
from core.enums import Audience
from core.models import BaseModel, WebhookDelivery, WebhookPosition, WebhookSubscription
from core.webhooks import events, outbox, sending
from partnerships.models import City, WatchNote
from tests import factories as make

pytestmark = pytest.mark.django_db
told_at_once = pytest.mark.usefixtures("at_once")
CITIES = ["cities.created", "cities.updated", "cities.deleted"]
NOTES = ["watch-notes.created", "watch-notes.updated", "watch-notes.deleted"]


def subscribe(*names: str, **fields) -> WebhookSubscription:
    return make.WebhookSubscriptionFactory(event_types=list(names), **fields)


def told(subscription=None) -> list[tuple[str, int, int]]:
    """The messages in their order: event, record, version."""
    found = WebhookDelivery.objects.order_by("pk")
    found = found.filter(subscription=subscription) if subscription else found
    bodies = [json.loads(message.body) for message in found]
    return [(body["type"], body["data"]["id"], body["data"]["version"]) for body in bodies]


@told_at_once
def test_a_message_says_what_happened_and_where_to_read_it(settings):
    settings.SITE_URL = "https://parvis.example"
    subscription = subscribe(*CITIES)
    city = make.CityFactory()
    assert outbox.fill() == 1
    [message] = WebhookDelivery.objects.all()
    body = json.loads(message.body)
    assert (message.subscription, message.event) == (subscription, "cities.created")
    assert datetime.fromisoformat(body.pop("timestamp")) == City.pgh_event_model.objects.get().pgh_created_at
    assert body == {
        "type": "cities.created",
        "data": {
            "resource": "cities",
            "id": city.pk,
            "version": 1,
            "url": f"https://parvis.example/api/v1/cities/{city.pk}/",
        },
    }


@told_at_once
def test_every_change_is_told_once_in_order_by_whatever_way_it_was_written():
    subscribe(*CITIES)
    city = make.CityFactory()
    key = city.pk
    city.alias = "Other"
    city.save()
    City.objects.filter(pk=key).update(alias="Third")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE partnerships_city SET alias = 'By hand' WHERE id = %s", [key])
    City.objects.filter(pk=key).update(alias="By hand")  # changes nothing
    city.delete()
    assert outbox.fill() == 5
    assert told() == [
        ("cities.created", key, 1),
        *[("cities.updated", key, version) for version in (2, 3, 4)],
        ("cities.deleted", key, 4),
    ]
    assert outbox.fill() == 0


@told_at_once
def test_only_what_was_asked_for_is_told():
    only_new, other = subscribe("cities.created"), subscribe("agreements.created", "reminders.due")
    subscribe(*CITIES, is_active=False)
    city = make.CityFactory()
    City.objects.filter(pk=city.pk).update(alias="Other")
    make.AgreementFactory()
    outbox.fill()
    assert [row[0] for row in told(only_new)] == ["cities.created"]
    assert [row[0] for row in told(other)] == ["agreements.created"]
    assert WebhookDelivery.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_subscription_hears_of_what_happens_after_it_was_made(at_once):
    early = subscribe(*CITIES)
    make.CityFactory()
    outbox.fill()
    late = subscribe(*CITIES)
    city = make.CityFactory()
    outbox.fill()
    assert len(told(early)) == 2
    assert told(late) == [("cities.created", city.pk, 1)]


@pytest.mark.django_db(transaction=True)
def test_what_happens_while_it_is_not_in_use_or_before_it_asks_is_not_told_later(at_once):
    subscription = subscribe("agreements.created")
    outbox.fill()
    make.CityFactory()
    outbox.fill()
    subscription.event_types = CITIES
    subscription.is_active = False
    subscription.save()
    make.CityFactory()
    outbox.fill()
    assert told() == []
    subscription.is_active = True
    subscription.save()
    city = make.CityFactory()
    outbox.fill()
    assert told() == [("cities.created", city.pk, 1)]


@told_at_once
def test_a_system_hears_of_nothing_that_it_may_not_read():
    subscription = subscribe(*CITIES, "grants.created")
    subscription.client.access.scopes = ["partnerships:read"]
    subscription.client.access.save()
    city = make.CityFactory()
    make.GrantFactory()
    outbox.fill()
    assert told() == [("cities.created", city.pk, 1)]


@told_at_once
def test_a_note_for_others_is_told_to_nobody_and_one_that_is_withdrawn_is_gone():
    """What comes into sight is added, what leaves it is gone, and what happens out of sight is nothing."""
    subscribe(*NOTES)
    hidden = make.WatchNoteFactory(audience=Audience.STAFF)
    hidden.title = "Still invented"
    hidden.save()
    hidden.delete()
    note = make.WatchNoteFactory(audience=Audience.CITY)
    for audience, title in [
        (Audience.CITY, "Invented, again"),
        (Audience.STAFF, "Invented, withdrawn"),
        (Audience.DEPUTIES, "Invented, and out of sight"),
        (Audience.CITY, "Invented, back"),
    ]:
        WatchNote.objects.filter(pk=note.pk).update(audience=audience, title=title)
    outbox.fill()
    assert told() == [
        ("watch-notes.created", note.pk, 1),
        ("watch-notes.updated", note.pk, 2),
        ("watch-notes.deleted", note.pk, 3),
        ("watch-notes.created", note.pk, 5),
    ]
    assert "withdrawn" not in "".join(WebhookDelivery.objects.values_list("body", flat=True))


@pytest.mark.django_db(transaction=True)
@told_at_once
def test_a_note_that_is_withdrawn_between_two_runs_is_gone():
    subscribe(*NOTES)
    note = make.WatchNoteFactory(audience=Audience.CITY)
    outbox.fill()
    WatchNote.objects.filter(pk=note.pk).update(audience=Audience.STAFF)
    outbox.fill()
    assert [row[0] for row in told()] == ["watch-notes.created", "watch-notes.deleted"]


@told_at_once
def test_what_was_undone_is_not_told():
    subscribe(*CITIES)
    with transaction.atomic():
        make.CityFactory()
        transaction.set_rollback(True)
    assert outbox.fill() == 0


@pytest.mark.django_db(transaction=True)
def test_a_change_that_is_committed_late_is_told_too(monkeypatch):
    """Its transaction began before others that have been told of already."""
    monkeypatch.setattr(settled, "_MARGIN", "0 seconds")
    subscribe(*CITIES)
    country = make.CountryFactory()
    begun, ends = threading.Event(), threading.Event()

    def writes_slowly():
        try:
            with transaction.atomic():
                City.objects.create(slug="late", name_fr="Tardive", name_en="Late", country=country)
                begun.set()
                ends.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=writes_slowly)
    thread.start()
    assert begun.wait(20)
    make.CityFactory(slug="quick", country=country)
    outbox.fill()
    ends.set()
    thread.join()
    outbox.fill()
    outbox.fill()
    slugs = dict(City.objects.values_list("pk", "slug"))
    assert sorted(slugs[key] for _name, key, _version in told()) == ["late", "quick"]


@pytest.mark.django_db(transaction=True)
def test_several_workers_tell_nothing_twice(at_once):
    subscribe(*CITIES)
    keys = {make.CityFactory().pk for _each in range(30)}
    together = threading.Barrier(4)

    def fills():
        try:
            together.wait(20)
            outbox.fill()
        finally:
            connection.close()

    workers = [threading.Thread(target=fills) for _each in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    outbox.fill()
    assert sorted(key for _name, key, _version in told()) == sorted(keys)


@told_at_once
def test_history_that_is_read_again_tells_nothing_twice():
    """As after a restored backup: each message knows which event it tells of."""
    subscribe(*CITIES)
    make.CityFactory()
    outbox.fill()
    WebhookPosition.objects.update(until=F("until") - timedelta(days=1))
    outbox.fill()
    assert len(told()) == 1


@pytest.mark.django_db(transaction=True)
def test_the_first_reading_of_all_begins_with_the_first_subscription(monkeypatch):
    monkeypatch.setattr(outbox, "settled", clock.real)
    make.CityFactory()
    subscribe(*CITIES)
    city = make.CityFactory()
    outbox.fill()
    assert told() == [("cities.created", city.pk, 1)]


@pytest.mark.parametrize("count", [1, 12])
@told_at_once
def test_the_number_of_queries_does_not_grow_with_what_happened(django_assert_num_queries, count):
    subscribe(*CITIES, *NOTES)
    for _each in range(count):
        make.WatchNoteFactory(audience=Audience.CITY)
    with django_assert_num_queries(14):
        assert outbox.fill() == 2 * count


def test_there_is_one_position():
    WebhookPosition.objects.create(until=clock.real())
    with pytest.raises(IntegrityError, match="core_webhookposition_single"), transaction.atomic():
        WebhookPosition.objects.create(id=2, until=clock.real())


def test_events_are_those_of_the_resources_of_the_api_and_of_no_protected_record():
    told_of = {model._meta.label for model in events.resources().values()}
    records = {model._meta.label for model in apps.get_models() if issubclass(model, BaseModel)}
    assert {"partnerships.City", "solidarity.Grant", "core.Document"} <= told_of <= records
    inside = {f"solidarity.{name}" for name in ("ProtectedFile", "FileAccess", "FileRead", "Publication", "Erasure")}
    assert not told_of & (inside | {"core.User", "core.UserRole", "core.WebhookSubscription"})
    assert {"agreements.created", "agreements.updated", "agreements.deleted", events.REMINDER_DUE} <= events.known()
    assert events.TEST not in events.known()


@pytest.mark.django_db(transaction=True)
def test_the_task_tells_and_sends(there, at_once):
    subscribe(*CITIES, url=there.url)
    city = make.CityFactory()
    assert tasks.deliver_webhooks() == 1
    [(_headers, body)] = there.got
    assert json.loads(body)["data"]["id"] == city.pk


@pytest.mark.django_db(transaction=True)
def test_what_was_written_is_sent_though_history_cannot_be_read(there, at_once, monkeypatch):
    subscribe(*CITIES, url=there.url)
    make.CityFactory()
    outbox.fill()

    def broken():
        raise RuntimeError("invented")

    monkeypatch.setattr(outbox, "settled", broken)
    with pytest.raises(RuntimeError, match="invented"):
        tasks.deliver_webhooks()
    assert len(there.got) == 1
    assert sending.send() == 0

"""A worker that is killed with a message in its hands: nothing is lost, and what comes twice is known by its id."""

import json
import os
from collections import Counter
from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection

from config.celery import app
from core import clock
from core.models import WebhookDelivery, WebhookSubscription
from core.tasks import deliver_webhooks
from tests import factories as make
from tests.drill.crew import Worker, wait_until

pytestmark = [pytest.mark.walk, pytest.mark.django_db(transaction=True)]
CHANGES, LAST = 40, 15


@pytest.fixture
def worker(transactional_db, tmp_path, monkeypatch):
    """Outside this process, on the database and the broker of the test."""
    here = urlsplit(os.environ["DATABASE_URL"])
    monkeypatch.setenv("DATABASE_URL", urlunsplit(here._replace(path=f"/{connection.settings_dict['NAME']}")))
    app.control.purge()
    crew = Worker(tmp_path / "worker.log", concurrency=1)
    crew.start()
    yield crew
    crew.kill_all()
    app.control.purge()


def asked_until(condition) -> bool:
    """Asks for a delivery again and again, as beat does."""

    def holds() -> bool:
        if condition():
            return True
        deliver_webhooks.apply_async(expires=2)
        return False

    return wait_until(holds, 60, every=1)


def test_a_worker_killed_in_mid_delivery_loses_nothing_and_doubles_one(worker, there):
    subscription = make.WebhookSubscriptionFactory(url=there.url, event_types=["cities.created", "cities.updated"])
    country = make.CountryFactory()
    keys = {make.CityFactory(country=country).pk for _each in range(CHANGES)}
    killed: list[str] = []

    def dies() -> int:
        # The message has come, and its answer will reach nobody.
        worker.kill_all()
        killed.append(there.ids()[-1])
        return 204

    there.answers = [204] * (LAST - 1) + [dies]
    assert asked_until(lambda: killed), worker.log.read_text()
    app.control.purge()
    taken = WebhookDelivery.objects.filter(delivered_at__isnull=False)
    assert (taken.count(), len(there.got)) == (LAST - 1, LAST)
    assert WebhookDelivery.objects.waiting().count() == CHANGES - LAST + 1
    held = WebhookSubscription.objects.get()
    assert held.held_until > clock.real(), "the dead one holds it still, for a minute"
    WebhookSubscription.objects.filter(pk=subscription.pk).update(held_until=clock.real() - timedelta(seconds=1))

    worker.start()
    assert asked_until(lambda: not WebhookDelivery.objects.waiting().exists()), worker.log.read_text()
    copies = Counter(there.ids())
    assert {number: count for number, count in copies.items() if count > 1} == {killed[0]: 2}
    once = {headers["webhook-id"]: json.loads(body) for headers, body in there.got}
    assert sorted(body["data"]["id"] for body in once.values()) == sorted(keys)
    assert {body["type"] for body in once.values()} == {"cities.created"}
    order = list(dict.fromkeys(there.ids()))
    assert order == [str(number) for number in WebhookDelivery.objects.order_by("pk").values_list("uuid", flat=True)]

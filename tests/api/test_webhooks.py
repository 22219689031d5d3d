"""Subscriptions by the API: each client keeps its own and nobody else's; what was sent, and sending it again."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from oauth2_provider.models import Application

from core import clock
from core.api.scopes import declared
from core.models import WebhookDelivery, WebhookSubscription
from core.roles import Role
from core.sealing import unseal
from core.webhooks import services
from core.webhooks.events import REMINDER_DUE, TEST
from tests import factories as make
from tests.api.conftest import bearer, messages, signed_in

pytestmark = pytest.mark.django_db
SUBSCRIPTIONS, DELIVERIES = "/api/v1/webhook-subscriptions/", "/api/v1/webhook-deliveries/"
BODY = {
    "name": "Invented agenda",
    "url": "https://agenda.example/hooks/",
    "event_types": ["cities.updated", "cities.created"],
}
SECRETS = ("whsec_", "gAAAA")


@pytest.fixture
def own(api) -> WebhookSubscription:
    """A subscription of the calling client."""
    return make.WebhookSubscriptionFactory(client=Application.objects.get(name="Invented system"))


@pytest.fixture
def foreign() -> WebhookSubscription:
    return make.WebhookSubscriptionFactory()


def one(subscription, *more: str) -> str:
    return "/".join([f"{SUBSCRIPTIONS}{subscription.pk}", *more, ""])


def message(subscription, **state) -> WebhookDelivery:
    written = services.write(subscription, REMINDER_DUE, {"what": "Échéance inventée"})
    WebhookDelivery.objects.filter(pk=written.pk).update(**state)
    return written


def test_a_client_subscribes_for_itself_and_is_shown_the_secret_once(api):
    answer = api.post(SUBSCRIPTIONS, BODY)
    assert answer.status_code == 201, answer.content
    subscription = WebhookSubscription.objects.select_related("client").get()
    found = answer.json()
    secret = found.pop("secret")
    assert secret == unseal(subscription.secret)
    assert answer.headers["Cache-Control"] == "no-store"
    assert found | {"created_at": "", "updated_at": ""} == {
        "id": subscription.pk,
        "name": "Invented agenda",
        "client": Application.objects.get(name="Invented system").client_id,
        "url": "https://agenda.example/hooks/",
        "event_types": ["cities.created", "cities.updated"],
        "is_active": True,
        "old_until": None,
        "tried_at": None,
        "answered_in": None,
        "failures": 0,
        "retry_at": None,
        "version": 1,
        "created_at": "",
        "updated_at": "",
    }
    read = api.get(answer.headers["Location"])
    assert read.json() == found
    assert read.headers["ETag"] == answer.headers["ETag"]
    for told in (read, api.get(SUBSCRIPTIONS), api.get(f"{SUBSCRIPTIONS}?fields=name")):
        assert not [word for word in SECRETS if word in told.content.decode()]


def test_a_client_neither_sees_nor_touches_what_is_another_s(api, foreign):
    sent = message(foreign, delivered_at=clock.real())
    assert api.get(SUBSCRIPTIONS).json()["count"] == 0
    assert api.get(DELIVERIES).json()["count"] == 0
    assert api.get(DELIVERIES, {"subscription": foreign.pk}).status_code == 400
    if_any = {"headers": {"If-Match": "*"}}
    for answer in (
        api.get(one(foreign)),
        api.patch(one(foreign), {"name": "Mine"}, **if_any),
        api.put(one(foreign), BODY, **if_any),
        api.delete(one(foreign), **if_any),
        api.post(one(foreign, "rotate-secret")),
        api.post(one(foreign, "test")),
        api.get(f"{DELIVERIES}{sent.pk}/"),
        api.post(f"{DELIVERIES}{sent.pk}/send-again/"),
    ):
        assert answer.status_code == 404, answer.content
    kept = WebhookSubscription.objects.get()
    assert (kept.name, kept.secret, kept.version) == (foreign.name, foreign.secret, 1)


def test_a_client_gives_a_subscription_to_nobody_else_and_takes_none(api, own, foreign):
    for client in (foreign.client.client_id, "nobody", "\0", 1, None):
        answer = api.post(SUBSCRIPTIONS, BODY | {"client": client})
        assert (answer.status_code, list(messages(answer))) == (400, ["client"])
        moved = api.patch(one(own), {"client": client}, headers={"If-Match": "*"})
        assert (moved.status_code, list(messages(moved))) == (400, ["client"])
    assert WebhookSubscription.objects.count() == 2
    assert WebhookSubscription.objects.get(pk=own.pk).client_id == own.client_id


def test_the_services_refuse_another_s_client_too(foreign):
    from core.access import ApiClient
    from core.exceptions import Refused

    stranger = ApiClient("stranger", "Stranger", frozenset(declared()))
    sent = message(foreign, delivered_at=clock.real())
    for act in (
        lambda: services.rotate(foreign, actor=stranger),
        lambda: services.send_test(foreign, actor=stranger),
        lambda: services.send_again(sent, actor=stranger),
        lambda: services.subscribe(
            actor=stranger, client=foreign.client, name="Mine", url=BODY["url"], events=BODY["event_types"]
        ),
    ):
        with pytest.raises(Refused):
            act()


def test_an_administrator_keeps_those_of_every_client(administrator, foreign):
    assert administrator.get(one(foreign)).json()["client"] == foreign.client.client_id
    answer = administrator.post(SUBSCRIPTIONS, BODY)
    assert (answer.status_code, list(messages(answer))) == (400, ["client"])
    answer = administrator.post(SUBSCRIPTIONS, BODY | {"client": foreign.client.client_id})
    assert (answer.status_code, answer.json()["client"]) == (201, foreign.client.client_id)


@pytest.mark.parametrize("role", [Role.OFFICER, Role.DEPUTY, Role.AUDITOR])
def test_nobody_else_of_the_staff_sees_them(role, foreign):
    person, sent = signed_in(role), message(foreign)
    assert person.get(SUBSCRIPTIONS).status_code == 403
    assert person.post(SUBSCRIPTIONS, BODY | {"client": foreign.client.client_id}).status_code == 403
    assert person.get(DELIVERIES).json()["count"] == 0
    assert person.post(f"{DELIVERIES}{sent.pk}/send-again/").status_code == 404


@pytest.mark.parametrize(
    ("scopes", "method", "status"),
    [
        (["partnerships:read"], "get", 403),
        (["core:read"], "get", 200),
        (["core:read"], "post", 403),
        (["core:write"], "post", 403),
        (["core:read", "core:write"], "post", 201),
    ],
)
def test_the_scopes_of_core_open_them(scopes, method, status):
    client = bearer(*scopes)
    assert getattr(client, method)(SUBSCRIPTIONS, BODY if method == "post" else None).status_code == status


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"event_types": []}, "event_types"),
        ({"event_types": ["agreements.invented"]}, "event_types"),
        ({"event_types": ["webhook-subscriptions.created"]}, "event_types"),
        ({"event_types": "cities.created"}, "event_types"),
        ({"url": "ftp://systems.example/"}, "url"),
        ({"url": "https://someone:secret@systems.example/"}, "url"),
        ({"url": "http://systems.example/"}, "url"),
        ({"name": ""}, "name"),
        ({"secret": "whsec_mine"}, "secret"),
        ({"failures": 0}, "failures"),
    ],
)
def test_what_cannot_be_told_is_refused_by_field(api, settings, change, field):
    settings.WEBHOOKS_TO_PRIVATE = False
    answer = api.post(SUBSCRIPTIONS, BODY | change)
    assert (answer.status_code, list(messages(answer))) == (400, [field])
    assert not WebhookSubscription.objects.exists()


def test_a_subscription_is_changed_and_then_tried_at_once(api, own):
    WebhookSubscription.objects.filter(pk=own.pk).update(failures=3, retry_at=clock.real())
    answer = api.patch(one(own), {"url": "https://other.example/"}, headers={"If-Match": f'"{own.pk}-1"'})
    assert answer.status_code == 200, answer.content
    found = answer.json()
    assert (found["url"], found["retry_at"], found["version"]) == ("https://other.example/", None, 2)
    assert api.put(one(own), BODY, headers={"If-Match": f'"{own.pk}-1"'}).status_code == 412
    replaced = api.put(one(own), BODY, headers={"If-Match": f'"{own.pk}-2"'})
    assert (replaced.status_code, replaced.json()["name"]) == (200, "Invented agenda")
    assert WebhookSubscription.objects.get(pk=own.pk).secret == own.secret


def test_a_subscription_is_deleted_with_what_waits(api, own):
    message(own)
    assert api.delete(one(own), headers={"If-Match": "*"}).status_code == 204
    assert not WebhookDelivery.objects.exists()


def test_a_secret_is_replaced_and_shown_once(api, own):
    answer = api.post(one(own, "rotate-secret"))
    assert answer.status_code == 200, answer.content
    kept = WebhookSubscription.objects.get(pk=own.pk)
    assert answer.json()["secret"] == unseal(kept.secret) != unseal(own.secret)
    assert kept.old_secret == own.secret
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_test_message_is_written_and_listed(api, own):
    answer = api.post(one(own, "test"))
    assert answer.status_code == 201, answer.content
    written = WebhookDelivery.objects.get()
    found = answer.json()
    assert api.get(f"{DELIVERIES}{written.pk}/").json() == found
    body = json.loads(found.pop("body"))
    assert (body["type"], body["data"]) == (TEST, {"subscription": own.pk})
    found.pop("written_at")
    assert found == {
        "id": written.pk,
        "webhook_id": str(written.uuid),
        "subscription": own.pk,
        "event": TEST,
        "state": "waiting",
        "delivered_at": None,
        "parked_at": None,
        "attempts": 0,
        "status": None,
        "problem": "",
    }
    WebhookSubscription.objects.update(is_active=False)
    assert api.post(one(own, "test")).status_code == 409


def test_deliveries_are_narrowed_and_cut(api, own):
    waits, taken = message(own), message(own, delivered_at=clock.real())
    parked = message(own, parked_at=clock.real(), event="cities.created")

    def found(query: str) -> list[int]:
        answer = api.get(f"{DELIVERIES}?{query}")
        assert answer.status_code == 200, answer.content
        return [row["id"] for row in answer.json()["results"]]

    assert found("") == [parked.pk, taken.pk, waits.pk]
    assert found("state=waiting") == [waits.pk]
    assert found("state=parked&state=delivered") == [parked.pk, taken.pk]
    assert found("event=cities.created") == [parked.pk]
    assert found(f"subscription={own.pk}&page_size=1") == [parked.pk]
    for wrong in ("state=lost", "colour=red", "subscription=0"):
        assert api.get(f"{DELIVERIES}?{wrong}").status_code == 400


def test_a_message_is_sent_again(api, own):
    sent = message(own, delivered_at=clock.real(), attempts=1)
    answer = api.post(f"{DELIVERIES}{sent.pk}/send-again/")
    assert (answer.status_code, answer.json()["state"]) == (200, "waiting")
    assert answer.json()["webhook_id"] == str(sent.uuid)
    again = api.post(f"{DELIVERIES}{sent.pk}/send-again/")
    assert (again.status_code, again.json()["detail"]) == (409, "This message is on its way already.")


def test_deliveries_are_only_read(api, own):
    sent = message(own)
    assert api.post(DELIVERIES, {}).status_code == 405
    for method in ("put", "patch", "delete"):
        assert getattr(api, method)(f"{DELIVERIES}{sent.pk}/", {}).status_code == 405


@pytest.mark.parametrize("address", [SUBSCRIPTIONS, DELIVERIES])
def test_the_number_of_queries_does_not_grow(api, own, address):
    message(own)
    api.get(address)  # the first request of a client notes that it was used
    counts, queries = [], []
    for _each in range(2):
        with CaptureQueriesContext(connection) as captured:
            counts.append(api.get(address).json()["count"])
        queries.append(len(captured))
        make.WebhookSubscriptionFactory(client=own.client)
        message(own)
        message(own)
    assert counts[0] < counts[1]
    assert queries[0] == queries[1] <= 3

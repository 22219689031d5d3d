"""The administrator's pages of webhooks: the secret is shown once, and a message can be sent again."""

import re

import pytest
from django.urls import reverse

from core import clock
from core.models import WebhookDelivery, WebhookSubscription
from core.sealing import unseal
from core.webhooks import services
from core.webhooks.events import REMINDER_DUE, TEST, known
from tests import factories as make

LIST = "admin:core_webhooksubscription_changelist"


@pytest.fixture
def given(db) -> dict:
    return {
        "name": "Invented agenda",
        "client": make.ApiClientFactory().pk,
        "url": "https://agenda.example/hooks/",
        "event_types": [REMINDER_DUE],
        "is_active": "on",
    }


def shown(response) -> str:
    found = re.search(r"whsec_[A-Za-z0-9+/=]+", response.content.decode())
    return found.group() if found else ""


def test_the_secret_of_a_new_subscription_is_shown_once(administrator, given):
    page = administrator.post(reverse("admin:core_webhooksubscription_add"), given, follow=True)
    subscription = WebhookSubscription.objects.get()
    assert shown(page) == unseal(subscription.secret)
    assert not shown(administrator.get(reverse("admin:core_webhooksubscription_change", args=[subscription.pk])))
    assert not shown(administrator.get(reverse(LIST)))


def test_a_secret_is_replaced_from_the_form(administrator, given):
    subscription = make.WebhookSubscriptionFactory()
    address = reverse("admin:core_webhooksubscription_change", args=[subscription.pk])
    old = subscription.secret
    version = {"opened_version": subscription.version}
    page = administrator.post(address, given | version | {"new_secret": "on"}, follow=True)
    subscription.refresh_from_db()
    assert shown(page) == unseal(subscription.secret)
    assert subscription.old_secret == old
    page = administrator.post(address, given | {"opened_version": subscription.version}, follow=True)
    assert not shown(page)


@pytest.mark.parametrize(
    ("field", "value"), [("url", "https://someone:secret@systems.example/"), ("event_types", []), ("client", "")]
)
def test_what_cannot_be_told_is_refused_beside_its_field(administrator, given, field, value):
    page = administrator.post(reverse("admin:core_webhooksubscription_add"), given | {field: value})
    assert page.status_code == 200
    assert field in page.context["adminform"].form.errors
    assert not WebhookSubscription.objects.exists()


def test_a_message_is_sent_again_from_the_list(administrator):
    message = services.write(make.WebhookSubscriptionFactory(), REMINDER_DUE, {"what": "Échéance inventée"})
    address = reverse("admin:core_webhookdelivery_changelist")
    asked = {"action": "send_again", "_selected_action": [message.pk]}
    assert "on its way already" in administrator.post(address, asked, follow=True).content.decode()
    WebhookDelivery.objects.update(delivered_at=message.written_at)
    assert "will be sent again" in administrator.post(address, asked, follow=True).content.decode()
    message.refresh_from_db()
    assert message.delivered_at is None
    page = administrator.get(reverse("admin:core_webhookdelivery_change", args=[message.pk]))
    assert "Échéance inventée" in page.content.decode()


def test_nobody_else_sees_them(officer, auditor):
    message = services.write(make.WebhookSubscriptionFactory(), REMINDER_DUE, {})
    for client in (officer, auditor):
        assert client.get(reverse(LIST)).status_code == 403
        assert client.get(reverse("admin:core_webhookdelivery_changelist")).status_code == 403
        assert client.get(reverse("admin:core_webhookdelivery_change", args=[message.pk])).status_code == 403


def test_a_test_message_is_sent_from_the_list(administrator):
    subscription, idle = make.WebhookSubscriptionFactory(), make.WebhookSubscriptionFactory(is_active=False)
    asked = {"action": "send_test", "_selected_action": [subscription.pk, idle.pk]}
    page = administrator.post(reverse(LIST), asked, follow=True).content.decode()
    assert "1 test message will be sent" in page
    assert "not in use" in page
    [message] = WebhookDelivery.objects.all()
    assert (message.subscription, message.event) == (subscription, TEST)


def test_the_events_are_offered_by_app_and_resource_and_those_chosen_stay(administrator, given):
    subscription = make.WebhookSubscriptionFactory(event_types=["cities.created", REMINDER_DUE])
    address = reverse("admin:core_webhooksubscription_change", args=[subscription.pk])
    html = administrator.get(address).content.decode()
    boxes = re.findall(r'<input type="checkbox" name="event_types" value="([^"]+)"([^>]*)>', html)
    assert sorted(name for name, _rest in boxes) == sorted(known())
    assert sorted(name for name, rest in boxes if re.search(r" checked(?= |$)", rest)) == [
        "cities.created",
        REMINDER_DUE,
    ]
    assert 'aria-label="Cities: added"' in html
    assert html.count('<details class="parvis-box" open>') == 1
    changed = given | {"opened_version": subscription.version, "event_types": ["cities.created", "grants.updated"]}
    administrator.post(address, changed, follow=True)
    subscription.refresh_from_db()
    assert subscription.event_types == ["cities.created", "grants.updated"]


def test_what_a_receiver_did_meanwhile_is_not_undone_by_a_form(administrator, given):
    """A failure is noted while the form is open: it stays, and the change makes what waits be tried at once."""
    subscription = make.WebhookSubscriptionFactory()
    WebhookSubscription.objects.update(failures=3, retry_at=clock.real())
    subscription.name = "Invented, renamed"
    subscription.save()
    subscription.refresh_from_db()
    assert (subscription.failures, bool(subscription.retry_at)) == (3, True)
    address = reverse("admin:core_webhooksubscription_change", args=[subscription.pk])
    administrator.post(address, given | {"opened_version": subscription.version}, follow=True)
    subscription.refresh_from_db()
    assert (subscription.name, subscription.failures, subscription.retry_at) == ("Invented agenda", 3, None)

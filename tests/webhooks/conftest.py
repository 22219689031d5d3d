from datetime import timedelta

import pytest

from core import clock
from core.models import WebhookPosition
from core.webhooks import outbox
from tests.webhooks.receiver import receiver


@pytest.fixture
def there():
    with receiver() as found:
        yield found


@pytest.fixture
def at_once(db, monkeypatch):
    """Everything that is written is told at once: a test's transaction never ends, and nobody else writes. History has been
    read before."""
    WebhookPosition.objects.create(until=clock.real() - timedelta(minutes=5))
    monkeypatch.setattr(outbox, "settled", clock.real)

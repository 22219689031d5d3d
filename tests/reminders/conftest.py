from datetime import timedelta

import pytest

from core import clock
from core.models import Notification, ReminderPreference
from core.roles import Role
from tests import factories as make
from tests.solidarity.test_alarm import MailServer, free_port, running


@pytest.fixture
def reader():
    """Makes a person who may be written to at any hour; `wish` is how else she wants it."""

    def made(role=Role.OFFICER, *, email="", language="fr", is_active=True, **wish):
        named = {"email": email} if email else {}
        user = make.UserFactory(role=role, language=language, is_active=is_active, **named)
        ReminderPreference.objects.create(
            user=user, **({"quiet_from": None, "quiet_until": None, "quiet_weekends": False} | wish)
        )
        return user

    return made


@pytest.fixture
def officer(db, reader):
    return reader()


@pytest.fixture
def agreement(db):
    return expiring(20)


def expiring(days: int):
    """An agreement that expires so many days from today."""
    return make.AgreementFactory(in_force=True, expires_on=clock.today() + timedelta(days))


def ledger(**which) -> dict[str, int]:
    """How many lines were told, fell silent and wait."""
    lines = Notification.objects.filter(**which)
    return {
        "told": lines.filter(told_at__isnull=False).count(),
        "silent": lines.filter(silenced_at__isnull=False).count(),
        "waiting": lines.filter(told_at=None, silenced_at=None).count(),
    }


@pytest.fixture
def port(settings) -> int:
    """Where mail goes to; nothing listens there yet."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    return settings.EMAIL_PORT


@pytest.fixture
def server(port):
    """A real mail server that keeps what it is sent."""
    kept = MailServer()
    with running(kept, port):
        yield kept

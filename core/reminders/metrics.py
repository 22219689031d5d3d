"""Metrics for Prometheus: those of django-prometheus, and whether reminders go out.

The latter come from the database, so that every web process says the same. People who mend reminders read them, and systems
whose token has the scope `core:read`: Prometheus can ask for one by itself (its `oauth2` setting).
"""

from collections.abc import Iterator
from datetime import datetime

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from rest_framework.permissions import BasePermission
from rest_framework.views import APIView

from core import clock
from core.access import ApiClient, may
from core.models import ReminderRule
from core.reminders import services
from core.reminders.health import health


class Reminders(Collector):
    """What `core.reminders.health` knows, at the moment of asking. What never ran has no age, and no value here."""

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing: otherwise the database would be asked while Django starts."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        found = health()
        gauges = {
            "last_run_seconds": (
                "Seconds since a run of the reminders last ended without a problem",
                _age(found.last_run),
            ),
            "waiting": ("E-mails that are written and not sent", found.waiting),
            "deferred": ("E-mails tried in vain for more than an hour", found.deferred),
            "parked": ("E-mails that could not be sent and need somebody", found.parked),
            "oldest_seconds": (
                "Seconds since the oldest e-mail that waits was due",
                _age(found.oldest) if found.oldest else 0,
            ),
        }
        for name, (what, value) in gauges.items():
            gauge = GaugeMetricFamily(f"parvis_reminders_{name}", what)
            if value is not None:
                gauge.add_metric([], value)
            yield gauge


def _age(moment: datetime | None) -> float | None:
    """Seconds; 0 for what is due later."""
    return None if moment is None else max(0.0, (clock.real() - moment).total_seconds())


def register() -> None:
    REGISTRY.register(Reminders())


class MayRead(BasePermission):
    def has_permission(self, request, view) -> bool:
        if isinstance(request.user, ApiClient):
            return may(request.user, "view", ReminderRule)
        return request.user.is_authenticated and services.sees_health(request.user)


@extend_schema(exclude=True)
class Metrics(APIView):
    permission_classes = [MayRead]

    def get(self, request):
        return HttpResponse(generate_latest(REGISTRY), content_type=CONTENT_TYPE_LATEST)


metrics = login_not_required(Metrics.as_view())

"""Telling other systems: who wants to hear of what, and what is on its way to them."""

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import get_application_model
from oauth2_provider.settings import oauth2_settings

from core.access import ApiClient
from core.constraints import check
from core.models.base import BaseModel, tracked
from core.sealing import SealedField, only_sealed
from core.webhooks.addresses import what_is_wrong_with
from core.webhooks.events import known


@tracked
class WebhookSubscription(BaseModel):
    """A system that is told when something happens, at an address of its own, of what its API client may read.

    Each message is signed with a secret that only the two sides know (Standard Webhooks). A rotated secret goes on signing
    beside the new one for a day, so that the receiver can change over without losing a message.
    """

    name = models.CharField(_("name"), max_length=100)
    client = models.ForeignKey(
        oauth2_settings.APPLICATION_MODEL,
        models.PROTECT,
        related_name="webhooks",
        verbose_name=_("API client"),
        help_text=_("It hears of what this client may read, and of nothing else."),
    )
    url = models.URLField(_("address"), max_length=500)
    event_types = ArrayField(models.CharField(max_length=60), verbose_name=_("events"))
    secret = SealedField(editable=False)
    old_secret = SealedField(editable=False, blank=True)
    old_until = models.DateTimeField(_("the old secret signs until"), null=True, editable=False)
    is_active = models.BooleanField(_("in use"), default=True)
    retry_at = models.DateTimeField(_("next attempt"), null=True, editable=False)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0, editable=False)
    tried_at = models.DateTimeField(_("last attempt"), null=True, editable=False)
    answered_in = models.PositiveIntegerField(_("last answer after (ms)"), null=True, editable=False)
    # Until when one worker alone speaks to it.
    held_until = models.DateTimeField(null=True, editable=False)

    # How its receiver fares: written by who speaks to it, alone.
    fares: ClassVar[tuple[str, ...]] = ("retry_at", "failures", "tried_at", "answered_in", "held_until")
    # That is no change of the subscription, and its secrets are nobody's to read.
    untracked: ClassVar[tuple[str, ...]] = ("secret", "old_secret", *fares)
    has_attachments = False

    class Meta:
        verbose_name = _("webhook subscription")
        verbose_name_plural = _("webhook subscriptions")
        ordering = ["name", "pk"]
        constraints = [
            check(
                "core_webhooksubscription_has_event",
                Q(event_types__len__gt=0),
                _("Choose at least one event."),
                "event_types",
            ),
            *only_sealed("core_webhooksubscription", "secret", "old_secret"),
            check(
                "core_webhooksubscription_has_secret",
                ~Q(secret=""),
                _("A subscription has a secret."),
                "secret",
            ),
        ]

    def __str__(self):
        return self.name

    def save(self, *args, **kwargs):
        """How its receiver fares stays what it is by now, not what it was when the subscription was read."""
        if not self._state.adding:
            columns = [field.name for field in self._meta.concrete_fields if not field.primary_key]
            kwargs.setdefault("update_fields", [name for name in columns if name not in self.fares])
        super().save(*args, **kwargs)

    @classmethod
    def visibility(cls, reader) -> Q:
        """A system sees its own subscriptions; a person who may view them, all."""
        client = getattr(reader, "client_id", None)
        clients = get_application_model()._default_manager.filter(client_id=client)
        return Q() if client is None else Q(client__in=clients.values("pk"))

    def allows(self, actor, verb: str) -> bool:
        """A system keeps its own subscriptions and nobody else's; an administrator all."""
        is_foreign = isinstance(actor, ApiClient) and actor.client_id != self.client.client_id
        return super().allows(actor, verb) and not is_foreign

    def clean(self):
        super().clean()
        if wrong := what_is_wrong_with(self.url):
            raise ValidationError({"url": wrong})
        if unknown := sorted(set(self.event_types or ()) - known()):
            raise ValidationError(
                {"event_types": _("There is no such event: %(names)s") % {"names": ", ".join(unknown)}}
            )


class DeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    def visible_to(self, reader):
        """The messages of the subscriptions that the reader may see."""
        return self.filter(subscription__in=WebhookSubscription.objects.visible_to(reader).order_by().values("pk"))

    def waiting(self):
        """Those that are still to be taken."""
        return self.filter(WebhookDelivery.in_state("waiting"))


class WebhookDelivery(models.Model):
    """A message to a system: its `uuid` is the id by which the receiver drops a double, its text is fixed when it is written."""

    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    subscription = models.ForeignKey(
        WebhookSubscription, models.CASCADE, related_name="deliveries", verbose_name=_("webhook subscription")
    )
    event = models.CharField(_("event"), max_length=60)
    body = models.TextField(_("text"))
    once = models.CharField(max_length=100, null=True, editable=False)  # no value is no key, and unlike another
    written_at = models.DateTimeField(_("written"), db_default=Now())
    attempts = models.PositiveIntegerField(_("attempts"), default=0)
    status = models.PositiveSmallIntegerField(_("last answer"), null=True)
    problem = models.CharField(_("what went wrong"), max_length=300, blank=True)
    delivered_at = models.DateTimeField(_("delivered"), null=True)
    parked_at = models.DateTimeField(_("parked"), null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        ordering = ["-pk"]
        default_permissions = ("view",)
        constraints = [
            check(
                "core_webhookdelivery_delivered_or_parked",
                Q(delivered_at__isnull=True) | Q(parked_at__isnull=True),
                _("What was delivered is not parked."),
            ),
            models.UniqueConstraint(fields=["subscription", "once"], name="core_webhookdelivery_once"),
        ]
        indexes = [
            models.Index(
                fields=["subscription", "id"],
                name="core_webhookdelivery_waiting",
                condition=Q(delivered_at__isnull=True, parked_at__isnull=True),
            )
        ]

    def __str__(self):
        return f"{self.event} → {self.subscription}"

    @property
    def state(self) -> str:
        """`delivered`, `parked` or `waiting`."""
        return "delivered" if self.delivered_at else "parked" if self.parked_at else "waiting"

    @classmethod
    def in_state(cls, state: str) -> Q:
        """The same for the database."""
        return Q(delivered_at__isnull=state != "delivered", parked_at__isnull=state != "parked")


class WebhookPosition(models.Model):
    """Up to when history was read for messages: one row, moved in the transaction that writes them."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    until = models.DateTimeField()

    objects = models.Manager()

    class Meta:
        default_permissions = ()
        constraints = [check("core_webhookposition_single", Q(id=1), _("There is one position in history only."))]

    def __str__(self):
        return self.until.isoformat()

"""Personal subscriptions to the agenda: a secret address that a calendar reads without signing in."""

import hashlib
import secrets

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.constraints import check, once
from core.database import refuse
from core.models import BaseModel, tracked


def digest(token: str) -> str:
    """SHA-256 of the secret: what the database keeps of it."""
    return hashlib.sha256(token.encode()).hexdigest()


def new_token() -> str:
    """A secret of 256 bits, in letters that an address can hold."""
    return secrets.token_urlsafe(32)


@tracked
class CalendarSubscription(BaseModel):
    """An address of somebody's own, named after what reads it: of her addresses in use no two have one name. Only the digest
    of its secret is kept; once revoked it never works again."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="subscriptions", verbose_name=_("person")
    )
    name = models.CharField(_("name"), max_length=80, help_text=_("The device or calendar that reads it."))
    with_deadlines = models.BooleanField(_("with what falls due"), default=True)
    token_digest = models.CharField(max_length=64, unique=True, editable=False)
    last_read_at = models.DateTimeField(_("last read"), null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)

    has_attachments = False
    untracked = ("token_digest", "last_read_at")

    class Meta:
        verbose_name = _("subscription to the agenda")
        verbose_name_plural = _("subscriptions to the agenda")
        ordering = ["-created_at", "-pk"]
        constraints = [
            check(
                "events_calendarsubscription_named",
                ~Q(name=""),
                _("Name the device or calendar."),
            ),
            once(
                "events_calendarsubscription_once",
                ["user", "name"],
                _("An address of this name is in use: choose another name, or revoke that one first."),
                "name",
                condition=Q(revoked_at__isnull=True),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="revoked_stays",
                operation=pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition(
                    "OLD.revoked_at IS NOT NULL AND (NEW.revoked_at IS DISTINCT FROM OLD.revoked_at"
                    " OR NEW.token_digest <> OLD.token_digest)"
                ),
                func=refuse("events_calendarsubscription_revoked_stays", "An address that is revoked stays revoked."),
            ),
        ]

    refusals = {"events_calendarsubscription_revoked_stays": _("An address that is revoked stays revoked.")}

    def __str__(self):
        return self.name

    @classmethod
    def visibility(cls, reader) -> Q:
        return Q(user=reader.pk)

    def allows(self, actor, verb: str) -> bool:
        """A subscription is its owner's business alone."""
        return super().allows(actor, verb) and self.user_id == actor.pk

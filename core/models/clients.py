"""What a client of the API may ask for, how often, and by which secrets."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from oauth2_provider.settings import oauth2_settings

from core.api.scopes import declared
from core.constraints import check
from core.models.base import BaseModel, tracked

# A million a minute is more than any machine answers: what is beyond is a slip of the keyboard.
MOST_REQUESTS = 1_000_000


@tracked
class ClientAccess(BaseModel):
    """What administrators gave to a client of the API (an OAuth2 application); a client without it gets nothing.

    `requests_per_minute` is empty where the setting API_REQUESTS_PER_MINUTE holds. The secret itself is the application's,
    hashed; here is the hash of the one before it, for as long as that goes on working (RFC 6749, 2.3.1, knows one secret
    only: two for a while is how it is changed without an interruption).
    """

    client = models.OneToOneField(
        oauth2_settings.APPLICATION_MODEL,
        models.CASCADE,
        related_name="access",
        verbose_name=_("API client"),
    )
    scopes = ArrayField(models.CharField(max_length=60), default=list, blank=True, verbose_name=_("scopes"))
    requests_per_minute = models.PositiveIntegerField(_("requests per minute"), null=True, blank=True)
    secret_drawn_at = models.DateTimeField(_("secret drawn"), db_default=Now(), editable=False)
    old_secret = models.CharField(max_length=255, blank=True, editable=False)
    old_until = models.DateTimeField(_("the old secret works until"), null=True, editable=False)
    tokens_withdrawn_at = models.DateTimeField(_("tokens withdrawn"), null=True, editable=False)
    last_used_at = models.DateTimeField(_("last use"), null=True, editable=False)

    # That somebody called is no change of what she may, and the hash of a secret is nobody's to read.
    untracked: ClassVar[tuple[str, ...]] = ("old_secret", "last_used_at")
    has_attachments = False

    class Meta:
        verbose_name = _("access of an API client")
        verbose_name_plural = _("accesses of API clients")
        ordering = ["pk"]
        constraints = [
            check(
                "core_clientaccess_rate_plausible",
                Q(requests_per_minute__isnull=True) | Q(requests_per_minute__range=(1, MOST_REQUESTS)),
                _("A client makes from 1 to 1,000,000 requests per minute; to shut it out, take its scopes away."),
                "requests_per_minute",
            ),
            check(
                "core_clientaccess_old_secret_ends",
                Q(old_secret="", old_until__isnull=True) | (~Q(old_secret="") & Q(old_until__isnull=False)),
                _("An old secret works until a stated moment."),
            ),
            check(
                "core_clientaccess_old_secret_hashed",
                Q(old_secret="") | Q(old_secret__regex=r"^[a-z0-9_]+\$.+"),
                _("A secret is kept as a hash."),
                "old_secret",
            ),
        ]

    def __str__(self):
        return self.client.name or self.client.client_id

    def clean(self):
        super().clean()
        scopes = self.scopes or []
        if unknown := sorted(set(scopes) - declared().keys()):
            raise ValidationError({"scopes": _("There is no such scope: %(names)s") % {"names": ", ".join(unknown)}})
        self.scopes = sorted(set(scopes))

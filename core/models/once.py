"""What is kept so that a request that comes twice is carried out once."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from core.constraints import check
from core.sealing import SealedField, only_sealed

# What a key may hold: visible ASCII characters but the quotation mark and the backslash, so that it reads the same
# between quotation marks, as the header's own standard writes it, and without.
KEY = r"[!#-\[\]-~]{1,255}"


class IdempotencyKey(models.Model):
    """A request that its caller marked with a key, and the answer that it got; core.api.once says what becomes of it.

    Written in the transaction of what the request changes: where that fails there is no key. The answer may hold
    personal data, so it is sealed; nobody reads it but the caller, who sends the request again.
    """

    caller = models.CharField(max_length=150, editable=False)
    key = models.CharField(max_length=255, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    answer = SealedField()
    written_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = models.Manager()

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["caller", "key"],
                name="core_idempotencykey_once",
                violation_error_message=_("This caller has used this key already."),
            ),
            check(
                "core_idempotencykey_key_form",
                Q(key__regex=f"^{KEY}$"),
                _("A key is 1 to 255 visible ASCII characters, neither a quotation mark nor a backslash among them."),
                "key",
            ),
            check(
                "core_idempotencykey_caller_form",
                Q(caller__regex="^(client|user):."),
                _("A caller is a client or a user."),
                "caller",
            ),
            check(
                "core_idempotencykey_digest_form",
                Q(digest__regex="^[0-9a-f]{64}$"),
                _("A digest is SHA-256."),
                "digest",
            ),
            *only_sealed("core_idempotencykey", "answer"),
        ]
        indexes = [models.Index(fields=["written_at"], name="core_idempotencykey_written")]

    def __str__(self):
        return f"{self.caller}: {self.key}"

"""Files of people under threat. A leak here can cost a life.

Everything that is written about somebody is sealed (`core.sealing`), and lies in these tables alone: no column points from
here to a city, an organisation or a programme, and none from there to here, so that no list, count, refusal or history of
another record can tell that a file exists. Only the rooms of `solidarity.protection` may import this module.
"""

import secrets

import pgtrigger
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core import clock
from core.constraints import check, one_of_choices, plausible_dates, plausible_year
from core.database import refuse
from core.models import BaseModel, tracked
from core.roles import Role
from core.sealing import SealedField, only_sealed
from solidarity.enums import AccessOrigin, FileKind, FileLevel

# Letters and digits that nobody mistakes for one another when a code is read out (Crockford's base 32).
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE = r"^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$"

NO_SELF_GRANT = _("Nobody grants herself access: ask another protection officer.")
NO_SELF_CLEARANCE = _("A second person says that publishing does not endanger: it cannot be who asked.")
READS_STAY = _("What was read, by whom and when is never changed.")
ERASURES_STAY = _("That something was erased, by whom and when is never changed.")


def new_code() -> str:
    """A code of 40 random bits that says nothing of how many files there are, e.g. 7K2Q-9FHM."""
    drawn = "".join(secrets.choice(_LETTERS) for _letter in range(8))
    return f"{drawn[:4]}-{drawn[4:]}"


def never_changed(prefix: str, sentence: str) -> pgtrigger.Trigger:
    """Refuses by name whoever changes or deletes a row, by SQL too."""
    return pgtrigger.Trigger(
        name="never_changed",
        operation=pgtrigger.Update | pgtrigger.Delete,
        when=pgtrigger.Before,
        func=refuse(f"{prefix}_never_changed", sentence),
    )


def current_accesses(reader) -> models.QuerySet["FileAccess"]:
    """The accesses that the reader has now: by name, not revoked, not over."""
    return FileAccess.objects.filter(user=reader.pk, revoked_at=None, until__gt=clock.now())


@tracked
class ProtectedFile(BaseModel):
    """What the department knows of somebody under threat. Each text is read by a service that checks and notes it
    (`solidarity.protection.services.read`): the columns themselves hold sealed texts only.

    `erase_on` is mandatory; a legal hold (`hold_until`) forbids the erasure before its end.
    """

    has_attachments = False
    told_as_of = False
    untracked = (
        "pseudonym",
        "identity",
        "whereabouts",
        "situation",
        "host",
        "support",
        "follow_up",
        "notes",
        "hold_reason",
    )

    code = models.CharField(_("code"), max_length=9, unique=True, default=new_code, editable=False)
    kind = models.CharField(_("about"), max_length=15, choices=FileKind)
    level = models.CharField(_("level"), max_length=15, choices=FileLevel, default=FileLevel.PROTECTED)
    pseudonym = SealedField(verbose_name=_("pseudonym"))
    identity = SealedField(verbose_name=_("identity"))
    whereabouts = SealedField(verbose_name=_("address, lodging, itinerary"))
    situation = SealedField(verbose_name=_("danger and risk"))
    host = SealedField(verbose_name=_("host and discipline"))
    support = SealedField(verbose_name=_("support given"))
    follow_up = SealedField(verbose_name=_("follow-up"))
    notes = SealedField(verbose_name=_("notes"))
    texts_changed_at = models.DateTimeField(_("texts changed"), default=clock.now, editable=False)
    begins_on = models.DateField(_("beginning"), null=True, blank=True)
    ends_on = models.DateField(_("end"), null=True, blank=True)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("opened by"), editable=False
    )
    erase_on = models.DateField(_("to be erased on"))
    hold_until = models.DateField(_("legal hold until"), null=True, blank=True)
    hold_reason = SealedField(verbose_name=_("reason of the legal hold"))

    class Meta:
        verbose_name = _("protected file")
        verbose_name_plural = _("protected files")
        ordering = ["-pk"]
        constraints = [
            check("solidarity_protectedfile_code_form", Q(code__regex=CODE), _("A code is written as 7K2Q-9FHM.")),
            one_of_choices("solidarity_protectedfile", "kind", FileKind),
            one_of_choices("solidarity_protectedfile", "level", FileLevel),
            *only_sealed(
                "solidarity_protectedfile",
                "pseudonym",
                "identity",
                "whereabouts",
                "situation",
                "host",
                "support",
                "follow_up",
                "notes",
                "hold_reason",
            ),
            check(
                "solidarity_protectedfile_has_pseudonym", ~Q(pseudonym=""), _("Give a pseudonym: it is what is shown.")
            ),
            plausible_dates("solidarity_protectedfile", "begins_on", "ends_on", "erase_on", "hold_until"),
            check(
                "solidarity_protectedfile_begins_on_by_ends_on",
                Q(begins_on__isnull=True) | Q(ends_on__isnull=True) | Q(begins_on__lte=F("ends_on")),
                _("The end cannot be before the beginning."),
                "ends_on",
            ),
            check(
                "solidarity_protectedfile_hold_says_why",
                Q(hold_until__isnull=True, hold_reason="") | Q(hold_until__isnull=False) & ~Q(hold_reason=""),
                _("A legal hold has a last day and a reason."),
                "hold_until",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="held",
                operation=pgtrigger.Delete,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("OLD.hold_until IS NOT NULL AND OLD.hold_until >= CURRENT_DATE"),
                func=refuse("solidarity_protectedfile_held", "A legal hold forbids the erasure."),
            )
        ]

    refusals = {"solidarity_protectedfile_held": _("A legal hold forbids the erasure before its last day.")}

    def __str__(self):
        return self.code

    @classmethod
    def visibility(cls, reader) -> Q:
        """Those that the reader is named for now; those restricted to protection officers, for a protection officer."""
        # By the code, which is a column of the file's events too: their own numbers are not those of files.
        named = Q(code__in=current_accesses(reader).values("file__code"))
        if Role.PROTECTION_OFFICER in reader.role_names:
            return named | Q(level=FileLevel.RESTRICTED)
        return named


@tracked
class FileAccess(BaseModel):
    """Somebody may open a file, by name, until a moment, for a reason. Nobody gives it to herself."""

    has_attachments = False
    told_as_of = False
    untracked = ("reason",)

    file = models.ForeignKey(ProtectedFile, models.CASCADE, related_name="accesses", verbose_name=_("protected file"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who"))
    origin = models.CharField(_("how"), max_length=15, choices=AccessOrigin)
    reason = SealedField(verbose_name=_("reason"))
    until = models.DateTimeField(_("until"))
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("granted by")
    )
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)
    alerted_at = models.DateTimeField(_("protection officers told"), null=True, blank=True)

    class Meta:
        verbose_name = _("access to a protected file")
        verbose_name_plural = _("accesses to protected files")
        ordering = ["-created_at", "-pk"]
        constraints = [
            one_of_choices("solidarity_fileaccess", "origin", AccessOrigin),
            *only_sealed("solidarity_fileaccess", "reason"),
            check("solidarity_fileaccess_has_reason", ~Q(reason=""), _("Say why this access is needed.")),
            check(
                "solidarity_fileaccess_granted_by_another",
                Q(origin="granted", granted_by__isnull=False) & ~Q(granted_by=F("user"))
                | ~Q(origin="granted") & Q(granted_by__isnull=True),
                NO_SELF_GRANT,
                "granted_by",
            ),
        ]

    def __str__(self):
        return f"{self.user}, {self.get_origin_display()}"

    @classmethod
    def visibility(cls, reader) -> Q:
        return Q(file__in=ProtectedFile.objects.visible_to(reader).values("pk"))

    @property
    def is_current(self) -> bool:
        return self.revoked_at is None and self.until > clock.now()


@tracked
class FileRead(BaseModel):
    """Somebody read a field of a file: who, which, when. Written before the text is unsealed, never changed afterwards."""

    has_attachments = False
    told_as_of = False

    file = models.ForeignKey(ProtectedFile, models.CASCADE, related_name="reads", verbose_name=_("protected file"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("who"))
    field = models.CharField(_("field"), max_length=20)
    at = models.DateTimeField(_("when"), default=clock.now)

    class Meta:
        verbose_name = _("reading of a protected file")
        verbose_name_plural = _("readings of protected files")
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["file", "-at"], name="solidarity_fileread_file")]
        triggers = [never_changed("solidarity_fileread", "What was read is never changed.")]

    refusals = {"solidarity_fileread_never_changed": READS_STAY}

    def __str__(self):
        return f"{self.user}, {self.field}"

    @classmethod
    def visibility(cls, reader) -> Q:
        return Q(file__in=ProtectedFile.objects.visible_to(reader).values("pk"))


@tracked
class Publication(BaseModel):
    """What may be said in public of somebody who consented on a day, once a second person says that it does not endanger.

    Its wording is sealed until then; the public record is made by the clearance and taken back by the withdrawal.
    """

    has_attachments = False
    told_as_of = False
    untracked = ("name", "wording")

    file = models.OneToOneField(
        ProtectedFile, models.CASCADE, related_name="publication", verbose_name=_("protected file")
    )
    name = SealedField(verbose_name=_("name in public"))
    wording = SealedField(verbose_name=_("what is said in public"))
    consent_on = models.DateField(_("consent given on"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("asked by"))
    cleared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("says that it does not endanger"),
    )
    cleared_at = models.DateTimeField(_("cleared"), null=True, blank=True)
    # The public record, by its kind and key: a foreign key would tell that record of this one.
    public_kind = models.CharField(max_length=20, blank=True, editable=False)
    public_key = models.BigIntegerField(null=True, editable=False)

    class Meta:
        verbose_name = _("publication")
        verbose_name_plural = _("publications")
        ordering = ["-pk"]
        constraints = [
            *only_sealed("solidarity_publication", "name", "wording"),
            check("solidarity_publication_named", ~Q(name=""), _("Say under what name.")),
            plausible_dates("solidarity_publication", "consent_on"),
            check(
                "solidarity_publication_cleared_by_another",
                Q(cleared_by__isnull=True) | ~Q(cleared_by=F("asked_by")),
                NO_SELF_CLEARANCE,
                "cleared_by",
            ),
            check(
                "solidarity_publication_cleared_whole",
                Q(cleared_by__isnull=True, cleared_at__isnull=True, public_key__isnull=True, public_kind="")
                | Q(cleared_by__isnull=False, cleared_at__isnull=False, public_key__isnull=False) & ~Q(public_kind=""),
                _("A clearance has a person, a moment and the record that it publishes."),
            ),
        ]

    def __str__(self):
        return str(self.file)

    @classmethod
    def visibility(cls, reader) -> Q:
        return Q(file__in=ProtectedFile.objects.visible_to(reader).values("pk"))

    def clean(self):
        super().clean()
        if self.consent_on and self.consent_on > clock.today():
            raise ValidationError({"consent_on": _("This has not happened yet: the date is in the future.")})


@tracked
class Erasure(BaseModel):
    """A file was erased: that it happened, who did it, and what the yearly count still needs. Nothing else remains."""

    has_attachments = False
    told_as_of = False

    kind = models.CharField(_("about"), max_length=15, choices=FileKind)
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    erased_on = models.DateField(_("erased on"), default=clock.today)
    erased_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("erased by")
    )

    class Meta:
        verbose_name = _("erasure")
        verbose_name_plural = _("erasures")
        ordering = ["-pk"]
        constraints = [
            one_of_choices("solidarity_erasure", "kind", FileKind),
            plausible_year("solidarity_erasure"),
        ]
        triggers = [never_changed("solidarity_erasure", "What was erased is never changed.")]

    refusals = {"solidarity_erasure_never_changed": ERASURES_STAY}

    def __str__(self):
        return f"{self.get_kind_display()}, {self.year or '—'}"

    @classmethod
    def visibility(cls, reader) -> Q:
        """For protection officers alone."""
        return Q() if Role.PROTECTION_OFFICER in reader.role_names else Q(pk__in=[])

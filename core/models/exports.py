"""Lists that are prepared in the background: what was asked for, how far it is, and the file until it expires."""

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from oauth2_provider.settings import oauth2_settings

from core.access import ApiClient
from core.constraints import check
from core.enums import ExportFormat, ExportStatus, Language, Separator

QUERY_CHARACTERS = 4000


class ExportQuerySet(models.QuerySet["Export"]):
    def asked_by(self, reader: Any):
        """The exports that the reader asked for and that have not expired; nobody else sees them."""
        if reader is None or not reader.is_authenticated or not reader.is_active:
            return self.none()
        mine = Q(client__client_id=reader.client_id) if isinstance(reader, ApiClient) else Q(person_id=reader.pk)
        lasting = Q(expires_at__isnull=True) | Q(expires_at__gt=Now())
        return self.filter(mine, lasting, ~Q(person=None, client=None))


class Export(models.Model):
    """A list as a file, prepared by a worker for whoever asked; with the rights that she has when it runs.

    `scopes` are those of the token that a client asked with: never more are used, whatever the client holds later.
    `is_readable` is for people: headings and choices in words of `language`.
    """

    person = models.ForeignKey(
        "core.User",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="exports",
        verbose_name=_("person"),
        editable=False,
    )
    client = models.ForeignKey(
        oauth2_settings.APPLICATION_MODEL,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="exports",
        verbose_name=_("API client"),
        editable=False,
    )
    scopes = ArrayField(models.CharField(max_length=60), default=list, blank=True, editable=False)
    resource = models.CharField(_("list"), max_length=60)
    file_format = models.CharField(_("format"), max_length=10, choices=ExportFormat)
    separator = models.CharField(_("separator"), max_length=10, choices=Separator, default=Separator.COMMA)
    query = models.CharField(_("filters"), max_length=QUERY_CHARACTERS, blank=True)
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.FRENCH)
    is_readable = models.BooleanField(_("in words"), default=False)
    status = models.CharField(_("status"), max_length=10, choices=ExportStatus, default=ExportStatus.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    rows = models.PositiveIntegerField(_("rows"), null=True, blank=True)
    rows_done = models.PositiveIntegerField(_("rows written"), default=0)
    problem = models.CharField(_("what went wrong"), max_length=500, blank=True)
    file = models.FileField(_("file"), upload_to="exports", blank=True)
    asked_at = models.DateTimeField(_("asked"), db_default=Now())
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)

    objects: ClassVar = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        ordering = ["-pk"]
        default_permissions = ()
        constraints = [
            check(
                "core_export_one_asker",
                Q(person__isnull=False, client__isnull=True) | Q(person__isnull=True, client__isnull=False),
                _("An export belongs to a person or to a client of the API."),
            ),
            check(
                "core_export_format_known", Q(file_format__in=ExportFormat.values), _("This is not one of the choices.")
            ),
            check(
                "core_export_done_has_file",
                Q(status=ExportStatus.DONE) & ~Q(file="") | ~Q(status=ExportStatus.DONE) & Q(file=""),
                _("An export has a file when it is ready, and not before."),
            ),
            check(
                "core_export_failed_says_why",
                Q(status=ExportStatus.FAILED) & ~Q(problem="") | ~Q(status=ExportStatus.FAILED) & Q(problem=""),
                _("An export that is not possible says why, and no other does."),
            ),
            # It names every status that there is.
            check(
                "core_export_finished_expires",
                Q(status__in=[ExportStatus.DONE, ExportStatus.FAILED], expires_at__isnull=False)
                | Q(status__in=[ExportStatus.WAITING, ExportStatus.RUNNING], expires_at__isnull=True),
                _("An export expires some time after it is finished."),
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                name="core_export_unfinished",
                condition=Q(status__in=[ExportStatus.WAITING, ExportStatus.RUNNING]),
            )
        ]

    def __str__(self):
        return f"{self.resource}.{self.file_format}"

    @property
    def is_finished(self) -> bool:
        return self.status in (ExportStatus.DONE, ExportStatus.FAILED)

    @property
    def percent(self) -> int:
        """How far it is, from 0 to 100; 0 while it is not known how many rows there are."""
        return min(100, 100 * self.rows_done // self.rows) if self.rows else 0

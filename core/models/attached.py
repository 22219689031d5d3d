"""What can be attached to any record: documents, and citations that say where a fact comes from."""

import hashlib
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import ClassVar, TypeVar

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.access import may
from core.constraints import one_of_choices
from core.enums import SourceKind
from core.files import check_content
from core.models.base import BaseModel, Through, VisibleQuerySet, tracked
from core.translated import Translated


def attachable() -> list[type[BaseModel]]:
    """Every concrete record that can hold documents and citations."""
    from django.apps import apps

    return [
        model
        for model in apps.get_models()
        if issubclass(model, BaseModel) and model.has_attachments and not model._meta.proxy
    ]


OfRecord = TypeVar("OfRecord", bound="Attached")


class AttachedQuerySet(VisibleQuerySet[OfRecord]):
    def of(self, model: type[BaseModel], reader):
        """What is attached to records of one kind, of what `visible_to` shows: the other kinds are not asked about."""
        if not may(reader, "view", self.model):
            return self.none()
        return self.filter(self.model.seen_with([model], reader))


class Attached(BaseModel):
    """Abstract: belongs to one record of any kind, whose visibility it inherits, and with which it is changed."""

    objects: ClassVar = AttachedQuerySet.as_manager()
    has_attachments = False

    content_type = models.ForeignKey(ContentType, models.PROTECT, verbose_name=_("kind of record"))
    object_id = models.PositiveBigIntegerField(_("record"))
    record = GenericForeignKey("content_type", "object_id")

    class Meta:
        abstract = True

    def clean(self):
        super().clean()
        model = self.content_type.model_class() if self.content_type_id else None
        if model not in attachable():
            raise ValidationError({"content_type": _("Nothing can be attached to this kind of record.")})
        if not model._default_manager.filter(pk=self.object_id).exists():
            raise ValidationError({"object_id": _("There is no such record.")})

    @classmethod
    def visibility(cls, reader) -> Q:
        """What is attached is seen by those who see its record, and by nobody else."""
        return cls.seen_with(attachable(), reader)

    @classmethod
    def seen_through(cls) -> list[Through]:
        kinds = ContentType.objects.get_for_models(*attachable())
        return [Through(model, "object_id", kind.pk) for model, kind in kinds.items()]

    @classmethod
    def seen_with(cls, models_of_records: list[type[BaseModel]], reader) -> Q:
        visible = Q(object_id__in=[])
        content_types = ContentType.objects.get_for_models(*models_of_records)
        for model in models_of_records:
            records = model._default_manager.visible_to(reader)
            visible |= Q(content_type=content_types[model], object_id__in=records.values("pk"))
        return visible

    def allows(self, actor, verb: str) -> bool:
        """Whoever writes what is attached changes the record that it is attached to, and needs the right to."""
        if not super().allows(actor, verb):
            return False
        return verb == "view" or self.record is None or self.record.takes_attachments(actor)


def storage_path(document: "Document", filename: str) -> str:
    """A path that tells nothing: neither the record nor the file's name."""
    return f"{document.uuid.hex[:2]}/{document.uuid.hex}"


_stored: ContextVar[list | None] = ContextVar("files stored in this transaction", default=None)


@contextmanager
def no_file_without_document() -> Iterator[None]:
    """Around a transaction: where it fails, the files that were stored for it are removed with the rows they belong to.

    Within another one it hands its files on to that one, which may fail later.
    """
    stored: list = []
    around = _stored.get()
    outer = _stored.set(stored)
    try:
        yield
    except BaseException:
        for file in stored:
            # A failure after the commit takes no row back: its file stays.
            if file._committed and not Document.objects.filter(file=file.name).exists():
                file.storage.delete(file.name)
        raise
    finally:
        _stored.reset(outer)
    if around is not None:
        around += stored


@tracked
class Document(Attached):
    """A file. Its type is read from its content; it is served only through the app, to those who see its record."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(_("title"), max_length=200)
    file = models.FileField(_("file"), upload_to=storage_path)
    filename = models.CharField(_("file name"), max_length=200, editable=False)
    media_type = models.CharField(_("type"), max_length=100, editable=False)
    size = models.PositiveBigIntegerField(_("size in bytes"), editable=False)
    sha256 = models.CharField("SHA-256", max_length=64, editable=False)

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["title", "pk"]
        indexes = [models.Index(fields=["content_type", "object_id"], name="core_document_record")]

    def __str__(self):
        return self.title

    def full_clean(self, *args, **kwargs):
        if self.file and not self.file._committed:  # type: ignore[attr-defined]  # missing in the stubs
            self.describe_file()
        super().full_clean(*args, **kwargs)

    def save(self, *args, **kwargs):
        stored = _stored.get()
        if stored is not None and not self.file._committed:  # type: ignore[attr-defined]  # missing in the stubs
            stored.append(self.file)
        super().save(*args, **kwargs)

    def _is_clean(self) -> bool:
        # Its file is described by full_clean(), and stored before the row is written: everything is asked first.
        return False

    def describe_file(self) -> None:
        """Fills type, size and SHA-256 from the content; refuses what is too large or not an allowed type."""
        self.filename = str(self.file).rsplit("/", 1)[-1][-200:]
        self.size = self.file.size
        if self.size > settings.DOCUMENT_MAX_BYTES:
            limit = settings.DOCUMENT_MAX_BYTES // 1024 // 1024
            raise ValidationError({"file": _("The file is larger than %(limit)s MB.") % {"limit": limit}})
        self.media_type = check_content(self.file, self.filename)
        self.sha256 = hashlib.file_digest(self.file, "sha256").hexdigest()
        self.file.seek(0)


@tracked
class Source(BaseModel):
    """A document that facts are taken from: the City's own, or or one that is always marked as such:
    an outside one, or samples invented for the demonstration.
    """

    slug = models.SlugField(_("short name"), unique=True)
    title_fr = models.CharField(_("title in French"), max_length=250)
    title_en = models.CharField(_("title in English"), max_length=250, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=SourceKind)
    published_on = models.CharField(
        _("date"), max_length=20, blank=True, help_text=_("As the document gives it, e.g. 2015-05.")
    )
    url = models.URLField(_("address"), max_length=500, blank=True)
    title = Translated()

    class Meta:
        verbose_name = _("source")
        verbose_name_plural = _("sources")
        ordering = ["kind", "slug"]
        constraints = [one_of_choices("core_source", "kind", SourceKind)]

    def __str__(self):
        return self.title

    @property
    def is_outside(self) -> bool:
        return self.kind == SourceKind.OUTSIDE

    @property
    def is_sample(self) -> bool:
        return self.kind == SourceKind.SAMPLE


@tracked
class Citation(Attached):
    """Where a fact of a record comes from: the source, the place in it, and the wording or doubt worth keeping."""

    source = models.ForeignKey(Source, models.PROTECT, verbose_name=_("source"), related_name="cited")
    section = models.CharField(_("section"), max_length=120, blank=True)
    fact = models.CharField(
        _("fact"), max_length=60, blank=True, help_text=_("Which field it supports; empty = the record.")
    )
    note_fr = models.CharField(_("note in French"), max_length=500, blank=True)
    note_en = models.CharField(_("note in English"), max_length=500, blank=True)
    note = Translated()

    class Meta:
        verbose_name = _("citation")
        verbose_name_plural = _("citations")
        ordering = ["content_type", "object_id", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["content_type", "object_id", "source", "section", "fact"],
                name="core_citation_once",
                violation_error_message=_("This place is already cited for this record."),
            )
        ]

    def __str__(self):
        return f"{self.source}, {self.section}" if self.section else str(self.source)

"""What shows how an objective stands: records of every floor below, and documents."""

from collections.abc import Collection
from typing import Any, ClassVar

import pgtrigger
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core import clock, dates
from core.access import may
from core.constraints import one_of, plausible_dates
from core.models import Document, tracked
from core.models.attached import attachable
from core.models.base import BaseModel, Through, VisibleQuerySet
from core.translated import Translated
from mandate.models import triggers
from mandate.models.objectives import Objective, OfObjective

# The kinds of records that may show something, by the column that names each.
EVIDENCE = ("mission", "delegation", "event", "agreement", "project", "grant", "membership", "document")
MET_STAYS_SHOWN = _("The objective is met: something must go on showing it.")


def _shown_by(kind: str, label) -> models.ForeignKey:
    return models.ForeignKey(kind, models.PROTECT, null=True, blank=True, related_name="evidence", verbose_name=label)


class EvidenceQuerySet(VisibleQuerySet["Evidence"]):
    def of(self, objectives: QuerySet[Objective], reader):
        """What shows these objectives, of what `visible_to` shows."""
        if not may(reader, "view", self.model):
            return self.none()
        shown = self.filter(objective__in=objectives.order_by().values("pk"))
        return shown.filter(self.model.seen_of(shown, reader))

    def naming(self, name: str, reader):
        """What is evidence by the column, of what `visible_to` shows: a piece of evidence names one record."""
        return self.filter(self.model.seen_with([name], reader)) if may(reader, "view", self.model) else self.none()


@tracked
class Evidence(OfObjective):
    """A record that shows something of an objective: one, typed. Seen by those alone who see the record itself."""

    objects: ClassVar = EvidenceQuerySet.as_manager()
    # What is attached is seen by whoever sees its record: a document that were evidence of itself would be asked for ever.
    has_attachments = False

    objective = models.ForeignKey(
        Objective, models.CASCADE, related_name="evidence", verbose_name=pgettext_lazy("of a mandate", "objective")
    )
    mission = _shown_by("events.Mission", _("mission"))
    delegation = _shown_by("events.Delegation", _("delegation received"))
    event = _shown_by("events.Event", _("event"))
    agreement = _shown_by("partnerships.Agreement", _("agreement"))
    project = _shown_by("cooperation.Project", _("project"))
    grant = _shown_by("solidarity.Grant", _("grant"))
    membership = _shown_by("partnerships.Membership", _("membership"))
    document = _shown_by("core.Document", _("document"))
    note_fr = models.CharField(_("what it shows, in French"), max_length=300, blank=True)
    note_en = models.CharField(_("what it shows, in English"), max_length=300, blank=True)
    added_on = models.DateField(_("added on"), default=clock.today)
    note = Translated()

    class Meta:
        verbose_name = _("piece of evidence")
        verbose_name_plural = _("evidence")
        ordering = ["objective", "pk"]
        constraints = [
            one_of(
                "mandate_evidence_one_record",
                EVIDENCE,
                _("A piece of evidence is one record: choose one."),
            ),
            models.UniqueConstraint(
                fields=["objective", *EVIDENCE],
                name="mandate_evidence_once",
                nulls_distinct=False,
                violation_error_message=_("This is already evidence of the objective."),
            ),
            plausible_dates("mandate_evidence", "added_on"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="met_stays_shown",
                operation=pgtrigger.UpdateOf("objective_id") | pgtrigger.Delete,
                when=pgtrigger.Before,
                func=triggers.EVIDENCE_STAYS,
            )
        ]

    refusals: ClassVar[dict[str, object]] = {"mandate_evidence_met_stays_shown": MET_STAYS_SHOWN}

    def __str__(self):
        return str(self.record)

    @classmethod
    def visibility(cls, reader) -> Q:
        return cls.seen_with(EVIDENCE, reader)

    @classmethod
    def seen_of(cls, rows: QuerySet, reader) -> Q:
        """What `visibility` says, of these rows or events of them: one small query tells which kinds of records they are, and the
        others are not asked about, above all not every kind that may hold a document."""
        given: list[Any] = [Q(**{f"{name}__isnull": False}) for name in EVIDENCE]
        held = list(rows.order_by().values_list("document__content_type", *given).distinct())
        kinds = [name for place, name in enumerate(EVIDENCE, start=1) if any(row[place] for row in held)]
        types = ContentType.objects.get_for_models(*attachable())
        documents = [model for model in attachable() if types[model].pk in {row[0] for row in held}]
        return cls.seen_with(kinds, reader, documents)

    @classmethod
    def seen_with(cls, kinds: Collection[str], reader, documents: Collection[type[BaseModel]] | None = None) -> Q:
        """With the records of these columns; of documents, those of these kinds of records, where some are named."""
        visible = Q(pk__in=[])
        for name in kinds:
            shown: Any = cls._meta.get_field(name).related_model
            seen = shown._default_manager.visible_to(reader)
            if name == "document" and documents is not None:
                seen = Document.objects.filter(Document.seen_with(list(documents), reader))
                seen = seen if may(reader, "view", Document) else seen.none()
            visible |= Q(**{f"{name}__in": seen.order_by().values("pk")})
        return visible

    @classmethod
    def seen_through(cls) -> list[Through]:
        return [Through(cls._meta.get_field(name).related_model, f"{name}_id") for name in EVIDENCE]

    @property
    def kind(self) -> str:
        """Which of `EVIDENCE` it is."""
        return next(name for name in EVIDENCE if getattr(self, f"{name}_id"))

    @property
    def record(self):
        """The record that shows something."""
        return getattr(self, self.kind)

    def clean(self):
        super().clean()
        dates.refuse_future(self, "added_on")

"""What shows how an objective stands: records of every floor below, and documents."""

from typing import Any, ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core import clock, dates
from core.constraints import one_of, plausible_dates
from core.models import tracked
from core.translated import Translated
from mandate.models import triggers
from mandate.models.objectives import Objective, OfObjective

# The kinds of records that may show something, by the column that names each.
EVIDENCE = ("mission", "delegation", "event", "agreement", "project", "grant", "membership", "document")
MET_STAYS_SHOWN = _("The objective is met: something must go on showing it.")


def _shown_by(kind: str, label) -> models.ForeignKey:
    return models.ForeignKey(kind, models.PROTECT, null=True, blank=True, related_name="evidence", verbose_name=label)


@tracked
class Evidence(OfObjective):
    """A record that shows something of an objective: one, typed. Seen by those alone who see the record itself."""

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
        visible = Q(pk__in=[])
        for name in EVIDENCE:
            shown: Any = cls._meta.get_field(name).related_model
            visible |= Q(**{f"{name}__in": shown._default_manager.visible_to(reader).order_by().values("pk")})
        return visible

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

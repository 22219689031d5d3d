"""What belongs to an objective: who works on it, what must be true before, its steps."""

from typing import ClassVar

import pgtrigger
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core import dates
from core.constraints import at_most_one, check, one_of, plausible_dates
from core.dates import PrecisionField
from core.models import BaseModel, tracked
from core.translated import Translated
from mandate.enums import ObjectiveStatus
from mandate.models import triggers
from mandate.models.objectives import Objective
from partnerships.enums import OrganisationKind

NEEDS_OF_MANDATE = _("An objective needs one of its own mandate.")
NEEDS_NO_CIRCLE = _("Two objectives cannot wait for each other, however long the way.")
NOT_A_DIRECTORATE = _("Only a directorate of the City is associated: name a deputy as a person.")


@tracked
class ObjectiveAssociate(BaseModel):
    """A deputy or a directorate of the City that works on an objective besides the one who answers for it."""

    objective = models.ForeignKey(
        Objective, models.CASCADE, related_name="associates", verbose_name=pgettext_lazy("of a mandate", "objective")
    )
    person = models.ForeignKey(
        "partnerships.Person",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="objectives",
        verbose_name=_("deputy"),
    )
    organisation = models.ForeignKey(
        "partnerships.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="objectives",
        verbose_name=_("directorate"),
    )

    class Meta:
        verbose_name = _("associated deputy or directorate")
        verbose_name_plural = _("associated deputies and directorates")
        ordering = ["objective", "pk"]
        constraints = [
            one_of(
                "mandate_objectiveassociate_one_body",
                ["person", "organisation"],
                _("Name a deputy or a directorate, one in each line."),
            ),
            models.UniqueConstraint(
                fields=["objective", "person", "organisation"],
                name="mandate_objectiveassociate_once",
                nulls_distinct=False,
                violation_error_message=_("It is already associated."),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="directorate",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("NEW.organisation_id IS NOT NULL"),
                func=triggers.DIRECTORATE,
            )
        ]

    refusals: ClassVar[dict[str, object]] = {"mandate_objectiveassociate_directorate": NOT_A_DIRECTORATE}

    def __str__(self):
        return str(self.body)

    @property
    def body(self):
        """The person or the directorate."""
        return self.person or self.organisation

    def clean(self):
        super().clean()
        if self.organisation and self.organisation.kind != OrganisationKind.DIRECTORATE:
            raise ValidationError({"organisation": NOT_A_DIRECTORATE})


@tracked
class ObjectivePrecondition(BaseModel):
    """What must be true before an objective is met: another objective, or what the document says in words."""

    objective = models.ForeignKey(
        Objective, models.CASCADE, related_name="preconditions", verbose_name=pgettext_lazy("of a mandate", "objective")
    )
    needs = models.ForeignKey(
        Objective,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="needed_by",
        verbose_name=_("needs the objective"),
    )
    words_fr = models.CharField(_("what, in French"), max_length=250, blank=True)
    words_en = models.CharField(_("what, in English"), max_length=250, blank=True)
    fulfilled_on = models.DateField(
        _("fulfilled on"),
        null=True,
        blank=True,
        help_text=_("Empty while it is not; another objective says so by itself."),
    )
    words = Translated()

    class Meta:
        verbose_name = pgettext_lazy("of an objective", "precondition")
        verbose_name_plural = pgettext_lazy("of an objective", "preconditions")
        ordering = ["objective", "pk"]
        constraints = [
            check(
                "mandate_objectiveprecondition_one_kind",
                Q(needs__isnull=False, words_fr="", words_en="") | Q(needs__isnull=True) & ~Q(words_fr=""),
                _("Name another objective, or say in words what is needed."),
                "words_fr",
            ),
            check(
                "mandate_objectiveprecondition_not_itself",
                ~Q(needs=F("objective")),
                _("An objective cannot wait for itself."),
                "needs",
            ),
            check(
                "mandate_objectiveprecondition_day_of_words",
                at_most_one(["needs", "fulfilled_on"]),
                _("Another objective says by itself when it is met."),
                "fulfilled_on",
            ),
            plausible_dates("mandate_objectiveprecondition", "fulfilled_on"),
            models.UniqueConstraint(
                fields=["objective", "needs", "words_fr"],
                name="mandate_objectiveprecondition_once",
                nulls_distinct=False,
                violation_error_message=_("The objective already has this precondition."),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="no_circle",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.After,
                condition=pgtrigger.Condition("NEW.needs_id IS NOT NULL"),
                func=triggers.PRECONDITIONS,
            )
        ]

    refusals: ClassVar[dict[str, object]] = {
        "mandate_objectiveprecondition_of_mandate": NEEDS_OF_MANDATE,
        "mandate_objectiveprecondition_no_circle": NEEDS_NO_CIRCLE,
    }

    def __str__(self):
        return str(self.needs) if self.needs else self.words

    def clean(self):
        super().clean()
        dates.refuse_future(self, "fulfilled_on")
        if self.needs and self.objective_id and self.needs.mandate_id != self.objective.mandate_id:
            raise ValidationError({"needs": NEEDS_OF_MANDATE})

    @property
    def is_fulfilled(self) -> bool:
        """Whether the objective that it names is met, or the day is noted on which it came true."""
        return self.needs.status == ObjectiveStatus.MET if self.needs else self.fulfilled_on is not None


@tracked
class Milestone(BaseModel):
    """A step of an objective: what, by when, and when it was reached."""

    objective = models.ForeignKey(
        Objective, models.CASCADE, related_name="milestones", verbose_name=pgettext_lazy("of a mandate", "objective")
    )
    title_fr = models.CharField(_("title in French"), max_length=200)
    title_en = models.CharField(_("title in English"), max_length=200, blank=True)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    due_on_precision = PrecisionField()
    reached_on = models.DateField(_("reached on"), null=True, blank=True, help_text=_("Empty while it is not."))
    note_fr = models.TextField(_("note in French"), blank=True)
    note_en = models.TextField(_("note in English"), blank=True)
    title = Translated()
    note = Translated()

    class Meta:
        verbose_name = pgettext_lazy("of an objective", "milestone")
        verbose_name_plural = pgettext_lazy("of an objective", "milestones")
        ordering = ["objective", F("due_on").asc(nulls_last=True), "pk"]
        indexes = [
            models.Index(fields=["due_on"], condition=Q(reached_on__isnull=True), name="mandate_milestone_open"),
        ]
        constraints = [
            *dates.constraints("mandate_milestone", "due_on"),
            plausible_dates("mandate_milestone", "due_on", "reached_on"),
            models.UniqueConstraint(
                fields=["objective", "title_fr"],
                name="mandate_milestone_once",
                violation_error_message=_("The objective already has this milestone."),
            ),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return self.objective.get_absolute_url()

    def clean(self):
        super().clean()
        dates.refuse_future(self, "reached_on")

"""What a mandate sets out to do: objectives, and how each stands."""

from typing import ClassVar

import pgtrigger
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core import dates, search
from core.addresses import address
from core.constraints import check, once, one_of_choices, plausible_dates
from core.database import refusal
from core.dates import PrecisionField
from core.exceptions import Refused
from core.models import BaseModel, tracked
from core.references import REFERENCE, REFERENCE_FORM
from core.translated import Translated
from events.enums import Horizon
from mandate.enums import JUSTIFIED, OBJECTIVE_LIFE, OPEN, ObjectiveKind, ObjectiveStatus
from mandate.models import triggers
from mandate.models.mandates import Mandate

MANDATE_STAYS = _("An objective stays in its mandate: the handover carries it over to the next.")
PARENT_OF_MANDATE = _("An objective and its parts are of one mandate.")
NO_CIRCLE = _("An objective cannot be a part of its own parts.")
ONLY_UNSTARTED_DELETED = _("Only an objective that was never judged is deleted: drop it instead.")


@tracked
class Objective(BaseModel):
    """What the mission letter asks or a communication commits to: the wording, whose it is, by when, and how it stands.

    An objective may consist of others, each with a weight (per cent) in the whole; they sum to 100.
    """

    life = OBJECTIVE_LIFE

    mandate = models.ForeignKey(Mandate, models.PROTECT, related_name="objectives", verbose_name=_("mandate"))
    reference = models.CharField(_("reference"), max_length=20, validators=[RegexValidator(REFERENCE, REFERENCE_FORM)])
    kind = models.CharField(_("kind"), max_length=10, choices=ObjectiveKind, default=ObjectiveKind.OBJECTIVE)
    horizon = models.CharField(
        _("horizon"),
        max_length=15,
        choices=Horizon,
        blank=True,
        help_text=_("The term that the mission letter sets; a commitment may have none."),
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="parts", verbose_name=_("part of")
    )
    weight = models.PositiveSmallIntegerField(
        _("weight in the whole (%)"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("The weights of all parts of one objective sum to 100."),
    )
    wording_fr = models.TextField(_("wording in French"))
    wording_en = models.TextField(_("wording in English"), blank=True)
    note_fr = models.TextField(_("note in French"), blank=True)
    note_en = models.TextField(_("note in English"), blank=True)
    owner = models.ForeignKey(
        "core.User",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="objectives",
        verbose_name=_("who answers for it"),
    )
    owner_words_fr = models.CharField(
        _("entrusted to, in French"), max_length=200, blank=True, help_text=_("As the document says it.")
    )
    owner_words_en = models.CharField(_("entrusted to, in English"), max_length=200, blank=True)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    due_on_precision = PrecisionField()
    due_words_fr = models.CharField(
        _("due, in words, in French"), max_length=200, blank=True, help_text=_("Where no date says it.")
    )
    due_words_en = models.CharField(_("due, in words, in English"), max_length=200, blank=True)
    status = models.CharField(
        _("status"), max_length=15, choices=ObjectiveStatus, default=ObjectiveStatus.NOT_STARTED, editable=False
    )
    status_reason = models.TextField(_("why it stands so"), blank=True, editable=False)
    judged_on = models.DateField(_("judged on"), null=True, blank=True, editable=False)
    continues = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="continued_by",
        verbose_name=_("carried over from"),
    )
    wording = Translated()
    note = Translated()
    owner_words = Translated()
    due_words = Translated()
    search = search.column("reference", "wording_fr", "wording_en")

    class Meta:
        verbose_name = pgettext_lazy("of a mandate", "objective")
        verbose_name_plural = pgettext_lazy("of a mandate", "objectives")
        ordering = ["mandate", "pk"]
        indexes = [
            search.index("objective"),
            search.alike("objective", "wording_fr", "wording_en"),
            models.Index(fields=["mandate", "horizon", "status"], name="mandate_objective_horizon"),
            models.Index(
                fields=["due_on"], condition=Q(status__in=[state.value for state in OPEN]), name="mandate_objective_due"
            ),
        ]
        constraints = [
            check("mandate_objective_reference_form", Q(reference__regex=REFERENCE), REFERENCE_FORM),
            once(
                "mandate_objective_reference_once",
                ["mandate", "reference"],
                _("The mandate already has an objective of this reference."),
                "reference",
            ),
            one_of_choices("mandate_objective", "kind", ObjectiveKind),
            one_of_choices("mandate_objective", "horizon", Horizon, blank=True),
            one_of_choices("mandate_objective", "status", ObjectiveStatus),
            check(
                "mandate_objective_letter_sets_horizon",
                ~Q(kind="objective") | ~Q(horizon=""),
                _("An objective of the mission letter has the term that the letter sets."),
                "horizon",
            ),
            check("mandate_objective_not_in_itself", ~Q(parent=F("pk")), NO_CIRCLE, "parent"),
            check(
                "mandate_objective_weight_of_part",
                Q(parent__isnull=True, weight__isnull=True)
                | Q(parent__isnull=False, weight__isnull=False, weight__gte=1, weight__lte=100),
                _("A part has a weight from 1 to 100, and what is no part has none."),
                "weight",
            ),
            *dates.constraints("mandate_objective", "due_on"),
            plausible_dates("mandate_objective", "due_on", "judged_on"),
            check(
                "mandate_objective_judged_has_date",
                Q(status="not-started", judged_on__isnull=True) | ~Q(status="not-started") & Q(judged_on__isnull=False),
                _("What was judged has the day on which it was, and what has not started has none."),
                "judged_on",
            ),
            check(
                "mandate_objective_status_says_why",
                Q(status__in=[state.value for state in JUSTIFIED]) & ~Q(status_reason="")
                | ~Q(status__in=[state.value for state in JUSTIFIED]) & Q(status_reason=""),
                _("What is at risk, late or dropped says why, and nothing else does."),
            ),
        ]
        triggers = [
            OBJECTIVE_LIFE.trigger(),
            pgtrigger.Trigger(
                name="mandate_stays",
                operation=pgtrigger.UpdateOf("mandate_id"),
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("OLD.mandate_id <> NEW.mandate_id"),
                func=triggers.MANDATE_STAYS,
            ),
            pgtrigger.Trigger(
                name="only_unstarted_deleted",
                operation=pgtrigger.Delete,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("OLD.status <> 'not-started'"),
                func=triggers.ONLY_UNSTARTED_DELETED,
            ),
            pgtrigger.Trigger(
                name="tree",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("parent_id"),
                when=pgtrigger.After,
                condition=pgtrigger.Condition("NEW.parent_id IS NOT NULL"),
                func=triggers.TREE,
            ),
            pgtrigger.Trigger(
                name="weights",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                func=triggers.WEIGHTS,
            ),
            pgtrigger.Trigger(
                name="continues_previous",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("continues_id"),
                when=pgtrigger.After,
                condition=pgtrigger.Condition("NEW.continues_id IS NOT NULL"),
                func=triggers.CONTINUES,
            ),
            pgtrigger.Trigger(
                name="met_is_shown",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("status"),
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                condition=pgtrigger.Condition("NEW.status = 'met'"),
                func=triggers.MET_IS_SHOWN,
            ),
        ]

    refusals: ClassVar[dict[str, object]] = {
        "mandate_objective_mandate_stays": MANDATE_STAYS,
        "mandate_objective_only_unstarted_deleted": ONLY_UNSTARTED_DELETED,
        "mandate_objective_parent_of_mandate": PARENT_OF_MANDATE,
        "mandate_objective_no_circle": NO_CIRCLE,
        "mandate_objective_weights_whole": _("The weights of the parts of an objective sum to 100."),
        "mandate_objective_continues_previous": _("An objective continues one of the mandate before."),
        "mandate_objective_met_is_shown": _(
            "What is met is shown by evidence, or by an indicator that reaches its target."
        ),
    }

    def __str__(self):
        return f"{self.reference} — {self.wording}"

    def get_absolute_url(self):
        return address("mandate:objective", self.mandate.slug, self.reference)

    def clean(self):
        super().clean()
        dates.refuse_future(self, "judged_on")
        if self.parent and self.mandate_id and self.parent.mandate_id != self.mandate_id:
            raise ValidationError({"parent": PARENT_OF_MANDATE})
        above = self.parent
        while above is not None and self.pk:
            if above.pk == self.pk:
                raise ValidationError({"parent": NO_CIRCLE})
            above = above.parent

    def delete(self, *args, **kwargs):
        if self.status != ObjectiveStatus.NOT_STARTED:
            raise Refused([ONLY_UNSTARTED_DELETED])
        return super().delete(*args, **kwargs)

    @property
    def is_open(self) -> bool:
        """Whether somebody still works towards it."""
        return self.status in OPEN


class OfObjective(BaseModel):
    """Abstract: a row that may show that an objective is met, so that it may not be possible to take it away."""

    class Meta:
        abstract = True

    def delete(self, *args, **kwargs):
        """Refused where the objective is met and nothing else shows it."""
        try:
            with transaction.atomic():
                return super().delete(*args, **kwargs)
        except IntegrityError as error:
            said = refusal(error)
            if isinstance(said, ValidationError):
                raise Refused(said.messages) from error
            raise

"""Applications of projects to funding calls, by directorate."""

from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cooperation.enums import APPLICATION_LIFE, SENT, ApplicationStage
from cooperation.models.calls import FundingCall
from cooperation.models.projects import Project
from core import dates
from core.constraints import check, one_of_choices, ordered, plausible_dates, positive
from core.models import BaseModel, tracked
from partnerships.enums import OrganisationKind


def euros(label, **kwargs) -> models.DecimalField:
    return models.DecimalField(label, max_digits=14, decimal_places=2, null=True, blank=True, **kwargs)


@tracked
class Application(BaseModel):
    """A project's application to a call. Amounts in EUR. What it wins becomes a funding line of the project."""

    life = APPLICATION_LIFE

    call = models.ForeignKey(FundingCall, models.PROTECT, related_name="applications", verbose_name=_("funding call"))
    project = models.ForeignKey(Project, models.PROTECT, related_name="applications", verbose_name=_("project"))
    directorate = models.ForeignKey(
        "partnerships.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="applications",
        verbose_name=_("directorate that applies"),
    )
    stage = models.CharField(
        _("stage"), max_length=10, choices=ApplicationStage, default=ApplicationStage.DRAFT, editable=False
    )
    deadline = models.DateField(
        _("deadline aimed at"), null=True, blank=True, help_text=_("One of the deadlines of the call.")
    )
    total_cost = euros(_("whole cost of what is proposed (EUR)"))
    amount_asked = euros(_("amount asked (EUR)"))
    amount_obtained = euros(_("amount obtained (EUR)"))
    submitted_on = models.DateField(_("submitted on"), null=True, blank=True)
    decided_on = models.DateField(_("decided on"), null=True, blank=True)
    decision_reason = models.TextField(_("why it is lost or withdrawn"), blank=True, editable=False)
    deliberation = models.ForeignKey(
        "partnerships.Deliberation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="applications",
        verbose_name=_("deliberation"),
    )
    funding_line = models.OneToOneField(
        "cooperation.FundingLine",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="application",
        verbose_name=_("funding line"),
    )

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        ordering = ["-submitted_on", "-pk"]
        indexes = [models.Index(fields=["stage", "decided_on"], name="cooperation_application_stage")]
        constraints = [
            one_of_choices("cooperation_application", "stage", ApplicationStage),
            models.UniqueConstraint(
                fields=["call", "project"],
                name="cooperation_application_once",
                violation_error_message=_("The project already applies to this call."),
            ),
            plausible_dates("cooperation_application", "deadline", "submitted_on", "decided_on"),
            *(
                positive("cooperation_application", field)
                for field in ("total_cost", "amount_asked", "amount_obtained")
            ),
            ordered(
                "cooperation_application", "submitted_on", "decided_on", _("It is decided after it was submitted.")
            ),
            check(
                "cooperation_application_sent_is_complete",
                ~Q(stage__in=SENT)
                | Q(submitted_on__isnull=False, amount_asked__isnull=False, total_cost__isnull=False),
                _("An application that was submitted has its date, the amount asked and the whole cost."),
            ),
            check(
                "cooperation_application_draft_not_sent",
                ~Q(stage="draft") | Q(submitted_on__isnull=True, decided_on__isnull=True),
                _("A draft has neither been submitted nor decided."),
            ),
            check(
                "cooperation_application_won_has_amount",
                Q(stage="won", amount_obtained__isnull=False, amount_obtained__gt=0, decided_on__isnull=False)
                | ~Q(stage="won") & Q(amount_obtained__isnull=True),
                _("What is won has its amount and its date, and nothing else has an amount obtained."),
            ),
            check(
                "cooperation_application_lost_has_date",
                ~Q(stage="lost") | Q(decided_on__isnull=False),
                _("What is lost has its date."),
            ),
            check(
                "cooperation_application_stopped_says_why",
                Q(stage__in=["lost", "withdrawn"]) & ~Q(decision_reason="")
                | ~Q(stage__in=["lost", "withdrawn"]) & Q(decision_reason=""),
                _("What is lost or withdrawn says why, and nothing else does."),
            ),
            check(
                "cooperation_application_obtained_within_asked",
                Q(amount_obtained__isnull=True) | Q(amount_obtained__lte=F("amount_asked")),
                _("No more is obtained than was asked."),
            ),
            check(
                "cooperation_application_asked_within_cost",
                Q(amount_asked__isnull=True) | Q(total_cost__isnull=True) | Q(amount_asked__lte=F("total_cost")),
                _("No more is asked than the whole cost."),
            ),
        ]
        triggers = [APPLICATION_LIFE.trigger()]

    def __str__(self):
        return f"{self.project.reference} — {self.call}"

    def get_absolute_url(self):
        return self.call.get_absolute_url()

    @property
    def partners_share(self) -> Decimal | None:
        """What others than the funder bear, in % of the whole cost; None while an amount is missing."""
        if not self.total_cost or self.amount_asked is None:
            return None
        return 100 * (self.total_cost - self.amount_asked) / self.total_cost

    def clean(self):
        super().clean()
        dates.refuse_future(self, "submitted_on", "decided_on")
        if self.directorate and self.directorate.kind != OrganisationKind.DIRECTORATE:
            raise ValidationError({"directorate": _("Applications are counted by directorate of the City.")})
        if self.deadline and self.call_id and self.deadline not in self.call.deadlines:
            raise ValidationError({"deadline": _("The call has no such deadline.")})

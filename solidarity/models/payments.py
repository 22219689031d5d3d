"""What follows the vote: the grant agreement with its instalments, payments, reports, published accounts. EUR."""

from decimal import ROUND_HALF_UP, Decimal

import pgtrigger
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import dates
from core.constraints import check, ordered, plausible_dates, plausible_year, positive
from core.models import BaseModel, tracked
from solidarity.enums import GrantStage
from solidarity.models import triggers
from solidarity.models.funds import OVER_PAID, money
from solidarity.models.grants import CONVENTION_FIRST, Allocation, Grant

WRONG_STATE = _("A payment is recorded while the grant is in payment: not before, not after.")
OVER_ALLOCATION = _("The payments of this allocation would exceed its amount.")
OVER_INSTALMENT = _("The payments of this instalment would exceed its amount.")
INSTALMENT_NEEDED = _("The grant has an agreement: say which of its instalments is paid.")
FOREIGN_PART = _("This belongs to another grant.")
BEFORE_VOTE = _("Nothing is paid before the Council's vote.")
NO_ENVELOPE = _("The fund has no envelope for the year of the payment.")
INSTALMENTS_WITHIN = _("The instalments never exceed the amount granted.")
AGREEMENT_STAYS = _("What was signed stays: the agreement and its instalments do not change once payments are open.")


@tracked
class GrantAgreement(BaseModel):
    """The convention of a grant (loi 2000-321 art. 10): object, amount, payment terms, conditions of use.

    `allows_regranting`: re-granting is forbidden unless the convention says so (CGCT L1611-4).
    """

    grant = models.OneToOneField(Grant, models.CASCADE, related_name="agreement", verbose_name=_("grant"))
    number = models.CharField(_("number"), max_length=60, blank=True)
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    conditions = models.TextField(_("payment terms and conditions of use"), blank=True)
    allows_regranting = models.BooleanField(_("re-granting allowed"), default=False)

    refusals = {"solidarity_grantagreement_stays": AGREEMENT_STAYS}

    class Meta:
        verbose_name = _("grant agreement")
        verbose_name_plural = _("grant agreements")
        ordering = ["grant"]
        constraints = [
            plausible_dates("solidarity_grantagreement", "signed_on"),
            models.UniqueConstraint(
                fields=["number"],
                condition=~Q(number=""),
                name="solidarity_grantagreement_number_once",
                violation_error_message=_("Another grant agreement has this number."),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="stays",
                operation=pgtrigger.UpdateOf("grant_id", "signed_on") | pgtrigger.Delete,
                when=pgtrigger.Before,
                func=triggers.AGREEMENT_STAYS,
            )
        ]

    def __str__(self):
        return self.number or str(self.grant)

    def get_absolute_url(self):
        return self.grant.get_absolute_url()

    def clean(self):
        super().clean()
        dates.refuse_future(self, "signed_on")
        voted = self.grant.deliberation.voted_on if self.grant_id and self.grant.deliberation else None
        if voted and self.signed_on and self.signed_on < voted:
            day = dates.display(voted, "day")
            raise ValidationError(
                {"signed_on": _("It cannot be signed before the Council's vote (%(day)s).") % {"day": day}}
            )


@tracked
class Instalment(BaseModel):
    """A part of the grant that the agreement pays at a time, and on what condition. They never exceed the amount granted."""

    agreement = models.ForeignKey(
        GrantAgreement, models.CASCADE, related_name="instalments", verbose_name=_("grant agreement")
    )
    number = models.PositiveSmallIntegerField(_("number"))
    amount = money(_("amount (EUR)"))
    due_on = models.DateField(_("due on"), null=True, blank=True)
    condition = models.CharField(_("condition"), max_length=250, blank=True)

    refusals = {
        "solidarity_instalment_within_grant": INSTALMENTS_WITHIN,
        "solidarity_grantagreement_stays": AGREEMENT_STAYS,
    }

    class Meta:
        verbose_name = _("instalment")
        verbose_name_plural = _("instalments")
        ordering = ["agreement", "number"]
        constraints = [
            check("solidarity_instalment_amount_above_0", Q(amount__gt=0), _("An instalment is above 0.")),
            plausible_dates("solidarity_instalment", "due_on"),
            models.UniqueConstraint(
                fields=["agreement", "number"],
                name="solidarity_instalment_number_once",
                violation_error_message=_("The agreement already has an instalment with this number."),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="within_grant",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                func=triggers.INSTALMENT_WITHIN,
            )
        ]

    def __str__(self):
        return f"{self.agreement}, {self.number}"

    def clean(self):
        super().clean()
        if not self.agreement_id or self.amount is None:
            return
        granted = self.agreement.grant.amount_granted or 0
        others = Instalment.objects.filter(agreement=self.agreement_id).exclude(pk=self.pk)
        if sum((row.amount for row in others), self.amount) > granted:
            raise ValidationError({"amount": INSTALMENTS_WITHIN})


@tracked
class Payment(BaseModel):
    """Euros paid to the beneficiary on a day, from one allocation, for one instalment where there is an agreement.

    Never above the allocation, the instalment, nor the payment credits of the fund for the year of the payment; only while
    the grant is in payment; never before the convention where the law asks for one.
    """

    # Found by the index below, which holds the amounts too: what a grant was paid is asked of all of them at once.
    grant = models.ForeignKey(Grant, models.PROTECT, related_name="payments", db_index=False, verbose_name=_("grant"))
    allocation = models.ForeignKey(Allocation, models.PROTECT, related_name="payments", verbose_name=_("allocation"))
    instalment = models.ForeignKey(
        Instalment, models.PROTECT, null=True, blank=True, related_name="payments", verbose_name=_("instalment")
    )
    paid_on = models.DateField(_("paid on"))
    amount = money(_("amount (EUR)"))
    reference = models.CharField(_("reference of the payment order"), max_length=60, unique=True)

    refusals = {
        "solidarity_payment_in_payment": WRONG_STATE,
        "solidarity_payment_within_allocation": OVER_ALLOCATION,
        "solidarity_payment_within_instalment": OVER_INSTALMENT,
        "solidarity_payment_names_instalment": INSTALMENT_NEEDED,
        "solidarity_payment_of_the_grant": FOREIGN_PART,
        "solidarity_payment_after_vote": BEFORE_VOTE,
        "solidarity_payment_has_envelope": NO_ENVELOPE,
        "solidarity_grant_convention_first": CONVENTION_FIRST,
        "solidarity_envelope_payments_within": OVER_PAID,
    }

    class Meta:
        verbose_name = _("payment")
        verbose_name_plural = _("payments")
        ordering = ["paid_on", "pk"]
        indexes = [
            models.Index(fields=["allocation", "paid_on"], include=["amount"], name="solidarity_payment_sum"),
            models.Index(fields=["grant"], include=["amount"], name="solidarity_payment_of_grant"),
            models.Index(fields=["paid_on"], include=["grant", "allocation", "amount"], name="solidarity_payment_day"),
        ]
        constraints = [
            check("solidarity_payment_amount_above_0", Q(amount__gt=0), _("A payment is above 0.")),
            plausible_dates("solidarity_payment", "paid_on"),
            check(
                "solidarity_payment_reference_stated",
                ~Q(reference=""),
                _("A payment has the reference of its payment order."),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="allowed",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                func=triggers.PAYMENT_ALLOWED,
            ),
            pgtrigger.Trigger(
                name="within",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.After,
                func=triggers.PAYMENT_WITHIN,
            ),
            pgtrigger.Trigger(
                name="within_then_balanced",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.After,
                func=triggers.PAYMENT_BALANCED,
            ),
        ]

    def __str__(self):
        return self.reference

    def get_absolute_url(self):
        return f"{self.grant.get_absolute_url()}#payments"

    def clean(self):
        super().clean()
        dates.refuse_future(self, "paid_on")
        if not self.grant_id:
            return
        wrong = {}
        if self.grant.stage != GrantStage.IN_PAYMENT:
            wrong["grant"] = WRONG_STATE
        if self.allocation_id and self.allocation.grant_id != self.grant_id:
            wrong["allocation"] = FOREIGN_PART
        agreement = GrantAgreement.objects.filter(grant=self.grant_id).first()
        if agreement and self.instalment is None:
            wrong["instalment"] = INSTALMENT_NEEDED
        if self.instalment and (agreement is None or self.instalment.agreement_id != agreement.pk):
            wrong["instalment"] = FOREIGN_PART
        voted = self.grant.deliberation.voted_on if self.grant.deliberation else None
        if voted and self.paid_on and self.paid_on < voted:
            wrong["paid_on"] = BEFORE_VOTE
        if wrong:
            raise ValidationError(wrong)
        self._refuse_too_much()

    def _refuse_too_much(self) -> None:
        """Said here with its field; the trigger has the last word, also when several people pay at once."""
        if self.amount is None or not self.allocation_id:
            return
        for whole, name, sentence in (
            (self.allocation, "allocation", OVER_ALLOCATION),
            (self.instalment, "instalment", OVER_INSTALMENT),
        ):
            if whole is None:
                continue
            others = Payment.objects.filter(**{name: whole}).exclude(pk=self.pk)
            if sum((row.amount for row in others), self.amount) > whole.amount:
                raise ValidationError({"amount": sentence})


@tracked
class FinancialReport(BaseModel):
    """What the beneficiary made of an earmarked grant in a year: due six months after it (loi 2000-321 art. 10)."""

    grant = models.ForeignKey(Grant, models.CASCADE, related_name="reports", verbose_name=_("grant"))
    year = models.PositiveSmallIntegerField(_("financial year"))
    due_on = models.DateField(_("due on"))
    received_on = models.DateField(_("received on"), null=True, blank=True)
    accepted_on = models.DateField(_("accepted on"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("financial report")
        verbose_name_plural = _("financial reports")
        ordering = ["due_on", "pk"]
        indexes = [models.Index(fields=["due_on"], condition=Q(received_on__isnull=True), name="solidarity_report_due")]
        constraints = [
            plausible_year("solidarity_financialreport"),
            plausible_dates("solidarity_financialreport", "due_on", "received_on", "accepted_on"),
            ordered(
                "solidarity_financialreport",
                "received_on",
                "accepted_on",
                _("A report is accepted after it was received."),
            ),
            check(
                "solidarity_financialreport_accepted_is_received",
                Q(accepted_on__isnull=True) | Q(received_on__isnull=False),
                _("A report that is accepted was received."),
                "received_on",
            ),
            models.UniqueConstraint(
                fields=["grant", "year"],
                name="solidarity_financialreport_once",
                violation_error_message=_("The report of that year is already recorded."),
            ),
        ]

    def __str__(self):
        return f"{self.grant.reference}, {self.year}"

    def get_absolute_url(self):
        return f"{self.grant.get_absolute_url()}#reports"

    def clean(self):
        super().clean()
        dates.refuse_future(self, "received_on", "accepted_on")


@tracked
class ReportLine(BaseModel):
    """A line of a financial report: what was planned and what was spent (EUR). Variance is actual minus budget."""

    report = models.ForeignKey(
        FinancialReport, models.CASCADE, related_name="lines", verbose_name=_("financial report")
    )
    label = models.CharField(_("line"), max_length=150)
    budget = money(_("budget (EUR)"))
    actual = money(_("actual (EUR)"))

    class Meta:
        verbose_name = _("line of the report")
        verbose_name_plural = _("lines of the report")
        ordering = ["report", "pk"]
        constraints = [
            positive("solidarity_reportline", "budget"),
            positive("solidarity_reportline", "actual"),
            models.UniqueConstraint(
                fields=["report", "label"],
                name="solidarity_reportline_once",
                violation_error_message=_("The report already has this line."),
            ),
        ]

    def __str__(self):
        return self.label

    @property
    def variance(self):
        """Actual minus budget, in EUR."""
        return self.actual - self.budget

    @property
    def variance_percent(self):
        """The variance in % of the budget, to one decimal; None where nothing was budgeted."""
        share = 100 * self.variance / self.budget if self.budget else None
        return share and share.quantize(Decimal("0.1"), ROUND_HALF_UP)


@tracked
class PublicAccounts(BaseModel):
    """The accounts of a body that got more than the legal threshold in a year: published within 3 months of their approval."""

    organisation = models.ForeignKey(
        "partnerships.Organisation", models.PROTECT, related_name="accounts", verbose_name=_("organisation")
    )
    year = models.PositiveSmallIntegerField(_("financial year"))
    approved_on = models.DateField(_("approved on"), null=True, blank=True)
    published_on = models.DateField(_("published on"), null=True, blank=True)

    class Meta:
        verbose_name = _("published accounts")
        verbose_name_plural = _("published accounts")
        ordering = ["-year", "organisation"]
        constraints = [
            plausible_year("solidarity_publicaccounts"),
            plausible_dates("solidarity_publicaccounts", "approved_on", "published_on"),
            ordered(
                "solidarity_publicaccounts",
                "approved_on",
                "published_on",
                _("Accounts are published after their approval."),
            ),
            models.UniqueConstraint(
                fields=["organisation", "year"],
                name="solidarity_publicaccounts_once",
                violation_error_message=_("The accounts of that year are already recorded."),
            ),
        ]

    def __str__(self):
        return f"{self.organisation}, {self.year}"

    def clean(self):
        super().clean()
        dates.refuse_future(self, "approved_on", "published_on")

"""What belongs to an agreement: its parties, clauses and amendments."""

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import dates
from core.constraints import one_of, one_of_choices, ordered, plausible_dates
from core.dates import PrecisionField
from core.models import BaseModel, tracked
from partnerships.enums import AgreementKind, AgreementStatus, ClauseKind, OrganisationKind, PartyRole
from partnerships.models import triggers
from partnerships.models.agreements import Agreement

STATE_COUNTERPART = _(
    "The counterpart may not be a State (CGCT L1115-5), unless the agreement names the exception that authorises it."
)
COUNTERPART_STAYS = _("An agreement beyond its draft keeps a counterpart: name the other one first.")


@tracked
class AgreementParty(BaseModel):
    """A city or an organisation that an agreement binds. `kind` and `period` are copied by a trigger, for the rule
    that no two agreements of one kind with one city overlap; a State is refused as counterpart (A3)."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="parties", verbose_name=_("agreement"))
    city = models.ForeignKey(
        "partnerships.City", models.PROTECT, null=True, blank=True, related_name="parties", verbose_name=_("city")
    )
    organisation = models.ForeignKey(
        "partnerships.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="parties",
        verbose_name=_("organisation"),
    )
    role = models.CharField(_("role"), max_length=15, choices=PartyRole, default=PartyRole.COUNTERPART)
    # Kept by the trigger.
    kind = models.CharField(_("kind"), max_length=15, choices=AgreementKind, editable=False, blank=True)
    period = DateRangeField(_("period"), null=True, editable=False)

    refusals = {
        "partnerships_agreementparty_no_state": STATE_COUNTERPART,
        "partnerships_agreementparty_counterpart_stays": COUNTERPART_STAYS,
    }

    class Meta:
        verbose_name = _("party")
        verbose_name_plural = _("parties")
        ordering = ["agreement", "pk"]
        constraints = [
            one_of_choices("partnerships_agreementparty", "role", PartyRole),
            one_of(
                "partnerships_agreementparty_one_body",
                ["city", "organisation"],
                _("A party is a city or an organisation, not both."),
            ),
            models.UniqueConstraint(
                fields=["agreement", "city"],
                name="partnerships_agreementparty_city_once",
                violation_error_message=_("This city is already a party."),
            ),
            models.UniqueConstraint(
                fields=["agreement", "organisation"],
                name="partnerships_agreementparty_organisation_once",
                violation_error_message=_("This organisation is already a party."),
            ),
            ExclusionConstraint(
                name="partnerships_agreementparty_no_overlap",
                expressions=[
                    ("city", RangeOperators.EQUAL),
                    ("kind", RangeOperators.EQUAL),
                    ("period", RangeOperators.OVERLAPS),
                ],
                condition=Q(city__isnull=False, period__isnull=False, role=PartyRole.COUNTERPART),
                violation_error_message=_("The city already has an agreement of this kind at that time."),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="follow_agreement",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                func=triggers.PERIOD,
            ),
            pgtrigger.Trigger(
                name="counterpart_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("OLD.role = 'counterpart'"),
                func=triggers.COUNTERPART_STAYS,
            ),
        ]

    def __str__(self):
        return str(self.city or self.organisation)

    def clean(self):
        super().clean()
        if not self.agreement_id:
            return
        is_state = self.organisation and self.organisation.kind == OrganisationKind.STATE
        if is_state and self.role == PartyRole.COUNTERPART and not self.agreement.state_authorisation:
            raise ValidationError({"organisation": STATE_COUNTERPART})


@tracked
class AgreementClause(BaseModel):
    """A clause worth counting: gender equality first of all (seed: Kinshasa, October 2014)."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="clauses", verbose_name=_("agreement"))
    kind = models.CharField(_("clause"), max_length=20, choices=ClauseKind)
    text = models.TextField(_("text"), blank=True)

    class Meta:
        verbose_name = _("clause")
        verbose_name_plural = _("clauses")
        ordering = ["agreement", "kind"]
        constraints = [
            one_of_choices("partnerships_agreementclause", "kind", ClauseKind),
            models.UniqueConstraint(
                fields=["agreement", "kind", "text"],
                name="partnerships_agreementclause_once",
                violation_error_message=_("The agreement already has this clause."),
            ),
        ]

    def __str__(self):
        return self.get_kind_display()


@tracked
class Amendment(BaseModel):
    """An amendment to an agreement. Where it names a new expiry, the database moves the agreement's own."""

    agreement = models.ForeignKey(Agreement, models.CASCADE, related_name="amendments", verbose_name=_("agreement"))
    number = models.PositiveSmallIntegerField(_("number"))
    object = models.TextField(_("object"))
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    signed_on_precision = PrecisionField()
    amount_change = models.DecimalField(
        _("change of the amount (EUR)"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    new_expiry = models.DateField(_("new expiry"), null=True, blank=True)
    deliberation = models.ForeignKey(
        "partnerships.Deliberation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="amendments",
        verbose_name=_("deliberation"),
    )

    class Meta:
        verbose_name = _("amendment")
        verbose_name_plural = _("amendments")
        ordering = ["agreement", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "number"],
                name="partnerships_amendment_number_once",
                violation_error_message=_("The agreement already has an amendment with this number."),
            ),
            *dates.constraints("partnerships_amendment", "signed_on"),
            plausible_dates("partnerships_amendment", "signed_on", "new_expiry"),
            ordered("partnerships_amendment", "signed_on", "new_expiry"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="move_expiry",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.After,
                func=triggers.MOVE_EXPIRY,
            ),
        ]

    def __str__(self):
        return f"{self.agreement.reference}, {self.number}"

    def clean(self):
        super().clean()
        dates.refuse_future(self, "signed_on")
        if not self.agreement_id:
            return
        if self.agreement.is_draft or self.agreement.status == AgreementStatus.VOTED:
            raise ValidationError(_("Only a signed agreement is amended: change the draft itself."))
        if self._state.adding and self.agreement.status not in (AgreementStatus.SIGNED, AgreementStatus.IN_FORCE):
            raise ValidationError(_("An agreement that is over is not amended any more."))
        signed = self.agreement.signed_on
        if signed and self.signed_on and dates.last_day(self.signed_on, self.signed_on_precision or "day") < signed:
            raise ValidationError({"signed_on": _("An amendment is signed after its agreement.")})

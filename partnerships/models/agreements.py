"""Agreements: the conventions of the City's external action (CGCT L1115-1 and following)."""

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core import clock, dates, search
from core.constraints import check, one_of, one_of_choices, ordered, positive
from core.dates import PrecisionField
from core.models import BaseModel, tracked
from core.translated import Translated
from partnerships.enums import (
    AGREEMENT_LIFE,
    SIGNED_STATES,
    AgreementKind,
    AgreementStatus,
    ClauseKind,
    OrganisationKind,
    PartyRole,
)

STATE_COUNTERPART = _(
    "The counterpart may not be a State (CGCT L1115-5), unless the agreement names the exception that authorises it."
)


def next_reference() -> str:
    """The next free reference of the year, e.g. AGR-2015-0007."""
    prefix = f"AGR-{clock.today().year}-"
    last = (
        Agreement.objects.filter(reference__startswith=prefix)
        .order_by("-reference")
        .values_list("reference", flat=True)
        .first()
    )
    return f"{prefix}{int(last.removeprefix(prefix)) + 1 if last else 1:04d}"


@tracked
class Agreement(BaseModel):
    """An agreement with cities or organisations: its parties, object, money, dates and life.

    `expires_on` is the current expiry: an amendment that moves it writes it here. A date that has happened without
    anyone knowing when has precision `unknown`. Amounts in EUR.
    """

    life = AGREEMENT_LIFE

    reference = models.CharField(_("reference"), max_length=20, unique=True, default=next_reference)
    title_fr = models.CharField(_("title in French"), max_length=250)
    title_en = models.CharField(_("title in English"), max_length=250, blank=True)
    kind = models.CharField(_("kind"), max_length=15, choices=AgreementKind)
    status = models.CharField(
        _("status"), max_length=10, choices=AgreementStatus, default=AgreementStatus.DRAFT, editable=False
    )
    object_fr = models.TextField(_("object in French"), blank=True)
    object_en = models.TextField(_("object in English"), blank=True)
    forecast_amount = models.DecimalField(
        _("forecast amount (EUR)"),
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("Empty = not known; 0 = no money."),
    )
    deliberation = models.ForeignKey(
        "partnerships.Deliberation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="agreements",
        verbose_name=_("deliberation"),
    )
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    signed_on_precision = PrecisionField()
    transmitted_to_prefect_on = models.DateField(_("sent to the prefect on"), null=True, blank=True)
    in_force_on = models.DateField(_("in force from"), null=True, blank=True)
    expires_on = models.DateField(
        _("expires on"),
        null=True,
        blank=True,
        help_text=_("Last day in force. Empty = not known, unless it has no end."),
    )
    notice_months = models.PositiveSmallIntegerField(
        _("notice period (months)"), null=True, blank=True, validators=[MaxValueValidator(60)]
    )
    tacit_renewal = models.BooleanField(_("tacit renewal"), default=False)
    open_ended = models.BooleanField(_("without end"), default=False)
    ended_on = models.DateField(_("ended on"), null=True, blank=True)
    state_authorisation = models.CharField(
        _("authorised exception"),
        max_length=250,
        blank=True,
        help_text=_("Required where a counterpart is a foreign State: the text that authorises it (CGCT L1115-5)."),
    )
    renews = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="renewed_by", verbose_name=_("renews")
    )
    title = Translated()
    object = Translated()
    search = search.column("reference", "title_fr", "title_en", "object_fr", "object_en")

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        ordering = ["-signed_on", "reference"]
        indexes = [
            search.index("agreement"),
            models.Index(fields=["status", "expires_on"], name="partnerships_agreement_expiry"),
        ]
        constraints = [
            one_of_choices("partnerships_agreement", "kind", AgreementKind),
            one_of_choices("partnerships_agreement", "status", AgreementStatus),
            positive("partnerships_agreement", "forecast_amount"),
            *dates.constraints("partnerships_agreement", "signed_on"),
            check(
                "partnerships_agreement_signed_state_has_signature",
                Q(status__in=SIGNED_STATES) & ~Q(signed_on_precision="")
                | Q(status__in=["draft", "voted"], signed_on_precision=""),
                _("A signed agreement has a date of signature (which may be “not known”), an unsigned one has none."),
            ),
            check(
                "partnerships_agreement_voted_has_deliberation",
                ~Q(status__in=["voted", "in-force"]) | Q(deliberation__isnull=False),
                _("The Council's deliberation is missing."),
            ),
            check(
                "partnerships_agreement_in_force_sent_to_prefect",
                ~Q(status="in-force") | Q(transmitted_to_prefect_on__isnull=False, in_force_on__isnull=False),
                _("An agreement takes effect only once it has been sent to the prefect (CGCT L1115-1)."),
            ),
            check(
                "partnerships_agreement_expired_has_expiry",
                ~Q(status="expired") | Q(expires_on__isnull=False),
                _("An expired agreement has an expiry date."),
            ),
            check(
                "partnerships_agreement_open_ended_without_expiry",
                Q(open_ended=False) | Q(expires_on__isnull=True),
                _("An agreement without end has no last day."),
            ),
            check(
                "partnerships_agreement_ended_has_date",
                Q(status="ended", ended_on__isnull=False) | ~Q(status="ended") & Q(ended_on__isnull=True),
                _("An agreement that was ended has the date, and no other has."),
            ),
            check(
                "partnerships_agreement_notice_at_most_60",
                Q(notice_months__isnull=True) | Q(notice_months__lte=60),
                _("A notice period is at most 60 months."),
            ),
            check(
                "partnerships_agreement_not_renewing_itself", ~Q(renews=F("pk")), _("An agreement cannot renew itself.")
            ),
            ordered(
                "partnerships_agreement",
                "signed_on",
                "transmitted_to_prefect_on",
                _("An agreement is sent to the prefect after its signature."),
            ),
            ordered(
                "partnerships_agreement",
                "transmitted_to_prefect_on",
                "in_force_on",
                _("An agreement takes effect only once it has been sent to the prefect (CGCT L1115-1)."),
            ),
            ordered("partnerships_agreement", "in_force_on", "expires_on"),
            ordered("partnerships_agreement", "signed_on", "expires_on"),
            ordered("partnerships_agreement", "signed_on", "ended_on"),
        ]
        triggers = [
            AGREEMENT_LIFE.trigger(),
            pgtrigger.Trigger(
                name="parties_follow",
                operation=pgtrigger.UpdateOf(
                    "kind",
                    "status",
                    "signed_on",
                    "in_force_on",
                    "expires_on",
                    "ended_on",
                    "tacit_renewal",
                    "state_authorisation",
                    "renews_id",
                ),
                when=pgtrigger.After,
                func="""
                    UPDATE partnerships_agreementparty SET kind = kind WHERE agreement_id = NEW.renews_id;
                    UPDATE partnerships_agreementparty SET kind = NEW.kind WHERE agreement_id = NEW.id;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self):
        return f"{self.reference} — {self.title}"

    def get_absolute_url(self):
        return reverse("partnerships:agreement", args=[self.reference])

    def clean(self):
        super().clean()
        dates.refuse_future(self, "signed_on", "transmitted_to_prefect_on")
        if self.renews and self.renews.kind != self.kind:
            raise ValidationError({"renews": _("An agreement renews one of its own kind.")})


# The days that an agreement binds, for the rule against overlaps: from its effect (or its signature where the effect is
# not known) to its end, or to the effect of the agreement that renews it. Nothing where it is not signed, where nobody
# knows when, or where it renews another and has not taken effect yet.
_PERIOD = """
    SELECT a.kind, CASE
        WHEN a.status IN ('draft', 'voted') OR COALESCE(a.in_force_on, a.signed_on) IS NULL
             OR (a.renews_id IS NOT NULL AND a.in_force_on IS NULL) THEN NULL
        ELSE daterange(
            COALESCE(a.in_force_on, a.signed_on),
            NULLIF(GREATEST(COALESCE(a.in_force_on, a.signed_on), LEAST(
                a.ended_on,
                (SELECT s.in_force_on - 1 FROM partnerships_agreement s WHERE s.renews_id = a.id AND s.in_force_on IS NOT NULL),
                CASE WHEN a.tacit_renewal AND a.status IN ('signed', 'in-force') THEN NULL ELSE a.expires_on END,
                'infinity'::date)), 'infinity'::date), '[]') END
    INTO NEW.kind, NEW.period FROM partnerships_agreement a WHERE a.id = NEW.agreement_id;
    IF NEW.role = 'counterpart' AND NEW.organisation_id IS NOT NULL AND EXISTS (
        SELECT 1 FROM partnerships_organisation o JOIN partnerships_agreement a ON a.id = NEW.agreement_id
        WHERE o.id = NEW.organisation_id AND o.kind = 'state' AND a.state_authorisation = '')
    THEN
        RAISE EXCEPTION 'The counterpart may not be a State (CGCT L1115-5) without an authorised exception.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'partnerships_agreementparty_no_state';
    END IF;
    RETURN NEW;
"""


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

    refusals = {"partnerships_agreementparty_no_state": STATE_COUNTERPART}

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
                func=_PERIOD,
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
            ordered("partnerships_amendment", "signed_on", "new_expiry"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="move_expiry",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("new_expiry"),
                when=pgtrigger.After,
                condition=pgtrigger.Condition("NEW.new_expiry IS NOT NULL"),
                func="UPDATE partnerships_agreement SET expires_on = NEW.new_expiry WHERE id = NEW.agreement_id; RETURN NEW;",
            ),
        ]

    def __str__(self):
        return f"{self.agreement.reference}, {self.number}"

    def clean(self):
        super().clean()
        dates.refuse_future(self, "signed_on")
        if self.agreement_id and self.agreement.status in (AgreementStatus.DRAFT, AgreementStatus.VOTED):
            raise ValidationError(_("Only a signed agreement is amended: change the draft itself."))

"""Grants: from the application to the closing of the file. Amounts in EUR."""

import pgtrigger
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core import clock, dates, references, search
from core.addresses import address
from core.constraints import check, one_of, one_of_choices, plausible_dates, plausible_year, positive
from core.exceptions import Refused
from core.models import BaseModel, tracked
from core.references import REFERENCE, REFERENCE_FORM, next_reference
from core.translated import Translated
from solidarity.enums import GRANT_LIFE, SETTLED, GrantStage, PieceKind
from solidarity.models import triggers
from solidarity.models.funds import (
    NO_BASE,
    NO_CEILING,
    OVER_CEILING,
    OVER_COMMITTED,
    Envelope,
    FundService,
    money,
)

ONLY_DRAFTS_DELETED = _("Only a draft is deleted: withdraw or reject the grant instead.")
NOT_ALLOCATED = _("The allocations sum to the amount granted, to the cent.")
OTHER_YEAR = _("The envelope is of another year than the grant.")
SETTLED_STAYS = _("What was proposed to the Council stays: send the file back to review to change it.")
STARTS_AS_DRAFT = _("A grant begins as a draft.")
OWN_FILE = _("Nobody approves a file that he or she instructed.")
NO_SERVICE = _("Say which service's resources bear it: each ceiling is judged apart.")
FOREIGN_SERVICE = _("This service does not feed the fund of the envelope.")
CONVENTION_FIRST = _(
    "Above the legal threshold a year and body, in cash and in kind, a signed agreement comes before the payment "
    "(loi 2000-321, art. 10)."
)


def grant_reference() -> str:
    """The next free reference of the year, e.g. GRA-2015-0007."""
    return next_reference(Grant, "GRA")


@tracked
class Grant(BaseModel):
    """A grant (subvention) to a body, from its application on.

    `amount_granted` is what is proposed, then voted; its allocations to envelopes sum to it. `in_kind_value` counts for the
    legal thresholds. `year` is the year that it is granted for, `until_year` its last one where it is for several.
    """

    life = GRANT_LIFE

    reference = models.CharField(
        _("reference"),
        max_length=20,
        unique=True,
        default=grant_reference,
        validators=[RegexValidator(REFERENCE, REFERENCE_FORM)],
    )
    title_fr = models.CharField(_("object in French"), max_length=250)
    title_en = models.CharField(_("object in English"), max_length=250, blank=True)
    description = models.TextField(_("description"), blank=True)
    stage = models.CharField(_("stage"), max_length=15, choices=GrantStage, default=GrantStage.DRAFT, editable=False)
    stopped_reason = models.TextField(_("why it is rejected or withdrawn"), blank=True, editable=False)
    beneficiary = models.ForeignKey(
        "partnerships.Organisation", models.PROTECT, related_name="grants", verbose_name=_("beneficiary")
    )
    year = models.PositiveSmallIntegerField(_("year"))
    until_year = models.PositiveSmallIntegerField(
        _("until the year"), null=True, blank=True, help_text=_("Where it is for several years: the last one.")
    )
    project = models.ForeignKey(
        "cooperation.Project",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="grants",
        verbose_name=_("project that it serves"),
    )
    crisis = models.ForeignKey(
        "solidarity.Crisis",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="grants",
        verbose_name=_("crisis that it answers"),
    )
    theme = models.ForeignKey(
        "cooperation.Theme",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="grants",
        verbose_name=_("field of cooperation"),
    )
    received_on = models.DateField(_("application received on"), null=True, blank=True)
    amount_asked = money(_("amount asked (EUR)"), null=True, blank=True)
    amount_granted = money(
        _("amount granted (EUR)"), null=True, blank=True, help_text=_("What is proposed to the Council, then voted.")
    )
    in_kind_value = money(_("value in kind (EUR)"), default=0)
    earmarked = models.BooleanField(_("earmarked: a financial report is due"), default=True)
    opinion = models.TextField(_("opinion of the review"), blank=True)
    instructed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="instructed_grants",
        verbose_name=_("instructed by"),
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="approved_grants",
        verbose_name=_("approved by"),
    )
    # Found by an index below, which holds what the votes of a period are added up by.
    deliberation = models.ForeignKey(
        "partnerships.Deliberation",
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="grants",
        verbose_name=_("deliberation"),
    )
    title = Translated()
    search = search.column("reference", "title_fr", "title_en", "description")
    search_through = ("beneficiary",)

    refusals = {
        "solidarity_grant_only_drafts_deleted": ONLY_DRAFTS_DELETED,
        "solidarity_grant_fully_allocated": NOT_ALLOCATED,
        "solidarity_grant_allocated_in_its_years": OTHER_YEAR,
        "solidarity_grant_settled_stays": SETTLED_STAYS,
        "solidarity_grant_starts_as_draft": STARTS_AS_DRAFT,
        "solidarity_grant_convention_first": CONVENTION_FIRST,
        "solidarity_envelope_commitments_within": OVER_COMMITTED,
        "solidarity_envelope_within_ceiling": OVER_CEILING,
        "solidarity_envelope_has_ceiling": NO_CEILING,
        "solidarity_envelope_has_base": NO_BASE,
    }

    class Meta:
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        ordering = ["-reference"]
        indexes = [
            references.index("grant"),
            search.index("grant", "stage"),
            search.alike("grant", "title_fr", "title_en"),
            models.Index(fields=["stage", "-reference"], name="solidarity_grant_stage"),
            models.Index(
                F("stage"), F("amount_granted").desc(nulls_last=True), F("id"), name="solidarity_grant_amount"
            ),
            # What is added up over the grants of some stages: a grant is a wide row, and sums need little of it.
            models.Index(
                fields=["stage"],
                include=["id", "amount_granted", "theme", "beneficiary", "project"],
                name="solidarity_grant_sums",
            ),
            models.Index(
                fields=["deliberation"],
                include=["id", "stage", "year", "theme", "amount_granted"],
                name="solidarity_grant_votes",
            ),
            models.Index(fields=["beneficiary", "year"], name="solidarity_grant_beneficiary"),
        ]
        constraints = [
            check("solidarity_grant_reference_form", Q(reference__regex=REFERENCE), REFERENCE_FORM),
            one_of_choices("solidarity_grant", "stage", GrantStage),
            plausible_year("solidarity_grant"),
            check(
                "solidarity_grant_until_year_after",
                Q(until_year__isnull=True) | Q(until_year__gte=F("year"), until_year__lte=F("year") + 5),
                _("The last year is the first one or one of the five that follow."),
                "until_year",
            ),
            plausible_dates("solidarity_grant", "received_on"),
            check(
                "solidarity_grant_amount_asked_above_0",
                Q(amount_asked__isnull=True) | Q(amount_asked__gt=0),
                _("An amount asked is above 0."),
            ),
            check(
                "solidarity_grant_amount_granted_above_0",
                Q(amount_granted__isnull=True) | Q(amount_granted__gt=0),
                _("An amount granted is above 0."),
            ),
            check(
                "solidarity_grant_granted_within_asked",
                Q(amount_granted__isnull=True) | Q(amount_asked__isnull=False, amount_granted__lte=F("amount_asked")),
                _("No more is granted than was asked."),
                "amount_granted",
            ),
            positive("solidarity_grant", "in_kind_value"),
            check(
                "solidarity_grant_sent_is_dated",
                Q(stage__in=["draft", "withdrawn"]) | Q(received_on__isnull=False, amount_asked__isnull=False),
                _("An application has the day of its reception and the amount asked."),
            ),
            check(
                "solidarity_grant_settled_has_amount",
                ~Q(stage__in=SETTLED) | Q(amount_granted__isnull=False),
                _("What is proposed to the Council has an amount."),
            ),
            check(
                "solidarity_grant_voted_has_deliberation",
                Q(stage__in=["voted", "signed", "in-payment", "reported", "closed"], deliberation__isnull=False)
                | Q(stage__in=["rejected", "withdrawn"])
                | Q(stage__in=["draft", "submitted", "under-review", "proposed"], deliberation__isnull=True),
                _("What is voted has its deliberation, and what is not has none."),
            ),
            check(
                "solidarity_grant_own_file",
                Q(instructed_by__isnull=True) | Q(approved_by__isnull=True) | ~Q(instructed_by=F("approved_by")),
                OWN_FILE,
            ),
            check(
                "solidarity_grant_stopped_says_why",
                Q(stage__in=["rejected", "withdrawn"]) & ~Q(stopped_reason="")
                | ~Q(stage__in=["rejected", "withdrawn"]) & Q(stopped_reason=""),
                _("What is rejected or withdrawn says why, and nothing else does."),
            ),
        ]
        triggers = [
            GRANT_LIFE.trigger(),
            pgtrigger.Trigger(
                name="begins",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("NEW.stage <> 'draft'"),
                func=triggers.STARTS_AS_DRAFT,
            ),
            pgtrigger.Trigger(
                name="settled", operation=pgtrigger.Update, when=pgtrigger.Before, func=triggers.GRANT_SETTLED
            ),
            pgtrigger.Trigger(
                name="balanced",
                operation=pgtrigger.UpdateOf("stage"),
                when=pgtrigger.After,
                condition=pgtrigger.Condition("NEW.stage <> OLD.stage"),
                func=triggers.GRANT_BALANCED,
            ),
            pgtrigger.Trigger(
                name="within_envelopes",
                operation=pgtrigger.UpdateOf("stage"),
                when=pgtrigger.After,
                condition=pgtrigger.Condition("NEW.stage = 'voted' AND OLD.stage <> 'voted'"),
                func=triggers.GRANT_WITHIN,
            ),
            pgtrigger.Trigger(
                name="only_drafts_deleted",
                operation=pgtrigger.Delete,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("OLD.stage <> 'draft'"),
                func=triggers.ONLY_DRAFTS_DELETED,
            ),
        ]

    def __str__(self):
        return f"{self.reference} — {self.title}"

    def get_absolute_url(self):
        return address("solidarity:grant", self.reference)

    @property
    def is_draft(self) -> bool:
        return self.stage == GrantStage.DRAFT

    @property
    def is_settled(self) -> bool:
        return self.stage in SETTLED

    def delete(self, *args, **kwargs):
        if not self.is_draft:
            raise Refused([ONLY_DRAFTS_DELETED])
        return super().delete(*args, **kwargs)

    def clean(self):
        super().clean()
        dates.refuse_future(self, "received_on")
        if self._state.adding or not self.is_settled:
            return
        settled = Grant.objects.filter(pk=self.pk, stage__in=SETTLED).first()
        if settled is None:
            return
        fixed = ["amount_granted", "amount_asked", "in_kind_value", "beneficiary_id", "year", "until_year"]
        if settled.deliberation_id is not None:
            fixed.append("deliberation_id")
        changed = [name for name in fixed if getattr(settled, name) != getattr(self, name)]
        if changed:
            raise ValidationError({name.removesuffix("_id"): SETTLED_STAYS for name in changed})


@tracked
class GrantPlace(BaseModel):
    """Where a grant is spent: a city, or a country where no city is named."""

    grant = models.ForeignKey(Grant, models.CASCADE, related_name="places", verbose_name=_("grant"))
    city = models.ForeignKey(
        "partnerships.City", models.PROTECT, null=True, blank=True, related_name="grant_places", verbose_name=_("city")
    )
    country = models.ForeignKey(
        "partnerships.Country",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="grant_places",
        verbose_name=_("country"),
        help_text=_("Only where no city is named."),
    )

    class Meta:
        verbose_name = _("place of the grant")
        verbose_name_plural = _("places of the grant")
        ordering = ["grant", "pk"]
        constraints = [
            one_of(
                "solidarity_grantplace_one_place", ["city", "country"], _("A place is a city or a country, not both.")
            ),
            models.UniqueConstraint(
                fields=["grant", "city", "country"],
                name="solidarity_grantplace_once",
                nulls_distinct=False,
                violation_error_message=_("This place is already recorded."),
            ),
        ]

    def __str__(self):
        return str(self.city or self.country)


@tracked
class Piece(BaseModel):
    """A piece of the application's file, with the day of its reception."""

    grant = models.ForeignKey(Grant, models.CASCADE, related_name="pieces", verbose_name=_("grant"))
    kind = models.CharField(_("piece"), max_length=12, choices=PieceKind)
    received_on = models.DateField(_("received on"), default=clock.today)

    class Meta:
        verbose_name = _("piece of the file")
        verbose_name_plural = _("pieces of the file")
        ordering = ["grant", "kind"]
        constraints = [
            one_of_choices("solidarity_piece", "kind", PieceKind),
            plausible_dates("solidarity_piece", "received_on"),
            models.UniqueConstraint(
                fields=["grant", "kind"],
                name="solidarity_piece_once",
                violation_error_message=_("This piece is already recorded."),
            ),
        ]

    def __str__(self):
        return self.get_kind_display()

    def clean(self):
        super().clean()
        dates.refuse_future(self, "received_on")


@tracked
class Allocation(BaseModel):
    """The part of a grant that an envelope bears (EUR), and which service's resources where the fund has a ceiling.

    It changes only while the grant is not proposed yet.
    """

    grant = models.ForeignKey(Grant, models.CASCADE, related_name="allocations", verbose_name=_("grant"))
    # Found by the index below, which holds the amounts too.
    envelope = models.ForeignKey(
        Envelope, models.PROTECT, related_name="allocations", db_index=False, verbose_name=_("envelope")
    )
    service = models.ForeignKey(
        FundService,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="allocations",
        verbose_name=_("service that bears it"),
        help_text=_("Where the fund is a share of services' own resources."),
    )
    amount = money(_("amount (EUR)"))

    refusals = {
        "solidarity_allocation_settled_stays": SETTLED_STAYS,
        "solidarity_allocation_service_of_fund": NO_SERVICE,
    }

    class Meta:
        verbose_name = _("allocation")
        verbose_name_plural = _("allocations")
        ordering = ["grant", "pk"]
        indexes = [
            models.Index(fields=["envelope"], include=["grant", "service", "amount"], name="solidarity_allocation_sums")
        ]
        constraints = [
            check("solidarity_allocation_amount_above_0", Q(amount__gt=0), _("An allocation is above 0.")),
            models.UniqueConstraint(
                fields=["grant", "envelope", "service"],
                name="solidarity_allocation_once",
                nulls_distinct=False,
                violation_error_message=_("The envelope already bears a part of this grant."),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="settled",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                func=triggers.ALLOCATION_SETTLED,
            )
        ]

    def __str__(self):
        return f"{self.envelope}, {self.grant.reference}"

    def clean(self):
        super().clean()
        if self.grant_id and self.grant.is_settled:
            raise ValidationError(SETTLED_STAYS)
        if not self.envelope_id:
            return
        if self.envelope.fund.has_ceiling and self.service is None:
            raise ValidationError({"service": NO_SERVICE})
        if self.service and self.service.fund_id != self.envelope.fund_id:
            raise ValidationError({"service": FOREIGN_SERVICE})
        if self.grant_id and not self.grant.year <= self.envelope.year <= (self.grant.until_year or self.grant.year):
            raise ValidationError({"envelope": OTHER_YEAR})

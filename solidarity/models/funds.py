"""Funds, what bounds them, and their yearly envelopes."""

import pgtrigger
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import clock, search
from core.addresses import address
from core.constraints import check, one_at_a_time, one_of_choices, ordered, plausible_dates, plausible_year, positive
from core.models import BaseModel, tracked
from core.translated import Translated
from solidarity.enums import AidBasis, FundKind, ParameterKind, ThresholdKind
from solidarity.models import triggers

OVER_COMMITTED = _("The authorised commitment (AE) of the envelope is exceeded.")
OVER_PAID = _("The payment credits (CP) of the fund for that year are exceeded.")
OVER_CEILING = _("The ceiling on the service's own resources is exceeded (CGCT L1115-1-1).")
NO_CEILING = _("No ceiling holds for this fund on the day of the vote: the scheme does not exist on that day.")
NO_BASE = _("The own resources of the service are not recorded: without them the ceiling cannot be judged.")


def money(label, **kwargs) -> models.DecimalField:
    return models.DecimalField(label, max_digits=14, decimal_places=2, **kwargs)


@tracked
class Fund(BaseModel):
    """A fund of solidarity. What bounds it is in its parameters; the services whose resources feed it, in its services."""

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name_fr = models.CharField(_("name in French"), max_length=150)
    name_en = models.CharField(_("name in English"), max_length=150, blank=True)
    kind = models.CharField(_("kind"), max_length=15, choices=FundKind)
    legal_basis = models.CharField(_("legal basis"), max_length=200, blank=True)
    purpose_fr = models.TextField(_("purpose in French"), blank=True)
    purpose_en = models.TextField(_("purpose in English"), blank=True)
    name = Translated()
    purpose = Translated()
    search = search.column("name_fr", "name_en", "legal_basis")

    refusals = {"solidarity_fund_kind_stays": _("The fund bears grants: what it is stays.")}

    class Meta:
        verbose_name = _("fund")
        verbose_name_plural = _("funds")
        ordering = ["name_fr__unaccent"]
        indexes = [search.index("fund"), search.alike("fund", "name_fr", "name_en")]
        constraints = [one_of_choices("solidarity_fund", "kind", FundKind)]
        triggers = [
            pgtrigger.Trigger(
                name="kind_stays",
                operation=pgtrigger.UpdateOf("kind"),
                when=pgtrigger.Before,
                func=triggers.FUND_STAYS,
            )
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return address("solidarity:fund", self.slug)

    @property
    def has_ceiling(self) -> bool:
        return self.kind == FundKind.SERVICE_SHARE


@tracked
class FundService(BaseModel):
    """A public service whose own resources feed a fund. Each is judged apart: water and sanitation are never pooled."""

    fund = models.ForeignKey(Fund, models.CASCADE, related_name="services", verbose_name=_("fund"))
    slug = models.SlugField(_("short name"), max_length=40)
    name_fr = models.CharField(_("name in French"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120, blank=True)
    name = Translated()

    class Meta:
        verbose_name = _("service of the fund")
        verbose_name_plural = _("services of the fund")
        ordering = ["fund", "slug"]
        constraints = [
            models.UniqueConstraint(
                fields=["fund", "slug"],
                name="solidarity_fundservice_once",
                violation_error_message=_("The fund already has this service."),
            )
        ]

    def __str__(self):
        return self.name


@tracked
class FundParameter(BaseModel):
    """A dated figure of a fund: its ceiling (%), the range of its grants, its target of a year (EUR)."""

    fund = models.ForeignKey(Fund, models.CASCADE, related_name="parameters", verbose_name=_("fund"))
    kind = models.CharField(_("what"), max_length=15, choices=ParameterKind)
    value = money(_("value"))
    since = models.DateField(_("since"))
    until = models.DateField(_("until"), null=True, blank=True, help_text=_("Last day; empty while it holds."))

    class Meta:
        verbose_name = _("parameter of the fund")
        verbose_name_plural = _("parameters of the fund")
        ordering = ["fund", "kind", "-since"]
        constraints = [
            one_of_choices("solidarity_fundparameter", "kind", ParameterKind),
            positive("solidarity_fundparameter", "value"),
            check(
                "solidarity_fundparameter_rate_percent",
                ~Q(kind="ceiling-rate") | Q(value__lte=100),
                _("A ceiling is a percentage."),
                "value",
            ),
            ordered("solidarity_fundparameter", "since", "until"),
            plausible_dates("solidarity_fundparameter", "since", "until"),
            one_at_a_time(
                "solidarity_fundparameter_one_at_a_time",
                ["fund", "kind"],
                _("Another value holds at that time: end it first."),
            ),
        ]

    def __str__(self):
        return f"{self.fund}, {self.get_kind_display()}"


@tracked
class LegalThreshold(BaseModel):
    """A figure of the law that every grant is judged by, while it holds. The day of the act decides which one applies."""

    kind = models.CharField(_("what"), max_length=20, choices=ThresholdKind)
    value = money(_("value"))
    since = models.DateField(_("since"))
    until = models.DateField(_("until"), null=True, blank=True, help_text=_("Last day; empty while it holds."))
    legal_basis = models.CharField(_("legal basis"), max_length=200)

    class Meta:
        verbose_name = _("legal threshold")
        verbose_name_plural = _("legal thresholds")
        ordering = ["kind", "-since"]
        constraints = [
            one_of_choices("solidarity_legalthreshold", "kind", ThresholdKind),
            positive("solidarity_legalthreshold", "value"),
            ordered("solidarity_legalthreshold", "since", "until"),
            plausible_dates("solidarity_legalthreshold", "since", "until"),
            one_at_a_time(
                "solidarity_legalthreshold_one_at_a_time",
                ["kind"],
                _("Another value holds at that time: end it first."),
            ),
        ]

    def __str__(self):
        return self.get_kind_display()

    @classmethod
    def on(cls, kind: ThresholdKind, day=None):
        """The value that holds on the day (today); None where the law asks for nothing on that day."""
        day = day or clock.today()
        held = cls.objects.filter(Q(until__isnull=True) | Q(until__gte=day), kind=kind, since__lte=day)
        return held.values_list("value", flat=True).first()


@tracked
class Envelope(BaseModel):
    """What a fund may commit (AE) and pay (CP) in a year, in EUR, as the Council voted it.

    What is committed on it never exceeds AE; what the fund pays in the year, whatever year committed it, never exceeds CP.
    """

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="envelopes", verbose_name=_("fund"))
    year = models.PositiveSmallIntegerField(_("year"))
    commitment_authorised = money(_("authorised commitment, AE (EUR)"))
    payment_credits = money(_("payment credits, CP (EUR)"))
    deliberation = models.ForeignKey(
        "partnerships.Deliberation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="envelopes",
        verbose_name=_("deliberation"),
    )
    note = models.TextField(_("note"), blank=True)
    search_through = ("fund",)

    refusals = {
        "solidarity_envelope_commitments_within": OVER_COMMITTED,
        "solidarity_envelope_payments_within": OVER_PAID,
        "solidarity_envelope_within_ceiling": OVER_CEILING,
        "solidarity_envelope_has_ceiling": NO_CEILING,
        "solidarity_envelope_has_base": NO_BASE,
        "solidarity_envelope_stays": _("The envelope carries grants or payments: its fund and year stay."),
    }

    class Meta:
        verbose_name = _("envelope")
        verbose_name_plural = _("envelopes")
        ordering = ["-year", "fund"]
        constraints = [
            models.UniqueConstraint(
                fields=["fund", "year"],
                name="solidarity_envelope_once",
                violation_error_message=_("The fund already has an envelope for that year."),
            ),
            plausible_year("solidarity_envelope"),
            positive("solidarity_envelope", "commitment_authorised"),
            positive("solidarity_envelope", "payment_credits"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="within",
                operation=pgtrigger.UpdateOf("commitment_authorised", "payment_credits"),
                when=pgtrigger.After,
                func=triggers.ENVELOPE_WITHIN,
            ),
            pgtrigger.Trigger(
                name="stays",
                operation=pgtrigger.UpdateOf("fund_id", "year") | pgtrigger.Delete,
                when=pgtrigger.Before,
                func=triggers.ENVELOPE_STAYS,
            ),
            pgtrigger.Trigger(
                name="balance_begins",
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                func=triggers.BALANCE_BEGINS,
            ),
            pgtrigger.Trigger(
                name="with_balance",
                operation=pgtrigger.Delete,
                when=pgtrigger.Before,
                func=triggers.BALANCE_ENDS,
            ),
        ]

    def __str__(self):
        return f"{self.fund} {self.year}"

    def get_absolute_url(self):
        return address("solidarity:envelope", self.fund.slug, self.year)


class Balance(models.Model):
    """What voted and proposed grants take of an envelope, and what its fund paid in its year (EUR): kept by triggers as each
    grant and payment is written, by whatever way, so that nobody adds up years of payments to read a total.

    Written by nothing else; `triggers.SUMS` says what it has to be.
    """

    envelope = models.OneToOneField(
        Envelope, models.CASCADE, primary_key=True, related_name="balance", verbose_name=_("envelope")
    )
    committed = money(_("committed (EUR)"), db_default=0)
    proposed = money(_("proposed (EUR)"), db_default=0)
    paid = money(_("paid (EUR)"), db_default=0)

    class Meta:
        verbose_name = _("balance of an envelope")
        verbose_name_plural = _("balances of envelopes")
        constraints = [
            check(
                "solidarity_balance_not_negative",
                Q(committed__gte=0, proposed__gte=0, paid__gte=0),
                _("No balance is below zero."),
            )
        ]

    def __str__(self):
        return str(self.envelope)


@tracked
class ResourceBase(BaseModel):
    """The own resources (EUR) of a service for the year of an envelope: what its ceiling is a percentage of."""

    envelope = models.ForeignKey(Envelope, models.CASCADE, related_name="bases", verbose_name=_("envelope"))
    service = models.ForeignKey(FundService, models.PROTECT, related_name="bases", verbose_name=_("service"))
    own_resources = money(_("own resources (EUR)"))

    refusals = {
        "solidarity_envelope_within_ceiling": OVER_CEILING,
        "solidarity_envelope_has_base": NO_BASE,
        "solidarity_envelope_has_ceiling": NO_CEILING,
    }

    class Meta:
        verbose_name = _("resource base")
        verbose_name_plural = _("resource bases")
        ordering = ["envelope", "service"]
        constraints = [
            models.UniqueConstraint(
                fields=["envelope", "service"],
                name="solidarity_resourcebase_once",
                violation_error_message=_("The resources of this service are already recorded."),
            ),
            positive("solidarity_resourcebase", "own_resources"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="within_ceiling",
                operation=pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.After,
                func=triggers.BASE_WITHIN,
            )
        ]

    def __str__(self):
        return f"{self.service}, {self.envelope}"

    def clean(self):
        super().clean()
        if self.service_id and self.envelope_id and self.service.fund_id != self.envelope.fund_id:
            raise ValidationError({"service": _("This service does not feed the fund.")})


@tracked
class DeclaredAid(BaseModel):
    """An amount that the City states as such. These are never added up: the named funds are no breakdown of the aid declared."""

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    label_fr = models.CharField(_("label in French"), max_length=150)
    label_en = models.CharField(_("label in English"), max_length=150, blank=True)
    amount = money(_("amount (EUR a year)"))
    basis = models.CharField(_("what it is"), max_length=10, choices=AidBasis)
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    reference = models.CharField(_("as declared in"), max_length=120, blank=True)
    fund = models.ForeignKey(
        Fund, models.PROTECT, null=True, blank=True, related_name="declared", verbose_name=_("fund")
    )
    label = Translated()

    class Meta:
        verbose_name = _("amount stated")
        verbose_name_plural = _("amounts stated")
        ordering = ["-amount", "slug"]
        constraints = [
            positive("solidarity_declaredaid", "amount"),
            one_of_choices("solidarity_declaredaid", "basis", AidBasis),
            plausible_year("solidarity_declaredaid"),
        ]

    def __str__(self):
        return self.label

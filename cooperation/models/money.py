"""The money of cooperation: who pays what, as dated movements, and what was forecast.

A line is what one funder gives to one project; a movement is one request, commitment or disbursement. A line in another
currency keeps its amounts in it, each with its rate and the day of the rate; euros are computed by the database.
"""

from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import ClassVar

import pgtrigger
from babel.numbers import list_currencies
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, F, Q, When
from django.db.models.functions import Round
from django.utils.translation import gettext_lazy as _

from cooperation.enums import FundingKind, MovementKind, Nature
from cooperation.models import balances, triggers
from cooperation.models.culture import CulturalProject
from cooperation.models.projects import MONEY_ON_PARTS, Project
from core import clock, dates
from core.constraints import check, one_of, one_of_choices, plausible_dates, plausible_year, positive
from core.models import BaseModel, tracked
from core.templatetags.parvis import number
from partnerships.enums import AgreementKind

EURO = "EUR"
NOT_OVER_COMMITMENT = _("What is disbursed never exceeds what has been committed by that day.")
NOT_BELOW_NOTHING = _("What is taken back never exceeds what was there on that day.")
CURRENCY_STAYS = _("The line has movements: its currency does not change any more.")
FRAMEWORK_EXCEEDED = _("The framework agreement does not have so much left.")
RATE_MISSING = _("An amount in another currency needs its rate: units of the currency for one euro.")
RATE_DAY_MISSING = _("A rate needs its day.")
NO_RATE = _("An amount in euros has no rate.")
# What the column of the amount in EUR cannot hold any more.
MOST_EUROS = 10**12
TOO_MANY_EUROS = _("With this rate the amount in euros would have more than twelve digits.")
APPEND_ONLY = _("A forecast is never changed or taken back: record a new one.")


@tracked
class Framework(BaseModel):
    """What a funder puts at the City's disposal by a multiannual agreement (the agreement itself is in the register).

    `amount` in EUR; empty = not known. What lines draw on it never exceeds it.
    """

    agreement = models.OneToOneField(
        "partnerships.Agreement", models.PROTECT, related_name="framework", verbose_name=_("agreement")
    )
    funder = models.ForeignKey(
        "partnerships.Organisation", models.PROTECT, related_name="frameworks", verbose_name=_("funder")
    )
    amount = models.DecimalField(
        _("amount (EUR)"),
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        help_text=_("What the funder puts in over the whole agreement. Empty = not known."),
    )

    refusals = {"cooperation_framework_not_exceeded": FRAMEWORK_EXCEEDED}

    class Meta:
        verbose_name = _("framework agreement")
        verbose_name_plural = _("framework agreements")
        ordering = ["agreement__reference"]
        constraints = [positive("cooperation_framework", "amount")]
        triggers = [
            pgtrigger.Trigger(
                name="not_exceeded",
                operation=pgtrigger.UpdateOf("amount"),
                when=pgtrigger.After,
                func=triggers.FRAMEWORK_AMOUNT,
            )
        ]

    def __str__(self):
        return str(self.agreement)

    def get_absolute_url(self):
        return self.agreement.get_absolute_url()

    def clean(self):
        super().clean()
        if not self.agreement_id:
            return
        if self.agreement.kind not in (AgreementKind.FUNDER, AgreementKind.COFUNDING):
            raise ValidationError({"agreement": _("A framework is an agreement with a funder.")})
        parties = self.agreement.parties.values_list("organisation", flat=True)
        if self.funder_id and self.funder_id not in parties:
            raise ValidationError({"funder": _("The funder is a party to the agreement.")})


@tracked
class FundingLine(BaseModel):
    """What one funder gives to one project, in cash or in kind, in one currency. Its amounts are its movements."""

    project = models.ForeignKey(
        Project, models.CASCADE, null=True, blank=True, related_name="funding_lines", verbose_name=_("project")
    )
    cultural_project = models.ForeignKey(
        CulturalProject,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="funding_lines",
        verbose_name=_("cultural project"),
    )
    kind = models.CharField(_("kind of funder"), max_length=20, choices=FundingKind)
    organisation = models.ForeignKey(
        "partnerships.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="funding_lines",
        verbose_name=_("funder"),
        help_text=_("Empty for our own budget and for a partner city."),
    )
    city = models.ForeignKey(
        "partnerships.City",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="funding_lines",
        verbose_name=_("partner city that pays"),
    )
    nature = models.CharField(_("nature"), max_length=8, choices=Nature, default=Nature.CASH)
    currency = models.CharField(_("currency"), max_length=3, default=EURO, help_text=_("ISO 4217 code, e.g. USD."))
    framework = models.ForeignKey(
        Framework,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="funding_lines",
        verbose_name=_("drawn on the framework agreement"),
    )
    label = models.CharField(
        _("what sets it apart"), max_length=120, blank=True, help_text=_("Where the same funder has several lines.")
    )
    counted_apart = models.CharField(
        _("why these are other euros"),
        max_length=250,
        blank=True,
        help_text=_("Where Parvis warns that two lines seem to count the same money, and they do not."),
    )

    refusals = {
        "cooperation_fundingline_currency_stays": CURRENCY_STAYS,
        "cooperation_fundingline_money_on_parts": MONEY_ON_PARTS,
        "cooperation_framework_not_exceeded": FRAMEWORK_EXCEEDED,
    }

    class Meta:
        verbose_name = _("funding line")
        verbose_name_plural = _("funding lines")
        ordering = ["project", "cultural_project", "kind", "pk"]
        constraints = [
            one_of(
                "cooperation_fundingline_one_project",
                ["project", "cultural_project"],
                _("A funding line belongs to a project or to a cultural project, not both."),
            ),
            one_of_choices("cooperation_fundingline", "kind", FundingKind),
            one_of_choices("cooperation_fundingline", "nature", Nature),
            check(
                "cooperation_fundingline_currency_form",
                Q(currency__regex="^[A-Z]{3}$"),
                _("A currency is a code of three capital letters (ISO 4217)."),
            ),
            check(
                "cooperation_fundingline_funder_by_kind",
                Q(kind="own", organisation__isnull=True, city__isnull=True)
                | Q(kind="partner-city", organisation__isnull=True, city__isnull=False)
                | ~Q(kind__in=["own", "partner-city"]) & Q(organisation__isnull=False, city__isnull=True),
                _(
                    "Our own budget names no funder, a partner city names the city, and every other kind the organisation."
                ),
            ),
            models.UniqueConstraint(
                fields=[
                    "project",
                    "cultural_project",
                    "kind",
                    "organisation",
                    "city",
                    "nature",
                    "currency",
                    "label",
                ],
                name="cooperation_fundingline_once",
                nulls_distinct=False,
                violation_error_message=_("This funder already has such a line: say what sets them apart."),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="currency_stays",
                operation=pgtrigger.UpdateOf("currency"),
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("NEW.currency <> OLD.currency"),
                func=triggers.CURRENCY_STAYS,
            ),
            pgtrigger.Trigger(
                name="money_on_parts",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("project_id"),
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("NEW.project_id IS NOT NULL"),
                func=triggers.MONEY_ON_PARTS,
            ),
            pgtrigger.Trigger(
                name="framework_not_exceeded",
                operation=pgtrigger.UpdateOf("framework_id"),
                when=pgtrigger.After,
                condition=pgtrigger.Condition("NEW.framework_id IS NOT NULL"),
                func=triggers.FRAMEWORK_OF_LINE,
            ),
            pgtrigger.Trigger(
                name="counted",
                operation=pgtrigger.Insert
                | pgtrigger.UpdateOf("id", "project_id", "kind", "nature")
                | pgtrigger.Delete,
                when=pgtrigger.After,
                func=balances.LINE_COUNTED,
            ),
        ]

    def __str__(self):
        funder = str(self.organisation or self.city or self.get_kind_display())
        return ", ".join(part for part in (funder, str(self.get_nature_display()), self.label) if part)

    def get_absolute_url(self):
        if self.project is not None:
            return f"{self.project.get_absolute_url()}#money"
        return self.cultural_project.get_absolute_url() if self.cultural_project else ""

    @property
    def is_external(self) -> bool:
        return self.kind != FundingKind.OWN

    def clean(self):
        super().clean()
        if self.currency not in list_currencies():
            raise ValidationError({"currency": _("There is no currency %(code)s.") % {"code": self.currency}})
        if self.framework and self.framework.funder_id != self.organisation_id:
            raise ValidationError({"framework": _("The framework agreement is with another funder.")})
        if self.project and self.project.parts.exists():
            raise ValidationError({"project": MONEY_ON_PARTS})
        if self.pk and self.movements.exclude(currency=self.currency).exists():
            raise ValidationError({"currency": CURRENCY_STAYS})


@tracked
class Movement(BaseModel):
    """One request, commitment or disbursement of a line, on its day, in the line's currency; a negative one takes back.

    `rate` is in units of the currency for one euro, as the European Central Bank publishes it, on the day `rate_on`.
    Refused: a future day, a rate missing or too many, and a disbursement above what is committed by that day.
    """

    line = models.ForeignKey(FundingLine, models.PROTECT, related_name="movements", verbose_name=_("funding line"))
    kind = models.CharField(_("movement"), max_length=10, choices=MovementKind)
    on = models.DateField(_("on"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2, help_text=_("In the line's currency."))
    # Copied from the line by a trigger.
    currency = models.CharField(_("currency"), max_length=3, editable=False)
    rate = models.DecimalField(
        _("rate"),
        max_digits=14,
        decimal_places=6,
        null=True,
        blank=True,
        help_text=_("Units of the currency for one euro (European Central Bank); empty in euros."),
    )
    rate_on = models.DateField(_("day of the rate"), null=True, blank=True)
    amount_eur = models.GeneratedField(
        expression=Case(
            When(currency=EURO, then=F("amount")),
            default=Round(F("amount") / F("rate"), precision=2),
        ),
        output_field=models.DecimalField(_("amount in EUR"), max_digits=14, decimal_places=2),
        db_persist=True,
        verbose_name=_("amount in EUR"),
    )
    reference = models.CharField(
        _("reference"), max_length=60, blank=True, help_text=_("Of the funder's notice or the payment.")
    )

    refusals: ClassVar[dict[str, object]] = {
        "cooperation_movement_within_commitment": NOT_OVER_COMMITMENT,
        "cooperation_movement_not_below_nothing": NOT_BELOW_NOTHING,
        "cooperation_framework_not_exceeded": FRAMEWORK_EXCEEDED,
    }

    class Meta:
        verbose_name = _("movement of money")
        verbose_name_plural = _("movements of money")
        ordering = ["line", "on", "pk"]
        indexes = [
            models.Index(fields=["line", "kind", "on"], name="cooperation_movement_sum", include=["amount_eur"]),
            models.Index(fields=["reference"], condition=~Q(reference=""), name="cooperation_movement_reference"),
        ]
        constraints = [
            one_of_choices("cooperation_movement", "kind", MovementKind),
            check("cooperation_movement_not_nothing", ~Q(amount=0), _("A movement of nothing is no movement.")),
            plausible_dates("cooperation_movement", "on", "rate_on"),
            check(
                "cooperation_movement_rate_by_currency",
                Q(currency=EURO, rate__isnull=True, rate_on__isnull=True)
                | ~Q(currency=EURO) & Q(rate__isnull=False, rate__gt=0, rate_on__isnull=False),
                _("An amount in another currency has its rate with its day; an amount in euros has none."),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="follow_line",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                func=triggers.FOLLOW_LINE,
            ),
            pgtrigger.Trigger(
                name="within_commitment",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.After,
                func=triggers.WITHIN_COMMITMENT,
            ),
            pgtrigger.Trigger(
                name="counted",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.After,
                func=balances.MOVEMENT_COUNTED,
            ),
            pgtrigger.Trigger(
                name="all_taken_away",
                operation=pgtrigger.Truncate,
                when=pgtrigger.After,
                level=pgtrigger.Statement,
                func=balances.ALL_TAKEN_AWAY,
            ),
        ]

    def __str__(self):
        return f"{self.get_kind_display()}, {dates.display(self.on, 'day')}"

    def get_absolute_url(self):
        return self.line.get_absolute_url()

    def save(self, *args, **kwargs):
        # Asked here and not in clean(): of rows that a form sends together, each is judged once those before it are written.
        self.full_clean()
        self._refuse_wrong_sums()
        super().save(*args, **kwargs)
        self.refresh_from_db(fields=["currency", "amount_eur"])

    def clean_fields(self, exclude=None):
        if self.line_id:
            self.currency = self.line.currency
        super().clean_fields(exclude)

    def clean(self):
        super().clean()
        dates.refuse_future(self, "on")
        if not self.line_id:
            return
        self._refuse_wrong_rate()

    def _refuse_wrong_rate(self) -> None:
        if self.currency == EURO:
            given = [name for name in ("rate", "rate_on") if getattr(self, name) is not None]
            if given:
                raise ValidationError(dict.fromkeys(given, NO_RATE))
            return
        missing = {}
        if self.rate is None:
            missing["rate"] = RATE_MISSING
        elif self.rate <= 0:
            missing["rate"] = _("A rate is above 0.")
        elif self.amount is not None and abs(self.amount / self.rate) >= MOST_EUROS:
            missing["rate"] = TOO_MANY_EUROS
        if self.rate_on is None:
            missing["rate_on"] = RATE_DAY_MISSING
        elif self.on and self.rate_on > self.on:
            missing["rate_on"] = _("The day of the rate is not after the movement.")
        if missing:
            raise ValidationError(missing)

    def _refuse_wrong_sums(self) -> None:
        """Said here with the sums; the trigger has the last word, also when several people write at once."""
        moved = [*self._others(self.line_id), (self.on, self.kind, self.amount)]
        if _falls_below_nothing(moved):
            raise ValidationError({"amount": NOT_BELOW_NOTHING})
        if (balance := _lowest(moved, LEFT)) < 0:
            raise ValidationError(
                {
                    "amount": _(
                        "What is disbursed would exceed what is committed by that day by %(excess)s %(currency)s."
                    )
                    % {"excess": number(-balance), "currency": self.currency}
                }
            )
        before = Movement.objects.filter(pk=self.pk).exclude(line=self.line_id).values_list("line", flat=True).first()
        kept = [] if before is None else self._others(before)
        if _falls_below_nothing(kept) or _lowest(kept, LEFT) < 0:
            raise ValidationError({"line": NOT_OVER_COMMITMENT})

    def _others(self, line: int) -> list[tuple[date, str, Decimal]]:
        """The other movements of a line."""
        others = Movement.objects.filter(line=line).exclude(pk=self.pk)
        return list(others.values_list("on", "kind", "amount"))


# What is committed and not yet disbursed.
LEFT = {MovementKind.COMMITTED.value: 1, MovementKind.DISBURSED.value: -1}


def _lowest(moved: list[tuple[date, str, Decimal]], signs: dict[str, int]) -> Decimal:
    """The least that the sum of these kinds, each with its sign, is at the end of any day; 0 where it is never below."""
    by_day: dict[date, Decimal] = {}
    for day, kind, amount in moved:
        by_day[day] = by_day.get(day, Decimal(0)) + signs.get(kind, 0) * amount
    return min(accumulate(by_day[day] for day in sorted(by_day)), default=Decimal(0))


def _falls_below_nothing(moved: list[tuple[date, str, Decimal]]) -> bool:
    return any(_lowest(moved, {kind: 1}) < 0 for kind in MovementKind.values)


@tracked
class Forecast(BaseModel):
    """What is expected to be disbursed by a line in a year, in EUR. Append-only: the last one made is the one that holds.

    Each vote of the Council freezes the forecasts as they stand: copies that carry the deliberation.
    """

    line = models.ForeignKey(FundingLine, models.PROTECT, related_name="forecasts", verbose_name=_("funding line"))
    year = models.PositiveSmallIntegerField(_("year"))
    amount_eur = models.DecimalField(_("amount (EUR)"), max_digits=14, decimal_places=2)
    made_on = models.DateField(_("made on"), default=clock.today)
    deliberation = models.ForeignKey(
        "partnerships.Deliberation",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="forecasts",
        verbose_name=_("frozen by the deliberation"),
    )
    note = models.CharField(_("note"), max_length=250, blank=True)

    refusals = {"cooperation_forecast_append_only": APPEND_ONLY}

    class Meta:
        verbose_name = _("forecast")
        verbose_name_plural = _("forecasts")
        ordering = ["line", "year", "made_on", "pk"]
        indexes = [models.Index(fields=["line", "year", "-made_on", "-id"], name="cooperation_forecast_latest")]
        constraints = [
            positive("cooperation_forecast", "amount_eur"),
            plausible_year("cooperation_forecast"),
            plausible_dates("cooperation_forecast", "made_on"),
            models.UniqueConstraint(
                fields=["line", "year", "deliberation"],
                condition=Q(deliberation__isnull=False),
                name="cooperation_forecast_frozen_once",
                violation_error_message=_("This vote has already frozen the forecast of that year."),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="append_only",
                operation=pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                func=triggers.APPEND_ONLY,
            )
        ]

    def __str__(self):
        return f"{self.line}, {self.year}"

    def get_absolute_url(self):
        return self.line.get_absolute_url()

    def clean(self):
        super().clean()
        dates.refuse_future(self, "made_on")
        if not self._state.adding:
            raise ValidationError(APPEND_ONLY)
        if self.line_id and self.made_on and self.deliberation is None:
            later = Forecast.objects.filter(line=self.line_id, year=self.year, made_on__gt=self.made_on)
            if later.exists():
                raise ValidationError({"made_on": _("A later forecast of that year is already recorded.")})

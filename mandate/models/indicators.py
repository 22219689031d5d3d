"""Indicators of objectives: a measure of facts with its target, or honestly judged by hand; and what they read."""

from datetime import date, timedelta
from decimal import Decimal
from typing import ClassVar

import pgtrigger
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.constraints import check, once, one_of_choices, ordered, plausible_dates
from core.models import VisibleQuerySet, tracked
from core.translated import Translated
from mandate import measures
from mandate.enums import Direction
from mandate.models import triggers
from mandate.models.evidence import MET_STAYS_SHOWN
from mandate.models.objectives import Objective, OfObjective


def _quantity(label, **kwargs) -> models.DecimalField:
    return models.DecimalField(label, max_digits=16, decimal_places=2, null=True, blank=True, **kwargs)


# How far back the value lies that the last one is compared with.
TREND = timedelta(days=30)


class IndicatorQuerySet(VisibleQuerySet["Indicator"]):
    def with_readings(self, reader):
        """Adds the last reading (`last_value`, `last_day`) and the latest of those at least 30 days older (`earlier_value`,
        `earlier_day`), as the reader may see them; None where there is none."""
        readings = IndicatorReading.objects.visible_to(reader).filter(indicator=OuterRef("pk")).order_by("-day")
        last = self.annotate(
            last_value=Subquery(readings.values("value")[:1]), last_day=Subquery(readings.values("day")[:1])
        )
        earlier = readings.filter(day__lte=OuterRef("last_day") - TREND)
        return last.annotate(
            earlier_value=Subquery(earlier.values("value")[:1]), earlier_day=Subquery(earlier.values("day")[:1])
        )


@tracked
class Indicator(OfObjective):
    """What an objective is measured by: a measure of `mandate.measures`, or, where no fact measures it, words that say how
    it is judged by hand. `unit` follows the measure (count, percent, EUR, ratio)."""

    objective = models.ForeignKey(
        Objective, models.CASCADE, related_name="indicators", verbose_name=pgettext_lazy("of a mandate", "objective")
    )
    title_fr = models.CharField(_("title in French"), max_length=200)
    title_en = models.CharField(_("title in English"), max_length=200, blank=True)
    measure = models.CharField(
        _("measure"), max_length=60, choices=measures.choices, blank=True, help_text=_("Empty = judged by hand.")
    )
    parameter = models.CharField(
        _("of what"),
        max_length=80,
        blank=True,
        help_text=_("The short name of the area, the field... that is measured."),
    )
    judged_words_fr = models.CharField(_("how it is judged by hand, in French"), max_length=300, blank=True)
    judged_words_en = models.CharField(_("how it is judged by hand, in English"), max_length=300, blank=True)
    unit = models.CharField(_("unit"), max_length=60, blank=True)
    direction = models.CharField(_("reached by"), max_length=10, choices=Direction, default=Direction.AT_LEAST)
    target = _quantity(_("target"))
    baseline = _quantity(_("baseline"))
    since = models.DateField(_("measured from"), null=True, blank=True, help_text=_("Empty = as the mandate."))
    until = models.DateField(_("measured until"), null=True, blank=True, help_text=_("Empty = as the mandate."))
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    title = Translated()
    judged_words = Translated()

    objects: ClassVar = IndicatorQuerySet.as_manager()

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ["objective", "position", "pk"]
        constraints = [
            check(
                "mandate_indicator_measured_or_judged",
                Q(measure="") & ~Q(judged_words_fr="") | ~Q(measure="") & Q(judged_words_fr="", judged_words_en=""),
                _("Choose a measure, or say how it is judged by hand."),
                "measure",
            ),
            check(
                "mandate_indicator_parameter_of_measure",
                ~Q(measure="") | Q(parameter=""),
                _("Only a measure is narrowed."),
                "parameter",
            ),
            one_of_choices("mandate_indicator", "direction", Direction),
            once(
                "mandate_indicator_once",
                ["objective", "measure", "parameter"],
                _("The objective is already measured by this."),
                "measure",
            ),
            ordered("mandate_indicator", "since", "until"),
            plausible_dates("mandate_indicator", "since", "until"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="met_stays_shown",
                operation=pgtrigger.UpdateOf("objective_id", "target", "direction") | pgtrigger.Delete,
                when=pgtrigger.Before,
                func=triggers.INDICATOR_STAYS,
            )
        ]

    refusals: ClassVar[dict[str, object]] = {"mandate_indicator_met_stays_shown": MET_STAYS_SHOWN}

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return self.objective.get_absolute_url()

    def clean(self):
        super().clean()
        known = measures.registered().get(self.measure)
        if known is None:
            if self.measure:
                raise ValidationError({"measure": _("There is no such measure.")})
            return
        self.unit = known.unit
        if refused := known.what_is_wrong_with(self.parameter):
            raise ValidationError({"parameter": refused})

    @property
    def is_judged_by_hand(self) -> bool:
        return not self.measure

    @property
    def period(self) -> tuple[date, date]:
        """The first and the last day that are measured, both included."""
        mandate = self.objective.mandate
        return self.since or mandate.starts_on, self.until or mandate.ends_on

    def reaches(self, value: Decimal | None) -> bool:
        """Whether the value reaches the target; not without a target, nor where there was nothing to count."""
        if value is None or self.target is None:
            return False
        return value >= self.target if self.direction == Direction.AT_LEAST else value <= self.target


class ReadingQuerySet(models.QuerySet["IndicatorReading"]):
    def visible_to(self, reader):
        """The readings of the indicators that the reader sees, of what she may view at all."""
        known = [name for name, measure in measures.registered().items() if measure.is_for(reader)]
        indicators = Indicator.objects.visible_to(reader).filter(measure__in=known).order_by()
        return self.filter(indicator__in=indicators.values("pk"))


class IndicatorReading(models.Model):
    """What an indicator read on a day, for the whole of the City's records; no value = there was nothing to count, which is
    not 0. It is a history itself, so that no other is kept of it: a second run on the same day writes over the first."""

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="readings", verbose_name=_("indicator"))
    day = models.DateField(_("day"))
    value = _quantity(_("value"))
    computed_at = models.DateTimeField(_("computed"))

    # What is read as of a past day: a reading that was written over since is not known (`core.as_of`).
    own_history = "computed_at"

    objects = ReadingQuerySet.as_manager()

    class Meta:
        verbose_name = _("reading of an indicator")
        verbose_name_plural = _("readings of indicators")
        ordering = ["indicator", "-day"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "day"],
                name="mandate_indicatorreading_once_a_day",
                violation_error_message=_("The indicator was already read on that day."),
            ),
            plausible_dates("mandate_indicatorreading", "day"),
        ]

    def __str__(self):
        return f"{self.indicator}, {self.day}"

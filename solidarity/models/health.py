"""The 90-90-90 indicators of cities against AIDS."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import clock
from core.constraints import check, one_of_choices, plausible_year
from core.models import BaseModel, tracked
from solidarity.enums import HealthMeasure


@tracked
class HealthIndicator(BaseModel):
    """A measure of a city in a year (%), or its target. The wording of 2014 (“supported”) is kept apart from “suppressed”."""

    city = models.ForeignKey(
        "partnerships.City",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="health_indicators",
        verbose_name=_("city"),
        help_text=_("Empty = the target of all cities."),
    )
    year = models.PositiveSmallIntegerField(_("year"))
    measure = models.CharField(_("measure"), max_length=10, choices=HealthMeasure)
    target = models.DecimalField(_("target (%)"), max_digits=5, decimal_places=2, null=True, blank=True)
    actual = models.DecimalField(
        _("actual (%)"), max_digits=5, decimal_places=2, null=True, blank=True, help_text=_("Empty = not known.")
    )

    class Meta:
        verbose_name = _("health indicator")
        verbose_name_plural = _("health indicators")
        ordering = ["-year", "city", "measure"]
        constraints = [
            one_of_choices("solidarity_healthindicator", "measure", HealthMeasure),
            plausible_year("solidarity_healthindicator"),
            *(
                check(
                    f"solidarity_healthindicator_{name}_percent",
                    Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__range": (0, 100)}),
                    _("A percentage lies between 0 and 100."),
                )
                for name in ("target", "actual")
            ),
            models.UniqueConstraint(
                fields=["city", "year", "measure"],
                name="solidarity_healthindicator_once",
                nulls_distinct=False,
                violation_error_message=_("This indicator is already recorded."),
            ),
        ]

    def __str__(self):
        return f"{self.city or ''} {self.year}, {self.get_measure_display()}".strip()

    def clean(self):
        super().clean()
        if self.actual is not None and self.year and self.year > clock.today().year:
            raise ValidationError({"actual": _("This has not happened yet: the year is in the future.")})

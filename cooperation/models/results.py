"""What a project is to achieve, and what it achieved: indicators with baseline, target and periods (as in IATI)."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from cooperation.models.projects import Project
from core import clock, dates
from core.constraints import one_at_a_time, ordered, plausible_dates
from core.models import BaseModel, tracked
from core.translated import Translated


def quantity(label, **kwargs) -> models.DecimalField:
    return models.DecimalField(label, max_digits=16, decimal_places=2, null=True, blank=True, **kwargs)


@tracked
class ResultIndicator(BaseModel):
    """An indicator of a project's results, in its own unit. Values that are not known stay empty."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="indicators", verbose_name=_("project"))
    title_fr = models.CharField(_("title in French"), max_length=200)
    title_en = models.CharField(_("title in English"), max_length=200, blank=True)
    unit = models.CharField(_("unit"), max_length=60)
    baseline = quantity(_("baseline"))
    baseline_on = models.DateField(_("baseline measured on"), null=True, blank=True)
    target = quantity(_("target"))
    title = Translated()

    class Meta:
        verbose_name = _("result indicator")
        verbose_name_plural = _("result indicators")
        ordering = ["project", "pk"]
        constraints = [
            plausible_dates("cooperation_resultindicator", "baseline_on"),
            models.UniqueConstraint(
                fields=["project", "title_fr"],
                name="cooperation_resultindicator_once",
                violation_error_message=_("The project already has this indicator."),
            ),
        ]

    def __str__(self):
        return self.title


@tracked
class ResultPeriod(BaseModel):
    """What an indicator was to reach in a period, and what it reached. Periods of one indicator do not overlap."""

    indicator = models.ForeignKey(ResultIndicator, models.CASCADE, related_name="periods", verbose_name=_("indicator"))
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    target = quantity(_("target"))
    actual = quantity(_("actual"), help_text=_("Empty = not measured yet."))
    note = models.CharField(_("note"), max_length=250, blank=True)

    class Meta:
        verbose_name = _("period of a result")
        verbose_name_plural = _("periods of a result")
        ordering = ["indicator", "starts_on"]
        constraints = [
            ordered("cooperation_resultperiod", "starts_on", "ends_on"),
            plausible_dates("cooperation_resultperiod", "starts_on", "ends_on"),
            one_at_a_time(
                "cooperation_resultperiod_no_overlap",
                ["indicator"],
                _("The indicator already has a period at that time."),
                "starts_on",
                "ends_on",
            ),
        ]

    def __str__(self):
        return f"{self.starts_on} – {self.ends_on}"

    def clean(self):
        super().clean()
        dates.refuse_backwards(self, "starts_on", "ends_on")
        if self.actual is not None and self.starts_on and self.starts_on > clock.today():
            raise ValidationError({"actual": _("The period has not begun: there is nothing to measure yet.")})

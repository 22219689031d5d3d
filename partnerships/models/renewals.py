"""What is decided of a partnership that sleeps: to renew it, to pause it, to end it."""

from typing import ClassVar

import pgtrigger
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core import clock, dates
from core.constraints import check, once, one_of_choices, plausible_dates
from core.models import BaseModel, tracked
from core.translated import labelled
from partnerships.enums import RenewalVerdict
from partnerships.models import triggers

APPEND_ONLY = _("A decision is never changed or taken back: record a new one.")
BEGINS_LATER = _("A partnership does not end before it begins: what makes the city a partner began after that day.")


@tracked
class RenewalDecision(BaseModel):
    """A decision on the partnership with a city. Append-only: the latest one rules, until the day on which the partnership
    is looked at again."""

    city = models.ForeignKey(
        "partnerships.City", models.PROTECT, related_name="renewal_decisions", verbose_name=_("city")
    )
    verdict = models.CharField(_("decision"), max_length=5, choices=RenewalVerdict)
    decided_on = models.DateField(_("decided on"), default=clock.today)
    decided_by = models.ForeignKey(
        "core.User",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="renewal_decisions",
        verbose_name=_("decided by"),
        help_text=_("Nobody where another system recorded it: the history names the system."),
    )
    until = models.DateField(
        _("to be looked at again on"),
        null=True,
        blank=True,
        help_text=_("Until then nobody is asked again. A partnership that ends has no such day."),
    )
    reason = models.TextField(_("reason"))

    class Meta:
        verbose_name = _("decision on a partnership")
        verbose_name_plural = _("decisions on partnerships")
        ordering = ["city", "-decided_on", "-pk"]
        constraints = [
            one_of_choices("partnerships_renewaldecision", "verdict", RenewalVerdict),
            plausible_dates("partnerships_renewaldecision", "decided_on", "until"),
            check(
                "partnerships_renewaldecision_until_unless_ended",
                Q(verdict=RenewalVerdict.END, until__isnull=True)
                | (~Q(verdict=RenewalVerdict.END) & Q(until__isnull=False)),
                _("Say when it is to be looked at again; a partnership that ends has no such day."),
                "until",
            ),
            check(
                "partnerships_renewaldecision_until_after",
                Q(until__gt=F("decided_on")),
                _("It is looked at again after the day of the decision."),
                "until",
            ),
            check("partnerships_renewaldecision_says_why", ~Q(reason=""), _("Say why."), "reason"),
            once(
                "partnerships_renewaldecision_once_a_day",
                ["city", "decided_on"],
                _("A decision of that day is already recorded."),
                "decided_on",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="append_only",
                operation=pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                func=triggers.RENEWAL_APPEND_ONLY,
            ),
            pgtrigger.Trigger(
                name="end_after_beginning",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func=triggers.RENEWAL_END_AFTER_BEGINNING,
            ),
        ]

    refusals: ClassVar[dict[str, object]] = {
        "partnerships_renewaldecision_append_only": APPEND_ONLY,
        "partnerships_renewaldecision_end_after_beginning": BEGINS_LATER,
    }

    def __str__(self):
        return labelled(self.city, f"{self.get_verdict_display()}, {dates.display(self.decided_on, 'day')}")

    def get_absolute_url(self):
        return self.city.get_absolute_url()

    def clean(self):
        super().clean()
        dates.refuse_future(self, "decided_on")
        if not self._state.adding:
            raise ValidationError(APPEND_ONLY)

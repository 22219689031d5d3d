"""Mandates: from the election of the mayor to the handover, and the days on which they are judged."""

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from core import dates, search
from core.addresses import address
from core.constraints import check, one_of_choices, plausible_dates
from core.models import BaseModel, tracked
from core.translated import Translated, labelled
from mandate.enums import MandateMilestone
from mandate.models import triggers

FOLLOWS = _("A mandate follows one of the same city that ended before it.")
WITHIN = _("A milestone falls within its mandate.")
APPEND_ONLY = _("A decision is never changed or taken back: record a new one.")


def _arithmetic(*parts, sign: str, template: str = "(%(expressions)s)", result: models.Field) -> Func:
    """Days and whole numbers put together as PostgreSQL does; Django would make intervals and moments of them."""
    return Func(*parts, arg_joiner=f" {sign} ", template=template, output_field=result)


# Half of the days between, rounded down.
HALF_OF_IT = _arithmetic(
    F("ends_on"), F("starts_on"), sign="-", template="(%(expressions)s) / 2", result=models.IntegerField()
)


def _computed(label, *parts) -> models.GeneratedField:
    return models.GeneratedField(
        expression=_arithmetic(*parts, sign="+", result=models.DateField()),
        output_field=models.DateField(label),
        db_persist=True,
        verbose_name=label,
    )


@dataclass(frozen=True)
class MandateDay:
    """A day on which a mandate is judged: as computed from its dates, and as a decision overrides it where there is one."""

    which: MandateMilestone
    computed: date
    decision: "MilestoneDecision | None" = None

    @property
    def rules(self) -> date:
        """The day that counts."""
        return self.decision.falls_on if self.decision else self.computed


@tracked
class Mandate(BaseModel):
    """A term of the mayor: from the first day to that of the handover, on which the next one may begin.

    Day 100 and mid-term are computed by the database (day 100 = first day + 100 days; mid-term = first day + half of the
    days to the end, rounded down) and move with the dates; a dated decision overrides them.
    """

    slug = models.SlugField(_("short name"), unique=True)
    city = models.ForeignKey(
        "partnerships.City", models.PROTECT, related_name="mandates", verbose_name=_("city that governs")
    )
    title_fr = models.CharField(_("title in French"), max_length=150)
    title_en = models.CharField(_("title in English"), max_length=150, blank=True)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("handover"), help_text=_("The day on which the next mandate may begin."))
    previous = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="successor", verbose_name=_("follows the mandate")
    )
    day_100 = _computed(_("day 100"), F("starts_on"), Value(100))
    midpoint = _computed(_("mid-term"), F("starts_on"), HALF_OF_IT)
    title = Translated()
    search = search.column("title_fr", "title_en")

    class Meta:
        verbose_name = _("mandate")
        verbose_name_plural = _("mandates")
        ordering = ["-starts_on", "pk"]
        indexes = [search.index("mandate"), search.alike("mandate", "title_fr", "title_en")]
        constraints = [
            check(
                "mandate_mandate_starts_before_end",
                Q(starts_on__lt=F("ends_on")),
                _("A mandate ends after it starts."),
                "ends_on",
            ),
            plausible_dates("mandate_mandate", "starts_on", "ends_on"),
            ExclusionConstraint(
                name="mandate_mandate_no_overlap",
                expressions=[
                    ("city", RangeOperators.EQUAL),
                    (
                        # The day of the handover belongs to the next one.
                        Func(
                            F("starts_on"),
                            F("ends_on"),
                            Value("[)"),
                            function="daterange",
                            output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                violation_error_message=_("The city already has a mandate at that time."),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="follows",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("city_id", "previous_id", "starts_on", "ends_on"),
                when=pgtrigger.Before,
                func=triggers.FOLLOWS,
            ),
            pgtrigger.Trigger(
                name="previous_stays",
                operation=pgtrigger.UpdateOf("previous_id"),
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("OLD.previous_id IS DISTINCT FROM NEW.previous_id"),
                func=triggers.PREVIOUS_STAYS,
            ),
            pgtrigger.Trigger(
                name="decisions_within",
                operation=pgtrigger.UpdateOf("starts_on", "ends_on"),
                when=pgtrigger.Before,
                func=triggers.DECISIONS_WITHIN,
            ),
        ]

    refusals: ClassVar[dict[str, object]] = {
        "mandate_mandate_follows": FOLLOWS,
        "mandate_mandate_previous_stays": _("Objectives were carried over: the mandate before stays."),
        "mandate_mandate_decisions_within": _("A milestone that was decided would fall outside the mandate."),
    }

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return address("mandate:mandate", self.slug)

    def clean(self):
        super().clean()
        before = self.previous
        if before is None or not (self.city_id and self.starts_on):
            return
        if before.pk == self.pk or before.city_id != self.city_id or before.ends_on > self.starts_on:
            raise ValidationError({"previous": FOLLOWS})

    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        # The database computes them anew; Django reads them back after an insert alone.
        self.refresh_from_db(fields=["day_100", "midpoint"])

    def milestones(self) -> list[MandateDay]:
        """Day 100, mid-term and end, in this order: the day computed, the decision that overrides it, the day that rules."""
        ruling: dict[str, MilestoneDecision] = {}
        for decision in sorted(self.decisions.all(), key=lambda decision: (decision.decided_on, decision.pk)):
            ruling[decision.which] = decision
        computed = {
            MandateMilestone.DAY_100: self.day_100,
            MandateMilestone.MIDPOINT: self.midpoint,
            MandateMilestone.END: self.ends_on,
        }
        return [MandateDay(which, day, ruling.get(which)) for which, day in computed.items()]


@tracked
class MilestoneDecision(BaseModel):
    """A decision that moves a milestone of the mandate to another day. Append-only: the latest one made rules."""

    mandate = models.ForeignKey(Mandate, models.PROTECT, related_name="decisions", verbose_name=_("mandate"))
    which = models.CharField(_("milestone"), max_length=10, choices=MandateMilestone)
    falls_on = models.DateField(_("falls on"))
    decided_on = models.DateField(_("decided on"))
    reason = models.TextField(_("reason"))
    reference = models.CharField(
        _("reference"), max_length=120, blank=True, help_text=_("Of the decision: a number, a letter, a sitting.")
    )

    class Meta:
        verbose_name = _("decision on a milestone")
        verbose_name_plural = _("decisions on milestones")
        ordering = ["mandate", "which", "-decided_on", "-pk"]
        constraints = [
            one_of_choices("mandate_milestonedecision", "which", MandateMilestone),
            plausible_dates("mandate_milestonedecision", "falls_on", "decided_on"),
            check("mandate_milestonedecision_says_why", ~Q(reason=""), _("Say why.")),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="within",
                operation=pgtrigger.Insert,
                when=pgtrigger.Before,
                func=triggers.DECISION_WITHIN,
            ),
            pgtrigger.Trigger(
                name="append_only",
                operation=pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                func=triggers.DECISION_APPEND_ONLY,
            ),
        ]

    refusals: ClassVar[dict[str, object]] = {
        "mandate_milestonedecision_within": WITHIN,
        "mandate_milestonedecision_append_only": APPEND_ONLY,
    }

    def __str__(self):
        return labelled(self.get_which_display(), dates.display(self.falls_on, "day"))

    def get_absolute_url(self):
        return self.mandate.get_absolute_url()

    def clean(self):
        super().clean()
        dates.refuse_future(self, "decided_on")
        if not self._state.adding:
            raise ValidationError(APPEND_ONLY)
        if self.mandate_id and self.falls_on and not self.mandate.starts_on <= self.falls_on <= self.mandate.ends_on:
            raise ValidationError({"falls_on": WITHIN})

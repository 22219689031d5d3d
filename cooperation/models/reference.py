"""What projects, calls and practices are classed by."""

import pgtrigger
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cooperation.enums import ThemeKind
from cooperation.models import triggers
from core import clock, dates
from core.constraints import check, one_at_a_time, one_of_choices, ordered, plausible_dates
from core.models import BaseModel, tracked
from core.translated import Translated

PURPOSE = r"^[0-9]{5}$"
_FIVE_DIGITS = _("A purpose code of the DAC has five digits.")


@tracked
class Theme(BaseModel):
    """A field of cooperation, classed as the City's documents class it. `is_priority`: named as such for the end of term."""

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name_fr = models.CharField(_("name in French"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120, blank=True)
    kind = models.CharField(
        _("kind"), max_length=12, choices=ThemeKind, blank=True, help_text=_("Empty = the documents do not class it.")
    )
    is_priority = models.BooleanField(_("priority of the end of term"), default=False)
    name = Translated()

    class Meta:
        verbose_name = _("field of cooperation")
        verbose_name_plural = _("fields of cooperation")
        ordering = ["name_fr__unaccent"]
        constraints = [one_of_choices("cooperation_theme", "kind", ThemeKind, blank=True)]

    def __str__(self):
        return self.name


@tracked
class PurposeCode(BaseModel):
    """A purpose code of the DAC's creditor reporting system, by which aid is declared."""

    code = models.CharField(_("code"), max_length=5, unique=True, validators=[RegexValidator(PURPOSE, _FIVE_DIGITS)])
    name_fr = models.CharField(_("name in French"), max_length=160)
    name_en = models.CharField(_("name in English"), max_length=160, blank=True)
    name = Translated()

    class Meta:
        verbose_name = _("DAC purpose code")
        verbose_name_plural = _("DAC purpose codes")
        ordering = ["code"]
        constraints = [check("cooperation_purposecode_code_form", Q(code__regex=PURPOSE), _FIVE_DIGITS)]
        triggers = [
            pgtrigger.Trigger(
                name="in_use",
                operation=pgtrigger.UpdateOf("code") | pgtrigger.Delete,
                when=pgtrigger.Before,
                func=triggers.PURPOSE_IN_USE,
            )
        ]

    refusals = {"cooperation_purposecode_in_use": _("Projects are declared under this code.")}

    def __str__(self):
        return f"{self.code} — {self.name}"


@tracked
class CouncilLeadTime(BaseModel):
    """How many days before a deadline the Council's file must be started, while the rule holds; periods never overlap."""

    days = models.PositiveSmallIntegerField(_("days"))
    since = models.DateField(_("since"))
    until = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("lead time of the Council")
        verbose_name_plural = _("lead times of the Council")
        ordering = ["-since"]
        constraints = [
            check(
                "cooperation_councilleadtime_days_plausible",
                Q(days__gte=1, days__lte=730),
                _("A lead time is between 1 and 730 days."),
            ),
            ordered("cooperation_councilleadtime", "since", "until"),
            plausible_dates("cooperation_councilleadtime", "since", "until"),
            one_at_a_time(
                "cooperation_councilleadtime_no_overlap", [], _("Another lead time holds at that time: end it first.")
            ),
        ]

    def __str__(self):
        return f"{self.days} ({self.since})"

    def clean(self):
        super().clean()
        dates.refuse_backwards(self, "since", "until")

    @classmethod
    def on(cls, day=None) -> int | None:
        """The days that hold on the day (today); None where none is recorded."""
        day = day or clock.today()
        held = cls.objects.filter(Q(until__isnull=True) | Q(until__gte=day), since__lte=day)
        return held.values_list("days", flat=True).first()

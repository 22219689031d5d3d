"""The Council: its groups and its deliberations, which agreements, grants, missions and honours point to."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import clock, dates, search
from core.constraints import check, ordered, plausible_dates
from core.dates import PrecisionField
from core.identifiers import DELIBERATION_NUMBER
from core.models import BaseModel, tracked
from core.translated import Translated

_NUMBER = _("A deliberation is numbered as in “2015 DGRI 12”, “2017 DGRI 48 - DPE” or “2015 DASCO 36 G”.")


@tracked
class CouncilGroup(BaseModel):
    """A political group of the Council."""

    slug = models.SlugField(_("short name"), unique=True)
    name = models.CharField(_("name"), max_length=150)
    since = models.DateField(_("since"), null=True, blank=True)
    until = models.DateField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("Council group")
        verbose_name_plural = _("Council groups")
        ordering = ["name"]
        constraints = [
            ordered("partnerships_councilgroup", "since", "until"),
            plausible_dates("partnerships_councilgroup", "since", "until"),
        ]

    def __str__(self):
        return self.name


@tracked
class Deliberation(BaseModel):
    """A deliberation of the Council (A14, A15). The number stays empty only while it is not known."""

    number = models.CharField(
        _("number"),
        max_length=40,
        null=True,
        blank=True,
        unique=True,
        validators=[RegexValidator(DELIBERATION_NUMBER, _NUMBER)],
    )
    title_fr = models.CharField(_("title in French"), max_length=300)
    title_en = models.CharField(_("title in English"), max_length=300, blank=True)
    rapporteur = models.ForeignKey(
        "partnerships.Person",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reported_deliberations",
        verbose_name=_("rapporteur"),
    )
    commission = models.CharField(_("commission"), max_length=150, blank=True)
    voted_on = models.DateField(_("voted on"), null=True, blank=True)
    voted_on_precision = PrecisionField()
    transmitted_on = models.DateField(_("sent to the prefect on"), null=True, blank=True)
    received_on = models.DateField(_("received by the prefect on"), null=True, blank=True)
    title = Translated()
    search = search.column("number", "title_fr", "title_en")

    class Meta:
        verbose_name = _("deliberation")
        verbose_name_plural = _("deliberations")
        ordering = ["-voted_on", "number"]
        indexes = [search.index("deliberation")]
        constraints = [
            check(
                "partnerships_deliberation_number_form",
                Q(number__isnull=True) | Q(number__regex=DELIBERATION_NUMBER.replace(r"\d", "[0-9]")),
                _NUMBER,
            ),
            *dates.constraints("partnerships_deliberation", "voted_on"),
            plausible_dates("partnerships_deliberation", "voted_on", "transmitted_on", "received_on"),
            ordered(
                "partnerships_deliberation",
                "voted_on",
                "transmitted_on",
                _("A deliberation is sent to the prefect after its vote."),
            ),
            ordered(
                "partnerships_deliberation",
                "transmitted_on",
                "received_on",
                _("A deliberation is received after it was sent."),
            ),
            check(
                "partnerships_deliberation_received_after_sending",
                Q(received_on__isnull=True) | Q(transmitted_on__isnull=False),
                _("A deliberation received by the prefect has a date of sending."),
            ),
        ]

    def __str__(self):
        return f"{self.number} — {self.title}" if self.number else self.title

    def clean(self):
        super().clean()
        self.number = self.number or None
        dates.refuse_future(self, "transmitted_on", "received_on")
        not_held = not self.voted_on_precision or (self.voted_on and self.voted_on > clock.today())
        if not_held and self.pk and self.agreements.exclude(status="draft").exists():
            raise ValidationError({"voted_on": _("Agreements rest on this vote: it has taken place.")})

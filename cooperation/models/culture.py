"""Culture abroad and from abroad: works and tours co-funded by turns, tandems, seasons, foreign centres supported."""

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from cooperation.enums import CulturalKind, CulturalStatus, Discipline
from core import clock, dates, search
from core.addresses import address
from core.constraints import one_of, one_of_choices, ordered, plausible_dates, plausible_year
from core.dates import PrecisionField
from core.models import BaseModel, tracked
from core.translated import Translated


@tracked
class CulturalProject(BaseModel):
    """A work, a tour, a tandem, a season or a centre. `year` is that of the programme, by which recipients rotate."""

    slug = models.SlugField(_("short name"), max_length=80, unique=True)
    title_fr = models.CharField(_("title in French"), max_length=250)
    title_en = models.CharField(_("title in English"), max_length=250, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=CulturalKind)
    status = models.CharField(_("status"), max_length=10, choices=CulturalStatus, default=CulturalStatus.PLANNED)
    year = models.PositiveSmallIntegerField(
        _("year of the programme"), null=True, blank=True, help_text=_("Empty = not known.")
    )
    starts_on = models.DateField(_("beginning"), null=True, blank=True)
    starts_on_precision = PrecisionField()
    ends_on = models.DateField(_("end"), null=True, blank=True)
    ends_on_precision = PrecisionField()
    recipient = models.ForeignKey(
        "partnerships.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cultural_projects",
        verbose_name=_("recipient"),
        help_text=_("The company or institution that is supported."),
    )
    discipline = models.CharField(
        _("discipline"), max_length=15, choices=Discipline, blank=True, help_text=_("Empty = not stated.")
    )
    organiser_fr = models.CharField(_("organised by, in French"), max_length=200, blank=True)
    organiser_en = models.CharField(_("organised by, in English"), max_length=200, blank=True)
    note_fr = models.TextField(_("note in French"), blank=True)
    note_en = models.TextField(_("note in English"), blank=True)
    title = Translated()
    organiser = Translated()
    note = Translated()
    search = search.column("title_fr", "title_en")
    search_through = ("recipient",)

    class Meta:
        verbose_name = _("cultural project")
        verbose_name_plural = _("cultural projects")
        ordering = ["-year", "title_fr"]
        indexes = [
            search.index("culturalproject"),
            search.alike("culturalproject", "title_fr", "title_en"),
            models.Index(fields=["recipient", "year"], name="cooperation_culture_recipient"),
            models.Index(fields=["discipline", "year"], name="cooperation_culture_discipline"),
        ]
        constraints = [
            one_of_choices("cooperation_culturalproject", "kind", CulturalKind),
            one_of_choices("cooperation_culturalproject", "status", CulturalStatus),
            one_of_choices("cooperation_culturalproject", "discipline", Discipline, blank=True),
            *dates.constraints("cooperation_culturalproject", "starts_on"),
            *dates.constraints("cooperation_culturalproject", "ends_on"),
            plausible_dates("cooperation_culturalproject", "starts_on", "ends_on"),
            ordered("cooperation_culturalproject", "starts_on", "ends_on"),
            plausible_year("cooperation_culturalproject"),
        ]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return f"{address('cooperation:culture')}#{self.slug}"

    def clean(self):
        super().clean()
        begun = self.status in (CulturalStatus.CURRENT, CulturalStatus.PAST)
        if begun and self.starts_on and self.starts_on > clock.today():
            raise ValidationError({"starts_on": _("This has not happened yet: the date is in the future.")})


@tracked
class CulturalDestination(BaseModel):
    """Where a cultural project goes: a city, or a country where no city is named."""

    project = models.ForeignKey(
        CulturalProject, models.CASCADE, related_name="destinations", verbose_name=_("cultural project")
    )
    city = models.ForeignKey(
        "partnerships.City",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cultural_destinations",
        verbose_name=_("city"),
    )
    country = models.ForeignKey(
        "partnerships.Country",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="cultural_destinations",
        verbose_name=_("country"),
        help_text=_("Only where no city is named."),
    )

    class Meta:
        verbose_name = _("destination")
        verbose_name_plural = _("destinations")
        ordering = ["project", "pk"]
        constraints = [
            one_of(
                "cooperation_culturaldestination_one_place",
                ["city", "country"],
                _("A destination is a city or a country, not both."),
            ),
            models.UniqueConstraint(
                fields=["project", "city", "country"],
                name="cooperation_culturaldestination_once",
                nulls_distinct=False,
                violation_error_message=_("This destination is already recorded."),
            ),
        ]

    def __str__(self):
        return str(self.city or self.country)

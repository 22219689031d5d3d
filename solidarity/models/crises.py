"""Crises that emergency aid answers."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core import search
from core.addresses import address
from core.constraints import one_of, one_of_choices
from core.models import BaseModel, Lasting, tracked
from core.translated import Translated
from solidarity.enums import CrisisKind


@tracked
class Crisis(Lasting):
    """An epidemic, a natural disaster or a conflict, with its places and its time."""

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name_fr = models.CharField(_("name in French"), max_length=150)
    name_en = models.CharField(_("name in English"), max_length=150, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=CrisisKind)
    name = Translated()
    search = search.column("name_fr", "name_en")

    class Meta:
        verbose_name = _("crisis")
        verbose_name_plural = _("crises")
        ordering = ["-since", "name_fr"]
        indexes = [search.index("crisis"), search.alike("crisis", "name_fr", "name_en")]
        constraints = [*Lasting.Meta.constraints, one_of_choices("solidarity_crisis", "kind", CrisisKind)]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return f"{address('solidarity:emergencies')}#{self.slug}"


@tracked
class CrisisPlace(BaseModel):
    """Where a crisis strikes: a city, or a country where no city is named."""

    crisis = models.ForeignKey(Crisis, models.CASCADE, related_name="places", verbose_name=_("crisis"))
    city = models.ForeignKey(
        "partnerships.City", models.PROTECT, null=True, blank=True, related_name="crises", verbose_name=_("city")
    )
    country = models.ForeignKey(
        "partnerships.Country",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="crises",
        verbose_name=_("country"),
        help_text=_("Only where no city is named."),
    )

    class Meta:
        verbose_name = _("place of the crisis")
        verbose_name_plural = _("places of the crisis")
        ordering = ["crisis", "pk"]
        constraints = [
            one_of(
                "solidarity_crisisplace_one_place", ["city", "country"], _("A place is a city or a country, not both.")
            ),
            models.UniqueConstraint(
                fields=["crisis", "city", "country"],
                name="solidarity_crisisplace_once",
                nulls_distinct=False,
                violation_error_message=_("This place is already recorded."),
            ),
        ]

    def __str__(self):
        return str(self.city or self.country)

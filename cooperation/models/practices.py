"""Good practices: what a city does well, for whom, on what evidence, and who took it up."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cooperation.enums import PracticeKind
from core import search
from core.addresses import address
from core.constraints import check, one_of_choices
from core.models import BaseModel, Lasting, tracked
from core.translated import Translated


@tracked
class GoodPractice(BaseModel):
    """A practice of a city (ours where none is named), compared within the network of inclusive cities or of smart cities."""

    slug = models.SlugField(_("short name"), max_length=80, unique=True)
    title_fr = models.CharField(_("title in French"), max_length=200)
    title_en = models.CharField(_("title in English"), max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=PracticeKind)
    city = models.ForeignKey(
        "partnerships.City",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="good_practices",
        verbose_name=_("city"),
        help_text=_("Empty = our own."),
    )
    theme = models.ForeignKey(
        "cooperation.Theme",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="good_practices",
        verbose_name=_("field of cooperation"),
    )
    practice_fr = models.TextField(_("what is done, in French"), blank=True)
    practice_en = models.TextField(_("what is done, in English"), blank=True)
    serves_fr = models.CharField(_("whom it serves, in French"), max_length=200, blank=True)
    serves_en = models.CharField(_("whom it serves, in English"), max_length=200, blank=True)
    evidence_fr = models.TextField(_("evidence in French"), blank=True)
    evidence_en = models.TextField(_("evidence in English"), blank=True)
    url = models.URLField(_("address"), max_length=500, blank=True)
    title = Translated()
    practice = Translated()
    serves = Translated()
    evidence = Translated()
    search = search.column("title_fr", "title_en", "practice_fr", "practice_en", "serves_fr", "serves_en")
    search_through = ("city",)

    class Meta:
        verbose_name = _("good practice")
        verbose_name_plural = _("good practices")
        ordering = ["title_fr__unaccent", "pk"]
        indexes = [search.index("goodpractice"), search.alike("goodpractice", "title_fr", "title_en")]
        constraints = [one_of_choices("cooperation_goodpractice", "kind", PracticeKind)]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return f"{address('cooperation:practices')}#{self.slug}"


@tracked
class PracticeUptake(Lasting):
    """Where a practice was taken up: a city, an organisation, or ours where neither is named."""

    practice = models.ForeignKey(GoodPractice, models.CASCADE, related_name="uptakes", verbose_name=_("good practice"))
    city = models.ForeignKey(
        "partnerships.City", models.PROTECT, null=True, blank=True, related_name="uptakes", verbose_name=_("city")
    )
    organisation = models.ForeignKey(
        "partnerships.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="uptakes",
        verbose_name=_("organisation"),
    )
    note_fr = models.CharField(_("note in French"), max_length=250, blank=True)
    note_en = models.CharField(_("note in English"), max_length=250, blank=True)
    note = Translated()

    class Meta:
        verbose_name = _("uptake")
        verbose_name_plural = _("uptakes")
        ordering = ["practice", "since", "pk"]
        constraints = [
            *Lasting.Meta.constraints,
            check(
                "cooperation_practiceuptake_one_body",
                Q(city__isnull=True) | Q(organisation__isnull=True),
                _("A practice is taken up by a city or by an organisation, not both."),
            ),
            models.UniqueConstraint(
                fields=["practice", "city", "organisation"],
                name="cooperation_practiceuptake_once",
                nulls_distinct=False,
                violation_error_message=_("This uptake is already recorded."),
            ),
        ]

    def __str__(self):
        return str(self.city or self.organisation or settings.CITY_NAME)

"""Countries, areas and cities, and what ties ours to them."""

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core import clock, dates, search
from core.access import audiences
from core.addresses import address
from core.constraints import check, one_at_a_time, one_of, one_of_choices, ordered, plausible_dates
from core.dates import PrecisionField
from core.enums import Audience, Precision
from core.models import BaseModel, Lasting, tracked
from core.translated import Translated
from partnerships.enums import DAC_STATUSES, OIF_STATUSES, CountryStatusKind, PlaceKind, RelationKind


@tracked
class Country(BaseModel):
    """A country or territory, by its ISO 3166-1 alpha-2 code."""

    code = models.CharField(
        _("ISO code"),
        max_length=2,
        unique=True,
        validators=[RegexValidator(r"^[A-Z]{2}$", _("Two capital letters, as in ISO 3166-1."))],
    )
    name_fr = models.CharField(_("name in French"), max_length=100)
    name_en = models.CharField(_("name in English"), max_length=100)
    region_fr = models.CharField(_("region in French"), max_length=100, blank=True)
    region_en = models.CharField(_("region in English"), max_length=100, blank=True)
    name = Translated()
    region = Translated()
    search = search.column("code", "name_fr", "name_en")

    class Meta:
        verbose_name = _("country")
        verbose_name_plural = _("countries")
        ordering = ["name_fr__unaccent"]
        indexes = [search.index("country"), search.alike("country", "name_fr", "name_en")]
        constraints = [
            check(
                "partnerships_country_code_iso",
                Q(code__regex=r"^[A-Z]{2}$"),
                _("Two capital letters, as in ISO 3166-1."),
            )
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return address("partnerships:cities") + f"?country={self.code}"


@tracked
class CountryStatus(BaseModel):
    """A standing of a country that holds for a time: French-speaking membership or place on the DAC list."""

    country = models.ForeignKey(Country, models.CASCADE, related_name="statuses", verbose_name=_("country"))
    kind = models.CharField(_("status"), max_length=15, choices=CountryStatusKind)
    since = models.DateField(_("since"))
    since_precision = PrecisionField(default=Precision.DAY)
    until = models.DateField(_("until"), null=True, blank=True, help_text=_("Last day; empty while it holds."))

    class Meta:
        verbose_name = _("status of a country")
        verbose_name_plural = _("statuses of countries")
        ordering = ["country", "kind", "-since"]
        constraints = [
            one_of_choices("partnerships_countrystatus", "kind", CountryStatusKind),
            ordered("partnerships_countrystatus", "since", "until"),
            *dates.constraints("partnerships_countrystatus", "since"),
            plausible_dates("partnerships_countrystatus", "since", "until"),
            *(
                one_at_a_time(
                    f"partnerships_countrystatus_one_{family}_at_a_time",
                    ["country"],
                    message,
                    condition=Q(kind__in=kinds),
                )
                for family, kinds, message in (
                    ("oif", OIF_STATUSES, _("The country already has an OIF status during this time.")),
                    ("dac", DAC_STATUSES, _("The country already has a place on the DAC list during this time.")),
                )
            ),
        ]

    def __str__(self):
        return f"{self.country}, {self.get_kind_display()}"

    def clean(self):
        super().clean()
        dates.refuse_backwards(self, "since", "until")


@tracked
class Area(BaseModel):
    """A geographic area of the City's policy; an area may lie within another."""

    slug = models.SlugField(_("short name"), unique=True)
    name_fr = models.CharField(_("name in French"), max_length=100)
    name_en = models.CharField(_("name in English"), max_length=100)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="parts", verbose_name=_("lies in")
    )
    name = Translated()

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        ordering = ["name_fr__unaccent"]
        constraints = [
            check("partnerships_area_not_in_itself", ~Q(parent=F("pk")), _("An area cannot lie in itself.")),
        ]

    def __str__(self):
        return self.name


@tracked
class City(BaseModel):
    """A city, or a place that the City's action names. Its relations say whether it is a partner."""

    slug = models.SlugField(_("short name"), unique=True)
    name_fr = models.CharField(_("name in French"), max_length=100)
    name_en = models.CharField(_("name in English"), max_length=100)
    alias = models.CharField(_("other name"), max_length=100, blank=True)
    country = models.ForeignKey(Country, models.PROTECT, related_name="cities", verbose_name=_("country"))
    kind = models.CharField(_("kind of place"), max_length=15, choices=PlaceKind, default=PlaceKind.CITY)
    latitude = models.DecimalField(
        _("latitude"),
        max_digits=7,
        decimal_places=4,
        null=True,
        blank=True,
        help_text=_("Degrees, WGS 84, north positive."),
    )
    longitude = models.DecimalField(
        _("longitude"),
        max_digits=7,
        decimal_places=4,
        null=True,
        blank=True,
        help_text=_("Degrees, WGS 84, east positive."),
    )
    areas = models.ManyToManyField(Area, through="CityArea", related_name="cities", verbose_name=_("areas"))
    name = Translated()
    search = search.column("name_fr", "name_en", "alias")
    search_through = ("country",)

    class Meta:
        verbose_name = _("city")
        verbose_name_plural = _("cities")
        ordering = ["name_fr__unaccent"]
        indexes = [search.index("city"), search.alike("city", "name_fr", "name_en", "alias")]
        constraints = [
            one_of_choices("partnerships_city", "kind", PlaceKind),
            check(
                "partnerships_city_coordinates_complete",
                Q(latitude__isnull=True, longitude__isnull=True)
                | Q(
                    latitude__isnull=False,
                    latitude__gte=-90,
                    latitude__lte=90,
                    longitude__isnull=False,
                    longitude__gte=-180,
                    longitude__lte=180,
                ),
                _("Give both coordinates or none: latitude from -90 to 90, longitude from -180 to 180."),
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return address("partnerships:city", self.slug)


@tracked
class CityArea(BaseModel):
    """A city lies in an area; it may lie in several."""

    city = models.ForeignKey(City, models.CASCADE, related_name="city_areas", verbose_name=_("city"))
    area = models.ForeignKey(Area, models.PROTECT, related_name="city_areas", verbose_name=_("area"))

    class Meta:
        verbose_name = _("area of a city")
        verbose_name_plural = _("areas of cities")
        ordering = ["city", "area"]
        constraints = [
            models.UniqueConstraint(
                fields=["city", "area"],
                name="partnerships_cityarea_once",
                violation_error_message=_("The city already lies in this area."),
            ),
        ]

    def __str__(self):
        return f"{self.city}, {self.area}"


@tracked
class Relation(Lasting):
    """What ties ours to a city, or to a country named without a city. One tie, one row: a city may have several."""

    city = models.ForeignKey(
        City, models.CASCADE, null=True, blank=True, related_name="relations", verbose_name=_("city")
    )
    country = models.ForeignKey(
        Country,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="relations",
        verbose_name=_("country"),
        help_text=_("Only where no city is named."),
    )
    kind = models.CharField(_("relation"), max_length=20, choices=RelationKind)
    description_fr = models.CharField(_("what, in French"), max_length=250)
    description_en = models.CharField(_("what, in English"), max_length=250, blank=True)
    description = Translated()

    class Meta:
        verbose_name = _("relation")
        verbose_name_plural = _("relations")
        ordering = ["city", "country", "kind", "pk"]
        constraints = [
            *Lasting.Meta.constraints,
            one_of_choices("partnerships_relation", "kind", RelationKind),
            one_of(
                "partnerships_relation_one_place",
                ["city", "country"],
                _("A relation is with a city or with a country, not both."),
            ),
            models.UniqueConstraint(
                fields=["city", "country", "kind", "description_fr"],
                name="partnerships_relation_once",
                nulls_distinct=False,
                violation_error_message=_("This relation is already recorded."),
            ),
        ]

    def __str__(self):
        return f"{self.city or self.country}, {self.get_kind_display()}"


@tracked
class WatchNote(BaseModel):
    """A note of the political watch on a city, written for an audience: nobody outside it sees that the note exists."""

    city = models.ForeignKey(City, models.CASCADE, related_name="watch_notes", verbose_name=_("city"))
    noted_on = models.DateField(_("date"), default=clock.today)
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("text"))
    audience = models.CharField(_("written for"), max_length=10, choices=Audience, default=Audience.STAFF)
    search = search.column("title", "text")
    search_through = ("city",)

    class Meta:
        verbose_name = _("political watch note")
        verbose_name_plural = _("political watch notes")
        ordering = ["-noted_on", "-pk"]
        indexes = [search.index("watchnote")]
        constraints = [
            one_of_choices("partnerships_watchnote", "audience", Audience),
            plausible_dates("partnerships_watchnote", "noted_on"),
        ]

    def __str__(self):
        return self.title

    @classmethod
    def visibility(cls, reader) -> Q:
        return Q(audience__in=audiences(reader))

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Precision(models.TextChoices):
    """How exactly a date is known. Blank means that there is no date (yet); unknown, that it happened but not when."""

    DAY = "day", _("day")
    MONTH = "month", _("month")
    SEASON = "season", _("season")
    YEAR = "year", _("year")
    UNKNOWN = "unknown", pgettext_lazy("date", "not known")


class Language(models.TextChoices):
    FRENCH = "fr", "Français"
    ENGLISH = "en", "English"


class Audience(models.TextChoices):
    """Who a text is written for, from the fewest to the most."""

    STAFF = "staff", _("The department")
    DEPUTIES = "deputies", _("The department and the deputies")
    CITY = "city", _("Everyone who signs in")


class SourceKind(models.TextChoices):
    OFFICIAL = "official", _("document of the City")
    OUTSIDE = "outside", _("outside source")
    SAMPLE = "sample", _("invented sample")

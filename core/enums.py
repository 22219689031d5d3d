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


class Channel(models.TextChoices):
    """How somebody is reminded."""

    EMAIL = "e-mail", _("e-mail")
    IN_APP = "in-app", _("on the pages of Parvis")
    WEBHOOK = "webhook", _("to the systems that asked for reminders")


# How a person is reminded.
TO_PEOPLE = (Channel.EMAIL, Channel.IN_APP)


class Frequency(models.TextChoices):
    """How often somebody wants e-mails."""

    INSTANT = "instant", _("one e-mail for each reminder, at once")
    DAILY = "daily", _("one e-mail a day")
    WEEKLY = "weekly", _("one e-mail a week, on Mondays")


class Alert(models.TextChoices):
    """What is wrong with the reminders themselves, as the subject of an e-mail says it."""

    LATE = "late", _("no run of the reminders has ended well for half an hour")
    STUCK = "stuck", _("e-mails have been waiting for more than an hour")
    PARKED = "parked", _("e-mails could not be sent")


class ExportFormat(models.TextChoices):
    """What a list is written as."""

    CSV = "csv", "CSV"
    XLSX = "xlsx", "XLSX"
    ODS = "ods", "ODS"
    JSONL = "jsonl", _("JSON lines")


class Separator(models.TextChoices):
    """What stands between the values of a line of CSV."""

    COMMA = "comma", _("comma, with decimal points")
    SEMICOLON = "semicolon", _("semicolon, with decimal commas")


class ExportStatus(models.TextChoices):
    WAITING = "waiting", pgettext_lazy("export", "waiting")
    RUNNING = "running", pgettext_lazy("export", "being prepared")
    DONE = "done", pgettext_lazy("export", "ready")
    FAILED = "failed", pgettext_lazy("export", "not possible")

"""The references by which people name records, e.g. AGR-2015-0007: given by Parvis, or taken over from a document."""

from collections.abc import Callable

from django.core.validators import RegexValidator
from django.db import connection, models
from django.db.models import Max
from django.db.models.functions import Cast, Substr
from django.utils.translation import gettext_lazy as _

from core import clock

REFERENCE = r"^[A-Z0-9]+(-[A-Z0-9]+)*$"
REFERENCE_FORM = _("A reference is written in capital letters and digits, with single hyphens between them.")


def next_reference(model: type[models.Model], prefix: str) -> str:
    """The next free `reference` of the model and the year, e.g. AGR-2015-0007 for the prefix AGR.

    Whoever asks within a transaction is alone until its end. A field's default calls this from a function of its own.
    """
    start = f"{prefix}-{clock.today().year}-"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"{model._meta.label_lower}.reference"])
    numbered = model._default_manager.filter(reference__regex=rf"^{start}[0-9]{{1,8}}$")
    number = Cast(Substr("reference", len(start) + 1), models.IntegerField())
    last = numbered.aggregate(last=Max(number))["last"]
    return f"{start}{(last or 0) + 1:04d}"


def reference_field(default: Callable[[], str]) -> models.CharField:
    """The column of a reference, unique, which a new record takes from `default` (see `next_reference`)."""
    return models.CharField(
        _("reference"),
        max_length=20,
        unique=True,
        default=default,
        validators=[RegexValidator(REFERENCE, REFERENCE_FORM)],
    )

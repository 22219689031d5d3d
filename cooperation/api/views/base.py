"""What the resources share. Rows are read without the records that they point to: `?expand=` reads those that the caller may see."""

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import PermissionDenied

from cooperation import models, selectors
from core.access import may
from partnerships.models import City


def prefetched(reader, **found) -> list[Prefetch]:
    """What is read of each record's parts, by the name of the relation: a model, or rows of it."""
    return [
        Prefetch(name, rows if isinstance(rows, QuerySet) else rows.objects.visible_to(reader))
        for name, rows in found.items()
    ]


def lines(reader) -> QuerySet[models.FundingLine]:
    return selectors.money.lines(reader).select_related(None)


def whole_lines(reader) -> QuerySet[models.FundingLine]:
    """Funding lines with each movement and forecast."""
    return lines(reader).prefetch_related(*prefetched(reader, movements=models.Movement, forecasts=models.Forecast))


def check_places_readable(reader) -> None:
    """What is computed from cities and organisations would be silently wrong for a caller who may not read them."""
    if not may(reader, "view", City):
        raise PermissionDenied(_("The access token lacks the scope “%(scope)s”.") % {"scope": "partnerships:read"})

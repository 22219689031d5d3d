from django.conf import settings
from django.utils.functional import SimpleLazyObject

from core import clock, written
from core.enums import SourceKind
from core.models import Source


def house(request):
    """What every page shows: whose application it is, what day it goes by, and whether part of it is invented."""
    # Asked of the database only by the pages that say so, and of nobody who has not signed in.
    reader = getattr(request, "user", None)
    return {
        "city_name": settings.CITY_NAME,
        "mode": settings.MODE,
        "today": clock.today(),
        "day_is_fixed": clock.is_fixed(),
        "past_day": clock.past_day(),
        "has_samples": SimpleLazyObject(lambda: bool(written.rows(_a_sample, reader))),
    }


def _a_sample(reader):
    return Source.objects.visible_to(reader).filter(kind=SourceKind.SAMPLE).order_by()[:1]

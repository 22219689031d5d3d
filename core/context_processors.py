from django.conf import settings

from core import clock


def house(request):
    """What every page shows: whose application it is, and what day it goes by."""
    return {
        "city_name": settings.CITY_NAME,
        "mode": settings.MODE,
        "today": clock.today(),
        "day_is_fixed": clock.is_fixed(),
    }

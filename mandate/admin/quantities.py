"""How the value of an indicator reads in the admin."""

from django.utils.translation import gettext as _

from core.templatetags.parvis import day
from mandate.models import Indicator
from mandate.presentation import reads
from mandate.selectors.indicators import Trend, measured


def last_reading(trend: Trend) -> str:
    if trend.last_day is None:
        return _("not read yet")
    value = reads(trend.indicator, trend.last)
    return _("%(value)s on %(day)s") % {"value": value, "day": day(trend.last_day)}


def now(reader, indicator: Indicator) -> str:
    """What it measures today, as the reader may see it, with how many records it rests on."""
    if indicator.is_judged_by_hand:
        return _("judged by hand")
    found = measured(reader, indicator)
    if found is None:
        return _("not measured today")
    value = reads(indicator, found.value)
    count = sum(records.count() for records in found.records)
    return _("%(value)s (records: %(count)s)") % {"value": value, "count": count} if found.records else value

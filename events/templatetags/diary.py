"""How missions, visits, events and promises are shown in templates."""

from decimal import Decimal

from django import template

from core.templatetags.parvis import number
from events import presentation

register = template.Library()

register.filter("when_of", presentation.when_of)
register.filter("day_has_passed", presentation.day_has_passed)
register.filter("people", presentation.people)
register.filter("names_others", presentation.names_others)


@register.filter
def hours(row) -> str:
    """From when to when, in local time, where a time is known: `09:00–10:30`."""
    return "–".join(moment.strftime("%H:%M") for moment in (row.starts_at, row.ends_at) if moment)


@register.filter
def period_of(item) -> str:
    """From when to when an item of the agenda lasts, as exactly as it is known."""
    return presentation.span(item.start, item.start_precision, item.end, item.end_precision)


@register.simple_tag
def between(record, stage: str) -> str:
    """The `planned` or `actual` dates of an occasion, as exactly as they are known; empty where there is none."""
    return presentation.span(
        *(getattr(record, f"{stage}_{name}") for name in ("start", "start_precision", "end", "end_precision"))
    )


@register.filter
def places_at(mission, stage: str) -> list:
    """The destinations of a mission that are `planned` or `actual`."""
    return [place for place in mission.destinations.all() if place.stage == stage]


@register.filter
def kilograms(weight: Decimal) -> str:
    """kg without decimals, but never 0 for what emits something."""
    whole = round(weight)
    return number(whole) if whole or not weight else "< 1"

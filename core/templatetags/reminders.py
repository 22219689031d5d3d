"""What every page says of reminders: how many are unread, and to those who can mend it, what keeps them from going out."""

from django import template

from core.reminders import services, words
from core.reminders.health import health

register = template.Library()


@register.simple_tag(takes_context=True)
def unread_reminders(context) -> int:
    """How many reminders the reader has not read."""
    return services.unread(context["request"].user)


@register.simple_tag(takes_context=True)
def sees_health(context) -> bool:
    return services.sees_health(context["request"].user)


@register.simple_tag(takes_context=True)
def reminder_troubles(context) -> list[str]:
    """Why reminders do not go out; the database is asked only for those who are told of it."""
    return words.troubles(health()) if sees_health(context) else []

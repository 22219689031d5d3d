"""What a page says and asks of the past day that it is read as of (`core.as_of`)."""

from datetime import date

from django import template
from django.utils.translation import gettext as _

from core import clock
from core.as_of import pages
from core.as_of.pages import PARAMETER
from core.as_of.reading import last_day

register = template.Library()


@register.simple_tag
def past_day() -> date | None:
    """The past day whose records the page tells of; None for today's. Also for templates that are given nothing else."""
    return clock.past_day()


@register.simple_tag
def today_or_that_day() -> str:
    """How the day that the page goes by is called: a day set by hand stays today, also while the past is read."""
    return _("that day") if clock.past_day() == clock.today() else _("today")


@register.filter
def on_that_day(address) -> str:
    """An address that leads to the same past day, where its page can tell of it: `/solidarity/?as_of=2026-11-20`."""
    return pages.on_that_day(str(address))


@register.inclusion_tag("core/_as_of_form.html", takes_context=True)
def as_of_form(context):
    """The form that asks for this page as of another day, with its filters as they are."""
    request = context["request"]
    kept = [(name, value) for name, values in request.GET.lists() if name != PARAMETER for value in values if value]
    return {"path": request.path, "kept": kept, "chosen": clock.past_day(), "last": last_day(), "name": PARAMETER}

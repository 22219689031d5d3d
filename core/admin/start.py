"""The start page: what needs attention, each thing with a link to the records behind it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db import models
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext

from core import clock, dates, deadlines

AHEAD = timedelta(days=90)
SHOWN = 6


@dataclass(frozen=True)
class Line:
    text: str
    link: str
    note: str = ""


@dataclass(frozen=True)
class Card:
    """One question with its answer: how many, the first few, and where all of them are."""

    title: str | Promise
    count: int
    lines: list[Line]
    link: str
    empty: str | Promise


Source = Callable[..., Iterable[Card]]
_sources: list[Source] = []


def attention(function: Source) -> Source:
    """Registers `function(reader)`, which yields cards of what this reader may see."""
    _sources.append(function)
    return function


def address_of(record: models.Model) -> str:
    """The record's page in the admin, or that of the nearest record above it; empty where there is none."""
    try:
        return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk])
    except NoReverseMatch:
        return ""


def card(title, records: models.QuerySet, *, view: str, empty, note=lambda record: "") -> Card:
    """A card of records whose list has the saved view of that name."""
    meta = records.model._meta
    query = f"?view={view}" if view else ""
    return Card(
        title=title,
        count=records.count(),
        lines=[Line(str(record), address_of(record), note(record)) for record in records[:SHOWN]],
        link=reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist") + query,
        empty=empty,
    )


def fixed_day(request) -> list[str] | None:
    """The label beside the title of every admin page while the day is set by hand."""
    if not clock.is_fixed():
        return None
    return [gettext("It is %(day)s") % {"day": dates.display(clock.today(), "day")}, "warning"]


def start_page(request, context: dict) -> dict:
    """Adds the deadlines of the next 90 days and the cards of every app."""
    today = clock.today()
    due = deadlines.due(request.user, since=today, until=today + AHEAD)
    context["deadlines"] = [(found, (found.record and address_of(found.record)) or found.link) for found in due]
    context["until"] = today + AHEAD
    context["cards"] = [found for source in _sources for found in source(request.user)]
    return context

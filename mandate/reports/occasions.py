"""What the report states of events: those held in the period, those held on a day that nobody recorded, those that lie ahead."""

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date
from urllib.parse import urlencode

from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from core import dates, written
from core.templatetags.parvis import number
from events.enums import EventKind, EventStatus
from events.models import Event, Mission
from events.selectors import occasions
from mandate.enums import ReportSection
from mandate.reports.account import Proof
from mandate.reports.statements import Period, Stated, counted, if_any, proof, statement

HELD = gettext_lazy(
    "Events of these kinds that were held and began in the period, both days included. A beginning known to the month, the "
    "season or the year counts from its first day."
)
UNDATED = gettext_lazy("Events of these kinds that were held, of which no record says when: they count in no period.")
FORTHCOMING = gettext_lazy(
    "Events of these kinds that are planned or confirmed on the day of the figures, whatever their date: also where it has "
    "passed, since no record says that they took place."
)

PLANNED = [EventStatus.PLANNED, EventStatus.CONFIRMED]


def page(name: str, **query: str | Iterable[str]) -> str:
    """The address of a list, narrowed as its own filters narrow it."""
    asked = urlencode(
        {key: value if isinstance(value, str) else list(value) for key, value in query.items()}, doseq=True
    )
    return f"{reverse(name)}?{asked}" if asked else reverse(name)


def begun(period: Period) -> dict[str, str]:
    """What narrows a list of occasions to those that began in the period, as far as that is recorded."""
    since, until = (day.isoformat() for day in period.days)
    return {"begins_after": since, "begins_before": until, "start_recorded": "true"}


def dated(occasion: Event | Mission) -> Proof:
    """The occasion with its date, as exactly as it is known: that of the facts where it took place, the planned one otherwise."""
    return proof(occasion, lambda: _called(occasion))


def _called(occasion: Event | Mission) -> str:
    when = dates.display(*occasion.starts)
    return f"{occasion.title} ({when})" if when else occasion.title


_TOLD: tuple[str, ...] = ("reference", "kind", "status", "title_fr", "title_en")
_TOLD += ("actual_start", "actual_start_precision", "planned_start", "planned_start_precision")


def _told_of(reader, since: date, until: date) -> QuerySet[Event]:
    """Every event that a report of the period tells of: held in it, or on a day that nobody recorded, or planned."""
    held = Q(status=EventStatus.HELD) & (Q(actual_start__range=(since, until)) | Q(actual_start=None))
    found = occasions.events(reader).filter(held | Q(status__in=PLANNED))
    # Of so many events no more than their names and days is told.
    found = found.select_related(None).prefetch_related(None).only(*_TOLD)
    return found.order_by(F("begins").asc(nulls_last=True), "reference")


def states_events(key: str, section: ReportSection, kinds: Collection[EventKind], what: str | Promise) -> None:
    """Registers the three statements on events of these kinds: `<key>-held`, which is always made, `<key>-undated` and
    `<key>-planned`, where there are any. `what` names them in the plural, with a capital."""
    model = "events.event"

    def told(sentence: str | Promise):
        return lambda count: str(sentence) % {"what": what, "count": number(count)}

    def link(statuses: Iterable[str], **narrowed: str) -> str:
        return page("events:events", kind=[str(kind) for kind in kinds], status=list(statuses), **narrowed)

    def found(reader, period: Period, wanted: Callable[[Event], bool]) -> list[Event]:
        events = period.once("events", lambda: written.rows(_told_of, reader, *period.days))
        return [event for event in events if event.kind in kinds and wanted(event)]

    @statement(f"{key}-held", section, model=model, definition=HELD)
    def held(reader, period: Period) -> Iterator[Stated]:
        events = found(reader, period, lambda event: event.has_taken_place and event.actual_start is not None)
        text = told(gettext_lazy("%(what)s held in the period: %(count)s"))
        yield counted(events, text, link=link([EventStatus.HELD], **begun(period)), called=dated)

    @statement(f"{key}-undated", section, model=model, definition=UNDATED)
    def undated(reader, period: Period) -> Iterator[Stated]:
        events = found(reader, period, lambda event: event.has_taken_place and event.actual_start is None)
        text = told(gettext_lazy("%(what)s held on a day that no record gives: %(count)s"))
        whole = link([EventStatus.HELD], start_recorded="false")
        yield from if_any(counted(events, text, link=whole, called=dated))

    @statement(f"{key}-planned", section, model=model, definition=FORTHCOMING)
    def planned(reader, period: Period) -> Iterator[Stated]:
        events = found(reader, period, lambda event: not event.has_taken_place)
        text = told(gettext_lazy("%(what)s planned or confirmed: %(count)s"))
        yield from if_any(counted(events, text, link=link(PLANNED), called=dated))

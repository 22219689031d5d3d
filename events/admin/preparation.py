"""What stands above the form of a mission, a visit, an event or a meeting: what its preparation has to know."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import models
from django.utils.functional import Promise as Text
from django.utils.translation import gettext as _

from core import dates
from core.admin.start import Line, address_of
from core.exceptions import Reason
from events.enums import AHEAD
from events.models import Delegation, Event, Meeting, Mission, Outcome, Participant
from events.selectors import agenda, occasions
from events.selectors import promises as ledger

if TYPE_CHECKING:
    from core.admin.base import RecordAdmin as Page
else:
    Page = object

Subject = Mission | Delegation | Event | Meeting


@dataclass(frozen=True)
class Part:
    """Records that belong together, under a heading; `empty` is what it says where there are none."""

    title: str | Text
    lines: list[Line]
    empty: str | Text = ""


@dataclass(frozen=True)
class Trip:
    """What a mission needs besides: its travellers with what each still lacks, the groups of the Council, its emissions."""

    travellers: list[tuple[Participant, list[Reason]]]
    coverage: occasions.Coverage
    emissions: occasions.Emissions
    emblematic: bool


@dataclass(frozen=True)
class Preparation:
    """`warnings` are urgent; `parts` are the cards below, without those that have nothing to say."""

    warnings: list[Reason] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    trip: Trip | None = None

    @property
    def cards(self) -> list[Part]:
        return [part for part in self.parts if part.lines or part.empty]


class WithPreparation(Page):
    """For the pages of records that are prepared: `prepared(reader, record)` gathers what stands above the form."""

    change_form_outer_before_template = "events/admin/preparation.html"

    def prepared(self, reader, record) -> Preparation:
        return Preparation(parts=[in_two_places(reader, record), still_promised(reader, record)])

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        context["preparation"] = None
        if change and obj is not None:
            # Read again: a form that was refused leaves its values on the record in hand.
            record = self.get_queryset(request).get(pk=obj.pk)
            context["preparation"] = self.prepared(request.user, record)
        return super().render_change_form(request, context, add, change, form_url, obj)


def of(record: models.Model, note: object = "") -> Line:
    return Line(str(record), address_of(record), str(note))


def list_of(title, records: Iterable[models.Model], note=lambda record: "", empty="") -> Part:
    return Part(title, [of(record, note(record)) for record in records], empty)


def when(record) -> str:
    """The beginning of an occasion as exactly as it is known, or what words say of it."""
    return dates.display(*record.starts) or record.when


def in_two_places(reader, record: Subject) -> Part:
    """Who of those who take part is expected elsewhere at the same time; nothing once it is over."""
    title = _("Expected in two places")
    if record.status not in AHEAD:
        return Part(title, [])
    first, last = days_of(record)
    items = agenda.agenda(reader, first, last) if first and last else []
    own = (record._meta.model_name, record.pk)
    lines = []
    for conflict in agenda.conflicts(reader, items) if items else []:
        if own in (conflict.one.key, conflict.other.key):
            other = conflict.other if conflict.one.key == own else conflict.one
            note = _("%(person)s, on %(day)s") % {"person": conflict.person, "day": dates.display(conflict.on, "day")}
            lines.append(Line(other.title, address_of(other.record), note))
    return Part(title, lines)


def days_of(record: Subject) -> tuple:
    """The first and the last day on which the record may take place; None where nobody knows."""
    if isinstance(record, Meeting):
        return record.day, record.day
    (start, precision), (end, end_precision) = record.starts, record.ends
    if start is None:
        return None, None
    return start, dates.last_day(end or start, (end_precision if end else precision) or "day")


def still_promised(reader, record: Subject) -> Part:
    """The open promises with the cities that it brings together: they come back before the next meeting."""
    if record.status not in AHEAD:
        return Part("", [])
    found = ledger.open_promises_with(reader, ledger.cities_of(record))
    return list_of(_("Open promises with these cities"), found, due)


def due(promise) -> str:
    parts = [promise.get_side_display()]
    if promise.due_on:
        parts.append(_("due on %(day)s") % {"day": dates.display(promise.due_on, promise.due_on_precision)})
    return ", ".join(map(str, parts))


def led_here(reader, record: Mission | Delegation | Event) -> Part:
    """The occasions that led to this one."""
    found = occasions.outcomes_before(reader, **{f"led_to_{record._meta.model_name}": record})
    return Part(_("What led to it"), [before(outcome) for outcome in found])


def before(outcome: Outcome) -> Line:
    return Line(str(outcome.subject), address_of(outcome.subject), outcome.what)

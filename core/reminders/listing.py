"""What falls due for somebody, as a page lists it: what is late first, then month by month."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import groupby

from django import forms
from django.db.models import Model
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from core import clock, deadlines
from core.deadlines import Deadline
from core.pages import AskedForm
from core.reminders.words import kind_title
from core.templatetags.parvis import number

# So far back something may be late, and so far ahead somebody may ask, in days.
LATE = timedelta(days=365)
ONLY_LATE = "late"
AHEAD = {
    ONLY_LATE: gettext_lazy("late ones alone"),
    "30": gettext_lazy("30 days"),
    "90": gettext_lazy("90 days"),
    "365": gettext_lazy("one year"),
    "3650": gettext_lazy("ten years"),
}
USUAL = "365"


@dataclass(frozen=True)
class Due:
    """A deadline in the list; `days` from today on, negative where it is late."""

    deadline: Deadline
    days: int
    mine: bool

    @property
    def kind(self) -> str:
        return kind_title(self.deadline.kind)

    @property
    def is_late(self) -> bool:
        return self.days < 0

    @property
    def distance(self) -> str:
        return distance(self.days)


def distance(days: int) -> str:
    """So many days ahead, or late where negative, in words: “in 3 days”, “today”, “2 days late”."""
    if days == 0:
        return _("today")
    if days < 0:
        return ngettext("%(count)s day late", "%(count)s days late", -days) % {"count": number(-days)}
    return ngettext("in %(count)s day", "in %(count)s days", days) % {"count": number(days)}


class Asked(AskedForm):
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False)
    mine = forms.BooleanField(label=gettext_lazy("Only those I answer for"), required=False)
    ahead = forms.BooleanField(label=gettext_lazy("Without the late ones"), required=False)
    within = forms.ChoiceField(label=gettext_lazy("Within"), required=False, choices=list(AHEAD.items()))

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = kind_choices()  # type: ignore[attr-defined]  # a ChoiceField

    @property
    def chosen(self) -> dict[str, str]:
        """What is chosen in each field, also where it is wrong; of how far ahead then the usual, since one is always shown."""
        chosen = {name: value for name in self.fields if (value := self.data.get(name, "").strip())}
        return chosen | {"within": chosen["within"] if chosen.get("within") in AHEAD else USUAL}


def is_narrowed(chosen: dict[str, str]) -> bool:
    return bool(chosen.keys() & {"kind", "mine", "ahead"}) or chosen["within"] == ONLY_LATE


def kind_choices() -> list[tuple[str, str]]:
    """Every kind of deadline with its title, by title."""
    found = [(kind, capfirst(str(source.title))) for kind, source in deadlines.kinds().items()]
    return sorted(found, key=lambda choice: choice[1].casefold())


def due(reader: Model, *, kind: str = "", mine: bool = False, ahead: bool = False, within: str = "") -> list[Due]:
    """What falls due of what the reader may see, soonest first; `within` so many days, late ones of a year included unless
    only what lies `ahead` is asked for, or nothing but the late ones."""
    today = clock.today()
    until = today + timedelta(days=-1 if within == ONLY_LATE else int(within or USUAL))
    since = today if ahead else today - LATE
    found = deadlines.due(reader, since=since, until=until, only=[kind] if kind else [])
    rows = (Due(deadline, (deadline.due - today).days, deadline.owner == reader) for deadline in found)
    return [row for row in rows if row.mine or not mine]


def by_month(rows: list[Due]) -> list[tuple[str, list[Due]]]:
    """The rows under their titles: what is late, then each month."""
    return [(title, list(group)) for title, group in groupby(rows, key=_title)]


def _title(row: Due) -> str:
    if row.is_late:
        return pgettext("deadlines", "Late")
    return capfirst(date_format(row.deadline.due, "YEAR_MONTH_FORMAT"))


def headline(rows: list[Due], *, only_late: bool = False) -> str:
    """“12 deadlines ahead, 3 late”; of the late ones alone where nothing else was asked for."""
    late = sum(row.is_late for row in rows)
    if only_late:
        return ngettext("%(count)s deadline late", "%(count)s deadlines late", late) % {"count": number(late)}
    ahead = len(rows) - late
    said = ngettext("%(count)s deadline ahead", "%(count)s deadlines ahead", ahead) % {"count": number(ahead)}
    if not ahead:
        said = _("No deadline ahead")
    if not late:
        return said
    behind = ngettext("%(count)s late", "%(count)s late", late) % {"count": number(late)}
    return f"{said}, {behind}"

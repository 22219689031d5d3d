"""Charts drawn by the server: positions in percent of the width, so that text keeps its size on any screen and on paper."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta
from django.utils.text import Truncator

from core import clock
from partnerships.models import Agreement

ROW = 44
TOP = 26
NEAR_MONTHS = 6
# What fits beside the longest date on a phone 390 px wide; the table that follows has the whole names.
NAME = 26


@dataclass(frozen=True)
class TimelineRow:
    agreement: Agreement
    label: str
    is_near: bool
    x: str
    text_y: int
    line_y: int


@dataclass(frozen=True)
class Timeline:
    """Expiries from today on; `near` is the end of the first six months, `ticks` the first days of years."""

    rows: list[TimelineRow]
    ticks: list[tuple[str, int]]
    near: str
    height: int
    top: int = TOP - 4

    @property
    def body(self) -> int:
        """The height under the years."""
        return self.height - self.top


def expiry_timeline(agreements: Iterable[Agreement], *, limit: int = 12) -> Timeline | None:
    """The soonest expiries, each on its line; None where no agreement has an expiry."""
    dated = [(agreement.expires_on, agreement) for agreement in agreements if agreement.expires_on]
    dated = sorted(dated, key=lambda pair: (pair[0], pair[1].reference))[:limit]
    if not dated:
        return None
    today = clock.today()
    start = min(today, dated[0][0])
    end = max(dated[-1][0], today + relativedelta(years=2)) + relativedelta(months=2)
    near = today + relativedelta(months=NEAR_MONTHS)

    def x(day: date) -> str:
        # Written with a point in every language: an attribute is no text.
        return f"{100 * (day - start).days / (end - start).days:.2f}%"

    rows = [
        TimelineRow(agreement, _label(agreement), last <= near, x(last), TOP + ROW * n + 18, TOP + ROW * n + 32)
        for n, (last, agreement) in enumerate(dated)
    ]
    years = range(start.year + 1, end.year + 1)
    ticks = [(x(date(year, 1, 1)), year) for year in years if len(years) < 12 or year % 5 == 0]
    return Timeline(rows, ticks, x(near), TOP + ROW * len(rows) + 8)


def _label(agreement: Agreement) -> str:
    """With whom it is, in a few words: the first party, and how many more there are."""
    first, *others = [str(party) for party in agreement.parties.all()] or [agreement.reference]
    return f"{Truncator(first).chars(NAME)} +{len(others)}" if others else Truncator(first).chars(NAME)

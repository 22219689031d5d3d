"""Charts drawn by the server: bars in percent of the width, so that text keeps its size on any screen and on paper."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Bar:
    """`text` is the value as it is read, `width` the length of the bar, `link` the records behind it, where there are some."""

    label: str
    text: str
    width: str
    link: str = ""


def bars(rows: Iterable[tuple[str, int | Decimal, str, str]]) -> list[Bar]:
    """Rows of label, value, text and link as bars; the longest takes the whole width. Nothing where every value is 0."""
    rows = list(rows)
    most = max((Decimal(value) for _label, value, _text, _link in rows), default=Decimal(0))
    if most <= 0:
        return []
    return [Bar(label, text, percent(Decimal(value), most), link) for label, value, text, link in rows]


def percent(part: Decimal, whole: Decimal) -> str:
    """The length of a bar, between 0 and 100 %; written with a point in every language: an attribute is no text."""
    return f"{min(max(100 * part / whole, Decimal(0)), Decimal(100)):.2f}%"

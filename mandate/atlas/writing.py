"""The rows of the map's table and the symbols of its drawings, as HTML.

Written here and not in templates: there are so many of both that to look up every word of them in a template took longer than
to find and to place the cities.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from html import escape

from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from core.templatetags.parvis import euros
from mandate.atlas.atlas import Row
from mandate.atlas.drawing import Drawing, Symbol
from mandate.presentation import Proved
from partnerships.presentation import Mark


def symbols(drawing: Drawing) -> SafeString:
    """The dots of a drawing, then its symbols with their names, each a link to its city."""
    dots = (
        f'<path class="dot {dot.place.family.value}" data-city="{escape(dot.place.slug)}" d="{dot.shape}"></path>'
        for dot in drawing.dots
    )
    committed = _("euros committed:")
    parts = [*dots, *(part for symbol in drawing.symbols for part in _symbol(symbol, committed))]
    return mark_safe("".join(parts))  # each text in it is escaped above and below


def _symbol(symbol: Symbol, committed: str) -> Iterator[str]:
    place, text, x, y = symbol.place, symbol.text, symbol.x, symbol.y
    name, look = escape(place.name), place.family.value if symbol.is_known else f"{place.family.value} not-known"
    told = f"{name}, {escape(f'{place.country} — {place.words} — {committed} {symbol.amount}')}"
    yield f'<a class="place {look}" href="{escape(place.address)}" data-city="{escape(place.slug)}" aria-label="{told}">'
    if symbol.home:
        left, top = symbol.home
        yield f'<line class="leader" x1="{left}" y1="{top}" x2="{x}" y2="{y}"></line>'
        yield f'<circle class="home" cx="{left}" cy="{top}" r="1.2"></circle>'
    if text.line_to:
        yield f'<line class="leader" x1="{x}" y1="{y}" x2="{text.line_to[0]}" y2="{text.line_to[1]}"></line>'
    yield f'<circle class="reach" cx="{x}" cy="{y}" r="{symbol.reach}"></circle><path d="{symbol.shape}"></path>'
    spare = ' class="spare"' if text.is_spare else ""
    yield f'<text{spare} x="{text.x}" y="{text.y}" text-anchor="{text.anchor}">{name}</text></a>\n'


def table_rows(rows: Sequence[Row]) -> SafeString:
    """The cities with their ties and euros (EUR), each amount a link to the records that add up to it."""
    shapes = {family: str(render_to_string("partnerships/mark.html", {"family": family})) for family in _families(rows)}
    unplaced, by_grants, by_projects = _("no coordinates recorded"), _("Grants voted:"), _("Projects:")
    label, unknown = escape(_("Euros committed:")), escape(_("not known"))
    parts = []
    for row in rows:
        city, slug, total, behind = row.city, row.city.slug, row.euros.total, Proved(row.city, row.euros)
        where = str(city.country.name) if row.is_placed else f"{city.country.name} · {unplaced}"
        ties = "".join(_mark(mark, shapes) for mark in row.marks)
        known = (
            f'<span class="unknown">{unknown}</span>' if total is None else f"<strong>{escape(euros(total))}</strong>"
        )
        parts += [
            f'<tr data-city="{escape(slug)}"><th scope="row"><a href="{escape(city.get_absolute_url())}">{escape(city.name)}</a>',
            f'<span class="second">{escape(where)}</span></th><td><ul class="marks">{ties}</ul></td>',
            _amount(by_grants, behind, "grants"),
            _amount(by_projects, behind, "projects"),
            f'<td class="number" data-label="{label}">{known}</td></tr>\n',
        ]
    return mark_safe("".join(parts))  # each text in it is escaped above and below


def _families(rows: Sequence[Row]) -> set[str]:
    return {mark.family.value for row in rows for mark in row.marks}


def _mark(mark: Mark, shapes: Mapping[str, str]) -> str:
    return f'<li class="mark {mark.family.value}">{shapes[mark.family.value]}<span>{escape(mark.words)}</span></li>'


def _amount(label: str, behind: Proved, part: str) -> str:
    amount: Decimal | None = getattr(behind.euros, part)
    if amount is None:
        none = escape(_("none recorded"))
        return f'<td class="number none" data-label="{escape(label)}"><span class="unknown">{none}</span></td>'
    address = escape(getattr(behind, part))
    return f'<td class="number" data-label="{escape(label)}"><a href="{address}">{escape(euros(amount))}</a></td>'

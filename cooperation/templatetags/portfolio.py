"""How cooperation is shown in templates."""

from collections.abc import Iterable
from decimal import Decimal

from babel.numbers import format_currency
from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from cooperation import presentation
from cooperation.charts import Bar
from core.as_of.pages import on_that_day
from core.templatetags.parvis import LOCALES, euros
from core.translated import active_language

register = template.Library()


@register.filter
def next_missing(project):
    """What the next step of the project's life still lacks (`presentation.next_missing`)."""
    return presentation.next_missing(project)


@register.simple_tag
def money(amount: Decimal, currency: str) -> str:
    """An amount in its own currency: `€1,000`, `US$1,000.50`; cents only where there are any."""
    if currency == "EUR":
        return euros(amount)
    whole = Decimal(amount) == Decimal(amount).to_integral_value()
    pattern = {"fr": "#,##0.00\xa0¤", "en": "¤#,##0.00"}[active_language()]
    shown = pattern.replace(".00", "") if whole else pattern
    return format_currency(amount, currency, shown, locale=LOCALES[active_language()], currency_digits=False)


_BAR = (
    '<div class="bar"><span>{}</span> <strong>{}</strong>'
    '<svg height="12" width="100%" aria-hidden="true" focusable="false"><rect class="track" width="100%" height="12" />'
    '<rect class="length" width="{}" height="12" /></svg></div>'
)


@register.filter
def drawn(bars: Iterable[Bar]) -> SafeString:
    """The bars themselves, written in one go as well."""
    return format_html_join("", _BAR, ((bar.label, bar.text, bar.width) for bar in bars))


@register.filter
def as_rows(bars: Iterable[Bar]) -> SafeString:
    """The bars as the rows of a table, the label linked where it leads to records: written in one go, for there may be dozens."""
    cells = (
        (format_html('<a href="{}">{}</a>', on_that_day(bar.link), bar.label) if bar.link else bar.label, bar.text)
        for bar in bars
    )
    return format_html_join("", '<tr><th scope="row">{}</th><td class="number">{}</td></tr>', cells)


@register.filter
def item(mapping: dict, key):
    """The value of the key; None where there is none."""
    return mapping.get(key)


@register.filter
def after(rows: list, shown: int) -> int:
    """How many rows there are beyond the first so many."""
    return max(len(rows) - shown, 0)

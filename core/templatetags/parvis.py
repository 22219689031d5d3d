"""What every page writes: money, numbers and days as the reader's language writes them, and who can see what."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Protocol

from babel.numbers import get_decimal_symbol, get_group_symbol, get_minus_sign_symbol
from django import template
from django.db import models
from django.forms import BoundField, CheckboxInput
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from core import access, citations, dates, navigation
from core.enums import Audience
from core.filters import COMMA
from core.panels import Panel
from core.translated import active_language, fallback_language

register = template.Library()
LOCALES = {"fr": "fr_FR", "en": "en_GB"}


@dataclass(frozen=True)
class _Written:
    """How a language writes a number, as the CLDR has it: asked once, since babel reads its tables anew for every number."""

    group: str
    point: str
    minus: str
    euros: str
    percent: str

    def number(self, plain: str) -> str:
        """`1,234.5`, as Python writes it, in the language's own signs."""
        return plain.translate({ord(","): self.group, ord("."): self.point, ord("-"): self.minus})


class Named(Protocol):
    """A record by its name, its reference and its page; the last two may be empty."""

    @property
    def name(self) -> str: ...
    @property
    def reference(self) -> str: ...
    @property
    def link(self) -> str: ...


def _written(language: str, euros: str, percent: str) -> _Written:
    locale = LOCALES[language]
    return _Written(get_group_symbol(locale), get_decimal_symbol(locale), get_minus_sign_symbol(locale), euros, percent)


WRITTEN = {"fr": _written("fr", "{sign}{amount}\xa0€", "{}\xa0%"), "en": _written("en", "{sign}€{amount}", "{}%")}
PARTS = Decimal("0.001")
SELECTED = mark_safe(" selected")


@register.filter
def euros(amount: Decimal | int | None) -> str:
    """An amount in EUR: `1 380 000 €` in French (non-breaking spaces), `€1,380,000` in English; cents only where there are any.

    Empty for None: the page says in words that the amount is not known.
    """
    if amount is None:
        return ""
    exact, written = Decimal(amount), WRITTEN[active_language()]
    plain = f"{exact.copy_abs():,.0f}" if exact == exact.to_integral_value() else f"{exact.copy_abs():,.2f}"
    return written.euros.format(sign=written.minus if exact.is_signed() else "", amount=written.number(plain))


@register.filter
def signed_euros(amount: Decimal | int) -> str:
    """A change of an amount in EUR, with its sign: `+€1,000`, `-€1,000`."""
    return f"+{euros(amount)}" if amount > 0 else euros(amount)


@register.simple_tag
def lang_of(record: models.Model, name: str) -> str:
    """The attribute of an element that holds a text in two languages, where the reader's one is missing: ` lang="fr"`."""
    other = fallback_language(record, name)
    return format_html(' lang="{}"', other) if other else ""


@register.filter
def number(value: float | Decimal | None) -> str:
    """A number with the separators of the reader's language; empty for None."""
    if value is None:
        return ""
    plain = f"{Decimal(str(value)).quantize(PARTS, ROUND_HALF_EVEN):,f}".rstrip("0").rstrip(".")
    return WRITTEN[active_language()].number(plain)


@register.filter
def percent(value: float | Decimal | None) -> str:
    """A rate in per cent: `25 %` in French (a space that does not break), `25%` in English; empty for None."""
    return "" if value is None else WRITTEN[active_language()].percent.format(number(value))


@register.filter
def day(value: date | None) -> str:
    """A whole day: `1 June 2015`, `1er juin 2015`."""
    if isinstance(value, datetime):
        value = timezone.localtime(value)
    return dates.display(value, "day") if value else ""


@register.filter
def moment(value: datetime | None) -> str:
    """A day and its hour, in local time: `1 June 2015, 08:00`, `1er juin 2015, 08:00`."""
    return f"{day(value)}, {timezone.localtime(value):%H:%M}" if value else ""


@register.simple_tag
def when(record: models.Model, name: str) -> str:
    """A date by the name of its field, as exactly as it is known; empty where there is none."""
    return dates.display(getattr(record, name), getattr(record, f"{name}_precision", "day"))


@register.simple_tag
def period(record: models.Model) -> str:
    """From when to when, for a record with `since` and `until`: `since 2013`, `since 2013, until 2016`; empty where nothing is said."""
    parts = []
    since, until = when(record, "since"), when(record, "until")
    if since:
        known = getattr(record, "since", None) is not None
        parts.append(_("since %(date)s") % {"date": since} if known else _("beginning not known"))
    if until:
        known = getattr(record, "until", None) is not None
        parts.append(_("until %(date)s") % {"date": until} if known else _("end not known"))
    return ", ".join(parts)


@register.filter
def audience_label(audience: str) -> str:
    return str(Audience(audience).label)


@register.simple_tag(takes_context=True)
def admin_link(context, record: models.Model) -> str:
    """The address of the record in the admin, for those who may change it there; empty for the others."""
    from django.urls import reverse

    user = context["request"].user
    if not access.works_in_admin(user) or not access.may(user, "change", type(record)):
        return ""
    return reverse(f"admin:{record._meta.app_label}_{record._meta.model_name}_change", args=[record.pk])


@register.simple_tag(takes_context=True)
def works_in_admin(context) -> bool:
    return access.works_in_admin(context["request"].user)


@register.simple_tag(takes_context=True)
def here(context) -> str:
    """The name of the page; empty where the address leads to none."""
    match = context["request"].resolver_match
    return match.view_name if match else ""


@register.simple_tag(takes_context=True)
def main_navigation(context) -> list[tuple[navigation.Entry, str]]:
    """The reader's entries of the main navigation, each with its `aria-current` on this page; empty where it is elsewhere."""
    name, reader = here(context), context["request"].user
    return [(entry, entry.current(name)) for entry in navigation.entries() if entry.is_for(reader)]


@register.filter
def is_checkbox(field: BoundField) -> bool:
    return isinstance(field.field.widget, CheckboxInput)


@register.filter
def without_placeholder(field: BoundField) -> str:
    """The field's widget; its label stands above it, so a grey copy within says nothing more."""
    field.field.widget.attrs.pop("placeholder", None)
    return str(field)


@register.simple_tag(takes_context=True)
def page_address(context, page: int) -> str:
    """The address of another page of this list, with the filters as they are."""
    query = context["request"].GET.copy()
    query["page"] = page
    return f"?{query.urlencode()}"


@register.filter
def as_options(options: Iterable[tuple[str, str]], selected: str) -> SafeString:
    """The options of a list to choose from, written in one go: there are hundreds of cities.

    Several that are chosen at once, with commas between, are an option of their own, which is kept with the form.
    """
    options = list(options)
    if COMMA in selected:
        labels = {str(value): str(text) for value, text in options}
        names = ", ".join(labels.get(value, value) for value in selected.split(COMMA))
        options.insert(0, (selected, _("Several: %(names)s") % {"names": names}))
    rows = ((value, SELECTED if value == selected else "", capfirst(str(text))) for value, text in options)
    return format_html_join("", '<option value="{}"{}>{}</option>', rows)


# An entry of a list by whether the record has a page, and a reference.
_ENTRIES = {
    (True, True): '<li><a href="{1}">{0}</a> <span class="muted">{2}</span></li>',
    (True, False): '<li><a href="{1}">{0}</a></li>',
    (False, True): '<li>{0} <span class="muted">{2}</span></li>',
    (False, False): "<li>{0}</li>",
}


@register.filter
def as_links(records: Iterable[Named]) -> SafeString:
    """Records as the entries of a list, each linked where it has a page, with its reference: there may be hundreds on a page."""
    return format_html_join("", "{}", ((_entry(record),) for record in records))


def _entry(record: Named) -> SafeString:
    written = _ENTRIES[bool(record.link), bool(record.reference)]
    return format_html(written, record.name, record.link, record.reference)


@register.filter
def by_source(cited) -> list[citations.Cited]:
    """The citations put together by source, each place once (`citations.by_source`)."""
    return citations.by_source(cited)


@register.simple_tag(takes_context=True)
def show_panel(context, panel: Panel) -> str:
    """What stands under the title of a section that another app adds (`core.panels`)."""
    template = context.template.engine.get_template(panel.template)
    with context.push(**panel.context):
        return template.render(context)

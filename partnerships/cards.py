"""The key figures of the register, each with its definition and the address of the records behind it."""

from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.figures import Query, Share, figure
from core.templatetags.parvis import number, percent
from partnerships import presentation


@dataclass(frozen=True)
class Card:
    """`value` is what is read; an empty one means that there is nothing to count, which is not the same as 0. `link` leads to the
    records that it counts, `note_link` to those of a note that counts others."""

    label: str
    value: str
    note: str
    definition: str
    link: str
    is_alert: bool = False
    note_link: str = ""


def _published(name: str, value: str, note: str) -> Card:
    known = figure(name)
    return Card(str(known.label), value, note, str(known.definition), _list(known.resource, known.query))


def _list(resource: str, query: Query) -> str:
    return f"{reverse(f'partnerships:{resource}')}?{urlencode(query, doseq=True)}#results"


def partner_cities(*, partners: int, countries: int) -> Card:
    counted = ngettext("%(count)s country", "%(count)s countries", countries) % {"count": number(countries)}
    return _published("partner-cities", number(partners), _("in %(countries)s") % {"countries": counted})


def live_agreements(*, live: int, in_force: int) -> Card:
    """Those signed; the note says how many of them are known to have effect."""
    return _published("live-agreements", number(live), presentation.in_force(in_force))


def gender_clause(share: Share) -> Card:
    """Leads to those with the clause; the note, to all the live agreements with cities."""
    known = figure("gender-clause")
    counted = {"part": number(share.part), "whole": number(share.whole)}
    note = _("live agreements with cities (%(percent)s)") % {"percent": percent(share.percent)}
    return Card(
        label=str(known.label),
        value=_("%(part)s of %(whole)s") % counted if share.whole else "",
        note=note if share.whole else _("no live agreement with a city"),
        definition=str(known.definition),
        link=_list(known.resource, known.part_query or {}),
        note_link=_list(known.resource, known.query) if share.whole else "",
    )

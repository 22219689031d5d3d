"""The five key figures of the home page, each with its definition and the address of the records behind it."""

from dataclasses import dataclass

from dateutil.relativedelta import relativedelta
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import clock
from core.figures import figure
from core.templatetags.parvis import number
from partnerships import presentation, selectors
from partnerships.enums import CHAIRING, LIVE


@dataclass(frozen=True)
class Card:
    """`value` is what is read; an empty one means that there is nothing to count, which is not the same as 0."""

    label: str
    value: str
    note: str
    definition: str
    link: str
    is_alert: bool = False


def key_figures(reader, *, partners: int, countries: int) -> list[Card]:
    """The cards of the home page, in their order; the two counts are those that the page has read already."""
    live = selectors.live_agreements(reader).count()
    return [
        _partner_cities(partners, countries),
        _live(reader, live),
        _expiring(reader, live),
        _chaired(reader),
        _ambassadors(reader),
    ]


def country_count(countries: int) -> str:
    return ngettext("%(count)s country", "%(count)s countries", countries) % {"count": number(countries)}


def _list(name: str, query: dict) -> str:
    return f"{reverse(f'partnerships:{name}')}?{urlencode(query, doseq=True)}"


def _published(name: str, value: str, note: str, link: str = "") -> Card:
    known = figure(name)
    return Card(str(known.label), value, note, str(known.definition), link or _list(known.resource, known.query))


def _partner_cities(partners: int, countries: int) -> Card:
    return _published(
        "partner-cities", number(partners), _("in %(countries)s") % {"countries": country_count(countries)}
    )


def _live(reader, live: int) -> Card:
    in_force = selectors.agreements_in_force(reader).count()
    return _published("live-agreements", number(live), presentation.in_force(in_force))


def _expiring(reader, live: int) -> Card:
    expiring = selectors.expiring(reader).count()
    limit = clock.today() + relativedelta(months=6)
    query = {"status": LIVE, "tacit_renewal": "false", "expires_before": limit.isoformat()}
    return Card(
        label=_("Expire within six months"),
        value=number(expiring),
        note=_("to renew or to end") if expiring else _no_expiry(reader, live),
        definition=_(
            "Live agreements whose last day comes within six months, or has passed without being noted, "
            "and that do not renew themselves. Those without a recorded end are not counted."
        ),
        link=_list("agreements", query),
        is_alert=bool(expiring),
    )


def _no_expiry(reader, live: int) -> str:
    """Nothing to decide, as far as the ends are recorded at all."""
    undated = selectors.without_recorded_end(reader).count()
    if undated:
        return _("no end is recorded for %(part)s of %(whole)s") % {"part": number(undated), "whole": number(live)}
    return _("nothing to decide")


def _chaired(reader) -> Card:
    chaired = list(selectors.chaired_networks(reader))
    return Card(
        label=_("Networks chaired"),
        value=number(len(chaired)),
        note=", ".join(network.acronym or network.name for network in chaired[:3]) or _("none today"),
        definition=_("Networks in which the City chairs the whole or a commission today."),
        link=_list("networks", {"role": CHAIRING}),
    )


def _ambassadors(reader) -> Card:
    coverage = selectors.ambassador_coverage(reader)
    counted = {"part": number(coverage.part), "whole": number(coverage.whole)}
    value = _("%(part)s of %(whole)s") % counted if coverage.whole else ""
    note = _("countries of agreement cities") if coverage.whole else _("no agreement with a city yet")
    return _published("ambassador-coverage", value, note, "#ambassadors")

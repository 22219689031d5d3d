"""The key figures of the portfolio, each with its definition and the address of the records behind it."""

from decimal import Decimal

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cooperation import presentation, selectors
from core import written
from core.figures import Query, Share, figure
from core.templatetags.parvis import euros, number
from partnerships.cards import Card


def key_figures(reader, *, under_way: int, cities: int) -> list[Card]:
    """The cards of the portfolio, in their order; the two counts are those that the page has read already."""
    live = selectors.projects
    transversal, in_priority = live.shares(reader, live.is_transversal(), live.is_in_priority_field())
    return [
        _card(
            "projects-under-way",
            number(under_way),
            _("in %(cities)s") % {"cities": presentation.counted_cities(cities)} if under_way else _("none today"),
            projects_list({"stage": "under-way", "part": "false"}),
        ),
        external_euros(reader),
        _share("transversality", transversal),
        _share("priority-fields", in_priority),
        _obtained(reader),
    ]


def projects_list(query: Query) -> str:
    return f"{reverse('cooperation:projects')}?{urlencode(query, doseq=True)}#results"


def _card(name: str, value: str, note: str, link: str) -> Card:
    known = figure(name)
    return Card(str(known.label), value, note, str(known.definition), link)


def external_euros(reader) -> Card:
    """The ratio with the number of projects that it rests on: a high one that rests on one project says little."""
    ratio = selectors.money.external_per_city_euro(reader)
    (resting,) = written.counts(reader, (selectors.money.projects_with_commitments,))
    if not resting:
        note = _("not known: no sum is recorded")
    elif ratio.value is None:
        note = _("not known: the City has committed none")
    else:
        note = ngettext("rests on %(count)s project", "rests on %(count)s projects", resting)
        note %= {"count": number(resting)}
    value = "" if ratio.value is None else euros(ratio.value)
    return _card("external-per-city-euro", value, str(ratio.note or note), projects_list({"cash_committed": "true"}))


def _share(name: str, share: Share) -> Card:
    counted = {"part": number(share.part), "whole": number(share.whole)}
    value = _("%(part)s of %(whole)s") % counted if share.whole else ""
    note = _("projects from idea to under way") if share.whole else _("no project from idea to under way")
    return _card(name, value, note, projects_list(figure(name).part_query or {}))


def _obtained(reader) -> Card:
    # Only what is won has an amount obtained, and it has one (a constraint of applications).
    accounts = selectors.calls.by_year(reader)
    sent = sum(account.sent for account in accounts)
    won = sum(account.won for account in accounts)
    obtained = sum((account.obtained for account in accounts), Decimal(0)) if won else None
    if won:
        note = ngettext("%(part)s of %(whole)s applications won", "%(part)s of %(whole)s applications won", won)
        note %= {"part": number(won), "whole": number(sent)}
    elif sent:
        note = ngettext("%(count)s application sent, none won", "%(count)s applications sent, none won", sent)
        note %= {"count": number(sent)}
    else:
        note = _("no application was sent")
    return _card("applications-obtained", euros(obtained), note, f"{reverse('cooperation:calls')}#applications")

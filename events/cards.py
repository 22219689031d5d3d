"""The key figures of missions and promises, each with its definition and the address of the records behind it."""

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.figures import Query, Share, figure
from core.templatetags.parvis import number
from events import selectors
from partnerships.cards import Card


def _card(name: str, value: str, note: str, *, is_alert: bool = False, query: Query | None = None) -> Card:
    known = figure(name)
    asked = urlencode(known.query if query is None else query, doseq=True)
    return Card(
        str(known.label),
        value,
        note,
        str(known.definition),
        f"{reverse(f'events:{known.resource}')}?{asked}#results",
        is_alert,
    )


def mission_figures(reader, *, ahead: int, done: int) -> list[Card]:
    """The cards of the page of missions; the two counts are those that the page has read already."""
    return [
        _card("missions-ahead", number(ahead), _("ideas, plans and confirmed ones")),
        _card("missions-done", number(done), _("in all years")),
        _share(
            "emblematic-with-all-groups",
            selectors.occasions.emblematic_with_all_groups(reader),
            _("emblematic missions whose groups are recorded"),
            _("not known: of no emblematic mission are the groups recorded"),
        ),
    ]


def promise_figures(reader, *, still_open: int, overdue: int, ours: int) -> list[Card]:
    """The cards of the ledger; the counts are those that the page has read already."""
    return [
        open_promises(still_open=still_open, overdue=overdue, ours=ours),
        _share(
            "promises-kept",
            selectors.promises.kept_share(reader),
            _("promises of ours that are settled"),
            _("no promise of ours is settled yet"),
        ),
    ]


def open_promises(*, still_open: int, overdue: int, ours: int) -> Card:
    """`ours` of the overdue ones are promises that our City made; the others were made to it."""
    late = ngettext("%(count)s overdue", "%(count)s overdue", overdue) % {"count": number(overdue)}
    sides = {"late": late, "ours": number(ours), "theirs": number(overdue - ours)}
    late = _("%(late)s: %(ours)s the City’s, %(theirs)s the partners’") % sides
    note = late if overdue else _("none overdue")
    return _card("promises-open", number(still_open), note, is_alert=bool(overdue))


def _share(name: str, share: Share, counted: str, none: str) -> Card:
    value = _("%(part)s of %(whole)s") % {"part": number(share.part), "whole": number(share.whole)}
    query = figure(name).part_query or figure(name).query
    return _card(name, value if share.whole else "", counted if share.whole else none, query=query)

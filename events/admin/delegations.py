"""Delegations that the City receives: from where, to see what, with whom."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.admin import columns
from core.admin.base import Place
from core.admin.inlines import RowsTable
from core.admin.listing import SavedView
from events.admin import preparation
from events.admin.occasions import COLOURS, EVENTS, CityFilter, OccasionAdmin, YearFilter
from events.admin.rows import MeetingRows, OutcomeRows, ParticipantRows, ProgrammeRows, PromiseRows, TieRows
from events.enums import AHEAD, ParticipantRole
from events.models import Delegation, Expertise
from events.selectors import occasions as selectors


class MemberRows(ParticipantRows):
    verbose_name_plural = _("members and hosts")


class ExpertiseRows(RowsTable):
    model = Expertise
    fields = ["what_fr", "what_en", "theme", "shown_by"]
    tab = True


def expected(reader):
    return selectors.delegations(reader).filter(status__in=AHEAD)


def host_names(delegation: Delegation) -> str:
    return ", ".join(str(one) for one in delegation.participants.all() if one.role == ParticipantRole.HOST)


@admin.register(Delegation)
class DelegationAdmin(OccasionAdmin):
    list_display = [
        "reference",
        columns.text("title", _("title"), "title_fr"),
        columns.text("origin", pgettext_lazy("delegation", "from")),
        "when",
        columns.state("status", _("status"), COLOURS),
        columns.text("theme", _("theme"), "theme__name_fr"),
        "headcount",
    ]
    list_display_links = ["reference", list_display[1]]
    list_filter = ["status", "theme", YearFilter, CityFilter]
    about = [
        "reference",
        ("title_fr", "title_en"),
        ("city", "country"),
        "organisation",
        ("theme", "headcount"),
        ("purpose_fr", "purpose_en"),
        "event",
    ]
    help_text = _("Members, hosts, programme, what is shown, meetings, outcomes and promises are in the tabs.")
    sidebar = Place(310, "flight_land", EVENTS)
    views = (
        SavedView("expected", pgettext_lazy("delegations", "Expected"), expected),
        SavedView("received", pgettext_lazy("delegations", "Received"), selectors.delegations_received),
    )
    export_columns = {"hosts": (_("hosts"), host_names)}
    about_city = staticmethod(selectors.delegations_from)

    def get_queryset(self, request):
        return selectors.delegations(request.user).order_by(*self.get_ordering(request))

    def get_inlines(self, request, obj):
        later: list[Any] = [OutcomeRows, PromiseRows] if obj else []
        own = [MemberRows, ProgrammeRows, ExpertiseRows, MeetingRows, TieRows]
        return [*own, *later, *super().get_inlines(request, obj)]

    def prepared(self, reader, record: Delegation) -> preparation.Preparation:
        parts = [
            preparation.in_two_places(reader, record),
            preparation.still_promised(reader, record),
            preparation.led_here(reader, record),
        ]
        return preparation.Preparation(parts=parts)

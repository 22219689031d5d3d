"""Events: summits, statutory meetings, working groups and their sessions, festivals, remembrance, bids."""

from typing import Any

from django.contrib import admin
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action

from core.access import may
from core.admin import columns
from core.admin.base import Place
from core.admin.inlines import RowsStack, RowsTable
from core.admin.listing import SavedView
from events.admin import preparation
from events.admin.occasions import COLOURS, EVENTS, CityFilter, OccasionAdmin, YearFilter
from events.admin.rows import MeetingRows, OutcomeRows, ParticipantRows, ProgrammeRows, PromiseRows, TieRows
from events.enums import AHEAD, SERIES, EventKind
from events.models import BidStage, Event, Precondition
from events.selectors import occasions as selectors


class PreconditionRows(RowsTable):
    model = Precondition
    fields = ["what_fr", "what_en", "met_on", "met_on_precision"]
    tab = True


class StageRows(RowsStack):
    model = BidStage
    fields = [
        ("title_fr", "title_en"),
        ("due_on", "due_on_precision"),
        ("passed_on", "passed_on_precision"),
        ("result_fr", "result_en"),
    ]
    tab = True


def ahead(reader):
    return selectors.events(reader).filter(status__in=AHEAD).exclude(kind=EventKind.WORLD)


def place_of(event: Event) -> str:
    """Where it was held, or is planned."""
    city, venue = event.place
    return ", ".join(str(part) for part in (venue, city) if part)


def parts_of(kind: str) -> EventKind | None:
    """The kind of the events that one of this kind consists of."""
    return next((part for part, wholes in SERIES.items() if kind in wholes), None)  # type: ignore[return-value]


@admin.register(Event)
class EventAdmin(OccasionAdmin):
    list_display = [
        "reference",
        columns.text("title", _("title"), "title_fr"),
        "kind",
        columns.text("network", _("network"), "network__name_fr"),
        "place",
        "when",
        columns.state("status", _("status"), COLOURS),
    ]
    list_display_links = ["reference", list_display[1]]
    list_filter = ["status", "kind", "network", YearFilter, CityFilter]
    about = [
        "reference",
        ("title_fr", "title_en"),
        ("kind", "network"),
        "part_of",
        ("purpose_fr", "purpose_en"),
    ]
    happened = [*OccasionAdmin.happened, "held_city", ("held_venue_fr", "held_venue_en")]
    help_text = _(
        "Participants, preconditions, programme, meetings, outcomes and promises are in the tabs; a bid has its stages there."
    )
    actions_detail = ["add_part"]
    sidebar = Place(320, "event", EVENTS)
    views = (
        SavedView("ahead", _("Ahead"), ahead),
        SavedView("remembrance", _("Remembrance held"), selectors.remembrance),
    )
    export_columns = {"place": (_("place"), place_of)}
    about_city = staticmethod(selectors.events_about)

    def get_queryset(self, request):
        return selectors.events(request.user).order_by(*self.get_ordering(request))

    def more(self, obj):
        return [(_("Planned place"), ["planned_city", ("planned_venue_fr", "planned_venue_en")])]

    def get_inlines(self, request, obj):
        """Only a bid has stages; what came of it follows once it has its number."""
        stages: list[Any] = [StageRows] if obj is not None and obj.kind == EventKind.BID else []
        later: list[Any] = [OutcomeRows, PromiseRows] if obj else []
        own = [ParticipantRows, PreconditionRows, *stages, ProgrammeRows, MeetingRows, TieRows]
        return [*own, *later, *super().get_inlines(request, obj)]

    def prepared(self, reader, record: Event) -> preparation.Preparation:
        part = parts_of(record.kind)
        parts = selectors.events(reader).filter(part_of=record)
        missions = selectors.missions(reader).filter(event=record)
        delegations = selectors.delegations(reader).filter(event=record)
        cards = [
            preparation.list_of(
                _("Sessions") if part == EventKind.SESSION else _("Editions"),
                parts,
                preparation.when,
                empty=_("None is recorded yet.") if part else "",
            ),
            preparation.in_two_places(reader, record),
            preparation.still_promised(reader, record),
            preparation.list_of(_("Missions that go to it"), missions, preparation.when),
            preparation.list_of(_("Delegations that come for it"), delegations, preparation.when),
            preparation.led_here(reader, record),
        ]
        return preparation.Preparation(parts=cards)

    def has_add_part_permission(self, request, object_id=None) -> bool:
        event = Event.objects.visible_to(request.user).filter(pk=object_id).first() if object_id else None
        return event is not None and parts_of(event.kind) is not None and may(request.user, "add", Event)

    @action(description=_("Add a session or an edition"), url_path="add-part", permissions=["add_part"], icon="add")
    def add_part(self, request, object_id):
        event = self.get_object(request, object_id)
        if event is None:
            return self.to_list()
        return redirect(f"{reverse('admin:events_event_add')}?part_of={event.pk}&kind={parts_of(event.kind)}")

    @admin.display(description=_("place"))
    def place(self, event: Event) -> str:
        return place_of(event)

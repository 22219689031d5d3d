"""Meetings: who takes part, what is on the agenda, what was said."""

from typing import Any

from django.contrib import admin
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.decorators import action

from core.admin import columns
from core.admin.base import Place, RecordAdmin
from core.admin.listing import SavedView
from core.admin.start import address_of
from events.admin import preparation
from events.admin.occasions import COLOURS, EVENTS, CityFilter
from events.admin.rows import NoteRows, ParticipantRows, PromiseRows, TieRows
from events.enums import MeetingStatus
from events.models import Meeting
from events.selectors import occasions as selectors


def planned(reader):
    return selectors.meetings(reader).filter(status=MeetingStatus.PLANNED)


@admin.register(Meeting)
class MeetingAdmin(preparation.WithPreparation, RecordAdmin):
    """From the trip, visit or event that it belongs to, and back to it; or on its own."""

    list_display = [
        columns.text("title", _("title"), "title_fr"),
        "kind",
        columns.day("day", _("date")),
        columns.text("city", _("city"), "city__name_fr"),
        columns.text("subject", _("within")),
        columns.state("status", _("status"), COLOURS),
    ]
    list_filter = ["status", "kind", CityFilter]
    actions_detail = ["open_occasion"]
    sidebar = Place(330, "handshake", EVENTS)
    views = (SavedView("planned", pgettext_lazy("meetings", "Planned"), planned),)
    about_city = staticmethod(selectors.meetings_with)

    def get_queryset(self, request):
        return selectors.meetings(request.user).order_by(*self.get_ordering(request))

    def has_delete_permission(self, request, obj=None) -> bool:
        """What was held or cancelled stays, with what was said."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.status == MeetingStatus.PLANNED)

    def get_inlines(self, request, obj):
        later: list[Any] = [NoteRows, PromiseRows] if obj else []
        return [ParticipantRows, TieRows, *later, *super().get_inlines(request, obj)]

    def get_fieldsets(self, request, obj=None):
        fieldsets: list[tuple[Any, Any]] = [
            (
                _("What it is"),
                {
                    "fields": [
                        ("title_fr", "title_en"),
                        ("kind", "city"),
                        ("day", "day_precision"),
                        ("starts_at", "ends_at"),
                        "place",
                    ]
                },
            ),
            (_("Agenda of the meeting"), {"fields": [("agenda_fr", "agenda_en")]}),
            (
                _("Within"),
                {
                    "fields": ["mission", "delegation", "event"],
                    "description": _("The one occasion on which it takes place; none where it stands alone."),
                },
            ),
        ]
        if obj is not None and obj.cancelled_reason:
            fieldsets.insert(0, (_("Why it is cancelled"), {"fields": ["cancelled_reason"]}))
        return fieldsets

    def get_readonly_fields(self, request, obj=None):
        return ["cancelled_reason"]

    def response_post_save_change(self, request, obj):
        if obj.subject is None:
            return super().response_post_save_change(request, obj)
        return redirect(f"{address_of(obj.subject)}#meetings")

    def has_open_occasion_permission(self, request, object_id=None) -> bool:
        found = Meeting.objects.visible_to(request.user).filter(pk=object_id).first() if object_id else None
        return found is not None and found.subject is not None

    @action(
        description=_("Open what it belongs to"),
        url_path="occasion",
        permissions=["open_occasion"],
        icon="arrow_back",
    )
    def open_occasion(self, request, object_id):
        meeting = self.get_object(request, object_id)
        if meeting is None or meeting.subject is None:
            return redirect(reverse("admin:events_meeting_changelist"))
        return redirect(f"{address_of(meeting.subject)}#meetings")

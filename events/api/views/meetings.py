"""Meetings, and the ledger of promises."""

from typing import Any

from django.utils.translation import gettext as _

from cooperation.api.views.base import prefetched
from core import dates
from core.api.resources import Resource
from events import filters, models, selectors
from events.api import serializers
from events.api.views import occasions
from events.enums import PromiseStatus


class Meetings(Resource):
    """Meetings with their participants and the notes that the caller may see; times are local.

    Within a mission, a visit or an event, or on its own. A meeting read alone holds its promises and ties.
    """

    model = models.Meeting
    serializer_class = serializers.MeetingSerializer
    detail_class = serializers.MeetingDetailSerializer
    filterset_class = filters.MeetingFilter

    def rows(self):
        reader = self.request.user
        rows = occasions.meetings(reader)
        if self.action == "list":
            return rows
        return rows.prefetch_related(*prefetched(reader, promises=models.Promise, ties=models.Tie))


def _status_in_words(row: dict[str, Any]) -> str:
    """An open promise whose day has passed is overdue, as on the pages."""
    is_open = row.get("status") == PromiseStatus.OPEN
    return _("Overdue") if is_open and dates.has_passed(row.get("due_on"), row.get("due_on_precision", "")) else ""


class Promises(Resource):
    """What was promised, by whom, to whom, by when; kept or not, with its proof. Open ones first, the earliest due first."""

    model = models.Promise
    serializer_class = serializers.PromiseSerializer
    detail_class = serializers.PromiseDetailSerializer
    filterset_class = filters.PromiseFilter
    in_words = {"status": _status_in_words}

    def rows(self):
        reader = self.request.user
        rows = selectors.promises.promises(reader).select_related(None)
        return rows if self.action == "list" else rows.prefetch_related(*prefetched(reader, ties=models.Tie))

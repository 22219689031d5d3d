"""Rows that missions, delegations, events and meetings share. Each shows only the columns of the record that it stands in."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from core.admin.forms import RowForm, RowFormSet
from core.admin.inlines import RowsStack, RowsTable
from events.models import Meeting, MeetingNote, Outcome, Participant, ProgrammeItem, Promise, Tie
from events.models.links import LED_TO, TIED_TO, promise_reference

WHO = ("organisation", "city", ("description_fr", "description_en"), "headcount")


class ParticipantRows(RowsStack):
    """Those who take part; our own say in what quality."""

    model = Participant
    fields = [("role", "person"), *WHO, ("quality", "category"), ("council_group", "all_groups")]
    tab = True

    def get_queryset(self, request):
        found = super().get_queryset(request)
        return found.select_related("person", "organisation", "city", "council_group", "mandate")


class TravellerRows(ParticipantRows):
    """Those who go, with what sends them abroad (A13)."""

    verbose_name = _("traveller")
    verbose_name_plural = _("travellers")
    fields = [
        ("person", "quality"),
        ("category", "council_group"),
        "all_groups",
        "mandate",
        ("order_number", "ordered_on"),
        "uncovered_reason",
        "role",
        *WHO,
    ]


class ProgrammeRows(RowsTable):
    model = ProgrammeItem
    fields = ["day", "starts_at", "ends_at", "what_fr", "what_en", "place"]
    tab = True


class ItineraryRows(ProgrammeRows):
    verbose_name_plural = _("itinerary")


class MeetingRows(RowsStack):
    """Meetings with their agenda; who takes part and what was said stand on the page of each."""

    model = Meeting
    fields = [
        ("title_fr", "title_en"),
        ("kind", "city"),
        ("day", "day_precision"),
        ("starts_at", "ends_at"),
        "place",
        ("agenda_fr", "agenda_en"),
    ]
    show_change_link = True
    tab = True


class NoteRows(RowsStack):
    """What was said, each note for its audience: nobody outside it is shown that there is one."""

    model = MeetingNote
    fields = [("noted_on", "audience"), "text"]
    tab = True


class TieRows(RowsStack):
    """The records that it is about."""

    model = Tie
    fields = [("city", "country"), "network", "organisation", "project", "agreement", "grant"]
    tab = True

    def get_queryset(self, request):
        return super().get_queryset(request).select_related(*TIED_TO)


class OutcomeRows(RowsStack):
    """What came of it, and the one record that it led to."""

    model = Outcome
    fields = [
        ("what_fr", "what_en"),
        *(f"led_to_{name}" for name in LED_TO),
    ]
    tab = True

    def __init__(self, parent_model, admin_site):
        # Two columns may point to one kind of record: what it came of, and what it led to.
        self.fk_name = parent_model._meta.model_name
        super().__init__(parent_model, admin_site)  # type: ignore[call-arg]  # Django's rows take both

    def get_queryset(self, request):
        return super().get_queryset(request).select_related(*(f"led_to_{name}" for name in LED_TO))


class PromiseFormSet(RowFormSet):
    def saving_order(self) -> Iterator[RowForm]:
        """Each new promise is numbered when its turn comes: two that are written at once would take the same number."""
        for row in self.forms:
            if row.instance._state.adding:
                row.instance.reference = promise_reference()
            yield row


class PromiseRows(RowsStack):
    """What was promised. Whether it is kept is recorded on the page of each."""

    model = Promise
    formset = PromiseFormSet
    fields = [
        "side",
        ("what_fr", "what_en"),
        ("city", "country"),
        "organisation",
        ("promised_by", "promised_to"),
        "responsible",
        ("made_on", "made_on_precision"),
        ("due_on", "due_on_precision"),
    ]
    show_change_link = True
    tab = True

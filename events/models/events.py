"""Events: summits, statutory meetings, working groups, festivals, remembrance, bids... and what belongs to one."""

import pgtrigger
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core import dates, references, search
from core.addresses import address
from core.constraints import check, one_of_choices, ordered, plausible_dates
from core.dates import PrecisionField
from core.models import BaseModel, tracked
from core.references import next_reference, reference_field
from core.translated import Translated
from events.enums import EVENT_LIFE, SERIES, EventKind, EventStatus
from events.models import triggers
from events.models.occasions import ONLY_PLANS_DELETED, Occasion, occasion_triggers

SERIES_RULE = _("A session is part of a working group, an edition of a public day or a festival, and nothing else is.")


def event_reference() -> str:
    """The next free reference of the year, e.g. EVT-2015-0007."""
    return next_reference(Event, "EVT")


@tracked
class Event(Occasion):
    """An event that the City holds, attends, or takes into account. Planned and held place stay apart: the AIMF assembly
    of 2014 was planned in Dakar and held in Kinshasa. A working group has sessions, a public day has yearly editions:
    events of their own that are `part_of` it."""

    life = EVENT_LIFE

    reference = reference_field(event_reference)
    kind = models.CharField(_("kind"), max_length=15, choices=EventKind)
    status = models.CharField(
        _("status"), max_length=10, choices=EventStatus, default=EventStatus.PLANNED, editable=False
    )
    part_of = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="parts",
        verbose_name=pgettext_lazy("an event", "part of"),
        help_text=_("The working group of a session, the public day or festival of an edition."),
    )
    network = models.ForeignKey(
        "partnerships.Network",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="occasions",
        verbose_name=_("network"),
        help_text=_("The network whose meeting it is."),
    )
    planned_city = models.ForeignKey(
        "partnerships.City",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="events_planned",
        verbose_name=_("planned city"),
        help_text=_("Empty with a venue = in our own city."),
    )
    planned_venue_fr = models.CharField(_("planned venue, in French"), max_length=200, blank=True)
    planned_venue_en = models.CharField(_("planned venue, in English"), max_length=200, blank=True)
    held_city = models.ForeignKey(
        "partnerships.City",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="events_held",
        verbose_name=_("city where it was held"),
        help_text=_("Empty with a venue = in our own city."),
    )
    held_venue_fr = models.CharField(_("venue where it was held, in French"), max_length=200, blank=True)
    held_venue_en = models.CharField(_("venue where it was held, in English"), max_length=200, blank=True)
    planned_venue = Translated()
    held_venue = Translated()
    search = search.column("reference", "title_fr", "title_en", "purpose_fr", "purpose_en")
    search_through = ("network",)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = [F("planned_start").desc(nulls_last=True), "-reference"]
        indexes = [
            references.index("event"),
            search.index("event"),
            search.alike("event", "title_fr", "title_en"),
            models.Index(fields=["planned_start", "planned_end"], name="events_event_planned"),
            models.Index(fields=["actual_start", "actual_end"], name="events_event_actual"),
            models.Index(fields=["kind", "status"], name="events_event_kind"),
        ]
        constraints = [
            *Occasion.Meta.constraints,
            one_of_choices("events_event", "kind", EventKind),
            one_of_choices("events_event", "status", EventStatus),
            check(
                "events_event_held_place_after",
                Q(status="held") | Q(held_city__isnull=True, held_venue_fr="", held_venue_en=""),
                _("Only what took place has a place where it was held."),
                "held_city",
            ),
            check(
                "events_event_statutory_has_network",
                ~Q(kind="statutory") | Q(network__isnull=False),
                _("A statutory meeting is that of a network."),
                "network",
            ),
            check(
                "events_event_session_has_working_group",
                ~Q(kind="session") | Q(part_of__isnull=False),
                _("A session says of which working group it is."),
                "part_of",
            ),
        ]
        triggers = [
            *occasion_triggers("events_event", EVENT_LIFE),
            pgtrigger.Trigger(
                name="series",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("kind", "part_of_id"),
                when=pgtrigger.Before,
                func=triggers.SERIES,
            ),
        ]

    refusals = {
        "events_event_only_plans_deleted": ONLY_PLANS_DELETED,
        "events_event_series": SERIES_RULE,
    }

    def get_absolute_url(self):
        return address("events:event", self.reference)

    def clean(self):
        super().clean()
        if self.part_of and (self.part_of.pk == self.pk or self.part_of.kind not in SERIES.get(self.kind, [])):
            raise ValidationError({"part_of": SERIES_RULE})
        if self.pk and self.kind != EventKind.BID and self.stages.exists():
            raise ValidationError({"kind": _("Only a bid for a major event has stages.")})

    @property
    def only_city(self):
        """The city where it was held, or else is planned; None in our own."""
        return self.place[0]

    @property
    def place(self) -> tuple:
        """(city, venue): where it was held, or is planned while it has not been or nobody recorded another place."""
        if self.held_city or self.held_venue:
            return self.held_city, self.held_venue
        return self.planned_city, self.planned_venue


@tracked
class Precondition(BaseModel):
    """What must be true before an event is confirmed (the press conference: first trips known, climate set-up final)."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="preconditions", verbose_name=_("event"))
    what_fr = models.CharField(_("what, in French"), max_length=250)
    what_en = models.CharField(_("what, in English"), max_length=250, blank=True)
    met_on = models.DateField(_("met on"), null=True, blank=True, help_text=_("Empty while it is not met."))
    met_on_precision = PrecisionField()
    what = Translated()

    class Meta:
        verbose_name = _("precondition")
        verbose_name_plural = _("preconditions")
        ordering = ["event", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "what_fr"],
                name="events_precondition_once",
                violation_error_message=_("The event already has this precondition."),
            ),
            *dates.constraints("events_precondition", "met_on"),
            plausible_dates("events_precondition", "met_on"),
        ]

    def __str__(self):
        return self.what

    def clean(self):
        super().clean()
        dates.refuse_future(self, "met_on")

    @property
    def is_met(self) -> bool:
        return bool(self.met_on_precision)


@tracked
class BidStage(BaseModel):
    """A stage of a bid for a major event: by when, when it was passed, and how."""

    event = models.ForeignKey(Event, models.CASCADE, related_name="stages", verbose_name=_("event"))
    title_fr = models.CharField(_("title in French"), max_length=200)
    title_en = models.CharField(_("title in English"), max_length=200, blank=True)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    due_on_precision = PrecisionField()
    passed_on = models.DateField(_("passed on"), null=True, blank=True)
    passed_on_precision = PrecisionField()
    result_fr = models.CharField(_("result in French"), max_length=250, blank=True)
    result_en = models.CharField(_("result in English"), max_length=250, blank=True)
    title = Translated()
    result = Translated()

    class Meta:
        verbose_name = _("stage of a bid")
        verbose_name_plural = _("stages of a bid")
        ordering = ["event", F("due_on").asc(nulls_last=True), "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["event", "title_fr"],
                name="events_bidstage_once",
                violation_error_message=_("The bid already has this stage."),
            ),
            *dates.constraints("events_bidstage", "due_on"),
            *dates.constraints("events_bidstage", "passed_on"),
            plausible_dates("events_bidstage", "due_on", "passed_on"),
        ]

    def __str__(self):
        return self.title

    def clean(self):
        super().clean()
        dates.refuse_future(self, "passed_on")
        if self.event_id and self.event.kind != EventKind.BID:
            raise ValidationError({"event": _("Only a bid for a major event has stages.")})


@tracked
class CouncilSitting(BaseModel):
    """The days on which the Council sits: what it must vote is ready before."""

    starts_on = models.DateField(_("first day"), unique=True)
    ends_on = models.DateField(_("last day"))
    note_fr = models.CharField(_("note in French"), max_length=200, blank=True)
    note_en = models.CharField(_("note in English"), max_length=200, blank=True)
    note = Translated()

    class Meta:
        verbose_name = _("sitting of the Council")
        verbose_name_plural = _("sittings of the Council")
        ordering = ["-starts_on"]
        constraints = [
            plausible_dates("events_councilsitting", "starts_on", "ends_on"),
            ordered("events_councilsitting", "starts_on", "ends_on"),
        ]

    def __str__(self):
        return dates.display(self.starts_on, "day")

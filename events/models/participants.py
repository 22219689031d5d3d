"""Who takes part, what is on the programme, what is said at a meeting."""

import pgtrigger
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core import clock, dates, search
from core.access import audiences
from core.addresses import address
from core.constraints import at_most_one, check, once, one_of, one_of_choices, ordered, plausible_dates
from core.database import refuse
from core.dates import PrecisionField
from core.enums import Audience
from core.exceptions import Refused
from core.models import BaseModel, tracked
from core.translated import Translated
from events.enums import (
    MEETING_LIFE,
    CivilSociety,
    MeetingKind,
    MeetingStatus,
    MissionStatus,
    ParticipantRole,
    Quality,
)
from events.models import triggers
from events.models.missions import NEEDS_MANDATE, NEEDS_ORDER, SAYS_WHY
from events.models.occasions import OCCASIONS, ONE_SUBJECT, OfOccasion, belongs_to

ONLY_PLANNED_DELETED = _("Only a planned meeting is deleted: one that was held or cancelled stays, with what was said.")
PARTICIPATED = (*OCCASIONS, "meeting")


@tracked
class Meeting(OfOccasion):
    """A meeting with its agenda, within a mission, a visit or an event, or on its own. What was said stands in its notes."""

    life = MEETING_LIFE

    title_fr = models.CharField(_("title in French"), max_length=250)
    title_en = models.CharField(_("title in English"), max_length=250, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=MeetingKind, default=MeetingKind.BILATERAL)
    status = models.CharField(
        _("status"), max_length=10, choices=MeetingStatus, default=MeetingStatus.PLANNED, editable=False
    )
    cancelled_reason = models.TextField(_("why it is cancelled"), blank=True, editable=False)
    day = models.DateField(_("date"), null=True, blank=True)
    day_precision = PrecisionField()
    starts_at = models.TimeField(_("from"), null=True, blank=True, help_text=_("Local time."))
    ends_at = models.TimeField(_("to"), null=True, blank=True, help_text=_("Local time."))
    city = models.ForeignKey(
        "partnerships.City",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="meetings",
        verbose_name=_("city"),
        help_text=_("Where it takes place."),
    )
    place = models.CharField(_("place"), max_length=200, blank=True)
    agenda_fr = models.TextField(_("agenda in French"), blank=True)
    agenda_en = models.TextField(_("agenda in English"), blank=True)
    title = Translated()
    agenda = Translated()
    search = search.column("title_fr", "title_en", "agenda_fr", "agenda_en")
    search_through = ("city",)

    class Meta:
        verbose_name = _("meeting")
        verbose_name_plural = _("meetings")
        ordering = [F("day").desc(nulls_last=True), F("starts_at").asc(nulls_last=True), "-pk"]
        indexes = [
            search.index("meeting"),
            search.alike("meeting", "title_fr", "title_en"),
            models.Index(fields=["day"], name="events_meeting_day"),
        ]
        constraints = [
            check(
                "events_meeting_one_occasion",
                at_most_one(OCCASIONS),
                _("A meeting belongs to one mission, delegation or event, or to none."),
            ),
            one_of_choices("events_meeting", "kind", MeetingKind),
            one_of_choices("events_meeting", "status", MeetingStatus),
            *dates.constraints("events_meeting", "day"),
            plausible_dates("events_meeting", "day"),
            ordered("events_meeting", "starts_at", "ends_at"),
            check(
                "events_meeting_time_has_day",
                Q(day_precision="day") | Q(starts_at__isnull=True, ends_at__isnull=True),
                _("A time needs its day."),
                "day",
            ),
            check(
                "events_meeting_held_has_day",
                ~Q(status="held") | ~Q(day_precision=""),
                _("A meeting that was held has a date (which may be “not known”)."),
                "day",
            ),
            check(
                "events_meeting_cancelled_says_why",
                Q(status="cancelled") & ~Q(cancelled_reason="") | ~Q(status="cancelled") & Q(cancelled_reason=""),
                _("What is cancelled says why, and nothing else does."),
            ),
        ]
        triggers = [
            MEETING_LIFE.trigger(),
            pgtrigger.Trigger(
                name="only_planned_deleted",
                operation=pgtrigger.Delete,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("OLD.status <> 'planned'"),
                func=refuse("events_meeting_only_planned_deleted", "Only a planned meeting is deleted."),
            ),
        ]

    refusals = {"events_meeting_only_planned_deleted": ONLY_PLANNED_DELETED}

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return address("events:meeting", self.pk)

    @property
    def has_taken_place(self) -> bool:
        return self.status == MeetingStatus.HELD

    @property
    def only_city(self):
        """Where it takes place, or else the only city of its trip, visit or event."""
        return self.city or (self.subject and self.subject.only_city)

    def clean(self):
        super().clean()
        if self.status == MeetingStatus.HELD:
            dates.refuse_future(self, "day")

    def delete(self, *args, **kwargs):
        if self.status != MeetingStatus.PLANNED:
            raise Refused([ONLY_PLANNED_DELETED])
        return super().delete(*args, **kwargs)


@tracked
class MeetingNote(BaseModel):
    """What was said, written for an audience: nobody outside it sees that the note exists."""

    meeting = models.ForeignKey(Meeting, models.CASCADE, related_name="notes", verbose_name=_("meeting"))
    noted_on = models.DateField(_("date"), default=clock.today)
    text = models.TextField(_("text"))
    audience = models.CharField(_("written for"), max_length=10, choices=Audience, default=Audience.STAFF)

    class Meta:
        verbose_name = _("note of a meeting")
        verbose_name_plural = _("notes of meetings")
        ordering = ["meeting", "noted_on", "pk"]
        constraints = [
            one_of_choices("events_meetingnote", "audience", Audience),
            plausible_dates("events_meetingnote", "noted_on"),
        ]

    def __str__(self):
        return f"{self.meeting}, {dates.display(self.noted_on, 'day')}"

    @classmethod
    def visibility(cls, reader) -> Q:
        return Q(audience__in=audiences(reader))


@tracked
class Participant(OfOccasion):
    """Somebody who takes part in a mission, a delegation, an event or a meeting: a person, an organisation, a city, a group
    of the Council, or people described in words while nobody is named.

    An elected traveller has a special mandate, the staff a mission order (A13); of a mission that took place, the row says why
    somebody left without.
    """

    meeting = belongs_to("meeting")
    role = models.CharField(_("role"), max_length=15, choices=ParticipantRole, default=ParticipantRole.MEMBER)
    quality = models.CharField(
        _("in what quality"),
        max_length=15,
        choices=Quality,
        blank=True,
        help_text=_("Only for those who take part for our City."),
    )
    category = models.CharField(_("civil society"), max_length=15, choices=CivilSociety, blank=True)
    person = models.ForeignKey(
        "partnerships.Person",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="participations",
        verbose_name=_("person"),
    )
    organisation = models.ForeignKey(
        "partnerships.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="participations",
        verbose_name=_("organisation"),
    )
    city = models.ForeignKey(
        "partnerships.City",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="participations",
        verbose_name=_("city"),
    )
    council_group = models.ForeignKey(
        "partnerships.CouncilGroup",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="participations",
        verbose_name=_("Council group"),
        help_text=_("The group that is represented; empty = that of the person."),
    )
    all_groups = models.BooleanField(
        _("all groups of the Council"),
        default=False,
        help_text=_("Elected members of every group, while nobody says which."),
    )
    description_fr = models.CharField(
        _("who, in French"), max_length=200, blank=True, help_text=_("Where nobody is named.")
    )
    description_en = models.CharField(_("who, in English"), max_length=200, blank=True)
    headcount = models.PositiveSmallIntegerField(
        _("people"), null=True, blank=True, validators=[MinValueValidator(1)], help_text=_("Empty = not known.")
    )
    mandate = models.ForeignKey(
        "partnerships.Deliberation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="mandated_travellers",
        verbose_name=_("special mandate"),
        help_text=_("The deliberation, voted before the departure, that sends an elected member abroad."),
    )
    order_number = models.CharField(
        _("mission order"), max_length=60, blank=True, help_text=_("Of the staff of the City.")
    )
    ordered_on = models.DateField(_("mission order of"), null=True, blank=True)
    uncovered_reason = models.TextField(
        _("why without mandate or mission order"),
        blank=True,
        help_text=_("Only where somebody left without: it stays shown as missing, with this reason."),
    )
    description = Translated()

    class Meta:
        verbose_name = pgettext_lazy("person", "participant")
        verbose_name_plural = pgettext_lazy("people", "participants")
        ordering = ["mission", "delegation", "event", "meeting", "pk"]
        constraints = [
            one_of("events_participant_one_subject", list(PARTICIPATED), ONE_SUBJECT),
            one_of_choices("events_participant", "role", ParticipantRole),
            one_of_choices("events_participant", "quality", Quality, blank=True),
            one_of_choices("events_participant", "category", CivilSociety, blank=True),
            once(
                "events_participant_person_once",
                [*PARTICIPATED, "person"],
                _("This person already takes part."),
                "person",
                condition=Q(person__isnull=False),
                nulls_distinct=False,
            ),
            models.UniqueConstraint(
                fields=[*PARTICIPATED, "organisation", "city", "council_group", "description_fr"],
                condition=Q(person__isnull=True),
                name="events_participant_body_once",
                nulls_distinct=False,
                violation_error_message=_("This participant is already listed."),
            ),
            check(
                "events_participant_is_somebody",
                Q(person__isnull=False)
                | Q(organisation__isnull=False)
                | Q(city__isnull=False)
                | Q(council_group__isnull=False)
                | ~Q(description_fr=""),
                _("Say who takes part: a person, an organisation, a city, a Council group, or a description."),
                "person",
            ),
            check(
                "events_participant_category_of_civil_society",
                Q(category="") | Q(quality="civil-society"),
                _("Only civil society has a category."),
                "category",
            ),
            check(
                "events_participant_group_of_elected",
                Q(council_group__isnull=True) | Q(quality="elected"),
                _("Only elected members represent a group of the Council."),
                "council_group",
            ),
            check(
                "events_participant_all_groups_of_elected",
                Q(all_groups=False) | Q(quality="elected", person__isnull=True, council_group__isnull=True),
                _("All groups of the Council are elected members who are not named, of no single group."),
                "all_groups",
            ),
            check(
                "events_participant_mandate_of_elected_traveller",
                Q(mandate__isnull=True) | Q(quality="elected", mission__isnull=False),
                _("Only an elected member on a mission has a special mandate."),
                "mandate",
            ),
            check(
                "events_participant_order_of_staff",
                Q(order_number="", ordered_on__isnull=True) | Q(quality="staff", mission__isnull=False),
                _("Only the staff of the City on a mission has a mission order."),
                "order_number",
            ),
            check(
                "events_participant_uncovered_of_traveller",
                Q(uncovered_reason="") | Q(quality__in=["elected", "staff"], mission__isnull=False),
                _(
                    "Only an elected member or the staff of the City on a mission can lack a mandate or a mission order."
                ),
                "uncovered_reason",
            ),
            check(
                "events_participant_traveller_has_quality",
                Q(mission__isnull=True) | ~Q(quality=""),
                _("Say in what quality each traveller goes: elected member, staff or civil society."),
                "quality",
            ),
            check(
                "events_participant_headcount_over_zero",
                Q(headcount__isnull=True) | Q(headcount__gte=1),
                _("At least one person takes part."),
            ),
            check(
                "events_participant_one_person",
                Q(headcount__isnull=True) | Q(person__isnull=True) | Q(headcount=1),
                _("A person counts for one."),
                "headcount",
            ),
            plausible_dates("events_participant", "ordered_on"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="traveller_has_mandate",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("NEW.mission_id IS NOT NULL"),
                func=triggers.TRAVELLER_HAS_MANDATE,
            ),
        ]

    refusals = {
        "events_participant_elected_has_mandate": NEEDS_MANDATE,
        "events_participant_staff_has_order": NEEDS_ORDER,
    }

    def __str__(self):
        return str(self.person or self.description or self.organisation or self.city or self.council_group)

    @property
    def subject(self):
        return self.mission or self.delegation or self.event or self.meeting

    @property
    def group(self):
        """The group of the Council that is represented: the one named, or that of the elected person."""
        if self.council_group or self.quality != Quality.ELECTED or self.person is None:
            return self.council_group
        return self.person.council_group

    def clean(self):
        super().clean()
        dates.refuse_future(self, "ordered_on")
        if self.mission is None or self.mission.status not in (MissionStatus.CONFIRMED, MissionStatus.DONE):
            return
        is_over = self.mission.status == MissionStatus.DONE
        if is_over and self.uncovered_reason.strip():
            return
        why = {"uncovered_reason": SAYS_WHY} if is_over else {}
        if self.quality == Quality.ELECTED and not self.is_mandated:
            raise ValidationError({"mandate": NEEDS_MANDATE} | why)
        if self.quality == Quality.STAFF and not self.order_number:
            raise ValidationError({"order_number": NEEDS_ORDER} | why)

    @property
    def is_mandated(self) -> bool:
        """Whether the special mandate has been voted, before the mission's departure where that is known (A13)."""
        voted = self.mandate.voted_on if self.mandate else None
        if self.mandate is None or voted is None or voted > clock.today():
            return False
        departure = self.mission.departure if self.mission else None
        return departure is None or dates.last_day(voted, self.mandate.voted_on_precision) < departure


@tracked
class ProgrammeItem(OfOccasion):
    """A point of the programme or of the itinerary: a day, a time, a place, what happens."""

    day = models.DateField(_("day"), null=True, blank=True)
    starts_at = models.TimeField(_("from"), null=True, blank=True, help_text=_("Local time."))
    ends_at = models.TimeField(_("to"), null=True, blank=True, help_text=_("Local time."))
    what_fr = models.CharField(_("what, in French"), max_length=250)
    what_en = models.CharField(_("what, in English"), max_length=250, blank=True)
    place = models.CharField(_("place"), max_length=200, blank=True)
    what = Translated()

    class Meta:
        verbose_name = _("point of the programme")
        verbose_name_plural = pgettext_lazy("of a visit", "programme")
        ordering = [
            "mission",
            "delegation",
            "event",
            F("day").asc(nulls_last=True),
            F("starts_at").asc(nulls_last=True),
            "pk",
        ]
        constraints = [
            one_of("events_programmeitem_one_subject", list(OCCASIONS), ONE_SUBJECT),
            plausible_dates("events_programmeitem", "day"),
            ordered("events_programmeitem", "starts_at", "ends_at"),
            check(
                "events_programmeitem_time_has_day",
                Q(day__isnull=False) | Q(starts_at__isnull=True, ends_at__isnull=True),
                _("A time needs its day."),
                "day",
            ),
        ]

    def __str__(self):
        return self.what

"""Missions abroad: where they go, how they travel, and what that emits."""

from datetime import date
from decimal import Decimal

import pgtrigger
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core import dates, references, search
from core.addresses import address
from core.constraints import check, one_at_a_time, one_of, one_of_choices, ordered, plausible_dates, positive
from core.models import BaseModel, tracked
from core.references import next_reference, reference_field
from core.translated import Translated
from events.enums import MISSION_LIFE, Horizon, MissionStatus, PlaceStage, TravelMode
from events.models import triggers
from events.models.occasions import ONLY_PLANS_DELETED, Occasion, occasion_triggers

NEEDS_MANDATE = _("An elected member abroad needs a special mandate that the Council voted before the departure.")
NEEDS_ORDER = _("The staff of the City needs a mission order to travel.")
SAYS_WHY = _("If somebody did leave so, say why in the row of that traveller: the lack stays shown, with the reason.")


def mission_reference() -> str:
    """The next free reference of the year, e.g. MIS-2015-0007."""
    return next_reference(Mission, "MIS")


@tracked
class Mission(Occasion):
    """A trip abroad: its destinations, travellers, itinerary, meetings, cost (EUR) and life.

    It is confirmed with its days, and only when every elected traveller has a special mandate voted before the
    departure (A13). Once it took place the vote lies before the day on which it left; where it does not, the traveller's row
    says why.
    """

    life = MISSION_LIFE

    reference = reference_field(mission_reference)
    status = models.CharField(
        _("status"), max_length=10, choices=MissionStatus, default=MissionStatus.IDEA, editable=False
    )
    horizon = models.CharField(
        _("horizon"),
        max_length=15,
        choices=Horizon,
        blank=True,
        help_text=_("The term that the mayor's mission letter sets for it."),
    )
    emblematic = models.BooleanField(
        _("emblematic"), default=False, help_text=_("All groups of the Council and civil society are taken along.")
    )
    event = models.ForeignKey(
        "events.Event",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="missions",
        verbose_name=_("goes to the event"),
    )
    planned_cost = models.DecimalField(_("planned cost (EUR)"), max_digits=12, decimal_places=2, null=True, blank=True)
    actual_cost = models.DecimalField(_("actual cost (EUR)"), max_digits=12, decimal_places=2, null=True, blank=True)
    search = search.column("reference", "title_fr", "title_en", "purpose_fr", "purpose_en")

    class Meta:
        verbose_name = _("mission")
        verbose_name_plural = _("missions")
        ordering = [F("planned_start").desc(nulls_last=True), "-reference"]
        indexes = [
            references.index("mission"),
            search.index("mission"),
            search.alike("mission", "title_fr", "title_en"),
            models.Index(fields=["planned_start", "planned_end"], name="events_mission_planned"),
            models.Index(fields=["actual_start", "actual_end"], name="events_mission_actual"),
            models.Index(fields=["status"], name="events_mission_status"),
        ]
        constraints = [
            *Occasion.Meta.constraints,
            one_of_choices("events_mission", "status", MissionStatus),
            one_of_choices("events_mission", "horizon", Horizon, blank=True),
            positive("events_mission", "planned_cost"),
            positive("events_mission", "actual_cost"),
            check(
                "events_mission_confirmed_has_days",
                ~Q(status="confirmed") | Q(planned_start_precision="day", planned_end_precision="day"),
                _("A confirmed mission has the days of its departure and return."),
                "planned_start",
            ),
            check(
                "events_mission_cost_after_return",
                Q(actual_cost__isnull=True) | Q(status="done"),
                _("Only a mission that took place has an actual cost."),
                "actual_cost",
            ),
        ]
        triggers = [
            *occasion_triggers("events_mission", MISSION_LIFE),
            pgtrigger.Trigger(
                name="leaves_with_mandates",
                operation=pgtrigger.UpdateOf("status", "planned_start", "actual_start"),
                when=pgtrigger.Before,
                func=triggers.LEAVES_WITH_MANDATES,
            ),
        ]

    refusals = {
        "events_mission_only_plans_deleted": ONLY_PLANS_DELETED,
        "events_participant_elected_has_mandate": NEEDS_MANDATE,
        "events_participant_staff_has_order": NEEDS_ORDER,
    }

    def get_absolute_url(self):
        return address("events:mission", self.reference)

    @property
    def only_city(self):
        """The city that it went to, or else means to go to, if it is the only place; None otherwise."""
        found = list(self.destinations.select_related("city"))
        cities = {place.city for place in found if place.stage == PlaceStage.ACTUAL} or {place.city for place in found}
        return cities.pop() if len(cities) == 1 else None

    @property
    def departure(self) -> date | None:
        """The day on which it left, or else means to leave; the first one possible where it is known less exactly."""
        return self.actual_start or self.planned_start


@tracked
class Destination(BaseModel):
    """Where a mission means to go, or went: a city, a country or an area where no city is named."""

    mission = models.ForeignKey(Mission, models.CASCADE, related_name="destinations", verbose_name=_("mission"))
    stage = models.CharField(
        pgettext_lazy("destination", "planned or actual"),
        max_length=10,
        choices=PlaceStage,
        default=PlaceStage.PLANNED,
    )
    city = models.ForeignKey(
        "partnerships.City",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="destinations",
        verbose_name=_("city"),
    )
    country = models.ForeignKey(
        "partnerships.Country",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="destinations",
        verbose_name=_("country"),
        help_text=_("Only where no city is named."),
    )
    area = models.ForeignKey(
        "partnerships.Area",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="destinations",
        verbose_name=_("area"),
        help_text=_("Only where neither a city nor a country is named."),
    )
    arrives_on = models.DateField(_("arrival"), null=True, blank=True)
    leaves_on = models.DateField(_("departure"), null=True, blank=True)

    class Meta:
        verbose_name = _("destination")
        verbose_name_plural = _("destinations")
        ordering = ["mission", "stage", F("arrives_on").asc(nulls_last=True), "pk"]
        constraints = [
            one_of_choices("events_destination", "stage", PlaceStage),
            one_of(
                "events_destination_one_place",
                ["city", "country", "area"],
                _("A destination is a city, a country or an area."),
            ),
            models.UniqueConstraint(
                fields=["mission", "stage", "city", "country", "area", "arrives_on"],
                name="events_destination_once",
                nulls_distinct=False,
                violation_error_message=_("The mission already has this destination."),
            ),
            plausible_dates("events_destination", "arrives_on", "leaves_on"),
            ordered("events_destination", "arrives_on", "leaves_on", _("The departure cannot be before the arrival.")),
        ]

    def __str__(self):
        return str(self.place)

    @property
    def place(self):
        """The city, country or area."""
        return self.city or self.country or self.area

    def clean(self):
        super().clean()
        if self.mission_id and self.stage == PlaceStage.ACTUAL and self.mission.status not in ("confirmed", "done"):
            raise ValidationError({"stage": _("Nobody has been anywhere yet: the mission is not even confirmed.")})
        if self.stage == PlaceStage.ACTUAL:
            dates.refuse_future(self, "arrives_on", "leaves_on")
        self._refuse_days_outside()

    def _refuse_days_outside(self) -> None:
        """Days of a plan lie within the planned trip, where its own days are known."""
        if not self.mission_id or self.stage != PlaceStage.PLANNED:
            return
        trip = self.mission
        first, last = trip.planned_start, trip.planned_end
        for name in ("arrives_on", "leaves_on"):
            day = getattr(self, name)
            before = day and first and day < first
            after = day and last and day > dates.last_day(last, trip.planned_end_precision)
            if before or after:
                raise ValidationError({name: _("This lies outside the dates of the mission.")})


@tracked
class EmissionFactor(BaseModel):
    """What a traveller emits on one kilometre, in kg CO2e, by means of transport; dated, with its source."""

    mode = models.CharField(_("means of transport"), max_length=10, choices=TravelMode)
    label_fr = models.CharField(_("what it covers, in French"), max_length=150)
    label_en = models.CharField(_("what it covers, in English"), max_length=150, blank=True)
    kg_per_km = models.DecimalField(
        _("kg CO2e per passenger and km"), max_digits=8, decimal_places=5, validators=[MinValueValidator(0)]
    )
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True, help_text=_("Last day; empty while it holds."))
    source = models.ForeignKey("core.Source", models.PROTECT, related_name="+", verbose_name=_("source"))
    label = Translated()

    class Meta:
        verbose_name = _("emission factor")
        verbose_name_plural = _("emission factors")
        ordering = ["mode", "label_fr", "-valid_from"]
        constraints = [
            one_of_choices("events_emissionfactor", "mode", TravelMode),
            check("events_emissionfactor_not_negative", Q(kg_per_km__gte=0), _("An emission cannot be negative.")),
            plausible_dates("events_emissionfactor", "valid_from", "valid_to"),
            ordered("events_emissionfactor", "valid_from", "valid_to"),
            one_at_a_time(
                "events_emissionfactor_one_at_a_time",
                ["mode", "label_fr"],
                _("There is already a factor of this name for this time."),
                "valid_from",
                "valid_to",
            ),
        ]

    def __str__(self):
        return f"{self.get_mode_display()}, {self.label}"

    def clean(self):
        super().clean()
        dates.refuse_backwards(self, "valid_from", "valid_to")
        self._refuse_rewriting_the_past()

    def _refuse_rewriting_the_past(self) -> None:
        before = EmissionFactor.objects.filter(pk=self.pk).first()
        if before and self.legs.exists() and (before.mode, before.kg_per_km) != (self.mode, self.kg_per_km):
            raise ValidationError(
                {"kg_per_km": _("Trips are computed with this factor: end it, and record a new one beside it.")}
            )

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@tracked
class Leg(BaseModel):
    """A stretch of a mission's travel: from where to where, how, how far (km) and for how many."""

    mission = models.ForeignKey(Mission, models.CASCADE, related_name="legs", verbose_name=_("mission"))
    mode = models.CharField(_("means of transport"), max_length=10, choices=TravelMode)
    origin = models.CharField(pgettext_lazy("leg of a trip", "from"), max_length=120)
    destination = models.CharField(pgettext_lazy("leg of a trip", "to"), max_length=120)
    leaves_on = models.DateField(_("day"), null=True, blank=True)
    leaves_at = models.TimeField(_("leaves at"), null=True, blank=True, help_text=_("Local time."))
    arrives_at = models.TimeField(_("arrives at"), null=True, blank=True, help_text=_("Local time."))
    carrier = models.CharField(_("train or flight"), max_length=60, blank=True)
    distance_km = models.PositiveIntegerField(
        _("distance (km)"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    passengers = models.PositiveSmallIntegerField(
        _("passengers"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    factor = models.ForeignKey(
        EmissionFactor, models.PROTECT, null=True, blank=True, related_name="legs", verbose_name=_("emission factor")
    )

    class Meta:
        verbose_name = _("leg")
        verbose_name_plural = _("legs")
        ordering = ["mission", F("leaves_on").asc(nulls_last=True), F("leaves_at").asc(nulls_last=True), "pk"]
        constraints = [
            one_of_choices("events_leg", "mode", TravelMode),
            plausible_dates("events_leg", "leaves_on"),
            check(
                "events_leg_distance_over_zero",
                Q(distance_km__isnull=True) | Q(distance_km__gte=1),
                _("A distance is at least 1 km."),
            ),
            check(
                "events_leg_passengers_over_zero",
                Q(passengers__isnull=True) | Q(passengers__gte=1),
                _("Somebody travels: at least 1."),
            ),
            check(
                "events_leg_time_has_day",
                Q(leaves_on__isnull=False) | Q(leaves_at__isnull=True, arrives_at__isnull=True),
                _("A time needs its day."),
                "leaves_on",
            ),
            check(
                "events_leg_factor_has_distance",
                Q(factor__isnull=True) | Q(distance_km__isnull=False, passengers__isnull=False),
                _("Emissions are computed from a distance and a number of passengers."),
                "factor",
            ),
        ]

    def __str__(self):
        return f"{self.origin} – {self.destination}"

    def clean(self):
        super().clean()
        if self.factor and self.factor.mode != self.mode:
            raise ValidationError({"factor": _("This factor is for another means of transport.")})
        if self.factor and self.leaves_on and not self.factor.holds_on(self.leaves_on):
            raise ValidationError({"factor": _("This factor does not hold on the day of the trip.")})

    @property
    def kg_co2e(self) -> Decimal | None:
        """Distance x passengers x factor; None where one of them is not known."""
        if self.factor is None or self.distance_km is None or self.passengers is None:
            return None
        return self.distance_km * self.passengers * self.factor.kg_per_km

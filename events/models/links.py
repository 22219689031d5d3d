"""What an occasion is tied to, what came out of it, and what was promised."""

import pgtrigger
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core import dates, references, search
from core.addresses import address
from core.constraints import at_most_one, check, one_of, one_of_choices, ordered, plausible_dates
from core.database import refuse
from core.dates import PrecisionField
from core.exceptions import Refused
from core.models import tracked
from core.references import REFERENCE, REFERENCE_FORM, next_reference, reference_field
from core.translated import Translated
from events.enums import PROMISE_LIFE, PromiseSide, PromiseStatus
from events.models import triggers
from events.models.occasions import OCCASIONS, ONE_SUBJECT, OfOccasion, belongs_to

NO_CIRCLE = _("What an event led to cannot lead back to it.")
ONLY_OPEN_DELETED = _("Only an open promise is deleted: one that is settled stays in the ledger.")
TIED_FROM = (*OCCASIONS, "meeting", "promise")
TIED_TO = ("city", "country", "network", "organisation", "project", "agreement", "grant")


def promise_reference() -> str:
    """The next free reference of the year, e.g. PRM-2015-0007."""
    return next_reference(Promise, "PRM")


@tracked
class Promise(OfOccasion):
    """A commitment made in a mission, a visit, an event or a meeting: by whom, to whom, what, by when, kept or not, proof.

    One that names an organisation alone is also with the city where it was made, if that is the only one.
    """

    life = PROMISE_LIFE

    reference = reference_field(promise_reference)
    # A promise outlives its occasion: what was promised is settled or deleted by itself.
    mission = belongs_to("mission", models.PROTECT)
    delegation = belongs_to("delegation", models.PROTECT)
    event = belongs_to("event", models.PROTECT)
    meeting = belongs_to("meeting", models.PROTECT)
    side = models.CharField(pgettext_lazy("promise", "by whom"), max_length=10, choices=PromiseSide)
    what_fr = models.CharField(_("what, in French"), max_length=300)
    what_en = models.CharField(_("what, in English"), max_length=300, blank=True)
    city = models.ForeignKey(
        "partnerships.City",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="promises",
        verbose_name=_("with the city"),
    )
    country = models.ForeignKey(
        "partnerships.Country",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="promises",
        verbose_name=_("with the country"),
        help_text=_("Only where no city is named."),
    )
    organisation = models.ForeignKey(
        "partnerships.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="promises",
        verbose_name=_("with the organisation"),
    )
    promised_by = models.ForeignKey(
        "partnerships.Person",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="promises_made",
        verbose_name=_("promised by"),
    )
    promised_to = models.ForeignKey(
        "partnerships.Person",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="promises_received",
        verbose_name=_("promised to"),
    )
    responsible = models.ForeignKey(
        "partnerships.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="promises_to_keep",
        verbose_name=_("who sees to it"),
        help_text=_("The directorate or body that carries it out or asks after it."),
    )
    made_on = models.DateField(pgettext_lazy("promise", "made on"), null=True, blank=True)
    made_on_precision = PrecisionField()
    due_on = models.DateField(_("due on"), null=True, blank=True)
    due_on_precision = PrecisionField()
    status = models.CharField(
        _("status"), max_length=10, choices=PromiseStatus, default=PromiseStatus.OPEN, editable=False
    )
    closed_on = models.DateField(_("settled on"), null=True, blank=True)
    proof_fr = models.TextField(_("proof in French"), blank=True)
    proof_en = models.TextField(_("proof in English"), blank=True)
    closed_reason = models.TextField(_("why it is settled so"), blank=True, editable=False)
    what = Translated()
    proof = Translated()
    search = search.column("reference", "what_fr", "what_en")
    search_through = ("city", "organisation")

    class Meta:
        verbose_name = _("promise")
        verbose_name_plural = _("promises")
        ordering = ["status", F("due_on").asc(nulls_last=True), "reference"]
        indexes = [
            references.index("promise"),
            search.index("promise"),
            search.alike("promise", "what_fr", "what_en"),
            models.Index(fields=["city", "status"], name="events_promise_city"),
            models.Index(fields=["status", "due_on"], name="events_promise_due"),
        ]
        constraints = [
            check("events_promise_reference_form", Q(reference__regex=REFERENCE), REFERENCE_FORM),
            one_of("events_promise_one_subject", [*OCCASIONS, "meeting"], ONE_SUBJECT),
            one_of_choices("events_promise", "side", PromiseSide),
            one_of_choices("events_promise", "status", PromiseStatus),
            check(
                "events_promise_has_other_side",
                Q(city__isnull=False) | Q(country__isnull=False) | Q(organisation__isnull=False),
                _("Say with whom: a city, a country or an organisation."),
                "city",
            ),
            *dates.constraints("events_promise", "made_on"),
            *dates.constraints("events_promise", "due_on"),
            plausible_dates("events_promise", "made_on", "due_on", "closed_on"),
            ordered("events_promise", "made_on", "closed_on", _("It cannot be settled before it was made.")),
            check(
                "events_promise_settled_has_date",
                Q(status="open", closed_on__isnull=True) | ~Q(status="open") & Q(closed_on__isnull=False),
                _("A promise that is settled has the date on which it was, an open one has none."),
                "closed_on",
            ),
            check(
                "events_promise_proof_of_kept",
                Q(status="kept") | Q(proof_fr="", proof_en=""),
                _("Only a promise that is kept has a proof."),
                "proof_fr",
            ),
            check(
                "events_promise_not_kept_says_why",
                Q(status__in=["not-kept", "released"]) & ~Q(closed_reason="")
                | ~Q(status__in=["not-kept", "released"]) & Q(closed_reason=""),
                _("A promise that is not kept, or no longer asked for, says why."),
            ),
        ]
        triggers = [
            PROMISE_LIFE.trigger(),
            pgtrigger.Trigger(
                name="only_open_deleted",
                operation=pgtrigger.Delete,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("OLD.status <> 'open'"),
                func=refuse("events_promise_only_open_deleted", "Only an open promise is deleted."),
            ),
        ]

    refusals = {"events_promise_only_open_deleted": ONLY_OPEN_DELETED}

    def __str__(self):
        return f"{self.reference} — {self.what}"

    def get_absolute_url(self):
        return address("events:promise", self.reference)

    @property
    def subject(self):
        return self.mission or self.delegation or self.event or self.meeting

    @property
    def other_side(self):
        """The city, organisation or country that it binds us with."""
        return self.city or self.organisation or self.country

    def clean(self):
        super().clean()
        # Only at first: whoever takes the city away afterwards means it.
        if self._state.adding and self.organisation_id and not self.city_id and not self.country_id and self.subject:
            self.city = self.subject.only_city
        dates.refuse_future(self, "made_on", "closed_on")
        if self.made_on and self.due_on and dates.last_day(self.due_on, self.due_on_precision or "day") < self.made_on:
            raise ValidationError({"due_on": _("It is due before it was made.")})
        if (
            self.status == PromiseStatus.KEPT
            and not self.proof_fr.strip()
            and not (self.pk and self.documents.exists())
        ):
            raise ValidationError({"proof_fr": _("Say what proves it, or attach a document.")})

    def delete(self, *args, **kwargs):
        if self.status != PromiseStatus.OPEN:
            raise Refused([ONLY_OPEN_DELETED])
        return super().delete(*args, **kwargs)


@tracked
class Tie(OfOccasion):
    """A mission, delegation, event, meeting or promise is about a record of a floor below: typed both ways."""

    meeting = belongs_to("meeting")
    promise = belongs_to("promise")
    city = models.ForeignKey(
        "partnerships.City", models.CASCADE, null=True, blank=True, related_name="ties", verbose_name=_("city")
    )
    country = models.ForeignKey(
        "partnerships.Country", models.CASCADE, null=True, blank=True, related_name="ties", verbose_name=_("country")
    )
    network = models.ForeignKey(
        "partnerships.Network", models.CASCADE, null=True, blank=True, related_name="ties", verbose_name=_("network")
    )
    organisation = models.ForeignKey(
        "partnerships.Organisation",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="ties",
        verbose_name=_("organisation"),
    )
    project = models.ForeignKey(
        "cooperation.Project", models.CASCADE, null=True, blank=True, related_name="ties", verbose_name=_("project")
    )
    agreement = models.ForeignKey(
        "partnerships.Agreement",
        models.CASCADE,
        null=True,
        blank=True,
        related_name="ties",
        verbose_name=_("agreement"),
    )
    grant = models.ForeignKey(
        "solidarity.Grant", models.CASCADE, null=True, blank=True, related_name="ties", verbose_name=_("grant")
    )

    class Meta:
        verbose_name = pgettext_lazy("of an event", "tie")
        verbose_name_plural = pgettext_lazy("of an event", "ties")
        ordering = ["pk"]
        constraints = [
            one_of("events_tie_one_subject", list(TIED_FROM), ONE_SUBJECT),
            one_of("events_tie_one_object", list(TIED_TO), _("A tie names one record: choose one.")),
            models.UniqueConstraint(
                fields=[*TIED_FROM, *TIED_TO],
                name="events_tie_once",
                nulls_distinct=False,
                violation_error_message=_("This tie is already recorded."),
            ),
        ]

    def __str__(self):
        return str(self.object)

    @property
    def subject(self):
        return self.mission or self.delegation or self.event or self.meeting or self.promise

    @property
    def object(self):
        """The record that the occasion is about."""
        return next((getattr(self, name) for name in TIED_TO if getattr(self, f"{name}_id")), None)


LED_TO = ("mission", "delegation", "event", "agreement", "project", "grant")


def led_to(kind: str, label) -> models.ForeignKey:
    return models.ForeignKey(
        kind, models.PROTECT, null=True, blank=True, related_name="outcomes_before", verbose_name=label
    )


@tracked
class Outcome(OfOccasion):
    """What came out of a mission, a delegation or an event, in words, and the record that it led to where there is one.

    What it led to never leads back to it, however long the way.
    """

    what_fr = models.TextField(_("what, in French"))
    what_en = models.TextField(_("what, in English"), blank=True)
    led_to_mission = led_to("events.Mission", _("led to the mission"))
    led_to_delegation = led_to("events.Delegation", _("led to the delegation"))
    led_to_event = led_to("events.Event", _("led to the event"))
    led_to_agreement = led_to("partnerships.Agreement", _("led to the agreement"))
    led_to_project = led_to("cooperation.Project", _("led to the project"))
    led_to_grant = led_to("solidarity.Grant", _("led to the grant"))
    what = Translated()

    class Meta:
        verbose_name = _("outcome")
        verbose_name_plural = _("outcomes")
        ordering = ["mission", "delegation", "event", "pk"]
        constraints = [
            one_of("events_outcome_one_subject", list(OCCASIONS), ONE_SUBJECT),
            check(
                "events_outcome_one_result",
                at_most_one([f"led_to_{name}" for name in LED_TO]),
                _("An outcome leads to one record: write another outcome for the next one."),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="no_circle",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition(
                    "NEW.led_to_mission_id IS NOT NULL OR NEW.led_to_delegation_id IS NOT NULL"
                    " OR NEW.led_to_event_id IS NOT NULL"
                ),
                func=triggers.NO_CIRCLE,
            ),
        ]

    refusals = {"events_outcome_no_circle": NO_CIRCLE}

    def __str__(self):
        return self.what

    @property
    def result(self):
        """The record that it led to, or None."""
        return next((getattr(self, f"led_to_{name}") for name in LED_TO if getattr(self, f"led_to_{name}_id")), None)

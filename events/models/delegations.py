"""Delegations that our City receives."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core import references, search
from core.addresses import address
from core.constraints import check, one_of_choices
from core.models import BaseModel, tracked
from core.references import next_reference, reference_field
from core.translated import Translated
from events.enums import DELEGATION_LIFE, DelegationStatus
from events.models.occasions import ONLY_PLANS_DELETED, Occasion, occasion_triggers


def delegation_reference() -> str:
    """The next free reference of the year, e.g. DEL-2015-0007."""
    return next_reference(Delegation, "DEL")


@tracked
class Delegation(Occasion):
    """A delegation received: from where, what it comes to see, with how many people."""

    life = DELEGATION_LIFE

    reference = reference_field(delegation_reference)
    status = models.CharField(
        _("status"), max_length=10, choices=DelegationStatus, default=DelegationStatus.PLANNED, editable=False
    )
    city = models.ForeignKey(
        "partnerships.City",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="delegations",
        verbose_name=_("from the city"),
    )
    country = models.ForeignKey(
        "partnerships.Country",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="delegations",
        verbose_name=_("from the country"),
        help_text=_("Only where no city is named."),
    )
    organisation = models.ForeignKey(
        "partnerships.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="delegations",
        verbose_name=_("sent by"),
    )
    theme = models.ForeignKey(
        "cooperation.Theme",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="delegations",
        verbose_name=_("theme"),
    )
    headcount = models.PositiveSmallIntegerField(
        _("people"), null=True, blank=True, validators=[MinValueValidator(1)], help_text=_("Empty = not known.")
    )
    event = models.ForeignKey(
        "events.Event",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="delegations",
        verbose_name=_("comes for the event"),
    )
    search = search.column("reference", "title_fr", "title_en", "purpose_fr", "purpose_en")
    search_through = ("city",)

    class Meta:
        verbose_name = _("delegation received")
        verbose_name_plural = _("delegations received")
        ordering = [F("planned_start").desc(nulls_last=True), "-reference"]
        indexes = [
            references.index("delegation"),
            search.index("delegation"),
            search.alike("delegation", "title_fr", "title_en"),
            models.Index(fields=["planned_start", "planned_end"], name="events_delegation_planned"),
            models.Index(fields=["actual_start", "actual_end"], name="events_delegation_actual"),
        ]
        constraints = [
            *Occasion.Meta.constraints,
            one_of_choices("events_delegation", "status", DelegationStatus),
            check(
                "events_delegation_has_origin",
                Q(city__isnull=False) | Q(country__isnull=False) | Q(organisation__isnull=False),
                _("Say where the delegation comes from: a city, a country or an organisation."),
                "city",
            ),
            check(
                "events_delegation_one_place",
                Q(city__isnull=True) | Q(country__isnull=True),
                _("The city already says the country."),
                "country",
            ),
            check(
                "events_delegation_headcount_over_zero",
                Q(headcount__isnull=True) | Q(headcount__gte=1),
                _("A delegation has at least one member."),
            ),
        ]
        triggers = occasion_triggers("events_delegation", DELEGATION_LIFE)

    refusals = {"events_delegation_only_plans_deleted": ONLY_PLANS_DELETED}

    def get_absolute_url(self):
        return address("events:delegation", self.reference)

    @property
    def only_city(self):
        """The city that it comes from, where one is named."""
        return self.city

    @property
    def origin(self):
        """The city, the country, or the organisation that it comes from."""
        return self.city or self.country or self.organisation


@tracked
class Expertise(BaseModel):
    """What our City showed to a delegation, and which of its bodies did."""

    delegation = models.ForeignKey(
        Delegation, models.CASCADE, related_name="expertise", verbose_name=_("delegation received")
    )
    what_fr = models.CharField(_("what, in French"), max_length=250)
    what_en = models.CharField(_("what, in English"), max_length=250, blank=True)
    theme = models.ForeignKey(
        "cooperation.Theme",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="expertise_shown",
        verbose_name=_("theme"),
    )
    shown_by = models.ForeignKey(
        "partnerships.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="expertise_shown",
        verbose_name=_("shown by"),
    )
    what = Translated()

    class Meta:
        verbose_name = _("expertise shown")
        verbose_name_plural = _("expertise shown")
        ordering = ["delegation", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["delegation", "what_fr"],
                name="events_expertise_once",
                violation_error_message=_("This is already recorded for the delegation."),
            )
        ]

    def __str__(self):
        return self.what

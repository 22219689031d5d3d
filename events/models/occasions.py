"""What missions, delegations and events have in common, and what can be said of any one of them."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import dates
from core.constraints import check, ordered, plausible_dates
from core.database import refuse
from core.dates import PrecisionField
from core.exceptions import Refused
from core.models import BaseModel
from core.references import REFERENCE, REFERENCE_FORM
from core.translated import Translated
from core.workflow import Workflow
from events.enums import TOOK_PLACE

_PREFIX = "%(app_label)s_%(class)s"
ONLY_PLANS_DELETED = _("Only what is not confirmed yet is deleted: cancel it instead.")
NOT_CONFIRMED = ["idea", "planned"]
OCCASIONS = ("mission", "delegation", "event")


class Occasion(BaseModel):
    """Abstract: people meet, somewhere, at some time. What was planned and what happened stay apart, each date as exactly
    as it is known; `when` says in words what no date says ("just before the climate conference").

    Each kind has a `status` of its own, led by its `life`, and numbers its own `reference`.
    """

    life: ClassVar[Workflow]

    reference: models.CharField
    status: models.CharField
    title_fr = models.CharField(_("title in French"), max_length=250)
    title_en = models.CharField(_("title in English"), max_length=250, blank=True)
    purpose_fr = models.TextField(_("purpose in French"), blank=True)
    purpose_en = models.TextField(_("purpose in English"), blank=True)
    planned_start = models.DateField(_("planned beginning"), null=True, blank=True)
    planned_start_precision = PrecisionField()
    planned_end = models.DateField(_("planned end"), null=True, blank=True)
    planned_end_precision = PrecisionField()
    actual_start = models.DateField(_("actual beginning"), null=True, blank=True)
    actual_start_precision = PrecisionField()
    actual_end = models.DateField(_("actual end"), null=True, blank=True)
    actual_end_precision = PrecisionField()
    when_fr = models.CharField(
        _("when, in words, in French"), max_length=200, blank=True, help_text=_("Where no date says it.")
    )
    when_en = models.CharField(_("when, in words, in English"), max_length=200, blank=True)
    cancelled_reason = models.TextField(_("why it is cancelled"), blank=True, editable=False)
    title = Translated()
    purpose = Translated()
    when = Translated()

    class Meta:
        abstract = True
        constraints = [
            check(f"{_PREFIX}_reference_form", Q(reference__regex=REFERENCE), REFERENCE_FORM),
            *(
                constraint
                for name in ("planned_start", "planned_end", "actual_start", "actual_end")
                for constraint in dates.constraints(_PREFIX, name)
            ),
            plausible_dates(_PREFIX, "planned_start", "planned_end", "actual_start", "actual_end"),
            ordered(_PREFIX, "planned_start", "planned_end"),
            ordered(_PREFIX, "actual_start", "actual_end"),
            check(
                f"{_PREFIX}_took_place_has_beginning",
                Q(status__in=TOOK_PLACE) & ~Q(actual_start_precision="")
                | ~Q(status__in=TOOK_PLACE) & Q(actual_start_precision="", actual_end_precision=""),
                _("What took place has an actual beginning (which may be “not known”); what has not, has none."),
                "actual_start",
            ),
            check(
                f"{_PREFIX}_cancelled_says_why",
                Q(status="cancelled") & ~Q(cancelled_reason="") | ~Q(status="cancelled") & Q(cancelled_reason=""),
                _("What is cancelled says why, and nothing else does."),
            ),
            check(
                f"{_PREFIX}_confirmed_has_beginning",
                ~Q(status="confirmed") | Q(planned_start__isnull=False),
                _("What is confirmed has a planned beginning."),
                "planned_start",
            ),
        ]

    def __str__(self):
        return f"{self.reference} — {self.title}"

    def clean(self):
        super().clean()
        dates.refuse_future(self, "actual_start", "actual_end")

    def delete(self, *args, **kwargs):
        if self.status not in NOT_CONFIRMED:
            raise Refused([ONLY_PLANS_DELETED])
        return super().delete(*args, **kwargs)

    @property
    def has_taken_place(self) -> bool:
        return self.status in TOOK_PLACE

    @property
    def starts(self) -> tuple:
        """The beginning as (date, precision): what happened where it did, what is planned otherwise."""
        if self.has_taken_place:
            return self.actual_start, self.actual_start_precision
        return self.planned_start, self.planned_start_precision

    @property
    def ends(self) -> tuple:
        """The end as (date, precision), like `starts`."""
        if self.has_taken_place:
            return self.actual_end, self.actual_end_precision
        return self.planned_end, self.planned_end_precision


def occasion_triggers(table: str, life: Workflow) -> list[pgtrigger.Trigger]:
    """The life of an occasion, and the rule that what is confirmed is cancelled, never deleted."""
    return [
        life.trigger(),
        pgtrigger.Trigger(
            name="only_plans_deleted",
            operation=pgtrigger.Delete,
            when=pgtrigger.Before,
            condition=pgtrigger.Condition("OLD.status NOT IN ('idea', 'planned')"),
            func=refuse(f"{table}_only_plans_deleted", "Only what is not confirmed yet is deleted: cancel it instead."),
        ),
    ]


ONE_SUBJECT = _("It belongs to one mission, delegation, event or meeting.")


def belongs_to(name: str, on_delete=models.CASCADE) -> models.ForeignKey:
    """The column that ties a row to one kind of occasion (or to a meeting); at most one of them is filled."""
    labels = {
        "mission": _("mission"),
        "delegation": _("delegation"),
        "event": _("event"),
        "meeting": _("meeting"),
        "promise": _("promise"),
    }
    return models.ForeignKey(
        f"events.{name.capitalize()}",
        on_delete,
        null=True,
        blank=True,
        related_name="%(class)ss",
        verbose_name=labels[name],
    )


class OfOccasion(BaseModel):
    """Abstract: a row of one mission, delegation or event."""

    mission = belongs_to("mission")
    delegation = belongs_to("delegation")
    event = belongs_to("event")

    class Meta:
        abstract = True

    @property
    def subject(self):
        """The record that the row belongs to."""
        return self.mission or self.delegation or self.event

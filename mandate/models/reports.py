"""The report to the Council: the account of a period, its texts, and what it stated when it was adopted."""

from datetime import date
from typing import ClassVar

import pgtrigger
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core import clock, dates, search
from core.access import audiences
from core.addresses import address
from core.constraints import check, once, one_of_choices, ordered, plausible_dates
from core.enums import Audience
from core.models import BaseModel, tracked
from core.models.base import Through
from core.translated import Translated
from mandate.enums import REPORT_LIFE, ReportSection, ReportStatus, Unit
from mandate.models import triggers

ADOPTED_STAYS = _("An adopted report is never changed: write another one.")
ADOPTED_STATES = _("An adopted report keeps what it states: this one holds no statement.")
FROZEN_STAYS = _("What an adopted report states is never changed.")
FROZEN_AT_ADOPTION = _("What a report states is kept when it is adopted, and not before.")


@tracked
class Report(BaseModel):
    """The account of the City's international action from one day to another, both included.

    A draft states what the records hold today; an adopted one what they held when it was adopted, and never changes.
    """

    life = REPORT_LIFE

    slug = models.SlugField(_("short name"), unique=True)
    title_fr = models.CharField(_("title in French"), max_length=200)
    title_en = models.CharField(_("title in English"), max_length=200, blank=True)
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    status = models.CharField(
        _("status"), max_length=10, choices=ReportStatus, default=ReportStatus.DRAFT, editable=False
    )
    adopted_on = models.DateField(_("adopted on"), null=True, blank=True)
    frozen_on = models.DateField(
        _("figures of"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("The day on which the adoption was recorded, which may be later than that of the Council."),
    )
    deliberation = models.ForeignKey(
        "partnerships.Deliberation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reports",
        verbose_name=_("deliberation"),
        help_text=_("A communication that the Council hears without a vote has none."),
    )
    title = Translated()
    search = search.column("title_fr", "title_en")

    class Meta:
        verbose_name = _("report to the Council")
        verbose_name_plural = _("reports to the Council")
        ordering = ["-ends_on", "-starts_on", "-pk"]
        indexes = [search.index("report"), search.alike("report", "title_fr", "title_en")]
        constraints = [
            one_of_choices("mandate_report", "status", ReportStatus),
            check(
                "mandate_report_slug_not_taken",
                ~Q(slug="of"),
                _("This short name is that of a page of Parvis: choose another one."),
                "slug",
            ),
            plausible_dates("mandate_report", "starts_on", "ends_on", "adopted_on", "frozen_on"),
            ordered("mandate_report", "starts_on", "ends_on"),
            check(
                "mandate_report_adopted_on_a_day",
                Q(status=ReportStatus.DRAFT, adopted_on__isnull=True, frozen_on__isnull=True)
                | Q(status=ReportStatus.ADOPTED, adopted_on__isnull=False, frozen_on__isnull=False),
                _("An adopted report has its day, a draft has none."),
                "adopted_on",
            ),
            check(
                "mandate_report_adopted_after_its_period",
                Q(adopted_on__gte=F("ends_on")),
                _("A report is adopted when its period is over, at the earliest on its last day."),
                "adopted_on",
            ),
            ordered("mandate_report", "adopted_on", "frozen_on"),
            check(
                "mandate_report_adopted_in_both_languages",
                Q(status=ReportStatus.DRAFT) | ~Q(title_en=""),
                _("An adopted report has its title in both languages."),
                "title_en",
            ),
        ]
        triggers = [
            REPORT_LIFE.trigger(),
            pgtrigger.Trigger(
                name="adopted_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("OLD.status = 'adopted'"),
                func=triggers.REPORT_ADOPTED_STAYS,
            ),
            pgtrigger.Trigger(
                name="adopted_states",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                func=triggers.REPORT_ADOPTED_STATES,
            ),
        ]

    refusals: ClassVar[dict[str, object]] = {
        "mandate_report_adopted_stays": ADOPTED_STAYS,
        "mandate_report_adopted_states": ADOPTED_STATES,
    }

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return address("mandate:report", self.slug)

    @classmethod
    def visibility(cls, reader) -> Q:
        """A draft is for the department and the deputies; an adopted report for everyone who signs in."""
        return Q() if cls.shows_drafts(reader) else Q(status=ReportStatus.ADOPTED)

    @classmethod
    def shows_drafts(cls, reader) -> bool:
        return Audience.DEPUTIES in audiences(reader)

    def allows(self, actor, verb: str) -> bool:
        """Whoever sees no draft writes no report: what it is refused for would tell of drafts, of their short names above all."""
        return super().allows(actor, verb) and (verb == "view" or self.shows_drafts(actor))

    def takes_attachments(self, actor) -> bool:
        """An adopted report keeps the sources and documents that it had."""
        return self.is_draft and super().takes_attachments(actor)

    @property
    def is_draft(self) -> bool:
        return self.status == ReportStatus.DRAFT

    @property
    def stands_on(self) -> date:
        """The day of which its figures are: that on which its adoption was recorded, or today."""
        return self.frozen_on or clock.today()

    def clean(self):
        super().clean()
        dates.refuse_future(self, "adopted_on")


class OfReport(BaseModel):
    """Abstract: a row of a report, seen by whoever sees the report."""

    has_attachments = False
    report: Report | models.ForeignKey

    class Meta:
        abstract = True

    @classmethod
    def visibility(cls, reader) -> Q:
        return Q(report__in=Report.objects.visible_to(reader))

    @classmethod
    def seen_through(cls) -> list[Through]:
        return [Through(Report, "report_id")]

    def get_absolute_url(self):
        return self.report.get_absolute_url()


@tracked
class ReportBlock(OfReport):
    """A text of the report that the department writes, in both languages: paragraphs, an empty line between them."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="blocks", verbose_name=_("report"))
    section = models.CharField(_("section"), max_length=15, choices=ReportSection)
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    heading_fr = models.CharField(_("heading in French"), max_length=150, blank=True)
    heading_en = models.CharField(_("heading in English"), max_length=150, blank=True)
    text_fr = models.TextField(_("text in French"), blank=True)
    text_en = models.TextField(_("text in English"), blank=True)
    heading = Translated()
    text = Translated()

    class Meta:
        verbose_name = _("text of the report")
        verbose_name_plural = _("texts of the report")
        ordering = ["report", "section", "position", "pk"]
        constraints = [
            one_of_choices("mandate_reportblock", "section", ReportSection),
            once(
                "mandate_reportblock_position_once",
                ["report", "section", "position"],
                _("Another text of the section stands at this position."),
                "position",
            ),
            check(
                "mandate_reportblock_says_something",
                ~Q(text_fr="", text_en=""),
                _("Write the text in one language at least."),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="adopted_stays",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                func=triggers.BLOCK_ADOPTED_STAYS,
            ),
        ]

    refusals: ClassVar[dict[str, object]] = {"mandate_reportblock_adopted_stays": ADOPTED_STAYS}

    def __str__(self):
        return self.heading or f"{self.get_section_display()}, {self.position}"

    def clean(self):
        super().clean()
        if self.report_id and not self.report.is_draft:
            raise ValidationError(ADOPTED_STAYS)


@tracked
class ReportEntry(OfReport):
    """One statement of an adopted report, as it stood that day: frozen. The live ones are `mandate.reports.account.Entry`.

    `value` is in `unit` (EUR, per cent, a number), None where it was not known; `records` and `rows` are lists of objects, as
    `mandate.reports.account.Proof` and `Bar` have them.
    """

    report = models.ForeignKey(Report, models.CASCADE, related_name="entries", verbose_name=_("report"))
    section = models.CharField(_("section"), max_length=15, choices=ReportSection)
    position = models.PositiveSmallIntegerField(_("position"))
    key = models.SlugField(_("short name"), max_length=60)
    label_fr = models.TextField(_("statement in French"))
    label_en = models.TextField(_("statement in English"))
    definition_fr = models.TextField(_("definition in French"))
    definition_en = models.TextField(_("definition in English"))
    note_fr = models.TextField(_("note in French"), blank=True)
    note_en = models.TextField(_("note in English"), blank=True)
    value = models.DecimalField(_("value"), max_digits=18, decimal_places=2, null=True, blank=True)
    unit = models.CharField(_("unit"), max_length=7, choices=Unit, blank=True)
    link = models.CharField(_("page of the records"), max_length=300, blank=True)
    records = models.JSONField(_("records behind it"), default=list, blank=True)
    rows = models.JSONField(_("breakdown"), default=list, blank=True)
    label = Translated()
    definition = Translated()
    note = Translated()

    class Meta:
        verbose_name = _("statement of an adopted report")
        verbose_name_plural = _("statements of adopted reports")
        ordering = ["report", "position", "pk"]
        constraints = [
            one_of_choices("mandate_reportentry", "section", ReportSection),
            check(
                "mandate_reportentry_unit_known",
                Q(unit__in=["", *Unit.values]),
                _("A figure is a number, per cent, euros or a ratio."),
                "unit",
            ),
            once("mandate_reportentry_key_once", ["report", "key"], _("The report already states this."), "key"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="frozen_stays",
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                when=pgtrigger.Before,
                func=triggers.ENTRY_FROZEN_STAYS,
            ),
            pgtrigger.Trigger(
                name="frozen_at_adoption",
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                timing=pgtrigger.Deferred,
                func=triggers.ENTRY_FROZEN_AT_ADOPTION,
            ),
        ]

    refusals: ClassVar[dict[str, object]] = {
        "mandate_reportentry_frozen_stays": FROZEN_STAYS,
        "mandate_reportentry_frozen_at_adoption": FROZEN_AT_ADOPTION,
    }

    def __str__(self):
        return self.label

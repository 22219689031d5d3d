"""Cooperation projects: what the City's experts do with partner cities, and how far it is."""

from typing import Any

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cooperation.enums import BEGUN, MARKERS, NOT_BEGUN, PROJECT_LIFE, STOPPED, MarkerScore, Mode, ProjectStage
from cooperation.models import balances, triggers
from cooperation.models.reference import PurposeCode
from core import dates, references, search
from core.addresses import address
from core.constraints import check, one_of_choices, ordered, plausible_dates
from core.database import refuse
from core.dates import PrecisionField
from core.exceptions import Refused
from core.models import BaseModel, tracked
from core.references import REFERENCE, REFERENCE_FORM, next_reference
from core.shares import SharesField
from core.translated import Translated

ONLY_IDEAS_DELETED = _("Only an idea is deleted: abandon the project instead.")
UNKNOWN_PURPOSE = _("There is no DAC purpose code %(code)s.")
PURPOSES_NOT_WHOLE = _("The percentages of the purpose codes sum to 100, and each code is one of the DAC's.")
SDG_TARGET = r"^(1[0-7]|[1-9])([.]([1-9]|1[0-9]|[a-d]))?$"
SDG_FORM = _("A goal or a target of the SDGs is written as in “6” or “6.1”.")
ONE_LEVEL = _("A part of a project has no parts of its own.")
MONEY_ON_PARTS = _("The money of a project that has parts stands on its parts: its total is their sum.")


def project_reference() -> str:
    """The next free reference of the year, e.g. PRJ-2015-0007."""
    return next_reference(Project, "PRJ")


def marker(label) -> Any:
    return models.PositiveSmallIntegerField(label, choices=MarkerScore, null=True, blank=True)


@tracked
class Project(BaseModel):
    """A cooperation project: its cities, bodies, fields, classification, dates and life.

    Planned and actual dates stay apart. `purposes` are DAC purpose codes with percentages that sum to 100; nothing where
    the sector is not stated. A project may be part of a larger one (one level), whose money is then the sum of its parts.
    """

    life = PROJECT_LIFE

    reference = models.CharField(
        _("reference"),
        max_length=20,
        unique=True,
        default=project_reference,
        validators=[RegexValidator(REFERENCE, REFERENCE_FORM)],
    )
    title_fr = models.CharField(_("title in French"), max_length=250)
    title_en = models.CharField(_("title in English"), max_length=250, blank=True)
    object_fr = models.TextField(_("object in French"), blank=True)
    object_en = models.TextField(_("object in English"), blank=True)
    stage = models.CharField(_("stage"), max_length=15, choices=ProjectStage, default=ProjectStage.IDEA, editable=False)
    stopped_reason = models.TextField(_("why it is suspended or abandoned"), blank=True, editable=False)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="parts",
        verbose_name=pgettext_lazy("a project", "part of"),
    )
    agreement = models.ForeignKey(
        "partnerships.Agreement",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="projects",
        verbose_name=_("agreement"),
        help_text=_("The agreement under which it is carried out."),
    )
    deliberation = models.ForeignKey(
        "partnerships.Deliberation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="projects",
        verbose_name=_("deliberation"),
    )
    region_fr = models.CharField(
        _("region in French"), max_length=150, blank=True, help_text=_("Only where no city is named.")
    )
    region_en = models.CharField(_("region in English"), max_length=150, blank=True)
    planned_start = models.DateField(_("planned start"), null=True, blank=True)
    planned_start_precision = PrecisionField()
    planned_end = models.DateField(_("planned end"), null=True, blank=True)
    planned_end_precision = PrecisionField()
    actual_start = models.DateField(_("actual start"), null=True, blank=True)
    actual_start_precision = PrecisionField()
    actual_end = models.DateField(_("actual end"), null=True, blank=True)
    actual_end_precision = PrecisionField()
    purposes = SharesField(
        verbose_name=_("DAC purpose codes"), help_text=_("Codes with percentages that sum to 100; empty = not stated.")
    )
    gender = marker(_("gender equality"))
    biodiversity = marker(_("biodiversity"))
    mitigation = marker(_("climate change mitigation"))
    adaptation = marker(_("climate change adaptation"))
    desertification = marker(_("desertification"))
    rmnch = marker(_("reproductive, maternal, newborn and child health"))
    disability = marker(_("disability"))
    sdg_targets = ArrayField(
        models.CharField(max_length=5, validators=[RegexValidator(SDG_TARGET, SDG_FORM)]),
        verbose_name=_("SDG targets"),
        default=list,
        blank=True,
        help_text=_("Separated by commas, e.g. 6.1, 6.2."),
    )
    modes = ArrayField(models.CharField(max_length=10, choices=Mode), verbose_name=_("modes"), default=list, blank=True)
    cities = models.ManyToManyField("partnerships.City", through="ProjectCity", related_name="projects")
    themes: Any = models.ManyToManyField("Theme", through="ProjectTheme", related_name="projects")
    title = Translated()
    object = Translated()
    region = Translated()
    search = search.column("reference", "title_fr", "title_en", "object_fr", "object_en", "region_fr", "region_en")

    class Meta:
        verbose_name = _("project")
        verbose_name_plural = _("projects")
        ordering = ["-reference"]
        indexes = [
            references.index("project"),
            search.index("project"),
            search.alike("project", "title_fr", "title_en"),
            models.Index(fields=["stage", "reference"], name="cooperation_project_stage"),
            GinIndex(fields=["purposes"], name="cooperation_project_purposes"),
        ]
        constraints = [
            check("cooperation_project_reference_form", Q(reference__regex=REFERENCE), REFERENCE_FORM),
            one_of_choices("cooperation_project", "stage", ProjectStage),
            check(
                "cooperation_project_modes_known",
                Q(modes__contained_by=list(Mode.values)),
                _("This is not one of the choices."),
            ),
            *(
                constraint
                for name in ("planned_start", "planned_end", "actual_start", "actual_end")
                for constraint in dates.constraints("cooperation_project", name)
            ),
            *(
                check(
                    f"cooperation_project_{name}_score",
                    Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__lte": 2}),
                    _("A policy marker is scored 0, 1 or 2."),
                )
                for name in MARKERS
            ),
            plausible_dates("cooperation_project", "planned_start", "planned_end", "actual_start", "actual_end"),
            ordered("cooperation_project", "planned_start", "planned_end"),
            ordered("cooperation_project", "actual_start", "actual_end"),
            check(
                "cooperation_project_begun_has_start",
                ~Q(stage__in=BEGUN) | ~Q(actual_start_precision=""),
                _("A project under way or completed has a start (which may be “not known”)."),
            ),
            check(
                "cooperation_project_not_begun_without_start",
                ~Q(stage__in=NOT_BEGUN) | Q(actual_start_precision=""),
                _("A project that has not begun has no actual start."),
            ),
            check(
                "cooperation_project_only_completed_has_end",
                Q(stage="completed") & ~Q(actual_end_precision="") | ~Q(stage="completed") & Q(actual_end_precision=""),
                _("A completed project has an actual end (which may be “not known”), and no other has."),
            ),
            check(
                "cooperation_project_adopted_has_deliberation",
                ~Q(stage="adopted") | Q(deliberation__isnull=False),
                _("The Council's deliberation is missing."),
            ),
            check(
                "cooperation_project_stopped_says_why",
                Q(stage__in=STOPPED) & ~Q(stopped_reason="") | ~Q(stage__in=STOPPED) & Q(stopped_reason=""),
                _("A project that is suspended or abandoned says why, and no other does."),
            ),
            check("cooperation_project_not_in_itself", ~Q(parent=F("pk")), _("A project is not part of itself.")),
        ]
        triggers = [
            PROJECT_LIFE.trigger(),
            pgtrigger.Trigger(
                name="classification",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("purposes", "sdg_targets"),
                when=pgtrigger.Before,
                func=triggers.CLASSIFICATION,
            ),
            pgtrigger.Trigger(
                name="one_level",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("parent_id"),
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("NEW.parent_id IS NOT NULL"),
                func=triggers.ONE_LEVEL,
            ),
            pgtrigger.Trigger(
                name="only_ideas_deleted",
                operation=pgtrigger.Delete,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("OLD.stage <> 'idea'"),
                func=refuse(
                    "cooperation_project_only_ideas_deleted", "Only an idea is deleted: abandon the project instead."
                ),
            ),
            pgtrigger.Trigger(
                name="balance_begins",
                operation=pgtrigger.Insert,
                when=pgtrigger.After,
                func=balances.PROJECT_BEGINS,
            ),
            pgtrigger.Trigger(
                name="balance_moves",
                operation=pgtrigger.UpdateOf("parent_id"),
                when=pgtrigger.After,
                condition=pgtrigger.Condition("NEW.parent_id IS DISTINCT FROM OLD.parent_id"),
                func=balances.PROJECT_MOVES,
            ),
            pgtrigger.Trigger(
                name="with_balance",
                operation=pgtrigger.Delete,
                when=pgtrigger.Before,
                func=balances.PROJECT_ENDS,
            ),
        ]

    refusals = {
        "cooperation_project_only_ideas_deleted": ONLY_IDEAS_DELETED,
        "cooperation_project_purposes_whole": PURPOSES_NOT_WHOLE,
        "cooperation_project_sdg_form": SDG_FORM,
        "cooperation_project_one_level": ONE_LEVEL,
        "cooperation_project_money_on_parts": MONEY_ON_PARTS,
    }

    def __str__(self):
        return f"{self.reference} — {self.title}"

    def get_absolute_url(self):
        return address("cooperation:project", self.reference)

    @property
    def is_idea(self) -> bool:
        return self.stage == ProjectStage.IDEA

    def delete(self, *args, **kwargs):
        if not self.is_idea:
            raise Refused([ONLY_IDEAS_DELETED])
        return super().delete(*args, **kwargs)

    def clean(self):
        super().clean()
        dates.refuse_future(self, "actual_start", "actual_end")
        self._refuse_unknown_purposes()
        self._refuse_wrong_parent()

    def _refuse_unknown_purposes(self) -> None:
        # The field itself refuses what is no mapping, before this is asked.
        given = self.purposes if isinstance(self.purposes, dict) else {}
        known = set(PurposeCode.objects.filter(code__in=given).values_list("code", flat=True))
        unknown = [str(code) for code in given if code not in known]
        if unknown:
            raise ValidationError({"purposes": UNKNOWN_PURPOSE % {"code": ", ".join(unknown)}})

    def _refuse_wrong_parent(self) -> None:
        if not self.parent:
            return
        if self.parent.parent_id or (self.pk and self.parts.exists()):
            raise ValidationError({"parent": ONE_LEVEL})
        if self.parent.funding_lines.exists():
            raise ValidationError({"parent": MONEY_ON_PARTS})

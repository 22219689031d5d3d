"""What belongs to a project: its cities, bodies, fields, steps and experts."""

import pgtrigger
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cooperation.enums import DIRECTORATE_ROLES, ProjectCityRole, ProjectRole
from cooperation.models import triggers
from cooperation.models.projects import Project
from core import dates
from core.constraints import one_of_choices, plausible_dates, positive
from core.models import BaseModel, Lasting, tracked
from partnerships.enums import OrganisationKind

NOT_A_DIRECTORATE = _("Only a directorate of the City leads a project or is associated with it.")


@tracked
class ProjectCity(Lasting):
    """A city of a project, and what it is to it, for the time that it takes part."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="places", verbose_name=_("project"))
    city = models.ForeignKey("partnerships.City", models.PROTECT, related_name="project_places", verbose_name=_("city"))
    role = models.CharField(_("role"), max_length=10, choices=ProjectCityRole, default=ProjectCityRole.PLACE)

    class Meta:
        verbose_name = _("city of the project")
        verbose_name_plural = _("cities of the project")
        ordering = ["project", "pk"]
        constraints = [
            *Lasting.Meta.constraints,
            one_of_choices("cooperation_projectcity", "role", ProjectCityRole),
            models.UniqueConstraint(
                fields=["project", "city"],
                name="cooperation_projectcity_once",
                violation_error_message=_("This city already takes part in the project."),
            ),
        ]

    def __str__(self):
        return str(self.city)


@tracked
class ProjectOrganisation(BaseModel):
    """A body that works on a project: one lead directorate, associated directorates, operators, partners."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="bodies", verbose_name=_("project"))
    organisation = models.ForeignKey(
        "partnerships.Organisation", models.PROTECT, related_name="project_roles", verbose_name=_("organisation")
    )
    role = models.CharField(_("role"), max_length=12, choices=ProjectRole)

    refusals = {"cooperation_projectorganisation_directorate": NOT_A_DIRECTORATE}

    class Meta:
        verbose_name = _("body of the project")
        verbose_name_plural = _("bodies of the project")
        ordering = ["project", "pk"]
        constraints = [
            one_of_choices("cooperation_projectorganisation", "role", ProjectRole),
            models.UniqueConstraint(
                fields=["project", "organisation"],
                name="cooperation_projectorganisation_once",
                violation_error_message=_("This organisation already has a role in the project."),
            ),
            models.UniqueConstraint(
                fields=["project"],
                condition=Q(role="lead"),
                name="cooperation_projectorganisation_one_lead",
                violation_error_message=_("The project already has a lead directorate."),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="directorate",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("NEW.role IN ('lead', 'associated')"),
                func=triggers.DIRECTORATE,
            )
        ]

    def __str__(self):
        return str(self.organisation)

    def clean(self):
        super().clean()
        if not self.organisation_id:
            return
        if self.role in DIRECTORATE_ROLES and self.organisation.kind != OrganisationKind.DIRECTORATE:
            raise ValidationError({"organisation": NOT_A_DIRECTORATE})


@tracked
class ProjectTheme(BaseModel):
    """A field of cooperation that a project works in."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="fields", verbose_name=_("project"))
    theme = models.ForeignKey(
        "cooperation.Theme", models.PROTECT, related_name="project_fields", verbose_name=_("field of cooperation")
    )

    class Meta:
        verbose_name = _("field of the project")
        verbose_name_plural = _("fields of the project")
        ordering = ["project", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "theme"],
                name="cooperation_projecttheme_once",
                violation_error_message=_("The project already has this field."),
            )
        ]

    def __str__(self):
        return str(self.theme)


@tracked
class ProjectStep(BaseModel):
    """A step of a project: what, by when, and when it was done."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="steps", verbose_name=_("project"))
    title = models.CharField(_("step"), max_length=200)
    due_on = models.DateField(_("due on"))
    done_on = models.DateField(_("done on"), null=True, blank=True)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["due_on", "pk"]
        indexes = [
            models.Index(fields=["due_on"], condition=Q(done_on__isnull=True), name="cooperation_step_open"),
        ]
        constraints = [
            plausible_dates("cooperation_projectstep", "due_on", "done_on"),
            models.UniqueConstraint(
                fields=["project", "title"],
                name="cooperation_projectstep_once",
                violation_error_message=_("The project already has this step."),
            ),
        ]

    def __str__(self):
        return self.title

    def clean(self):
        super().clean()
        dates.refuse_future(self, "done_on")


@tracked
class ExpertAssignment(Lasting):
    """Experts that a directorate or an operator gives to a project, in person-days planned and actual."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="assignments", verbose_name=_("project"))
    organisation = models.ForeignKey(
        "partnerships.Organisation",
        models.PROTECT,
        related_name="assignments",
        verbose_name=_("directorate or operator"),
    )
    person = models.ForeignKey(
        "partnerships.Person",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="assignments",
        verbose_name=_("expert"),
    )
    task = models.CharField(_("task"), max_length=200)
    days_planned = models.DecimalField(
        _("person-days planned"),
        max_digits=7,
        decimal_places=1,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    days_actual = models.DecimalField(
        _("person-days actual"),
        max_digits=7,
        decimal_places=1,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_("Empty = not known."),
    )

    class Meta:
        verbose_name = _("expert assignment")
        verbose_name_plural = _("expert assignments")
        ordering = ["project", "pk"]
        constraints = [
            *Lasting.Meta.constraints,
            positive("cooperation_expertassignment", "days_planned"),
            positive("cooperation_expertassignment", "days_actual"),
            models.UniqueConstraint(
                fields=["project", "organisation", "person", "task"],
                name="cooperation_expertassignment_once",
                nulls_distinct=False,
                violation_error_message=_("This assignment is already recorded."),
            ),
        ]

    def __str__(self):
        return f"{self.organisation}, {self.task}"

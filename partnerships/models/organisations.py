"""Organisations and people that the City deals with."""

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import search
from core.constraints import check, one_of_choices
from core.identifiers import validate_rna, validate_siret
from core.models import BaseModel, Lasting, tracked
from core.translated import Translated
from partnerships.enums import OrganisationKind
from partnerships.models import triggers

STATE_IS_COUNTERPART = _("It is the counterpart of an agreement that names no exception for a State (CGCT L1115-5).")


@tracked
class Organisation(BaseModel):
    """An association, funder, institution, directorate, operator, company, school..."""

    slug = models.SlugField(_("short name"), max_length=80, unique=True)
    name_fr = models.CharField(_("name in French"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=OrganisationKind)
    country = models.ForeignKey(
        "partnerships.Country",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="organisations",
        verbose_name=_("country"),
    )
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="parts", verbose_name=_("part of")
    )
    siret = models.CharField("SIRET", max_length=14, blank=True, validators=[validate_siret])
    rna = models.CharField("RNA", max_length=10, blank=True, validators=[validate_rna])
    role_fr = models.CharField(_("what it does with us, in French"), max_length=200, blank=True)
    role_en = models.CharField(_("what it does with us, in English"), max_length=200, blank=True)
    website = models.URLField(_("website"), blank=True)
    name = Translated()
    role = Translated()
    search = search.column("name_fr", "name_en", "siret", "rna")

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["name_fr__unaccent"]
        indexes = [search.index("organisation"), search.alike("organisation", "name_fr", "name_en")]
        constraints = [
            one_of_choices("partnerships_organisation", "kind", OrganisationKind),
            check(
                "partnerships_organisation_siret_form",
                Q(siret="") | Q(siret__regex=r"^\d{14}$"),
                _("A SIRET has 14 digits."),
            ),
            check(
                "partnerships_organisation_rna_form",
                Q(rna="") | Q(rna__regex=r"^W\d{9}$"),
                _("An RNA number is a W followed by 9 digits."),
            ),
            check(
                "partnerships_organisation_not_in_itself",
                ~Q(parent=models.F("pk")),
                _("An organisation cannot be part of itself."),
            ),
            models.UniqueConstraint(
                fields=["siret"],
                condition=~Q(siret=""),
                name="partnerships_organisation_siret_unique",
                violation_error_message=_("Another organisation has this SIRET."),
            ),
            models.UniqueConstraint(
                fields=["rna"],
                condition=~Q(rna=""),
                name="partnerships_organisation_rna_unique",
                violation_error_message=_("Another organisation has this RNA number."),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="state_is_counterpart",
                operation=pgtrigger.UpdateOf("kind"),
                when=pgtrigger.Before,
                condition=pgtrigger.Condition("NEW.kind = 'state'"),
                func=triggers.STATE_IS_COUNTERPART,
            ),
        ]

    refusals = {"partnerships_organisation_state_is_counterpart": STATE_IS_COUNTERPART}

    def __str__(self):
        return self.name


@tracked
class Person(BaseModel):
    """A contact or an official. What she is, and when, is in her roles."""

    slug = models.SlugField(_("short name"), max_length=80, unique=True)
    name = models.CharField(_("name"), max_length=150)
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    council_group = models.ForeignKey(
        "partnerships.CouncilGroup",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="members",
        verbose_name=_("Council group"),
    )
    search = search.column("name")

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["name__unaccent"]
        indexes = [search.index("person")]

    def __str__(self):
        return self.name


@tracked
class PersonRole(Lasting):
    """A function that a person holds for a time, in an organisation or a city where one is named."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="roles", verbose_name=_("person"))
    title_fr = models.CharField(_("function in French"), max_length=200)
    title_en = models.CharField(_("function in English"), max_length=200, blank=True)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="roles", verbose_name=_("organisation")
    )
    city = models.ForeignKey(
        "partnerships.City", models.PROTECT, null=True, blank=True, related_name="roles", verbose_name=_("city")
    )
    title = Translated()

    class Meta:
        verbose_name = _("function")
        verbose_name_plural = _("functions")
        ordering = ["person", "-since", "pk"]
        constraints = [
            *Lasting.Meta.constraints,
            models.UniqueConstraint(
                fields=["person", "title_fr", "since"],
                name="partnerships_personrole_once",
                nulls_distinct=False,
                violation_error_message=_("This function is already recorded."),
            ),
        ]

    def __str__(self):
        return f"{self.person}, {self.title}"

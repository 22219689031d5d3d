"""Honours and residencies as the public knows them. People in danger are elsewhere: `solidarity.models.protected`."""

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cooperation.enums import Discipline
from core import dates, references, search
from core.addresses import address
from core.constraints import check, one_of_choices, plausible_dates, plausible_year
from core.dates import PrecisionField
from core.models import BaseModel, Lasting, tracked
from core.references import REFERENCE, REFERENCE_FORM, next_reference, reference_field
from core.translated import Translated
from solidarity.enums import HONOUR_LIFE, HonourKind, HonourStage, Opinion, ResidencyKind


def honour_reference() -> str:
    """The next free reference of the year, e.g. HON-2015-0007."""
    return next_reference(Honour, "HON")


@tracked
class ResidencyProgramme(BaseModel):
    """A programme that hosts artists, writers, journalists or researchers: where, for whom, how many a year, how long."""

    slug = models.SlugField(_("short name"), unique=True)
    name_fr = models.CharField(_("name in French"), max_length=200)
    name_en = models.CharField(_("name in English"), max_length=200, blank=True)
    kind = models.CharField(_("kind"), max_length=15, choices=ResidencyKind)
    network = models.ForeignKey(
        "partnerships.Network",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="residency_programmes",
        verbose_name=_("network"),
    )
    volume_per_year = models.PositiveSmallIntegerField(
        _("people a year"), null=True, blank=True, validators=[MinValueValidator(1)], help_text=_("Empty = not known.")
    )
    volume_is_about = models.BooleanField(_("about so many"), default=False)
    duration_months = models.PositiveSmallIntegerField(
        _("length (months)"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(60)]
    )
    since = models.DateField(_("since"), null=True, blank=True)
    since_precision = PrecisionField()
    audience_fr = models.CharField(_("for whom, in French"), max_length=200, blank=True)
    audience_en = models.CharField(_("for whom, in English"), max_length=200, blank=True)
    note_fr = models.TextField(_("note in French"), blank=True)
    note_en = models.TextField(_("note in English"), blank=True)
    name = Translated()
    audience = Translated()
    note = Translated()
    search = search.column("name_fr", "name_en", "audience_fr", "audience_en")

    class Meta:
        verbose_name = _("residency programme")
        verbose_name_plural = _("residency programmes")
        ordering = ["name_fr__unaccent"]
        indexes = [search.index("residencyprogramme"), search.alike("residencyprogramme", "name_fr", "name_en")]
        constraints = [
            one_of_choices("solidarity_residencyprogramme", "kind", ResidencyKind),
            *dates.constraints("solidarity_residencyprogramme", "since"),
            plausible_dates("solidarity_residencyprogramme", "since"),
            check(
                "solidarity_residencyprogramme_volume_over_zero",
                Q(volume_per_year__isnull=True) | Q(volume_per_year__gte=1),
                _("A programme hosts at least one person a year."),
            ),
            check(
                "solidarity_residencyprogramme_duration_plausible",
                Q(duration_months__isnull=True) | Q(duration_months__range=(1, 60)),
                _("A residency lasts from 1 to 60 months."),
            ),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return f"{address('solidarity:honours')}#{self.slug}"


@tracked
class ProgrammeHost(BaseModel):
    """An institution that hosts residents of a programme."""

    programme = models.ForeignKey(
        ResidencyProgramme, models.CASCADE, related_name="hosts", verbose_name=_("residency programme")
    )
    organisation = models.ForeignKey(
        "partnerships.Organisation", models.PROTECT, related_name="hosted_programmes", verbose_name=_("institution")
    )

    class Meta:
        verbose_name = _("host institution")
        verbose_name_plural = _("host institutions")
        ordering = ["programme", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "organisation"],
                name="solidarity_programmehost_once",
                violation_error_message=_("This institution already hosts the programme."),
            )
        ]

    def __str__(self):
        return str(self.organisation)


@tracked
class Residency(Lasting):
    """A residency that is public. Whoever is in danger has a protected file instead, and no row here before she consents
    and a second person says that publishing does not endanger her."""

    # Whom the department renamed or took away is not told of a past day either.
    told_as_of = False

    programme = models.ForeignKey(
        ResidencyProgramme, models.PROTECT, related_name="residencies", verbose_name=_("residency programme")
    )
    resident = models.CharField(_("resident"), max_length=200, help_text=_("As she wishes to be named in public."))
    host = models.ForeignKey(
        "partnerships.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="residencies",
        verbose_name=_("host institution"),
    )
    discipline = models.CharField(_("discipline"), max_length=15, choices=Discipline, blank=True)
    support_fr = models.TextField(_("support given, in French"), blank=True)
    support_en = models.TextField(_("support given, in English"), blank=True)
    follow_up_fr = models.TextField(_("follow-up in French"), blank=True)
    follow_up_en = models.TextField(_("follow-up in English"), blank=True)
    support = Translated()
    follow_up = Translated()
    search = search.column("resident")
    search_through = ("programme",)

    class Meta:
        verbose_name = _("residency")
        verbose_name_plural = _("residencies")
        ordering = ["-since", "resident"]
        indexes = [search.index("residency")]
        constraints = [
            *Lasting.Meta.constraints,
            one_of_choices("solidarity_residency", "discipline", Discipline, blank=True),
        ]

    def __str__(self):
        return self.resident

    def get_absolute_url(self):
        return f"{address('solidarity:honours')}#residency-{self.pk}"


@tracked
class Honour(BaseModel):
    """An honour of the City from the nomination to its follow-up: the commission where every Council group sits gives its
    opinion, the Council votes, the honour is awarded.

    The recipient stays empty only where the documents do not name her. One that takes a stance on French foreign policy is
    a legal risk (A17): a legal opinion is asked for.
    """

    told_as_of = False

    life = HONOUR_LIFE

    reference = reference_field(honour_reference)
    kind = models.CharField(_("kind"), max_length=25, choices=HonourKind, default=HonourKind.HONORARY_CITIZENSHIP)
    stage = models.CharField(
        _("stage"), max_length=15, choices=HonourStage, default=HonourStage.NOMINATED, editable=False
    )
    closed_reason = models.TextField(_("why it was not awarded"), blank=True, editable=False)
    recipient = models.CharField(
        _("recipient"), max_length=200, blank=True, help_text=_("Empty only where the documents name nobody.")
    )
    organisation = models.ForeignKey(
        "partnerships.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="honours",
        verbose_name=_("as an organisation"),
    )
    year = models.PositiveSmallIntegerField(_("year"), null=True, blank=True)
    exceptional = models.BooleanField(_("exceptional"), default=False)
    why_fr = models.TextField(_("why, in French"), blank=True)
    why_en = models.TextField(_("why, in English"), blank=True)
    nominated_on = models.DateField(_("nominated on"), null=True, blank=True)
    examined_on = models.DateField(_("commission of"), null=True, blank=True)
    opinion_fr = models.TextField(_("opinion of the commission"), blank=True)
    foreign_policy = models.BooleanField(
        _("takes a stance on French foreign policy"),
        default=False,
        help_text=_("A legal risk: record a legal opinion before the vote."),
    )
    legal_opinion = models.TextField(_("legal opinion"), blank=True)
    deliberation = models.ForeignKey(
        "partnerships.Deliberation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="honours",
        verbose_name=_("deliberation"),
    )
    awarded_on = models.DateField(_("awarded on"), null=True, blank=True)
    awarded_on_precision = PrecisionField()
    follow_up_fr = models.TextField(_("follow-up in French"), blank=True)
    follow_up_en = models.TextField(_("follow-up in English"), blank=True)
    why = Translated()
    follow_up = Translated()
    search = search.column("reference", "recipient")

    class Meta:
        verbose_name = _("honour")
        verbose_name_plural = _("honours")
        ordering = ["-year", "reference"]
        indexes = [references.index("honour"), search.index("honour"), search.alike("honour", "recipient")]
        constraints = [
            check("solidarity_honour_reference_form", Q(reference__regex=REFERENCE), REFERENCE_FORM),
            one_of_choices("solidarity_honour", "kind", HonourKind),
            one_of_choices("solidarity_honour", "stage", HonourStage),
            plausible_year("solidarity_honour"),
            *dates.constraints("solidarity_honour", "awarded_on"),
            plausible_dates("solidarity_honour", "nominated_on", "examined_on", "awarded_on"),
            check(
                "solidarity_honour_awarded_has_date",
                Q(stage="awarded") & ~Q(awarded_on_precision="") | ~Q(stage="awarded") & Q(awarded_on_precision=""),
                _(
                    "An honour that is awarded has the date on which it was (which may be “not known”), and no other has."
                ),
                "awarded_on",
            ),
            check(
                "solidarity_honour_voted_has_deliberation",
                ~Q(stage="voted") | Q(deliberation__isnull=False),
                _("The Council's deliberation is missing."),
                "deliberation",
            ),
            check(
                "solidarity_honour_closed_says_why",
                Q(stage__in=["rejected", "withdrawn"]) & ~Q(closed_reason="")
                | ~Q(stage__in=["rejected", "withdrawn"]) & Q(closed_reason=""),
                _("An honour that is rejected or withdrawn says why, and no other does."),
            ),
        ]
        triggers = [HONOUR_LIFE.trigger()]

    def __str__(self):
        return f"{self.reference} — {self.recipient}" if self.recipient else self.reference

    def get_absolute_url(self):
        return f"{address('solidarity:honours')}#{self.reference}"

    def clean(self):
        super().clean()
        dates.refuse_future(self, "nominated_on", "examined_on", "awarded_on")
        if self.nominated_on and self.examined_on and self.examined_on < self.nominated_on:
            raise ValidationError({"examined_on": _("The commission sits after the nomination.")})


@tracked
class CommissionOpinion(BaseModel):
    """What a group of the Council says of a nomination in the commission, where every group sits."""

    told_as_of = False

    honour = models.ForeignKey(Honour, models.CASCADE, related_name="opinions", verbose_name=_("honour"))
    group = models.ForeignKey(
        "partnerships.CouncilGroup", models.PROTECT, related_name="honour_opinions", verbose_name=_("Council group")
    )
    opinion = models.CharField(_("opinion"), max_length=15, choices=Opinion)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("opinion of a group")
        verbose_name_plural = _("opinions of the groups")
        ordering = ["honour", "pk"]
        constraints = [
            one_of_choices("solidarity_commissionopinion", "opinion", Opinion),
            models.UniqueConstraint(
                fields=["honour", "group"],
                name="solidarity_commissionopinion_once",
                violation_error_message=_("This group has already given its opinion."),
            ),
        ]

    def __str__(self):
        return f"{self.group}, {self.get_opinion_display()}"

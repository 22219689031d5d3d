"""Exchange programmes with their yearly editions, and the labels that a programme awards."""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cooperation.enums import LABEL_LIFE, ExchangeKind, LabelStage
from core import clock, dates, search
from core.addresses import address
from core.constraints import check, one_of_choices, ordered, plausible_dates, plausible_year, positive
from core.dates import PrecisionField
from core.models import BaseModel, tracked
from core.translated import Translated
from partnerships.enums import OrganisationKind

APPLICANTS = [OrganisationKind.ASSOCIATION, OrganisationKind.NGO, OrganisationKind.SCHOOL]


@tracked
class ExchangeProgramme(BaseModel):
    """A programme that comes back every year: exchanges of staff, students, researchers, schools, start-ups; a label."""

    slug = models.SlugField(_("short name"), max_length=80, unique=True)
    name_fr = models.CharField(_("name in French"), max_length=150)
    name_en = models.CharField(_("name in English"), max_length=150, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=ExchangeKind)
    description_fr = models.TextField(_("description in French"), blank=True)
    description_en = models.TextField(_("description in English"), blank=True)
    organiser = models.ForeignKey(
        "partnerships.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="exchange_programmes",
        verbose_name=_("organised by"),
    )
    name = Translated()
    description = Translated()
    search = search.column("name_fr", "name_en", "description_fr", "description_en")

    class Meta:
        verbose_name = _("exchange programme")
        verbose_name_plural = _("exchange programmes")
        ordering = ["name_fr__unaccent"]
        indexes = [search.index("exchangeprogramme"), search.alike("exchangeprogramme", "name_fr", "name_en")]
        constraints = [one_of_choices("cooperation_exchangeprogramme", "kind", ExchangeKind)]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return f"{address('cooperation:exchanges')}#{self.slug}"


@tracked
class Edition(BaseModel):
    """A programme in a year, with a partner city where there is one. Counts and costs (EUR) stay empty where not known."""

    programme = models.ForeignKey(
        ExchangeProgramme, models.CASCADE, related_name="editions", verbose_name=_("programme")
    )
    year = models.PositiveSmallIntegerField(_("year"))
    city = models.ForeignKey(
        "partnerships.City",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="editions",
        verbose_name=_("partner city"),
    )
    starts_on = models.DateField(_("beginning"), null=True, blank=True)
    starts_on_precision = PrecisionField()
    places = models.PositiveIntegerField(_("places"), null=True, blank=True)
    applicants = models.PositiveIntegerField(_("applicants"), null=True, blank=True)
    participants = models.PositiveIntegerField(_("participants"), null=True, blank=True)
    planned_cost = models.DecimalField(_("planned cost (EUR)"), max_digits=12, decimal_places=2, null=True, blank=True)
    actual_cost = models.DecimalField(_("actual cost (EUR)"), max_digits=12, decimal_places=2, null=True, blank=True)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("edition")
        verbose_name_plural = _("editions")
        ordering = ["-year", "programme", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["programme", "year", "city"],
                name="cooperation_edition_once",
                nulls_distinct=False,
                violation_error_message=_("The programme already has this edition."),
            ),
            plausible_year("cooperation_edition"),
            *dates.constraints("cooperation_edition", "starts_on"),
            plausible_dates("cooperation_edition", "starts_on"),
            positive("cooperation_edition", "planned_cost"),
            positive("cooperation_edition", "actual_cost"),
            check(
                "cooperation_edition_participants_within_places",
                Q(participants__isnull=True) | Q(places__isnull=True) | Q(participants__lte=F("places")),
                _("There cannot be more participants than places."),
            ),
            check(
                "cooperation_edition_participants_within_applicants",
                Q(participants__isnull=True) | Q(applicants__isnull=True) | Q(participants__lte=F("applicants")),
                _("There cannot be more participants than applicants."),
            ),
        ]

    def __str__(self):
        return ", ".join(str(part) for part in (self.programme, self.year, self.city) if part)

    def get_absolute_url(self):
        return self.programme.get_absolute_url()

    def clean(self):
        super().clean()
        if not self.year or self.year <= clock.today().year:
            return
        known = [name for name in ("participants", "actual_cost") if getattr(self, name) is not None]
        if known:
            raise ValidationError(dict.fromkeys(known, _("This edition has not taken place yet.")))


@tracked
class Label(BaseModel):
    """An application for a label by an association, a school or a university, its review, and the award with its validity."""

    life = LABEL_LIFE

    programme = models.ForeignKey(ExchangeProgramme, models.PROTECT, related_name="labels", verbose_name=_("label"))
    applicant = models.ForeignKey(
        "partnerships.Organisation", models.PROTECT, related_name="labels", verbose_name=_("applicant")
    )
    title_fr = models.CharField(_("what is labelled, in French"), max_length=250)
    title_en = models.CharField(_("what is labelled, in English"), max_length=250, blank=True)
    stage = models.CharField(_("stage"), max_length=12, choices=LabelStage, default=LabelStage.RECEIVED, editable=False)
    received_on = models.DateField(_("received on"), default=clock.today)
    opinion = models.TextField(_("opinion of the review"), blank=True)
    decided_on = models.DateField(_("decided on"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    decision_reason = models.TextField(_("why it is refused or withdrawn"), blank=True, editable=False)
    title = Translated()
    search = search.column("title_fr", "title_en")
    search_through = ("applicant",)

    class Meta:
        verbose_name = _("label application")
        verbose_name_plural = _("label applications")
        ordering = ["-received_on", "pk"]
        indexes = [
            search.index("label"),
            search.alike("label", "title_fr", "title_en"),
            models.Index(fields=["stage", "valid_until"], name="cooperation_label_valid"),
        ]
        constraints = [
            one_of_choices("cooperation_label", "stage", LabelStage),
            models.UniqueConstraint(
                fields=["programme", "applicant", "title_fr", "received_on"],
                name="cooperation_label_once",
                violation_error_message=_("This application is already recorded."),
            ),
            plausible_dates("cooperation_label", "received_on", "decided_on", "valid_until"),
            ordered("cooperation_label", "received_on", "decided_on", _("It is decided after it was received.")),
            ordered("cooperation_label", "decided_on", "valid_until", _("A label is valid from its award on.")),
            check(
                "cooperation_label_awarded_is_valid",
                Q(stage="awarded", decided_on__isnull=False, valid_until__isnull=False)
                | ~Q(stage="awarded") & Q(valid_until__isnull=True),
                _("An awarded label has its date and the end of its validity, and no other has."),
            ),
            check(
                "cooperation_label_decided_states_opinion",
                ~Q(stage__in=["awarded", "refused"]) | ~Q(opinion="") & Q(decided_on__isnull=False),
                _("A decision rests on the opinion of the review, and has its date."),
            ),
            check(
                "cooperation_label_stopped_says_why",
                Q(stage__in=["refused", "withdrawn"]) & ~Q(decision_reason="")
                | ~Q(stage__in=["refused", "withdrawn"]) & Q(decision_reason=""),
                _("What is refused or withdrawn says why, and nothing else does."),
            ),
        ]
        triggers = [LABEL_LIFE.trigger()]

    def __str__(self):
        return f"{self.applicant} — {self.title}"

    def get_absolute_url(self):
        return f"{address('cooperation:exchanges')}#labels"

    def clean(self):
        super().clean()
        dates.refuse_future(self, "received_on", "decided_on")
        if self.programme_id and self.programme.kind != ExchangeKind.LABEL:
            raise ValidationError({"programme": _("This programme awards no label.")})
        if self.applicant_id and self.applicant.kind not in APPLICANTS:
            raise ValidationError({"applicant": _("Associations, schools and universities apply, nobody else.")})

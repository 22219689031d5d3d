"""The funding watch: programmes, their calls with conditions as data, and what the City has filed."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cooperation.enums import FILED_GATES, CountryScope, DeadlineModel, FundingKind, Gate
from cooperation.models import triggers
from core import clock, dates, search
from core.addresses import address
from core.constraints import check, one_of_choices, plausible_dates, plausible_year, positive
from core.models import BaseModel, tracked
from core.translated import Translated

NO_DEADLINE = _("A call has at least one deadline.")
OPENS_LATE = _("A call does not open after its first deadline.")


def euros(label, **kwargs) -> models.DecimalField:
    return models.DecimalField(label, max_digits=16, decimal_places=2, null=True, blank=True, **kwargs)


def percent(label, **kwargs) -> models.DecimalField:
    between = [MinValueValidator(0), MaxValueValidator(100)]
    return models.DecimalField(
        label, max_digits=5, decimal_places=2, null=True, blank=True, validators=between, **kwargs
    )


def within_100(prefix: str, field: str) -> models.CheckConstraint:
    return check(
        f"{prefix}_{field}_percent",
        Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__range": (0, 100)}),
        _("A percentage lies between 0 and 100."),
    )


def in_order(prefix: str, low: str, high: str, message) -> models.CheckConstraint:
    return check(
        f"{prefix}_{low}_ordered",
        Q(**{f"{low}__isnull": True}) | Q(**{f"{high}__isnull": True}) | Q(**{f"{low}__lte": F(high)}),
        message,
    )


@tracked
class FundingProgramme(BaseModel):
    """A programme that publishes calls. Its conditions (EUR, %) hold for a call that states none of its own."""

    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    name_fr = models.CharField(_("name in French"), max_length=150)
    name_en = models.CharField(_("name in English"), max_length=150, blank=True)
    funder = models.ForeignKey(
        "partnerships.Organisation",
        models.PROTECT,
        related_name="funding_programmes",
        verbose_name=_("funder"),
    )
    kind = models.CharField(_("kind of funder"), max_length=20, choices=FundingKind)
    min_contribution = euros(_("smallest contribution (EUR)"))
    max_contribution = euros(_("largest contribution (EUR)"))
    min_partners_share = percent(
        _("least share of authorities and partners (%)"), help_text=_("Of the whole cost; empty = none.")
    )
    gates = ArrayField(models.CharField(max_length=10, choices=Gate), verbose_name=_("gates"), default=list, blank=True)
    description_fr = models.TextField(_("description in French"), blank=True)
    description_en = models.TextField(_("description in English"), blank=True)
    website = models.URLField(_("website"), max_length=500, blank=True)
    name = Translated()
    description = Translated()
    search = search.column("name_fr", "name_en")

    class Meta:
        verbose_name = _("funding programme")
        verbose_name_plural = _("funding programmes")
        ordering = ["name_fr__unaccent"]
        indexes = [search.index("fundingprogramme")]
        constraints = [
            check(
                "cooperation_fundingprogramme_kind_known",
                Q(kind__in=[kind.value for kind in FundingKind if kind not in ("own", "partner-city")]),
                _("A programme is that of an outside funder."),
            ),
            check(
                "cooperation_fundingprogramme_gates_known",
                Q(gates__contained_by=list(Gate.values)),
                _("This is not one of the choices."),
            ),
            positive("cooperation_fundingprogramme", "min_contribution"),
            positive("cooperation_fundingprogramme", "max_contribution"),
            in_order(
                "cooperation_fundingprogramme",
                "min_contribution",
                "max_contribution",
                _("The smallest contribution is not above the largest."),
            ),
            within_100("cooperation_fundingprogramme", "min_partners_share"),
        ]

    def __str__(self):
        return self.name


@tracked
class FundingCall(BaseModel):
    """A call for proposals: what it pays for, on what conditions, and its deadlines (at least one). Amounts in EUR."""

    identifier = models.CharField(_("identifier"), max_length=80, unique=True)
    title_fr = models.CharField(_("title in French"), max_length=300)
    title_en = models.CharField(_("title in English"), max_length=300, blank=True)
    programme = models.ForeignKey(
        FundingProgramme, models.PROTECT, related_name="calls", verbose_name=_("funding programme")
    )
    published_status = models.CharField(
        _("status as published"), max_length=60, blank=True, help_text=_("In the funder's words.")
    )
    opens_on = models.DateField(_("opens on"), null=True, blank=True)
    deadline_model = models.CharField(
        _("kind of deadlines"), max_length=20, choices=DeadlineModel, default=DeadlineModel.SINGLE
    )
    deadlines = ArrayField(
        models.DateField(),
        verbose_name=_("deadlines"),
        error_messages={"blank": NO_DEADLINE, "null": NO_DEADLINE},
        help_text=_("Every deadline of the call; at least one."),
    )
    # The last of the deadlines, kept by a trigger.
    last_deadline = models.DateField(_("last deadline"), editable=False)
    withdrawn_on = models.DateField(_("withdrawn by the funder on"), null=True, blank=True)
    call_budget = euros(_("budget of the call (EUR)"))
    topic_budget = euros(_("budget of the topic (EUR)"))
    min_contribution = euros(_("smallest contribution (EUR)"))
    max_contribution = euros(_("largest contribution (EUR)"))
    cofunding_rate = percent(_("co-funding rate (%)"), help_text=_("What the funder pays at most, of the whole cost."))
    min_partners_share = percent(
        _("least share of authorities and partners (%)"),
        help_text=_("Of the whole cost; empty = that of the programme."),
    )
    min_partners = models.PositiveSmallIntegerField(_("least number of partner cities"), null=True, blank=True)
    country_scope = models.CharField(_("where"), max_length=6, choices=CountryScope, default=CountryScope.ANY)
    gates = ArrayField(
        models.CharField(max_length=10, choices=Gate),
        verbose_name=_("gates"),
        default=list,
        blank=True,
        help_text=_("Those of the programme hold too."),
    )
    keywords = ArrayField(models.CharField(max_length=60), verbose_name=_("keywords"), default=list, blank=True)
    conditions_fr = models.TextField(_("conditions in French"), blank=True)
    conditions_en = models.TextField(_("conditions in English"), blank=True)
    url = models.URLField(_("address"), max_length=500, blank=True)
    themes = models.ManyToManyField("cooperation.Theme", through="CallTheme", related_name="calls")
    countries = models.ManyToManyField("partnerships.Country", through="CallCountry", related_name="funding_calls")
    title = Translated()
    conditions = Translated()
    search = search.column("identifier", "title_fr", "title_en")
    search_through = ("programme",)

    class Meta:
        verbose_name = _("funding call")
        verbose_name_plural = _("funding calls")
        ordering = ["last_deadline", "identifier"]
        indexes = [
            search.index("fundingcall"),
            search.alike("fundingcall", "title_fr", "title_en"),
            models.Index(fields=["last_deadline"], name="cooperation_call_deadline"),
        ]
        constraints = [
            check("cooperation_fundingcall_has_deadline", Q(deadlines__len__gte=1), NO_DEADLINE),
            one_of_choices("cooperation_fundingcall", "deadline_model", DeadlineModel),
            one_of_choices("cooperation_fundingcall", "country_scope", CountryScope),
            check(
                "cooperation_fundingcall_gates_known",
                Q(gates__contained_by=list(Gate.values)),
                _("This is not one of the choices."),
            ),
            plausible_dates("cooperation_fundingcall", "opens_on", "last_deadline", "withdrawn_on"),
            *(
                positive("cooperation_fundingcall", field)
                for field in ("call_budget", "topic_budget", "min_contribution", "max_contribution")
            ),
            in_order(
                "cooperation_fundingcall",
                "topic_budget",
                "call_budget",
                _("The budget of the topic is within that of the call."),
            ),
            in_order(
                "cooperation_fundingcall",
                "min_contribution",
                "max_contribution",
                _("The smallest contribution is not above the largest."),
            ),
            within_100("cooperation_fundingcall", "cofunding_rate"),
            within_100("cooperation_fundingcall", "min_partners_share"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="deadlines",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("deadlines", "last_deadline", "opens_on"),
                when=pgtrigger.Before,
                func=triggers.DEADLINES,
            )
        ]

    refusals = {"cooperation_fundingcall_opens_by_deadline": OPENS_LATE}

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return address("cooperation:call", self.pk)

    def clean_fields(self, exclude=None):
        self.deadlines = sorted({day for day in self.deadlines or [] if day is not None})
        if self.deadlines:
            self.last_deadline = self.deadlines[-1]
        super().clean_fields({*(exclude or ()), "last_deadline"})

    def clean(self):
        super().clean()
        dates.refuse_future(self, "withdrawn_on")
        if self.opens_on and self.deadlines and self.opens_on > self.deadlines[0]:
            raise ValidationError({"opens_on": OPENS_LATE})
        if any(not 1990 <= day.year <= 2100 for day in self.deadlines):
            raise ValidationError({"deadlines": _("A deadline lies between the years 1990 and 2100.")})

    def next_deadline(self, day=None):
        """The first deadline on the day (today) or after it; None where all have passed, or the funder withdrew the call."""
        if self.withdrawn_on is not None:
            return None
        day = day or clock.today()
        return next((deadline for deadline in self.deadlines if deadline >= day), None)

    def _or_programme(self, name: str):
        own = getattr(self, name)
        return getattr(self.programme, name) if own is None else own

    @property
    def smallest(self):
        """The smallest contribution (EUR) of the call, or of its programme; None = no lower limit."""
        return self._or_programme("min_contribution")

    @property
    def largest(self):
        """The largest contribution (EUR) of the call, or of its programme; None = no upper limit."""
        return self._or_programme("max_contribution")

    @property
    def partners_share(self):
        """The least share (%) that authorities and partners bear; None = none asked."""
        return self._or_programme("min_partners_share")

    @property
    def all_gates(self) -> list[str]:
        """The gates of the call and of its programme."""
        return [gate.value for gate in Gate if gate in {*self.gates, *self.programme.gates}]


@tracked
class CallTheme(BaseModel):
    """A field of cooperation that a call pays for."""

    call = models.ForeignKey(FundingCall, models.CASCADE, related_name="fields", verbose_name=_("funding call"))
    theme = models.ForeignKey(
        "cooperation.Theme", models.PROTECT, related_name="call_fields", verbose_name=_("field of cooperation")
    )

    class Meta:
        verbose_name = _("field of the call")
        verbose_name_plural = _("fields of the call")
        ordering = ["call", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["call", "theme"],
                name="cooperation_calltheme_once",
                violation_error_message=_("The call already has this field."),
            )
        ]

    def __str__(self):
        return str(self.theme)


@tracked
class CallCountry(BaseModel):
    """A country in which a call pays for projects."""

    call = models.ForeignKey(FundingCall, models.CASCADE, related_name="places", verbose_name=_("funding call"))
    country = models.ForeignKey(
        "partnerships.Country", models.PROTECT, related_name="call_places", verbose_name=_("country")
    )

    class Meta:
        verbose_name = _("country of the call")
        verbose_name_plural = _("countries of the call")
        ordering = ["call", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["call", "country"],
                name="cooperation_callcountry_once",
                violation_error_message=_("The call already has this country."),
            )
        ]

    def __str__(self):
        return str(self.country)


@tracked
class Filing(BaseModel):
    """What the City has filed for a year and a funder asks for: the aid return (CGCT L1115-6), reports on earlier grants."""

    gate = models.CharField(_("what"), max_length=10, choices=Gate)
    year = models.PositiveSmallIntegerField(_("for the year"))
    funder = models.ForeignKey(
        "partnerships.Organisation",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="filings",
        verbose_name=_("funder"),
        help_text=_("Reports only: to whom."),
    )
    filed_on = models.DateField(_("filed on"))
    reference = models.CharField(_("reference"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("filing")
        verbose_name_plural = _("filings")
        ordering = ["-year", "gate"]
        constraints = [
            check(
                "cooperation_filing_gate_filed",
                Q(gate__in=[gate.value for gate in FILED_GATES]),
                _("Only the aid return and reports are filed."),
            ),
            check(
                "cooperation_filing_reports_name_funder",
                Q(gate="reports", funder__isnull=False) | ~Q(gate="reports") & Q(funder__isnull=True),
                _("Reports name their funder; the aid return has none."),
            ),
            plausible_year("cooperation_filing"),
            plausible_dates("cooperation_filing", "filed_on"),
            models.UniqueConstraint(
                fields=["gate", "year", "funder"],
                name="cooperation_filing_once",
                nulls_distinct=False,
                violation_error_message=_("This is already filed."),
            ),
        ]

    def __str__(self):
        return f"{self.get_gate_display()}, {self.year}"

    def clean(self):
        super().clean()
        dates.refuse_future(self, "filed_on")

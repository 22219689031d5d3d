"""What the lists of cooperation are narrowed by, in pages and API alike.

`ProjectFilter(request.GET, queryset=selectors.projects.projects(request.user), request=request).qs`
"""

import django_filters
from django import forms
from django.core.validators import RegexValidator
from django.db.models import BooleanField, DateField, Exists, F, Func, OuterRef, Q, QuerySet, Value
from django.utils.translation import gettext_lazy as _
from drf_spectacular.drainage import set_override

from cooperation import models, selectors
from cooperation.enums import (
    DIRECTORATE_ROLES,
    ApplicationStage,
    CountryScope,
    CulturalKind,
    CulturalStatus,
    Discipline,
    FundingKind,
    Gate,
    LabelStage,
    Mode,
    Nature,
    PracticeKind,
    ProjectRole,
    ProjectStage,
    ThemeKind,
)
from core.filters import AnyOfFilter, RecordFilter, ReferenceFilter, YesNoFilter
from partnerships.models import Agreement, City, Country, Organisation
from partnerships.selectors import aided_countries


class YearFilter(django_filters.NumberFilter):
    """A whole year; one that no calendar of the database has is refused."""

    field_class = forms.IntegerField

    def __init__(self, *args, **kwargs):
        super().__init__(*args, min_value=1900, max_value=2200, **kwargs)
        set_override(self, "field", {"type": "integer", "minimum": 1900, "maximum": 2200})


def on_or_after(name: str, label) -> django_filters.DateFilter:
    return django_filters.DateFilter(field_name=name, lookup_expr="gte", label=label)


def on_or_before(name: str, label) -> django_filters.DateFilter:
    return django_filters.DateFilter(field_name=name, lookup_expr="lte", label=label)


class _AnyBetween(Func):
    """Whether any of an array of days lies between two days; None leaves that side open."""

    template = "%(expressions)s)"
    arg_joiner = " @> ANY("

    def __init__(self, days: F, first, last):
        bounds = (Value(first, DateField()), Value(last, DateField()), Value("[]"))
        super().__init__(Func(*bounds, function="daterange"), days, output_field=BooleanField())


def _only(queryset: QuerySet, condition: Q, value: str) -> QuerySet:
    """Those of which the condition holds, for `true`; the others for `false`."""
    return queryset.filter(condition if value == "true" else ~condition)


class ProjectFilter(RecordFilter):
    stage = AnyOfFilter(choices=ProjectStage, label=_("Stage"))
    theme = ReferenceFilter(model=models.Theme, method="in_field", label=_("Field of cooperation"))
    theme_kind = AnyOfFilter(choices=ThemeKind, method="in_fields_of_kind", label=_("Kind of field"))
    city = ReferenceFilter(model=City, method="in_city", label=_("City"))
    country = ReferenceFilter(model=Country, method="in_country", label=_("Country"))
    directorate = ReferenceFilter(
        model=Organisation, method="of_directorate", label=_("Lead or associated directorate")
    )
    operator = ReferenceFilter(model=Organisation, method="of_operator", label=_("Operator"))
    organisation = ReferenceFilter(model=Organisation, method="of_organisation", label=_("Organisation, in any role"))
    mode = AnyOfFilter(choices=Mode, method="by_mode", label=_("Mode"))
    funder = ReferenceFilter(model=Organisation, method="paid_by", label=_("Funder"))
    agreement = ReferenceFilter(model=Agreement, label=_("Agreement"))
    parent = ReferenceFilter(model=models.Project, label=_("Part of"))
    part = YesNoFilter(method="that_is_part", label=_("Part of a larger project"))
    transversal = YesNoFilter(method="that_is_transversal", label=_("Several directorates"))
    priority = YesNoFilter(method="that_is_priority", label=_("In a priority field of the end of term"))
    cash_committed = YesNoFilter(method="with_cash_committed", label=_("Cash committed, by whomever"))
    own_cash_in = ReferenceFilter(
        model=City, method="with_own_cash", label=_("The City’s own cash, committed for the city")
    )
    own_cash_after = django_filters.DateFilter(
        method="with_own_cash", label=_("The City’s own cash, committed on or after")
    )
    own_cash_before = django_filters.DateFilter(
        method="with_own_cash", label=_("The City’s own cash, committed on or before")
    )
    purpose = ReferenceFilter(model=models.PurposeCode, method="under_purpose", label=_("DAC purpose code"))
    sector_stated = YesNoFilter(method="with_sector", label=_("Sector stated"))
    planned_start_after = on_or_after("planned_start", _("Planned start on or after"))
    planned_start_before = on_or_before("planned_start", _("Planned start on or before"))
    planned_end_after = on_or_after("planned_end", _("Planned end on or after"))
    planned_end_before = on_or_before("planned_end", _("Planned end on or before"))
    actual_start_after = on_or_after("actual_start", _("Actual start on or after"))
    actual_start_before = on_or_before("actual_start", _("Actual start on or before"))
    actual_end_after = on_or_after("actual_end", _("Actual end on or after"))
    actual_end_before = on_or_before("actual_end", _("Actual end on or before"))

    class Meta:
        model = models.Project
        fields: tuple[str, ...] = ()

    def _with(self, queryset, part, **wanted):
        """The projects of which a row of `part` (their cities, bodies...) is as wanted."""
        return queryset.filter(pk__in=part.objects.visible_to(self.request.user).filter(**wanted).values("project"))

    def in_field(self, queryset, name, theme):
        return self._with(queryset, models.ProjectTheme, theme=theme)

    def in_fields_of_kind(self, queryset, name, kinds):
        return self._with(queryset, models.ProjectTheme, theme__kind__in=kinds) if kinds else queryset

    def in_city(self, queryset, name, city):
        return self._with(queryset, models.ProjectCity, city=city)

    def in_country(self, queryset, name, country):
        return self._with(queryset, models.ProjectCity, city__country=country)

    def of_directorate(self, queryset, name, directorate):
        return self._with(queryset, models.ProjectOrganisation, organisation=directorate, role__in=DIRECTORATE_ROLES)

    def of_operator(self, queryset, name, operator):
        return self._with(queryset, models.ProjectOrganisation, organisation=operator, role=ProjectRole.OPERATOR)

    def of_organisation(self, queryset, name, organisation):
        return self._with(queryset, models.ProjectOrganisation, organisation=organisation)

    def by_mode(self, queryset, name, modes):
        return queryset.filter(modes__overlap=modes) if modes else queryset

    def paid_by(self, queryset, name, funder):
        """A whole is paid by whoever pays one of its parts."""
        lines = models.FundingLine.objects.visible_to(self.request.user).filter(
            organisation=funder, project__isnull=False
        )
        wholes = lines.filter(project__parent__isnull=False).order_by().values("project__parent")
        return queryset.filter(Q(pk__in=lines.order_by().values("project")) | Q(pk__in=wholes))

    def that_is_part(self, queryset, name, value):
        return queryset.filter(parent__isnull=value == "false")

    def that_is_transversal(self, queryset, name, value):
        return _only(queryset, selectors.projects.is_transversal(), value)

    def that_is_priority(self, queryset, name, value):
        return _only(queryset, selectors.projects.is_in_priority_field(), value)

    def under_purpose(self, queryset, name, purpose):
        return queryset.filter(purposes__has_key=purpose.code)

    def with_cash_committed(self, queryset, name, value):
        paid = selectors.money.projects_with_commitments(self.request.user)
        return _only(queryset, Q(pk__in=paid.order_by().values("pk")), value)

    def with_own_cash(self, queryset, name, value):
        """One and the same commitment is for the city and between both days; the rows say how much (`counted`)."""
        bounds = ("own_cash_in", "own_cash_after", "own_cash_before")
        given = {bound: found for bound in bounds if (found := self.form.cleaned_data.get(bound))}
        if name != next(iter(given)):  # the first of them has asked for all
            return queryset
        money, reader, city = selectors.money, self.request.user, given.get("own_cash_in")
        moved = money.own_commitments_in(reader, city) if city else money.own_commitments(reader)
        if first := given.get("own_cash_after"):
            moved = moved.filter(on__gte=first)
        if last := given.get("own_cash_before"):
            moved = moved.filter(on__lte=last)
        return money.that_bear(queryset, moved)

    def with_sector(self, queryset, name, value):
        fields = models.ProjectTheme.objects.visible_to(self.request.user).filter(project=OuterRef("pk"))
        return _only(queryset, Q(Exists(fields)) | ~Q(purposes={}), value)


class FundingLineFilter(RecordFilter):
    project = ReferenceFilter(model=models.Project, label=_("Project"))
    cultural_project = ReferenceFilter(model=models.CulturalProject, label=_("Cultural project"))
    kind = AnyOfFilter(choices=FundingKind, label=_("Kind of funder"))
    nature = AnyOfFilter(choices=Nature, label=_("Nature"))
    organisation = ReferenceFilter(model=Organisation, label=_("Funder"))
    city = ReferenceFilter(model=City, label=_("Partner city that pays"))
    currency = django_filters.CharFilter(
        label=_("Currency"),
        validators=[RegexValidator("^[A-Z]{3}$", _("A currency is a code of three capital letters (ISO 4217)."))],
    )
    framework = ReferenceFilter(model=models.Framework, label=_("Framework agreement"))
    external = YesNoFilter(method="that_is_external", label=_("Paid by others than us"))
    project_stage = AnyOfFilter(field_name="project__stage", choices=ProjectStage, label=_("Stage of the project"))
    theme = ReferenceFilter(model=models.Theme, method="in_field", label=_("Field of cooperation"))

    class Meta:
        model = models.FundingLine
        fields: tuple[str, ...] = ()

    def that_is_external(self, queryset, name, value):
        return _only(queryset, ~Q(kind=FundingKind.OWN), value)

    def in_field(self, queryset, name, theme):
        rows = models.ProjectTheme.objects.visible_to(self.request.user).filter(theme=theme)
        return queryset.filter(project__in=rows.values("project"))


class FundingCallFilter(RecordFilter):
    programme = ReferenceFilter(model=models.FundingProgramme, label=_("Funding programme"))
    funder = ReferenceFilter(field_name="programme__funder", model=Organisation, label=_("Funder"))
    theme = ReferenceFilter(model=models.Theme, method="in_field", label=_("Field of cooperation"))
    country = ReferenceFilter(model=Country, method="for_country", label=_("Pays for projects in the country"))
    open = YesNoFilter(method="that_is_open", label=_("Open today"))
    forthcoming = YesNoFilter(method="that_is_forthcoming", label=_("Opens later"))
    deadline_after = django_filters.DateFilter(method="with_deadline", label=_("A deadline on or after"))
    deadline_before = django_filters.DateFilter(method="with_deadline", label=_("A deadline on or before"))
    gate = AnyOfFilter(choices=Gate, method="with_gate", label=_("Gate"))

    class Meta:
        model = models.FundingCall
        fields: tuple[str, ...] = ()

    def in_field(self, queryset, name, theme):
        rows = models.CallTheme.objects.visible_to(self.request.user).filter(theme=theme)
        return queryset.filter(pk__in=rows.values("call"))

    def for_country(self, queryset, name, country):
        """Whether it is listed, or the call takes any country, or those that receive aid while it is one of them."""
        reader = self.request.user
        listed = models.CallCountry.objects.visible_to(reader).filter(country=country).values("call")
        eligible = Q(country_scope=CountryScope.ANY) | Q(country_scope=CountryScope.LISTED, pk__in=listed)
        if aided_countries(reader).filter(pk=country.pk).exists():
            eligible |= Q(country_scope=CountryScope.DAC)
        return queryset.filter(eligible)

    def that_is_open(self, queryset, name, value):
        return _only(queryset, selectors.calls.is_open(), value)

    def that_is_forthcoming(self, queryset, name, value):
        return _only(queryset, selectors.calls.is_forthcoming(), value)

    def with_deadline(self, queryset, name, value):
        """One and the same deadline lies between both bounds."""
        first, last = (self.form.cleaned_data.get(f"deadline_{bound}") for bound in ("after", "before"))
        if first and last and first > last:
            return queryset.none()
        return queryset.filter(_AnyBetween(F("deadlines"), first, last))

    def with_gate(self, queryset, name, gates):
        return queryset.filter(Q(gates__overlap=gates) | Q(programme__gates__overlap=gates)) if gates else queryset


class ApplicationFilter(RecordFilter):
    call = ReferenceFilter(model=models.FundingCall, label=_("Funding call"))
    project = ReferenceFilter(model=models.Project, label=_("Project"))
    directorate = ReferenceFilter(model=Organisation, label=_("Directorate that applies"))
    stage = AnyOfFilter(choices=ApplicationStage, label=_("Stage"))
    submitted_year = YearFilter(field_name="submitted_on", lookup_expr="year", label=_("Year of the submission"))

    class Meta:
        model = models.Application
        fields: tuple[str, ...] = ()


class CulturalProjectFilter(RecordFilter):
    kind = AnyOfFilter(choices=CulturalKind, label=_("Kind"))
    status = AnyOfFilter(choices=CulturalStatus, label=_("Status"))
    year = YearFilter(label=_("Year of the programme"))
    recipient = ReferenceFilter(model=Organisation, label=_("Recipient"))
    discipline = AnyOfFilter(choices=Discipline, label=_("Discipline"))
    city = ReferenceFilter(model=City, method="to_city", label=_("Destination city"))
    country = ReferenceFilter(model=Country, method="to_country", label=_("Destination country"))

    class Meta:
        model = models.CulturalProject
        fields: tuple[str, ...] = ()

    def _to(self, queryset, condition: Q):
        rows = models.CulturalDestination.objects.visible_to(self.request.user).filter(condition)
        return queryset.filter(pk__in=rows.values("project"))

    def to_city(self, queryset, name, city):
        return self._to(queryset, Q(city=city))

    def to_country(self, queryset, name, country):
        return self._to(queryset, Q(country=country) | Q(city__country=country))


class EditionFilter(RecordFilter):
    programme = ReferenceFilter(model=models.ExchangeProgramme, label=_("Programme"))
    year = YearFilter(label=_("Year"))
    city = ReferenceFilter(model=City, label=_("Partner city"))

    class Meta:
        model = models.Edition
        fields: tuple[str, ...] = ()


class LabelFilter(RecordFilter):
    programme = ReferenceFilter(model=models.ExchangeProgramme, label=_("Label"))
    applicant = ReferenceFilter(model=Organisation, label=_("Applicant"))
    stage = AnyOfFilter(choices=LabelStage, label=_("Stage"))
    valid = YesNoFilter(method="that_is_valid", label=_("Valid today"))
    received_after = on_or_after("received_on", _("Received on or after"))
    received_before = on_or_before("received_on", _("Received on or before"))
    decided_after = on_or_after("decided_on", _("Decided on or after"))
    decided_before = on_or_before("decided_on", _("Decided on or before"))

    class Meta:
        model = models.Label
        fields: tuple[str, ...] = ()

    def that_is_valid(self, queryset, name, value):
        valid = selectors.projects.valid_labels(self.request.user).order_by().values("pk")
        return _only(queryset, Q(pk__in=valid), value)


class GoodPracticeFilter(RecordFilter):
    kind = AnyOfFilter(choices=PracticeKind, label=_("Kind"))
    city = ReferenceFilter(model=City, label=_("City"))
    theme = ReferenceFilter(model=models.Theme, label=_("Field of cooperation"))

    class Meta:
        model = models.GoodPractice
        fields: tuple[str, ...] = ()

"""What the lists of solidarity are narrowed by, in pages and API alike.

`GrantFilter(request.GET, queryset=selectors.grants.grants(request.user), request=request).qs`
"""

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cooperation.enums import Discipline
from cooperation.filters import YearFilter, on_or_after, on_or_before
from cooperation.models import Project, Theme
from core.filters import AnyOfFilter, RecordFilter, ReferenceFilter, YesNoFilter, among
from partnerships.models import City, CouncilGroup, Country, Deliberation, Network, Organisation
from solidarity import models, selectors
from solidarity.enums import (
    AidBasis,
    CrisisKind,
    FundKind,
    GrantStage,
    HealthMeasure,
    HonourKind,
    HonourStage,
    Opinion,
    ResidencyKind,
)


def at_least(name: str, label) -> django_filters.NumberFilter:
    return django_filters.NumberFilter(field_name=name, lookup_expr="gte", label=label)


def at_most(name: str, label) -> django_filters.NumberFilter:
    return django_filters.NumberFilter(field_name=name, lookup_expr="lte", label=label)


class FundFilter(RecordFilter):
    slug = django_filters.CharFilter(label=_("Short name"))
    kind = AnyOfFilter(choices=FundKind, label=_("Kind"))

    class Meta:
        model = models.Fund
        fields: tuple[str, ...] = ()


class EnvelopeFilter(RecordFilter):
    fund = ReferenceFilter(model=models.Fund, label=_("Fund"))
    fund_kind = AnyOfFilter(field_name="fund__kind", choices=FundKind, label=_("Kind of fund"))
    year = YearFilter(label=_("Year"))
    deliberation = ReferenceFilter(model=Deliberation, label=_("Deliberation"))

    class Meta:
        model = models.Envelope
        fields: tuple[str, ...] = ()


class GrantFilter(RecordFilter):
    stage = AnyOfFilter(choices=GrantStage, label=_("Stage"))
    year = YearFilter(label=_("Year"))
    year_min = YearFilter(field_name="year", lookup_expr="gte", label=_("From the year"))
    year_max = YearFilter(field_name="year", lookup_expr="lte", label=_("Until the year"))
    beneficiary = ReferenceFilter(model=Organisation, label=_("Beneficiary"))
    fund = ReferenceFilter(model=models.Fund, method="borne_by_fund", label=_("Fund"))
    envelope = ReferenceFilter(model=models.Envelope, method="borne_by_envelope", label=_("Envelope"))
    country = ReferenceFilter(model=Country, method="in_country", label=_("Country"))
    city = ReferenceFilter(model=City, method="in_city", label=_("City"))
    counted_in = ReferenceFilter(model=City, method="counted_for", label=_("Voted, and counted for the city"))
    theme = ReferenceFilter(model=Theme, label=_("Field of cooperation"))
    project = ReferenceFilter(model=Project, label=_("Project"))
    crisis = ReferenceFilter(model=models.Crisis, label=_("Crisis"))
    deliberation = ReferenceFilter(model=Deliberation, label=_("Deliberation"))
    unpaid = YesNoFilter(method="that_is_unpaid", label=_("Voted, not wholly paid"))
    waiting = YesNoFilter(method="that_waits", label=_("Waits for the department"))
    emergency = YesNoFilter(method="that_is_emergency", label=_("Emergency aid"))
    asked_min = at_least("amount_asked", _("Amount asked of at least (EUR)"))
    asked_max = at_most("amount_asked", _("Amount asked of at most (EUR)"))
    granted_min = at_least("amount_granted", _("Amount granted of at least (EUR)"))
    granted_max = at_most("amount_granted", _("Amount granted of at most (EUR)"))
    received_after = on_or_after("received_on", _("Received on or after"))
    received_before = on_or_before("received_on", _("Received on or before"))
    voted_after = on_or_after("deliberation__voted_on", _("Voted on or after"))
    voted_before = on_or_before("deliberation__voted_on", _("Voted on or before"))

    class Meta:
        model = models.Grant
        fields: tuple[str, ...] = ()

    def _with(self, queryset, part, condition: Q):
        """The grants of which a row of `part` (their allocations, places) is as wanted."""
        return queryset.filter(pk__in=part.objects.visible_to(self.request.user).filter(condition).values("grant"))

    def borne_by_fund(self, queryset, name, fund):
        return self._with(queryset, models.Allocation, Q(envelope__fund=fund))

    def borne_by_envelope(self, queryset, name, envelope):
        return self._with(queryset, models.Allocation, Q(envelope=envelope))

    def in_country(self, queryset, name, country):
        return self._with(queryset, models.GrantPlace, Q(country=country) | Q(city__country=country))

    def in_city(self, queryset, name, city):
        return self._with(queryset, models.GrantPlace, Q(city=city))

    def counted_for(self, queryset, name, city):
        places = selectors.grants.counted_places(self.request.user).filter(city=city)
        return queryset.filter(pk__in=places.values("grant"))

    def that_is_unpaid(self, queryset, name, value):
        return among(queryset, selectors.grants.voted_and_unpaid(self.request.user), value)

    def that_waits(self, queryset, name, value):
        return among(queryset, selectors.grants.waiting(self.request.user), value)

    def that_is_emergency(self, queryset, name, value):
        return queryset.filter(crisis__isnull=value == "false")


class PaymentFilter(RecordFilter):
    grant = ReferenceFilter(model=models.Grant, label=_("Grant"))
    beneficiary = ReferenceFilter(field_name="grant__beneficiary", model=Organisation, label=_("Beneficiary"))
    fund = ReferenceFilter(field_name="allocation__envelope__fund", model=models.Fund, label=_("Fund"))
    allocation = ReferenceFilter(model=models.Allocation, label=_("Allocation"))
    instalment = ReferenceFilter(model=models.Instalment, label=_("Instalment"))
    year = YearFilter(field_name="paid_on", lookup_expr="year", label=_("Year of the payment"))
    paid_after = on_or_after("paid_on", _("Paid on or after"))
    paid_before = on_or_before("paid_on", _("Paid on or before"))
    reference = django_filters.CharFilter(label=_("Reference of the payment order"))

    class Meta:
        model = models.Payment
        fields: tuple[str, ...] = ()


class FinancialReportFilter(RecordFilter):
    grant = ReferenceFilter(model=models.Grant, label=_("Grant"))
    beneficiary = ReferenceFilter(field_name="grant__beneficiary", model=Organisation, label=_("Beneficiary"))
    year = YearFilter(label=_("Financial year"))
    overdue = YesNoFilter(method="that_is_overdue", label=_("Is overdue"))
    received = YesNoFilter(method="that_is_received", label=_("Has been received"))
    accepted = YesNoFilter(method="that_is_accepted", label=_("Has been accepted"))
    due_after = on_or_after("due_on", _("Due on or after"))
    due_before = on_or_before("due_on", _("Due on or before"))

    class Meta:
        model = models.FinancialReport
        fields: tuple[str, ...] = ()

    def that_is_overdue(self, queryset, name, value):
        return among(queryset, selectors.grants.overdue_reports(self.request.user), value)

    def that_is_received(self, queryset, name, value):
        return queryset.filter(received_on__isnull=value == "false")

    def that_is_accepted(self, queryset, name, value):
        return queryset.filter(accepted_on__isnull=value == "false")


class CrisisFilter(RecordFilter):
    slug = django_filters.CharFilter(label=_("Short name"))
    kind = AnyOfFilter(choices=CrisisKind, label=_("Kind"))
    country = ReferenceFilter(model=Country, method="in_country", label=_("Country"))
    city = ReferenceFilter(model=City, method="in_city", label=_("City"))

    class Meta:
        model = models.Crisis
        fields: tuple[str, ...] = ()

    def _striking(self, queryset, condition: Q):
        rows = models.CrisisPlace.objects.visible_to(self.request.user).filter(condition)
        return queryset.filter(pk__in=rows.values("crisis"))

    def in_country(self, queryset, name, country):
        return self._striking(queryset, Q(country=country) | Q(city__country=country))

    def in_city(self, queryset, name, city):
        return self._striking(queryset, Q(city=city))


class HealthIndicatorFilter(RecordFilter):
    city = ReferenceFilter(model=City, label=_("City"))
    year = YearFilter(label=_("Year"))
    measure = AnyOfFilter(choices=HealthMeasure, label=_("Measure"))

    class Meta:
        model = models.HealthIndicator
        fields: tuple[str, ...] = ()


class DeclaredAidFilter(RecordFilter):
    slug = django_filters.CharFilter(label=_("Short name"))
    basis = AnyOfFilter(choices=AidBasis, label=_("What it is"))
    year = YearFilter(label=_("Year"))
    fund = ReferenceFilter(model=models.Fund, label=_("Fund"))

    class Meta:
        model = models.DeclaredAid
        fields: tuple[str, ...] = ()


class ResidencyProgrammeFilter(RecordFilter):
    slug = django_filters.CharFilter(label=_("Short name"))
    kind = AnyOfFilter(choices=ResidencyKind, label=_("Kind"))
    network = ReferenceFilter(model=Network, label=_("Network"))
    host = ReferenceFilter(model=Organisation, method="hosted_by", label=_("Host institution"))

    class Meta:
        model = models.ResidencyProgramme
        fields: tuple[str, ...] = ()

    def hosted_by(self, queryset, name, organisation):
        rows = models.ProgrammeHost.objects.visible_to(self.request.user).filter(organisation=organisation)
        return queryset.filter(pk__in=rows.values("programme"))


class ResidencyFilter(RecordFilter):
    programme = ReferenceFilter(model=models.ResidencyProgramme, label=_("Residency programme"))
    kind = AnyOfFilter(field_name="programme__kind", choices=ResidencyKind, label=_("Kind of programme"))
    host = ReferenceFilter(model=Organisation, label=_("Host institution"))
    discipline = AnyOfFilter(choices=Discipline, label=_("Discipline"))

    class Meta:
        model = models.Residency
        fields: tuple[str, ...] = ()


class HonourFilter(RecordFilter):
    stage = AnyOfFilter(choices=HonourStage, label=_("Stage"))
    kind = AnyOfFilter(choices=HonourKind, label=_("Kind"))
    year = YearFilter(label=_("Year"))
    organisation = ReferenceFilter(model=Organisation, label=_("Organisation"))
    deliberation = ReferenceFilter(model=Deliberation, label=_("Deliberation"))
    exceptional = YesNoFilter(label=_("Exceptional"))
    foreign_policy = YesNoFilter(label=_("Takes a stance on French foreign policy"))
    group = ReferenceFilter(model=CouncilGroup, method="judged_by", label=_("Council group that gave its opinion"))
    opinion = AnyOfFilter(choices=Opinion, method="judged_so", label=_("Opinion of a group"))

    class Meta:
        model = models.Honour
        fields: tuple[str, ...] = ()

    def _with_opinion(self, queryset, **wanted):
        rows = models.CommissionOpinion.objects.visible_to(self.request.user).filter(**wanted)
        return queryset.filter(pk__in=rows.values("honour"))

    def judged_by(self, queryset, name, group):
        return self._with_opinion(queryset, group=group)

    def judged_so(self, queryset, name, opinions):
        return self._with_opinion(queryset, opinion__in=opinions) if opinions else queryset

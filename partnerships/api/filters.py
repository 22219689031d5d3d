"""Filters that only the API has; those of cities, agreements and networks are shared with the pages."""

import django_filters
from django.utils.translation import gettext_lazy as _

from core.filters import RecordFilter, YesNoFilter
from partnerships import selectors
from partnerships.models import Country, Deliberation, Dues, RenewalDecision


class CountryFilter(RecordFilter):
    partner = YesNoFilter(method="of_partners", label=_("Has a partner city"))
    agreement = YesNoFilter(method="of_agreements", label=_("Has a city with a live agreement"))
    ambassador = YesNoFilter(
        method="with_ambassador", label=_("Has a city with a live agreement, and an ambassador today")
    )

    class Meta:
        model = Country
        fields = ["code"]

    def _within(self, queryset, countries, value):
        keys = countries.order_by().values("pk")
        return queryset.filter(pk__in=keys) if value == "true" else queryset.exclude(pk__in=keys)

    def of_partners(self, queryset, name, value):
        return self._within(queryset, selectors.partner_countries(self.request.user), value)

    def of_agreements(self, queryset, name, value):
        return self._within(queryset, selectors.agreement_countries(self.request.user), value)

    def with_ambassador(self, queryset, name, value):
        return self._within(queryset, selectors.covered_countries(self.request.user), value)


class DeliberationFilter(RecordFilter):
    voted_after = django_filters.DateFilter(field_name="voted_on", lookup_expr="gte", label=_("Voted on or after"))
    voted_before = django_filters.DateFilter(field_name="voted_on", lookup_expr="lte", label=_("Voted on or before"))

    class Meta:
        model = Deliberation
        fields = ["number", "rapporteur"]


class DuesFilter(RecordFilter):
    unpaid = YesNoFilter(field_name="paid_on", lookup_expr="isnull", label=_("Not wholly paid"))

    class Meta:
        model = Dues
        fields = ["network", "year"]


class RenewalDecisionFilter(RecordFilter):
    rules = YesNoFilter(method="that_rules", label=_("The latest decision of its city"))

    class Meta:
        model = RenewalDecision
        fields = ["city", "verdict"]

    def that_rules(self, queryset, name, value):
        keys = selectors.ruling_decisions(self.request.user).order_by().values("pk")
        return queryset.filter(pk__in=keys) if value == "true" else queryset.exclude(pk__in=keys)

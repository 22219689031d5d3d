"""What the lists of cities, agreements and networks are narrowed by, in pages and API alike.

`CityFilter(request.GET, queryset=selectors.cities(request.user), request=request).qs`
"""

import django_filters
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import clock
from core.filters import AnyOfFilter, RecordFilter, ReferenceFilter, YesNoFilter
from partnerships import selectors
from partnerships.enums import (
    AgreementKind,
    AgreementStatus,
    ClauseKind,
    MembershipRole,
    NetworkStatus,
    PartyRole,
    PlaceKind,
    RelationKind,
)
from partnerships.models import (
    Agreement,
    AgreementClause,
    AgreementParty,
    Area,
    City,
    CityArea,
    Country,
    Deliberation,
    Membership,
    Network,
    NetworkCity,
    Organisation,
    Relation,
)


class CityFilter(RecordFilter):
    country = ReferenceFilter(model=Country, label=_("Country"))
    area = ReferenceFilter(model=Area, method="in_area", label=_("Area"))
    relation = AnyOfFilter(choices=RelationKind, method="with_relation", label=_("Relation"))
    partner = YesNoFilter(method="that_is_partner", label=_("Partner city"))
    kind = AnyOfFilter(choices=PlaceKind, label=_("Kind of place"))
    network = ReferenceFilter(model=Network, method="in_network", label=_("Network"))

    class Meta:
        model = City
        fields: tuple[str, ...] = ()

    def in_area(self, queryset, name, area):
        """An area holds the cities of the areas that lie in it."""
        rows = CityArea.objects.visible_to(self.request.user).filter(Q(area=area) | Q(area__parent=area))
        return queryset.filter(pk__in=rows.values("city"))

    def with_relation(self, queryset, name, kinds):
        if not kinds:
            return queryset
        return queryset.filter(
            pk__in=Relation.objects.visible_to(self.request.user)
            .holding_on(clock.today())
            .filter(kind__in=kinds, city__isnull=False)
            .values("city")
        )

    def that_is_partner(self, queryset, name, value):
        return queryset.filter(selectors.is_partner() if value == "true" else ~selectors.is_partner())

    def in_network(self, queryset, name, network):
        rows = NetworkCity.objects.visible_to(self.request.user).holding_on(clock.today()).filter(network=network)
        return queryset.filter(pk__in=rows.values("city"))


class AgreementFilter(RecordFilter):
    kind = AnyOfFilter(choices=AgreementKind, label=_("Kind"))
    status = AnyOfFilter(choices=AgreementStatus, label=_("Status"))
    city = ReferenceFilter(model=City, method="with_city", label=_("City"))
    country = ReferenceFilter(model=Country, method="with_country", label=_("Country"))
    organisation = ReferenceFilter(model=Organisation, method="with_organisation", label=_("Organisation"))
    deliberation = ReferenceFilter(model=Deliberation, label=_("Deliberation"))
    clause = AnyOfFilter(choices=ClauseKind, method="with_clause", label=_("Clause"))
    signed_after = django_filters.DateFilter(field_name="signed_on", lookup_expr="gte", label=_("Signed on or after"))
    signed_before = django_filters.DateFilter(field_name="signed_on", lookup_expr="lte", label=_("Signed on or before"))
    expires_after = django_filters.DateFilter(
        field_name="expires_on", lookup_expr="gte", label=_("Expires on or after")
    )
    expires_before = django_filters.DateFilter(
        field_name="expires_on", lookup_expr="lte", label=_("Expires on or before")
    )
    tacit_renewal = YesNoFilter(label=_("Tacit renewal"))
    granted_to_partner = YesNoFilter(method="that_is_granted_to_partner", label=_("Granted to a partner of ours"))

    class Meta:
        model = Agreement
        fields: tuple[str, ...] = ()

    def _with_party(self, queryset, **wanted):
        parties = AgreementParty.objects.visible_to(self.request.user).filter(**wanted)
        return queryset.filter(pk__in=parties.values("agreement"))

    def with_city(self, queryset, name, city):
        return self._with_party(queryset, city=city)

    def with_country(self, queryset, name, country):
        return self._with_party(queryset, city__country=country)

    def with_organisation(self, queryset, name, organisation):
        return self._with_party(queryset, organisation=organisation)

    def that_is_granted_to_partner(self, queryset, name, value):
        granted = self._with_party(queryset, role=PartyRole.BENEFICIARY)
        return granted if value == "true" else queryset.exclude(pk__in=granted.order_by().values("pk"))

    def with_clause(self, queryset, name, kinds):
        if not kinds:
            return queryset
        clauses = AgreementClause.objects.visible_to(self.request.user).filter(kind__in=kinds)
        return queryset.filter(pk__in=clauses.values("agreement"))


class NetworkFilter(RecordFilter):
    status = AnyOfFilter(choices=NetworkStatus, label=_("Status"))
    role = AnyOfFilter(choices=MembershipRole, method="with_role", label=_("Our role today"))
    city = ReferenceFilter(model=City, method="with_city", label=_("Member city"))

    class Meta:
        model = Network
        fields: tuple[str, ...] = ()

    def with_role(self, queryset, name, roles):
        if not roles:
            return queryset
        rows = Membership.objects.visible_to(self.request.user).holding_on(clock.today()).filter(role__in=roles)
        return queryset.filter(pk__in=rows.values("network"))

    def with_city(self, queryset, name, city):
        rows = NetworkCity.objects.visible_to(self.request.user).holding_on(clock.today()).filter(city=city)
        return queryset.filter(pk__in=rows.values("network"))

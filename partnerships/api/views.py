"""The register's resources. Each is rooted in `visible_to`; those with a selector are built by it."""

from django.db.models import BooleanField, ExpressionWrapper, Prefetch
from django.utils.translation import gettext_lazy as _

from core.api.resources import Resource
from partnerships import models, selectors
from partnerships.api import filters, serializers
from partnerships.filters import AgreementFilter, CityFilter, NetworkFilter

APPENDED = ["get", "head", "post"]


class Countries(Resource):
    """Countries and territories by ISO 3166-1 code, with their French-speaking and aid-eligibility standings over time."""

    model = models.Country
    serializer_class = serializers.CountrySerializer
    filterset_class = filters.CountryFilter

    def rows(self):
        statuses = models.CountryStatus.objects.visible_to(self.request.user)
        return super().rows().prefetch_related(Prefetch("statuses", statuses))


class CountryStatuses(Resource):
    """The standings of countries: membership of the OIF, place on the DAC list of aid recipients."""

    model = models.CountryStatus
    serializer_class = serializers.CountryStatusSerializer
    filter_fields = ("country", "kind")


class Areas(Resource):
    """The geographic areas of the City's policy; an area may lie within another."""

    model = models.Area
    serializer_class = serializers.AreaSerializer
    filter_fields = ("slug", "parent")


class Cities(Resource):
    """Cities and places that the City's action names. `is_partner` says whether one is a partner today."""

    model = models.City
    serializer_class = serializers.CitySerializer
    told_of = ("parties__agreement",)
    filterset_class = CityFilter
    headings = {"is_partner": _("partner today")}

    def rows(self):
        is_partner = ExpressionWrapper(selectors.is_partner(), output_field=BooleanField())
        return selectors.cities(self.request.user).annotate(is_partner=is_partner)


class CityAreas(Resource):
    """Which city lies in which area."""

    model = models.CityArea
    serializer_class = serializers.CityAreaSerializer
    filter_fields = ("city", "area")


class Relations(Resource):
    """What ties the City to another city, or to a country: partner, promising, comparator..."""

    model = models.Relation
    serializer_class = serializers.RelationSerializer
    filter_fields = ("city", "country", "kind")


class WatchNotes(Resource):
    """Notes of the political watch. Those written for an audience that the caller is not in do not exist for her."""

    model = models.WatchNote
    serializer_class = serializers.WatchNoteSerializer
    filter_fields = ("city", "audience")

    def rows(self):
        return selectors.watch_notes(self.request.user)


class RenewalDecisions(Resource):
    """What is decided of partnerships: to renew, to pause or to end each. Never changed: the latest one rules.

    `until` is the day on which the partnership is looked at again; an end has none, closes the relations that make the city
    a partner, and is refused (409) while an agreement with the city is live.
    """

    model = models.RenewalDecision
    serializer_class = serializers.RenewalDecisionSerializer
    told_of = ("decided_by",)
    filterset_class = filters.RenewalDecisionFilter
    http_method_names = APPENDED

    def rows(self):
        return selectors.decisions(self.request.user)


class Organisations(Resource):
    """Associations, funders, institutions, directorates, operators, companies, schools..."""

    model = models.Organisation
    serializer_class = serializers.OrganisationSerializer
    filter_fields = ("slug", "kind", "country", "parent", "siret", "rna")


class People(Resource):
    """Contacts and officials, with their functions."""

    model = models.Person
    serializer_class = serializers.PersonSerializer
    filter_fields = ("slug", "council_group")

    def rows(self):
        roles = models.PersonRole.objects.visible_to(self.request.user)
        return super().rows().prefetch_related(Prefetch("roles", roles))


class PersonRoles(Resource):
    """The functions that people hold for a time."""

    model = models.PersonRole
    serializer_class = serializers.PersonRoleSerializer
    filter_fields = ("person", "organisation", "city")


class CouncilGroups(Resource):
    """The political groups of the Council."""

    model = models.CouncilGroup
    serializer_class = serializers.CouncilGroupSerializer
    filter_fields = ("slug",)


class Deliberations(Resource):
    """The deliberations of the Council."""

    model = models.Deliberation
    serializer_class = serializers.DeliberationSerializer
    filterset_class = filters.DeliberationFilter


class Agreements(Resource):
    """Agreements with cities and organisations. `status` moves by the verbs only; `steps` says what each one still needs."""

    model = models.Agreement
    serializer_class = serializers.AgreementSerializer
    told_of = ("renewed_by",)
    filterset_class = AgreementFilter

    def rows(self):
        amendments = models.Amendment.objects.visible_to(self.request.user)
        return selectors.agreements(self.request.user).prefetch_related(Prefetch("amendments", amendments))


class AgreementParties(Resource):
    """The cities and organisations that agreements bind."""

    model = models.AgreementParty
    serializer_class = serializers.AgreementPartySerializer
    filter_fields = ("agreement", "city", "organisation", "role")


class AgreementClauses(Resource):
    """Clauses worth counting, gender equality first of all."""

    model = models.AgreementClause
    serializer_class = serializers.AgreementClauseSerializer
    filter_fields = ("agreement", "kind")


class Amendments(Resource):
    """Amendments; one that names a new expiry moves the agreement's own."""

    model = models.Amendment
    serializer_class = serializers.AmendmentSerializer
    filter_fields = ("agreement", "deliberation")


class Networks(Resource):
    """Networks of cities, with our memberships, dues and seats."""

    model = models.Network
    serializer_class = serializers.NetworkSerializer
    told_of = ("member_cities",)
    filterset_class = NetworkFilter
    headings = {"known_cities": _("member cities that we know")}

    def rows(self):
        reader = self.request.user
        memberships = models.Membership.objects.visible_to(reader)
        seats = models.NetworkSeat.objects.visible_to(reader)
        return selectors.networks(reader).prefetch_related(
            Prefetch("memberships", memberships), Prefetch("seats", seats)
        )


class Memberships(Resource):
    """Our places in networks: one role, for a time."""

    model = models.Membership
    serializer_class = serializers.MembershipSerializer
    filter_fields = ("network", "role")


class Dues(Resource):
    """What networks ask for a year, in EUR, and what was paid."""

    model = models.Dues
    serializer_class = serializers.DuesSerializer
    filterset_class = filters.DuesFilter


class NetworkSeats(Resource):
    """The seats that people hold for the City in the bodies of networks."""

    model = models.NetworkSeat
    serializer_class = serializers.NetworkSeatSerializer
    filter_fields = ("network", "person")


class NetworkCities(Resource):
    """The member cities of networks."""

    model = models.NetworkCity
    serializer_class = serializers.NetworkCitySerializer
    filter_fields = ("network", "city")


class Ambassadors(Resource):
    """The City's network of ambassadors."""

    model = models.Ambassador
    serializer_class = serializers.AmbassadorSerializer
    filter_fields = ("person", "country")

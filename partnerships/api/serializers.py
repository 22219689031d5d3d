"""How the register's records read and are written. A `...Summary` has the record's own columns; the full one adds its parts."""

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from core.api.serializers import RecordSerializer, Reference
from partnerships import models, services

SINCE = ("since", "since_precision")
UNTIL = ("until", "until_precision")
NAMED = ("slug", "name_fr", "name_en")


class CountryStatusSerializer(RecordSerializer):
    class Meta:
        model = models.CountryStatus
        fields = ("country", "kind", *SINCE, "until")


class CountrySummarySerializer(RecordSerializer):
    class Meta:
        model = models.Country
        fields: tuple[str, ...] = ("code", "name_fr", "name_en", "region_fr", "region_en")


class CountrySerializer(CountrySummarySerializer):
    statuses = CountryStatusSerializer(many=True, read_only=True)

    class Meta(CountrySummarySerializer.Meta):
        fields = (*CountrySummarySerializer.Meta.fields, "statuses")


class AreaSerializer(RecordSerializer):
    class Meta:
        model = models.Area
        fields = (*NAMED, "parent")


class CitySummarySerializer(RecordSerializer):
    class Meta:
        model = models.City
        fields: tuple[str, ...] = (*NAMED, "alias", "country", "kind", "latitude", "longitude")


class CityAreaSerializer(RecordSerializer):
    class Meta:
        model = models.CityArea
        fields = ("city", "area")
        expandable = {"city": CitySummarySerializer, "area": AreaSerializer}


class RelationSerializer(RecordSerializer):
    class Meta:
        model = models.Relation
        fields = ("city", "country", "kind", "description_fr", "description_en", *SINCE, *UNTIL)
        expandable = {"city": CitySummarySerializer, "country": CountrySummarySerializer}


CITY = {
    "id": 12,
    "slug": "example-city",
    "name_fr": "Ville-Exemple",
    "name_en": "Example City",
    "alias": "",
    "country": 3,
    "kind": "city",
    "latitude": "14.7000",
    "longitude": "-17.4000",
    "is_partner": True,
}
CITY_WRITTEN = {name: value for name, value in CITY.items() if name not in ("id", "is_partner")}


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A city",
            value=CITY
            | {
                "areas": [],
                "relations": [],
                "version": 1,
                "created_at": "2015-06-01T09:00:00+02:00",
                "updated_at": "2015-06-01T09:00:00+02:00",
            },
            response_only=True,
        ),
        OpenApiExample("A new city", value=CITY_WRITTEN, request_only=True),
    ]
)
class CitySerializer(CitySummarySerializer):
    is_partner = serializers.BooleanField(
        read_only=True, help_text="By a relation that holds today, or a live agreement."
    )
    areas = AreaSerializer(many=True, read_only=True)
    relations = RelationSerializer(many=True, read_only=True)

    class Meta(CitySummarySerializer.Meta):
        fields = (*CitySummarySerializer.Meta.fields, "is_partner", "areas", "relations")
        expandable = {"country": CountrySummarySerializer}


class WatchNoteSerializer(RecordSerializer):
    class Meta:
        model = models.WatchNote
        fields = ("city", "noted_on", "title", "text", "audience")
        expandable = {"city": CitySummarySerializer}


DECISION = {
    "city": 12,
    "verdict": "renew",
    "until": "2017-06-01",
    "reason": "Un échange d'agents est prévu à l'automne.",
}


@extend_schema_serializer(examples=[OpenApiExample("A decision", value=DECISION, request_only=True)])
class RenewalDecisionSerializer(RecordSerializer):
    decided_by = serializers.CharField(
        source="decided_by.get_full_name",
        read_only=True,
        allow_null=True,
        help_text="The person's name; null where another system recorded it.",
    )

    class Meta:
        model = models.RenewalDecision
        fields = ("city", "verdict", "decided_on", "decided_by", "until", "reason")
        expandable = {"city": CitySummarySerializer}

    def create(self, validated_data):
        return services.decide_renewal(
            validated_data["city"],
            actor=self.context["request"].user,
            verdict=validated_data["verdict"],
            until=validated_data.get("until"),
            reason=validated_data["reason"],
            decided_on=validated_data.get("decided_on"),
        )


class OrganisationSerializer(RecordSerializer):
    class Meta:
        model = models.Organisation
        fields = (*NAMED, "kind", "country", "parent", "siret", "rna", "role_fr", "role_en", "website")
        expandable = {"country": CountrySummarySerializer}


class CouncilGroupSerializer(RecordSerializer):
    class Meta:
        model = models.CouncilGroup
        fields = ("slug", "name", "since", "until")


class PersonSummarySerializer(RecordSerializer):
    class Meta:
        model = models.Person
        fields: tuple[str, ...] = ("slug", "name", "email", "phone", "council_group")


class PersonRoleSerializer(RecordSerializer):
    class Meta:
        model = models.PersonRole
        fields = ("person", "title_fr", "title_en", "organisation", "city", *SINCE, *UNTIL)
        expandable = {
            "person": PersonSummarySerializer,
            "organisation": OrganisationSerializer,
            "city": CitySummarySerializer,
        }


class PersonSerializer(PersonSummarySerializer):
    roles = PersonRoleSerializer(many=True, read_only=True)

    class Meta(PersonSummarySerializer.Meta):
        fields = (*PersonSummarySerializer.Meta.fields, "roles")
        expandable = {"council_group": CouncilGroupSerializer}


class DeliberationSerializer(RecordSerializer):
    class Meta:
        model = models.Deliberation
        fields = (
            "number",
            "title_fr",
            "title_en",
            "rapporteur",
            "commission",
            "voted_on",
            "voted_on_precision",
            "transmitted_on",
            "received_on",
        )
        expandable = {"rapporteur": PersonSummarySerializer}


class AgreementSummarySerializer(RecordSerializer):
    class Meta:
        model = models.Agreement
        fields: tuple[str, ...] = (
            "reference",
            "title_fr",
            "title_en",
            "kind",
            "status",
            "object_fr",
            "object_en",
            "forecast_amount",
            "deliberation",
            "signed_on",
            "signed_on_precision",
            "transmitted_to_prefect_on",
            "in_force_on",
            "expires_on",
            "open_ended",
            "notice_months",
            "tacit_renewal",
            "ended_on",
            "state_authorisation",
            "renews",
        )


class AgreementPartySerializer(RecordSerializer):
    class Meta:
        model = models.AgreementParty
        fields = ("agreement", "city", "organisation", "role")
        expandable = {
            "agreement": AgreementSummarySerializer,
            "city": CitySummarySerializer,
            "organisation": OrganisationSerializer,
        }


class AgreementClauseSerializer(RecordSerializer):
    class Meta:
        model = models.AgreementClause
        fields = ("agreement", "kind", "text")
        expandable = {"agreement": AgreementSummarySerializer}


class AmendmentSerializer(RecordSerializer):
    class Meta:
        model = models.Amendment
        fields = (
            "agreement",
            "number",
            "object",
            "signed_on",
            "signed_on_precision",
            "amount_change",
            "new_expiry",
            "deliberation",
        )
        expandable = {"agreement": AgreementSummarySerializer, "deliberation": DeliberationSerializer}


AGREEMENT = {
    "title_fr": "Accord d'amitié avec Ville-Exemple",
    "kind": "friendship",
    "object_fr": "Propreté et assainissement.",
    "forecast_amount": "50000.00",
}


@extend_schema_serializer(examples=[OpenApiExample("A draft", value=AGREEMENT, request_only=True)])
class AgreementSerializer(AgreementSummarySerializer):
    renewed_by = Reference(read_only=True, allow_null=True, help_text="The agreement that renews this one.")
    parties = AgreementPartySerializer(many=True, read_only=True)
    clauses = AgreementClauseSerializer(many=True, read_only=True)
    amendments = AmendmentSerializer(many=True, read_only=True)

    class Meta(AgreementSummarySerializer.Meta):
        fields = (*AgreementSummarySerializer.Meta.fields, "renewed_by", "parties", "clauses", "amendments")
        expandable = {"deliberation": DeliberationSerializer}


class MembershipSerializer(RecordSerializer):
    class Meta:
        model = models.Membership
        fields = ("network", "role", "commission_fr", "commission_en", *SINCE, *UNTIL)


class DuesSerializer(RecordSerializer):
    class Meta:
        model = models.Dues
        fields = ("network", "year", "amount_due", "due_on", "amount_paid", "paid_on")


class NetworkSummarySerializer(RecordSerializer):
    class Meta:
        model = models.Network
        fields: tuple[str, ...] = (
            *NAMED,
            "acronym",
            "status",
            "theme_fr",
            "theme_en",
            "note_fr",
            "note_en",
            "founded_on",
            "founded_on_precision",
            "seat",
            "members_min",
            "due_on",
            "due_on_precision",
            "organisation",
            "website",
        )


class NetworkSeatSerializer(RecordSerializer):
    class Meta:
        model = models.NetworkSeat
        fields = ("network", "person", "body", "function", *SINCE, *UNTIL)
        expandable = {"person": PersonSummarySerializer, "network": NetworkSummarySerializer}


class NetworkSerializer(NetworkSummarySerializer):
    memberships = MembershipSerializer(many=True, read_only=True)
    dues = DuesSerializer(many=True, read_only=True)
    seats = NetworkSeatSerializer(many=True, read_only=True)
    known_cities = serializers.IntegerField(
        read_only=True, help_text="How many of its member cities are recorded here."
    )

    class Meta(NetworkSummarySerializer.Meta):
        fields = (*NetworkSummarySerializer.Meta.fields, "memberships", "dues", "seats", "known_cities")
        expandable = {"organisation": OrganisationSerializer}


class NetworkCitySerializer(RecordSerializer):
    class Meta:
        model = models.NetworkCity
        fields = ("network", "city", *SINCE, *UNTIL)
        expandable = {"network": NetworkSummarySerializer, "city": CitySummarySerializer}


class AmbassadorSerializer(RecordSerializer):
    class Meta:
        model = models.Ambassador
        fields = ("person", "country", "post", "since", "until")
        expandable = {"person": PersonSummarySerializer, "country": CountrySummarySerializer}

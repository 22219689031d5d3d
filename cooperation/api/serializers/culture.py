"""Culture, exchanges, labels and good practices."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from cooperation import models
from cooperation.api.serializers.reference import ThemeSerializer
from core.api.serializers import RecordSerializer
from partnerships.api.serializers import (
    SINCE,
    UNTIL,
    CitySummarySerializer,
    CountrySummarySerializer,
    OrganisationSerializer,
)


class CulturalProjectSummarySerializer(RecordSerializer):
    class Meta:
        model = models.CulturalProject
        fields: tuple[str, ...] = (
            "slug",
            "title_fr",
            "title_en",
            "kind",
            "status",
            "year",
            "starts_on",
            "starts_on_precision",
            "ends_on",
            "ends_on_precision",
            "recipient",
            "discipline",
            "organiser_fr",
            "organiser_en",
            "note_fr",
            "note_en",
        )


class CulturalDestinationSerializer(RecordSerializer):
    class Meta:
        model = models.CulturalDestination
        fields = ("project", "city", "country")
        expandable = {
            "project": CulturalProjectSummarySerializer,
            "city": CitySummarySerializer,
            "country": CountrySummarySerializer,
        }


class CulturalProjectSerializer(CulturalProjectSummarySerializer):
    destinations = CulturalDestinationSerializer(many=True, read_only=True)

    class Meta(CulturalProjectSummarySerializer.Meta):
        fields = (*CulturalProjectSummarySerializer.Meta.fields, "destinations")
        expandable = {"recipient": OrganisationSerializer}


class TurnYearSerializer(serializers.Serializer):
    year = serializers.IntegerField()
    projects = serializers.ListField(child=serializers.IntegerField(), help_text="Cultural projects by number.")


class TurnSerializer(serializers.Serializer):
    """A recipient or a discipline, with what was supported each year."""

    name = serializers.CharField()
    years = serializers.SerializerMethodField()
    repeated = serializers.ListField(
        child=serializers.IntegerField(), help_text="Years in which it came back right after the year before."
    )

    @extend_schema_field(TurnYearSerializer(many=True))
    def get_years(self, turn) -> list[dict]:
        return [{"year": year, "projects": [row.pk for row in turn.by_year[year]]} for year in sorted(turn.by_year)]


class RotationSerializer(serializers.Serializer):
    """Who was co-funded when, over the works and tours of which the year is known."""

    years = serializers.ListField(child=serializers.IntegerField())
    recipients = TurnSerializer(many=True)
    disciplines = TurnSerializer(many=True)


class ExchangeProgrammeSummarySerializer(RecordSerializer):
    class Meta:
        model = models.ExchangeProgramme
        fields: tuple[str, ...] = (
            "slug",
            "name_fr",
            "name_en",
            "kind",
            "description_fr",
            "description_en",
            "organiser",
        )


class EditionSerializer(RecordSerializer):
    class Meta:
        model = models.Edition
        fields = (
            "programme",
            "year",
            "city",
            "starts_on",
            "starts_on_precision",
            "places",
            "applicants",
            "participants",
            "planned_cost",
            "actual_cost",
            "note",
        )
        expandable = {"programme": ExchangeProgrammeSummarySerializer, "city": CitySummarySerializer}


class ExchangeProgrammeSerializer(ExchangeProgrammeSummarySerializer):
    editions = EditionSerializer(many=True, read_only=True)

    class Meta(ExchangeProgrammeSummarySerializer.Meta):
        fields = (*ExchangeProgrammeSummarySerializer.Meta.fields, "editions")
        expandable = {"organiser": OrganisationSerializer}


class LabelSerializer(RecordSerializer):
    class Meta:
        model = models.Label
        fields = (
            "programme",
            "applicant",
            "title_fr",
            "title_en",
            "stage",
            "received_on",
            "opinion",
            "decided_on",
            "valid_until",
            "decision_reason",
        )
        expandable = {"programme": ExchangeProgrammeSummarySerializer, "applicant": OrganisationSerializer}


class GoodPracticeSummarySerializer(RecordSerializer):
    class Meta:
        model = models.GoodPractice
        fields: tuple[str, ...] = (
            "slug",
            "title_fr",
            "title_en",
            "kind",
            "city",
            "theme",
            "practice_fr",
            "practice_en",
            "serves_fr",
            "serves_en",
            "evidence_fr",
            "evidence_en",
            "url",
        )


class PracticeUptakeSerializer(RecordSerializer):
    class Meta:
        model = models.PracticeUptake
        fields = ("practice", "city", "organisation", "note_fr", "note_en", *SINCE, *UNTIL)
        expandable = {
            "practice": GoodPracticeSummarySerializer,
            "city": CitySummarySerializer,
            "organisation": OrganisationSerializer,
        }


class GoodPracticeSerializer(GoodPracticeSummarySerializer):
    uptakes = PracticeUptakeSerializer(many=True, read_only=True)

    class Meta(GoodPracticeSummarySerializer.Meta):
        fields = (*GoodPracticeSummarySerializer.Meta.fields, "uptakes")
        expandable = {"city": CitySummarySerializer, "theme": ThemeSerializer}

"""A grant's own columns, and what its file holds before the vote."""

from rest_framework import serializers

from cooperation.api.serializers.parts import ProjectSummarySerializer
from cooperation.api.serializers.reference import ThemeSerializer
from core.api.serializers import RecordSerializer
from partnerships.api.serializers import (
    CitySummarySerializer,
    CountrySummarySerializer,
    DeliberationSerializer,
    OrganisationSerializer,
)
from solidarity import models
from solidarity.api.serializers.crises import CrisisSummarySerializer
from solidarity.api.serializers.funds import EnvelopeSummarySerializer, FundServiceSerializer


class GrantSummarySerializer(RecordSerializer):
    class Meta:
        model = models.Grant
        fields: tuple[str, ...] = (
            "reference",
            "title_fr",
            "title_en",
            "description",
            "stage",
            "stopped_reason",
            "beneficiary",
            "year",
            "until_year",
            "project",
            "crisis",
            "theme",
            "received_on",
            "amount_asked",
            "amount_granted",
            "in_kind_value",
            "earmarked",
            "opinion",
            "deliberation",
        )


# What the full representations of a grant may read inside it.
GRANT_EXPANDABLE = {
    "beneficiary": OrganisationSerializer,
    "project": ProjectSummarySerializer,
    "crisis": CrisisSummarySerializer,
    "theme": ThemeSerializer,
    "deliberation": DeliberationSerializer,
}


class PersonName(serializers.CharField):
    """A person of the house by name alone: accounts are no records of the API."""

    def __init__(self, person: str, **kwargs):
        text = "The person's name; null where nobody is recorded, or another system did it."
        super().__init__(source=f"{person}.get_full_name", read_only=True, allow_null=True, help_text=text, **kwargs)


class GrantPlaceSerializer(RecordSerializer):
    class Meta:
        model = models.GrantPlace
        fields = ("grant", "city", "country")
        expandable = {
            "grant": GrantSummarySerializer,
            "city": CitySummarySerializer,
            "country": CountrySummarySerializer,
        }


class PieceSerializer(RecordSerializer):
    class Meta:
        model = models.Piece
        fields = ("grant", "kind", "received_on")
        expandable = {"grant": GrantSummarySerializer}


class AllocationSerializer(RecordSerializer):
    class Meta:
        model = models.Allocation
        fields = ("grant", "envelope", "service", "amount")
        expandable = {
            "grant": GrantSummarySerializer,
            "envelope": EnvelopeSummarySerializer,
            "service": FundServiceSerializer,
        }

"""Who pays what. Sums of a line are in its own currency, and in EUR where their name says so."""

from rest_framework import serializers

from cooperation import models
from cooperation.api.serializers.culture import CulturalProjectSummarySerializer
from cooperation.api.serializers.parts import ProjectSummarySerializer
from core.api.serializers import RecordSerializer
from partnerships.api.serializers import (
    AgreementSummarySerializer,
    CitySummarySerializer,
    DeliberationSerializer,
    OrganisationSerializer,
)

SUMS = ("requested", "committed", "disbursed")


def amount(help_text: str, **kwargs) -> serializers.DecimalField:
    """A sum that a selector has computed."""
    return serializers.DecimalField(18, 2, read_only=True, help_text=help_text, **kwargs)


class FrameworkSummarySerializer(RecordSerializer):
    class Meta:
        model = models.Framework
        fields: tuple[str, ...] = ("agreement", "funder", "amount")


class FrameworkSerializer(FrameworkSummarySerializer):
    used = amount("EUR committed on it.")
    left = amount("EUR not committed yet; null where the amount is not known.", allow_null=True)

    class Meta(FrameworkSummarySerializer.Meta):
        fields = (*FrameworkSummarySerializer.Meta.fields, "used", "left")
        expandable = {"agreement": AgreementSummarySerializer, "funder": OrganisationSerializer}


class FundingLineSummarySerializer(RecordSerializer):
    class Meta:
        model = models.FundingLine
        fields: tuple[str, ...] = (
            "project",
            "cultural_project",
            "kind",
            "organisation",
            "city",
            "nature",
            "currency",
            "framework",
            "label",
            "counted_apart",
        )


class MovementSerializer(RecordSerializer):
    amount_eur = serializers.DecimalField(14, 2, read_only=True, help_text="Computed from the amount and its rate.")

    class Meta:
        model = models.Movement
        fields = ("line", "kind", "on", "amount", "currency", "rate", "rate_on", "amount_eur", "reference")
        expandable = {"line": FundingLineSummarySerializer}


class ForecastSerializer(RecordSerializer):
    class Meta:
        model = models.Forecast
        fields = ("line", "year", "amount_eur", "made_on", "deliberation", "note")
        expandable = {"line": FundingLineSummarySerializer, "deliberation": DeliberationSerializer}


class FundingLineSerializer(FundingLineSummarySerializer):
    requested = amount("In the line's currency.")
    committed = amount("In the line's currency.")
    disbursed = amount("In the line's currency.")
    requested_eur = amount("EUR.")
    committed_eur = amount("EUR.")
    disbursed_eur = amount("EUR.")

    class Meta(FundingLineSummarySerializer.Meta):
        fields = (*FundingLineSummarySerializer.Meta.fields, *SUMS, *(f"{name}_eur" for name in SUMS))
        expandable = {
            "project": ProjectSummarySerializer,
            "cultural_project": CulturalProjectSummarySerializer,
            "organisation": OrganisationSerializer,
            "city": CitySummarySerializer,
            "framework": FrameworkSummarySerializer,
        }


class FundingLineDetailSerializer(FundingLineSerializer):
    movements = MovementSerializer(many=True, read_only=True)
    forecasts = ForecastSerializer(many=True, read_only=True)

    class Meta(FundingLineSerializer.Meta):
        fields = (*FundingLineSerializer.Meta.fields, "movements", "forecasts")

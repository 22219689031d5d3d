"""Crises, how fast their aid was paid, and the indicators of cities against AIDS."""

from rest_framework import serializers

from core.api.serializers import RecordSerializer
from partnerships.api.serializers import SINCE, UNTIL, CitySummarySerializer, CountrySummarySerializer
from solidarity import models


class CrisisSummarySerializer(RecordSerializer):
    class Meta:
        model = models.Crisis
        fields: tuple[str, ...] = ("slug", "name_fr", "name_en", "kind", *SINCE, *UNTIL)


class CrisisPlaceSerializer(RecordSerializer):
    class Meta:
        model = models.CrisisPlace
        fields = ("crisis", "city", "country")
        expandable = {
            "crisis": CrisisSummarySerializer,
            "city": CitySummarySerializer,
            "country": CountrySummarySerializer,
        }


class CrisisSerializer(CrisisSummarySerializer):
    places = CrisisPlaceSerializer(many=True, read_only=True)

    class Meta(CrisisSummarySerializer.Meta):
        fields = (*CrisisSummarySerializer.Meta.fields, "places")


class FastTrackSerializer(serializers.Serializer):
    """An emergency grant from the request to the first payment; null while a step has not come."""

    grant = serializers.IntegerField(source="grant.pk", help_text="Its number.")
    reference = serializers.CharField(source="grant.reference")
    requested_on = serializers.DateField(allow_null=True)
    voted_on = serializers.DateField(allow_null=True)
    paid_on = serializers.DateField(allow_null=True)
    days = serializers.IntegerField(
        allow_null=True, help_text="From the request to the first payment, or to today while nothing is paid."
    )


class HealthIndicatorSerializer(RecordSerializer):
    class Meta:
        model = models.HealthIndicator
        fields = ("city", "year", "measure", "target", "actual")
        expandable = {"city": CitySummarySerializer}

"""Indicators with their readings, their trend, and what they measure now. Values are in the indicator's own unit."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.api.serializers import Moment, RecordSerializer
from mandate import measures, models
from mandate.api.addresses import addresses_of
from mandate.api.serializers.parts import ObjectiveSummarySerializer
from mandate.selectors import indicators


def quantity(help_text: str) -> serializers.DecimalField:
    """A value, or the difference of two: with more digits than a column holds."""
    return serializers.DecimalField(28, 2, read_only=True, allow_null=True, help_text=help_text)


class TrendSerializer(serializers.Serializer):
    """The last reading against the one at least 30 days before it, and against the baseline, in the indicator's unit."""

    last = quantity("What it read last; null where there was nothing to count, or no reading yet.")
    last_day = serializers.DateField(allow_null=True)
    earlier = quantity("What it is compared with.")
    earlier_day = serializers.DateField(allow_null=True)
    change = quantity("Last minus earlier.")
    since_baseline = quantity("Last minus baseline.")
    improves = serializers.BooleanField(
        allow_null=True, help_text="Whether the change goes towards the target; null where nothing changed or is known."
    )
    is_reached = serializers.BooleanField(help_text="Whether the last reading reaches the target.")


NAMES = ", ".join(measures.registered())


@extend_schema_field({"type": "string", "description": f"A measure by its name ({NAMES}); empty = judged by hand."})
class MeasureName(serializers.ChoiceField):
    """One of the measures that are registered."""

    def __init__(self, **kwargs):
        super().__init__(choices=measures.choices(), required=False, allow_blank=True, **kwargs)


class IndicatorSerializer(RecordSerializer):
    measure = MeasureName()
    trend = serializers.SerializerMethodField()

    class Meta:
        model = models.Indicator
        fields: tuple[str, ...] = (
            "objective",
            "title_fr",
            "title_en",
            "measure",
            "parameter",
            "judged_words_fr",
            "judged_words_en",
            "unit",
            "direction",
            "target",
            "baseline",
            "since",
            "until",
            "position",
            "trend",
        )
        expandable = {"objective": ObjectiveSummarySerializer}

    @extend_schema_field(TrendSerializer)
    def get_trend(self, indicator) -> dict:
        return TrendSerializer(indicators.trend(indicator)).data


class MeasuredSerializer(serializers.Serializer):
    """What the indicator measures today, of what the caller may see."""

    value = quantity("Null where there is nothing to count.")
    records = serializers.ListField(
        child=serializers.URLField(),
        help_text="The records behind the figure; none where the figure must not name any.",
    )
    whole = serializers.ListField(
        child=serializers.URLField(), allow_null=True, help_text="Of a share: the records that it is a share of."
    )


class IndicatorDetailSerializer(IndicatorSerializer):
    now = serializers.SerializerMethodField(
        help_text="Null where it is judged by hand, and before its period begins.",
    )

    class Meta(IndicatorSerializer.Meta):
        fields = (*IndicatorSerializer.Meta.fields, "now")

    @extend_schema_field(MeasuredSerializer(allow_null=True))
    def get_now(self, indicator) -> dict | None:
        request = self.context["request"]
        measure = indicators.measured(request.user, indicator)
        if measure is None:
            return None
        found = {
            "value": measure.value,
            "records": [address for records in measure.records for address in addresses_of(records, request)],
            "whole": None if measure.whole is None else addresses_of(measure.whole, request),
        }
        return MeasuredSerializer(found).data


class IndicatorReadingSerializer(serializers.Serializer):
    day = serializers.DateField()
    value = quantity("Null where there was nothing to count.")
    computed_at = Moment()


class ReadingPeriodSerializer(serializers.Serializer):
    since = serializers.DateField(required=False, help_text="First day.")
    until = serializers.DateField(required=False, help_text="Last day.")

"""Reports to the Council with their texts, and the account that each gives: live while it is a draft, then as it was kept."""

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from core.api.figures import UNITS, ValueField
from core.api.serializers import RecordSerializer
from mandate import models
from mandate.enums import ReportSection
from mandate.reports.account import Entry
from partnerships.api.serializers import DeliberationSerializer

REPORT = {
    "slug": "rapport-2015",
    "title_fr": "L’action internationale de la Ville en 2015",
    "title_en": "The international action of the City in 2015",
    "starts_on": "2015-01-01",
    "ends_on": "2015-12-31",
}


class ReportSummarySerializer(RecordSerializer):
    class Meta:
        model = models.Report
        fields: tuple[str, ...] = (
            "slug",
            "title_fr",
            "title_en",
            "starts_on",
            "ends_on",
            "status",
            "adopted_on",
            "deliberation",
        )
        expandable = {"deliberation": DeliberationSerializer}


class ReportBlockSerializer(RecordSerializer):
    class Meta:
        model = models.ReportBlock
        fields = ("report", "section", "position", "heading_fr", "heading_en", "text_fr", "text_en")
        expandable = {"report": ReportSummarySerializer}


@extend_schema_serializer(examples=[OpenApiExample("A draft", value=REPORT, request_only=True)])
class ReportDetailSerializer(ReportSummarySerializer):
    blocks = ReportBlockSerializer(many=True, read_only=True, help_text="Its texts, in the order of the report.")

    class Meta(ReportSummarySerializer.Meta):
        fields = (*ReportSummarySerializer.Meta.fields, "blocks")


# --- the account ---


class BilingualSerializer(serializers.Serializer):
    fr = serializers.CharField()
    en = serializers.CharField()


class PageField(serializers.CharField):
    """A page of Parvis, as a whole address."""

    def to_representation(self, value):
        return self.context["request"].build_absolute_uri(value) if value else ""


class ProofSerializer(serializers.Serializer):
    """A record behind a statement."""

    name = BilingualSerializer()
    reference = serializers.CharField()
    link = PageField(help_text="Its page; empty where it has none.")


class PartOfSerializer(serializers.Serializer):
    """One row of a statement that is broken down, in the statement's unit."""

    label = BilingualSerializer()  # type: ignore[assignment]  # the base class has an attribute of this name
    value = ValueField()


class ChangeSerializer(serializers.Serializer):
    """The same figure in the last adopted report, and the difference; null where it was or is not known."""

    before = ValueField()
    difference = ValueField()


class EntrySerializer(serializers.Serializer):
    key = serializers.CharField()
    label = BilingualSerializer()  # type: ignore[assignment]  # the base class has an attribute of this name
    definition = BilingualSerializer()
    note = BilingualSerializer(allow_null=True)
    unit = serializers.ChoiceField(choices=UNITS, allow_blank=True, help_text="Empty: a statement without a figure.")
    value = ValueField()
    change = serializers.SerializerMethodField()
    link = PageField(help_text="The page that lists the records; empty where there is none.")
    records = ProofSerializer(many=True)
    rows = PartOfSerializer(many=True)

    @extend_schema_field(ChangeSerializer(allow_null=True))
    def get_change(self, entry: Entry) -> dict | None:
        found = self.context["changes"].get(entry.key)
        return ChangeSerializer(found).data if found else None


class ReportTextSerializer(serializers.Serializer):
    heading = serializers.CharField()
    text = serializers.CharField()
    language = serializers.CharField(help_text="Of the text, where it is not that of the answer; else empty.")


class AccountSectionSerializer(serializers.Serializer):
    section = serializers.ChoiceField(choices=ReportSection.choices)
    title = serializers.CharField()
    blocks = ReportTextSerializer(many=True)
    entries = EntrySerializer(many=True)


class AccountSerializer(serializers.Serializer):
    """What the report states, with the records behind each figure.

    A draft's figures are those of the day, of what the caller may see; an adopted report's are those of its adoption.
    """

    title = serializers.CharField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    stands_on = serializers.DateField(help_text="The day of its figures.")
    is_draft = serializers.BooleanField()
    compared_with = serializers.CharField(help_text="The last adopted report; empty where there is none.")
    compared_link = PageField(help_text="Its page; empty where there is none.")
    sections = AccountSectionSerializer(many=True)

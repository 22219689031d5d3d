from cooperation import models
from core.api.serializers import RecordSerializer


class ThemeSerializer(RecordSerializer):
    class Meta:
        model = models.Theme
        fields = ("slug", "name_fr", "name_en", "kind", "is_priority")


class PurposeCodeSerializer(RecordSerializer):
    class Meta:
        model = models.PurposeCode
        fields = ("code", "name_fr", "name_en")


class CouncilLeadTimeSerializer(RecordSerializer):
    class Meta:
        model = models.CouncilLeadTime
        fields = ("days", "since", "until")

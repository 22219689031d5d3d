"""The agenda, the conflicts in it, and briefings: what is computed for the caller."""

from datetime import timedelta

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from core import clock, dates
from core.enums import Precision
from events.enums import AgendaKind

# The resource that holds the records of each kind.
RESOURCES = {
    AgendaKind.MISSION: "missions",
    AgendaKind.DELEGATION: "delegations",
    AgendaKind.EVENT: "events",
    AgendaKind.MEETING: "meetings",
    AgendaKind.COUNCIL: "council-sittings",
}
# Days that one request may span.
LONGEST = 400
FAREST = 100


class AgendaPeriodSerializer(serializers.Serializer):
    """The days asked for: the month of the one that is named, or this month; at most 400 days apart."""

    since = serializers.DateField(required=False, help_text="First day; that of the month by default.")
    until = serializers.DateField(required=False, help_text="Last day; that of the month by default.")
    kind = serializers.MultipleChoiceField(
        choices=AgendaKind.choices,
        required=False,
        help_text="One or more kinds, by repeating the parameter; all by default.",
    )

    def validate(self, asked):
        named = asked.get("since") or asked.get("until") or clock.today()
        for name in ("since", "until"):
            if name in asked and abs(asked[name].year - clock.today().year) > FAREST:
                raise serializers.ValidationError({name: [_("This is more than a hundred years away.")]})
        since = asked.get("since") or named.replace(day=1)
        until = asked.get("until") or dates.last_day(named, Precision.MONTH)
        if not since <= until <= since + timedelta(days=LONGEST):
            values = {"days": LONGEST}
            sentence = _("The last day is not before the first, nor more than %(days)s days after.") % values
            raise serializers.ValidationError({"until": [sentence]})
        return {"since": since, "until": until, "kinds": asked.get("kind", ())}


class AgendaRecordSerializer(serializers.Serializer):
    """The record behind an item: its resource and its number there."""

    resource = serializers.ChoiceField(choices=[(name, name) for name in RESOURCES.values()])
    id = serializers.IntegerField()


class LinkField(serializers.CharField):
    """The address of a page in Parvis; null where there is none."""

    def __init__(self, **kwargs):
        super().__init__(read_only=True, allow_null=True, **kwargs)

    def to_representation(self, value):
        return self.context["request"].build_absolute_uri(value) if value else None


class AgendaItemSerializer(serializers.Serializer):
    """Something in the agenda. A date is known as exactly as its precision says; times are local."""

    kind = serializers.ChoiceField(choices=AgendaKind.choices)
    title = serializers.CharField()
    status = serializers.SerializerMethodField(help_text="That of its record; empty for a sitting of the Council.")
    start = serializers.DateField()
    start_precision = serializers.ChoiceField(choices=Precision.choices, allow_blank=True)
    end = serializers.DateField(allow_null=True)
    end_precision = serializers.ChoiceField(choices=Precision.choices, allow_blank=True)
    starts_at = serializers.TimeField(allow_null=True)
    ends_at = serializers.TimeField(allow_null=True)
    where = serializers.CharField(help_text="Where it takes place, in words; empty where it is not known.")
    origin = serializers.CharField(help_text="Of a delegation received, where it comes from; empty for the others.")
    record = serializers.SerializerMethodField()
    link = LinkField(help_text="Its page; null for a sitting of the Council.")

    def get_status(self, item) -> str:
        return getattr(item.record, "status", "")

    @extend_schema_field(AgendaRecordSerializer)
    def get_record(self, item) -> dict:
        return {"resource": RESOURCES[item.kind], "id": item.record.pk}


class ExpectedPersonSerializer(serializers.Serializer):
    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()


class ConflictSerializer(serializers.Serializer):
    """Somebody who is expected in two places on one day."""

    person = ExpectedPersonSerializer()
    on = serializers.DateField(help_text="The first day of both.")
    one = AgendaItemSerializer()
    other = AgendaItemSerializer()


# --- briefings ---


class BriefingSubjectSerializer(serializers.Serializer):
    """What to be briefed on: a city or a mission."""

    city = serializers.CharField(required=False, help_text="A city's short name or number.")
    mission = serializers.CharField(required=False, help_text="A mission's reference or number.")

    def validate(self, asked):
        if len(asked) != 1:
            raise serializers.ValidationError(_("Name a city or a mission: one of the two."))
        return asked


class BriefingLineSerializer(serializers.Serializer):
    what = serializers.CharField()
    detail = serializers.CharField()
    when = serializers.CharField()
    link = LinkField(help_text="The page of what it speaks of.")
    alert = serializers.BooleanField(help_text="Whether it asks for attention.")
    language = serializers.CharField(
        help_text="That of `what`, where it is not the one of the answer; otherwise empty."
    )


class BriefingSectionSerializer(serializers.Serializer):
    key = serializers.CharField(help_text="What it is about, in a word that stays the same in every language.")
    title = serializers.CharField()
    lines = BriefingLineSerializer(many=True)
    empty = serializers.CharField(help_text="What it says while it has no lines.")


class BriefingPartSerializer(serializers.Serializer):
    title = serializers.CharField()
    sections = BriefingSectionSerializer(many=True)


@extend_schema_serializer(many=False)
class BriefingSerializer(serializers.Serializer):
    """What the caller should know before a trip or a visit, of what the caller may see."""

    title = serializers.CharField()
    subtitle = serializers.CharField()
    made_on = serializers.DateField()
    parts = BriefingPartSerializer(many=True)

"""The resources of the house itself: sources, citations, documents and deadlines."""

from dateutil.relativedelta import relativedelta
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.parsers import MultiPartParser

from core import clock, deadlines
from core.api.filters import AttachedFilter
from core.api.parsers import Json
from core.api.resources import READ_ONLY, ListedView, Resource
from core.api.serializers import ContentTypeField, RecordSerializer
from core.downloads import as_download
from core.files import MEDIA_TYPES
from core.models import Citation, Document, Source
from core.models.attached import attachable

ATTACHED = ("content_type", "object_id")


class SourceSerializer(RecordSerializer):
    class Meta:
        model = Source
        fields = ("slug", "title_fr", "title_en", "kind", "published_on", "url")


class AttachedSerializer(RecordSerializer):
    """What is attached to a record that the caller may see and change. A hidden record and an absent one answer alike."""

    content_type = ContentTypeField()

    def validate(self, attrs):
        if not {"content_type", "object_id"} & attrs.keys():
            return attrs
        kind, key = (attrs.get(name, getattr(self.instance, name, None)) for name in ATTACHED)
        model = kind.model_class()
        if model not in attachable():
            return attrs  # the model's own rule refuses it
        actor = self.context["request"].user
        record = model._default_manager.visible_to(actor).filter(pk=key).first()
        if record is None:
            raise serializers.ValidationError({"object_id": [_("There is no such record.")]})
        if not record.takes_attachments(actor):
            raise PermissionDenied(_("You may not change the record that this belongs to."))
        return attrs


class CitationSerializer(AttachedSerializer):
    class Meta:
        model = Citation
        fields = (*ATTACHED, "source", "section", "fact", "note_fr", "note_en")
        expandable = {"source": SourceSerializer}


class DocumentSerializer(AttachedSerializer):
    url = serializers.SerializerMethodField(help_text="Where the content is served to those who see the record.")

    class Meta:
        model = Document
        fields: tuple[str, ...] = (*ATTACHED, "title", "uuid", "filename", "media_type", "size", "sha256", "url")

    def get_url(self, document) -> str:
        return self.context["view"].reverse_action("content", args=[document.pk])


class DocumentUploadSerializer(DocumentSerializer):
    class Meta(DocumentSerializer.Meta):
        fields = (*DocumentSerializer.Meta.fields, "file")
        extra_kwargs = {"file": {"write_only": True}}


class Sources(Resource):
    """The documents that facts are taken from: the City's own, and outside ones, marked as such."""

    model = Source
    serializer_class = SourceSerializer
    filter_fields = ("kind", "slug")


class CitationFilter(AttachedFilter):
    class Meta:
        model = Citation
        fields = ["source"]


class Citations(Resource):
    """Where a fact of a record comes from; seen by those who see the record."""

    model = Citation
    serializer_class = CitationSerializer
    filterset_class = CitationFilter


class DocumentFilter(AttachedFilter):
    class Meta:
        model = Document
        fields = ["media_type"]


class Documents(Resource):
    """Files attached to records: sent as multipart/form-data, described here, served at `url` to those who see the record.

    A file's content never changes: what is described here can be changed, another content is another document.
    """

    model = Document
    serializer_class = DocumentSerializer
    filterset_class = DocumentFilter
    bulk = False

    def get_serializer_class(self):
        return DocumentUploadSerializer if self.action == "create" else DocumentSerializer

    def get_parsers(self):
        sends_file = getattr(self.request, "method", None) == "POST" or getattr(self, "action", None) == "create"
        return [MultiPartParser()] if sends_file else [Json()]

    def perform_content_negotiation(self, request, force=False):
        """The content is of the type it is, whatever the caller accepts; only refusals are written here."""
        return super().perform_content_negotiation(request, force or self.action == "content")

    @extend_schema(summary="Documents: the content", responses={(200, *MEDIA_TYPES): OpenApiTypes.BINARY})
    @action(detail=True, filter_backends=[], pagination_class=None)
    def content(self, request, *args, **kwargs):
        """The file itself, to save."""
        return as_download(self.get_object())


class DeadlinePeriodSerializer(serializers.Serializer):
    """The period asked for: from today to six months later unless said otherwise, at most ten years."""

    since = serializers.DateField(required=False, help_text="First day; today by default.")
    until = serializers.DateField(required=False, help_text="Last day; six months after the first by default.")
    kind = serializers.MultipleChoiceField(
        choices=[(kind, source.title) for kind, source in sorted(deadlines.kinds().items())],
        required=False,
        help_text="One or more kinds, by repeating the parameter; all by default.",
    )
    owner = serializers.ChoiceField(
        choices=[("me", "the caller")], required=False, help_text="`me`: only what the caller answers for."
    )

    def validate(self, period):
        since = period.get("since", clock.today())
        if abs(since.year - clock.today().year) > 100:
            raise serializers.ValidationError({"since": [_("This is more than a hundred years away.")]})
        until = period.get("until", since + relativedelta(months=6))
        if not since <= until <= since + relativedelta(years=10):
            raise serializers.ValidationError(
                {"until": [_("The last day is not before the first, nor more than ten years after.")]}
            )
        return {"since": since, "until": until, "only": period.get("kind", ()), "owner": period.get("owner", "")}


class DeadlineRecordSerializer(serializers.Serializer):
    content_type = serializers.CharField(source="_meta.label_lower", help_text="e.g. partnerships.agreement")
    object_id = serializers.IntegerField(source="pk")


class DeadlineSerializer(serializers.Serializer):
    due = serializers.DateField()
    kind = serializers.CharField(help_text="The rule, e.g. agreement-expiry.")
    what = serializers.CharField()
    link = serializers.SerializerMethodField(help_text="The page of the record.")
    record = DeadlineRecordSerializer(allow_null=True)

    def get_link(self, deadline) -> str:
        return self.context["request"].build_absolute_uri(deadline.link)


class Deadlines(ListedView):
    """What falls due, of the records that the caller may see, soonest first."""

    app = "core"
    serializer_class = DeadlineSerializer
    http_method_names = READ_ONLY
    filter_backends = ()
    parameters = {"list": ("since", "until", "kind", "owner")}

    @extend_schema(parameters=[DeadlinePeriodSerializer])
    def list(self, request, *args, **kwargs):
        asked = DeadlinePeriodSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        period = dict(asked.validated_data)
        mine = period.pop("owner") == "me"
        found = [row for row in deadlines.due(request.user, **period) if not mine or row.owner == request.user]
        page = self.paginate_queryset(found)
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

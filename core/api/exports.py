"""`/exports/`: lists that a worker writes to a file, for what takes too long to wait for."""

from django.http import Http404
from django.utils import translation
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_serializer, extend_schema_view
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.response import Response

from core.api.exporting import MEDIA_TYPES
from core.api.resources import ListedView
from core.api.scopes import api_apps
from core.api.serializers import StrictSerializer
from core.enums import ExportFormat, ExportStatus
from core.exports import answers, services
from core.exports.listing import resources
from core.models import Export

ASKED = {"resource": "grants", "as": "xlsx", "query": "stage=paid&ordering=reference"}


@extend_schema_serializer(examples=[OpenApiExample("All that was paid", value=ASKED, request_only=True)])
class ExportSerializer(StrictSerializer):
    """What was asked for, how far it is, and the link to the file: for whoever asked alone, until `expires_at`."""

    link = serializers.SerializerMethodField(
        help_text="Where the file is served to whoever asked; empty until it is done."
    )

    class Meta:
        model = Export
        fields = (
            "id",
            "resource",
            "query",
            "separator",
            "status",
            "rows",
            "rows_done",
            "problem",
            "link",
            "asked_at",
            "expires_at",
        )
        read_only_fields = ("id", "status", "rows", "rows_done", "problem", "asked_at", "expires_at")
        extra_kwargs = {
            "resource": {"help_text": "The name of the list, e.g. grants."},
            "query": {"help_text": "The query of the list's address: filters, q, ordering, fields, expand."},
            "rows": {"help_text": "How many there were when it began; null before."},
            "rows_done": {"help_text": "How many are written."},
            "problem": {"help_text": "Why it failed; else empty."},
            "expires_at": {"help_text": "When it is taken away: 24 hours after it is finished."},
        }

    def get_fields(self):
        fields = super().get_fields()
        # A word of Python, which no class attribute can be called by.
        fields["as"] = serializers.ChoiceField(ExportFormat.choices, source="file_format", help_text="The format.")
        return fields

    def validate_resource(self, name: str) -> str:
        if name not in resources():
            raise serializers.ValidationError(_("There is no such list."))
        return name

    def get_link(self, export) -> str:
        done = export.status == ExportStatus.DONE
        return self.context["view"].reverse_action("file", args=[export.pk]) if done else ""


@extend_schema_view(
    list=extend_schema(summary="Exports: list"),
    retrieve=extend_schema(summary="Exports: read one"),
    create=extend_schema(summary="Exports: ask for one", request=ExportSerializer, responses={202: ExportSerializer}),
    destroy=extend_schema(summary="Exports: withdraw one"),
)
class Exports(ListedView):
    """Lists that a worker writes to a file; each is seen by whoever asked for it, and by nobody else.

    The rows are those that the asker may see when it runs. Ask until `status` is `done` (or `failed`, with the `problem`),
    then fetch `link` with the same token or another of the same client. At most five may be under way.
    """

    app = "core"
    serializer_class = ExportSerializer
    queryset = Export.objects.none()
    http_method_names = ["get", "head", "post", "delete"]
    filter_backends = ()
    # Whoever may read a list may have it written to a file.
    only_reads = True

    @classmethod
    def opened_by(cls) -> tuple[str, ...]:
        return tuple(app.label for app in api_apps())

    def perform_content_negotiation(self, request, force=False):
        """The file is of its own type, whatever the caller accepts; only refusals are written here."""
        return super().perform_content_negotiation(request, force or self.action == "file")

    def found(self) -> Export:
        export = Export.objects.asked_by(self.request.user).filter(pk=self.kwargs["pk"]).first()
        if export is None:
            raise Http404
        return export

    def list(self, request, *args, **kwargs):
        page = self.paginate_queryset(Export.objects.asked_by(request.user))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request, *args, **kwargs):
        return Response(self.get_serializer(self.found()).data)

    def create(self, request, *args, **kwargs):
        given = self.get_serializer(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = services.Wanted(
            **{"query": "", "separator": "comma"} | given.validated_data,
            language=(translation.get_language() or "fr")[:2],
        )
        export = services.ask(wanted, actor=request.user)
        address = self.reverse_action("detail", args=[export.pk])
        answer = self.get_serializer(export).data
        return Response(answer, status=status.HTTP_202_ACCEPTED, headers={"Location": address})

    def destroy(self, request, *args, **kwargs):
        services.withdraw(self.found(), actor=request.user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(summary="Exports: the file", responses={(200, *MEDIA_TYPES): OpenApiTypes.BINARY})
    @action(detail=True, pagination_class=None)
    def file(self, request, *args, **kwargs):
        """The file itself, to save. 409 until it is done."""
        return answers.as_file(self.found(), request.user)

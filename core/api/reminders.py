"""The rules of reminders, and what the caller was told."""

from django.db import transaction
from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from core.api.resources import ListedView, Resource
from core.api.serializers import ContentTypeField, RecordSerializer
from core.enums import Channel
from core.models import Notification, ReminderRule
from core.reminders import services, words


class ReminderRuleSerializer(RecordSerializer):
    in_words = serializers.SerializerMethodField(help_text="What the rule does, in the caller's language.")

    class Meta:
        model = ReminderRule
        fields = (
            "title_fr",
            "title_en",
            "kind",
            "days_before",
            "to_owner",
            "roles",
            "person",
            "channels",
            "escalation_days",
            "escalation_role",
            "catch_up_days",
            "is_active",
            "in_words",
        )

    def get_in_words(self, rule) -> str:
        return words.in_words(rule)


class ReminderRules(Resource):
    """Which deadline reminds whom, when and how. `kind` is one of those of the deadlines; days are whole days.

    A rule that has told somebody something is not deleted (409): take it out of use with `is_active`.
    """

    model = ReminderRule
    serializer_class = ReminderRuleSerializer
    told_of = ("person",)
    filter_fields = ("kind", "is_active", "to_owner")

    def rows(self):
        return super().rows().select_related("person")

    @transaction.atomic
    def destroy(self, request, *args, **kwargs):
        services.check_rule_deletion(self.get_object())
        return super().destroy(request, *args, **kwargs)


class NotificationSerializer(serializers.ModelSerializer):
    """Something that the caller was told: the sentence as it was then."""

    channel = serializers.ChoiceField(choices=Channel.choices)
    content_type = ContentTypeField()
    link = serializers.SerializerMethodField(help_text="The page of the record; empty where it has none.")

    class Meta:
        model = Notification
        fields = (
            "id",
            "rule",
            "content_type",
            "object_id",
            "due_on",
            "channel",
            "what",
            "details",
            "link",
            "told_at",
            "read_at",
        )
        read_only_fields = fields

    def get_link(self, line) -> str:
        return self.context["request"].build_absolute_uri(line.link) if line.link else ""


class AskedSerializer(serializers.Serializer):
    unread = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="`true`: only what the caller has not read."
    )


@extend_schema_view(
    list=extend_schema(parameters=[AskedSerializer], summary="Notifications: list"),
    retrieve=extend_schema(summary="Notifications: read one"),
)
class Notifications(ListedView):
    """What the caller was told on the pages, the unread first. Another system is told nothing, so it finds nothing here."""

    app = "core"
    serializer_class = NotificationSerializer
    queryset = Notification.objects.none()
    http_method_names = ["get", "head", "post"]
    filter_backends = ()
    parameters = {"list": ("unread",)}

    def found(self) -> Notification:
        line = services.told(self.request.user).filter(pk=self.kwargs["pk"]).first()
        if line is None:
            raise Http404
        return line

    def list(self, request, *args, **kwargs):
        asked = AskedSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        rows = services.unread_first(request.user)
        if asked.validated_data["unread"] is not None:
            rows = rows.filter(read_at__isnull=asked.validated_data["unread"])
        return self.get_paginated_response(self.get_serializer(self.paginate_queryset(rows), many=True).data)

    def retrieve(self, request, *args, **kwargs):
        return Response(self.get_serializer(self.found()).data)

    @extend_schema(summary="Notifications: mark as read", request=None, responses={200: NotificationSerializer})
    @action(detail=True, methods=["post"], url_path="mark-read")
    def mark_read(self, request, *args, **kwargs):
        """What is read stays read, since the first time."""
        services.mark_one_read(actor=request.user, notification=self.found())
        return Response(self.get_serializer(self.found()).data)

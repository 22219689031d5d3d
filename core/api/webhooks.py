"""Who is told of what happens, and what was sent: each client for itself, administrators for all."""

from typing import Any

import django_filters
from django.db import transaction
from django.db.models import Q
from django.http import Http404
from django.utils.translation import gettext_lazy, pgettext_lazy
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_view
from oauth2_provider.models import get_application_model
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.response import Response

from core.access import ApiClient, may
from core.api.filters import Filters
from core.api.permissions import UNREADABLE
from core.api.resources import ListedView, Resource
from core.api.serializers import UNSTORABLE, RecordSerializer
from core.filters import AnyOfFilter, ReferenceFilter
from core.models import WebhookDelivery, WebhookSubscription
from core.webhooks import services

STATES = [
    ("waiting", pgettext_lazy("message", "waits")),
    ("delivered", pgettext_lazy("message", "delivered")),
    ("parked", pgettext_lazy("message", "could not be delivered")),
]


@extend_schema_field({"type": "string", "examples": ["k3mRzE0mPPl8s1"]})
class ClientField(serializers.SlugRelatedField):
    """A client of the API by its `client_id`, among those that the caller speaks for: a client for itself."""

    default_error_messages = {"does_not_exist": gettext_lazy("There is no such client: {value}.")}

    def __init__(self, **kwargs):
        super().__init__(slug_field="client_id", queryset=get_application_model()._default_manager.all(), **kwargs)

    def get_queryset(self):
        clients: Any = super().get_queryset()
        reader = self.context["request"].user if "request" in self.context else None
        return clients.filter(client_id=reader.client_id) if isinstance(reader, ApiClient) else clients

    def to_internal_value(self, data):
        if not isinstance(data, str):
            self.fail("invalid")
        for validator in UNSTORABLE:
            validator()(data)
        return super().to_internal_value(data)


class WebhookSubscriptionSerializer(RecordSerializer):
    client = ClientField(
        required=False, help_text="The `client_id` that it belongs to: the calling client, unless a person asks."
    )

    class Meta:
        model = WebhookSubscription
        fields: tuple[str, ...] = (
            "name",
            "client",
            "url",
            "event_types",
            "is_active",
            "old_until",
            "tried_at",
            "answered_in",
            "failures",
            "retry_at",
        )
        extra_kwargs = {
            "url": {"help_text": "Where messages are sent to: over https, to a public address."},
            "event_types": {
                "help_text": "`<resource>.created`, `<resource>.updated`, `<resource>.deleted`, for each resource of the API "
                "whose records keep their history; and `reminders.due`."
            },
        }

    def validate(self, attrs):
        reader = self.context["request"].user
        if isinstance(reader, ApiClient):
            attrs.setdefault("client", get_application_model()._default_manager.get(client_id=reader.client_id))
        return attrs

    def create(self, validated_data):
        """Its secret is drawn here; the answer to this request alone tells it (`drawn`)."""
        subscription, self.drawn = services.subscribe(
            actor=self.context["request"].user,
            client=validated_data.get("client"),
            name=validated_data.get("name", ""),
            url=validated_data.get("url", ""),
            events=validated_data.get("event_types", ()),
            is_active=validated_data.get("is_active", True),
        )
        return subscription

    def update(self, instance, validated_data):
        super().update(instance, validated_data)
        services.try_at_once(instance)
        return instance


class WebhookSubscriptionCreatedSerializer(WebhookSubscriptionSerializer):
    """The subscription with its secret, which no other answer holds."""

    secret = serializers.CharField(help_text="Signs each message; keep it, it is not shown again.")

    class Meta(WebhookSubscriptionSerializer.Meta):
        fields = (*WebhookSubscriptionSerializer.Meta.fields, "secret")


class WebhookSecretSerializer(serializers.Serializer):
    secret = serializers.CharField(help_text="Signs each message from now on; keep it, it is not shown again.")
    old_until = serializers.DateTimeField(help_text="Until then the old one signs beside it.")


class WebhookDeliverySerializer(serializers.ModelSerializer):
    webhook_id = serializers.UUIDField(
        source="uuid", read_only=True, help_text="The header `webhook-id`, the same each time it is sent."
    )
    state = serializers.ChoiceField(choices=[name for name, _label in STATES], read_only=True)
    body = serializers.CharField(read_only=True, help_text="The text as it is sent and signed: JSON.")

    class Meta:
        model = WebhookDelivery
        fields = (
            "id",
            "webhook_id",
            "subscription",
            "event",
            "state",
            "written_at",
            "delivered_at",
            "parked_at",
            "attempts",
            "status",
            "problem",
            "body",
        )
        read_only_fields = fields


class WebhookSubscriptions(Resource):
    """Who is told of what happens, by signed messages (Standard Webhooks 1.0) to an address of its own.

    A client sees and keeps its own subscriptions; it hears of what it may read, and of nothing else. A change of the
    subscription makes what waits be tried at once, however often it failed.
    """

    model = WebhookSubscription
    serializer_class = WebhookSubscriptionSerializer
    filter_fields = ("is_active",)

    def rows(self):
        return super().rows().select_related("client")

    @extend_schema(responses={201: WebhookSubscriptionCreatedSerializer})
    @transaction.atomic
    def create(self, request, *args, **kwargs):
        if not may(request.user, "view", self.model):
            raise PermissionDenied(UNREADABLE)
        serializer: Any = self.get_serializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        subscription = serializer.save()
        subscription.refresh_from_db()
        told = self.represent(subscription.pk, status.HTTP_201_CREATED)
        told.data = self.get_serializer(subscription).data | {"secret": serializer.drawn}
        told["Location"] = self.reverse_action("detail", args=[subscription.pk])
        told["Cache-Control"] = "no-store"
        return told

    @extend_schema(
        summary="Webhook subscriptions: replace the secret", request=None, responses={200: WebhookSecretSerializer}
    )
    @action(detail=True, methods=["post"], url_path="rotate-secret", url_name="rotate-secret")
    @transaction.atomic
    def rotate_secret(self, request, *args, **kwargs):
        """Draws a new secret, which this answer alone holds; the old one signs beside it for a day."""
        subscription = self.locked(match_required=False)
        secret = services.rotate(subscription, actor=request.user)
        subscription.refresh_from_db()
        told = Response(WebhookSecretSerializer({"secret": secret, "old_until": subscription.old_until}).data)
        told["Cache-Control"] = "no-store"
        return told

    @extend_schema(
        summary="Webhook subscriptions: send a test message", request=None, responses={201: WebhookDeliverySerializer}
    )
    @action(detail=True, methods=["post"], url_path="test", url_name="test")
    @transaction.atomic
    def send_test(self, request, *args, **kwargs):
        """Writes a message `webhooks.test`, which is sent within half a minute, behind those that wait already."""
        message = services.send_test(self.locked(match_required=False), actor=request.user)
        return Response(WebhookDeliverySerializer(message).data, status=status.HTTP_201_CREATED)


class DeliveryFilter(django_filters.FilterSet):
    subscription = ReferenceFilter(field_name="subscription", model=WebhookSubscription)
    state = AnyOfFilter(choices=STATES, method="in_state", label=gettext_lazy("State"))

    class Meta:
        model = WebhookDelivery
        fields = ["event"]

    def in_state(self, rows, name, values):
        wanted = Q(pk__in=[])
        for value in values:
            wanted |= WebhookDelivery.in_state(value)
        return rows.filter(wanted) if values else rows


@extend_schema_view(
    list=extend_schema(summary="Webhook deliveries: list"),
    retrieve=extend_schema(summary="Webhook deliveries: read one"),
)
class WebhookDeliveries(ListedView):
    """What was sent to the caller's systems, the latest first: which event, how often it was tried, what they answered."""

    app = "core"
    serializer_class = WebhookDeliverySerializer
    queryset = WebhookDelivery.objects.none()
    http_method_names = ["get", "head", "post"]
    filter_backends = (Filters,)
    filterset_class = DeliveryFilter

    def known_parameters(self) -> set[str]:
        known = super().known_parameters()
        return known | set(self.filterset_class.base_filters) if self.action == "list" else known

    def get_queryset(self):
        if getattr(self, "swagger_fake_view", False):
            return self.queryset
        return WebhookDelivery.objects.visible_to(self.request.user).order_by("-pk")

    def found(self) -> WebhookDelivery:
        message = self.get_queryset().select_related("subscription__client").filter(pk=self.kwargs["pk"]).first()
        if message is None:
            raise Http404
        return message

    def list(self, request, *args, **kwargs):
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    def retrieve(self, request, *args, **kwargs):
        return Response(self.get_serializer(self.found()).data)

    @extend_schema(summary="Webhook deliveries: send again", request=None, responses={200: WebhookDeliverySerializer})
    @action(detail=True, methods=["post"], url_path="send-again", url_name="send-again")
    def send_again(self, request, *args, **kwargs):
        """Sends it once more, with the same `webhook-id`; refuses one that still waits (409)."""
        services.send_again(self.found(), actor=request.user)
        return Response(self.get_serializer(self.found()).data)
